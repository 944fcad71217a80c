//! The panel that tells how a provider is reached, with a test for those that need no credential.

use domain::{
    catalog::{Quirks, StreamUsage, Thoughts},
    provider::{DisconnectPolicy, Provider},
};
use leptos::prelude::*;

use super::{credential_actions::TestCredential, kind_in_words, seconds};
use crate::{
    components::{Facts, Panel, PostButton, Time, fact},
    form,
    text::{Language, use_language},
};

/// Where its wire differs, in words.
fn differences(quirks: &Quirks, language: Language) -> Vec<String> {
    let said = [
        (
            quirks.max_tokens_only,
            language.pick("knows max_tokens only", "仅支持 max_tokens"),
        ),
        (
            !quirks.stream_options,
            language.pick("takes no stream_options", "不支持 stream_options"),
        ),
        (
            quirks.reasoning_outside_completion,
            language.pick(
                "counts reasoning apart from completion_tokens",
                "推理 token 不计入 completion_tokens",
            ),
        ),
        (
            quirks.thoughts != Thoughts::Left,
            language.pick("takes earlier thoughts back", "可接收之前的思考内容"),
        ),
        (
            quirks.nine_letter_ids,
            language.pick("wants ids of calls with nine letters", "工具调用 ID 须为九位字符"),
        ),
        (
            quirks.json_object_only,
            language.pick("takes no JSON schema of the answer", "不支持回答的 JSON Schema"),
        ),
    ];
    let mut words: Vec<String> = said
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| word.to_owned())
        .collect();
    let fields: Vec<String> = quirks.forbidden_fields.iter().map(ToString::to_string).collect();
    if !fields.is_empty() {
        words.push(format!(
            "{} {}",
            language.pick("does not get", "不发送"),
            fields.join(", ")
        ));
    }
    words
}

/// Where a stream tells what was used. `asked` is whether it may be asked for that.
const fn counting(usage: StreamUsage, asked: bool, language: Language) -> &'static str {
    match (usage, asked) {
        (StreamUsage::LastWhenAsked, true) => language.pick(
            "in a chunk at the end, for which it is asked",
            "在末尾的数据块中，需主动请求",
        ),
        (StreamUsage::LastWhenAsked, false) => {
            language.pick("in the last chunk, unasked", "在最后的数据块中，无需请求")
        }
        (StreamUsage::LastEvent, _) => language.pick("in the event that ends the answer", "在结束回答的事件中"),
        (StreamUsage::FromTheBeginning, _) => language.pick(
            "the prompt at the beginning, the answer as it grows",
            "开头计提示词，随后累计回答",
        ),
        (StreamUsage::EveryEvent, _) => language.pick("in every event, all so far", "在每个事件中累计"),
        (StreamUsage::Never, _) => language.pick("nowhere", "不计数"),
    }
}

/// Kind, address, limits and policy of one provider.
#[component]
pub fn Reach(
    /// Whose.
    provider: Provider,
) -> impl IntoView {
    let language = use_language();
    let draft = &provider.draft;
    let limit = |milliseconds| seconds::words(milliseconds, language);
    let limits = draft.timeouts;
    let (connect, first, gap, total) = (
        limit(limits.connect_ms),
        limit(limits.first_byte_ms),
        limit(limits.gap_ms),
        limit(limits.total_ms),
    );
    let limits = match language {
        Language::En => format!("connect {connect}, first byte {first}, gap {gap}, whole attempt {total}"),
        Language::Zh => format!("连接 {connect}，首字节 {first}，间隔 {gap}，整次尝试 {total}"),
    };
    let known = draft.facts();
    let policy = match (draft.disconnect, known.cancel_stops_billing) {
        (DisconnectPolicy::Cancel, true) => language.pick(
            "stop the provider at once, estimate what it had produced",
            "立即停止上游，估算已产生的用量",
        ),
        (DisconnectPolicy::Cancel, false) => language.pick(
            "stop the provider at once, estimate what it had produced; it is taken to bill the whole answer all the same",
            "立即停止上游，估算已产生的用量；但该上游仍可能按整个回答计费",
        ),
        (DisconnectPolicy::Drain, _) => {
            language.pick("let the provider finish, take its own count", "让上游完成，采用其计数")
        }
    };
    let address = match &draft.base_url {
        Some(url) => view! { <span class="mono break">{url.to_string()}</span> }.into_any(),
        None => language
            .pick("none: it answers from within the hub", "无：由网关内部应答")
            .into_any(),
    };
    let mut facts = vec![
        fact(language.pick("Kind", "类型"), kind_in_words(&provider, language)),
        fact(language.pick("Address", "地址"), address),
        fact(
            language.pick("Model names", "模型名"),
            view! { <span class="mono">{format!("{}/…", draft.name)}</span> },
        ),
        fact(language.pick("Time limits", "时限"), limits),
        fact(language.pick("Client leaves", "客户端断开"), policy),
        fact(
            language.pick("Streams count", "流式计数"),
            counting(known.usage, draft.effective_quirks().stream_options, language),
        ),
        fact(
            language.pick("Added", "添加时间"),
            view! { <Time at=provider.created_at /> },
        ),
    ];
    let differs = differences(&draft.effective_quirks(), language);
    if !differs.is_empty() {
        facts.push(fact(
            language.pick("Differs from OpenAI", "与 OpenAI 的差异"),
            differs.join(language.pick("; ", "；")),
        ));
    }
    let test = provider.credentials.is_empty().then(|| {
        let fields = vec![("provider", provider.id.to_string())];
        view! {
            <PostButton action={form::action::<TestCredential>()} fields=fields class="btn-s" icon="run">
                {language.pick("Test connection", "测试连接")}
            </PostButton>
        }
    });
    view! {
        <Panel title=language.pick("How it is reached", "连接方式") id="reach" actions=test.into_any() body=true>
            <Facts of=facts />
        </Panel>
    }
}
