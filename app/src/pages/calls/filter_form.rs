//! The filters above the list of calls. Whom and through what is for admins to narrow; what is seldom needed is folded away.

use domain::{
    call::{CallState, Concern, Endpoint},
    key::ApiKey,
    name::Email,
    project::Project,
    provider::Provider,
};
use leptos::prelude::*;

use super::{filters::Filters, list::OFFERED, words};
use crate::{
    components::*,
    form::Query,
    pages::projects::name_of,
    text::{Language, use_language},
};

/// What can be chosen from. Providers and people are for admins.
pub struct Offer {
    /// Keys whose calls the person may see.
    pub keys: Vec<ApiKey>,
    /// Projects whose calls the person may see, all of them or their own ones.
    pub projects: Vec<Project>,
    /// Everybody's keys: they need their owner's name.
    pub of_everybody: bool,
    /// Upstreams.
    pub providers: Vec<Provider>,
    /// Addresses to complete: the newest. Any other may be typed.
    pub people: Vec<Email>,
}

/// The address of the list with its period alone.
pub fn without_filters(query: &Query) -> String {
    query.link("/calls", &["range", "from", "until", "size"], &[])
}

/// The offer as the form shows it.
struct Choices {
    states: Vec<Choice>,
    concerns: Vec<Choice>,
    endpoints: Vec<Choice>,
    providers: Vec<Choice>,
    keys: Vec<Choice>,
    key_label: &'static str,
    projects: Vec<Choice>,
    people: Vec<String>,
    of_everybody: bool,
}

impl Choices {
    fn new(offer: Offer, language: Language) -> Self {
        let of_everybody = offer.of_everybody;
        let key_label = if offer.keys.len() < OFFERED as usize {
            language.pick("Key", "密钥")
        } else {
            language.pick("Key, of the newest 100", "密钥（最新的 100 个）")
        };
        let state = |state: CallState| Choice::new(state.as_str(), words::state(state, language));
        let endpoint = |endpoint: Endpoint| Choice::new(endpoint.as_str(), words::endpoint(endpoint, language));
        // What the provider bills, and whether it is believed, is the operator's matter.
        let concerns = Concern::ALL
            .into_iter()
            .filter(|concern| of_everybody || matches!(concern, Concern::Unbilled | Concern::Late));
        let provider = |provider: Provider| Choice::new(provider.id.to_string(), provider.draft.title.to_string());
        let key = |key: ApiKey| {
            let name = if of_everybody {
                format!("{} ({})", key.name, key.user_email)
            } else {
                key.name.to_string()
            };
            Choice::new(key.id.to_string(), name)
        };
        let project = |project: Project| Choice::new(project.id.to_string(), name_of(&project, language));
        Self {
            states: CallState::ALL.into_iter().map(state).collect(),
            concerns: concerns
                .map(|concern| Choice::new(concern.as_str(), words::concern(concern, language)))
                .collect(),
            endpoints: Endpoint::ALL.into_iter().map(endpoint).collect(),
            providers: offer.providers.into_iter().map(provider).collect(),
            keys: offer.keys.into_iter().map(key).collect(),
            key_label,
            projects: offer.projects.into_iter().map(project).collect(),
            people: offer.people.into_iter().map(|email| email.to_string()).collect(),
            of_everybody,
        }
    }
}

/// The form.
pub fn form(filters: &Filters, query: &Query, offer: Offer) -> impl IntoView + use<> {
    let language = use_language();
    let choices = Choices::new(offer, language);
    let Filters {
        state,
        concern,
        endpoint,
        provider,
        key,
        project,
        ..
    } = *filters;
    let (model, user, period) = (filters.model.clone(), filters.user.clone(), filters.period);
    let (more, size) = (filters.narrows_further(), query.get("size"));
    let clear = filters.narrows().then(|| without_filters(query));
    view! {
        <FilterForm action="/calls" label=language.pick("Filter calls", "筛选调用") clear=clear>
            {size.map(|size| view! { <Hidden name="size" value=size/> })}
            <FilterText name="model" label=language.pick("Part of the model's name", "模型名称的一部分") placeholder=language.pick("Model", "模型") value=model/>
            <FilterPeriod period=period/>
            <FilterSelect
                name="state"
                label=language.pick("State", "状态")
                any=language.pick("Any state", "任意状态")
                choices=choices.states
                chosen=state.map(|state| state.as_str().to_owned())
            />
            {choices.of_everybody.then(|| view! {
                <FilterText
                    name="user"
                    icon="user"
                    label=language.pick("E-mail of the person", "用户邮箱")
                    placeholder=language.pick("Anyone", "任何人")
                    value=user
                    offers=choices.people
                />
            })}
            <FilterMore open=more>
                <FilterSelect
                    name="concern"
                    label=language.pick("To look at", "需关注")
                    any=language.pick("Charged as usual or not", "不限计费情况")
                    choices=choices.concerns
                    chosen=concern.map(|concern| concern.as_str().to_owned())
                />
                {(!choices.providers.is_empty()).then(|| view! {
                    <FilterSelect
                        name="provider"
                        label=language.pick("Provider", "提供商")
                        any=language.pick("Any provider", "任意提供商")
                        choices=choices.providers
                        chosen=provider.map(|id| id.to_string())
                    />
                })}
                <FilterSelect
                    name="key"
                    label=choices.key_label
                    any=language.pick("Any key", "任意密钥")
                    choices=choices.keys
                    chosen=key.map(|id| id.to_string())
                />
                {(!choices.projects.is_empty()).then(|| view! {
                    <FilterSelect
                        name="project"
                        label=language.pick("Project", "项目")
                        any=language.pick("Any project", "任意项目")
                        choices=choices.projects
                        chosen=project.map(|id| id.to_string())
                    />
                })}
                <FilterSelect
                    name="endpoint"
                    label=language.pick("Endpoint", "接口")
                    any=language.pick("Any endpoint", "任意接口")
                    choices=choices.endpoints
                    chosen=endpoint.map(|endpoint| endpoint.as_str().to_owned())
                />
            </FilterMore>
        </FilterForm>
    }
}
