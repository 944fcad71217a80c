//! The palette's way to the hub. It only reads, so it is a GET: who looks as somebody else may use it as well.

use leptos::{prelude::*, server};
use server_fn::codec::GetUrl;

use super::hit::Hit;
use crate::islands::playground::unheard::Unheard;

/// Everything but pages that these words find and the asker may see; a few of each kind.
///
/// # Errors
/// When nobody is signed in, or the database fails.
#[server(input = GetUrl)]
pub async fn find(words: String) -> Result<Vec<Hit>, Unheard> {
    use crate::{context, pages::search::hits};
    let viewer = context::viewer()?;
    let found = hits::found(&context::gateway()?, &viewer, &words).await;
    Ok(found.map_err(crate::error::AppError::from)?)
}
