//! The panels of a project's page: people, applications, usage, and the way out.

use std::collections::BTreeMap;

use domain::{
    access::Viewer,
    credit::DayUsage,
    id::ProjectId,
    money::Amount,
    project::{Member, ProjectApplication, ProjectRole},
};
use leptos::prelude::*;

use super::{
    actions::{AddApplication, AddMember, RemoveApplication, RemoveMember, SetMemberRole, WithdrawPayer},
    page_of, role_in_words,
};
use crate::{
    components::{
        Badge, CheckField, Choice, Column, Form, FormFoot, Hidden, LinkButton, MoneyText, Panel, PostButton,
        SelectField, State, StateKind, Table, TextField, field, format,
    },
    form,
    text::{Language, use_language},
};

/// The roles of a project to choose from.
pub fn roles(language: Language) -> Vec<Choice> {
    ProjectRole::ALL
        .into_iter()
        .rev()
        .map(|role| Choice::new(role.as_str(), role_in_words(role, language)))
        .collect()
}

/// Who is in it.
pub fn members(id: ProjectId, members: Vec<Member>, viewer: &Viewer, manages: bool) -> impl IntoView + use<> {
    let language = use_language();
    let content = if members.is_empty() {
        view! {
            <State
                kind=StateKind::NothingYet
                title=language.pick("Nobody is in it yet", "还没有成员")
                text=language.pick("Members make keys in it, readers see what is used.", "成员可以创建密钥，只读者可以查看用量。")
                level=3
                small=true
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
                <Form action={form::action::<AddMember>()}>
                    <Hidden name="id" value=id.to_string() />
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

/// Where there is no key.
pub fn no_keys() -> impl IntoView {
    let language = use_language();
    view! {
        <State
            kind=StateKind::NothingYet
            title=language.pick("No keys yet", "还没有密钥")
            text=language.pick("Its members make their own.", "由成员自行创建。")
            level=3
            small=true
        />
    }
}

/// Which applications are its own.
pub fn applications(
    id: ProjectId,
    applications: Vec<ProjectApplication>,
    manages: bool,
    adds: bool,
) -> impl IntoView + use<> {
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
            <State
                kind=StateKind::NothingYet
                title=language.pick("No applications", "没有应用")
                text=language.pick(
                    "Clients of AIGNE name the application that they run in. Calls of this project's people by one that stands here are the project's. Admins of the hub add them.",
                    "AIGNE 客户端会标明所在的应用。本项目成员通过此处应用发出的调用归入本项目。应用由 Hub 管理员添加。",
                )
                level=3
                small=true
            />
        }
    });
    let add = adds.then(|| {
        view! {
            <div class="panel-body">
                <Form action={form::action::<AddApplication>()}>
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

/// What was used lately, by model.
pub fn usage(days: &[DayUsage], of_days: i64) -> impl IntoView + use<> {
    let language = use_language();
    let note = match language {
        Language::En => format!("last {of_days} days"),
        Language::Zh => format!("最近 {of_days} 天"),
    };
    let mut models: BTreeMap<&str, (i64, i64, Amount)> = BTreeMap::new();
    for day in days {
        let (calls, errors, charge) = models.entry(&day.model).or_default();
        *calls += day.calls;
        *errors += day.errors;
        *charge = charge.checked_add(day.charge).unwrap_or(Amount::MAX);
    }
    let count = |number: i64| format::count(number.unsigned_abs());
    let content = if models.is_empty() {
        view! {
            <State
                kind=StateKind::NothingYet
                title=language.pick("Nothing was used", "没有用量")
                text=language.pick("Calls of its keys are summed here.", "此处汇总其密钥的调用。")
                level=3
                small=true
            />
        }
        .into_any()
    } else {
        let columns = vec![
            Column::new(language.pick("Model", "模型")),
            Column::new(language.pick("Calls", "调用")),
            Column::new(language.pick("Errors", "错误")).leaves(2),
            Column::new(language.pick("Charge", "费用")),
        ];
        let rows: Vec<_> = models
            .into_iter()
            .map(|(model, (calls, errors, charge))| {
                let name = match model {
                    "" => language.pick("no model", "无模型").to_owned(),
                    name => name.to_owned(),
                };
                view! {
                    <tr>
                        <td class="cell-lead"><span class="cell-main break">{name}</span></td>
                        <td class="num" data-label=language.pick("Calls", "调用")>{count(calls)}</td>
                        <td class="col-2 num" data-label=language.pick("Errors", "错误")>{count(errors)}</td>
                        <td class="num cell-end"><MoneyText of=charge /></td>
                    </tr>
                }
            })
            .collect();
        view! { <Table columns=columns>{rows}</Table> }.into_any()
    };
    view! { <Panel title=language.pick("Usage", "用量") id="usage" note=note>{content}</Panel> }
}

/// For whoever pays: they may always stop.
pub fn withdrawal(id: ProjectId) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("You pay for it", "由你付费") id="withdraw" danger=true body=true>
            <p class="help">
                {language.pick(
                    "You may stop at any time. Calls are refused from then on, until somebody else pays.",
                    "你可以随时停止付费。此后在有其他人付费之前，调用会被拒绝。",
                )}
            </p>
            <PostButton
                action={form::action::<WithdrawPayer>()}
                fields=vec![("id", id.to_string())]
                class="btn-quiet btn-quiet-danger"
            >
                {language.pick("Stop paying", "停止付费")}
            </PostButton>
        </Panel>
    }
}

/// The way to its end.
pub fn farewell(id: ProjectId) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Archive", "归档") id="archive" danger=true body=true>
            <p class="help">
                {language.pick(
                    "Its keys are refused from then on. Its calls and what they cost stay.",
                    "归档后其密钥会被拒绝，调用记录和费用会保留。",
                )}
            </p>
            <LinkButton href=format!("{}/archive", page_of(id)) class="btn-quiet btn-quiet-danger">{language.pick("Archive project", "归档项目")}</LinkButton>
        </Panel>
    }
}
