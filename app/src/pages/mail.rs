//! `/settings/mail`: how mail is sent, which owners set and whoever reads everything sees; a test, for admins; and what waits. The
//! password is never part of the page.

pub(super) mod actions;
mod outbox;

use domain::{
    access::Capability,
    mail::{MailSecurity, MailSettings},
};
use gateway::MailSet;
use leptos::prelude::*;

use self::{
    actions::{ForgetMail, SaveMail, TestMail},
    outbox::Outbox,
};
use crate::{
    components::*,
    context,
    error::AppError,
    form,
    text::{Language, use_language},
};

/// Where the page stands.
const PAGE: &str = "/settings/mail";

/// The page.
#[component]
pub fn MailPage() -> impl IntoView {
    page(async move {
        let reader = context::reader()?;
        let (gateway, viewer, language) = (context::gateway()?, context::viewer()?, use_language());
        let set = gateway.mail().shown(&reader).await?;
        let mails = gateway.mail().list(&reader).await?;
        let title = language.pick("Mail", "邮件");
        let sub = language.pick(
            "By mail people choose a new password, register, prove their address, and get invitations.",
            "用户通过邮件重设密码、注册、验证邮箱和接收邀请。",
        );
        let crumbs = vec![("/settings".to_owned(), language.pick("Settings", "设置").to_owned())];
        let owns = viewer.may(Capability::Own);
        let tests = viewer.may(Capability::Administer) && set != MailSet::Nowhere;
        let way = match set {
            MailSet::Nowhere if !owns => view! { <Seen facts=Vec::new() /> }.into_any(),
            MailSet::Console { settings, has_password } if !owns => {
                view! { <Seen facts=facts_of(&settings, has_password, language) /> }.into_any()
            }
            MailSet::Nowhere => view! { <Typed settings=None has_password=false /> }.into_any(),
            MailSet::Console { settings, has_password } => {
                view! { <Typed settings=Some(settings) has_password=has_password /> }.into_any()
            }
            MailSet::Configured {
                settings,
                has_password,
                said_by,
            } => view! { <Configured facts=facts_of(&settings, has_password, language) said_by=said_by /> }.into_any(),
            MailSet::Folder {
                folder,
                sender,
                said_by,
            } => {
                let facts = vec![
                    fact(language.pick("Folder", "文件夹"), view! { <code>{folder}</code> }),
                    fact(language.pick("Sender", "发件人"), sender.email.to_string()),
                ];
                view! { <Configured facts=facts said_by=said_by /> }.into_any()
            }
        };
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Settings narrow=true>
                <PageHead title=title sub=sub crumbs=crumbs />
                {way}
                {tests.then(|| view! { <TestPanel to=viewer.email.to_string() /> })}
                <Outbox mails=mails owns=owns />
            </Page>
        })
    })
}

const fn nowhere(language: Language) -> &'static str {
    language.pick(
        "Mail is not set up: nobody can get a new password or register by mail.",
        "尚未设置邮件：无法通过邮件重设密码或注册。",
    )
}

fn security_in_words(security: MailSecurity, language: Language) -> &'static str {
    match security {
        MailSecurity::StartTls => "STARTTLS",
        MailSecurity::Tls => "TLS",
        MailSecurity::None => language.pick("None", "无"),
    }
}

fn facts_of(settings: &MailSettings, has_password: bool, language: Language) -> Vec<(String, AnyView)> {
    let server = &settings.server;
    let none = language.pick("none", "无");
    vec![
        fact(
            language.pick("Server", "服务器"),
            format!("{}:{}", server.host, server.port),
        ),
        fact(
            language.pick("Protection", "连接保护"),
            security_in_words(server.security, language),
        ),
        fact(
            language.pick("User", "用户名"),
            server.user.clone().unwrap_or_else(|| none.to_owned()),
        ),
        fact(
            language.pick("Password", "密码"),
            if has_password {
                language.pick("set, never shown", "已设置，不显示")
            } else {
                none
            },
        ),
        fact(language.pick("Sender", "发件人"), settings.sender.email.to_string()),
        fact(
            language.pick("Sender's name", "发件人名称"),
            settings.sender.name.clone(),
        ),
    ]
}

#[component]
fn Configured(facts: Vec<(String, AnyView)>, said_by: String) -> impl IntoView {
    let language = use_language();
    let note = match language {
        Language::En => format!("Said by the configuration ({said_by}), which wins. Change it there."),
        Language::Zh => {
            let said_by = said_by
                .replace("environment ", "环境变量 ")
                .replace("file ", "配置文件 ");
            format!("由配置决定（{said_by}），优先于控制台。请在那里修改。")
        }
    };
    view! {
        <Panel title=language.pick("How mail is sent", "发送方式") id="way" body=true>
            <div class="stack"><Banner>{note}</Banner><Facts of=facts /></div>
        </Panel>
    }
}

