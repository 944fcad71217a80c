//! Credit by the command line, beside a running server and without one, and the books after kills.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::Connection as _;
use tests::hub::{Hub, Kind, Ran};
use tests::stage::on_both;

const USER: &str = "one@example.test";

/// A hub with one person.
async fn hub_with_user(kind: Kind) -> Hub {
    let mut hub = Hub::new(kind).await;
    // Many commands: debug lines would weigh more than what is tested.
    hub.set("HUB_LOG", "warn");
    hub.create_user(USER, "member", "a long password").await;
    hub
}

/// On both databases, and where a server on PostgreSQL owns the ledger: what a command wants it leaves with that.
#[expect(clippy::print_stdout, reason = "a test that fails says how far it came")]
async fn in_all_ways(test: impl AsyncFn(Hub)) {
    let on = async |kind: Kind, ledger: &str| {
        let mut hub = hub_with_user(kind).await;
        hub.set("HUB_LEDGER", ledger);
        test(hub).await;
        println!("it holds on {kind:?}, {ledger}");
    };
    tokio::join!(
        Box::pin(on(Kind::Sqlite, "shared")),
        Box::pin(on(Kind::Postgres, "shared")),
        Box::pin(on(Kind::Postgres, "owned"))
    );
}

async fn grant(hub: &Hub, amount: &str, more: &[&str]) -> Ran {
    let arguments = [
        "credits", "grant", "--user", USER, "--amount", amount, "--reason", "because", "--json",
    ];
    hub.run(&[&arguments[..], more].concat(), "").await
}

async fn verified(hub: &Hub) -> Value {
    let report = hub.json(&["verify-ledger"], "").await;
    assert_eq!(report["findings"], json!([]), "{report}");
    report
}

/// Past the hub, as somebody with the database's password.
pub async fn execute(hub: &Hub, statements: &'static str) {
    match hub.kind {
        Kind::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(&hub.database_url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        }
        Kind::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&hub.database_url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        }
    }
}

#[tokio::test]
async fn credit_is_given_and_shown_with_a_server_and_without() {
    in_all_ways(async |mut hub| {
        for serving in [false, true] {
            if serving {
                hub.serve().await;
            }
            let given = grant(&hub, "1.5", &["--kind", "promo", "--expires", "90d"]).await;
            assert_eq!(given.code, Some(0), "{}", given.stderr);
            let given: Value = serde_json::from_str(&given.stdout).unwrap();
            assert!(given["lot"].as_str().unwrap().starts_with("lot_"), "{given}");
            assert_eq!(given["amount"], "1.50");
        }
        let exact = grant(&hub, "0.000000001", &["--expires", "2999-01-01T00:00:00Z"]).await;
        assert_eq!(exact.code, Some(0), "{}", exact.stderr);
        let balance = hub.json(&["credits", "balance", "--user", USER], "").await;
        assert_eq!(balance["spendable"], "3.000000001");
        let kinds: Vec<&str> = balance["lots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lot| lot["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["promo", "promo", "admin"]);
        let lines = hub.json(&["credits", "ledger", "--user", USER], "").await;
        assert_eq!(lines.as_array().unwrap().len(), 3);
        assert_eq!(
            (&lines[0]["seq"], &lines[0]["change"], &lines[0]["balance"]),
            (&json!(3), &json!("0.000000001"), &json!("3.000000001"))
        );
        let text = hub.run(&["credits", "ledger", "--user", USER], "").await;
        assert!(
            text.stdout.contains("because") && text.stdout.contains("1.50"),
            "{text:?}"
        );
        assert_eq!(verified(&hub).await["transactions"], 3);
        let one = hub.json(&["verify-ledger", "--account", USER], "").await;
        assert_eq!((&one["accounts"], &one["transactions"]), (&json!(1), &json!(3)));
        let account = balance["account"].as_str().unwrap();
        assert_eq!(hub.json(&["verify-ledger", "--account", account], "").await, one);
    })
    .await;
}

