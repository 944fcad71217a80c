//! Limits where their windows meet: days of 23 and of 25 hours, weeks, ends of months, in the time zone of the account. A call that was authorised
//! before the border and ends after it counts before it, in each way of keeping the ledger, and on whichever of two servers the next one comes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{
    call::{Dialect, Door},
    catalog::ProviderKind,
    id::ProviderId,
    limit::{Measure, Span, Window},
    money::{MarginPpm, Price},
    price::{Base, Dimension, Overrides, PriceDraft, PriceSheet, Rates, Tariff, TierRule},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
    setting::Setting,
};
use gateway::{
    Gateway, LedgerOrder, LimitDraft, Origin, ProcessKind, SecretText,
    call::{AnswerBody, CallAnswer, CallError, CallRequest, Caller, Passing, Room},
};
use jiff::tz::TimeZone;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::Notify,
};

use super::bank::{Bank, ROOT};
use crate::hub::in_all_ways;

const HERE: Origin<'static> = Origin::at(None);
const SECOND: i64 = 1_000_000;
const STREAM: &str =
    r#"{"model":"held/m","stream":true,"max_tokens":50,"messages":[{"role":"user","content":"hello"}]}"#;
const WHOLE: &str = r#"{"model":"held/m","max_tokens":50,"messages":[{"role":"user","content":"hello, too"}]}"#;
/// What they report of prompts; one token of answer comes to it.
const PROMPTS: [i64; 2] = [6, 10];
/// What they are charged.
const USED: [i64; 2] = [PROMPTS[0] + 1, PROMPTS[1] + 1];
/// Enough for a call of either kind, and not for two: each is held for its bytes and for its answer.
const MOST: i64 = 300;

