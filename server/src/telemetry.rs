//! Logs: set up once per process. Servers write through a thread of their own, commands straight to standard error.

mod writer;

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, ProcessSettings};

pub use writer::Flush;

/// What other crates say too often or too loudly for an operator.
const QUIET: &[&str] = &[
    "tower_sessions=error",
    "tower_sessions_core=off",
    "sqlx::query=warn",
    "hyper_util=warn",
    "h2=warn",
    "rustls=warn",
];

/// Begins logging for a server. What is still queued is written when the result is dropped.
#[must_use]
pub fn start(settings: &ProcessSettings) -> Flush {
    let (writer, flush) = writer::start();
    let color = std::io::stderr().is_terminal();
    let registry = tracing_subscriber::registry().with(filter(&settings.log));
    // A subscriber exists already only in tests, which keep theirs.
    let _ = match settings.log_format {
        LogFormat::Text => registry
            .with(fmt::layer().with_ansi(color).with_writer(writer))
            .try_init(),
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_writer(writer))
            .try_init(),
    };
    std::panic::set_hook(Box::new(report_panic));
    flush
}

/// Begins logging for a command: warnings and errors only, unless HUB_LOG asks for more.
pub fn start_command(settings: &ProcessSettings, log_was_set: bool) {
    // That a connection took long is nothing that whoever runs a command can act on.
    let directives = if log_was_set {
        settings.log.as_str()
    } else {
        "warn,sqlx::pool=error"
    };
    let _ = tracing_subscriber::registry()
        .with(filter(directives))
        .with(
            fmt::layer()
                .with_ansi(std::io::stderr().is_terminal())
                .with_writer(std::io::stderr),
        )
        .try_init();
    std::panic::set_hook(Box::new(report_panic));
}

fn filter(directives: &str) -> EnvFilter {
    let filter = EnvFilter::try_new(format!("{},{directives}", QUIET.join(",")));
    filter.unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Logs where a panic happened. Its text may quote what was being handled (a slice of a prompt, say), so it is left out.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    tracing::error!(target: "hub::panic", place, "a task panicked; the process goes on");
}
