//! What somebody typed into the form before the island was awake, which may take a moment on a slow line: waking puts the server's
//! texts into the fields, and what was typed would be gone. Called by the island when it wakes.

use leptos::{prelude::document, wasm_bindgen::JsCast as _, web_sys::HtmlInputElement};

use super::fields::{KIND, MARGIN, PriceFields, TIERS, above, cost, sell};

/// The fields whose text is not what the server wrote.
pub(super) fn before(fields: &PriceFields) -> Vec<(String, String)> {
    let mut names = vec![MARGIN.to_owned(), KIND.to_owned()];
    names.extend((0..TIERS).map(above));
    for level in std::iter::once(None).chain((0..TIERS).map(Some)) {
        for dimension in fields.dimensions() {
            names.extend([cost(level, &dimension), sell(level, &dimension)]);
        }
    }
    let typed = names.into_iter().filter_map(|name| {
        let field = document().get_element_by_id(&format!("price-{name}"))?;
        let text = field.dyn_into::<HtmlInputElement>().ok()?.value();
        (text.trim() != fields.get(&name)).then_some((name, text))
    });
    typed.collect()
}
