//! Money on against money off: the same hub, the same load, with and without prices, credit and holds. On each database, for
//! one account that everybody uses and for many. `load --money` prints the table.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::hub::{Hub, Money, Order, Place};
use super::measure::{self, CONNECTIONS};
use super::process;
use super::run::{GATEWAY_CORE, LOAD_CORE, START_LIMIT, free_address, target};
use super::sample::{Sample, median};
use super::target::Target;
use super::wire::Line;

/// Accounts where there are many.
const MANY: usize = 16;
/// Connections that keep a slow upstream busy.
const SLOW_CONNECTIONS: usize = 256;
/// The upstream's answer after 100 ms.
const SLOW: &str = "fast-wait-100000";

/// What is compared.
const FIGURES: [(&str, Wanted); 4] = [
    ("first byte of a stream, p50, µs", Wanted::AtMostMore(100.0)),
    ("end of an answer, p50, µs", Wanted::Told),
    ("calls/s, zero-latency upstream", Wanted::AtLeast(0.70)),
    ("calls/s, 100 ms upstream", Wanted::AtLeast(0.85)),
];

#[derive(Clone, Copy)]
enum Wanted {
    /// On minus off.
    AtMostMore(f64),
    /// On divided by off.
    AtLeast(f64),
    Told,
}

/// Runs the comparison and gives its table as Markdown.
///
/// # Errors
/// When a process does not start or answer, with what it said.
pub async fn run(
    hub: &Path,
    programs: &Path,
    postgres: Option<&str>,
    rounds: usize,
    seconds: u64,
) -> io::Result<String> {
    let pinned = process::can_pin().await;
    if pinned {
        process::pin_self(LOAD_CORE).await?;
    }
    let upstream = free_address().await?;
    let mut fast = process::command(&programs.join("fast-upstream"), pinned.then_some(LOAD_CORE));
    fast.arg(upstream.to_string()).stdout(std::process::Stdio::null());
    let mut direct = target("upstream", upstream, "");
    direct.process = Some(process::Process::start(fast)?);
    direct.first_answer(START_LIMIT).await?;

    let mut text = String::from(
        "| database | accounts | | money off | money on | on : off | wanted |\n|---|---|---|---:|---:|---:|---:|\n",
    );
    let mut databases = vec![("SQLite", Place::Sqlite)];
    if postgres.is_some() {
        databases.push(("PostgreSQL, shared", Place::Postgres(Order::Shared)));
        databases.push(("PostgreSQL, owned", Place::Postgres(Order::Owned)));
    }
    for (database, place) in databases {
        for (accounts, count) in [("one", 1), ("many", MANY)] {
            let mut figures: [[Vec<f64>; 2]; FIGURES.len()] = Default::default();
            let mut sides = Vec::new();
            for money in [Money::Off, Money::On] {
                let hub = Hub::with_money(hub, free_address().await?, upstream, place, money, count).await?;
                let mut target = target("hub", hub.address, "fast/");
                target.key.clone_from(&hub.key);
                target.process = Some(process::Process::start(hub.serve(pinned.then_some(GATEWAY_CORE)))?);
                target.first_answer(START_LIMIT).await?;
                sides.push((hub, target));
            }
            for round in 0..rounds {
                for step in 0..sides.len() {
                    let side = (step + round) % sides.len();
                    let (hub, target) = &sides[side];
                    for (figure, value) in measured(target, &hub.keys, seconds).await?.into_iter().enumerate() {
                        figures[figure][side].push(value);
                    }
                }
            }
            for (_, target) in sides {
                if let Some(process) = target.process {
                    process.end().await?;
                }
            }
            for ((name, wanted), [off, on]) in FIGURES.iter().zip(&figures) {
                let (off, on) = (median(off), median(on));
                let (compared, wanted) = match wanted {
                    Wanted::AtMostMore(most) => (format!("{:+.0}", on - off), format!("≤ +{most:.0}")),
                    Wanted::AtLeast(least) => (format!("{:.2} ×", on / off), format!("≥ {least:.2}")),
                    Wanted::Told => (format!("{:+.0}", on - off), "one group commit".to_owned()),
                };
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "| {database} | {accounts} | {name} | {off:.0} | {on:.0} | {compared} | {wanted} |"
                );
            }
        }
    }
    if let Some(process) = direct.process {
        process.end().await?;
    }
    let _ = writeln!(text, "\n{rounds} rounds, medians; money off still awaits its row.");
    Ok(text)
}

/// The figures of one side, in the order of [`FIGURES`].
async fn measured(target: &Target, keys: &[String], seconds: u64) -> io::Result<[f64; FIGURES.len()]> {
    let time = Duration::from_secs(seconds);
    let first = measure::first_token(target, &target.streamed("fast-stream-2-0-0"), 200).await?;
    let ends = answers(target, &target.small("fast"), 200).await?;
    let each = |model: &str| keys.iter().map(|key| target.small_of(key, model)).collect::<Vec<_>>();
    let fast = measure::throughput_of(target, each("fast"), CONNECTIONS, time).await?;
    let slow = measure::throughput_of(target, each(SLOW), SLOW_CONNECTIONS, time).await?;
    Ok([
        first.percentile(50),
        ends.percentile(50),
        fast.per_second,
        slow.per_second,
    ])
}

/// The times to the ends of `count` answers, one after the other.
async fn answers(target: &Target, request: &[u8], count: usize) -> io::Result<Sample> {
    let mut sample = Sample::default();
    let mut line = Line::open(target.address).await?;
    line.call(request).await?;
    for _ in 0..count {
        let sent = Instant::now();
        line.call(request).await?;
        sample.add(sent.elapsed());
    }
    Ok(sample)
}
