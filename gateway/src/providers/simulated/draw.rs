//! Pictures: a pattern of coloured squares, the same for the same words, as a small PNG. They are counted as OpenAI counts those of
//! low quality.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, Crc, write::ZlibEncoder};
use serde_json::{Value, json};

use super::request::{Request, fingerprint};

/// Squares on a side.
const SQUARES: u32 = 8;
/// Points on a side of a square.
const POINTS: u32 = 8;
/// Most pictures at once, as OpenAI's.
const MOST: u64 = 10;
/// Tokens of a picture.
const TOKENS: u64 = 272;

pub(super) fn answer(request: &Request) -> Result<Value, &'static str> {
    let body = &request.body;
    let prompt = body["prompt"].as_str().filter(|prompt| !prompt.trim().is_empty());
    let prompt = prompt.ok_or("'prompt' must be a text that is not empty.")?;
    let count = match &body["n"] {
        Value::Null => 1,
        number => number
            .as_u64()
            .filter(|count| (1..=MOST).contains(count))
            .ok_or("'n' must be from 1 to 10.")?,
    };
    let picture = |number: u64| {
        let seed = fingerprint(&[prompt.as_bytes(), &number.to_le_bytes()].concat());
        json!({ "b64_json": STANDARD.encode(png(seed)) })
    };
    let data: Vec<Value> = (0..count).map(picture).collect();
    let (input, output) = (prompt.split_whitespace().count() as u64, count * TOKENS);
    Ok(json!({
        "created": 0,
        "data": data,
        "output_format": "png",
        "quality": "low",
        "size": format!("{side}x{side}", side = SQUARES * POINTS),
        "system_fingerprint": "simulated",
        "usage": {
            "input_tokens": input,
            "input_tokens_details": { "text_tokens": input, "image_tokens": 0 },
            "output_tokens": output,
            "total_tokens": input + output,
        },
    }))
}

/// A PNG of 8 bits a colour (RFC 2083).
fn png(seed: u64) -> Vec<u8> {
    let side = SQUARES * POINTS;
    let mut lines = Vec::new();
    for down in 0..side {
        // Each line begins with its filter: none.
        lines.push(0);
        for across in 0..side {
            // The left half again on the right: eyes like that.
            let square = (across / POINTS).min(SQUARES - 1 - across / POINTS);
            let colour = fingerprint(
                &[
                    seed.to_le_bytes(),
                    u64::from(down / POINTS * SQUARES + square).to_le_bytes(),
                ]
                .concat(),
            );
            let [red, green, blue, ..] = colour.to_le_bytes();
            lines.extend_from_slice(&[red, green, blue]);
        }
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let packed = packed
        .write_all(&lines)
        .and_then(|()| packed.finish())
        .unwrap_or_default();
    let mut header = [side.to_be_bytes(), side.to_be_bytes()].concat();
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [(b"IHDR", header), (b"IDAT", packed), (b"IEND", Vec::new())] {
        chunk(*name, &content, &mut file);
    }
    file
}

fn chunk(name: [u8; 4], content: &[u8], file: &mut Vec<u8>) {
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(content);
    // A picture is far below 4 GB.
    file.extend_from_slice(&(content.len() as u32).to_be_bytes());
    file.extend_from_slice(&name);
    file.extend_from_slice(content);
    file.extend_from_slice(&sum.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;

    use super::*;

    #[test]
    fn the_same_words_draw_the_same_picture() {
        let one = png(7);
        assert_eq!(one, png(7));
        assert_ne!(one, png(8));
        assert!(one.starts_with(b"\x89PNG\r\n\x1a\n") && one.len() < 20_000);
        // The chunks, each with its sum.
        let (mut rest, mut names) = (&one[8..], Vec::new());
        while let [a, b, c, d, following @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let (named, after) = following.split_at(4 + length);
            let mut sum = Crc::new();
            sum.update(named);
            assert_eq!(after[..4], sum.sum().to_be_bytes());
            if &named[..4] == b"IDAT" {
                let mut lines = Vec::new();
                ZlibDecoder::new(&named[4..]).read_to_end(&mut lines).unwrap();
                assert_eq!(lines.len(), 64 * (1 + 64 * 3));
            }
            names.push(named[..4].to_vec());
            rest = &after[4..];
        }
        assert_eq!(names, [b"IHDR", b"IDAT", b"IEND"]);
    }
}
