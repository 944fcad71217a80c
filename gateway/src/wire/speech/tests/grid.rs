//! What every provider is sent of what every client asks: `fixtures/grid/requests/DIALECT/CASE.in.json` beside `CASE.to.WIRE.json`.

use bytes::Bytes;
use domain::catalog::Quirks;
use serde_json::{Value, json};

use super::{Speech, Unasked, scan};
use crate::wire::golden::{self, grid};

#[test]
fn every_request_reaches_every_wire_as_the_files_beside_it_say() {
    let providers = grid::providers();
    let endings: Vec<String> = providers
        .iter()
        .map(|provider| format!("to.{}.json", provider.name))
        .collect();
    let mut cases = Vec::new();
    for dialect in grid::dialects() {
        let folder = format!("grid/requests/{}", grid::name(dialect));
        for case in golden::demanded(&folder, grid::requests(dialect), &endings) {
            for (provider, ending) in providers.iter().zip(&endings) {
                let speech = Speech::between(dialect, provider.kind, provider.slug);
                assert_eq!(speech.wire, provider.wire, "{dialect:?}");
                let sent = sent(speech, provider.slug, &case.input);
                assert_eq!(
                    sent,
                    self::sent(speech, provider.slug, &case.input),
                    "the same each time"
                );
                case.check_json(ending, sent.to_string().as_bytes());
            }
            cases.push(case);
        }
    }
    golden::settle(&cases);
}

/// The body and what could not be said; or why nothing is sent.
fn sent(speech: Speech, slug: &str, body: &[u8]) -> Value {
    let body = Bytes::copy_from_slice(body);
    let mut scanned = scan(speech.dialect, &body).unwrap();
    let prepared = speech.prepare(&mut scanned, &body, slug).map_err(Unasked::Unread);
    // Files whose provider fetches none are fetched by the hub before.
    let named = scanned.named_files(speech, slug, 20).ok().unwrap_or_default();
    let fetched = named
        .into_iter()
        .map(|wanted| (wanted.file, ("image/png".to_owned(), "RkVUQ0hFRA==".to_owned())));
    scanned.put_in(&fetched.collect());
    let asked = prepared.and_then(|()| speech.ask(&scanned, &body, slug, &Quirks::default(), None));
    match asked {
        Ok(asked) => {
            let dropped: Vec<String> = asked.dropped.into_iter().map(|dropped| dropped.0).collect();
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            json!({ "dropped": dropped, "body": body })
        }
        Err(problem) => json!({ "refused": problem.to_string() }),
    }
}
