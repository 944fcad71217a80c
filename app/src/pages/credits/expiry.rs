//! Ends of lots: as dates on a page, as people type them, and how soon is soon.

use domain::{
    setting::Setting,
    time::{Micros, Timestamp},
};
use jiff::{civil::DateTime, tz::TimeZone};

use crate::{error::MoneyProblem, text::Language};

/// What ends within this time is warned of.
pub const SOON: Micros = Micros::from_days(7);

/// `30 Nov 2026`.
pub fn date(at: Timestamp, language: Language) -> String {
    let pattern = language.pick("%-d %b %Y", "%Y年%-m月%-d日");
    jiff::Timestamp::from_microsecond(at.microseconds())
        .map(|moment| moment.to_zoned(TimeZone::UTC).strftime(pattern).to_string())
        .unwrap_or_else(|_| at.microseconds().to_string())
}

/// `in 6 days`, the nearest number of them; `in less than an hour`.
pub fn in_days(span: Micros, language: Language) -> String {
    let hours = span.0.max(0) / 3_600_000_000;
    let days = (hours + 12) / 24;
    match (language, hours) {
        (Language::En, 0) => "in less than an hour".to_owned(),
        (Language::En, 1) => "in 1 hour".to_owned(),
        (Language::En, 2..48) => format!("in {hours} hours"),
        (Language::En, _) => format!("in {days} days"),
        (Language::Zh, 0) => "不到 1 小时".to_owned(),
        (Language::Zh, 1..48) => format!("{hours} 小时后"),
        (Language::Zh, _) => format!("{days} 天后"),
    }
}

/// What a field for an end holds: nothing or `never` for never, a number of days (`90`, `90d`), a date field's `2026-11-23T14:02` in UTC, or a
/// moment with its zone as the command line and the API take it.
///
/// # Errors
/// [`MoneyProblem::Days`] for too many days, [`MoneyProblem::Date`] for anything else, and for what does not lie ahead.
pub fn parse(typed: &str, now: Timestamp) -> Result<Option<Timestamp>, MoneyProblem> {
    let typed = typed.trim();
    if typed.is_empty() || typed == "永不" || typed.eq_ignore_ascii_case("never") {
        return Ok(None);
    }
    if let Ok(days) = typed.strip_suffix('d').unwrap_or(typed).parse::<i64>() {
        return match (1..=Setting::MOST_DAYS).contains(&days) {
            true => Ok(Some(now.plus(Micros::from_days(days)))),
            false => Err(MoneyProblem::Days),
        };
    }
    let moment = typed.parse::<jiff::Timestamp>().ok().or_else(|| in_utc(typed));
    match moment.map(|moment| Timestamp(moment.as_microsecond())) {
        Some(moment) if moment > now => Ok(Some(moment)),
        _ => Err(MoneyProblem::Date),
    }
}

/// The same where nothing is no answer: what has an end loses it only by the word for it.
///
/// # Errors
/// As [`parse`]; [`MoneyProblem::NoEnd`] for nothing.
pub fn said(typed: &str, now: Timestamp) -> Result<Option<Timestamp>, MoneyProblem> {
    match typed.trim().is_empty() {
        true => Err(MoneyProblem::NoEnd),
        false => parse(typed, now),
    }
}

/// A moment without a zone.
fn in_utc(typed: &str) -> Option<jiff::Timestamp> {
    let local = typed.parse::<DateTime>().ok()?;
    local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_442_520_000_000);

    #[test]
    fn ends_are_read_as_days_or_moments() {
        assert_eq!(parse(" ", NOW), Ok(None));
        assert_eq!(said(" ", NOW), Err(MoneyProblem::NoEnd));
        for never in ["never", " Never ", "永不"] {
            assert_eq!((parse(never, NOW), said(never, NOW)), (Ok(None), Ok(None)));
        }
        assert_eq!(said("90", NOW), parse("90", NOW));
        assert_eq!(parse("90", NOW), Ok(Some(NOW.plus(Micros::from_days(90)))));
        assert_eq!(parse("90d", NOW), parse("90", NOW));
        assert_eq!(
            parse("2026-11-23T14:03", NOW),
            Ok(Some(NOW.plus(Micros::from_seconds(60))))
        );
        assert_eq!(parse("2026-11-23T15:03:00+01:00", NOW), parse("2026-11-23T14:03", NOW));
        assert_eq!(parse("2026-11-23T14:03:00Z", NOW), parse("2026-11-23T14:03", NOW));
        for days in ["0", "-1", "36501", "36501d"] {
            assert_eq!(parse(days, NOW), Err(MoneyProblem::Days), "{days}");
        }
        for wrong in [
            "90ddd",
            "2026-11-23T14:02:00Z",
            "9999-12-31T00:00:00Z",
            "2026-11-23T14:02",
            "2020-01-01",
            "soon",
            "99999999999999999999",
        ] {
            assert_eq!(parse(wrong, NOW), Err(MoneyProblem::Date), "{wrong}");
        }
    }

    #[test]
    fn how_soon_is_told_in_words() {
        let said =
            [0, 3_599, 3_600, 7_200, 172_800, 560_000, 600_000].map(|s| in_days(Micros::from_seconds(s), Language::En));
        assert_eq!(
            said,
            [
                "in less than an hour",
                "in less than an hour",
                "in 1 hour",
                "in 2 hours",
                "in 2 days",
                "in 6 days",
                "in 7 days"
            ]
        );
        assert_eq!(date(NOW, Language::En), "23 Nov 2026");
    }
}
