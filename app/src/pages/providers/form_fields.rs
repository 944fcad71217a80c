//! The fields that adding and editing a provider have in common.

use domain::catalog::Thoughts;
use leptos::prelude::*;

use super::{
    fields::{ProviderFields, TICKED},
    offer::Offer,
};
use crate::{
    components::{CheckField, Choice, Hidden, Icon, SelectField, TextField},
    form::FormScope,
    text::{Language, use_language},
};

/// Names, address, and under a fold the time limits and what happens when a client leaves. Children stand before the fold.
#[component]
pub fn ProviderFormFields(
    /// What stands in the fields at first.
    fields: ProviderFields,
    /// What is added or edited.
    offer: Offer,
    /// Fields between the address and the fold.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let language = use_language();
    let (example, path) = (offer.base_url(), offer.chat_path());
    let hint = match language {
        Language::En => format!("Where its API begins; {path} is added. Private addresses are allowed."),
        Language::Zh => format!("API 的起始地址，系统会在其后加上 {path}。允许使用内网地址。"),
    };
    let address = (offer != Offer::Simulated).then(|| {
        view! {
            <TextField
                name="base_url"
                label=language.pick("Base URL", "基础 URL")
                kind="url"
                mono=true
                value=fields.base_url.clone()
                autocomplete="off"
                placeholder=if example.is_empty() { "https://host/v1" } else { example }
                hint=hint
            />
        }
    });
    view! {
        <Hidden name="offer" value=offer.id() />
        <div class="form-grid">
            <TextField
                name="title"
                label=language.pick("Name for people", "显示名称")
                value=fields.title.clone()
                autocomplete="off"
                max_length=80_u32
            />
            <TextField
                name="name"
                label=language.pick("Name in model names", "模型名前缀")
                mono=true
                value=fields.name.clone()
                autocomplete="off"
                max_length=40_u32
                hint=language.pick(
                    "Clients ask for “name/model”. Small letters, digits, - _ and .",
                    "客户端以“前缀/模型”调用。可用小写字母、数字、- _ 和 .",
                )
            />
        </div>
        {address}
        {children.map(|children| children())}
        {(offer == Offer::Compatible).then(|| view! { <Differences fields=fields.clone() /> })}
        <Limits fields=fields />
    }
}

/// Where the wire of a server without a preset differs, folded away unless something is said there.
#[component]
fn Differences(fields: ProviderFields) -> impl IntoView {
    let language = use_language();
    let scope = FormScope::current();
    let said = [
        &fields.no_stream_options,
        &fields.max_tokens_only,
        &fields.reasoning_outside,
        &fields.nine_letter_ids,
        &fields.json_object_only,
        &fields.thoughts,
        &fields.forbidden_fields,
    ];
    let open = said.into_iter().any(|typed| !typed.is_empty()) || scope.error("forbidden_fields").is_some();
    let thoughts = Thoughts::ALL
        .map(|thoughts| match thoughts {
            Thoughts::Left => Choice::new("", language.pick("are left out", "不发送")),
            Thoughts::Plain => Choice::new(
                thoughts.as_str(),
                language.pick("go back as reasoning_content", "以 reasoning_content 发回"),
            ),
            Thoughts::Details => Choice::new(
                thoughts.as_str(),
                language.pick(
                    "go back as reasoning_details, with their proofs",
                    "以 reasoning_details 发回，并附带签名",
                ),
            ),
        })
        .to_vec();
    view! {
        <details class="disclosure" open=open>
            <summary><Icon name="right" />{language.pick("Where it differs from OpenAI", "与 OpenAI 的差异")}</summary>
            <div class="stack stack-s">
                <CheckField
                    name="max_tokens_only"
                    label=language.pick("Knows max_tokens only", "仅支持 max_tokens")
                    hint=language.pick(
                        "Servers that refuse or ignore max_completion_tokens: it is renamed for them.",
                        "适用于拒绝或忽略 max_completion_tokens 的服务器：系统会替它改名。",
                    )
                    checked=fields.max_tokens_only == TICKED
                />
                <CheckField
                    name="no_stream_options"
                    label=language.pick("Takes no stream_options", "不支持 stream_options")
                    hint=language.pick(
                        "It reports usage unasked, or refuses the field.",
                        "它会主动返回用量，或拒绝该字段。",
                    )
                    checked=fields.no_stream_options == TICKED
                />
                <CheckField
                    name="reasoning_outside"
                    label=language.pick("Counts reasoning apart from completion_tokens", "推理 token 不计入 completion_tokens")
                    checked=fields.reasoning_outside == TICKED
                />
                <CheckField
                    name="nine_letter_ids"
                    label=language.pick("Wants ids of calls with nine letters", "工具调用 ID 须为九位字符")
                    hint=language.pick(
                        "Mistral's servers refuse longer ones: clients of other dialects get shorter ids translated.",
                        "Mistral 的服务器会拒绝更长的 ID：其他协议的客户端由系统代为换成短 ID。",
                    )
                    checked=fields.nine_letter_ids == TICKED
                />
                <CheckField
                    name="json_object_only"
                    label=language.pick("Takes no JSON schema of the answer", "不支持回答的 JSON Schema")
                    hint=language.pick(
                        "It refuses response_format json_schema: clients of other dialects have JSON asked for, with the schema in words.",
                        "它会拒绝 response_format json_schema：对其他协议的客户端，系统改为请求 JSON，并以文字说明 Schema。",
                    )
                    checked=fields.json_object_only == TICKED
                />
                <SelectField
                    name="thoughts"
                    label=language.pick("Thoughts of earlier answers", "先前回答的思考内容")
                    choices=thoughts
                    value=fields.thoughts
                    hint=language.pick(
                        "DeepSeek's servers want them back beside calls of tools, OpenRouter takes their proofs too; most others refuse them.",
                        "DeepSeek 的服务器要求在工具调用时发回思考内容，OpenRouter 还接收其签名；其他大多会拒绝。",
                    )
                />
                <TextField
                    name="forbidden_fields"
                    label=language.pick("Fields that it refuses", "它拒绝的字段")
                    mono=true
                    optional=true
                    value=fields.forbidden_fields
                    autocomplete="off"
                    placeholder="store messages[].name"
                    hint=language.pick(
                        "They are left out of requests. Separate several by spaces.",
                        "发送请求时会略去这些字段。多个字段以空格分隔。",
                    )
                />
            </div>
        </details>
    }
}

