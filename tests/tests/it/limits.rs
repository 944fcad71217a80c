//! Limits through the real binary: exactly as many calls pass as a limit allows, however many ask at once, on each database and
//! each way to keep the ledger; counts outlive a kill. After each test the books are proved.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::client::Call;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, SOON, Stage, hello, on_both, saying, streamed, with, within_a_second};
use tests::till::{audit, grant, nano, number, price, sell};
use tokio::task::JoinSet;

/// Clients that ask at the same time.
const CLIENTS: usize = 64;

/// A stage that sells a model, on a database with the ledger kept like this.
async fn shop(kind: Kind, ledger: &str) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    if kind == Kind::Postgres {
        stage.hub.set("HUB_LEDGER", ledger);
    }
    for model in ["gpt-4o-mini", "gpt-4o", "slow-writer"] {
        price(&stage, model, "1000", "10000").await;
    }
    sell(&stage.hub).await;
    grant(&stage.hub, "1000").await;
    stage
}

/// Each way in which a hub keeps its counts.
async fn everywhere(test: impl AsyncFn(Stage)) {
    for (kind, ledger) in [
        (Kind::Sqlite, ""),
        (Kind::Postgres, "owned"),
        (Kind::Postgres, "shared"),
    ] {
        let mut stage = shop(kind, ledger).await;
        stage.hub.serve().await;
        test(stage).await;
    }
}

async fn limit(stage: &Stage, what: &[&str]) -> Value {
    let arguments = [&["limit", "set", "--key", &stage.key_id], what].concat();
    stage.hub.json(&arguments, "").await
}

/// How a limit of the key stands: used, reserved.
async fn stands(stage: &Stage, measure: &str) -> (i64, i64) {
    let limits = stage.hub.json(&["limit", "list", "--key", &stage.key_id], "").await;
    let found = limits
        .as_array()
        .unwrap()
        .iter()
        .find(|limit| limit["measure"] == measure)
        .unwrap()
        .clone();
    (figure(&found["used"]), figure(&found["reserved"]))
}

/// Waits until these servers, which run, go by all limits that were set before. A limit of nothing on another model tells: changes
/// are seen in their order. It is asked for with a key of its own, as what passes until then counts.
async fn seen(stage: &Stage, hubs: &[&Hub], marker: &str) {
    let probe = stage.hub.create_key(ADMIN, "probe").await;
    let (probe, model) = (probe["key"].as_str().unwrap(), format!("fake/{marker}"));
    let set = ["limit", "set", "--model", &model, "--requests", "0", "--per", "minute"];
    stage.hub.json(&set, "").await;
    for hub in hubs {
        within_a_second(async || {
            let call = hub.post("/v1/chat/completions", &hello(marker)).bearer(probe);
            call.send().await.unwrap().status == 429
        })
        .await;
    }
}

/// The same where every key of the person counts: the marker is a limit of nothing on the project of somebody else.
async fn seen_without_counting(stage: &Stage) {
    let other = "moss@example.test";
    stage.hub.create_user(other, "member", "a long enough password").await;
    let probe = stage.hub.create_key(other, "probe").await;
    let set = [
        "limit",
        "set",
        "--key",
        probe["id"].as_str().unwrap(),
        "--requests",
        "0",
        "--per",
        "minute",
    ];
    stage.hub.json(&set, "").await;
    within_a_second(async || {
        let call = stage.hub.post("/v1/chat/completions", &asked());
        let call = call.bearer(probe["key"].as_str().unwrap());
        call.send().await.unwrap().status == 429
    })
    .await;
}

/// What one client came to.
#[derive(Debug, Default)]
struct Came {
    served: i64,
    refused: Vec<Value>,
}

/// So many clients at once, each asking one of these hubs until it is served or told that waiting does not help.
/// Whether there is room once the running calls have ended without using anything.
fn ends_suffice(limit: &Value) -> bool {
    figure(&limit["used"]) + figure(&limit["needed"]) <= figure(&limit["limit"])
}

/// A count, or an amount of credits in nano.
fn figure(told: &Value) -> i64 {
    match told {
        credits @ Value::String(_) => nano(credits),
        count => count.as_i64().unwrap(),
    }
}

