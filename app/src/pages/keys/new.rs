//! The form that makes a key.

use leptos::prelude::*;

use super::actions::CreateKey;
use crate::{components::*, context, form, text::use_language};

/// `/keys/new`.
#[component]
pub fn NewKeyPage() -> impl IntoView {
    page(async move {
        let (viewer, language) = (context::key_holder()?.viewer().clone(), use_language());
        let title = language.pick("New API key", "新建 API 密钥");
        let crumbs = vec![("/keys".to_owned(), language.pick("API keys", "API 密钥").to_owned())];
        Ok(view! {
            <Page title=title place=Place::Keys narrow=true>
                <PageHead title=title crumbs=crumbs/>
                <section class="panel" aria-label=title>
                    <div class="panel-body">
                        <Form action={form::action::<CreateKey>()}>
                            <TextField
                                name="name"
                                label=language.pick("Name", "名称")
                                hint=language.pick(
                                    "What uses it, such as “laptop” or “staging”. It stands beside each of its calls.",
                                    "说明用在哪里，例如“笔记本”或“测试环境”。它会显示在每次调用旁边。",
                                )
                                autocomplete="off"
                                max_length=80u32
                                focus=true
                            />
                            <p class="help">
                                {language.pick("The key acts for you: ", "此密钥代表你：")}
                                <span class="strong">{viewer.email.to_string()}</span>
                                {language.pick(". It may call every enabled model until you revoke it.", "。在你吊销之前，它可以调用所有已启用的模型。")}
                            </p>
                            <FormFoot submit=language.pick("Create key", "创建密钥") cancel="/keys"/>
                        </Form>
                    </div>
                </section>
            </Page>
        })
    })
}
