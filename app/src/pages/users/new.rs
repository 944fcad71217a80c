//! `/users/new`: an admin adds a person with a first password.

use domain::{
    access::{Capability, Role},
    account::PASSWORD_LENGTH,
};
use leptos::prelude::*;

use super::actions::CreateUser;
use crate::{
    components::{Choice, ChoiceField, Form, FormFoot, Page, PageHead, Panel, Place, TextField, page},
    context, form,
    text::{Language, use_language},
};

/// Adds a person.
#[component]
pub fn NewUserPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let role = context::viewer()?.role;
        let language = use_language();
        let title = language.pick("Add user", "添加用户");
        let crumbs = vec![("/users".to_owned(), language.pick("Users", "用户").to_owned())];
        Ok(view! {
            <Page title=title place=Place::Users narrow=true>
                <PageHead title=title crumbs=crumbs />
                <Panel title=language.pick("Who is it?", "用户信息") id="user" body=true>
                    <Form action={form::action::<CreateUser>()}>
                        <TextField
                            name="email"
                            label=language.pick("E-mail", "邮箱")
                            kind="email"
                            autocomplete="off"
                            focus=true
                            hint=language.pick("How they sign in. The hub writes nobody here; to have it send a link, invite them.", "用于登录。系统不会发送邮件；如需发送，请使用邀请。")
                        />
                        <TextField
                            name="name"
                            label=language.pick("Name", "姓名")
                            optional=true
                            autocomplete="off"
                            max_length=80_u32
                            hint=language.pick("What people call them.", "显示名称。")
                        />
                        <ChoiceField name="role" label=language.pick("Role", "角色") choices=roles(language, role) value=Role::Member.as_str() />
                        <PasswordField label=language.pick("First password", "初始密码") />
                        <FormFoot submit=language.pick("Add user", "添加用户") cancel="/users" />
                    </Form>
                </Panel>
            </Page>
        })
    })
}

/// The roles that somebody of this role may give, the more careful ones first. Owners are made by owners.
pub fn roles(language: Language, giver: Role) -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .rev()
        .filter(|role| *role != Role::Owner || giver.may(Capability::Own))
        .map(|role| Choice::new(role.as_str(), language.role(role)).note(language.role_explained(role)))
        .collect()
}

/// A password that an admin chooses for somebody else.
#[component]
pub fn PasswordField(
    /// What it is called.
    label: &'static str,
) -> impl IntoView {
    let (least, most) = (*PASSWORD_LENGTH.start(), *PASSWORD_LENGTH.end());
    let hint = match use_language() {
        Language::En => format!("{least} to {most} characters. They can change it on their account page."),
        Language::Zh => format!("{least} 至 {most} 个字符。用户可在账号页面自行修改。"),
    };
    view! {
        <TextField
            name="password"
            label=label
            kind="password"
            autocomplete="new-password"
            min_length=u32::try_from(least).unwrap_or_default()
            hint=hint
        />
    }
}
