//! Lots in the order in which they are used, then those that have ended and wait for that to be booked, then the newest of those
//! with nothing left.

use domain::{
    access::Capability,
    credit::{LotGone, LotView},
    ledger::LotKind,
    time::Timestamp,
};
use leptos::prelude::*;

use super::{
    expiry::{self, SOON},
    ledger::entry_link,
    view::{Shown, Whose},
    words,
};
use crate::{
    components::{money::MoneyText, *},
    context,
    text::{Language, use_language},
};

/// The panel.
pub fn panel(shown: &Shown) -> impl IntoView + use<> {
    let language = use_language();
    let title = language.pick("Lots", "额度明细");
    if shown.lots.is_empty() {
        let text = if shown.whose.mine {
            language.pick(
                "Credit comes in lots, each with its own expiry. An admin can give you some.",
                "额度按笔发放，每笔有各自的到期时间。请联系管理员授予额度。",
            )
        } else {
            language.pick(
                "Credit comes in lots, each with its own expiry. Grant the first one.",
                "额度按笔发放，每笔有各自的到期时间。请先授予一笔。",
            )
        };
        return view! {
            <Panel title=title id="lots">
                <Nothing title=language.pick("No credit yet", "还没有额度") text=text />
            </Panel>
        }
        .into_any();
    }
    let note = language.pick("used from top to bottom", "按从上到下的顺序使用");
    let table = table(&shown.lots, shown.whose, shown.now);
    view! { <Panel title=title note=note id="lots">{table}</Panel> }.into_any()
}

/// The table, of lots in the order in which they are used.
pub(super) fn table(lots: &[LotView], whose: Whose, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let mut columns = vec![
        Column::new(language.pick("Order", "顺序")).class("tight").leaves(2),
        Column::new(language.pick("Lot", "额度")),
        Column::new(language.pick("Kind", "类型")),
        Column::new(language.pick("Left / total", "剩余 / 总额")).number(),
    ];
    let end = Column::new(language.pick("Expires, UTC", "到期（UTC）"));
    // To its owner it does not matter which admin it was; to others the drawing is worth less than room for names.
    if whose.mine {
        columns.push(Column::actions(language.pick("Share left", "剩余比例")).leaves(3));
        columns.push(end);
    } else {
        columns.push(end);
        columns.push(Column::new(language.pick("From", "来源")).leaves(2));
        if context::may(Capability::KeepMoney) {
            columns.push(Column::actions(language.pick("Actions", "操作")));
        }
    }
    let rows: Vec<_> = lots
        .iter()
        .enumerate()
        .map(|(index, view)| row(view, index + 1, whose, now))
        .collect();
    view! { <Table columns=columns>{rows}</Table> }
}

fn row(view: &LotView, place: usize, whose: Whose, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let lot = &view.lot;
    let empty = lot.remaining.is_zero();
    let order = if empty || !lot.outlives(now) {
        view! { <span class="muted">"–"</span> }.into_any()
    } else if place == 1 && lot.is_alive(now) {
        view! { <span class="order order-now">{place}</span> }.into_any()
    } else {
        view! { <span class="order">{place}</span> }.into_any()
    };
    let name = view.origin.as_ref().map(|origin| origin.reason.clone());
    let name = name.unwrap_or_else(|| lot.id.to_string());
    // Who looks after money gets to what can be done with it, its owner to how it came.
    let href = match (&view.origin, whose.mine) {
        (_, false) => Some(format!("{}/lots/{}", whose.path(), lot.id)),
        (Some(origin), true) => Some(entry_link(whose.user, true, origin.seq)),
        (None, true) => None,
    };
    let name = match href {
        Some(href) => view! { <a class="row-link cell-main break" href=href>{name}</a> }.into_any(),
        None => view! { <span class="cell-main break">{name}</span> }.into_any(),
    };
    let (before, after) = match language {
        Language::En => (format!("priority {}, from ", lot.priority), ""),
        Language::Zh => (format!("优先级 {}，自 ", lot.priority), " 生效"),
    };
    let about = view! { {before}<Time at=lot.effective_at style=TimeStyle::Day/>{after} };
    let tone = if lot.kind == LotKind::Paid {
        Tone::Accent
    } else {
        Tone::Plain
    };
    let from = (!whose.mine).then(|| {
        let origin = view.origin.as_ref();
        let from = origin.map(|origin| words::actor(&origin.actor, false, language));
        view! { <td class="col-2 ellipsis" data-label=language.pick("From", "来源")><span title=from.clone()>{from.clone()}</span></td> }
    });
    let share = whose.mine.then(|| {
        view! { <td class="col-3 col-card-off">{share_left(view, language)}</td> }
    });
    let change = (!whose.mine && context::may(Capability::KeepMoney)).then(|| {
        view! { <td class="cell-actions"><div class="btn-row">{change(view, whose, language)}</div></td> }
    });
    let went = went(view, language).map(|went| view! { <small class="sums">{went}</small> });
    view! {
        <tr class=empty.then_some("is-off")>
            <td class="tight col-2 col-card-off">{order}</td>
            <td class="cell-lead two-line">{name}<small>{about}</small></td>
            <td class="cell-end"><Badge tone=tone text=words::lot_kind(lot.kind, language)/></td>
            <td class="num two-line" data-label=language.pick("Left", "剩余")>
                <span class="sums"><MoneyText of=lot.remaining strong=!empty/>" "<span class="muted nowrap">"/ "<MoneyText of=lot.amount/></span></span>
                {went}
            </td>
            {share}
            <td data-label=language.pick("Expires", "到期")><span class="nowrap">{ends(view, now)}</span></td>
            {from}
            {change}
        </tr>
    }
}

