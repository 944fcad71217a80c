//! A first call of OpenAI's dialect.

use super::{Facts, Snippet, quoted, word};

/// By hand.
pub(super) fn curl(of: &Facts<'_>) -> Snippet {
    let body = format!(
        "{{\n    \"model\": {},\n    \"messages\": [{{ \"role\": \"user\", \"content\": \"Say hello.\" }}]\n  }}",
        quoted(of.model)
    );
    Snippet {
        label: "curl",
        text: format!(
            "curl {}/v1/chat/completions \\\n  -H 'Authorization: Bearer {}' \\\n  -H 'Content-Type: application/json' \\\n  -d {}",
            of.origin,
            of.key,
            word(&body)
        ),
    }
}

/// The Python SDK.
pub(super) fn python(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "Python (openai)",
        text: format!(
            "from openai import OpenAI\n\nclient = OpenAI(\n    base_url={},\n    api_key={},\n)\nanswer = client.chat.completions.create(\n    \
             model={},\n    messages=[{{\"role\": \"user\", \"content\": \"Say hello.\"}}],\n)\nprint(answer.choices[0].message.content)",
            quoted(&format!("{}/v1", of.origin)),
            quoted(of.key),
            quoted(of.model)
        ),
    }
}

/// The JavaScript SDK.
pub(super) fn javascript(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "JavaScript (openai)",
        text: format!(
            "import OpenAI from \"openai\";\n\nconst client = new OpenAI({{\n  baseURL: {},\n  apiKey: {},\n}});\nconst answer = await \
             client.chat.completions.create({{\n  model: {},\n  messages: [{{ role: \"user\", content: \"Say hello.\" }}],\n}});\n\
             console.log(answer.choices[0].message.content);",
            quoted(&format!("{}/v1", of.origin)),
            quoted(of.key),
            quoted(of.model)
        ),
    }
}
