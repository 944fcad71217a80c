//! A call in time, drawn with attributes of SVG: the hub's own work, each attempt's wait, first byte, stream, total.

use domain::{
    call::{CallDetail, CallState},
    time::Micros,
};
use leptos::prelude::*;

use crate::{
    components::*,
    text::{Language, use_language},
};

/// What a bar stands for; the word is its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Work,
    Wait,
    Stream,
    Fail,
    Gate,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Wait => "wait",
            Self::Stream => "stream",
            Self::Fail => "fail",
            Self::Gate => "gate",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    label: String,
    kind: Kind,
    start: i64,
    length: i64,
}

/// The timeline; nothing while the call is running, because nothing is known then.
pub fn timeline(detail: &CallDetail) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let total = detail.call.duration.filter(|total| total.0 > 0)?;
    let lines: Vec<_> = lines(detail, total, language)
        .into_iter()
        .map(|line| draw(line, total))
        .collect();
    let ours = detail.call.overhead.map(|ours| match language {
        Language::En => format!("{} ours", format::span(ours)),
        Language::Zh => format!("其中 {} 为 Hub 开销", format::span(ours)),
    });
    Some(view! {
        <ol class="timeline">
            {lines}
            <li class="timeline-total">
                <span>{language.pick("Total", "总计")}</span>
                <span class="muted">{ours}</span>
                <span>{format::span(total)}</span>
            </li>
        </ol>
    })
}

fn lines(detail: &CallDetail, total: Micros, language: Language) -> Vec<Line> {
    let call = &detail.call;
    let mut lines = Vec::new();
    if let Some(ours) = call.overhead {
        lines.push(Line {
            label: language.pick("The hub", "Hub 处理").to_owned(),
            kind: Kind::Work,
            start: 0,
            length: ours.0,
        });
    }
    let many = detail.attempts.len() > 1;
    for attempt in &detail.attempts {
        // One that broke off while it streamed was waited for in vain only from then on.
        let failed = attempt.failure.is_some() && call.first_byte.is_none();
        let label = match (many, language) {
            (false, _) => language.pick("Provider", "提供商").to_owned(),
            (true, Language::En) => format!("Attempt {}", attempt.number),
            (true, Language::Zh) => format!("第 {} 次尝试", attempt.number),
        };
        lines.push(Line {
            label,
            kind: if failed { Kind::Fail } else { Kind::Wait },
            start: attempt.started_at.since(call.started_at).0.max(0),
            length: attempt.first_byte.unwrap_or(attempt.duration).0,
        });
    }
    if let Some(first) = call.first_byte {
        lines.push(Line {
            label: language.pick("First byte", "首字节").to_owned(),
            kind: Kind::Gate,
            start: first.0,
            length: first.0,
        });
        let broken = matches!(call.state, CallState::Failed | CallState::Interrupted);
        let label = if call.streamed {
            language.pick("Streaming", "流式输出")
        } else {
            language.pick("Reading", "读取")
        };
        lines.push(Line {
            label: label.to_owned(),
            kind: if broken { Kind::Fail } else { Kind::Stream },
            start: first.0,
            length: (total.0 - first.0).max(0),
        });
    }
    lines
}

fn draw(line: Line, total: Micros) -> impl IntoView {
    let text = format::span(Micros(line.length));
    let start = percent(line.start.min(total.0), total.0);
    let bar = if line.kind == Kind::Gate {
        view! { <rect class="gate" x=start y="-2" width="2" height="12"></rect> }.into_any()
    } else {
        // What took no visible time is still there.
        let length = line
            .length
            .clamp(total.0 / 250, (total.0 - line.start).max(total.0 / 250));
        view! { <rect class=line.kind.class() x=start y="1" width=percent(length, total.0) height="6" rx="1.5"></rect> }
            .into_any()
    };
    view! {
        <li>
            <span>{line.label}</span>
            <svg class="timeline-bar" aria-hidden="true"><rect class="track" y="3.5" width="100%" height="1"></rect>{bar}</svg>
            <span>{text}</span>
        </li>
    }
}

/// A share of the whole with two decimals: `12.95%`.
fn percent(part: i64, whole: i64) -> String {
    let hundredths = i128::from(part.max(0)) * 10_000 / i128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn shares_have_two_decimals() {
        assert_eq!(
            [
                percent(0, 7),
                percent(1, 3),
                percent(7, 7),
                percent(-1, 7),
                percent(1, 0)
            ],
            ["0.00%", "33.33%", "100.00%", "0.00%", "100.00%"]
        );
        assert_eq!(percent(i64::MAX, i64::MAX), "100.00%");
    }
}
