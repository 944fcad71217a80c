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

fn word(outcome: Result<Viewer, Error>) -> Result<UserId, &'static str> {
    match outcome {
        Ok(viewer) => Ok(viewer.id),
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
    let (identities, draft, profile) = (hub.identities(), draft(), profile());
    identities.link(HERE, &draft, &sam, &profile).await.unwrap();
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
    identities.link(HERE, &draft, &eve, &profile).await.unwrap();
    assert_eq!(comes().await, Err("state"));
}
