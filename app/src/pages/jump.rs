//! The field in the top bar: a typed id, page name or model leads to its page. Works without scripts.

use leptos::prelude::*;

use crate::{
    components::{Place, page},
    context,
    error::AppError,
    form::{Query, encode},
    text::Language,
};

/// Sends the browser on; never shown.
#[component]
pub fn JumpPage() -> impl IntoView {
    page(async {
        context::viewer()?;
        let typed = Query::current().get("to").unwrap_or_default();
        context::redirect(&target(&typed));
        Ok::<_, AppError>(())
    })
}

/// Ids lead to their page, names of places to the place; everything else is looked for among the calls' models.
fn target(typed: &str) -> String {
    let typed = typed.trim();
    // A key has no page of its own; its calls are what one looks for.
    let ids = [
        ("call_", "/calls/"),
        ("prov_", "/providers/"),
        ("user_", "/users/"),
        // What a model costs is its page.
        ("model_", "/prices/"),
        ("key_", "/calls?range=all&key="),
    ];
    for (prefix, page) in ids {
        if typed.starts_with(prefix) {
            return format!("{page}{}", encode(typed));
        }
    }
    let wanted = typed.to_lowercase();
    if wanted.is_empty() {
        return "/".to_owned();
    }
    let places = Place::WATCH
        .iter()
        .chain(&Place::OPERATE)
        .chain(&Place::YOURS)
        .chain(&[Place::Account]);
    for place in places {
        for language in Language::ALL {
            if let Some(entry) = place.entry(language)
                && entry.title.to_lowercase().starts_with(&wanted)
            {
                return entry.href.to_owned();
            }
        }
    }
    format!("/calls?model={}", encode(typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_leads_somewhere() {
        assert_eq!(target("call_0000000000001"), "/calls/call_0000000000001");
        assert_eq!(target(" key_0000000000001 "), "/calls?range=all&key=key_0000000000001");
        assert_eq!(target("prov"), "/providers");
        assert_eq!(target("密钥"), "/calls?model=%E5%AF%86%E9%92%A5");
        assert_eq!(target("gpt-5"), "/calls?model=gpt-5");
        assert_eq!(target(" "), "/");
    }
}
