//! What somebody with more right has said of a key, nobody with less takes back: its bounds and its limits. And what is changed
//! together is changed as a whole.

use domain::{
    access::{Admin, Role},
    id::KeyId,
    key::{Addresses, Allowed, Bound, Expiry, Scopes},
    limit::{Measure, Span, Subject, Window},
    project::ProjectRole,
    refusal::{Refusal, Thing},
};
use gateway::{KeyEdit, LimitDraft, ProjectEdit, UserEdit};

use super::*;
use crate::hub::on_both;

fn scopes(words: &[Scope]) -> Scopes {
    words.iter().copied().collect()
}

/// An edit of each bound alone: one that binds, and one that loosens that.
fn edits() -> [(Bound, KeyEdit, KeyEdit, KeyEdit); 4] {
    let nothing = KeyEdit::default;
    [
        (
            Bound::Scopes,
            KeyEdit {
                scopes: Some(scopes(&[Scope::Inference])),
                ..nothing()
            },
            KeyEdit {
                scopes: Some(scopes(&[Scope::Inference])),
                ..nothing()
            },
            KeyEdit {
                scopes: Some(Scopes::default()),
                ..nothing()
            },
        ),
        (
            Bound::Allowed,
            KeyEdit {
                allowed: Some(Allowed::parse("a/*").unwrap()),
                ..nothing()
            },
            KeyEdit {
                allowed: Some(Allowed::parse("a/b").unwrap()),
                ..nothing()
            },
            KeyEdit {
                allowed: Some(Allowed::default()),
                ..nothing()
            },
        ),
        (
            Bound::Addresses,
            KeyEdit {
                addresses: Some(Addresses::parse("10.0.0.1, 127.0.0.1").unwrap()),
                ..nothing()
            },
            KeyEdit {
                addresses: Some(Addresses::parse("127.0.0.1").unwrap()),
                ..nothing()
            },
            KeyEdit {
                addresses: Some(None),
                ..nothing()
            },
        ),
        (
            Bound::ExpiresAt,
            KeyEdit {
                expiry: Some(Expiry::Days(30)),
                ..nothing()
            },
            KeyEdit {
                expiry: Some(Expiry::Days(7)),
                ..nothing()
            },
            KeyEdit {
                expiry: Some(Expiry::Never),
                ..nothing()
            },
        ),
    ]
}

/// The owner of a key tightens what an admin bound it to, and loosens it never; who bound it does, and then it is the owner's again.
#[tokio::test]
async fn a_bound_is_loosened_by_as_much_right_as_set_it() {
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
        let id = key_in(&hub, shared.id, &mia).await.key.id;
        let keys = hub.keys();
        for (bound, binds, tightens, loosens) in edits() {
            let by_admin = Refusal::BoundByAdmin { bound };
            // Her own is hers to loosen.
            for edit in [&binds, &loosens] {
                keys.edit(&mia, HERE, id, edit).await.unwrap();
            }
            for (sets, less) in [(&lead, &[&mia][..]), (&admin, &[&mia, &lead][..])] {
                for who in less.iter().copied() {
                    keys.edit(sets, HERE, id, &binds).await.unwrap();
                    let loosened = keys.edit(who, HERE, id, &loosens).await;
                    assert_eq!(refusal(loosened), by_admin, "{bound:?} by {}", who.email);
                    // Also after they have tightened it, which does not make it theirs.
                    keys.edit(who, HERE, id, &tightens).await.unwrap();
                    let loosened = keys.edit(who, HERE, id, &loosens).await;
                    assert_eq!(refusal(loosened), by_admin, "{bound:?} by {}", who.email);
                }
                keys.edit(sets, HERE, id, &loosens).await.unwrap();
            }
        }
        // A key that somebody else makes for her is bound by that, and a name is no bound.
        let made = KeyDraft {
            allowed: Allowed::parse("a/b").unwrap(),
            ..draft("made", None)
        };
        let root = Admin::command_line();
        let made = keys.create_for_with(&root, HERE, mia.id, &made).await.unwrap().key.id;
        let named = KeyEdit {
            name: Some("mine".parse().unwrap()),
            addresses: Some(Addresses::parse("::1").unwrap()),
            ..KeyEdit::default()
        };
        keys.edit(&mia, HERE, made, &named).await.unwrap();
        let freed = KeyEdit {
            addresses: Some(None),
            ..KeyEdit::default()
        };
        keys.edit(&mia, HERE, made, &freed).await.unwrap();
        let freed = KeyEdit {
            allowed: Some(Allowed::default()),
            ..KeyEdit::default()
        };
        let bound = Bound::Allowed;
        assert_eq!(
            refusal(keys.edit(&mia, HERE, made, &freed).await),
            Refusal::BoundByAdmin { bound }
        );
    })
    .await;
}

