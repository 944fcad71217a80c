//! How clients are set up, ready to paste: a first call for programs, the settings of agent tools. Shown by `connect`.

mod agents;
mod anthropic;
mod openai;

use crate::text::Language;

/// One text to paste.
pub struct Snippet {
    /// What it is, or the file that it belongs into.
    pub label: &'static str,
    /// What to paste.
    pub text: String,
}

/// The ways of one kind of client.
pub struct Group {
    /// The word on its tab.
    pub word: &'static str,
    /// What to know first.
    pub note: Option<&'static str>,
    /// The texts, in order.
    pub snippets: Vec<Snippet>,
}

/// What every text is made from.
pub struct Facts<'a> {
    /// The key, or words that say what belongs there.
    pub key: &'a str,
    /// Where the hub is reached, without a slash at the end.
    pub origin: &'a str,
    /// A model that may be called, or words that say so.
    pub model: &'a str,
}

/// Every client. Without the key or a model their places hold words that say what belongs there.
pub fn all(secret: Option<&str>, origin: &str, model: Option<&str>, language: Language) -> Vec<Group> {
    let facts = Facts {
        key: secret.unwrap_or("YOUR_KEY"),
        origin,
        model: model.unwrap_or("provider/model"),
    };
    let sdk = language.pick(
        "The official SDKs as they are: only the base URL and the key change.",
        "直接使用官方 SDK，只需更换基础 URL 和密钥。",
    );
    vec![
        Group {
            word: "curl",
            note: None,
            snippets: vec![openai::curl(&facts), anthropic::curl(&facts)],
        },
        Group {
            word: "Python",
            note: Some(sdk),
            snippets: vec![openai::python(&facts), anthropic::python(&facts)],
        },
        Group {
            word: "JavaScript",
            note: Some(sdk),
            snippets: vec![openai::javascript(&facts), anthropic::javascript(&facts)],
        },
        Group {
            word: "Claude Code",
            note: Some(language.pick(
                "Any model of the hub may be named, not only Anthropic's. Set these in the shell that starts it.",
                "可以填写 Hub 的任意模型，不限于 Anthropic。请在启动它的终端中设置。",
            )),
            snippets: vec![agents::claude_code(&facts)],
        },
        Group {
            word: "Codex CLI",
            note: Some(language.pick(
                "It speaks the Responses API. The key stands in the environment, not in the file.",
                "它使用 Responses API。密钥放在环境变量中，不写入文件。",
            )),
            snippets: vec![agents::codex_config(&facts), agents::codex_shell(&facts)],
        },
        Group {
            word: "AIGNE",
            note: Some(language.pick(
                "The command line asks in the browser for your consent and keeps a key of its own.",
                "命令行会在浏览器中请求授权，并保存自己的密钥。",
            )),
            snippets: vec![agents::aigne_connect(&facts), agents::aigne_library(&facts)],
        },
    ]
}

/// A string literal that JSON, Python, JavaScript and TOML read alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One word for a shell. Within single quotes, a single quote ends them, stands escaped, and opens them again.
fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_told_where_and_what_to_call() {
        let groups = all(
            Some("sk-hub-x"),
            "http://127.0.0.1:8080",
            Some("simulated/echo"),
            Language::En,
        );
        for group in groups {
            let text: String = group.snippets.iter().map(|snippet| snippet.text.as_str()).collect();
            for part in ["sk-hub-x", "http://127.0.0.1:8080", "simulated/echo"] {
                assert!(text.contains(part), "{}: {part}", group.word);
            }
        }
    }

    #[test]
    fn a_strange_name_cannot_leave_its_quotes() {
        let groups = all(None, "http://h", Some("p/a'\"b"), Language::En);
        let text = |place: usize| groups[place].snippets[0].text.as_str();
        assert!(text(0).contains(r#"p/a'\''\"b"#), "{}", text(0));
        assert!(text(1).contains(r#""p/a'\"b""#), "{}", text(1));
        assert!(text(3).contains(r#"'p/a'\''"b'"#), "{}", text(3));
        assert!(text(4).contains(r#"model = "p/a'\"b""#), "{}", text(4));
    }
}
