//! On the way to an identity provider and back: what a browser is left, and that nothing is kept here of whoever only sets out.

use domain::identity::Typed;

use super::{authority::FORM, *};
use crate::console::authority::FUNCTIONS_AT;

/// A hub with one provider, which nobody has to reach.
async fn hub(public_url: &str) -> Hub {
    let hub = Hub::new(public_url).await;
    let typed = Typed {
        slug: "plain".to_owned(),
        title: "Plain".to_owned(),
        kind: "oauth2".to_owned(),
        authorize_url: "https://id.example.com/authorize".to_owned(),
        token_url: "https://id.example.com/token".to_owned(),
        userinfo_url: "https://id.example.com/user".to_owned(),
        verified_field: "ok".to_owned(),
        client_id: "hub".to_owned(),
        scopes: "user".to_owned(),
        ..Typed::default()
    };
    let (admin, draft) = (Admin::command_line(), typed.draft().unwrap());
    let providers = hub.gateway.identity_providers();
    let made = providers.create(&admin, Origin::default(), &draft, None);
    made.await.unwrap();
    hub
}

/// Sets out, and tells what the browser is left and the state that the provider sends back.
async fn set_out(hub: &Hub) -> (Vec<String>, String) {
    let path = format!("{FUNCTIONS_AT}app/pages/gate/providers/begin_sign_in");
    let headers = [FORM, ("accept", "text/html")];
    let answer = hub.send("POST", &path, &headers, "provider=plain&next=/keys").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = text(&answer, "location");
    assert!(to.starts_with("https://id.example.com/authorize?"), "{to}");
    let state = to.split(['?', '&']).find_map(|pair| pair.strip_prefix("state="));
    let lines = answer.headers().get_all(header::SET_COOKIE).into_iter();
    let lines = lines.map(|line| line.to_str().unwrap().to_owned()).collect();
    (lines, state.unwrap().to_owned())
}

#[tokio::test]
async fn whoever_sets_out_begins_no_session_and_carries_what_they_come_back_with() {
    for (public_url, name, secure) in [
        ("http://127.0.0.1:8080", "hub_sign_in", ""),
        ("https://hub.example.com", "__Host-hub_sign_in", "; Secure"),
    ] {
        let hub = hub(public_url).await;
        let (lines, state) = set_out(&hub).await;
        let [line] = lines.as_slice() else {
            panic!("a row is written for a stranger: {lines:?}")
        };
        let (cookie, attributes) = line.split_once(';').unwrap();
        assert!(cookie.starts_with(&format!("{name}=v1:")), "{line}");
        assert_eq!(
            attributes,
            format!(" Path=/; Max-Age=600; SameSite=Lax; HttpOnly{secure}")
        );
        // Who says no there is led back to where they wanted to go; without it nobody knows where that was.
        let back = format!("/sign-in/plain/callback?state={state}&error=access_denied");
        let stranger = hub.send("GET", &back, &[], "").await;
        assert_eq!(text(&stranger, "location"), "/sign-in");
        let same = hub.send("GET", &back, &[("cookie", cookie)], "").await;
        assert_eq!(text(&same, "location"), "/sign-in?next=/keys");
        let again = hub.send("GET", &back, &[("cookie", cookie)], "").await;
        assert_eq!(text(&again, "location"), "/sign-in", "once");
        hub.end().await;
    }
}

/// A sentence for the next page begins a session, and strangers of one network begin so many. Whoever comes then is told all the same, and
/// the next sets out as ever.
#[tokio::test]
async fn strangers_without_number_keep_nobody_from_setting_out() {
    let hub = hub("http://127.0.0.1:8080").await;
    let lost = "/sign-in/plain/callback?state=none&code=none";
    for _ in 0..1_000 {
        let told = hub.send("GET", lost, &[], "").await;
        assert_eq!(told.status(), StatusCode::SEE_OTHER);
    }
    let told = hub.send("GET", lost, &[], "").await;
    assert_eq!(told.status(), StatusCode::FORBIDDEN);
    let page = told.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&page).contains("was not begun in this browser"));
    set_out(&hub).await;
    hub.end().await;
}
