//! `/projects/:id/archive`: what ends and what stays, before a project is archived; its name is typed.

use domain::{id::ProjectId, refusal::Thing};
use leptos::prelude::*;

use super::{actions::ArchiveProject, page_of};
use crate::{
    components::{ConfirmForm, Page, PageHead, Place, page},
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// Archives a project, when its name is typed.
#[component]
pub fn ArchiveProjectPage() -> impl IntoView {
    page(async move {
        let (admin, gateway, language) = (context::admin()?, context::gateway()?, use_language());
        let id = path_id::<ProjectId>("id", Thing::Project)?;
        let name = gateway.projects().get(&admin, id).await?.name.to_string();
        let consequences = match language {
            Language::En => vec![
                "Its keys are refused with 401 from the next request on.".to_owned(),
                "Its applications are nobody's any more: calls that name them are their caller's own.".to_owned(),
                "Nobody joins it, and its name is free for another one.".to_owned(),
                "Its calls, and what they cost, stay.".to_owned(),
            ],
            Language::Zh => vec![
                "其密钥从下一次请求起会被拒绝（401）。".to_owned(),
                "其应用不再归属任何项目，相关调用归调用者本人。".to_owned(),
                "不能再添加成员，名称可供其他项目使用。".to_owned(),
                "其调用记录和费用会保留。".to_owned(),
            ],
        };
        let heading = match language {
            Language::En => format!("Archive “{name}”?"),
            Language::Zh => format!("归档“{name}”？"),
        };
        let crumbs = vec![
            ("/projects".to_owned(), language.pick("Projects", "项目").to_owned()),
            (page_of(id), name.clone()),
        ];
        Ok(view! {
            <Page title=heading.clone() place=Place::Projects narrow=true>
                <PageHead title=heading crumbs=crumbs />
                <ConfirmForm
                    action={form::action::<ArchiveProject>()}
                    id=id.to_string()
                    name=name
                    title=language.pick("This cannot be undone", "此操作无法撤销")
                    consequences=consequences
                    submit=language.pick("Archive project", "归档项目")
                    cancel=page_of(id)
                />
            </Page>
        })
    })
}
