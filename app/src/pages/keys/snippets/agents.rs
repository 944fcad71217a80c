//! The settings of agent tools: Claude Code speaks messages, Codex responses, AIGNE its own dialect.

use super::{Facts, Snippet, quoted, word};

/// The environment of Claude Code.
pub(super) fn claude_code(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "Shell",
        text: format!(
            "export ANTHROPIC_BASE_URL={}\nexport ANTHROPIC_AUTH_TOKEN={}\nexport ANTHROPIC_MODEL={}\nclaude",
            word(of.origin),
            word(of.key),
            word(of.model)
        ),
    }
}

/// The settings of Codex.
pub(super) fn codex_config(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "~/.codex/config.toml",
        text: format!(
            "model = {}\nmodel_provider = \"aigne-hub\"\n\n[model_providers.aigne-hub]\nname = \"AIGNE Hub\"\nbase_url = {}\n\
             env_key = \"AIGNE_HUB_API_KEY\"\nwire_api = \"responses\"",
            quoted(of.model),
            quoted(&format!("{}/v1", of.origin))
        ),
    }
}

/// The environment of Codex.
pub(super) fn codex_shell(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "Shell",
        text: format!("export AIGNE_HUB_API_KEY={}\ncodex", word(of.key)),
    }
}

/// The command line of AIGNE.
pub(super) fn aigne_connect(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "Shell",
        text: format!("aigne hub connect {}", of.origin),
    }
}

/// The library of AIGNE. The prefix `aignehub/` keeps it from calling the model's own provider.
pub(super) fn aigne_library(of: &Facts<'_>) -> Snippet {
    Snippet {
        label: "JavaScript (@aigne/aigne-hub)",
        text: format!(
            "import {{ AIGNEHubChatModel }} from \"@aigne/aigne-hub\";\n\nconst model = new AIGNEHubChatModel({{\n  baseURL: {},\n  apiKey: {},\n  \
             model: {},\n}});\nconst answer = await model.invoke({{\n  messages: [{{ role: \"user\", content: \"Say hello.\" }}],\n}});\nconsole.log(answer.text);",
            quoted(of.origin),
            quoted(of.key),
            quoted(&format!("aignehub/{}", of.model))
        ),
    }
}
