//! Writes `.br` and `.gz` beside each file that gains by it, at the highest setting: done once, sent many times.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::problem::{self, Problem};
use crate::stamp::Stamp;
use crate::tree::Tree;

/// What is text or wasm; pictures and woff2 fonts are packed already.
const KINDS: [&str; 11] = [
    "css",
    "html",
    "js",
    "json",
    "map",
    "svg",
    "ttf",
    "txt",
    "wasm",
    "webmanifest",
    "xml",
];

/// Compresses the tree's files in the site's folder and answers the paths of all compressed files, old and new.
pub fn all(site: &Path, tree: &Tree) -> Result<Vec<String>, Problem> {
    let mut made = Vec::new();
    for (path, bytes) in tree.files() {
        if !path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind)) {
            continue;
        }
        for (ending, pack) in [("br", brotli as Pack), ("gz", gzip as Pack)] {
            let packed_path = format!("{path}.{ending}");
            let target = site.join(&packed_path);
            // The stamps stand beside the site, not in it.
            let stamp = Stamp::over(
                site.with_file_name("site-work").join("packed").join(&packed_path),
                [bytes],
            );
            if !(stamp.is_current() && target.is_file()) {
                stamp.forget();
                let packed = pack(bytes).map_err(problem::file("compressed", &target))?;
                // A client pays for unpacking: a twentieth is the least that is worth it.
                if packed.len() + bytes.len() / 20 > bytes.len() {
                    continue;
                }
                fs::write(&target, packed).map_err(problem::file("written", &target))?;
                stamp.keep()?;
            }
            made.push(packed_path);
        }
    }
    Ok(made)
}

type Pack = fn(&[u8]) -> std::io::Result<Vec<u8>>;

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &settings)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_packings_give_the_file_back_and_a_tiny_file_stays_alone() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        let text = "a line that comes again\n".repeat(200);
        let mut tree = Tree::default();
        tree.add("long.css", text.clone().into_bytes());
        tree.add("tiny.css", b"a{}".to_vec());
        tree.add("picture.png", text.clone().into_bytes());
        tree.write_to(&site).unwrap();

        assert_eq!(all(&site, &tree).unwrap(), ["long.css.br", "long.css.gz"]);

        let mut unpacked = String::new();
        let packed = fs::read(site.join("long.css.gz")).unwrap();
        flate2::read::GzDecoder::new(&packed[..])
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        let mut unpacked = Vec::new();
        let packed = fs::read(site.join("long.css.br")).unwrap();
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
    }
}
