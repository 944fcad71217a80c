//! The log of calls on both databases: rows that the database refuses, rows of others, texts that it would not take.

use std::time::Instant;

use bytes::Bytes;
use domain::{
    access::{Admin, Role, Viewer},
    call::{CallDetail, CallState, Dialect, Door, Fault},
    catalog::ProviderKind,
    id::{CallId, UserId},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
};
use gateway::{
    Gateway, Origin, ProcessKind,
    call::{AnswerBody, CallAnswer, CallError, CallRequest, Caller, Room},
};
use tokio::sync::mpsc::Receiver;

use crate::hub::{Database, on_both};

const ECHO: &str = r#"{"model":"simulated/echo","messages":[{"role":"user","content":"hello"}]}"#;
const STREAM: &str = r#"{"model":"simulated/echo","stream":true,"messages":[{"role":"user","content":"hello"}]}"#;
const USER: UserId = UserId::from_number(1);

/// Adds the simulated provider with its models.
pub(crate) async fn simulated(hub: &Gateway) {
    let draft = ProviderDraft {
        name: "simulated".parse().unwrap(),
        title: "Simulated".parse().unwrap(),
        kind: ProviderKind::Simulated,
        preset: None,
        base_url: None,
        timeouts: Timeouts::DEFAULT,
        disconnect: DisconnectPolicy::Cancel,
        quirks: None,
    };
    let (root, here) = (Admin::system(), Origin::default());
    let provider = hub.providers().create(&root, here, &draft).await.unwrap();
    assert!(
        hub.providers()
            .refresh_models(&root, here, provider.id)
            .await
            .unwrap()
            .listed
    );
}

fn request(hub: &Gateway, body: &str) -> CallRequest {
    CallRequest {
        dialect: Dialect::OpenaiChat,
        door: Door::Api,
        caller: Caller::of_person(USER),
        from: None,
        session: None,
        body: Bytes::copy_from_slice(body.as_bytes()),
        room: Room::default(),
        stream: false,
        headers: gateway::call::Passing::default(),
        agent: Some("test".to_owned()),
        arrived: Instant::now(),
        arrived_at: hub.now(),
        id: hub.new_call_id(),
    }
}

/// Calls chat.
pub(crate) async fn ask(hub: &Gateway, body: &str) -> (CallId, Result<CallAnswer, CallError>) {
    let request = request(hub, body);
    (request.id, hub.call(request).await)
}

pub(crate) fn stream(answer: CallAnswer) -> Receiver<Bytes> {
    match answer.body {
        AnswerBody::Stream(pieces) => pieces,
        AnswerBody::Whole(_) => panic!("not a stream"),
    }
}

async fn row(hub: &Gateway, id: CallId) -> CallDetail {
    let viewer = Viewer {
        id: USER,
        email: "a@example.com".parse().unwrap(),
        role: Role::Admin,
        key: None,
    };
    hub.calls().detail(&viewer, id).await.unwrap().expect("no row")
}

/// How far a call got.
pub(crate) async fn state_of(hub: &Gateway, id: CallId) -> &'static str {
    row(hub, id).await.call.state.as_str()
}

/// From now on the database refuses calls of which this is true. `@` stands before the columns.
pub(crate) async fn refuse(database: &Database, condition: &str) {
    let statement = if database.url.starts_with("sqlite") {
        let condition = condition.replace('@', "NEW.");
        format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON call WHEN {condition} BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    } else {
        format!(
            "ALTER TABLE call ADD CONSTRAINT refuse CHECK (NOT ({}))",
            condition.replace('@', "")
        )
    };
    database.execute(&statement).await;
}

