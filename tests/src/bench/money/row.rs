//! The rows of the comparison of money on with money off: what each figure is to reach on which database, and whether it did.

use std::fmt::Write as _;

use super::super::hub::{Batches, Order, Place};
use super::super::sample::median;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// When the first byte of a stream comes.
    FirstByte,
    /// When a whole answer has come.
    End,
    /// Calls of 64 connections to an upstream that answers at once.
    Fast,
    /// Calls of 256 connections to an upstream that takes 100 ms.
    Slow,
}

/// In the order in which they are measured.
pub(super) const FIGURES: [Figure; 4] = [Figure::FirstByte, Figure::End, Figure::Fast, Figure::Slow];

/// What a figure is to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wanted {
    /// On minus off.
    AtMostMore(f64),
    /// On divided by off.
    AtLeast(f64),
    /// Nothing was promised; what it should be near is told.
    Told(&'static str),
}

impl Figure {
    const fn name(self) -> &'static str {
        match self {
            Self::FirstByte => "first byte of a stream, p50, µs",
            Self::End => "end of an answer, p50, µs",
            Self::Fast => "calls/s, zero-latency upstream",
            Self::Slow => "calls/s, 100 ms upstream",
        }
    }

    /// For the first byte something was promised on SQLite alone.
    const fn wanted(self, place: Place) -> Wanted {
        match (self, place) {
            (Self::FirstByte, Place::Sqlite) => Wanted::AtMostMore(100.0),
            (Self::FirstByte, Place::Postgres(_)) => Wanted::Told("told"),
            (Self::End, _) => Wanted::Told("told: one group commit, which money off awaits too"),
            (Self::Fast, _) => Wanted::AtLeast(0.70),
            (Self::Slow, _) => Wanted::AtLeast(0.85),
        }
    }
}

/// One figure on one database: a value of each round, with money off and on.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) place: Place,
    /// `one` or `many`.
    pub(super) accounts: &'static str,
    pub(super) figure: Figure,
    pub(super) off: Vec<f64>,
    pub(super) on: Vec<f64>,
}

impl Row {
    /// On minus off.
    fn more(&self) -> f64 {
        median(&self.on) - median(&self.off)
    }

    /// On divided by off; nothing where nothing was carried with money off, so such a row keeps no promise.
    fn ratio(&self) -> f64 {
        let off = median(&self.off);
        if off > 0.0 { median(&self.on) / off } else { 0.0 }
    }

    /// Whether what was promised was reached; rows without a promise keep it.
    pub(super) fn kept(&self) -> bool {
        match self.figure.wanted(self.place) {
            Wanted::AtMostMore(most) => !self.on.is_empty() && self.more() <= most,
            Wanted::AtLeast(least) => self.ratio() >= least,
            Wanted::Told(_) => true,
        }
    }

    fn write(&self, text: &mut String) {
        let database = name(self.place);
        let (compared, wanted) = match self.figure.wanted(self.place) {
            Wanted::AtMostMore(most) => (format!("{:+.0}", self.more()), format!("≤ +{most:.0}")),
            // Three digits, so that a figure below its bound never looks like it.
            Wanted::AtLeast(least) => (format!("{:.3} ×", self.ratio()), format!("≥ {least:.2}")),
            Wanted::Told(words) => (format!("{:+.0}", self.more()), words.to_owned()),
        };
        let missed = if self.kept() { "" } else { " (missed)" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {database} | {} | {} | {:.0} | {:.0} | {compared} | {wanted}{missed} |",
            self.accounts,
            self.figure.name(),
            median(&self.off),
            median(&self.on),
        );
    }
}

/// How long everybody waited for a batch at the most: no transaction of the ledger should take more than 50 ms.
pub(super) fn batches(told: &[(Place, &str, &str, Batches)]) -> String {
    let mut text = String::from(
        "\n| database | accounts | money | batches | longest, ms | over 50 ms |\n|---|---|---|---:|---:|---:|\n",
    );
    for (place, accounts, money, batches) in told {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {accounts} | {money} | {} | {:.1} | {} |",
            name(*place),
            batches.all,
            batches.longest.as_secs_f64() * 1e3,
            batches.long,
        );
    }
    text
}

const fn name(place: Place) -> &'static str {
    match place {
        Place::Sqlite => "SQLite",
        Place::Postgres(Order::Shared) => "PostgreSQL, shared",
        Place::Postgres(Order::Owned) => "PostgreSQL, owned",
    }
}

/// The table of what was measured.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| database | accounts | | money off | money on | on : off | wanted |\n|---|---|---|---:|---:|---:|---|\n",
    );
    for row in rows {
        row.write(&mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(place: Place, figure: Figure, off: f64, on: f64) -> Row {
        Row {
            place,
            accounts: "one",
            figure,
            off: vec![off],
            on: vec![on],
        }
    }

    #[test]
    fn each_promise_ends_at_its_bound_and_a_missed_one_says_so() {
        let shared = Place::Postgres(Order::Shared);
        for (place, figure, on, kept) in [
            (Place::Sqlite, Figure::FirstByte, 1100.0, true),
            (Place::Sqlite, Figure::FirstByte, 1101.0, false),
            (shared, Figure::FirstByte, 9000.0, true),
            (Place::Sqlite, Figure::End, 9000.0, true),
            (shared, Figure::Fast, 700.0, true),
            (shared, Figure::Fast, 699.0, false),
            (Place::Sqlite, Figure::Slow, 850.0, true),
            (Place::Postgres(Order::Owned), Figure::Slow, 849.0, false),
        ] {
            let row = row(place, figure, 1000.0, on);
            assert_eq!(row.kept(), kept, "{row:?}");
            assert_eq!(table(&[row]).contains("(missed)"), !kept);
        }
    }

    #[test]
    fn what_was_not_measured_keeps_no_promise() {
        for figure in [Figure::FirstByte, Figure::Fast, Figure::Slow] {
            let mut row = row(Place::Sqlite, figure, 0.0, 0.0);
            (row.off, row.on) = (Vec::new(), Vec::new());
            assert!(!row.kept(), "{figure:?}");
        }
    }
}
