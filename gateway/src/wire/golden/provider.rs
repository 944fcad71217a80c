//! Fixtures of the provider side of a wire: requests in canonical words and what the provider is sent; answers of the provider
//! and what they mean. Used by `google` and `ollama`; reports of usage beside the buckets they come to by every wire that has some.

use domain::usage::Usage;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::wire::{
    canonical::{Event, ReadProblem, Report, Request, RequestWriter, StreamReader, Target},
    golden,
};

/// Writes every request of `fixtures/<wire>/requests`, twice, and compares.
pub(crate) fn requests(wire: &str, writer: &impl RequestWriter, least: usize) {
    golden::each(&format!("{wire}/requests"), least, |case| {
        let input: Value = serde_json::from_slice(&case.input).unwrap();
        let request: Request = serde_json::from_value(input["request"].clone()).unwrap();
        let target = Target {
            slug: input["slug"].as_str().unwrap(),
            cap: input["cap"].as_u64(),
        };
        let written = writer.write(&request, &target);
        assert_eq!(written, writer.write(&request, &target));
        let output = match written {
            Ok((body, dropped)) => json!({
                "body": serde_json::from_slice::<Value>(&body).unwrap(),
                "dropped": dropped.into_iter().map(|dropped| dropped.0).collect::<Vec<_>>(),
            }),
            Err(refusal) => json!({"message": refusal.message, "param": refusal.param}),
        };
        case.check_json("out.json", output.to_string().as_bytes());
    });
}

/// Reads every report of `fixtures/<wire>/usage` and compares the buckets that are not empty.
pub(crate) fn usage<Nonsense: std::fmt::Debug>(
    wire: &str,
    least: usize,
    normalise: impl Fn(&[u8], &Value) -> Result<Usage, Nonsense>,
) {
    golden::each(&format!("{wire}/usage"), least, |case| {
        let input: Value = serde_json::from_slice(&case.input).unwrap();
        let usage = normalise(input["usage"].to_string().as_bytes(), &input);
        let mut buckets =
            serde_json::to_value(usage.unwrap_or_else(|nonsense| panic!("{}: {nonsense:?}", case.name))).unwrap();
        let counts = buckets.as_object_mut().unwrap();
        counts.retain(|_, count| count.as_u64() != Some(0));
        case.check_json("out.json", buckets.to_string().as_bytes());
    });
}

fn show(answer: Result<(Vec<Event>, Option<Report>), ReadProblem>) -> Value {
    match answer {
        Ok((events, report)) => {
            let report = report.map(|report| {
                let raw: Value = serde_json::from_slice(&report.raw).unwrap();
                json!({"raw": raw, "usage": report.usage})
            });
            json!({"events": events, "report": report})
        }
        Err(ReadProblem::Malformed) => json!({"malformed": true}),
        Err(ReadProblem::Reported { message, code }) => json!({"message": message, "code": code}),
    }
}

/// Reads every answer of `fixtures/<wire>/answers` and compares; those whose name begins with `stream_` are streams.
pub(crate) fn answers<Reader: StreamReader>(
    wire: &str,
    least: usize,
    whole: impl Fn(&[u8]) -> Result<(Vec<Event>, Option<Report>), ReadProblem>,
    stream: impl Fn(&[u8]) -> (Result<Vec<Event>, ReadProblem>, Reader),
) {
    golden::each(&format!("{wire}/answers"), least, |case| {
        let output = if case.name.starts_with("stream_") {
            let (events, reader) = stream(&case.input);
            let mut output = show(events.map(|events| (events, reader.report())));
            output["complete"] = json!(reader.is_complete());
            output["finish_reason"] = json!(reader.finish_reason());
            output["text_bytes"] = json!(reader.text_bytes());
            output
        } else {
            show(whole(&case.input))
        };
        case.check_json("out.json", output.to_string().as_bytes());
    });
}

/// Any JSON, whose objects have members with these names.
pub(crate) fn any_json(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, move |inner| {
        let members = proptest::collection::vec((proptest::sample::select(names), inner.clone()), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect())
            }),
        ]
    })
}
