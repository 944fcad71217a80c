//! What a key may do, from where and until when, and its secrets.

#[path = "keys/giving.rs"]
mod giving;
#[path = "keys/limits.rs"]
mod limits;
#[path = "keys/listed.rs"]
mod listed;
#[path = "keys/managing.rs"]
mod managing;

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{
    access::{Admin, Role},
    id::ProjectId,
    key::{Addresses, Allowed, Bound, Expiry, KeyRules, KeyState, Overlap, Scopes},
    project::ProjectRole,
    refusal::{Full, Invalid, Refusal},
    time::Micros,
};
use gateway::{KeyEdit, ProcessKind, clock::Clock};

use super::*;
use crate::hub::{Database, on_both, within_a_second};

const HOUR: i64 = Micros::from_seconds(3600).0;
const DAY: i64 = 24 * HOUR;

/// A hub whose clock is moved by hand.
async fn with_clock(mut database: Database) -> (Gateway, Database, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    database.clock = Clock::Manual(Arc::clone(&clock));
    let hub = database.open(ProcessKind::Serve).await.unwrap();
    (hub, database, clock)
}

fn with(secret: &NewKey, hub: &Gateway, wanted: Scope, from: &str) -> Result<Caller, KeyProblem> {
    let from: IpAddr = from.parse().unwrap();
    hub.authenticate(secret.secret.expose(), wanted, from)
}

#[tokio::test]
async fn a_rotated_key_stays_the_same_key_and_its_old_secret_goes_on_for_a_while() {
    on_both(async |database| {
        let (hub, database, clock) = with_clock(database).await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let holder = mia.key_holder().unwrap();
        let keys = hub.keys();
        let first = keys.create(&holder, HERE, &"k".parse().unwrap()).await.unwrap();
        let second = keys.rotate(&holder, HERE, first.key.id, Overlap::Day).await.unwrap();
        assert_ne!(first.secret.expose(), second.secret.expose());
        for secret in [&first, &second] {
            let caller = enter(&hub, secret).unwrap();
            assert_eq!(caller.key, Some(first.key.id), "calls, limits and sums are the key's");
        }
        let earlier = keys.earlier_secrets(&second.key).await.unwrap();
        assert_eq!(
            earlier.iter().map(|one| one.hint.as_str()).collect::<Vec<_>>(),
            [first.key.hint.as_str()]
        );
        let listed = keys.list(&mia).await.unwrap();
        assert_eq!(listed.len(), 1, "an earlier secret is no key");
        assert_eq!(listed[0].hint, second.key.hint);

        // No reload: the moment alone ends it.
        clock.fetch_add(DAY - 1, Ordering::Relaxed);
        assert!(enter(&hub, &first).is_ok());
        clock.fetch_add(1, Ordering::Relaxed);
        assert_eq!(enter(&hub, &first), Err(KeyProblem::Replaced));
        assert!(enter(&hub, &second).is_ok());
        assert_eq!(keys.earlier_secrets(&second.key).await.unwrap(), []);

        // A second rotation ends what the first let go on.
        let third = keys.rotate(&holder, HERE, first.key.id, Overlap::Week).await.unwrap();
        let fourth = keys.rotate(&holder, HERE, first.key.id, Overlap::None).await.unwrap();
        for secret in [&second, &third] {
            assert_eq!(enter(&hub, secret), Err(KeyProblem::Replaced));
        }
        assert!(enter(&hub, &fourth).is_ok());

        // What takes the key's power takes it from each of its secrets.
        let fifth = keys.rotate(&holder, HERE, first.key.id, Overlap::Hour).await.unwrap();
        keys.set_disabled(&mia, HERE, first.key.id, true).await.unwrap();
        for secret in [&fourth, &fifth] {
            assert_eq!(enter(&hub, secret), Err(KeyProblem::Disabled));
        }
        keys.set_disabled(&mia, HERE, first.key.id, false).await.unwrap();
        assert!(enter(&hub, &fourth).is_ok() && enter(&hub, &fifth).is_ok());
        keys.revoke(&holder, HERE, first.key.id).await.unwrap();
        for secret in [&fourth, &fifth] {
            assert_eq!(enter(&hub, secret), Err(KeyProblem::Revoked));
        }
        assert_eq!(
            refusal(keys.rotate(&holder, HERE, first.key.id, Overlap::Day).await),
            Refusal::KeyEnded
        );

        // Nothing in the database is a secret.
        for secret in [&first, &second, &third, &fourth, &fifth] {
            let found = format!(
                "SELECT COUNT(*) FROM audit WHERE after_json LIKE '%{0}%' OR before_json LIKE '%{0}%'",
                secret.secret.expose()
            );
            assert_eq!(database.numbers(&found).await, [0]);
        }
    })
    .await;
}

