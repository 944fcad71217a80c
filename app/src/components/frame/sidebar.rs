//! The navigation: only what the person may see. On small screens it is a native popover that the top bar's button opens.

use leptos::prelude::*;

use super::{Brand, place::Place, purse::PurseLink};
use crate::{components::icon::Icon, context, text::use_language};

/// The navigation with the present place marked.
#[component]
pub fn Sidebar(
    /// Where the visitor is.
    place: Place,
) -> impl IntoView {
    let language = use_language();
    let links = move |places: &[Place]| -> Vec<_> {
        places
            .iter()
            .filter(|place| place.needs().is_none_or(context::may))
            .filter_map(|entry| Some((*entry, entry.entry(language)?)))
            .map(|(target, entry)| {
                let current = (target == place).then_some("page");
                view! { <a class="nav-link" href=entry.href aria-current=current><Icon name=entry.icon />{entry.title}</a> }
            })
            .collect()
    };
    let operate = links(&Place::OPERATE);
    view! {
        <nav class="sidebar" id="nav" popover="auto" aria-label=language.pick("Main", "主导航")>
            <div class="sidebar-head"><Brand /></div>
            <div class="nav-group">{links(&Place::WATCH)}</div>
            {(!operate.is_empty()).then(|| view! {
                <div class="nav-group">
                    <p class="nav-title">{language.pick("Operate", "运营")}</p>
                    {operate}
                </div>
            })}
            <div class="nav-group">
                <p class="nav-title">{language.pick("Yours", "我的")}</p>
                {links(&Place::YOURS)}
            </div>
            <div class="sidebar-foot nav-group"><PurseLink />{links(&[Place::Account])}</div>
        </nav>
    }
}
