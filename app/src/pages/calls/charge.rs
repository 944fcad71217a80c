//! What a call was charged, line by line: quantity times price, added up, rounded once. Admins also see what the provider
//! bills, and may give a charge back.

mod lots;
mod unbilled;

use domain::{
    access::{Capability, Viewer},
    call::{Call, CallDetail, CallState, Funding},
    credit::CallCharge,
    money::{Amount, Money, Picos, Price},
    price::{Dimension, Line, Receipt},
};
use leptos::prelude::*;

use super::remedy::remedy;
use crate::{
    components::{
        money::{MoneyText, words},
        *,
    },
    context,
    error::AppError,
    form,
    pages::credits::{OnceField, ReasonField, actions::CorrectCall, entry_link},
    text::{Language, use_language},
};

/// A call's money, as this viewer sees it.
pub struct Bill {
    charge: CallCharge,
    call: Call,
    /// They may give it back.
    corrects: bool,
    mine: bool,
    /// Where this viewer can mend why it was refused for want of money.
    pub remedy: Option<String>,
}

impl Bill {
    /// Reads it.
    pub async fn read(viewer: &Viewer, detail: &CallDetail) -> Result<Self, AppError> {
        let gateway = context::gateway()?;
        Ok(Self {
            charge: gateway.credits().of_call(viewer, detail).await?,
            remedy: remedy(&gateway, viewer, &detail.call),
            call: detail.call.clone(),
            corrects: viewer.may(Capability::KeepMoney),
            mine: detail.call.payer() == viewer.id,
        })
    }

    /// What is left to give back.
    fn correctable(&self) -> Amount {
        let taken = match self.charge.funding {
            Funding::Credit => self.charge.paid(),
            Funding::Allocated | Funding::None => Amount::ZERO,
        };
        taken.less(self.charge.given_back)
    }
}

/// The part of a call's detail.
pub fn part(bill: &Bill) -> impl IntoView + use<> {
    let language = use_language();
    let charge = &bill.charge;
    let lost = charge.charge.is_none() && (charge.unbilled.is_some() || charge.late);
    let unit = charge
        .charge
        .is_some()
        .then(|| language.pick("quantity × USD per million", "数量 × 每百万价格（美元）"));
    let content = match (charge.charge, charge.held) {
        _ if lost => unbilled::text(bill).into_any(),
        (Some(_), _) => view! { {table(bill)}{notes(bill)} }.into_any(),
        (None, Some(held)) => waiting(bill, held).into_any(),
        (None, None) => view! { <p class="help">{uncharged(&bill.call, language)}</p> }.into_any(),
    };
    view! {
        <div class="peek-part stack stack-s">
            <h3>{language.pick("Charge", "费用")}" "<small>{unit}</small></h3>
            {content}
        </div>
    }
}

/// Why there is no charge: of what was answered, because nothing had a price.
const fn uncharged(call: &Call, language: Language) -> &'static str {
    match call.state {
        CallState::Open => language.pick("Nothing is charged so far.", "目前尚未收费。"),
        CallState::Succeeded => language.pick("No price: nothing was charged.", "没有价格：未收取费用。"),
        CallState::Failed | CallState::Cancelled | CallState::Interrupted => {
            language.pick("Nothing was charged.", "未收取费用。")
        }
    }
}

/// Before its end.
fn waiting(bill: &Bill, held: Amount) -> impl IntoView + use<> {
    let language = use_language();
    let sentence = if bill.call.state == CallState::Open {
        language.pick(
            "held until it ends, then charged exactly.",
            "预占至结束，随后按实际用量收费。",
        )
    } else {
        language.pick("held; it comes back in a moment.", "预占中，即将返还。")
    };
    view! { <p><MoneyText of=held strong=true/>" "<span class="soft">{sentence}</span></p> }
}

