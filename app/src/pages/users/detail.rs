//! `/users/:id`: one person's role, access, password and keys, and the way to their calls.

use domain::{account::User, credit::Balance, id::UserId, ledger::Status, refusal::Thing};
use leptos::prelude::*;

use super::{
    Standing,
    actions::{SetUserPassword, SetUserRole, SuspendUser},
    keys::UserKeys,
    new::{PasswordField, roles},
    role_in_words, seen,
};
use crate::{
    components::{
        self, Badge, Banner, ChoiceField, Facts, Form, Hidden, LinkButton, MoneyText, Page, PageHead, Panel, Place,
        SubmitButton, Time, Tone, fact, page,
    },
    context,
    form::{self, path_id},
    text::use_language,
};

/// One person.
#[component]
pub fn UserPage() -> impl IntoView {
    page(async move {
        let admin = context::admin()?;
        let id = path_id::<UserId>("id", Thing::User)?;
        let viewer = context::viewer()?;
        let me = viewer.id == id;
        let gateway = context::gateway()?;
        let user = gateway
            .users()
            .get(&admin, id)
            .await?
            .ok_or(context::missing(Thing::User))?;
        let keys: Vec<_> = gateway
            .keys()
            .list_all(&admin)
            .await?
            .into_iter()
            .filter(|key| key.user_id == id)
            .collect();
        let credit = gateway.credits().balance(&viewer, id).await;
        let language = use_language();
        let title = user.email.to_string();
        let crumbs = vec![("/users".to_owned(), language.pick("Users", "用户").to_owned())];
        let beside = view! {
            <Standing suspended=user.suspended />
            {me.then(|| view! { <Badge text=language.pick("you", "你") /> })}
        };
        let actions = view! {
            <LinkButton href=format!("/users/{id}/credits") icon="credits">{language.pick("Credit and ledger", "额度与账本")}</LinkButton>
            <LinkButton href=format!("/calls?user={id}") icon="calls">{language.pick("Calls of this user", "该用户的调用")}</LinkButton>
        };
        let facts = vec![
            fact(language.pick("Role", "角色"), role_in_words(user.role, language)),
            fact(language.pick("Last signed in", "上次登录"), seen(&user, language)),
            fact(
                language.pick("Added", "添加时间"),
                view! { <Time at=user.created_at /> },
            ),
            fact(
                language.pick("Id", "标识"),
                view! { <span class="mono break">{id.to_string()}</span> },
            ),
        ];
        Ok(view! {
            <Page title=title.clone() place=Place::Users>
                <PageHead title=title crumbs=crumbs beside=beside.into_any() actions=actions.into_any() />
                <div class="cols cols-2">
                    <div class="stack">
                        <Panel title=language.pick("About", "概况") id="about" body=true><Facts of=facts /></Panel>
                        <CreditPanel user=id credit=credit.ok() />
                        <AccessPanel user=user.clone() />
                    </div>
                    <div class="stack">
                        <RolePanel user=user.clone() />
                        <PasswordPanel user=user />
                    </div>
                </div>
                <UserKeys user=id keys=keys />
            </Page>
        })
    })
}

/// What they have. None for an account that is out of service.
#[component]
fn CreditPanel(user: UserId, credit: Option<Balance>) -> impl IntoView {
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
                    view! { <MoneyText of=credit.debt.negated() /> },
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
                    <LinkButton href=format!("{path}/grant") icon="grant">{language.pick("Grant credit", "授予额度")}</LinkButton>
                    <LinkButton href=path>{language.pick("Lots and ledger", "额度明细与账本")}</LinkButton>
                </div>
            </div>
        </Panel>
    }
}

#[component]
fn RolePanel(user: User) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Role", "角色") id="role" body=true>
            <Form action={form::action::<SetUserRole>()} class="form form-tight">
                <Hidden name="id" value=user.id.to_string() />
                <ChoiceField name="role" label=language.pick("What they may do", "权限") choices=roles(language) value=user.role.as_str() />
                <div class="form-foot"><SubmitButton class="">{language.pick("Change role", "更改角色")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

/// Its refusals ("the last admin") concern no field and stand on top of the form.
#[component]
fn AccessPanel(user: User) -> impl IntoView {
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
fn PasswordPanel(user: User) -> impl IntoView {
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
