//! What a call consumed, bucket by bucket, and the provider's own words about it.

use domain::{
    call::{Call, CallDetail, CallState},
    usage::{Usage, UsageSource},
};
use leptos::prelude::*;

use crate::{
    components::*,
    text::{Language, use_language},
};

/// Exact, estimated or none, in a word.
pub fn source(call: &Call) -> impl IntoView + use<> {
    let language = use_language();
    match call.usage_source {
        UsageSource::None if call.state == CallState::Open => view! { <Badge text=language.pick("known when it is over", "结束后可知")/> }.into_any(),
        UsageSource::None if call.state == CallState::Interrupted => view! { <Badge text=language.pick("not known", "未知")/> }.into_any(),
        UsageSource::Provider => view! { <Badge tone=Tone::Good icon="check" text=language.pick("exact, by the provider", "精确，由提供商提供")/> }.into_any(),
        UsageSource::Mixed => view! { <Badge tone=Tone::Warning icon="warn" text=language.pick("input exact, output estimated", "输入精确，输出为估算")/> }.into_any(),
        UsageSource::Estimated => view! { <Badge tone=Tone::Warning icon="warn" text=language.pick("estimated by the hub", "由 Hub 估算")/> }.into_any(),
        UsageSource::None => view! { <Badge text=language.pick("nothing consumed", "无消耗")/> }.into_any(),
    }
}

/// What the provider reported was not believed: why the numbers are an estimate all the same.
pub fn doubt(detail: &CallDetail) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let doubted = detail.call.usage_source == UsageSource::Estimated && detail.raw_usage.is_some();
    doubted.then(|| {
        view! {
            <Banner tone=Tone::Warning>
                {language.pick(
                    "What the provider reported makes no sense, such as a negative count, more than the model takes or more pictures than were asked for. It was refused, and the hub's own estimate counts.",
                    "提供商报告的用量不合理（例如为负、超过模型上限，或图片多于请求的数量），因此未采信，按 Hub 的估算计算。",
                )}
            </Banner>
        }
    })
}

/// The buckets that hold something, and the sums.
pub fn table(usage: &Usage) -> impl IntoView + use<> {
    let language = use_language();
    let input = parts(&input(usage, language));
    let output = parts(&output(usage, language));
    let sum = |name: &'static str, tokens: u64| {
        view! { <tr><th scope="row">{name}</th><td class="strong">{format::count(tokens)}</td></tr> }
    };
    view! {
        <table class="sum">
            <caption class="visually-hidden">{language.pick("Tokens", "token 数")}</caption>
            <tbody>
                {sum(language.pick("Tokens in", "输入 token"), usage.input_total())}
                {input}
                {sum(language.pick("Tokens out", "输出 token"), usage.output_total())}
                {output}
            </tbody>
        </table>
    }
}

/// The pictures that came, where pictures were asked for.
pub fn drawn(call: &Call) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let drawn = call.drawn.as_ref().filter(|drawn| drawn.count > 0)?;
    let (size, quality) = (drawn.kind.size().to_owned(), drawn.kind.quality().to_owned());
    Some(view! {
        <table class="sum">
            <caption class="visually-hidden">{language.pick("Pictures", "图像")}</caption>
            <tbody>
                <tr>
                    <th scope="row">{language.pick("Pictures", "图像")}" "<small>{size}" / "{quality}</small></th>
                    <td class="strong">{format::count(drawn.count)}</td>
                </tr>
            </tbody>
        </table>
    })
}

/// What a sum consists of, where it is more than one thing.
fn parts(buckets: &[(&'static str, u64)]) -> Vec<impl IntoView + use<>> {
    let filled: Vec<_> = buckets.iter().copied().filter(|(_, tokens)| *tokens > 0).collect();
    let shown = if filled.len() > 1 { filled } else { Vec::new() };
    let line = |(name, tokens): (&'static str, u64)| {
        view! { <tr class="sub part"><th scope="row">{name}</th><td>{format::count(tokens)}</td></tr> }
    };
    shown.into_iter().map(line).collect()
}

const fn input(usage: &Usage, language: Language) -> [(&'static str, u64); 6] {
    [
        (language.pick("Input", "输入"), usage.input_uncached),
        (language.pick("Cache read", "缓存读取"), usage.cache_read),
        (
            language.pick("Cache write, 5 min", "缓存写入，5 分钟"),
            usage.cache_write_5m,
        ),
        (
            language.pick("Cache write, 1 h", "缓存写入，1 小时"),
            usage.cache_write_1h,
        ),
        (language.pick("Audio in", "音频输入"), usage.input_audio),
        (language.pick("Images in", "图像输入"), usage.input_image),
    ]
}

const fn output(usage: &Usage, language: Language) -> [(&'static str, u64); 4] {
    [
        (language.pick("Text out", "文本输出"), usage.output_text),
        (language.pick("Reasoning", "推理"), usage.output_reasoning),
        (language.pick("Audio out", "音频输出"), usage.output_audio),
        (language.pick("Images out", "图像输出"), usage.output_image),
    ]
}

/// How often tools ran at the provider, where any did.
pub fn tools(detail: &CallDetail) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let line = |(name, count): (&String, &u64)| {
        view! { <tr><th scope="row"><code>{name.clone()}</code></th><td>{format::count(*count)}</td></tr> }
    };
    let lines: Vec<_> = detail.tool_uses.iter().map(line).collect();
    (!lines.is_empty()).then(|| {
        view! {
            <table class="sum">
                <caption>{language.pick("Tools that ran at the provider", "在提供商处运行的工具")}</caption>
                <tbody>{lines}</tbody>
            </table>
        }
    })
}

/// The provider's own usage object, indented where it is JSON.
pub fn raw(detail: &CallDetail) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let text = detail.raw_usage.clone()?;
    let text = serde_json::from_str::<serde_json::Value>(&text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or(text);
    Some(view! { <Code text=text label=language.pick("Usage as the provider told it", "提供商返回的用量")/> })
}
