//! What a program needs to reach the hub, and the way to the pages that people look for first.

use leptos::prelude::*;

use crate::{
    components::{CopyLine, Facts, LinkButton, Panel, fact},
    text::use_language,
};

/// The endpoint, and where keys come from.
#[component]
pub(super) fn StartPanel(endpoint: String) -> impl IntoView {
    let language = use_language();
    let facts = vec![
        fact(
            language.pick("Speaks", "协议"),
            language.pick(
                "OpenAI (chat, responses, embeddings), Anthropic, AIGNE",
                "OpenAI（对话、responses、向量）、Anthropic、AIGNE",
            ),
        ),
        fact(
            language.pick("Signs in with", "认证"),
            language.pick("an API key of the hub as bearer token", "Hub 的 API 密钥（Bearer）"),
        ),
    ];
    view! {
        <Panel title=language.pick("Use it", "开始使用") id="start" body=true>
            <div class="stack stack-s">
                <p><CopyLine text=endpoint label=language.pick("Base URL", "基础 URL") /></p>
                <Facts of=facts />
                <div class="btn-row">
                    <LinkButton href="/keys/new" class="btn-s" icon="plus">{language.pick("Create API key", "创建 API 密钥")}</LinkButton>
                    <LinkButton href="/playground" class="btn-s" icon="play-chat">{language.pick("Playground", "试用")}</LinkButton>
                </div>
            </div>
        </Panel>
    }
}
