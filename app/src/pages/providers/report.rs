//! Sentences about what a provider answered to a live test, and about credentials that were lost. Pure text.
//!
//! The upstream's own words are shortened and masked by the gateway before they come here.

use domain::provider::{Health, Provider, TestReport};

use crate::{
    components::Tone,
    text::{Language, told_of_reach},
};

/// After a provider was added and asked for its models.
pub fn after_adding(provider: &Provider, found: &TestReport, language: Language) -> (Tone, String) {
    let title = provider.draft.title.as_str();
    if let Some((tone, sentence)) = doubts(title, found, language) {
        let kept = match found.health {
            Health::Failing => language.pick(
                " The provider was kept: correct its credential or address below and test again.",
                "该提供商已保留：请在下方更正凭据或地址后重新测试。",
            ),
            Health::Good | Health::Unknown => "",
        };
        return (tone, format!("{sentence}{kept}"));
    }
    let (time, models) = (found.duration_ms, models_in_words(found, language));
    let sentence = match language {
        Language::En => format!("{title} answered in {time} ms and lists {models}. They are enabled."),
        Language::Zh => format!("{title} 在 {time} 毫秒内应答，列出了{models}，均已启用。"),
    };
    (Tone::Good, sentence)
}

/// After the models were asked for again; `added` of them are new.
pub fn after_refresh(title: &str, found: &TestReport, added: i64, language: Language) -> (Tone, String) {
    if let Some(doubts) = doubts(title, found, language).filter(|_| found.models.is_empty()) {
        return doubts;
    }
    let models = models_in_words(found, language);
    let sentence = match language {
        Language::En => format!("{title} lists {models}; {added} of them new and enabled."),
        Language::Zh => format!("{title} 列出了{models}，其中 {added} 个为新增并已启用。"),
    };
    (Tone::Good, sentence)
}

/// After a provider was tried without a credential.
pub fn after_connection_test(title: &str, found: &TestReport, language: Language) -> (Tone, String) {
    if let Some(doubts) = doubts(title, found, language) {
        return doubts;
    }
    let (time, models) = (found.duration_ms, models_in_words(found, language));
    let sentence = match language {
        Language::En => format!("{title} answered in {time} ms and lists {models}."),
        Language::Zh => format!("{title} 在 {time} 毫秒内应答，列出了{models}。"),
    };
    (Tone::Good, sentence)
}

/// After one credential was tried.
pub fn after_test(title: &str, label: &str, found: &TestReport, language: Language) -> (Tone, String) {
    if let Some(doubts) = doubts(title, found, language) {
        return doubts;
    }
    let (time, models) = (found.duration_ms, models_in_words(found, language));
    let sentence = match language {
        Language::En => format!("{title} accepted the credential “{label}” in {time} ms and lists {models}."),
        Language::Zh => format!("{title} 在 {time} 毫秒内接受了凭据“{label}”，并列出{models}。"),
    };
    (Tone::Good, sentence)
}

