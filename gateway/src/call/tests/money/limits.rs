//! Limits on the way of calls: taken with the hold or not at all, counted where a call was authorised, told to whoever is refused.

use domain::{
    access::Admin,
    call::{CallState, Dialect, Fault},
    limit::{Measure, Span, Standing, Subject, Window},
    setting::Setting,
};

use super::{
    super::{
        client::{messages, next, stream, whole},
        streams::{DONE, stop, text, usage},
        upstream::{Step, chunk, end, json, stream_head},
    },
    till::Till,
};
use crate::{
    LimitDraft, Origin,
    call::{CallError, Caller, Passing, Room},
};

const ASK: &str = r#"{"model":"p/m","messages":[{"role":"user","content":"hello"}],"max_tokens":100}"#;
const OPEN: &str = r#"{"model":"p/m","stream":true,"messages":[{"role":"user","content":"12345678"}]}"#;
const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
/// What the answer costs, and what it is held for; so many tokens may be in the call.
const CHARGE: i64 = 9 * 1_000 + 2 * 2_000;
const TOKENS: i64 = ASK.len() as i64 + 64 + 100;
const HOLD: i64 = (ASK.len() as i64 + 64) * 1_000 + 100 * 2_000;
/// With the shortest answer that is worth asking for.
const LEAST: i64 = (ASK.len() as i64 + 64) * 1_000 + 16 * 2_000;
const DAY: Window = Window::Calendar(Span::Day);
const SECOND: i64 = 1_000_000;

impl Till {
    async fn limit(&self, subject: impl Into<Subject>, measure: Measure, window: Window, most: i64) {
        let draft = LimitDraft {
            subject: subject.into(),
            measure,
            window,
            most,
        };
        let limits = self.hub.gateway.limits();
        limits.set(&Admin::system(), Origin::default(), draft).await.unwrap();
    }

    /// Of one measure of this person's limits: used, reserved, left.
    async fn stands(&self, measure: Measure) -> (i64, i64, i64) {
        let reader = Admin::system().reader();
        let limits = self
            .hub
            .gateway
            .limits()
            .of_any(&reader, self.user.into())
            .await
            .unwrap();
        let standing = limits
            .standings
            .into_iter()
            .find(|one| one.limit.measure == measure)
            .unwrap();
        let Standing { used, reserved, .. } = standing;
        (used, reserved, standing.remaining())
    }

    async fn refusal(&self, body: &str) -> CallError {
        self.chat(body).await.1.unwrap_err()
    }
}

/// A stream that waits in its middle, then ends with 7 tokens in and 3 out.
fn halting() -> Vec<Step> {
    vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ]
}

/// A stream without end, 25 tokens a piece.
fn endless() -> Vec<Step> {
    let mut steps = vec![stream_head()];
    steps.extend((0..40).map(|_| chunk(&text(&"z".repeat(100)))));
    steps.push(Step::WaitForClose);
    steps
}

