//! Every shape in which a part brings something along, in every dialect that hands its bytes on.

use domain::call::Dialect;
use serde_json::{Value as Json, json};

use crate::wire::{Files, speech::scan};

const CHAT: Dialect = Dialect::OpenaiChat;
const RESPONSES: Dialect = Dialect::OpenaiResponses;
const MESSAGES: Dialect = Dialect::AnthropicMessages;

fn of_body(dialect: Dialect, body: &Json) -> Files {
    scan(dialect, body.to_string().as_bytes()).unwrap().files
}

fn of_part(dialect: Dialect, part: &Json) -> Files {
    let turns = json!([{"role": "user", "content": [part]}]);
    match dialect {
        RESPONSES => of_body(dialect, &json!({"model": "m", "input": turns})),
        _ => of_body(dialect, &json!({"model": "m", "messages": turns})),
    }
}

fn of_input(input: &Json) -> Files {
    of_body(Dialect::OpenaiEmbeddings, &json!({"model": "m", "input": input}))
}

fn data(mime: &str) -> String {
    format!("data:{mime};base64,{}", "A".repeat(80))
}

#[test]
fn what_a_part_embeds_counts_by_what_it_is() {
    let (pdf, film, wav, png) = (
        data("application/pdf"),
        data("video/mp4"),
        data("audio/wav"),
        data("image/png"),
    );
    let frames = vec![png.clone(); 20];
    let pictures = vec![json!({"url": png.clone()}); 50];
    // Count, and of these those with pages.
    for (part, count, paged) in [
        (json!({"type": "document_url", "document_url": pdf}), 1, 1),
        (json!({"type": "document_url", "document_url": {"url": pdf}}), 1, 1),
        (json!({"type": "video_url", "video_url": film}), 1, 1),
        (json!({"type": "video_url", "video_url": {"url": film, "fps": 2}}), 1, 1),
        (json!({"type": "audio_url", "audio_url": wav}), 1, 0),
        (json!({"type": "input_audio", "input_audio": "A".repeat(80)}), 1, 0),
        (
            json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
            1,
            0,
        ),
        (json!({"type": "image", "image": png}), 1, 0),
        (json!({"image": png}), 1, 0),
        (json!({"type": "image", "image": "iVBORw0KGgo"}), 1, 0),
        (json!({"type": "video", "video": frames}), 20, 0),
        (json!({"type": "video", "video": {"frames": frames}}), 20, 0),
        (json!({"type": "images", "images": pictures}), 50, 0),
        (
            json!({"type": "image_url", "image_url": {"url": png, "detail": "high"}, "alt": "a cat"}),
            1,
            0,
        ),
        // What stands in the place of a picture and is none.
        (json!({"type": "image_url", "image_url": {"url": pdf}}), 1, 1),
        (json!({"type": "input_image", "image_url": pdf}), 1, 1),
        (
            json!({"type": "image_url", "image_url": data("application/octet-stream")}),
            1,
            0,
        ),
        (
            json!({"type": "file", "file": {"filename": "a.pdf", "file_data": pdf}}),
            1,
            1,
        ),
        (
            json!({"type": "input_file", "filename": "a.pdf", "file_data": "QUJD"}),
            1,
            1,
        ),
        (
            json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "QUJD"}}),
            1,
            1,
        ),
        (json!({"type": "text", "text": "x", "extra": {"video": film}}), 1, 1),
        (
            json!({"type": "of_tomorrow", "content": [{"type": "image", "image": png}, {"type": "file", "file": {"file_data": pdf}}]}),
            2,
            1,
        ),
    ] {
        for dialect in [CHAT, RESPONSES] {
            let files = of_part(dialect, &part);
            assert_eq!((files.count, files.paged), (count, paged), "{dialect:?} {part:.90}");
            assert_eq!((files.unmeasured, files.kept), (None, None), "{dialect:?} {part:.90}");
        }
    }
    let sound = of_part(CHAT, &json!({"type": "input_audio", "input_audio": "A".repeat(80)}));
    assert!(sound.sound && sound.bytes == 80, "{sound:?}");
    // However its letters are written.
    let escaped =
        r#"{"model":"m","messages":[{"content":[{"type":"image","image":"d\u0061ta:image\/png;base64,QUJD"}]}]}"#;
    let files = scan(CHAT, escaped.as_bytes()).unwrap().files;
    assert_eq!((files.count, files.images, files.image_bytes), (1, true, 32));
    // However far it stands from its name.
    for before in ["", " ", "\n\t\r  "] {
        let apart = format!(r#"{{"model":"m","messages":[{{"content":{before}{{"type":"image","image":"{png}"}}}}]}}"#);
        assert_eq!(scan(CHAT, apart.as_bytes()).unwrap().files.count, 1, "{before:?}");
    }
}

