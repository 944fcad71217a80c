//! One line above the list of changes: whether anybody but the hub has written it.

use gateway::ChainReport;
use leptos::prelude::*;

use crate::{
    components::{Banner, Tone, format},
    text::{Language, use_language},
};

/// The page looks at this many of the newest entries; the command line at all of them.
pub const LOOKED_AT: i64 = 5_000;

/// The line. Findings are told as the verifier says them, in English.
pub fn line(report: &ChainReport) -> AnyView {
    let language = use_language();
    let count = |number: i64| format::count(number.unsigned_abs());
    if report.findings.is_empty() {
        let mut sentence = match language {
            Language::En => format!("Chain intact, {} entries.", count(report.entries)),
            Language::Zh => format!("链条完整，共 {} 条记录。", count(report.entries)),
        };
        if report.looked_at < report.entries {
            sentence.push_str(&match language {
                Language::En => format!(
                    " The newest {} were looked at here; aigne-hub verify-audit looks at all.",
                    count(report.looked_at)
                ),
                Language::Zh => format!(
                    "此处核对了最新的 {} 条；aigne-hub verify-audit 会核对全部。",
                    count(report.looked_at)
                ),
            });
        }
        if report.unchained > 0 {
            sentence.push_str(&match language {
                Language::En => format!(
                    " It begins with the first change after an update; the {} before it are only counted.",
                    count(report.unchained)
                ),
                Language::Zh => format!(
                    "链条从升级后的第一条更改开始；此前的 {} 条只核对数量。",
                    count(report.unchained)
                ),
            });
        }
        return view! { <Banner tone=Tone::Good>{sentence}</Banner> }.into_any();
    }
    let sentence = language.pick(
        "The list of changes is not as the hub has written it: ",
        "更改记录与 Hub 写入的内容不一致：",
    );
    let findings: Vec<String> = report.findings.iter().take(5).map(ToString::to_string).collect();
    let more = report.findings.len() > findings.len();
    let more = more.then_some(" …");
    view! { <Banner tone=Tone::Bad><strong>{sentence}</strong><span lang="en">{findings.join("; ")}</span>{more}</Banner> }
        .into_any()
}