#[tokio::test]
async fn a_call_reserves_its_bound_and_counts_what_it_used() {
    let till = Till::with(1_000_000_000, vec![halting(), json(200, ANSWER)]).await;
    till.limit(till.user, Measure::Requests, DAY, 2).await;
    till.limit(till.user, Measure::Tokens, DAY, 1_000).await;
    till.limit(till.user, Measure::Spend, DAY, 1_000_000).await;
    till.limit(till.user, Measure::Concurrent, Window::Running, 1).await;
    let streamed = ASK.replace("\"max", "\"stream\":true,\"max");
    let (id, answer) = till.chat(&streamed).await;
    let answer = answer.unwrap();
    let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("x-ratelimit-limit-requests").as_deref(), Some("2"));
    assert_eq!(header("x-ratelimit-remaining-requests").as_deref(), Some("1"));
    let tokens = TOKENS + 14;
    assert_eq!(
        header("x-ratelimit-remaining-tokens"),
        Some((1_000 - tokens).to_string())
    );
    // From eight in the morning to midnight.
    assert_eq!(header("x-ratelimit-reset-requests").as_deref(), Some("16h0m0s"));
    let mut receiver = stream(answer);
    next(&mut receiver).await;
    assert_eq!(till.stands(Measure::Requests).await, (0, 1, 1));
    assert_eq!(till.stands(Measure::Tokens).await, (0, tokens, 1_000 - tokens));
    assert_eq!(till.stands(Measure::Spend).await.1, HOLD + 14_000);
    let over = till.refusal(ASK).await;
    assert_eq!(
        (over.status, &*over.code, over.retry_after),
        (429, "too_many_concurrent_calls", Some(1))
    );
    assert_eq!(over.fault, Fault::Limit);

    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    let charge = till.paid(id).await.1.charge.unwrap();
    assert_eq!(till.stands(Measure::Requests).await, (1, 0, 1));
    assert_eq!(till.stands(Measure::Tokens).await, (10, 0, 990));
    assert_eq!(till.stands(Measure::Spend).await.0, charge);
    assert_eq!(till.stands(Measure::Concurrent).await, (0, 0, 1));
    // What the running one had reserved is free for the next.
    assert_eq!(whole(till.chat(ASK).await.1.unwrap()), ANSWER);
    let over = till.refusal(ASK).await;
    assert_eq!(
        (over.status, &*over.code, over.retry_after),
        (429, "rate_limit_exceeded", Some(16 * 3600))
    );
    let limit = serde_json::to_value(over.limit.as_deref()).unwrap();
    assert_eq!(
        limit,
        serde_json::json!({"on": "user", "measure": "requests", "window": "day", "limit": 2, "used": 2, "reserved": 0, "needed": 1,
            "frees_at": "2027-01-16T00:00:00Z", "waiting_helps": true})
    );
    till.is_sound().await;
}

/// Where there is less credit than the limit would let the call have, it reserves of the limit what it holds, and no more.
#[tokio::test]
async fn a_limit_reserves_no_more_than_the_credit_holds() {
    // The body is 14 bytes longer.
    let credit = LEAST + 14_000 + 10_000;
    let till = Till::with(credit, vec![halting()]).await;
    till.limit(till.user, Measure::Spend, DAY, 1_000_000).await;
    let streamed = ASK.replace("\"max", "\"stream\":true,\"max");
    let mut receiver = stream(till.chat(&streamed).await.1.unwrap());
    next(&mut receiver).await;
    let (_, reserved, _) = till.stands(Measure::Spend).await;
    assert!((LEAST + 14_000..=credit).contains(&reserved), "{reserved}");
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    assert_eq!(till.stands(Measure::Spend).await.1, 0);
    till.is_sound().await;
}

#[tokio::test]
async fn whoever_refuses_nothing_was_taken_of_the_others() {
    let till = Till::with(HOLD, vec![halting(), json(200, ANSWER)]).await;
    till.limit(till.user, Measure::Requests, DAY, 5).await;
    till.limit(till.user, Measure::Spend, DAY, 30_000).await;
    // The second limit: less than the least that the call may cost.
    let over = till.refusal(ASK).await;
    assert_eq!((over.status, &*over.code), (402, "spend_limit_reached"));
    // It can never pass, so there is nothing to wait for.
    assert_eq!(over.retry_after, None);
    assert_eq!(till.stands(Measure::Requests).await, (0, 0, 5));
    assert_eq!(till.balance().await.held.nano(), 0);
    // The credit: it stays with the one that holds all of it.
    till.limit(till.user, Measure::Spend, DAY, 10 * HOLD).await;
    let streamed = ASK.replace("hello", "h").replace("\"max", "\"stream\":true,\"max");
    let mut receiver = stream(till.chat(&streamed).await.1.unwrap());
    next(&mut receiver).await;
    let before = (till.stands(Measure::Requests).await, till.stands(Measure::Spend).await);
    let short = till.refusal(ASK).await;
    assert_eq!((short.status, &*short.code), (402, "insufficient_credits"));
    assert_eq!(
        (till.stands(Measure::Requests).await, till.stands(Measure::Spend).await),
        before
    );
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    // Had anything stayed in the owner's memory, the four that are left would not pass.
    till.limit(till.user, Measure::Requests, DAY, 2).await;
    till.grant(1_000_000_000, None).await;
    assert_eq!(whole(till.chat(ASK).await.1.unwrap()), ANSWER);
    assert_eq!(till.refusal(ASK).await.status, 429);
    till.is_sound().await;
}

