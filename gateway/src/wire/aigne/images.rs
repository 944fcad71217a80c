//! `/api/v2/image` and `/api/v2/image/generations`: the framework's request for pictures, and the older one, which is nearly
//! OpenAI's. What goes to the engine is OpenAI's request, and its answer is told anew in the shape that was asked in.

mod answer;
mod read;

pub use answer::answer;
pub use read::read;

/// In which shape a client asks, and is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `/api/v2/image`.
    Framework,
    /// `/api/v2/image/generations`.
    Generations,
}

/// In how many copies an answer stands in the memory while it is told: as it was read, and under each name that it has then.
pub const fn copies(shape: Shape) -> usize {
    match shape {
        Shape::Framework => 2,
        Shape::Generations => 7,
    }
}

/// A request in OpenAI's words.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// The model, as the client names it.
    pub model: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What original clients get when they name no model.
const DEFAULT_MODEL: &str = "openai/dall-e-2";
