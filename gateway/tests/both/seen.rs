//! Whoever was let in is looked at again within what they change, and before each piece of what they go on reading: what was taken from
//! them meanwhile is gone.

use domain::{
    access::{Admin, Role, Viewer},
    id::{ProjectId, SessionId, UserId},
    key::{Addresses, Scope, Scopes},
    project::{Project, ProjectRole},
    refusal::Refusal,
    time::Micros,
};
use gateway::{Error, Gateway, KeyDraft, KeyEdit, Origin, Secured, Seen, StoredSession, call::KeyProblem};

use crate::{
    amid::amid_a_change,
    hub::{FROM, admin, on_both},
};

/// From where the keys below are used.
const HERE: Origin<'static> = Origin::at(Some("127.0.0.1"));

async fn eve(hub: &Gateway) -> Viewer {
    let (root, email) = (Admin::system(), "eve@example.com".parse().unwrap());
    let users = hub.users();
    let made = users.create(&root, HERE, &email, Role::Admin, "a long password").await;
    let id = made.unwrap().id;
    hub.sessions().viewer(id).await.unwrap().unwrap()
}

/// Whether they change something, and go on reading, as they were let in.
async fn goes_on(hub: &Gateway, as_whom: &Viewer, origin: Origin<'_>, target: UserId) -> Result<(), Error> {
    let (admin, name) = (as_whom.admin().unwrap(), "Named".parse().unwrap());
    let changed = hub.users().set_name(&admin, origin, target, Some(&name)).await;
    let read = hub.look_again(as_whom, origin).await;
    match (&changed, &read) {
        (Ok(()), Ok(_)) | (Err(_), Err(_)) => {}
        // Another role is told, for what it still may.
        (Err(Error::Refused(Refusal::NotAllowed)), Ok(now)) => assert_ne!(now.role, as_whom.role),
        other => panic!("{other:?}"),
    }
    changed
}

#[tokio::test]
async fn what_is_taken_of_somebody_who_is_signed_in_is_gone() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = Admin::system();
        // Somebody stays who administers.
        admin(&hub, "ada@example.com").await;
        let eve = eve(&hub).await;
        let users = hub.users();
        for way in ["", "suspended", "role", "session", "everywhere", "password"] {
            let stored = StoredSession {
                id: None,
                user: Some(eve.id),
                data: "{}".to_owned(),
                address: "127.0.0.1".to_owned(),
                agent: "test".to_owned(),
                expires_at: hub.now().plus(Micros::from_days(14)),
                secured: secured(&hub, eve.id, way).await,
            };
            let token = format!("token-{way}");
            assert!(hub.sessions().create(&token, &stored).await.unwrap());
            let session: Option<SessionId> = hub.sessions().load(&token).await.unwrap().unwrap().id;
            let origin = Origin {
                seen: Some(Seen::new(&eve, session)),
                ..HERE
            };
            goes_on(&hub, &eve, origin, eve.id).await.unwrap();
            match way {
                "" => continue,
                "suspended" => users.set_suspended(&root, HERE, eve.id, true).await.unwrap(),
                "role" => users.set_role(&root, HERE, eve.id, Role::Auditor).await.unwrap(),
                "session" => hub.sessions().end(&eve, HERE, session.unwrap()).await.unwrap(),
                "everywhere" => drop(users.sign_out(&root, HERE, eve.id).await.unwrap()),
                _ => users
                    .set_password(&root, HERE, eve.id, "another long password")
                    .await
                    .unwrap(),
            }
            let refused = goes_on(&hub, &eve, origin, eve.id).await;
            let expected = if way == "role" {
                Refusal::NotAllowed
            } else {
                Refusal::NotSignedIn
            };
            assert!(
                matches!(&refused, Err(Error::Refused(refusal)) if *refusal == expected),
                "{way}: {refused:?}"
            );
            users.set_suspended(&root, HERE, eve.id, false).await.unwrap();
            users.set_role(&root, HERE, eve.id, Role::Admin).await.unwrap();
        }
    })
    .await;
}

/// Signing out waits for what looked at the session a moment before: nothing of theirs is done after it.
#[tokio::test]
async fn a_session_ends_between_changes() {
    on_both(async |database| {
        let hub = database.serve().await;
        let eve = eve(&hub).await;
        let stored = StoredSession {
            id: None,
            user: Some(eve.id),
            data: "{}".to_owned(),
            address: String::new(),
            agent: String::new(),
            expires_at: hub.now().plus(Micros::from_days(1)),
            secured: secured(&hub, eve.id, "ends").await,
        };
        let sessions = hub.sessions();
        assert!(sessions.create("token", &stored).await.unwrap());
        let nothing = "UPDATE setting SET value = value WHERE name = 'none'";
        amid_a_change(&database, nothing, sessions.delete("token"))
            .await
            .unwrap();
        assert!(sessions.load("token").await.unwrap().is_none());
    })
    .await;
}