#[tokio::test]
async fn a_call_counts_in_the_window_of_its_authorisation() {
    let till = Till::with(1_000_000_000, vec![halting(), json(200, ANSWER)]).await;
    till.limit(till.user, Measure::Spend, DAY, HOLD + 20_000).await;
    // A second before midnight.
    till.pass((16 * 3600 - 1) * SECOND);
    let streamed = ASK.replace("\"max", "\"stream\":true,\"max");
    let (id, answer) = till.chat(&streamed).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    assert_eq!(till.refusal(ASK).await.retry_after, Some(1));
    till.pass(2 * SECOND);
    // The next day is untouched, though the call still runs.
    assert_eq!(till.stands(Measure::Spend).await, (0, 0, HOLD + 20_000));
    assert_eq!(whole(till.chat(ASK).await.1.unwrap()), ANSWER);
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    let charge = till.paid(id).await.1.charge.unwrap();
    assert_eq!(till.stands(Measure::Spend).await.0, CHARGE);
    let counts = crate::store::fetch_all!(
        &till.hub.gateway.0.store,
        (i64, i64),
        "SELECT bucket / 86400000000, used FROM limit_count ORDER BY bucket"
    );
    let counts = counts.unwrap();
    assert_eq!(
        counts.iter().map(|(_, used)| *used).collect::<Vec<_>>(),
        [charge, CHARGE]
    );
    assert_eq!(counts[0].0 + 1, counts[1].0);
    till.is_sound().await;
}

#[tokio::test]
async fn where_a_limit_reaches_less_than_credit_a_stream_is_told_what_it_has() {
    let input = OPEN.len() as i64 + 64;
    let spend = input * 1_000 + 1_600 * 2_000;
    for (measure, most, told) in [
        (Measure::Tokens, input + 1_600, None),
        (Measure::Tokens, input + 1_599, Some(400)),
        (Measure::Spend, spend, None),
        (Measure::Spend, spend - 1, Some(400)),
        (Measure::Requests, 1, None),
    ] {
        for mode in ["service-provider", "enterprise"] {
            let till = Till::with(1_000_000_000, vec![halting()]).await;
            till.set(Setting::HoldOutputTokens, "50").await;
            till.set(Setting::Mode, mode).await;
            till.limit(till.user, measure, DAY, most).await;
            let (id, answer) = till.chat(OPEN).await;
            let answer = answer.unwrap();
            assert_eq!(answer.max_tokens, told, "{mode} {measure:?} {most}");
            till.upstream.go();
            messages(answer).await;
            let sent = till.upstream.requests().remove(0);
            assert_eq!(sent.contains("max_completion_tokens"), told.is_some(), "{sent}");
            assert_eq!(till.paid(id).await.0, CallState::Succeeded);
            till.is_sound().await;
        }
    }
}

#[tokio::test]
async fn a_growing_stream_ends_when_a_limit_does() {
    for (measure, most, status, code) in [
        (
            Measure::Tokens,
            OPEN.len() as i64 + 64 + 130,
            429,
            "rate_limit_exceeded",
        ),
        (
            Measure::Spend,
            (OPEN.len() as i64 + 64) * 1_000 + 130 * 2_000,
            402,
            "spend_limit_reached",
        ),
    ] {
        for mode in ["service-provider", "enterprise"] {
            let till = Till::with(1_000_000_000, vec![endless()]).await;
            till.set(Setting::Mode, mode).await;
            till.set(Setting::HoldOutputTokens, "50").await;
            till.limit(till.user, measure, DAY, most).await;
            let (id, answer) = till.chat(OPEN).await;
            let all = messages(answer.unwrap()).await;
            till.upstream.closed().await;
            let last: serde_json::Value =
                serde_json::from_str(all.last().unwrap().trim_start_matches("data: ")).unwrap();
            assert_eq!(last["error"]["code"], code, "{last}");
            assert_eq!(last["error"]["limit"]["on"], "user");
            let passed = all.concat().matches('z').count() as i64 / 4;
            let (state, paid) = till.paid(id).await;
            assert_eq!(state, CallState::Failed);
            let row = till.hub.settled(id).await.call;
            assert_eq!(row.status, Some(200), "{status}");
            let (used, reserved, _) = till.stands(measure).await;
            assert!(passed > 0 && passed <= 130 && reserved == 0, "{passed} {reserved}");
            let counted = if measure == Measure::Spend {
                paid.charge.unwrap()
            } else {
                i64::try_from(row.usage.input_total() + row.usage.output_total()).unwrap()
            };
            assert_eq!(used, counted, "{measure:?} {mode}");
            assert!(used <= most, "{used} of {most}");
            till.is_sound().await;
        }
    }
}

