//! The fields of a price: cost, margin, and the sell price that follows, live while somebody types. Without scripts the same
//! fields are a plain form, and what they come to is shown after they were sent once.
//!
//! The page around it is `pages::prices::model`.
#![expect(missing_docs, reason = "the island macro makes structs of its own")]

mod effect;
pub mod fields;
mod kinds;
pub mod past;
pub mod reading;
mod rows;
mod tiers;
#[cfg(feature = "hydrate")]
mod typed;

#[cfg(test)]
mod tests;

use domain::price::{Dimension, Past};
use leptos::prelude::*;

use crate::text::Language;
use effect::{EffectOfPast, Known};
use fields::{MARGIN, PriceFields};
use kinds::AnotherKind;
use reading::{Reading, Wrong};
use rows::Rates;
use tiers::Tiers;

/// What every part of the form needs.
#[derive(Clone, Copy)]
struct Sheet {
    fields: RwSignal<PriceFields>,
    reading: Memo<Reading>,
    language: Language,
}

impl Sheet {
    /// What was typed into a field.
    fn text(self, name: String) -> impl Fn() -> String + Copy + Send + Sync {
        let name = StoredValue::new(name);
        move || {
            self.fields
                .with(|fields| name.with_value(|name| fields.get(name).to_owned()))
        }
    }

    /// What is wrong with a field.
    fn wrong(self, name: String) -> impl Fn() -> Option<String> + Copy + Send + Sync {
        let name = StoredValue::new(name);
        move || {
            let wrong = self
                .reading
                .with(|reading| name.with_value(|name| reading.problems.get(name).copied()))?;
            Some(match wrong {
                Wrong::Number(problem) => self.language.price_number(problem),
                Wrong::Threshold => self
                    .language
                    .pick(
                        "Write a whole number like 200000, without spaces or commas.",
                        "请填写整数，例如 200000，不要使用空格或逗号。",
                    )
                    .to_owned(),
                Wrong::Twice => self
                    .language
                    .pick("Two tiers have this threshold.", "有两个阶梯使用了相同的阈值。")
                    .to_owned(),
                Wrong::Missing => self
                    .language
                    .pick("Say above how many tokens.", "请填写超过多少 token。")
                    .to_owned(),
                Wrong::NeverCharged => self
                    .language
                    .pick(
                        "Never charged: pictures sold by the piece have no tiers, and of the input beyond it a tier prices input alone. Leave this empty.",
                        "永远不会计费：按张计价的图像没有阶梯，而“超出部分”的阶梯仅适用于输入。请留空。",
                    )
                    .to_owned(),
            })
        }
    }

    fn set(self, name: &str, text: String) {
        self.fields.update(|fields| fields.set(name, text));
    }
}

/// A field of the form: its name to the server, its text, and whether it is wrong. What is wrong stands behind the frame that a field may
/// have, never in it: there it would take the place of the number.
#[component]
fn Field(
    sheet: Sheet,
    name: String,
    label: String,
    #[prop(into)] class: String,
    #[prop(into)] placeholder: Signal<String>,
    #[prop(optional)] framed: bool,
    #[prop(optional)] unit: Option<&'static str>,
) -> impl IntoView {
    let (text, wrong) = (sheet.text(name.clone()), sheet.wrong(name.clone()));
    let id = format!("price-{name}");
    let error = format!("{id}-error");
    let described = error.clone();
    let sent = format!("fields[{name}]");
    let input = view! {
        <input
            class=class
            id=id
            name=sent
            inputmode="decimal"
            autocomplete="off"
            spellcheck="false"
            maxlength="40"
            value=text()
            prop:value=text
            placeholder=placeholder
            aria-label=label
            aria-invalid=move || wrong().map(|_| "true")
            aria-describedby=move || wrong().map(|_| described.clone())
            on:input=move |event| sheet.set(&name, event_target_value(&event))
        />
    };
    let input = if framed {
        let unit = unit.map(|unit| view! { <span class="unit">{unit}</span> });
        view! { <span class="input-box input-short">{input}{unit}</span> }.into_any()
    } else {
        input.into_any()
    };
    view! {
        {input}
        {move || wrong().map(|sentence| view! { <span class="error" id=error.clone()>{sentence}</span> })}
    }
}

/// What publishing leaves unknown. It is not refused: whoever runs a model need not know what a token costs.
fn no_cost(uncosted: &[Dimension], language: Language) -> String {
    let what = language.uncosted(uncosted);
    match language {
        Language::En => format!("{what}: of calls that use it the hub will know no cost and no margin."),
        Language::Zh => format!("{what}：使用它的调用将没有成本和毛利数据。"),
    }
}

