//! The playground without scripts: one question, one answer, no streaming. The form is answered with the page itself, so
//! that question and answer are stored nowhere, not even sealed in the session.

use domain::catalog::ProviderKind;
use futures_util::StreamExt;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::answer;
use crate::{
    components::*,
    context,
    error::AppError,
    flash,
    form::{self, AtField, Back, Done},
    islands::playground::{
        ModelGroup,
        frame::{Ending, Frame, Outcome, Question, Said, Speaker},
        words,
    },
    pages::calls::SimulatedMark,
    text::use_language,
};

/// The name under which an exchange goes to its page.
const ONCE: &str = "exchange";

/// One question and its answer.
#[derive(Debug, Serialize, Deserialize)]
struct Exchange {
    model: String,
    /// The answer comes from within the hub.
    simulated: bool,
    question: String,
    text: String,
    reasoning: String,
    call: Option<domain::id::CallId>,
    ending: Option<Ending>,
}

/// Asks once and waits for the whole answer.
#[server]
pub async fn ask_once(model: String, #[server(default)] system: String, message: String) -> Result<(), AppError> {
    let here = format!("/playground?model={}", form::encode(&model));
    let back = Back::to(&here)
        .keeping("message", &message)
        .keeping("system", &system)
        .at_once();
    form::submit(back, async {
        let (viewer, gateway) = (context::key_holder()?.viewer().clone(), context::gateway()?);
        let session = context::visitor()?.session;
        let said = [(Speaker::System, &system), (Speaker::User, &message)];
        let messages = said
            .into_iter()
            .filter(|(_, content)| !content.trim().is_empty())
            .map(|(role, content)| Said::words(role, content.clone()))
            .collect();
        let question = Question {
            model: model.clone(),
            messages,
            temperature: None,
            max_tokens: None,
            tools: None,
        };
        let served = gateway.snapshot().resolve(&model);
        let mut exchange = Exchange {
            model,
            simulated: served.is_some_and(|candidate| candidate.provider.kind == ProviderKind::Simulated),
            question: message.clone(),
            text: String::new(),
            reasoning: String::new(),
            call: None,
            ending: None,
        };
        let mut frames = std::pin::pin!(answer::frames(gateway, viewer, session, question));
        while let Some(several) = frames.next().await {
            for frame in several {
                match frame {
                    Frame::Call(call) => exchange.call = Some(call),
                    Frame::Text(piece) => exchange.text.push_str(&piece),
                    Frame::Reasoning(piece) => exchange.reasoning.push_str(&piece),
                    // No tools are offered here.
                    Frame::Tool(_) => {}
                    Frame::End(ending) => exchange.ending = Some(ending),
                }
            }
        }
        let json = serde_json::to_string(&exchange)
            .map_err(|error| AppError::Transport(error.to_string()))
            .at("message")?;
        Ok(Done::to(here).once(ONCE, json))
    })
    .await
}

/// The page's content.
pub fn page(groups: &[ModelGroup], model: &str) -> impl IntoView + use<> {
    let language = use_language();
    let title = language.pick("Playground", "试用");
    let exchange = flash::once(ONCE).and_then(|json| serde_json::from_str::<Exchange>(&json).ok());
    let model = model.to_owned();
    let mut choices = Vec::new();
    for group in groups {
        let mark = if group.simulated {
            language.pick(" (simulated)", "（模拟）")
        } else {
            ""
        };
        choices.extend(
            group
                .models
                .iter()
                .map(|model| Choice::new(&model.name, format!("{}{mark}", model.name))),
        );
    }
    view! {
        <div class="pad stack">
            <PageHead
                title=title
                sub=language.pick(
                    "Scripts are switched off here, so an answer comes as a whole: one question, one answer.",
                    "此处未启用脚本，因此回答会一次性返回：一问一答。",
                )
            />
            {exchange.map(show)}
            <section class="panel" aria-label=language.pick("Question", "问题")>
                <div class="panel-body">
                    <Form action={form::action::<AskOnce>()}>
                        <SelectField name="model" label=language.pick("Model", "模型") choices=choices value=model/>
                        <TextArea name="system" label=language.pick("System prompt", "系统提示词") rows=2 optional=true/>
                        <TextArea name="message" label=language.pick("Message", "消息") rows=5/>
                        <FormFoot submit=language.pick("Ask the model", "提问")/>
                    </Form>
                </div>
            </section>
        </div>
    }
}

/// The exchange that this page answers with. The answer is shown as it is: Markdown is drawn in the browser only.
fn show(exchange: Exchange) -> impl IntoView {
    let language = use_language();
    let ending = exchange.ending.unwrap_or(Ending::untold(Outcome::Complete));
    let problem = match &ending.outcome {
        Outcome::Failed(problem) => Some((words::sentence(problem, language), problem.href.clone())),
        _ => None,
    };
    let problem = problem.map(|(sentence, href)| {
        let remedy = href.map(|href| {
            let word = words::remedy(&href, language);
            view! { " "<a class="link" href=href>{word}</a> }
        });
        view! { <Banner tone=Tone::Bad>{sentence}{remedy}</Banner> }
    });
    let numbers = ending.metrics.map(|metrics| {
        let about = if metrics.estimated { language.pick(" (estimated)", "（估算）") } else { "" };
        view! {
            {metrics.first.map(|first| view! { <span><b>{first}</b>" "{language.pick("first token", "首个 token")}</span> })}
            <span><b>{metrics.total}</b>" "{language.pick("in all", "总耗时")}</span>
            <span><b>{metrics.input}</b>" "{language.pick("in", "输入")}", "<b>{metrics.output}</b>" "{language.pick("out", "输出")}{about}</span>
            {metrics.charge.map(|charge| view! { <span><b>{charge}</b>" "{language.pick("credits", "额度")}</span> })}
        }
    });
    let log = exchange.call.map(|call| {
        view! { <a class="link" href=format!("/calls/{call}")>{language.pick("Open the call in the log", "在调用记录中打开")}</a> }
    });
    view! {
        <section class="stack" aria-label=language.pick("Conversation", "对话")>
            <article class="msg msg-user">
                <p class="msg-who">{language.pick("You", "你")}</p>
                <div class="msg-text">{exchange.question}</div>
            </article>
            <article class="msg msg-system">
                <p class="msg-who">{exchange.model}<SimulatedMark shown=exchange.simulated/></p>
                {(!exchange.reasoning.is_empty()).then(|| view! {
                    <details class="msg-reasoning"><summary>{language.pick("Thoughts", "思考过程")}</summary><div class="msg-text">{exchange.reasoning}</div></details>
                })}
                {(!exchange.text.is_empty()).then(|| view! { <div class="msg-text">{exchange.text}</div> })}
                {problem}
                <div class="metrics">{numbers}{log}</div>
            </article>
        </section>
    }
}
