//! Pass-through to the byte: what a client sends reaches the provider as it was, and what the provider answers reaches the
//! client as it was, but for the few edits that are promised.

use bytes::Bytes;
use tests::client::Call;
use tests::sse;
use tests::stage::{Stage, on_both};
use tests::upstream::Fault;

/// A body that a JSON library would not write: spaces, escapes, order, numbers.
const PLAIN: &str = "\n{ \"seed\" : 12345 ,\t\"messages\":[{\"content\":\"Gr\\u00fc\\u00dfe \\/ \u{4f60}\u{597d}\",\"role\" : \"user\"}],\r\n\
                     \"temperature\":1.0e0, \"model\" : \"fake/gpt-4o-mini\" , \"top_p\":0.10,\"stop\":[ ] }\n";

/// The same as a stream that asks for its usage.
const STREAM: &str = "{\"stream\" : true, \"stream_options\":{ \"include_usage\" : true },\"model\":\"fake/gpt-4o-mini\",\
                      \"messages\":[ {\"role\":\"user\",\"content\":\"Hello  out\\tthere\"} ] ,\"n\":2}";

async fn send(stage: &Stage, body: &str) -> (u16, Vec<u8>) {
    let answer = Call::new(stage.hub.address(), http::Method::POST, "/v1/chat/completions")
        .promised()
        .bearer(&stage.key)
        .content_type("application/json")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .send()
        .await
        .unwrap();
    (answer.status.as_u16(), answer.bytes().await.unwrap())
}

/// What the provider itself answers to these bytes, with the number in its ids made alike.
async fn directly(stage: &Stage, body: &[u8]) -> (u16, String) {
    let answer = Call::new(stage.upstream.address(), http::Method::POST, "/v1/chat/completions")
        .bearer(stage.upstream.key())
        .content_type("application/json")
        .body(Bytes::copy_from_slice(body))
        .send()
        .await
        .unwrap();
    (answer.status.as_u16(), unnumbered(&answer.bytes().await.unwrap()))
}

fn unnumbered(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut pieces = text.split("chatcmpl-fake");
    let mut result = pieces.next().unwrap().to_owned();
    for piece in pieces {
        result.push_str("chatcmpl-fake########");
        result.push_str(&piece[8..]);
    }
    result
}

#[tokio::test]
async fn a_plain_call_passes_unchanged_but_for_the_model() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (status, answer) = send(&stage, PLAIN).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        let sent = stage.only_request().body;
        assert_eq!(sent, PLAIN.replace("\"fake/gpt-4o-mini\"", "\"gpt-4o-mini\""));
        assert_eq!((200, unnumbered(&answer)), directly(&stage, &sent).await);
    })
    .await;
}

#[tokio::test]
async fn a_stream_passes_unchanged_but_for_the_model() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (status, answer) = send(&stage, STREAM).await;
        assert_eq!(status, 200);
        let sent = stage.only_request().body;
        assert_eq!(sent, STREAM.replace("\"fake/gpt-4o-mini\"", "\"gpt-4o-mini\""));
        assert_eq!((200, unnumbered(&answer)), directly(&stage, &sent).await);
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_did_not_ask_for_usage_is_what_the_provider_tells_who_does_not() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let body = STREAM.replace(" \"stream_options\":{ \"include_usage\" : true },", "");
        let (status, answer) = send(&stage, &body).await;
        assert_eq!(status, 200);
        let sent = stage.only_request().body;
        let insertion = "\"stream_options\":{\"include_usage\":true},";
        let text = String::from_utf8(sent.to_vec()).unwrap();
        let unasked = body.replace("fake/gpt", "gpt");
        assert_eq!(text.replacen(insertion, "", 1), unasked);
        // Asked for usage it says so in each event: `"usage":null` in all but the last.
        let (_, asked) = directly(&stage, &sent).await;
        assert!(asked.contains("\"usage\":null") && asked.contains("\"choices\":[]"));
        let (_, direct) = directly(&stage, unasked.as_bytes()).await;
        assert_eq!(unnumbered(&answer), direct);
    })
    .await;
}

#[tokio::test]
async fn unknown_fields_survive_and_the_providers_refusal_comes_back_to_the_byte() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let body = "{\"model\":\"fake/gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"mood\":[1,{\"a\":null}]}],\
                    \"from_the_future\" : { \"deep\" : [ 1.50, \"\\ud83d\\ude42\" ] } , \"api_base\":\"http://evil.example/\"}";
        let (status, answer) = send(&stage, body).await;
        let sent = stage.only_request().body;
        assert_eq!(sent, body.replace("\"fake/gpt-4o-mini\"", "\"gpt-4o-mini\""));
        assert_eq!((status, unnumbered(&answer)), directly(&stage, &sent).await);
        assert_eq!(status, 400);
    })
    .await;
}

#[tokio::test]
async fn odd_but_legal_streams_pass_to_the_byte() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for fault in [
            Fault::Comments,
            Fault::CrLf,
            Fault::CrLfCut,
            Fault::Cr,
            Fault::OddFields,
            Fault::MultiLine,
            Fault::Interleaved,
        ] {
            let body = STREAM.replace("gpt-4o-mini", &fault.model());
            let (status, answer) = send(&stage, &body).await;
            assert_eq!(status, 200, "{fault:?}");
            let (_, direct) = directly(&stage, body.replace("fake/", "").as_bytes()).await;
            let (ours, theirs) = (sse::read(&unnumbered(&answer)), sse::read(&direct));
            assert_eq!(ours.events, theirs.events, "{fault:?}");
            // `[DONE]` is held back until the row is durable, so the line ends after it may differ.
            let text = unnumbered(&answer);
            // What means nothing to clients of this wire is left out: an event without data, an empty line between events.
            let direct = direct
                .replace("\u{feff}retry: 3000\nid: 1\n\n", "")
                .replace("\n\n\n", "\n\n");
            let end = direct.find("[DONE]").unwrap();
            assert!(text.starts_with(&direct[..end]), "{fault:?}: {text:?}");
            if fault == Fault::CrLfCut {
                assert_eq!(text, direct, "no LF is lost, that of the last word neither");
            }
        }
    })
    .await;
}
