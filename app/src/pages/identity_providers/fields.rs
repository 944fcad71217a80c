//! The fields that adding and editing an identity provider have in common.

use domain::identity::Typed;
use leptos::prelude::*;

use crate::{
    components::{CheckField, Hidden, TextArea, TextField},
    text::use_language,
};

/// Names, addresses, the client, and who may come by it.
#[component]
pub(super) fn IdentityFields(
    /// What stands in the fields at first.
    typed: Typed,
    /// It is added, so its name may still be chosen.
    new: bool,
    /// A secret is stored, which an empty field leaves as it is.
    has_secret: bool,
) -> impl IntoView {
    let language = use_language();
    let plain = typed.kind == "oauth2";
    let slug = if new {
        view! {
            <TextField
                name="slug"
                label=language.pick("Name in addresses", "地址名")
                mono=true
                value=typed.slug.clone()
                autocomplete="off"
                max_length=40_u32
                hint=language.pick("Small letters, digits, - _ and . It cannot be changed later.", "可用小写字母、数字、- _ 和 .，之后不能更改。")
            />
        }
        .into_any()
    } else {
        view! { <Hidden name="slug" value=typed.slug.clone() /> }.into_any()
    };
    let addresses = if plain {
        view! { <PlainAddresses typed=typed.clone() /> }.into_any()
    } else {
        view! {
            <TextField
                name="issuer"
                label=language.pick("Issuer", "签发者")
                kind="url"
                mono=true
                value=typed.issuer.clone()
                autocomplete="off"
                placeholder="https://login.example.com"
                hint=language.pick(
                    "Or the address of its discovery (…/.well-known/openid-configuration). A slash at the end counts.",
                    "也可填写其发现地址（…/.well-known/openid-configuration）。结尾的斜杠也会区分。",
                )
            />
        }
        .into_any()
    };
    view! {
        <Hidden name="kind" value=typed.kind.clone() />
        <div class="form-grid">
            <TextField
                name="title"
                label=language.pick("Name on its button", "按钮上的名称")
                value=typed.title.clone()
                autocomplete="off"
                max_length=80_u32
            />
            {slug}
        </div>
        {addresses}
        <Client typed=typed.clone() has_secret=has_secret />
        <WhoMayCome typed=typed plain=plain />
        <CheckField
            name="untested"
            label=language.pick("Save it without asking it first", "不先测试，直接保存")
        />
    }
}

/// What discovery would tell.
#[component]
fn PlainAddresses(typed: Typed) -> impl IntoView {
    let language = use_language();
    let address = |name: &'static str, label: &'static str, value: String, optional: bool| {
        view! { <TextField name=name label=label kind="url" mono=true value=value autocomplete="off" optional=optional /> }
    };
    let field = |name: &'static str, label: &'static str, value: String, optional: bool| {
        view! { <TextField name=name label=label mono=true short=true value=value autocomplete="off" optional=optional max_length=100_u32 /> }
    };
    view! {
        {address("authorize_url", language.pick("Address to authorize at", "授权地址"), typed.authorize_url, false)}
        {address("token_url", language.pick("Address of tokens", "令牌地址"), typed.token_url, false)}
        {address("userinfo_url", language.pick("Address of the user", "用户信息地址"), typed.userinfo_url, false)}
        {address("emails_url", language.pick("Address of a list of mails", "邮箱列表地址"), typed.emails_url, true)}
        <fieldset class="fieldset">
            <legend class="label">{language.pick("What its fields are called", "字段名")}</legend>
            <div class="form-grid">
                {field("subject_field", language.pick("Never changing id", "固定不变的 ID"), typed.subject_field, false)}
                {field("email_field", language.pick("E-mail", "邮箱"), typed.email_field, true)}
                {field("verified_field", language.pick("E-mail is verified", "邮箱已验证"), typed.verified_field, true)}
                {field("name_field", language.pick("Name", "姓名"), typed.name_field, true)}
            </div>
        </fieldset>
    }
}

/// How it knows this hub.
#[component]
fn Client(typed: Typed, has_secret: bool) -> impl IntoView {
    let language = use_language();
    let hint = if has_secret {
        language.pick(
            "One is stored. Leave it empty to keep it.",
            "已保存一个。留空则保持不变。",
        )
    } else {
        language.pick(
            "Stored encrypted and never shown again. Empty for a public client.",
            "加密保存，此后不再显示。公共客户端可留空。",
        )
    };
    view! {
        <div class="form-grid">
            <TextField
                name="client_id"
                label=language.pick("Client id", "客户端 ID")
                mono=true
                value=typed.client_id
                autocomplete="off"
                max_length=400_u32
            />
            <TextField
                name="secret"
                kind="password"
                label=language.pick("Client secret", "客户端密钥")
                mono=true
                optional=true
                autocomplete="off"
                hint=hint
            />
        </div>
        <TextField
            name="scopes"
            label=language.pick("Scopes", "范围")
            mono=true
            optional=true
            value=typed.scopes
            autocomplete="off"
            hint=language.pick("What it is asked for, with spaces between.", "向它请求的内容，以空格分隔。")
        />
    }
}

/// Who may come by it, and as what.
#[component]
fn WhoMayCome(typed: Typed, plain: bool) -> impl IntoView {
    let language = use_language();
    let example = if plain {
        "login: octocat = admin"
    } else {
        "groups: hub-admins = admin"
    };
    let hint = match language {
        crate::text::Language::En => format!(
            "One rule a line, such as “{example}”; “otherwise = member” is the last. The first that fits counts, at each sign-in. Without one a role stays as it is. Nobody becomes an owner by a rule."
        ),
        crate::text::Language::Zh => format!(
            "每行一条规则，例如“{example}”；最后可写“otherwise = member”。每次登录时按首条符合的规则执行；没有符合的规则时角色不变。规则不能授予所有者角色。"
        ),
    };
    view! {
        <TextField
            name="domains"
            label=language.pick("Mail domains that may come", "允许的邮箱域名")
            mono=true
            optional=true
            value=typed.domains
            autocomplete="off"
            placeholder="example.com"
            hint=language.pick(
                "With spaces between; empty allows all. The provider must have verified the address.",
                "以空格分隔，留空表示不限。邮箱须经提供方验证。",
            )
        />
        <CheckField
            name="trusts_mail"
            label=language.pick("Its addresses are its own", "其邮箱由它自己管理")
            hint=language.pick(
                "For directories that send no email_verified: their addresses count as verified, also for the domains. Without the tick, an address without email_verified never does.",
                "适用于不提供 email_verified 的目录：其邮箱视为已验证（包括用于域名限制）。未勾选时，缺少 email_verified 的邮箱一律视为未验证。",
            )
            checked=typed.trusts_mail == "true"
        />
        <TextArea
            name="roles"
            label=language.pick("Roles by claims", "按声明分配角色")
            value=typed.roles
            optional=true
            rows=3_u32
            mono=true
            hint=hint
        />
    }
}
