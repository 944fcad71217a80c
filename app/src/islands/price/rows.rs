//! The table of one level: cost, what it is sold for, and the margin that lies between.

use domain::price::Dimension;
use leptos::prelude::*;

use super::{
    Field, Sheet,
    fields::{self, Level, PriceFields},
};
use crate::text::{Language, percent};

/// Beside what can be unfolded.
pub const CHEVRON: &str = "/icons.svg#i-right";

/// What today's endpoints count, in the order of the form.
const MAIN: [Dimension; 7] = [
    Dimension::Input,
    Dimension::Output,
    Dimension::CacheRead,
    Dimension::CacheWrite5m,
    Dimension::CacheWrite1h,
    Dimension::Reasoning,
    Dimension::Request,
];

/// What no endpoint of today counts. A version that has a price for it keeps that.
const UNCOUNTED: [Dimension; 2] = [Dimension::Second, Dimension::Character];

/// The main dimensions of a level, or the others, folded away while none has a price.
#[component]
pub fn Rates(sheet: Sheet, level: Level, main: bool) -> impl IntoView {
    let language = sheet.language;
    let all = sheet.fields.with_untracked(PriceFields::dimensions);
    // What is emptied stays: a row must not vanish under the cursor.
    let has = |dimension: &&Dimension| sheet.fields.with_untracked(|typed| typed.has(level, dimension));
    let begun: Vec<Dimension> = all.iter().filter(has).cloned().collect();
    let draws = all.iter().any(|dimension| matches!(dimension, Dimension::Image(_)));
    let belongs = move |dimension: &Dimension| {
        let is_picture = match dimension {
            Dimension::Image(_) => true,
            Dimension::InputImage | Dimension::OutputImage => draws,
            _ => false,
        };
        let is_main = MAIN.contains(dimension) || is_picture && level.is_none();
        // A tier is about long prompts: a fee for the call hardly depends on them.
        let is_asked = !UNCOUNTED.contains(dimension) && (level.is_none() || !dimension.by_piece());
        is_main == main && (is_asked || begun.contains(dimension))
    };
    let open = all
        .iter()
        .filter(|dimension| belongs(dimension))
        .any(|dimension| has(&dimension));
    if level.is_some() && !main && !open {
        return ().into_any();
    }
    let here = Memo::new(move |_| {
        let all = sheet.fields.with(PriceFields::dimensions);
        all.into_iter()
            .filter(|dimension| belongs(dimension))
            .collect::<Vec<_>>()
    });
    let table = view! {
        <table class="rates">
            <thead>
                <tr>
                    <th scope="col">{language.pick("USD per million", "美元 / 百万")}</th>
                    <th scope="col" class="num">{language.pick("Cost", "成本")}</th>
                    <th scope="col" class="num">{language.pick("Price", "售价")}</th>
                    <th scope="col" class="num">{language.pick("Margin", "加成")}</th>
                </tr>
            </thead>
            <tbody><For each=move || here.get() key=Clone::clone children=move |dimension| view! { <Row sheet level dimension/> }/></tbody>
        </table>
    };
    if main {
        table.into_any()
    } else {
        let more = if draws && level.is_none() {
            language.pick("More: audio", "更多：音频")
        } else {
            language.pick("More: audio, images", "更多：音频、图像")
        };
        view! {
            <details class="disclosure" open=open>
                <summary>
                    <svg class="icon" aria-hidden="true"><use_ href=CHEVRON></use_></svg>
                    {more}
                </summary>
                {table}
            </details>
        }
        .into_any()
    }
}

#[component]
fn Row(sheet: Sheet, level: Level, dimension: Dimension) -> impl IntoView {
    let language = sheet.language;
    let name = language.dimension(&dimension);
    let (cost_label, sell_label) = match (language, level) {
        (Language::En, None) => (format!("{name}: cost"), format!("{name}: price")),
        (Language::En, Some(tier)) => (
            format!("{name} in tier {}: cost", tier + 1),
            format!("{name} in tier {}: price", tier + 1),
        ),
        (Language::Zh, None) => (format!("{name}：成本"), format!("{name}：售价")),
        (Language::Zh, Some(tier)) => (
            format!("{name}（阶梯 {}）：成本", tier + 1),
            format!("{name}（阶梯 {}）：售价", tier + 1),
        ),
    };
    let what = StoredValue::new(dimension.clone());
    let cell = Memo::new(move |_| {
        sheet
            .reading
            .with(|reading| what.with_value(|what| reading.cell(level, what)))
    });
    let cost_name = StoredValue::new(fields::cost(level, &dimension));
    let follows = move || {
        let follows = cell.get().follows;
        let told = follows.map(|price| what.with_value(|what| what.price_text(price)));
        // Of a cost with a margin that cannot be read nothing follows; of no cost nothing is expected.
        let costs = || {
            sheet
                .fields
                .with(|fields| cost_name.with_value(|name| !fields.get(name).is_empty()))
        };
        told.unwrap_or_else(|| if costs() { "–".to_owned() } else { String::new() })
    };
    let margin = move || cell.get().margin.map(percent).unwrap_or_else(|| "–".to_owned());
    let fallback = (level.is_none()).then(|| dimension.fallback()).flatten();
    let fallback = fallback.map(|other| match language {
        Language::En => format!("else as {}", language.dimension(&other).to_lowercase()),
        Language::Zh => format!("未填则同“{}”", language.dimension(&other)),
    });
    let note = language.other_unit(&dimension).map(str::to_owned).or(fallback);
    let rule = Memo::new(move |_| sheet.fields.with(PriceFields::rule));
    // What is typed already stays in view, and is told to be wrong. Looked at when the rule changes, so that nothing vanishes while somebody types.
    let idle = Memo::new(move |_| {
        let charged = what.with_value(|what| rule.get().charges(what));
        let has = || what.with_value(|what| sheet.fields.with_untracked(|typed| typed.has(level, what)));
        level.is_some() && !charged && !has()
    });
    view! {
        <tr hidden=move || idle.get()>
            <th scope="row">{name}{note.map(|note| view! { " "<small>{note}</small> })}</th>
            <td>
                <Field sheet name=fields::cost(level, &dimension) label=cost_label class="input input-num" placeholder="".to_owned()/>
            </td>
            <td>
                <Field sheet name=fields::sell(level, &dimension) label=sell_label class="input input-num rates-follows" placeholder=Signal::derive(follows)/>
            </td>
            <td class=move || if cell.get().below { "num rates-gain is-below" } else { "num rates-gain" }>{margin}</td>
        </tr>
    }
}
