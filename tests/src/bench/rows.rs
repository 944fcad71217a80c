//! Which figures the bench takes, in the order of its table, and what each is to reach. `run.rs` fills them by these places.

use super::{
    hub::Money,
    report::{Alone, Compare, Row},
};

pub(super) const CALLS: usize = 0;
pub(super) const CPU: usize = 1;
pub(super) const CPU_LARGE_REQUEST: usize = 2;
pub(super) const CPU_LARGE_ANSWER: usize = 3;
pub(super) const ADDED_50: usize = 4;
pub(super) const ADDED_99: usize = 5;
pub(super) const TOKEN: usize = 6;
pub(super) const TOKEN_LATE: usize = 7;
pub(super) const DELAY_50: usize = 8;
pub(super) const DELAY_99: usize = 9;
pub(super) const DELAY_MOST: usize = 10;
pub(super) const MERGED: usize = 11;
pub(super) const STREAM_CPU: usize = 12;
pub(super) const IDLE: usize = 13;
pub(super) const PEAK: usize = 14;
pub(super) const COLD: usize = 15;

/// The rows in the order of the constants above. With money a call may cost a little more, and the hub has figures of its own to reach.
pub(super) fn rows(money: Money) -> Vec<Row> {
    let on = money == Money::On;
    let alone = |name: &str| match name {
        "calls/s, 64 connections, 1 KB" => Some(Alone::AtLeast(21_000.0)),
        "CPU ms per call, 1 KB" => Some(Alone::AtMost(0.047)),
        "CPU ms per call, 200 KB request" | "CPU ms per call, 200 KB answer" => Some(Alone::AtMost(0.2)),
        "CPU ms per 100-chunk stream, 64 parallel" => Some(Alone::AtMost(1.8)),
        "RSS idle, MB" => Some(Alone::AtMost(60.0)),
        "cold start to first answer, ms" => Some(Alone::AtMost(100.0)),
        _ => None,
    };
    let row = |name, digits, compare, most| Row {
        name,
        digits,
        compare,
        most,
        alone: alone(name).filter(|_| on),
        proxy: Vec::new(),
        hub: Vec::new(),
    };
    let (ratio, difference) = (Compare::Ratio, Compare::Difference);
    vec![
        row("calls/s, 64 connections, 1 KB", 0, ratio, None),
        row("CPU ms per call, 1 KB", 4, ratio, Some(if on { 3.8 } else { 3.5 })),
        row("CPU ms per call, 200 KB request", 4, ratio, None),
        row("CPU ms per call, 200 KB answer", 4, ratio, None),
        row("added p50 at 1,000/s, µs", 0, difference, Some(70.0)),
        row("added p99 at 1,000/s, µs", 0, difference, None),
        row("added time to first token, p50, µs", 0, difference, Some(100.0)),
        row("the same after 20 ms of thinking, µs", 0, difference, Some(100.0)),
        row("delay per chunk, p50, µs", 0, difference, Some(250.0)),
        row("delay per chunk, p99, µs", 0, difference, Some(250.0)),
        row("delay per chunk, the longest, µs", 0, difference, None),
        row("merged chunks, a round", 0, difference, Some(0.0)),
        row("CPU ms per 100-chunk stream, 64 parallel", 3, ratio, None),
        row("RSS idle, MB", 1, difference, None),
        row("RSS peak, MB", 1, difference, None),
        row("cold start to first answer, ms", 1, difference, None),
    ]
}

impl Row {
    /// The figures of the target at this place: the proxy first, then the hub.
    pub(super) fn of(&mut self, index: usize) -> &mut Vec<f64> {
        if index == 0 { &mut self.proxy } else { &mut self.hub }
    }
}
