//! `make soak`: kills the hub under load for minutes, and compares the log with what clients were told after every restart.
//!
//! `soak [--minutes 5] [--database sqlite|postgres|postgres-owned] [--clients 24] [--seed NUMBER]`; minutes are for each way of keeping the books (by default all three), and
//! HUB_SOAK_MINUTES says them too. The seed of a run is printed, and decides when its kills come.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use tests::kill::soak::{Plan, Way, run};

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
    let (plan, ways) = arguments(std::env::args().skip(1))?;
    let mut lines = Vec::new();
    say(&format!("seed {}", plan.seed));
    for way in ways {
        // A broken promise is a panic with its sentence, and ends the program with an error.
        let summary = run(way, plan, say).await;
        lines.push(format!("soak on {way:?}: {summary}"));
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

fn arguments(mut given: impl Iterator<Item = String>) -> io::Result<(Plan, Vec<Way>)> {
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
    let (mut clients, mut seed, mut ways) = (24, Plan::any_seed(), Way::ALL.to_vec());
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
                ways = match value.as_str() {
                    "sqlite" => vec![Way::Sqlite],
                    "postgres" => vec![Way::PostgresShared],
                    "postgres-owned" => vec![Way::PostgresOwned],
                    _ => {
                        return Err(wrong(format!(
                            "--database is sqlite, postgres or postgres-owned, not {value:?}"
                        )));
                    }
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
    Ok((plan, ways))
}
