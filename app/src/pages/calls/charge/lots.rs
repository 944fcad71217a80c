//! Which lot paid how much of a call.

use domain::ledger::Spent;
use leptos::prelude::*;

use super::Bill;
use crate::{components::money::MoneyText, text::Language};

/// A line for one lot, with the way to it.
pub(super) fn row(spent: &Spent, bill: &Bill, language: Language) -> impl IntoView + use<> {
    let href = if bill.mine {
        "/credits#lots".to_owned()
    } else {
        format!("/users/{}/credits/lots/{}", bill.call.payer(), spent.lot)
    };
    let name = spent.lot.to_string();
    view! {
        <tr class="sub">
            <th scope="row">
                {language.pick("From ", "来自 ")}<a class="link mono break" href=href>{name}</a>
            </th>
            <td><MoneyText of=spent.amount/></td>
        </tr>
    }
}
