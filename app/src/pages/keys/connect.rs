//! "Connect a client": how each kind of client is pointed at the hub. Under the list of keys with a placeholder, and once,
//! beside a new key, with the key itself.

use domain::catalog::{Abilities, Task};
use gateway::{Gateway, VisibleModel};
use leptos::prelude::*;

use super::snippets;
use crate::{components::*, text::use_language};

/// The section. With `secret` it is in every text.
pub fn section(gateway: &Gateway, secret: Option<&str>) -> impl IntoView + use<> {
    let language = use_language();
    let origin = gateway.public_url().to_owned();
    // One that embeds or draws would not answer the example's question.
    let talks = |model: &&VisibleModel| Abilities::of(model.provider.kind, &model.slug).task == Task::Chat;
    let model = gateway
        .snapshot()
        .models()
        .find(talks)
        .map(|model| model.public_name.to_string());
    let no_model = model.is_none().then(|| {
        view! {
            <p class="help">
                {language.pick(
                    "No model is enabled yet. Put a model's name where it says provider/model.",
                    "还没有启用任何模型。请把 provider/model 换成模型名称。",
                )}
            </p>
        }
    });
    let tabs = snippets::all(secret, &origin, model.as_deref(), language)
        .into_iter()
        .map(|group| {
            let codes: Vec<_> = group
                .snippets
                .into_iter()
                .map(|snippet| view! { <Code text=snippet.text label=snippet.label/> })
                .collect();
            let note = group.note.map(|note| view! { <p class="soft measure">{note}</p> });
            (group.word.to_owned(), view! { {note}{codes} }.into_any())
        })
        .collect();
    view! {
        <Panel title=language.pick("Connect a client", "连接客户端") id="connect" body=true>
            <div class="stack">
                <p class="row">
                    <CopyLine text=format!("{origin}/v1") label="OpenAI"/>
                    <CopyLine text=origin label="Anthropic, AIGNE"/>
                </p>
                {no_model}
                <Tabs label=language.pick("Client", "客户端") name="client" tabs=tabs/>
            </div>
        </Panel>
    }
}
