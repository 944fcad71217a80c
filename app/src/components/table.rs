//! Tables with heads that sort, and the line under them that turns pages. Rows are the page's own markup.

use leptos::prelude::*;

use super::icon::Icon;
use crate::text::{Language, use_language};

/// The head of a column.
#[derive(Clone, Debug, Default)]
pub struct Column {
    title: String,
    class: String,
    hidden: bool,
    sort: Option<(String, Option<bool>)>,
}

impl Column {
    /// A column with this title.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// A column of buttons: its title is only for screen readers.
    #[must_use]
    pub fn actions(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            hidden: true,
            ..Self::default()
        }
    }

    /// Numbers stand at the right.
    #[must_use]
    pub fn number(self) -> Self {
        self.class("num")
    }

    /// Leaves when the table gets narrow: level 3 first, then level 2. The cells need the same class.
    #[must_use]
    pub fn leaves(self, level: u8) -> Self {
        self.class(if level == 3 { "col-3" } else { "col-2" })
    }

    /// Adds a class.
    #[must_use]
    pub fn class(mut self, class: &str) -> Self {
        if !self.class.is_empty() {
            self.class.push(' ');
        }
        self.class.push_str(class);
        self
    }

    /// The title sorts: the address that does it, and whether the table is sorted so already (descending?).
    #[must_use]
    pub fn sorts(mut self, link: impl Into<String>, descending: Option<bool>) -> Self {
        self.sort = Some((link.into(), descending));
        self
    }

    /// The title as a link that sorts, for where there are no heads.
    fn sorter(&self) -> Option<impl IntoView + use<>> {
        let (link, descending) = self.sort.clone()?;
        let language = use_language();
        let icon = descending.map(|descending| view! { <Icon name=if descending { "down" } else { "up" } /> });
        let label = descending.map(|descending| match (language, descending) {
            (Language::En, false) => format!("{}, ascending", self.title),
            (Language::En, true) => format!("{}, descending", self.title),
            (Language::Zh, false) => format!("{}，升序", self.title),
            (Language::Zh, true) => format!("{}，降序", self.title),
        });
        let current = descending.map(|_| "true");
        Some(view! { <a class="chip" href=link aria-current=current aria-label=label>{self.title.clone()}{icon}</a> })
    }

    fn view(self) -> impl IntoView {
        let class = (!self.class.is_empty()).then_some(self.class);
        let (sorted, title) = match self.sort {
            None if self.hidden => (
                None,
                view! { <span class="visually-hidden">{self.title}</span> }.into_any(),
            ),
            None => (None, self.title.into_any()),
            Some((link, descending)) => {
                let word = descending.map(|descending| if descending { "descending" } else { "ascending" });
                let icon = descending.map(|descending| view! { <Icon name=if descending { "down" } else { "up" } /> });
                (
                    word,
                    view! { <a class="sort" href=link>{self.title}{icon}</a> }.into_any(),
                )
            }
        };
        view! { <th scope="col" class=class aria-sort=sorted>{title}</th> }
    }
}

/// A table. Children are `<tr>`s; see the classes of cells in the style guide (`cell-lead`, `data-label`, `num`, …). What sorts stands in its
/// heads, and above the cards that its rows become where it is narrow.
#[component]
pub fn Table(
    /// The heads.
    columns: Vec<Column>,
    /// Names the table where no heading does.
    #[prop(optional, into)]
    label: Option<String>,
    /// Low rows, for long lists.
    #[prop(optional)]
    dense: bool,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let class = if dense { "table table-dense" } else { "table" };
    let sorters: Vec<_> = columns.iter().filter_map(Column::sorter).collect();
    let sorters = (!sorters.is_empty()).then(|| {
        let sort = use_language().pick("Sort by", "排序");
        view! { <nav class="chips table-sorters" aria-label=sort><span class="muted" aria-hidden="true">{sort}</span>{sorters}</nav> }
    });
    let heads: Vec<_> = columns.into_iter().map(Column::view).collect();
    view! {
        <div class="table-wrap">
            {sorters}
            <table class=class aria-label=label>
                <thead><tr>{heads}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// The line under a list that continues: `foot` of a panel is not needed, this is one.
#[component]
pub fn Pager(
    /// The address of newer rows; absent on the first page.
    newer: Option<String>,
    /// The address of older rows; absent on the last page.
    older: Option<String>,
    /// What is shown, such as `50 of 10,000+ calls`.
    #[prop(optional, into)]
    note: Option<String>,
    /// How many rows a page may hold: the number, the address that does it, whether it does.
    #[prop(optional)]
    sizes: Vec<(u8, String, bool)>,
) -> impl IntoView {
    let language = use_language();
    let rows = language.pick("Rows a page", "每页条数");
    let sizes = (!sizes.is_empty()).then(|| {
        let links: Vec<_> = sizes
            .into_iter()
            .map(|(size, href, current)| view! { <a href=href aria-current=current.then_some("true")>{size}</a> })
            .collect();
        view! { <nav class="pager-sizes" aria-label=rows><span aria-hidden="true">{rows}</span>{links}</nav> }
    });
    let (newer_word, older_word) = (language.pick("Newer", "较新"), language.pick("Older", "较早"));
    let newer = match newer {
        Some(href) => {
            view! { <a class="btn btn-s" href=href rel="prev"><Icon name="left" />{newer_word}</a> }.into_any()
        }
        None => {
            view! { <button class="btn btn-s" type="button" disabled=true><Icon name="left" />{newer_word}</button> }
                .into_any()
        }
    };
    let older = match older {
        Some(href) => {
            view! { <a class="btn btn-s" href=href rel="next">{older_word}<Icon name="right" /></a> }.into_any()
        }
        None => {
            view! { <button class="btn btn-s" type="button" disabled=true>{older_word}<Icon name="right" /></button> }
                .into_any()
        }
    };
    view! {
        <footer class="panel-foot pager">
            <span>{note}</span>
            <span class="pager-end">{sizes}<nav class="btn-group" aria-label=language.pick("Pages", "分页")>{newer}{older}</nav></span>
        </footer>
    }
}

/// The line that turns pages of a list by name, which has no newer and older rows.
#[component]
pub fn Turn(
    /// The address of the rows in front of these.
    #[prop(optional_no_strip)]
    before: Option<String>,
    /// The address of the rows behind these.
    #[prop(optional_no_strip)]
    after: Option<String>,
    /// What is shown.
    note: String,
) -> impl IntoView {
    let language = use_language();
    let step = |href: Option<String>, word: &'static str, rel: &'static str| match href {
        Some(href) => view! { <a class="btn btn-s" href=href rel=rel>{word}</a> }.into_any(),
        None => view! { <button class="btn btn-s" type="button" disabled=true>{word}</button> }.into_any(),
    };
    view! {
        <footer class="panel-foot pager">
            <span>{note}</span>
            <span class="pager-end">
                <nav class="btn-group" aria-label=language.pick("Pages", "分页")>
                    {step(before, language.pick("Back", "上一页"), "prev")}
                    {step(after, language.pick("Next", "下一页"), "next")}
                </nav>
            </span>
        </footer>
    }
}
