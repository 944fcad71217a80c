//! At which step of a call a test of this repository wants the server to end (`gateway::step`). It is no setting, and builds without
//! debug assertions do not look.

use gateway::step::{self, Step};

/// The variable that names the step.
const NAME: &str = "LAST_STEP";

/// Does as the environment says.
pub fn obey() {
    let named = std::env::vars_os().find(|(name, _)| name == NAME);
    let step = named.and_then(|(_, word)| Step::ALL.into_iter().find(|step| word == step.as_str()));
    if let Some(step) = step {
        step::end_at(step);
    }
}
