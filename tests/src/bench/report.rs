//! The bench's figures as a Markdown table: bare proxy, hub, ratio or difference, and what was to be reached, by the comparison or
//! by the hub alone.

use std::fmt::Write as _;

use super::sample::median;

/// How two figures are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    /// Hub divided by proxy.
    Ratio,
    /// Hub minus proxy.
    Difference,
}

/// What the hub is to reach by itself. Such a figure says little of another machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Alone {
    /// No more than this.
    AtMost(f64),
    /// No less.
    AtLeast(f64),
}

/// One row: a figure of each round.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) digits: usize,
    pub(super) compare: Compare,
    /// The most that the comparison may be, where something was promised.
    pub(super) most: Option<f64>,
    pub(super) alone: Option<Alone>,
    pub(super) proxy: Vec<f64>,
    pub(super) hub: Vec<f64>,
}

impl Row {
    fn compared(&self) -> f64 {
        let (proxy, hub) = (median(&self.proxy), median(&self.hub));
        match self.compare {
            Compare::Ratio if proxy == 0.0 => 0.0,
            Compare::Ratio => hub / proxy,
            Compare::Difference => hub - proxy,
        }
    }

    /// Whether the promises are kept; rows without one keep them.
    pub(super) fn kept(&self) -> bool {
        let hub = median(&self.hub);
        let alone = self.alone.is_none_or(|alone| match alone {
            Alone::AtMost(most) => hub <= most,
            Alone::AtLeast(least) => hub >= least,
        });
        self.hub.is_empty() || alone && self.most.is_none_or(|most| self.compared() <= most)
    }

    fn wanted(&self) -> String {
        let sign = if self.compare == Compare::Difference { "+" } else { "" };
        let compared = self.most.map(|most| format!("≤ {sign}{most}"));
        let alone = self.alone.map(|alone| match alone {
            Alone::AtMost(most) => format!("hub ≤ {most}"),
            Alone::AtLeast(least) => format!("hub ≥ {least}"),
        });
        let wanted: Vec<String> = compared.into_iter().chain(alone).collect();
        if wanted.is_empty() {
            "-".to_owned()
        } else {
            wanted.join(", ")
        }
    }
}

/// The table of what was measured.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::from("| | bare proxy | hub | hub : proxy | wanted |\n|---|---:|---:|---:|---:|\n");
    for row in rows.iter().filter(|row| !row.proxy.is_empty()) {
        let digits = row.digits;
        let (proxy, hub) = (median(&row.proxy), median(&row.hub));
        let (compared, wanted) = if row.hub.is_empty() {
            ("-".to_owned(), "-".to_owned())
        } else {
            let compared = match row.compare {
                Compare::Ratio => format!("{:.2} ×", row.compared()),
                Compare::Difference => format!("{:+.digits$}", row.compared()),
            };
            (compared, row.wanted())
        };
        let hub = if row.hub.is_empty() {
            "-".to_owned()
        } else {
            format!("{hub:.digits$}")
        };
        let missed = if row.kept() { "" } else { " (missed)" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {proxy:.digits$} | {hub} | {compared} | {wanted}{missed} |",
            row.name
        );
    }
    text
}
