//! `/settings`: what is set while the hub runs: its mode, the credit of new people, and what a call without a limit is
//! admitted for.

pub(super) mod actions;

use domain::{
    access::Capability,
    identity::Registration,
    setting::{Mode, Setting},
};
use leptos::prelude::*;

use self::actions::{SaveMode, SaveSettings, SaveSignIn};
use crate::{
    components::*,
    context,
    error::AppError,
    form,
    text::{Language, use_language},
};

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    page(async move {
        let reader = context::money_reader()?;
        let may = context::may(Capability::KeepMoney);
        let gateway = context::gateway()?;
        let mut values = Vec::new();
        for setting in Setting::ALL {
            values.push((setting, gateway.options().get(&reader, setting).await?));
        }
        let value = |wanted: Setting| {
            let found = values.iter().find(|(setting, _)| *setting == wanted);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let mode = Mode::parse(&value(Setting::Mode)).unwrap_or_default();
        let language = use_language();
        let title = language.pick("Settings", "设置");
        let sub = language.pick(
            "They act at once, for calls and people that come from now on. Every change stands in the audit.",
            "设置立即生效，作用于此后的调用和新用户。每次修改都会记入审计。",
        );
        let (credit, days, tokens) = (
            value(Setting::StarterCredit),
            value(Setting::StarterDays),
            value(Setting::HoldOutputTokens),
        );
        let (registration, passwords) = (value(Setting::Registration), value(Setting::LocalPasswords));
        let domains = value(Setting::RegistrationDomains);
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Settings narrow=true>
                <PageHead title=title sub=sub beside=view! { <ModeBadge mode=mode/> }.into_any()/>
                {if may {
                    view! { <ModePanel mode=mode/><RestPanel credit=credit days=days tokens=tokens/> }.into_any()
                } else {
                    view! { <AsSet mode=mode rest=[credit, days, tokens, registration.clone(), passwords.clone()]/> }.into_any()
                }}
                {context::may(Capability::Administer).then(|| view! { <SignInPanel registration=registration domains=domains passwords=passwords/> })}
            </Page>
        })
    })
}

/// The mode in a word.
pub const fn mode_in_words(mode: Mode, language: Language) -> &'static str {
    match mode {
        Mode::Enterprise => language.pick("Enterprise", "企业模式"),
        Mode::ServiceProvider => language.pick("Service provider", "服务商模式"),
    }
}

/// The same as a badge.
#[component]
pub fn ModeBadge(
    /// The mode.
    mode: Mode,
) -> impl IntoView {
    let tone = match mode {
        Mode::Enterprise => Tone::Plain,
        Mode::ServiceProvider => Tone::Accent,
    };
    view! { <Badge tone=tone text=mode_in_words(mode, use_language())/> }
}

/// The values, for whoever only reads them.
#[component]
fn AsSet(mode: Mode, rest: [String; 5]) -> impl IntoView {
    let language = use_language();
    let [credit, days, tokens, registration, passwords] = rest;
    let facts = vec![
        fact(language.pick("Mode", "模式"), mode_in_words(mode, language)),
        fact(language.pick("Starter credit", "新用户额度"), credit),
        fact(language.pick("It lives, days", "有效天数"), days),
        fact(language.pick("Tokens held for an answer", "预占的输出 token"), tokens),
        fact(language.pick("Registration", "注册"), registration),
        fact(language.pick("Passwords", "密码登录"), passwords),
    ];
    view! { <Panel title=language.pick("As they are", "当前设置") id="settings" body=true><Facts of=facts/></Panel> }
}