/// Who has more right and sets what holds already holds it afterwards: bounds, a limit, and that a key is switched off.
#[tokio::test]
async fn who_sets_what_holds_already_holds_it() {
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
        let id = key_in(&hub, shared.id, &mia).await.key.id;
        let (keys, limits) = (hub.keys(), hub.limits());
        let end = hub.now().plus(domain::time::Micros::from_days(30));
        for (bound, mut binds, _, loosens) in edits() {
            if bound == Bound::ExpiresAt {
                // One moment, whenever it is said.
                binds.expiry = Some(Expiry::At(end));
            }
            for (sets, less) in [(&lead, &mia), (&admin, &lead)] {
                keys.edit(less, HERE, id, &binds).await.unwrap();
                keys.edit(less, HERE, id, &loosens).await.unwrap();
                keys.edit(less, HERE, id, &binds).await.unwrap();
                // Only what is said: a new name sets no bound.
                let named = KeyEdit {
                    name: Some("named".parse().unwrap()),
                    ..KeyEdit::default()
                };
                keys.edit(sets, HERE, id, &named).await.unwrap();
                keys.edit(less, HERE, id, &loosens).await.unwrap();
                keys.edit(less, HERE, id, &binds).await.unwrap();
                keys.edit(sets, HERE, id, &binds).await.unwrap();
                let loosened = keys.edit(less, HERE, id, &loosens).await;
                assert_eq!(refusal(loosened), Refusal::BoundByAdmin { bound }, "by {}", less.email);
                // Saying it again with less right takes nothing away.
                keys.edit(less, HERE, id, &binds).await.unwrap();
                let loosened = keys.edit(less, HERE, id, &loosens).await;
                assert_eq!(refusal(loosened), Refusal::BoundByAdmin { bound }, "by {}", less.email);
                keys.edit(sets, HERE, id, &loosens).await.unwrap();
            }
        }
        let set_by =
            "SELECT COUNT(*) FROM audit WHERE action = 'key.change' AND after_json LIKE '%\"allowed\":\"hub\"%'";
        assert!(
            database.numbers(set_by).await[0] > 0,
            "the list of changes says who holds it"
        );
        let draft = |most| LimitDraft {
            subject: id.into(),
            measure: Measure::Spend,
            window: Window::Calendar(Span::Day),
            most,
        };
        for (sets, less) in [(&lead, &mia), (&admin, &lead)] {
            limits.set_by(less, HERE, draft(5)).await.unwrap();
            let limit = limits.set_by(sets, HERE, draft(5)).await.unwrap();
            let raised = limits.set_by(less, HERE, draft(6)).await;
            assert_eq!(refusal(raised), Refusal::LimitByAdmin, "{}", less.email);
            limits.remove_by(sets, HERE, limit.id).await.unwrap();
            keys.set_disabled(less, HERE, id, true).await.unwrap();
            keys.set_disabled(sets, HERE, id, true).await.unwrap();
            let enabled = keys.set_disabled(less, HERE, id, false).await;
            assert_eq!(refusal(enabled), Refusal::DisabledByAdmin, "{}", less.email);
            keys.set_disabled(sets, HERE, id, false).await.unwrap();
        }
    })
    .await;
}

