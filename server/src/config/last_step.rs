//! At which step of a call a test of this repository wants the server to end (`gateway::step`). It is no setting: only builds with
//! debug assertions have this file, and only the variable below, written out in full, makes it do anything. `tools/build-release.sh`
//! looks for that name in the binary that it has made, and does not hand out one that knows it.

use gateway::step::{self, Step};

/// The variable that names the step.
const NAME: &str = "AIGNE_HUB_TEST_ENDS_AT_STEP";

/// Does as the environment says, and says so in the log.
pub fn obey() {
    let Some((_, word)) = std::env::vars_os().find(|(name, _)| name == NAME) else {
        return;
    };
    match Step::ALL.into_iter().find(|step| word == step.as_str()) {
        Some(step) => {
            tracing::warn!("{NAME} is set: this server ends as by a crash when a call comes to the step {word:?}");
            step::end_at(step);
        }
        None => tracing::error!("{NAME} is set to {word:?}, and there is no such step of a call"),
    }
}
