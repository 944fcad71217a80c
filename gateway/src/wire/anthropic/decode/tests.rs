//! Whole answers, and what they say.

use proptest::prelude::*;

use super::*;
use crate::wire::golden;

#[test]
fn every_answer_says_what_the_file_beside_it_says() {
    golden::each("anthropic/answers", 1, |case| {
        let (events, report) = answer(&case.input).unwrap();
        let mut lines: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
        lines.extend(report.map(|report| format!("{:?}", report.usage)));
        case.check("events.txt", &lines.join("\n"));
    });
}

#[test]
fn an_error_with_status_200_is_one() {
    let body = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let reported = ReadProblem::Reported {
        message: "Overloaded".to_owned(),
        code: "overloaded_error".to_owned(),
    };
    assert_eq!(answer(body), Err(reported));
}

#[test]
fn what_is_no_answer_is_malformed() {
    for body in [
        &b""[..],
        b"null",
        b"[]",
        b"<html>",
        b"{}",
        b"{\"content\":1}",
        b"{\"content\":[]",
        b"{\"content\":[\"\xff\"]}",
    ] {
        assert_eq!(answer(body), Err(ReadProblem::Malformed));
    }
    assert!(answer(b"{\"content\":[]}").is_ok());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = answer(&body);
    }

    #[test]
    fn no_cut_is_taken_for_an_answer(place in any::<prop::sample::Index>()) {
        let body = include_bytes!("../../../../fixtures/anthropic/answers/everything.in.json").trim_ascii_end();
        prop_assert_eq!(answer(&body[..place.index(body.len())]), Err(ReadProblem::Malformed));
    }
}
