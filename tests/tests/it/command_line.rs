//! The command line beside a running server and without one: what it changes acts within a second, `--json` has stable
//! members, mistakes get a sentence and an exit code.

use std::process::Stdio;

use serde_json::{Value, json};
use tests::console::Console;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both, within_a_second};
use tests::upstream::Upstream;

#[tokio::test]
async fn keys_made_and_revoked_beside_the_server_act_within_a_second() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let made = stage.hub.create_key(ADMIN, "second").await;
        let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
        assert!(id.starts_with("key_") && key.starts_with("sk-hub-") && key.len() > 45);
        let status = async || stage.hub.get("/v1/models").bearer(key).send().await.unwrap().status;
        within_a_second(async || status().await == 200).await;
        let revoked = stage.hub.json(&["key", "revoke", id], "").await;
        assert_eq!(revoked["id"], id);
        within_a_second(async || status().await == 401).await;
        let keys = stage.hub.json(&["key", "list", "--user", ADMIN], "").await;
        let listed = keys
            .as_array()
            .unwrap()
            .iter()
            .find(|listed| listed["id"] == id)
            .unwrap();
        assert!(listed["revoked_at"].is_i64() && !keys.to_string().contains(key));
    })
    .await;
}

#[tokio::test]
async fn providers_and_people_added_beside_the_server_are_seen_within_a_second() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve().await;
        hub.create_user("new@example.test", "admin", PASSWORD).await;
        let key = hub.create_key("new@example.test", "k").await;
        let upstream = Upstream::start().await.unwrap();
        let added = hub.add_provider("later", &upstream.base_url(), upstream.key()).await;
        assert_eq!(added["test"]["health"], "good");
        let key = key["key"].as_str().unwrap();
        let mut body = hello("gpt-4o");
        body["model"] = json!("later/gpt-4o");
        within_a_second(async || {
            let call = hub.post("/v1/chat/completions", &body).bearer(key);
            call.send().await.unwrap().status == 200
        })
        .await;
        let mut console = Console::new(hub.address());
        assert_eq!(console.sign_in("new@example.test", PASSWORD).await.path, "/");
    })
    .await;
}

#[tokio::test]
async fn answers_in_json_have_their_members_and_no_secrets() {
    on_both(async |kind| {
        let stage = Stage::prepare(kind).await;
        let has = |value: &Value, names: &[&str]| {
            for name in names {
                assert!(!value[*name].is_null(), "{name} in {value}");
            }
        };
        let providers = stage.hub.json(&["provider", "list"], "").await;
        has(
            &providers[0],
            &["id", "name", "kind", "base_url", "enabled", "credentials", "models"],
        );
        assert!(!providers.to_string().contains(stage.upstream.key()));
        let models = stage.hub.json(&["model", "list"], "").await;
        has(&models[0], &["id", "name", "enabled"]);
        let users = stage.hub.json(&["user", "list"], "").await;
        has(&users[0], &["id", "email", "role"]);
        assert!(!users.to_string().contains("argon2"));
        assert_eq!(stage.hub.json(&["call", "list"], "").await, json!([]));
        let plain = stage.hub.run(&["provider", "list"], "").await;
        assert!(
            plain.stdout.contains("fake") && plain.stdout.contains("openai-compatible"),
            "{plain:?}"
        );
        let none = stage.hub.run(&["call", "list"], "").await;
        assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    })
    .await;
}

#[tokio::test]
async fn mistakes_get_a_sentence_and_an_exit_code() {
    on_both(mistakes).await;
}

