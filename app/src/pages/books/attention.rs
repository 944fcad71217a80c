//! Calls that somebody should look at: how many for each reason, what they come to, and the way to them in the list.

use domain::{call::Concern, money::Amount};
use gateway::Attention;
use leptos::prelude::*;

use crate::{
    components::*,
    pages::calls::concern_in_words,
    text::{Language, use_language},
};

/// One reason with what it came to.
struct Reason {
    concern: Concern,
    calls: u64,
    amount: Option<Amount>,
}

/// The panel; nothing where there is nothing to look at.
pub fn panel(of: &Attention) -> Option<impl IntoView + use<>> {
    if *of == Attention::default() {
        return None;
    }
    let language = use_language();
    let reasons = [
        Reason {
            concern: Concern::Loss,
            calls: of.losses,
            amount: Some(of.loss),
        },
        Reason {
            concern: Concern::Unbilled,
            calls: of.unbilled,
            amount: Some(of.estimated),
        },
        Reason {
            concern: Concern::Late,
            calls: of.late,
            amount: None,
        },
        Reason {
            concern: Concern::Ahead,
            calls: of.ahead,
            amount: None,
        },
        Reason {
            concern: Concern::Doubted,
            calls: of.doubted,
            amount: None,
        },
    ];
    let columns = vec![
        Column::new(language.pick("Why", "原因")),
        Column::new(language.pick("Calls", "调用")).number(),
        Column::new(language.pick("Credits", "额度")).number(),
    ];
    let rows: Vec<_> = reasons
        .into_iter()
        .filter(|reason| reason.calls > 0)
        .map(|reason| row(&reason, language))
        .collect();
    let title = language.pick("Calls to look at", "需关注的调用");
    let note = language.pick("of the last 30 days", "最近 30 天");
    Some(view! { <Panel title=title note=note id="attention"><Table columns=columns>{rows}</Table></Panel> })
}

fn row(reason: &Reason, language: Language) -> impl IntoView + use<> {
    let href = format!("/calls?range=30d&concern={}", reason.concern.as_str());
    let amount = match (reason.concern, reason.amount) {
        (Concern::Unbilled, Some(cost)) => {
            view! { <span><span class="muted">{language.pick("cost about ", "成本约 ")}</span><MoneyText of=cost/></span> }
                .into_any()
        }
        (_, amount) => view! { <MoneyOrNone of=amount/> }.into_any(),
    };
    view! {
        <tr>
            <td class="cell-lead two-line">
                <a class="row-link cell-main" href=href>{concern_in_words(reason.concern, language)}</a>
                <small>{meaning(reason.concern, language)}</small>
            </td>
            <td class="num cell-end">{format::count(reason.calls)}</td>
            <td class="num" data-label=language.pick("Credits", "额度")>{amount}</td>
        </tr>
    }
}

/// What happened, and what came of it.
const fn meaning(concern: Concern, language: Language) -> &'static str {
    match concern {
        Concern::Loss => language.pick(
            "More than was held and could be spent. The rest is booked as a loss.",
            "超出预占和可用额度，超出部分记为损失。",
        ),
        Concern::Unbilled => language.pick(
            "The hub stopped before they ended. What they held was given back.",
            "Hub 在调用结束前停止，预占额度已返还。",
        ),
        Concern::Late => language.pick(
            "They ended after what they held had been given back, and were charged out of what could be spent then.",
            "调用结束时预占额度已返还，改从当时的可用额度中收费。",
        ),
        Concern::Ahead => language.pick(
            "The database stood still, so their answers left before their ends were booked. They are booked by now.",
            "数据库停滞，答复先于入账发出。现已入账。",
        ),
        Concern::Doubted => language.pick(
            "The provider's usage made no sense, or it drew more pictures than were asked for, so the charge is the hub's estimate. Check the provider's kind and quirks.",
            "提供商返回的用量不合理，或生成的图片多于请求的数量，改按 Hub 的估算收费。请检查提供商的类型和兼容设置。",
        ),
    }
}