/// A provider whose streams say a word and wait. Gives its address, and what lets one go on.
async fn provider() -> (String, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let go = Arc::new(Notify::new());
    let waits = Arc::clone(&go);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let go = Arc::clone(&waits);
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !String::from_utf8_lossy(&request).contains(r#"{"role":"user","content":"hello"#) {
                    assert!(
                        socket.read_buf(&mut request).await.unwrap() > 0,
                        "a request that breaks off"
                    );
                }
                let usage = |tokens: i64| format!(r#""usage":{{"prompt_tokens":{tokens},"completion_tokens":1}}"#);
                if String::from_utf8_lossy(&request).contains(r#""stream":true"#) {
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
                    let first = r#"data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}"#;
                    socket.write_all(format!("{head}{first}\n\n").as_bytes()).await.unwrap();
                    go.notified().await;
                    let last = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
                    let end = format!(
                        "{last}\n\ndata: {{\"choices\":[],{}}}\n\ndata: [DONE]\n\n",
                        usage(PROMPTS[0])
                    );
                    socket.write_all(end.as_bytes()).await.unwrap();
                } else {
                    let message = r#""choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]"#;
                    let body = format!("{{{message},{}}}", usage(PROMPTS[1]));
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                    let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    socket.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (address, go)
}

async fn ask(hub: &Gateway, bank: &Bank, body: &'static str) -> Result<CallAnswer, CallError> {
    let request = CallRequest {
        dialect: Dialect::OpenaiChat,
        door: Door::Api,
        caller: Caller::of_person(bank.user),
        from: None,
        session: None,
        body: Bytes::from_static(body.as_bytes()),
        room: Room::default(),
        stream: false,
        headers: Passing::default(),
        agent: None,
        arrived: Instant::now(),
        arrived_at: bank.now(),
        id: hub.new_call_id(),
    };
    hub.call(request).await
}

/// Each limit, the border of one of its windows, and how long the window before it was, in hours.
const BORDERS: [(&str, Span, &str, i64); 7] = [
    // Clocks go forward within the day that ends, go back by half an hour, and by an hour.
    ("Europe/Berlin", Span::Day, "2027-03-29T00:00", 23),
    ("Australia/Lord_Howe", Span::Day, "2027-04-05T00:00", 24),
    ("Europe/Berlin", Span::Day, "2027-10-31T00:00", 24),
    ("Europe/Berlin", Span::Day, "2027-11-01T00:00", 25),
    // A week with such a day, the end of a year where it begins at a quarter, a short month.
    ("America/New_York", Span::Week, "2027-11-08T00:00", 169),
    ("Asia/Kathmandu", Span::Month, "2028-01-01T00:00", 31 * 24),
    ("UTC", Span::Month, "2028-03-01T00:00", 29 * 24),
];

/// A token in or out costs a nano-USD.
async fn publish(hub: &Gateway, provider: ProviderId) {
    let model = hub
        .models()
        .add(&ROOT, HERE, provider, &"m".parse().unwrap())
        .await
        .unwrap()
        .id;
    let nano = Price::from_pico(1_000).unwrap();
    let rates: Rates = [(Dimension::Input, nano), (Dimension::Output, nano)]
        .into_iter()
        .collect();
    let tariff = Tariff::tiered(rates, TierRule::Whole, Vec::new()).unwrap();
    let draft = PriceDraft {
        sheet: PriceSheet::publish(tariff, MarginPpm::ZERO, &Overrides::default()).unwrap(),
        effective_from: None,
        reason: String::new(),
        source: String::new(),
        base: Base::Any,
        below_cost_ok: false,
    };
    hub.prices().publish(&ROOT.money(), HERE, model, draft).await.unwrap();
}

#[tokio::test]
async fn a_call_that_runs_over_a_border_counts_before_it() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let hub = &bank.hub;
        hub.options()
            .set(&ROOT.money(), HERE, Setting::Mode, "service-provider")
            .await
            .unwrap();
        bank.grant(1_000_000, None).await.unwrap();
        let (address, go) = provider().await;
        let draft = ProviderDraft {
            name: "held".parse().unwrap(),
            title: "Held".parse().unwrap(),
            kind: ProviderKind::OpenaiCompatible,
            preset: None,
            base_url: Some(address.parse().unwrap()),
            timeouts: Timeouts::DEFAULT,
            disconnect: DisconnectPolicy::Cancel,
            quirks: None,
        };
        let made = hub.providers().create(&ROOT, HERE, &draft).await.unwrap().id;
        let (label, secret) = ("one".parse().unwrap(), SecretText::from("sk-provider".to_owned()));
        hub.providers()
            .add_credential(&ROOT, HERE, made, &label, &secret)
            .await
            .unwrap();
        publish(hub, made).await;
        // Where servers share the ledger, who comes next comes to another one.
        let shared = bank.database.url.starts_with("postgres") && bank.database.ledger == LedgerOrder::Shared;
        let other = match shared {
            true => Some(bank.database.open(ProcessKind::Serve).await.unwrap()),
            false => None,
        };
        let next = other.as_ref().unwrap_or(hub);
        for (zone, span, border, hours) in BORDERS {
            let local: jiff::civil::DateTime = border.parse().unwrap();
            let border = local
                .to_zoned(TimeZone::get(zone).unwrap())
                .unwrap()
                .timestamp()
                .as_microsecond();
            hub.users()
                .set_time_zone(&ROOT.money(), HERE, bank.user, zone)
                .await
                .unwrap();
            let draft = LimitDraft {
                subject: bank.user.into(),
                measure: Measure::Spend,
                window: Window::Calendar(span),
                most: MOST,
            };
            let limit = hub.limits().set(&ROOT, HERE, draft).await.unwrap();
            while next.snapshot().version() != hub.snapshot().version() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let told = async |hub: &Gateway| {
                let limits = hub.limits().of(&bank.viewer(), bank.user.into()).await.unwrap();
                let standing = limits.standings[0];
                (standing.used, standing.resets_at.unwrap().0)
            };
            bank.pass(border - SECOND - bank.now().0);
            let CallAnswer {
                body: AnswerBody::Stream(mut first),
                ..
            } = ask(hub, &bank, STREAM).await.unwrap()
            else {
                panic!("a stream was asked for");
            };
            first.recv().await.unwrap();
            let refused = ask(next, &bank, WHOLE).await.unwrap_err();
            assert_eq!(
                (refused.status, refused.retry_after),
                (402, Some(1)),
                "{zone} {border}: {refused:?}"
            );
            bank.pass(SECOND - 1);
            assert_eq!(
                ask(next, &bank, WHOLE).await.unwrap_err().status,
                402,
                "{zone} {border}"
            );
            bank.pass(1);
            // Of the new window nothing is taken, though the call still runs.
            ask(next, &bank, WHOLE).await.unwrap();
            bank.pass(SECOND);
            go.notify_one();
            while first.recv().await.is_some() {}
            let (used, resets) = told(next).await;
            assert_eq!(used, USED[1], "{zone} {border}");
            assert_eq!(told(hub).await, (used, resets), "{zone} {border}");
            let counted = format!(
                "SELECT used FROM limit_count WHERE limit_id = {} ORDER BY bucket",
                limit.id.number()
            );
            assert_eq!(bank.database.numbers(&counted).await, USED, "{zone} {border}");
            let counted = format!(
                "SELECT bucket FROM limit_count WHERE limit_id = {} ORDER BY bucket",
                limit.id.number()
            );
            let before = bank.database.numbers(&counted).await[0];
            assert_eq!((border - before) / (3_600 * SECOND), hours, "{zone}");
            assert_eq!(bank.database.numbers(&counted).await[1], border, "{zone}");
            assert_eq!(bank.database.numbers("SELECT COUNT(*) FROM limit_taking").await, [0]);
            hub.limits().remove(&ROOT, HERE, limit.id).await.unwrap();
        }
        if let Some(other) = other {
            other.shutdown(Duration::ZERO).await;
        }
        bank.is_sound().await;
    })
    .await;
}
