//! People and keys: who may come in, seen by this process at once and by others within a second.

use domain::{
    access::{Admin, Role},
    audit::AuditFilter,
    key::Scope,
    page::{Cursor, PageSize},
    refusal::Refusal,
};
use gateway::{Error, Origin, ProcessKind};

use crate::hub::{FROM, admin, on_both, within_a_second};

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));

#[tokio::test]
async fn a_key_opens_until_it_is_revoked_here_and_elsewhere() {
    on_both(async |database| {
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        let command = database.open(ProcessKind::Command).await.unwrap();
        let made = command
            .keys()
            .create_for(
                &Admin::command_line(),
                Origin::default(),
                viewer.id,
                &"ci".parse().unwrap(),
            )
            .await
            .unwrap();
        within_a_second(|| hub.authenticate(made.secret.expose(), Scope::Inference, FROM).is_ok()).await;
        let caller = hub.authenticate(made.secret.expose(), Scope::Inference, FROM).unwrap();
        assert_eq!((caller.user, caller.key), (viewer.id, Some(made.key.id)));
        hub.keys()
            .revoke(&viewer.key_holder().unwrap(), HERE, made.key.id)
            .await
            .unwrap();
        assert!(
            hub.authenticate(made.secret.expose(), Scope::Inference, FROM).is_err(),
            "at once in this process"
        );
        let listed = hub.keys().list(&viewer).await.unwrap();
        assert!(listed[0].revoked_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn keys_of_others_do_not_exist_for_members() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = admin(&hub, "root@example.com").await;
        let system = Admin::system();
        let email = "member@example.com".parse().unwrap();
        let member = hub
            .users()
            .create(&system, HERE, &email, Role::Member, "a long password")
            .await
            .unwrap();
        let member = hub.sessions().viewer(member.id).await.unwrap().unwrap();
        let key = hub
            .keys()
            .create(&root.key_holder().unwrap(), HERE, &"root's".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(hub.keys().get(&member, key.key.id).await.unwrap(), None);
        assert!(matches!(
            hub.keys().revoke(&member.key_holder().unwrap(), HERE, key.key.id).await,
            Err(Error::Refused(Refusal::NotFound { .. }))
        ));
        assert!(hub.authenticate(key.secret.expose(), Scope::Inference, FROM).is_ok());
        assert!(hub.keys().list(&member).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_last_admin_stays_however_many_try_at_once() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (one, two) = (
            admin(&hub, "one@example.com").await,
            admin(&hub, "two@example.com").await,
        );
        let system = Admin::system();
        let users = hub.users();
        let (first, second) = tokio::join!(
            users.set_role(&system, HERE, one.id, Role::Member),
            users.set_suspended(&system, HERE, two.id, true),
        );
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|done| **done).count(), 1);
        let active = users
            .list(&system.money_reader())
            .await
            .unwrap()
            .into_iter()
            .filter(|user| user.role == Role::Admin && !user.suspended)
            .count();
        assert_eq!(active, 1);
    })
    .await;
}

#[tokio::test]
async fn suspended_people_lose_sessions_and_keys() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (root, other) = (
            admin(&hub, "root@example.com").await,
            admin(&hub, "other@example.com").await,
        );
        let key = hub
            .keys()
            .create(&other.key_holder().unwrap(), HERE, &"k".parse().unwrap())
            .await
            .unwrap();
        hub.users()
            .set_suspended(&root.admin().unwrap(), HERE, other.id, true)
            .await
            .unwrap();
        assert!(hub.authenticate(key.secret.expose(), Scope::Inference, FROM).is_err());
        assert_eq!(hub.sessions().viewer(other.id).await.unwrap(), None);
        assert!(
            hub.sessions()
                .sign_in(HERE, "other@example.com", "a long password")
                .await
                .is_err()
        );
        hub.users()
            .set_suspended(&root.admin().unwrap(), HERE, other.id, false)
            .await
            .unwrap();
        assert!(hub.authenticate(key.secret.expose(), Scope::Inference, FROM).is_ok());
        assert!(
            hub.sessions()
                .sign_in(HERE, "Other@Example.com ", "a long password")
                .await
                .is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn every_change_is_written_down_without_secrets() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = admin(&hub, "root@example.com").await;
        let key = hub
            .keys()
            .create(&root.key_holder().unwrap(), HERE, &"ci".parse().unwrap())
            .await
            .unwrap();
        hub.keys()
            .revoke(&root.key_holder().unwrap(), HERE, key.key.id)
            .await
            .unwrap();
        let proof = root.admin().unwrap();
        let page = hub
            .audit()
            .page(
                &proof.reader(),
                &AuditFilter::default(),
                Cursor::Newest,
                PageSize::default(),
            )
            .await
            .unwrap();
        let actions: Vec<&str> = page.rows.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["key.revoke", "key.create", "user.create"]);
        assert_eq!(page.rows[0].address.as_deref(), Some("192.0.2.7"));
        assert_eq!(page.rows[0].actor, root.actor());
        assert!(!format!("{page:?}").contains(key.secret.expose()));
    })
    .await;
}

#[tokio::test]
async fn a_known_address_is_taken() {
    on_both(async |database| {
        let hub = database.serve().await;
        admin(&hub, "root@example.com").await;
        let again = hub
            .users()
            .create(
                &Admin::system(),
                HERE,
                &"ROOT@example.com".parse().unwrap(),
                Role::Member,
                "a long password",
            )
            .await;
        assert!(matches!(again, Err(Error::Refused(Refusal::Taken { .. }))));
    })
    .await;
}

#[tokio::test]
async fn only_what_calls_read_makes_processes_read_again() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = admin(&hub, "root@example.com").await;
        let proof = root.admin().unwrap();
        let version = async || {
            database
                .numbers("SELECT value FROM counter WHERE name = 'snapshot'")
                .await[0]
        };
        let before = version().await;

        let gateway::SignedIn { viewer, .. } = hub
            .sessions()
            .sign_in(HERE, "root@example.com", "a long password")
            .await
            .unwrap();
        hub.sessions().record_sign_out(&viewer, HERE).await.unwrap();
        hub.sessions().end_all(&viewer, HERE, None).await.unwrap();
        let email = "member@example.com".parse().unwrap();
        let users = hub.users();
        let member = users
            .create(&proof, HERE, &email, Role::Member, "a long password")
            .await
            .unwrap();
        users
            .set_password(&proof, HERE, member.id, "another password")
            .await
            .unwrap();
        users.set_role(&proof, HERE, member.id, Role::Admin).await.unwrap();
        assert_eq!(version().await, before, "nothing of this is in the snapshot");
        let listed = hub
            .audit()
            .page(
                &proof.reader(),
                &AuditFilter::default(),
                Cursor::Newest,
                PageSize::default(),
            )
            .await
            .unwrap();
        assert_eq!(listed.rows.len(), 7, "all of it is written down");

        let mut last = before;
        let mut rises = async |what: &str| {
            let now = version().await;
            assert_eq!(now, last + 1, "{what}");
            last = now;
        };
        users.set_suspended(&proof, HERE, member.id, true).await.unwrap();
        rises("suspending").await;
        let key = hub
            .keys()
            .create(&root.key_holder().unwrap(), HERE, &"ci".parse().unwrap())
            .await
            .unwrap();
        rises("a new key").await;
        hub.keys()
            .revoke(&root.key_holder().unwrap(), HERE, key.key.id)
            .await
            .unwrap();
        rises("a revoked key").await;
    })
    .await;
}
