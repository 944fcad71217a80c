//! Why a file was not fetched, as whoever named it is told. Whether there is something behind an address that is not public is
//! told to nobody.

use crate::wire::canonical::FileKind;

/// Why a file was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// The address is none, or none of http or https, or holds a name and a password.
    #[error("its address is none that begins with https:// or http:// and has no user name in it")]
    Address,
    /// No connection, or none that may be made.
    #[error("it cannot be reached at a public address")]
    Unreachable,
    /// The server says so.
    #[error("its server answers with status {0}")]
    Status(u16),
    /// It leads on and on.
    #[error("its address leads to others too often")]
    Redirects,
    /// The connection broke.
    #[error("it broke off")]
    Broken,
    /// The files of a call are too large.
    #[error("the files of one call may have 20 MB together")]
    TooLarge,
    /// Time is over.
    #[error("it did not come within 10 seconds")]
    Late,
    /// The hub's memory for requests has no room for it.
    #[error("the hub has no room for it at the moment")]
    Full,
    /// It is something else.
    #[error("it is no {}", word(*.0))]
    Kind(FileKind),
}

const fn word(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "picture that models read (PNG, JPEG, GIF, WebP)",
        FileKind::Document => "PDF and no text in UTF-8",
        FileKind::Audio => "sound by its content type",
        FileKind::Video => "film by its content type",
    }
}
