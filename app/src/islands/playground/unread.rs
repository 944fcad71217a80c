//! Says so when a model is known not to read a file that goes along: it is asked all the same, since providers learn and names
//! deceive. What models read stands in `domain::catalog::Abilities`; `pages::playground` hands on what each does not.

use leptos::prelude::*;

use super::{
    conversation::Conversation,
    files::Tray,
    frame::{Attachment, AttachmentKind},
    message::Sign,
    settings::Settings,
};
use crate::text::Language;

/// A model that can be asked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ModelChoice {
    /// Public name.
    pub name: String,
    /// Kinds of files that it is known not to read; none where it reads all of them, and none where nobody knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<AttachmentKind>,
}

/// The line under the files that the chosen model does not read, those of earlier questions among them: each question
/// takes them along. Empty and unseen where there are none.
#[component]
pub fn Unread(
    models: StoredValue<Vec<ModelChoice>>,
    conversation: Conversation,
    settings: Settings,
    tray: Tray,
    language: Language,
) -> impl IntoView {
    let said = Memo::new(move |_| {
        let name = settings.model.get();
        let unread = models.with_value(|models| {
            models
                .iter()
                .find(|model| model.name == name)
                .map(|model| model.unread.clone())
        });
        let unread = unread.unwrap_or_default();
        let waiting = tray.files.with(|files| kinds(files));
        let sent = conversation.turns.with(|turns| {
            let of = |turn: &super::turn::Turn| turn.attachments.with(|files| kinds(files));
            turns.iter().flat_map(of).collect::<Vec<_>>()
        });
        let there: Vec<_> = unread
            .into_iter()
            .filter(|kind| waiting.contains(kind) || sent.contains(kind))
            .collect();
        sentence(&name, &there, language)
    });
    view! {
        <p class="composer-unread" role="status">
            {move || said.get().map(|said| view! { <Sign name="warn"/><span>{said}</span> })}
        </p>
    }
}

fn kinds(files: &[Attachment]) -> Vec<AttachmentKind> {
    files.iter().map(|file| file.kind).collect()
}

/// What to know before asking `model` with files of kinds that it does not read; nothing to say without any.
fn sentence(model: &str, unread: &[AttachmentKind], language: Language) -> Option<String> {
    let words: Vec<&str> = unread.iter().filter_map(|kind| word(*kind, language)).collect();
    let list = words.join(language.pick(" and no ", "和"));
    (!list.is_empty()).then(|| match language {
        Language::En => format!(
            "{model} reads no {list}, as far as is known: the question may be refused, or answered without. Take them off, or choose another model."
        ),
        Language::Zh => format!("据目前所知，{model} 不能读取{list}：提问可能被拒绝，或回答时忽略这些文件。请移除文件或换用其他模型。"),
    })
}

/// What a kind of file is called; text goes into the message itself, so every model reads it.
const fn word(kind: AttachmentKind, language: Language) -> Option<&'static str> {
    match kind {
        AttachmentKind::Image => Some(language.pick("images", "图片")),
        AttachmentKind::Document => Some(language.pick("PDFs", " PDF ")),
        AttachmentKind::Sound => Some(language.pick("sound", "音频")),
        AttachmentKind::Text => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_named_and_nothing_else() {
        use AttachmentKind::{Document, Image, Text};
        let said = |unread: &[AttachmentKind], language| sentence("a/b", unread, language).unwrap_or_default();
        assert!(said(&[Image, Document], Language::En).starts_with("a/b reads no images and no PDFs, "));
        assert!(said(&[Image], Language::En).starts_with("a/b reads no images, "));
        assert!(said(&[Image], Language::Zh).contains("不能读取图片："));
        assert_eq!(said(&[], Language::En), "");
        assert_eq!(said(&[Text], Language::En), "");
    }
}
