//! People with next to no credit: it runs out under load, and they are given a little more again and again.

use std::time::{Duration, Instant};

use crate::hub::Hub;
use crate::stage::Stage;

/// How many there are.
const COUNT: usize = 3;
/// What they are given at a time: enough for some dozens of short calls.
const GIFT: &str = "0.002";
/// Somebody is given something this often.
const PAUSE: Duration = Duration::from_millis(250);

/// One of them.
#[derive(Debug)]
pub(super) struct Poor {
    email: String,
    pub(super) key: String,
}

/// Makes them. The hub need not run yet.
pub(super) async fn make(stage: &Stage) -> Vec<Poor> {
    let mut all = Vec::new();
    for number in 0..COUNT {
        let email = format!("poor{number}@example.com");
        stage.hub.create_user(&email, "member", "a long poor password").await;
        let made = stage.hub.create_key(&email, "poor").await;
        let key = made["key"].as_str().unwrap().to_owned();
        stage.upstream.forbid(&key);
        all.push(Poor { email, key });
    }
    all
}

/// Gives each something once.
pub(super) async fn feed(hub: &Hub, all: &[Poor]) {
    for one in all {
        give(hub, one).await;
    }
}

/// Gives one after the other something for this long.
pub(super) async fn feed_for(hub: &Hub, all: &[Poor], length: Duration) {
    let begin = Instant::now();
    for one in all.iter().cycle() {
        let left = length.saturating_sub(begin.elapsed());
        tokio::time::sleep(left.min(PAUSE)).await;
        if left <= PAUSE {
            return;
        }
        give(hub, one).await;
    }
}

async fn give(hub: &Hub, one: &Poor) {
    let arguments = [
        "credits", "grant", "--user", &one.email, "--amount", GIFT, "--reason", "a little",
    ];
    hub.json(&arguments, "").await;
}
