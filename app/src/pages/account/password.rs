//! The form for a new password.

use leptos::prelude::*;

use super::actions::ChangePassword;
use crate::{
    components::{Form, FormFoot, Panel, TextField},
    form::action,
    text::use_language,
};

/// Asks for the present password and, twice, for the new one.
#[component]
pub(super) fn PasswordPanel(email: String) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Password", "密码") id="password" body=true>
            <Form action={action::<ChangePassword>()} class="form form-tight measure">
                // Tells password managers whose password this is.
                <input class="visually-hidden" type="email" value=email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true" />
                <TextField
                    name="current"
                    kind="password"
                    label=language.pick("Current password", "当前密码")
                    autocomplete="current-password"
                    max_length=200_u32
                />
                <TextField
                    name="new"
                    kind="password"
                    label=language.pick("New password", "新密码")
                    hint=language.pick("10 characters or more. You will be signed out everywhere else.", "至少 10 个字符。其他地方的登录将退出。")
                    autocomplete="new-password"
                    min_length=10_u32
                    max_length=200_u32
                />
                <TextField
                    name="repeated"
                    kind="password"
                    label=language.pick("The new password again", "再次输入新密码")
                    autocomplete="new-password"
                    max_length=200_u32
                />
                <FormFoot submit=language.pick("Change password", "修改密码") />
            </Form>
        </Panel>
    }
}
