//! A first call of Anthropic's dialect. Its SDKs add `/v1` to the base URL by themselves.

use super::{Facts, Snippet, quoted, word};

/// By hand.
pub(super) fn curl(of: &Facts<'_>) -> Snippet {
    let body = format!(
        "{{\n    \"model\": {},\n    \"max_tokens\": 1024,\n    \"messages\": [{{ \"role\": \"user\", \"content\": \"Say hello.\" }}]\n  }}",
        quoted(of.model)
    );
    Snippet {
        label: "curl (Anthropic Messages)",
        text: format!(
            "curl {}/v1/messages \\\n  -H 'x-api-key: {}' \\\n  -H 'anthropic-version: 2023-06-01' \\\n  -H 'Content-Type: application/json' \\\n  -d {}",
            of.origin,
            of.key,
            word(&body)
        ),
    }
}

/// The Python SDK.
pub(super) fn python(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "Python (anthropic)",
        text: format!(
            "from anthropic import Anthropic\n\nclient = Anthropic(\n    base_url={},\n    api_key={},\n)\nmessage = client.messages.create(\n    \
             model={},\n    max_tokens=1024,\n    messages=[{{\"role\": \"user\", \"content\": \"Say hello.\"}}],\n)\nprint(message.content[0].text)",
            quoted(of.origin),
            quoted(of.key),
            quoted(of.model)
        ),
    }
}

/// The JavaScript SDK.
pub(super) fn javascript(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "JavaScript (@anthropic-ai/sdk)",
        text: format!(
            "import Anthropic from \"@anthropic-ai/sdk\";\n\nconst client = new Anthropic({{\n  baseURL: {},\n  apiKey: {},\n}});\nconst message = await \
             client.messages.create({{\n  model: {},\n  max_tokens: 1024,\n  messages: [{{ role: \"user\", content: \"Say hello.\" }}],\n}});\n\
             console.log(message.content[0].text);",
            quoted(of.origin),
            quoted(of.key),
            quoted(of.model)
        ),
    }
}
