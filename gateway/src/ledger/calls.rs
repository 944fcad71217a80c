//! Calls of this process: admitted for an amount, extended while they run, ended once.
//!
//! Where the ledger is owned, admission and extension are decided in memory in microseconds: they move no money, and stand
//! in the call's row, which is written before the first byte of a stream or with the call's end. So is admission on an account that a server
//! which shares the ledger keeps. Elsewhere each is a commit.
//! The end of a call is booked in the transaction that writes its row, its attempts and the sums of its hour.

use domain::{
    id::{AccountId, CallId},
    ledger::{Command, Effects, Outcome, Refusal, Totals},
    limit::{Ask, Counters, Ruled as _, Spent, Wanted},
    money::Amount,
    time::{Micros, Timestamp},
};

use tokio::sync::oneshot;

use super::{Books, CallRows, Done, Job, order};
use crate::{
    Error, Inner,
    limits::{Applying, Claim},
    recorder::Opened,
    store::{
        Tx,
        calls::{AttemptRow, CallRow},
        limits,
    },
};

/// What a call is admitted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The most that it may cost.
    pub most: Amount,
    /// What it must be able to cost; between the two it gets what can be spent.
    pub least: Amount,
}

/// How the end of a call is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Out of its hold.
    Settle(Amount),
    /// Not charged: the hold is given back.
    Release,
    /// As a cost of ours.
    Allocate(Amount),
}

/// What came of asking for more.
pub(crate) enum Growth {
    /// Known at once.
    Now(Done),
    /// To be had later.
    Later(oneshot::Receiver<Done>),
}

/// Where the row of an admitted call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// Nobody has written it yet.
    InMemory,
    /// It is durable.
    Written,
}

impl Inner {
    /// Admits a call, with what it claims of limits. Its row says so afterwards. `listed`: its row was handed to the log before.
    /// Gives what is neither held nor owed after that, too. Lots that have ended are among it until that is booked, so it only
    /// foretells what can be had.
    ///
    /// # Errors
    /// [`Error::Ledger`] when it is refused, [`Error::LedgerBehind`], [`Error::Quarantine`]; the database's.
    pub(crate) async fn admit(
        &self,
        row: &mut CallRow,
        wish: Wish,
        claim: Option<&Claim>,
        listed: bool,
    ) -> Result<(Admitted, Amount), Error> {
        let command = Command::Hold {
            call: row.id,
            amount: wish.most,
        };
        let mut job = Job::of(order(row.account, command), None);
        job.least = Some(wish.least);
        job.claim = claim.cloned();
        let (effects, admitted) = match &self.books {
            Books::Owned(owned) => (owned.admit(self, job).await?, Admitted::InMemory),
            Books::Shared(_) | Books::Direct => {
                job.call = Some(CallRows {
                    row: Box::new(row.clone()),
                    attempts: Vec::new(),
                });
                // Written with the hold, if it rests since the call had to wait for something.
                self.recorder.forget(row.id);
                let in_memory = match &self.books {
                    // Where a row may stand it is not believed to be new.
                    Books::Shared(shared) if !listed => shared.admit(self, &mut job),
                    _ => None,
                };
                match in_memory {
                    Some(effects) => (effects, Admitted::InMemory),
                    None => (self.run(job).await?, Admitted::Written),
                }
            }
        };
        row.money.note(&effects, None);
        let Totals {
            balance, held, debt, ..
        } = effects.after;
        Ok((admitted, balance.less(held).less(debt)))
    }

    /// Puts the row of a call that was admitted in memory on the way to the disk. What is given tells when it is there; none where nobody
    /// asks.
    pub(crate) fn open(&self, row: &CallRow, listed: bool, asks: bool) -> Option<Opened> {
        match &self.books {
            // It rests there since it was admitted.
            Books::Shared(shared) if row.money.holds() => {
                asks.then(|| Opened::by_ledger(shared.open(row.account, row.id)))
            }
            _ if asks => Some(self.recorder.open(row.clone(), listed)),
            _ => {
                self.recorder.begin(row.clone(), listed);
                None
            }
        }
    }

    /// Lets a call that needs no credit have what it claims of limits, or a running one more of it.
    ///
    /// # Errors
    /// [`Error::Ledger`] when a limit refuses, [`Error::LedgerBehind`]; the database's.
    pub(crate) async fn claim(&self, row: &CallRow, claim: &Claim) -> Result<Admitted, Error> {
        match &self.books {
            Books::Owned(owned) => {
                owned.claim(self, claim)?;
                Ok(Admitted::InMemory)
            }
            Books::Shared(shared) => {
                if claim.before.is_none() {
                    self.recorder.forget(row.id);
                }
                shared.run(self, claim_alone(row, claim)).await?;
                Ok(Admitted::Written)
            }
            // Calls run in servers.
            Books::Direct => Err(Error::LedgerBehind),
        }
    }

    /// A running call that needs no credit asks for more of its limits.
    pub(crate) async fn claim_more(&self, row: &CallRow, claim: &Claim) -> Growth {
        match &self.books {
            Books::Shared(shared) => Growth::Later(shared.ask(self, claim_alone(row, claim))),
            Books::Owned(_) | Books::Direct => Growth::Now(self.claim(row, claim).await.map(|_| None)),
        }
    }

