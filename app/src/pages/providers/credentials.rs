//! The panel with a provider's credentials: what is known of them without the secrets; and the panel for one more.

use domain::{
    access::Capability,
    provider::{Credential, Provider},
};
use leptos::prelude::*;

use super::{
    credential_actions::{AddCredential, SwitchCredential, TestCredential},
    delete, health,
    offer::{CredentialNeed, Offer},
};
use crate::{
    components::{
        Column, Form, Hidden, Nothing, Panel, PostButton, Status, SubmitButton, SwitchButton, Table, TextField, Time,
        TimeStyle,
    },
    context, form,
    text::{Language, use_language},
};

/// The credentials of one provider.
#[component]
pub fn Credentials(
    /// Whose.
    provider: Provider,
) -> impl IntoView {
    let language = use_language();
    let content = if provider.credentials.is_empty() {
        let text = match Offer::of(&provider.draft).credential() {
            CredentialNeed::Required => language.pick(
                "Calls need one. Enter it below: it is tested at once.",
                "调用需要凭据。请在下方录入，系统会立即测试。",
            ),
            CredentialNeed::Optional | CredentialNeed::None => language.pick(
                "Calls go out without one. Add one only if the server asks for it.",
                "调用不带凭据发出。仅当服务器要求时才需添加。",
            ),
        };
        view! { <Nothing title=language.pick("No credential", "没有凭据") text=text /> }.into_any()
    } else {
        let rows: Vec<_> = provider
            .credentials
            .iter()
            .map(|credential| view! { <Row provider=provider.clone() credential=credential.clone() /> })
            .collect();
        let mut columns = vec![
            Column::new(language.pick("Credential", "凭据")),
            Column::new(language.pick("State", "状态")),
            Column::new(language.pick("Last used", "上次使用")).leaves(2),
            Column::new(language.pick("Added, UTC", "添加时间（UTC）")).leaves(3),
        ];
        if context::may(Capability::Administer) {
            columns.push(Column::actions(language.pick("Actions", "操作")));
        }
        view! { <Table columns=columns>{rows}</Table> }.into_any()
    };
    let note = language.pick("kept encrypted, never shown again", "加密保存，不再显示");
    view! {
        <Panel title=language.pick("Credentials", "凭据") id="credentials" note=note>
            {content}
        </Panel>
    }
}

#[component]
fn Row(provider: Provider, credential: Credential) -> impl IntoView {
    let language = use_language();
    let condition = health::of_credential(&credential, language);
    let label = credential.label.to_string();
    let hint = if credential.hint.is_empty() {
        "••••".to_owned()
    } else {
        format!("…{}", credential.hint)
    };
    let fields = || {
        vec![
            ("provider", provider.id.to_string()),
            ("credential", credential.id.to_string()),
        ]
    };
    let test_label = match language {
        Language::En => format!("Test {label}"),
        Language::Zh => format!("测试 {label}"),
    };
    let named = label.clone();
    let used = match credential.last_used_at {
        Some(at) => view! { <Time at=at style=TimeStyle::Ago /> }.into_any(),
        None => view! { <span class="muted">{language.pick("never", "从未")}</span> }.into_any(),
    };
    let said = condition.said.map(|said| view! { <small class="break">{said}</small> });
    view! {
        <tr class=(!credential.enabled).then_some("is-off")>
            <td class="cell-lead two-line"><span class="cell-main">{label}</span><small class="mono">{hint}</small>{said}</td>
            <td class="cell-end"><Status tone=condition.tone text=condition.word /></td>
            <td class="col-2" data-label=language.pick("Last used", "上次使用")>{used}</td>
            <td class="col-3"><Time at=credential.created_at style=TimeStyle::Short /></td>
            {context::may(Capability::Administer).then(|| view! {
                <td class="cell-actions">
                    <div class="btn-row">
                        <PostButton action={form::action::<TestCredential>()} fields=fields() class="btn-s" icon="run" label=test_label>
                            {language.pick("Test", "测试")}
                        </PostButton>
                        <SwitchButton
                            action={form::action::<SwitchCredential>()}
                            fields=fields()
                            enabled=credential.enabled
                            title=named
                            small=true
                        />
                        {delete::button(&provider, &credential)}
                    </div>
                </td>
            })}
        </tr>
    }
}

/// One more credential, tried as soon as it is stored.
#[component]
pub fn AddCredentialPanel(
    /// Whose.
    provider: Provider,
) -> impl IntoView {
    let language = use_language();
    let title = if provider.credentials.is_empty() {
        language.pick("Add credential", "添加凭据")
    } else {
        language.pick("Add another credential", "再添加一个凭据")
    };
    view! {
        <Panel title=title id="add-credential" body=true>
            <Form action={form::action::<AddCredential>()} class="form form-tight">
                <Hidden name="provider" value=provider.id.to_string() />
                <div class="form-grid">
                    <TextField
                        name="label"
                        label=language.pick("What you call it", "名称")
                        autocomplete="off"
                        max_length=80_u32
                        placeholder=language.pick("production", "生产环境")
                    />
                    <TextField
                        name="credential"
                        label=language.pick("API key of the provider", "提供商的 API 密钥")
                        kind="password"
                        mono=true
                        autocomplete="off"
                    />
                </div>
                <div class="form-foot">
                    <SubmitButton class="btn-primary" icon="plus">{language.pick("Add and test credential", "添加并测试凭据")}</SubmitButton>
                </div>
            </Form>
        </Panel>
    }
}
