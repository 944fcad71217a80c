//! The page for addresses that lead nowhere, and for forms that lead back nowhere.

use domain::refusal::Thing;
use leptos::prelude::*;

use crate::{
    components::page,
    context::{self, Stranded},
};

/// Answers 404 within the frame; whoever is not signed in is led to the sign-in page first. A form that was refused and
/// does not say from which page it comes is answered here too, with its own sentence and status.
#[component]
pub fn MissingPage() -> impl IntoView {
    let error = use_context::<Stranded>().map_or_else(|| context::missing(Thing::Page), |stranded| stranded.0);
    page(async move { Err::<(), _>(error) })
}