#[tokio::test]
async fn without_credit_a_limit_of_spend_counts_what_is_allocated() {
    let till = Till::with(0, vec![json(200, ANSWER), json(200, ANSWER), json(200, ANSWER)]).await;
    till.set(Setting::Mode, "enterprise").await;
    till.limit(till.user, Measure::Spend, Window::Ever, 2 * CHARGE + LEAST - 1)
        .await;
    for _ in 0..2 {
        assert_eq!(whole(till.chat(ASK).await.1.unwrap()), ANSWER);
    }
    assert_eq!(till.stands(Measure::Spend).await.0, 2 * CHARGE);
    let over = till.refusal(ASK).await;
    // It never frees by itself.
    assert_eq!(
        (over.status, &*over.code, over.retry_after),
        (402, "spend_limit_reached", None)
    );
    assert!(over.message.ends_with("Ask whoever set the limit."), "{}", over.message);
    till.is_sound().await;
}

#[tokio::test]
async fn without_a_price_tokens_are_limited_and_spend_is_refused() {
    let till = Till::unpriced(vec![json(200, ANSWER), json(200, ANSWER)]).await;
    till.set(Setting::Mode, "enterprise").await;
    till.limit(till.user, Measure::Tokens, DAY, TOKENS + 20).await;
    let unlimited = ASK.replace(",\"max_tokens\":100", "");
    let answer = till.chat(&unlimited).await.1.unwrap();
    // The provider is told no more than the limit has left.
    let told = answer.max_tokens.unwrap();
    assert_eq!(told as i64, TOKENS + 20 - 64 - unlimited.len() as i64);
    assert_eq!(till.stands(Measure::Tokens).await.0, 11);
    till.limit(till.user, Measure::Spend, DAY, 1_000_000_000).await;
    let unpriced = till.refusal(ASK).await;
    assert_eq!((unpriced.status, &*unpriced.code), (404, "model_unpriced"));
    // What cannot be measured cannot be limited.
    let hidden = ASK.replace("\"max_tokens\":100", "\"n_predict\":5");
    assert_eq!(till.refusal(&hidden).await.status, 404);
    till.is_sound().await;
}

