//! Why somebody does not come in, or something about mail is not done: sentences in both languages.

use domain::{
    door::DoorRefusal,
    mail::{InvalidMail, MailRefusal, SendFault},
};

use crate::text::Language;

/// The sentence for who stands at the door.
pub(super) fn door(refusal: &DoorRefusal, language: Language) -> String {
    let fixed = match (language, refusal) {
        // The sentences of the domain are English already.
        (Language::En, DoorRefusal::TooMany { seconds }) => {
            let minutes = seconds.div_ceil(60);
            return format!("Too many requests came from your network. Try again in {minutes} min.");
        }
        (Language::En, other) => return other.to_string(),
        (Language::Zh, DoorRefusal::Domain { domain }) => {
            return format!("{domain} 的用户不能自行注册，请向管理员索取邀请。");
        }
        (Language::Zh, DoorRefusal::TooMany { seconds }) => {
            return format!("来自你所在网络的请求过多，请在 {} 分钟后重试。", seconds.div_ceil(60));
        }
        (Language::Zh, DoorRefusal::Link) => "此链接已失效：只能使用一次，且有时间限制。请重新申请。",
        (Language::Zh, DoorRefusal::Known) => "这个邮箱已有账号。请直接登录，或申请重设密码。",
        (Language::Zh, DoorRefusal::Closed) => "这里不能自行注册，请向管理员索取邀请。",
        (Language::Zh, DoorRefusal::Days) => "邀请的有效期为 1 到 30 天。",
        (Language::Zh, DoorRefusal::Over) => "此邀请已结束：已被接受、撤销或过期。请重新邀请。",
        (Language::Zh, DoorRefusal::Same) => "这已经是你的邮箱，并且已验证。",
    };
    fixed.to_owned()
}

/// The sentence about mail.
pub(super) fn mail(refusal: &MailRefusal, language: Language) -> String {
    let fixed = match (language, refusal) {
        (Language::En, other) => return other.to_string(),
        (Language::Zh, MailRefusal::Invalid(problem)) => invalid(problem),
        (Language::Zh, MailRefusal::Fault(fault)) => return language.send_fault(fault),
        (Language::Zh, MailRefusal::JustSent { seconds }) => {
            return format!("邮件刚刚发送过。请查看收件箱和垃圾邮件；{seconds} 秒后可以再次发送。");
        }
        (Language::Zh, MailRefusal::Configured) => "邮件发送方式由服务器配置决定，请在那里修改。",
        (Language::Zh, MailRefusal::NotSetUp) => "此 Hub 尚未设置邮件发送。所有者可以在“设置 · 邮件”中设置。",
        (Language::Zh, MailRefusal::Full) => "等待发送的邮件过多，请稍后重试。",
    };
    fixed.to_owned()
}

const fn invalid(problem: &InvalidMail) -> &'static str {
    match problem {
        InvalidMail::Host => "服务器写法如 mail.example.com 或 192.0.2.1，不含端口和空格。",
        InvalidMail::Port => "端口为 1 到 65535：STARTTLS 通常为 587，TLS 通常为 465。",
        InvalidMail::Security => "连接保护方式为 STARTTLS、TLS 或无。",
        InvalidMail::User => "用户名最多 200 个可见字符。",
        InvalidMail::Password => "邮件密码为 1 到 400 个字符，不含换行。",
        InvalidMail::Sender => "发件人为邮箱地址，例如 hub@example.com。",
        InvalidMail::SenderName => "发件人名称最多 80 个字符，不含换行。",
        InvalidMail::InTheOpen => {
            "没有 TLS 时密码会以明文传输。请选择 STARTTLS 或 TLS，或留空用户名和密码；仅本机内可以例外。"
        }
    }
}

impl Language {
    /// Why a mail was not sent, as a sentence.
    #[must_use]
    pub fn send_fault(self, fault: &SendFault) -> String {
        if self == Self::En {
            return fault.to_string();
        }
        match fault {
            SendFault::Unreachable { reason } => format!("无法连接邮件服务器：{reason}。请检查名称和端口。"),
            SendFault::Late => {
                "邮件服务器没有及时响应。请检查名称、端口和保护方式：TLS 端口不会响应未加密的连接。".to_owned()
            }
            SendFault::Tls { reason } => {
                format!("无法与邮件服务器建立加密连接：{reason}。请检查保护方式和服务器证书。")
            }
            SendFault::NoStartTls => {
                "邮件服务器不支持 STARTTLS，因此没有发送。请选择 TLS，或换用支持的服务器。".to_owned()
            }
            SendFault::SignIn { said } => format!("邮件服务器不接受用户名和密码：{said}"),
            SendFault::NotNow { code, said } => format!("邮件服务器暂不接收（{code}）：{said}"),
            SendFault::Refused { code, said } => format!("邮件服务器拒绝接收（{code}）：{said}"),
            SendFault::Broken { reason } => format!("邮件服务器断开了连接：{reason}。"),
            SendFault::Folder { reason } => format!("无法写入邮件文件夹：{reason}。"),
            SendFault::Address => "此地址不能用于邮件。".to_owned(),
            SendFault::NotSetUp => "尚未设置邮件发送。".to_owned(),
            SendFault::Nobody => "已无需发送给任何人，因此没有发送。".to_owned(),
        }
    }
}