async fn rush(hubs: &[&Hub], key: &str, body: &Value) -> Came {
    let mut clients = JoinSet::new();
    let (key, body) = (Arc::new(key.to_owned()), Arc::new(body.clone()));
    for client in 0..CLIENTS {
        let address = hubs[client % hubs.len()].address();
        let (key, body) = (Arc::clone(&key), Arc::clone(&body));
        clients.spawn(async move {
            loop {
                let call = Call::post(address, "/v1/chat/completions", &body).promised();
                let answer = call.bearer(&key).send().await.unwrap();
                let status = answer.status.as_u16();
                if status == 200 {
                    answer.text().await.unwrap();
                    return Ok(());
                }
                let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
                if told["error"]["code"] == "journal_behind" || told["error"]["code"] == "ledger_behind" {
                    // A busy machine writes no faster. It was not let in, and does as it is told.
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
                assert!(matches!(status, 402 | 429), "{status}: {told}");
                if !ends_suffice(&told["error"]["limit"]) {
                    return Err(told);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    let mut came = Came::default();
    for client in clients.join_all().await {
        match client {
            Ok(()) => came.served += 1,
            Err(told) => came.refused.push(told),
        }
    }
    came
}

/// The most attempts that were under way at the same time, by the log.
async fn at_once(hub: &Hub) -> i64 {
    number(
        hub,
        "SELECT CAST(MAX(n) AS BIGINT) FROM (SELECT a.id, (SELECT COUNT(*) FROM attempt b
            WHERE b.started_at <= a.started_at AND b.started_at + b.duration_us > a.started_at) AS n FROM attempt a) d",
    )
    .await
}

#[tokio::test]
async fn exactly_as_many_requests_pass_as_the_limit_says() {
    everywhere(async |stage| {
        limit(&stage, &["--requests", "20", "--per", "day"]).await;
        limit(&stage, &["--requests", "1000", "--per", "minute", "--rolling"]).await;
        seen(&stage, &[&stage.hub], "gpt-4o").await;
        let came = rush(&[&stage.hub], &stage.key, &asked()).await;
        assert_eq!((came.served, came.refused.len()), (20, CLIENTS - 20));
        for told in &came.refused {
            assert_eq!(told["error"]["code"], "rate_limit_exceeded", "{told}");
            assert_eq!(
                (&told["error"]["limit"]["window"], &told["error"]["limit"]["used"]),
                (&json!("day"), &json!(20))
            );
        }
        assert_eq!(stands(&stage, "requests").await, (20, 0));
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn exactly_as_much_is_spent_as_the_limit_says() {
    everywhere(async |stage| {
        let (bound, charge) = prices(&stage).await;
        let most = 9 * charge + bound;
        limit(&stage, &["--spend", &credits(most), "--per", "month"]).await;
        seen(&stage, &[&stage.hub], "gpt-4o").await;
        let came = rush(&[&stage.hub], &stage.key, &asked()).await;
        assert_eq!((came.served, came.refused.len()), (10, CLIENTS - 10));
        assert!(
            came.refused
                .iter()
                .all(|told| told["error"]["code"] == "spend_limit_reached")
        );
        assert_eq!(stands(&stage, "spend").await, (10 * charge, 0));
        audit(&stage.hub).await;
    })
    .await;
}

/// What a call is held for and what it costs.
async fn prices(stage: &Stage) -> (i64, i64) {
    assert_eq!(stage.chat(&asked()).send().await.unwrap().status, 200);
    let one = async |column: &str| number(&stage.hub, &format!("SELECT MAX({column}) FROM call")).await;
    (one("hold_amount").await, one("charge").await)
}

/// Nano-USD as an amount.
fn credits(nano: i64) -> String {
    format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000)
}

fn asked() -> Value {
    with(hello("gpt-4o-mini"), json!({"max_tokens": 10}))
}

#[tokio::test]
async fn tokens_of_a_project_are_never_more_than_the_limit_says() {
    everywhere(async |stage| {
        assert_eq!(stage.chat(&asked()).send().await.unwrap().status, 200);
        let sum = "input_uncached + cache_read + output_text + output_reasoning";
        let used = number(&stage.hub, &format!("SELECT MAX({sum}) FROM call")).await;
        // What a call reserves, and nine times what it uses: ten pass.
        let bound = asked().to_string().len() as i64 + 64 + 10;
        let most = (9 * used + bound).to_string();
        let keys = stage.hub.json(&["key", "list", "--user", ADMIN], "").await;
        let project = keys[0]["project_id"].as_str().unwrap().to_owned();
        let arguments = ["limit", "set", "--project", &project, "--tokens", &most, "--per", "day"];
        stage.hub.json(&arguments, "").await;
        seen_without_counting(&stage).await;
        let came = rush(&[&stage.hub], &stage.key, &asked()).await;
        assert_eq!(came.served, 10, "{used} of {most}: {:?}", came.refused.first());
        for told in &came.refused {
            let limit = &told["error"]["limit"];
            assert_eq!(
                (&limit["on"], &limit["measure"]),
                (&json!("project"), &json!("tokens")),
                "{told}"
            );
        }
        let limits = stage.hub.json(&["limit", "list", "--project", &project], "").await;
        assert_eq!(
            (&limits[0]["used"], &limits[0]["reserved"]),
            (&json!(10 * used), &json!(0))
        );
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn never_more_calls_run_at_once_than_the_limit_says() {
    everywhere(async |stage| {
        limit(&stage, &["--concurrent", "5"]).await;
        seen(&stage, &[&stage.hub], "gpt-4o").await;
        let body = with(
            streamed(saying("slow-writer", "write 3 words")),
            json!({"max_tokens": 100}),
        );
        let came = rush(&[&stage.hub], &stage.key, &body).await;
        assert_eq!(came.served, CLIENTS as i64, "{:?}", came.refused);
        let most = at_once(&stage.hub).await;
        assert!((2..=5).contains(&most), "{most} at once");
        assert_eq!(stands(&stage, "concurrent").await, (0, 0));
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn two_servers_keep_the_same_limits() {
    let mut stage = shop(Kind::Postgres, "shared").await;
    let mut twin = stage.hub.twin();
    let master = std::fs::read_to_string(stage.hub.data().join("master.key")).unwrap();
    twin.set("HUB_MASTER_KEY", master.trim());
    stage.hub.serve().await;
    twin.serve().await;
    let (bound, charge) = prices(&stage).await;
    limit(&stage, &["--spend", &credits(14 * charge + bound), "--per", "day"]).await;
    limit(&stage, &["--requests", "1000", "--per", "day"]).await;
    limit(&stage, &["--concurrent", "6"]).await;
    let both = [&stage.hub, &twin];
    seen(&stage, &both, "gpt-4o").await;
    let came = rush(&both, &stage.key, &asked()).await;
    assert_eq!((came.served, came.refused.len()), (15, CLIENTS - 15));
    assert_eq!(stands(&stage, "spend").await, (15 * charge, 0));
    assert_eq!(stands(&stage, "requests").await, (15, 0));
    assert!(at_once(&stage.hub).await <= 6);
    // Rates are exact too: the bound that is promised is none.
    limit(&stage, &["--spend", "900", "--per", "day"]).await;
    limit(&stage, &["--requests", "40", "--per", "day"]).await;
    seen(&stage, &both, "slow-writer").await;
    let came = rush(&both, &stage.key, &asked()).await;
    assert_eq!((came.served, came.refused.len()), (25, CLIENTS - 25));
    assert_eq!(stands(&stage, "requests").await, (40, 0));
    audit(&stage.hub).await;
}

#[tokio::test]
async fn what_was_spent_outlives_a_kill_and_what_was_reserved_does_not() {
    on_both(async |kind| {
        let mut stage = shop(kind, "shared").await;
        stage.hub.serve().await;
        let (_, charge) = prices(&stage).await;
        for what in [
            &["--spend", "100", "--per", "day"][..],
            &["--requests", "3", "--per", "day"],
            &["--concurrent", "1"],
        ] {
            limit(&stage, what).await;
        }
        seen(&stage, &[&stage.hub], "gpt-4o").await;
        assert_eq!(stage.chat(&asked()).send().await.unwrap().status, 200);
        let body = streamed(saying("slow-writer", "write 200 words"));
        let mut running = stage.chat(&body).send().await.unwrap();
        assert_eq!(running.status, 200);
        running.chunk().await.unwrap();
        assert_eq!(stands(&stage, "concurrent").await, (0, 1));
        assert!(stands(&stage, "spend").await.1 > 0);
        stage.hub.kill_and_restart().await;
        let begin = Instant::now();
        while stands(&stage, "concurrent").await != (0, 0) {
            assert!(begin.elapsed() < SOON, "what a dead server had reserved stays");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // The lost call was a request, and is charged nothing.
        assert_eq!(stands(&stage, "spend").await, (charge, 0));
        assert_eq!(stands(&stage, "requests").await, (2, 0));
        let begin = Instant::now();
        while stage.chat(&asked()).send().await.unwrap().status != 200 {
            assert!(begin.elapsed() < SOON, "the server believes that a dead call runs");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let (status, told) = stage.chat(&asked()).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["limit"]["used"]),
            (429, &json!(3)),
            "{told}"
        );
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn a_command_sets_lists_and_removes_and_a_server_follows_within_a_second() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let passes = async || stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status == 200;
        assert!(passes().await);
        let model = "fake/gpt-4o-mini";
        let set = stage
            .hub
            .json(
                &["limit", "set", "--model", model, "--requests", "0", "--per", "minute"],
                "",
            )
            .await;
        within_a_second(async || !passes().await).await;
        let (status, told) = stage.chat(&hello("gpt-4o-mini")).json().await.unwrap();
        assert_eq!(status, 429);
        assert_eq!(
            told["error"]["limit"],
            json!({"on": "model", "measure": "requests", "window": "minute", "waiting_helps": false})
        );
        stage
            .hub
            .json(&["limit", "remove", set["id"].as_str().unwrap()], "")
            .await;
        within_a_second(async || passes().await).await;

        for (wrong, sentence) in [
            (
                &["--model", model, "--spend", "5", "--per", "day"][..],
                "A limit of spend is on a key, a project or a user.",
            ),
            (
                &["--user", ADMIN, "--requests", "5", "--per", "month"],
                "limited per minute, hour or day",
            ),
            (&["--user", ADMIN, "--requests", "5"], "--per"),
            (&["--user", ADMIN, "--concurrent", "5", "--rolling"], "--rolling"),
            (
                &["--user", ADMIN, "--spend", "5", "--per", "total", "--rolling"],
                "--rolling",
            ),
            (&["--user", ADMIN, "--requests=-5", "--per", "day"], "from 0 on"),
            (&["--user", "nobody@example.test", "--concurrent", "5"], "no such user"),
        ] {
            let ran = stage.hub.run(&[&["limit", "set"], wrong].concat(), "").await;
            assert!(
                ran.code != Some(0) && ran.stderr.contains(sentence),
                "{wrong:?}: {ran:?}"
            );
        }
        stage
            .hub
            .json(
                &[
                    "limit",
                    "set",
                    "--user",
                    ADMIN,
                    "--spend",
                    "5",
                    "--per",
                    "week",
                    "--rolling",
                ],
                "",
            )
            .await;
        let (status, limits) = stage.get("/v1/limits").json().await.unwrap();
        assert_eq!(status, 200);
        let told = &limits["data"][0];
        assert_eq!(
            (&told["on"], &told["window"], &told["limit"], &told["remaining"]),
            (&json!("user"), &json!("rolling week"), &json!("5.00"), &json!("5.00"))
        );
        let changes = number(
            &stage.hub,
            "SELECT COUNT(*) FROM audit WHERE action IN ('limit.create', 'limit.remove')",
        )
        .await;
        assert_eq!(changes, 3);
    })
    .await;
}

#[tokio::test]
async fn each_dialect_tells_a_limit_in_its_words() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        limit(&stage, &["--requests", "1", "--per", "day"]).await;
        seen(&stage, &[&stage.hub], "gpt-4o").await;
        let body = with(hello("gpt-4o-mini"), json!({"max_tokens": 10}));
        let answer = stage
            .post("/v1/messages", &body)
            .header("anthropic-version", "2023-06-01")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("anthropic-ratelimit-requests-remaining"), Some("0"));
        answer.text().await.unwrap();
        let wanted = [
            (
                "/v1/messages",
                "anthropic-ratelimit-requests-limit",
                "/error/type",
                "rate_limit_error",
                "/error/details/limit",
            ),
            (
                "/v1/chat/completions",
                "x-ratelimit-limit-requests",
                "/error/code",
                "rate_limit_exceeded",
                "/error/limit",
            ),
            (
                "/v1/responses",
                "x-ratelimit-limit-requests",
                "/error/code",
                "rate_limit_exceeded",
                "/error/limit",
            ),
            (
                "/api/v2/chat/completions",
                "x-ratelimit-limit-requests",
                "/error/type",
                "TOO_MANY_REQUESTS",
                "/error/limit",
            ),
        ];
        // It frees at midnight; then one that the time alone never frees.
        for frees in [true, false] {
            if !frees {
                limit(&stage, &["--requests", "0", "--per", "day"]).await;
                let is_zero = async || {
                    let (_, told) = stage.chat(&hello("gpt-4o-mini")).json().await.unwrap();
                    told["error"]["limit"]["limit"] == 0
                };
                within_a_second(is_zero).await;
            }
            for (path, header, place, word, facts) in wanted {
                let body = match path {
                    "/v1/responses" => json!({"model": "fake/gpt-4o-mini", "input": "hello"}),
                    _ => body.clone(),
                };
                let answer = stage.post(path, &body).send().await.unwrap();
                assert_eq!(answer.status, 429, "{path}");
                assert_eq!(answer.header(header), Some(if frees { "1" } else { "0" }), "{path}");
                let seconds: Option<u32> = answer.header("retry-after").map(|seconds| seconds.parse().unwrap());
                assert!(seconds.is_none_or(|seconds| (1..=86_400).contains(&seconds)));
                let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
                assert_eq!(told.pointer(place), Some(&json!(word)), "{path}: {told}");
                let facts = told.pointer(facts).unwrap();
                assert_eq!(facts["used"], 1, "{path}: {told}");
                // Header, moment and word agree.
                assert_eq!(
                    (
                        seconds.is_some(),
                        facts["frees_at"].is_string(),
                        &facts["waiting_helps"]
                    ),
                    (frees, frees, &json!(frees)),
                    "{path}: {told}"
                );
            }
        }
    })
    .await;
}
