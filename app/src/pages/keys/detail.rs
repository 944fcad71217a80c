//! `/keys/:id`: one key. What it may do, from where and until when; another secret; off, on, revoked, deleted.

use domain::{
    id::KeyId,
    key::{ApiKey, EarlierSecret, KeyStanding, KeyState, OnKey, Overlap, Right, Scope, Tie},
    refusal::Thing,
    time::Timestamp,
};
use gateway::{Gateway, KeyTag};
use leptos::prelude::*;

use super::{
    actions::{RotateKey, SaveKey, SwitchKey},
    calls_of, fields, project_in_words, revoke, standing,
};
use crate::{
    components::*,
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// One key.
#[component]
pub fn KeyPage() -> impl IntoView {
    page(async move {
        let (viewer, gateway, language) = (context::viewer()?, context::gateway()?, use_language());
        let id = path_id::<KeyId>("id", Thing::Key)?;
        let key = gateway.keys().get(&viewer, id).await?;
        let key = key.ok_or(context::missing(Thing::Key))?;
        let stands = gateway.keys().standing(&viewer, &key).await?;
        let earlier = gateway.keys().earlier_secrets(&key).await?;
        let limits = gateway.limits().of(&viewer, id.into()).await?;
        let tie = match key.rules.scopes.has(Scope::Manage) {
            true => Some(gateway.keys().tie(id).await?),
            false => None,
        };
        let now = gateway.now();
        let state = key.state(now);
        let title = key.name.to_string();
        let crumbs = vec![("/keys".to_owned(), language.pick("API keys", "API 密钥").to_owned())];
        let beside = standing(&key, now);
        let actions = view! {
            <LinkButton href=calls_of(id) icon="calls">{language.pick("Calls of this key", "此密钥的调用")}</LinkButton>
        };
        let ended = state == KeyState::Revoked;
        let forms = stands.may(OnKey::Change) && !ended;
        Ok(view! {
            <Page title=title.clone() place=Place::Keys>
                <PageHead title=title crumbs=crumbs beside=beside.into_any() actions=actions.into_any()/>
                <div class=if forms { "cols cols-2" } else { "cols" }>
                    <div class="stack">
                        {about(&key, &earlier, tie)}
                        {(stands.may(OnKey::Rotate) && !matches!(state, KeyState::Revoked | KeyState::Expired)).then(|| rotation(id))}
                    </div>
                    {forms.then(|| rules(&gateway, &key, stands))}
                </div>
                <LimitsPanel of=limits/>
                {stands.may(OnKey::Change).then(|| farewell(&key, now))}
            </Page>
        })
    })
}

/// `tie`: of a key that manages, what ties it.
fn about(key: &ApiKey, earlier: &[EarlierSecret], tie: Option<Option<Tie>>) -> impl IntoView + use<> {
    let language = use_language();
    let used = match key.last_used_at {
        Some(at) => view! { <Time at=at style=TimeStyle::Ago/> }.into_any(),
        None => language.pick("never", "从未").into_any(),
    };
    let ends = match key.rules.expires_at {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => language.pick("never", "永不").into_any(),
    };
    let project = project_in_words(key, language);
    let href = format!("/projects/{}", key.project_id);
    let mut facts = vec![
        fact(
            language.pick("Secret", "密钥值"),
            view! { <code>{key.hint.clone()}</code> },
        ),
        fact(
            language.pick("Project", "项目"),
            view! { <a class="link" href=href>{project}</a> },
        ),
        fact(
            language.pick("Owner", "所有者"),
            view! { <span class="break">{key.user_email.to_string()}</span> },
        ),
        fact(language.pick("Last used", "上次使用"), used),
        fact(language.pick("Expires", "到期"), ends),
        fact(
            language.pick("Created", "创建时间"),
            view! { <Time at=key.created_at/> },
        ),
        fact(
            language.pick("Id", "标识"),
            view! { <span class="mono break">{key.id.to_string()}</span> },
        ),
    ];
    if let Some(tie) = tie {
        let told = match (tie, language) {
            (None, _) => language.pick("whatever its owner may", "其所有者可做的一切").to_owned(),
            (Some(tie), Language::En) => format!(
                "tied, as {}: it lets nobody in and gives nobody rights",
                language.tie(tie)
            ),
            (Some(tie), Language::Zh) => format!("受约束（{}）：不能让人进入，也不能授予权限", language.tie(tie)),
        };
        facts.push(fact(language.pick("Manages", "管理"), told));
    }
    if let Some(maker) = key.made_by {
        let words = language.pick(
            "; it counts in all limits that that key counts in, too",
            "；也计入该密钥所计入的全部限额",
        );
        let told = view! { <span class="mono break">{maker.to_string()}</span>{words} };
        facts.push(fact(language.pick("Made by the key", "由密钥创建"), told));
    }
    for secret in earlier {
        let (hint, until) = (secret.hint.clone(), secret.until);
        facts.insert(
            1,
            fact(
                language.pick("Earlier secret", "之前的密钥值"),
                view! { <code>{hint}</code>" "<span class="muted">{language.pick("works until ", "有效至 ")}<Time at=until/></span> },
            ),
        );
    }
    view! { <Panel title=language.pick("About", "概况") id="about" body=true><Facts of=facts/></Panel> }
}

/// How long an old secret goes on, in words.
const fn overlap_in_words(overlap: Overlap, language: Language) -> &'static str {
    match overlap {
        Overlap::None => language.pick("End it at once", "立即失效"),
        Overlap::Hour => language.pick("For an hour", "保留 1 小时"),
        Overlap::Day => language.pick("For 24 hours", "保留 24 小时"),
        Overlap::Week => language.pick("For 7 days", "保留 7 天"),
    }
}

