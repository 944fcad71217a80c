//! How long the disk takes to keep what it is told: below that no answer comes whose row is durable first. Asked by `run`.

use std::fs::File;
use std::io::{self, Write as _};
use std::time::Instant;

/// Writes, each of a page, that are waited for.
const WRITES: usize = 200;
const PAGE: [u8; 4096] = [b'x'; 4096];

/// The median time of a page that is written behind the last one and synced, in microseconds, where temporary files lie.
///
/// # Errors
/// The file system's.
pub(super) async fn sync() -> io::Result<f64> {
    tokio::task::spawn_blocking(measure).await.map_err(io::Error::other)?
}

fn measure() -> io::Result<f64> {
    let mut file: File = tempfile::tempfile()?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let began = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[WRITES / 2])
}
