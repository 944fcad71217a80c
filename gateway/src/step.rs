//! The steps of a call, for tests that end the process at each of them as a crash would (`tests/tests/it/steps.rs`). A test
//! names one when it starts the server (`server::config::last_step`), and the first call that comes there takes the process with it.
//!
//! For tests alone: in a build without debug assertions, so in every release, [`reached`] is nothing at all and there is nothing to
//! set. `tools/build-release.sh` checks that.

/// A step of a call, in the usual order. The row of a stream that an owner of the ledger admits is written while the provider
/// is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// A task owns it.
    Accepted,
    /// Its hold is on its way to the disk.
    HoldQueued,
    /// Its hold is durable.
    HoldCommitted,
    /// The provider has it, and has begun to answer.
    Sent,
    /// The first byte goes to the client.
    FirstByte,
    /// What it comes to is known.
    BeforeSettle,
    /// Its end is on its way to the disk.
    SettleQueued,
    /// Its end is durable.
    SettleCommitted,
    /// The last byte is about to go to the client.
    LastByte,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 9] = [
        Self::Accepted,
        Self::HoldQueued,
        Self::HoldCommitted,
        Self::Sent,
        Self::FirstByte,
        Self::BeforeSettle,
        Self::SettleQueued,
        Self::SettleCommitted,
        Self::LastByte,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::HoldQueued => "hold-queued",
            Self::HoldCommitted => "hold-committed",
            Self::Sent => "sent",
            Self::FirstByte => "first-byte",
            Self::BeforeSettle => "before-settle",
            Self::SettleQueued => "settle-queued",
            Self::SettleCommitted => "settle-committed",
            Self::LastByte => "last-byte",
        }
    }
}

/// The step at which the process ends, by its number; none of them has this one.
#[cfg(debug_assertions)]
static LAST: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(u8::MAX);

/// From now on the process ends at this step, at once and without a word.
#[cfg(debug_assertions)]
pub fn end_at(step: Step) {
    LAST.store(step as u8, std::sync::atomic::Ordering::Relaxed);
}

/// A call has come to this step.
#[inline]
pub(crate) fn reached(step: Step) {
    #[cfg(debug_assertions)]
    if LAST.load(std::sync::atomic::Ordering::Relaxed) == step as u8 {
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = step;
}
