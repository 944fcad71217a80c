//! `/books`: whether the books are sound. The last proof with what it found, a button that runs one now, and the sums of the
//! chart of accounts as that proof read them.

pub(super) mod actions;
mod attention;
mod estimates;
mod words;

use domain::{
    access::{Actor, Capability},
    money::Money,
};
use gateway::{BookCheck, CheckOutcome, LedgerReport};
use leptos::prelude::*;

use self::actions::CheckBooks;
use crate::{
    components::*,
    context, form,
    pages::audit::actor_in_words,
    text::{Language, use_language},
};

/// Runs that are listed.
const LISTED: u8 = 10;

/// The page.
#[component]
pub fn BooksPage() -> impl IntoView {
    page(async move {
        let reader = context::money_reader()?;
        let gateway = context::gateway()?;
        let checks = gateway.book_checks().newest(&reader, LISTED).await?;
        let attention = attention::panel(&gateway.book_checks().attention(&reader).await?);
        let estimates = estimates::panel(&gateway.book_checks().estimates(&reader).await?);
        let language = use_language();
        let title = language.pick("Books", "账目");
        let sub = language.pick(
            "Every change of credit is journaled and can be applied again. The proof does that from the first entry on, beside the running hub, and changes nothing.",
            "每次额度变动都记入日记账并可重新推算。核对会从第一笔开始重新推算，与运行中的 Hub 并行，不做任何修改。",
        );
        let running = checks
            .first()
            .is_some_and(|check| check.outcome == CheckOutcome::Running);
        let word = if running {
            language.pick("Refresh", "刷新")
        } else {
            language.pick("Prove the books now", "立即核对")
        };
        let actions = if running {
            view! { <LinkButton href="/books" icon="rotate">{word}</LinkButton> }.into_any()
        } else if !context::may(Capability::KeepMoney) {
            ().into_any()
        } else {
            view! { <PostButton action={form::action::<CheckBooks>()} class="btn-primary" icon="run">{word}</PostButton> }
                .into_any()
        };
        let whole = gateway.book_checks().last_whole(&reader).await?;
        let last = telling(&checks, whole).and_then(|check| match &check.outcome {
            CheckOutcome::Ended(report) => Some((check.clone(), (**report).clone())),
            _ => None,
        });
        let (summary, findings, totals) = match &last {
            Some((check, report)) => (
                summary(check, report).into_any(),
                (!report.findings.is_empty()).then(|| findings(report)),
                // Of some accounts alone they say nothing.
                (check.since.is_none() && !report.totals.is_empty()).then(|| totals(check, report)),
            ),
            None => (never(running).into_any(), None, None),
        };
        let runs = (!checks.is_empty()).then(|| runs(&checks));
        Ok(view! {
            <Page title=title place=Place::Books>
                <PageHead title=title sub=sub actions=actions/>
                {summary}
                {findings}
                {attention}
                {estimates}
                {totals}
                {runs}
            </Page>
        })
    })
}

/// The run that the page tells of: the last whole one, unless one that looked at less has found something since.
fn telling(newest: &[BookCheck], whole: Option<BookCheck>) -> Option<BookCheck> {
    let proved = whole.as_ref().map(|check| check.started_at);
    let alarm = newest
        .iter()
        .take_while(|check| proved.is_none_or(|proved| check.started_at > proved))
        .find(|check| check.findings > 0);
    alarm.cloned().or(whole)
}

fn never(running: bool) -> impl IntoView {
    let language = use_language();
    let (title, text) = if running {
        (
            language.pick("The proof is under way", "核对进行中"),
            language.pick("Refresh in a moment to see what it found.", "请稍后刷新查看结果。"),
        )
    } else {
        (
            language.pick("The books were never proved", "尚未核对过账目"),
            language.pick(
                "Run the proof now. It takes seconds for thousands of calls.",
                "现在运行一次核对，数千次调用只需几秒。",
            ),
        )
    };
    view! { <section class="panel" aria-label=title><State kind=StateKind::NothingYet title=title text=text/></section> }
}

