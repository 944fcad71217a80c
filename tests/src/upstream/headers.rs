//! What must never arrive at a provider, and what a provider's answers carry that must never reach a client.
//! The server calls both; the rules are those of a gateway's header allow-lists.

use http::{HeaderMap, HeaderName};

/// Headers of a client or of a reverse proxy in front of the gateway that no gateway may pass on.
const FORBIDDEN: [&str; 10] = [
    "cookie",
    "forwarded",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "origin",
    "referer",
    "proxy-authorization",
    "proxy-connection",
    "x-csrf-token",
];

/// One sentence for each thing in a request that must not be there. `other` is the header in which the providers of the other
/// wire have their credential.
pub(crate) fn violations(headers: &HeaderMap, body: &[u8], forbidden: &[String], other: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in headers {
        if FORBIDDEN.contains(&name.as_str()) || name == other || name.as_str().starts_with("x-forwarded-") {
            found.push(format!("the header {name} reached the provider"));
        }
        for text in forbidden {
            if contains(value.as_bytes(), text.as_bytes()) {
                found.push(format!("a forbidden text reached the provider in the header {name}"));
            }
        }
    }
    if forbidden.iter().any(|text| contains(body, text.as_bytes())) {
        found.push("a forbidden text reached the provider in the body".to_owned());
    }
    for name in ["authorization", "x-api-key"] {
        if headers.get_all(name).iter().count() > 1 {
            found.push(format!("several {name} headers reached the provider"));
        }
    }
    found
}

/// Headers on every answer: those a client may see (request id, limits) and those of the operator (cookie,
/// organisation, project) that a gateway must drop. Names as on OpenAI's page "Debugging requests".
pub(crate) fn on_answers(serial: u64) -> [(HeaderName, String); 9] {
    let name = HeaderName::from_static;
    [
        (name("x-request-id"), format!("req_fake{serial:08}")),
        (name("openai-organization"), "org-operator-secret".to_owned()),
        (name("openai-project"), "proj_operator_secret".to_owned()),
        (name("openai-processing-ms"), "7".to_owned()),
        (name("openai-version"), "2020-10-01".to_owned()),
        (name("x-ratelimit-limit-requests"), "10000".to_owned()),
        (name("x-ratelimit-remaining-requests"), "9999".to_owned()),
        (
            name("set-cookie"),
            "__cf_bm=operator-cookie; path=/; HttpOnly".to_owned(),
        ),
        (name("alt-svc"), "h3=\":443\"; ma=86400".to_owned()),
    ]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && haystack.windows(needle.len()).any(|window| window == needle)
}
