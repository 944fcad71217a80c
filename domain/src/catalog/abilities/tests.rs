use super::*;

fn of(slug: &str) -> Abilities {
    Abilities::of(ProviderKind::OpenaiCompatible, slug)
}

#[test]
fn patterns_match_whole_names() {
    for (pattern, name, wanted) in [
        ("o1*", "o1-mini", true),
        ("o1*", "go1", false),
        ("gpt-4o", "gpt-4o", true),
        ("gpt-4o", "gpt-4o-mini", false),
        ("*embed*", "nomic-embed-text:latest", true),
        ("*-vl*", "qwen3-vl:8b", true),
        ("gpt-*-chat", "gpt-5-chat", true),
        ("gpt-*-chat", "gpt-5-chat-x-chat", true),
        ("gpt-*-chat", "gpt-5-chat-x", false),
    ] {
        assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
    }
}

#[test]
fn models_are_known_by_their_names_wherever_they_are_sold() {
    for slug in ["o3", "openai/o4-mini", "gpt-5", "gpt-5.1-codex-max"] {
        let found = of(slug);
        assert!(
            found.reasoning && found.refuses.contains(&Parameter::Temperature),
            "{slug}"
        );
    }
    for slug in ["gpt-4o", "gpt-5-chat-latest", "gpt-4.1-mini"] {
        let found = of(slug);
        assert!(
            !found.reasoning && found.refuses.is_empty() && found.reads.image,
            "{slug}"
        );
    }
    for slug in ["gpt-5", "gpt-5-mini", "openai/gpt-5-nano-2025-08-07", "o4-mini"] {
        assert!(of(slug).refuses.contains(&Parameter::Stop), "{slug}");
    }
    for slug in ["gpt-5-chat-latest", "gpt-5.5", "gpt-4o"] {
        assert!(!of(slug).refuses.contains(&Parameter::Stop), "{slug}");
    }
    assert!(of("anthropic/claude-sonnet-4.5").reads.document);
    assert!(of("claude-3-5-haiku-latest").known && !of("claude-3-5-haiku-latest").reasoning);
    assert!(Abilities::of(ProviderKind::Google, "models/gemini-2.5-pro").reads.video);
    assert_eq!(of("text-embedding-3-small").task, Task::Embeddings);
    assert_eq!(
        Abilities::of(ProviderKind::Ollama, "nomic-embed-text:latest").task,
        Task::Embeddings
    );
    assert_eq!(of("somebody/something-new"), Abilities::UNKNOWN);
}

#[test]
fn parameters_are_found_by_their_names() {
    for row in ROWS {
        for parameter in row.abilities.refuses {
            assert_eq!(Parameter::named(parameter.as_str()), Some(*parameter));
        }
    }
    assert_eq!(Parameter::named("Temperature"), None);
}

#[test]
fn only_who_is_known_not_to_think_is_not_told_to() {
    for (slug, told) in [
        ("gpt-4o-mini", false),
        ("llama3.2", false),
        ("claude-3-5-haiku-20241022", false),
        ("gemini-2.0-flash", false),
        ("gemini-2.5-flash-image", false),
        ("gemini-3-pro-image-preview", true),
        ("deepseek-chat", false),
        ("deepseek-v3.1:671b", true),
        ("deepseek/deepseek-chat-v3.1", true),
        ("kimi-k2:1t", false),
        ("moonshotai/kimi-k2.5", true),
        ("qwen3-vl:8b", true),
        ("qwen2.5-vl:7b", false),
        ("doubao-seed-1-6-250615", true),
        ("o4-mini", true),
        ("somebody/something-new", true),
        // They think, and refuse to be told how hard.
        ("o1-mini", false),
        ("o1-preview-2024-09-12", false),
        ("o1", true),
    ] {
        assert_eq!(of(slug).may_reason(), told, "{slug}");
    }
}

