//! Changes by hand: booked once under a name, charges given back, debt and its end.

use std::{future::Future as _, pin::pin, task::Context, time::Duration};

use domain::{
    call::CallState,
    credit::{Beside, Correction, GrantDraft},
    ledger::{LossKind, LotKind, Refusal, Status},
    page::{Cursor, PageSize},
    refusal::{Invalid, Refusal as Refused},
    time::Micros,
};
use futures_util::future::join_all;
use gateway::{CallRow, Error, Origin, ProcessKind};

use sqlx::Connection as _;

use super::bank::{Bank, MONEY, nano};
use crate::hub::{Database, in_all_ways, on_both};

const HERE: Origin<'static> = Origin::at(None);

fn draft(amount: i64) -> GrantDraft {
    GrantDraft {
        kind: LotKind::Promo,
        amount: nano(amount),
        priority: None,
        expires_at: None,
        reason: "because".to_owned(),
    }
}

impl Bank {
    /// A call that was charged so much.
    async fn charged(&self, charge: i64) -> CallRow {
        let row = self.row();
        self.hub.ledger().hold(row.clone(), nano(charge)).await.unwrap();
        let ended = CallRow {
            state: CallState::Succeeded,
            ..row.clone()
        };
        self.hub
            .ledger()
            .settle(self.priced(ended, charge), Vec::new(), nano(charge))
            .await
            .unwrap();
        row
    }

    async fn corrected(&self, call: &CallRow, amount: i64) -> Result<i64, Error> {
        let credits = self.hub.credits();
        let effects = credits
            .correct(&MONEY, HERE, self.user, call.id, nano(amount), "sorry")
            .await?;
        Ok(effects.after.balance.nano())
    }

    async fn lots_left(&self) -> Vec<i64> {
        let lots = self.balance().await.lots;
        lots.iter().map(|lot| lot.remaining.nano()).collect()
    }
}

#[tokio::test]
async fn a_form_that_is_sent_often_is_booked_once() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let command = bank.database.open(ProcessKind::Command).await.unwrap();
        let (here, beside) = (bank.hub.credits().once("form-1"), command.credits().once("form-1"));
        // Somebody who presses twice: the first request is given up in the midst of it.
        {
            let first = pin!(here.grant(&MONEY, HERE, bank.user, draft(5)));
            let mut first = first;
            for _ in 0..200 {
                let mut context = Context::from_waker(std::task::Waker::noop());
                if first.as_mut().poll(&mut context).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let again = (0..10).map(|_| here.grant(&MONEY, HERE, bank.user, draft(5)));
        let from_beside = (0..5).map(|_| beside.grant(&MONEY, HERE, bank.user, draft(5)));
        let (again, from_beside) = tokio::join!(join_all(again), join_all(from_beside));
        let lots: Vec<_> = again
            .into_iter()
            .chain(from_beside)
            .map(|done| done.unwrap().0)
            .collect();
        assert_eq!(lots.len(), 15);
        assert!(lots.iter().all(|lot| *lot == lots[0]), "{lots:?}");
        assert_eq!(bank.balance().await.balance, nano(5));

        // Also when nothing is left of it, and after a new start.
        bank.charged(5).await;
        let bank = bank.again().await;
        let here = bank.hub.credits().once("form-1");
        let (lot, _) = here.grant(&MONEY, HERE, bank.user, draft(5)).await.unwrap();
        assert_eq!((lot, bank.balance().await.balance), (lots[0], nano(0)));
        // Another name, another person, and no name at all are something else.
        bank.hub
            .credits()
            .once("form-2")
            .grant(&MONEY, HERE, bank.user, draft(1))
            .await
            .unwrap();
        let other = bank.another("other@example.com").await;
        bank.hub
            .credits()
            .once("form-1")
            .grant(&MONEY, HERE, other, draft(1))
            .await
            .unwrap();
        for _ in 0..2 {
            bank.hub
                .credits()
                .once("")
                .grant(&MONEY, HERE, bank.user, draft(1))
                .await
                .unwrap();
        }
        assert_eq!(bank.balance().await.balance, nano(3));
        // What was refused was not booked, and may be tried again.
        let credits = bank.hub.credits().once("less");
        let less = async |amount| {
            credits
                .adjust(&MONEY, HERE, bank.user, Correction::Take(nano(amount)), "x")
                .await
        };
        assert!(less(99).await.is_err());
        assert_eq!(less(1).await.unwrap().seq, less(1).await.unwrap().seq);
        assert_eq!(bank.balance().await.balance, nano(2));
        bank.is_sound().await;
    })
    .await;
}

