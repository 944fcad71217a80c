//! The panels on a person's page: their credit, and what admins change about them.

use domain::{
    access::{Capability, Role, Viewer},
    account::User,
    credit::Balance,
    id::UserId,
    ledger::Status,
};
use leptos::prelude::*;

use super::{
    actions::{SetUserName, SetUserPassword, SetUserRole, SuspendUser, page_of},
    new::{PasswordField, roles},
    viewing::ViewAs,
};
use crate::{
    components::{
        self, Banner, ChoiceField, Facts, Form, Hidden, LinkButton, MoneyText, Panel, PostButton, SubmitButton,
        TextField, Tone, fact,
    },
    context, form,
    text::use_language,
};

/// What they have. None for an account that is out of service.
#[component]
pub fn CreditPanel(user: UserId, credit: Option<Balance>) -> impl IntoView {
    let language = use_language();
    let path = format!("/users/{user}/credits");
    let content = match credit {
        None => {
            let text = language.pick(
                "This account is out of service until its books have been checked.",
                "此账户已停用，需先核对账目。",
            );
            view! { <Banner tone=Tone::Bad>{text}</Banner> }.into_any()
        }
        Some(credit) => {
            let mut facts = vec![
                fact(
                    language.pick("Balance", "余额"),
                    view! { <MoneyText of=credit.balance strong=true /> },
                ),
                fact(language.pick("Held", "预占"), view! { <MoneyText of=credit.held /> }),
                fact(
                    language.pick("Can be spent", "可用"),
                    view! { <MoneyText of=credit.spendable.or_zero() /> },
                ),
            ];
            if !credit.debt.is_zero() {
                facts.push(fact(
                    language.pick("Owed", "欠款"),
                    view! { <span class="delta-bad"><MoneyText of=credit.debt /></span> },
                ));
            }
            let ended = credit.ended_sum();
            if !ended.is_zero() {
                facts.push(fact(
                    language.pick("Expired, being booked", "已到期，入账中"),
                    view! { <MoneyText of=ended /> },
                ));
            }
            if credit.status == Status::Blocked {
                facts.push(fact(
                    language.pick("Calls", "调用"),
                    view! { <components::Status tone=Tone::Bad text=language.pick("blocked", "已冻结") /> },
                ));
            }
            view! { <Facts of=facts /> }.into_any()
        }
    };
    view! {
        <Panel title=language.pick("Credit", "额度") id="credit" body=true>
            <div class="stack">
                {content}
                <div class="btn-row">
                    {context::may(Capability::KeepMoney).then(|| view! {
                        <LinkButton href=format!("{path}/grant") icon="grant">{language.pick("Grant credit", "授予额度")}</LinkButton>
                    })}
                    <LinkButton href=path>{language.pick("Lots and ledger", "额度明细与账本")}</LinkButton>
                </div>
            </div>
        </Panel>
    }
}