async fn mistakes(kind: Kind) {
    let hub = Hub::new(kind).await;
    hub.create_user(ADMIN, "admin", PASSWORD).await;
    let user = |email: &'static str| {
        [
            "user",
            "create",
            "--email",
            email,
            "--role",
            "member",
            "--password-stdin",
        ]
    };
    for (arguments, input, code, says) in [
        (&user(ADMIN)[..], PASSWORD, 1, "already"),
        (&user("no address")[..], PASSWORD, 2, "e-mail"),
        (&user("short@example.test")[..], "short", 1, "10 to 200"),
        (&user("none@example.test")[..], "", 2, "empty"),
        (
            &["key", "create", "--user", "nobody@example.test", "--name", "x"][..],
            "",
            1,
            "aigne-hub user list",
        ),
        (&["key", "revoke", "key_0000000000001"][..], "", 1, "aigne-hub key list"),
        (&["key", "revoke", "call_0000000000001"][..], "", 2, "key_"),
        (
            &["key", "create", "--user", ADMIN, "--name", "x", "--scope", "all"][..],
            "",
            2,
            "inference, usage or manage",
        ),
        (
            &["key", "create", "--user", ADMIN, "--name", "x", "--expires", "soon"][..],
            "",
            2,
            "in the future",
        ),
        (
            &["key", "rotate", "key_0000000000001", "--overlap", "5m"][..],
            "",
            2,
            "24h",
        ),
        (
            &["key", "list", "--user", "nobody@example.test"][..],
            "",
            1,
            "aigne-hub user list",
        ),
        (
            &[
                "provider",
                "add",
                "--kind",
                "simulated",
                "--name",
                "x",
                "--base-url",
                "http://127.0.0.1:9/v1",
            ][..],
            "",
            2,
            "leave --base-url out",
        ),
        (
            &["provider", "add", "--kind", "teapot", "--name", "x"][..],
            "",
            2,
            "openai-compatible",
        ),
        (
            &["provider", "add", "--kind", "openai-compatible", "--name", "x"][..],
            "",
            2,
            "--base-url",
        ),
        (
            &[
                "provider",
                "add",
                "--kind",
                "openai-compatible",
                "--name",
                "x",
                "--base-url",
                "http://127.0.0.1:9/v1",
                "--credential-stdin",
            ][..],
            "of two words",
            1,
            "1 to 4096",
        ),
        (&["provider", "remove", "nothing"][..], "", 1, "aigne-hub provider list"),
        (&["call", "list", "--state", "lost"][..], "", 2, "interrupted"),
    ] {
        for json in [&[][..], &["--json"][..]] {
            let ran = hub.run(&[arguments, json].concat(), input).await;
            let sentence = ran.complaint();
            assert!(sentence.contains(says), "{arguments:?}: {sentence}");
            assert_eq!(ran.code, Some(code), "{arguments:?}: {sentence}");
        }
    }
    // Nothing was half done.
    for (list, left) in [("user", 1), ("provider", 0)] {
        let rows = hub.json(&[list, "list"], "").await;
        assert_eq!(rows.as_array().unwrap().len(), left, "{list}");
    }
}

/// What was typed wrongly is told in JSON to programs, like everything else, and to people with the usage.
#[tokio::test]
async fn arguments_that_are_none_are_told_in_json_to_programs() {
    on_both(async |kind| {
        let hub = Hub::new(kind).await;
        for (arguments, word) in [
            (&["user", "create"][..], "--email <EMAIL>"),
            (
                &["user", "create", "--email", "a@example.test", "--role", "king"][..],
                "'king'",
            ),
            (&["call", "list", "--limit", "0"][..], "1..=100000"),
            (&["key"][..], "subcommand"),
            (&["nonsense"][..], "'nonsense'"),
            (&["migrate", "--now"][..], "'--now'"),
            (&[][..], "subcommand"),
        ] {
            let ran = hub.run(&[arguments, &["--json"]].concat(), "").await;
            let sentence = ran.complaint();
            assert!(
                sentence.contains(word) && sentence.contains("--help"),
                "{arguments:?}: {sentence}"
            );
            assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
            let ran = hub.run(arguments, "").await;
            let helps = ran.stderr.contains("Usage: aigne-hub") || ran.stderr.contains("try '--help'");
            assert!(helps && ran.stdout.is_empty(), "{ran:?}");
            assert_eq!(ran.code, Some(2));
        }
        let help = hub.run(&["key", "--help", "--json"], "").await;
        assert!(help.code == Some(0) && help.stdout.contains("rotate"), "{help:?}");
    })
    .await;
}

/// A key that nobody has seen is lost, and whoever asked for it hears so.
#[tokio::test]
async fn what_could_not_be_printed_is_no_success() {
    on_both(async |kind| {
        let hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let arguments = ["key", "create", "--user", ADMIN, "--name", "lost", "--json"];
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let (reader, closed) = std::io::pipe().unwrap();
        drop(reader);
        for out in [Stdio::from(full), Stdio::from(closed)] {
            let mut command = hub.command_of(&arguments);
            let child = command.stdout(out).stderr(Stdio::piped()).spawn().unwrap();
            let output = child.wait_with_output().await.unwrap();
            assert_eq!(output.status.code(), Some(1));
            let sentence = String::from_utf8(output.stderr).unwrap();
            assert!(sentence.contains("could not be printed"), "{sentence}");
        }
        // Whoever has read a part of a long text has read enough.
        let (mut reader, pipe) = std::io::pipe().unwrap();
        let mut command = hub.command_of(&["openapi"]);
        let child = command.stdout(pipe).stderr(Stdio::piped()).spawn().unwrap();
        drop(command);
        std::io::Read::read_exact(&mut reader, &mut [0; 10]).unwrap();
        drop(reader);
        let output = child.wait_with_output().await.unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    })
    .await;
}

