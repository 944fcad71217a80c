//! Plays an answer step by step on a connection: bytes, pauses, stalls, cuts. It notices when the caller leaves, since
//! hyper then drops the body. The server builds the steps and hands the body to hyper.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Frame;
use tokio::sync::watch;

use super::connection::ResetSwitch;
use super::record::{Outcome, Recorder};

/// The body of an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// One step of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Bytes that leave in one write.
    Send(Bytes),
    /// A pause.
    Pause(Duration),
    /// Nothing until the gate opens.
    Stall,
    /// The connection closes without an end of the body.
    Cut,
    /// The connection is reset.
    Reset,
}

/// What stalled answers wait for.
#[derive(Debug)]
pub(crate) struct Gate(watch::Sender<()>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::channel(()).0)
    }
}

impl Gate {
    /// Lets all go on that wait now; later ones wait for the next time.
    pub(crate) fn open(&self) {
        self.0.send_replace(());
    }

    /// A place to wait that counts from now.
    pub(crate) fn place(&self) -> GatePlace {
        GatePlace(self.0.subscribe())
    }
}

/// One who waits at the gate.
#[derive(Debug)]
pub(crate) struct GatePlace(watch::Receiver<()>);

impl GatePlace {
    /// Returns when the gate was opened.
    pub(crate) async fn wait(&mut self) {
        if self.0.changed().await.is_err() {
            // The fake is being dropped, and with it this connection.
            std::future::pending::<()>().await;
        }
    }
}

/// Tells the recorder how an answer ended; dropped without a word, the caller has left.
#[derive(Debug)]
pub(crate) struct Ending {
    recorder: Arc<Recorder>,
    serial: u64,
    told: bool,
}

impl Ending {
    pub(crate) fn new(recorder: Arc<Recorder>, serial: u64) -> Self {
        Self {
            recorder,
            serial,
            told: false,
        }
    }

    /// The answer ended, and not because the caller left.
    pub(crate) fn tell(&mut self, outcome: Outcome) {
        self.told = true;
        self.recorder.end(self.serial, outcome);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if !self.told {
            self.recorder.end(self.serial, Outcome::Disconnected);
        }
    }
}

struct Playing {
    steps: std::vec::IntoIter<Step>,
    ending: Ending,
    gate: GatePlace,
    reset: ResetSwitch,
}

/// A body that plays `steps`.
pub(crate) fn body(steps: Vec<Step>, ending: Ending, gate: GatePlace, reset: ResetSwitch) -> Body {
    let playing = Playing {
        steps: steps.into_iter(),
        ending,
        gate,
        reset,
    };
    StreamBody::new(stream::unfold(playing, next)).boxed_unsync()
}

async fn next(mut playing: Playing) -> Option<(io::Result<Frame<Bytes>>, Playing)> {
    // Being pending once makes hyper flush what it has, so that every step leaves in a write of its own.
    tokio::task::yield_now().await;
    loop {
        let Some(step) = playing.steps.next() else {
            playing.ending.tell(Outcome::Answered);
            return None;
        };
        match step {
            Step::Send(bytes) => {
                // hyper does not ask again after the last byte of a body of known length.
                if playing.steps.len() == 0 {
                    playing.ending.tell(Outcome::Answered);
                }
                return Some((Ok(Frame::data(bytes)), playing));
            }
            Step::Pause(time) => tokio::time::sleep(time).await,
            Step::Stall => playing.gate.wait().await,
            Step::Cut => {
                playing.ending.tell(Outcome::BrokenOff);
                return Some((Err(io::Error::other("cut on demand")), playing));
            }
            Step::Reset => {
                playing.reset.arm();
                playing.ending.tell(Outcome::BrokenOff);
                return Some((Err(io::Error::other("reset on demand")), playing));
            }
        }
    }
}