#[tokio::test]
async fn limits_of_models_and_providers_tell_no_figures() {
    let till = Till::with(1_000_000_000, vec![json(200, ANSWER)]).await;
    let model = till.hub.gateway.snapshot().model("p/m").unwrap().clone();
    till.limit(model.provider.id, Measure::Requests, Window::Rolling(Span::Minute), 1)
        .await;
    let answer = till.chat(ASK).await.1.unwrap();
    assert!(
        answer.headers.keys().all(|name| !name.as_str().contains("ratelimit")),
        "{:?}",
        answer.headers
    );
    let over = till.refusal(ASK).await;
    assert_eq!((over.status, over.retry_after), (429, Some(61)));
    assert_eq!(
        over.message,
        "This provider is at its limit of requests per minute at this hub. Try again in 61 seconds."
    );
    let body = String::from_utf8(over.body(Dialect::AnthropicMessages, None).to_vec()).unwrap();
    assert!(
        body.contains(r#""limit":{"on":"provider""#) && !body.contains("used"),
        "{body}"
    );
    till.limit(model.id, Measure::Requests, DAY, 0).await;
    assert_eq!(till.refusal(ASK).await.retry_after, None);
    till.is_sound().await;
}

#[tokio::test]
async fn a_provider_that_fails_gives_tokens_and_spend_back() {
    let till = Till::with(1_000_000_000, vec![json(500, "{}"), json(200, ANSWER)]).await;
    till.limit(till.user, Measure::Requests, DAY, 2).await;
    till.limit(till.user, Measure::Tokens, DAY, TOKENS).await;
    till.limit(till.user, Measure::Spend, DAY, HOLD).await;
    assert_eq!(till.refusal(ASK).await.status, 502);
    assert_eq!(till.stands(Measure::Requests).await, (1, 0, 1));
    assert_eq!(till.stands(Measure::Tokens).await, (0, 0, TOKENS));
    assert_eq!(till.stands(Measure::Spend).await, (0, 0, HOLD));
    assert_eq!(whole(till.chat(ASK).await.1.unwrap()), ANSWER);
    assert_eq!(till.refusal(ASK).await.status, 429);
    till.is_sound().await;
}

#[tokio::test]
async fn a_limit_that_is_removed_limits_no_more_and_one_that_is_changed_keeps_its_count() {
    let till = Till::with(
        1_000_000_000,
        vec![json(200, ANSWER), json(200, ANSWER), json(200, ANSWER)],
    )
    .await;
    till.limit(till.user, Measure::Requests, DAY, 1).await;
    till.chat(ASK).await.1.unwrap();
    assert_eq!(till.refusal(ASK).await.status, 429);
    till.limit(till.user, Measure::Requests, DAY, 2).await;
    assert_eq!(till.stands(Measure::Requests).await, (1, 0, 1));
    till.chat(ASK).await.1.unwrap();
    assert_eq!(till.refusal(ASK).await.status, 429);
    let limits = till.hub.gateway.limits();
    let found = limits
        .of_any(&Admin::system().reader(), till.user.into())
        .await
        .unwrap();
    let id = found.standings[0].limit.id;
    limits.remove(&Admin::system(), Origin::default(), id).await.unwrap();
    till.chat(ASK).await.1.unwrap();
    till.is_sound().await;
}

#[tokio::test]
async fn a_day_begins_where_the_account_is() {
    let till = Till::with(1_000_000_000, vec![json(200, ANSWER), json(200, ANSWER)]).await;
    till.limit(till.user, Measure::Requests, DAY, 1).await;
    let zone = async |name: &str| {
        let users = till.hub.gateway.users();
        users
            .set_time_zone(&Admin::system().money(), Origin::default(), till.user, name)
            .await
    };
    for wrong in [
        "Middle/Earth",
        "",
        "../../etc/passwd",
        "Europe/Berlin\n",
        &"x".repeat(100),
    ] {
        let refused = zone(wrong).await.map(drop);
        // What stands around a name is no part of it.
        assert_eq!(refused.is_err(), wrong.trim() != "Europe/Berlin", "{wrong:?}");
    }
    zone("Asia/Shanghai").await.unwrap();
    // Eight in the morning by UTC is four in the afternoon there.
    till.chat(ASK).await.1.unwrap();
    assert_eq!(till.refusal(ASK).await.retry_after, Some(8 * 3600));
    till.pass(8 * 3600 * SECOND - 1);
    assert_eq!(till.refusal(ASK).await.retry_after, Some(1));
    till.pass(1);
    till.chat(ASK).await.1.unwrap();
    // To go back to where the day is older gives nothing.
    zone("UTC").await.unwrap();
    assert_eq!(till.refusal(ASK).await.status, 429);
    till.is_sound().await;
}

#[tokio::test]
async fn to_count_tokens_is_a_request() {
    let till = Till::with(0, Vec::new()).await;
    till.limit(till.user, Measure::Requests, DAY, 1).await;
    let caller = Caller::of_person(till.user);
    let body = r#"{"model":"p/m","max_tokens":5,"messages":[{"role":"user","content":"hello"}]}"#;
    let count = async || {
        let gateway = &till.hub.gateway;
        gateway
            .count_tokens(caller, (body.into(), Room::default()), &Passing::default())
            .await
    };
    count().await.unwrap();
    assert_eq!(till.stands(Measure::Requests).await, (1, 0, 0));
    let over = count().await.unwrap_err();
    assert_eq!((over.status, &*over.code), (429, "rate_limit_exceeded"));
    assert_eq!(till.stands(Measure::Requests).await, (1, 0, 0));
    till.is_sound().await;
}
