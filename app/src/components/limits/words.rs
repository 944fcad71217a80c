//! What limits are called, in both languages.

use domain::limit::{Limit, Measure, Span, SubjectKind, Window};

use crate::text::Language;

/// What is counted.
#[must_use]
pub const fn measure(measure: Measure, language: Language) -> &'static str {
    match measure {
        Measure::Requests => language.pick("Requests", "请求数"),
        Measure::Tokens => language.pick("Tokens", "Token 数"),
        Measure::Concurrent => language.pick("Calls at the same time", "并发调用数"),
        Measure::Spend => language.pick("Spend", "消费"),
    }
}

/// How long a window is.
#[must_use]
pub const fn span(span: Span, language: Language) -> &'static str {
    match span {
        Span::Minute => language.pick("minute", "分钟"),
        Span::Hour => language.pick("hour", "小时"),
        Span::Day => language.pick("day", "天"),
        Span::Week => language.pick("week", "周"),
        Span::Month => language.pick("month", "月"),
    }
}

/// What a limit limits: `Requests per minute`, `Spend per day, rolling`.
#[must_use]
pub fn limit(limit: &Limit, language: Language) -> String {
    let counted = measure(limit.measure, language);
    match (limit.window, language) {
        (Window::Running, _) => counted.to_owned(),
        (Window::Ever, Language::En) => format!("{counted} in total"),
        (Window::Ever, Language::Zh) => format!("总{counted}"),
        (Window::Calendar(length), Language::En) => format!("{counted} per {}", span(length, language)),
        (Window::Calendar(length), Language::Zh) => format!("每{}{counted}", span(length, language)),
        (Window::Rolling(length), Language::En) => format!("{counted} per {}, rolling", span(length, language)),
        (Window::Rolling(length), Language::Zh) => format!("每{}{counted}（滚动）", span(length, language)),
    }
}

/// What it is on.
#[must_use]
pub const fn subject(kind: SubjectKind, language: Language) -> &'static str {
    match kind {
        SubjectKind::Key => language.pick("API key", "API 密钥"),
        SubjectKind::Project => language.pick("Project", "项目"),
        SubjectKind::User => language.pick("User", "用户"),
        SubjectKind::Model => language.pick("Model", "模型"),
        SubjectKind::Provider => language.pick("Provider", "提供商"),
    }
}
