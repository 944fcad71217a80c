//! How often a site comes back from identity providers: so often that no test does it.

use domain::{access::Admin, identity::Typed};

use super::*;
use crate::{Gateway, identity::Purpose, scene};

/// A provider that nobody listens for.
fn draft() -> IdentityDraft {
    let typed = Typed {
        slug: "plain".to_owned(),
        title: "Plain".to_owned(),
        kind: "oauth2".to_owned(),
        authorize_url: "http://127.0.0.1:1/authorize".to_owned(),
        token_url: "http://127.0.0.1:1/token".to_owned(),
        userinfo_url: "http://127.0.0.1:1/user".to_owned(),
        verified_field: "ok".to_owned(),
        client_id: "hub".to_owned(),
        scopes: "user".to_owned(),
        ..Typed::default()
    };
    typed.draft().unwrap()
}

#[tokio::test]
async fn a_site_that_comes_back_too_often_waits_and_others_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Gateway::open(scene::settings(&folder)).await.unwrap();
    let (root, identities) = (Admin::system(), hub.identities());
    let providers = hub.identity_providers();
    let here = Origin::at(Some("2001:db8:1::1"));
    providers.create(&root, here, &draft(), None).await.unwrap();
    let begun = identities
        .begin(here, "plain", Purpose::SignIn("/"), Browser::default())
        .await
        .unwrap();
    let state = begun.url.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let answer = Answer {
        state: state.unwrap().to_owned(),
        code: Some("a-code".to_owned()),
        ..Answer::default()
    };
    let browser = Browser {
        carried: std::slice::from_ref(&begun.carried),
        viewer: None,
    };
    let now = hub.0.clock.now();
    for _ in 0..EXCHANGED {
        hub.0.identities.exchanged.nth(site_of(here), now);
    }
    // Also from another network of the same site; it is not used up, so that it can wait.
    let there = Origin::at(Some("2001:db8:1:ffff::1"));
    let stopped = identities.finish(there, "plain", browser, &answer).await.unwrap_err();
    assert!(
        matches!(stopped.error, Error::Door(DoorRefusal::TooMany { seconds: 1..=900 })) && stopped.ended.is_none(),
        "{stopped:?}"
    );
    let elsewhere = Origin::at(Some("2001:db8:2::1"));
    let stopped = identities
        .finish(elsewhere, "plain", browser, &answer)
        .await
        .unwrap_err();
    assert!(
        matches!(stopped.error, Error::Identity(IdentityRefusal::Unreachable { .. })),
        "{stopped:?}"
    );
    assert_eq!(stopped.ended, Some(begun.carried.name.clone()));
}
