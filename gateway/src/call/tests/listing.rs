//! Lists of models that come in pages: where reading stops before their end, that is told.

use domain::{access::Admin, catalog::ProviderKind, provider::TestReport};
use serde_json::json;

use super::{
    client::{Hub, Setup},
    upstream::{Step, Upstream, json as answered},
};
use crate::Origin;

fn page(names: impl Iterator<Item = usize>, more: bool) -> Vec<Step> {
    let names: Vec<_> = names
        .map(|name| json!({"type": "model", "id": format!("m{name}")}))
        .collect();
    answered(
        200,
        &json!({"data": names, "has_more": more, "last_id": "m"}).to_string(),
    )
}

async fn listed(pages: Vec<Vec<Step>>) -> (TestReport, usize) {
    let upstream = Upstream::start(pages).await;
    let hub = Hub::with(Setup {
        kind: ProviderKind::Anthropic,
        preset: None,
        ..Setup::at(upstream.base_url.trim_end_matches("/v1"))
    })
    .await;
    let admin = Admin::command_line();
    let providers = hub.gateway.providers();
    let provider = providers.list(&admin.reader()).await.unwrap().remove(0);
    let report = providers.refresh_models(&admin, Origin::default(), provider.id).await;
    (report.unwrap(), upstream.requests().len())
}

#[tokio::test]
async fn pages_are_read_to_their_end_and_what_is_not_read_is_told() {
    for (what, pages, models, cut, asked) in [
        ("two", vec![page(0..2, true), page(2..3, false)], 3, false, 2),
        ("one fails", vec![page(0..2, true), answered(500, "{}")], 2, true, 2),
        ("they never end", vec![page(0..2, true)], 2, true, 20),
        (
            "enough",
            vec![page(0..5_000, true), page(5_000..5_001, false)],
            5_000,
            true,
            1,
        ),
        (
            "a long last one",
            vec![page(0..2, true), page(2..6_000, false)],
            5_002,
            true,
            2,
        ),
    ] {
        let (report, requests) = listed(pages).await;
        assert_eq!(
            (report.models.len(), report.cut, requests),
            (models, cut, asked),
            "{what}"
        );
        assert!(report.listed, "{what}");
    }
}
