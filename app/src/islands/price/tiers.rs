//! Context tiers: other prices for long prompts. The form shows those that there are and room for one more.

use domain::price::TierRule;
use leptos::prelude::*;

use super::{
    Field, Sheet,
    fields::{self, PriceFields, RULE, TIERS},
    rows::{CHEVRON, Rates},
};
use crate::text::Language;

/// The tiers, folded away while there is none.
#[component]
pub fn Tiers(sheet: Sheet) -> impl IntoView {
    let language = sheet.language;
    let used = sheet.fields.with_untracked(PriceFields::tiers);
    // Room never shrinks: a row must not vanish under the cursor.
    let room = Memo::new(move |before: Option<&usize>| {
        let room = (sheet.fields.with(PriceFields::tiers) + 1).min(TIERS);
        room.max(before.copied().unwrap_or_default())
    });
    let chosen = sheet.text(RULE.to_owned());
    let rules = [(TierRule::Whole, "whole"), (TierRule::Marginal, "marginal")]
        .map(|(rule, word)| {
            let current = chosen() == word;
            view! { <option value=word selected=current>{language.tier_rule(rule)}</option> }
        })
        .collect_view();
    view! {
        <details class="disclosure" open={used > 0}>
            <summary>
                <svg class="icon" aria-hidden="true"><use_ href=CHEVRON></use_></svg>
                {language.pick("Other prices for long prompts", "长输入的阶梯价格")}
            </summary>
            <div class="form">
                <div class="rates-margin">
                    <label class="label" for="price-rule">{language.pick("A tier prices", "阶梯价格适用于")}</label>
                    <span class="select">
                        <select id="price-rule" name=format!("fields[{RULE}]") on:change=move |event| sheet.set(RULE, event_target_value(&event))>{rules}</select>
                    </span>
                </div>
                <For each=move || 0..room.get() key=|tier| *tier children=move |tier| view! { <Tier sheet tier fold={tier > 0 && tier >= used}/> }/>
            </div>
        </details>
    }
}

/// One tier; room for a further one is folded away.
#[component]
fn Tier(sheet: Sheet, tier: usize, fold: bool) -> impl IntoView {
    if !fold {
        return view! { <TierFields sheet tier/> }.into_any();
    }
    view! {
        <details class="disclosure">
            <summary>
                <svg class="icon" aria-hidden="true"><use_ href=CHEVRON></use_></svg>
                {sheet.language.pick("Another tier", "再加一个阶梯")}
            </summary>
            <TierFields sheet tier/>
        </details>
    }
    .into_any()
}

#[component]
fn TierFields(sheet: Sheet, tier: usize) -> impl IntoView {
    let language = sheet.language;
    let name = fields::above(tier);
    let (title, label) = match language {
        Language::En => (
            format!("Tier {}", tier + 1),
            format!("Tier {}: above input tokens", tier + 1),
        ),
        Language::Zh => (
            format!("阶梯 {}", tier + 1),
            format!("阶梯 {}：超过的输入 token", tier + 1),
        ),
    };
    view! {
        <fieldset class="fieldset rates-tier">
            <legend class="label">{title}</legend>
            <div class="rates-margin">
                <span>{language.pick("Above", "超过")}</span>
                <Field sheet name=name label=label class="input input-num" placeholder="200000".to_owned() framed=true/>
                <span>{language.pick("input tokens. What stays empty is as above.", "个输入 token。留空则与上方相同。")}</span>
            </div>
            <Rates sheet level=Some(tier) main=true/>
            <Rates sheet level=Some(tier) main=false/>
        </fieldset>
    }
}
