//! The signals that ask a server to stop. They are caught from before it says that it is ready: whoever stops it at once
//! stops it in order.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and SIGINT, as far as the system lets them be caught.
#[derive(Debug)]
pub struct Stop {
    terminate: Option<Signal>,
    interrupt: Option<Signal>,
}

impl Stop {
    /// Catches them from now on.
    pub fn listen() -> Self {
        Self {
            terminate: signal(SignalKind::terminate()).ok(),
            interrupt: signal(SignalKind::interrupt()).ok(),
        }
    }

    /// Ends when one has come, and when asked again at the next one, also if that has come meanwhile.
    pub async fn asked(&mut self) {
        tokio::select! {
            () = next(&mut self.terminate) => {}
            () = next(&mut self.interrupt) => {}
        }
    }
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
