//! Pictures and documents.

use super::*;

#[test]
fn files_are_written_or_refused_with_a_sentence() {
    let with = |kind, source| Request {
        messages: vec![message(
            Role::User,
            vec![Part::File(File {
                kind,
                source,
                name: Some("n".into()),
                detail: None,
                cache: None,
            })],
        )],
        ..asking("")
    };
    let data = |mime: &str, text: &str| Source::Data {
        mime: mime.to_owned(),
        base64: STANDARD.encode(text),
    };
    let block = |request: &Request| write(request, "claude-opus-5-5", None).0["messages"][0]["content"][0].clone();
    let text = block(&with(FileKind::Document, data("text/markdown", "# Grün")));
    assert_eq!(
        text["source"],
        json!({"type": "text", "media_type": "text/plain", "data": "# Grün"})
    );
    let kept = block(&with(FileKind::Image, Source::Id("file_01".into())));
    assert_eq!(
        kept,
        json!({"type": "image", "source": {"type": "file", "file_id": "file_01"}})
    );
    for (kind, source) in [
        (FileKind::Image, data("image/tiff", "x")),
        (FileKind::Image, Source::Id("file-abc".into())),
        (FileKind::Document, data("application/msword", "x")),
        (FileKind::Audio, data("audio/wav", "x")),
        (FileKind::Video, Source::Url("https://a.test/".into())),
    ] {
        let target = Target {
            slug: "claude-opus-5-5",
            cap: None,
        };
        let problem = Encoder.write(&with(kind, source), &target).unwrap_err();
        assert_eq!(problem.param, "messages");
        assert!(problem.message.ends_with('.'), "{problem}");
    }
}

#[test]
fn only_what_lies_behind_https_is_fetched_there() {
    let wants = |url: &str| {
        let file = File {
            kind: FileKind::Image,
            source: Source::Url(url.to_owned()),
            name: None,
            detail: None,
            cache: None,
        };
        let target = Target {
            slug: "claude-opus-5-5",
            cap: None,
        };
        Encoder.wants_content(&file, &target)
    };
    assert!(wants("http://a.test/i.png") && !wants("https://a.test/i.png"));
}
