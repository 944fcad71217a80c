//! Calls that a provider was asked for more than once: each try has its row, and all of them are charged together once.

use domain::{access::Admin, call::CallState, ledger::CommandKind};

use super::{
    super::{
        client::{messages, whole},
        streams::{DONE, stop, text, usage},
        upstream::{chunk, end, json, stream_head},
    },
    till::Till,
};
use crate::{Origin, SecretText, store::fetch_all};

const ASK: &str = r#"{"model":"p/m","messages":[{"role":"user","content":"12345678"}],"max_tokens":100}"#;
const ANSWER: &str = r#"{"choices":[{"message":{"content":"one"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#;
const CHARGE: i64 = 7 * 1_000 + 3 * 2_000;
const CREDIT: i64 = 1_000_000_000;

impl Till {
    /// One more secret for its provider.
    async fn add_credential(&self) {
        let gateway = &self.hub.gateway;
        let provider = gateway.snapshot().model("p/m").unwrap().provider.id;
        let (name, secret) = ("second".parse().unwrap(), "sk-second-0123456789abcdef".to_owned());
        let providers = gateway.providers();
        providers
            .add_credential(
                &Admin::system(),
                Origin::default(),
                provider,
                &name,
                &SecretText::from(secret),
            )
            .await
            .unwrap();
    }

    /// What was booked on this person's account since it was granted credit.
    async fn booked(&self) -> Vec<String> {
        let query = "SELECT kind FROM ledger_transaction WHERE account_id = $1 AND seq > 1 ORDER BY seq";
        let kinds = fetch_all!(&self.hub.gateway.0.store, (String,), query, self.user.number()).unwrap();
        kinds.into_iter().map(|(kind,)| kind).collect()
    }
}

/// An overloaded provider is asked again, and after a refused credential with another one.
#[tokio::test]
async fn a_call_of_two_attempts_is_charged_once_for_the_one_that_was_answered() {
    let streamed = vec![
        stream_head(),
        chunk(&text("one")),
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    for first in [503, 401] {
        for (ask, answer) in [
            (ASK.to_owned(), json(200, ANSWER)),
            (ASK.replace("\"max", "\"stream\":true,\"max"), streamed.clone()),
        ] {
            // What a failed attempt tells of usage is nobody's.
            let till = Till::with(CREDIT, vec![json(first, ANSWER), answer]).await;
            till.add_credential().await;
            let (id, answer) = till.chat(&ask).await;
            let answer = answer.unwrap();
            match ask == ASK {
                true => assert_eq!(whole(answer), ANSWER),
                false => assert!(messages(answer).await.concat().ends_with(DONE)),
            }
            let (state, paid) = till.paid(id).await;
            assert_eq!(
                (state, paid.charge, paid.cost, paid.loss, paid.ended),
                (CallState::Succeeded, Some(CHARGE), Some(CHARGE), Some(0), true),
                "{first}"
            );
            let call = till.hub.now(id).await;
            let tried: Vec<_> = call
                .attempts
                .iter()
                .map(|attempt| (attempt.number, attempt.status, attempt.failure.is_some()))
                .collect();
            assert_eq!(tried, [(1, Some(first), true), (2, Some(200), false)]);
            assert_eq!(call.call.attempt_count, 2);
            assert_eq!(till.upstream.requests().len(), 2);
            assert_eq!(till.booked().await, [CommandKind::Settle.as_str()]);
            assert_eq!(till.spendable().await, CREDIT - CHARGE);
            assert_eq!(till.sums().await, (1, 0, 7, 3, CHARGE, CHARGE));
            till.is_sound().await;
        }
    }
}

#[tokio::test]
async fn a_call_whose_two_attempts_failed_gives_its_hold_back_once() {
    let till = Till::with(CREDIT, vec![json(503, ANSWER), json(503, ANSWER)]).await;
    let (id, answer) = till.chat(ASK).await;
    assert_eq!(answer.unwrap_err().status, 503);
    let (state, paid) = till.paid(id).await;
    assert_eq!((state, paid.charge, paid.ended), (CallState::Failed, None, true));
    assert_eq!(till.hub.now(id).await.attempts.len(), 2);
    assert_eq!(till.booked().await, [CommandKind::Release.as_str()]);
    assert_eq!(till.spendable().await, CREDIT);
    till.is_sound().await;
}
