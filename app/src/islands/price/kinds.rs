//! Pictures of further kinds: a size and a quality are typed, and have fields then. Without scripts they have them once the form was sent.

use domain::price::Dimension;
use leptos::prelude::*;

use super::{
    Sheet,
    fields::{KIND, PriceFields},
};

/// Asks for the kind.
#[component]
pub fn AnotherKind(sheet: Sheet) -> impl IntoView {
    let language = sheet.language;
    let text = sheet.text(KIND.to_owned());
    // What the server could not read stands there still.
    let wrong = RwSignal::new(sheet.fields.with_untracked(|fields| !fields.get(KIND).is_empty()));
    let add = move || match sheet.fields.try_update(PriceFields::add_kind).flatten() {
        Some(image) => go_to(&image),
        None => wrong.set(true),
    };
    view! {
        <div class="rates-margin">
            <label class="label" for="price-kind">{language.pick("Pictures of another kind", "其他规格的图像")}</label>
            <span class="input-box rates-kind">
                <input
                    class="input"
                    id="price-kind"
                    name=format!("fields[{KIND}]")
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="41"
                    value=text()
                    prop:value=text
                    placeholder="512x512/auto"
                    aria-invalid=move || wrong.get().then_some("true")
                    aria-describedby=move || if wrong.get() { "price-kind-error price-kind-hint" } else { "price-kind-hint" }
                    on:input=move |event| {
                        wrong.set(false);
                        sheet.set(KIND, event_target_value(&event));
                    }
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            event.prevent_default();
                            add();
                        }
                    }
                />
            </span>
            <button class="btn btn-s script-only" type="button" on:click=move |_| add()>{language.pick("Add", "添加")}</button>
            {move || wrong.get().then(|| view! {
                <span class="error" id="price-kind-error">{language.pick("Write it like 512x512/auto.", "请按 512x512/auto 的格式填写。")}</span>
            })}
            <span class="help" id="price-kind-hint">
                {language.pick("Size and quality as clients ask for them, ", "客户端请求的尺寸与质量，")}
                <code>"auto"</code>
                {language.pick(" where they ask for none.", " 表示未指定。")}
                <span class="noscript-only">{language.pick(" The preview has fields for it.", " 预览中会出现相应字段。")}</span>
            </span>
        </div>
    }
}

/// Puts the cursor where the price of what was added is typed, once that is there.
#[cfg(feature = "hydrate")]
fn go_to(image: &Dimension) {
    use leptos::{wasm_bindgen::JsCast as _, web_sys::HtmlInputElement};

    let id = format!("price-{}", super::fields::cost(None, image));
    request_animation_frame(move || {
        let field = document().get_element_by_id(&id);
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            drop(field.focus());
        }
    });
}

#[cfg(not(feature = "hydrate"))]
const fn go_to(_: &Dimension) {}
