//! `/projects/:id/edit`: what a project is called, and who pays.

use domain::{id::ProjectId, project::InProject, refusal::Thing};
use leptos::prelude::*;

use super::{
    actions::{NamePayer, SaveProject},
    new::PayerField,
    page_of,
};
use crate::{
    components::{Form, FormFoot, Hidden, Page, PageHead, Panel, Place, TextField, page},
    context,
    form::{self, path_id},
    text::use_language,
};

/// Changes a project.
#[component]
pub fn EditProjectPage() -> impl IntoView {
    page(async move {
        let (holder, gateway, language) = (context::key_holder()?, context::gateway()?, use_language());
        let id = path_id::<ProjectId>("id", Thing::Project)?;
        let standing = gateway.projects().seen(holder.viewer(), id).await?;
        let payer = gateway.projects().payer(&standing).await?;
        let payer = payer.map(|payer| payer.email.to_string()).unwrap_or_default();
        let name = standing.project().name.to_string();
        let manages = standing.may(InProject::Manage);
        if !manages {
            standing.has(InProject::ChoosePayer)?;
        }
        let title = language.pick("Edit project", "编辑项目");
        let crumbs = vec![
            ("/projects".to_owned(), language.pick("Projects", "项目").to_owned()),
            (page_of(id), name.clone()),
        ];
        Ok(view! {
            <Page title=title place=Place::Projects narrow=true>
                <PageHead title=title crumbs=crumbs />
                <Panel title=language.pick("Name and payer", "名称与付费人") id="project" body=true>
                    <Form action={if manages { form::action::<SaveProject>() } else { form::action::<NamePayer>() }}>
                        <Hidden name="id" value=id.to_string() />
                        {manages.then(|| view! {
                            <TextField
                                name="name"
                                label=language.pick("Name", "名称")
                                value=name
                                autocomplete="off"
                                max_length=80_u32
                            />
                        })}
                        <PayerField payer=payer />
                        <p class="help">
                            {language.pick(
                                "Who keeps money may name anybody. A project admin may name themselves.",
                                "负责资金的人可以指定任何人；项目管理员只能指定自己。",
                            )}
                        </p>
                        <FormFoot submit=language.pick("Save project", "保存项目") cancel=page_of(id) />
                    </Form>
                </Panel>
            </Page>
        })
    })
}