/// The table of secrets does not grow without end, and what ended is not read any more.
#[tokio::test]
async fn there_are_only_so_many_keys_and_secrets() {
    on_both(async |database| {
        let (hub, database, clock) = with_clock(database).await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let holder = mia.key_holder().unwrap();
        let keys = hub.keys();
        let first = key_in(&hub, ProjectId::personal_of(mia.id), &mia).await;
        let id = first.key.id;
        for _ in 0..10 {
            keys.rotate(&holder, HERE, id, Overlap::Week).await.unwrap();
        }
        let more = keys.rotate(&holder, HERE, id, Overlap::Hour).await;
        assert_eq!(refusal(more), Refusal::Full(Full::Secrets));
        assert!(enter(&hub, &first).is_ok());
        for _ in 0..30 {
            keys.rotate(&holder, HERE, id, Overlap::None).await.unwrap();
        }
        let kept = format!("SELECT COUNT(*) FROM api_key WHERE replaced_by = {}", id.number());
        assert_eq!(database.numbers(&kept).await, [10], "those that ended are forgotten");
        assert_eq!(enter(&hub, &first), Err(KeyProblem::Unknown));

        // For a day whoever sends the old one is told what happened; then it is not known any more.
        let last = keys.rotate(&holder, HERE, id, Overlap::Hour).await.unwrap();
        let newest = keys.rotate(&holder, HERE, id, Overlap::None).await.unwrap();
        assert_eq!(enter(&hub, &last), Err(KeyProblem::Replaced));
        clock.fetch_add(DAY + 1, Ordering::Relaxed);
        let second = key_in(&hub, ProjectId::personal_of(mia.id), &mia).await;
        assert_eq!(enter(&hub, &last), Err(KeyProblem::Unknown));
        assert!(enter(&hub, &newest).is_ok() && enter(&hub, &second).is_ok());

        let copies = format!(
            "INSERT INTO api_key (id, person_id, name, token_hash, hint, created_at, project_id, scopes)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 198)
             SELECT i, {0}, 'k', 'hash' || CAST(i AS TEXT), 'h', 1, {0}, 'usage' FROM n",
            mia.id.number()
        );
        database.execute(&copies).await;
        let personal = draft("k", None);
        let full = keys.create_with(&holder, HERE, &personal).await;
        assert_eq!(refusal(full), Refusal::Full(Full::Keys));
        keys.revoke(&holder, HERE, second.key.id).await.unwrap();
        let passing = KeyDraft {
            expiry: Expiry::Days(1),
            ..draft("passing", None)
        };
        let passing = keys.create_with(&holder, HERE, &passing).await.unwrap();

        // Nor are those read for ever that were revoked and stay in the list, or that ended; who gets more time is known again.
        clock.fetch_add(DAY + 1, Ordering::Relaxed);
        assert_eq!(enter(&hub, &second), Err(KeyProblem::Revoked));
        assert_eq!(enter(&hub, &passing), Err(KeyProblem::Expired));
        clock.fetch_add(DAY, Ordering::Relaxed);
        let other = person(&hub, "other@example.com", Role::Member).await;
        key_in(&hub, ProjectId::personal_of(other.id), &other).await;
        for gone in [&second, &passing] {
            assert_eq!(enter(&hub, gone), Err(KeyProblem::Unknown));
        }
        let more = KeyEdit {
            expiry: Some(Expiry::Days(1)),
            ..KeyEdit::default()
        };
        keys.edit(&mia, HERE, passing.key.id, &more).await.unwrap();
        assert!(enter(&hub, &passing).is_ok());
    })
    .await;
}

/// What an admin has switched off its owner does not switch on, nor somebody with less right than that.
#[tokio::test]
async fn a_key_that_an_admin_disabled_stays_so() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (admin, lead, mia) = (
            person(&hub, "admin@example.com", Role::Admin).await,
            person(&hub, "lead@example.com", Role::Member).await,
            person(&hub, "mia@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", admin.id).await;
        join(&hub, &shared, &lead, ProjectRole::Admin).await;
        join(&hub, &shared, &mia, ProjectRole::Member).await;
        let keys = hub.keys();
        let key = key_in(&hub, shared.id, &mia).await;
        let switch = async |who: &Viewer, off: bool| keys.set_disabled(who, HERE, key.key.id, off).await;
        // Her own: on again by each of them.
        for who in [&mia, &lead, &admin] {
            switch(&mia, true).await.unwrap();
            switch(who, false).await.unwrap();
        }
        let held = async |off: &Viewer, not: &[&Viewer], on: &Viewer| {
            switch(off, true).await.unwrap();
            for who in not.iter().copied() {
                // Also where its owner tries to make it theirs first.
                switch(who, true).await.unwrap();
                assert_eq!(
                    refusal(switch(who, false).await),
                    Refusal::DisabledByAdmin,
                    "{}",
                    who.email
                );
                assert_eq!(enter(&hub, &key), Err(KeyProblem::Disabled));
            }
            switch(on, false).await.unwrap();
            assert!(enter(&hub, &key).is_ok());
        };
        held(&lead, &[&mia], &lead).await;
        held(&lead, &[&mia], &admin).await;
        held(&admin, &[&mia, &lead], &admin).await;
        // An admin's word counts also for a key that its owner had switched off.
        switch(&mia, true).await.unwrap();
        held(&admin, &[&mia, &lead], &admin).await;
        let own = key_in(&hub, ProjectId::personal_of(mia.id), &mia).await.key.id;
        let root = Admin::command_line();
        keys.set_any_disabled(&root, HERE, own, true).await.unwrap();
        let back = keys.set_disabled(&mia, HERE, own, false).await;
        assert_eq!(refusal(back), Refusal::DisabledByAdmin);
    })
    .await;
}