/// A form that was filled before somebody else changed the key, or a limit, does not undo that.
#[tokio::test]
async fn what_was_changed_meanwhile_is_not_undone_unseen() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (ada, bob) = (
            person(&hub, "ada@example.com", Role::Admin).await,
            person(&hub, "bob@example.com", Role::Admin).await,
        );
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let id = key_in(&hub, ProjectId::personal_of(mia.id), &mia).await.key.id;
        let keys = hub.keys();
        let now = async || keys.get(&ada, id).await.unwrap().unwrap();
        let stale = gateway::KeyTag::of(&now().await);
        let tight = KeyEdit {
            allowed: Some(Allowed::parse("a/b").unwrap()),
            seen: Some(stale.clone()),
            ..KeyEdit::default()
        };
        keys.edit(&bob, HERE, id, &tight).await.unwrap();
        let undoes = KeyEdit {
            name: Some("mine".parse().unwrap()),
            allowed: Some(Allowed::default()),
            seen: Some(stale),
            ..KeyEdit::default()
        };
        let changed = Refusal::Changed { what: Thing::Key };
        assert_eq!(refusal(keys.edit(&ada, HERE, id, &undoes).await), changed);
        let key = now().await;
        assert_eq!(
            (key.name.as_str(), key.rules.allowed.to_string().as_str()),
            ("k", "a/b")
        );
        let seen = KeyEdit {
            seen: Some(gateway::KeyTag::read(&format!("\"{}\"", gateway::KeyTag::of(&key)))),
            ..undoes
        };
        keys.edit(&ada, HERE, id, &seen).await.unwrap();
        // Used, or given another secret, it is the same.
        let before = gateway::KeyTag::of(&now().await);
        keys.rotate(&mia.key_holder().unwrap(), HERE, id, domain::key::Overlap::None)
            .await
            .unwrap();
        assert_eq!(gateway::KeyTag::of(&now().await), before);
        keys.set_disabled(&bob, HERE, id, true).await.unwrap();
        assert_ne!(gateway::KeyTag::of(&now().await), before);

        let limits = hub.limits();
        let draft = |most| LimitDraft {
            subject: id.into(),
            measure: Measure::Requests,
            window: Window::Calendar(Span::Day),
            most,
        };
        let changed = Refusal::Changed { what: Thing::Limit };
        let five = limits.set_seen(&ada, HERE, draft(5), &[]).await.unwrap();
        assert_eq!(refusal(limits.set_seen(&bob, HERE, draft(9), &[]).await), changed);
        let one = limits.set_seen(&bob, HERE, draft(1), &[five]).await.unwrap();
        assert_eq!(refusal(limits.set_seen(&ada, HERE, draft(7), &[five]).await), changed);
        assert_eq!(refusal(limits.remove_seen(&ada, HERE, five.id, &[five]).await), changed);
        limits.remove_seen(&ada, HERE, one.id, &[one]).await.unwrap();
        assert_eq!(refusal(limits.set_seen(&ada, HERE, draft(7), &[one]).await), changed);
        assert!(limits.of(&ada, id.into()).await.unwrap().standings.is_empty());
    })
    .await;
}

/// Limits of a key: its owner has their own, and neither raises nor removes what somebody with more right has set.
#[tokio::test]
async fn a_limit_is_raised_and_removed_by_as_much_right_as_set_it() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (admin, lead, mia, other) = (
            person(&hub, "admin@example.com", Role::Admin).await,
            person(&hub, "lead@example.com", Role::Member).await,
            person(&hub, "mia@example.com", Role::Member).await,
            person(&hub, "other@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", admin.id).await;
        join(&hub, &shared, &lead, ProjectRole::Admin).await;
        join(&hub, &shared, &mia, ProjectRole::Member).await;
        join(&hub, &shared, &other, ProjectRole::Member).await;
        let key = key_in(&hub, shared.id, &mia).await.key.id;
        let limits = hub.limits();
        let a_day = |subject: Subject, most| LimitDraft {
            subject,
            measure: Measure::Spend,
            window: Window::Calendar(Span::Day),
            most,
        };
        let on_key = |most| a_day(key.into(), most);
        // Her own: raised, lowered, removed by each of them.
        for who in [&mia, &lead, &admin] {
            limits.set_by(&mia, HERE, on_key(5)).await.unwrap();
            let own = limits.set_by(&mia, HERE, on_key(9)).await.unwrap();
            limits.remove_by(who, HERE, own.id).await.unwrap();
        }
        for (sets, less) in [(&lead, &[&mia][..]), (&admin, &[&mia, &lead][..])] {
            let limit = limits.set_by(sets, HERE, on_key(5)).await.unwrap();
            for who in less.iter().copied() {
                let removed = limits.remove_by(who, HERE, limit.id).await;
                assert_eq!(refusal(removed), Refusal::LimitByAdmin, "{}", who.email);
                limits.set_by(who, HERE, on_key(4)).await.unwrap();
                // Lowered, and still not theirs.
                let raised = limits.set_by(who, HERE, on_key(5)).await;
                assert_eq!(refusal(raised), Refusal::LimitByAdmin, "{}", who.email);
                let seen = limits.of(who, key.into()).await.unwrap();
                assert!(seen.changeable && seen.held == [limit.id], "{}", who.email);
                limits.set_by(sets, HERE, on_key(5)).await.unwrap();
            }
            assert!(limits.of(sets, key.into()).await.unwrap().held.is_empty());
            limits.remove_by(sets, HERE, limit.id).await.unwrap();
        }
        // Whoever sees it and has no right over it changes nothing; whoever does not see it is not told that it is there.
        let limit = limits.set_by(&mia, HERE, on_key(5)).await.unwrap();
        assert_eq!(
            refusal(limits.set_by(&other, HERE, on_key(1)).await),
            Refusal::NotAllowed
        );
        assert_eq!(
            refusal(limits.remove_by(&other, HERE, limit.id).await),
            Refusal::NotAllowed
        );
        let stranger = person(&hub, "stranger@example.com", Role::Member).await;
        let missing = |what| Refusal::NotFound { what };
        let nobodys: Subject = KeyId::from_number(4711).into();
        for subject in [key.into(), nobodys] {
            let set = limits.set_by(&stranger, HERE, a_day(subject, 1)).await;
            assert_eq!(refusal(set), missing(Thing::Key));
            assert_eq!(refusal(limits.of(&stranger, subject).await), missing(Thing::Key));
        }
        for id in [limit.id, domain::id::LimitId::from_number(4711)] {
            assert_eq!(
                refusal(limits.remove_by(&stranger, HERE, id).await),
                missing(Thing::Limit)
            );
        }
        for (subject, what) in [(mia.id.into(), Thing::User), (shared.id.into(), Thing::Project)] {
            assert_eq!(
                refusal(limits.set_by(&stranger, HERE, a_day(subject, 1)).await),
                missing(what)
            );
        }
        // Of themselves people have no limits of their own, or they would be bound by nobody.
        assert_eq!(
            refusal(limits.set_by(&mia, HERE, a_day(mia.id.into(), 1)).await),
            Refusal::NotAllowed
        );
    })
    .await;
}

