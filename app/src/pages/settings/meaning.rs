//! What a change of a setting means, told before it is made.

use domain::{
    identity::Registration,
    setting::{Mode, Setting},
};

use crate::text::Language;

/// What a change is seen against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// Enabled models without a price.
    pub unpriced: usize,
    /// Enabled models.
    pub models: usize,
}

/// One sentence for each thing that will be different once `setting` is `after`.
pub fn sentences(setting: Setting, after: &str, standing: Standing, language: Language) -> Vec<String> {
    let mut all = Vec::new();
    match setting {
        Setting::Mode => mode(Mode::parse(after).unwrap_or_default(), standing, language, &mut all),
        Setting::StarterCredit => all.push(match (after, language) {
            ("0.00", _) => language.pick("People who come from now on get no credit.", "此后的新用户不再获得额度。").to_owned(),
            (_, Language::En) => format!("People who come from now on get {after} credits. Nobody who is here gets any."),
            (_, Language::Zh) => format!("此后的新用户将获得 {after} 额度，现有用户不受影响。"),
        }),
        Setting::StarterDays => all.push(match language {
            Language::En => format!("Starter credit that is given from now on lives {after} days. What was given keeps its end."),
            Language::Zh => format!("此后发放的新用户额度有效 {after} 天，已发放的不变。"),
        }),
        Setting::HoldOutputTokens => all.push(match language {
            Language::En => format!(
                "A call that sets no limit needs credit for {after} tokens of answer to begin. Who has less is refused; who has more can run fewer calls at a time."
            ),
            Language::Zh => format!("未限制输出的调用开始时需要 {after} 个输出 token 的额度。额度不足会被拒绝，并行调用数也会受影响。"),
        }),
        Setting::Registration => all.push(
            match Registration::parse(after).unwrap_or_default() {
                Registration::Open => language.pick(
                    "Everybody whom an enabled identity provider lets through, or who proves an address of mail, becomes a user.",
                    "启用的身份提供方放行的任何人，以及能验证邮箱的人，都会成为用户。",
                ),
                Registration::Invitation => language.pick(
                    "Who is not a user yet is told to ask for an invitation.",
                    "尚未成为用户的人会被告知索取邀请。",
                ),
                Registration::Closed => language.pick(
                    "Nobody becomes a user by signing in. Those who are keep coming in.",
                    "登录不再创建新用户，现有用户不受影响。",
                ),
            }
            .to_owned(),
        ),
        Setting::RegistrationDomains => all.push(match (after, language) {
            ("", _) => language
                .pick(
                    "Where registration is open, every address of mail may register.",
                    "开放注册时，任何邮箱都可以注册。",
                )
                .to_owned(),
            (_, Language::En) => {
                format!("Where registration is open, only addresses of {after} may register by mail. Who is a user stays one.")
            }
            (_, Language::Zh) => format!("开放注册时，只有 {after} 的邮箱可以注册，现有用户不受影响。"),
        }),
        Setting::LocalPasswords => all.push(
            if after == "on" {
                language.pick("Everybody who has a password can sign in with it again.", "有密码的用户可以重新用密码登录。")
            } else {
                language.pick(
                    "Nobody can sign in by password any more, admins included. Sessions that are open stay.",
                    "包括管理员在内，任何人都不能再用密码登录；已打开的会话保留。",
                )
            }
            .to_owned(),
        ),
    }
    all
}

fn mode(after: Mode, standing: Standing, language: Language, all: &mut Vec<String>) {
    let calls = match after {
        Mode::Enterprise => language.pick(
            "Calls that begin from now on need no credit; their cost is allocated.",
            "此后开始的调用不再需要额度，成本将被分摊。",
        ),
        Mode::ServiceProvider => language.pick(
            "Calls that begin from now on are paid from credit; who has none is refused with 402.",
            "此后开始的调用由额度支付；没有额度的将返回 402。",
        ),
    };
    all.push(calls.to_owned());
    let Standing { unpriced, models } = standing;
    if after == Mode::ServiceProvider && unpriced > 0 {
        all.push(match language {
            Language::En => {
                format!("{unpriced} of {models} enabled models have no price or an incomplete one: they can no longer be called.")
            }
            Language::Zh => format!("{models} 个启用的模型中有 {unpriced} 个没有价格或价格不完整，将不能再被调用。"),
        });
    }
    let running = language.pick(
        "Calls that run now end as they began.",
        "正在进行的调用按开始时的模式结束。",
    );
    all.push(running.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_says_what_it_means() {
        let standing = Standing { unpriced: 3, models: 9 };
        for language in Language::ALL {
            for setting in Setting::ALL {
                assert!(!sentences(setting, setting.default_value(), standing, language).is_empty());
            }
        }
        let priced = sentences(Setting::Mode, "service-provider", Standing::default(), Language::En);
        let unpriced = sentences(Setting::Mode, "service-provider", standing, Language::En);
        assert_eq!((priced.len(), unpriced.len()), (2, 3));
        assert!(unpriced.iter().any(|sentence| sentence.starts_with("3 of 9 ")));
        let none = sentences(Setting::StarterCredit, "0.00", standing, Language::En);
        assert_eq!(none, ["People who come from now on get no credit."]);
    }
}
