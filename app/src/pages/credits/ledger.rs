//! Every change of the balance, newest first, page by page.

use domain::{
    credit::{Beside, LedgerLine, LotView},
    id::{LotId, UserId},
    ledger::{Command, CommandKind, Seq},
    page::PageSize,
    time::{Micros, Timestamp},
};
use leptos::prelude::*;

use super::{
    view::{KEPT, Shown, Whose},
    words,
};
use crate::{
    components::{
        money::{MoneyChange, MoneyText},
        *,
    },
    text::{Language, use_language},
};

const DAY: i64 = Micros::from_days(1).0;

/// The address of one line, on the page of whoever looks.
pub fn entry_link(user: UserId, mine: bool, seq: Seq) -> String {
    let whose = Whose { user, mine };
    format!("{}?before={}#entry-{}", whose.path(), seq.0 + 1, seq.0)
}

/// The panel.
pub fn panel(shown: &Shown) -> impl IntoView + use<> {
    let language = use_language();
    let path = shown.whose.path();
    let csv = (!shown.ledger.rows.is_empty()).then(|| {
        view! { <LinkButton href=format!("{path}/ledger.csv") class="btn-s" icon="download">"CSV"</LinkButton> }
    });
    let content = if shown.ledger.rows.is_empty() {
        view! {
            <Nothing
                title=language.pick("Nothing was booked", "没有账目")
                text=language.pick("Each grant and each call that is paid from credit stands here.", "每次授予和由额度支付的调用都会显示在这里。")
            />
        }
        .into_any()
    } else {
        table(shown).into_any()
    };
    view! {
        <Panel
            title=language.pick("Ledger", "账本")
            note=language.pick("every change, nothing is ever edited", "记录每一次变动，从不修改")
            id="ledger"
            actions=csv.into_any()
        >
            {content}
        </Panel>
    }
}

/// The table, of lines of somebody's ledger. Lots are called by their reasons where they are among `lots`.
pub(super) fn lines(lines: &[LedgerLine], lots: &[LotView], whose: Whose, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let columns = vec![
        Column::new(language.pick("Time, UTC", "时间（UTC）")),
        Column::new(language.pick("Kind", "类型")).leaves(3),
        Column::new(language.pick("What", "内容")),
        Column::new(language.pick("Change", "变动")).number(),
        Column::new(language.pick("Balance after", "变动后余额")).number(),
    ];
    let rows: Vec<_> = lines.iter().map(|line| row(line, lots, whose, now)).collect();
    view! { <Table columns=columns dense=true>{rows}</Table> }
}

fn table(shown: &Shown) -> impl IntoView + use<> {
    let language = use_language();
    let path = shown.whose.path();
    let turn = |name: &'static str, seq: Option<&String>| {
        seq.map(|seq| format!("{}#ledger", shown.query.link(&path, &KEPT, &[(name, Some(seq))])))
    };
    let (newer, older) = (
        turn("after", shown.ledger.newer.as_ref()),
        turn("before", shown.ledger.older.as_ref()),
    );
    let many = newer.is_some() || older.is_some();
    let sizes: Vec<_> = PageSize::OFFERED
        .into_iter()
        .filter(|_| many)
        .map(|size| {
            let href = shown.query.link(&path, &KEPT, &[("size", Some(&size.to_string()))]);
            (size, format!("{href}#ledger"), size == shown.size.rows())
        })
        .collect();
    let note = language.pick("A call is booked when it ends.", "调用在结束时入账。");
    view! {
        {lines(&shown.ledger.rows, &shown.lots, shown.whose, shown.now)}
        <Pager newer=newer older=older note=note sizes=sizes/>
    }
}

fn row(line: &LedgerLine, lots: &[LotView], whose: Whose, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let style = if same_day(line.booked_at, now) {
        TimeStyle::Clock
    } else {
        TimeStyle::Short
    };
    view! {
        <tr id=format!("entry-{}", line.seq.0)>
            <td class="cell-lead soft"><Time at=line.booked_at style=style/></td>
            <td class="col-3">{words::kind(line.kind, language)}</td>
            <td data-label=language.pick("What", "内容")>
                <span><span class="line-kind">{words::kind(line.kind, language)}{language.pick(": ", "：")}</span>{what(line, lots, whose)}</span>
            </td>
            <td class="num cell-end"><MoneyChange of=line.change/></td>
            <td class="num two-line" data-label=language.pick("Balance after", "变动后余额")>
                <span><MoneyText of=line.balance/></span>
                {owed(line, language)}
            </td>
        </tr>
    }
}

