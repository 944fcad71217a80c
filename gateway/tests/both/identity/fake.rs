//! The smallest provider of plain OAuth 2: it gives a token for every code, and says who the test has said it is. The real
//! protocols are tested against real implementations in `tests/sdk/identity.test.mjs`; here are the rules behind them.

use std::sync::{Arc, Mutex};

use domain::{
    access::Viewer,
    identity::{IdentityDraft, Typed},
};
use gateway::{Answer, Begun, Browser, Finished, Gateway, Origin, Purpose, Stopped};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// The provider.
pub(crate) struct Fake {
    address: String,
    who: Arc<Mutex<Value>>,
}

impl Fake {
    /// Answers on a free port.
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let who = Arc::new(Mutex::new(Value::Null));
        let told = Arc::clone(&who);
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 8192];
                let read = socket.read(&mut head).await.unwrap();
                let body = match head[..read].starts_with(b"POST /token ") {
                    true => json!({ "access_token": "the-token", "token_type": "bearer" }),
                    false => told.lock().unwrap().clone(),
                }
                .to_string();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, who }
    }

    /// Who sits at the browser from now on.
    pub(crate) fn is(&self, id: &str, email: &str) {
        self.says(json!({ "id": id, "email": email, "ok": true }));
    }

    /// The same, with further claims.
    pub(crate) fn says(&self, who: Value) {
        *self.who.lock().unwrap() = who;
    }

    /// This provider under a name, with rules for roles.
    pub(crate) fn draft(&self, slug: &str, roles: &str) -> IdentityDraft {
        let typed = Typed {
            slug: slug.to_owned(),
            title: "Plain".to_owned(),
            kind: "oauth2".to_owned(),
            authorize_url: format!("{}/authorize", self.address),
            token_url: format!("{}/token", self.address),
            userinfo_url: format!("{}/user", self.address),
            verified_field: "ok".to_owned(),
            client_id: "hub".to_owned(),
            scopes: "user".to_owned(),
            roles: roles.to_owned(),
            ..Typed::default()
        };
        typed.draft().unwrap()
    }
}

/// Begins to sign in, in a browser of its own, where somebody may be signed in.
pub(crate) async fn begin(hub: &Gateway, slug: &str, purpose: Purpose<'_>) -> Begun {
    let viewer = match purpose {
        Purpose::Link { viewer, .. } => Some(viewer),
        Purpose::SignIn(_) | Purpose::Accept(_) => None,
    };
    begin_as(hub, slug, purpose, viewer).await
}

/// The same in one where somebody is signed in.
pub(crate) async fn begin_as(hub: &Gateway, slug: &str, purpose: Purpose<'_>, viewer: Option<&Viewer>) -> Begun {
    let browser = Browser { carried: &[], viewer };
    let identities = hub.identities();
    let begun = identities.begin(Origin::default(), slug, purpose, browser);
    begun.await.unwrap()
}

/// What a browser brings back of it.
pub(crate) fn answer(begun: &Begun) -> Answer {
    let (_, query) = begun.url.split_once('?').unwrap();
    let state = query.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap();
    Answer {
        state: state.to_owned(),
        code: Some("a-code".to_owned()),
        ..Answer::default()
    }
}

/// Comes back in the browser that began.
pub(crate) async fn finish(
    hub: &Gateway,
    slug: &str,
    begun: &Begun,
    viewer: Option<&Viewer>,
) -> Result<Finished, Stopped> {
    let carried = std::slice::from_ref(&begun.carried);
    let browser = Browser { carried, viewer };
    hub.identities()
        .finish(Origin::default(), slug, browser, &answer(begun))
        .await
}

/// Goes to the provider and back.
pub(crate) async fn sign_in(hub: &Gateway, slug: &str) -> Result<Finished, Stopped> {
    let begun = begin(hub, slug, Purpose::SignIn("/")).await;
    finish(hub, slug, &begun, None).await
}

/// What somebody says who links, with the password that the tests give everybody.
pub(crate) fn linking(viewer: &Viewer) -> Purpose<'_> {
    Purpose::Link {
        viewer,
        password: "a long password",
    }
}

/// The same for somebody who is signed in.
pub(crate) async fn link(hub: &Gateway, slug: &str, viewer: &Viewer) -> Result<Finished, Stopped> {
    let begun = begin(hub, slug, linking(viewer)).await;
    finish(hub, slug, &begun, Some(viewer)).await
}
