//! How far a report is believed, and what is charged where it is not.

use domain::{
    call::{CallState, Dialect, Door},
    catalog::ProviderKind,
    id::CallId,
    price::{Dimension, Tariff},
    usage::UsageSource,
};
use serde_json::{Value, json};

use super::{
    super::{
        client::{messages, next, stream},
        streams::{DONE, stop, text},
        upstream::{Step, chunk, end, json as answered, stream_head},
    },
    till::{Till, rates, usual},
};
use crate::call::CallRequest;

const CREDIT: i64 = 1_000_000_000;

/// Calls, and gives what is charged and where the numbers come from.
async fn charged(till: &Till, dialect: Dialect, ask: &Value) -> (Option<i64>, UsageSource) {
    let request = till.request(dialect, &ask.to_string());
    let id = request.id;
    let answer = till.hub.gateway.call(request).await.unwrap();
    if ask["stream"] == true {
        messages(answer).await;
    }
    let charge = till.paid(id).await.1.charge;
    (charge, till.hub.now(id).await.call.usage_source)
}

/// Nobody writes anything where texts are embedded: who reports that is not believed, and with a price that knows of no answer it is
/// not free either.
#[tokio::test]
async fn embeddings_have_no_answer() {
    let told = |usage: Value| {
        let body = json!({"object": "list", "data": [{"index": 0, "embedding": [0.5]}], "usage": usage});
        answered(200, &body.to_string())
    };
    let written = json!({"prompt_tokens": 3, "completion_tokens": 100_000, "total_tokens": 100_003});
    let ask = json!({"model": "p/m", "input": ["abcdefgh"]});
    for tariff in [usual(), Tariff::flat(rates(&[(Dimension::Input, "1")]))] {
        let till = Till::with(CREDIT, vec![told(written.clone())]).await;
        till.publish(tariff).await;
        let charged = charged(&till, Dialect::OpenaiEmbeddings, &ask).await;
        assert_eq!(charged, (Some(2 * 1_000), UsageSource::Estimated));
        till.is_sound().await;
    }
    // Numbers of tokens are counted, whoever says nothing of them.
    let till = Till::with(CREDIT, vec![told(Value::Null)]).await;
    let numbers = json!({"model": "p/m", "input": [[1, 22, 333], [4]]});
    let charged = charged(&till, Dialect::OpenaiEmbeddings, &numbers).await;
    assert_eq!(charged, (Some(4 * 1_000), UsageSource::Estimated));
    till.is_sound().await;
}

/// Neither is a part that is more than its whole, nor sound and pictures that nobody sent or asked for: their hold was without.
#[tokio::test]
async fn what_cannot_be_part_of_a_call_is_not_believed() {
    let dear = [
        (Dimension::Input, "1"),
        (Dimension::Output, "2"),
        (Dimension::InputAudio, "10000"),
        (Dimension::InputImage, "10000"),
        (Dimension::OutputAudio, "20000"),
    ];
    let said = json!([{"message": {"content": "12345678"}, "finish_reason": "stop"}]);
    let answer = |read: Value, written: Value| {
        let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": read, "completion_tokens_details": written});
        answered(200, &json!({"choices": said, "usage": usage}).to_string())
    };
    let text = json!("1234567812345678");
    let sound = json!([{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]);
    let none = || json!({});
    for (content, answer, believed) in [
        (&text, answer(json!({"audio_tokens": 1}), none()), None),
        (&text, answer(json!({"image_tokens": 1}), none()), None),
        (&text, answer(none(), json!({"audio_tokens": 1})), None),
        (&sound, answer(json!({"audio_tokens": 11}), none()), None),
        (
            &sound,
            answer(json!({"audio_tokens": 4}), none()),
            Some(6 * 1_000 + 4 * 10_000_000 + 5 * 2_000),
        ),
    ] {
        let till = Till::with(1_000 * CREDIT, vec![answer]).await;
        till.publish(Tariff::flat(rates(&dear))).await;
        let ask = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": content}]});
        let (charge, source) = charged(&till, Dialect::OpenaiChat, &ask).await;
        match believed {
            Some(wanted) => assert_eq!((charge, source), (Some(wanted), UsageSource::Provider)),
            None => {
                let read = if content.is_string() { 5 } else { 1_004 };
                assert_eq!(
                    (charge, source),
                    (Some(read * 1_000 + 2 * 2_000), UsageSource::Estimated)
                );
            }
        }
        till.is_sound().await;
    }
}

/// A prompt that was answered was read.
#[tokio::test]
async fn a_report_without_a_prompt_is_not_believed() {
    let chat = |usage: Value| json!({"choices": [{"message": {"content": "12345678"}, "finish_reason": "stop"}], "usage": usage});
    let till = Till::with(
        CREDIT,
        vec![answered(
            200,
            &chat(json!({"prompt_tokens": 0, "completion_tokens": 2})).to_string(),
        )],
    )
    .await;
    let ask = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": "12345678"}]});
    let estimate = (Some(3 * 1_000 + 2 * 2_000), UsageSource::Estimated);
    assert_eq!(charged(&till, Dialect::OpenaiChat, &ask).await, estimate);
    till.is_sound().await;

    let item = json!({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "12345678", "annotations": []}]});
    let response = json!({"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [item],
        "usage": {"input_tokens": 0, "output_tokens": 2, "total_tokens": 2}});
    let till = Till::of_kind(ProviderKind::Openai, CREDIT, vec![answered(200, &response.to_string())]).await;
    let ask = json!({"model": "p/m", "max_output_tokens": 50, "input": "12345678"});
    let estimate = (Some(2 * 1_000 + 2 * 2_000), UsageSource::Estimated);
    assert_eq!(charged(&till, Dialect::OpenaiResponses, &ask).await, estimate);
    till.is_sound().await;

    // Ollama leaves out what its model remembers.
    let line = json!({"model": "m", "created_at": "t", "message": {"role": "assistant", "content": "12345678"}, "done": true,
        "done_reason": "stop", "eval_count": 2});
    let till = Till::of_kind(ProviderKind::Ollama, CREDIT, vec![answered(200, &line.to_string())]).await;
    let ask = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": "12345678"}]});
    let reported = (Some(2 * 2_000), UsageSource::Provider);
    assert_eq!(charged(&till, Dialect::OpenaiChat, &ask).await, reported);
    till.is_sound().await;
}

