//! Whether a model thinks and how hard, sampling beside it, and thoughts that come back.

use super::*;

fn thinking(request: &Request, slug: &str) -> (Value, Value, Vec<String>) {
    let (body, dropped) = write(request, slug, None);
    (body["thinking"].clone(), body["output_config"].clone(), dropped)
}

#[test]
fn each_model_is_told_to_think_in_its_own_way() {
    use crate::wire::canonical::{Effort, Reasoning};
    let reasoning = |effort, budget, max_tokens| Request {
        reasoning: Some(Reasoning {
            effort,
            budget,
            ..Reasoning::default()
        }),
        max_tokens: Some(max_tokens),
        ..asking("x")
    };
    let high = reasoning(Some(Effort::High), None, 64_000);
    assert_eq!(
        thinking(&high, "claude-haiku-4-5"),
        (json!({"type": "enabled", "budget_tokens": 16_384}), Value::Null, vec![])
    );
    assert_eq!(
        thinking(&high, "claude-opus-4-7"),
        (json!({"type": "adaptive"}), json!({"effort": "high"}), vec![])
    );
    // A budget is an effort where there are no budgets; it stays below the limit of the answer.
    let budget = reasoning(None, Some(20_000), 4_000);
    assert_eq!(thinking(&budget, "claude-opus-5-5").1, json!({"effort": "xhigh"}));
    assert_eq!(thinking(&budget, "claude-haiku-4-5").0["budget_tokens"], 3_999);
    // Too little room to think at all.
    let (none, _, dropped) = thinking(&reasoning(Some(Effort::Low), None, 1_000), "claude-haiku-4-5");
    assert_eq!((none, dropped), (Value::Null, vec!["reasoning".to_owned()]));
    assert_eq!(thinking(&high, "claude-3-5-haiku-20241022").2, ["reasoning"]);
    let off = Request {
        reasoning: Some(Reasoning {
            off: true,
            ..Reasoning::default()
        }),
        ..asking("x")
    };
    assert_eq!(thinking(&off, "claude-sonnet-5").0, json!({"type": "disabled"}));
    assert_eq!(thinking(&off, "claude-opus-5-5").1, json!({"effort": "low"}));
    assert_eq!(thinking(&off, "claude-opus-4-6"), (Value::Null, Value::Null, vec![]));
}

#[test]
fn a_forced_call_and_a_call_without_its_thought_go_before_thinking() {
    use crate::wire::canonical::{Effort, Reasoning};
    let wishes = Request {
        reasoning: Some(Reasoning {
            effort: Some(Effort::High),
            ..Reasoning::default()
        }),
        max_tokens: Some(50_000),
        tools: vec![tool("t")],
        ..asking("x")
    };
    let forced = Request {
        tool_choice: Some(ToolChoice::Required),
        ..wishes.clone()
    };
    assert_eq!(
        thinking(&forced, "claude-haiku-4-5"),
        (Value::Null, Value::Null, vec!["reasoning".to_owned()])
    );
    let mut unproven = wishes.clone();
    unproven.messages.push(message(Role::Assistant, vec![call("c1", "{}")]));
    unproven.messages.push(message(Role::User, vec![result("c1")]));
    assert_eq!(thinking(&unproven, "claude-haiku-4-5").2, ["reasoning"]);
    assert_eq!(thinking(&unproven, "claude-opus-4-6").0, json!({"type": "adaptive"}));
    let proof = Part::Thought(Thought {
        text: "hm".into(),
        signature: Some("c2ln".into()),
        ..Thought::default()
    });
    unproven.messages[1].parts.insert(0, proof);
    assert_eq!(thinking(&unproven, "claude-haiku-4-5").0["type"], "enabled");
}

#[test]
fn sampling_goes_only_to_models_that_take_it() {
    let request = Request {
        temperature: Some(1.5),
        top_p: Some(0.5),
        top_k: Some(3),
        ..asking("x")
    };
    let (body, dropped) = write(&request, "claude-3-5-haiku-20241022", None);
    assert_eq!(
        (&body["temperature"], &body["top_p"], &body["top_k"]),
        (&json!(1.0), &json!(0.5), &json!(3))
    );
    assert_eq!(dropped, ["temperature"]);
    let (body, dropped) = write(&request, "claude-haiku-4-5", None);
    assert_eq!((&body["temperature"], &body["top_p"]), (&json!(1.0), &Value::Null));
    assert_eq!(dropped, ["temperature", "top_p"]);
    let (body, dropped) = write(&request, "claude-opus-5-5", None);
    assert_eq!((&body["temperature"], &body["top_k"]), (&Value::Null, &Value::Null));
    assert_eq!(dropped, ["temperature", "top_k", "top_p"]);
    let usual = Request {
        temperature: Some(1.0),
        top_p: Some(1.0),
        ..asking("x")
    };
    assert_eq!(write(&usual, "claude-opus-5-5", None).1, [""; 0]);
}

#[test]
fn thoughts_of_others_do_not_go_back() {
    let thought = |thought: Thought| Request {
        messages: vec![message(Role::Assistant, vec![Part::Thought(thought), Part::text("x")])],
        ..asking("")
    };
    let foreign = thought(Thought {
        id: Some("rs_1".into()),
        sealed: Some("gAAAA".into()),
        ..Thought::default()
    });
    let unproven = thought(Thought {
        text: "hm".into(),
        ..Thought::default()
    });
    let geminis = thought(Thought {
        text: "hm".into(),
        signature: Some("gemini:Z29vZ2xl".into()),
        ..Thought::default()
    });
    // As it comes by way of a dialect that has no place for the item's name.
    let openais = thought(Thought {
        sealed: Some("rs_1.gAAAA".into()),
        ..Thought::default()
    });
    for request in [foreign, unproven, geminis, openais] {
        let (body, dropped) = write(&request, "claude-opus-5-5", None);
        assert_eq!(body["messages"][0]["content"], json!([{"type": "text", "text": "x"}]));
        assert_eq!(dropped, ["messages[].reasoning"]);
    }
}
