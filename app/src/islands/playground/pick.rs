//! Takes files over from the browser: out of a dialog, a drop or the clipboard. On the server there are none.

use leptos::{ev, prelude::*, wasm_bindgen::JsValue};

use super::files::Tray;

/// Takes what a dialog has chosen. The field is emptied, so that the same file can be chosen again.
pub fn chosen(event: &ev::Event, tray: Tray, weight: u32) {
    let Some(field) = event.target().map(JsValue::from) else {
        return;
    };
    take(&member(&field, "files"), tray, weight);
    let _ = js_sys::Reflect::set(&field, &"value".into(), &"".into());
}

/// Takes what was dropped, if it is files; text may be dropped as ever.
pub fn dropped(event: &ev::DragEvent, tray: Tray, weight: u32) {
    let files = member(&member(event.as_ref(), "dataTransfer"), "files");
    if take(&files, tray, weight) {
        event.prevent_default();
    }
}

/// Takes what was pasted, if it is files.
pub fn pasted(event: &ev::ClipboardEvent, tray: Tray, weight: u32) {
    let files = member(&member(event.as_ref(), "clipboardData"), "files");
    if take(&files, tray, weight) {
        event.prevent_default();
    }
}

/// Files are over the page: says that they may be dropped here.
pub fn hovering(event: &ev::DragEvent) {
    let kinds = member(&member(event.as_ref(), "dataTransfer"), "types");
    let files = js_sys::Array::from(&kinds).iter().any(|kind| kind == "Files");
    if files {
        event.prevent_default();
    }
}

fn member(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &name.into()).unwrap_or_default()
}

/// Reads each file of a list. `false` when there is none.
fn take(list: &JsValue, tray: Tray, weight: u32) -> bool {
    let count = member(list, "length").as_f64().unwrap_or_default();
    if count < 1.0 {
        return false;
    }
    tray.refused.set(None);
    for file in js_sys::Array::from(list).iter() {
        browser::take(file, tray, weight);
    }
    true
}

mod browser {
    use leptos::{prelude::*, task::spawn_local};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Blob, FileReader};

    use super::member;
    use crate::islands::playground::{
        files::Tray,
        frame::{Attachment, AttachmentKind},
    };

    /// Checks a file before it is read, and again afterwards: several are read at the same time.
    pub(super) fn take(file: JsValue, tray: Tray, weight: u32) {
        let name = member(&file, "name").as_string().unwrap_or_default();
        let Ok(blob) = file.dyn_into::<Blob>() else {
            return;
        };
        let (media, bytes) = (blob.type_(), blob.size());
        let kind = match tray.check(&name, &media, bytes, weight) {
            Ok(kind) => kind,
            Err(sentence) => return tray.refused.set(Some(sentence)),
        };
        spawn_local(async move {
            let read = read(&blob, kind == AttachmentKind::Text).await;
            if let Err(sentence) = tray.check(&name, &media, bytes, weight) {
                return tray.refused.set(Some(sentence));
            }
            let Some(data) = read else {
                let sentence = tray.language.pick(" could not be read.", "无法读取。");
                return tray.refused.set(Some(format!("{name}{sentence}")));
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be small"
            )]
            let bytes = bytes as u32;
            tray.files.update(|files| {
                files.push(Attachment {
                    name,
                    kind,
                    data,
                    bytes,
                });
            });
        });
    }

    /// The words of a text; everything else as a `data:` address.
    async fn read(blob: &Blob, text: bool) -> Option<String> {
        let reader = FileReader::new().ok()?;
        let done = js_sys::Promise::new(&mut |resolve, reject| {
            reader.set_onload(Some(&resolve));
            reader.set_onerror(Some(&reject));
        });
        let begun = if text {
            reader.read_as_text(blob)
        } else {
            reader.read_as_data_url(blob)
        };
        begun.ok()?;
        JsFuture::from(done).await.ok()?;
        reader.result().ok()?.as_string()
    }
}
