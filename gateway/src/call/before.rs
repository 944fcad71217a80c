//! What a call has to wait for before credit is held for it: files that its provider does not fetch (`files`), the place of the
//! answer that it goes on with (`pinned`), prices that were seen a moment ago (`snapshot::seen`). Most calls wait for nothing and never come here. The call runs already, and its row is on the
//! way to the disk: a client that leaves, Stop and a shutdown end it, and it is listed however it ends. Nothing was sent for it by
//! then, so it costs nothing. Called by `task`.

use std::sync::Arc;

use domain::{
    credit::Balance,
    ledger::Shortage,
    limit::{Measure, Ruled as _},
};

use super::{
    CallError, Caller, files,
    funds::{Funds, Needs},
    pinned,
    record::Record,
    refused,
    running::Stop,
    task::{Ending, Task, wait_for_leave},
};
use crate::{Candidate, Inner, limits::KnownLimit, usage::UsageSums, wire::Scanned};

impl Task {
    /// Something has to be had before it can be decided how the call is paid.
    pub fn has_to_wait(&self) -> bool {
        !self.named.is_empty() || self.scanned.previous().is_some()
    }

    /// Gets all that has to be had first, and decides then how the call is paid.
    pub async fn prepare(&mut self, inner: &Inner, stop: &Stop, record: &mut Record) -> Result<(), Ending> {
        record.list(inner);
        let Self {
            scanned,
            candidate,
            named,
            request,
            client,
            ..
        } = &mut *self;
        let fetched = async {
            if !named.is_empty() {
                afford(inner, candidate, scanned, request.caller).await?;
                let applying = inner.snapshot.load().limits().applying(request.caller, candidate);
                if let Some(applying) = applying {
                    let looked = inner.look_at_limits(applying).await;
                    looked.map_err(|error| refused::refused(inner, request.caller, error))?;
                }
                let whose = (request.caller.user, &request.room);
                files::fetch(inner, whose, named, scanned, record).await?;
            }
            pinned::find(inner, request.caller.user, &candidate.provider, scanned.previous()).await
        };
        let sender = client.as_ref().map(|client| &client.sender);
        let place = tokio::select! {
            biased;
            // Whatever the provider's policy is: it was asked for nothing yet.
            why = wait_for_leave(stop, sender, true) => return Err(Ending::Left(why)),
            place = fetched => place?,
        };
        self.place = place;
        // Prices may have changed while that was waited for; the one of now counts.
        loop {
            self.fund(inner, record)?;
            if self.is_funded {
                return Ok(());
            }
            let sender = self.client.as_ref().map(|client| &client.sender);
            tokio::select! {
                biased;
                why = wait_for_leave(stop, sender, true) => return Err(Ending::Left(why)),
                seen = inner.look_again() => seen?,
            }
        }
    }

    /// Decides how the call is paid, unless the prices were not seen for too long.
    pub fn fund(&mut self, inner: &Inner, record: &mut Record) -> Result<(), CallError> {
        self.scanned.before = self.place.and_then(|place| place.tokens);
        // The moment by which holds are dated: a clock that is set back must not take prices away that hold already.
        let (dialect, now) = (self.request.dialect, inner.clock.now());
        if !inner.seen.is_fresh(now) {
            return Ok(());
        }
        // Read after that: what was in memory before may be older than what was seen.
        let snapshot = &**inner.snapshot.load();
        let limits = snapshot.limits().applying(self.request.caller, &self.candidate);
        let needs = limits.as_deref().map(needs).unwrap_or_default();
        let funds = Funds::decide(snapshot, dialect, &self.candidate, &self.scanned, now, needs)?;
        if funds.is_counted() {
            self.scanned.counts();
        }
        record.fund(funds, now);
        record.limit(limits, self.request.caller);
        self.is_funded = true;
        Ok(())
    }
}

fn needs(limits: &[Arc<KnownLimit>]) -> Needs {
    let counts = |measure| limits.iter().any(|known| known.limit().measure == measure);
    Needs {
        tokens: counts(Measure::Tokens),
        spend: counts(Measure::Spend),
    }
}

/// Nothing is fetched for somebody who could not pay for the rest of the call, nor where a limit refuses it.
async fn afford(inner: &Inner, candidate: &Candidate, scanned: &Scanned, caller: Caller) -> Result<(), CallError> {
    let now = inner.clock.now();
    let least = Funds::foreseen(&inner.snapshot.load(), candidate, scanned, now);
    let Some(needed) = least.filter(|least| !least.is_zero()) else {
        return Ok(());
    };
    let credit = UsageSums(inner).credit_of(caller).await;
    let Balance {
        spendable, held, debt, ..
    } = credit.map_err(|error| refused::refused(inner, caller, error))?;
    Shortage::unless_affordable(needed, spendable, held, debt)
        .map_err(|shortage| refused::short(inner, caller, &shortage))
}