#[tokio::test]
async fn settings_are_kept_and_starter_credit_follows_them() {
    on_both(async |kind| {
        let hub = hub_with_user(kind).await;
        let value = async |name: &str| hub.json(&["settings", "get", name], "").await["value"].clone();
        assert_eq!(value("mode").await, "enterprise");
        for (name, value) in [
            ("mode", "service-provider"),
            ("starter-credit", "2.50"),
            ("starter-days", "7"),
        ] {
            let set = hub.json(&["settings", "set", name, value], "").await;
            assert_eq!(set, json!({ "name": name, "value": value }));
        }
        assert_eq!(value("mode").await, "service-provider");
        hub.create_user("two@example.test", "member", "a long password").await;
        let balance = hub
            .json(&["credits", "balance", "--user", "two@example.test"], "")
            .await;
        assert_eq!(
            (&balance["spendable"], &balance["lots"][0]["kind"]),
            (&json!("2.50"), &json!("starter"))
        );
        // Moments are told as the flags take them.
        let end = balance["lots"][0]["expires_at"].as_str().unwrap();
        assert!(
            end.starts_with("20") && end.contains('T') && end.ends_with('Z'),
            "{end}"
        );
        let first = hub.json(&["credits", "balance", "--user", USER], "").await;
        assert_eq!(first["spendable"], "0.00", "who was there before gets none");
        verified(&hub).await;
    })
    .await;
}

#[tokio::test]
async fn mistakes_with_credit_get_a_sentence() {
    on_both(async |kind| {
        let hub = hub_with_user(kind).await;
        let granting = |amount: &'static str, expires: &'static str, reason: &'static str| {
            [
                "credits",
                "grant",
                "--user",
                USER,
                "--amount",
                amount,
                "--expires",
                expires,
                "--reason",
                reason,
            ]
        };
        for (arguments, code, says) in [
            (&granting("1e3", "9d", "x")[..], 2, "decimal number"),
            (&granting("0.0000000001", "9d", "x")[..], 2, "9 decimals"),
            (&granting("0", "9d", "x")[..], 1, "more than zero"),
            (&granting("1", "soon", "x")[..], 2, "90d"),
            (&granting("1", "40000d", "x")[..], 2, "36500d"),
            (&granting("1", "9999-12-31T00:00:00Z", "x")[..], 2, "the year 9999"),
            (&granting("1", "2001-01-01T00:00:00Z", "x")[..], 1, "in the future"),
            (&granting("1", "9d", " ")[..], 2, "--reason"),
            (&["credits", "balance", "--user", "no@example.test"][..], 1, "user list"),
            (&["settings", "set", "mode", "free"][..], 2, "service-provider"),
            (&["settings", "get", "modes"][..], 2, "starter-credit"),
            (&["verify-ledger", "--account", "acct_0000000000001"][..], 1, "account"),
            (
                &["verify-ledger", "--since", "2099-01-01T00:00:00Z"][..],
                2,
                "lies ahead",
            ),
        ] {
            let ran = hub.run(arguments, "").await;
            let sentence = ran.complaint();
            assert!(sentence.contains(says), "{arguments:?}: {sentence}");
            assert_eq!(ran.code, Some(code), "{arguments:?}: {sentence}");
        }
        assert_eq!(verified(&hub).await["transactions"], 0);
    })
    .await;
}

#[tokio::test]
async fn books_that_were_changed_are_told_by_the_exit_code() {
    on_both(async |kind| {
        let hub = hub_with_user(kind).await;
        assert_eq!(grant(&hub, "1", &[]).await.code, Some(0));
        let tamper = match kind {
            Kind::Sqlite => "DROP TRIGGER ledger_entry_kept; UPDATE ledger_entry SET amount = amount * 3",
            Kind::Postgres => {
                "DROP TRIGGER ledger_entry_kept ON ledger_entry; UPDATE ledger_entry SET amount = amount * 3"
            }
        };
        execute(&hub, tamper).await;
        let ran = hub.run(&["verify-ledger", "--json"], "").await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["findings"][0]["seq"], 1, "{report}");
        assert!(ran.stderr.contains("not sound"), "{ran:?}");
        let plain = hub.run(&["verify-ledger"], "").await;
        assert!(plain.code == Some(1) && plain.stdout.contains("acct_"), "{plain:?}");
        let of_one = ["verify-ledger", "--account", USER, "--since", "1d"];
        let of_one = hub.run(&of_one, "").await;
        assert!(of_one.code == Some(1) && of_one.stdout.contains("acct_"), "{of_one:?}");
    })
    .await;
}

