//! What is asked on accounts that other servers keep (`store::ledger::keep`). They are asked for them, once for each keeping, and it is tried again
//! and again until they have given them back; from one that does not an account is taken. Others need not wait for that.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use domain::id::AccountId;

use super::Asked;
use crate::{
    Inner,
    backoff::Backoff,
    store::{
        StoreError,
        ledger::keep::{self, Keep, PATIENCE},
    },
};

/// Between tries: others wait, and whoever keeps an account gives it back at once.
const BACKOFF: Backoff = Backoff::of_millis(2, 20);

/// Somebody who waits for an account that a server keeps.
pub(in crate::ledger) struct Asking {
    account: AccountId,
    /// Which keeping was asked to end, and when.
    asked: Option<(Keep, Instant)>,
    backoff: Backoff,
}

impl Asking {
    pub const fn new(account: AccountId) -> Self {
        Self {
            account,
            asked: None,
            backoff: BACKOFF,
        }
    }

    /// Asks for the account, or takes it when the time is up.
    pub async fn ask(&mut self, inner: &Inner) -> Result<(), StoreError> {
        let asked = keep::ask(&inner.store, &[self.keeping()]).await?;
        self.was_asked(asked.get(&self.account).copied());
        self.take(inner).await
    }

    const fn keeping(&self) -> (AccountId, Option<Keep>) {
        match self.asked {
            Some((keep, _)) => (self.account, Some(keep)),
            None => (self.account, None),
        }
    }

    /// Time counts from when it was asked for. Whoever has given it back and keeps it again is asked anew.
    fn was_asked(&mut self, keep: Option<Keep>) {
        if let Some(keep) = keep {
            self.asked = Some((keep, Instant::now()));
        }
    }

    async fn take(&mut self, inner: &Inner) -> Result<(), StoreError> {
        let Some((keep, at)) = self.asked else { return Ok(()) };
        if at.elapsed() > PATIENCE {
            if keep::take_from(&inner.store, self.account, keep).await? {
                let account = self.account;
                tracing::warn!(%account, "a server that kept an account did not answer; the account was taken from it");
            }
            self.asked = None;
        }
        Ok(())
    }

    /// So long until it is tried again.
    pub fn pause(&mut self) -> Duration {
        self.backoff.pause()
    }
}

struct Waiting {
    asking: Asking,
    next: Instant,
    asked: Vec<Asked>,
}

/// What waits, by accounts.
#[derive(Default)]
pub(super) struct Elsewhere(HashMap<AccountId, Waiting>);

impl Elsewhere {
    /// When there is something to try again.
    pub fn next(&self) -> Option<Instant> {
        self.0.values().map(|waiting| waiting.next).min()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts what is asked on accounts that are waited for behind what waits for them, and adds what is to be tried again.
    pub fn divert(&mut self, asked: Vec<Asked>, now: Instant) -> Vec<Asked> {
        let mut others = Vec::with_capacity(asked.len());
        for asked in asked {
            match self.0.get_mut(&asked.job.account) {
                Some(waiting) => waiting.asked.push(asked),
                None => others.push(asked),
            }
        }
        for waiting in self.0.values_mut().filter(|waiting| waiting.next <= now) {
            others.append(&mut waiting.asked);
        }
        others
    }

    /// These wait, or still do, after it was tried; what was tried and does not wait any more was booked. What was not tried in this round keeps its turn.
    pub async fn wait(&mut self, inner: &Inner, asked: Vec<Asked>) {
        let mut tried: HashSet<AccountId> = HashSet::new();
        for asked in asked {
            let account = asked.job.account;
            tried.insert(account);
            let waiting = self.0.entry(account).or_insert_with(|| Waiting {
                asking: Asking::new(account),
                next: Instant::now(),
                asked: Vec::new(),
            });
            waiting.asked.push(asked);
        }
        self.0.retain(|_, waiting| !waiting.asked.is_empty());
        let of_the_tried = self.0.iter_mut().filter(|(account, _)| tried.contains(account));
        let mut tried: Vec<&mut Waiting> = of_the_tried.map(|(_, waiting)| waiting).collect();
        if tried.is_empty() {
            return;
        }
        if let Err(error) = ask_all(inner, &mut tried).await {
            tracing::warn!(%error, "servers that keep accounts could not be asked for them");
        }
        for waiting in tried {
            waiting.next = Instant::now() + waiting.asking.pause();
        }
    }
}

async fn ask_all(inner: &Inner, tried: &mut [&mut Waiting]) -> Result<(), StoreError> {
    let keepings: Vec<_> = tried.iter().map(|waiting| waiting.asking.keeping()).collect();
    let asked = keep::ask(&inner.store, &keepings).await?;
    for waiting in tried {
        let asking = &mut waiting.asking;
        asking.was_asked(asked.get(&asking.account).copied());
        asking.take(inner).await?;
    }
    Ok(())
}