/// The fields that one seldom needs, folded away unless one of them was refused.
#[component]
fn Limits(fields: ProviderFields) -> impl IntoView {
    let language = use_language();
    let scope = FormScope::current();
    let refused = ["connect", "first_byte", "gap", "total", "disconnect"]
        .into_iter()
        .any(|field| scope.error(field).is_some());
    let policies = vec![
        Choice::new(
            "cancel",
            language.pick("Stop the provider at once and estimate", "立即停止上游并估算用量"),
        ),
        Choice::new(
            "drain",
            language.pick("Let it finish and take its own count", "让其完成并采用其计数"),
        ),
    ];
    view! {
        <details class="disclosure" open=refused>
            <summary><Icon name="right" />{language.pick("Time limits and clients that leave", "时限与客户端断开")}</summary>
            <div class="stack stack-s">
                <p class="help">
                    {language
                        .pick(
                            "In seconds, from 0.1 to 3600. No limit may exceed the whole attempt.",
                            "单位为秒，范围 0.1 至 3600。任何时限都不能超过整次尝试的时限。",
                        )}
                </p>
                <div class="form-grid">
                    <TextField name="connect" label=language.pick("Until connected, s", "连接（秒）") short=true value=fields.connect autocomplete="off" />
                    <TextField name="first_byte" label=language.pick("Until the first byte, s", "首字节（秒）") short=true value=fields.first_byte autocomplete="off" />
                    <TextField name="gap" label=language.pick("Between two pieces, s", "片段间隔（秒）") short=true value=fields.gap autocomplete="off" />
                    <TextField name="total" label=language.pick("Whole attempt, s", "整次尝试（秒）") short=true value=fields.total autocomplete="off" />
                </div>
                <SelectField
                    name="disconnect"
                    label=language.pick("When a client leaves in the middle of an answer", "客户端中途断开时")
                    choices=policies
                    value=fields.disconnect
                    hint=language.pick(
                        "Some providers bill the whole answer anyway, as Google does; for those that are known, letting it finish is proposed, which gives exact counts. Calls with files, and calls for pictures, are always let finish.",
                        "有些提供商（如 Google）无论如何都会按整个回答计费；对已知的这类提供商默认等待完成，以得到准确的用量。带有文件的调用和生成图片的调用始终等待完成。",
                    )
                />
            </div>
        </details>
    }
}