/// The server is killed while commands wait for it, and commands are killed while they book.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_amid_grants_lose_none_and_book_none_twice() {
    in_all_ways(async |mut hub| {
        let mut told: Vec<String> = Vec::new();
        let mut cut = 0;
        for round in 0..3_u64 {
            hub.serve().await;
            let server = hub.take_process();
            let grants = join_all((0..4).map(|_| grant(&hub, "0.25", &[])));
            // These are killed wherever they are.
            let killed = join_all((0..4_u64).map(|number| {
                let patience = Duration::from_millis(60 + 70 * number + 40 * round);
                tokio::time::timeout(patience, grant(&hub, "0.25", &[]))
            }));
            let kill = async {
                tokio::time::sleep(Duration::from_millis(150 + 100 * round)).await;
                server.kill().await;
            };
            let (granted, killed, ()) = tokio::join!(grants, killed, kill);
            cut += killed.iter().filter(|ran| ran.is_err()).count();
            for ran in granted.into_iter().chain(killed.into_iter().flatten()) {
                assert_eq!(ran.code, Some(0), "{}", ran.stderr);
                let given: Value = serde_json::from_str(&ran.stdout).unwrap();
                told.push(given["lot"].as_str().unwrap().to_owned());
            }
        }
        // What a command left that was killed is booked by who comes next.
        hub.serve().await;
        assert_eq!(grant(&hub, "0.25", &[]).await.code, Some(0));
        verified(&hub).await;
        let balance = hub.json(&["credits", "balance", "--user", USER], "").await;
        let lots: Vec<&str> = balance["lots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lot| lot["id"].as_str().unwrap())
            .collect();
        for lot in &told {
            assert_eq!(lots.iter().filter(|stored| *stored == lot).count(), 1, "{lot}");
        }
        let extra = lots.len() - told.len() - 1;
        assert!(
            extra <= cut,
            "{extra} more lots than commands that were cut off ({cut})"
        );
    })
    .await;
}