/// The whole of the form but its moment, its reason and its button.
#[island]
pub fn PriceForm(
    /// What the form begins with.
    fields: PriceFields,
    /// What it came to was shown to the person already.
    seen: bool,
    /// The person had said yes to selling below cost.
    confirmed: bool,
    /// Whose price.
    model: String,
    /// What its provider calls it, by which its pictures are known.
    slug: String,
    /// It may draw: prices of pictures can be added.
    draws: bool,
    /// What was used within the last days, where that is to be shown at once.
    past: Option<Past>,
    /// In which language to speak.
    language: Language,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    let typed = typed::before(&fields);
    let begun = Reading::of(&fields).sheet;
    let fields = RwSignal::new(fields);
    // When all is awake, and the server's texts stand in the fields again.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if !typed.is_empty() {
            fields.update(|fields| typed.iter().for_each(|(name, text)| fields.set(name, text.as_str())));
        }
    });
    let sheet = Sheet {
        fields,
        reading: Memo::new(move |_| fields.with(Reading::of)),
        language,
    };
    let known = Known::new(past);
    // In the browser everything is seen as it is typed.
    let shown = Memo::new(move |_| seen || sheet.reading.with(|reading| reading.sheet != begun));
    let seen = RwSignal::new(seen);
    let confirmed = RwSignal::new(confirmed);
    let below = Memo::new(move |_| sheet.reading.with(|reading| reading.below_cost(&slug)));
    Effect::new(move |before: Option<Vec<_>>| {
        seen.set(true);
        let now = below.get();
        if before.is_some_and(|before| before != now) {
            // A yes is a yes to what stood there.
            confirmed.set(false);
        }
        now
    });
    let told = move || {
        let sheet = sheet.reading.with(|reading| reading.sheet.clone());
        let sheet = sheet.filter(|_| seen.get());
        sheet
            .and_then(|sheet| serde_json::to_string(&sheet).ok())
            .unwrap_or_default()
    };
    let quick = ["0", "10", "20", "25"]
        .map(|percent| {
            view! {
                <button class="btn btn-s" type="button" on:click=move |_| sheet.set(MARGIN, percent.to_owned())>{format!("{percent} %")}</button>
            }
        })
        .collect_view();
    view! {
        <input type="hidden" name="seen" value=told prop:value=told />
        <div class="rates-margin">
            <label class="label" for="price-margin">{language.pick("Margin on cost", "成本加成")}</label>
            <Field sheet name=MARGIN.to_owned() label=language.pick("Margin on cost, percent", "成本加成，百分比").to_owned() class="input input-num" placeholder="0".to_owned() framed=true unit="%"/>
            <span class="btn-row script-only" role="group" aria-label=language.pick("Set the margin to", "设为")>{quick}</span>
        </div>
        <Rates sheet level=None main=true/>
        {draws.then(|| view! { <AnotherKind sheet/> })}
        <Rates sheet level=None main=false/>
        <Tiers sheet/>
        <EffectOfPast sheet model known shown/>
        {move || {
            let uncosted = sheet.reading.with(Reading::uncosted);
            (!uncosted.is_empty()).then(|| view! {
                <p class="banner banner-warn" role="status">
                    <svg class="icon" aria-hidden="true"><use_ href="/icons.svg#i-warn"></use_></svg>
                    <span>{no_cost(&uncosted, language)}</span>
                </p>
            })
        }}
        {move || {
            let below = below.get();
            (!below.is_empty()).then(|| {
                let lines = below.iter().map(|below| view! { <li>{language.below_cost(below)}</li> }).collect_view();
                view! {
                    <div class="rates-below" role="group" aria-label=language.pick("Below cost", "低于成本")>
                        <p class="strong">{language.pick("Sold below cost", "售价低于成本")}</p>
                        <ul>{lines}</ul>
                        <label class="check">
                            <input type="checkbox" name="below_cost_ok" value="true" checked=confirmed.get_untracked() prop:checked=confirmed
                                on:change=move |event| confirmed.set(event_target_checked(&event))/>
                            <span class="check-text">{language.pick("Yes, each such call loses money, and that is meant.", "是的，这样的每次调用都会亏损，我确认如此。")}</span>
                        </label>
                    </div>
                }
            })
        }}
    }
}
