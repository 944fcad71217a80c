//! Sentences about what a provider answered to a live test, and about credentials that were lost. Pure text.
//!
//! The upstream's own words are shortened and masked by the gateway before they come here.

use domain::provider::{Provider, TestReport};

use crate::{components::Tone, text::Language};

/// After a provider was added and asked for its models.
pub fn after_adding(provider: &Provider, found: &TestReport, language: Language) -> (Tone, String) {
    let title = provider.draft.title.as_str();
    match (found.passed, found.models.len()) {
        (true, 0) => (Tone::Warning, no_models(title, language)),
        (true, models) => {
            let time = found.duration_ms;
            let sentence = match language {
                Language::En => format!(
                    "{title} answered in {time} ms and lists {}. They are enabled.",
                    models_in_words(models)
                ),
                Language::Zh => format!("{title} 在 {time} 毫秒内应答，列出了 {models} 个模型，均已启用。"),
            };
            (Tone::Good, sentence)
        }
        (false, _) => {
            let kept = language.pick(
                "The provider was kept: correct its credential or address below and test again.",
                "该提供商已保留：请在下方更正凭据或地址后重新测试。",
            );
            (Tone::Bad, format!("{} {kept}", refused(title, found, language)))
        }
    }
}

/// After the models were asked for again; `added` of them are new.
pub fn after_refresh(title: &str, found: &TestReport, added: i64, language: Language) -> (Tone, String) {
    match (found.passed, found.models.len()) {
        (true, 0) => (Tone::Warning, no_models(title, language)),
        (true, models) => {
            let sentence = match language {
                Language::En => format!(
                    "{title} lists {}; {added} of them new and enabled.",
                    models_in_words(models)
                ),
                Language::Zh => format!("{title} 列出了 {models} 个模型，其中 {added} 个为新增并已启用。"),
            };
            (Tone::Good, sentence)
        }
        (false, _) => (Tone::Bad, refused(title, found, language)),
    }
}

/// After a provider that needs no credential was tried.
pub fn after_connection_test(title: &str, found: &TestReport, language: Language) -> (Tone, String) {
    match (found.passed, found.models.len()) {
        (true, 0) => (Tone::Warning, no_models(title, language)),
        (true, models) => {
            let time = found.duration_ms;
            let sentence = match language {
                Language::En => format!("{title} answered in {time} ms and lists {}.", models_in_words(models)),
                Language::Zh => format!("{title} 在 {time} 毫秒内应答，列出了 {models} 个模型。"),
            };
            (Tone::Good, sentence)
        }
        (false, _) => (Tone::Bad, refused(title, found, language)),
    }
}

/// After one credential was tried.
pub fn after_test(title: &str, label: &str, found: &TestReport, language: Language) -> (Tone, String) {
    if !found.passed {
        return (Tone::Bad, refused(title, found, language));
    }
    let (time, models) = (found.duration_ms, found.models.len());
    let sentence = match language {
        Language::En => format!(
            "{title} accepted the credential “{label}” in {time} ms and lists {}.",
            models_in_words(models)
        ),
        Language::Zh => format!("{title} 在 {time} 毫秒内接受了凭据“{label}”，并列出 {models} 个模型。"),
    };
    (Tone::Good, sentence)
}

/// After an edit moved a provider to another place and its credentials went with it.
pub fn credentials_dropped(provider: &Provider, dropped: usize, language: Language) -> String {
    let title = provider.draft.title.as_str();
    match (language, dropped) {
        (Language::En, 1) => format!(
            "{title} was saved. It now lives at another address, so its credential was dropped: a secret belongs to the place it was entered for. Enter it again below."
        ),
        (Language::En, _) => format!(
            "{title} was saved. It now lives at another address, so its {dropped} credentials were dropped: a secret belongs to the place it was entered for. Enter them again below."
        ),
        (Language::Zh, _) => format!(
            "已保存 {title}。由于地址已变更，它的 {dropped} 个凭据已被移除：密钥只属于录入时的地址。请在下方重新录入。"
        ),
    }
}

fn refused(title: &str, found: &TestReport, language: Language) -> String {
    let words = if found.message.is_empty() {
        language.pick("no further words", "没有更多说明")
    } else {
        found.message.as_str()
    };
    match (language, found.status) {
        (Language::En, Some(status)) => format!("{title} answered {status}: “{words}”."),
        (Language::En, None) => format!("{title} gave no answer: {words}."),
        (Language::Zh, Some(status)) => format!("{title} 返回 {status}：“{words}”。"),
        (Language::Zh, None) => format!("{title} 没有应答：{words}。"),
    }
}

fn no_models(title: &str, language: Language) -> String {
    match language {
        Language::En => format!("{title} answered but lists no models. Type in the ones you use below."),
        Language::Zh => format!("{title} 已应答，但没有列出模型。请在下方手动输入要使用的模型。"),
    }
}

fn models_in_words(models: usize) -> String {
    if models == 1 {
        "1 model".to_owned()
    } else {
        format!("{models} models")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_status_and_words_of_the_provider() {
        let found = TestReport {
            passed: false,
            status: Some(401),
            message: "Incorrect API key".into(),
            models: Vec::new(),
            duration_ms: 3,
        };
        let (tone, sentence) = after_test("OpenAI", "first", &found, Language::En);
        assert_eq!(
            (tone, sentence.as_str()),
            (Tone::Bad, "OpenAI answered 401: “Incorrect API key”.")
        );
        let (_, sentence) = after_test("OpenAI", "first", &TestReport { status: None, ..found }, Language::Zh);
        assert_eq!(sentence, "OpenAI 没有应答：Incorrect API key。");
    }
}
