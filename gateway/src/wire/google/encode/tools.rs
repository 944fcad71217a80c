//! Tools: `tools[].functionDeclarations` and `toolConfig`.

use serde_json::{Map, Value, json};

use super::{super::schema, Page};
use crate::wire::canonical::{Request, Tool, ToolChoice};

pub(super) fn write(request: &Request, page: &mut Page) {
    if request.parallel_tools == Some(false) && !request.functions {
        page.drop("parallel_tool_calls");
    }
    if request.tools.is_empty() {
        return;
    }
    let declarations: Vec<Value> = request.tools.iter().map(|tool| declaration(tool, page)).collect();
    page.set("tools", json!([{ "functionDeclarations": declarations }]));
    let mode = match &request.tool_choice {
        None => return,
        Some(ToolChoice::Auto) => json!({"mode": "AUTO"}),
        Some(ToolChoice::None) => json!({"mode": "NONE"}),
        Some(ToolChoice::Required) => json!({"mode": "ANY"}),
        Some(ToolChoice::Named(name)) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    page.set("toolConfig", json!({ "functionCallingConfig": mode }));
}

fn declaration(tool: &Tool, page: &mut Page) -> Value {
    if tool.strict == Some(true) {
        page.drop("tools.strict");
    }
    if tool.cache.is_some() {
        page.drop("cache_control");
    }
    let mut declaration = Map::new();
    declaration.insert("name".to_owned(), json!(tool.name));
    if let Some(description) = &tool.description {
        declaration.insert("description".to_owned(), json!(description));
    }
    let mut parameters = schema::clean(&tool.schema);
    // A function without parameters has no schema.
    if let Value::Object(members) = &mut parameters
        && !members.is_empty()
    {
        if !members.contains_key("type") && !members.contains_key("$ref") {
            members.insert("type".to_owned(), json!("object"));
        }
        declaration.insert("parametersJsonSchema".to_owned(), parameters);
    }
    Value::Object(declaration)
}
