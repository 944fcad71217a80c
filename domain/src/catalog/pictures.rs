//! What a picture is by the name of the model that draws it: how it is counted, and what is drawn where nothing was said. Data,
//! read off public documents.

use crate::price::ImageKind;

/// Tokens of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureTokens {
    /// What it has by the documents, for an estimate where nothing was counted.
    pub usual: u64,
    /// More it does not have. Credit is held for so many.
    pub most: u64,
}

impl PictureTokens {
    /// Pictures that nobody counts in tokens: they have a price by the piece, or none.
    pub const NONE: Self = Self { usual: 0, most: 0 };

    /// Of a model's picture of this kind.
    ///
    /// OpenAI: 272 to 408 for low quality, 1,056 to 1,584 for medium, 4,160 to 6,240 for high
    /// (<https://platform.openai.com/docs/guides/image-generation>). Gemini: 1,290, and up to 2,000 of the largest, beside what it
    /// thinks and says (<https://ai.google.dev/gemini-api/docs/image-generation>). Seedream: a token for 256 pixels, 16,384 for 2K.
    #[must_use]
    pub fn of(slug: &str, kind: &ImageKind) -> Self {
        let name = bare(slug);
        if is_sold_by_the_piece(&name) {
            return Self::NONE;
        }
        let (usual, most) = match (name.starts_with("gpt-image"), kind.quality()) {
            (true, "low") => (272, 1_024),
            (true, "medium") => (1_056, 2_048),
            (true, _) => (4_160, 8_192),
            (false, _) => (1_290, 16_384),
        };
        Self { usual, most }
    }
}

/// The kind of picture that a model is asked for: where nothing was said, what it draws then, as far as that is known.
#[must_use]
pub fn kind_of(slug: &str, asked: &ImageKind) -> ImageKind {
    let said = |word: &str, usual: &'static str| match word {
        "auto" => usual.to_owned(),
        word => word.to_owned(),
    };
    match bare(slug).starts_with("dall-e-") {
        true => ImageKind::asked(
            Some(&said(asked.size(), "1024x1024")),
            Some(&said(asked.quality(), "standard")),
        ),
        false => asked.clone(),
    }
}

/// The kinds of pictures that a model draws, for those who set prices; of models that are not known, whatever is asked for when
/// nothing is said.
#[must_use]
pub fn kinds_of(slug: &str) -> Vec<ImageKind> {
    let name = bare(slug);
    let (sizes, qualities): (&[&str], &[&str]) = match name.as_str() {
        "dall-e-2" => (&["256x256", "512x512", "1024x1024"], &["standard"]),
        name if name.starts_with("dall-e-") => (&["1024x1024", "1024x1792", "1792x1024"], &["standard", "hd"]),
        name if name.starts_with("gpt-image") => (
            &["1024x1024", "1024x1536", "1536x1024", "auto"],
            &["low", "medium", "high", "auto"],
        ),
        _ => (&["1024x1024", "auto"], &["auto"]),
    };
    let of_size = |size: &&'static str| {
        let size = *size;
        qualities
            .iter()
            .map(move |quality| ImageKind::asked(Some(size), Some(quality)))
    };
    sizes.iter().flat_map(of_size).collect()
}

/// Models whose providers bill pictures by the piece alone and count nothing.
fn is_sold_by_the_piece(name: &str) -> bool {
    ["dall-e-", "imagen-", "ideogram-"]
        .iter()
        .any(|family| name.starts_with(family))
}

/// The name without whose it is.
fn bare(slug: &str) -> String {
    slug.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_where_nothing_was_said_is_known_of_some() {
        let of = |slug, size, quality| kind_of(slug, &ImageKind::asked(size, quality)).to_string();
        assert_eq!(of("dall-e-3", None, None), "1024x1024/standard");
        assert_eq!(of("openai/DALL-E-3", Some("1792x1024"), Some("hd")), "1792x1024/hd");
        assert_eq!(of("gpt-image-1", None, None), "auto/auto");
        assert_eq!(of("gpt-image-1", Some("1536x1024"), Some("HIGH")), "1536x1024/high");
        // Whatever is said can be named by a price.
        assert_eq!(of("seedream", Some("16:9"), Some(" 2K ")), "16-9/2k");
        let odd = ImageKind::asked(Some(""), Some(&"é".repeat(50)));
        assert_eq!(odd.to_string(), format!("auto/{}", "-".repeat(20)));
        assert!(of("x", Some("16:9"), None).parse::<ImageKind>().is_ok());
    }

    #[test]
    fn what_is_asked_for_can_be_priced_by_one_of_the_kinds() {
        for (slug, count, size, quality) in [
            ("dall-e-2", 3, None, None),
            ("dall-e-3", 6, Some("1792x1024"), Some("hd")),
            ("gpt-image-1", 16, Some("1536x1024"), None),
            ("gpt-image-1", 16, None, Some("high")),
            ("gemini-2.5-flash-image", 2, None, None),
        ] {
            let kinds = kinds_of(slug);
            let asked = kind_of(slug, &ImageKind::asked(size, quality));
            assert!(kinds.len() == count && kinds.contains(&asked), "{slug} {asked}");
        }
    }

    #[test]
    fn a_picture_has_no_more_tokens_than_credit_is_held_for() {
        let of = |slug, quality| PictureTokens::of(slug, &ImageKind::asked(None, Some(quality)));
        assert_eq!(of("openai/dall-e-2", "standard"), PictureTokens::NONE);
        // The largest numbers of the documents.
        for (slug, quality, largest) in [
            ("gpt-image-1", "low", 408),
            ("gpt-image-1-mini", "medium", 1_584),
            ("gpt-image-1.5", "high", 6_240),
            ("gpt-image-1", "auto", 6_240),
            ("gemini-3-pro-image-preview", "auto", 2_000),
            ("doubao-seedream-4-0", "auto", 16_384),
        ] {
            let tokens = of(slug, quality);
            assert!(
                tokens.most >= largest && tokens.usual > 0 && tokens.usual <= tokens.most,
                "{slug}"
            );
        }
    }
}
