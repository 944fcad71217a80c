//! Invitations: who may make them, and that each lets one in.

use domain::{
    access::{Admin, Role, Viewer},
    door::DoorRefusal,
    id::ProjectId,
    invitation::{InvitationState, InvitationTerms},
    mail::MailLanguage,
    name::Label,
    project::ProjectRole,
    refusal::{Refusal, Thing},
    setting::Setting,
};
use futures_util::future::join_all;
use gateway::{NewInvitation, Outcome, Purpose};

use super::{DAY, HERE, House, PASSWORD, email, refusal};
use crate::{
    hub::{admin, on_both},
    identity::fake::{Fake, begin, finish},
};

impl House {
    async fn invite(&self, by: &Viewer, address: &str, role: Role) -> NewInvitation {
        let admin = by.admin().unwrap();
        let made = self
            .hub
            .invitations()
            .create(&admin, HERE, &email(address), (role, 7), MailLanguage::En)
            .await;
        made.unwrap()
    }
}

fn token(made: &NewInvitation) -> String {
    made.link.expose().split_once("token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn an_invitation_lets_one_in_however_many_come() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        house.set(Setting::StarterCredit, "5").await;
        let made = house.invite(&ada, "new@example.com", Role::Billing).await;
        assert!(made.mailed && made.link.expose().starts_with("https://hub.example/invite?token="));
        // The one that was shown, and the one that was mailed.
        let tokens = [token(&made), house.token("new@example.com", "/invite").await];
        assert_ne!(tokens[0], tokens[1]);
        let invitations = house.hub.invitations();
        let seen = invitations.look(&tokens[1]).await.unwrap();
        assert_eq!(
            (seen.email.as_str(), seen.role, seen.by.as_deref()),
            ("new@example.com", Role::Billing, Some("ada@example.com"))
        );
        let name = "New".parse().unwrap();
        let comers = (0..8).map(|place| invitations.accept(HERE, &tokens[place % 2], Some(&name), PASSWORD));
        let outcomes = join_all(comers).await;
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
            1,
            "{outcomes:?}"
        );
        let viewer = outcomes.into_iter().find_map(Result::ok).unwrap();
        assert_eq!(viewer.role, Role::Billing);
        assert!(house.hub.door().is_verified(&viewer).await.unwrap());
        let count = async |query: &str| house.database.numbers(query).await[0];
        assert_eq!(
            count("SELECT COUNT(*) FROM person WHERE email = 'new@example.com'").await,
            1
        );
        assert_eq!(count("SELECT COUNT(*) FROM link").await, 0, "both are used up");
        assert_eq!(
            count("SELECT COUNT(*) FROM audit WHERE action = 'invitation.accept'").await,
            1
        );
        let kept = invitations
            .get(&Admin::system().reader(), made.invitation.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept.state(house.hub.now()), InvitationState::Accepted);
        assert_eq!(kept.accepted_by, Some(viewer.id));
        assert!(house.signs_in("new@example.com", PASSWORD).await);
    })
    .await;
}

