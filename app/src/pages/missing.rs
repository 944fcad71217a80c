//! The page for addresses that lead nowhere.

use domain::refusal::Thing;
use leptos::prelude::*;

use crate::{components::page, context};

/// Answers 404 within the frame; whoever is not signed in is led to the sign-in page first.
#[component]
pub fn MissingPage() -> impl IntoView {
    page(async { Err::<(), _>(context::missing(Thing::Page)) })
}