fn summary(check: &BookCheck, report: &LedgerReport) -> impl IntoView + use<> {
    let language = use_language();
    let sound = report.findings.is_empty();
    let (tone, sentence) = if sound {
        (
            Tone::Good,
            language
                .pick(
                    "The books are sound. Nothing that was read contradicts anything else.",
                    "账目正确，所有读取的内容互相一致。",
                )
                .to_owned(),
        )
    } else {
        let (count, listed) = (check.findings, report.findings.len());
        let sentence = match language {
            Language::En if count == 1 => "The books are not sound: one finding, listed below.".to_owned(),
            Language::En if count > listed as u64 => {
                format!("The books are not sound: {count} findings, the first {listed} of them listed below.")
            }
            Language::En => format!("The books are not sound: {count} findings, listed below."),
            Language::Zh if count > listed as u64 => {
                format!("账目有误：发现 {count} 处问题，下方列出前 {listed} 处。")
            }
            Language::Zh => format!("账目有误：发现 {count} 处问题，见下方列表。"),
        };
        (Tone::Bad, sentence)
    };
    let count = |number: u64| format::count(number);
    let facts = vec![
        fact(
            language.pick("Proved", "核对时间"),
            view! { <Time at=check.ended_at.unwrap_or(check.started_at)/> },
        ),
        fact(language.pick("By", "操作者"), by(&check.actor, language)),
        fact(
            language.pick("It took", "耗时"),
            format::span(check.ended_at.unwrap_or(check.started_at).since(check.started_at)),
        ),
        fact(language.pick("Accounts", "账户"), count(report.accounts)),
        fact(language.pick("Transactions", "交易"), count(report.transactions)),
        fact(language.pick("Entries", "分录"), count(report.entries)),
        fact(language.pick("Calls", "调用"), count(report.calls)),
        fact(language.pick("Hourly sums", "小时汇总"), count(report.hours)),
        fact(language.pick("Price versions", "价格版本"), count(report.prices)),
    ];
    view! {
        <Banner tone=tone>{sentence}</Banner>
        <Panel title=language.pick("Last proof", "最近一次核对") id="last" body=true><Facts of=facts wide=true/></Panel>
    }
}

fn findings(report: &LedgerReport) -> impl IntoView + use<> {
    let language = use_language();
    let columns = vec![
        Column::new(language.pick("Account", "账户")),
        Column::new(language.pick("Number", "编号")).number(),
        Column::new(language.pick("What is wrong", "问题")),
    ];
    let rows: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            let account = match finding.account {
                Some(account) => {
                    let href = crate::pages::audit::page_of_subject(&account.to_string()).unwrap_or_default();
                    view! { <a class="link mono" href=href>{account.to_string()}</a> }.into_any()
                }
                None => language.pick("all", "全部").into_any(),
            };
            let seq = finding.seq.map(|seq| seq.0.to_string());
            view! {
                <tr>
                    <td class="cell-lead">{account}</td>
                    <td class="num" data-label=language.pick("Number", "编号")>{seq}</td>
                    <td data-label=language.pick("What is wrong", "问题")><span class="break">{finding.problem.clone()}</span></td>
                </tr>
            }
        })
        .collect();
    let note = language.pick("as the verifier says it, in English", "由核对程序给出（英文）");
    view! { <Panel title=language.pick("Findings", "问题") note=note id="findings"><Table columns=columns>{rows}</Table></Panel> }
}

