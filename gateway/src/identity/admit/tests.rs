//! What changes between the look at whose an identity is and the change that lets them in. Which of two is quicker no test from outside
//! decides, so the second step is called by itself, with what the first has seen.

use domain::{access::Admin, id::UserId, identity::Typed};
use tempfile::TempDir;

use super::*;
use crate::{Gateway, scene};

const HERE: Origin<'static> = Origin::at(None);

async fn hub() -> (Gateway, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Gateway::open(scene::settings(&folder)).await.unwrap(), folder)
}

async fn person(hub: &Gateway, email: &str, role: Role) -> Viewer {
    let (email, password) = (email.parse().unwrap(), "a long password");
    let made = hub.users().create(&Admin::system(), HERE, &email, role, password).await;
    viewer_of(&made.unwrap())
}

fn draft() -> IdentityDraft {
    let typed = Typed {
        slug: "plain".to_owned(),
        title: "Plain".to_owned(),
        kind: "oidc".to_owned(),
        issuer: "https://id.example.com".to_owned(),
        client_id: "hub".to_owned(),
        ..Typed::default()
    };
    typed.draft().unwrap()
}

/// The same, as a provider of this hub.
async fn provider(hub: &Gateway) -> IdentityDraft {
    let (root, draft) = (Admin::system(), draft());
    let providers = hub.identity_providers();
    providers.create(&root, HERE, &draft, None).await.unwrap();
    let made = providers.get(&root.reader(), draft.slug.as_str()).await.unwrap();
    made.unwrap().draft
}

fn profile() -> Profile {
    Profile {
        issuer: "https://id.example.com".to_owned(),
        subject: "7".to_owned(),
        email: None,
        verified: None,
        name: None,
        role: None,
        projects: Vec::new(),
    }
}

fn word(outcome: Result<SignedIn, Error>) -> Result<UserId, &'static str> {
    match outcome {
        Ok(came) => Ok(came.viewer.id),
        Err(Error::Identity(refusal)) => Err(refusal.word()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn whose_an_identity_is_and_whether_they_may_come_is_looked_at_again_under_the_lock() {
    let (hub, _folder) = hub().await;
    person(&hub, "ada@example.com", Role::Owner).await;
    let sam = person(&hub, "sam@example.com", Role::Member).await;
    let eve = person(&hub, "eve@example.com", Role::Member).await;
    let (identities, draft, profile) = (hub.identities(), provider(&hub).await, profile());
    identities
        .link(HERE, &draft, (&sam, Secured::NEVER), &profile)
        .await
        .unwrap();
    // Sam was found by the first look.
    let comes = async || word(identities.again(HERE, &draft, &profile, sam.id).await);
    assert_eq!(comes().await, Ok(sam.id));
    let suspends = async |suspended| {
        let users = hub.users();
        users
            .set_suspended(&Admin::system(), HERE, sam.id, suspended)
            .await
            .unwrap();
    };
    suspends(true).await;
    assert_eq!(comes().await, Err("suspended"));
    suspends(false).await;
    assert_eq!(comes().await, Ok(sam.id));
    // It was unlinked meanwhile, and then linked by somebody else.
    let id = identities.list(&sam).await.unwrap()[0].id;
    identities.unlink(&sam, HERE, id).await.unwrap();
    assert_eq!(comes().await, Err("state"));
    identities
        .link(HERE, &draft, (&eve, Secured::NEVER), &profile)
        .await
        .unwrap();
    assert_eq!(comes().await, Err("state"));
}

#[tokio::test]
async fn whoever_was_locked_out_since_they_began_links_nothing() {
    let (hub, _folder) = hub().await;
    let ada = person(&hub, "ada@example.com", Role::Owner).await;
    let (identities, draft, profile) = (hub.identities(), provider(&hub).await, profile());
    let links = async |secured| word(identities.link(HERE, &draft, (&ada, secured), &profile).await);
    // A thief has begun, and is still at the provider.
    let begun = identities.may_link(HERE, &ada, "a long password").await.unwrap();
    let users = hub.users();
    users
        .set_password(&Admin::system(), HERE, ada.id, "another long password")
        .await
        .unwrap();
    assert_eq!(links(begun).await, Err("state"));
    assert_eq!(identities.list(&ada).await.unwrap(), []);
    let begun = identities.may_link(HERE, &ada, "another long password").await.unwrap();
    assert_eq!(links(begun).await, Ok(ada.id));
    // Whoever comes by it gets a session for as often as they were secured by now.
    let came = identities.again(HERE, &draft, &profile, ada.id).await.unwrap();
    assert_eq!(came.secured, begun);
}

/// Between the first look and the change lies the provider's answer, which takes as long as it likes.
#[tokio::test]
async fn nobody_comes_by_a_provider_that_was_switched_off_or_changed_while_it_answered() {
    let (hub, _folder) = hub().await;
    let ada = person(&hub, "ada@example.com", Role::Owner).await;
    let sam = person(&hub, "sam@example.com", Role::Member).await;
    let (identities, providers, root) = (hub.identities(), hub.identity_providers(), Admin::system());
    let (draft, known) = (provider(&hub).await, profile());
    identities
        .link(HERE, &draft, (&sam, Secured::NEVER), &known)
        .await
        .unwrap();
    let other = |subject: &str| Profile {
        subject: subject.to_owned(),
        email: format!("{subject}@example.com").parse().ok(),
        verified: Some(true),
        ..profile()
    };
    hub.options()
        .set(&root.money(), HERE, Setting::Registration, "open")
        .await
        .unwrap();
    let email = "guest@example.com".parse().unwrap();
    let made = hub.invitations();
    let made = made
        .create(&root, HERE, &email, (Role::Member, 7), domain::mail::MailLanguage::En)
        .await
        .unwrap();
    let token = made.link.expose().split_once("token=").unwrap().1.to_owned();
    let invited = hub.0.invitation_hash(&token);
    let all = async |draft: &IdentityDraft, expected: Result<(), &'static str>| {
        let told = |outcome| word(outcome).map(drop);
        let (linked, new, guest) = (other("8"), other("new"), other("guest"));
        let comes = identities.again(HERE, draft, &known, sam.id).await;
        assert_eq!(told(comes), expected, "again");
        let links = identities.link(HERE, draft, (&ada, Secured::NEVER), &linked).await;
        assert_eq!(told(links), expected, "link");
        let registers = identities.register(HERE, draft, &new).await.map(SignedIn::new);
        assert_eq!(told(registers), expected, "register");
        let accepts = hub.0.accept_by_provider(HERE, &invited, draft, &guest).await;
        assert_eq!(told(accepts.map(SignedIn::new)), expected, "accept");
    };
    let slug = draft.slug.as_str();
    providers.set_enabled(&root, HERE, slug, false).await.unwrap();
    all(&draft, Err("provider")).await;
    providers.set_enabled(&root, HERE, slug, true).await.unwrap();
    let narrowed = IdentityDraft {
        domains: vec!["example.net".to_owned()],
        ..draft.clone()
    };
    providers.update(&root, HERE, &narrowed, None).await.unwrap();
    all(&draft, Err("state")).await;
    providers.update(&root, HERE, &draft, None).await.unwrap();
    all(&draft, Ok(())).await;
}