/// What those see who are no owners.
#[component]
fn Seen(facts: Vec<(String, AnyView)>) -> impl IntoView {
    let language = use_language();
    let note = language.pick(
        "Owners set how mail is sent: whoever controls the server reads the links by which people get a new password.",
        "发送方式由所有者设置：控制邮件服务器的人可以读到重设密码的链接。",
    );
    let none = facts.is_empty().then(|| {
        view! {
            <p>{nowhere(language)}</p>
        }
    });
    view! {
        <Panel title=language.pick("How mail is sent", "发送方式") id="way" body=true>
            <div class="stack"><Banner>{note}</Banner>{none}{(!facts.is_empty()).then(|| view! { <Facts of=facts /> })}</div>
        </Panel>
    }
}

#[component]
fn Typed(settings: Option<MailSettings>, has_password: bool) -> impl IntoView {
    let language = use_language();
    let set = settings.is_some();
    let server = settings.as_ref().map(|settings| settings.server.clone());
    let security = server.as_ref().map_or(MailSecurity::StartTls, |server| server.security);
    let choices = MailSecurity::ALL
        .into_iter()
        .map(|security| {
            let note = match security {
                MailSecurity::StartTls => language.pick(
                    "Usually port 587. Without it nothing is sent.",
                    "通常为端口 587；不支持则不发送。",
                ),
                MailSecurity::Tls => language.pick(
                    "From the first byte, usually port 465.",
                    "从第一个字节起加密，通常为端口 465。",
                ),
                MailSecurity::None => language.pick(
                    "Readable on its way: only for a server in this machine, or without a password.",
                    "传输内容可被读取：仅用于本机服务器，或不使用密码。",
                ),
            };
            Choice::new(security.as_str(), security_in_words(security, language)).note(note)
        })
        .collect();
    let password_hint = if has_password {
        language.pick(
            "One is stored. Leave it empty to keep it; another server or user drops it.",
            "已保存。留空表示保留；更换服务器或用户名会将其清除。",
        )
    } else {
        language.pick("Stored sealed, and never shown.", "加密保存，不再显示。")
    };
    let forget = set.then(|| {
        view! {
            <PostButton action={form::action::<ForgetMail>()} class="btn-quiet btn-quiet-danger" label=language.pick("Send no mail any more", "不再发送邮件")>
                {language.pick("Send no mail any more", "不再发送邮件")}
            </PostButton>
        }
        .into_any()
    });
    let sender = settings.map(|settings| settings.sender);
    view! {
        <Panel title=language.pick("How mail is sent", "发送方式") id="way" body=true>
            <div class="stack">
                {(!set).then(|| view! {
                    <Banner tone=Tone::Warning>
                        {nowhere(language)}
                    </Banner>
                })}
                <Form action={form::action::<SaveMail>()}>
                    <div class="form-grid">
                        <TextField name="host" label=language.pick("Server", "服务器") mono=true autocomplete="off" placeholder="mail.example.com" value=server.as_ref().map(|server| server.host.clone()).unwrap_or_default() />
                        <TextField name="port" label=language.pick("Port", "端口") short=true optional=true autocomplete="off" value=server.as_ref().map(|server| server.port.to_string()).unwrap_or_default() />
                    </div>
                    <ChoiceField name="security" label=language.pick("Protection", "连接保护") choices=choices value=security.as_str() three=true />
                    <div class="form-grid">
                        <TextField name="user" label=language.pick("User", "用户名") optional=true autocomplete="off" value=server.and_then(|server| server.user).unwrap_or_default() />
                        <TextField name="password" kind="password" label=language.pick("Password", "密码") optional=true autocomplete="new-password" hint=password_hint />
                    </div>
                    <div class="form-grid">
                        <TextField name="from" kind="email" label=language.pick("Sender", "发件人") autocomplete="off" placeholder="hub@example.com" value=sender.as_ref().map(|sender| sender.email.to_string()).unwrap_or_default() />
                        <TextField name="from_name" label=language.pick("Sender's name", "发件人名称") optional=true autocomplete="off" max_length=80_u32 value=sender.map(|sender| sender.name).unwrap_or_default() />
                    </div>
                    <FormFoot submit=language.pick("Save mail", "保存邮件设置") />
                </Form>
                {forget.map(|forget| view! { <div class="btn-row">{forget}</div> })}
            </div>
        </Panel>
    }
}

#[component]
fn TestPanel(to: String) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Test it", "测试") id="test" body=true>
            <Form action={form::action::<TestMail>()} class="form form-tight">
                <TextField name="to" kind="email" label=language.pick("To", "收件人") value=to autocomplete="email" hint=language.pick("Sent at once; what the server says is shown here.", "立即发送，并显示服务器的回应。") />
                <div class="form-foot"><SubmitButton>{language.pick("Send a test", "发送测试邮件")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}
