//! A first call in three clients, ready to paste.

/// One example.
pub struct Snippet {
    /// The client.
    pub client: &'static str,
    /// What to paste.
    pub text: String,
}

/// The examples. Without the key or a model their places hold words that say what belongs there.
pub fn all(secret: Option<&str>, base_url: &str, model: Option<&str>) -> [Snippet; 3] {
    let key = secret.unwrap_or("YOUR_KEY");
    let model = model.unwrap_or("provider/model");
    [
        Snippet {
            client: "curl",
            text: curl(key, base_url, model),
        },
        Snippet {
            client: "Python (openai)",
            text: python(key, base_url, model),
        },
        Snippet {
            client: "JavaScript (openai)",
            text: javascript(key, base_url, model),
        },
    ]
}

fn curl(key: &str, base_url: &str, model: &str) -> String {
    // Within single quotes of a shell, a single quote ends the quotes, stands escaped, and opens them again.
    let body = format!(
        "{{\n    \"model\": {},\n    \"messages\": [{{ \"role\": \"user\", \"content\": \"Say hello.\" }}]\n  }}",
        quoted(model)
    );
    let body = body.replace('\'', r"'\''");
    format!(
        "curl {base_url}/chat/completions \\\n  -H 'Authorization: Bearer {key}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
}

fn python(key: &str, base_url: &str, model: &str) -> String {
    format!(
        "from openai import OpenAI\n\nclient = OpenAI(\n    base_url={},\n    api_key={},\n)\nanswer = client.chat.completions.create(\n    model={},\n    \
         messages=[{{\"role\": \"user\", \"content\": \"Say hello.\"}}],\n)\nprint(answer.choices[0].message.content)",
        quoted(base_url),
        quoted(key),
        quoted(model)
    )
}

fn javascript(key: &str, base_url: &str, model: &str) -> String {
    format!(
        "import OpenAI from \"openai\";\n\nconst client = new OpenAI({{\n  baseURL: {},\n  apiKey: {},\n}});\nconst answer = await client.chat.completions.create({{\n  \
         model: {},\n  messages: [{{ role: \"user\", content: \"Say hello.\" }}],\n}});\nconsole.log(answer.choices[0].message.content);",
        quoted(base_url),
        quoted(key),
        quoted(model)
    )
}

/// A string literal that JSON, Python and JavaScript read alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn each_example_holds_key_address_and_model() {
        for snippet in all(Some("sk-hub-x"), "http://127.0.0.1:8080/v1", Some("simulated/echo")) {
            for part in ["sk-hub-x", "http://127.0.0.1:8080/v1", "simulated/echo"] {
                assert!(snippet.text.contains(part), "{}: {part}", snippet.client);
            }
        }
    }

    #[test]
    fn a_strange_name_cannot_leave_its_quotes() {
        let [curl, python, _] = all(None, "http://h/v1", Some("p/a'\"b"));
        assert!(curl.text.contains(r#"p/a'\''\"b"#), "{}", curl.text);
        assert!(python.text.contains(r#""p/a'\"b""#), "{}", python.text);
    }
}
