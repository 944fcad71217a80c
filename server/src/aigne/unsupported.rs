//! What clients of AIGNE Hub ask for and this hub does not do: pictures and films. Told in a sentence, once whoever asks is known.

use http::StatusCode;

use crate::{
    contract::{Book, Errors, Operation, Tag},
    v1::{
        ApiError,
        extract::{Authenticated, WholeBody},
    },
};

/// `POST /api/v2/image` and `/api/v2/image/generations`: no provider of this hub draws.
pub async fn no_images(Authenticated(_): Authenticated, WholeBody(_): WholeBody) -> ApiError {
    ApiError::invalid(
        StatusCode::NOT_IMPLEMENTED,
        "images_unsupported",
        "This hub does not make images yet: no provider that it can connect is asked to draw. Call a chat model, or send this request to the provider itself.",
    )
}

/// `POST /api/v2/video`.
pub async fn no_videos(Authenticated(_): Authenticated, WholeBody(_): WholeBody) -> ApiError {
    ApiError::invalid(
        StatusCode::NOT_IMPLEMENTED,
        "videos_unsupported",
        "This hub does not make videos. Send this request to the provider itself.",
    )
}

/// What is said of both.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "Not done: always refused with 501")
        .shaped(Errors::Aigne)
        .body(&serde_json::json!({}))
        .fails(book, &[501])
}
