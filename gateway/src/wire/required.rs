//! The names that a schema of several parts demands (`required`): each stands there once. The parts may be many and the names too, so
//! they are not read again for each part.

use std::collections::HashSet;

use serde_json::Value;

/// The names that one list holds, once they had to be known.
#[derive(Debug, Default)]
pub(super) struct Required(Option<HashSet<String>>);

impl Required {
    /// Adds to the list what it does not hold. It is the same list each time, and nobody else adds to it.
    pub fn add(&mut self, list: &mut Vec<Value>, more: Vec<Value>) {
        let names = || list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let known = self.0.get_or_insert_with(names);
        let is_new = |name: &Value| name.as_str().is_some_and(|name| known.insert(name.to_owned()));
        list.extend(more.into_iter().filter(is_new));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_name_stands_there_once_in_its_order() {
        let (mut list, mut required) = (vec![json!("b"), json!("a")], Required::default());
        required.add(&mut list, vec![json!("a"), json!("c"), json!("c"), json!(1)]);
        required.add(&mut list, vec![json!("c"), json!("d"), json!("b")]);
        assert_eq!(json!(list), json!(["b", "a", "c", "d"]));
    }
}
