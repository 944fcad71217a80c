//! What requests, and answers that come as a whole (`answers`), may take together of a server's memory. One body is bounded by itself; a
//! hundred large ones whose provider hangs would still fill the machine, and so would the files that small ones name, what they are read
//! into, or answers that nobody reads.

mod answers;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{call::Fault, id::UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(super) use self::answers::Growing;
use super::{CallError, accept::unread};
use crate::{sign_in::network, wire::speech};

/// What one permit stands for, in bytes: a semaphore takes permits by the `u32`.
const UNIT: usize = 1 << 10;
/// Bytes of a JSON value that stands in a tree and not in a text: 72 of a number in a list, 150 of a member of a usual schema, 300 of an object
/// within an object.
const VALUE: usize = 128;

/// The memory for all requests and large answers that are here at a time.
#[derive(Clone, Debug)]
pub struct BodyMemory {
    all: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// What everybody has taken of it. One who sends more than a machine can bear must not keep out all others.
#[derive(Debug)]
struct Shares {
    /// Units of one of them.
    most: usize,
    /// Units of whoever has any.
    taken: Mutex<HashMap<Whose, usize>>,
}

/// Who has a share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Person(UserId),
    /// All who come from there.
    Network(String),
}

/// There is no room for more at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl BodyMemory {
    /// Room for so many bytes. One person may have three quarters of them, or what the `largest` body takes.
    #[must_use]
    pub fn new(bytes: usize, largest: usize) -> Self {
        Self::in_shares(bytes, (bytes - bytes / 4).max(largest))
    }

    /// Room for so many bytes, of which one person or one network may have `most`.
    #[must_use]
    pub fn in_shares(bytes: usize, most: usize) -> Self {
        let units = bytes.div_ceil(UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(units)),
            shares: Arc::new(Shares {
                most: most.div_ceil(UNIT),
                taken: Mutex::default(),
            }),
        }
    }

    /// The room of a request of which nothing has arrived, from nobody in particular.
    #[must_use]
    pub fn room(&self) -> Room {
        self.room_for(None)
    }

    /// The same, of this person.
    #[must_use]
    pub fn room_of(&self, user: UserId) -> Room {
        self.room_for(Some(Whose::Person(user)))
    }

    /// The same, of whoever has this address or another one of its network.
    #[must_use]
    pub fn room_at(&self, address: &str) -> Room {
        self.room_for(Some(Whose::Network(network(address))))
    }

    fn room_for(&self, whose: Option<Whose>) -> Room {
        Room {
            part: Some(Arc::new(Mutex::new(Part {
                memory: self.clone(),
                whose,
                bytes: 0,
                held: None,
            }))),
            copies: 0,
        }
    }
}

/// What one request takes of it, and its answer then. Whoever has a copy has the same room, which is given back with the last of them. Without a memory
/// there is room for everything.
#[derive(Clone, Debug, Default)]
pub struct Room {
    part: Option<Arc<Mutex<Part>>>,
    /// In so many copies its answer is told anew when the call is over.
    copies: usize,
}

#[derive(Debug)]
struct Part {
    memory: BodyMemory,
    whose: Option<Whose>,
    bytes: usize,
    held: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Takes so many bytes more. What is announced and never sent takes nothing, so only what is there is to be asked for.
    ///
    /// # Errors
    /// [`Full`], and nothing was taken.
    pub fn grow(&self, more: usize) -> Result<(), Full> {
        let Some(mut part) = self.part() else { return Ok(()) };
        let bytes = part.bytes.saturating_add(more);
        let more = bytes.div_ceil(UNIT).saturating_sub(part.units());
        part.take(more)?;
        part.bytes = bytes;
        Ok(())
    }

    /// Whether there is any moment at which it could have so many bytes more: they may be beyond the share of whoever asks.
    #[must_use]
    pub fn could_grow(&self, more: usize) -> bool {
        self.part().is_none_or(|part| {
            let units = part.bytes.saturating_add(more).div_ceil(UNIT);
            part.whose.is_none() || units <= part.memory.shares.most
        })
    }

    /// Gives back what is more than so many bytes.
    pub fn shrink(&self, bytes: usize) {
        let Some(mut part) = self.part().filter(|part| part.bytes > bytes) else {
            return;
        };
        part.bytes = bytes;
        let more = part.units().saturating_sub(bytes.div_ceil(UNIT));
        part.give_back(more);
    }