fn table(bill: &Bill) -> impl IntoView + use<> {
    let language = use_language();
    let charge = &bill.charge;
    let lines: Vec<_> = charge
        .receipt
        .iter()
        .flat_map(|receipt| &receipt.lines)
        .map(|line| row(line, language))
        .collect();
    let rounding = charge.receipt.as_ref().and_then(|receipt| rounding(receipt, language));
    let sum = |name: &'static str, amount: Money, class: &'static str| {
        view! { <tr class=class><th scope="row">{name}</th><td><MoneyText of=amount/></td></tr> }
    };
    let total = charge.charge.unwrap_or_default();
    let loss = (!charge.loss.is_zero()).then(|| {
        view! {
            {sum(language.pick("Not paid, beyond the credit", "超出额度，未支付"), charge.loss.negated(), "sub")}
            {sum(language.pick("Paid", "已支付"), charge.paid().money(), "sub")}
        }
    });
    // Which lots paid: with them the way of each nano-USD is told to its end.
    let lots: Vec<_> = charge
        .spent
        .iter()
        .map(|spent| lots::row(spent, bill, language))
        .collect();
    let back = (!charge.given_back.is_zero()).then(|| {
        sum(
            language.pick("Given back since", "此后退回"),
            charge.given_back.negated(),
            "sub",
        )
    });
    let operator = charge.cost.as_ref().map(|cost| {
        let margin = Money::from_nano(total.nano() - cost.cost.nano());
        let percent = cost.margin.map(|margin| match language {
            Language::En => format!("Margin, {margin} %"),
            Language::Zh => format!("毛利，{margin}%"),
        });
        let name = percent.unwrap_or_else(|| language.pick("Margin", "毛利").to_owned());
        view! {
            {sum(language.pick("Provider cost", "提供商成本"), cost.cost.money(), "sub")}
            <tr class="sub"><th scope="row">{name}</th><td><MoneyText of=margin/></td></tr>
        }
    });
    let uncosted = charge.uncosted.as_ref().map(|what| {
        let what = language.uncosted(std::slice::from_ref(what));
        let why = match language {
            Language::En => format!("Provider cost, not known: {}", what.to_lowercase()),
            Language::Zh => format!("提供商成本未知：{what}"),
        };
        view! { <tr class="sub"><th scope="row">{why}</th><td>"–"</td></tr> }
    });
    let allocated = charge.funding == Funding::Allocated;
    let charged = if allocated {
        language.pick("Allocated", "内部分摊")
    } else {
        language.pick("Charged", "收费")
    };
    view! {
        <table class="sum sum-wide">
            <caption class="visually-hidden">{language.pick("How the charge came about", "费用明细")}</caption>
            <tbody>{lines}{rounding}</tbody>
            <tfoot>
                <tr class="total"><th scope="row">{charged}</th><td><MoneyText of=total strong=true/></td></tr>
                {loss}
                {lots}
                {back}
                {operator}
                {uncosted}
            </tfoot>
        </table>
    }
}

fn row(line: &Line, language: Language) -> impl IntoView + use<> {
    let mut name = dimension(&line.dimension, language);
    if line.priced_as != line.dimension {
        let like = dimension(&line.priced_as, language);
        name = match language {
            Language::En => format!("{name}, priced as {}", like.to_lowercase()),
            Language::Zh => format!("{name}（按“{like}”计价）"),
        };
    }
    if let Some(above) = line.above {
        let above = format::count(above);
        name = match language {
            Language::En => format!("{name}, above {above}"),
            Language::Zh => format!("{name}，超过 {above}"),
        };
    }
    let (quantity, price) = (
        format::count(line.quantity),
        price(&line.dimension, line.price, language),
    );
    view! {
        <tr>
            <th scope="row">{name}" "<small class="product"><span class="nowrap">{quantity}" ×"</span>" "<span class="nowrap">{price}</span></small></th>
            <td><MoneyText of=line.subtotal/></td>
        </tr>
    }
}

/// A price as it is sold: what comes by the piece by the piece.
fn price(dimension: &Dimension, price: Price, language: Language) -> String {
    let price = words(dimension.shown(price));
    match dimension.by_piece() {
        true => format!("{price} {}", language.pick("each", "每个")),
        false => price,
    }
}

/// What the one rounding has added; nothing where all lines were exact.
fn rounding(receipt: &Receipt, language: Language) -> Option<impl IntoView + use<>> {
    let added = Picos::of(receipt.total).checked_sub(receipt.exact)?;
    (added != Picos::ZERO).then(|| {
        view! {
            <tr class="sub">
                <th scope="row">{language.pick("Rounded up, once", "向上取整（仅一次）")}</th>
                <td><MoneyText of=added/></td>
            </tr>
        }
    })
}

