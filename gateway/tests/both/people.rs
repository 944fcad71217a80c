//! People: who may do what to whom, how somebody is found, and how one leaves.

use domain::{
    access::{Admin, Role, Viewer},
    account::{User, UserFilter, UserState},
    credit::GrantDraft,
    id::UserId,
    key::{OnKey, Scope},
    ledger::LotKind,
    limit::{Measure, Span, Window},
    page::{Cursor, PageSize},
    refusal::Refusal,
};
use gateway::{Error, Gateway, KeyEdit, LimitDraft, Origin, ProcessKind};

use crate::hub::{Database, FROM, on_both, within_a_second};

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));

/// A person of this role, who can sign in.
async fn person(hub: &Gateway, email: &str, role: Role) -> Viewer {
    let email = email.parse().unwrap();
    let made = hub
        .users()
        .create(&Admin::system(), HERE, &email, role, "a long password")
        .await;
    hub.sessions().viewer(made.unwrap().id).await.unwrap().unwrap()
}

fn refused(done: Result<(), Error>) -> Option<Refusal> {
    done.err().map(|error| error.refusal())
}

#[tokio::test]
async fn owners_are_made_unmade_and_touched_by_owners_only() {
    on_both(async |database| {
        let hub = database.serve().await;
        let owner = person(&hub, "owner@example.com", Role::Owner).await;
        let admin = person(&hub, "admin@example.com", Role::Admin).await;
        let other = person(&hub, "other@example.com", Role::Member).await;
        let (own, run) = (owner.admin().unwrap(), admin.admin().unwrap());
        let users = hub.users();
        let only = Some(Refusal::OwnersOnly);
        assert_eq!(refused(users.set_role(&run, HERE, other.id, Role::Owner).await), only);
        assert_eq!(refused(users.set_role(&run, HERE, owner.id, Role::Member).await), only);
        assert_eq!(refused(users.set_suspended(&run, HERE, owner.id, true).await), only);
        assert_eq!(
            refused(users.set_password(&run, HERE, owner.id, "another password").await),
            only
        );
        assert_eq!(
            refused(users.delete(&run, HERE, owner.id, "owner@example.com").await),
            only
        );
        let email = "new@example.com".parse().unwrap();
        let made = users.create(&run, HERE, &email, Role::Owner, "a long password").await;
        assert_eq!(made.unwrap_err().refusal(), Refusal::OwnersOnly);
        // Neither their name, nor what they have keys and limits of.
        let name = "Renamed".parse().unwrap();
        assert_eq!(refused(users.set_name(&run, HERE, owner.id, Some(&name)).await), only);
        let (keys, limits, key) = (hub.keys(), hub.limits(), "theirs".parse().unwrap());
        assert_eq!(
            refused(keys.create_for(&run, HERE, owner.id, &key).await.map(drop)),
            only
        );
        let key = keys.create(&owner.key_holder().unwrap(), HERE, &key).await.unwrap().key;
        let edit = KeyEdit {
            name: Some(name),
            ..KeyEdit::default()
        };
        assert_eq!(refused(keys.edit(&admin, HERE, key.id, &edit).await.map(drop)), only);
        assert_eq!(refused(keys.set_disabled(&admin, HERE, key.id, true).await), only);
        assert_eq!(refused(keys.set_any_disabled(&run, HERE, key.id, true).await), only);
        assert_eq!(refused(keys.revoke_any(&run, HERE, key.id).await), only);
        assert_eq!(refused(keys.delete_any(&run, HERE, key.id).await), only);
        assert!(!keys.standing(&admin, &key).await.unwrap().may(OnKey::Change));
        assert!(keys.standing(&owner, &key).await.unwrap().may(OnKey::Change));
        for subject in [owner.id.into(), key.id.into(), key.project_id.into()] {
            let draft = LimitDraft {
                subject,
                measure: Measure::Requests,
                window: Window::Calendar(Span::Day),
                most: 5,
            };
            assert_eq!(refused(limits.set(&run, HERE, draft).await.map(drop)), only);
            assert_eq!(refused(limits.set_by(&admin, HERE, draft).await.map(drop)), only);
            assert!(!limits.of(&admin, subject).await.unwrap().changeable);
            let limit = limits.set_by(&owner, HERE, draft).await.unwrap();
            assert_eq!(refused(limits.remove(&run, HERE, limit.id).await.map(drop)), only);
            assert_eq!(refused(limits.remove_by(&admin, HERE, limit.id).await.map(drop)), only);
            limits.remove_by(&owner, HERE, limit.id).await.unwrap();
        }
        // Nothing of it happened.
        assert!(
            hub.sessions()
                .sign_in(HERE, "owner@example.com", "a long password")
                .await
                .is_ok()
        );

        // The last owner stays, whoever asks.
        let last = Some(Refusal::LastOwner);
        assert_eq!(refused(users.set_role(&own, HERE, owner.id, Role::Admin).await), last);
        let root = Admin::command_line();
        assert_eq!(refused(users.set_suspended(&root, HERE, owner.id, true).await), last);
        assert_eq!(
            refused(users.delete(&root, HERE, owner.id, "owner@example.com").await),
            last
        );
        // With a second one the first may go.
        users.set_role(&own, HERE, other.id, Role::Owner).await.unwrap();
        users.set_role(&own, HERE, owner.id, Role::Member).await.unwrap();
        assert_eq!(
            hub.sessions().viewer(owner.id).await.unwrap().unwrap().role,
            Role::Member
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    on_both(async |database| {
        let hub = database.serve().await;
        let one = person(&hub, "one@example.com", Role::Owner).await;
        let two = person(&hub, "two@example.com", Role::Owner).await;
        let root = Admin::system();
        let users = hub.users();
        let (first, second) = tokio::join!(
            users.set_role(&root, HERE, one.id, Role::Member),
            users.delete(&root, HERE, two.id, "two@example.com"),
        );
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|done| **done).count(), 1);
        let owners = "SELECT COUNT(*) FROM person WHERE role = 'owner' AND suspended = 0 AND deleted_at IS NULL";
        assert_eq!(database.numbers(owners).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn the_first_admin_owns_by_link_and_by_command_line() {
    on_both(async |database| {
        let hub = database.serve().await;
        let link = hub.setup().new_link().await.unwrap().unwrap();
        let (_, token) = link.expose().rsplit_once('=').unwrap();
        let email = "ada@example.com".parse().unwrap();
        let ada = hub
            .setup()
            .complete(HERE, token, &email, "a long password")
            .await
            .unwrap();
        assert_eq!(ada.role, Role::Owner);
        let root = Admin::command_line();
        let second = "second@example.com".parse().unwrap();
        let made = hub
            .users()
            .create(&root, HERE, &second, Role::Admin, "a long password")
            .await;
        assert_eq!(made.unwrap().role, Role::Admin);
    })
    .await;
    let database = Database::sqlite();
    let hub = database.serve().await;
    let email = "ada@example.com".parse().unwrap();
    let root = Admin::command_line();
    let made = hub
        .users()
        .create(&root, HERE, &email, Role::Admin, "a long password")
        .await;
    assert_eq!(made.unwrap().role, Role::Owner);
}

/// Whichever of the servers they come to.
#[tokio::test]
async fn of_all_who_hold_the_set_up_link_one_owns_the_hub() {
    on_both(async |database| {
        let hub = database.serve().await;
        // There is one server on SQLite.
        let other = match database.url.starts_with("postgres") {
            true => Some(database.serve().await),
            false => None,
        };
        let link = hub.setup().new_link().await.unwrap().unwrap();
        let (_, token) = link.expose().rsplit_once('=').unwrap();
        let comers = (0..6).map(async |place: usize| {
            let email = format!("ada{place}@example.com").parse().unwrap();
            let at = other.as_ref().filter(|_| place % 2 == 1).unwrap_or(&hub);
            at.setup().complete(HERE, token, &email, "a long password").await
        });
        let outcomes = futures_util::future::join_all(comers).await;
        let won: Vec<_> = outcomes.iter().flatten().collect();
        assert_eq!(won.len(), 1, "{outcomes:?}");
        assert_eq!(won[0].role, Role::Owner);
        let all_told =
            |outcome: &Result<Viewer, Error>| matches!(outcome, Ok(_) | Err(Error::Refused(Refusal::SetupLink)));
        assert!(outcomes.iter().all(all_told), "{outcomes:?}");
        assert_eq!(database.numbers("SELECT COUNT(*) FROM person").await, [1]);
        assert!(hub.setup().check(token).await.is_err());
        assert!(hub.setup().new_link().await.unwrap().is_none());
    })
    .await;
}

/// A change of role is seen by whoever asks next, here and in another process.
#[tokio::test]
async fn roles_and_suspensions_act_within_a_second_everywhere() {
    on_both(async |database| {
        let hub = database.serve().await;
        person(&hub, "owner@example.com", Role::Owner).await;
        let ada = person(&hub, "ada@example.com", Role::Member).await;
        let name = "k".parse().unwrap();
        let key = hub
            .keys()
            .create(&ada.key_holder().unwrap(), HERE, &name)
            .await
            .unwrap();
        let secret = key.secret.expose();
        let command = database.open(ProcessKind::Command).await.unwrap();
        let root = Admin::command_line();
        // An auditor has no keys: the one from before rests, and works again afterwards.
        command
            .users()
            .set_role(&root, HERE, ada.id, Role::Auditor)
            .await
            .unwrap();
        let seen = hub.sessions().viewer(ada.id).await.unwrap().unwrap();
        assert_eq!(seen.role, Role::Auditor);
        assert!(seen.key_holder().is_err() && seen.admin().is_err() && seen.money().is_err());
        within_a_second(|| hub.authenticate(secret, Scope::Inference, FROM).is_err()).await;
        command
            .users()
            .set_role(&root, HERE, ada.id, Role::Billing)
            .await
            .unwrap();
        within_a_second(|| hub.authenticate(secret, Scope::Inference, FROM).is_ok()).await;
        command.users().set_suspended(&root, HERE, ada.id, true).await.unwrap();
        assert_eq!(hub.sessions().viewer(ada.id).await.unwrap(), None);
        within_a_second(|| hub.authenticate(secret, Scope::Inference, FROM).is_err()).await;
    })
    .await;
}

async fn found(hub: &Gateway, filter: UserFilter) -> Vec<String> {
    let reader = Admin::system().money_reader();
    let page = hub
        .users()
        .page(&reader, &filter, Cursor::Newest, PageSize::nearest(25))
        .await
        .unwrap();
    let count = hub.users().count(&reader, &filter, 100).await.unwrap();
    assert_eq!(usize::try_from(count).unwrap(), page.rows.len(), "{filter:?}");
    page.rows.into_iter().map(|user| user.email.to_string()).collect()
}

fn search(text: &str) -> UserFilter {
    UserFilter {
        search: Some(text.to_owned()),
        ..UserFilter::default()
    }
}

#[tokio::test]
async fn people_are_found_by_address_name_and_id_and_wildcards_are_letters() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = Admin::system();
        let ada = person(&hub, "ada_l@example.com", Role::Owner).await;
        let moss = person(&hub, "moss@example.com", Role::Member).await;
        let name = "Maurice 100% \\o/".parse().unwrap();
        hub.users().set_name(&root, HERE, moss.id, Some(&name)).await.unwrap();
        let (a, m) = ("ada_l@example.com", "moss@example.com");
        assert_eq!(found(&hub, search("example")).await, [m, a]);
        assert_eq!(found(&hub, search("ADA")).await, [a]);
        assert_eq!(found(&hub, search("maurice")).await, [m]);
        assert_eq!(found(&hub, search(&moss.id.to_string())).await, [m]);
        assert_eq!(found(&hub, search("_")).await, [a]);
        assert_eq!(found(&hub, search("%")).await, [m]);
        assert_eq!(found(&hub, search("\\")).await, [m]);
        assert_eq!(found(&hub, search("a%m")).await, [] as [String; 0]);
        let members = UserFilter {
            role: Some(Role::Member),
            ..UserFilter::default()
        };
        assert_eq!(found(&hub, members).await, [m]);
        hub.users().set_suspended(&root, HERE, moss.id, true).await.unwrap();
        let in_state = |state| UserFilter {
            state: Some(state),
            ..UserFilter::default()
        };
        assert_eq!(found(&hub, in_state(UserState::Active)).await, [a]);
        assert_eq!(found(&hub, in_state(UserState::Suspended)).await, [m]);
        assert_eq!(found(&hub, search(&ada.id.to_string())).await, [a]);
    })
    .await;
}

#[tokio::test]
async fn many_people_are_listed_in_pages() {
    on_both(async |database| {
        let hub = database.serve().await;
        for number in 0..60 {
            let email = format!("p{number}@example.com").parse().unwrap();
            hub.users()
                .create_without_password(&Admin::system(), HERE, &email, Role::Member)
                .await
                .unwrap();
        }
        let (reader, size) = (Admin::system().money_reader(), PageSize::nearest(25));
        let (mut cursor, mut seen) = (Cursor::Newest, Vec::new());
        loop {
            let page = hub
                .users()
                .page(&reader, &UserFilter::default(), cursor, size)
                .await
                .unwrap();
            seen.extend(page.rows.iter().map(|user| user.id));
            match page.older {
                Some(id) => cursor = Cursor::Before(id.parse().unwrap()),
                None => break,
            }
        }
        assert_eq!(seen.len(), 60);
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "each once, newest first");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_person_is_gone_and_the_books_stay() {
    on_both(async |database| {
        let hub = database.serve().await;
        let owner = person(&hub, "owner@example.com", Role::Owner).await;
        let ada = person(&hub, "ada@example.com", Role::Member).await;
        let root = owner.admin().unwrap();
        let name = "k".parse().unwrap();
        let key = hub
            .keys()
            .create(&ada.key_holder().unwrap(), HERE, &name)
            .await
            .unwrap();
        let draft = GrantDraft {
            kind: LotKind::Paid,
            amount: "5".parse().unwrap(),
            priority: None,
            expires_at: None,
            reason: "paid".to_owned(),
        };
        let credits = hub.credits();
        credits.grant(&root.money(), HERE, ada.id, draft).await.unwrap();
        let users = hub.users();
        let mismatch = Some(Refusal::ConfirmationMismatch);
        assert_eq!(refused(users.delete(&root, HERE, ada.id, "ada").await), mismatch);
        assert_eq!(
            refused(users.delete(&root, HERE, owner.id, "owner@example.com").await),
            Some(Refusal::Yourself)
        );
        users.delete(&root, HERE, ada.id, " Ada@example.com").await.unwrap();

        assert!(hub.authenticate(key.secret.expose(), Scope::Inference, FROM).is_err());
        assert_eq!(hub.sessions().viewer(ada.id).await.unwrap(), None);
        assert!(
            hub.sessions()
                .sign_in(HERE, "ada@example.com", "a long password")
                .await
                .is_err()
        );
        let reader = root.money_reader();
        let gone = users.get(&reader, ada.id).await.unwrap().unwrap();
        assert!(gone.deleted_at.is_some() && !gone.is_active() && gone.name.is_none());
        assert_eq!(gone.email.as_str(), User::freed_address(ada.id));
        assert_eq!(users.find_by_email(&reader, &gone.email).await.unwrap(), None);
        let listed: Vec<UserId> = users.list(&reader).await.unwrap().iter().map(|user| user.id).collect();
        assert_eq!(listed, [owner.id]);
        let deleted = UserFilter {
            state: Some(UserState::Deleted),
            ..UserFilter::default()
        };
        assert_eq!(found(&hub, deleted).await, [User::freed_address(ada.id)]);

        // Nothing brings them back, and nothing is done to them.
        let missing = |done| matches!(refused(done), Some(Refusal::NotFound { .. }));
        assert!(missing(users.set_suspended(&root, HERE, ada.id, false).await));
        assert!(missing(
            users.set_password(&root, HERE, ada.id, "another password").await
        ));
        assert!(missing(users.set_role(&root, HERE, ada.id, Role::Admin).await));
        assert!(missing(users.delete(&root, HERE, ada.id, gone.email.as_str()).await));
        assert!(hub.keys().create_for(&root, HERE, ada.id, &name).await.is_err());

        // Their money stays, the books are sound, and the address is free.
        let balance = credits.balance(&owner, ada.id).await.unwrap();
        assert_eq!(balance.balance.to_string(), "5.00");
        assert_eq!(credits.verify(&reader, None).await.unwrap().findings, []);
        let again = person(&hub, "ada@example.com", Role::Member).await;
        assert_ne!(again.id, ada.id);
    })
    .await;
}

#[tokio::test]
async fn one_looks_as_somebody_below_and_only_while_that_is_so() {
    on_both(async |database| {
        let hub = database.serve().await;
        let mut people = Vec::new();
        for role in Role::ALL {
            people.push(person(&hub, &format!("{}@example.com", role.as_str()), role).await);
        }
        let users = hub.users();
        for viewer in &people {
            for target in &people {
                let may = viewer.may_view_as(target.role);
                let begun = users.begin_viewing(viewer, HERE, target.id).await;
                assert_eq!(begun.is_ok(), may, "{:?} as {:?}", viewer.role, target.role);
                let seen = users.viewed(viewer, target.id).await.unwrap();
                assert_eq!(
                    seen.as_ref(),
                    may.then_some(target),
                    "{:?} as {:?}",
                    viewer.role,
                    target.role
                );
            }
        }
        let [_, admin, .., member] = people.as_slice() else {
            panic!("five people")
        };
        let root = Admin::system();
        users.set_role(&root, HERE, member.id, Role::Admin).await.unwrap();
        assert_eq!(users.viewed(admin, member.id).await.unwrap(), None, "an equal now");
        users.set_role(&root, HERE, member.id, Role::Member).await.unwrap();
        users.set_suspended(&root, HERE, member.id, true).await.unwrap();
        assert_eq!(users.viewed(admin, member.id).await.unwrap(), None);
        assert!(users.begin_viewing(admin, HERE, member.id).await.is_err());
    })
    .await;
}