/// Never the answer to another question: it would tell of something that was not booked.
#[tokio::test]
async fn another_change_under_the_same_name_is_refused() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let command = bank.database.open(ProcessKind::Command).await.unwrap();
        let (lot, granted) = {
            let credits = bank.hub.credits().once("a");
            credits.grant(&MONEY, HERE, bank.user, draft(5)).await.unwrap()
        };
        for hub in [&bank.hub, &command] {
            let credits = hub.credits().once("a");
            let more = credits
                .grant(&MONEY, HERE, bank.user, draft(7))
                .await
                .map(|(_, effects)| effects);
            let why = GrantDraft {
                reason: "for another reason".to_owned(),
                ..draft(5)
            };
            let why = credits
                .grant(&MONEY, HERE, bank.user, why)
                .await
                .map(|(_, effects)| effects);
            let take = Correction::Take(nano(1));
            let take = credits.adjust(&MONEY, HERE, bank.user, take, "because").await;
            let void = credits.void(&MONEY, HERE, bank.user, lot, "because").await;
            let block = credits
                .set_status(&MONEY, HERE, bank.user, Status::Blocked, "because")
                .await;
            for other in [more, why, take, void, block] {
                let taken = matches!(other, Err(Error::Ledger(Refusal::OtherUnderName)));
                assert!(taken, "{other:?}");
            }
            // The same again still has its first answer, which says that it is that.
            let (same, again) = credits.grant(&MONEY, HERE, bank.user, draft(5)).await.unwrap();
            let first = domain::ledger::Effects {
                booked_before: true,
                ..granted.clone()
            };
            assert_eq!((same, again), (lot, first));
        }
        assert_eq!(bank.balance().await.balance, nano(5));
        let audited = "SELECT COUNT(*) FROM audit WHERE action LIKE 'credit.%' OR action LIKE 'account.%'";
        assert_eq!(bank.database.numbers(audited).await, [1]);
        bank.is_sound().await;
    })
    .await;
}

/// Of two names that begin alike neither is taken for the other.
#[tokio::test]
async fn a_name_that_is_too_long_is_refused_and_not_cut_off() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let long = "é".repeat(100);
        let granted = async |name: &str| {
            let credits = bank.hub.credits().once(name);
            credits.grant(&MONEY, HERE, bank.user, draft(1)).await
        };
        for (booked_before, name) in [(false, &long), (true, &long)] {
            assert_eq!(granted(name).await.unwrap().1.booked_before, booked_before);
        }
        for name in [format!("{long}1"), format!("{long}2"), "a\nb".to_owned()] {
            let refused = granted(&name).await;
            assert!(
                matches!(refused, Err(Error::Refused(Refused::Invalid(Invalid::Once)))),
                "{refused:?}"
            );
        }
        assert_eq!(bank.balance().await.balance, nano(1));
    })
    .await;
}

/// The disk is slow, and whoever pressed first has gone: what was decided for them is not on it yet.
#[tokio::test]
async fn a_form_whose_first_sender_has_gone_is_booked_once() {
    let bank = Bank::open(Database::sqlite()).await;
    bank.grant(1, None).await.unwrap();
    let mut blocker = sqlx::SqliteConnection::connect(&bank.database.url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut blocker).await.unwrap();
    let credits = bank.hub.credits().once("form-1");
    let first = credits.grant(&MONEY, HERE, bank.user, draft(5));
    assert!(tokio::time::timeout(Duration::from_millis(100), first).await.is_err());
    let again = async {
        loop {
            match credits.grant(&MONEY, HERE, bank.user, draft(5)).await {
                // The writer stood still for too long.
                Err(Error::LedgerBehind) => tokio::time::sleep(Duration::from_millis(10)).await,
                done => break done,
            }
        }
    };
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut blocker).await.unwrap();
    };
    let (again, ()) = tokio::join!(again, release);
    again.unwrap();
    assert_eq!(bank.balance().await.balance, nano(6));
    bank.is_sound().await;
}

