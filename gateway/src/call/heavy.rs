//! Work that takes a while without waiting for anything: reading and writing large texts. A worker of the runtime that does it leaves
//! its other tasks to another one meanwhile.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// Of fewer bytes the work is done sooner than it is made room for.
const MUCH: usize = 1 << 20;

/// Does work on so many bytes.
pub(super) fn heavy<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes > MUCH && has_other_workers() {
        block_in_place(work)
    } else {
        work()
    }
}

fn has_other_workers() -> bool {
    Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_outside_of_a_runtime_too() {
        assert_eq!(heavy(usize::MAX, || 7), 7);
    }

    #[tokio::test]
    async fn where_there_is_one_worker_it_does_all() {
        assert_eq!(heavy(usize::MAX, || 7), 7);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn other_tasks_go_on_beside_what_takes_long() {
        let (done, other) = std::sync::mpsc::channel();
        let wait = move || other.recv_timeout(std::time::Duration::from_secs(30));
        #[expect(clippy::disallowed_methods, reason = "two tasks of a test, ended with it")]
        let large = tokio::spawn(async move { heavy(MUCH + 1, wait) });
        #[expect(clippy::disallowed_methods, reason = "two tasks of a test, ended with it")]
        let small = tokio::spawn(async move { heavy(1, || done.send(())) });
        assert!(small.await.unwrap().is_ok());
        assert_eq!(large.await.unwrap(), Ok(()));
    }
}