/// What keeps a test from being a plain success.
fn doubts(title: &str, found: &TestReport, language: Language) -> Option<(Tone, String)> {
    match (found.health, found.listed, found.models.is_empty()) {
        (Health::Failing, ..) => Some((Tone::Bad, refused(title, found, language))),
        (Health::Unknown, false, _) => Some((Tone::Warning, no_list(title, found, language))),
        (Health::Good, false, _) | (_, true, true) => Some((Tone::Warning, no_models(title, language))),
        (Health::Unknown, true, false) => Some((Tone::Warning, open_list(title, found, language))),
        (Health::Good, true, false) => None,
    }
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
        language.pick("no further words", "没有更多说明").into()
    } else {
        told_of_reach(&found.message, language)
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

/// It has nothing at the address of the list. That is no fault: calls may succeed.
fn no_list(title: &str, found: &TestReport, language: Language) -> String {
    let status = found.status.unwrap_or_default();
    match language {
        Language::En => format!(
            "{title} answered {status} when asked for its models. Either the base URL is wrong, or it cannot list them: then type in the ones you use below, and the first call will show whether it works."
        ),
        Language::Zh => format!(
            "向 {title} 查询模型时返回 {status}。可能是基础网址有误，也可能是它不支持列出模型：若为后者，请在下方手动输入要使用的模型，首次调用即可验证是否可用。"
        ),
    }
}

/// Its list is open to everybody, and nothing else told of the credential.
fn open_list(title: &str, found: &TestReport, language: Language) -> String {
    let models = models_in_words(found, language);
    match language {
        Language::En => format!(
            "{title} lists {models} to everybody, so nothing is known of a credential yet: the first call will show whether it works."
        ),
        Language::Zh => {
            format!("{title} 向所有人公开列出{models}，因此尚无法得知凭据是否有效：首次调用即可验证。")
        }
    }
}

/// How many there are; where the list is longer than what is read of it, that it was cut.
fn models_in_words(found: &TestReport, language: Language) -> String {
    let count = found.models.len();
    match (language, found.cut) {
        (Language::En, true) => {
            format!("more than {count} models, of which only these {count} were read (type in others that you use)")
        }
        (Language::En, false) if count == 1 => "1 model".to_owned(),
        (Language::En, false) => format!("{count} models"),
        (Language::Zh, true) => format!("超过 {count} 个模型，只读取了其中 {count} 个（其他要使用的请手动输入）"),
        (Language::Zh, false) => format!(" {count} 个模型"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_status_and_words_of_the_provider() {
        let found = TestReport {
            health: Health::Failing,
            listed: false,
            status: Some(401),
            message: "Incorrect API key".into(),
            models: Vec::new(),
            cut: false,
            duration_ms: 3,
        };
        let (tone, sentence) = after_test("OpenAI", "first", &found, Language::En);
        assert_eq!(
            (tone, sentence.as_str()),
            (Tone::Bad, "OpenAI answered 401: “Incorrect API key”.")
        );
        let away = TestReport { status: None, ..found };
        let (_, sentence) = after_test("OpenAI", "first", &away, Language::Zh);
        assert_eq!(sentence, "OpenAI 没有应答：Incorrect API key。");
        // The hub's own words are the reader's.
        let message = "the connection was reset by the other side".to_owned();
        let (_, sentence) = after_test("OpenAI", "first", &TestReport { message, ..away }, Language::Zh);
        assert_eq!(sentence, "OpenAI 没有应答：连接被对方重置。");
    }

    #[test]
    fn only_a_refusal_is_bad() {
        let found = |health, listed, models: &[&str]| TestReport {
            health,
            listed,
            status: Some(404),
            message: String::new(),
            models: models.iter().map(ToString::to_string).collect(),
            cut: false,
            duration_ms: 3,
        };
        for (found, tone) in [
            (found(Health::Good, true, &["m"]), Tone::Good),
            (found(Health::Good, true, &[]), Tone::Warning),
            (found(Health::Good, false, &[]), Tone::Warning),
            (found(Health::Unknown, true, &["m"]), Tone::Warning),
            (found(Health::Unknown, false, &[]), Tone::Warning),
            (found(Health::Failing, false, &[]), Tone::Bad),
        ] {
            for language in [Language::En, Language::Zh] {
                assert_eq!(after_test("P", "first", &found, language).0, tone, "{found:?}");
                assert_eq!(after_connection_test("P", &found, language).0, tone, "{found:?}");
            }
        }
    }

    #[test]
    fn a_list_that_was_cut_is_told_as_cut() {
        let whole = TestReport {
            health: Health::Good,
            listed: true,
            status: Some(200),
            message: String::new(),
            models: vec!["a".to_owned(), "b".to_owned()],
            cut: false,
            duration_ms: 3,
        };
        let cut = TestReport {
            cut: true,
            ..whole.clone()
        };
        for (language, more) in [(Language::En, "more than 2 models"), (Language::Zh, "超过 2 个模型")] {
            for (found, told) in [(&whole, false), (&cut, true)] {
                for (_, sentence) in [
                    after_test("P", "first", found, language),
                    after_connection_test("P", found, language),
                    after_refresh("P", found, 1, language),
                ] {
                    assert_eq!(sentence.contains(more), told, "{sentence}");
                }
            }
        }
    }
}