    /// Counts something as a request that is no call and uses nothing.
    ///
    /// # Errors
    /// [`Error::Ledger`] when a limit refuses; the database's.
    pub(crate) async fn count_request(&self, applying: Applying) -> Result<(), Error> {
        let begins = Ask {
            begins: true,
            ..Ask::default()
        };
        let claim = Claim::new(applying, begins, None);
        if let Books::Owned(owned) = &self.books {
            // Whoever asks in vain keeps nobody from writing.
            owned.look(self, &claim)?;
        }
        let mut tx = self.store.begin().await?;
        if let Books::Owned(owned) = &self.books {
            owned.claim(self, &claim)?;
        } else {
            let (mut counters, now) = (self.counters(&mut tx, &claim).await?, self.clock.now());
            let granted = claim.offer(&counters, now).map_err(Refusal::Limit)?;
            claim.take(&mut counters, granted, now);
        }
        let takings = claim.had().map(|had| had.takings).unwrap_or_default();
        if let Books::Owned(owned) = &self.books {
            owned.settle_limits(&takings, Spent::default());
        }
        limits::add_request(&mut tx, &takings).await?;
        Ok(tx.commit().await?)
    }

    /// Whether a call that is about to begin has no chance, as its limits stand now. Nothing is taken.
    ///
    /// # Errors
    /// [`Error::Ledger`] when a limit refuses; the database's.
    pub(crate) async fn look_at_limits(&self, applying: Applying) -> Result<(), Error> {
        let one = Wanted { most: 1, least: 1 };
        let ask = Ask {
            begins: true,
            tokens: one,
            ..Ask::default()
        };
        let claim = Claim::new(applying, ask, None);
        if let Books::Owned(owned) = &self.books {
            return Ok(owned.look(self, &claim)?);
        }
        let mut tx = self.store.begin().await?;
        let (counters, now) = (self.counters(&mut tx, &claim).await?, self.clock.now());
        claim.offer(&counters, now).map_err(Refusal::Limit)?;
        Ok(())
    }

    async fn counters(&self, tx: &mut Tx, claim: &Claim) -> Result<Counters, Error> {
        let ids: Vec<_> = claim.ids().collect();
        Ok(limits::load(tx, &ids, &[]).await?)
    }

    /// What a call had reserved of limits is free, but for what its row says that it used. Where servers share the ledger that
    /// was written with the row.
    pub(crate) fn settle_limits(&self, row: &CallRow) {
        if let (Books::Owned(owned), Some(limited)) = (&self.books, &row.limited) {
            owned.settle_limits(&limited.takings, row.spent());
        }
    }

    /// Forgets what counts in no window any more.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn tidy_limits(&self) -> Result<(), Error> {
        let now = self.clock.now();
        if let Books::Owned(owned) = &self.books {
            let snapshot = self.snapshot.load();
            owned.tidy_limits(|id| {
                let known = snapshot.limits().get(id)?;
                let span = known.limit().window.span();
                Some(span.map_or(Timestamp(i64::MIN), |span| now.plus(Micros(-span.forgotten_after().0))))
            });
        }
        Ok(limits::tidy(&self.store, now).await?)
    }

    /// Makes ready for a call whose cost will be allocated, so that its end needs no wait before it is queued.
    ///
    /// # Errors
    /// As [`Inner::admit`].
    pub(crate) async fn prepare(&self, account: AccountId) -> Result<(), Error> {
        match &self.books {
            Books::Owned(owned) => owned.prepare(self, account).await,
            Books::Shared(_) | Books::Direct => Ok(()),
        }
    }

    /// Admits a running call for more.
    pub(crate) async fn extend_call(&self, row: &CallRow, wish: Wish, claim: Option<&Claim>) -> Growth {
        let command = Command::Extend {
            call: row.id,
            by: wish.most,
        };
        let rows = CallRows {
            row: Box::new(row.clone()),
            attempts: Vec::new(),
        };
        let mut job = Job::of(order(row.account, command), Some(rows));
        job.least = Some(wish.least);
        job.claim = claim.cloned();
        match &self.books {
            Books::Owned(owned) => Growth::Now(owned.admit(self, job).await.map(Some)),
            Books::Shared(shared) => Growth::Later(shared.ask(self, job)),
            Books::Direct => Growth::Now(self.run(job).await.map(Some)),
        }
    }

    /// Ends a call. Everything about it is durable when this returns, and queued before the first wait.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the call has no open hold; the database's. Nothing is written then.
    pub(crate) async fn end_call(&self, row: CallRow, attempts: Vec<AttemptRow>, end: End) -> Result<Effects, Error> {
        let (account, call) = (row.account, row.id);
        let command = match end {
            End::Settle(charge) => Command::Settle { call, charge },
            End::Release => Command::Release { call },
            End::Allocate(charge) => Command::Allocate { call, charge },
        };
        let rows = CallRows {
            row: Box::new(row),
            attempts,
        };
        if !matches!(self.books, Books::Owned(_)) {
            self.recorder.forget(call);
        }
        let effects = self.book_call(order(account, command), Some(rows)).await?;
        tell_of_a_loss(call, account, &effects);
        Ok(effects)
    }
}

/// What a call claims, with its row.
fn claim_alone(row: &CallRow, claim: &Claim) -> Job {
    Job {
        call: Some(CallRows {
            row: Box::new(row.clone()),
            attempts: Vec::new(),
        }),
        claim: Some(claim.clone()),
        ..Job::to_look(row.account)
    }
}

/// The operator is to know what nobody pays.
pub(super) fn tell_of_a_loss(call: CallId, account: AccountId, effects: &Effects) {
    if let Outcome::Settled(settled) = &effects.outcome
        && !settled.loss.is_zero()
    {
        tracing::error!(
            %call,
            %account,
            charge = %settled.charge,
            loss = %settled.loss,
            "a call cost more than its hold and all that could be spent; the rest is our loss"
        );
    }
}
