//! A hub over its own database, and a client that calls it as the server would.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::{
    access::{Admin, Role, Viewer},
    call::{CallDetail, CallState, Dialect, Door},
    catalog::ProviderKind,
    id::{CallId, UserId},
    network::Network,
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::{
    Gateway, Origin, SecretText, Settings,
    call::{AnswerBody, CallAnswer, CallError, CallRequest, Caller, Room},
    clock::Clock,
    scene,
};

pub const SECRET: &str = "sk-upstream-0123456789abcdef";
pub const USER: UserId = UserId::from_number(1);

pub struct Hub {
    pub gateway: Gateway,
    admin: Admin,
    _folder: TempDir,
}

/// Short enough for tests, long enough for a busy machine.
pub const LIMITS: Timeouts = Timeouts {
    connect_ms: 1_000,
    first_byte_ms: 3_000,
    gap_ms: 3_000,
    total_ms: 10_000,
};

pub struct Setup<'a> {
    pub kind: ProviderKind,
    pub preset: Option<&'a str>,
    pub base_url: Option<&'a str>,
    pub timeouts: Timeouts,
    pub disconnect: DisconnectPolicy,
    pub secrets: &'a [&'a str],
    pub models: &'a [&'a str],
}

impl<'a> Setup<'a> {
    pub fn at(base_url: &'a str) -> Self {
        Self {
            kind: ProviderKind::OpenaiCompatible,
            preset: Some("openai"),
            base_url: Some(base_url),
            timeouts: LIMITS,
            disconnect: DisconnectPolicy::Cancel,
            secrets: &[SECRET],
            models: &["m"],
        }
    }

    pub fn simulated() -> Self {
        Self {
            kind: ProviderKind::Simulated,
            preset: None,
            base_url: None,
            secrets: &[],
            models: &[
                "echo",
                "text",
                "tools",
                "json",
                "embed",
                "error-400",
                "error-401",
                "error-429",
                "error-500",
                "error-stream",
            ],
            ..Self::at("")
        }
    }
}

impl Hub {
    pub async fn empty() -> Self {
        Self::empty_at(Clock::System).await
    }

    pub async fn empty_at(clock: Clock) -> Self {
        Self::open(clock, &[]).await
    }

    /// One that fetches files from these networks, too.
    pub async fn open(clock: Clock, fetch_allow: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            fetch_allow: fetch_allow.iter().map(|text| Network::parse(text).unwrap()).collect(),
            clock,
            ..scene::settings(&folder)
        };
        Self {
            gateway: Gateway::open(settings).await.unwrap(),
            admin: Admin::command_line(),
            _folder: folder,
        }
    }

    pub async fn with(setup: Setup<'_>) -> Self {
        Self::empty().await.furnish(setup).await
    }

    /// With a provider and its models.
    pub async fn furnish(self, setup: Setup<'_>) -> Self {
        let hub = self;
        let draft = ProviderDraft {
            name: "p".parse().unwrap(),
            title: "Acme".parse().unwrap(),
            kind: setup.kind,
            preset: setup.preset.map(str::to_owned),
            base_url: setup.base_url.map(|url| url.parse().unwrap()),
            timeouts: setup.timeouts,
            disconnect: setup.disconnect,
            quirks: None,
        };
        let origin = Origin::default();
        let provider = hub
            .gateway
            .providers()
            .create(&hub.admin, origin, &draft)
            .await
            .unwrap();
        for secret in setup.secrets {
            let secret = SecretText::from((*secret).to_owned());
            hub.gateway
                .providers()
                .add_credential(&hub.admin, origin, provider.id, &"main".parse().unwrap(), &secret)
                .await
                .unwrap();
        }
        for model in setup.models {
            hub.gateway
                .models()
                .add(&hub.admin, origin, provider.id, &model.parse().unwrap())
                .await
                .unwrap();
        }
        hub
    }

    pub fn request(&self, dialect: Dialect, body: &str) -> CallRequest {
        CallRequest {
            dialect,
            door: Door::Api,
            caller: Caller::of_person(USER),
            from: None,
            session: None,
            body: Bytes::copy_from_slice(body.as_bytes()),
            room: Room::default(),
            stream: false,
            headers: crate::call::Passing::default(),
            agent: Some("test".to_owned()),
            arrived: Instant::now(),
            arrived_at: self.gateway.now(),
            id: self.gateway.new_call_id(),
        }
    }

    /// Calls chat and keeps the id.
    pub async fn chat(&self, body: &str) -> (CallId, Result<CallAnswer, CallError>) {
        let request = self.request(Dialect::OpenaiChat, body);
        (request.id, self.gateway.call(request).await)
    }

    pub async fn embed(&self, body: &str) -> CallAnswer {
        self.gateway
            .call(self.request(Dialect::OpenaiEmbeddings, body))
            .await
            .unwrap()
    }

    pub fn viewer(&self, id: UserId, role: Role) -> Viewer {
        Viewer {
            id,
            email: "a@example.com".parse().unwrap(),
            role,
            key: None,
        }
    }

    /// The call's row at this moment.
    pub async fn now(&self, id: CallId) -> CallDetail {
        self.gateway
            .calls()
            .detail(&self.viewer(USER, Role::Admin), id)
            .await
            .unwrap()
            .expect("no row")
    }

    /// The call's row once it is settled.
    pub async fn settled(&self, id: CallId) -> CallDetail {
        for _ in 0..500 {
            let calls = self.gateway.calls();
            let detail = calls.detail(&self.viewer(USER, Role::Admin), id).await.unwrap();
            if let Some(detail) = detail.filter(|detail| detail.call.state != CallState::Open) {
                return detail;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the call was never settled");
    }
}

pub fn whole(answer: CallAnswer) -> Bytes {
    match answer.body {
        AnswerBody::Whole(body) => body,
        AnswerBody::Stream(_) => panic!("a stream"),
    }
}

pub fn stream(answer: CallAnswer) -> mpsc::Receiver<Bytes> {
    match answer.body {
        AnswerBody::Stream(receiver) => receiver,
        AnswerBody::Whole(_) => panic!("not a stream"),
    }
}

pub async fn next(receiver: &mut mpsc::Receiver<Bytes>) -> Option<String> {
    let piece = tokio::time::timeout(Duration::from_secs(5), receiver.recv())
        .await
        .expect("nothing came");
    piece.map(|piece| String::from_utf8(piece.to_vec()).expect("half a character"))
}

/// Every message to the end.
pub async fn messages(answer: CallAnswer) -> Vec<String> {
    let mut receiver = stream(answer);
    let mut all = Vec::new();
    while let Some(message) = next(&mut receiver).await {
        all.push(message);
    }
    all
}