#[test]
fn what_a_part_names_is_looked_at_wherever_it_stands() {
    let address = "http://169.254.169.254/a.jpg";
    for part in [
        json!({"type": "video", "video": [address]}),
        json!({"type": "video", "video": {"frames": [address]}}),
        json!({"type": "video_url", "video_url": address}),
        json!({"type": "input_video", "video_url": address}),
        json!({"type": "input_audio", "audio_url": address}),
        json!({"type": "input_audio", "input_audio": address}),
        json!({"type": "input_audio", "input_audio": {"data": address, "format": "wav"}}),
        json!({"type": "image_url", "image_url": {"url": address}}),
        json!({"type": "images", "images": [{"url": address}]}),
        json!({"type": "image", "image": address}),
        json!({"type": "document_url", "document_url": [address]}),
        json!({"type": "input_file", "file_data": "QUJD", "file_url": address}),
        json!({"type": "input_file", "file_data": address}),
        json!({"type": "text", "text": "x", "video": address}),
        json!({"type": "text", "text": "x", "extras": [{"a": {"b": [address]}}]}),
        json!({"type": "document", "source": {"type": "url", "url": address}}),
    ] {
        for dialect in [CHAT, RESPONSES] {
            assert_eq!(of_part(dialect, &part).addresses, [address], "{dialect:?} {part}");
        }
    }
    // Beside the parts of a turn.
    let alone = json!({"model": "m", "input": [{"type": "input_video", "video_url": address}]});
    assert_eq!(of_body(RESPONSES, &alone).addresses, [address]);
    let alone =
        json!({"model": "m", "messages": [{"role": "user", "content": {"type": "video_url", "video_url": address}}]});
    assert_eq!(of_body(CHAT, &alone).addresses, [address]);
}

#[test]
fn what_nobody_can_judge_has_no_measure() {
    let mut deep = json!("x");
    for _ in 0..20 {
        deep = json!([deep]);
    }
    for (part, named) in [
        (json!({"type": "video", "video": "a-film-of-before"}), "video"),
        (json!({"type": "video", "video": ["a-film-of-before"]}), "video"),
        (json!({"type": "of_tomorrow", "thing": "x"}), "of_tomorrow"),
        (json!({"thing": "x"}), "thing"),
        (json!({"type": "image_embeds", "image_embeds": "QUJD"}), "image_embeds"),
        (
            json!({"type": "video", "video": "QUJD", "image_url": {"url": data("image/png")}}),
            "video",
        ),
        (
            json!({"type": "video", "type ": "text", "text": "x", "video": "QUJD"}),
            "video",
        ),
        (json!({"type": "of_tomorrow", "thing": deep}), "thing"),
    ] {
        for dialect in [CHAT, RESPONSES] {
            assert_eq!(
                of_part(dialect, &part).unmeasured.as_deref(),
                Some(named),
                "{dialect:?} {part:.90}"
            );
        }
    }
    // Of two types a reader takes either.
    let twice = br#"{"model":"m","messages":[{"content":[{"type":"video","type":"text","text":"x","video":"QUJD"}]}]}"#;
    assert_eq!(scan(CHAT, twice).unwrap().files.unmeasured.as_deref(), Some("video"));
    // What a service has in memory under a name that anybody may write.
    for part in [
        json!({"type": "video_url", "video_url": null, "uuid": "abc"}),
        json!({"type": "image_url", "image_url": null, "uuid": "abc"}),
        json!({"type": "image_url", "image_url": {"url": data("image/png")}, "uuid": "abc"}),
    ] {
        for dialect in [CHAT, RESPONSES] {
            assert_eq!(
                of_part(dialect, &part).kept.as_deref(),
                Some("uuid"),
                "{dialect:?} {part}"
            );
        }
    }
}

#[test]
fn words_are_words() {
    let looks_so = format!("see https://example.com and {}", data("image/png"));
    for part in [
        json!(looks_so),
        json!({"type": "text", "text": looks_so}),
        json!({"text": looks_so}),
        json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}, "name": "a", "uuid": "u", "lang": "en"}),
        json!({"type": "text", "text": "x", "prompt_cache_breakpoint": {"mode": "explicit"}}),
        json!({"type": "text", "text": "x", "image_url": null, "input_audio": null, "video": "", "options": {"a": 1}}),
        json!({"type": "output_text", "text": "x", "logprobs": [], "annotations": [{"type": "url_citation", "url": "https://example.com"}]}),
        json!({"type": "refusal", "refusal": looks_so}),
        json!({"type": "thinking", "thinking": looks_so, "signature": "QUJD"}),
        json!({"type": "thinking", "thinking": [{"type": "text", "text": looks_so}], "closed": true}),
        json!({"type": "redacted_thinking", "data": "QUJD"}),
        json!({"type": "reasoning", "text": looks_so}),
        json!({"type": "reasoning_text", "text": looks_so}),
        json!({"type": "summary_text", "text": looks_so}),
        json!({"type": "reference", "reference_ids": [1, 2]}),
        json!({"type": "tool_use", "id": "t", "name": "f", "input": {"url": "https://example.com", "file": {"a": 1}}}),
        json!({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": looks_so}]}),
        json!({"type": "of_tomorrow", "text": looks_so, "id": "x", "index": 0, "final": true}),
    ] {
        for dialect in [CHAT, RESPONSES] {
            assert_eq!(of_part(dialect, &part), Files::default(), "{dialect:?} {part}");
        }
    }
    // What commands wrote.
    let written = json!({"stdout": looks_so, "stderr": "", "outcome": {"type": "exit", "exit_code": 0}});
    let output = json!({"type": "shell_call_output", "call_id": "c", "output": [written]});
    assert_eq!(
        of_body(RESPONSES, &json!({"model": "m", "input": [output]})),
        Files::default()
    );
    for text in [
        json!("x"),
        json!(["x", "data: y"]),
        json!([[1, 2], [3]]),
        json!([{"text": looks_so}]),
    ] {
        assert_eq!(of_input(&text), Files::default(), "{text}");
    }
}

