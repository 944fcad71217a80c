//! From which sources the browser half was made, as it says itself (`app/src/sources.rs`). The server compares the number.

use crate::problem::Problem;
use crate::tree::Tree;

/// The words before the number.
const WORDS: &[u8] = b"is made from the sources with the number ";
/// Hexadecimal digits.
const DIGITS: usize = 16;

/// The number in the site's wasm file.
pub fn of(tree: &Tree) -> Result<Vec<u8>, Problem> {
    let wasm = tree.files().find(|(path, _)| *path == "pkg/hub.wasm");
    wasm.and_then(|(_, bytes)| read(bytes)).ok_or(Problem::NoSources)
}

fn read(wasm: &[u8]) -> Option<Vec<u8>> {
    let at = wasm.windows(WORDS.len()).position(|window| window == WORDS)?;
    let number = wasm.get(at + WORDS.len()..)?.get(..DIGITS)?;
    number.iter().all(u8::is_ascii_hexdigit).then(|| number.to_vec())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_number_is_found_among_other_bytes() {
        let wasm = b"\0asm\xff is made from the sources with the number 0123456789abcdef.\0more";
        assert_eq!(read(wasm).as_deref(), Some(&b"0123456789abcdef"[..]));
        assert_eq!(read(b"is made from the sources with the number 0123"), None);
        assert_eq!(read(b"\0asm"), None);
    }
}
