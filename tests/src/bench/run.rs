//! One run of the bench: start upstream, proxy and hub, measure in interleaved rounds, print. It stops by itself after a
//! few minutes and ends what it started.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::disk;
use super::hub::{Hub, Money, Place};
use super::measure;
use super::process::{self, Process};
use super::report::{Row, table};
use super::rows::*;
use super::target::Target;

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The hub's program; without it the proxy alone is measured.
    pub hub: Option<PathBuf>,
    /// The folder with `fast-upstream` and `bare-proxy`.
    pub programs: PathBuf,
    /// How many rounds; the table shows medians.
    pub rounds: usize,
    /// Seconds of each measurement of throughput and latency.
    pub seconds: u64,
    /// Every call has a price, holds credit and is settled.
    pub everything: bool,
    /// One kind of measurement instead of all, for a profiler that looks on.
    pub only: Option<Only>,
}

/// The kinds of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// Calls of 1 KB, as many as go through.
    Calls,
    /// Bodies of 200 KB in either direction.
    Bodies,
    /// Added latency at 1,000 calls a second.
    Latency,
    /// Everything about streams.
    Streams,
}

impl Only {
    /// The kind with this name: `calls`, `bodies`, `latency` or `streams`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "calls" => Self::Calls,
            "bodies" => Self::Bodies,
            "latency" => Self::Latency,
            "streams" => Self::Streams,
            _ => return None,
        })
    }
}

impl Plan {
    fn wants(&self, kind: Only) -> bool {
        self.only.is_none_or(|only| only == kind)
    }
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The table and what belongs to it, as Markdown.
    pub text: String,
    /// Whether everything that was promised was reached.
    pub kept: bool,
}

/// The gateway has this core to itself.
pub(super) const GATEWAY_CORE: usize = 0;
/// Upstream and load share this one.
pub(super) const LOAD_CORE: usize = 1;
pub(super) const START_LIMIT: Duration = Duration::from_secs(20);
const COLD_STARTS: usize = 5;

/// Runs the bench.
///
/// # Errors
/// When a process does not start or answer, with what it said.
pub async fn run(plan: &Plan) -> io::Result<Outcome> {
    let pinned = process::can_pin().await;
    let core = |core| pinned.then_some(core);
    if pinned {
        process::pin_self(LOAD_CORE).await?;
    }
    let upstream = free_address().await?;
    let mut fast = process::command(&plan.programs.join("fast-upstream"), core(LOAD_CORE));
    fast.arg(upstream.to_string()).stdout(Stdio::null());
    let mut direct = target("upstream", upstream, "");
    direct.process = Some(Process::start(fast)?);
    direct.first_answer(START_LIMIT).await?;

    let money = if plan.everything { Money::On } else { Money::Off };
    let mut rows = rows(money);
    let proxy_program = plan.programs.join("bare-proxy");
    let proxy = free_address().await?;
    let start_proxy = || {
        let mut command = process::command(&proxy_program, core(GATEWAY_CORE));
        command
            .args([proxy.to_string(), upstream.to_string()])
            .stdout(Stdio::null());
        command
    };
    let mut bare = target("bare proxy", proxy, "");
    rows[COLD].proxy = cold_starts(&mut bare, start_proxy).await?;
    let mut targets = vec![bare];

    let hub = match &plan.hub {
        Some(program) => {
            let (program, address) = (absolute(program)?, free_address().await?);
            Some(Hub::with_money(&program, address, upstream, Place::Sqlite, money, 1).await?)
        }
        None => None,
    };
    if let Some(hub) = &hub {
        let mut target = target("hub", hub.address, "fast/");
        target.key.clone_from(&hub.key);
        rows[COLD].hub = cold_starts(&mut target, || hub.serve(core(GATEWAY_CORE))).await?;
        targets.push(target);
    }
    for (index, target) in targets.iter().enumerate() {
        rows[IDLE]
            .of(index)
            .push(target.process.as_ref().map_or(Ok((0.0, 0.0)), Process::memory)?.0);
    }

    let started = Instant::now();
    for round in 0..plan.rounds {
        let bases = bases(&direct, plan).await?;
        for step in 0..targets.len() {
            // Each round begins with another one, so that neither always runs on a warmer machine.
            let index = (step + round) % targets.len();
            measure_round(&targets[index], plan, bases, |row, value| {
                rows[row].of(index).push(value);
            })
            .await?;
        }
    }
    for (index, target) in targets.iter().enumerate() {
        rows[PEAK]
            .of(index)
            .push(target.process.as_ref().map_or(Ok((0.0, 0.0)), Process::memory)?.1);
    }
    for target in targets.into_iter().chain([direct]) {
        if let Some(process) = target.process {
            process.end().await?;
        }
    }
    let mut text = table(&rows);
    let place = if pinned {
        format!("gateway on core {GATEWAY_CORE}, upstream and load on core {LOAD_CORE}")
    } else {
        "processes not pinned (no taskset, or one core)".to_owned()
    };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n{} rounds in {} s, medians; {place}. The disk takes {:.0} µs to keep a page (`fdatasync`, median): a whole answer, and a first token that comes at once, wait for that.\n",
        plan.rounds,
        started.elapsed().as_secs(),
        disk::sync().await?
    );
    Ok(Outcome {
        text,
        kept: rows.iter().all(Row::kept),
    })
}

