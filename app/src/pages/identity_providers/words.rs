//! Identity providers in words: kinds, states, what a test found.

use domain::identity::{IdentityDraft, IdentityProvider, Registration, Way};
use gateway::IdentityReport;

use crate::{components::Tone, text::Language};

/// The kind for people.
pub(super) const fn kind_in_words(way: &Way, language: Language) -> &'static str {
    match way {
        Way::Oidc { .. } => "OpenID Connect",
        Way::Oauth2(_) => language.pick("OAuth 2, without discovery", "OAuth 2（无发现）"),
    }
}

/// How it stands.
pub(super) const fn state(provider: &IdentityProvider, language: Language) -> (Tone, &'static str) {
    if provider.shadowed {
        return (
            Tone::Warning,
            language.pick("replaced by the file's", "已被配置文件取代"),
        );
    }
    if provider.enabled {
        (Tone::Good, language.pick("enabled", "已启用"))
    } else {
        (Tone::Off, language.pick("disabled", "已停用"))
    }
}

/// Whom providers may bring.
pub(super) const fn registration(registration: Registration, language: Language) -> &'static str {
    match registration {
        Registration::Open => language.pick(
            "People whom a provider knows may register by it; the others sign in to an account that they have linked.",
            "提供方认识的人可以通过它注册；其他人登录到自己已关联的账号。",
        ),
        Registration::Invitation => language.pick(
            "New people need an invitation. Who has an account links a provider under Account, and signs in by it then.",
            "新用户需要邀请。已有账号的人可在“账号”中关联提供方，之后用它登录。",
        ),
        Registration::Closed => language.pick(
            "Registration is closed: who has an account links a provider under Account, and signs in by it then.",
            "注册已关闭：已有账号的人可在“账号”中关联提供方，之后用它登录。",
        ),
    }
}

/// What a test found.
pub(super) fn report(draft: &IdentityDraft, report: &IdentityReport, language: Language) -> String {
    let title = &draft.title;
    let keys = report.keys;
    match (language, report.only_reached, report.signs_out) {
        (Language::En, true, _) => {
            format!("{title} was reached at every address. Whether it accepts the client shows at the first sign-in.")
        }
        (Language::En, false, true) => {
            format!("{title} answers. Signing keys: {keys}. It ends sessions at sign-out.")
        }
        (Language::En, false, false) => format!("{title} answers. Signing keys: {keys}. It offers no sign-out."),
        (Language::Zh, true, _) => format!("{title} 的各个地址均可到达。它是否接受此客户端，首次登录时可知。"),
        (Language::Zh, false, true) => format!("{title} 已响应：{keys} 个签名密钥，并支持退出登录。"),
        (Language::Zh, false, false) => format!("{title} 已响应：{keys} 个签名密钥，不提供退出登录。"),
    }
}
