//! What stands in a prompt beside text.

use super::*;

fn prompt(part: &Json) -> Scanned {
    chat(&json!({"model": "x", "messages": [{"role": "user", "content": [part]}]}).to_string()).unwrap()
}

#[test]
fn embedded_files_do_not_count_as_text() {
    let picture = format!("data:image/png;base64,{}", "A".repeat(9000));
    for part in [
        json!({"type": "image_url", "image_url": {"detail": "low", "url": picture}}),
        json!({"type": "image_url", "image_url": picture}),
    ] {
        let scanned = prompt(&part);
        assert_eq!((scanned.files.count, scanned.files.images), (1, true));
        assert!(scanned.prompt_bytes < 30 && scanned.bytes < 200, "{scanned:?}");
    }
    // Bytes bound what a document or a sound counts for.
    for (part, sound) in [
        (
            json!({"type": "file", "file": {"filename": "a.pdf", "file_data": format!("data:application/pdf;base64,{}", "A".repeat(9000))}}),
            false,
        ),
        (
            json!({"type": "input_audio", "input_audio": {"format": "wav", "data": "A".repeat(9000)}}),
            true,
        ),
    ] {
        let scanned = prompt(&part);
        assert_eq!((scanned.files.count, scanned.files.sound), (1, sound));
        assert!(scanned.prompt_bytes < 60 && scanned.bytes > 9000, "{scanned:?}");
    }
}

#[test]
fn text_that_looks_like_a_file_is_text() {
    let picture = format!("data:image/png;base64,{}", "A".repeat(9000));
    let bodies = [
        json!({"model": "x", "messages": [{"role": "user", "content": picture}]}),
        json!({"model": "x", "messages": [{"role": "user", "content": [{"type": "text", "text": picture}]}]}),
        json!({"model": "x", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture.replace("png", "svg+xml")}}]}]}),
        json!({"model": "x", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture.replace(";base64", "")}}]}]}),
        json!({"model": "x", "messages": [{"role": "user", "name": picture, "image_url": {"url": picture}}]}),
        json!({"model": "x", "messages": [], "tools": [{"function": {"parameters": {"image_url": {"url": picture}, "content": [{"image_url": picture}]}}}]}),
        json!({"model": "x", "messages": [], "metadata": {"content": [{"image_url": picture}]}}),
        json!({"model": "x", "input": [picture]}),
    ];
    for body in bodies {
        let text = body.to_string();
        assert_eq!(chat(&text).unwrap().bytes, text.len() as u64, "{text:.100}");
    }
    // Nor is it left out of an estimate.
    for said in [
        picture.replace(";base64", ""),
        format!("data: {}", "word ".repeat(2_000)),
    ] {
        let part = json!({"type": "image_url", "image_url": {"url": said}});
        assert!(prompt(&part).prompt_bytes >= said.len() as u64, "{said:.40}");
    }
    assert_eq!(
        prompt(&json!({"text": "x", "cache_control": {"type": "ephemeral"}})).files,
        Files::default()
    );
}

#[test]
fn images_by_their_address_count_and_what_is_only_named_is_told() {
    let image = prompt(&json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}));
    assert_eq!((image.files.count, image.files.unmeasured), (1, None));
    let escaped = r#"{"model":"x","messages":[{"content":[{"image\u005furl":{"u\u0072l":"https:\/\/example.com"}}]}]}"#;
    assert_eq!(chat(escaped).unwrap().files.count, 1);
    for (part, name) in [
        (json!({"type": "file", "file": {"file_id": "file-1"}}), "file_id"),
        (
            json!({"type": "file", "file": {"file_data": "https://example.com/a.pdf"}}),
            "file_data",
        ),
        (
            json!({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}),
            "url",
        ),
        (
            json!({"type": "input_audio", "input_audio": {"data": "https://example.com/a.wav"}}),
            "data",
        ),
        (
            json!({"type": "file", "file": {"file_data": format!("{}\t\u{1}https://example.com/a.pdf", " ".repeat(20))}}),
            "file_data",
        ),
        (
            json!({"type": "video_url", "video_url": {"url": format!("\n{}x-very-long-scheme-of-mine://a", " ".repeat(20))}}),
            "url",
        ),
        (json!({"type": "video", "video": "gs://bucket/a.mp4"}), "video"),
    ] {
        assert_eq!(prompt(&part).files.unmeasured.as_deref(), Some(name), "{part}");
    }
    assert_eq!(
        prompt(&json!({"type": "file", "file": {"file_id": null, "file_data": "data:,"}}))
            .files
            .unmeasured,
        None
    );
}

#[test]
fn what_the_provider_keeps_is_told() {
    for (part, named) in [
        (
            json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png", "file_id": "file-1"}}),
            Some("file_id"),
        ),
        (json!({"type": "file", "file": {"file_id": "file-1"}}), Some("file_id")),
        (
            json!({"type": "image_url", "image_url": {"url": "data:,", "file_id": null}}),
            None,
        ),
    ] {
        assert_eq!(prompt(&part).files.kept.as_deref(), named, "{part}");
    }
    let spoken = |audio: &str| {
        let body = format!(r#"{{"model":"x","messages":[{{"role":"assistant","audio":{audio}}}]}}"#);
        chat(&body).unwrap().files.kept
    };
    assert_eq!(spoken(r#"{"id":"audio_1"}"#).as_deref(), Some("messages.audio.id"));
    assert_eq!(spoken("null"), None);
}
