//! `/projects/new`: an admin makes a project and names who pays.

use leptos::prelude::*;

use super::actions::CreateProject;
use crate::{
    components::{Form, FormFoot, Page, PageHead, Panel, Place, TextField, page},
    context, form,
    text::use_language,
};

/// Makes a project.
#[component]
pub fn NewProjectPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let (viewer, language) = (context::viewer()?, use_language());
        let title = language.pick("New project", "新建项目");
        let crumbs = vec![("/projects".to_owned(), language.pick("Projects", "项目").to_owned())];
        Ok(view! {
            <Page title=title place=Place::Projects narrow=true>
                <PageHead title=title crumbs=crumbs />
                <Panel title=language.pick("What is it?", "项目信息") id="project" body=true>
                    <Form action={form::action::<CreateProject>()}>
                        <TextField
                            name="name"
                            label=language.pick("Name", "名称")
                            autocomplete="off"
                            max_length=80_u32
                            focus=true
                        />
                        <PayerField payer=viewer.email.to_string() />
                        <FormFoot submit=language.pick("Create project", "创建项目") cancel="/projects" />
                    </Form>
                </Panel>
            </Page>
        })
    })
}

/// Whose account pays.
#[component]
pub fn PayerField(
    /// Who does at first, by their address.
    payer: String,
) -> impl IntoView {
    let language = use_language();
    view! {
        <TextField
            name="payer"
            label=language.pick("Who pays", "付费人")
            kind="email"
            value=payer
            autocomplete="off"
            hint=language.pick(
                "The e-mail of the person whose account pays for calls of this project.",
                "由谁的账户支付此项目的调用费用（邮箱）。",
            )
        />
    }
}
