//! Who did something, as lists of this API name them.

use domain::{
    access::Actor,
    id::{KeyId, UserId},
    name::Email,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Who did something: a person, in the console or by one of their keys; whoever used the command line; the hub itself.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schemars(rename = "AdminActor")]
pub enum ActorEntry {
    /// A person.
    User {
        #[schemars(with = "String")]
        id: UserId,
        /// Their address at the time.
        #[schemars(with = "String")]
        email: Email,
        /// The key by which they asked; null for the console.
        #[schemars(with = "Option<String>")]
        key_id: Option<KeyId>,
    },
    /// Somebody with a shell on the machine.
    CommandLine,
    /// The hub itself.
    System,
}

impl From<Actor> for ActorEntry {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::User { id, email, key } => Self::User { id, email, key_id: key },
            Actor::CommandLine => Self::CommandLine,
            Actor::System => Self::System,
        }
    }
}