/// The way to what can be done with it, while something is left.
fn change(view: &LotView, whose: Whose, language: Language) -> Option<impl IntoView + use<>> {
    let lot = &view.lot;
    if lot.remaining.is_zero() {
        return None;
    }
    let word = match lot.expires_at {
        Some(_) => language.pick("Prolong or void", "延期或作废"),
        None => language.pick("Void", "作废"),
    };
    let name = view.origin.as_ref().map(|origin| origin.reason.clone());
    let label = format!("{word} {}", name.unwrap_or_else(|| lot.id.to_string()));
    let href = format!("{}/lots/{}", whose.path(), lot.id);
    Some(view! { <a class="btn btn-s btn-quiet" href=href aria-label=label>{word}</a> })
}

/// A drawing of what is left of it.
fn share_left(view: &LotView, language: Language) -> impl IntoView + use<> {
    let lot = &view.lot;
    let label = match &view.origin {
        Some(origin) => format!("{} {}", language.pick("Left of", "剩余："), origin.reason),
        None => language.pick("Left", "剩余").to_owned(),
    };
    // A meter takes no more than a float; it only draws.
    #[expect(clippy::cast_precision_loss, reason = "a drawing, never a sum")]
    let share = lot.remaining.nano() as f64 / lot.amount.nano().max(1) as f64;
    view! { <meter class="meter" min="0" max="1" value=format!("{share:.4}") aria-label=label></meter> }
}

/// Where the rest of it went: with what is left, these come to its total. Nothing while all of it is there.
pub(super) fn went(view: &LotView, language: Language) -> Option<impl IntoView + use<>> {
    let LotGone {
        expired,
        voided,
        taken,
        repaid,
    } = view.gone;
    let parts = [
        (view.used(), language.pick("used", "已使用")),
        (expired, language.pick("expired", "已到期")),
        (voided, language.pick("voided", "已作废")),
        (taken, language.pick("taken back", "已扣回")),
        (repaid, language.pick("repaid debt", "已偿还欠款")),
    ];
    let parts: Vec<_> = parts.into_iter().filter(|(amount, _)| !amount.is_zero()).collect();
    let shown: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(place, (amount, word))| {
            let comma = (place > 0).then(|| language.pick(", ", "，"));
            view! { {comma}<span class="nowrap"><MoneyText of=*amount/>" "{*word}</span> }
        })
        .collect();
    (!shown.is_empty()).then_some(shown)
}

/// Why nothing is left in it, by what took most of it.
fn emptied(view: &LotView, language: Language) -> &'static str {
    let LotGone {
        voided, taken, repaid, ..
    } = view.gone;
    let ways = [
        (view.used(), language.pick("used up", "已用完")),
        (voided, language.pick("voided", "已作废")),
        (taken, language.pick("taken back", "已扣回")),
        (repaid, language.pick("repaid debt", "已偿还欠款")),
    ];
    let most = ways.into_iter().rev().max_by_key(|(amount, _)| *amount);
    most.map_or("", |(_, word)| word)
}

/// When it ends, and how soon.
fn ends(view: &LotView, now: Timestamp) -> AnyView {
    let language = use_language();
    let lot = &view.lot;
    let empty = emptied(view, language);
    let begins = (!lot.has_begun(now)).then(|| {
        view! { <span class="muted">{language.pick("from ", "自 ")}<Time at=lot.effective_at style=TimeStyle::Short/>" "</span> }
    });
    let Some(end) = lot.expires_at else {
        if lot.remaining.is_zero() {
            return view! { <Badge text=empty/> }.into_any();
        }
        return view! { {begins}<span class="muted">{language.pick("never", "永不")}</span> }.into_any();
    };
    let date = expiry::date(end, language);
    let exact = time::exact(end);
    let soon = end.since(now);
    let badge = if !lot.outlives(now) && !lot.remaining.is_zero() {
        Some(view! { " "<Badge text=language.pick("ended, being booked", "已到期，入账中")/> }.into_any())
    } else if !lot.outlives(now) {
        Some(view! { " "<Badge text=language.pick("ended", "已到期")/> }.into_any())
    } else if lot.remaining.is_zero() {
        Some(view! { " "<Badge text=empty/> }.into_any())
    } else if soon.0 <= SOON.0 {
        Some(view! { " "<Badge tone=Tone::Warning icon="clock" text=expiry::in_days(soon, language)/> }.into_any())
    } else {
        None
    };
    view! { {begins}<span title=exact>{date}</span>{badge} }.into_any()
}
