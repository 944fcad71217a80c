//! The first of somebody's lots and the newest lines of their ledger, for their page. All of it is on the page about their credit.

use domain::{
    access::Viewer,
    credit::{LedgerLine, LotView},
    id::UserId,
    page::{Cursor, PageSize},
    time::Timestamp,
};
use gateway::Gateway;
use leptos::prelude::*;

use super::{ledger, lots, view::Whose};
use crate::{components::*, error::AppError, text::use_language};

/// Rows of each.
const ROWS: usize = 5;

/// Both, read once.
pub struct Brief {
    whose: Whose,
    lots: Vec<LotView>,
    lines: Vec<LedgerLine>,
    now: Timestamp,
}

impl Brief {
    /// Reads them, for whoever looks after money.
    pub async fn read(gateway: &Gateway, viewer: &Viewer, user: UserId) -> Result<Self, AppError> {
        let credits = gateway.credits();
        let newest = credits
            .ledger(viewer, user, Cursor::Newest, PageSize::nearest(0))
            .await?;
        Ok(Self {
            whose: Whose::of(user),
            lots: credits.lots(viewer, user).await?,
            lines: newest.rows,
            now: gateway.now(),
        })
    }
}

/// The panels.
pub fn panels(brief: Brief) -> impl IntoView {
    let language = use_language();
    let Brief {
        whose,
        lots: all,
        mut lines,
        now,
    } = brief;
    lines.truncate(ROWS);
    let ledger = ledger::lines(&lines, &all, whose, now);
    // Those with something left come first.
    let left: Vec<LotView> = all.into_iter().filter(|view| !view.lot.remaining.is_zero()).collect();
    let lots = match left.get(..left.len().min(ROWS)) {
        Some(first) if !first.is_empty() => lots::table(first, whose, now).into_any(),
        _ => view! {
            <Nothing
                title=language.pick("No credit left", "没有剩余额度")
                text=language.pick("Credit comes in lots, each with its own expiry.", "额度按笔发放，每笔有各自的到期时间。")
            />
        }
        .into_any(),
    };
    let ledger = if lines.is_empty() {
        view! {
            <Nothing
                title=language.pick("Nothing was booked", "没有账目")
                text=language.pick("Each grant and each call that is paid from credit stands here.", "每次授予和由额度支付的调用都会显示在这里。")
            />
        }
        .into_any()
    } else {
        ledger.into_any()
    };
    let all = |part: &str, words: &'static str| {
        let href = format!("{}#{part}", whose.path());
        view! { <LinkButton href=href class="btn-quiet btn-s">{words}<Icon name="right"/></LinkButton> }.into_any()
    };
    let order = language.pick("used from top to bottom", "按从上到下的顺序使用");
    let lots_link = all("lots", language.pick("All lots", "全部额度"));
    let ledger_link = all("ledger", language.pick("Whole ledger", "完整账本"));
    view! {
        <Panel title=language.pick("Lots", "额度明细") note=order id="lots" actions=lots_link>{lots}</Panel>
        <Panel title=language.pick("Ledger", "账本") note=language.pick("the newest lines", "最新账目") id="ledger" actions=ledger_link>{ledger}</Panel>
    }
}
