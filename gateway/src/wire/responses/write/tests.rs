//! Whole answers of providers, read and written again for a client: `fixtures/responses/answer`.

use domain::usage::Usage;
use proptest::prelude::*;

use super::*;
use crate::wire::{
    canonical::{Finish, ReadProblem},
    golden, grammar,
    responses::decode,
};

fn ids() -> Ids {
    Ids {
        call: "call_7".into(),
        model: "p/m".into(),
        created: 1_700_000_000,
    }
}

fn written(gathered: &Answer, usage: Usage) -> Vec<u8> {
    let end = End {
        finish: gathered.finish.clone(),
        usage,
        charge: None,
    };
    answer(gathered, &end, &ids(), &Repeated::NOTHING)
}

#[test]
fn every_answer_is_understood_and_written_again() {
    golden::each("responses/answer", 4, |case| {
        let (events, report) = decode::answer(&case.input).unwrap();
        let usage = report.unwrap().usage.unwrap();
        case.check("events.txt", &format!("{events:#?}\n{usage:?}"));
        let out = written(&Answer::gather(events), usage);
        let whole = serde_json::from_slice(&out).unwrap();
        let status = if case.name == "incomplete" {
            "incomplete"
        } else {
            "completed"
        };
        assert_eq!(grammar::responses::whole(&whole, status), Ok(()), "{}", case.name);
        case.check_json("out.json", &out);
    });
}

#[test]
fn answers_that_failed_and_what_is_no_answer_are_told_apart() {
    let read = |body: &str| decode::answer(body.as_bytes()).map(|_| ());
    for body in ["", "[]", "{}", "{\"output\":{}}", "<html>"] {
        assert_eq!(read(body), Err(ReadProblem::Malformed), "{body}");
    }
    let reported = ReadProblem::Reported {
        message: "m".into(),
        code: "c".into(),
    };
    let failed = r#"{"object":"response","status":"failed","error":{"code":"c","message":"m"},"output":[]}"#;
    assert_eq!(read(failed), Err(reported.clone()));
    assert_eq!(read(r#"{"error":{"message":"m","code":"c"}}"#), Err(reported));
    assert!(read(r#"{"status":"cancelled","error":null,"output":[]}"#).is_err());
    for unfinished in ["queued", "in_progress"] {
        let body = format!(r#"{{"id":"resp_1","status":"{unfinished}","error":null,"output":[],"usage":null}}"#);
        assert!(
            matches!(read(&body), Err(ReadProblem::Reported { message, .. }) if message.contains(unfinished)),
            "{body}"
        );
    }
}

#[test]
fn what_is_cut_off_says_so() {
    let mut gathered = Answer::gather([]);
    gathered.finish = Finish::ContentFilter;
    let whole: Value = serde_json::from_slice(&written(&gathered, Usage::default())).unwrap();
    assert_eq!(whole["incomplete_details"]["reason"], "content_filter");
    assert_eq!(whole["status"], "incomplete");
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode::answer(&body);
    }
}