/// What is owed after it, where something is.
fn owed(line: &LedgerLine, language: Language) -> Option<impl IntoView + use<>> {
    (!line.debt.is_zero()).then(|| {
        view! { <small>{language.pick("owed ", "欠款 ")}<MoneyText of=line.debt/></small> }
    })
}

fn same_day(one: Timestamp, other: Timestamp) -> bool {
    one.0.div_euclid(DAY) == other.0.div_euclid(DAY)
}

/// The call with its model and key, or why somebody did it and who.
fn what(line: &LedgerLine, lots: &[LotView], whose: Whose) -> AnyView {
    let language = use_language();
    if let Some(call) = line.call {
        let model = line.model.clone().unwrap_or_else(|| call.to_string());
        let beside = match (line.kind, line.reason(), &line.key) {
            (_, Some(reason), _) => reason.to_owned(),
            (CommandKind::Settle | CommandKind::Late | CommandKind::Allocate, None, Some(key)) => key.clone(),
            (CommandKind::Settle | CommandKind::Late | CommandKind::Allocate, None, None) => {
                language.pick("playground", "试用").to_owned()
            }
            _ => String::new(),
        };
        let past = past_balance(line, language);
        return view! { <a class="row-link break" href=format!("/calls/{call}")>{model}</a>" "<span class="muted break">{beside}{past}</span> }.into_any();
    }
    let main = match (&line.command, line.reason()) {
        (_, Some(reason)) => reason.to_owned(),
        (Command::Expire { lot }, None) => name_of(*lot, lots),
        _ => words::kind(line.kind, language).to_owned(),
    };
    let by = words::actor(&line.actor, whose.mine, language);
    let by = format!("{}{by}", language.pick("by ", "操作者："));
    let past = past_balance(line, language);
    let lot = of_lot(&line.command, lots, language);
    view! { <span class="break">{main}</span>" "<span class="muted break">{lot}{by}{past}</span> }.into_any()
}

/// What a line has moved that its change of the balance does not show.
fn past_balance(line: &LedgerLine, language: Language) -> Option<impl IntoView + use<>> {
    let beside = line.beside()?;
    let words = match beside {
        Beside::Allocated(_) => language.pick("allocated ", "分摊 "),
        Beside::GivenUp(_) => language.pick("debt given up ", "核销欠款 "),
        Beside::Owed(_) => language.pick("became debt ", "转为欠款 "),
        Beside::Repaid(_) => language.pick("repaid debt ", "偿还欠款 "),
    };
    Some(view! { ", "{words}<MoneyText of=beside.amount()/> })
}

/// Which lot was voided or prolonged, and until when; the reason that somebody gave says neither.
fn of_lot(command: &Command, lots: &[LotView], language: Language) -> Option<String> {
    let named = |lot: LotId| match language {
        Language::En => format!("lot “{}”, ", name_of(lot, lots)),
        Language::Zh => format!("额度“{}”，", name_of(lot, lots)),
    };
    match (command, language) {
        (Command::Void { lot, .. }, _) => Some(named(*lot)),
        (Command::ExtendLot { lot, expires_at, .. }, language) => {
            let until = match (expires_at.map(|end| time::moment(end, language)), language) {
                (Some(end), Language::En) => format!("until {end}, "),
                (None, Language::En) => "never expires, ".to_owned(),
                (Some(end), Language::Zh) => format!("至 {end}，"),
                (None, Language::Zh) => "永不到期，".to_owned(),
            };
            Some(format!("{}{until}", named(*lot)))
        }
        _ => None,
    }
}

/// What a lot is called, if it is still shown.
fn name_of(lot: LotId, lots: &[LotView]) -> String {
    let found = lots.iter().find(|view| view.lot.id == lot);
    let origin = found.and_then(|view| view.origin.as_ref());
    origin.map_or_else(|| lot.to_string(), |origin| origin.reason.clone())
}
