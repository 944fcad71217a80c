//! Settings of the process: logs, threads, and how it ends.

use std::{str::FromStr as _, time::Duration};

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::{
    ConfigError, Raw,
    parse::{number, refused},
};

/// Logs, threads and the end.
#[derive(Clone, Debug)]
pub struct ProcessSettings {
    /// Checked directives for the log's filter.
    pub log: String,
    /// The shape of a log line.
    pub log_format: LogFormat,
    /// How long running answers may take after a stop signal.
    pub drain: Duration,
    /// Threads that serve requests; absent means one per processor.
    pub worker_threads: Option<usize>,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl ProcessSettings {
    pub(super) fn from_raw(raw: &Raw) -> Result<Self, ConfigError> {
        let log = raw.get("HUB_LOG").0.to_owned();
        if !is_filter(&log) {
            let allowed = "off, error, warn, info, debug or trace, or pairs such as info,gateway=debug";
            return Err(refused(raw, "HUB_LOG", allowed));
        }
        let log_format = match raw.get("HUB_LOG_FORMAT").0 {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => return Err(refused(raw, "HUB_LOG_FORMAT", "text or json")),
        };
        let threads = number(raw, "HUB_WORKER_THREADS", 0..=512)?;
        Ok(Self {
            log,
            log_format,
            drain: Duration::from_secs(number(raw, "HUB_DRAIN_SECONDS", 0..=3600)?),
            worker_threads: usize::try_from(threads).ok().filter(|threads| *threads > 0),
        })
    }
}

/// Whether the log can be filtered so. A word alone must be a level: the filter takes any other for the name of a module, and with
/// `HUB_LOG=verbose` the log would fall silent.
fn is_filter(directives: &str) -> bool {
    let mut alone = directives.split(',').filter(|part| !part.contains(['=', '[']));
    let level = |word: &str| !word.trim().is_empty() && LevelFilter::from_str(word).is_ok();
    alone.all(level) && EnvFilter::try_new(directives).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    #[test]
    fn each_value_is_checked() {
        for (key, wrong) in [
            ("HUB_LOG", "a=b=c"),
            ("HUB_LOG", "verbose"),
            ("HUB_LOG", "info,gateway"),
            ("HUB_LOG", ","),
            ("HUB_LOG_FORMAT", "xml"),
            ("HUB_DRAIN_SECONDS", "3601"),
            ("HUB_WORKER_THREADS", "-1"),
        ] {
            let mut raw = Raw::default();
            raw.set(key, wrong.to_owned(), Source::CommandLine);
            let error = ProcessSettings::from_raw(&raw)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(error.starts_with(key), "{key}: {error}");
        }
        for right in ["off", "WARN", "info,gateway=debug", "server[request{id=1}]=trace,error"] {
            assert!(is_filter(right), "{right}");
        }
        assert!(ProcessSettings::from_raw(&Raw::default()).is_ok_and(|settings| settings.worker_threads.is_none()));
    }
}
