//! Shows: the console of AIGNE Hub.
//!
//! Pages, components and the root run on the server only and may ask the engine directly; what moves in the browser
//! lives in [`islands`] and is all that the wasm file holds. `server` mounts [`App`] inside [`shell`] and provides the
//! context (`context::provide`).
//!
//! To add a page: one file under `pages/<area>/`, one route line in `pages.rs`, one line in `components/frame/place.rs`
//! if it belongs into the navigation.
// Views of big pages nest deeply before they are erased.
#![recursion_limit = "256"]
#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::needless_pass_by_value,
        reason = "components and server functions own their arguments"
    )
)]

pub mod islands;
pub mod sources;
pub mod text;

#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod flash;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod root;

#[cfg(feature = "ssr")]
pub use root::{App, shell};
