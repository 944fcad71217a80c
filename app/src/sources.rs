//! From which sources this half of the console is built. The wasm file holds the words, `tools/site` puts its number beside it
//! (`pkg/sources.txt`), and the server compares that with its own when it starts: islands of other sources may not work.

/// The number, in 16 hexadecimal digits.
pub const NUMBER: &str = env!("HUB_CONSOLE_SOURCES");

/// The number and the words by which it is found in a wasm file.
pub const WORDS: &str = concat!(
    "This half of the console of AIGNE Hub is made from the sources with the number ",
    env!("HUB_CONSOLE_SOURCES"),
    "."
);