/// Ollama answers 400 to who asks a model to think that has no template for it.
#[test]
fn at_ollama_only_who_is_known_to_think_is_told_to() {
    for (slug, told, rests) in [
        ("qwen3", true, true),
        ("qwen3:8b-q4_K_M", true, true),
        ("library/qwen3", true, true),
        ("qwen3.5:35b", true, true),
        ("deepseek-r1:70b", true, true),
        ("gpt-oss:120b-cloud", true, true),
        ("magistral", true, true),
        ("magistral:24b", true, true),
        ("glm-4.7-flash", true, true),
        ("gemma4:31b", true, true),
        // No row knows them, or whoever made these of a known model may have left the thoughts out.
        ("devstral", false, true),
        ("devstral:24b", false, true),
        ("phi4", false, true),
        ("hf.co/unsloth/GLM-4.7-Flash-GGUF:Q3_K_S", false, true),
        ("somebody/qwen3", false, true),
        ("qwen3:4b-instruct", false, false),
        ("qwen3-coder:30b", false, false),
        ("Qwen3-14B-128K-Q4_K_M:latest", false, false),
        ("qwq", false, false),
        ("llama3.2", false, false),
        ("somebody/llama3.2", false, false),
    ] {
        let found = Abilities::of(ProviderKind::Ollama, slug);
        assert_eq!((found.may_reason(), found.may_rest()), (told, rests), "{slug}");
    }
    // Elsewhere the same names may be told, as before.
    for slug in ["devstral", "hf.co/unsloth/GLM-4.7-Flash-GGUF", "somebody/qwen3"] {
        assert!(of(slug).may_reason() && of(slug).may_rest(), "{slug}");
    }
}

#[test]
fn models_that_need_not_think_take_sampling_then() {
    for (slug, resting, thinking) in [
        ("gpt-5", false, false),
        ("gpt-5.1", true, false),
        ("gpt-5.2-2025-12-11", true, false),
        ("gpt-5.1-codex-max", false, false),
        ("gpt-5.2-pro", false, false),
        ("gpt-4o", true, true),
    ] {
        let takes = |thinks| !of(slug).refused(thinks).contains(&Parameter::Temperature);
        assert_eq!((takes(false), takes(true)), (resting, thinking), "{slug}");
    }
    assert!(of("o3").newer_limit && !of("gpt-4o").newer_limit);
}

#[test]
fn newer_claudes_refuse_sampling_and_none_knows_penalties() {
    for (slug, sampling) in [
        ("claude-3-5-haiku-20241022", true),
        ("claude-3-7-sonnet-latest", true),
        ("claude-opus-4-20250514", true),
        ("claude-opus-4-1@20250805", true),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", true),
        ("claude-haiku-4-5-20251001", true),
        ("anthropic/claude-opus-4.6", true),
        ("claude-opus-4-7", false),
        ("anthropic/claude-opus-4.8", false),
        ("claude-sonnet-5", false),
        ("claude-opus-5-5-20270101", false),
        ("claude-mythos-preview", false),
    ] {
        for kind in [ProviderKind::Anthropic, ProviderKind::OpenaiCompatible] {
            let found = Abilities::of(kind, slug);
            let refuses = |parameter| found.refused(false).contains(&parameter);
            for parameter in [Parameter::Temperature, Parameter::TopP, Parameter::TopK] {
                assert_eq!(!refuses(parameter), sampling, "{slug} {parameter:?}");
            }
            assert!(
                refuses(Parameter::PresencePenalty) && refuses(Parameter::FrequencyPenalty),
                "{slug}"
            );
            assert!(!found.newer_limit && found.tools && found.known, "{slug}");
        }
    }
}

#[test]
fn models_that_only_complete_call_no_tools() {
    for (slug, tools) in [
        ("gpt-3.5-turbo-instruct", false),
        ("davinci-002", false),
        ("gpt-3.5-turbo", true),
    ] {
        assert_eq!((of(slug).known, of(slug).tools), (true, tools), "{slug}");
    }
}

