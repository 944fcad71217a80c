//! Moments and spans on a page. Every moment carries its machine-readable form and its zone, which is UTC.

use domain::time::{Micros, Timestamp};
use jiff::{Zoned, tz::TimeZone};
use leptos::prelude::*;

use super::format;
use crate::{
    context,
    text::{Language, use_language},
};

/// How much of a moment is shown. The whole of it stands in the title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// `23 Nov 2026, 14:02 UTC`.
    #[default]
    Moment,
    /// `23 Nov 2026, 14:02:11 UTC`, where the minute does not tell two apart.
    Second,
    /// `14:02:11.412`, for rows under a heading that names the zone.
    Clock,
    /// `23 Nov 14:02`, with the year where it is not this one, for narrow columns under a heading that names the zone.
    Short,
    /// `23 Nov 2026`, where the time of day stands elsewhere.
    Day,
    /// `3 minutes ago`.
    Ago,
}

/// A moment.
#[component]
pub fn Time(
    /// When.
    at: Timestamp,
    /// How much of it is shown.
    #[prop(optional)]
    style: TimeStyle,
) -> impl IntoView {
    let language = use_language();
    let exact = exact(at);
    let shown = match style {
        TimeStyle::Moment => moment(at, language),
        TimeStyle::Second => text(
            at,
            language.pick("%-d %b %Y, %H:%M:%S UTC", "%Y年%-m月%-d日 %H:%M:%S UTC"),
        ),
        TimeStyle::Clock => text(at, "%H:%M:%S%.3f"),
        TimeStyle::Day => text(at, language.pick("%-d %b %Y", "%Y年%-m月%-d日")),
        TimeStyle::Short => short(at, context::gateway().ok().map(|gateway| gateway.now()), language),
        TimeStyle::Ago => {
            context::gateway().map_or_else(|_| exact.clone(), |gateway| ago(gateway.now().since(at), language))
        }
    };
    let machine = text(at, "%Y-%m-%dT%H:%M:%S%.3fZ");
    view! { <time datetime=machine title=exact>{shown}</time> }
}

/// A span; an en dash where there is none.
#[component]
pub fn Span(
    /// How long.
    #[prop(into)]
    of: Option<Micros>,
) -> impl IntoView {
    match of {
        Some(span) => format::span(span).into_any(),
        None => view! { <span class="muted" aria-label=use_language().pick("none", "无")>"–"</span> }.into_any(),
    }
}

/// The whole moment with its zone: `2026-11-23 14:02:11.412 UTC`.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    text(at, "%Y-%m-%d %H:%M:%S%.3f UTC")
}

/// The moment as a sentence holds it: `23 Nov 2026, 14:02 UTC`.
#[must_use]
pub fn moment(at: Timestamp, language: Language) -> String {
    text(at, language.pick("%-d %b %Y, %H:%M UTC", "%Y年%-m月%-d日 %H:%M UTC"))
}

/// The same to the second, for what somebody is to type: `2026-11-23 14:02:11 UTC`.
#[must_use]
pub fn to_the_second(at: Timestamp) -> String {
    text(at, "%Y-%m-%d %H:%M:%S UTC")
}

/// `23 Nov 14:02`, or `23 Nov 2025 14:02` when that is not the year of now.
fn short(at: Timestamp, now: Option<Timestamp>, language: Language) -> String {
    let year = |at| text(at, "%Y");
    text(
        at,
        match now.is_some_and(|now| year(now) != year(at)) {
            true => language.pick("%-d %b %Y %H:%M", "%Y年%-m月%-d日 %H:%M"),
            false => language.pick("%-d %b %H:%M", "%-m月%-d日 %H:%M"),
        },
    )
}

/// How long ago something was, in words.
#[must_use]
pub fn ago(span: Micros, language: Language) -> String {
    let seconds = span.0 / 1_000_000;
    let (number, english, chinese) = match seconds {
        ..60 => return language.pick("just now", "刚刚").to_owned(),
        60..3_600 => (seconds / 60, "minute", "分钟"),
        3_600..86_400 => (seconds / 3_600, "hour", "小时"),
        _ => (seconds / 86_400, "day", "天"),
    };
    match language {
        Language::En if number == 1 => format!("1 {english} ago"),
        Language::En => format!("{number} {english}s ago"),
        Language::Zh => format!("{number} {chinese}前"),
    }
}

/// Formats in UTC; a moment that no calendar holds is shown as its number.
fn text(at: Timestamp, pattern: &str) -> String {
    jiff::Timestamp::from_microsecond(at.microseconds())
        .ok()
        .map(|moment| Zoned::new(moment, TimeZone::UTC))
        .and_then(|zoned| jiff::fmt::strtime::format(pattern, &zoned).ok())
        .unwrap_or_else(|| at.microseconds().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_name_their_zone() {
        let at = Timestamp(1_795_442_531_412_000);
        let later = at.plus(Micros::from_days(60));
        assert_eq!(short(at, Some(at), Language::En), "23 Nov 14:02");
        assert_eq!(short(at, Some(later), Language::En), "23 Nov 2026 14:02");
        assert_eq!(short(at, Some(later), Language::Zh), "2026年11月23日 14:02");
        assert_eq!(exact(at), "2026-11-23 14:02:11.412 UTC");
        assert_eq!(moment(at, Language::En), "23 Nov 2026, 14:02 UTC");
        assert_eq!(moment(at, Language::Zh), "2026年11月23日 14:02 UTC");
        assert_eq!(to_the_second(at), "2026-11-23 14:02:11 UTC");
        assert_eq!(text(at, "%H:%M:%S%.3f"), "14:02:11.412");
        assert_eq!(exact(Timestamp(i64::MAX)), i64::MAX.to_string());
    }

    #[test]
    fn the_past_is_told_in_words() {
        let said = [0, 59, 60, 119, 7_200, 90_000].map(|seconds| ago(Micros::from_seconds(seconds), Language::En));
        assert_eq!(
            said,
            [
                "just now",
                "just now",
                "1 minute ago",
                "1 minute ago",
                "2 hours ago",
                "1 day ago"
            ]
        );
    }
}
