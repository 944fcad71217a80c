//! The form that makes a key.

use domain::project::Project;
use leptos::prelude::*;

use super::{actions::CreateKey, fields};
use crate::{
    components::*,
    context,
    form::{self, FormScope, Query},
    text::{Language, use_language},
};

/// `/keys/new`, and `/keys/new?project=…`.
#[component]
pub fn NewKeyPage() -> impl IntoView {
    page(async move {
        let (holder, gateway, language) = (context::key_holder()?, context::gateway()?, use_language());
        let viewer = holder.viewer().clone();
        let projects = gateway.projects().with_keys_of(&viewer).await?;
        let asked = Query::current().get("project");
        let title = language.pick("New API key", "新建 API 密钥");
        let crumbs = vec![("/keys".to_owned(), language.pick("API keys", "API 密钥").to_owned())];
        let may_manage = gateway::Keys::may_manage(&viewer);
        let choices = choices(&projects, language);
        let several = projects.len() > 1;
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
                            {several.then(|| view! {
                                <SelectField
                                    name="project"
                                    label=language.pick("Project", "项目")
                                    hint=language.pick("Its account pays for the calls.", "由该项目的账户支付调用费用。")
                                    choices=choices
                                    value=asked.unwrap_or_default()
                                />
                            })}
                            <p class="help">
                                {language.pick("The key acts for you: ", "此密钥代表你：")}
                                <span class="strong">{viewer.email.to_string()}</span>
                                {language.pick(". Unless you say otherwise, it may call every enabled model until you revoke it.", "。如无另行设置，在你吊销之前，它可以调用所有已启用的模型。")}
                            </p>
                            <Disclosure summary=language.pick("More options", "更多选项") open={FormScope::current().refused()}>{fields::fields(&gateway, None, may_manage)}</Disclosure>
                            <FormFoot submit=language.pick("Create key", "创建密钥") cancel="/keys"/>
                        </Form>
                    </div>
                </section>
            </Page>
        })
    })
}

fn choices(projects: &[Project], language: Language) -> Vec<Choice> {
    let choice = |project: &Project| {
        let name = match project.is_personal() {
            true => language.pick("Personal", "个人").to_owned(),
            false => project.name.to_string(),
        };
        Choice::new(project.id.to_string(), name)
    };
    projects.iter().map(choice).collect()
}
