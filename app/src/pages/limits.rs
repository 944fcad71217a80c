//! `/limits/:kind/:id`: the limits of one thing as they stand; who may change them adds, changes and removes them here.

mod actions;

use domain::{
    limit::{Limit, Measure, Span, Standing, Subject, SubjectKind, Window},
    refusal::Thing,
};
use leptos::prelude::*;

use crate::{
    components::{
        CheckField, Choice, Form, FormFoot, Hidden, LimitsTable, Page, PageHead, Panel, Place, PostButton, Seen,
        SelectField, SubmitButton, TextField, limits::words, page,
    },
    context,
    form::{self, path_id},
    text::{Language, use_language},
};
use actions::{RemoveLimit, SetLimit};

/// The page.
#[component]
pub fn LimitsPage() -> impl IntoView {
    page(async move {
        let viewer = context::viewer()?;
        let subject = path_id::<Subject>("id", Thing::Limit)?;
        let of = context::gateway()?.limits().of(&viewer, subject).await?;
        let language = use_language();
        // What the limits are on, by its name: not every project is one that people know as such.
        let home = match subject.kind {
            SubjectKind::Model => language.pick("Models", "模型").to_owned(),
            SubjectKind::Key | SubjectKind::Project | SubjectKind::User | SubjectKind::Provider => of.name.clone(),
        };
        let title = match language {
            Language::En => format!("Limits of {}", of.name),
            Language::Zh => format!("{} 的限额", of.name),
        };
        let crumbs = vec![(home_of(subject), home)];
        let forms = of.changeable.then(|| {
            let rows: Vec<_> = of
                .standings
                .iter()
                .map(|standing| view! { <ChangeRow standing=*standing held=of.held.contains(&standing.limit.id) /> })
                .collect();
            view! {
                {(!rows.is_empty()).then(|| view! {
                    <Panel title=language.pick("Change", "更改") id="change"><ul class="list" role="list">{rows}</ul></Panel>
                })}
                <AddPanel subject=subject seen=seen_of(&of.standings) />
            }
        });
        Ok(view! {
            <Page title=title.clone() place=place_of(subject)>
                <PageHead title=title crumbs=crumbs />
                <Panel title=language.pick("Limits", "限额") id="limits"><LimitsTable of=of.clone() /></Panel>
                {forms}
            </Page>
        })
    })
}

/// The page of what the limits are on, or the list that it stands in.
fn home_of(subject: Subject) -> String {
    use domain::limit::SubjectKind::{Key, Model, Project, Provider, User};
    match subject.kind {
        Key => format!("/keys/{subject}"),
        Project => format!("/projects/{subject}"),
        User => format!("/users/{subject}"),
        Model => "/models".to_owned(),
        Provider => format!("/providers/{subject}"),
    }
}

const fn place_of(subject: Subject) -> Place {
    use domain::limit::SubjectKind::{Key, Model, Project, Provider, User};
    match subject.kind {
        Key => Place::Keys,
        Project => Place::Projects,
        User => Place::Users,
        Model => Place::Models,
        Provider => Place::Providers,
    }
}

/// How much one limit allows, and the way to be rid of it; one that somebody with more right has set is only lowered.
#[component]
fn ChangeRow(standing: Standing, held: bool) -> impl IntoView {
    let language = use_language();
    let hint = held.then(|| {
        language.pick(
            "An admin has set this limit: it can be lowered here, and neither raised nor removed.",
            "这个限额由管理员设定：在此只能调低，不能调高或移除。",
        )
    });
    let limit = standing.limit;
    let seen = seen_of(&[standing]);
    let shown = seen.clone();
    let (kind, span) = limit.window.words();
    let name = words::limit(&limit, language);
    let remove = match language {
        Language::En => format!("Remove limit: {name}"),
        Language::Zh => format!("移除限额：{name}"),
    };
    view! {
        <li class="limit-change">
            <Form action={form::action::<SetLimit>()} part=limit.id.to_string() class="limit-form">
                <Hidden name="subject" value=limit.subject.to_string() />
                <Hidden name="measure" value=limit.measure.as_str() />
                <Hidden name="window" value=if span.is_empty() { kind } else { span } />
                {matches!(limit.window, Window::Rolling(_)).then(|| view! { <Hidden name="rolling" value="true" /> })}
                <Hidden name="part" value=limit.id.to_string() />
                <Seen value=shown />
                <TextField name="most" label=name value=typed(&limit) short=true mono=true autocomplete="off" />
                {hint.map(|hint| view! { <p class="help">{hint}</p> })}
                <SubmitButton class="">{language.pick("Save limit", "保存限额")}</SubmitButton>
            </Form>
            {(!held).then(|| view! {
                <PostButton
                    action={form::action::<RemoveLimit>()}
                    fields=vec![("id", limit.id.to_string()), ("subject", limit.subject.to_string()), ("seen", seen)]
                    class="btn-quiet btn-quiet-danger"
                    icon="trash"
                    label=remove
                >
                    {language.pick("Remove", "移除")}
                </PostButton>
            })}
        </li>
    }
}

/// What the page shows of limits, for the forms that change them.
fn seen_of(standings: &[Standing]) -> String {
    let limits: Vec<Limit> = standings.iter().map(|standing| standing.limit).collect();
    serde_json::to_string(&limits).unwrap_or_default()
}

/// As it is typed into the field.
fn typed(limit: &Limit) -> String {
    limit.told(limit.most)
}

/// A form for one more.
#[component]
fn AddPanel(subject: Subject, seen: String) -> impl IntoView {
    let language = use_language();
    let measures = Measure::ALL
        .into_iter()
        .filter(|measure| *measure != Measure::Spend || subject.kind.is_of_the_caller())
        .map(|measure| Choice::new(measure.as_str(), words::measure(measure, language)))
        .collect();
    let spend = subject.kind.is_of_the_caller();
    let spans = Span::ALL
        .into_iter()
        .filter(|span| spend || !matches!(span, Span::Week | Span::Month));
    let mut windows: Vec<Choice> = spans
        .map(|span| match language {
            Language::En => Choice::new(span.as_str(), format!("per {}", words::span(span, language))),
            Language::Zh => Choice::new(span.as_str(), format!("每{}", words::span(span, language))),
        })
        .collect();
    if spend {
        windows.push(Choice::new("ever", language.pick("in total", "总计")));
    }
    windows.push(Choice::new("running", language.pick("at the same time", "同时")));
    let hint = language.pick(
        "A whole number, or credits such as 12.50 for spend. Zero refuses every call.",
        "整数；消费填写金额，例如 12.50。0 会拒绝所有调用。",
    );
    let rolls = language.pick(
        "Counts back from each moment, instead of from the beginning of the minute, day or month.",
        "从每一刻往回计算，而不是从每分钟、每天或每月的开始计算。",
    );
    view! {
        <Panel title=language.pick("Add a limit", "添加限额") id="add" body=true>
            <Form action={form::action::<SetLimit>()}>
                <Hidden name="subject" value=subject.to_string() />
                <Seen value=seen />
                <div class="form-grid">
                    <SelectField name="measure" label=language.pick("What is limited", "限制内容") choices=measures value="requests" />
                    <SelectField name="window" label=language.pick("Window", "时间窗口") choices=windows value="minute" />
                    <TextField name="most" label=language.pick("At most", "上限") hint=hint short=true mono=true autocomplete="off" />
                </div>
                <CheckField name="rolling" label=language.pick("Rolling window", "滚动窗口") hint=rolls />
                <FormFoot submit=language.pick("Add limit", "添加限额") />
            </Form>
        </Panel>
    }
}
