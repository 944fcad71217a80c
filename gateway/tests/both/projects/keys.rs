//! What a key may do, from where and until when, and its secrets.

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

#[tokio::test]
async fn a_key_ends_and_is_bound_as_it_says() {
    on_both(async |database| {
        let (hub, database, clock) = with_clock(database).await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let holder = mia.key_holder().unwrap();
        let keys = hub.keys();
        let wish = KeyDraft {
            scopes: [Scope::Usage].into_iter().collect(),
            addresses: Addresses::parse("10.0.0.0/8, 2001:db8::/32").unwrap(),
            expiry: Expiry::Days(7),
            ..draft("bound", None)
        };
        let key = keys.create_with(&holder, HERE, &wish).await.unwrap();
        assert!(with(&key, &hub, Scope::Usage, "10.1.2.3").is_ok());
        assert!(with(&key, &hub, Scope::Usage, "::ffff:10.1.2.3").is_ok());
        assert!(with(&key, &hub, Scope::Usage, "2001:db8::7").is_ok());
        let elsewhere = with(&key, &hub, Scope::Usage, "11.1.2.3");
        assert_eq!(elsewhere, Err(KeyProblem::WrongAddress));
        for scope in [Scope::Inference, Scope::Manage] {
            assert_eq!(with(&key, &hub, scope, "10.1.2.3"), Err(KeyProblem::WrongScope(scope)));
        }
        clock.fetch_add(7 * DAY - 1, Ordering::Relaxed);
        assert!(with(&key, &hub, Scope::Usage, "10.1.2.3").is_ok());
        clock.fetch_add(1, Ordering::Relaxed);
        assert_eq!(with(&key, &hub, Scope::Usage, "10.1.2.3"), Err(KeyProblem::Expired));
        let listed = keys.list(&mia).await.unwrap();
        assert_eq!(listed[0].state(hub.now()), KeyState::Expired);
        assert_eq!(
            refusal(keys.rotate(&holder, HERE, key.key.id, Overlap::Day).await),
            Refusal::KeyEnded
        );

        // Its owner lets it go on, and loosens it.
        let edit = KeyEdit {
            name: Some("free".parse().unwrap()),
            scopes: Some(Scopes::default()),
            allowed: Some(Allowed::parse("a/*").unwrap()),
            addresses: Some(None),
            expiry: Some(Expiry::Never),
            disabled: None,
            seen: None,
        };
        let edited = keys.edit(&mia, HERE, key.key.id, &edit).await.unwrap();
        let rules = KeyRules {
            allowed: Allowed::parse("a/*").unwrap(),
            ..KeyRules::default()
        };
        assert_eq!((edited.name.as_str(), &edited.rules), ("free", &rules));
        assert_eq!(keys.get(&mia, key.key.id).await.unwrap(), Some(edited));
        assert!(with(&key, &hub, Scope::Inference, "11.1.2.3").is_ok());
        let nothing = KeyEdit {
            scopes: Some(Scopes::NONE),
            ..KeyEdit::default()
        };
        let problem = keys.edit(&mia, HERE, key.key.id, &nothing).await;
        assert_eq!(refusal(problem), Refusal::Invalid(Invalid::Scopes));

        // Deleted: refused and not listed; the row stays.
        keys.delete(&mia, HERE, key.key.id).await.unwrap();
        assert_eq!(enter(&hub, &key), Err(KeyProblem::Revoked));
        assert!(keys.list(&mia).await.unwrap().is_empty());
        assert_eq!(keys.get(&mia, key.key.id).await.unwrap(), None);
        let kept = format!("SELECT COUNT(*) FROM api_key WHERE id = {}", key.key.id.number());
        assert_eq!(database.numbers(&kept).await, [1]);
    })
    .await;
}

/// A damaged bound binds more, never less.
#[tokio::test]
async fn what_cannot_be_read_of_a_key_allows_nothing() {
    on_both(async |database| {
        let hub = database.serve().await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let key = key_in(&hub, ProjectId::personal_of(mia.id), &mia).await;
        let damage = async |columns: &str| {
            let id = key.key.id.number();
            let text = format!("UPDATE api_key SET {columns} WHERE id = {id}; UPDATE counter SET value = value + 1 WHERE name = 'snapshot'");
            database.execute(&text).await;
        };
        damage("addresses = 'somewhere'").await;
        within_a_second(|| enter(&hub, &key) == Err(KeyProblem::WrongAddress)).await;
        damage("addresses = NULL, scopes = 'everything'").await;
        within_a_second(|| enter(&hub, &key) == Err(KeyProblem::WrongScope(Scope::Inference))).await;
        damage("scopes = 'inference'").await;
        within_a_second(|| enter(&hub, &key).is_ok()).await;
    })
    .await;
}

