//! What forms may take together of a server's memory, by who sends what. Strangers, people, and those who manage have memories of their own, so no kind of
//! sender keeps another from theirs. Nobody fills one alone; several accounts or networks together can.

use domain::{
    access::{Capability, Viewer},
    id::UserId,
};
use gateway::call::{BodyMemory, Room};

/// Bytes of all forms together that strangers may be sending at a time, and of those from one network. They take no room from others.
const OF_STRANGERS: (usize, usize) = (16 * 1024 * 1024, 1024 * 1024);
/// What strangers send that says that it is no longer than this takes no room: every form of the sign-in page is that short. Whoever fills what
/// their network may have would keep all of it from signing in, and some networks everybody. As many as there are connections, or streams
/// on those of h2, may be under way, and not for long (`receive`).
pub(super) const SHORT: u64 = 4 * 1024;
/// The same of those who are signed in, and of one of them.
const OF_PEOPLE: (usize, usize) = (32 * 1024 * 1024, 8 * 1024 * 1024);
/// The same of those who manage the hub, by the console and by its API. They must be able to, whatever models are asked and whatever others
/// send meanwhile.
const OF_KEEPERS: (usize, usize) = (32 * 1024 * 1024, 8 * 1024 * 1024);

/// The memory for forms.
#[derive(Clone, Debug)]
pub struct Memory {
    questions: BodyMemory,
    keepers: BodyMemory,
    people: BodyMemory,
    strangers: BodyMemory,
}

/// Who sends a form.
#[derive(Clone, Copy)]
pub(super) enum Sender<'a> {
    /// Somebody who is signed in.
    Person(&'a Viewer),
    /// Somebody else, from this address, who says that the form has so many bytes.
    Stranger(&'a str, Option<u64>),
}

impl Memory {
    /// Questions to models take from the memory of all calls, `calls`; other forms have their own.
    pub fn beside(calls: BodyMemory) -> Self {
        let of = |(all, one)| BodyMemory::in_shares(all, one);
        Self {
            questions: calls,
            keepers: of(OF_KEEPERS),
            people: of(OF_PEOPLE),
            strangers: of(OF_STRANGERS),
        }
    }

    /// The room of a form, and whether it asks a model.
    pub(super) fn room(&self, sender: Sender<'_>, asks: bool) -> Room {
        match sender {
            Sender::Person(viewer) if asks => self.questions.room_of(viewer.id),
            // Every role but members'.
            Sender::Person(viewer) if viewer.may(Capability::ReadMoney) => self.of_keeper(viewer.id),
            Sender::Person(viewer) => self.people.room_of(viewer.id),
            Sender::Stranger(_, Some(..=SHORT)) => Room::default(),
            Sender::Stranger(address, _) => self.strangers.room_at(address),
        }
    }

    /// The room of what somebody sends who manages the hub.
    pub fn of_keeper(&self, user: UserId) -> Room {
        self.keepers.room_of(user)
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Role;
    use gateway::call::Full;

    use super::*;

    fn person(number: i64, role: Role) -> Viewer {
        Viewer {
            id: UserId::from_number(number),
            email: "somebody@example.com".parse().unwrap(),
            role,
            key: None,
        }
    }

    #[test]
    fn members_keep_no_keeper_out_and_strangers_nobody_who_signs_in() {
        let memory = Memory::beside(BodyMemory::new(1024, 0));
        let members: Vec<_> = (1..=4).map(|number| person(number, Role::Member)).collect();
        let mut held = Vec::new();
        for member in &members {
            let room = memory.room(Sender::Person(member), false);
            assert_eq!(room.grow(OF_PEOPLE.1), Ok(()));
            held.push(room);
        }
        let fifth = person(5, Role::Member);
        assert_eq!(
            memory.room(Sender::Person(&fifth), false).grow(1),
            Err(Full),
            "four fill it"
        );
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Member) {
            let keeper = person(6, role);
            assert_eq!(
                memory.room(Sender::Person(&keeper), false).grow(1 << 20),
                Ok(()),
                "{role:?}"
            );
            assert_eq!(memory.of_keeper(keeper.id).grow(1 << 20), Ok(()), "{role:?}");
            let asks = memory.room(Sender::Person(&keeper), true);
            assert_eq!(asks.grow(1 << 20), Err(Full), "a question is a call");
        }
        // One /60 has sixteen networks.
        for network in 0..16 {
            let address = format!("2001:db8:0:{network:x}::1");
            let room = memory.room(Sender::Stranger(&address, None), false);
            assert_eq!(room.grow(OF_STRANGERS.1), Ok(()));
            held.push(room);
        }
        for (announced, room) in [(None, Err(Full)), (Some(SHORT + 1), Err(Full)), (Some(SHORT), Ok(()))] {
            for address in ["2001:db8::2", "203.0.113.7"] {
                let sender = Sender::Stranger(address, announced);
                assert_eq!(memory.room(sender, false).grow(100), room, "{announced:?}");
            }
        }
    }
}
