//! The playground's page: which models there are, the island that holds the conversation, and a plain form in its place
//! where no scripts run. `answer` and `ending` are the hub's side of the island's server functions.

pub mod answer;
mod body;
pub mod ending;
mod once;

use domain::catalog::{Abilities, ProviderKind, Task};
use gateway::VisibleModel;
use leptos::prelude::*;

use crate::{
    components::*,
    context,
    form::Query,
    islands::playground::{ModelGroup, Playground, frame::AttachmentKind, unread::ModelChoice},
    text::use_language,
};

/// `/playground`, and `/playground?model=provider/model`.
#[component]
pub fn PlaygroundPage() -> impl IntoView {
    page(async move {
        let (viewer, gateway, language) = (
            context::key_holder()?.viewer().clone(),
            context::gateway()?,
            use_language(),
        );
        let groups = groups(&gateway.visible_models());
        let title = language.pick("Playground", "试用");
        let Some(first) = groups
            .first()
            .and_then(|group| group.models.first())
            .map(|model| model.name.clone())
        else {
            return Ok(nothing_to_ask(viewer.admin().is_ok()).into_any());
        };
        let asked = Query::current().get("model").filter(|asked| {
            groups
                .iter()
                .any(|group| group.models.iter().any(|model| model.name == *asked))
        });
        let model = asked.unwrap_or(first);
        Ok(view! {
            <Page title=title place=Place::Playground flush=true>
                <div class="script-only"><Playground groups=groups.clone() model=model.clone() language=language/></div>
                <div class="noscript-only">{once::page(&groups, &model)}</div>
            </Page>
        }
        .into_any())
    })
}

/// The models that can chat, by provider, in the order of providers.
fn groups(models: &[VisibleModel]) -> Vec<ModelGroup> {
    let mut groups: Vec<(domain::id::ProviderId, ModelGroup)> = Vec::new();
    // Names are all there is to tell a model that embeds or draws from one that talks.
    let talks = |model: &&VisibleModel| Abilities::of(model.provider.kind, &model.slug).task == Task::Chat;
    for model in models.iter().filter(talks) {
        let choice = ModelChoice {
            name: model.public_name.to_string(),
            unread: unread(model),
        };
        match groups.last_mut() {
            Some((id, group)) if *id == model.provider.id => group.models.push(choice),
            _ => groups.push((
                model.provider.id,
                ModelGroup {
                    title: model.provider.title.to_string(),
                    simulated: model.provider.kind == ProviderKind::Simulated,
                    models: vec![choice],
                },
            )),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The files that a model is known not to read.
fn unread(model: &VisibleModel) -> Vec<AttachmentKind> {
    let all = Abilities::of(model.provider.kind, &model.slug);
    let kinds = [
        (AttachmentKind::Image, all.reads.image),
        (AttachmentKind::Document, all.reads.document),
        (AttachmentKind::Sound, all.reads.audio),
    ];
    let unread = kinds.into_iter().filter(|(_, read)| all.known && !read);
    unread.map(|(kind, _)| kind).collect()
}

fn nothing_to_ask(admin: bool) -> impl IntoView {
    let language = use_language();
    let title = language.pick("Playground", "试用");
    let text = if admin {
        language.pick(
            "Connect a provider, or enable one of its models; then ask away.",
            "连接一个提供商，或启用它的某个模型，然后即可提问。",
        )
    } else {
        language.pick(
            "Ask an admin to connect a provider and enable a model.",
            "请管理员连接提供商并启用模型。",
        )
    };
    view! {
        <Page title=title place=Place::Playground>
            <PageHead title=title/>
            <section class="panel" aria-label=title>
                <State kind=StateKind::NothingYet title=language.pick("There is no model to ask yet", "还没有可用的模型") text=text>
                    {admin.then(|| view! {
                        <LinkButton href="/providers" class="btn-primary" icon="provider">{language.pick("Connect a provider", "连接提供商")}</LinkButton>
                        <LinkButton href="/models" icon="model">{language.pick("Enable a model", "启用模型")}</LinkButton>
                    })}
                    {(!admin).then(|| view! { <LinkButton href="/">{language.pick("Back to the overview", "返回概览")}</LinkButton> })}
                </State>
            </section>
        </Page>
    }
}
