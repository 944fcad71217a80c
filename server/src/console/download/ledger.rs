//! Ledgers as CSV: one's own, or somebody's for whoever reads what concerns money.

use app::text::Language;
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use domain::{
    access::Actor,
    credit::LedgerLine,
    id::{LotId, UserId},
    ledger::{Adjustment, Command},
    page::{Cursor, PageSize},
    refusal::{Refusal, Thing},
    time::Timestamp,
};
use gateway::Gateway;

use super::{
    csv::{self, actor, moment, text},
    failed, refused,
};
use crate::{
    console::{presence::Presence, visit::Visit},
    state::HubState,
};

/// The names of the columns.
const HEAD: &str =
    "number,booked_at,kind,change,balance,debt,call,model,key,reason,actor,project,debt_change,lot,lot_expires_at\r\n";
const MISSING: Refusal = Refusal::NotFound { what: Thing::User };

/// One's own.
pub async fn own(State(state): State<HubState>, Extension(visit): Extension<Visit>) -> Response {
    let viewer = visit.visitor.viewer.as_ref();
    match viewer.zip(Presence::of(&visit.visitor)) {
        Some((viewer, whose)) => shown(state.gateway().clone(), viewer.id, whose, visit.visitor.language).await,
        None => refused(&Refusal::NotSignedIn, visit.visitor.language),
    }
}

/// Somebody's.
pub async fn of_user(
    State(state): State<HubState>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
) -> Response {
    let language = visit.visitor.language;
    let Some((viewer, whose)) = visit.visitor.viewer.as_ref().zip(Presence::of(&visit.visitor)) else {
        return refused(&Refusal::NotSignedIn, language);
    };
    let reader = match viewer.money_reader() {
        Ok(reader) => reader,
        Err(refusal) => return refused(&refusal, language),
    };
    let Ok(user) = id.parse::<UserId>() else {
        return refused(&MISSING, language);
    };
    match state.gateway().users().get(&reader, user).await {
        Ok(Some(_)) => shown(state.gateway().clone(), user, whose, language).await,
        Ok(None) => refused(&MISSING, language),
        Err(error) => failed(&error, language),
    }
}

async fn shown(gateway: Gateway, user: UserId, whose: Presence, language: Language) -> Response {
    let file = file(gateway, user, whose).await;
    file.unwrap_or_else(|error| failed(&error, language))
}

/// Somebody's ledger, oldest first, as long as whoever downloads it may read it. Members get their own and no other: the use-case asks.
///
/// # Errors
/// Those of the first page.
pub async fn file(gateway: Gateway, user: UserId, whose: Presence) -> Result<Response, gateway::Error> {
    let name = "attachment; filename=\"ledger.csv\"";
    csv::file(name, HEAD, move |after| {
        let (gateway, whose) = (gateway.clone(), whose.clone());
        Box::pin(async move {
            let viewer = whose.now(&gateway).await?;
            let (cursor, size) = (Cursor::After(after), PageSize::nearest(100));
            let page = gateway.credits().ledger(&viewer, user, cursor, size).await?;
            let more = page.newer.and_then(|seq| seq.parse().ok());
            let names_admins = viewer.money_reader().is_ok();
            let rows = page.rows.iter().rev().map(|line| row(line, names_admins));
            Ok((rows.collect(), more))
        })
    })
    .await
}

/// Members need not know which admin it was, as on the page.
fn by(who: &Actor, names_admins: bool) -> String {
    match who {
        Actor::User { .. } if !names_admins => "an admin".to_owned(),
        known => actor(known),
    }
}

/// The lot that a line made, changed or ended, and the end that it was given.
const fn lot_of(command: &Command) -> (Option<LotId>, Option<Timestamp>) {
    match command {
        Command::Grant(grant) => (Some(grant.lot), grant.expires_at),
        Command::ExtendLot { lot, expires_at, .. } => (Some(*lot), *expires_at),
        Command::Void { lot, .. }
        | Command::Expire { lot }
        | Command::Adjust {
            adjustment: Adjustment::Add { lot, .. },
            ..
        } => (Some(*lot), None),
        _ => (None, None),
    }
}

fn row(line: &LedgerLine, names_admins: bool) -> String {
    let (lot, expires) = lot_of(&line.command);
    let cells = [
        line.seq.0.to_string(),
        moment(line.booked_at.microseconds()),
        line.kind.as_str().to_owned(),
        line.change.to_string(),
        line.balance.to_string(),
        line.debt.to_string(),
        line.call.map(|call| call.to_string()).unwrap_or_default(),
        text(line.model.as_deref().unwrap_or_default()),
        text(line.key.as_deref().unwrap_or_default()),
        text(line.reason().unwrap_or_default()),
        by(&line.actor, names_admins),
        text(line.project.as_deref().unwrap_or_default()),
        line.debt_change.to_string(),
        lot.map(|lot| lot.to_string()).unwrap_or_default(),
        expires.map(|end| moment(end.microseconds())).unwrap_or_default(),
    ];
    format!("{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use domain::{
        access::Actor,
        credit::LedgerLine,
        id::LotId,
        ledger::{Adjustment, Command, Seq},
        money::{Amount, Money},
        time::Timestamp,
    };

    use super::{HEAD, by, row};

    fn told(command: Command) -> Vec<String> {
        let line = LedgerLine {
            seq: Seq(7),
            booked_at: Timestamp(1_795_442_520_000_000),
            kind: command.kind(),
            change: Money::ZERO,
            balance: Amount::ZERO,
            debt: Amount::ZERO,
            debt_change: Money::ZERO,
            call: None,
            model: None,
            key: None,
            project: None,
            actor: Actor::System,
            command,
        };
        let row = row(&line, true);
        row.trim_end().split(',').map(str::to_owned).collect()
    }

    #[test]
    fn lots_and_their_new_ends_stand_in_the_last_columns() {
        assert!(HEAD.ends_with(",lot,lot_expires_at\r\n"));
        let lot = LotId::from_number(9);
        let (reason, name) = (|| "x".to_owned(), lot.to_string());
        let end = Timestamp(1_795_442_520_000_000);
        let prolonged = |expires_at| Command::ExtendLot {
            lot,
            expires_at,
            reason: reason(),
        };
        for (command, wanted) in [
            (Command::Void { lot, reason: reason() }, [name.as_str(), ""]),
            (Command::Expire { lot }, [&name, ""]),
            (prolonged(Some(end)), [&name, "2026-11-23T14:02:00Z"]),
            (prolonged(None), [&name, ""]),
            (
                Command::Adjust {
                    adjustment: Adjustment::Add {
                        lot,
                        amount: Amount::ZERO,
                    },
                    reason: reason(),
                },
                [&name, ""],
            ),
            (Command::Block { reason: reason() }, ["", ""]),
        ] {
            let cells = told(command);
            assert_eq!(cells.len(), HEAD.split(',').count());
            assert_eq!(cells[cells.len() - 2..], wanted);
        }
    }

    #[test]
    fn admins_are_named_to_those_who_read_what_concerns_money() {
        let ada = Actor::User {
            id: domain::id::UserId::from_number(7),
            email: "ada@example.com".parse().unwrap(),
            key: None,
        };
        assert_eq!([by(&ada, true), by(&ada, false)], ["ada@example.com", "an admin"]);
        assert_eq!(by(&Actor::System, false), by(&Actor::System, true));
    }
}
