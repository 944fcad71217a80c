//! The button that proves the books. It changes nothing of them, so it is no entry of the audit; the run itself says who
//! wanted it.

use leptos::prelude::*;

use crate::{
    components::Tone,
    context::{gateway, money},
    error::AppError,
    form::Done,
    pages::providers::press::press,
    text::use_language,
};

/// Begins a proof in the background.
#[server]
pub async fn check_books() -> Result<(), AppError> {
    press("/books", async move {
        let (money, gateway, language) = (money()?, gateway()?, use_language());
        Ok(if gateway.book_checks().start(&money).await? {
            Done::to("/books").saying(language.pick(
                "The proof has begun. Refresh in a moment to see what it found.",
                "核对已开始，请稍后刷新查看结果。",
            ))
        } else {
            Done::to("/books").noticing(
                Tone::Plain,
                language.pick("A proof is under way already.", "已有核对正在进行。"),
            )
        })
    })
    .await
}
