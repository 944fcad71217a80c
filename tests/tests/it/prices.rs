//! Prices by the command line, beside a running server and without one.

use serde_json::{Value, json};
use tests::hub::{Hub, Kind, Ran};
use tests::stage::{on_both, within_a_second};

const MODEL: &str = "demo/simulated-large";

async fn hub_with_model(kind: Kind) -> Hub {
    let mut hub = Hub::new(kind).await;
    hub.set("HUB_LOG", "warn");
    hub.provider("simulated", "demo")
        .models(["simulated-large"])
        .add()
        .await;
    hub
}

async fn set(hub: &Hub, more: &[&str]) -> Ran {
    hub.run(&[&["price", "set", "--model", MODEL, "--json"], more].concat(), "")
        .await
}

async fn published(hub: &Hub, more: &[&str]) -> Value {
    let ran = set(hub, more).await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[tokio::test]
async fn a_price_is_set_listed_and_remembered_exactly() {
    on_both(async |kind| {
        let mut hub = hub_with_model(kind).await;
        let unpriced = hub.json(&["price", "list", "--unpriced"], "").await;
        assert!(unpriced.as_array().unwrap().iter().any(|entry| entry["model"] == MODEL));
        let first = published(
            &hub,
            &[
                "--input-per-million",
                "0.15",
                "--output-per-million",
                "0.6",
                "--cache-read-per-million",
                "0",
                "--per-request",
                "0.001",
                "--image",
                "1024x1024/hd=0.08",
                "--margin-percent",
                "12.5",
                "--sell-output-per-million",
                "0.700001",
                "--tier",
                "above=200000,input=0.3",
                "--sell-tier",
                "above=200000,input=0.4",
                "--tier-rule",
                "marginal",
                "--reason",
                "first prices",
            ],
        )
        .await;
        assert!(first["id"].as_str().unwrap().starts_with("price_"), "{first}");
        assert_eq!(
            first["cost_per_million"]["base"],
            json!({ "input": "0.15", "output": "0.60", "cache_read": "0.00" })
        );
        // As it was typed: what is sold by the piece is not told by the million.
        assert_eq!(
            (&first["cost_per_piece"]["base"], &first["sell_per_piece"]["base"]),
            (
                &json!({ "request": "0.001", "image/1024x1024/hd": "0.08" }),
                &json!({ "request": "0.001125", "image/1024x1024/hd": "0.09" })
            )
        );
        assert_eq!(
            first["sell_per_million"],
            json!({
                "base": { "input": "0.16875", "output": "0.700001", "cache_read": "0.00" },
                "tiers": [{ "above": 200_000, "rates": { "input": "0.40" } }], "rule": "marginal",
            })
        );
        assert_eq!(
            (&first["margin"], &first["reason"]),
            (&json!("12.5"), &json!("first prices"))
        );
        let list = hub.json(&["price", "list"], "").await;
        let entry = list
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["model"] == MODEL)
            .unwrap();
        assert_eq!((&entry["current"], &entry["unpriced"]), (&first, &json!(false)));

        hub.serve().await;
        let second = published(
            &hub,
            &[
                "--input-per-million",
                "1",
                "--output-per-million",
                "2",
                "--effective-from",
                "2999-01-01T00:00:00Z",
            ],
        )
        .await;
        let history = hub.json(&["price", "history", "--model", MODEL], "").await;
        assert_eq!(history, json!([second, first]));
        let list = hub.json(&["price", "list"], "").await;
        let entry = list
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["model"] == MODEL)
            .unwrap();
        assert_eq!((&entry["current"], &entry["next"]), (&first, &second));
        let text = hub.run(&["price", "history", "--model", MODEL], "").await;
        for words in [
            "scheduled",
            "in force",
            "0.15 -> 0.16875",
            "2999-01-01T00:00:00Z",
            "first prices",
            "command line",
        ] {
            assert!(text.stdout.contains(words), "{words}: {}", text.stdout);
        }
    })
    .await;
}

