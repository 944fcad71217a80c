//! The site map of the navigation: a page that belongs into it has one entry here.

use domain::access::Capability;

use crate::{
    context,
    islands::palette::hit::{Hit, HitKind},
    text::Language,
};

/// A place in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first page.
    Home,
    /// The log of calls.
    Calls,
    /// Upstreams.
    Providers,
    /// What upstreams offer.
    Models,
    /// What calls cost and are sold for.
    Prices,
    /// What everybody pays.
    PriceList,
    /// People.
    Users,
    /// Who else says who people are.
    IdentityProviders,
    /// What admins set while the hub runs.
    Settings,
    /// The proof of the books.
    Books,
    /// Changes, written down.
    Audit,
    /// Trying models out.
    Playground,
    /// API keys.
    Keys,
    /// People and keys together.
    Projects,
    /// One's own credit.
    Credits,
    /// One's own password, sessions and settings.
    Account,
    /// No entry of the navigation.
    Nowhere,
}

/// How an entry looks.
pub struct Entry {
    /// Where it leads.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What it is called.
    pub title: &'static str,
}

impl Place {
    /// What everybody sees first.
    pub const WATCH: [Self; 2] = [Self::Home, Self::Calls];
    /// What only those see who run the hub or look after it.
    pub const OPERATE: [Self; 8] = [
        Self::Providers,
        Self::Models,
        Self::Prices,
        Self::Users,
        Self::IdentityProviders,
        Self::Books,
        Self::Audit,
        Self::Settings,
    ];
    /// What belongs to the person.
    pub const YOURS: [Self; 5] = [
        Self::Playground,
        Self::Keys,
        Self::Projects,
        Self::Credits,
        Self::PriceList,
    ];

    /// What somebody needs to be able to do to go there; none for what everybody sees.
    #[must_use]
    pub const fn needs(self) -> Option<Capability> {
        match self {
            Self::Providers | Self::Models | Self::Audit | Self::IdentityProviders => Some(Capability::ReadAll),
            Self::Prices | Self::Users | Self::Settings | Self::Books => Some(Capability::ReadMoney),
            Self::Playground | Self::Credits => Some(Capability::Call),
            Self::Home
            | Self::Calls
            | Self::PriceList
            | Self::Keys
            | Self::Projects
            | Self::Account
            | Self::Nowhere => None,
        }
    }

    /// The entry of this place; none for [`Place::Nowhere`].
    #[must_use]
    pub const fn entry(self, language: Language) -> Option<Entry> {
        let (href, icon, title) = match self {
            Self::Home => ("/", "overview", language.pick("Overview", "概览")),
            Self::Calls => ("/calls", "calls", language.pick("Calls", "调用")),
            Self::Providers => ("/providers", "provider", language.pick("Providers", "提供商")),
            Self::Models => ("/models", "model", language.pick("Models", "模型")),
            Self::Prices => ("/prices", "price", language.pick("Prices", "价格")),
            Self::PriceList => ("/pricing", "globe", language.pick("Price list", "价目表")),
            Self::Users => ("/users", "users", language.pick("Users", "用户")),
            Self::IdentityProviders => ("/identity-providers", "lock", language.pick("Sign-in", "登录方式")),
            Self::Settings => ("/settings", "settings", language.pick("Settings", "设置")),
            Self::Books => ("/books", "book", language.pick("Books", "账目")),
            Self::Audit => ("/audit", "audit", language.pick("Audit", "审计")),
            Self::Playground => ("/playground", "play-chat", language.pick("Playground", "试用")),
            Self::Keys => ("/keys", "key", language.pick("API keys", "API 密钥")),
            Self::Projects => ("/projects", "folder", language.pick("Projects", "项目")),
            Self::Credits => ("/credits", "credits", language.pick("Credits", "额度")),
            Self::Account => ("/account", "user", language.pick("Account", "账号")),
            Self::Nowhere => return None,
        };
        Some(Entry { href, icon, title })
    }

    /// Every place that the person may see, for whoever looks one up.
    #[must_use]
    pub fn hits(language: Language) -> Vec<Hit> {
        let all = Self::WATCH
            .iter()
            .chain(&Self::OPERATE)
            .chain(&Self::YOURS)
            .chain(&[Self::Account]);
        all.filter(|place| place.needs().is_none_or(context::may))
            .filter_map(|place| {
                let entry = place.entry(language)?;
                // A page is found by its name in the other language too.
                let other = Language::ALL.into_iter().find(|other| *other != language);
                let other = other.and_then(|other| place.entry(other)).map(|entry| entry.title);
                let (icon, also) = (entry.icon.to_owned(), other.unwrap_or_default().to_owned());
                let hit = Hit::new(HitKind::Page, entry.title, "", entry.href);
                Some(Hit { icon, also, ..hit })
            })
            .collect()
    }
}