#[tokio::test]
async fn a_charge_goes_back_to_the_lots_that_paid_the_last_one_first() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        for (amount, life) in [(3, Some(1_000)), (4, Some(2_000)), (5, None)] {
            bank.grant(amount, life).await.unwrap();
        }
        let call = bank.charged(10).await;
        assert_eq!(bank.lots_left().await, [2]);
        assert_eq!(bank.corrected(&call, 4).await.unwrap(), 6);
        assert_eq!(bank.lots_left().await, [1, 5]);
        // Also by a server that has read it all anew, and in many pieces at once: never more than was taken.
        let bank = bank.again().await;
        let pieces = (0..9).map(|_| bank.corrected(&call, 1));
        let done = join_all(pieces).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 6);
        let refused = done.into_iter().find_map(Result::err);
        assert!(
            matches!(refused, Some(Error::Ledger(Refusal::BeyondCorrectable { correctable })) if correctable.is_zero()),
            "{refused:?}"
        );
        assert_eq!(bank.lots_left().await, [3, 4, 5]);

        // What an ended lot had paid comes back in a new one.
        let call = bank.charged(8).await;
        bank.pass(1_500);
        assert_eq!(bank.corrected(&call, 8).await.unwrap(), 12);
        let lots = bank.balance().await.lots;
        let kinds: Vec<_> = lots.iter().map(|lot| (lot.kind, lot.remaining.nano())).collect();
        assert_eq!(
            kinds,
            [(LotKind::Correction, 3), (LotKind::Paid, 4), (LotKind::Paid, 5)]
        );
        assert_eq!(lots[0].expires_at, Some(bank.now().plus(Micros::from_days(30))));
        // A call that never was, that was not charged, or is another person's has nothing to give back.
        let other = bank.another("other@example.com").await;
        let open = bank.row();
        bank.hub.ledger().hold(open.clone(), nano(1)).await.unwrap();
        for (user, call) in [(bank.user, bank.row().id), (bank.user, open.id), (other, call.id)] {
            let credits = bank.hub.credits();
            let refused = credits.correct(&MONEY, HERE, user, call, nano(1), "x").await;
            assert!(matches!(refused, Err(Error::Ledger(_))), "{refused:?}");
        }
        bank.is_sound().await;
    })
    .await;
}