#[component]
pub fn RolePanel(user: User, viewer: Viewer) -> impl IntoView {
    let language = use_language();
    let choices = roles(language, viewer.role);
    view! {
        <Panel title=language.pick("Role", "角色") id="role" body=true>
            <Form action={form::action::<SetUserRole>()} class="form form-tight">
                <Hidden name="id" value=user.id.to_string() />
                <ChoiceField name="role" label=language.pick("What they may do", "权限") choices=choices value=user.role.as_str() />
                <div class="form-foot"><SubmitButton class="">{language.pick("Change role", "更改角色")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

/// Its refusals ("the last admin") concern no field and stand on top of the form.
#[component]
pub fn AccessPanel(user: User) -> impl IntoView {
    let language = use_language();
    let (sentence, word, class) = if user.suspended {
        (
            language.pick(
                "Suspended: cannot sign in, and the keys are refused. Nothing is deleted.",
                "已停用：无法登录，密钥被拒绝。没有任何内容被删除。",
            ),
            language.pick("Activate user", "重新启用用户"),
            "btn-primary",
        )
    } else {
        (
            language.pick(
                "Suspending signs them out everywhere and refuses their keys from the next request on. It can be undone.",
                "停用会立即退出其所有会话，并从下一次请求起拒绝其密钥。此操作可以撤销。",
            ),
            language.pick("Suspend user", "停用用户"),
            "btn-danger",
        )
    };
    view! {
        <Panel title=language.pick("Access", "访问") id="access" body=true>
            <Form action={form::action::<SuspendUser>()} class="form form-tight">
                <Hidden name="id" value=user.id.to_string() />
                <Hidden name="suspended" value=(!user.suspended).to_string() />
                <p class="measure">{sentence}</p>
                <div class="form-foot"><SubmitButton class=class>{word}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

#[component]
pub fn PasswordPanel(user: User) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Password", "密码") id="password" note=language.pick("ends all their sessions", "会结束其所有会话") body=true>
            <Form action={form::action::<SetUserPassword>()} class="form form-tight">
                <Hidden name="id" value=user.id.to_string() />
                <PasswordField label=language.pick("New password", "新密码") />
                <div class="form-foot"><SubmitButton class="">{language.pick("Set password", "设置密码")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

#[component]
pub fn NamePanel(user: User) -> impl IntoView {
    let language = use_language();
    let name = user.name.as_ref().map(ToString::to_string).unwrap_or_default();
    view! {
        <Panel title=language.pick("Name", "姓名") id="name" body=true>
            <Form action={form::action::<SetUserName>()} class="form form-tight">
                <Hidden name="id" value=user.id.to_string() />
                <TextField
                    name="name"
                    label=language.pick("What people call them", "显示名称")
                    value=name
                    optional=true
                    autocomplete="off"
                    max_length=80_u32
                />
                <div class="form-foot"><SubmitButton class="">{language.pick("Save name", "保存姓名")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

/// The console as they see it. Only for whoever stands above them.
#[component]
pub fn ViewingPanel(user: User, viewer: Viewer) -> impl IntoView {
    let language = use_language();
    if !viewer.may_view_as(user.role) || !user.is_active() {
        return ().into_any();
    }
    let fields = vec![("id", user.id.to_string())];
    view! {
        <Panel title=language.pick("Their view", "用户视图") id="view" body=true>
            <div class="row between">
                <p class="measure">
                    {language.pick(
                        "See the console as they see it. Nothing can be changed meanwhile, and beginning and end stand in the audit.",
                        "以该用户的视角查看控制台。期间不能做任何更改，开始和结束都会记入审计。",
                    )}
                </p>
                <PostButton action={form::action::<ViewAs>()} fields=fields icon="users">{language.pick("View as this user", "以该用户身份查看")}</PostButton>
            </div>
        </Panel>
    }
    .into_any()
}

/// The way out, at the end.
#[component]
pub fn FarewellPanel(user: User) -> impl IntoView {
    let language = use_language();
    let sentence = language.pick(
        "They cannot sign in any more and their keys are revoked. Their calls and their books stay.",
        "用户将无法登录，其密钥被吊销。调用记录和账目会保留。",
    );
    view! {
        <Panel title=language.pick("Delete user", "删除用户") id="delete" danger=true body=true>
            <div class="row between">
                <p class="measure">{sentence}</p>
                <LinkButton href=format!("{}/delete", page_of(user.id)) class="btn-quiet btn-quiet-danger" icon="trash">
                    {language.pick("Delete user…", "删除用户…")}
                </LinkButton>
            </div>
        </Panel>
    }
}

/// Whether this admin may change that person: owners are for owners.
pub const fn may_change(viewer: &Viewer, user: &User) -> bool {
    let above = !matches!(user.role, Role::Owner) || viewer.may(Capability::Own);
    viewer.may(Capability::Administer) && above && user.deleted_at.is_none()
}
