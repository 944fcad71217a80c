//! The table itself. Sources are the model pages of each provider, as of November 2026.

use super::{Abilities, Media, Parameter, Row, Task};
use crate::catalog::ProviderKind;

/// What OpenAI's thinking models refuse.
const FIXED_SAMPLING: &[Parameter] = &[
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
];
/// The same, and texts at which to stop.
const FIXED: &[Parameter] = &[
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
    Parameter::Stop,
];

const TEXT: Abilities = Abilities {
    known: true,
    ..Abilities::UNKNOWN
};
const TOOLS: Abilities = Abilities { tools: true, ..TEXT };
const STRICT: Abilities = Abilities {
    json_schema: true,
    ..TOOLS
};

const fn sees(abilities: Abilities) -> Abilities {
    Abilities {
        reads: Media {
            image: true,
            ..abilities.reads
        },
        ..abilities
    }
}

const fn reads_documents(abilities: Abilities) -> Abilities {
    Abilities {
        reads: Media {
            image: true,
            document: true,
            ..abilities.reads
        },
        ..abilities
    }
}

const fn reads_everything(abilities: Abilities) -> Abilities {
    Abilities {
        reads: Media {
            image: true,
            document: true,
            audio: true,
            video: true,
        },
        ..abilities
    }
}

const fn thinks(abilities: Abilities) -> Abilities {
    Abilities {
        reasoning: true,
        ..abilities
    }
}

const fn refusing(abilities: Abilities, refuses: &'static [Parameter]) -> Abilities {
    Abilities {
        refuses,
        newer_limit: true,
        ..abilities
    }
}

/// OpenAI's models from 5.1 on think only when they are told to, and take sampling while they do not
/// (<https://platform.openai.com/docs/guides/latest-model>).
const fn unless_resting(abilities: Abilities) -> Abilities {
    Abilities {
        takes_unthinking: true,
        ..refusing(abilities, FIXED_SAMPLING)
    }
}

const fn for_task(task: Task) -> Abilities {
    Abilities { task, ..TEXT }
}

/// The first of OpenAI's that thought: texts alone, no instructions, no tools, no schema, and not told how hard
/// (<https://platform.openai.com/docs/guides/reasoning>, "beta limitations" of 2024).
const FIRST_THINKERS: Abilities = Abilities {
    fixed_effort: true,
    no_instructions: true,
    ..refusing(thinks(TEXT), FIXED_SAMPLING)
};

const SPEAKS: Abilities = Abilities {
    reads: Media {
        audio: true,
        ..TOOLS.reads
    },
    writes: Media {
        audio: true,
        ..TOOLS.writes
    },
    ..TOOLS
};
const DRAWS: Abilities = Abilities {
    task: Task::Images,
    writes: Media {
        image: true,
        ..TEXT.writes
    },
    ..TEXT
};
/// It always answers with bytes, and refuses to be told so (<https://platform.openai.com/docs/api-reference/images/create>).
const DRAWS_BYTES: Abilities = Abilities {
    refuses: &[Parameter::ResponseFormat],
    ..DRAWS
};
/// It calls no tools (<https://ai.google.dev/gemini-api/docs/models>).
const DRAWS_TOO: Abilities = Abilities {
    tools: false,
    json_schema: true,
    writes: Media {
        image: true,
        ..TEXT.writes
    },
    ..reads_documents(TEXT)
};
const OPENAI: Abilities = reads_documents(STRICT);
/// Anthropic's wire has no penalties.
const NO_PENALTIES: &[Parameter] = &[Parameter::PresencePenalty, Parameter::FrequencyPenalty];
/// From 4.7 on no Claude takes any sampling (<https://platform.claude.com/docs/en/build-with-claude/thinking>).
const NO_SAMPLING: &[Parameter] = &[
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::TopK,
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
];
const CLAUDE: Abilities = Abilities {
    refuses: NO_PENALTIES,
    ..reads_documents(TOOLS)
};
/// Pictures and tools came with Claude 3.
const CLAUDE_TEXT: Abilities = Abilities {
    refuses: NO_PENALTIES,
    ..TEXT
};
const CLAUDE_STRICT: Abilities = Abilities {
    refuses: NO_PENALTIES,
    ..thinks(reads_documents(STRICT))
};
const CLAUDE_NEWER: Abilities = Abilities {
    refuses: NO_SAMPLING,
    ..CLAUDE_STRICT
};
const GEMINI: Abilities = reads_everything(STRICT);

const fn any(pattern: &'static str, abilities: Abilities) -> Row {
    Row {
        kind: None,
        pattern,
        abilities,
    }
}

