//! What the bodies of requests may take together. One body is bounded by itself; a hundred large ones whose provider hangs would still
//! fill the machine.

use std::sync::Arc;

use gateway::call::Room;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What one permit stands for, in bytes: a semaphore takes permits by the `u32`.
const UNIT: usize = 1 << 10;

/// The memory for the bodies of all requests that are here at a time.
#[derive(Clone, Debug)]
pub struct BodyMemory(Arc<Semaphore>);

/// There is no room for more at the moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl BodyMemory {
    /// Room for so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(
            bytes.div_ceil(UNIT).min(Semaphore::MAX_PERMITS),
        )))
    }

    /// The part of a body that has not begun to arrive.
    pub(super) fn part(&self) -> Part {
        Part {
            memory: self.0.clone(),
            held: None,
        }
    }
}

/// What one body takes of it.
pub(super) struct Part {
    memory: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Part {
    /// Takes what a body of so many bytes needs beyond what it has. What is announced and never sent takes nothing, so only what has arrived
    /// is to be asked for.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(bytes.div_ceil(UNIT).saturating_sub(held)).map_err(|_| Full)?;
        let more = self.memory.clone().try_acquire_many_owned(more).map_err(|_| Full)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }

    /// All that it took.
    pub(super) fn room(self) -> Room {
        self.held.map(Room::from).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_keeps_its_room_until_nobody_needs_it() {
        let memory = BodyMemory::new(200 * UNIT);
        let mut first = memory.part();
        assert_eq!(first.grow(150 * UNIT), Ok(()));
        let room = first.room();
        assert_eq!(memory.part().grow(100 * UNIT), Err(Full));
        assert_eq!(memory.part().grow(50 * UNIT), Ok(()));
        assert_eq!(memory.part().grow(50 * UNIT + 1), Err(Full), "begun is taken");
        drop(room);
        assert_eq!(memory.part().grow(200 * UNIT), Ok(()));
        assert_eq!(memory.part().grow(200 * UNIT + 1), Err(Full));
    }

    proptest! {
        /// However bodies grow and go: never more than there is, and all of it again in the end.
        #[test]
        fn no_more_is_given_than_there_is(
            steps in proptest::collection::vec((0_usize..4, 0_usize..120), 1..60),
        ) {
            let memory = BodyMemory::new(256 * UNIT);
            let mut bodies: Vec<(Part, usize)> = (0..4).map(|_| (memory.part(), 0)).collect();
            for (which, more) in steps {
                let counted = |size: usize| size.div_ceil(UNIT);
                let others: usize = bodies.iter().enumerate().filter(|(at, _)| *at != which).map(|(_, body)| counted(body.1)).sum();
                let (part, size) = &mut bodies[which];
                if more == 0 {
                    (*part, *size) = (memory.part(), 0);
                    continue;
                }
                let wanted = *size + more * UNIT;
                let fits = others + counted(wanted) <= 256;
                prop_assert_eq!(part.grow(wanted).is_ok(), fits);
                if fits {
                    *size = wanted;
                }
            }
            drop(bodies);
            prop_assert_eq!(memory.0.available_permits(), 256);
        }
    }
}