/// What `message_start` has counted is not undone by the end of its stream.
#[tokio::test]
async fn counts_of_a_stream_do_not_fall() {
    let event = |value: Value| {
        chunk(&format!(
            "event: {}\ndata: {value}\n\n",
            value["type"].as_str().unwrap()
        ))
    };
    let steps = vec![
        stream_head(),
        event(
            json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": [], "usage": {"input_tokens": 40, "cache_read_input_tokens": 60, "output_tokens": 1}}}),
        ),
        event(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})),
        event(json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "12345678"}})),
        event(json!({"type": "content_block_stop", "index": 0})),
        event(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
            "usage": {"input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 2}})),
        event(json!({"type": "message_stop"})),
        end(),
    ];
    let ask = json!({"model": "p/m", "max_tokens": 50, "stream": true, "messages": [{"role": "user", "content": "12345678"}]});
    for dialect in [Dialect::AnthropicMessages, Dialect::OpenaiChat] {
        let till = Till::of_kind(ProviderKind::Anthropic, CREDIT, vec![steps.clone()]).await;
        let reported = (Some(100 * 1_000 + 2 * 2_000), UsageSource::Provider);
        assert_eq!(charged(&till, dialect, &ask).await, reported, "{dialect:?}");
        till.is_sound().await;
    }
}

fn counting(read: u64, wrote: u64) -> Step {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": read, "completion_tokens": wrote}});
    chunk(&format!("data: {usage}\n\n"))
}

/// A report counts what was written before it, and never less than an earlier one.
#[tokio::test]
async fn what_comes_after_a_report_is_counted_too() {
    let said = chunk(&text(&"word ".repeat(88)));
    for (steps, wrote, source) in [
        // Before the first word: of the 440 bytes none is in it.
        (
            vec![counting(12, 12), said.clone(), chunk(&stop())],
            110,
            UsageSource::Mixed,
        ),
        // But for who tells at first what it will come to.
        (
            vec![counting(12, 90), said.clone(), chunk(&stop())],
            90,
            UsageSource::Provider,
        ),
        // With the last word and before the reason of its end it counts all.
        (
            vec![said.clone(), counting(12, 90), chunk(&stop())],
            90,
            UsageSource::Provider,
        ),
        (
            vec![said.clone(), chunk(&stop()), counting(12, 90)],
            90,
            UsageSource::Provider,
        ),
        (
            vec![said.clone(), counting(12, 12), chunk(&stop()), counting(12, 90)],
            90,
            UsageSource::Provider,
        ),
        (
            vec![said, chunk(&stop()), counting(12, 90), counting(12, 1)],
            90,
            UsageSource::Provider,
        ),
    ] {
        let steps = [vec![stream_head()], steps, vec![chunk(DONE), end()]].concat();
        for streams in [true, false] {
            let till = Till::with(CREDIT, vec![steps.clone()]).await;
            let ask = json!({"model": "p/m", "max_tokens": 500, "stream": streams, "messages": [{"role": "user", "content": "12345678"}]});
            let wanted = (Some(12 * 1_000 + wrote * 2_000), source);
            assert_eq!(charged(&till, Dialect::OpenaiChat, &ask).await, wanted, "{streams}");
            till.is_sound().await;
        }
    }
}

