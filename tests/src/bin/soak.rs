//! `make soak`: kills the hub under load for minutes, and compares the log with what clients were told after every restart.
//!
//! `soak [--minutes 5] [--database sqlite|postgres] [--clients 24] [--seed NUMBER]`; minutes are for each database, and
//! HUB_SOAK_MINUTES says them too. The seed of a run is printed, and decides when its kills come.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use tests::hub::Kind;
use tests::kill::soak::{Plan, run};

#[tokio::main]
async fn main() -> ExitCode {
    match soak().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nowhere else to say it.
            let _ = writeln!(io::stderr(), "soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn soak() -> io::Result<()> {
    let (plan, kinds) = arguments(std::env::args().skip(1))?;
    let mut lines = Vec::new();
    say(&format!("seed {}", plan.seed));
    for kind in kinds {
        // A broken promise is a panic with its sentence, and ends the program with an error.
        let summary = run(kind, plan, say).await;
        lines.push(format!("soak on {kind:?}: {summary}"));
    }
    for line in lines {
        say(&line);
    }
    Ok(())
}

/// A terminal that is gone is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn arguments(mut given: impl Iterator<Item = String>) -> io::Result<(Plan, Vec<Kind>)> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    let number = |name: &str, text: &str| {
        let parsed = text
            .parse::<f64>()
            .ok()
            .filter(|number| (0.05..=10_000.0).contains(number));
        parsed.ok_or_else(|| wrong(format!("{name} wants a number from 0.05 to 10000, not {text:?}")))
    };
    let mut minutes = match std::env::var("HUB_SOAK_MINUTES") {
        Ok(text) => number("HUB_SOAK_MINUTES", &text)?,
        Err(_) => 5.0,
    };
    let (mut clients, mut seed, mut kinds) = (24, Plan::any_seed(), Kind::BOTH.to_vec());
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| wrong(format!("{name} wants a value")))?;
        match name.as_str() {
            "--minutes" => minutes = number(&name, &value)?,
            "--clients" => {
                clients = value
                    .parse()
                    .map_err(|_| wrong(format!("{name} wants a number, not {value:?}")))?;
            }
            "--seed" => {
                seed = value
                    .parse()
                    .map_err(|_| wrong(format!("{name} wants a number, not {value:?}")))?;
            }
            "--database" => {
                kinds = match value.as_str() {
                    "sqlite" => vec![Kind::Sqlite],
                    "postgres" => vec![Kind::Postgres],
                    _ => return Err(wrong(format!("--database is sqlite or postgres, not {value:?}"))),
                }
            }
            _ => {
                let known = "--minutes, --database, --clients, --seed";
                return Err(wrong(format!("there is no option {name}; there are {known}")));
            }
        }
    }
    let plan = Plan {
        length: Duration::from_secs_f64(minutes * 60.0),
        clients,
        seed,
    };
    Ok((plan, kinds))
}
