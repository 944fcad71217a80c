//! Every refusal as a sentence in both languages: what happened and what to do next.

use domain::{
    key::{Bound, Tie},
    limit::InvalidLimit,
    name::InvalidName,
    refusal::{Full, Invalid, Refusal, Thing},
};

use super::Language;

impl Language {
    /// The refusal as a sentence for the person who asked.
    #[must_use]
    pub fn refusal(self, refusal: &Refusal) -> String {
        match self {
            Self::En => english(refusal),
            Self::Zh => chinese(refusal),
        }
    }

    /// What ties a key that manages, as a part of a sentence.
    #[must_use]
    pub fn tie(self, tie: Tie) -> String {
        match self {
            Self::En => tie.to_string(),
            Self::Zh => tie_in_chinese(tie).to_owned(),
        }
    }

    /// What a kind of thing is called within a sentence.
    #[must_use]
    pub const fn thing(self, thing: Thing) -> &'static str {
        match thing {
            Thing::User => self.pick("user", "用户"),
            Thing::Key => self.pick("API key", "API 密钥"),
            Thing::Project => self.pick("project", "项目"),
            Thing::Member => self.pick("member of this project", "项目成员"),
            Thing::Application => self.pick("application", "应用"),
            Thing::Provider => self.pick("provider", "提供商"),
            Thing::Credential => self.pick("credential", "凭据"),
            Thing::Model => self.pick("model", "模型"),
            Thing::Call => self.pick("call", "调用"),
            Thing::Session => self.pick("session", "会话"),
            Thing::Lot => self.pick("lot", "额度"),
            Thing::Page => self.pick("page", "页面"),
            Thing::Connection => self.pick("request to connect", "连接请求"),
            Thing::IdentityProvider => self.pick("identity provider", "身份提供方"),
            Thing::Identity => self.pick("linked identity", "已关联的身份"),
            Thing::Limit => self.pick("limit", "限额"),
            Thing::Mail => self.pick("mail", "邮件"),
            Thing::Invitation => self.pick("invitation", "邀请"),
        }
    }
}

fn english(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(Invalid::Name(problem)) => name_in_english(problem).to_owned(),
        Refusal::NotFound { what: Thing::Page } => {
            "No page of the console has this address. Check it, or go on from the overview.".to_owned()
        }
        Refusal::NotFound {
            what: Thing::Connection,
        } => "This request to connect has been answered, or it is older than 15 minutes. Start it again where it came from.".to_owned(),
        Refusal::NotFound { what } => format!(
            "There is no such {}. It may have been deleted, or it is not yours.",
            Language::En.thing(*what)
        ),
        Refusal::Taken { what: Thing::User } => "Somebody already signs in with this address.".to_owned(),
        Refusal::Taken {
            what: Thing::Invitation,
        } => "This address is invited already. Send that invitation again, or revoke it first.".to_owned(),
        Refusal::Taken { what } => format!(
            "Another {} has this name already. Choose a different one.",
            Language::En.thing(*what)
        ),
        Refusal::Changed { what } => format!(
            "This {} was changed in the meantime. Below it is as it is now: look at it, then change it again.",
            Language::En.thing(*what)
        ),
        Refusal::TryLater { seconds } => {
            format!("Too many failed attempts. Try again in {}.", wait_in_english(*seconds))
        }
        // The sentences of the domain are English already.
        Refusal::NotSignedIn
        | Refusal::NotAllowed
        | Refusal::OwnersOnly
        | Refusal::OnlyLooking
        | Refusal::Invalid(_)
        | Refusal::WrongCredentials
        | Refusal::SetupLink
        | Refusal::LastAdmin
        | Refusal::LastOwner
        | Refusal::Yourself
        | Refusal::NotBelow
        | Refusal::PersonalProject
        | Refusal::Archived
        | Refusal::KeyEnded
        | Refusal::Full(_)
        | Refusal::Pays
        | Refusal::DisabledByAdmin
        | Refusal::BoundByAdmin { .. }
        | Refusal::LimitByAdmin
        | Refusal::ByKey
        | Refusal::BeyondKey { .. }
        | Refusal::BeyondLimits
        | Refusal::OtherProject
        | Refusal::TiedKey { .. }
        | Refusal::ConfirmationMismatch
        | Refusal::Internal => refusal.to_string(),
    }
}

const fn tie_in_chinese(tie: Tie) -> &'static str {
    match tie {
        Tie::Limits => "它计入自身或其创建密钥的限额",
        Tie::Owner => "其所有者有限额",
        Tie::Project => "其项目有限额",
        Tie::Allowed => "它不能使用所有模型",
        Tie::Addresses => "它只能从部分地址使用",
    }
}

