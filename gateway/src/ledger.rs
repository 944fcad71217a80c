//! The ledger: one order of commands per account, kept in one of two ways.
//!
//! - *Owned*: a server on SQLite, or on PostgreSQL by setting. It alone books, so it keeps accounts in memory (`owned`), decides under one lock in
//!   microseconds and hands what was decided to the recorder, the one writer, in order. Whoever asked is told once that is
//!   durable.
//! - *Direct*: everybody else. A transaction locks the account's row, loads, decides and commits. Servers that share the
//!   ledger on PostgreSQL do so for whatever is asked at the same time at once, and keep what they alone use in memory for a while (`shared`); commands, where no server owns it,
//!   and changes by hand one by one (`direct`). Beside an owner a command leaves its order in the inbox (`inbox`).
//!
//! Both decide by `desk`, and so by `domain::ledger::apply`. `verify` proves the books from what is stored.
//!
//! What a hold reserves stands in the row of its call and nowhere else. Calls come through `calls`, changes by hand through
//! `credits`; [`Ledger`] is a door for whoever wants each step durable.

mod again;
mod by_hand;
mod calls;
mod desk;
mod direct;
mod inbox;
mod lift;
mod owned;
mod shared;
mod told;
mod verify;

use domain::{
    access::Actor,
    id::{AccountId, CallId, UserId},
    ledger::{Account, Command, Effects, Grant, Refusal},
    money::Amount,
};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Inner, Seen,
    limits::Claim,
    progress::Progress,
    store::{
        self, Change, Store,
        calls::{AttemptRow, CallRow},
        ledger::inbox::Answered,
    },
};

pub(crate) use again::{Again, Ended};
pub(crate) use calls::{Admitted, End, Growth, Wish};
pub(crate) use desk::Desk;
pub(crate) use inbox::serve as serve_inbox;
pub(crate) use lift::Lift;
pub(crate) use owned::{OnItsWay, Owned};
pub(crate) use shared::{Done, Shared};
pub use verify::{LedgerFinding, LedgerProof, LedgerReport, LedgerTotal};
pub(crate) use verify::{Scope, verify};

/// What is to be booked, and for whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// On which account.
    pub account: AccountId,
    /// What.
    pub command: Command,
    /// By whom.
    pub actor: Actor,
    /// From which address.
    pub address: Option<String>,
    /// Whose account it is, as the list of changes names it. None: not a change by hand, so not in that list.
    pub name: Option<String>,
    /// The name under which it is booked once, however often it comes.
    #[serde(default)]
    pub once: Option<String>,
    /// As whom they were let in who order it: whoever books looks at them again. Orders of commands have none.
    #[serde(skip)]
    pub seen: Option<Seen>,
}

/// How this process keeps the order of commands.
pub(crate) enum Books {
    /// It alone books.
    Owned(Owned),
    /// It books together with others, in batches.
    Shared(Shared),
    /// It locks rows, or leaves orders to the owner.
    Direct,
}

impl Books {
    /// Whether what is asked is booked as fast as it comes.
    pub fn accept(&self) -> bool {
        match self {
            // The recorder writes for an owner.
            Self::Owned(_) | Self::Direct => true,
            Self::Shared(shared) => shared.accepts(),
        }
    }

    /// How whoever books gets on, where that is not the recorder.
    pub fn progress(&self) -> Option<&Progress> {
        match self {
            Self::Owned(_) | Self::Direct => None,
            Self::Shared(shared) => Some(shared.progress()),
        }
    }
}

/// One thing to do on an account.
pub(crate) struct Job {
    pub account: AccountId,
    /// None: only book what has expired.
    pub order: Option<Order>,
    /// The rows of the call that it is about, written in the same transaction.
    pub call: Option<CallRows>,
    /// The order's number in the inbox.
    pub inbox: Option<i64>,
    /// A hold, or what it grows by, may be less than is asked, as far down as this.
    pub least: Option<Amount>,
    /// What is to be taken of limits with it, or, without an order, alone.
    pub claim: Option<Claim>,
    /// What its call holds that it ends, where that was decided in memory and stands nowhere.
    pub afloat: Option<Amount>,
}

