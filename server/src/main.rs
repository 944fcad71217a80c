//! The binary `aigne-hub`: arguments, configuration, then the command. Everything else is in the library beside it.

use std::process::ExitCode;

use clap::Parser as _;
use server::{
    command::{Arguments, CommandError},
    config::Config,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.json();
    match run(arguments) {
        Ok(outcome) => {
            let Err(error) = outcome.print(json) else {
                return ExitCode::SUCCESS;
            };
            server::command::complain(&format!(
                "aigne-hub: it is done, and its result could not be printed: {error}."
            ));
            ExitCode::FAILURE
        }
        Err(error) => {
            if let Some(report) = error.report() {
                let _ = report.print(json);
            }
            server::command::complain(&format!("aigne-hub: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(arguments: Arguments) -> Result<server::command::Outcome, CommandError> {
    let config = arguments.configuration()?;
    runtime(&config)?.block_on(arguments.run(&config))
}

fn runtime(config: &Config) -> Result<tokio::runtime::Runtime, CommandError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = config.process.worker_threads {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().map_err(CommandError::Runtime)
}
