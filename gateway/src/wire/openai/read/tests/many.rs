//! Requests whose lists are long: each would take minutes if one list were read again for each entry of the other.

use super::*;

const MANY: usize = 100_000;

fn names<T>(make: impl Fn(String) -> T) -> Vec<T> {
    (0..MANY).map(|at| make(format!("n{at}"))).collect()
}

#[test]
fn many_tools_of_which_many_are_allowed() {
    let tool = |name: String| json!({ "type": "function", "function": { "name": name } });
    let mut allowed = names(tool);
    allowed.pop();
    let choice = json!({ "type": "allowed_tools", "allowed_tools": { "mode": "required", "tools": allowed } });
    let mut body = asking(&json!({ "role": "user", "content": "x" }));
    body["tools"] = names(tool).into();
    body["tool_choice"] = choice;
    let request = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.tools.len(), MANY - 1);
    assert_eq!(request.tool_choice, Some(ToolChoice::Required));
}

#[test]
fn many_calls_and_their_results() {
    let call = |id: String| json!({ "id": id, "function": { "name": format!("f_{id}"), "arguments": "{}" } });
    let mut messages = vec![json!({ "role": "assistant", "tool_calls": names(call) })];
    messages.extend(names(
        |id| json!({ "role": "tool", "tool_call_id": id, "content": "x" }),
    ));
    let old = |name: String| json!({ "role": "function", "name": format!("f_{name}"), "content": "x" });
    messages.extend(names(old));
    let request = read(json!({ "model": "m", "messages": messages }).to_string().as_bytes()).unwrap();
    assert_eq!(request.messages[1].parts.len(), 2 * MANY);
    for (at, part) in request.messages[1].parts.iter().enumerate() {
        let Part::ToolResult(result) = part else {
            panic!("{part:?}")
        };
        let id = format!("n{}", at % MANY);
        assert_eq!((&result.id, result.name.as_deref()), (&id, Some(&*format!("f_{id}"))));
    }
}

/// Old messages name the tool, and mean its last call.
#[test]
fn the_last_call_of_a_tool_is_the_one_that_is_answered() {
    let asked = |name: &str| json!({ "role": "assistant", "function_call": { "name": name, "arguments": "{}" } });
    let told = |name: &str| json!({ "role": "function", "name": name, "content": "x" });
    let messages = json!([asked("a"), told("a"), asked("b"), asked("a"), told("a"), told("c")]);
    let request = read(json!({ "model": "m", "messages": messages }).to_string().as_bytes()).unwrap();
    let results = request.messages.iter().flat_map(|message| &message.parts);
    let ids: Vec<&str> = results
        .filter_map(|part| match part {
            Part::ToolResult(result) => Some(result.id.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(ids, ["call_0_a", "call_2_a", "call_c"]);
}
