//! Keys that manage: their owner's own, which free neither themselves nor others.

use super::*;

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
