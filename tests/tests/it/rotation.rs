//! `secrets rotate`: everything lives on, and however many do it at once, the key that is left fits.

use tests::hub::Hub;
use tests::stage::{ADMIN, Stage, hello, on_both, within_a_second};

#[tokio::test]
async fn rotating_the_master_key_kills_nothing() {
    on_both(async |kind| {
        let mut stage = Stage::start(kind).await;
        let mut console = stage.admin().await;
        let file = stage.hub.data().join("master.key");
        let old = std::fs::read_to_string(&file).unwrap();
        let rotated = stage.hub.json(&["secrets", "rotate"], "").await;
        assert_eq!(rotated["rotated"], true);
        let new = std::fs::read_to_string(&file).unwrap();
        assert_ne!(old, new);
        assert!(!rotated.to_string().contains(new.trim()));
        // The running server goes on, and so does everything that is sealed.
        assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);
        assert_eq!(console.open("/account").await.path, "/account");
        let made = stage.hub.create_key(ADMIN, "after").await;
        let key = made["key"].as_str().unwrap().to_owned();
        within_a_second(async || stage.hub.get("/v1/models").bearer(&key).send().await.unwrap().status == 200).await;

        stage.hub.kill_and_restart().await;
        console.moved_to(stage.hub.address());
        assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);
        assert_eq!(console.open("/account").await.path, "/account");
        stage.hub.take_process().kill().await;
        std::fs::write(&file, old).unwrap();
        let ran = stage.hub.run(&["serve"], "").await;
        assert!(ran.complaint().contains("master key"), "{}", ran.stderr);
    })
    .await;
}

#[tokio::test]
async fn rotations_at_the_same_time_leave_one_key_that_fits() {
    on_both(async |kind| {
        let mut stage = Stage::start(kind).await;
        let file = stage.hub.data().join("master.key");
        let mut last = std::fs::read_to_string(&file).unwrap();
        for _ in 0..3 {
            let hub = &stage.hub;
            let rotate = async || hub.run(&["secrets", "rotate"], "").await;
            // Other commands begin meanwhile, and find a key that fits whatever the moment.
            let list = async || hub.run(&["user", "list"], "").await;
            let (one, two, three, four, five) = tokio::join!(rotate(), list(), rotate(), list(), rotate());
            for ran in [one, two, three, four, five] {
                assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            }
            let now = std::fs::read_to_string(&file).unwrap();
            assert_ne!(now, last);
            last = now;
            assert!(!file.with_extension("key.new").exists(), "nothing is left half done");
        }
        stage.hub.json(&["user", "list"], "").await;
        stage.hub.kill_and_restart().await;
        assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);
    })
    .await;
}

#[tokio::test]
async fn of_rotations_with_given_keys_one_holds_and_the_others_are_told() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        let keys = [
            "Zmlyc3QtbWFzdGVyLWtleS0zMi1ieXRlcy1sb25nISE=",
            "c2Vjb25kLW1hc3Rlci1rZXktMzItYnl0ZXMtbG9uZyE=",
            "dGhpcmQtLW1hc3Rlci1rZXktMzItYnl0ZXMtbG9uZyE=",
        ];
        hub.set("HUB_MASTER_KEY", keys[0]);
        hub.create_user("first@example.test", "admin", "a long password").await;
        let mut other = hub.twin();
        hub.set("HUB_NEW_MASTER_KEY", keys[1]);
        other.set("HUB_NEW_MASTER_KEY", keys[2]);
        let (one, two) = tokio::join!(
            hub.run(&["secrets", "rotate"], ""),
            other.run(&["secrets", "rotate"], "")
        );
        let (winner, told) = match (one.code, two.code) {
            (Some(0), Some(_)) => (keys[1], two),
            (Some(_), Some(0)) => (keys[2], one),
            other => panic!("{other:?}"),
        };
        assert!(told.complaint().contains("master key"), "{}", told.stderr);
        hub.unset("HUB_NEW_MASTER_KEY");
        hub.set("HUB_MASTER_KEY", winner);
        hub.json(&["user", "list"], "").await;
    })
    .await;
}

#[tokio::test]
async fn a_master_key_from_the_environment_gives_way_to_the_next() {
    on_both(async |kind| {
        let old = "Zmlyc3QtbWFzdGVyLWtleS0zMi1ieXRlcy1sb25nISE=";
        let new = "c2Vjb25kLW1hc3Rlci1rZXktMzItYnl0ZXMtbG9uZyE=";
        let mut hub = Hub::new(kind).await;
        hub.set("HUB_MASTER_KEY", old);
        let mut stage = Stage::prepare_with(hub).await;
        stage.hub.serve().await;
        let works = async |stage: &Stage| stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status == 200;

        let ran = stage.hub.run(&["secrets", "rotate"], "").await;
        assert!(
            ran.complaint().contains("HUB_NEW_MASTER_KEY"),
            "it says what is missing: {}",
            ran.stderr
        );
        stage.hub.set("HUB_NEW_MASTER_KEY", old);
        let ran = stage.hub.run(&["secrets", "rotate"], "").await;
        assert!(
            ran.complaint().contains("the key that the hub has already"),
            "{}",
            ran.stderr
        );
        stage.hub.set("HUB_NEW_MASTER_KEY", new);
        let ran = stage.hub.run(&["secrets", "rotate"], "").await;
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        for key in [old, new] {
            assert!(!format!("{ran:?}").contains(key), "{ran:?}");
        }
        assert!(
            !stage.hub.data().join("master.key").exists(),
            "a key that was given is not written down"
        );
        stage.hub.unset("HUB_NEW_MASTER_KEY");
        assert!(works(&stage).await, "the running server goes on");

        stage.hub.take_process().kill().await;
        let ran = stage.hub.run(&["serve"], "").await;
        assert!(ran.complaint().contains("master key"), "{}", ran.stderr);
        stage.hub.set("HUB_MASTER_KEY", new);
        stage.hub.serve().await;
        assert!(works(&stage).await);
    })
    .await;
}