    fn part(&self) -> Option<MutexGuard<'_, Part>> {
        // Nothing is left half done under this lock.
        Some(self.part.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Part {
    fn units(&self) -> usize {
        self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    fn take(&mut self, units: usize) -> Result<(), Full> {
        let permits = u32::try_from(units).map_err(|_| Full)?;
        let mut shares = self.memory.shares.taken();
        let share = self.whose.clone().map(|whose| shares.entry(whose).or_default());
        let fits = share
            .as_ref()
            .is_none_or(|taken| **taken + units <= self.memory.shares.most);
        let taken = Arc::clone(&self.memory.all).try_acquire_many_owned(permits);
        let (true, Ok(taken)) = (fits, taken) else {
            if let Some(whose) = &self.whose {
                Shares::forget(&mut shares, whose);
            }
            return Err(Full);
        };
        if let Some(share) = share {
            *share += units;
        }
        match &mut self.held {
            Some(held) => held.merge(taken),
            none => *none = Some(taken),
        }
        Ok(())
    }

    fn give_back(&mut self, units: usize) {
        if let Some(whose) = &self.whose {
            let mut shares = self.memory.shares.taken();
            if let Some(taken) = shares.get_mut(whose) {
                *taken = taken.saturating_sub(units);
            }
            Shares::forget(&mut shares, whose);
        }
        drop(self.held.as_mut().and_then(|held| held.split(units)));
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.give_back(self.units());
    }
}

impl Shares {
    fn taken(&self) -> MutexGuard<'_, HashMap<Whose, usize>> {
        // Nothing is left half done under this lock.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever has nothing is not remembered.
    fn forget(taken: &mut HashMap<Whose, usize>, whose: &Whose) {
        if taken.get(whose) == Some(&0) {
            taken.remove(whose);
        }
    }
}

/// Makes room for a body that is read as a whole, before it is.
///
/// # Errors
/// 400: it holds more values than are read. 413: they take more than one person may have. 503: there is no room for them at the moment.
pub(super) fn for_values(room: &Room, body: &[u8]) -> Result<(), CallError> {
    let values = speech::values(body).map_err(unread)?;
    let bytes = values.saturating_mul(VALUE);
    room.grow(bytes).map_err(|full| match room.could_grow(bytes) {
        true => full.into(),
        false => beyond_a_share(),
    })
}

/// No other moment is better for such a request.
fn beyond_a_share() -> CallError {
    CallError::new(
        Fault::Caller,
        413,
        "request_too_large",
        "This request alone takes more memory than one person may have at this hub. Send fewer values, or ask the operator to raise HUB_BODY_MEMORY.",
    )
}

impl From<Full> for CallError {
    fn from(Full: Full) -> Self {
        Self {
            retry_after: Some(1),
            ..Self::new(
                Fault::Hub,
                503,
                "overloaded",
                "This hub has no room for another large request at the moment. Try again shortly, or ask the operator to raise HUB_BODY_MEMORY.",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_keeps_its_room_until_nobody_needs_it() {
        let memory = BodyMemory::new(200 * UNIT, 0);
        let first = memory.room();
        assert_eq!(first.grow(150 * UNIT), Ok(()));
        let copy = first.clone();
        drop(first);
        assert_eq!(memory.room().grow(100 * UNIT), Err(Full));
        assert_eq!(memory.room().grow(50 * UNIT), Ok(()));
        assert_eq!(memory.room().grow(50 * UNIT + 1), Err(Full), "begun is taken");
        copy.shrink(100 * UNIT);
        assert_eq!(memory.room().grow(100 * UNIT), Ok(()), "what is given back is there");
        copy.shrink(120 * UNIT);
        assert_eq!(memory.room().grow(100 * UNIT + 1), Err(Full), "and no more of it");
        drop(copy);
        assert_eq!(memory.room().grow(200 * UNIT), Ok(()));
        assert_eq!(memory.room().grow(200 * UNIT + 1), Err(Full));
        assert_eq!(Room::default().grow(usize::MAX), Ok(()));
    }

    #[test]
    fn one_person_leaves_room_to_the_others_and_no_trace() {
        let (one, other) = (UserId::from_number(1), UserId::from_number(2));
        let memory = BodyMemory::new(200 * UNIT, 0);
        let (first, second) = (memory.room_of(one), memory.room_of(one));
        assert_eq!(first.grow(100 * UNIT), Ok(()));
        assert_eq!(second.grow(50 * UNIT), Ok(()));
        assert_eq!(second.grow(1), Err(Full), "three quarters are enough for one");
        assert_eq!(memory.room_of(other).grow(50 * UNIT), Ok(()));
        first.shrink(90 * UNIT);
        assert_eq!(second.grow(10 * UNIT), Ok(()));
        drop((first, second));
        assert_eq!(memory.room_of(one).grow(150 * UNIT), Ok(()));
        assert!(memory.shares.taken().is_empty());
        assert_eq!(memory.all.available_permits(), 200);
        // The largest request fits all the same.
        assert_eq!(
            BodyMemory::new(200 * UNIT, 200 * UNIT).room_of(one).grow(200 * UNIT),
            Ok(())
        );
    }

    #[test]
    fn one_network_leaves_room_to_the_others_and_no_trace() {
        let memory = BodyMemory::in_shares(200 * UNIT, 50 * UNIT);
        for (greedy, same, other) in [
            ("203.0.113.9", "::ffff:203.0.113.9", "203.0.113.10"),
            ("2001:db8::1", "2001:db8::2:0:0:7", "2001:db8:0:1::1"),
        ] {
            let room = memory.room_at(greedy);
            assert_eq!(room.grow(50 * UNIT), Ok(()));
            assert_eq!(memory.room_at(same).grow(1), Err(Full), "{greedy}");
            assert_eq!(memory.room_at(other).grow(50 * UNIT), Ok(()), "{other}");
            room.shrink(49 * UNIT);
            assert_eq!(memory.room_at(same).grow(1), Ok(()), "{same}");
        }
        assert!(memory.room_at("203.0.113.9").could_grow(50 * UNIT));
        assert!(!memory.room_at("203.0.113.9").could_grow(50 * UNIT + 1));
        assert!(memory.shares.taken().is_empty());
        assert_eq!(memory.all.available_permits(), 200);
    }

    #[test]
    fn a_body_that_is_read_as_a_whole_takes_room_for_its_values() {
        let memory = BodyMemory::new(100 * VALUE, 0);
        let (room, zeros) = (memory.room(), "0,".repeat(90));
        assert_eq!(for_values(&room, format!("[{zeros}0]").as_bytes()), Ok(()));
        let other = for_values(&memory.room(), format!("[{zeros}0]").as_bytes()).map_err(|error| error.code);
        assert_eq!(other, Err("overloaded".into()));
        // Whoever may never have so much need not try again.
        let alone = memory.room_of(UserId::from_number(1));
        let alone = for_values(&alone, format!("[{zeros}0]").as_bytes());
        assert_eq!(
            alone.map_err(|error| (error.status, error.retry_after)),
            Err((413, None))
        );
        // Letters are counted where they arrive.
        assert_eq!(for_values(&memory.room(), format!("[\"{zeros}\"]").as_bytes()), Ok(()));
    }

    proptest! {
        /// However requests grow, shrink and go: never more than there is, and all of it again in the end.
        #[test]
        fn no_more_is_given_than_there_is(
            steps in proptest::collection::vec((0_usize..4, 0_usize..120, any::<bool>()), 1..60),
        ) {
            let memory = BodyMemory::new(256 * UNIT, 0);
            let person = |number: usize| memory.room_of(UserId::from_number(i64::try_from(number).unwrap_or_default()));
            let mut rooms: Vec<(Room, usize)> = (0..4).map(|number| (person(number), 0)).collect();
            for (which, more, shrinks) in steps {
                let counted = |size: usize| size.div_ceil(UNIT);
                let others: usize = rooms.iter().enumerate().filter(|(at, _)| *at != which).map(|(_, room)| counted(room.1)).sum();
                let (room, size) = &mut rooms[which];
                if more == 0 {
                    (*room, *size) = (person(which), 0);
                } else if shrinks {
                    room.shrink(more * UNIT / 2);
                    *size = (*size).min(more * UNIT / 2);
                } else {
                    let wanted = counted(*size + more * UNIT);
                    let fits = others + wanted <= 256 && wanted <= 192;
                    prop_assert_eq!(room.grow(more * UNIT).is_ok(), fits);
                    if fits {
                        *size += more * UNIT;
                    }
                }
            }
            drop(rooms);
            prop_assert_eq!(memory.all.available_permits(), 256);
            prop_assert!(memory.shares.taken().is_empty());
        }
    }
}
