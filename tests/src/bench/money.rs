//! Money on against money off: the same hub, the same load, with and without prices, credit and holds. On each database, for
//! one account that everybody uses and for many. `load --money` prints the table of `money/row.rs`, which knows what was promised.

mod row;

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use self::row::{FIGURES, Figure, Row};
use super::disk;
pub use super::hub::Place;
use super::hub::{Hub, Money, Order};
use super::measure::{self, CONNECTIONS};
use super::process;
use super::run::{GATEWAY_CORE, LOAD_CORE, Outcome, START_LIMIT, free_address, target};
use super::sample::Sample;
use super::target::Target;
use super::wire::Line;

/// Accounts where there are many.
const MANY: usize = 16;
/// Connections that keep a slow upstream busy.
const SLOW_CONNECTIONS: usize = 256;
/// Answers of each kind, one after the other, of which the median counts.
const ANSWERS: usize = 200;
/// The upstream's answer after 100 ms.
const SLOW: &str = "fast-wait-100000";

/// Where it is compared: at one place, or at all that there are.
///
/// # Errors
/// It is on PostgreSQL, and there is none.
pub fn places(only: Option<Place>, postgres: bool) -> io::Result<Vec<Place>> {
    match only {
        Some(Place::Postgres(_)) if !postgres => Err(io::Error::other("HUB_TEST_POSTGRES_URL is not set")),
        Some(place) => Ok(vec![place]),
        None if postgres => Ok(vec![
            Place::Sqlite,
            Place::Postgres(Order::Shared),
            Place::Postgres(Order::Owned),
        ]),
        None => Ok(vec![Place::Sqlite]),
    }
}

/// Runs the comparison; its table, and whether every promise was kept.
///
/// # Errors
/// When a process does not start or answer, with what it said.
pub async fn run(hub: &Path, programs: &Path, places: &[Place], rounds: usize, seconds: u64) -> io::Result<Outcome> {
    let started = Instant::now();
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

    let mut rows = Vec::new();
    let mut batches = Vec::new();
    for &place in places {
        for (accounts, count) in [("one", 1), ("many", MANY)] {
            let mut figures: [[Vec<f64>; 2]; FIGURES.len()] = Default::default();
            let mut sides = Vec::new();
            for money in [Money::Off, Money::On] {
                let hub = Hub::with_money(hub, free_address().await?, upstream, place, money, count).await?;
                let mut target = target("hub", hub.address, "fast/");
                target.key.clone_from(&hub.key);
                target.process = Some(process::Process::start(
                    hub.serve_and_tell(pinned.then_some(GATEWAY_CORE))?,
                )?);
                target.first_answer(START_LIMIT).await?;
                sides.push((hub, target));
            }
            // A side waits for the other for one figure only: a machine is not the same from one moment to another.
            for round in 0..rounds {
                for (place_of, figure) in FIGURES.into_iter().enumerate() {
                    for step in 0..sides.len() {
                        let side = (step + round) % sides.len();
                        let (hub, target) = &sides[side];
                        let on = if side == 1 { "on" } else { "off" };
                        let value = measured(figure, target, &hub.keys, seconds).await.map_err(|error| {
                            io::Error::other(format!(
                                "{place:?}, {accounts} account(s), {figure:?}, money {on}: {error}"
                            ))
                        })?;
                        figures[place_of][side].push(value);
                    }
                }
            }
            for ((hub, target), side) in sides.into_iter().zip(["off", "on"]) {
                if let Some(process) = target.process {
                    process.ask_to_end().await?;
                }
                batches.push((place, accounts, side, hub.batches()?));
            }
            for (figure, [off, on]) in FIGURES.into_iter().zip(figures) {
                rows.push(Row {
                    place,
                    accounts,
                    figure,
                    off,
                    on,
                });
            }
        }
    }
    if let Some(process) = direct.process {
        process.end().await?;
    }
    let mut text = row::table(&rows);
    text.push_str(&row::batches(&batches));
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\n{rounds} rounds in {} s, medians; money off still awaits its row. The disk takes {:.0} µs to keep a page (`fdatasync`, median): one group commit takes at least that.",
        started.elapsed().as_secs(),
        disk::sync().await?
    );
    if places == [Place::Sqlite] {
        text.push_str("PostgreSQL was not measured. It is where HUB_TEST_POSTGRES_URL is set.\n");
    }
    Ok(Outcome {
        text,
        kept: rows.iter().all(Row::kept),
    })
}

/// One figure of one side.
async fn measured(figure: Figure, target: &Target, keys: &[String], seconds: u64) -> io::Result<f64> {
    let time = Duration::from_secs(seconds);
    let each = |model: &str| keys.iter().map(|key| target.small_of(key, model)).collect::<Vec<_>>();
    Ok(match figure {
        Figure::FirstByte => {
            let streams: Vec<_> = keys
                .iter()
                .map(|key| target.streamed_of(key, "fast-stream-2-0-0"))
                .collect();
            measure::first_token(target, &streams, ANSWERS).await?.percentile(50)
        }
        Figure::End => answers(target, &each("fast"), ANSWERS).await?.percentile(50),
        Figure::Fast => {
            let fast = measure::throughput_of(target, each("fast"), CONNECTIONS, time).await?;
            fast.per_second
        }
        Figure::Slow => {
            let slow = measure::throughput_of(target, each(SLOW), SLOW_CONNECTIONS, time).await?;
            slow.per_second
        }
    })
}

/// The times to the ends of `count` answers, one after the other, each request in its turn.
async fn answers(target: &Target, requests: &[Vec<u8>], count: usize) -> io::Result<Sample> {
    let mut sample = Sample::default();
    let mut line = Line::open(target.address).await?;
    for request in requests {
        line.call(request).await?;
    }
    for request in requests.iter().cycle().take(count) {
        let sent = Instant::now();
        line.call(request).await?;
        sample.add(sent.elapsed());
    }
    Ok(sample)
}
