//! Runs the fake OpenAI-compatible provider alone, for SDK scripts, browser tests and people.
//!
//! `fake-openai [--listen 127.0.0.1:0] [--key KEY]… [--forbid TEXT]…` prints its base address as the first line and serves
//! until it is ended. Faults: models `fault-…` (see `GET /v1/models`) or `POST /control/faults`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use tests::upstream::{Settings, Upstream};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nowhere else to say it.
            let _ = writeln!(io::stderr(), "fake-openai: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> io::Result<()> {
    let upstream = Upstream::with(settings(std::env::args().skip(1))?).await?;
    let mut out = io::stdout();
    writeln!(out, "{}", upstream.base_url())?;
    out.flush()?;
    upstream.run().await;
    Ok(())
}

fn settings(mut arguments: impl Iterator<Item = String>) -> io::Result<Settings> {
    let mut settings = Settings::default();
    let mut keys = Vec::new();
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| io::Error::other(format!("{name} wants a value")))?;
        match name.as_str() {
            "--listen" => settings.address = value.parse().map_err(io::Error::other)?,
            "--key" => keys.push(value),
            "--forbid" => settings.forbidden.push(value),
            _ => {
                return Err(io::Error::other(format!(
                    "unknown option {name}; take --listen, --key or --forbid"
                )));
            }
        }
    }
    if !keys.is_empty() {
        settings.keys = keys;
    }
    Ok(settings)
}
