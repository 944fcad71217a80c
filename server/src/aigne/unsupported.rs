//! What clients of AIGNE Hub ask for and this hub does not do: films. Told in a sentence, once whoever asks is known; what they ask for is not
//! read.

use http::StatusCode;

use crate::{
    contract::{Book, Errors, Operation, Tag},
    v1::{ApiError, extract::Authenticated},
};

/// `POST /api/v2/video`.
pub async fn no_videos(Authenticated(_): Authenticated) -> ApiError {
    ApiError::invalid(
        StatusCode::NOT_IMPLEMENTED,
        "videos_unsupported",
        "This hub does not make videos. Send this request to the provider itself.",
    )
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "Not done: always refused with 501")
        .shaped(Errors::Aigne)
        .body(&serde_json::json!({}))
        .fails(book, &[501])
}