/// The chart of accounts. Debits are above zero, so the whole column comes to nothing.
fn totals(check: &BookCheck, report: &LedgerReport) -> impl IntoView + use<> {
    let language = use_language();
    let columns = vec![
        Column::new(language.pick("Account", "科目")),
        Column::new(language.pick("What it is", "含义")).leaves(2),
        Column::new(language.pick("Debit", "借")).number(),
        Column::new(language.pick("Credit", "贷")).number(),
        Column::new(language.pick("Balance", "余额")).number(),
    ];
    let rows: Vec<_> = report
        .totals
        .iter()
        .map(|total| {
            let (name, note) = words::account(total.account, language);
            view! {
                <tr>
                    <td class="cell-lead"><span class="cell-main">{name}</span></td>
                    <td class="col-2 muted" data-label=language.pick("What it is", "含义")>{note}</td>
                    <td class="num" data-label=language.pick("Debit", "借")><MoneyText of=total.debit/></td>
                    <td class="num" data-label=language.pick("Credit", "贷")><MoneyText of=total.credit/></td>
                    <td class="num cell-end"><MoneyText of=total.balance strong=true/></td>
                </tr>
            }
        })
        .collect();
    let sum = report
        .totals
        .iter()
        .try_fold(Money::ZERO, |sum, total| sum.checked_add(total.balance))
        .unwrap_or_default();
    let at = time::moment(check.started_at, language);
    let note = match language {
        Language::En => format!("as of {at}"),
        Language::Zh => format!("截至 {at}"),
    };
    let foot = view! {
        <span>{language.pick("All balances together", "全部余额合计")}</span>
        <span class="end"><MoneyText of=sum strong=true/></span>
    };
    view! {
        <Panel title=language.pick("Chart of accounts", "会计科目") note=note id="totals" foot=foot.into_any()>
            <Table columns=columns>{rows}</Table>
        </Panel>
    }
}

fn runs(checks: &[BookCheck]) -> impl IntoView + use<> {
    let language = use_language();
    let columns = vec![
        Column::new(language.pick("Begun, UTC", "开始时间（UTC）")),
        Column::new(language.pick("Result", "结果")),
        Column::new(language.pick("Of", "范围")).leaves(2),
        Column::new(language.pick("Transactions", "交易")).number().leaves(3),
        Column::new(language.pick("Calls", "调用")).number().leaves(3),
        Column::new(language.pick("By", "操作者")).leaves(2),
    ];
    let rows: Vec<_> = checks.iter().map(|check| run(check, language)).collect();
    view! { <Panel title=language.pick("Runs", "核对记录") id="runs"><Table columns=columns>{rows}</Table></Panel> }
}

fn run(check: &BookCheck, language: Language) -> impl IntoView + use<> {
    let result = match &check.outcome {
        CheckOutcome::Running => view! { <Status tone=Tone::Busy text=language.pick("running", "进行中")/> }.into_any(),
        CheckOutcome::BrokenOff => {
            view! { <Status tone=Tone::Warning text=language.pick("broken off", "已中断")/> }.into_any()
        }
        CheckOutcome::Ended(report) if report.findings.is_empty() => {
            view! { <Status tone=Tone::Good text=language.pick("sound", "正确")/> }.into_any()
        }
        CheckOutcome::Ended(_) => {
            let text = match language {
                Language::En if check.findings == 1 => "1 finding".to_owned(),
                Language::En => format!("{} findings", check.findings),
                Language::Zh => format!("{} 处问题", check.findings),
            };
            view! { <Status tone=Tone::Bad text=text/> }.into_any()
        }
    };
    let counts = match &check.outcome {
        CheckOutcome::Ended(report) => Some((report.transactions, report.calls)),
        _ => None,
    };
    let scope = match check.since {
        None => language.pick("everything", "全部").into_any(),
        Some(since) => view! { {language.pick("since ", "自 ")}<Time at=since style=TimeStyle::Short/> }.into_any(),
    };
    view! {
        <tr>
            <td class="cell-lead"><Time at=check.started_at style=TimeStyle::Short/></td>
            <td class="cell-end">{result}</td>
            <td class="col-2" data-label=language.pick("Of", "范围")><span>{scope}</span></td>
            <td class="num col-3"><Count of=counts.map(|(transactions, _)| transactions)/></td>
            <td class="num col-3"><Count of=counts.map(|(_, calls)| calls)/></td>
            <td class="col-2 ellipsis" data-label=language.pick("By", "操作者")>{by(&check.actor, language)}</td>
        </tr>
    }
}

fn by(actor: &Actor, language: Language) -> String {
    actor_in_words(actor, language)
}