fn rotation(id: KeyId) -> impl IntoView {
    let language = use_language();
    let choices: Vec<_> = Overlap::ALL
        .into_iter()
        .map(|overlap| Choice::new(overlap.as_str(), overlap_in_words(overlap, language)))
        .collect();
    view! {
        <Panel title=language.pick("Rotate", "轮换") id="rotate" body=true>
            <Form action={form::action::<RotateKey>()}>
                <Hidden name="id" value=id.to_string()/>
                <p class="help">
                    {language.pick(
                        "A new secret takes the place of the present one and is shown once. The key stays the same: its rules, its limits, its calls.",
                        "新的密钥值会取代现有密钥值，并且只显示一次。权限、限额和调用记录保持不变。",
                    )}
                </p>
                <SelectField
                    name="overlap"
                    label=language.pick("The present secret works on", "现有密钥值")
                    choices=choices
                    value=Overlap::default().as_str()
                />
                <FormFoot submit=language.pick("Rotate key", "轮换密钥")/>
            </Form>
        </Panel>
    }
}

fn rules(gateway: &Gateway, key: &ApiKey, stands: KeyStanding) -> impl IntoView + use<> {
    let language = use_language();
    let grants = stands.may(OnKey::Grant);
    let seen = KeyTag::of(key).to_string();
    let holds = (stands.by() > Right::Owner).then(|| {
        let sentence = language.pick(
            "What you change here, or save as it is, only an admin can loosen again; its owner can tighten it.",
            "你在此更改或原样保存的限制，只有管理员可以放宽；密钥所有者只能进一步收紧。",
        );
        view! { <p class="help">{sentence}</p> }
    });
    let (id, name) = (key.id.to_string(), key.name.to_string());
    let (gateway, now) = (gateway.clone(), key.rules.clone());
    view! {
        <Panel title=language.pick("What it may do", "权限与范围") id="rules" body=true>
            <Form action={form::action::<SaveKey>()}>
                <Hidden name="id" value=id/>
                <Seen value=seen/>
                {holds}
                <TextField name="name" label=language.pick("Name", "名称") value=name autocomplete="off" max_length=80u32/>
                {fields::fields(&gateway, Some(&now), grants)}
                <FormFoot submit=language.pick("Save key", "保存密钥")/>
            </Form>
        </Panel>
    }
}

fn farewell(key: &ApiKey, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let id = key.id;
    let disabled = key.disabled_at.is_some();
    let switch = (key.state(now) != KeyState::Revoked).then(|| {
        let fields = vec![("id", id.to_string()), ("disabled", (!disabled).to_string())];
        view! {
            <PostButton action={form::action::<SwitchKey>()} fields=fields>
                {if disabled { language.pick("Enable key", "启用密钥") } else { language.pick("Disable key", "停用密钥") }}
            </PostButton>
        }
    });
    let revoke = (key.state(now) != KeyState::Revoked).then(|| revoke::button(key));
    view! {
        <Panel title=language.pick("Stop it", "停用与删除") id="stop" danger=true body=true>
            <div class="row between">
                <p class="measure">
                    {language.pick(
                        "A disabled key can be enabled again. A revoked one is refused for good, a deleted one is in no list any more. Calls stay.",
                        "停用的密钥可以重新启用；吊销后永久失效；删除后不再出现在列表中。调用记录会保留。",
                    )}
                </p>
                <div class="btn-row">
                    {switch}
                    {revoke}
                    <LinkButton href=format!("/keys/{id}/delete") class="btn-quiet btn-quiet-danger">{language.pick("Delete key", "删除密钥")}</LinkButton>
                </div>
            </div>
        </Panel>
    }
}