/// The keys of an owner of the hub are an owner's to change, also in a project that others keep; these take the owner out instead.
#[tokio::test]
async fn owners_keys_are_touched_by_owners_wherever_they_are() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (owner, lead) = (
            person(&hub, "owner@example.com", Role::Owner).await,
            person(&hub, "lead@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", lead.id).await;
        join(&hub, &shared, &owner, ProjectRole::Member).await;
        join(&hub, &shared, &lead, ProjectRole::Admin).await;
        let key = key_in(&hub, shared.id, &owner).await;
        let keys = hub.keys();
        let disabled = keys.set_disabled(&lead, HERE, key.key.id, true).await;
        assert_eq!(refusal(disabled), Refusal::OwnersOnly);
        assert_eq!(refusal(keys.delete(&lead, HERE, key.key.id).await), Refusal::OwnersOnly);
        assert!(enter(&hub, &key).is_ok());
        hub.projects()
            .remove_member(&keeper(&shared), HERE, owner.id)
            .await
            .unwrap();
        assert_eq!(enter(&hub, &key), Err(KeyProblem::NotMember));
    })
    .await;
}

/// Several things that are asked together: where one is refused nothing is changed and nothing is written down.
#[tokio::test]
async fn what_is_asked_together_is_done_as_a_whole() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (admin, mia) = (
            person(&hub, "admin@example.com", Role::Admin).await,
            person(&hub, "mia@example.com", Role::Member).await,
        );
        let written = async || database.numbers("SELECT COUNT(*) FROM audit").await[0];
        let id = key_in(&hub, ProjectId::personal_of(mia.id), &mia).await.key.id;
        hub.keys().set_disabled(&admin, HERE, id, true).await.unwrap();
        let before = written().await;
        let edit = KeyEdit {
            name: Some("renamed".parse().unwrap()),
            disabled: Some(false),
            ..KeyEdit::default()
        };
        assert_eq!(
            refusal(hub.keys().edit(&mia, HERE, id, &edit).await),
            Refusal::DisabledByAdmin
        );
        let key = hub.keys().get(&mia, id).await.unwrap().unwrap();
        assert_eq!((key.name.as_str(), written().await), ("k", before));
        hub.keys().edit(&admin, HERE, id, &edit).await.unwrap();
        let key = hub.keys().get(&mia, id).await.unwrap().unwrap();
        assert_eq!(
            (key.name.as_str(), key.disabled_at, written().await),
            ("renamed", None, before + 2)
        );

        let (run, before) = (admin.admin().unwrap(), written().await);
        let edit = UserEdit {
            role: Some(Role::Auditor),
            suspended: Some(true),
            name: Some(Some("Mia".parse().unwrap())),
            time_zone: Some("Nowhere/At-all".to_owned()),
        };
        assert!(hub.users().edit(&run, HERE, mia.id, &edit).await.is_err());
        let same = viewer(&hub, mia.id).await;
        assert_eq!((same.role, written().await), (Role::Member, before));
        let edit = UserEdit {
            suspended: None,
            time_zone: Some("Asia/Shanghai".to_owned()),
            ..edit
        };
        hub.users().edit(&run, HERE, mia.id, &edit).await.unwrap();
        assert_eq!(viewer(&hub, mia.id).await.role, Role::Auditor);
        assert_eq!(written().await, before + 3);

        let shared = project(&hub, "shared", admin.id).await;
        let before = written().await;
        let edit = ProjectEdit {
            name: Some("renamed".parse().unwrap()),
            payer: Some(UserId::from_number(4711)),
        };
        let changed = hub.projects().edit(&keeper(&shared), HERE, &edit).await;
        assert_eq!(refusal(changed), Refusal::NotFound { what: Thing::User });
        let same = hub.projects().seen(&admin, shared.id).await.unwrap();
        assert_eq!((same.project().name.as_str(), written().await), ("shared", before));
    })
    .await;
}