#[tokio::test]
async fn errors_say_what_to_do_and_change_nothing() {
    on_both(async |kind| {
        let hub = hub_with_model(kind).await;
        let cases: [(&[&str], i32, &str); 13] = [
            // With a space as well: it is no other flag.
            (
                &["--input-per-million", "-5"],
                2,
                "--input-per-million: `-5` is too small.",
            ),
            (
                &["--input-per-million", "9000000", "--margin-percent", "100000000"],
                2,
                "--margin-percent: `100000000` is too large.",
            ),
            (
                &["--output-per-million", "9000000000000", "--margin-percent", "100"],
                2,
                "The cost of `output` with the margin on it is more than a price can be.",
            ),
            (
                &[
                    "--input-per-million",
                    "1",
                    "--output-per-million",
                    "2",
                    "--tier",
                    "above=5,input=1,output=3",
                    "--tier-rule",
                    "marginal",
                ],
                1,
                "would never be charged: output. Pictures sold by the piece have no tiers, and under the tier rule `marginal` a tier prices input alone. Leave them out there.",
            ),
            (&[], 2, "at least one price"),
            (
                &["--input-per-million", "1,5"],
                2,
                "--input-per-million: `1,5` is not a decimal number",
            ),
            (&["--input-per-million", "0.0000001"], 2, "decimals"),
            (
                &[
                    "--input-per-million",
                    "1",
                    "--tier",
                    "above=5,input=1",
                    "--tier",
                    "above=5,input=2",
                ],
                2,
                "--tier: there are two tiers above 5.",
            ),
            (
                &["--input-per-million", "1", "--margin-percent", "many"],
                2,
                "not a decimal number",
            ),
            (
                &["--input-per-million", "1", "--margin-percent=-5"],
                1,
                "--below-cost-ok",
            ),
            (
                &["--input-per-million", "1", "--effective-from", "2020-01-01T00:00:00Z"],
                1,
                "not in the past",
            ),
            (
                &["--input-per-million", "1", "--effective-from", "tomorrow"],
                2,
                "2027-01-31T00:00:00Z",
            ),
            (
                &["--input-per-million", "1", "--sell-tier", "above=5,input=1"],
                2,
                "Add it to the cost",
            ),
        ];
        for (more, code, words) in cases {
            let ran = set(&hub, more).await;
            assert_eq!(ran.code, Some(code), "{more:?}: {}", ran.stderr);
            assert!(ran.stderr.contains(words), "{more:?}: {}", ran.stderr);
        }
        for arguments in [
            ["price", "set", "--model", "demo/none", "--input-per-million", "1"].as_slice(),
            &["price", "history", "--model", "demo/none"],
        ] {
            let ran = hub.run(arguments, "").await;
            assert_eq!(ran.code, Some(1));
            assert!(ran.stderr.contains("model list"), "{}", ran.stderr);
        }
        assert_eq!(hub.json(&["price", "history", "--model", MODEL], "").await, json!([]));
        let meant = published(
            &hub,
            &["--input-per-million", "1", "--margin-percent=-5", "--below-cost-ok"],
        )
        .await;
        assert_eq!(meant["sell_per_million"]["base"]["input"], "0.95");
        let below = hub.json(&["price", "list", "--below-cost"], "").await;
        assert_eq!(
            (below.as_array().unwrap().len(), &below[0]["below_cost"][0]["dimension"]),
            (1, &json!("input"))
        );
    })
    .await;
}