/// Models to come as well: what they cannot do is not known.
const fn family(pattern: &'static str, abilities: Abilities) -> Row {
    any(
        pattern,
        Abilities {
            family: true,
            ..abilities
        },
    )
}

const fn ollama(pattern: &'static str, abilities: Abilities) -> Row {
    Row {
        kind: Some(ProviderKind::Ollama),
        pattern,
        abilities,
    }
}

const fn google(pattern: &'static str, abilities: Abilities) -> Row {
    Row {
        kind: Some(ProviderKind::Google),
        pattern,
        abilities,
    }
}

const fn simulated(pattern: &'static str, abilities: Abilities) -> Row {
    Row {
        kind: Some(ProviderKind::Simulated),
        pattern,
        abilities,
    }
}

/// Every row; the first that fits counts.
pub const ROWS: &[Row] = &[
    // What makes no text, whoever sells it.
    any("text-embedding-*", for_task(Task::Embeddings)),
    any("gemini-embedding-*", for_task(Task::Embeddings)),
    any("*embed*", for_task(Task::Embeddings)),
    ollama("all-minilm*", for_task(Task::Embeddings)),
    ollama("bge-*", for_task(Task::Embeddings)),
    any("dall-e-*", DRAWS),
    any("gpt-image-*", DRAWS_BYTES),
    // By a method of its own, which is not spoken here.
    google("imagen-*", for_task(Task::Other)),
    any("imagen-*", DRAWS),
    any("ideogram-*", DRAWS),
    any("*seedream-*", DRAWS),
    any("grok-*-image*", DRAWS),
    any("flux*", DRAWS),
    any("stable-diffusion*", DRAWS),
    simulated("draw", DRAWS),
    any("tts-*", for_task(Task::Other)),
    any("whisper-*", for_task(Task::Other)),
    any("omni-moderation-*", for_task(Task::Other)),
    any("gpt-*-transcribe*", for_task(Task::Other)),
    any("gpt-*-tts*", for_task(Task::Other)),
    any("gpt-realtime*", for_task(Task::Other)),
    any("sora-*", for_task(Task::Other)),
    any("veo-*", for_task(Task::Other)),
    // OpenAI.
    any("gpt-oss*", thinks(TOOLS)),
    // These only complete texts.
    any("gpt-3.5-turbo-instruct*", TEXT),
    any("davinci-002", TEXT),
    any("babbage-002", TEXT),
    any("gpt-3.5-*", TOOLS),
    any("gpt-4o-audio*", SPEAKS),
    any("gpt-audio*", SPEAKS),
    // Schemas came with the next one (<https://platform.openai.com/docs/guides/structured-outputs>).
    any("gpt-4o-2024-05-13", reads_documents(TOOLS)),
    any("gpt-4o*", OPENAI),
    any("chatgpt-4o*", sees(TEXT)),
    any("gpt-4.1*", OPENAI),
    any("gpt-4-turbo*", sees(TOOLS)),
    any("gpt-4-*vision*", sees(TEXT)),
    any("gpt-4.5*", OPENAI),
    any("gpt-5*-chat*", OPENAI),
    any("gpt-5*-codex*", refusing(thinks(OPENAI), FIXED_SAMPLING)),
    any("gpt-5*-pro*", refusing(thinks(OPENAI), FIXED_SAMPLING)),
    any("gpt-5.1*", unless_resting(thinks(OPENAI))),
    any("gpt-5.2*", unless_resting(thinks(OPENAI))),
    // huggingface/smolagents#1662
    any("gpt-5", refusing(thinks(OPENAI), FIXED)),
    any("gpt-5-*", refusing(thinks(OPENAI), FIXED)),
    any("gpt-5.*", refusing(thinks(OPENAI), FIXED_SAMPLING)),
    any("codex-*", refusing(thinks(OPENAI), FIXED_SAMPLING)),
    any("gpt-4", TOOLS),
    any("gpt-4-0*", TOOLS),
    any("gpt-4-1*", TOOLS),
    any("gpt-4-32k*", TOOLS),
    family("gpt-4*", TOOLS),
    any("o1-mini*", FIRST_THINKERS),
    any("o1-preview*", FIRST_THINKERS),
    any("o1*", refusing(thinks(OPENAI), FIXED_SAMPLING)),
    any("o3-mini*", refusing(thinks(STRICT), FIXED)),
    any("o3*", refusing(thinks(OPENAI), FIXED)),
    any("o4-mini*", refusing(thinks(OPENAI), FIXED)),
    // Anthropic.
    any("claude-3-7-*", thinks(CLAUDE)),
    any("claude-3.7-*", thinks(CLAUDE)),
    any("claude-3*", CLAUDE),
    any("claude-2*", CLAUDE_TEXT),
    any("claude-instant*", CLAUDE_TEXT),
    any("claude-*-4-0*", thinks(CLAUDE)),
    any("claude-*-4-1", thinks(CLAUDE)),
    any("claude-*-4-1-*", thinks(CLAUDE)),
    any("claude-*-4-1@*", thinks(CLAUDE)),
    any("claude-*-4.1*", thinks(CLAUDE)),
    any("claude-*-4-2*", thinks(CLAUDE)),
    any("claude-*-4@*", thinks(CLAUDE)),
    any("claude-*-4", thinks(CLAUDE)),
    any("claude-*-4-5*", CLAUDE_STRICT),
    any("claude-*-4.5*", CLAUDE_STRICT),
    any("claude-*-4-6*", CLAUDE_STRICT),
    any("claude-*-4.6*", CLAUDE_STRICT),
    any("claude-*", CLAUDE_NEWER),
    // Google.
    any("gemini-3*-image*", thinks(DRAWS_TOO)),
    any("gemini-*-image*", DRAWS_TOO),
    any("gemini-*-tts*", for_task(Task::Other)),
    any("gemini-1.*", GEMINI),
    any("gemini-2.0-*", GEMINI),
    any("gemini-*", thinks(GEMINI)),
    // "Developer instruction is not enabled for models/gemma-3-27b-it", and neither are functions and JSON
    // (<https://ai.google.dev/gemma/docs/core/prompt-structure>: instructions stand in the user's turn).
    google(
        "gemma-3-*",
        Abilities {
            no_instructions: true,
            family: true,
            ..sees(TEXT)
        },
    ),
    family("gemma3*", sees(TEXT)),
    family("gemma-3*", sees(TEXT)),
    // Others.
    any("deepseek-reasoner*", thinks(TOOLS)),
    // Ollama and others let newer ones of this name call tools.
    any("deepseek-r1*", thinks(TOOLS)),
    // From 3.1 on one model does both.
    any("deepseek-v3.1*", thinks(TOOLS)),
    any("deepseek-v3.2*", thinks(TOOLS)),
    any("deepseek-chat-v3.1*", thinks(TOOLS)),
    any("deepseek-chat*", TOOLS),
    any("deepseek-v3*", TOOLS),
    any("deepseek-coder*", TOOLS),
    family("deepseek-*", TOOLS),
    any("grok-2-vision*", sees(STRICT)),
    any("grok-3-mini*", thinks(STRICT)),
    any("grok-3*", STRICT),
    any("grok-*", thinks(sees(STRICT))),
    any("pixtral-*", sees(STRICT)),
    family("magistral-*", thinks(TOOLS)),
    any("mistral-medium*", sees(STRICT)),
    any("mistral-small*", sees(STRICT)),
    family("mistral*", STRICT),
    any("codestral*", STRICT),
    family("ministral*", STRICT),
    any("qwen3-vl*", thinks(sees(TOOLS))),
    any("*-vl*", sees(TOOLS)),
    any("qwen2.5vl*", sees(TEXT)),
    any("qwq*", thinks(TOOLS)),
    any("qwen3-coder*", TOOLS),
    any("qwen3", thinks(TOOLS)),
    any("qwen3:*", thinks(TOOLS)),
    family("qwen3*", thinks(TOOLS)),
    any("qwen2.5:*", TOOLS),
    any("qwen2.5-coder*", TOOLS),
    family("qwen*", TOOLS),
    any("doubao-*-vision*", sees(TOOLS)),
    any("doubao-*-thinking*", thinks(sees(TOOLS))),
    any("doubao-seed-*", thinks(sees(TOOLS))),
    family("doubao-*", TOOLS),
    any("llama3.2-vision*", sees(TEXT)),
    any("llama-3*vision*", sees(TOOLS)),
    any("llama-4*", sees(TOOLS)),
    any("llama4*", sees(TOOLS)),
    any("llama-3.1-*", TOOLS),
    any("llama-3.3-*", TOOLS),
    family("llama-3*", TOOLS),
    any("llama3.1*", TOOLS),
    any("llama3.2", TOOLS),
    any("llama3.2:*", TOOLS),
    any("llama3.3*", TOOLS),
    family("llama3*", TOOLS),
    any("llava*", sees(TEXT)),
    any("minicpm-v*", sees(TEXT)),
    any("kimi-k2-thinking*", thinks(TOOLS)),
    any("kimi-k2.5*", thinks(sees(TOOLS))),
    family("kimi-*", TOOLS),
    family("glm-*", thinks(TOOLS)),
];
