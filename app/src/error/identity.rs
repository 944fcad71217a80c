//! Why an identity provider brings nobody, or is not taken as it was typed: sentences in both languages.

use domain::identity::{IdentityRefusal, InvalidIdentity, TokenFault};

use crate::text::{Language, told_of_reach};

/// The sentence for the person.
pub(super) fn sentence(refusal: &IdentityRefusal, language: Language) -> String {
    match language {
        // The sentences of the domain are English already.
        Language::En => refusal.to_string(),
        Language::Zh => chinese(refusal),
    }
}

fn chinese(refusal: &IdentityRefusal) -> String {
    let fixed = match refusal {
        IdentityRefusal::Unreachable { title, reason } => {
            let reason = told_of_reach(reason, Language::Zh);
            return format!("{title} 没有响应：{reason}。请重试，或用其他方式登录。");
        }
        IdentityRefusal::Declined { title } => return format!("你在 {title} 没有同意，因此未登录。"),
        IdentityRefusal::Answered { title, code } => {
            return format!("{title} 拒绝了登录：{code}。请重试；如果仍然失败，请告诉管理员。");
        }
        IdentityRefusal::Code { title, code } => {
            return format!(
                "{title} 不接受它自己的授权码（{code}）：可能已被使用、已过期，或 Hub 的客户端 ID 或密钥不正确。请重新开始。"
            );
        }
        IdentityRefusal::Token { title, fault } => {
            return format!(
                "{title} 发来的内容不能证明你的身份：{}。未登录。",
                fault_in_chinese(*fault)
            );
        }
        IdentityRefusal::NoMail { title } => return format!("{title} 没有提供邮箱地址。请允许提供，或联系管理员。"),
        IdentityRefusal::Unverified { title } => {
            return format!("{title} 表示你的邮箱尚未验证。请先在那里验证，再重新登录。");
        }
        IdentityRefusal::Domain { title, domain } => return format!("{domain} 的用户不能通过 {title} 登录。"),
        IdentityRefusal::MailTaken { title, email } => {
            return format!("已经有使用 {email} 的账号。请先用原来的方式登录，再在“账号”中关联 {title}。");
        }
        IdentityRefusal::Invalid(problem) => return invalid_in_chinese(problem),
        IdentityRefusal::State => "这次登录不是从此浏览器开始的、已经完成，或已超过 10 分钟。请重新开始。",
        IdentityRefusal::Provider => "这种登录方式不存在，或已停用。",
        IdentityRefusal::Closed => "你在这里没有账号，新账号只能由管理员创建。请联系管理员。",
        IdentityRefusal::InvitationOnly => "你在这里没有账号。此 Hub 只接受受邀用户，请向管理员索取邀请。",
        IdentityRefusal::Suspended => "你的账号已被停用，请联系管理员。",
        IdentityRefusal::LinkedElsewhere => "这个身份已属于此 Hub 的另一个账号。请先在那里取消关联。",
        IdentityRefusal::SignedOut => "你已退出登录，因此未关联任何身份。请重新登录后再开始。",
        IdentityRefusal::OtherPerson => "期间有其他人登录，因此未执行任何操作。请重新开始。",
        IdentityRefusal::OnlyWayIn => "这是你唯一的登录方式。请先关联其他方式，或请管理员设置密码。",
        IdentityRefusal::PasswordsOff => "这里已停用密码登录。请通过身份提供方登录。",
        IdentityRefusal::LastWayIn => {
            "这样将没有管理员能够登录：只有当可用的管理员已关联启用的身份提供方时，才能停用密码。"
        }
        IdentityRefusal::FromFile => "这个身份提供方来自配置文件，只能在那里修改。",
    };
    fixed.to_owned()
}

const fn fault_in_chinese(fault: TokenFault) -> &'static str {
    match fault {
        TokenFault::Missing => "没有 ID 令牌",
        TokenFault::Nonce => "它不属于这次登录",
        TokenFault::Signature => "签名不符",
        TokenFault::Expired => "它已过期",
        TokenFault::Early => "它的签发时间在未来：请检查 Hub 或身份提供商的时钟",
        TokenFault::Issuer => "它由其他签发者签发",
        TokenFault::Audience => "它是给其他客户端的",
        TokenFault::Subject => "其各部分指向不同的人",
        TokenFault::Shape => "无法读取",
    }
}

fn invalid_in_chinese(problem: &InvalidIdentity) -> String {
    let fixed = match problem {
        InvalidIdentity::Rule(line) => {
            return format!(
                "规则的写法如 `groups: hub-admins = admin` 或 `otherwise = member`；规则不能授予所有者角色。有误的是：{line}"
            );
        }
        InvalidIdentity::Address => "地址以 https:// 开头（http:// 仅限本机），不含用户名和 #。",
        InvalidIdentity::Kind => "种类只能是 oidc 或 oauth2。",
        InvalidIdentity::ClientId => "客户端 ID 为 1 到 400 个可见字符，不含空格。",
        InvalidIdentity::Secret => "客户端密钥为 1 到 1000 个可见字符，不含空格。",
        InvalidIdentity::Scopes => "范围是以空格分隔的词，例如 openid email profile，最多 20 个。",
        InvalidIdentity::Domains => "域名写法如 example.com，以空格分隔，最多 50 个。",
        InvalidIdentity::Field => "字段名为 1 到 100 个字符，例如 id 或 user.mail。",
    };
    fixed.to_owned()
}