/// Thoughts that nobody saw are in the report, and what was written since is not.
#[tokio::test]
async fn of_a_stream_that_is_cut_what_came_after_its_report_is_added() {
    let said = chunk(&text(&"word ".repeat(88)));
    let steps = vec![stream_head(), said.clone(), counting(12, 200), said, Step::Reset];
    let till = Till::with(CREDIT, vec![steps]).await;
    let ask = json!({"model": "p/m", "max_tokens": 500, "stream": true, "messages": [{"role": "user", "content": "12345678"}]});
    let wanted = (Some(12 * 1_000 + 310 * 2_000), UsageSource::Mixed);
    assert_eq!(charged(&till, Dialect::OpenaiChat, &ask).await, wanted);
    till.is_sound().await;
}

/// Who leaves when the first of several choices has ended pays for what the others wrote as well.
#[tokio::test]
async fn an_answer_with_several_choices_ends_with_the_last_of_them() {
    let piece = |index: u64, said: &str, finish: Value, wrote: u64| {
        let usage = json!({"prompt_tokens": 10, "completion_tokens": wrote});
        let choice = json!({"index": index, "delta": {"content": said}, "finish_reason": finish});
        format!("data: {}\n\n", json!({"choices": [choice], "usage": usage}))
    };
    let first = piece(0, "x", "stop".into(), 1);
    let others: String = (1..=40)
        .flat_map(|wrote| (1..8).map(move |index| (index, wrote)))
        .map(|(index, wrote)| piece(index, "word ", Value::Null, wrote))
        .collect();
    let ends: String = (1..8).map(|index| piece(index, "", "stop".into(), 40)).collect();
    let begin = vec![stream_head(), chunk(&first), chunk(&others)];
    let ended = [begin.clone(), vec![chunk(&ends)]].concat();
    let told = [
        ended.clone(),
        vec![Step::WaitForTest, counting(10, 281), chunk(DONE), end()],
    ]
    .concat();
    // Seven times forty words of five bytes, and a letter.
    let heard = (7 * 40 * 5 + 1) / 4;
    for (steps, all, wrote, source) in [
        (
            [begin, vec![Step::WaitForClose]].concat(),
            &others,
            heard,
            UsageSource::Mixed,
        ),
        (
            [ended, vec![Step::WaitForClose]].concat(),
            &ends,
            heard,
            UsageSource::Mixed,
        ),
        (told, &ends, 281, UsageSource::Provider),
    ] {
        let till = Till::with(CREDIT, vec![steps]).await;
        let ask = json!({"model": "p/m", "max_tokens": 100, "n": 8, "stream": true, "messages": [{"role": "user", "content": "12345678"}],
            "stream_options": {"include_usage": true, "continuous_usage_stats": true}});
        let request = till.request(Dialect::OpenaiChat, &ask.to_string());
        let id = request.id;
        let mut receiver = stream(till.hub.gateway.call(request).await.unwrap());
        let mut heard = String::new();
        while !heard.ends_with(&**all) {
            heard.push_str(&next(&mut receiver).await.unwrap());
        }
        drop(receiver);
        till.upstream.go();
        let (state, paid) = till.paid(id).await;
        let found = (state, paid.charge, till.hub.now(id).await.call.usage_source);
        assert_eq!(found, (CallState::Cancelled, Some(10 * 1_000 + wrote * 2_000), source));
        till.is_sound().await;
    }
}

