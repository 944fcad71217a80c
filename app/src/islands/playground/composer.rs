//! Where one writes: the message, Send, and Stop while an answer comes.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast};

use super::{
    conversation::Conversation,
    files::{ACCEPTED, ALL, Chips, LARGEST, Tray, size},
    message::Sign,
    pick,
    scroll::Follow,
    settings::Settings,
    unread::{ModelChoice, Unread},
};
use crate::text::Language;

/// The id of the field that one writes into.
const FIELD: &str = "message";

/// Puts the cursor where one writes: after a button that was pressed has gone.
pub fn focus_composer() {
    let field = document()
        .get_element_by_id(FIELD)
        .and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(field) = field {
        let _ = field.focus();
    }
}

/// What stands in the field already when the browser takes the page over; on the server nothing does.
fn typed_before() -> Option<String> {
    if !cfg!(target_arch = "wasm32") {
        return None;
    }
    let field = document().get_element_by_id(FIELD)?;
    let text = js_sys::Reflect::get(&field, &"value".into()).ok()?.as_string()?;
    (!text.is_empty()).then_some(text)
}

/// The box at the lower edge.
#[component]
pub fn Composer(
    models: StoredValue<Vec<ModelChoice>>,
    conversation: Conversation,
    settings: Settings,
    follow: Follow,
    draft: RwSignal<String>,
    tray: Tray,
    language: Language,
) -> impl IntoView {
    // Whoever began to write before the script arrived keeps what he wrote.
    let typed = typed_before();
    Effect::new(move |_| {
        if let Some(text) = typed.clone() {
            draft.set(text);
        }
    });
    let ready = move || {
        let something = !draft.with(|text| text.trim().is_empty()) || tray.files.with(|files| !files.is_empty());
        something && settings.valid() && !settings.model.with(String::is_empty)
    };
    let send = move || {
        if ready() && !conversation.running.get_untracked() {
            follow.resume();
            conversation.send(draft.get_untracked(), tray.take(), settings);
            draft.set(String::new());
            focus_composer();
        }
    };
    // The second click of a double click on Send lands on Stop, which took its place.
    let stop = move |event: ev::MouseEvent| {
        if event.detail() < 2 {
            conversation.stop();
            focus_composer();
        }
    };
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    let attach = match language {
        Language::En => format!(
            "Attach images, PDFs, sound or text: up to {} each, {} in a conversation. Or paste them, or drop them here.",
            size(LARGEST),
            size(ALL)
        ),
        Language::Zh => format!(
            "添加图片、PDF、音频或文本：每个最多 {}，一次对话合计最多 {}。也可粘贴或拖放到此处。",
            size(LARGEST),
            size(ALL)
        ),
    };
    let title = attach.clone();
    view! {
        <div class="composer">
            <Show when=move || !follow.at_end()>
                <div class="jump-latest">
                    <button class="btn btn-s" type="button" on:click=move |_| follow.resume()>
                        <Sign name="down"/>{language.pick("Jump to latest", "跳到最新")}
                    </button>
                </div>
            </Show>
            <div class="composer-box">
                <Chips files=tray.files.into() tray language/>
                <Unread models conversation settings tray language/>
                <p class="error composer-refused" role="alert">{move || tray.refused.get()}</p>
                <textarea id=FIELD rows="2" aria-label=language.pick("Message", "消息")
                    placeholder=language.pick("Write a message", "输入消息") prop:value=draft
                    on:input=move |event| draft.set(event_target_value(&event)) on:keydown=key
                    on:paste=move |event| pick::pasted(&event, tray, conversation.weight())></textarea>
                <div class="composer-bar">
                    <label class="btn btn-icon btn-quiet btn-s attach" title=title>
                        <Sign name="clip"/>
                        <input class="visually-hidden" type="file" multiple accept=ACCEPTED aria-label=attach
                            on:change=move |event| pick::chosen(&event, tray, conversation.weight())/>
                    </label>
                    <span class="wide-only"><kbd>"Ctrl"</kbd>" "<kbd>"↵"</kbd>" "{language.pick("sends", "发送")}</span>
                    <Show
                        when=move || conversation.running.get()
                        fallback=move || view! {
                            <button class="btn btn-primary" type="button" disabled=move || !ready() on:click=move |_| send()>
                                <Sign name="send"/>{language.pick("Send", "发送")}
                            </button>
                        }
                    >
                        <button class="btn" type="button" on:click=stop><Sign name="stop"/>{language.pick("Stop", "停止")}</button>
                    </Show>
                </div>
            </div>
        </div>
    }
}
