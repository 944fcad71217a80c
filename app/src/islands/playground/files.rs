//! Files that go with a message: chosen, dropped or pasted, shown as chips, and refused in words when they cannot go along.
//! What the browser must do for it is `super::pick`.

use leptos::prelude::*;

use super::{
    frame::{Attachment, AttachmentKind},
    message::Sign,
};
use crate::text::Language;

/// No file may be larger.
pub const LARGEST: u32 = 6 * 1024 * 1024;
/// All files of a conversation together: each question takes all of them along.
pub const ALL: u32 = 12 * 1024 * 1024;
/// What the dialog that chooses files offers first.
pub const ACCEPTED: &str = "image/png,image/jpeg,image/gif,image/webp,application/pdf,audio/wav,audio/mpeg,text/*,.md,.json,.csv,.log,.xml,.yaml,.yml,.toml,.sql,.sh,.rs,.py,.js,.ts,.go,.java,.c,.h,.cpp";
/// Text by the end of its name, where a browser does not know the type.
const TEXTS: [&str; 20] = [
    "md", "json", "csv", "log", "xml", "yaml", "yml", "toml", "sql", "sh", "rs", "py", "js", "ts", "go", "java", "c",
    "h", "cpp", "txt",
];

/// The files of the message that is being written. Copies share the same signals.
#[derive(Clone, Copy, Debug)]
pub struct Tray {
    /// The files so far.
    pub files: RwSignal<Vec<Attachment>>,
    /// Why the last one was not taken.
    pub refused: RwSignal<Option<String>>,
    /// In which language to speak.
    pub language: Language,
}

impl Tray {
    /// Without files.
    pub fn new(language: Language) -> Self {
        Self {
            files: RwSignal::default(),
            refused: RwSignal::new(None),
            language,
        }
    }

    /// Hands out the files, and begins anew.
    pub fn take(self) -> Vec<Attachment> {
        self.refused.set(None);
        let files = self.files.get_untracked();
        self.files.set(Vec::new());
        files
    }

    /// What a file is, or why it cannot go along; `weight` is what goes along already.
    ///
    /// # Errors
    /// With a sentence for the person.
    pub fn check(self, name: &str, media: &str, bytes: f64, weight: u32) -> Result<AttachmentKind, String> {
        let language = self.language;
        let Some(kind) = kind(name, media) else {
            return Err(match language {
                Language::En => format!("“{name}” is no image, PDF, sound or text, so no model reads it."),
                Language::Zh => format!("“{name}”不是图片、PDF、音频或文本，模型无法读取。"),
            });
        };
        if bytes > f64::from(LARGEST) {
            return Err(match language {
                Language::En => format!("“{name}” is too large: {} at the most.", size(LARGEST)),
                Language::Zh => format!("“{name}”过大，每个文件最多 {}。", size(LARGEST)),
            });
        }
        let here: f64 = self
            .files
            .with_untracked(|files| files.iter().map(|file| f64::from(file.bytes)).sum());
        if bytes + here + f64::from(weight) > f64::from(ALL) {
            return Err(match language {
                Language::En => format!(
                    "“{name}” is too much: all files of a conversation together may have {}.",
                    size(ALL)
                ),
                Language::Zh => format!("“{name}”超出总量：一次对话的文件合计最多 {}。", size(ALL)),
            });
        }
        Ok(kind)
    }
}

/// What kind of file it is, by its type, else by its name.
fn kind(name: &str, media: &str) -> Option<AttachmentKind> {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    match media {
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" => Some(AttachmentKind::Image),
        "application/pdf" => Some(AttachmentKind::Document),
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/mpeg" | "audio/mp3" => Some(AttachmentKind::Sound),
        "application/json" | "application/xml" => Some(AttachmentKind::Text),
        _ if media.starts_with("text/") => Some(AttachmentKind::Text),
        // Browsers call a script of TypeScript a film.
        _ if TEXTS.contains(&ending.as_str()) => Some(AttachmentKind::Text),
        _ => None,
    }
}

/// A size for people.
pub fn size(bytes: u32) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => {
            let tenths = bytes.div_ceil(100_000);
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    }
}

/// The files of a message as chips; with `tray` each can be taken off again.
#[component]
pub fn Chips(
    files: Signal<Vec<Attachment>>,
    #[prop(optional)] tray: Option<Tray>,
    language: Language,
) -> impl IntoView {
    let chip = move |(index, file): (usize, Attachment)| {
        let picture = match file.kind {
            AttachmentKind::Image => view! { <img src=file.data.clone() alt=""/> }.into_any(),
            AttachmentKind::Document => view! { <Sign name="file"/> }.into_any(),
            AttachmentKind::Sound => view! { <Sign name="sound"/> }.into_any(),
            AttachmentKind::Text => view! { <Sign name="file"/> }.into_any(),
        };
        let label = format!("{}{}", language.pick("Remove ", "移除 "), file.name);
        let remove = tray.map(|tray| {
            let off = move |_| {
                tray.refused.set(None);
                tray.files.update(|files| {
                    if index < files.len() {
                        files.remove(index);
                    }
                });
            };
            view! {
                <button class="btn btn-icon btn-quiet btn-s" type="button" aria-label=label.clone() title=label on:click=off><Sign name="x"/></button>
            }
        });
        view! {
            <li class="file">
                <span class="file-picture">{picture}</span>
                <span class="file-name">{file.name}</span>
                <span class="file-size">{size(file.bytes)}</span>
                {remove}
            </li>
        }
    };
    view! {
        <Show when=move || files.with(|files| !files.is_empty())>
            <ul class="file-list" aria-label=language.pick("Files", "文件")>
                {move || files.get().into_iter().enumerate().map(chip).collect_view()}
            </ul>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_type_and_by_name() {
        let cases = [
            ("a.png", "image/png", Some(AttachmentKind::Image)),
            ("a.svg", "image/svg+xml", None),
            ("a.pdf", "application/pdf", Some(AttachmentKind::Document)),
            ("a.mp3", "audio/mpeg", Some(AttachmentKind::Sound)),
            ("a.TS", "video/mp2t", Some(AttachmentKind::Text)),
            ("notes", "text/plain", Some(AttachmentKind::Text)),
            ("a.zip", "application/zip", None),
            ("", "", None),
        ];
        for (name, media, expected) in cases {
            assert_eq!(kind(name, media), expected, "{name}");
        }
    }

    #[test]
    fn sizes_are_told_and_never_rounded_down_to_nothing() {
        let told = [0, 1, 999, 1_000, 1_001, 999_999, 1_000_000, LARGEST].map(size);
        assert_eq!(
            told,
            ["0 B", "1 B", "999 B", "1 kB", "2 kB", "1000 kB", "1.0 MB", "6.3 MB"]
        );
    }
}