/// What a change answers as JSON.
async fn changed(hub: &Hub, arguments: &[&str]) -> Value {
    let ran = hub
        .run(
            &[&["credits"], arguments, &["--reason", "because", "--json"]].concat(),
            "",
        )
        .await;
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[tokio::test]
async fn every_change_by_hand_works_beside_a_server_and_without_one() {
    in_all_ways(async |mut hub| {
        for serving in [false, true] {
            if serving {
                hub.serve().await;
            }
            let before = hub.json(&["credits", "balance", "--user", USER], "").await["balance"].clone();
            let given = changed(
                &hub,
                &[
                    "grant",
                    "--user",
                    USER,
                    "--amount",
                    "5",
                    "--expires",
                    "9d",
                    "--priority",
                    "7",
                ],
            )
            .await;
            let lot = given["lot"].as_str().unwrap();
            let extended = changed(&hub, &["extend", "--user", USER, "--lot", lot, "--expires", "never"]).await;
            assert_eq!(extended["balance"], given["balance"]);
            let less = changed(&hub, &["adjust", "--user", USER, "--amount=-1.25"]).await;
            assert_eq!(less["taken"], "1.25");
            let more = changed(&hub, &["adjust", "--user", USER, "--amount", "0.25"]).await;
            assert!(more.get("taken").is_none(), "{more}");
            let balance = hub.json(&["credits", "balance", "--user", USER], "").await;
            assert_eq!(balance["lots"][0]["id"], lot);
            assert_eq!(
                (&balance["lots"][0]["priority"], &balance["lots"][0]["expires_at"]),
                (&json!(7), &Value::Null)
            );
            let voided = changed(&hub, &["void", "--user", USER, "--lot", lot]).await;
            assert_eq!(voided["taken"], "3.75");
            let again = ["credits", "void", "--user", USER, "--lot", lot, "--reason", "because"];
            let again = hub.run(&again, "").await;
            assert!(
                again.stderr.contains("Voided before; nothing more was taken."),
                "{again:?}"
            );
            let owed = changed(&hub, &["debit", "--user", USER, "--amount", "100"]).await;
            assert_eq!((&owed["balance"], &owed["debt"]), (&json!("0.00"), &owed["owed"]));
            // What comes in repays it at once, and whoever gives it is told.
            let repaid = changed(&hub, &["grant", "--user", USER, "--amount", "1"]).await;
            assert_eq!(
                (&repaid["repaid"], &repaid["balance"]),
                (&json!("1.00"), &json!("0.00"))
            );
            let debt = repaid["debt"].as_str().unwrap();
            let lines = hub
                .run(&["credits", "ledger", "--user", USER, "--limit", "1"], "")
                .await;
            assert!(lines.stdout.contains("grant (repaid debt 1.00)"), "{lines:?}");
            let free = changed(
                &hub,
                &["write-off", "--user", USER, "--amount", debt, "--loss", "dispute"],
            )
            .await;
            assert_eq!(free["debt"], "0.00");
            assert_eq!(changed(&hub, &["block", "--user", USER]).await["status"], "blocked");
            assert_eq!(changed(&hub, &["unblock", "--user", USER]).await["status"], "active");
            assert_eq!(before, "0.00");
        }
        let twice = ["grant", "--user", USER, "--amount", "2", "--once", "bonus of May"];
        let (first, second) = (changed(&hub, &twice).await, changed(&hub, &twice).await);
        assert_eq!((&first["seq"], &first["balance"]), (&second["seq"], &json!("2.00")));
        assert_eq!([&first["booked_before"], &second["booked_before"]], [false, true]);
        let again = hub
            .run(&[&["credits"][..], &twice, &["--reason", "because"]].concat(), "")
            .await;
        assert!(again.stderr.contains("was booked before"), "{again:?}");
        // Cut off, the second of these would be the first.
        let long = "n".repeat(101);
        for name in ["", " ", &long, "a\nb"] {
            let under = ["--user", USER, "--amount", "1", "--once", name, "--reason", "because"];
            let ran = hub.run(&[&["credits", "grant"][..], &under].concat(), "").await;
            assert_eq!(ran.code, Some(2), "{name:?}: {ran:?}");
            assert!(ran.complaint().contains("1 to 100"), "{name:?}: {ran:?}");
        }
        // Something else under that name is refused, beside a server and without one; nothing is booked.
        for serving in [true, false] {
            if !serving {
                let server = hub.take_process();
                server.ask_to_stop().await;
                server.ended().await;
            }
            for other in [&["grant", "--amount", "7"][..], &["adjust", "--amount=-1"], &["block"]] {
                let under = ["--user", USER, "--once", "bonus of May", "--reason", "because"];
                let ran = hub.run(&[&["credits"], other, &under].concat(), "").await;
                assert_eq!(ran.code, Some(1), "{other:?}: {ran:?}");
                assert!(ran.complaint().contains("under this name"), "{other:?}: {ran:?}");
            }
            assert_eq!(
                hub.json(&["credits", "balance", "--user", USER], "").await["balance"],
                "2.00"
            );
        }
        let lines = hub.json(&["credits", "ledger", "--user", USER], "").await;
        assert!(
            lines
                .as_array()
                .unwrap()
                .iter()
                .all(|line| line["actor"]["kind"] == "command_line"),
            "{lines}"
        );
        verified(&hub).await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_does_not_exist_cannot_be_given_back() {
    on_both(async |kind| {
        let hub = hub_with_user(kind).await;
        for (arguments, code, says) in [
            (
                &["correct", "--call", "call_0000000000001", "--amount", "1"][..],
                1,
                "call list",
            ),
            (&["correct", "--call", "nonsense", "--amount", "1"][..], 2, "call_"),
            (
                &["void", "--user", USER, "--lot", "lot_0000000000001"][..],
                1,
                "no such lot",
            ),
            (&["adjust", "--user", USER, "--amount", "-0.5"][..], 1, "can be spent"),
            (&["adjust", "--user", USER, "--amount", "0"][..], 1, "more than zero"),
            // It is no other flag.
            (&["grant", "--user", USER, "--amount", "-1"][..], 2, "`-1` is too small"),
            (&["write-off", "--user", USER, "--amount", "1"][..], 1, "owes"),
            (
                &[
                    "extend",
                    "--user",
                    USER,
                    "--lot",
                    "lot_0000000000001",
                    "--expires",
                    "soon",
                ][..],
                2,
                "90d",
            ),
        ] {
            let ran = hub
                .run(&[&["credits"], arguments, &["--reason", "because"]].concat(), "")
                .await;
            let sentence = ran.complaint();
            assert!(sentence.contains(says), "{arguments:?}: {sentence}");
            assert_eq!(ran.code, Some(code), "{arguments:?}: {sentence}");
        }
        assert_eq!(verified(&hub).await["transactions"], 0);
    })
    .await;
}
