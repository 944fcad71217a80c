//! States, faults, endpoints and doors of calls as words and colours.

use domain::{
    call::{Call, CallState, Concern, Dialect, Door, Endpoint, Fault},
    catalog::Wire,
};
use leptos::prelude::*;

use crate::{
    components::*,
    islands::playground::words::blame,
    text::{Language, use_language},
};

/// A state as filters and facts name it.
pub const fn state(state: CallState, language: Language) -> &'static str {
    match state {
        CallState::Open => language.pick("Running", "进行中"),
        CallState::Succeeded => language.pick("Succeeded", "成功"),
        CallState::Failed => language.pick("Failed", "失败"),
        CallState::Cancelled => language.pick("Left early", "提前结束"),
        CallState::Interrupted => language.pick("Interrupted", "被中断"),
    }
}

/// Why a call should be looked at.
pub const fn concern(concern: Concern, language: Language) -> &'static str {
    match concern {
        Concern::Unbilled => language.pick("Unbilled", "未计费"),
        Concern::Late => language.pick("Ended late", "结束过迟"),
        Concern::Ahead => language.pick("Answered before booked", "先答复后入账"),
        Concern::Loss => language.pick("Cost beyond credit", "费用超出额度"),
        Concern::Doubted => language.pick("Report not believed", "用量报告未采信"),
    }
}

/// An endpoint.
pub const fn endpoint(endpoint: Endpoint, language: Language) -> &'static str {
    match endpoint {
        Endpoint::Chat => language.pick("Chat", "对话"),
        Endpoint::Embeddings => language.pick("Embeddings", "向量"),
        Endpoint::Images => language.pick("Images", "图像"),
    }
}

/// A client's dialect. Names of interfaces stay as they are.
pub const fn dialect(dialect: Dialect, language: Language) -> &'static str {
    match dialect {
        Dialect::OpenaiChat => "OpenAI Chat Completions",
        Dialect::OpenaiCompletions => "OpenAI Completions",
        Dialect::OpenaiResponses => "OpenAI Responses",
        Dialect::OpenaiEmbeddings => "OpenAI Embeddings",
        Dialect::OpenaiImages => "OpenAI Images",
        Dialect::AnthropicMessages => "Anthropic Messages",
        Dialect::AigneChat => language.pick("AIGNE chat", "AIGNE 对话"),
        Dialect::AigneCompletions => language.pick("AIGNE completions", "AIGNE 补全"),
    }
}

/// A provider's wire.
pub const fn wire(wire: Wire) -> &'static str {
    match wire {
        Wire::OpenaiChat => "OpenAI Chat Completions",
        Wire::OpenaiCompletions => "OpenAI Completions",
        Wire::OpenaiResponses => "OpenAI Responses",
        Wire::OpenaiEmbeddings => "OpenAI Embeddings",
        Wire::OpenaiImages => "OpenAI Images",
        Wire::AnthropicMessages => "Anthropic Messages",
        Wire::GoogleGenerate => "Gemini generateContent",
        Wire::GoogleEmbed => "Gemini embedContent",
        Wire::OllamaChat => "Ollama chat",
        Wire::OllamaEmbed => "Ollama embed",
    }
}

/// A door.
pub const fn door(door: Door, language: Language) -> &'static str {
    match door {
        Door::Api => "API",
        Door::Playground => language.pick("Playground", "试用"),
    }
}

/// How bad a failure is for whoever runs the hub: what a caller can mend is a warning.
pub const fn tone(fault: Fault) -> Tone {
    match fault {
        Fault::Caller | Fault::Key | Fault::Credit | Fault::Limit => Tone::Warning,
        Fault::Operator | Fault::Provider | Fault::Hub => Tone::Bad,
    }
}

/// How a call ended: colour, status and word.
#[component]
pub fn CallStatus(
    /// The call.
    call: Call,
) -> impl IntoView {
    let language = use_language();
    let status = call.status.map(|status| status.to_string());
    let attempts = (call.attempt_count > 1).then(|| match language {
        Language::En => format!("{} attempts", call.attempt_count),
        Language::Zh => format!("{} 次尝试", call.attempt_count),
    });
    let (tone, text, note) = match (call.state, &call.failure) {
        (CallState::Succeeded, _) => (
            Tone::Good,
            status.unwrap_or_else(|| state(call.state, language).to_owned()),
            attempts,
        ),
        (CallState::Open, _) => (Tone::Busy, language.pick("running", "进行中").to_owned(), attempts),
        (CallState::Cancelled, Some(failure)) => (
            Tone::Warning,
            format!(
                "{}{}",
                language.pick("cut off: ", "中断："),
                blame(failure.fault, language)
            ),
            attempts,
        ),
        (CallState::Cancelled, None) => {
            let word = match call.door {
                Door::Playground => language.pick("stopped", "已停止"),
                Door::Api => language.pick("left early", "提前离开"),
            };
            (
                Tone::Warning,
                status.unwrap_or_else(|| "–".to_owned()),
                Some(word.to_owned()),
            )
        }
        (CallState::Interrupted, _) => (Tone::Bad, language.pick("interrupted", "被中断").to_owned(), attempts),
        (CallState::Failed, Some(failure)) => {
            // The client had its 200 already when the answer broke off.
            let fault = blame(failure.fault, language);
            let text = match call.status {
                Some(200..400) => format!("{}{fault}", language.pick("cut off: ", "中断：")),
                Some(status) => format!("{status} {fault}"),
                None => fault.to_owned(),
            };
            (tone(failure.fault), text, attempts)
        }
        (CallState::Failed, None) => (
            Tone::Bad,
            status.unwrap_or_else(|| state(call.state, language).to_owned()),
            attempts,
        ),
    };
    match note {
        Some(note) => view! { <Status tone=tone text=text note=note/> }.into_any(),
        None => view! { <Status tone=tone text=text/> }.into_any(),
    }
}

/// Beside whatever was answered from within the hub, whatever its provider is called.
#[component]
pub fn SimulatedMark(
    /// Whether it was.
    shown: bool,
) -> impl IntoView {
    let language = use_language();
    shown.then(|| view! { " "<Badge text=language.pick("simulated", "模拟")/> })
}

/// A model's name with its provider in a quieter tone.
#[component]
pub fn ModelName(
    /// `provider/model`, or whatever was asked for.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    match name.split_once('/') {
        Some((provider, model)) => {
            view! { <span class="break"><span class="muted">{format!("{provider}/")}</span>{model.to_owned()}</span> }
                .into_any()
        }
        None => view! { <span class="break">{name}</span> }.into_any(),
    }
}
