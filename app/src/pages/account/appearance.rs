//! Language and theme.

use leptos::prelude::*;

use super::actions::{SetLanguage, SetTheme};
use crate::{
    components::{Form, Hidden, Icon, Panel, SelectField, field::Choice},
    form::action,
    text::{Language, Theme, use_language},
};

/// Two small forms: each takes effect with its own button.
#[component]
pub(super) fn Appearance(theme: Option<Theme>) -> impl IntoView {
    let language = use_language();
    let languages: Vec<_> = Language::ALL
        .into_iter()
        .map(|offer| Choice::new(offer.tag(), offer.own_name()))
        .collect();
    view! {
        <Panel title=language.pick("Language and theme", "语言与主题") id="appearance" body=true>
            <div class="stack">
                <Form action={action::<SetLanguage>()} class="form form-tight measure">
                    <Hidden name="back" value="/account" />
                    <SelectField name="language" label=language.pick("Language", "语言") choices=languages value=language.tag() />
                    <div class="form-foot"><button class="btn" type="submit"><Icon name="language" />{language.pick("Use language", "使用此语言")}</button></div>
                </Form>
                <Themes theme=theme />
            </div>
        </Panel>
    }
}

#[component]
fn Themes(theme: Option<Theme>) -> impl IntoView {
    let language = use_language();
    let offers = [
        (
            "system",
            "theme-art theme-art-system",
            language.pick("Like the system", "跟随系统"),
        ),
        ("light", "theme-art theme-art-light", language.pick("Light", "浅色")),
        ("dark", "theme-art theme-art-dark", language.pick("Dark", "深色")),
    ];
    let present = theme.map_or("system", Theme::as_str);
    let choices: Vec<_> = offers
        .into_iter()
        .map(|(word, art, title)| {
            view! {
                <label class="choice">
                    <input type="radio" name="theme" value=word checked=word == present />
                    <span class=art aria-hidden="true"></span>
                    <span>{title}</span>
                </label>
            }
        })
        .collect();
    view! {
        <Form action={action::<SetTheme>()} class="form form-tight measure">
            <Hidden name="back" value="/account" />
            <fieldset class="fieldset">
                <legend class="label">{language.pick("Theme", "主题")}</legend>
                <div class="choices choices-3">{choices}</div>
            </fieldset>
            <div class="form-foot">
                <button class="btn" type="submit"><Icon name="theme" />{language.pick("Use theme", "使用此主题")}</button>
            </div>
        </Form>
    }
}