/// Nobody gets a secret that acts in somebody else's name, and nobody lets somebody else's key manage.
#[tokio::test]
async fn a_key_that_manages_is_its_owners_own() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (owner, admin) = (
            person(&hub, "owner@example.com", Role::Owner).await,
            person(&hub, "admin@example.com", Role::Admin).await,
        );
        let (billing, mia) = (
            person(&hub, "billing@example.com", Role::Billing).await,
            person(&hub, "mia@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", owner.id).await;
        join(&hub, &shared, &mia, ProjectRole::Admin).await;
        join(&hub, &shared, &owner, ProjectRole::Member).await;
        let keys = hub.keys();
        let manage = KeyDraft {
            scopes: [Scope::Manage].into_iter().collect(),
            ..draft("manage", None)
        };
        for (who, may) in [(&owner, true), (&admin, true), (&billing, true), (&mia, false)] {
            let made = keys.create_with(&who.key_holder().unwrap(), HERE, &manage).await;
            assert_eq!(made.is_ok(), may, "{:?}", who.role);
            let Ok(made) = made else { continue };
            let manager = hub.manager(made.secret.expose(), FROM).await.unwrap();
            let by_key = Viewer {
                key: Some(made.key.id),
                ..who.clone()
            };
            assert_eq!(manager, by_key);
        }
        let for_owner = keys
            .create_for_with(&admin.admin().unwrap(), HERE, owner.id, &manage)
            .await;
        assert_eq!(refusal(for_owner), Refusal::NotAllowed);
        let shell = keys
            .create_for_with(&Admin::command_line(), HERE, mia.id, &manage)
            .await;
        assert_eq!(refusal(shell), Refusal::NotAllowed, "a member manages nothing");

        // Who keeps a project keeps its keys, but sees no secret of others and lets none manage.
        let nell = person(&hub, "nell@example.com", Role::Member).await;
        join(&hub, &shared, &nell, ProjectRole::Member).await;
        let held = key_in(&hub, shared.id, &nell).await;
        for who in [&mia, &admin] {
            let holder = who.key_holder().unwrap();
            let rotated = keys.rotate(&holder, HERE, held.key.id, Overlap::Day).await;
            assert_eq!(refusal(rotated), Refusal::NotAllowed, "{:?}", who.role);
            let more = KeyEdit {
                scopes: Some(Scope::ALL.into_iter().collect()),
                ..KeyEdit::default()
            };
            let widened = keys.edit(who, HERE, held.key.id, &more).await;
            assert_eq!(refusal(widened), Refusal::NotAllowed, "{:?}", who.role);
            let named = KeyEdit {
                name: Some(format!("by {}", who.role.as_str()).parse().unwrap()),
                ..KeyEdit::default()
            };
            assert!(keys.edit(who, HERE, held.key.id, &named).await.is_ok());
        }

        // The role is read anew each time, and an ordinary key manages nothing.
        let key = keys
            .create_with(&admin.key_holder().unwrap(), HERE, &manage)
            .await
            .unwrap();
        let root = Admin::system();
        hub.users().set_role(&root, HERE, admin.id, Role::Member).await.unwrap();
        let now = hub.manager(key.secret.expose(), FROM).await.unwrap();
        assert_eq!(now.role, Role::Member);
        let ordinary = hub.manager(held.secret.expose(), FROM).await;
        assert!(matches!(
            ordinary,
            Err(Error::Key(KeyProblem::WrongScope(Scope::Manage)))
        ));
        hub.users().set_suspended(&root, HERE, admin.id, true).await.unwrap();
        let gone = hub.manager(key.secret.expose(), FROM).await;
        assert!(matches!(gone, Err(Error::Key(KeyProblem::Suspended))));
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

/// A key that leaked for a day is not one for ever.
#[tokio::test]
async fn a_key_that_manages_frees_neither_itself_nor_another() {
    on_both(async |database| {
        let hub = database.serve().await;
        let admin = person(&hub, "admin@example.com", Role::Admin).await;
        let holder = admin.key_holder().unwrap();
        let keys = hub.keys();
        let bound = KeyDraft {
            scopes: [Scope::Manage].into_iter().collect(),
            allowed: Allowed::parse("a/*").unwrap(),
            addresses: Addresses::parse("127.0.0.1, 10.0.0.1").unwrap(),
            expiry: Expiry::Days(7),
            ..draft("bound", None)
        };
        let key = keys.create_with(&holder, HERE, &bound).await.unwrap();
        let free = KeyDraft {
            scopes: bound.scopes,
            ..draft("free", None)
        };
        let other = keys.create_with(&holder, HERE, &free).await.unwrap().key.id;
        let ordinary = key_in(&hub, ProjectId::personal_of(admin.id), &admin).await.key.id;
        let robot = hub.manager(key.secret.expose(), FROM).await.unwrap();
        let robots = robot.key_holder().unwrap();

        let made = keys.create_with(&robots, HERE, &bound).await;
        assert_eq!(refusal(made), Refusal::ByKey);
        let rotated = keys.rotate(&robots, HERE, other, Overlap::Day).await;
        assert_eq!(refusal(rotated), Refusal::ByKey);
        let nothing = KeyEdit::default();
        let wider = [
            KeyEdit {
                expiry: Some(Expiry::Never),
                ..nothing.clone()
            },
            KeyEdit {
                expiry: Some(Expiry::Days(30)),
                ..nothing.clone()
            },
            KeyEdit {
                addresses: Some(None),
                ..nothing.clone()
            },
            KeyEdit {
                allowed: Some(Allowed::default()),
                ..nothing.clone()
            },
            KeyEdit {
                scopes: Some(Scope::ALL.into_iter().collect()),
                ..nothing.clone()
            },
        ];
        for edit in &wider {
            let widened = keys.edit(&robot, HERE, key.key.id, edit).await;
            assert_eq!(refusal(widened), Refusal::ByKey, "{edit:?}");
        }
        let manages = KeyEdit {
            scopes: Some(Scope::ALL.into_iter().collect()),
            ..nothing.clone()
        };
        let widened = keys.edit(&robot, HERE, ordinary, &manages).await;
        assert_eq!(refusal(widened), Refusal::ByKey);

        // It binds itself more, takes another secret, and makes keys that call and are bound as much; its owner frees it.
        let narrower = KeyEdit {
            addresses: Some(Addresses::parse("127.0.0.1").unwrap()),
            expiry: Some(Expiry::Days(1)),
            ..nothing
        };
        keys.edit(&robot, HERE, key.key.id, &narrower).await.unwrap();
        keys.rotate(&robots, HERE, key.key.id, Overlap::None).await.unwrap();
        let unbound = keys.create_with(&robots, HERE, &draft("calls", None)).await;
        let bound_by = |bound| Refusal::BeyondKey { bound };
        assert_eq!(refusal(unbound), bound_by(Bound::Allowed));
        let calls = KeyDraft {
            scopes: Scopes::default(),
            addresses: Addresses::parse("127.0.0.1").unwrap(),
            expiry: Expiry::At(hub.now().plus(domain::time::Micros::from_seconds(3_600))),
            ..bound.clone()
        };
        keys.create_with(&robots, HERE, &calls).await.unwrap();
        for edit in &wider {
            keys.edit(&admin, HERE, key.key.id, edit).await.unwrap();
        }
    })
    .await;
}

/// A key that manages is bound, and by it nobody gets at one that is bound less: not by making, opening or rotating one.
#[tokio::test]
async fn a_key_that_manages_gives_no_other_more_than_it_has() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (admin, mia) = (
            person(&hub, "admin@example.com", Role::Admin).await,
            person(&hub, "mia@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", admin.id).await;
        join(&hub, &shared, &admin, ProjectRole::Admin).await;
        let keys = hub.keys();
        let usual = KeyDraft {
            allowed: Allowed::parse("a/*").unwrap(),
            addresses: Addresses::parse("127.0.0.1, 10.0.0.1").unwrap(),
            expiry: Expiry::Days(7),
            ..draft("calls", None)
        };
        let manages = KeyDraft {
            scopes: [Scope::Manage].into_iter().collect(),
            ..usual.clone()
        };
        let holder = admin.key_holder().unwrap();
        let key = keys.create_with(&holder, HERE, &manages).await.unwrap();
        let robot = hub.manager(key.secret.expose(), FROM).await.unwrap();
        let (robots, run) = (robot.key_holder().unwrap(), robot.admin().unwrap());
        let beyond = |bound| Refusal::BeyondKey { bound };
        let wider = [
            (
                Bound::Allowed,
                KeyDraft {
                    allowed: Allowed::parse("b/c").unwrap(),
                    ..usual.clone()
                },
            ),
            (
                Bound::Allowed,
                KeyDraft {
                    allowed: Allowed::default(),
                    ..usual.clone()
                },
            ),
            (
                Bound::Addresses,
                KeyDraft {
                    addresses: None,
                    ..usual.clone()
                },
            ),
            (
                Bound::Addresses,
                KeyDraft {
                    addresses: Addresses::parse("10.0.0.0/8").unwrap(),
                    ..usual.clone()
                },
            ),
            (
                Bound::ExpiresAt,
                KeyDraft {
                    expiry: Expiry::Days(8),
                    ..usual.clone()
                },
            ),
            (
                Bound::ExpiresAt,
                KeyDraft {
                    expiry: Expiry::Never,
                    ..usual.clone()
                },
            ),
        ];
        let narrower = KeyDraft {
            allowed: Allowed::parse("a/b").unwrap(),
            addresses: Addresses::parse("10.0.0.1").unwrap(),
            expiry: Expiry::Days(1),
            ..usual.clone()
        };
        let mut opened = Vec::new();
        for (bound, draft) in wider {
            let own = keys.create_with(&robots, HERE, &draft).await;
            assert_eq!(refusal(own), beyond(bound), "{draft:?}");
            // Nor for somebody else: its secret is told to whoever asks.
            let others = keys.create_for_with(&run, HERE, mia.id, &draft).await;
            assert_eq!(refusal(others), beyond(bound), "{draft:?}");
            opened.push((
                bound,
                keys.create_with(&holder, HERE, &draft).await.unwrap().key.id,
                draft,
            ));
        }
        let own = keys.create_with(&robots, HERE, &narrower).await.unwrap().key.id;
        let hers = keys
            .create_for_with(&run, HERE, mia.id, &narrower)
            .await
            .unwrap()
            .key
            .id;
        let elsewhere = KeyDraft {
            project: Some(shared.id),
            ..narrower.clone()
        };
        assert_eq!(
            refusal(keys.create_with(&robots, HERE, &elsewhere).await),
            Refusal::OtherProject
        );
        let there = keys.create_with(&holder, HERE, &elsewhere).await.unwrap().key.id;
        let rotated = keys.rotate(&robots, HERE, there, Overlap::None).await;
        assert_eq!(refusal(rotated), Refusal::OtherProject);
        let nothing = KeyEdit::default;
        for (bound, id, draft) in opened {
            let rotated = keys.rotate(&robots, HERE, id, Overlap::None).await;
            assert_eq!(refusal(rotated), beyond(bound), "{draft:?}");
            let edit = match bound {
                Bound::Allowed => KeyEdit {
                    allowed: Some(draft.allowed),
                    ..nothing()
                },
                Bound::Addresses => KeyEdit {
                    addresses: Some(draft.addresses),
                    ..nothing()
                },
                _ => KeyEdit {
                    expiry: Some(draft.expiry),
                    ..nothing()
                },
            };
            for other in [own, hers] {
                assert_eq!(
                    refusal(keys.edit(&robot, HERE, other, &edit).await),
                    beyond(bound),
                    "{edit:?}"
                );
            }
            assert_eq!(
                refusal(keys.edit(&robot, HERE, there, &edit).await),
                Refusal::OtherProject,
                "{edit:?}"
            );
            // What is wide already is renamed, bound more, and switched off and on.
            for edit in [
                KeyEdit {
                    name: Some("less".parse().unwrap()),
                    expiry: Some(Expiry::Days(2)),
                    ..nothing()
                },
                KeyEdit {
                    disabled: Some(true),
                    ..nothing()
                },
                KeyEdit {
                    disabled: Some(false),
                    ..nothing()
                },
            ] {
                keys.edit(&robot, HERE, id, &edit).await.unwrap();
            }
        }
        for id in [own, key.key.id] {
            keys.rotate(&robots, HERE, id, Overlap::None).await.unwrap();
        }
        // Within its own bounds it opens what it has made.
        let edit = KeyEdit {
            allowed: Some(Allowed::parse("a/*").unwrap()),
            ..nothing()
        };
        keys.edit(&robot, HERE, own, &edit).await.unwrap();
    })
    .await;
}
