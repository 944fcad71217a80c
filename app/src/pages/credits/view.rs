//! What a page about somebody's credit shows, read once, and its panels in order.

use domain::{
    access::Viewer,
    credit::{Balance, LedgerLine, LotView},
    id::UserId,
    page::{Cursor, Page, PageSize},
    setting::Mode,
    time::Timestamp,
};
use gateway::Day;
use leptos::prelude::*;

use super::{balance, ledger, lots, today};
use crate::{context, error::AppError, form::Query};

/// Whose credit it is, and from where it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// The person.
    pub user: UserId,
    /// They look at it themselves.
    pub mine: bool,
}

impl Whose {
    /// One's own.
    pub const fn mine(viewer: &Viewer) -> Self {
        Self {
            user: viewer.id,
            mine: true,
        }
    }

    /// Somebody's, as those see it who look after money.
    pub const fn of(user: UserId) -> Self {
        Self { user, mine: false }
    }

    /// The address of the page.
    pub fn path(self) -> String {
        if self.mine {
            "/credits".to_owned()
        } else {
            format!("/users/{}/credits", self.user)
        }
    }
}

/// Everything on the page.
pub struct Shown {
    pub whose: Whose,
    pub mode: Mode,
    pub balance: Balance,
    pub lots: Vec<LotView>,
    /// None where the account is out of service and its journal cannot be summed up.
    pub day: Option<Day>,
    pub ledger: Page<LedgerLine>,
    pub query: Query,
    pub size: PageSize,
    pub now: Timestamp,
}

/// The values of the address that stay when a page of the ledger is turned.
pub const KEPT: [&str; 1] = ["size"];

impl Shown {
    /// Reads it. Members get only their own.
    pub async fn read(viewer: &Viewer, whose: Whose) -> Result<Self, AppError> {
        let (gateway, query) = (context::gateway()?, Query::current());
        let credits = gateway.credits();
        let cursor = match (query.parsed::<i64>("before"), query.parsed::<i64>("after")) {
            (Some(seq), _) => Cursor::Before(seq),
            (None, Some(seq)) => Cursor::After(seq),
            (None, None) => Cursor::Newest,
        };
        let size = query
            .parsed("size")
            .map_or_else(|| PageSize::nearest(25), PageSize::nearest);
        let balance = credits.balance(viewer, whose.user).await?;
        let day = match credits.day(viewer, whose.user).await {
            Err(_) if balance.damage.is_some() => None,
            day => Some(day?),
        };
        Ok(Self {
            whose,
            mode: gateway.snapshot().mode(),
            balance,
            lots: credits.lots(viewer, whose.user).await?,
            day,
            ledger: credits.ledger(viewer, whose.user, cursor, size).await?,
            query,
            size,
            now: gateway.now(),
        })
    }
}

/// The panels.
pub fn view(shown: Shown) -> impl IntoView {
    view! {
        <div class="cols cols-2 cols-stretch">
            {balance::panel(&shown)}
            {today::panel(&shown)}
        </div>
        {lots::panel(&shown)}
        {ledger::panel(&shown)}
    }
}