/// As how often secured somebody signs in now: what a session is stored with.
async fn secured(hub: &Gateway, who: UserId, way: &str) -> Secured {
    for count in 0..100 {
        let secured = Secured(count);
        let token = format!("probe-{way}-{count}");
        let stored = StoredSession {
            id: None,
            user: Some(who),
            data: "{}".to_owned(),
            address: String::new(),
            agent: String::new(),
            expires_at: hub.now().plus(Micros::from_days(1)),
            secured,
        };
        hub.sessions().create(&token, &stored).await.unwrap();
        if hub.sessions().load(&token).await.unwrap().is_some() {
            return secured;
        }
    }
    panic!("no session is good")
}

/// A key of hers that manages, in this project; who asks by it, and with it in hand.
async fn robot(hub: &Gateway, eve: &Viewer, project: Option<ProjectId>) -> Viewer {
    let draft = KeyDraft {
        scopes: [Scope::Manage].into_iter().collect::<Scopes>(),
        project,
        ..KeyDraft::named(&"robot".parse().unwrap())
    };
    let holder = eve.key_holder().unwrap();
    let made = hub.keys().create_with(&holder, HERE, &draft).await.unwrap();
    hub.manager(made.secret.expose(), FROM).await.unwrap()
}

#[tokio::test]
async fn what_is_taken_of_a_key_is_gone() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (root, ada) = (Admin::system(), admin(&hub, "ada@example.com").await);
        let eve = eve(&hub).await;
        let (users, keys, projects) = (hub.users(), hub.keys(), hub.projects());
        let shared: Project = projects
            .create(&root, HERE, &"shared".parse().unwrap(), ada.id)
            .await
            .unwrap();
        let keeper = root.keeper_of(shared.clone());
        let edit = async |by: &Viewer, edit: KeyEdit| {
            let key = by.key.unwrap();
            keys.edit(&ada, HERE, key, &edit).await.unwrap();
        };
        let ways = [
            ("suspended", None),
            ("revoked", Some(KeyProblem::Revoked)),
            ("deleted", Some(KeyProblem::Revoked)),
            ("disabled", Some(KeyProblem::Disabled)),
            ("scopes", Some(KeyProblem::WrongScope(Scope::Manage))),
            ("addresses", Some(KeyProblem::WrongAddress)),
            ("ended", Some(KeyProblem::Expired)),
            ("reader", Some(KeyProblem::Reader)),
            ("left", Some(KeyProblem::NotMember)),
            ("archived", Some(KeyProblem::Archived)),
        ];
        for (way, problem) in ways {
            projects
                .set_member(&keeper, HERE, eve.id, ProjectRole::Member)
                .await
                .unwrap();
            let by = robot(&hub, &eve, Some(shared.id)).await;
            let origin = Origin {
                seen: Some(Seen::new(&by, None)),
                ..HERE
            };
            goes_on(&hub, &by, origin, eve.id).await.unwrap();
            let key = by.key.unwrap();
            match way {
                "suspended" => users.set_suspended(&root, HERE, eve.id, true).await.unwrap(),
                "revoked" => keys.revoke(&ada.key_holder().unwrap(), HERE, key).await.unwrap(),
                "deleted" => keys.delete(&ada, HERE, key).await.unwrap(),
                "disabled" => {
                    let disabled = Some(true);
                    edit(
                        &by,
                        KeyEdit {
                            disabled,
                            ..KeyEdit::default()
                        },
                    )
                    .await;
                }
                "scopes" => {
                    let scopes = Some([Scope::Usage].into_iter().collect());
                    edit(
                        &by,
                        KeyEdit {
                            scopes,
                            ..KeyEdit::default()
                        },
                    )
                    .await;
                }
                "addresses" => {
                    let addresses = Some(Addresses::parse("192.0.2.0/24").unwrap());
                    edit(
                        &by,
                        KeyEdit {
                            addresses,
                            ..KeyEdit::default()
                        },
                    )
                    .await;
                }
                "ended" => {
                    let ended = format!("UPDATE api_key SET expires_at = 1 WHERE id = {}", key.number());
                    database.execute(&ended).await;
                }
                "reader" => projects
                    .set_member(&keeper, HERE, eve.id, ProjectRole::Reader)
                    .await
                    .unwrap(),
                "left" => projects.remove_member(&keeper, HERE, eve.id).await.unwrap(),
                _ => projects.archive(&root, HERE, shared.id).await.unwrap(),
            }
            let refused = goes_on(&hub, &by, origin, eve.id).await;
            let told = match (&refused, problem) {
                (Err(Error::Key(told)), Some(problem)) => *told == problem,
                (Err(Error::Refused(Refusal::NotSignedIn)), None) => true,
                _ => false,
            };
            assert!(told, "{way}: {refused:?}");
            users.set_suspended(&root, HERE, eve.id, false).await.unwrap();
        }
    })
    .await;
}
