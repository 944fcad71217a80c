//! What the detail of a call says that was lost with its process, or came to nothing long after.

use leptos::prelude::*;

use super::Bill;
use crate::{
    components::{money::MoneyText, *},
    text::use_language,
};

/// Not charged: nobody knows what it used, or it came to nothing, long after it had been given up.
pub(super) fn text(bill: &Bill) -> impl IntoView + use<> {
    let language = use_language();
    let (word, sentence) = if bill.charge.late {
        (
            language.pick("late", "迟到"),
            language.pick(
                "It ended after what it held had been given back. Nothing was charged.",
                "调用结束时预占额度已经返还，未收费。",
            ),
        )
    } else {
        (
            language.pick("unbilled", "未计费"),
            language.pick(
                "The hub stopped before this call ended, so nobody knows what it used and nothing was charged. What it held was given back.",
                "Hub 在此调用结束前停止，用量未知，未收费，预占额度已返还。",
            ),
        )
    };
    let cost = bill.charge.unbilled.map(|unbilled| match unbilled.estimated_cost {
        Some(cost) => view! {
            <p>
                {language.pick("Estimated cost ", "估算成本 ")}<MoneyText of=cost strong=true/>
                <span class="soft">
                    {language.pick(", it held ", "，曾预占 ")}<MoneyText of=unbilled.at_most/>
                </span>
            </p>
        }
        .into_any(),
        None => view! {
            <p>{language.pick("It would have cost at most ", "费用最多为 ")}<MoneyText of=unbilled.at_most strong=true/></p>
        }
        .into_any(),
    });
    view! { <p><Status tone=Tone::Warning text=word/></p>{cost}<p class="help">{sentence}</p> }
}
