//! The table itself. Sources are the model pages of each provider, as of November 2026.

use super::{
    Abilities,
    EffortWord::{self, High, Low, Medium, Minimal, None as No, Xhigh},
    Media, Parameter, Row, Task,
};
use crate::catalog::ProviderKind;

/// What OpenAI's thinking models refuse.
const FIXED_SAMPLING: &[Parameter] = &[
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
];
/// Those whose names begin with `o` call one tool at a time, and refuse to be told so: "Unsupported parameter: 'parallel_tool_calls' is
/// not supported with this model" (<https://github.com/run-llama/llama_index/issues/20865>: o1, o3-mini and o4-mini;
/// <https://github.com/defog-ai/defog/pull/171>: o3).
const FIXED_SAMPLING_ONE_TOOL: &[Parameter] = &[
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
    Parameter::ParallelToolCalls,
];
/// The first of the fifth generation take no texts at which to stop (huggingface/smolagents#1662).
const FIXED_SAMPLING_NO_STOP: &[Parameter] = &[
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
    Parameter::Stop,
];
/// All of that.
const FIXED: &[Parameter] = &[
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
    Parameter::ParallelToolCalls,
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

/// Told how hard to think by these words alone. Of OpenAI's: "The supported reasoning values for `gpt-5.1` are `none`, `low`, `medium`, and
/// `high`. All models before `gpt-5.1` default to `medium` reasoning effort, and do not support `none`. The `gpt-5-pro` model defaults
/// to (and only supports) `high`. `xhigh` is supported for all models after `gpt-5.1-codex-max`" (`ReasoningEffort` of openai-openapi
/// of December 2025); `minimal` is GPT-5's own: 5.1 refuses it (<https://github.com/openai/openai-agents-python/issues/2089>), as do
/// the Codex models and all later ones.
const fn by_words(efforts: &'static [EffortWord], abilities: Abilities) -> Abilities {
    Abilities { efforts, ..abilities }
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
const GPT_THINKING: Abilities = refusing(thinks(OPENAI), FIXED_SAMPLING);
const GPT_UNSTOPPED: Abilities = refusing(thinks(OPENAI), FIXED_SAMPLING_NO_STOP);
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
/// "Penalty is not enabled for models/gemini-2.5-…": of Gemini only 2.0 knows them, as does who begins at 0
/// (<https://github.com/google-gemini/cookbook/issues/1290>).
const fn without_penalties(abilities: Abilities) -> Abilities {
    Abilities {
        refuses: NO_PENALTIES,
        ..abilities
    }
}
const GEMINI: Abilities = reads_everything(STRICT);
/// "Function calling with a response mime type: 'application/json' is unsupported", until Gemini 3
/// (<https://github.com/symfony/ai/issues/803>, <https://ai.google.dev/gemini-api/docs/structured-output>).
const GEMINI_BEFORE_3: Abilities = Abilities {
    json_or_tools: true,
    ..GEMINI
};
/// "`presencePenalty`, `frequencyPenalty` and `stop` parameters are not supported by reasoning models. Adding them in the request would
/// result in an error" (<https://docs.x.ai/docs/guides/reasoning>); a penalty of 0 does as well, and with Grok 4 also where it does
/// not think (<https://github.com/miaoxworld/NativeTavern/issues/83>).
const fn of_xai(refuses: &'static [Parameter], abilities: Abilities) -> Abilities {
    Abilities {
        refuses,
        refuses_usual: true,
        ..abilities
    }
}
const NO_PENALTIES_NO_STOP: &[Parameter] = &[Parameter::PresencePenalty, Parameter::FrequencyPenalty, Parameter::Stop];
const NO_PENALTIES_NO_STOP_NO_EFFORT: &[Parameter] = &[
    Parameter::PresencePenalty,
    Parameter::FrequencyPenalty,
    Parameter::Stop,
    Parameter::ReasoningEffort,
];
/// "`reasoning_effort` is not supported by grok-3, grok-4 and grok-4-fast-reasoning", nor by 4.1 and 4.20 (the same page, of each time).
const GROK_4: Abilities = Abilities {
    fixed_effort: true,
    ..of_xai(NO_PENALTIES_NO_STOP_NO_EFFORT, thinks(sees(STRICT)))
};

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

const fn ollama_family(pattern: &'static str, abilities: Abilities) -> Row {
    ollama(
        pattern,
        Abilities {
            family: true,
            ..abilities
        },
    )
}

const fn google(pattern: &'static str, abilities: Abilities) -> Row {
    Row {
        kind: Some(ProviderKind::Google),
        pattern,
        abilities,
    }
}

/// The hub's own models talk, and take whatever is said to them.
const SIMULATED: Abilities = Abilities { family: true, ..TEXT };

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
    simulated("echo", SIMULATED),
    simulated("text", SIMULATED),
    simulated("tools", SIMULATED),
    simulated("json", SIMULATED),
    simulated("slow", SIMULATED),
    simulated("error-*", SIMULATED),
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
    any(
        "gpt-5.1-codex-max*",
        by_words(&[Low, Medium, High, Xhigh], GPT_THINKING),
    ),
    any("gpt-5-codex*", by_words(&[Low, Medium, High], GPT_THINKING)),
    any("gpt-5.1-codex*", by_words(&[Low, Medium, High], GPT_THINKING)),
    any("gpt-5*-codex*", by_words(&[Low, Medium, High, Xhigh], GPT_THINKING)),
    any("gpt-5-pro*", by_words(&[High], GPT_THINKING)),
    any("gpt-5*-pro*", GPT_THINKING),
    any(
        "gpt-5.1*",
        by_words(&[No, Low, Medium, High], unless_resting(thinks(OPENAI))),
    ),
    any(
        "gpt-5.*",
        by_words(&[No, Low, Medium, High, Xhigh], unless_resting(thinks(OPENAI))),
    ),
    any("gpt-5", by_words(&[Minimal, Low, Medium, High], GPT_UNSTOPPED)),
    any("gpt-5-*", by_words(&[Minimal, Low, Medium, High], GPT_UNSTOPPED)),
    // "Supported values are: 'low', 'medium', 'high', 'xhigh', and 'max'" (<https://github.com/openai/codex/issues/47147>), and no sampling
    // (<https://github.com/akitaonrails/ai-memory/issues/851>).
    family("gpt-6*", by_words(&[Low, Medium, High, Xhigh], GPT_THINKING)),
    // "A fine-tuned version of o4-mini" (<https://developers.openai.com/api/docs/models/codex-mini-latest>), so its words are those of the
    // models before 5.1, without GPT-5's own.
    any("codex-*", by_words(&[Low, Medium, High], GPT_THINKING)),
    any("gpt-4", TOOLS),
    any("gpt-4-0*", TOOLS),
    any("gpt-4-1*", TOOLS),
    any("gpt-4-32k*", TOOLS),
    family("gpt-4*", TOOLS),
    any("o1-mini*", FIRST_THINKERS),
    any("o1-preview*", FIRST_THINKERS),
    any(
        "o1*",
        by_words(&[Low, Medium, High], refusing(thinks(OPENAI), FIXED_SAMPLING_ONE_TOOL)),
    ),
    any(
        "o3-mini*",
        by_words(&[Low, Medium, High], refusing(thinks(STRICT), FIXED)),
    ),
    any("o3*", by_words(&[Low, Medium, High], refusing(thinks(OPENAI), FIXED))),
    any(
        "o4-mini*",
        by_words(&[Low, Medium, High], refusing(thinks(OPENAI), FIXED)),
    ),
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
    any("gemini-3*-image*", thinks(without_penalties(DRAWS_TOO))),
    any("gemini-2.0-*-image*", DRAWS_TOO),
    any("gemini-*-image*", without_penalties(DRAWS_TOO)),
    any("gemini-*-tts*", for_task(Task::Other)),
    any("gemini-1.*", GEMINI_BEFORE_3),
    any("gemini-2.0-*", GEMINI_BEFORE_3),
    any("gemini-2.*", thinks(without_penalties(GEMINI_BEFORE_3))),
    // "Thinking level MEDIUM is not supported for this model" (<https://github.com/egoist/chatwise-releases/issues/1206>); 3.1 has it
    // (<https://github.com/langchain-ai/langchainjs/pull/10101>), and no Pro has the lowest. Others sell them by words of their own.
    google(
        "gemini-3-pro*",
        by_words(&[Low, High], thinks(without_penalties(GEMINI))),
    ),
    google(
        "gemini-3.*-pro*",
        by_words(&[Low, Medium, High], thinks(without_penalties(GEMINI))),
    ),
    any("gemini-*", thinks(without_penalties(GEMINI))),
    // "Developer instruction is not enabled for models/gemma-3-27b-it", and neither are functions and JSON
    // (<https://ai.google.dev/gemma/docs/core/prompt-structure>: instructions stand in the user's turn;
    // "Function calling is not enabled for models/gemma-3-12b-it", <https://github.com/agno-agi/agno/issues/3505>).
    google(
        "gemma-3-*",
        Abilities {
            no_instructions: true,
            ..sees(TEXT)
        },
    ),
    family("gemma3*", sees(TEXT)),
    family("gemma-3*", sees(TEXT)),
    // Ollama's own, where they do other than their namesakes: who has a parser or a template there that knows thoughts
    // (<https://github.com/ollama/ollama/blob/main/model/parsers/parsers.go>, <https://ollama.com/search?c=thinking>). Of a model that
    // stands here with no thought, or nowhere, Ollama says "does not support thinking" (ollama/ollama#10584).
    ollama("qwen3-vl*instruct*", sees(TOOLS)),
    ollama("qwen3*instruct*", TOOLS),
    ollama("qwen3-coder*", TOOLS),
    ollama_family("qwen3-next*", thinks(TOOLS)),
    ollama("qwen3-vl*", thinks(sees(TOOLS))),
    ollama_family("qwen3.*", thinks(sees(TOOLS))),
    // "Qwen3-14B-128K-Q4_K_M" and the like are somebody's own (<https://github.com/agentscope-ai/agentscope/issues/1099>).
    ollama_family("qwen3-*", TOOLS),
    ollama("qwq*", TOOLS),
    ollama_family("gemma4*", thinks(sees(TOOLS))),
    ollama_family("nemotron-3-*", thinks(TOOLS)),
    ollama_family("cogito-2.1*", thinks(TOOLS)),
    ollama_family("lfm2*thinking*", thinks(TOOLS)),
    // Both are tagged as thinking (<https://github.com/ollama/ollama/issues/16632>).
    ollama("minimax-m*", thinks(TOOLS)),
    ollama("deepseek-v4*", thinks(TOOLS)),
    ollama("glm-ocr*", sees(TEXT)),
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
    any(
        "grok-3-mini*",
        by_words(&[Low, High], of_xai(NO_PENALTIES_NO_STOP, thinks(STRICT))),
    ),
    any("grok-3*", STRICT),
    any("grok-4*-non-reasoning*", of_xai(NO_PENALTIES, sees(STRICT))),
    any("grok-4", GROK_4),
    any("grok-4-*", GROK_4),
    any("grok-4.1*", GROK_4),
    any("grok-4.20*", GROK_4),
    // <https://docs.x.ai/developers/model-capabilities/text/reasoning>, of June 2026.
    any(
        "grok-4.3*",
        by_words(
            &[No, Low, Medium, High],
            of_xai(NO_PENALTIES_NO_STOP, thinks(sees(STRICT))),
        ),
    ),
    any(
        "grok-4.*",
        by_words(&[Low, Medium, High], of_xai(NO_PENALTIES_NO_STOP, thinks(sees(STRICT)))),
    ),
    any("grok-code-*", GROK_4),
    any("grok-*", thinks(sees(STRICT))),
    any("pixtral-*", sees(STRICT)),
    family("magistral*", thinks(TOOLS)),
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