/// A call's row with its attempts.
pub(crate) struct CallRows {
    pub row: Box<CallRow>,
    pub attempts: Vec<AttemptRow>,
}

/// What came of an order, as the inbox tells it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Done(Box<Effects>),
    Refused(Refusal),
    Failed(String),
    /// The account is back in service; why it was out of it.
    Lifted(String),
    /// It was in service.
    InService,
    /// What is wrong with its books.
    Unsound(String),
}

impl Job {
    fn of(order: Order, call: Option<CallRows>) -> Self {
        Self {
            account: order.account,
            order: Some(order),
            call,
            inbox: None,
            least: None,
            claim: None,
            afloat: None,
        }
    }

    /// Only books what has expired.
    const fn to_look(account: AccountId) -> Self {
        Self {
            account,
            order: None,
            call: None,
            inbox: None,
            least: None,
            claim: None,
            afloat: None,
        }
    }

    /// What its call held in a memory that is void, to be held before it ends: as much of it as there is. None: it holds what it holds.
    fn hold_anew(&self, account: &Account) -> Option<Self> {
        let amount = self.afloat?;
        let call = self
            .order
            .as_ref()?
            .command
            .call()
            .filter(|call| account.hold(*call).is_none())?;
        let hold = order(self.account, Command::Hold { call, amount });
        Some(Self {
            least: Some(Amount::ZERO),
            ..Self::of(hold, None)
        })
    }

    /// It takes of limits, moves no money, and brings the row of its call.
    const fn only_claims(&self) -> bool {
        self.order.is_none() && self.claim.is_some()
    }

    /// Somebody did it: it is looked at before it is decided.
    fn is_by_hand(&self) -> bool {
        self.order.as_ref().is_some_and(by_hand::is_by_hand)
    }

    /// It ends a running call or lets it go on: that is booked however far behind the writer is.
    fn is_of_a_running_call(&self) -> bool {
        use Command::{Allocate, Extend, Late, Release, Settle};
        match &self.order {
            Some(order) => matches!(
                order.command,
                Extend { .. } | Settle { .. } | Release { .. } | Allocate { .. } | Late { .. }
            ),
            None => self.claim.as_ref().is_some_and(|claim| claim.before.is_some()),
        }
    }

    /// The answer is with its client: it is booked, however long that takes.
    const fn ends_a_call(&self) -> bool {
        use Command::{Allocate, Late, Release, Settle};
        match &self.order {
            Some(order) => matches!(
                order.command,
                Settle { .. } | Release { .. } | Allocate { .. } | Late { .. }
            ),
            None => false,
        }
    }

    /// It comes with the rows of a call that has ended, and is not what a sweeper gives back of one that was lost.
    const fn brings_an_end(&self) -> bool {
        self.call.is_some() && self.ends_a_call()
    }

    /// The answer to be written with what was booked, when the order came by the inbox.
    fn answered(&self, inner: &Inner, result: &Result<Effects, Refusal>) -> Option<Answered> {
        let answer = match result {
            Ok(effects) => Answer::Done(Box::new(effects.clone())),
            Err(refusal) => Answer::Refused(refusal.clone()),
        };
        self.inbox.map(|id| inbox::answered(inner, id, &answer))
    }
}

impl Inner {
    /// Books an order. When this returns, it is durable.
    ///
    /// # Errors
    /// [`Error::Ledger`] when it is refused; [`Error::Quarantine`]; the database's.
    pub(crate) async fn book(&self, order: Order) -> Result<Effects, Error> {
        self.book_call(order, None).await
    }

    async fn book_call(&self, order: Order, call: Option<CallRows>) -> Result<Effects, Error> {
        self.run(Job::of(order, call)).await
    }

    async fn run(&self, job: Job) -> Result<Effects, Error> {
        let done = match &self.books {
            Books::Owned(owned) => owned.run(self, job).await?,
            Books::Shared(shared) if !job.is_by_hand() => shared.run(self, job).await?,
            // No call comes here. What is boxed does not make the futures of calls large, which are moved at each step.
            Books::Shared(_) | Books::Direct => Box::pin(self.run_directly(job)).await?,
        };
        // An order is either refused, which is an error, or done.
        done.ok_or(Error::LedgerBehind)
    }

