//! Code, ids and secrets, each with a way to copy: a button where scripts run, else text that can be selected.

use leptos::prelude::*;

use super::icon::Icon;
use crate::{islands::copy::CopyButton, text::use_language};

/// A block of code with a head.
#[component]
pub fn Code(
    /// The code, as it is copied.
    #[prop(into)]
    text: String,
    /// Names the block for screen readers, and stands in its head unless `tabs` do.
    #[prop(into)]
    label: String,
    /// `<nav class="tabs">` instead of the label.
    #[prop(optional)]
    tabs: Option<AnyView>,
) -> impl IntoView {
    let language = use_language();
    let head = tabs.unwrap_or_else(|| view! { <span>{label.clone()}</span> }.into_any());
    view! {
        <div class="code">
            <div class="code-head">
                {head}
                <CopyButton
                    text=text.clone()
                    class="btn btn-quiet btn-s"
                    word=language.pick("Copy", "复制")
                    language=language
                />
            </div>
            <pre tabindex="0" aria-label=label><code>{text}</code></pre>
        </div>
    }
}

/// A short text, such as an id, and a button that copies it.
#[component]
pub fn CopyLine(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, in a quiet word before it.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let language = use_language();
    view! {
        <span class="copy-line">
            {label.map(|label| view! { <span class="muted">{label}</span> })}
            <code>{text.clone()}</code>
            <CopyButton
                text=text
                class="btn btn-icon btn-quiet btn-s"
                label=language.pick("Copy", "复制")
                language=language
            />
        </span>
    }
}

/// A secret that is shown once, in a field that can be selected.
#[component]
pub fn SecretBox(
    /// The heading, such as "Copy it now".
    #[prop(into)]
    title: String,
    /// What the field is called for screen readers.
    #[prop(into)]
    label: String,
    /// The secret.
    #[prop(into)]
    secret: String,
    /// Why it is not shown again, and what to do when it is lost.
    #[prop(into)]
    note: String,
) -> impl IntoView {
    let language = use_language();
    view! {
        <section class="secret" aria-labelledby="secret-title">
            <h2 id="secret-title"><Icon name="key" />{title}</h2>
            <div class="secret-box">
                <input class="input" readonly=true value=secret.clone() aria-label=label autocomplete="off" spellcheck="false" />
                <CopyButton
                    text=secret
                    class="btn btn-primary"
                    word=language.pick("Copy", "复制")
                    language=language
                />
            </div>
            <p>{note}</p>
        </section>
    }
}
