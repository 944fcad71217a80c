//! The binary `aigne-hub`: arguments, configuration, then the command. Everything else is in the library beside it.

use std::process::ExitCode;

use server::{
    command::{Arguments, CommandError, fail},
    config::Config,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(code) => return ExitCode::from(code),
    };
    let json = arguments.json();
    match run(arguments) {
        Ok(outcome) => {
            let Err(error) = outcome.print(json) else {
                return ExitCode::SUCCESS;
            };
            fail(
                &format!("it is done, and its result could not be printed: {error}."),
                1,
                json,
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            if let Some(report) = error.report() {
                let _ = report.print(json);
            }
            fail(&error.to_string(), error.exit_code(), json);
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
