//! Writes requests for `generateContent` and `streamGenerateContent`; both take the same body. Whether the answer is streamed
//! stands in the address, as does the model.

use serde_json::{Map, Value};

use super::model::Traits;
use crate::wire::canonical::{Dropped, File, Request, RequestWriter, Source, Target, Unspeakable};

mod config;
mod contents;
mod files;
mod tools;

/// Writes for Gemini.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writer;

impl RequestWriter for Writer {
    fn write(&self, request: &Request, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
        let mut page = Page {
            traits: Traits::of(target.slug),
            dropped: Vec::new(),
            body: Map::new(),
        };
        contents::write(request, &mut page)?;
        tools::write(request, &mut page);
        config::write(request, target, &mut page)?;
        page.dropped.sort();
        page.dropped.dedup();
        // A tree of values always is JSON.
        let body = serde_json::to_vec(&Value::Object(page.body)).unwrap_or_default();
        Ok((body, page.dropped))
    }

    fn wants_content(&self, file: &File, target: &Target<'_>) -> bool {
        match &file.source {
            Source::Url(url) => files::fetched_as(url, file.kind, Traits::of(target.slug)).is_none(),
            _ => false,
        }
    }
}

/// What is being written.
struct Page {
    traits: Traits,
    dropped: Vec<Dropped>,
    body: Map<String, Value>,
}

impl Page {
    fn drop(&mut self, name: &str) {
        self.dropped.push(Dropped(name.to_owned()));
    }

    fn set(&mut self, name: &str, value: Value) {
        self.body.insert(name.to_owned(), value);
    }
}

fn unspeakable(param: &str, message: impl Into<String>) -> Unspeakable {
    Unspeakable {
        message: message.into(),
        param: param.to_owned(),
    }
}
