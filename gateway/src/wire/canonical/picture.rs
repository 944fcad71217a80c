//! A request for pictures in words that every wire shares, and the answer. Read and written by OpenAI's dialect, which is the
//! only one that clients speak here; asked for and answered by wires that draw otherwise.

/// What a client wants to have drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In words; not empty.
    pub prompt: String,
    /// How many pictures.
    pub count: u64,
    /// `1024x1024`, `16:9`, `auto`; absent where the client leaves it open.
    pub size: Option<String>,
    /// Pictures to begin with.
    pub from: Vec<Picture>,
    /// Other members that say something, by the name they have in the client's dialect.
    pub extra: Vec<String>,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its media type, as `image/png`.
    pub mime: String,
    /// Its bytes.
    pub base64: String,
}

/// What was drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// The pictures, in the order in which they came.
    pub pictures: Vec<Picture>,
    /// Why there is none, in the provider's word.
    pub refused: Option<String>,
}
