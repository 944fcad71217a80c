//! The panel of a project's people: who is in it as what, and adding somebody. The project's page (`detail`) shows it.

use domain::{
    access::Viewer,
    id::ProjectId,
    project::{Member, ProjectRole},
};
use leptos::prelude::*;

use super::{
    actions::{AddMember, RemoveMember, SetMemberRole},
    role_in_words,
};
use crate::{
    components::{
        Badge, Choice, Column, Form, FormFoot, Hidden, Nothing, Panel, PostButton, SelectField, Table, TextField, field,
    },
    form,
    text::{Language, use_language},
};

/// Who is in it.
pub fn panel(id: ProjectId, members: Vec<Member>, viewer: &Viewer, manages: bool) -> impl IntoView + use<> {
    let language = use_language();
    let content = if members.is_empty() {
        view! {
            <Nothing
                title=language.pick("Nobody is in it yet", "还没有成员")
                text=language.pick("Members make keys in it, readers see what is used.", "成员可以创建密钥，只读者可以查看用量。")
            />
        }
        .into_any()
    } else {
        let mut columns = vec![
            Column::new(language.pick("Who", "成员")),
            Column::new(language.pick("Role", "角色")),
        ];
        if manages {
            columns.push(Column::actions(language.pick("Actions", "操作")));
        }
        let rows: Vec<_> = members
            .into_iter()
            .map(|member| row(id, &member, viewer, manages))
            .collect();
        view! { <Table columns=columns>{rows}</Table> }.into_any()
    };
    let add = manages.then(|| {
        view! {
            <div class="panel-body">
                <Form action={form::action::<AddMember>()} class="form form-tight">
                    <Hidden name="id" value=id.to_string() />
                    <div class="form-grid">
                        <TextField
                            name="email"
                            label=language.pick("E-mail", "邮箱")
                            kind="email"
                            autocomplete="off"
                            hint=language.pick("Of somebody who can sign in here.", "已可登录此 Hub 的用户。")
                        />
                        <SelectField
                            name="role"
                            label=language.pick("Role", "角色")
                            choices=roles(language)
                            value=ProjectRole::Member.as_str()
                            hint=language.pick(
                                "Readers see keys and usage. Members make keys of their own. Project admins manage people and keys.",
                                "只读者查看密钥和用量；成员创建自己的密钥；项目管理员管理成员和密钥。",
                            )
                        />
                    </div>
                    <FormFoot submit=language.pick("Add person", "添加成员") />
                </Form>
            </div>
        }
    });
    view! { <Panel title=language.pick("People", "成员") id="people">{content}{add}</Panel> }
}

fn row(id: ProjectId, member: &Member, viewer: &Viewer, manages: bool) -> impl IntoView + use<> {
    let language = use_language();
    let email = member.email.to_string();
    let you = (member.user == viewer.id).then(|| view! { " "<Badge text=language.pick("you", "你") /> });
    let name = member
        .name
        .clone()
        .map(|name| view! { <small class="break">{name.to_string()}</small> });
    let (user, role) = (member.user.to_string(), member.role);
    let change = manages.then(|| {
        let (of, out) = match language {
            Language::En => (format!("Role of {email}"), format!("Remove {email}")),
            Language::Zh => (format!("{email} 的角色"), format!("移除 {email}")),
        };
        let fields = vec![("id", id.to_string()), ("user", user.clone())];
        let saved = user.clone();
        view! {
            <td class="cell-actions">
                <div class="btn-row">
                    <form class="inline-form" method="post" action={form::action::<SetMemberRole>()}>
                        <input type="hidden" name="id" value=id.to_string() />
                        <input type="hidden" name="user" value=saved />
                        <span class="select">
                            <select name="role" aria-label=of>{field::options(roles(language), role.as_str())}</select>
                        </span>
                        <button class="btn btn-s" type="submit">{language.pick("Save role", "保存角色")}</button>
                    </form>
                    <PostButton
                        action={form::action::<RemoveMember>()}
                        fields=fields
                        class="btn-s btn-quiet btn-quiet-danger"
                        label=out
                    >
                        {language.pick("Remove", "移除")}
                    </PostButton>
                </div>
            </td>
        }
    });
    view! {
        <tr>
            <td class="cell-lead two-line"><span><span class="cell-main break">{email}</span>{you}</span>{name}</td>
            <td class="cell-end">{role_in_words(role, language)}</td>
            {change}
        </tr>
    }
}

/// The roles of a project to choose from.
pub fn roles(language: Language) -> Vec<Choice> {
    ProjectRole::ALL
        .into_iter()
        .rev()
        .map(|role| Choice::new(role.as_str(), role_in_words(role, language)))
        .collect()
}
