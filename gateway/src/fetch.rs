//! Fetches files that a client names by their address, for providers that do not fetch them. Called by `call::files`.
//!
//! Whoever writes an address into a request would like the hub to look where they cannot: at this machine, at its neighbours, at the
//! metadata of its cloud. So a name is looked up here, only addresses that belong to everybody are kept (`guard`), and the
//! connection goes to these and no others, at each redirect anew. `HUB_FETCH_ALLOW` names networks beside them. Nothing of the
//! caller goes along, nothing is kept, and why it failed is told without what stands behind the address.

mod guard;
mod kind;
mod places;
mod problem;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use domain::{id::UserId, network::Network};
use reqwest::{Response, Url};
use tokio::time::{Instant, timeout_at};

use crate::{
    call::{Full, Room},
    http::{self, ClientError},
    wire::canonical::FileKind,
};
use guard::{Guard, Lookup};
use places::{Place, Places};
pub(crate) use problem::Problem;

/// Bytes of all files of one call; a file counts as often as the request names it.
pub(crate) const MOST_BYTES: usize = 20 << 20;
/// All files of a call are there after so long, or it is refused.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// Redirects that are followed.
const REDIRECTS: usize = 3;

/// Fetches files.
#[derive(Debug)]
pub(crate) struct Fetcher {
    client: reqwest::Client,
    guard: Arc<Guard>,
    places: Places,
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// Its media type, by its content where that tells.
    pub mime: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What the files of one call may still come to.
#[derive(Debug)]
pub(crate) struct Rest {
    bytes: AtomicUsize,
    until: Instant,
    /// Theirs in memory, in base64 as the provider is sent them.
    room: Room,
}

impl Rest {
    /// For a call that begins now and has this room.
    pub fn new(room: Room) -> Self {
        Self {
            bytes: AtomicUsize::new(MOST_BYTES),
            until: Instant::now() + PATIENCE,
            room,
        }
    }

    fn take(&self, bytes: usize) -> Result<(), Problem> {
        let less = |left: usize| left.checked_sub(bytes);
        let taken = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        taken.map_err(|_| Problem::TooLarge)?;
        let more = bytes.div_ceil(3) * 4;
        self.room.grow(more).map_err(|Full| match self.room.could_grow(more) {
            true => Problem::Full,
            false => Problem::TooLarge,
        })
    }
}

impl Fetcher {
    /// A fetcher that may also go into these networks.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(allowed: Vec<Network>) -> Result<Self, ClientError> {
        let guard = Arc::new(Guard::new(allowed));
        Ok(Self {
            client: http::guarded(Lookup(Arc::clone(&guard)))?,
            guard,
            places: Places::new(),
        })
    }

    /// A place among the calls whose files are fetched, for a call of this person.
    ///
    /// # Errors
    /// [`Problem::Late`].
    pub async fn place(&self, user: UserId, rest: &Rest) -> Result<Place<'_>, Problem> {
        let place = timeout_at(rest.until, self.places.take(user)).await;
        place.ok().flatten().ok_or(Problem::Late)
    }

    /// Whether a provider may be told this address: whoever looks there must find no more than everybody does.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn may_be_told(&self, address: &str) -> Result<(), Problem> {
        self.guard.check_told(address)
    }

    /// The file at this address, which is written at so many places of the request.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn fetch(&self, address: &str, kind: FileKind, places: usize, rest: &Rest) -> Result<Fetched, Problem> {
        let fetched = timeout_at(rest.until, self.follow(address, kind, rest)).await;
        let fetched = fetched.unwrap_or(Err(Problem::Late))?;
        rest.take(fetched.bytes.len().saturating_mul(places.saturating_sub(1)))?;
        Ok(fetched)
    }

    async fn follow(&self, address: &str, kind: FileKind, rest: &Rest) -> Result<Fetched, Problem> {
        let mut address = Url::parse(address).map_err(|_| Problem::Address)?;
        for _ in 0..=REDIRECTS {
            self.guard.check(&address)?;
            let request = self.client.get(address.clone()).header(ACCEPT_ENCODING, "identity");
            let response = request.send().await.map_err(|_| Problem::Unreachable)?;
            let status = response.status();
            if status.is_redirection() {
                let target = text(response.headers(), &LOCATION).ok_or(Problem::Unreachable)?;
                address = address.join(&target).map_err(|_| Problem::Address)?;
                continue;
            }
            if !status.is_success() {
                return Err(Problem::Status(status.as_u16()));
            }
            return read(response, kind, rest).await;
        }
        Err(Problem::Redirects)
    }
}

fn text(headers: &HeaderMap, name: &::http::HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

async fn read(mut response: Response, kind: FileKind, rest: &Rest) -> Result<Fetched, Problem> {
    let told = text(response.headers(), &CONTENT_TYPE);
    if text(response.headers(), &CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::Kind(kind));
    }
    let length = response.content_length().unwrap_or_default();
    if usize::try_from(length).is_ok_and(|length| length > MOST_BYTES) {
        return Err(Problem::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|_| Problem::Broken)? {
        rest.take(piece.len())?;
        bytes.extend_from_slice(&piece);
    }
    let mime = kind::media_type(kind, told.as_deref(), &bytes).ok_or(Problem::Kind(kind))?;
    Ok(Fetched { mime, bytes })
}

#[cfg(test)]
mod tests;