/// The price version, where it stands in the ledger, and whether it adds up.
fn notes(bill: &Bill) -> impl IntoView + use<> {
    let language = use_language();
    let charge = &bill.charge;
    let version = charge.priced_from.map(|from| {
        let from = time::moment(from, language);
        match language {
            Language::En => format!("By the price of {from}. "),
            Language::Zh => format!("按 {from} 起的价格计算。"),
        }
    });
    let exact = charge
        .receipt
        .as_ref()
        .map(|receipt| match rounding(receipt, language) {
            Some(_) => language.pick(
                "Rounded up once, to the billionth of a dollar. ",
                "仅向上取整一次，精确到十亿分之一美元。",
            ),
            None => language.pick(
                "Exact to the last digit, so nothing was rounded. ",
                "精确到最后一位，未取整。",
            ),
        });
    let late = charge.late.then(|| {
        language.pick(
            "It ended after what it held had been given back, so it was charged late, out of what could be spent then. ",
            "调用结束时预占额度已经返还，因此延后从当时的可用额度中收费。",
        )
    });
    let ahead = charge.ahead.then(|| {
        language.pick(
            "Its answer left before this was booked, as the database stood still. ",
            "数据库当时停滞，答复先于入账发出。",
        )
    });
    // Whose ledger it is not, they do not see it.
    let opens = bill.mine || context::may(Capability::ReadMoney);
    let entry = charge.seq.filter(|_| opens).map(|seq| {
        let href = entry_link(bill.call.payer(), bill.mine, seq);
        view! { <a class="link" href=href>{language.pick("See it in the ledger", "在账本中查看")}</a> }
    });
    let wrong = (charge.adds_up() == Some(false)).then(|| {
        let receipt = charge
            .receipt
            .as_ref()
            .map(|receipt| words(receipt.total))
            .unwrap_or_default();
        let text = match language {
            Language::En => format!(
                "The lines come to {receipt}, which is not what was charged. Tell your admin; the books can be proved."
            ),
            Language::Zh => format!("明细合计为 {receipt}，与收费不一致。请告知管理员核对账目。"),
        };
        view! { <Banner tone=Tone::Bad>{text}</Banner> }
    });
    view! { {wrong}<p class="help">{version}{exact}{late}{ahead}{entry}</p> }
}

/// The form by which admins give a charge back; nothing when nothing is left to give back.
pub fn give_back(bill: &Bill) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let most = bill.correctable();
    if !bill.corrects || most.is_zero() {
        return None;
    }
    let id = bill.call.id.to_string();
    let hint = match language {
        Language::En => format!(
            "Up to {}. It goes back to the lots that paid, the last one first.",
            words(most)
        ),
        Language::Zh => format!("最多 {}。退回到支付的额度中，后支付的先退。", words(most)),
    };
    Some(view! {
        <Panel title=language.pick("Give back", "退回费用") id="give-back" body=true>
            <Form action={form::action::<CorrectCall>()} class="form form-tight">
                <Hidden name="call" value=id/>
                <OnceField/>
                <TextField
                    name="amount"
                    label=language.pick("Amount, credits", "金额（额度）")
                    value=most.to_string()
                    autocomplete="off"
                    short=true
                    hint=hint
                />
                <ReasonField/>
                <div class="form-foot"><SubmitButton class="">{language.pick("Give credit back", "退回额度")}</SubmitButton></div>
            </Form>
        </Panel>
    })
}

/// A dimension of prices for people.
pub fn dimension(dimension: &Dimension, language: Language) -> String {
    match dimension {
        Dimension::Input => language.pick("Input", "输入"),
        Dimension::Output => language.pick("Output", "输出"),
        Dimension::CacheRead => language.pick("Cache read", "缓存读取"),
        Dimension::CacheWrite5m => language.pick("Cache write, 5 min", "缓存写入，5 分钟"),
        Dimension::CacheWrite1h => language.pick("Cache write, 1 h", "缓存写入，1 小时"),
        Dimension::Reasoning => language.pick("Reasoning", "推理"),
        Dimension::InputAudio => language.pick("Audio in", "音频输入"),
        Dimension::OutputAudio => language.pick("Audio out", "音频输出"),
        Dimension::InputImage => language.pick("Images in", "图像输入"),
        Dimension::OutputImage => language.pick("Images out", "图像输出"),
        Dimension::Image(kind) => return format!("{} {kind}", language.pick("Image", "图像")),
        Dimension::Second => language.pick("Seconds", "秒"),
        Dimension::Character => language.pick("Characters", "字符"),
        Dimension::Request => language.pick("Call", "调用"),
    }
    .to_owned()
}
