//! What moves in the browser. Everything here compiles for wasm and stays small; texts come in as props.

pub mod copy;
pub mod markdown;
pub mod narrow;
pub mod palette;
pub mod playground;
pub mod price;
