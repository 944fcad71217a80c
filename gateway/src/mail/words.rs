//! What mails say, in both languages.

use domain::{
    access::Role,
    mail::{MailLanguage, MailLanguage::Zh},
};

use super::letter::Letter;

/// The foot of what somebody asked for.
fn foot(language: MailLanguage, hub: &str) -> String {
    match language {
        Zh => format!(
            "此邮件由 AIGNE Hub（{hub}）发送，因为有人在那里填写了这个地址。如果不是你，请忽略：不会有任何变化。"
        ),
        _ => format!(
            "AIGNE Hub at {hub} sent this because somebody typed this address there. If it was not you, leave it: nothing changes."
        ),
    }
}

fn letter(
    language: MailLanguage,
    subject: &str,
    paragraphs: Vec<String>,
    link: Option<(&str, String)>,
    hub: &str,
) -> Letter {
    Letter {
        subject: subject.to_owned(),
        paragraphs,
        link: link.map(|(label, address)| (label.to_owned(), address)),
        foot: foot(language, hub),
        language: language.tag(),
    }
}

/// Whether mail works.
pub(super) fn test(language: MailLanguage, hub: &str) -> Letter {
    let text = language.pick(
        "Mail works. This is a test that an admin sent.",
        "邮件发送正常。这是管理员发送的测试邮件。",
    );
    let subject = language.pick("A test from AIGNE Hub", "AIGNE Hub 测试邮件");
    letter(language, subject, vec![text.to_owned()], None, hub)
}

/// A new password may be chosen.
pub(super) fn reset(language: MailLanguage, hub: &str, link: String) -> Letter {
    let text = language.pick(
        "Choose a new password by the link below. It works once, and for 30 minutes. You are signed out everywhere then.",
        "请通过下面的链接设置新密码。链接只能使用一次，30 分钟内有效。设置后所有登录都会退出。",
    );
    let subject = language.pick("Choose a new password", "设置新密码");
    let label = language.pick("Choose a new password", "设置新密码");
    letter(language, subject, vec![text.to_owned()], Some((label, link)), hub)
}

/// Somebody registers.
pub(super) fn register(language: MailLanguage, hub: &str, link: String) -> Letter {
    let text = language.pick(
        "Make your account by the link below. It works once, and for 24 hours.",
        "请通过下面的链接创建账号。链接只能使用一次，24 小时内有效。",
    );
    let subject = language.pick("Your account at AIGNE Hub", "创建 AIGNE Hub 账号");
    let label = language.pick("Make the account", "创建账号");
    letter(language, subject, vec![text.to_owned()], Some((label, link)), hub)
}

/// Somebody registers who is here already.
pub(super) fn known(language: MailLanguage, hub: &str, link: String) -> Letter {
    let text = language.pick(
        "Somebody asked for an account with this address, and there is one already. Sign in to it; if the password is lost, ask for a new one there.",
        "有人用这个地址申请账号，但账号已经存在。请直接登录；如果忘记密码，可以在登录页重设。",
    );
    let subject = language.pick("You have an account already", "你已经有账号");
    let label = language.pick("Sign in", "登录");
    letter(language, subject, vec![text.to_owned()], Some((label, link)), hub)
}

/// An address is to be proved.
pub(super) fn confirm(language: MailLanguage, hub: &str, link: String) -> Letter {
    let text = language.pick(
        "Confirm by the link below that this address is yours. It works once, and for 24 hours.",
        "请通过下面的链接确认这个地址属于你。链接只能使用一次，24 小时内有效。",
    );
    let subject = language.pick("Confirm your address", "确认邮箱地址");
    let label = language.pick("Confirm the address", "确认地址");
    letter(language, subject, vec![text.to_owned()], Some((label, link)), hub)
}

/// Somebody is asked to come.
pub(super) fn invite(language: MailLanguage, hub: &str, link: String, by: Option<&str>, role: Role) -> Letter {
    let text = match (language, by) {
        (Zh, Some(by)) => format!("{by} 邀请你以“{}”身份加入 AIGNE Hub（{hub}）。", role_in_chinese(role)),
        (Zh, None) => format!("你被邀请以“{}”身份加入 AIGNE Hub（{hub}）。", role_in_chinese(role)),
        (_, Some(by)) => format!("{by} invites you to AIGNE Hub at {hub} as {}.", role.as_str()),
        (_, None) => format!("You are invited to AIGNE Hub at {hub} as {}.", role.as_str()),
    };
    let once = language.pick("The link below works once.", "下面的链接只能使用一次。");
    let subject = language.pick("You are invited to AIGNE Hub", "邀请你加入 AIGNE Hub");
    let label = language.pick("Accept the invitation", "接受邀请");
    letter(language, subject, vec![text, once.to_owned()], Some((label, link)), hub)
}

/// To the address of before.
pub(super) fn moved(language: MailLanguage, hub: &str) -> Letter {
    let text = language.pick(
        "Your account has another address from now on, and this one signs in no more. If you did not change it, tell your admin at once.",
        "你的账号已改用其他地址，此地址不能再用于登录。如果不是你修改的，请立即告诉管理员。",
    );
    let subject = language.pick("The address of your account was changed", "你的账号地址已更改");
    news(language, hub, subject, text)
}

/// The password is another one.
pub(super) fn password(language: MailLanguage, hub: &str) -> Letter {
    let text = language.pick(
        "The password of your account was changed, and other sign-ins were ended. If you did not ask for that, choose a new one at the sign-in page, and tell your admin.",
        "你的账号密码已更改，其他登录已退出。如果不是你要求的，请在登录页重设密码，并告诉管理员。",
    );
    let subject = language.pick("Your password was changed", "你的密码已更改");
    news(language, hub, subject, text)
}

/// An identity signs in to the account from now on.
pub(super) fn linked(language: MailLanguage, hub: &str) -> Letter {
    let text = language.pick(
        "Another way to sign in was added to your account: an identity provider. If you did not link it, unlink it under Account, and choose a new password.",
        "你的账号新增了一种登录方式：身份提供方。如果不是你关联的，请在“账号”页取消关联，并更换密码。",
    );
    let subject = language.pick("An identity was linked to your account", "你的账号关联了新的身份");
    news(language, hub, subject, text)
}

/// What somebody is told who has asked for nothing.
fn news(language: MailLanguage, hub: &str, subject: &str, text: &str) -> Letter {
    Letter {
        foot: match language {
            Zh => format!("此邮件由 AIGNE Hub（{hub}）发送。"),
            _ => format!("AIGNE Hub at {hub} sent this."),
        },
        ..letter(language, subject, vec![text.to_owned()], None, hub)
    }
}

const fn role_in_chinese(role: Role) -> &'static str {
    match role {
        Role::Owner => "所有者",
        Role::Admin => "管理员",
        Role::Billing => "财务",
        Role::Auditor => "审计员",
        Role::Member => "成员",
    }
}
