//! What an answer that comes as a whole takes of the memory: from when it grows until its client has all of it. A client that reads
//! slowly holds what it has asked for, and the provider was asked for it by one short request. Room is never waited for: whoever
//! waits may hold what another one waits for.

use bytes::Bytes;
use domain::call::Fault;

use super::{Room, VALUE};
use crate::{call::CallError, wire::json};

/// An answer of no more bytes takes nothing: most are smaller, and connections are bounded.
const FREE: usize = 64 << 10;
/// So much is taken at a time while an answer grows, where there is as much.
const STEP: usize = 256 << 10;

/// What one answer takes while it grows.
#[derive(Debug)]
pub(in crate::call) struct Growing<'a> {
    room: &'a Room,
    /// How often it stands in the memory, at the most.
    times: usize,
    taken: usize,
}

impl<'a> Growing<'a> {
    /// Of an answer of which nothing has come, and that is told anew in so many `copies`.
    pub fn of(room: &'a Room, copies: usize) -> Self {
        Self {
            room,
            times: 1 + copies + room.copies,
            taken: 0,
        }
    }

    /// Takes what it needs when so many bytes of it are there.
    ///
    /// # Errors
    /// 413: it is more than one person may have. 503: there is no room for it at the moment.
    pub fn reach(&mut self, bytes: usize) -> Result<(), CallError> {
        let wanted = bytes.saturating_mul(self.times);
        if bytes <= FREE || wanted <= self.taken {
            return Ok(());
        }
        let more = wanted - self.taken;
        // A little ahead, so that each piece of a large answer does not ask again.
        if more < STEP && self.room.grow(STEP).is_ok() {
            self.taken += STEP;
            return Ok(());
        }
        self.take(more)
    }

    /// Takes what a tree of its values needs, where it is read into one.
    ///
    /// # Errors
    /// As [`Self::reach`].
    pub fn branch(&mut self, body: &[u8]) -> Result<(), CallError> {
        if body.len() <= FREE {
            return Ok(());
        }
        self.take(json::values(body).saturating_mul(VALUE))
    }

    fn take(&mut self, more: usize) -> Result<(), CallError> {
        self.room.grow(more).map_err(|_| self.refusal(more))?;
        self.taken += more;
        Ok(())
    }

    fn refusal(&self, more: usize) -> CallError {
        if !self.room.could_grow(more) {
            return CallError::new(
                Fault::Caller,
                413,
                "answer_too_large",
                "The answer takes more memory than one person may have at this hub, so it is not delivered. Ask for less at a time, or ask the operator to raise HUB_BODY_MEMORY.",
            );
        }
        CallError {
            retry_after: Some(1),
            ..CallError::new(
                Fault::Hub,
                503,
                "overloaded",
                "This hub has no room for another large answer at the moment, so it is not delivered. Read the answers that you have asked for, or ask for less at a time, and try again shortly; or ask the operator to raise HUB_BODY_MEMORY.",
            )
        }
    }
}

impl Room {
    /// For a call whose answer is told anew by whoever asked, in so many copies.
    pub(in crate::call) fn told_anew(self, copies: usize) -> Self {
        Self { copies, ..self }
    }

    /// The body of an answer, which keeps its room until nobody has it any more.
    pub(in crate::call) fn hand_over(&self, body: Bytes) -> Bytes {
        if body.len() <= FREE || self.part.is_none() {
            return body;
        }
        self.shrink(body.len().saturating_mul(1 + self.copies));
        Bytes::from_owner(HandedOver {
            body,
            _room: self.clone(),
        })
    }
}

/// Bytes and their room.
struct HandedOver {
    body: Bytes,
    _room: Room,
}

impl AsRef<[u8]> for HandedOver {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use domain::id::UserId;
    use proptest::prelude::*;

    use super::{
        super::{BodyMemory, Full},
        *,
    };

    const MB: usize = 1 << 20;
    static LETTERS: [u8; 3 * MB] = [b'x'; 3 * MB];

    fn code(told: Result<(), CallError>) -> Option<(u16, String, Option<u32>)> {
        told.err()
            .map(|error| (error.status, error.code.into_owned(), error.retry_after))
    }

