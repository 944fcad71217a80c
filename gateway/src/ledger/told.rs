//! What the hash of a transaction is taken over, and how much of it older hashes tell. Called by `desk`, which books, and by `verify`, which
//! looks whether what stands there is what was booked.

use domain::ledger::{CommandKind, Hold};

use crate::{secrets::HubKeys, store::ledger::facts::CallFacts};

/// What a hash is taken over: the hash before and everything that the journal says of a transaction.
#[cfg_attr(test, derive(serde::Serialize))]
pub(super) struct Told<'a> {
    pub before: &'a str,
    pub account: i64,
    pub seq: i64,
    pub kind: &'a str,
    pub booked_at: i64,
    pub call: Option<i64>,
    pub command: &'a str,
    pub actor: &'a str,
    pub balance: i64,
    pub held: i64,
    pub debt: i64,
    /// Account, lot, amount.
    pub entries: Vec<(&'a str, Option<i64>, i64)>,
    /// What the row of its call says of the hold that it ends.
    #[cfg_attr(test, serde(skip_serializing_if = "Option::is_none"))]
    pub ends: Option<EndedHold>,
    /// What it says of what is charged.
    #[cfg_attr(test, serde(skip_serializing_if = "Option::is_none"))]
    pub charged: Option<Charged<'a>>,
}

/// What is billed of a call, as its row goes on telling it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(super) struct Charged<'a> {
    started_at: i64,
    key: Option<i64>,
    project: Option<i64>,
    provider: Option<i64>,
    price: Option<i64>,
    cost: Option<i64>,
    drawn: Option<&'a str>,
    usage: [i64; 10],
    /// Whose call it is; none in hashes that do not tell.
    #[cfg_attr(test, serde(skip_serializing_if = "Option::is_none"))]
    person: Option<i64>,
}

impl<'a> From<&'a CallFacts> for Charged<'a> {
    fn from(facts: &'a CallFacts) -> Self {
        Self {
            started_at: facts.started_at,
            key: facts.key_id,
            project: facts.project_id,
            provider: facts.provider_id,
            price: facts.price_id,
            cost: facts.cost,
            drawn: facts.drawn.as_deref(),
            usage: facts.usage.listed(),
            person: Some(facts.person_id),
        }
    }
}

/// Whether a command of this kind charges a call.
pub(super) const fn charges(kind: CommandKind) -> bool {
    matches!(kind, CommandKind::Settle | CommandKind::Late | CommandKind::Allocate)
}

/// A hold that ends, as the row of its call goes on telling it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(super) struct EndedHold {
    pub amount: i64,
    pub authorised_at: i64,
    /// Whose call it is; none when its row was not there to be asked.
    pub person: Option<i64>,
}

/// How hashes begin that tell of an ended hold, without and with a person, and those that tell what is charged as well, without and with whose
/// call that is. Those from before they did begin with none of these.
const OF_A_HOLD: &str = "h.";
const OF_A_PERSON: &str = "p.";
const OF_A_CHARGE: &str = "c.";
const OF_A_BILL: &str = "b.";

/// What a call's end tells has some seven hundred bytes.
const TOLD: usize = 1_024;