/// What was taken back by hand does not come back by a correction: that is a lot of its own.
#[tokio::test]
async fn a_voided_lot_gets_nothing_back() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let credits = bank.hub.credits();
        let (lot, _) = credits.grant(&MONEY, HERE, bank.user, draft(9)).await.unwrap();
        let call = bank.charged(4).await;
        credits
            .void(&MONEY, HERE, bank.user, lot, "wrong person")
            .await
            .unwrap();
        assert_eq!(bank.lots_left().await, [0_i64; 0]);
        // Also for a server that has read it all anew.
        let bank = bank.again().await;
        assert_eq!(bank.corrected(&call, 3).await.unwrap(), 3);
        let lots = bank.balance().await.lots;
        let left: Vec<_> = lots.iter().map(|lot| (lot.kind, lot.remaining.nano())).collect();
        assert_eq!(left, [(LotKind::Correction, 3)]);
        assert_ne!(lots[0].id, lot);
        // And each says where it went.
        let views = bank.hub.credits().lots(&bank.viewer(), bank.user).await.unwrap();
        let went: Vec<_> = views
            .iter()
            .map(|view| {
                (
                    view.used().nano(),
                    view.gone.voided.nano(),
                    view.gone.expired.nano(),
                    view.gone.taken.nano(),
                )
            })
            .collect();
        assert_eq!(went, [(0, 0, 0, 0), (4, 5, 0, 0)]);
        // Voided in its turn, what is left to correct makes one more.
        let credits = bank.hub.credits();
        credits
            .void(&MONEY, HERE, bank.user, lots[0].id, "again")
            .await
            .unwrap();
        assert_eq!(bank.corrected(&call, 1).await.unwrap(), 1);
        assert!(bank.corrected(&call, 1).await.is_err());
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_settle_repaid_of_debt_was_not_for_the_call() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(10)).await.unwrap();
        let credits = bank.hub.credits();
        let owed = credits
            .debit(&MONEY, HERE, bank.user, nano(4), "charged back")
            .await
            .unwrap();
        assert_eq!((owed.after.debt, owed.after.balance), (nano(4), nano(10)));
        // The call takes 3 of the 10 that it held; of the 7 that become free 4 repay the debt.
        let settled = bank
            .hub
            .ledger()
            .settle(bank.priced(row.clone(), 3), Vec::new(), nano(3))
            .await
            .unwrap();
        assert_eq!((settled.after.debt, settled.after.balance), (nano(0), nano(3)));
        // Nor does the day take it for what calls cost.
        let (viewer, size) = (bank.viewer(), PageSize::default());
        let today = credits.day(&viewer, bank.user).await.unwrap().today;
        assert_eq!(
            (today.repaid.nano(), today.spent.nano(), today.closing),
            (-4, -3, nano(3))
        );
        let lines = credits
            .ledger(&viewer, bank.user, Cursor::Newest, size)
            .await
            .unwrap()
            .rows;
        assert_eq!(lines[0].beside(), Some(Beside::Repaid(nano(4))));
        assert!(bank.corrected(&row, 4).await.is_err());
        assert_eq!(bank.corrected(&row, 3).await.unwrap(), 6);
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn debt_is_written_off_as_far_as_it_goes() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let credits = bank.hub.credits();
        let debited = credits
            .debit(&MONEY, HERE, bank.user, nano(8), "charged back")
            .await
            .unwrap();
        assert_eq!((debited.after.debt, debited.after.balance), (nano(3), nano(0)));
        let write_off = async |amount| {
            let loss = LossKind::BadDebt;
            credits
                .write_off(&MONEY, HERE, bank.user, nano(amount), loss, "gone")
                .await
        };
        let beyond = write_off(4).await;
        assert!(
            matches!(beyond, Err(Error::Ledger(Refusal::BeyondDebt { debt })) if debt == nano(3)),
            "{beyond:?}"
        );
        let write_off = write_off(2).await.unwrap();
        assert_eq!(write_off.after.debt, nano(1));
        // New credit repays the rest first.
        let (_, granted) = bank.grant(10, None).await.unwrap();
        assert_eq!((granted.after.debt, granted.after.balance), (nano(0), nano(9)));
        // No line stands there for nothing: what became debt, was given up and was repaid is told beside the balance.
        let (viewer, size) = (bank.viewer(), PageSize::default());
        let lines = credits
            .ledger(&viewer, bank.user, Cursor::Newest, size)
            .await
            .unwrap()
            .rows;
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.change.nano(), line.beside(), line.debt.nano()))
            .collect();
        assert_eq!(
            told,
            [
                (9, Some(Beside::Repaid(nano(1))), 0),
                (0, Some(Beside::GivenUp(nano(2))), 1),
                (-5, Some(Beside::Owed(nano(3))), 3),
                (5, None, 0)
            ]
        );
        assert_eq!((write_off.repaid(), granted.repaid()), (nano(0), nano(1)));
        // Nobody took back what repaid a debt.
        let lots = credits.lots(&viewer, bank.user).await.unwrap();
        let gone: Vec<_> = lots
            .iter()
            .map(|view| (view.gone.taken.nano(), view.gone.repaid.nano(), view.used().nano()))
            .collect();
        assert_eq!(gone, [(0, 1, 0), (5, 0, 0)]);
        let today = credits.day(&viewer, bank.user).await.unwrap().today;
        assert_eq!(
            (
                today.granted.nano(),
                today.charged_back.nano(),
                today.repaid.nano(),
                today.spent.nano()
            ),
            (15, -5, -1, 0)
        );
        bank.is_sound().await;
        let audited = "SELECT COUNT(*) FROM audit WHERE action IN ('credit.debit', 'credit.write_off')";
        assert_eq!(bank.database.numbers(audited).await, [2]);
    })
    .await;
}
