//! Programs that ask for a key, such as `aigne hub connect`: the program begins and waits, a person approves or denies it in the
//! console, the program fetches the key.
//!
//! The token that the program gets names its request: whoever knows it may fetch the key. It is 256 bits of chance, the
//! database knows its HMAC, and the challenge that the program is told is worked out from it, so nothing of either is stored.
//! The key is an ordinary one of the person who approves. It lies sealed beside the request until it is fetched, a minute
//! longer for programs that ask twice (the clients do), and is gone then: nobody can fetch it again.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    access::KeyHolder,
    id::KeyId,
    key::{ApiKey, Right},
    name::Label,
    refusal::{Refusal, Thing},
    time::{Micros, Timestamp},
};

use crate::{
    Error, Inner, KeyDraft, Origin, SecretText,
    secrets::{random, salted},
    sign_in::network,
    store::{
        StoreError,
        connections::{self as table, Row},
        people,
    },
};

/// Use-cases about programs that ask for a key.
pub struct Connections<'a>(pub(crate) &'a Inner);

/// A request waits so long for its answer.
const PATIENCE: Micros = Micros::from_seconds(15 * 60);
/// An approved key waits so long for its program.
const FETCHED_WITHIN: Micros = Micros::from_seconds(2 * 60);
/// A key may be fetched again for so long after it was fetched first.
const FETCHED_AGAIN: Micros = Micros::from_seconds(60);
/// Requests from one network within [`PATIENCE`].
const OF_NETWORK: i64 = 20;
/// Requests at the same time, from wherever.
const ALL: i64 = 5_000;
/// Seconds until a network may ask again.
const LATER: u32 = 60;
/// Digits of a challenge.
const CHALLENGE: usize = 48;
/// Longest token that is looked at; ours have 43 letters.
const TOKEN_LENGTH: usize = 64;
const MISSING: Refusal = Refusal::NotFound {
    what: Thing::Connection,
};

/// A request that has begun.
#[derive(Clone, Debug)]
pub struct BegunConnection {
    /// Names the request. A secret.
    pub token: SecretText,
    /// What the key will be encrypted with, beside its id.
    pub challenge: String,
}

/// What a program finds that looks for its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Nobody has answered yet.
    Waiting {
        /// As in [`BegunConnection`].
        challenge: String,
    },
    /// Somebody has approved it.
    Approved {
        /// As in [`BegunConnection`].
        challenge: String,
        /// The key's id.
        key: KeyId,
        /// The key, encrypted as the programs read it.
        encrypted: String,
    },
    /// Somebody has denied it.
    Denied,
}

/// A request as the person sees it who is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedFor {
    /// The network that it was asked from.
    pub network: String,
    /// The person who looks comes from the same network.
    pub same_network: bool,
    /// The program's description of itself.
    pub agent: String,
    /// When.
    pub at: Timestamp,
    /// Until when it can be answered.
    pub until: Timestamp,
}

