//! The document against the router itself: a path that is mounted and of which neither the document nor this page says anything is found.

use std::collections::BTreeSet;

use super::*;

/// Every path of a router, read off how it shows itself: `axum` has no other list.
fn mounted(router: &Router) -> BTreeSet<String> {
    let shown = format!("{router:?}");
    let mut paths = BTreeSet::new();
    // What answers everything else has paths of its own behind these.
    let mut rest = shown.split(", fallback_router: ").next().unwrap_or_default();
    while let Some(at) = rest.find("RouteId(") {
        rest = &rest[at + "RouteId(".len()..];
        let path = rest
            .split_once("): \"")
            .filter(|(number, _)| number.bytes().all(|digit| digit.is_ascii_digit()))
            .and_then(|(_, path)| path.split_once('"'));
        if let Some((path, _)) = path {
            paths.insert(path.to_owned());
        }
    }
    paths
}

/// What answers that there is nothing.
const NOTHING: [&str; 6] = ["/v1", "/v1/", "/v1/{*path}", "/api", "/api/", "/api/{*path}"];

#[tokio::test]
async fn every_path_of_the_router_is_described_or_no_part_of_the_document() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let mounted = mounted(&hub.router);
    // The list was read at all, and to its end.
    for path in [
        "/v1/messages",
        "/credits/ledger.csv",
        "/users",
        "/do/app/pages/gate/sign_in/sign_in",
        "/licenses.txt",
    ] {
        assert!(mounted.contains(path), "{path} is not among {mounted:?}");
    }
    let described: BTreeSet<String> = described().iter().map(|entry| entry.path.to_owned()).collect();
    let files = open_doors().into_iter().filter(|door| matches!(door.said, Said::File));
    let pages = leptos_axum::generate_route_list(app::App);
    // For browsers alone: pages, the functions behind their forms, static files.
    let mut browsers: BTreeSet<String> = files.map(|door| door.path.to_owned()).collect();
    browsers.extend(pages.iter().map(|page| page.path().to_owned()));
    browsers.extend(leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()));
    browsers.extend(NOTHING.map(str::to_owned));
    let known: BTreeSet<String> = described.union(&browsers).cloned().collect();
    let unsaid: Vec<&String> = mounted.difference(&known).collect();
    assert!(unsaid.is_empty(), "no word is said of {unsaid:?}");
    let unmounted: Vec<&String> = described.difference(&mounted).collect();
    assert!(unmounted.is_empty(), "described, and not there: {unmounted:?}");
    hub.end().await;
}
