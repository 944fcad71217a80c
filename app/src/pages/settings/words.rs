//! The settings that are changed while the hub runs, in words: what each is called, what it does, what its values mean.

use domain::{
    identity::Registration,
    setting::{Mode, Setting},
};

use super::group::Group;
use crate::{components::Choice, text::Language};

/// The mode in a word.
pub const fn mode_in_words(mode: Mode, language: Language) -> &'static str {
    match mode {
        Mode::Enterprise => language.pick("Enterprise", "企业模式"),
        Mode::ServiceProvider => language.pick("Service provider", "服务商模式"),
    }
}

const fn registration_in_words(registration: Registration, language: Language) -> &'static str {
    match registration {
        Registration::Open => language.pick("Open", "开放"),
        Registration::Invitation => language.pick("By invitation", "凭邀请"),
        Registration::Closed => language.pick("Closed", "关闭"),
    }
}

const fn switch_in_words(value: &str, language: Language) -> &'static str {
    if matches!(value.as_bytes(), b"on") {
        language.pick("On", "开启")
    } else {
        language.pick("Off", "关闭")
    }
}

/// Where it stands.
pub const fn group(setting: Setting) -> Group {
    match setting {
        Setting::Mode => Group::General,
        Setting::StarterCredit | Setting::StarterDays | Setting::HoldOutputTokens => Group::Money,
        Setting::Registration | Setting::RegistrationDomains | Setting::LocalPasswords => Group::SignIn,
    }
}

/// What it is called.
pub const fn title(setting: Setting, language: Language) -> &'static str {
    match setting {
        Setting::Mode => language.pick("Mode", "模式"),
        Setting::StarterCredit => language.pick("Starter credit", "新用户额度"),
        Setting::StarterDays => language.pick("Days that starter credit lives", "新用户额度有效天数"),
        Setting::HoldOutputTokens => language.pick("Tokens held for an answer", "预占的输出 token"),
        Setting::Registration => language.pick("Who may register", "谁可以注册"),
        Setting::RegistrationDomains => language.pick("Domains for registration by mail", "可用邮箱注册的域名"),
        Setting::LocalPasswords => language.pick("Passwords", "密码登录"),
    }
}

/// What it does.
pub const fn about(setting: Setting, language: Language) -> &'static str {
    match setting {
        Setting::Mode => language.pick(
            "What the hub is for: to meter calls and allocate their cost, or to sell them for credit.",
            "Hub 的用途：只计量调用并分摊成本，或凭额度出售调用。",
        ),
        Setting::StarterCredit => {
            language.pick("Credits for each new person, once. 0 for none.", "每位新用户获得一次。0 表示不发放。")
        }
        Setting::StarterDays => language.pick("From the day on which they are added.", "自添加用户之日起。"),
        Setting::HoldOutputTokens => language.pick(
            "Where a request sets no limit, its answer may have eight times as many; the provider is told so, unless it is a stream and there is credit for four times that: then it grows.",
            "请求未限制输出时，回答最多可达其八倍，并会告知提供商；若为流式输出且额度足够四倍于此，则不设上限，预占随之增长。",
        ),
        Setting::Registration => language.pick(
            "Whether people may come by an identity provider or by mail without being added.",
            "新用户能否不经添加，通过身份提供方或邮箱自行加入。",
        ),
        Setting::RegistrationDomains => language.pick(
            "Like example.com, with spaces between; empty for all. Identity providers have their own.",
            "例如 example.com，以空格分隔；留空表示不限。身份提供方另有设置。",
        ),
        Setting::LocalPasswords => language.pick(
            "They can be off while an active admin is linked to an enabled provider. The command line switches them on again: aigne-hub settings set local-passwords on.",
            "只有当可用的管理员已关联启用的身份提供方时才能关闭。命令行可随时重新开启：aigne-hub settings set local-passwords on。",
        ),
    }
}

/// Its value as people read it.
pub fn value(setting: Setting, value: &str, language: Language) -> String {
    match setting {
        Setting::Mode => Mode::parse(value).map(|mode| mode_in_words(mode, language).to_owned()),
        Setting::Registration => {
            Registration::parse(value).map(|registration| registration_in_words(registration, language).to_owned())
        }
        Setting::LocalPasswords => Some(switch_in_words(value, language).to_owned()),
        Setting::RegistrationDomains if value.is_empty() => Some(language.pick("All", "不限").to_owned()),
        Setting::RegistrationDomains | Setting::StarterCredit | Setting::StarterDays | Setting::HoldOutputTokens => {
            None
        }
    }
    .unwrap_or_else(|| value.to_owned())
}

/// The values that it may have, where there are few; none where one is typed.
pub fn choices(setting: Setting, language: Language) -> Option<Vec<Choice>> {
    let choice =
        |value: &'static str, note: &'static str| Choice::new(value, self::value(setting, value, language)).note(note);
    match setting {
        Setting::Mode => Some(vec![
            choice(
                Mode::Enterprise.as_str(),
                language.pick(
                    "Calls are metered and their cost is allocated. Nobody needs credit; a model without a price can be called.",
                    "调用只计量并分摊成本，无需额度；没有价格的模型也可以调用。",
                ),
            ),
            choice(
                Mode::ServiceProvider.as_str(),
                language.pick(
                    "Pre-paid: each call is paid from credit, and without credit it is refused with 402. A model without a price cannot be called.",
                    "预付费：每次调用由额度支付，额度不足时返回 402；没有价格的模型不能调用。",
                ),
            ),
        ]),
        Setting::Registration => Some(vec![
            choice(
                Registration::Open.as_str(),
                language.pick(
                    "Everybody whom an identity provider knows, or who proves an address of mail.",
                    "身份提供方认识的所有人，或能验证邮箱的人。",
                ),
            ),
            choice(
                Registration::Invitation.as_str(),
                language.pick("Others are told to ask for one.", "其他人会被告知索取邀请。"),
            ),
            choice(
                Registration::Closed.as_str(),
                language.pick("Admins add people.", "由管理员添加用户。"),
            ),
        ]),
        Setting::LocalPasswords => Some(vec![
            choice(
                "on",
                language.pick("People sign in by password, or by an identity provider.", "可用密码登录，也可用身份提供方登录。"),
            ),
            choice("off", language.pick("By identity providers only.", "仅通过身份提供方登录。")),
        ]),
        Setting::RegistrationDomains | Setting::StarterCredit | Setting::StarterDays | Setting::HoldOutputTokens => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_can_be_read_and_chosen() {
        for setting in Setting::ALL {
            for language in Language::ALL {
                assert!(!value(setting, setting.default_value(), language).is_empty());
                assert!(choices(setting, language).is_none_or(|choices| choices.len() > 1));
            }
        }
        assert_eq!(
            value(Setting::Mode, "service-provider", Language::En),
            "Service provider"
        );
        assert_eq!(value(Setting::StarterDays, "90", Language::Zh), "90");
    }
}