impl Connections<'_> {
    /// A program asks.
    ///
    /// # Errors
    /// [`Refusal::TryLater`] when there are too many; the database's.
    pub async fn begin(&self, origin: Origin<'_>, agent: &str) -> Result<BegunConnection, Error> {
        let now = self.0.clock.now();
        let network = network(origin.address.unwrap_or_default());
        let (of_network, all) = table::counts(&self.0.store, &network, now.plus(Micros(-PATIENCE.0))).await?;
        if of_network >= OF_NETWORK || all >= ALL {
            return Err(Refusal::TryLater { seconds: LATER }.into());
        }
        let token = SecretText::from(URL_SAFE_NO_PAD.encode(random::<32>()?));
        let row = Row {
            id: self.0.ids.next(now),
            state: String::new(),
            network,
            agent: agent.chars().filter(|letter| !letter.is_control()).take(200).collect(),
            key_id: None,
            sealed: None,
            fetched_at: None,
            created_at: now.microseconds(),
            expires_at: now.plus(PATIENCE).microseconds(),
        };
        table::insert(&self.0.store, &self.hash(token.expose()), &row).await?;
        Ok(BegunConnection {
            challenge: self.challenge(token.expose()),
            token,
        })
    }

    /// A program looks for its key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for unknown tokens and for requests whose time is over; [`Refusal::TryLater`] for whoever tries
    /// tokens; the database's.
    pub async fn fetch(&self, origin: Origin<'_>, token: &str) -> Result<Fetched, Error> {
        let now = self.0.clock.now();
        let row = self.known(origin, token, now).await?;
        let challenge = self.challenge(token);
        let (key, sealed) = match (row.state.as_str(), row.key_id, &row.sealed) {
            ("denied", ..) => return Ok(Fetched::Denied),
            ("approved", Some(key), Some(sealed)) => (KeyId::from_number(key), sealed),
            _ => return Ok(Fetched::Waiting { challenge }),
        };
        match row.fetched_at.map(Timestamp) {
            None => table::note_fetched(&self.0.store, row.id, now).await?,
            Some(first) if now.since(first) < FETCHED_AGAIN => {}
            Some(_) => return Err(MISSING.into()),
        }
        let plain = self.0.keys.session_data.open(sealed, &binding(row.id))?;
        let secret = std::str::from_utf8(&plain).map_err(|_| StoreError::Row {
            table: "connection",
            column: "sealed",
        })?;
        Ok(Fetched::Approved {
            encrypted: salted::encrypt(secret, &challenge, &key.to_string())?,
            challenge,
            key,
        })
    }

    /// A program is done, or gives up. What is unknown is left as it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn end(&self, token: &str) -> Result<(), Error> {
        if token.len() <= TOKEN_LENGTH {
            table::delete(&self.0.store, &self.hash(token)).await?;
        }
        Ok(())
    }

    /// What a person is asked to answer.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is unknown, answered or too old; as [`Connections::fetch`].
    pub async fn asked_for(&self, _: &KeyHolder, origin: Origin<'_>, token: &str) -> Result<AskedFor, Error> {
        let row = self.known(origin, token, self.0.clock.now()).await?;
        if row.state != "waiting" {
            return Err(MISSING.into());
        }
        Ok(AskedFor {
            same_network: row.network == network(origin.address.unwrap_or_default()),
            network: row.network,
            agent: row.agent,
            at: Timestamp(row.created_at),
            until: Timestamp(row.expires_at),
        })
    }

    /// A person approves: a key of theirs is made for the program. Once.
    ///
    /// # Errors
    /// As [`Connections::asked_for`].
    pub async fn approve(
        &self,
        holder: &KeyHolder,
        origin: Origin<'_>,
        token: &str,
        name: &Label,
    ) -> Result<ApiKey, Error> {
        self.known(origin, token, self.0.clock.now()).await?;
        let (viewer, actor) = (holder.viewer(), holder.viewer().actor());
        let mut change = self.0.change(&actor, origin).await?;
        let row = table::load_in(&mut change.tx, &self.hash(token), change.at).await?;
        let row = row.filter(|row| row.state == "waiting").ok_or(MISSING)?;
        let keys = crate::Keys(self.0);
        let owner = people::get_in(&mut change.tx, viewer.id).await?.ok_or(MISSING)?;
        let new = keys
            .create_in(&mut change, &actor, &owner, &KeyDraft::named(name), Right::Owner)
            .await?;
        let sealed = self
            .0
            .keys
            .session_data
            .seal(new.secret.expose().as_bytes(), &binding(row.id))?;
        let until = change.at.plus(FETCHED_WITHIN);
        let answered = table::answer(&mut change.tx, row.id, "approved", Some((new.key.id, &sealed)), until).await?;
        if answered == 0 {
            // Changes are made one after the other, so somebody has come between who makes none.
            return Err(MISSING.into());
        }
        self.0.finish(change).await?;
        Ok(new.key)
    }

    /// A person denies. Once.
    ///
    /// # Errors
    /// As [`Connections::asked_for`].
    pub async fn deny(&self, holder: &KeyHolder, origin: Origin<'_>, token: &str) -> Result<(), Error> {
        self.known(origin, token, self.0.clock.now()).await?;
        let actor = holder.viewer().actor();
        let mut change = self.0.change(&actor, origin).await?;
        let row = table::load_in(&mut change.tx, &self.hash(token), change.at).await?;
        let row = row.ok_or(MISSING)?;
        let until = change.at.plus(FETCHED_WITHIN);
        if table::answer(&mut change.tx, row.id, "denied", None, until).await? == 0 {
            return Err(MISSING.into());
        }
        change.commit().await?;
        Ok(())
    }

    /// The request of this token. Who tries tokens waits longer and longer; who has the right one does not wait for those who
    /// share the network: a program that asks every second, and others whose time is over.
    async fn known(&self, origin: Origin<'_>, token: &str, now: Timestamp) -> Result<Row, Error> {
        if token.len() <= TOKEN_LENGTH
            && let Some(row) = table::load(&self.0.store, &self.hash(token), now).await?
        {
            return Ok(row);
        }
        let names = [format!("connection {}", network(origin.address.unwrap_or_default()))];
        self.0.throttle.check(&names, now)?;
        self.0.throttle.fail(names.to_vec(), now);
        Err(MISSING.into())
    }

    /// What the database knows a token by. Begins unlike a session's token, so neither can stand in for the other.
    fn hash(&self, token: &str) -> String {
        self.0.keys.session_hash(&format!("connection {token}"))
    }

    /// What the program is told beside its token.
    fn challenge(&self, token: &str) -> String {
        let mut challenge = self.0.keys.session_hash(&format!("challenge {token}"));
        challenge.truncate(CHALLENGE);
        challenge
    }
}

/// What a sealed key is bound to.
fn binding(id: i64) -> String {
    format!("connection:{id}")
}

/// Removes what is over. Called by the sweeper.
pub(crate) async fn forget(inner: &Inner, now: Timestamp) -> Result<(), Error> {
    table::delete_old(&inner.store, now, FETCHED_AGAIN).await?;
    Ok(())
}