#[tokio::test]
async fn a_row_whose_texts_are_refused_is_written_without_them() {
    on_both(async |database| {
        let hub = database.serve().await;
        simulated(&hub).await;
        refuse(
            &database,
            "@agent IS NOT NULL OR @raw_usage IS NOT NULL OR @model_asked LIKE '%ü%'",
        )
        .await;
        let (id, answer) = ask(&hub, ECHO).await;
        assert!(answer.is_ok());
        let call = row(&hub, id).await;
        assert_eq!(
            (call.call.state, call.call.model_asked.as_str()),
            (CallState::Succeeded, "simulated/echo")
        );
        assert_eq!((call.agent, call.raw_usage, call.attempts.len()), (None, None, 1));
        assert!(call.call.usage.output_text > 0, "what it cost is still there");

        let (id, answer) = ask(&hub, STREAM).await;
        let mut pieces = stream(answer.unwrap());
        let mut last = None;
        while let Some(piece) = pieces.recv().await {
            last = Some(piece);
        }
        assert_eq!(last.as_deref(), Some(&b"data: [DONE]\n\n"[..]));
        assert_eq!(state_of(&hub, id).await, "succeeded");

        let (id, answer) = ask(&hub, r#"{"model":"nü"}"#).await;
        assert_eq!(answer.unwrap_err().status, 404);
        let call = row(&hub, id).await.call;
        assert_eq!((call.model_asked.as_str(), call.status), ("n", Some(404)));
        assert_eq!(
            call.failure.map(|failure| failure.code).as_deref(),
            Some("model_not_found")
        );
    })
    .await;
}

#[tokio::test]
async fn an_answer_whose_row_is_refused_is_not_delivered() {
    on_both(async |database| {
        let hub = database.serve().await;
        simulated(&hub).await;
        refuse(&database, "@state = 'succeeded'").await;
        let (id, answer) = ask(&hub, ECHO).await;
        let error = answer.unwrap_err();
        assert_eq!(
            (error.status, error.fault, &*error.code),
            (500, Fault::Hub, "call_not_listed")
        );
        let call = row(&hub, id).await.call;
        assert_eq!((call.state, call.status), (CallState::Failed, Some(500)));
        assert!(call.usage.output_text > 0);

        let (id, answer) = ask(&hub, STREAM).await;
        let mut pieces = stream(answer.unwrap());
        let mut all = String::new();
        while let Some(piece) = pieces.recv().await {
            all.push_str(std::str::from_utf8(&piece).unwrap());
        }
        assert!(all.contains("hello") && !all.contains("[DONE]"), "{all}");
        assert!(
            all.trim_end()
                .rsplit("\n\n")
                .next()
                .unwrap()
                .contains("call_not_listed"),
            "{all}"
        );
        let call = row(&hub, id).await.call;
        assert_eq!((call.state, call.status), (CallState::Failed, Some(200)));
        assert_eq!(call.failure.map(|failure| failure.fault), Some(Fault::Hub));
    })
    .await;
}

#[tokio::test]
async fn one_refused_row_does_not_take_the_others_with_it() {
    on_both(async |database| {
        let hub = database.serve().await;
        simulated(&hub).await;
        refuse(&database, "@model_asked = 'bad'").await;
        let calls = (0..40).map(|number| {
            let body = if number % 8 == 0 { r#"{"model":"bad"}"# } else { ECHO };
            ask(&hub, body)
        });
        let mut missing = 0;
        for (id, answer) in futures_util::future::join_all(calls).await {
            match answer {
                Ok(_) => assert_eq!(state_of(&hub, id).await, "succeeded"),
                Err(error) => {
                    assert_eq!(error.status, 404);
                    missing += 1;
                }
            }
        }
        assert_eq!(missing, 5);
        assert_eq!(database.numbers("SELECT COUNT(*) FROM call").await, [35]);
    })
    .await;
}

#[tokio::test]
async fn many_calls_that_end_together_are_all_written_and_summed() {
    on_both(async |database| {
        let hub = database.serve().await;
        simulated(&hub).await;
        // Of five people and two models: more sums and more calls than one statement takes.
        let requests = (0..120).map(|number| {
            let model = ["echo", "text"][number % 2];
            let body =
                format!(r#"{{"model":"simulated/{model}","messages":[{{"role":"user","content":"{number}"}}]}}"#);
            let mut request = request(&hub, &body);
            request.caller = Caller::of_person(UserId::from_number(1 + (number / 2 % 5) as i64));
            hub.call(request)
        });
        let answers = futures_util::future::join_all(requests).await;
        assert!(answers.iter().all(Result::is_ok));
        for (query, wanted) in [
            ("SELECT COUNT(*) FROM call WHERE state = 'succeeded'", 120),
            ("SELECT COUNT(*) FROM attempt WHERE status = 200", 120),
            ("SELECT COUNT(DISTINCT call_id) FROM attempt", 120),
            (
                "SELECT COUNT(*) FROM (SELECT SUM(calls) AS calls FROM usage_hour GROUP BY account_id, model) AS sums
                 WHERE calls = 12",
                10,
            ),
        ] {
            assert_eq!(database.numbers(query).await, [wanted], "{query}");
        }
        let sums = "SELECT CAST(SUM(calls) AS BIGINT) FROM usage_hour UNION ALL
            SELECT CAST(SUM(input_uncached + output_text + output_reasoning) AS BIGINT) FROM usage_hour";
        let rows = "SELECT COUNT(*) FROM call UNION ALL
            SELECT CAST(SUM(input_uncached + output_text + output_reasoning) AS BIGINT) FROM call";
        assert_eq!(database.numbers(sums).await, database.numbers(rows).await);
    })
    .await;
}

#[tokio::test]
async fn a_row_of_another_process_is_never_overwritten() {
    on_both(async |database| {
        let hub = database.serve().await;
        simulated(&hub).await;
        let first = request(&hub, ECHO);
        let id = first.id;
        assert!(hub.call(first).await.is_ok());
        let other = database.open(ProcessKind::Command).await.unwrap();
        let mut second = request(&other, r#"{"model":"simulated/error-500"}"#);
        second.id = id;
        assert!(other.call(second).await.is_err());
        let call = row(&hub, id).await.call;
        assert_eq!(
            (call.state, call.model_asked.as_str()),
            (CallState::Succeeded, "simulated/echo")
        );
    })
    .await;
}

#[tokio::test]
async fn a_row_that_was_believed_to_be_new_is_completed_all_the_same() {
    on_both(async |database| {
        let hub = database.serve().await;
        simulated(&hub).await;
        let first = request(&hub, ECHO);
        let id = first.id;
        assert!(hub.call(first).await.is_ok());
        // As when a commit reached the disk and its confirmation was lost: nothing in memory knows of the row.
        let mut again = request(&hub, ECHO);
        again.id = id;
        assert!(hub.call(again).await.is_ok());
        let call = row(&hub, id).await;
        // Attempts of one call are told apart by their numbers: its first one stands there once.
        assert_eq!((call.call.state, call.attempts.len()), (CallState::Succeeded, 1));
        assert!(call.raw_usage.is_some(), "it was not written as a last resort");
    })
    .await;
}

#[tokio::test]
async fn control_characters_are_stored_as_something_visible() {
    on_both(async |database| {
        let hub = database.serve().await;
        simulated(&hub).await;
        let mut request = request(&hub, r#"{"model":"no\u0000such\u001b[31m\u0085model"}"#);
        let id = request.id;
        request.agent = Some("agent\0\u{1b}[2J\nx".to_owned());
        assert_eq!(hub.call(request).await.unwrap_err().status, 404);
        let call = row(&hub, id).await;
        assert_eq!(call.call.model_asked, "no\u{fffd}such\u{fffd}[31m\u{fffd}model");
        assert_eq!(call.agent.as_deref(), Some("agent\u{fffd}\u{fffd}[2J\u{fffd}x"));
        let failure = call.call.failure.unwrap();
        assert!(
            !failure.message.contains(char::is_control) && failure.message.contains("such"),
            "{}",
            failure.message
        );
    })
    .await;
}
