//! Entry point of the wasm file: wakes the islands of a page that the server has already rendered.
//! Everything it can wake lives in `app::islands`.
#![cfg(target_arch = "wasm32")]

// The islands register themselves when this crate is linked; without this line they would be dropped.
use app as _;

/// Called once by the page's script.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// From which sources this file is made. The number in these words is read out of the file by `tools/site`.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn sources() -> String {
    app::sources::WORDS.to_owned()
}