fn chinese(refusal: &Refusal) -> String {
    let fixed = match refusal {
        Refusal::NotFound { what: Thing::Page } => "控制台没有这个地址的页面。请检查地址，或从概览开始。",
        Refusal::NotFound {
            what: Thing::Connection,
        } => "这个连接请求已被处理，或者已超过 15 分钟。请在发起它的程序中重新开始。",
        Refusal::NotFound { what } => {
            return format!("没有这个{}。它可能已被删除，或者不属于你。", Language::Zh.thing(*what));
        }
        Refusal::Taken { what: Thing::User } => "这个邮箱已经有人使用。",
        Refusal::Taken {
            what: Thing::Invitation,
        } => "这个邮箱已被邀请。请重新发送该邀请，或先撤销。",
        Refusal::Taken { what } => return format!("已经有同名的{}，请换一个名称。", Language::Zh.thing(*what)),
        Refusal::Changed { what } => {
            return format!(
                "{}刚刚已被更改。下方是现在的状态：请查看后再更改。",
                Language::Zh.thing(*what)
            );
        }
        Refusal::BeyondKey { bound } => match bound {
            Bound::Scopes => "你所用的密钥权限更窄，不能给其他密钥更多。请同样限制该密钥，或登录控制台操作。",
            Bound::Allowed => "你所用的密钥可用的模型更少，不能给其他密钥更多。请同样限制该密钥，或登录控制台操作。",
            Bound::Addresses => "你所用的密钥的来源地址更窄，不能给其他密钥更多。请同样限制该密钥，或登录控制台操作。",
            Bound::ExpiresAt => "你所用的密钥到期更早，不能让其他密钥更久。请同样限制该密钥，或登录控制台操作。",
        },
        Refusal::BeyondLimits => {
            "你所用的密钥有限额，而该密钥不计入这些限额，因此不能显示它的新密钥。请用它新建密钥，或登录控制台操作。"
        }
        Refusal::OtherProject => "你所用的密钥属于另一个项目，只能管理其所有者在该项目中的密钥。请登录控制台操作。",
        Refusal::TiedKey { tie } => {
            let tie = tie_in_chinese(*tie);
            return format!(
                "你所用的密钥受到约束（{tie}），因此不能让人进入、不能授予权限，也不能放宽约束它的限额。请使用不受约束的密钥，或登录控制台操作。"
            );
        }
        Refusal::TryLater { seconds } => return format!("失败次数过多，请在 {} 后重试。", wait_in_chinese(*seconds)),
        Refusal::Invalid(problem) => invalid_in_chinese(problem),
        Refusal::NotSignedIn => "请先登录。",
        Refusal::NotAllowed => "你的角色不允许此操作，请联系管理员。",
        Refusal::OwnersOnly => "只有所有者可以执行此操作，请联系所有者。",
        Refusal::OnlyLooking => "你正在以他人身份查看控制台，期间不能做任何更改。请先退出该视图。",
        Refusal::WrongCredentials => "邮箱或密码不正确。",
        Refusal::SetupLink => "这个设置链接已经失效。请重新启动 Hub：在有管理员之前，每次启动都会打印一个新链接。",
        Refusal::LastAdmin => "这是最后一位可用的管理员。请先把另一位用户设为管理员。",
        Refusal::LastOwner => "这是最后一位可用的所有者。请先把另一位用户设为所有者。",
        Refusal::Yourself => "不能对自己执行此操作，请联系另一位管理员。",
        Refusal::NotBelow => "只能以角色低于你的用户身份查看控制台。",
        Refusal::PersonalProject => "个人项目只属于一个人：没有其他成员，由其本人的账户付费，也不能归档。",
        Refusal::Archived => "这个项目已归档。请新建一个项目，或使用其他项目。",
        Refusal::KeyEnded => "这个密钥已吊销或过期，不能再更改。请新建一个。",
        Refusal::Full(Full::Keys) => "每人在一个项目中最多有 200 个密钥。请先吊销或删除一些。",
        Refusal::Full(Full::Secrets) => {
            "一个密钥最多同时有 10 个旧密钥有效。请轮换并选择“立即失效”，这会使它们全部失效。"
        }
        Refusal::Full(Full::Applications) => "一个项目最多有 50 个应用。请先移除一个。",
        Refusal::Pays => "该成员的账户正在为项目付费。请先指定另一位付费人。",
        Refusal::DisabledByAdmin => "这个密钥被管理员停用，请联系管理员启用。",
        Refusal::BoundByAdmin { bound } => match bound {
            Bound::Scopes => "这个密钥的权限由管理员设定。你可以进一步收紧；如需放宽，请联系管理员。",
            Bound::Allowed => "这个密钥可用的模型由管理员设定。你可以进一步收紧；如需放宽，请联系管理员。",
            Bound::Addresses => "这个密钥的来源地址由管理员设定。你可以进一步收紧；如需放宽，请联系管理员。",
            Bound::ExpiresAt => "这个密钥的到期时间由管理员设定。你可以提前；如需延后，请联系管理员。",
        },
        Refusal::LimitByAdmin => "这个限额由管理员设定。你可以调低；如需调高或移除，请联系管理员。",
        Refusal::ByKey => {
            "密钥不能创建可管理的密钥，不能显示其他此类密钥，也不能放宽其限制或它自身所计入的限额。请登录控制台操作。"
        }
        Refusal::ConfirmationMismatch => "输入的名称不一致。",
        Refusal::Internal => "我们这边出了问题。请重试；如果仍然失败，请把请求编号告诉管理员。",
    };
    fixed.to_owned()
}