    /// Under locks of the database, or by whoever owns the ledger.
    async fn run_directly(&self, mut job: Job) -> Result<Option<Effects>, Error> {
        match &self.store {
            Store::Postgres(_) => match direct::run(self, &mut job).await {
                Err(Error::LedgerOwned) => Ok(Some(inbox::leave_order(self, job).await?)),
                done => done,
            },
            Store::Sqlite(pools) => match store::server_file(pools).map_err(|error| inbox::lock_failed(&error))? {
                Some(lock) => {
                    let done = direct::run(self, &mut job).await;
                    drop(lock);
                    done
                }
                None => Ok(Some(inbox::leave_order(self, job).await?)),
            },
        }
    }

    /// Books an order on an account that is being made in this very change, so that nobody else can know it yet.
    pub(crate) async fn book_within(&self, change: &mut Change<'_>, order: Order) -> Result<Effects, Error> {
        let mut job = Job::of(order, None);
        match direct::within(self, &mut change.tx, &mut job).await? {
            direct::Within::Done(result) => Ok(result?),
            // Nobody can keep an account that is not there yet.
            direct::Within::Nothing | direct::Within::Kept => Err(Error::LedgerBehind),
        }
    }

    /// Closes calls of this process whose task has gone without knowing whether their end was written, once all that was
    /// queued before is. Gives their number.
    pub(crate) async fn close_left_calls(&self) -> Result<u64, Error> {
        let left = self.calls.take_left();
        let mut closed = 0;
        for (at, (call, account)) in left.iter().enumerate() {
            match self.close_left_call(*call, *account).await {
                Ok(one) => closed += one,
                Err(error) => {
                    self.calls.leave(&left[at..]);
                    return Err(error);
                }
            }
        }
        Ok(closed)
    }

    async fn close_left_call(&self, call: CallId, account: AccountId) -> Result<u64, Error> {
        if let Books::Shared(shared) = &self.books {
            // Comes after all that was asked on the account before.
            match shared.run(self, Job::to_look(account)).await {
                Ok(_) | Err(Error::Quarantine { .. } | Error::NoAccount) => {}
                Err(error) => return Err(error),
            }
        }
        self.recorder.drained().await;
        Ok(store::process::close_call(&self.store, call).await?)
    }

    /// Books what has expired, and gives back what calls held that have ended. For the sweeper of a server.
    ///
    /// Goes through all of it each time: what cannot be done now (a lot that a running call may still ask for) keeps nothing
    /// that comes after it waiting.
    pub(crate) async fn tidy_ledger(&self) -> Result<(), Error> {
        let mut last = CallId::from_number(0);
        loop {
            let left = store::ledger::left_holds(&self.store, last).await?;
            let Some((_, newest)) = left.last() else { break };
            last = *newest;
            for (account, call) in left {
                self.give_back(account, call).await;
            }
        }
        let mut last = AccountId::from_number(0);
        loop {
            let ended = store::ledger::with_ended_lots(&self.store, self.clock.now(), last).await?;
            let Some(highest) = ended.last() else { break };
            last = *highest;
            for account in ended {
                self.expire(account).await;
            }
        }
        Ok(())
    }

    async fn give_back(&self, account: AccountId, call: CallId) {
        let order = Order {
            account,
            command: Command::Release { call },
            actor: Actor::System,
            address: None,
            name: None,
            once: None,
            seen: None,
        };
        match self.book(order).await {
            // Somebody else has done it.
            Ok(_) | Err(Error::Ledger(Refusal::NoHold { .. })) => {}
            Err(error) => tracing::error!(%error, %account, %call, "a hold that was left could not be given back"),
        }
    }

    async fn expire(&self, account: AccountId) {
        let mut job = Job::to_look(account);
        let done = match &self.books {
            Books::Owned(owned) => owned.run(self, job).await,
            Books::Shared(shared) => shared.run(self, job).await,
            Books::Direct => direct::run(self, &mut job).await,
        };
        if let Err(error) = done {
            tracing::error!(%error, %account, "what has expired could not be booked");
        }
    }
}

/// The ledger for whoever runs calls. A call's rows are written in the transaction that books what it is about.
pub struct Ledger<'a>(pub(crate) &'a Inner);

