//! The measurements, each of one target, each bounded in time and count.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::sample::Sample;
use super::target::Target;
use super::wire::Line;

/// Calls a second and processor milliseconds a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Throughput {
    pub(super) per_second: f64,
    pub(super) cpu_ms: f64,
}

pub(super) const CONNECTIONS: usize = 64;

/// As many calls as 64 connections carry in `time`.
pub(super) async fn throughput(target: &Target, request: Vec<u8>, time: Duration) -> io::Result<Throughput> {
    throughput_of(target, vec![request], CONNECTIONS, time).await
}

/// As many calls as so many connections carry in `time`, dealt the requests one after the other.
pub(super) async fn throughput_of(
    target: &Target,
    requests: Vec<Vec<u8>>,
    connections: usize,
    time: Duration,
) -> io::Result<Throughput> {
    let requests: Vec<Rc<Vec<u8>>> = requests.into_iter().map(Rc::new).collect();
    let lines = warmed(target, &requests, connections).await?;
    let before = target.cpu()?;
    let start = Instant::now();
    let local = tokio::task::LocalSet::new();
    let calls = local
        .run_until(async {
            let mut running = JoinSet::new();
            for (mut line, request) in lines {
                running.spawn_local(async move {
                    let mut calls = 0_u32;
                    while start.elapsed() < time {
                        line.call(&request).await?;
                        calls += 1;
                    }
                    Ok::<u32, io::Error>(calls)
                });
            }
            let mut total = 0;
            while let Some(calls) = running.join_next().await {
                total += calls.map_err(io::Error::other)??;
            }
            Ok::<u32, io::Error>(total)
        })
        .await?;
    let took = start.elapsed().as_secs_f64();
    let spent = target.cpu()?.saturating_sub(before).as_secs_f64();
    let calls = f64::from(calls);
    Ok(Throughput {
        per_second: calls / took,
        cpu_ms: spent * 1e3 / calls,
    })
}

/// So many connections of which each has been answered once, all at the same time: an upstream that is slow is waited for once.
async fn warmed(target: &Target, requests: &[Rc<Vec<u8>>], connections: usize) -> io::Result<Vec<(Line, Rc<Vec<u8>>)>> {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let mut opening = JoinSet::new();
            for request in requests.iter().cycle().take(connections) {
                let (address, request) = (target.address, Rc::clone(request));
                opening.spawn_local(async move {
                    let mut line = Line::open(address).await?;
                    line.call(&request).await?;
                    Ok::<_, io::Error>((line, request))
                });
            }
            let mut lines = Vec::with_capacity(connections);
            while let Some(line) = opening.join_next().await {
                lines.push(line.map_err(io::Error::other)??);
            }
            Ok(lines)
        })
        .await
}

/// The latency of calls sent at 1,000 a second, whether earlier ones are answered or not.
pub(super) async fn latency(target: &Target, request: Vec<u8>, time: Duration) -> io::Result<Sample> {
    let request = Rc::new(request);
    let idle: Rc<RefCell<Vec<Line>>> = Rc::default();
    for _ in 0..32 {
        let mut line = Line::open(target.address).await?;
        line.call(&request).await?;
        idle.borrow_mut().push(line);
    }
    let sample: Rc<RefCell<Sample>> = Rc::default();
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let mut running: JoinSet<io::Result<()>> = JoinSet::new();
            let mut clock = tokio::time::interval(Duration::from_millis(1));
            clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let end = Instant::now() + time;
            while Instant::now() < end {
                clock.tick().await;
                let sent = Instant::now();
                let (request, idle, sample) = (Rc::clone(&request), Rc::clone(&idle), Rc::clone(&sample));
                let line = idle.borrow_mut().pop();
                let address = target.address;
                running.spawn_local(async move {
                    // All connections busy: a new one, and its making counts.
                    let mut line = match line {
                        Some(line) => line,
                        None => Line::open(address).await?,
                    };
                    line.call(&request).await?;
                    sample.borrow_mut().add(sent.elapsed());
                    idle.borrow_mut().push(line);
                    Ok(())
                });
                while let Some(ended) = running.try_join_next() {
                    ended.map_err(io::Error::other)??;
                }
            }
            while let Some(ended) = running.join_next().await {
                ended.map_err(io::Error::other)??;
            }
            Ok::<(), io::Error>(())
        })
        .await?;
    let sample = sample.borrow().clone();
    Ok(sample)
}

/// The time to the first event of `count` streams, one after the other.
pub(super) async fn first_token(target: &Target, requests: &[Vec<u8>], count: usize) -> io::Result<Sample> {
    let mut sample = Sample::default();
    let mut line = Line::open(target.address).await?;
    for request in requests {
        line.stream(request).await?;
    }
    for request in requests.iter().cycle().take(count) {
        sample.add(line.stream(request).await?.first);
    }
    Ok(sample)
}

/// The delay of each chunk of `count` streams, one after the other, and how many came merged.
pub(super) async fn chunk_delay(target: &Target, request: &[u8], count: usize) -> io::Result<(Sample, u64)> {
    let mut sample = Sample::default();
    let mut merged = 0;
    let mut line = Line::open(target.address).await?;
    for _ in 0..count {
        let seen = line.stream(request).await?;
        merged += seen.merged;
        for nanos in seen.delays {
            sample.add_nanos(nanos);
        }
    }
    Ok((sample, merged))
}

/// Processor milliseconds a stream, with 64 side by side, each repeated.
pub(super) async fn stream_cpu(target: &Target, request: Vec<u8>, repeat: usize) -> io::Result<f64> {
    let request = Rc::new(request);
    let before = target.cpu()?;
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let mut running = JoinSet::new();
            for _ in 0..CONNECTIONS {
                let mut line = Line::open(target.address).await?;
                let request = Rc::clone(&request);
                running.spawn_local(async move {
                    for _ in 0..repeat {
                        line.stream(&request).await?;
                    }
                    Ok::<(), io::Error>(())
                });
            }
            while let Some(ended) = running.join_next().await {
                ended.map_err(io::Error::other)??;
            }
            Ok::<(), io::Error>(())
        })
        .await?;
    let spent = target.cpu()?.saturating_sub(before).as_secs_f64();
    let streams = u32::try_from(CONNECTIONS * repeat).unwrap_or(u32::MAX);
    Ok(spent * 1e3 / f64::from(streams))
}
