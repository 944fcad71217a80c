//! The panel of the applications whose calls are a project's. The project's page (`detail`) shows it.

use domain::{id::ProjectId, project::ProjectApplication};
use leptos::prelude::*;

use super::actions::{AddApplication, RemoveApplication};
use crate::{
    components::{CheckField, Column, Form, FormFoot, Hidden, Nothing, Panel, PostButton, Table, TextField},
    form,
    text::{Language, use_language},
};

/// Which applications are its own.
pub fn panel(id: ProjectId, applications: Vec<ProjectApplication>, manages: bool, adds: bool) -> impl IntoView + use<> {
    let language = use_language();
    let rows: Vec<_> = applications
        .into_iter()
        .map(|one| application(id, &one, manages))
        .collect();
    let listed = (!rows.is_empty()).then(|| {
        let mut columns = vec![
            Column::new(language.pick("Application", "应用")),
            Column::new(language.pick("Paid by", "付费")),
        ];
        if manages {
            columns.push(Column::actions(language.pick("Actions", "操作")));
        }
        view! { <Table columns=columns>{rows}</Table> }
    });
    let none = listed.is_none().then(|| {
        view! {
            <Nothing
                title=language.pick("No applications", "没有应用")
                text=language.pick(
                    "Clients of AIGNE name the application that they run in. Calls of this project's people by one that stands here are the project's. Admins of the hub add them.",
                    "AIGNE 客户端会标明所在的应用。本项目成员通过此处应用发出的调用归入本项目。应用由 Hub 管理员添加。",
                )
            />
        }
    });
    let add = adds.then(|| {
        view! {
            <div class="panel-body">
                <Form action={form::action::<AddApplication>()} class="form form-tight">
                    <Hidden name="id" value=id.to_string() />
                    <TextField
                        name="application"
                        label=language.pick("Application", "应用")
                        hint=language.pick(
                            "As its clients send it in x-aigne-hub-client-did.",
                            "与客户端在 x-aigne-hub-client-did 中发送的一致。",
                        )
                        mono=true
                        autocomplete="off"
                        max_length=200_u32
                    />
                    <CheckField
                        name="pays"
                        label=language.pick("This project's account pays for its calls", "由本项目的账户支付其调用费用")
                        hint=language.pick(
                            "Else the account of each caller's own key does. Nobody who is not in the project spends its credit.",
                            "否则由各调用者密钥的账户支付。非项目成员无法使用项目的额度。",
                        )
                    />
                    <FormFoot submit=language.pick("Add application", "添加应用") />
                </Form>
            </div>
        }
    });
    view! { <Panel title=language.pick("Applications", "应用") id="applications">{none}{listed}{add}</Panel> }
}

fn application(id: ProjectId, one: &ProjectApplication, manages: bool) -> impl IntoView + use<> {
    let language = use_language();
    let name = one.application.as_str().to_owned();
    let pays = match one.pays {
        true => language.pick("this project", "本项目"),
        false => language.pick("the caller's key", "调用者的密钥"),
    };
    let remove = manages.then(|| {
        let label = match language {
            Language::En => format!("Remove {name}"),
            Language::Zh => format!("移除 {name}"),
        };
        let fields = vec![("id", id.to_string()), ("application", name.clone())];
        view! {
            <td class="cell-actions">
                <PostButton
                    action={form::action::<RemoveApplication>()}
                    fields=fields
                    class="btn-s btn-quiet btn-quiet-danger"
                    label=label
                >
                    {language.pick("Remove", "移除")}
                </PostButton>
            </td>
        }
    });
    view! {
        <tr>
            <td class="cell-lead"><span class="mono break">{name}</span></td>
            <td class="cell-end">{pays}</td>
            {remove}
        </tr>
    }
}