impl Ledger<'_> {
    /// Admits a call for at most so much. Its row is durable when this returns.
    ///
    /// # Errors
    /// [`Error::Ledger`] when it is refused; the database's.
    pub async fn hold(&self, row: CallRow, amount: Amount) -> Result<Effects, Error> {
        let order = order(row.account, Command::Hold { call: row.id, amount });
        let rows = CallRows {
            row: Box::new(row),
            attempts: Vec::new(),
        };
        self.0.book_call(order, Some(rows)).await
    }

    /// The same, but decided in memory where this server keeps the account to itself: its row is written a moment later, or with its end.
    /// Whether it was comes with it.
    ///
    /// # Errors
    /// As [`Ledger::hold`].
    pub async fn admit(&self, row: CallRow, amount: Amount) -> Result<(Effects, bool), Error> {
        if let Books::Shared(shared) = &self.0.books {
            let rows = CallRows {
                row: Box::new(row.clone()),
                attempts: Vec::new(),
            };
            let command = Command::Hold { call: row.id, amount };
            let mut job = Job::of(order(row.account, command), Some(rows));
            if let Some(effects) = shared.admit(self.0, &mut job) {
                return Ok((effects, true));
            }
        }
        Ok((self.hold(row, amount).await?, false))
    }

    /// Admits a running call for more.
    ///
    /// # Errors
    /// [`Error::Ledger`] when it is refused; the database's.
    pub async fn extend(&self, account: AccountId, call: CallId, by: Amount) -> Result<Effects, Error> {
        self.0.book(order(account, Command::Extend { call, by })).await
    }

    /// Ends a call with its charge. One that was ended before is left as it is, and what came of it then is told; one whose hold
    /// was given back meanwhile is charged late.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the call was never admitted; the database's.
    pub async fn settle(&self, row: CallRow, attempts: Vec<AttemptRow>, charge: Amount) -> Result<Effects, Error> {
        self.end(row, attempts, End::Settle(charge)).await
    }

    async fn end(&self, row: CallRow, attempts: Vec<AttemptRow>, end: End) -> Result<Effects, Error> {
        match self.0.end_call(row.clone(), attempts.clone(), end).await {
            Err(Error::Ledger(Refusal::NoHold { .. })) => match self.0.end_again(row, attempts, end).await? {
                Again::Booked(effects) | Again::Before(effects) => Ok(effects),
            },
            done => done,
        }
    }

    /// Books the charge of a call that needed no credit as a cost of ours.
    ///
    /// # Errors
    /// [`Error::Ledger`] when it is refused; the database's.
    pub async fn allocate(&self, row: CallRow, attempts: Vec<AttemptRow>, charge: Amount) -> Result<Effects, Error> {
        let order = order(row.account, Command::Allocate { call: row.id, charge });
        let rows = CallRows {
            row: Box::new(row),
            attempts,
        };
        self.0.book_call(order, Some(rows)).await
    }

    /// Gives credit by hand that may begin later. What people give begins at once (`credits`): this is for credit that is bought ahead, as the
    /// rules know it already.
    ///
    /// # Errors
    /// [`Error::Ledger`] when it is refused; the database's.
    pub async fn grant(&self, account: AccountId, name: &str, grant: Grant) -> Result<Effects, Error> {
        let order = order(account, Command::Grant(grant));
        self.0
            .book(Order {
                name: Some(name.to_owned()),
                ..order
            })
            .await
    }

    /// Ends a call that is not charged. One that was ended before is left as it is, and what came of it then is told.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the call was never admitted; the database's.
    pub async fn release(&self, row: CallRow, attempts: Vec<AttemptRow>) -> Result<Effects, Error> {
        self.end(row, attempts, End::Release).await
    }
}

/// What the hub itself books on somebody's account.
pub(crate) fn order(account: AccountId, command: Command) -> Order {
    Order {
        account,
        command,
        actor: Actor::System,
        address: None,
        name: None,
        once: None,
        seen: None,
    }
}

/// Somebody's own account.
#[must_use]
pub(crate) const fn account_of(user: UserId) -> AccountId {
    AccountId::of_person(user)
}
