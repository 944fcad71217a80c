//! The doors of the command line by which secrets of the canary enter: typed into commands, or in their environment.

use tests::console::Console;
use tests::hub::Hub;
use tests::upstream::Upstream;

use super::search::{Place, Places};
use super::{NEXT_MASTER_KEY, SET_PASSWORD, TYPED_CREDENTIAL, TYPED_PASSWORD};

/// The doors of the command line, beside the running server: everything that is typed into it.
pub async fn typed(hub: &Hub, upstream: &Upstream, places: &mut Places) {
    let email = "typed@example.test";
    let url = upstream.base_url();
    let create = [
        "user",
        "create",
        "--email",
        email,
        "--role",
        "member",
        "--password-stdin",
    ];
    let set = ["user", "set-password", "--email", email, "--password-stdin"];
    let add = [
        "provider",
        "add",
        "--kind",
        "openai-compatible",
        "--name",
        "typed",
        "--base-url",
        &url,
        "--credential-stdin",
    ];
    for (arguments, input) in [
        (&create[..], TYPED_PASSWORD),
        (&create[..], TYPED_PASSWORD),
        (&set[..], SET_PASSWORD),
        (&set[..], "short"),
        (&add[..], TYPED_CREDENTIAL),
        (&add[..], TYPED_CREDENTIAL),
    ] {
        let ran = hub.run(arguments, input).await;
        places.put(Place::Commands, &format!("{arguments:?}"), ran.stdout + &ran.stderr);
    }
    let providers = hub.json(&["provider", "list"], "").await;
    assert!(
        providers[1]["name"] == "typed" && providers[1]["credentials"][0]["hint"] == "f7a8",
        "{providers}"
    );
    let mut console = Console::new(hub.address());
    let page = console.sign_in(email, SET_PASSWORD).await;
    assert_eq!(page.path, "/welcome", "{}", page.body);
    places.page(page);
}

/// Another master key by the environment, beside the running server and at the next start.
pub async fn rotated(hub: &mut Hub, places: &mut Places) {
    hub.set("HUB_NEW_MASTER_KEY", NEXT_MASTER_KEY);
    for arguments in [
        &["config"][..],
        &["config", "--json"],
        &["secrets", "rotate"],
        &["secrets", "rotate"],
    ] {
        // The second rotation is told that the key which it was given holds no more.
        let ran = hub.run(arguments, "").await;
        places.put(Place::Commands, &format!("{arguments:?}"), ran.stdout + &ran.stderr);
    }
    hub.set("HUB_MASTER_KEY", NEXT_MASTER_KEY);
    hub.json(&["user", "list"], "").await;
}