#[test]
fn who_draws_is_known() {
    for (kind, slug, draws) in [
        (ProviderKind::Openai, "gpt-image-1", true),
        (ProviderKind::Openai, "dall-e-3", true),
        (ProviderKind::Openai, "gpt-4o", false),
        (ProviderKind::Google, "gemini-2.5-flash-image", true),
        (ProviderKind::Google, "gemini-3-pro-image-preview", true),
        (ProviderKind::Google, "gemini-2.5-flash", false),
        // By a method of its own, which is not spoken here.
        (ProviderKind::Google, "imagen-4.0-generate-001", false),
        (ProviderKind::OpenaiCompatible, "doubao-seedream-4-0-250828", true),
        (ProviderKind::OpenaiCompatible, "grok-2-image-1212", true),
        (ProviderKind::Simulated, "draw", true),
    ] {
        assert_eq!(Abilities::of(kind, slug).draws(), draws, "{slug}");
    }
    assert_eq!(of("gpt-image-1").refuses, [Parameter::ResponseFormat]);
    assert_eq!(
        serde_json::to_value(of("gpt-image-1")).unwrap()["output"],
        serde_json::json!(["image"])
    );
}

#[test]
fn every_row_can_be_met() {
    for (index, row) in ROWS.iter().enumerate() {
        let name = row.pattern.replace('*', "-");
        let kind = row.kind.unwrap_or(ProviderKind::OpenaiCompatible);
        let first = ROWS.iter().position(|row| row.fits(kind, &name));
        assert_eq!(first, Some(index), "{} is hidden by an earlier row", row.pattern);
    }
}

#[test]
fn it_is_told_in_words() {
    let told = serde_json::to_value(of("gpt-4o")).unwrap();
    assert_eq!(told["input"], serde_json::json!(["text", "image", "document"]));
    assert_eq!(told["task"], "chat");
    assert_eq!(serde_json::to_value(of("o3")).unwrap()["refuses"][0], "temperature");
}

#[test]
fn what_is_lacking_is_sure() {
    use ProviderKind::{Anthropic, Google, Ollama, Openai, OpenaiCompatible};
    for (kind, slug, pictures, tools, schemas) in [
        (Openai, "gpt-4o", false, false, false),
        (Openai, "gpt-4o-2024-05-13", false, false, true),
        (Openai, "gpt-3.5-turbo", true, false, true),
        (Openai, "gpt-4-0613", true, false, true),
        (Openai, "gpt-4-turbo", false, false, true),
        (Openai, "gpt-4-vision-preview", false, true, true),
        (Openai, "gpt-4.5-preview", false, false, false),
        (Openai, "o1-mini", true, true, true),
        (Openai, "o1", false, false, false),
        (Openai, "o3-mini", true, false, false),
        (Openai, "chatgpt-4o-latest", false, true, true),
        (Openai, "gpt-4o-audio-preview", true, false, true),
        (Openai, "my-own-model", false, false, false),
        (Anthropic, "claude-3-5-haiku-20241022", false, false, true),
        (Anthropic, "claude-2.1", true, true, true),
        (Anthropic, "claude-haiku-4-5", false, false, false),
        (Google, "gemini-2.5-flash", false, false, false),
        (Google, "gemini-2.5-flash-image", false, true, false),
        // A service may add tools and schemas, but no eyes.
        (OpenaiCompatible, "openai/gpt-3.5-turbo", true, false, false),
        (OpenaiCompatible, "deepseek-chat", true, false, false),
        (
            OpenaiCompatible,
            "meta-llama/llama-3.3-70b-instruct",
            true,
            false,
            false,
        ),
        (
            OpenaiCompatible,
            "meta-llama/llama-3.2-11b-vision-instruct",
            false,
            false,
            false,
        ),
        (OpenaiCompatible, "qwen/qwen3.5-397b", false, false, false),
        (OpenaiCompatible, "mistral-large-2512", false, false, false),
        (OpenaiCompatible, "z-ai/glm-4.6v", false, false, false),
        (OpenaiCompatible, "somebody/something-new", false, false, false),
        (Ollama, "llama3.2", true, false, false),
        (Ollama, "llama3.2:1b", true, false, false),
        (Ollama, "llama3.2-vision", false, false, false),
        (Ollama, "gemma3:4b", false, false, false),
        (Ollama, "somebody/gemma3-tools:12b", false, false, false),
        (Ollama, "qwen3:8b", true, false, false),
        (Ollama, "qwen3-vl:8b", false, false, false),
        (Ollama, "gpt-oss:20b", true, false, false),
    ] {
        let found = Abilities::of(kind, slug);
        assert_eq!(
            (found.unread().image, found.lacks_tools(), found.lacks_schemas()),
            (pictures, tools, schemas),
            "{kind:?} {slug}"
        );
    }
    assert!(Abilities::of(Openai, "o1-mini").no_instructions && !Abilities::of(Openai, "o1").no_instructions);
    assert!(Abilities::of(Google, "gemma-3-27b-it").no_instructions);
    // Some services read documents out to whichever model.
    assert!(Abilities::of(Openai, "gpt-4-turbo").unread().document);
    assert!(!Abilities::of(OpenaiCompatible, "openai/gpt-4-turbo").unread().document);
    assert!(Abilities::of(Openai, "gpt-4o").unread().audio && !Abilities::of(Openai, "gpt-audio").unread().audio);
    // What makes no text is asked by other doors.
    assert!(!Abilities::of(Openai, "dall-e-3").lacks_tools());
}

