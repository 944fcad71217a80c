//! One question and its answer on the page: text as it comes, then what it took, and what can be done with it.

use leptos::prelude::*;

use super::{
    composer::focus_composer,
    conversation::Conversation,
    copy::CopyText,
    files::Chips,
    frame::{Metrics, Outcome},
    settings::Settings,
    tools::ToolCalls,
    turn::{Phase, Turn},
    words,
};
use crate::{islands::markdown::Markdown, text::Language};

/// A turn of the conversation.
#[component]
pub fn Message(
    turn: Turn,
    conversation: Conversation,
    settings: Settings,
    simulated: Signal<Vec<String>>,
    language: Language,
) -> impl IntoView {
    let is_simulated = move || turn.model.with(|model| simulated.with(|names| names.contains(model)));
    // Thoughts are shown as they come; the answer then folds them away. Whoever opens them again keeps them open.
    let thinking = Memo::new(move |_| {
        turn.ending().is_none() && turn.text.with(String::is_empty) && turn.calls.with(Vec::is_empty)
    });
    view! {
        <Show when=move || !turn.goes_on()>
            <article class="msg msg-user" aria-label=language.pick("Your message", "你的消息")>
                <p class="msg-who">{language.pick("You", "你")}</p>
                <Chips files=turn.attachments.into() language/>
                <Show when=move || turn.question.with(|text| !text.is_empty())><div class="msg-text">{turn.question}</div></Show>
            </article>
        </Show>
        <article class="msg" aria-label=language.pick("Answer", "回答") aria-busy=move || turn.ending().is_none().to_string()>
            <p class="msg-who">
                {turn.model}
                <Show when=is_simulated><span class="badge">{language.pick("simulated", "模拟")}</span></Show>
                <Show when=move || turn.ending().is_none()>
                    <span class="badge badge-accent"><Sign name="busy"/>{move || progress(turn, language)}</span>
                </Show>
            </p>
            <Show when=move || turn.reasoning.with(|text| !text.is_empty())>
                <details class="msg-reasoning" open=move || thinking.get()>
                    <summary>
                        <Show when=move || thinking.get() fallback=|| view! { <Sign name="spark"/> }><Sign name="busy"/></Show>
                        {move || if thinking.get() { language.pick("Thinking", "正在思考") } else { language.pick("Thoughts", "思考过程") }}
                    </summary>
                    <div class="msg-text prose"><Markdown text=turn.reasoning language/></div>
                </details>
            </Show>
            <div class="msg-text prose" class:is-writing=move || turn.phase.with(|phase| *phase == Phase::Writing)>
                <Markdown text=turn.text language/>
            </div>
            <ToolCalls turn conversation settings language/>
            <Outcomes turn conversation settings language/>
            <Show when=move || turn.ending().is_some()><Foot turn conversation settings language/></Show>
        </article>
    }
}

fn progress(turn: Turn, language: Language) -> &'static str {
    turn.phase.with(|phase| match phase {
        Phase::Waiting => language.pick("waiting", "等待中"),
        Phase::Stopping => language.pick("stopping", "正在停止"),
        Phase::Writing | Phase::Ended(_) => language.pick("answering", "正在回答"),
    })
}

/// What is to be said about the ending: nothing when all went well.
#[component]
fn Outcomes(turn: Turn, conversation: Conversation, settings: Settings, language: Language) -> impl IntoView {
    move || {
        let ending = turn.ending()?;
        let note = |text: &'static str| view! { <p class="msg-note"><Sign name="stop"/>{text}</p> }.into_any();
        match ending.outcome {
            Outcome::Complete if !turn.is_answered() => {
                Some(note(language.pick("The model sent no text.", "模型没有返回文字。")))
            }
            Outcome::Complete => None,
            Outcome::Cut => Some(note(
                language.pick("Cut off at the longest answer allowed.", "已达到回答上限，内容被截断。"),
            )),
            Outcome::Stopped => Some(note(language.pick(
                "Stopped by you. What had come is kept.",
                "已由你停止，已收到的内容会保留。",
            ))),
            Outcome::Failed(problem) => {
                let sentence = words::sentence(&problem, language);
                let remedy = problem.href.map(|href| {
                    let word = words::remedy(&href, language);
                    view! { <a class="btn btn-s" href=href>{word}</a> }
                });
                Some(
                    view! {
                        <div class="msg-error" role="alert">
                            <Sign name="fail"/>
                            <p>{sentence}</p>
                            {remedy}
                            <Show when=move || is_last(conversation, turn)>
                                <button class="btn btn-s" type="button" on:click=move |_| retry(conversation, settings)>
                                    <Sign name="rotate"/>{language.pick("Try again", "重试")}
                                </button>
                            </Show>
                        </div>
                    }
                    .into_any(),
                )
            }
        }
    }
}

/// What the answer took, and the tools.
#[component]
fn Foot(turn: Turn, conversation: Conversation, settings: Settings, language: Language) -> impl IntoView {
    let (again, open) = (
        language.pick("Try again", "重试"),
        language.pick("Open the call in the log", "在调用记录中打开"),
    );
    let has_text = move || turn.text.with(|text| !text.is_empty());
    view! {
        <div class="metrics">
            {move || turn.ending().and_then(|ending| ending.metrics).map(|metrics| numbers(metrics, language))}
            <span class="tools">
                <Show when=has_text><CopyText text=turn.text label=language.pick("Copy answer", "复制回答") language/></Show>
                // A failure has its own button, in words.
                <Show when=move || is_last(conversation, turn) && !conversation.running.get() && !turn.failed()>
                    <button class="btn btn-icon btn-quiet btn-s" type="button" aria-label=again title=again on:click=move |_| retry(conversation, settings)>
                        <Sign name="rotate"/>
                    </button>
                </Show>
                {move || turn.call.get().map(|call| view! {
                    <a class="btn btn-icon btn-quiet btn-s" href=format!("/calls/{call}") target="_blank" aria-label=open title=open><Sign name="external"/></a>
                })}
            </span>
        </div>
    }
}

fn numbers(metrics: Metrics, language: Language) -> AnyView {
    let about = if metrics.estimated {
        language.pick(" (estimated)", "（估算）")
    } else {
        ""
    };
    view! {
        {metrics.first.map(|first| view! { <span><b>{first}</b>" "{language.pick("first token", "首个 token")}</span> })}
        {metrics.speed.map(|speed| view! { <span><b>{speed}</b>" "{language.pick("tok/s", "token/秒")}</span> })}
        {metrics.total.map(|total| view! { <span><b>{total}</b>" "{language.pick("in all", "总耗时")}</span> })}
        <span><b>{metrics.input}</b>" "{language.pick("in", "输入")}", "<b>{metrics.output}</b>" "{language.pick("out", "输出")}{about}</span>
        {metrics.charge.map(|charge| view! { <span><b>{charge}</b>" "{language.pick("credits", "额度")}</span> })}
    }
    .into_any()
}

/// Asks once more. The button goes away with the old answer; the place to write is where one goes on.
fn retry(conversation: Conversation, settings: Settings) {
    conversation.retry(settings);
    focus_composer();
}

fn is_last(conversation: Conversation, turn: Turn) -> bool {
    conversation.turns.with(|turns| turns.last() == Some(&turn))
}

/// An icon of the sprite.
#[component]
pub fn Sign(name: &'static str) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use_ href=format!("/icons.svg#i-{name}")></use_></svg> }
}
