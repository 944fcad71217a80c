//! `make bench`: `load [--hub PROGRAM] [--rounds 3] [--seconds 3] [--only KIND] [--everything] [--check]` measures the bare proxy and
//! the hub and prints a Markdown table; with `--everything` each call has a price, holds credit and is settled. `--money` compares the hub with and without money instead, also on the PostgreSQL of
//! HUB_TEST_POSTGRES_URL, when that is set, or on one of `sqlite`, `shared` and `owned` alone (`--place`); `--converted` calls that are
//! converted with those that pass. With `--check` it fails when a promise is missed. Build everything with `--release` first: programs of
//! the bench are taken from the folder of this one.

use std::io::{self, Write as _};
use std::process::ExitCode;

use tests::bench::converted::run as bench_converted;
use tests::bench::money::{Place, places, run as bench_money};
use tests::bench::run::{Only, Plan, absolute, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match bench().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nowhere else to say it.
            let _ = writeln!(io::stderr(), "bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> io::Result<bool> {
    let own = std::env::current_exe()?;
    let programs = own.parent().map(ToOwned::to_owned).unwrap_or_default();
    let mut plan = Plan {
        hub: None,
        programs,
        rounds: 3,
        seconds: 3,
        everything: false,
        only: None,
    };
    let (mut check, mut money, mut converted) = (false, false, false);
    let mut place = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--check" {
            check = true;
            continue;
        }
        if name == "--everything" {
            plan.everything = true;
            continue;
        }
        if name == "--money" {
            money = true;
            continue;
        }
        if name == "--converted" {
            converted = true;
            continue;
        }
        let value = arguments
            .next()
            .ok_or_else(|| io::Error::other(format!("{name} wants a value")))?;
        match name.as_str() {
            "--hub" => plan.hub = Some(value.into()),
            "--rounds" => plan.rounds = value.parse().map_err(io::Error::other)?,
            "--seconds" => plan.seconds = value.parse().map_err(io::Error::other)?,
            "--only" => {
                let kind = Only::named(&value);
                plan.only =
                    Some(kind.ok_or_else(|| io::Error::other("--only wants calls, bodies, latency or streams"))?);
            }
            "--place" => {
                let named = Place::named(&value);
                place = Some(named.ok_or_else(|| io::Error::other("--place wants sqlite, shared or owned"))?);
            }
            _ => {
                return Err(io::Error::other(format!(
                    "unknown option {name}; take --hub, --rounds, --seconds, --only, --everything, --check, --money, --place, --converted"
                )));
            }
        }
    }
    plan.rounds = plan.rounds.clamp(1, 20);
    plan.seconds = plan.seconds.clamp(1, 30);
    if money {
        let hub = plan
            .hub
            .as_ref()
            .ok_or_else(|| io::Error::other("--money wants --hub"))?;
        let postgres = std::env::var("HUB_TEST_POSTGRES_URL").ok();
        let hub = absolute(hub)?;
        let places = places(place, postgres.is_some())?;
        let outcome = bench_money(&hub, &plan.programs, &places, plan.rounds, plan.seconds).await?;
        io::stdout().write_all(outcome.text.as_bytes())?;
        return Ok(outcome.kept || !check);
    }
    if converted {
        let hub = plan.hub.as_ref();
        let hub = absolute(hub.ok_or_else(|| io::Error::other("--converted wants --hub"))?)?;
        let text = bench_converted(&hub, &plan.programs, plan.rounds, plan.seconds).await?;
        io::stdout().write_all(text.as_bytes())?;
        return Ok(true);
    }
    let outcome = run(&plan).await?;
    io::stdout().write_all(outcome.text.as_bytes())?;
    Ok(outcome.kept || !check)
}
