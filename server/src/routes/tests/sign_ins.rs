//! On the way to an identity provider and back: what a browser is left, and that nothing is kept here of whoever only sets out.

use std::collections::BTreeMap;

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

/// The cookies of a browser.
#[derive(Default)]
struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Keeps what an answer says.
    fn keep(&mut self, lines: &[String]) {
        for line in lines {
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match attributes.contains("Max-Age=0;") {
                true => self.0.remove(name),
                false => self.0.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    fn header(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// How many sign-ins it carries.
    fn sign_ins(&self) -> usize {
        self.0.keys().filter(|name| name.contains("hub_sign_in_")).count()
    }
}

/// What an answer leaves a browser.
fn lines<B>(answer: &http::Response<B>) -> Vec<String> {
    let lines = answer.headers().get_all(header::SET_COOKIE).into_iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// Sets out, and tells what the browser is left and the state that the provider sends back.
async fn set_out(hub: &Hub, cookie: &str) -> (Vec<String>, String) {
    let path = format!("{FUNCTIONS_AT}app/pages/gate/providers/begin_sign_in");
    let headers = [FORM, ("accept", "text/html"), ("cookie", cookie)];
    let answer = hub.send("POST", &path, &headers, "provider=plain&next=/keys").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = text(&answer, "location");
    assert!(to.starts_with("https://id.example.com/authorize?"), "{to}");
    let state = to.split(['?', '&']).find_map(|pair| pair.strip_prefix("state="));
    (lines(&answer), state.unwrap().to_owned())
}

#[tokio::test]
async fn whoever_sets_out_begins_no_session_and_carries_what_they_come_back_with() {
    for (public_url, name, secure) in [
        ("http://127.0.0.1:8080", "hub_sign_in_", ""),
        ("https://hub.example.com", "__Host-hub_sign_in_", "; Secure"),
    ] {
        let hub = hub(public_url).await;
        let (left, state) = set_out(&hub, "").await;
        let [line] = left.as_slice() else {
            panic!("a row is written for a stranger: {left:?}")
        };
        let (cookie, attributes) = line.split_once(';').unwrap();
        let name = format!("{name}{}", &state[..8]);
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
        // And carries it no longer.
        let taken_back = format!("{name}=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly{secure}");
        assert!(lines(&same).contains(&taken_back), "{:?}", lines(&same));
        assert!(!lines(&stranger).iter().any(|line| line.contains("hub_sign_in")));
        hub.end().await;
    }
}

/// Each window's cookie is its own: which of two answers comes last does not matter.
#[tokio::test]
async fn windows_that_set_out_at_once_come_back_each() {
    let hub = hub("http://127.0.0.1:8080").await;
    let back = |state: &str| format!("/sign-in/plain/callback?state={state}&error=access_denied");
    let mut jar = Jar::default();
    // Both had nothing when they asked.
    let (first, second) = (set_out(&hub, "").await, set_out(&hub, "").await);
    jar.keep(&first.0);
    jar.keep(&second.0);
    for (_, state) in [&first, &second] {
        let answer = hub.send("GET", &back(state), &[("cookie", &jar.header())], "").await;
        assert_eq!(text(&answer, "location"), "/sign-in?next=/keys");
        jar.keep(&lines(&answer));
    }
    assert_eq!(jar.sign_ins(), 0, "what is over takes no window's place");
    // One after another, no more than a browser may have.
    let mut states = Vec::new();
    for _ in 0..5 {
        let (left, state) = set_out(&hub, &jar.header()).await;
        jar.keep(&left);
        states.push(state);
    }
    assert_eq!(jar.sign_ins(), 3);
    for (place, state) in states.iter().enumerate() {
        let answer = hub.send("GET", &back(state), &[("cookie", &jar.header())], "").await;
        let on = text(&answer, "location");
        assert_eq!(on == "/sign-in?next=/keys", place >= 2, "{place}: {on}");
    }
    hub.end().await;
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
    set_out(&hub, "").await;
    hub.end().await;
}