#[test]
fn what_is_publicly_known_to_be_refused_stands_there() {
    use EffortWord::{High, Low, Medium, Minimal, None as No, Xhigh};
    let refuses = |slug: &str, parameter| of(slug).refused(true).contains(&parameter);
    for (slug, penalties, either) in [
        ("gemini-2.0-flash", false, true),
        ("gemini-2.5-flash", true, true),
        ("google/gemini-2.5-pro", true, true),
        ("gemini-3-pro-preview", true, false),
        ("gemini-flash-latest", true, false),
    ] {
        assert_eq!(refuses(slug, Parameter::PresencePenalty), penalties, "{slug}");
        assert_eq!(of(slug).json_or_tools, either, "{slug}");
    }
    for (slug, one) in [
        ("o1", true),
        ("o3-mini", true),
        ("openai/o4-mini", true),
        ("gpt-5", false),
        ("gpt-4o", false),
    ] {
        assert_eq!(refuses(slug, Parameter::ParallelToolCalls), one, "{slug}");
    }
    for (slug, words) in [
        ("o3", &[Low, Medium, High][..]),
        ("o1", &[Low, Medium, High]),
        ("gpt-5-mini", &[Minimal, Low, Medium, High]),
        ("gpt-5-codex", &[Low, Medium, High]),
        ("gpt-5.1", &[No, Low, Medium, High]),
        ("gpt-5.1-codex-mini", &[Low, Medium, High]),
        ("gpt-5.1-codex-max", &[Low, Medium, High, Xhigh]),
        ("gpt-5.4", &[No, Low, Medium, High, Xhigh]),
        ("gpt-5-pro", &[High]),
        ("grok-3-mini", &[Low, High]),
        ("grok-4.3", &[No, Low, Medium, High]),
        ("grok-4.5", &[Low, Medium, High]),
        ("gpt-4o", &[]),
        ("somebody/something-new", &[]),
    ] {
        assert_eq!(of(slug).efforts, words, "{slug}");
    }
    for (slug, penalties, stop, told) in [
        ("grok-4", true, true, false),
        ("x-ai/grok-4-fast-reasoning", true, true, false),
        ("grok-4-1-fast-non-reasoning", true, false, false),
        ("grok-4.20-0309-reasoning", true, true, false),
        ("grok-4.3", true, true, true),
        ("grok-3-mini-fast", true, true, true),
        ("grok-code-fast-1", true, true, false),
        ("grok-3", false, false, false),
    ] {
        assert_eq!(refuses(slug, Parameter::FrequencyPenalty), penalties, "{slug}");
        assert_eq!(refuses(slug, Parameter::Stop), stop, "{slug}");
        assert_eq!(of(slug).may_reason(), told, "{slug}");
        assert_eq!(of(slug).refuses_usual, penalties, "{slug}");
    }
    // "Function calling is not enabled", and neither is JSON.
    let gemma = Abilities::of(ProviderKind::Google, "gemma-3-27b-it");
    assert!(gemma.lacks_tools() && gemma.lacks_schemas() && !gemma.unread().image);
}