#[test]
fn what_embeddings_are_made_of_beside_texts_is_seen() {
    let address = "http://169.254.169.254/a.png";
    for (input, named) in [
        (json!([{"image": address}]), "image"),
        (json!({"image": address}), "image"),
        (json!([[{"image": address}]]), "image"),
        (json!(["x", {"text": "x", "pdf": address}]), "pdf"),
        (
            json!([{"content": [{"type": "image_url", "image_url": {"url": address}}]}]),
            "content",
        ),
    ] {
        let files = of_input(&input);
        assert_eq!(files.unmeasured.as_deref(), Some(named), "{input}");
        assert_eq!(files.addresses, [address], "{input}");
    }
    let plain = of_input(&json!([{"image": "QUJD"}]));
    assert_eq!((plain.unmeasured.as_deref(), plain.addresses.len()), (Some("image"), 0));
    let embedded = of_input(&json!([{"image": data("image/png")}, {"pdf": data("application/pdf")}]));
    assert_eq!((embedded.count, embedded.paged, embedded.unmeasured), (2, 1, None));
    // Some read a picture in it, others its letters.
    let text = json!({"model": "m", "input": [data("image/png")]});
    let scanned = scan(Dialect::OpenaiEmbeddings, text.to_string().as_bytes()).unwrap();
    assert_eq!((scanned.files.count, scanned.bytes), (1, text.to_string().len() as u64));
    for other in ["inputs", "images", "image"] {
        let body = json!({"model": "m", "input": "x", other: [{"image": address}]});
        assert_eq!(
            of_body(Dialect::OpenaiEmbeddings, &body).addresses,
            [address],
            "{other}"
        );
    }
}

/// Services that speak like Anthropic take more than it does.
#[test]
fn blocks_of_messages_bring_along_what_parts_do() {
    let address = "http://169.254.169.254/a.jpg";
    let (pdf, png) = (data("application/pdf"), data("image/png"));
    let picture = json!({"type": "base64", "media_type": "image/png", "data": "AAAA"});
    for (block, count, paged) in [
        (json!({"type": "image_url", "image_url": {"url": png}}), 1, 0),
        (json!({"type": "image", "image": png}), 1, 0),
        (json!({"type": "video_url", "video_url": data("video/mp4")}), 1, 1),
        (json!({"type": "video", "video": [png, png]}), 2, 0),
        (json!({"type": "file", "file": {"file_data": pdf}}), 1, 1),
        (json!({"type": "input_audio", "input_audio": "AAAA"}), 1, 0),
        (json!({"type": "image", "source": picture}), 1, 0),
        (
            json!({"type": "image", "source": picture, "video": {"url": data("video/mp4")}}),
            2,
            1,
        ),
        (
            json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "see https://example.com"},
                "title": "https://example.com", "context": "https://example.com", "citations": {"enabled": true}, "cache_control": {"type": "ephemeral"}}),
            0,
            0,
        ),
        (
            json!({"type": "search_result", "source": "https://example.com", "title": "x", "content": [{"type": "text", "text": "x"}]}),
            0,
            0,
        ),
        (
            json!({"type": "tool_use", "id": "t", "name": "f", "input": {"file": "https://example.com", "video": "x"}}),
            0,
            0,
        ),
    ] {
        let result = json!({"type": "tool_result", "tool_use_id": "t", "content": [block]});
        for block in [&block, &result] {
            let files = of_part(MESSAGES, block);
            assert_eq!((files.count, files.paged), (count, paged), "{block:.90}");
            assert_eq!((files.unmeasured, files.kept), (None, None), "{block:.90}");
        }
    }
    for block in [
        json!({"type": "video", "video": [address]}),
        json!({"type": "image_url", "image_url": address}),
        json!({"type": "document", "source": address}),
        json!({"type": "image", "source": picture, "video_url": address}),
    ] {
        assert_eq!(of_part(MESSAGES, &block).addresses, [address], "{block}");
    }
    let unknown = of_part(MESSAGES, &json!({"type": "video", "video": "QUJD"}));
    assert_eq!(unknown.unmeasured.as_deref(), Some("video"));
}
