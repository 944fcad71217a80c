//! The groups of the settings page, in its order.

use crate::text::Language;

/// What a setting is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What the hub is for.
    General,
    /// Credit of people and of calls.
    Money,
    /// Who comes in, and how.
    SignIn,
    /// What calls and their clients may do.
    Calls,
    /// Where the hub is reached, and whom it believes.
    Network,
    /// Database and keys.
    Storage,
    /// Logs and the process.
    Process,
}

impl Group {
    /// Every group, from what is changed to what is looked up.
    pub const ALL: [Self; 7] = [
        Self::General,
        Self::Money,
        Self::SignIn,
        Self::Calls,
        Self::Network,
        Self::Storage,
        Self::Process,
    ];

    /// The id of its panel, which links lead to.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Money => "credit",
            Self::SignIn => "sign-in",
            Self::Calls => "calls",
            Self::Network => "network",
            Self::Storage => "storage",
            Self::Process => "process",
        }
    }

    /// Its heading.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        match self {
            Self::General => language.pick("General", "常规"),
            Self::Money => language.pick("Credits and money", "额度与资金"),
            Self::SignIn => language.pick("Sign-in", "登录"),
            Self::Calls => language.pick("Calls", "调用"),
            Self::Network => language.pick("Network", "网络"),
            Self::Storage => language.pick("Database and keys", "数据库与密钥"),
            Self::Process => language.pick("Server", "服务器"),
        }
    }
}