/// All that is to be known of a price stands in one row: what it lacks, what is sold below cost, what a picture costs.
#[tokio::test]
async fn a_row_says_all_that_is_to_be_known() {
    on_both(async |kind| {
        let hub = hub_with_model(kind).await;
        let row = async |more: &[&str]| {
            let ran = hub.run(&[&["price", "set", "--model", MODEL], more].concat(), "").await;
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            // It begins in a moment where it replaces another; then the table tells the one before, and the history this one.
            let history = hub
                .run(&["price", "history", "--model", MODEL, "--limit", "1"], "")
                .await;
            let list = hub.run(&["price", "list"], "").await;
            let line = list.stdout.lines().find(|line| line.starts_with(MODEL));
            (ran.stderr, line.unwrap_or_default().to_owned(), history.stdout)
        };
        let first = [
            "--input-per-million",
            "10",
            "--sell-input-per-million",
            "5",
            "--below-cost-ok",
        ];
        let (_, line, history) = row(&first).await;
        for words in [
            "10.00 -> 5.00",
            "-50",
            "no price for output: enough for embeddings alone; below cost",
        ] {
            assert!(line.contains(words), "{words}: {line}");
        }
        assert!(history.contains("-50"), "{history}");
        let uncosted = [
            "--input-per-million",
            "1",
            "--sell-output-per-million",
            "2",
            "--image",
            "1024x1024/hd=0.08",
        ];
        let (told, _, history) = row(&uncosted).await;
        assert!(told.contains("Warning: no cost for output"), "{told}");
        assert!(history.contains("image/1024x1024/hd 0.08 -> 0.08"), "{history}");
        hub.provider("simulated", "own").models(["draw"]).add().await;
        let draws = [
            "price",
            "set",
            "--model",
            "own/draw",
            "--image",
            "1024x1024/hd=0.08",
            "--margin-percent",
            "25",
        ];
        assert_eq!(hub.run(&draws, "").await.code, Some(0));
        let list = hub.run(&["price", "list"], "").await;
        let line = list
            .stdout
            .lines()
            .find(|line| line.starts_with("own/draw"))
            .unwrap_or_default();
        assert!(
            line.contains("image/1024x1024/hd 0.08 -> 0.10") && !line.contains("- -> -"),
            "{line}"
        );
    })
    .await;
}

/// Of a name that two models have had, one after the other: what the first one's versions are now is not decided by the second one's.
#[tokio::test]
async fn a_history_tells_what_each_version_is_now() {
    on_both(async |kind| {
        let hub = hub_with_model(kind).await;
        let states = async |limit: &str| {
            let ran = hub
                .run(&["price", "history", "--model", MODEL, "--limit", limit], "")
                .await;
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            let known = ["model gone", "in force", "scheduled", "past"];
            let rows = ran.stdout.lines().filter(|line| line.starts_with("price_"));
            let state = |row: &str| *known.iter().find(|state| row.contains(**state)).unwrap();
            rows.map(state).collect::<Vec<_>>()
        };
        let tiers = ["--tier", "above=200000,input=3", "--tier-rule", "marginal"];
        published(&hub, &[&["--input-per-million", "1"][..], &tiers].concat()).await;
        let text = hub.run(&["price", "history", "--model", MODEL], "").await.stdout;
        assert!(text.contains("above 200000 (marginal): input 3.00 -> 3.00"), "{text}");
        let text = hub.run(&["price", "list"], "").await.stdout;
        assert!(text.contains("above 200000 (marginal)"), "{text}");
        let later = ["--input-per-million", "2", "--effective-from", "2999-01-01T00:00:00Z"];
        published(&hub, &later).await;
        assert_eq!(states("50").await, ["scheduled", "in force"]);
        assert_eq!(states("1").await, ["scheduled"]);
        hub.json(&["provider", "remove", "demo"], "").await;
        assert_eq!(states("50").await, ["model gone", "model gone"]);
        hub.provider("simulated", "demo")
            .models(["simulated-large"])
            .add()
            .await;
        published(&hub, &["--input-per-million", "3"]).await;
        assert_eq!(states("50").await, ["in force", "model gone", "model gone"]);
    })
    .await;
}

