//! The form for a model that its provider does not list.

use domain::{id::ProviderId, provider::Provider};
use leptos::prelude::*;

use super::actions::AddModel;
use crate::{
    components::{Choice, Form, Hidden, Panel, SelectField, SubmitButton, TextField},
    form,
    text::use_language,
};

/// A name to type in, for one of these providers.
#[component]
pub fn AddModelPanel(
    /// Whose it may be; with a single one there is nothing to choose.
    providers: Vec<Provider>,
    /// Whose it is at first.
    #[prop(optional_no_strip)]
    chosen: Option<ProviderId>,
    /// The page that holds the form.
    next: String,
) -> impl IntoView {
    let language = use_language();
    let whose = match providers.as_slice() {
        [only] => view! { <Hidden name="provider" value=only.id.to_string() /> }.into_any(),
        several => {
            let choices: Vec<_> = several
                .iter()
                .map(|provider| Choice::new(provider.id.to_string(), provider.draft.title.to_string()))
                .collect();
            let chosen = chosen.map(|id| id.to_string()).unwrap_or_default();
            view! { <SelectField name="provider" label=language.pick("Provider", "提供商") choices=choices value=chosen /> }.into_any()
        }
    };
    view! {
        <Panel
            title=language.pick("Type in a model", "手动输入模型")
            id="add-model"
            note=language.pick("for what a provider does not list", "用于提供商未列出的模型")
            body=true
        >
            <Form action={form::action::<AddModel>()} class="form form-tight">
                <Hidden name="next" value=next />
                <div class="form-grid">
                    {whose}
                    <TextField
                        name="slug"
                        label=language.pick("Name at the provider", "提供商处的模型名")
                        mono=true
                        autocomplete="off"
                        max_length=200_u32
                        placeholder="gpt-5-mini"
                        hint=language.pick("Exactly as the provider writes it, without our prefix.", "与提供商的写法完全一致，不含我们的前缀。")
                    />
                </div>
                <div class="form-foot"><SubmitButton class="btn-primary" icon="plus">{language.pick("Add model", "添加模型")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}