const fn name_in_english(problem: &InvalidName) -> &'static str {
    match problem {
        InvalidName::Email => "That is not an e-mail address such as name@example.com.",
        InvalidName::Label => {
            "A name has 1 to 80 characters, no line breaks, and no letters that cannot be seen or turn the text around."
        }
        InvalidName::Provider => {
            "A provider's name has 1 to 40 characters out of a-z, 0-9, '-', '_' and '.', and begins with a letter or digit."
        }
        InvalidName::Model => "A model's name has 1 to 200 visible characters without spaces.",
        InvalidName::BaseUrl => {
            "A base URL begins with http:// or https://, names a host, and has no user name, query or fragment."
        }
    }
}

const fn invalid_in_chinese(problem: &Invalid) -> &'static str {
    match problem {
        Invalid::Name(InvalidName::Email) => "这不是有效的邮箱地址，例如 name@example.com。",
        Invalid::Name(InvalidName::Label) => "名称为 1 到 80 个字符，不能换行，也不能含有不可见或改变文字方向的字符。",
        Invalid::Name(InvalidName::Provider) => {
            "提供商标识为 1 到 40 个字符，可用 a-z、0-9、“-”、“_”和“.”，并以字母或数字开头。"
        }
        Invalid::Name(InvalidName::Model) => "模型名称为 1 到 200 个可见字符，不能有空格。",
        Invalid::Name(InvalidName::BaseUrl) => {
            "基础 URL 以 http:// 或 https:// 开头，包含主机名，不能带用户名、查询或片段。"
        }
        Invalid::PasswordLength => "密码为 10 到 200 个字符。",
        Invalid::Credential => "凭据为 1 到 4096 个可打印字符，不能有空格。",
        Invalid::CredentialMissing => "这类提供商需要凭据。",
        Invalid::Timeout => "时间限制应在 100 毫秒到 1 小时之间，且都不能超过总时限。",
        Invalid::Field => "字段写作 store 或 messages[].name；请求的组成部分（如 model）不能略去。",
        Invalid::Tokens => "token 数为 1 到 4,294,967,295 的整数，不含分隔符。",
        Invalid::Scopes => "密钥至少要有一项权限：调用模型、读取自己的用量，或管理。",
        Invalid::Addresses => "地址写作 192.0.2.7 或 10.0.0.0/8，每行一个，最多 50 个。",
        Invalid::Allowed => "模型写作 provider/model，某提供商的全部模型写作 provider/*，每行一个，最多 200 个。",
        Invalid::Expiry => "到期时间应在将来，且不超过十年。",
        Invalid::Application => "应用名称为 1 到 200 个字母、数字、“-”、“_”、“.”或“:”，与 AIGNE 客户端发送的一致。",
        Invalid::TimeZone => "时区写作 Europe/Berlin、Asia/Shanghai 或 UTC。",
        Invalid::Limit(InvalidLimit::SpendOfWhat) => "消费限额只能设在密钥、项目或用户上。",
        Invalid::Limit(InvalidLimit::Window) => {
            "请求数和 token 数按分钟、小时或天限制，消费按天、周、月或总额限制，并发数没有时间窗口。"
        }
        Invalid::Limit(InvalidLimit::Most) => {
            "限额为 0 或更大的整数，消费为 12.50 这样的金额；0 表示全部拒绝，不需要限额请勿填写。"
        }
        Invalid::Once => "用于防止重复入账的名称应为 1 到 100 个可打印字符。",
        Invalid::Choice => "没有这个选项。",
    }
}

fn wait_in_english(seconds: u32) -> String {
    match seconds {
        0 | 1 => "1 second".to_owned(),
        2..=119 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn wait_in_chinese(seconds: u32) -> String {
    if seconds < 120 {
        format!("{} 秒", seconds.max(1))
    } else {
        format!("{} 分钟", seconds.div_ceil(60))
    }
}
