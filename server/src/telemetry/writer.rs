//! Writes log lines from a thread of its own, so that a slow terminal or pipe never holds up a request.
//!
//! When the reader of standard error does not keep up, lines are dropped and counted rather than waited for.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait for the thread.
const QUEUE: usize = 16 * 1024;
/// How long lines gather between two writes. Waking a thread for each line costs more than the line.
const GATHER: Duration = Duration::from_millis(10);
/// How long the end of the process waits for the last lines.
const PATIENCE: Duration = Duration::from_secs(2);

enum Item {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

/// Makes a writer for each line.
#[derive(Clone, Debug)]
pub struct QueuedWriter {
    queue: SyncSender<Item>,
    dropped: Arc<AtomicU64>,
}

/// Held by `serve`; dropping it waits until the queued lines are written.
#[derive(Debug)]
pub struct Flush(SyncSender<Item>);

/// Starts the thread.
pub fn start() -> (QueuedWriter, Flush) {
    let (queue, lines) = sync_channel(QUEUE);
    let dropped = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&dropped);
    // Without the thread nothing is logged; there is nobody to tell.
    let _ = std::thread::Builder::new()
        .name("log".into())
        .spawn(move || write_all(&lines, &count));
    (
        QueuedWriter {
            queue: queue.clone(),
            dropped,
        },
        Flush(queue),
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "this thread is the log's own; nobody waits for it but the end of the process"
)]
fn write_all(lines: &Receiver<Item>, dropped: &AtomicU64) {
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stderr());
    while let Ok(first) = lines.recv() {
        let mut next = Some(first);
        while let Some(item) = next {
            match item {
                Item::Line(line) => drop(out.write_all(&line)),
                Item::Flush(done) => {
                    let _ = out.flush();
                    let _ = done.send(());
                }
            }
            next = lines.try_recv().ok();
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(
                out,
                "{lost} log lines were dropped, because standard error is not read fast enough"
            );
        }
        let _ = out.flush();
        std::thread::sleep(GATHER);
    }
}

/// Collects one line and queues it.
#[derive(Debug)]
pub struct Line<'a> {
    writer: &'a QueuedWriter,
    text: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if !self.text.is_empty()
            && self
                .writer
                .queue
                .try_send(Item::Line(std::mem::take(&mut self.text)))
                .is_err()
        {
            self.writer.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<'a> MakeWriter<'a> for QueuedWriter {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            writer: self,
            text: Vec::with_capacity(256),
        }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        let (done, wait) = sync_channel(1);
        if self.0.try_send(Item::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(PATIENCE);
        }
    }
}
