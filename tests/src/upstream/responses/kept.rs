//! Answers that were kept, by their ids: the conversation up to and with each.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::Value;

use crate::upstream::record::lock;

/// What one fake keeps.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<String, Vec<Value>>>);

impl Kept {
    pub(super) fn put(&self, id: String, conversation: Vec<Value>) {
        lock(&self.0).insert(id, conversation);
    }

    /// The items up to and with this answer.
    pub(super) fn get(&self, id: &str) -> Option<Vec<Value>> {
        lock(&self.0).get(id).cloned()
    }

    /// Some kept answer holds an item with this id.
    pub(super) fn item(&self, id: &str) -> Option<Value> {
        let kept = lock(&self.0);
        kept.values().flatten().find(|item| item["id"] == id).cloned()
    }
}
