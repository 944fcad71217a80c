//! What only the configuration sets, in words. The English sentence and the default of a key stand in `server/src/config/keys.rs`
//! too, for the command line; a test there finds a key that has no words here.

use super::group::Group;
use crate::text::Language;

/// A key in words: group, what it is called, what it does; each in English and Chinese.
type Words = (&'static str, Group, [&'static str; 2], [&'static str; 2]);

static WORDS: &[Words] = &[
    (
        "HUB_LISTEN",
        Group::Network,
        ["Listen address", "监听地址"],
        ["Address and port to serve on.", "提供服务的地址和端口。"],
    ),
    (
        "HUB_PUBLIC_URL",
        Group::Network,
        ["Public address", "公开地址"],
        [
            "How browsers and clients reach the hub. Links in mails and for sign-in begin with it.",
            "浏览器和客户端访问 Hub 的地址，登录链接等以此开头。",
        ],
    ),
    (
        "HUB_TRUSTED_PROXIES",
        Group::Network,
        ["Trusted proxies", "受信任的代理"],
        [
            "Networks whose X-Forwarded-For is believed.",
            "来自这些网络的 X-Forwarded-For 会被采信。",
        ],
    ),
    (
        "HUB_CORS_ORIGINS",
        Group::Network,
        ["Web origins", "允许的网页来源"],
        ["Who may call /v1 from a browser.", "允许从浏览器调用 /v1 的来源。"],
    ),
    (
        "HUB_FETCH_ALLOW",
        Group::Network,
        ["Networks to fetch from", "可抓取的内网"],
        [
            "Files that a request names by their address may come from these networks although they are not public.",
            "请求中以地址给出的文件可来自这些非公开网络。",
        ],
    ),
    (
        "HUB_CONNECTIONS",
        Group::Network,
        ["Connections at a time", "最大连接数"],
        [
            "Further clients wait until one leaves. One address that is no trusted proxy may have three quarters of them.",
            "更多客户端需等待空位。单个非受信代理的地址最多占用四分之三。",
        ],
    ),
    (
        "HUB_SMTP_URL",
        Group::Network,
        ["Mail server", "邮件服务器"],
        [
            "Takes the hub's mail, instead of what the page Mail says. The password is not shown.",
            "代替“邮件”页面的设置发送邮件，不显示密码。",
        ],
    ),
    (
        "HUB_SMTP_PASSWORD",
        Group::Network,
        ["Password of the mail server", "邮件服务器密码"],
        ["Where it does not stand in the address.", "未写在地址中时使用。"],
    ),
    (
        "HUB_MAIL_FOLDER",
        Group::Network,
        ["Folder for mail", "邮件目录"],
        ["Mail is written there and not sent.", "邮件写入此目录，不实际发送。"],
    ),
    (
        "HUB_MAIL_FROM",
        Group::Network,
        ["Sender of mail", "发件人"],
        [
            "With a mail server or a folder of the configuration.",
            "与配置中的邮件服务器或目录一起使用。",
        ],
    ),
    (
        "HUB_BODY_LIMIT",
        Group::Calls,
        ["Largest request", "最大请求"],
        [
            "Of a body on /v1; a larger one is refused with 413.",
            "/v1 请求体的上限，超出时返回 413。",
        ],
    ),
    (
        "HUB_BODY_MEMORY",
        Group::Calls,
        ["Memory for requests", "请求体内存"],
        [
            "What all bodies may take together; beyond it a request is refused with 503.",
            "所有请求体合计的上限，超出时返回 503。",
        ],
    ),
    (
        "HUB_CLIENT_SECONDS",
        Group::Calls,
        ["Patience with clients, seconds", "等待客户端的秒数"],
        [
            "How long a client may send nothing of a request, or take nothing of an answer.",
            "客户端可以多久不发送请求内容或不接收回答。",
        ],
    ),
    (
        "HUB_DATABASE_URL",
        Group::Storage,
        ["Database", "数据库"],
        [
            "SQLite or PostgreSQL. The password is not shown.",
            "SQLite 或 PostgreSQL，不显示密码。",
        ],
    ),
    (
        "HUB_DATA_DIR",
        Group::Storage,
        ["Data folder", "数据目录"],
        ["Holds the file of the master key.", "存放主密钥文件。"],
    ),
    (
        "HUB_MASTER_KEY",
        Group::Storage,
        ["Master key", "主密钥"],
        [
            "Opens the secrets in the database. It is never shown.",
            "用于打开数据库中的机密，从不显示。",
        ],
    ),
    (
        "HUB_SQLITE_SYNCHRONOUS",
        Group::Storage,
        ["SQLite waits for the disk", "SQLite 写盘方式"],
        [
            "Normal is faster, but a power loss may cost the last moments of the log.",
            "normal 更快，但断电可能丢失日志的最后片刻。",
        ],
    ),
    (
        "HUB_POSTGRES_CONNECTIONS",
        Group::Storage,
        ["Connections to PostgreSQL", "PostgreSQL 连接数"],
        ["Shared by calls and console.", "由调用和控制台共用。"],
    ),
    (
        "HUB_LEDGER",
        Group::Storage,
        ["Order of the ledger", "账本方式"],
        [
            "On PostgreSQL: shared by any number of servers, or owned by one that keeps accounts in memory.",
            "在 PostgreSQL 上：由多个服务器共享，或由一个服务器独占并在内存中保存账户。",
        ],
    ),
    (
        "HUB_LOG",
        Group::Process,
        ["Log level", "日志级别"],
        ["What stands in the server's log.", "服务器日志记录的内容。"],
    ),
    (
        "HUB_LOG_FORMAT",
        Group::Process,
        ["Log format", "日志格式"],
        [
            "Text for people, JSON for programs.",
            "text 供人阅读，json 供程序读取。",
        ],
    ),
    (
        "HUB_DRAIN_SECONDS",
        Group::Process,
        ["Seconds to end", "停止前的秒数"],
        [
            "How long running answers may take after a stop signal.",
            "收到停止信号后，正在进行的回答最多还可用多久。",
        ],
    ),
    (
        "HUB_WORKER_THREADS",
        Group::Process,
        ["Threads", "线程数"],
        [
            "That serve requests; 0 means one per processor.",
            "处理请求的线程；0 表示每个处理器一个。",
        ],
    ),
];

/// What a key is called and does. One without words shows its name.
pub struct KeyWords {
    /// Where it stands.
    pub group: Group,
    words: Option<&'static Words>,
    name: &'static str,
}

impl KeyWords {
    /// The words of a key of the configuration.
    pub fn of(name: &'static str) -> Self {
        let words = WORDS.iter().find(|(known, ..)| *known == name);
        Self {
            group: words.map_or(Group::Process, |(_, group, ..)| *group),
            words,
            name,
        }
    }

    /// What it is called.
    pub fn title(&self, language: Language) -> &'static str {
        self.words.map_or(self.name, |(_, _, [english, chinese], _)| {
            language.pick(english, chinese)
        })
    }

    /// What it does.
    pub fn about(&self, language: Language) -> &'static str {
        self.words
            .map_or("", |(_, _, _, [english, chinese])| language.pick(english, chinese))
    }
}

/// Whether a key has words.
pub fn knows(name: &str) -> bool {
    WORDS.iter().any(|(known, ..)| *known == name)
}