/// Who has a model write what begins like a file pays for each letter of it.
#[tokio::test]
async fn what_looks_like_a_file_in_an_answer_is_text() {
    let said = format!("data:image/png;base64,{}", "A".repeat(40_000));
    let tokens = said.len() as i64 / 4;
    let whole = json!({"choices": [{"message": {"content": said}, "finish_reason": "stop"}]});
    let pieces = vec![stream_head(), chunk(&text(&said)), chunk(&stop()), chunk(DONE), end()];
    let till = Till::with(CREDIT, vec![answered(200, &whole.to_string()), pieces]).await;
    for streams in [false, true] {
        let ask = json!({"model": "p/m", "max_tokens": 50_000, "stream": streams, "messages": [{"role": "user", "content": "12345678"}]});
        let estimate = (Some(3 * 1_000 + tokens * 2_000), UsageSource::Estimated);
        assert_eq!(charged(&till, Dialect::OpenaiChat, &ask).await, estimate, "{streams}");
    }
    till.is_sound().await;
}

/// How much was read of a file is in the report alone. So that is waited for, whoever has left.
#[tokio::test]
async fn who_leaves_a_file_pays_for_what_was_read_of_it() {
    let report = |input: u64| {
        let usage = json!({"choices": [], "usage": {"prompt_tokens": input, "completion_tokens": 3}});
        chunk(&format!("data: {usage}\n\n"))
    };
    let parts = [
        json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}),
        json!({"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}}),
        json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
    ];
    for (part, read) in parts.iter().zip([199_000, 199_000, 49_000, 49_000]) {
        let begin = vec![stream_head(), chunk(&text("12345678")), Step::WaitForTest];
        let told = [begin.clone(), vec![chunk(&stop()), report(read), chunk(DONE), end()]].concat();
        let till = Till::with(CREDIT, vec![told, [begin, vec![Step::Reset]].concat()]).await;
        let ask = json!({"model": "p/m", "max_tokens": 50, "stream": true, "messages": [{"role": "user", "content": [part]}]});
        let (state, charge, source) = leave(&till, &ask, Door::Api).await;
        let all = Some(read as i64 * 1_000 + 3 * 2_000);
        assert_eq!(
            (state, charge, source),
            (CallState::Succeeded, all, UsageSource::Provider)
        );
        // Where none comes, it is estimated.
        let (state, charge, source) = leave(&till, &ask, Door::Api).await;
        assert_eq!((state, source), (CallState::Failed, UsageSource::Estimated));
        assert!((1_000_000..1_100_000).contains(&charge.unwrap()), "{charge:?}");
        till.is_sound().await;
    }
}

/// Also where a whole answer was asked for, and in the playground; Stop stops.
#[tokio::test]
async fn a_file_is_read_to_its_end_wherever_it_was_sent_from() {
    let part = json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}});
    let ask = |streams: bool| json!({"model": "p/m", "max_tokens": 50, "stream": streams, "messages": [{"role": "user", "content": [part]}]});
    let usage = json!({"prompt_tokens": 199_000, "completion_tokens": 3});
    let whole = json!({"choices": [{"message": {"content": "one"}, "finish_reason": "stop"}], "usage": usage});
    let pieces = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&format!("data: {}\n\n", json!({"choices": [], "usage": usage}))),
        chunk(DONE),
        end(),
    ];
    let late = [vec![Step::WaitForTest], answered(200, &whole.to_string())].concat();
    let till = Till::with(CREDIT, vec![pieces, late]).await;
    let all = (
        CallState::Succeeded,
        Some(199_000 * 1_000 + 3 * 2_000),
        UsageSource::Provider,
    );
    assert_eq!(leave(&till, &ask(true), Door::Playground).await, all);

    let request = till.request(Dialect::OpenaiChat, &ask(false).to_string());
    let id = request.id;
    {
        let mut call = std::pin::pin!(till.hub.gateway.call(request));
        while till.upstream.requests().len() < 2 {
            let moment = tokio::time::timeout(std::time::Duration::from_millis(5), call.as_mut());
            assert!(moment.await.is_err(), "the answer was not to come yet");
        }
    }
    assert_eq!(ended(&till, id).await, all);
    till.is_sound().await;
}

/// Leaves with the first piece of a stream; the provider goes on then.
async fn leave(till: &Till, ask: &Value, door: Door) -> (CallState, Option<i64>, UsageSource) {
    let request = CallRequest {
        door,
        ..till.request(Dialect::OpenaiChat, &ask.to_string())
    };
    let id = request.id;
    let mut receiver = stream(till.hub.gateway.call(request).await.unwrap());
    next(&mut receiver).await;
    drop(receiver);
    ended(till, id).await
}

/// How a call ends whose client has left, when its provider goes on.
async fn ended(till: &Till, id: CallId) -> (CallState, Option<i64>, UsageSource) {
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    till.upstream.go();
    let (state, paid) = till.paid(id).await;
    (state, paid.charge, till.hub.now(id).await.call.usage_source)
}
