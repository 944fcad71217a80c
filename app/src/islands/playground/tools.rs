//! Tools: the field in which a person offers some to the model, and the calls that an answer made of them, with a place for
//! what each gave back.

use leptos::prelude::*;
use serde_json::{Map, Value};

use super::{
    composer::focus_composer,
    conversation::Conversation,
    message::Sign,
    settings::{Explained, Settings},
    turn::Turn,
};
use crate::text::Language;

/// What the example button writes.
const EXAMPLE: &str = r#"[
  {
    "name": "get_weather",
    "description": "The weather at a place, now.",
    "parameters": {
      "type": "object",
      "properties": { "city": { "type": "string" } },
      "required": ["city"]
    }
  }
]"#;

/// Reads a list of tools, or one tool: as OpenAI's API takes them, or the function alone. `None` inside where nothing is typed.
///
/// # Errors
/// When it is no such list.
pub(super) fn read(typed: &str) -> Result<Option<String>, ()> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let tools = match serde_json::from_str(typed).map_err(|_| ())? {
        Value::Array(tools) => tools,
        tool @ Value::Object(_) => vec![tool],
        _ => return Err(()),
    };
    let tools: Vec<Value> = tools.into_iter().map(whole).collect::<Result<_, _>>()?;
    if tools.is_empty() {
        return Ok(None);
    }
    Ok(Some(Value::Array(tools).to_string()))
}

/// A tool with its envelope.
fn whole(tool: Value) -> Result<Value, ()> {
    let named = |tool: &Value| {
        tool.get("name")
            .and_then(Value::as_str)
            .is_some_and(|name| !name.is_empty())
    };
    if tool.get("function").is_some_and(named) {
        return Ok(tool);
    }
    if !named(&tool) {
        return Err(());
    }
    let mut envelope = Map::new();
    envelope.insert("type".to_owned(), "function".into());
    envelope.insert("function".to_owned(), tool);
    Ok(Value::Object(envelope))
}

/// The field, folded away until somebody wants it.
#[component]
pub fn ToolsField(tools: RwSignal<String>, wrong: Signal<bool>, language: Language) -> impl IntoView {
    view! {
        <details class="fold">
            <summary><Sign name="right"/>{language.pick("Tools", "工具")}</summary>
            <div class="field">
                <label class="label" for="tools">{language.pick("Tools as JSON", "JSON 格式的工具")}" "<span class="optional">{language.pick("optional", "选填")}</span></label>
                <textarea class="textarea mono" id="tools" rows="7" spellcheck="false" autocomplete="off" prop:value=tools
                    aria-describedby="tools-help" aria-invalid=move || wrong.get().then_some("true")
                    on:input=move |event| tools.set(event_target_value(&event))></textarea>
                <Explained id="tools-help" wrong=wrong
                    help=language.pick("A list of functions with name, description and parameters. Their calls show in the answer.", "函数列表，每个含 name、description 和 parameters。调用会显示在回答中。")
                    error=language.pick("A JSON list in which each tool has a name.", "请输入 JSON 列表，其中每个工具都有 name。")/>
                <button class="btn btn-s" type="button" on:click=move |_| tools.set(EXAMPLE.to_owned())>
                    <Sign name="tool"/>{language.pick("Insert an example", "填入示例")}
                </button>
            </div>
        </details>
    }
}

/// The calls of an answer.
#[component]
pub fn ToolCalls(turn: Turn, conversation: Conversation, settings: Settings, language: Language) -> impl IntoView {
    let count = Memo::new(move |_| turn.calls.with(Vec::len));
    // What tools gave back can be typed until the conversation goes on.
    let open = Memo::new(move |_| {
        turn.ending().is_some()
            && conversation.turns.with(|turns| turns.last() == Some(&turn))
            && !conversation.running.get()
    });
    let send = move |_| {
        if settings.valid() {
            conversation.send_results(settings);
            focus_composer();
        }
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <div class="toolcalls">
                <For each=move || 0..count.get() key=|index| *index
                    children=move |index| view! { <OneCall turn index open language/> }/>
                <Show when=move || open.get()>
                    <div class="btn-row">
                        <button class="btn btn-s" type="button" disabled=move || !settings.valid() on:click=send>
                            <Sign name="send"/>{language.pick("Send results", "发送结果")}
                        </button>
                    </div>
                </Show>
            </div>
        </Show>
    }
}

#[component]
fn OneCall(turn: Turn, index: usize, open: Memo<bool>, language: Language) -> impl IntoView {
    let name = move || {
        turn.calls
            .with(|calls| calls.get(index).map(|call| call.name.clone()).unwrap_or_default())
    };
    let arguments = move || {
        turn.calls
            .with(|calls| calls.get(index).map(|call| pretty(&call.arguments)).unwrap_or_default())
    };
    let result = move || {
        turn.results
            .with(|results| results.get(index).cloned().unwrap_or_default())
    };
    let label = move || format!("{}{}", language.pick("Call of ", "调用 "), name());
    let field = format!("result-{}-{index}", turn.number);
    let write = move |event| {
        let typed = event_target_value(&event);
        turn.results.update(|results| {
            if let Some(result) = results.get_mut(index) {
                *result = typed;
            }
        });
    };
    view! {
        <section class="toolcall" aria-label=label>
            <p class="toolcall-head"><Sign name="tool"/><code>{name}</code><span class="muted">{language.pick("called by the model", "由模型调用")}</span></p>
            <pre tabindex="0" aria-label=language.pick("Arguments", "参数")><code>{arguments}</code></pre>
            <Show when=move || open.get() fallback=move || view! {
                <Show when=move || !result().is_empty()>
                    <p class="toolcall-result"><span class="muted">{language.pick("Result", "结果")}</span><code class="break">{result}</code></p>
                </Show>
            }>
                <div class="toolcall-result">
                    <label class="muted" for=field.clone()>{language.pick("Result", "结果")}</label>
                    <textarea class="textarea mono" id=field.clone() rows="1" spellcheck="false"
                        placeholder=language.pick("what the tool gives back", "工具返回的内容") prop:value=result on:input=write></textarea>
                </div>
            </Show>
        </section>
    }
}

/// Arguments with line breaks, as soon as they are whole.
fn pretty(arguments: &str) -> String {
    serde_json::from_str::<Value>(arguments)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| arguments.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{EXAMPLE, pretty, read};

    #[test]
    fn tools_are_taken_with_their_envelope_or_without() {
        let whole = r#"[{"type":"function","function":{"name":"a","parameters":{}}}]"#;
        assert_eq!(read(whole), Ok(Some(whole.to_owned())));
        assert_eq!(read(r#"{"name":"a","parameters":{}}"#), Ok(Some(whole.to_owned())));
        assert!(read(EXAMPLE).is_ok_and(|tools| tools.is_some_and(|tools| tools.contains("get_weather"))));
        assert_eq!((read(" "), read("[]")), (Ok(None), Ok(None)));
        for wrong in ["x", "3", "[3]", "[{}]", r#"[{"name":""}]"#, r#"[{"function":{}}]"#] {
            assert_eq!(read(wrong), Err(()), "{wrong}");
        }
    }

    #[test]
    fn arguments_keep_their_order_and_what_is_cut_off_stays_as_it_is() {
        assert_eq!(pretty(r#"{"b":1,"a":[]}"#), "{\n  \"b\": 1,\n  \"a\": []\n}");
        assert_eq!(pretty(r#"{"b":"#), r#"{"b":"#);
    }
}
