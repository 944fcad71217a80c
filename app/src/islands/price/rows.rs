//! The table of one level: cost, what it is sold for, and the margin that lies between.

use domain::price::Dimension;
use leptos::prelude::*;

use super::{
    Field, Sheet,
    fields::{self, Level},
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

/// The main dimensions of a level, or the others, folded away while none has a price.
#[component]
pub fn Rates(sheet: Sheet, level: Level, main: bool) -> impl IntoView {
    let language = sheet.language;
    let all = sheet.fields.with_untracked(fields::PriceFields::dimensions);
    let filled = |dimension: &Dimension| {
        let names = [fields::cost(level, dimension), fields::sell(level, dimension)];
        sheet
            .fields
            .with_untracked(|typed| names.iter().any(|name| !typed.get(name).is_empty()))
    };
    // Pictures have fields where the model draws, or somebody has set a price for some.
    let draws = all.iter().any(|dimension| matches!(dimension, Dimension::Image(_)));
    let belongs = |dimension: &Dimension| {
        let is_picture = matches!(
            dimension,
            Dimension::InputImage | Dimension::OutputImage | Dimension::Image(_)
        );
        let is_main = MAIN.contains(dimension) || draws && is_picture && level.is_none();
        // A tier is about long prompts: a fee for the call hardly depends on them.
        is_main == main && (level.is_none() || !dimension.by_piece() || filled(dimension))
    };
    let here: Vec<Dimension> = all.into_iter().filter(belongs).collect();
    let open = here.iter().any(filled);
    if level.is_some() && !main && !open {
        return ().into_any();
    }
    let rows = here
        .into_iter()
        .map(|dimension| view! { <Row sheet level dimension/> })
        .collect_view();
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
            <tbody>{rows}</tbody>
        </table>
    };
    if main {
        table.into_any()
    } else {
        view! {
            <details class="disclosure" open=open>
                <summary>
                    <svg class="icon" aria-hidden="true"><use_ href=CHEVRON></use_></svg>
                    {language.pick("More: audio, images, characters, seconds", "更多：音频、图像、字符、时长")}
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
    let follows = move || {
        let follows = cell.get().follows;
        follows
            .map(|price| what.with_value(|what| what.price_text(price)))
            .unwrap_or_default()
    };
    let margin = move || cell.get().margin.map(percent).unwrap_or_else(|| "–".to_owned());
    let fallback = (level.is_none()).then(|| dimension.fallback()).flatten();
    let fallback = fallback.map(|other| match language {
        Language::En => format!("else as {}", language.dimension(&other).to_lowercase()),
        Language::Zh => format!("未填则同“{}”", language.dimension(&other)),
    });
    let note = language.other_unit(&dimension).map(str::to_owned).or(fallback);
    view! {
        <tr>
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