impl Told<'_> {
    pub fn hash(&self, keys: &HubKeys) -> String {
        let hash = keys.ledger_hash(&self.json());
        match self.ends {
            _ if self.charged.is_some_and(|charged| charged.person.is_some()) => format!("{OF_A_BILL}{hash}"),
            _ if self.charged.is_some() => format!("{OF_A_CHARGE}{hash}"),
            None => hash,
            Some(EndedHold { person: None, .. }) => format!("{OF_A_HOLD}{hash}"),
            Some(EndedHold { person: Some(_), .. }) => format!("{OF_A_PERSON}{hash}"),
        }
    }

    /// As JSON. Written by hand: it comes with each charge, and to have it written by `serde_json` was an eighth of the instructions that
    /// money adds to a call. What it writes is what `serde_json` writes.
    fn json(&self) -> Vec<u8> {
        let mut json = Json(Vec::with_capacity(TOLD));
        json.plain("{\"before\":").text(self.before);
        json.plain(",\"account\":").number(self.account);
        json.plain(",\"seq\":").number(self.seq);
        json.plain(",\"kind\":").text(self.kind);
        json.plain(",\"booked_at\":").number(self.booked_at);
        json.plain(",\"call\":").number_or_null(self.call);
        json.plain(",\"command\":").text(self.command);
        json.plain(",\"actor\":").text(self.actor);
        json.plain(",\"balance\":").number(self.balance);
        json.plain(",\"held\":").number(self.held);
        json.plain(",\"debt\":").number(self.debt);
        json.plain(",\"entries\":[");
        for (n, (account, lot, amount)) in self.entries.iter().enumerate() {
            json.plain(if n == 0 { "[" } else { ",[" }).text(account);
            json.plain(",").number_or_null(*lot);
            json.plain(",").number(*amount).plain("]");
        }
        json.plain("]");
        if let Some(ends) = &self.ends {
            json.plain(",\"ends\":{\"amount\":").number(ends.amount);
            json.plain(",\"authorised_at\":").number(ends.authorised_at);
            json.plain(",\"person\":").number_or_null(ends.person).plain("}");
        }
        if let Some(charged) = &self.charged {
            json.plain(",\"charged\":{\"started_at\":").number(charged.started_at);
            json.plain(",\"key\":").number_or_null(charged.key);
            json.plain(",\"project\":").number_or_null(charged.project);
            json.plain(",\"provider\":").number_or_null(charged.provider);
            json.plain(",\"price\":").number_or_null(charged.price);
            json.plain(",\"cost\":").number_or_null(charged.cost);
            json.plain(",\"drawn\":");
            match charged.drawn {
                Some(drawn) => json.text(drawn),
                None => json.plain("null"),
            };
            for (n, tokens) in charged.usage.iter().enumerate() {
                json.plain(if n == 0 { ",\"usage\":[" } else { "," }).number(*tokens);
            }
            json.plain("]");
            if let Some(person) = charged.person {
                json.plain(",\"person\":").number(person);
            }
            json.plain("}");
        }
        json.plain("}");
        json.0
    }

    /// Of this hold and whose call it is, as much as a hash tells of.
    pub fn ends(hash: &str, hold: Hold, person: i64) -> Option<EndedHold> {
        let of_a_person = [OF_A_PERSON, OF_A_CHARGE, OF_A_BILL]
            .iter()
            .any(|begin| hash.starts_with(begin));
        (of_a_person || hash.starts_with(OF_A_HOLD)).then_some(EndedHold {
            amount: hold.amount.nano(),
            authorised_at: hold.authorised_at.microseconds(),
            person: of_a_person.then_some(person),
        })
    }

    /// The same of what is charged.
    pub fn charged<'a>(hash: &str, facts: Option<&'a CallFacts>) -> Option<Charged<'a>> {
        let of_whom = hash.starts_with(OF_A_BILL);
        let facts = facts.filter(|_| of_whom || hash.starts_with(OF_A_CHARGE))?;
        let charged = Charged::from(facts);
        Some(Charged {
            person: charged.person.filter(|_| of_whom),
            ..charged
        })
    }
}

/// JSON in the making.
struct Json(Vec<u8>);

impl Json {
    fn plain(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.plain(itoa::Buffer::new().format(number))
    }

    fn number_or_null(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            Some(number) => self.number(number),
            None => self.plain("null"),
        }
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.0.push(b'"');
        let mut rest = text;
        while let Some(at) = rest.find(|letter: char| letter < ' ' || letter == '"' || letter == '\\') {
            let (before, behind) = rest.split_at(at);
            let (escaped, left) = behind.split_at(1);
            self.plain(before);
            match escaped {
                "\"" | "\\" => self.plain("\\").plain(escaped),
                "\u{8}" => self.plain("\\b"),
                "\t" => self.plain("\\t"),
                "\n" => self.plain("\\n"),
                "\u{c}" => self.plain("\\f"),
                "\r" => self.plain("\\r"),
                control => self.plain(&format!(
                    "\\u{:04x}",
                    control.as_bytes().first().copied().unwrap_or_default()
                )),
            };
            rest = left;
        }
        self.plain(rest);
        self.0.push(b'"');
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Hashes of before were taken over what `serde_json` wrote.
        #[test]
        fn it_is_written_as_serde_json_writes_it(
            texts in proptest::array::uniform4(prop_oneof![".{0,20}", "[\\x00-\\x7f]{0,40}"]),
            numbers in any::<[i64; 6]>(),
            call in any::<Option<i64>>(),
            entries in proptest::collection::vec((".{0,12}", any::<Option<i64>>(), any::<i64>()), 0..4),
            ends in any::<Option<(i64, i64, Option<i64>)>>(),
            charged in any::<Option<(i64, [Option<i64>; 6], [i64; 10])>>(),
            drawn in proptest::option::of(".{0,20}"),
        ) {
            let told = Told {
                before: &texts[0],
                account: numbers[0],
                seq: numbers[1],
                kind: &texts[1],
                booked_at: numbers[2],
                call,
                command: &texts[2],
                actor: &texts[3],
                balance: numbers[3],
                held: numbers[4],
                debt: numbers[5],
                entries: entries.iter().map(|(account, lot, amount)| (account.as_str(), *lot, *amount)).collect(),
                charged: charged.map(|(started_at, [key, project, provider, price, cost, person], usage)| Charged {
                    started_at, key, project, provider, price, cost, drawn: drawn.as_deref(), usage, person,
                }),
                ends: ends.map(|(amount, authorised_at, person)| EndedHold { amount, authorised_at, person }),
            };
            prop_assert_eq!(String::from_utf8(told.json()).unwrap(), serde_json::to_string(&told).unwrap());
        }
    }
}