#[tokio::test]
async fn nobody_invites_above_themselves_and_a_lost_role_gives_none() {
    on_both(async |database| {
        let house = House::open(database).await;
        let owner = admin(&house.hub, "owner@example.com").await;
        let root = Admin::system();
        house
            .hub
            .users()
            .set_role(&root, HERE, owner.id, Role::Owner)
            .await
            .unwrap();
        let owner = house.hub.sessions().viewer(owner.id).await.unwrap().unwrap();
        let ada = admin(&house.hub, "ada@example.com").await;
        let invitations = house.hub.invitations();
        let asked = invitations
            .create(
                &ada.admin().unwrap(),
                HERE,
                &email("a@example.com"),
                (Role::Owner, 7),
                MailLanguage::En,
            )
            .await;
        assert_eq!(asked.unwrap_err().refusal(), Refusal::OwnersOnly);
        let high = house.invite(&owner, "high@example.com", Role::Owner).await;
        // An admin touches no invitation of an owner.
        let admin_of = ada.admin().unwrap();
        let again = invitations
            .send_again(&admin_of, HERE, high.invitation.id, MailLanguage::En)
            .await;
        assert_eq!(again.unwrap_err().refusal(), Refusal::OwnersOnly);
        let revoked = invitations.revoke(&admin_of, HERE, high.invitation.id).await;
        assert_eq!(revoked.unwrap_err().refusal(), Refusal::OwnersOnly);

        // Who may not give a role any more has not given it.
        // Nor has who is suspended, until they are not.
        let made = house.invite(&ada, "rest@example.com", Role::Member).await;
        for (suspended, opens) in [(true, false), (false, true)] {
            let users = house.hub.users();
            users.set_suspended(&root, HERE, ada.id, suspended).await.unwrap();
            assert_eq!(invitations.look(&token(&made)).await.is_ok(), opens);
        }
        let made = house.invite(&ada, "new@example.com", Role::Admin).await;
        let other = house.invite(&ada, "other@example.com", Role::Admin).await;
        house
            .hub
            .users()
            .set_role(&root, HERE, ada.id, Role::Member)
            .await
            .unwrap();
        assert_eq!(refusal(invitations.look(&token(&made)).await), DoorRefusal::Link);
        let root_sends = invitations
            .send_again(&root, HERE, other.invitation.id, MailLanguage::En)
            .await
            .unwrap();
        assert!(
            invitations.look(&token(&root_sends)).await.is_ok(),
            "it is given by whoever sends it now"
        );
        assert_eq!(
            refusal(invitations.accept(HERE, &token(&made), None, PASSWORD).await),
            DoorRefusal::Link
        );
        house
            .hub
            .users()
            .set_role(&root, HERE, ada.id, Role::Admin)
            .await
            .unwrap();
        assert_eq!(
            invitations
                .accept(HERE, &token(&made), None, PASSWORD)
                .await
                .unwrap()
                .role,
            Role::Admin
        );
    })
    .await;
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_hand_and_by_another_link() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        let root = ada.admin().unwrap();
        let invitations = house.hub.invitations();
        let made = house.invite(&ada, "new@example.com", Role::Member).await;
        let twice = invitations
            .create(
                &root,
                HERE,
                &email("new@example.com"),
                (Role::Member, 7),
                MailLanguage::En,
            )
            .await;
        assert!(matches!(twice.unwrap_err().refusal(), Refusal::Taken { .. }));
        let known = invitations
            .create(
                &root,
                HERE,
                &email("ada@example.com"),
                (Role::Member, 7),
                MailLanguage::En,
            )
            .await;
        assert!(matches!(known.unwrap_err().refusal(), Refusal::Taken { .. }));
        for days in [0, 31, -1] {
            let long = invitations
                .create(
                    &root,
                    HERE,
                    &email("b@example.com"),
                    (Role::Member, days),
                    MailLanguage::En,
                )
                .await;
            assert_eq!(refusal(long), DoorRefusal::Days);
        }
        let again = invitations
            .send_again(&root, HERE, made.invitation.id, MailLanguage::En)
            .await
            .unwrap();
        assert_eq!(
            refusal(invitations.look(&token(&made)).await),
            DoorRefusal::Link,
            "the first link is dead"
        );
        house.pass(7 * DAY - 1);
        assert!(invitations.look(&token(&again)).await.is_ok());
        house.pass(1);
        assert_eq!(
            refusal(invitations.accept(HERE, &token(&again), None, PASSWORD).await),
            DoorRefusal::Link
        );
        // What has run out can be sent again; what was revoked cannot.
        let third = invitations
            .send_again(&root, HERE, made.invitation.id, MailLanguage::En)
            .await
            .unwrap();
        assert!(invitations.look(&token(&third)).await.is_ok());
        invitations.revoke(&root, HERE, made.invitation.id).await.unwrap();
        assert_eq!(
            refusal(invitations.accept(HERE, &token(&third), None, PASSWORD).await),
            DoorRefusal::Link
        );
        let fourth = invitations
            .send_again(&root, HERE, made.invitation.id, MailLanguage::En)
            .await;
        assert_eq!(refusal(fourth), DoorRefusal::Over);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_opens_the_door_to_whom_a_provider_names() {
    on_both(async |database| {
        let (house, fake) = (House::open(database).await, Fake::listen().await);
        let ada = admin(&house.hub, "ada@example.com").await;
        let draft = fake.draft("plain", "");
        house
            .hub
            .identity_providers()
            .create(&Admin::system(), HERE, &draft, None)
            .await
            .unwrap();
        fake.is("7", "seven@elsewhere.example");
        let hub = &house.hub;
        let uninvited = begin(hub, "plain", Purpose::SignIn("/")).await;
        assert!(
            finish(hub, "plain", &uninvited, None).await.is_err(),
            "registration is closed"
        );
        let made = house.invite(&ada, "new@example.com", Role::Auditor).await;
        let token = token(&made);
        // Two windows of the guest come back at once.
        let (first, second) = (
            begin(hub, "plain", Purpose::Accept(&token)).await,
            begin(hub, "plain", Purpose::Accept(&token)).await,
        );
        let outcomes = join_all([finish(hub, "plain", &first, None), finish(hub, "plain", &second, None)]).await;
        let came: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
        let new: Vec<_> = came.iter().filter(|one| one.outcome == Outcome::Registered).collect();
        assert_eq!(new.len(), 1, "{came:?}");
        assert_eq!(
            (new[0].viewer.email.as_str(), new[0].viewer.role),
            ("new@example.com", Role::Auditor)
        );
        let people = "SELECT COUNT(*) FROM person WHERE email IN ('new@example.com', 'seven@elsewhere.example')";
        assert_eq!(house.database.numbers(people).await, [1]);
        // From now on they come by themselves, and the link is used up for others.
        let again = begin(hub, "plain", Purpose::SignIn("/")).await;
        assert_eq!(
            finish(hub, "plain", &again, None).await.unwrap().outcome,
            Outcome::SignedIn
        );
        fake.is("8", "eight@elsewhere.example");
        let other = begin(hub, "plain", Purpose::Accept(&token)).await;
        assert!(finish(hub, "plain", &other, None).await.is_err());
        assert_eq!(
            refusal(hub.invitations().accept(HERE, &token, None, PASSWORD).await),
            DoorRefusal::Link
        );
    })
    .await;
}

/// Whoever comes is in the project that the invitation names, as what it says; one that was archived meanwhile keeps nobody out.
#[tokio::test]
async fn an_invitation_leads_into_a_project() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        let root = ada.admin().unwrap();
        let (projects, invitations) = (house.hub.projects(), house.hub.invitations());
        let shared = projects
            .create(&root, HERE, &"shared".parse().unwrap(), ada.id)
            .await
            .unwrap();
        let ended = projects
            .create(&root, HERE, &"ended".parse().unwrap(), ada.id)
            .await
            .unwrap();
        let into = async |address: &str, project, role| {
            let terms = InvitationTerms {
                role: Role::Member,
                days: 7,
                project: Some((project, role)),
            };
            invitations
                .create(&root, HERE, &email(address), terms, MailLanguage::En)
                .await
        };
        let made = into("new@example.com", shared.id, ProjectRole::Reader).await.unwrap();
        let late = into("late@example.com", ended.id, ProjectRole::Member).await.unwrap();
        let kept = invitations
            .get(&root.reader(), made.invitation.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept, made.invitation);
        let named = kept.project.unwrap();
        assert_eq!((named.name.as_str(), named.role), ("shared", ProjectRole::Reader));
        let seen = invitations.look(&token(&made)).await.unwrap();
        assert_eq!(seen.project.as_ref().map(Label::as_str), Some("shared"));
        let new = invitations.accept(HERE, &token(&made), None, PASSWORD).await.unwrap();
        let standing = projects.seen(&new, shared.id).await.unwrap();
        assert_eq!(standing.role(), Some(ProjectRole::Reader));
        let written = async |action: &str| {
            let query = format!("SELECT COUNT(*) FROM audit WHERE action = '{action}'");
            house.database.numbers(&query).await[0]
        };
        assert_eq!(written("project.add_member").await, 1);

        projects.archive(&root, HERE, ended.id).await.unwrap();
        assert_eq!(invitations.look(&token(&late)).await.unwrap().project, None);
        let late = invitations.accept(HERE, &token(&late), None, PASSWORD).await.unwrap();
        assert!(projects.seen(&late, ended.id).await.is_err());
        assert_eq!(written("project.add_member").await, 1);

        // Nor does one lead into what nobody can join.
        let personal = ProjectId::personal_of(ada.id);
        let nowhere = ProjectId::from_number(4711);
        for (project, why) in [
            (ended.id, Refusal::Archived),
            (personal, Refusal::PersonalProject),
            (nowhere, Refusal::NotFound { what: Thing::Project }),
        ] {
            let refused = into("other@example.com", project, ProjectRole::Member).await;
            assert_eq!(refused.unwrap_err().refusal(), why);
        }
    })
    .await;
}