    #[test]
    fn a_small_answer_takes_nothing() {
        let memory = BodyMemory::new(4 * MB, 0);
        let full = memory.room();
        assert_eq!(full.grow(4 * MB), Ok(()));
        let room = memory.room();
        let mut growing = Growing::of(&room, 2);
        assert_eq!(growing.reach(FREE), Ok(()));
        assert_eq!(growing.branch(&[b','; FREE]), Ok(()));
        let body = Bytes::from(vec![b'x'; FREE]);
        assert_eq!(room.hand_over(body.clone()).as_ptr(), body.as_ptr(), "it is the same");
        let refused = Some((503, "overloaded".to_owned(), Some(1)));
        assert_eq!(code(growing.reach(FREE + 1)), refused);
        assert_eq!(code(growing.branch(&[b','; FREE + 1])), refused);
    }

    #[test]
    fn a_body_keeps_its_room_until_nobody_has_it() {
        let memory = BodyMemory::new(4 * MB, 0);
        let room = memory.room();
        assert_eq!(Growing::of(&room, 1).reach(MB), Ok(()));
        let free = |bytes: usize| memory.room().grow(bytes);
        assert_eq!(free(2 * MB + 1), Err(Full), "its copy is counted");
        let body = room.hand_over(Bytes::from(vec![0; MB]));
        drop(room);
        assert_eq!((free(3 * MB), free(3 * MB + 1)), (Ok(()), Err(Full)));
        let part = body.slice(MB - 1..);
        drop(body);
        assert_eq!(free(3 * MB + 1), Err(Full), "its last letter is still to be sent");
        drop(part);
        assert_eq!(free(4 * MB), Ok(()));
    }

    #[test]
    fn what_one_person_may_never_have_is_told_as_that() {
        let memory = BodyMemory::in_shares(8 * MB, 2 * MB);
        let room = memory.room_of(UserId::from_number(1));
        let alone = Some((413, "answer_too_large".to_owned(), None));
        assert_eq!(code(Growing::of(&room, 0).reach(2 * MB + 1)), alone);
        assert_eq!(code(Growing::of(&room, 2).reach(MB)), alone, "three times");
        assert_eq!(code(Growing::of(&room.clone().told_anew(2), 0).reach(MB)), alone);
        // A number takes 128 bytes where it is read into a tree.
        assert_eq!(
            code(Growing::of(&room, 0).branch("0,".repeat(40_000).as_bytes())),
            alone
        );
        let other = memory.room_of(UserId::from_number(1));
        assert_eq!(Growing::of(&other, 0).reach(2 * MB), Ok(()));
        let later = Some((503, "overloaded".to_owned(), Some(1)));
        assert_eq!(code(Growing::of(&room, 0).reach(MB)), later);
        drop(other);
        assert_eq!(Growing::of(&room, 0).reach(2 * MB), Ok(()));
    }

    proptest! {
        /// However answers grow, are handed over and read: together they are never larger than the memory, but for what is free, and
        /// all of it is there again in the end.
        #[test]
        fn all_answers_together_are_bounded(
            steps in prop::collection::vec((0_usize..6, 1_usize..3 * MB, 0_usize..3, any::<bool>()), 1..40),
        ) {
            let memory = BodyMemory::new(8 * MB, 8 * MB);
            let mut read: Vec<Bytes> = vec![Bytes::new(); 6];
            for (which, size, copies, leaves) in steps {
                if leaves {
                    read[which] = Bytes::new();
                    continue;
                }
                let room = memory.room();
                let mut growing = Growing::of(&room, copies);
                let grown = (1..=8).try_for_each(|part| growing.reach(size * part / 8));
                let there: usize = read.iter().map(Bytes::len).filter(|len| *len > FREE).sum();
                if grown.is_ok() {
                    prop_assert!(size <= FREE || there + size * (1 + copies) <= 8 * MB);
                    read[which] = room.hand_over(Bytes::from_static(&LETTERS[..size]));
                } else {
                    prop_assert!(there + size * (1 + copies) + STEP > 8 * MB - 8 * 1024, "there was room");
                }
            }
            drop(read);
            prop_assert_eq!(memory.room().grow(8 * MB), Ok(()));
        }
    }
}
