//! What a call needs before it may go on: its hold, its part of limits, its row on the way to the disk, and more of the first two
//! while a stream grows.
//! Called by `task` and `stream`.

use std::time::Duration;

use domain::{limit::Measure, money::Amount};
use tokio::{sync::oneshot::error::TryRecvError, time::timeout};

use super::{Record, SETTLE_LIMIT};
use crate::{
    Error, Inner,
    call::{CallError, funds::Reach, patience::while_it_gets_on, refused, task},
    ledger::{Admitted, Done, Growth},
    limits::Claim,
    recorder::Opened,
    step::{self, Step},
    store::calls::Limited,
};

/// A call waits to be admitted no longer than this, however busy the ledger is.
const ADMISSION_LIMIT: Duration = Duration::from_secs(10);

impl Record {
    /// Puts the row of a call that cannot be admitted yet on the way to the disk.
    pub fn list(&mut self, inner: &Inner) {
        inner.recorder.begin(self.row.clone(), false);
        self.listed = true;
    }

    /// Begins the call: admits it where that needs credit, and puts its row on the way to the disk. The row of a stream is
    /// waited for before its first byte.
    pub async fn begin(&mut self, inner: &Inner) -> Result<Option<Opened>, CallError> {
        let (mut admitted, mut left) = (Admitted::InMemory, None);
        let ask = self.funds.ask();
        let claim = self.limits.as_ref().map(|limits| limits.claim(ask));
        if let Some(wish) = self.funds.wish() {
            // What only some calls do is boxed, so that the future of all others is small: it is moved.
            let asked = Box::pin(inner.admit(&mut self.row, wish, claim.as_ref(), self.listed));
            let decided = in_time(inner, asked)
                .await
                .map_err(|error| refused::refused(inner, self.row.caller(), error))?;
            (admitted, left) = (decided.0, Some(decided.1));
        } else {
            if self.funds.is_allocated() {
                let ready = Box::pin(inner.prepare(self.row.account));
                in_time(inner, ready)
                    .await
                    .map_err(|error| refused::refused(inner, self.row.caller(), error))?;
            }
            if let Some(claim) = &claim {
                let asked = Box::pin(inner.claim(&self.row, claim));
                admitted = in_time(inner, asked)
                    .await
                    .map_err(|error| refused::refused(inner, self.row.caller(), error))?;
            }
        }
        self.admitted(claim.as_ref());
        self.funds.begins(self.reach(left));
        let streamed = self.row.streamed;
        let opened = match admitted {
            Admitted::InMemory => inner.open(&self.row, self.listed, streamed),
            Admitted::Written => streamed.then(Opened::written),
        };
        if admitted == Admitted::InMemory {
            step::reached(Step::HoldQueued);
        }
        Ok(opened)
    }

    /// What was admitted is the call's from now on.
    fn admitted(&mut self, claim: Option<&Claim>) {
        if let (Some(limits), Some(claim)) = (&mut self.limits, claim)
            && let Some(takings) = limits.take_over(claim)
        {
            self.row.limited = Limited::of(takings);
        }
        let granted = self.limits.as_ref().and_then(|limits| limits.granted());
        let tokens = granted.and_then(|granted| u64::try_from(granted.tokens).ok());
        self.funds.admitted(self.paid_for(), tokens);
    }

    /// What it may come to, where so much credit is left beside its hold; none: it needs no credit.
    fn reach(&self, left: Option<Amount>) -> Reach {
        let limit = |measure| self.limits.as_ref()?.reach(measure);
        let spend = limit(Measure::Spend).and_then(Amount::from_nano);
        let credit = left.map(|left| self.paid_for().checked_add(left).unwrap_or(Amount::MAX));
        let tokens = limit(Measure::Tokens).and_then(|tokens| u64::try_from(tokens).ok());
        Reach {
            money: credit.into_iter().chain(spend).min().unwrap_or(Amount::MAX),
            tokens: tokens.unwrap_or(u64::MAX),
        }
    }

    /// What it holds, or has of limits of spend.
    fn paid_for(&self) -> Amount {
        let of_limits = || {
            let granted = self.limits.as_ref()?.granted()?;
            Amount::from_nano(granted.spend)
        };
        let held = self.row.money.hold.map(|hold| hold.amount);
        held.or_else(of_limits).unwrap_or_default()
    }

    /// Asks for one more step of the answer: for credit, and of limits. Whether it is there shows [`Record::grown`].
    pub async fn grow(&mut self, inner: &Inner) -> Result<(), CallError> {
        let (wish, ask) = self.funds.step(self.paid_for()).ok_or_else(|| {
            tracing::error!(call = %self.row.id, "a longer answer has no price");
            task::internal_error()
        })?;
        let claim = self.limits.as_ref().map(|limits| limits.claim(ask));
        let pays = self.row.money.hold.is_some() && !wish.most.is_zero();
        let growth = match &claim {
            _ if pays => inner.extend_call(&self.row, wish, claim.as_ref()).await,
            Some(claim) => inner.claim_more(&self.row, claim).await,
            None => {
                self.admitted(None);
                return Ok(());
            }
        };
        match growth {
            Growth::Now(done) => self.take_over(inner, done, claim.as_ref()),
            Growth::Later(done) => {
                self.growing = Some((done, claim));
                Ok(())
            }
        }
    }

    /// More was asked for, and its answer was not taken over yet.
    pub fn is_growing(&self) -> bool {
        self.growing.is_some()
    }

    /// Takes over what was asked for. None: nothing was, or its answer is not here and is not waited for.
    pub async fn grown(&mut self, inner: &Inner, wait: bool) -> Option<Result<(), CallError>> {
        let (mut growing, claim) = self.growing.take()?;
        let done = if wait {
            let done = timeout(SETTLE_LIMIT, growing).await;
            done.ok().and_then(Result::ok)
        } else {
            match growing.try_recv() {
                Ok(done) => Some(done),
                Err(TryRecvError::Empty) => {
                    self.growing = Some((growing, claim));
                    return None;
                }
                Err(TryRecvError::Closed) => None,
            }
        };
        Some(self.take_over(inner, done.unwrap_or(Err(Error::LedgerBehind)), claim.as_ref()))
    }

    fn take_over(&mut self, inner: &Inner, done: Done, claim: Option<&Claim>) -> Result<(), CallError> {
        match done {
            Ok(Some(effects)) => self.row.money.note(&effects, None),
            // Limits alone were asked.
            Ok(None) if claim.is_some() => {}
            Ok(None) => return Err(refused::refused(inner, self.row.caller(), Error::LedgerBehind)),
            Err(error) => return Err(refused::refused(inner, self.row.caller(), error)),
        }
        self.admitted(claim);
        Ok(())
    }
}

/// What the ledger says, if it does so in time. Where it does not get on, nobody waits longer than it takes to see that.
async fn in_time<T>(inner: &Inner, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let asked = while_it_gets_on(ADMISSION_LIMIT.min(inner.outage), || inner.gets_on(), asked).await;
    asked.unwrap_or(Err(Error::LedgerBehind))
}
