//! What became of a text that was to be copied, said to everybody.

use leptos::prelude::*;

use crate::text::Language;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Nobody asked, or it is long ago.
    No,
    /// It is in the clipboard.
    Done,
    /// The clipboard is closed: it is selected, and the person copies it.
    Selected,
}

impl Copied {
    /// The sentence.
    #[must_use]
    pub const fn sentence(self, language: Language) -> &'static str {
        match self {
            Self::No => "",
            Self::Done => language.pick("Copied", "已复制"),
            Self::Selected => language.pick(
                "Selected: copy it with Ctrl C or ⌘ C",
                "已选中，请按 Ctrl C 或 ⌘ C 复制",
            ),
        }
    }
}

/// Says it to screen readers; that something is left to do also to eyes.
#[component]
pub fn Said(
    /// What became of it.
    copied: RwSignal<Copied>,
    /// In which language.
    language: Language,
    /// The button itself says that it worked.
    #[prop(optional)]
    silent: bool,
) -> impl IntoView {
    let class = move || match copied.get() {
        Copied::Selected => "copy-hint",
        Copied::No | Copied::Done => "visually-hidden",
    };
    let words = move || match copied.get() {
        Copied::Done if silent => "",
        other => other.sentence(language),
    };
    view! { <span class=class role="status">{words}</span> }
}