#[tokio::test]
async fn the_configuration_is_shown_with_its_sources_and_without_its_secrets() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.set("HUB_MASTER_KEY", "bWFya2VkLW1hc3Rlci1rZXktMzItYnl0ZXMtbG9uZyE=");
        hub.set("HUB_DATABASE_URL", "postgres://me:marked-password@127.0.0.1:1/db");
        hub.set("HUB_LISTENS", "x");
        std::fs::write(hub.work().join("hub.toml"), "drain_seconds = 7\nlog = \"debug\"\n").unwrap();
        let shown = hub.json(&["config"], "").await;
        assert_eq!(
            (
                &shown["HUB_DRAIN_SECONDS"]["value"],
                &shown["HUB_DRAIN_SECONDS"]["source"]
            ),
            (&json!("20"), &json!("environment"))
        );
        hub.unset("HUB_DRAIN_SECONDS");
        let shown = hub.json(&["config"], "").await;
        assert_eq!(
            (
                &shown["HUB_DRAIN_SECONDS"]["value"],
                &shown["HUB_DRAIN_SECONDS"]["source"]
            ),
            (&json!("7"), &json!("file"))
        );
        assert_eq!(shown["HUB_BODY_LIMIT"]["source"], "default");
        let text = hub.run(&["config"], "").await;
        for printed in [shown.to_string(), text.stdout, text.stderr.clone()] {
            assert!(
                !printed.contains("marked-password") && !printed.contains("bWFya2Vk"),
                "{printed}"
            );
        }
        assert!(
            text.stderr.contains("HUB_LISTENS") && text.stderr.contains("HUB_LISTEN?"),
            "{}",
            text.stderr
        );

        let sound = Hub::new(kind).await;
        for (name, value) in [
            ("HUB_LISTEN", "here"),
            ("HUB_BODY_LIMIT", "much"),
            ("HUB_PUBLIC_URL", "hub.example"),
            ("HUB_TRUSTED_PROXIES", "10.0.0.0/99"),
            ("HUB_FETCH_ALLOW", "everything"),
            ("HUB_CORS_ORIGINS", "example"),
            ("HUB_MASTER_KEY", "short"),
            ("HUB_DATABASE_URL", "mysql://a:marked-password@b/c"),
        ] {
            let before = hub.run(&["config"], "").await;
            assert_eq!(before.code, Some(0));
            let mut other = sound.twin();
            other.set(name, value);
            let ran = other.run(&["serve"], "").await;
            let sentence = ran.complaint();
            assert!(
                sentence.starts_with(name) && !sentence.contains("marked-password"),
                "{sentence}"
            );
            assert_eq!(ran.code, Some(3), "{sentence}");
        }
        std::fs::write(hub.work().join("hub.toml"), "drain_second = 7\n").unwrap();
        let ran = hub.run(&["config"], "").await;
        assert!(ran.complaint().contains("drain_seconds"), "{}", ran.stderr);
    })
    .await;
}

#[tokio::test]
async fn migrating_waits_for_the_servers_end() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        assert_eq!(hub.json(&["migrate"], "").await["up_to_date"], true);
        hub.serve().await;
        let ran = hub.run(&["migrate", "--json"], "").await;
        assert!(ran.complaint().contains("Stop it first"), "{}", ran.stderr);
        let process = hub.take_process();
        process.ask_to_stop().await;
        assert!(process.ended().await.success());
        assert_eq!(hub.json(&["migrate"], "").await["up_to_date"], true);
    })
    .await;
}

/// What README shows works as it stands there, on a fresh hub and where no network is.
#[tokio::test]
async fn the_commands_of_the_readme_work_from_top_to_bottom() {
    let readme = include_str!("../../../README.md");
    let blocks = readme
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("```")?.0));
    let block = blocks
        .filter(|block| block.contains("aigne-hub user create"))
        .max_by_key(|block| block.len());
    let block = block.expect("the commands stand in README");
    on_both(async |kind| {
        let hub = Hub::new(kind).await;
        let like = hub.command_of(&["help"]);
        let folder = like.as_std().get_current_dir().expect("a folder of its own");
        let named = folder.join("bin");
        std::fs::create_dir(&named).unwrap();
        std::os::unix::fs::symlink(tests::hub::binary(), named.join("aigne-hub")).unwrap();
        let mut shell = tokio::process::Command::new("bash");
        shell
            .args(["-euo", "pipefail", "-c", block])
            .current_dir(folder)
            .env_clear();
        let set = like.as_std().get_envs();
        shell.envs(set.filter_map(|(name, value)| Some((name, value?))));
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{path}", named.display()));
        let ran = shell.stdin(Stdio::null()).output().await.unwrap();
        assert!(
            ran.status.success(),
            "{}{}",
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        );
        let settings = hub.json(&["settings", "get"], "").await;
        assert_eq!(
            (&settings["mode"], &settings["starter-days"]),
            (&json!("service-provider"), &json!("30"))
        );
    })
    .await;
}
