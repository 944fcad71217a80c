//! What a key that manages gives to others.

use super::*;

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
