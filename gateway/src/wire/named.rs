//! Files of a request that are named by their address, where its provider must be given their content: which they are, and how
//! what was fetched takes their place. `call::files` fetches between the two.

use std::collections::HashMap;

use super::{
    canonical::{File, FileKind, Part, Request, Source},
    measure,
    scanned::{Places, Scanned},
    speech::Speech,
};

/// A file that is wanted: where it is, and what it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Named {
    pub url: String,
    pub kind: FileKind,
}

/// A file that is wanted, and at how many places of the request: its content is put into each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub file: Named,
    pub places: usize,
}

/// More places of a request name files than the hub fetches for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// A file's media type, and its content in base64.
pub(crate) type Content = (String, String);

impl Scanned {
    /// The files whose content the provider must be given, each once. A file that is named twice is written twice into what the
    /// provider gets, so it is places that are counted.
    ///
    /// # Errors
    /// [`TooMany`], without looking at the rest.
    pub(crate) fn named_files(&self, speech: Speech, slug: &str, most: usize) -> Result<Vec<Wanted>, TooMany> {
        let Places::Read(request) = &self.places else {
            return Ok(Vec::new());
        };
        let (mut found, mut places) = (Vec::<Wanted>::new(), 0);
        for part in request.messages.iter().flat_map(|message| &message.parts) {
            each(part, &mut |file| {
                let Source::Url(url) = &file.source else { return };
                if places > most || !speech.wants_content(file, slug) {
                    return;
                }
                places += 1;
                let known = found
                    .iter_mut()
                    .find(|wanted| wanted.file.url == *url && wanted.file.kind == file.kind);
                match known {
                    Some(known) => known.places += 1,
                    None => found.push(Wanted {
                        file: Named {
                            url: url.clone(),
                            kind: file.kind,
                        },
                        places: 1,
                    }),
                }
            });
            if places > most {
                return Err(TooMany);
            }
        }
        Ok(found)
    }

    /// Puts contents in the place of addresses, and counts what that comes to: from now on each is like an embedded one.
    pub(crate) fn put_in(&mut self, contents: &HashMap<Named, Content>) {
        let Places::Read(request) = &mut self.places else {
            return;
        };
        let mut added = 0_u64;
        for part in request.messages.iter_mut().flat_map(|message| &mut message.parts) {
            each_mut(part, &mut |file| {
                let Source::Url(url) = &file.source else { return };
                let named = Named {
                    url: url.clone(),
                    kind: file.kind,
                };
                if let Some((mime, base64)) = contents.get(&named) {
                    added += base64.len() as u64;
                    file.source = Source::Data {
                        mime: mime.clone(),
                        base64: base64.clone(),
                    };
                }
            });
        }
        let before = std::mem::replace(&mut self.files, measure::files(request));
        // A spoken answer of before is no file that was read.
        self.files.count = self.files.count.max(before.count);
        self.files.paged = self.files.paged.max(before.paged);
        self.files.sound |= before.sound;
        let more_pixels = self.files.image_bytes.saturating_sub(before.image_bytes);
        self.bytes = self.bytes.saturating_add(added.saturating_sub(more_pixels));
    }
}

fn each(part: &Part, seen: &mut impl FnMut(&File)) {
    match part {
        Part::File(file) => seen(file),
        Part::ToolResult(result) => result.parts.iter().for_each(|part| {
            if let Part::File(file) = part {
                seen(file);
            }
        }),
        _ => {}
    }
}

fn each_mut(part: &mut Part, seen: &mut impl FnMut(&mut File)) {
    match part {
        Part::File(file) => seen(file),
        Part::ToolResult(result) => result.parts.iter_mut().for_each(|part| {
            if let Part::File(file) = part {
                seen(file);
            }
        }),
        _ => {}
    }
}

/// The files of a request, for [`measure`].
pub(super) fn all(request: &Request, mut seen: impl FnMut(&File)) {
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        each(part, &mut seen);
    }
}

#[cfg(test)]
mod tests {
    use domain::{call::Dialect, catalog::ProviderKind};

    use super::*;
    use crate::wire::speech::scan;

    #[test]
    fn what_was_fetched_counts_as_if_it_had_been_embedded() {
        let chat = |kind, content: &str| {
            let speech = Speech::between(Dialect::OpenaiChat, kind, "m");
            let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{content}]}}]}}"#);
            let mut scanned = scan(Dialect::OpenaiChat, body.as_bytes()).unwrap();
            speech.prepare(&mut scanned, body.as_bytes(), "m").unwrap();
            (scanned, body.len() as u64, speech)
        };
        let picture = r#"{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}"#;
        let (mut scanned, length, speech) = chat(ProviderKind::Ollama, &format!("{picture},{picture}"));
        let named = scanned.named_files(speech, "m", 2).unwrap();
        let [one] = named.as_slice() else { panic!("{named:?}") };
        assert_eq!(
            (one.file.url.as_str(), one.file.kind, one.places),
            ("https://x.example/a.png", FileKind::Image, 2)
        );
        assert_eq!(
            scanned.named_files(speech, "m", 1),
            Err(TooMany),
            "one file at two places"
        );
        let content = ("image/png".to_owned(), "AAAA".repeat(1_000));
        scanned.put_in(&HashMap::from([(one.file.clone(), content)]));
        // Pixels are no text.
        assert_eq!(
            (scanned.bytes, scanned.files.count, scanned.files.image_bytes),
            (length, 2, 8_000)
        );
        assert_eq!(scanned.named_files(speech, "m", 0), Ok(Vec::new()));
        // When its provider has answered, nothing of it lies here any more.
        scanned.answered();
        assert_eq!(scanned.places, Places::Read(Box::default()));
        assert_eq!(scanned.files.image_bytes, 8_000, "what it came to is still known");

        let document = r#"{"type":"file","file":{"file_data":"https://x.example/a.pdf"}}"#;
        let (mut scanned, length, speech) = chat(ProviderKind::Google, document);
        let named = scanned.named_files(speech, "m", 1).unwrap();
        assert_eq!(scanned.files.unmeasured.as_deref(), Some("file_data"));
        let content = ("application/pdf".to_owned(), "A".repeat(500));
        scanned.put_in(&named.into_iter().map(|wanted| (wanted.file, content.clone())).collect());
        assert_eq!((scanned.bytes, scanned.files.count), (length + 500, 1));
        assert_eq!(scanned.files.unmeasured, None, "its size is known now");
    }
}