#[tokio::test]
async fn a_running_server_sells_for_it_within_a_second() {
    on_both(async |kind| {
        let mut hub = hub_with_model(kind).await;
        hub.serve().await;
        let list = async || {
            let (status, page) = hub.get("/pricing").header("accept", "text/html").text().await.unwrap();
            assert_eq!(status, 200);
            page
        };
        assert!(!list().await.contains(MODEL));
        published(
            &hub,
            &[
                "--input-per-million",
                "0.15",
                "--output-per-million",
                "3",
                "--margin-percent",
                "20",
            ],
        )
        .await;
        // Two pieces, as the digits in front are quiet.
        within_a_second(async || {
            let page = list().await;
            page.contains(MODEL) && page.contains("value=\"0.18\"") && page.contains("value=\"3.60\"")
        })
        .await;
        let page = list().await;
        for cost in ["0.15", "value=\"3.00\""] {
            assert!(!page.contains(cost), "{cost} is nobody's business");
        }
        assert!(!page.contains("131,072"));
        hub.json(&["model", "set", "--model", MODEL, "--context-tokens", "131072"], "")
            .await;
        within_a_second(async || list().await.contains("131,072")).await;
    })
    .await;
}

/// A row that somebody has changed in the database takes neither the list nor the history with it, and another version is the way out. A
/// key of the hub that they take away is told, by whatever is run.
#[tokio::test]
async fn a_damaged_version_is_told_and_replaced_and_a_key_that_is_gone_is_not_made_again() {
    on_both(async |kind| {
        let hub = hub_with_model(kind).await;
        published(&hub, &["--input-per-million", "1", "--output-per-million", "2"]).await;
        let damage = match kind {
            Kind::Sqlite => "DROP TRIGGER price_kept; UPDATE price SET sheet = 'no sheet', reason = 'a reason that proves nothing'",
            Kind::Postgres => "DROP TRIGGER price_kept ON price; UPDATE price SET sheet = 'no sheet', reason = 'a reason that proves nothing'",
        };
        crate::ledger::execute(&hub, damage).await;
        let list = hub.json(&["price", "list"], "").await;
        let entry = |list: &Value| {
            let found = list.as_array().unwrap().iter().find(|entry| entry["model"] == MODEL);
            found.unwrap().clone()
        };
        let damaged = entry(&list);
        assert_eq!((&damaged["unpriced"], &damaged["current"]), (&json!(true), &json!(null)));
        assert!(damaged["damaged"].as_str().unwrap().starts_with("price_"), "{damaged}");
        let plain = hub.run(&["price", "list"], "").await;
        assert!(plain.code == Some(0) && plain.stdout.contains("damaged, unpriced"), "{plain:?}");
        let history = hub.json(&["price", "history", "--model", MODEL], "").await;
        assert_eq!(history[0]["damaged"], true, "{history}");
        let plain = hub.run(&["price", "history", "--model", MODEL], "").await;
        assert!(plain.stdout.contains("damaged") && !plain.stdout.contains("proves nothing"), "{plain:?}");
        let second = published(&hub, &["--input-per-million", "3", "--output-per-million", "4"]).await;
        let history = hub.json(&["price", "history", "--model", MODEL], "").await;
        assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
        let replaced = entry(&hub.json(&["price", "list"], "").await);
        // It begins in a moment, or has begun meanwhile.
        let begins = [&replaced["next"]["id"], &replaced["current"]["id"]];
        assert!(begins.contains(&&second["id"]), "{replaced}");
        let verified = hub.run(&["verify-ledger"], "").await;
        assert!(
            verified.code == Some(1) && verified.stdout.contains("is not as the hub has published it"),
            "{verified:?}"
        );
        let take = match kind {
            Kind::Sqlite => "DROP TRIGGER hub_key_stays; DELETE FROM hub_key WHERE label = 'price'",
            Kind::Postgres => "DROP TRIGGER hub_key_stays ON hub_key; DELETE FROM hub_key WHERE label = 'price'",
        };
        crate::ledger::execute(&hub, take).await;
        for command in ["verify-ledger", "verify-audit"] {
            let ran = hub.run(&[command], "").await;
            assert!(
                ran.code != Some(0) && ran.stderr.contains("the hub's own key `price` is gone"),
                "{command}: {ran:?}"
            );
        }
    })
    .await;
}