const TOKEN_NOW: &str = "fast-stream-2-0-0";
const TOKEN_LATER: &str = "fast-stream-2-0-20000";

/// What the upstream itself takes: latencies at the middle and the 99th of a hundred, and the two first tokens.
async fn bases(direct: &Target, plan: &Plan) -> io::Result<[f64; 4]> {
    let mut bases = [0.0; 4];
    if plan.wants(Only::Latency) {
        let base = measure::latency(direct, direct.small("fast"), Duration::from_secs(plan.seconds)).await?;
        (bases[0], bases[1]) = (base.percentile(50), base.percentile(99));
    }
    if plan.wants(Only::Streams) {
        let now = measure::first_token(direct, &[direct.streamed(TOKEN_NOW)], 300).await?;
        let later = measure::first_token(direct, &[direct.streamed(TOKEN_LATER)], 60).await?;
        (bases[2], bases[3]) = (now.percentile(50), later.percentile(50));
    }
    Ok(bases)
}

async fn measure_round(
    target: &Target,
    plan: &Plan,
    bases: [f64; 4],
    mut note: impl FnMut(usize, f64),
) -> io::Result<()> {
    let time = Duration::from_secs(plan.seconds);
    if plan.wants(Only::Calls) {
        let small = measure::throughput(target, target.small("fast"), time).await?;
        note(CALLS, small.per_second);
        note(CPU, small.cpu_ms);
    }
    if plan.wants(Only::Bodies) {
        let request = measure::throughput(target, target.large("fast"), time).await?;
        note(CPU_LARGE_REQUEST, request.cpu_ms);
        let answer = measure::throughput(target, target.small("fast-200k"), time).await?;
        note(CPU_LARGE_ANSWER, answer.cpu_ms);
    }
    if plan.wants(Only::Latency) {
        let latency = measure::latency(target, target.small("fast"), time).await?;
        note(ADDED_50, latency.percentile(50) - bases[0]);
        note(ADDED_99, latency.percentile(99) - bases[1]);
    }
    if !plan.wants(Only::Streams) {
        return Ok(());
    }
    let token = measure::first_token(target, &[target.streamed(TOKEN_NOW)], 300).await?;
    note(TOKEN, token.percentile(50) - bases[2]);
    let late = measure::first_token(target, &[target.streamed(TOKEN_LATER)], 60).await?;
    note(TOKEN_LATE, late.percentile(50) - bases[3]);
    // Thirty streams of a hundred chunks in all, however many rounds there are.
    let streams = (30 / plan.rounds).max(1);
    let (delays, merged) = measure::chunk_delay(target, &target.streamed("fast-stream-100-2000-0"), streams).await?;
    note(DELAY_50, delays.percentile(50));
    note(DELAY_99, delays.percentile(99));
    note(DELAY_MOST, delays.percentile(100));
    note(MERGED, f64::from(u32::try_from(merged).unwrap_or(u32::MAX)));
    note(
        STREAM_CPU,
        measure::stream_cpu(target, target.streamed("fast-stream-100-5000-0"), 4).await?,
    );
    Ok(())
}

/// Starts a target several times and leaves the last one running; the times to the first answer in milliseconds.
async fn cold_starts(target: &mut Target, command: impl Fn() -> tokio::process::Command) -> io::Result<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..COLD_STARTS {
        if let Some(process) = target.process.take() {
            process.end().await?;
        }
        let start = Instant::now();
        target.process = Some(Process::start(command())?);
        target.first_answer(START_LIMIT).await?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

pub(super) fn target(name: &'static str, address: SocketAddr, prefix: &'static str) -> Target {
    Target {
        name,
        address,
        key: "sk-bench".to_owned(),
        prefix,
        process: None,
    }
}

/// An address that is free at this moment.
pub(super) async fn free_address() -> io::Result<SocketAddr> {
    tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await?
        .local_addr()
}

/// The same program from whichever folder.
///
/// # Errors
/// When there is none.
pub fn absolute(program: &Path) -> io::Result<PathBuf> {
    program
        .canonicalize()
        .map_err(|error| io::Error::other(format!("{}: {error}", program.display())))
}