#[component]
fn ModePanel(mode: Mode) -> impl IntoView {
    let language = use_language();
    let choices = [Mode::Enterprise, Mode::ServiceProvider]
        .into_iter()
        .map(|mode| {
            let note = match mode {
                Mode::Enterprise => language.pick(
                    "Calls are metered and their cost is allocated. Nobody needs credit; a model without a price can be called.",
                    "调用只计量并分摊成本，无需额度；没有价格的模型也可以调用。",
                ),
                Mode::ServiceProvider => language.pick(
                    "Pre-paid: each call is paid from credit, and without credit it is refused with 402. A model without a price cannot be called.",
                    "预付费：每次调用由额度支付，额度不足时返回 402；没有价格的模型不能调用。",
                ),
            };
            Choice::new(mode.as_str(), mode_in_words(mode, language)).note(note)
        })
        .collect();
    view! {
        <Panel title=language.pick("Mode", "模式") id="mode" body=true>
            <Form action={form::action::<SaveMode>()} class="form form-tight">
                <ChoiceField name="mode" label=language.pick("What the hub is for", "用途") choices=choices value=mode.as_str()/>
                <p class="help">{language.pick("Calls that run now end as they began.", "正在进行的调用按开始时的模式结束。")}</p>
                <div class="form-foot"><SubmitButton>{language.pick("Save mode", "保存模式")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

#[component]
fn RestPanel(credit: String, days: String, tokens: String) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Credit", "额度") id="credit" body=true>
            <Form action={form::action::<SaveSettings>()}>
                <div class="form-grid">
                    <TextField
                        name="starter_credit"
                        label=language.pick("Starter credit", "新用户额度")
                        value=credit
                        short=true
                        autocomplete="off"
                        hint=language.pick("Credits for each new person, once. 0 for none.", "每位新用户获得一次。0 表示不发放。")
                    />
                    <TextField
                        name="starter_days"
                        label=language.pick("It lives, days", "有效天数")
                        value=days
                        short=true
                        autocomplete="off"
                        hint=language.pick("From the day on which they are added.", "自添加用户之日起。")
                    />
                    <TextField
                        name="hold_output_tokens"
                        label=language.pick("Tokens held for an answer", "预占的输出 token")
                        value=tokens
                        short=true
                        autocomplete="off"
                        hint=language.pick(
                            "Where a request sets no limit, its answer may have eight times as many; the provider is told so.",
                            "请求未限制输出时，回答最多可达其八倍，并会告知提供商。",
                        )
                    />
                </div>
                <FormFoot submit=language.pick("Save settings", "保存设置")/>
            </Form>
        </Panel>
    }
}

/// Who may register, and whether passwords work.
#[component]
fn SignInPanel(registration: String, domains: String, passwords: String) -> impl IntoView {
    let language = use_language();
    let choices = Registration::ALL
        .into_iter()
        .map(|registration| {
            let (title, note) = match registration {
                Registration::Open => (
                    language.pick("Open", "开放"),
                    language.pick(
                        "Everybody whom an identity provider knows, or who proves an address of mail.",
                        "身份提供方认识的所有人，或能验证邮箱的人。",
                    ),
                ),
                Registration::Invitation => (
                    language.pick("By invitation", "凭邀请"),
                    language.pick("Others are told to ask for one.", "其他人会被告知索取邀请。"),
                ),
                Registration::Closed => (
                    language.pick("Closed", "关闭"),
                    language.pick("Admins add people.", "由管理员添加用户。"),
                ),
            };
            Choice::new(registration.as_str(), title).note(note)
        })
        .collect();
    let passwords_choices = vec![
        Choice::new("on", language.pick("On", "开启")),
        Choice::new(
            "off",
            language.pick("Off: by identity providers only", "关闭：仅通过身份提供方登录"),
        ),
    ];
    view! {
        <Panel title=language.pick("Sign-in", "登录") id="sign-in" body=true>
            <Form action={form::action::<SaveSignIn>()}>
                <ChoiceField name="registration" label=language.pick("Who may register", "谁可以注册") choices=choices value=registration three=true/>
                <TextField
                    name="domains"
                    label=language.pick("Domains for registration by mail", "可用邮箱注册的域名")
                    value=domains
                    optional=true
                    autocomplete="off"
                    hint=language.pick("Like example.com, with spaces between; empty for all. Providers have their own.", "例如 example.com，以空格分隔；留空表示不限。身份提供方另有设置。")
                />
                <SelectField
                    name="passwords"
                    label=language.pick("Passwords", "密码登录")
                    choices=passwords_choices
                    value=passwords
                    hint=language.pick(
                        "They can be off while an active admin is linked to an enabled provider. The command line switches them on again: aigne-hub settings set local-passwords on.",
                        "只有当可用的管理员已关联启用的身份提供方时才能关闭。命令行可随时重新开启：aigne-hub settings set local-passwords on。",
                    )
                />
                <FormFoot submit=language.pick("Save sign-in", "保存登录设置")/>
            </Form>
            <p class="help">
                {language.pick("By mail people register, get invitations and new passwords: ", "注册、邀请和重设密码都通过邮件：")}
                <a class="link" href="/settings/mail">{language.pick("how mail is sent", "邮件设置")}</a>
            </p>
        </Panel>
    }
}
