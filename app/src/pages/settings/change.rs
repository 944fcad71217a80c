//! `/settings/change/{name}`: one setting. First the new value is asked for, by an address that can be shared; with it the page
//! shows before and after and what that means, and only its button changes anything.

use domain::{
    refusal::Thing,
    setting::{InvalidSetting, Setting},
};
use gateway::Gateway;
use leptos::{context::Provider, prelude::*};

use super::{
    PATH,
    actions::SaveSetting,
    meaning::{self, Standing},
    words,
};
use crate::{
    components::*,
    context,
    error::{AppError, MoneyProblem},
    form::{FormScope, Query, encode, path_id},
    text::use_language,
};

/// The page that shows what this value would change.
pub(super) fn preview(name: &str, value: &str) -> String {
    format!("{PATH}/change/{}?to={}", encode(name), encode(value))
}

/// The page.
#[component]
pub fn ChangeSettingPage() -> impl IntoView {
    page(async move {
        let money = context::money()?;
        let setting: Setting = path_id("name", Thing::Page)?;
        if !setting.concerns_money() {
            context::admin()?;
        }
        let (gateway, language) = (context::gateway()?, use_language());
        let now = gateway.options().get(&money.reader(), setting).await?;
        let typed = Query::current().get("to");
        let wanted = typed.as_deref().map(|typed| setting.read(typed));
        let body = match wanted {
            Some(Ok(to)) if to != now => {
                let meaning = meaning::sentences(setting, &to, standing(&gateway), language);
                view! { <Preview setting=setting now=now to=to meaning=meaning/> }.into_any()
            }
            wanted => {
                let problem = wanted.and_then(Result::err);
                let same = typed.is_some() && problem.is_none();
                view! { <Ask setting=setting value=typed.unwrap_or(now) problem=problem same=same/> }.into_any()
            }
        };
        let title = words::title(setting, language);
        let crumbs = vec![(PATH.to_owned(), language.pick("Settings", "设置").to_owned())];
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Settings narrow=true>
                <PageHead title=title sub=words::about(setting, language) crumbs=crumbs/>
                {body}
            </Page>
        })
    })
}

/// What changes are seen against.
fn standing(gateway: &Gateway) -> Standing {
    let (snapshot, now) = (gateway.snapshot(), gateway.now());
    let unpriced = |model: &&gateway::VisibleModel| {
        let price = snapshot.price_at(model.id, now);
        price.is_none_or(|price| !price.sheet.lacking(&model.abilities, &model.slug).is_empty())
    };
    Standing {
        unpriced: snapshot.models().filter(unpriced).count(),
        models: snapshot.models().count(),
    }
}

/// Asks for the value.
#[component]
fn Ask(
    setting: Setting,
    value: String,
    /// Why the value that was asked for cannot be.
    problem: Option<InvalidSetting>,
    /// It has that value already.
    same: bool,
) -> impl IntoView {
    let language = use_language();
    let title = language.pick("New value", "新值");
    let scope = FormScope::finding(
        "setting",
        "to",
        problem.map(|problem| MoneyProblem::Setting(problem).into()),
    );
    let field = move || match words::choices(setting, language) {
        Some(choices) => {
            let three = choices.len() == 3;
            view! { <ChoiceField name="to" label=title choices=choices value=value three=three/> }.into_any()
        }
        None => {
            view! { <TextField name="to" label=title value=value short=true autocomplete="off" focus=true/> }.into_any()
        }
    };
    let same = same.then(|| {
        let sentence = language.pick(
            "It has this value already: there is nothing to change.",
            "已经是这个值，无需更改。",
        );
        view! { <p class="banner" role="status"><Icon name="ok"/><span>{sentence}</span></p> }
    });
    view! {
        <Panel title=language.pick("Choose the value", "选择取值") id="value" body=true>
            <form class="form form-tight" method="get" action=format!("{PATH}/change/{}", setting.as_str())>
                {same}
                <Provider value=scope>{field()}</Provider>
                <FormFoot submit=language.pick("Look at the change", "预览更改") cancel=PATH/>
            </form>
        </Panel>
    }
}

/// Before and after, what it means, and the button.
#[component]
fn Preview(setting: Setting, now: String, to: String, meaning: Vec<String>) -> impl IntoView {
    let language = use_language();
    let (before, after) = (language.pick("Before", "更改前"), language.pick("After", "更改后"));
    let sentences: Vec<_> = meaning
        .into_iter()
        .map(|sentence| view! { <li>{sentence}</li> })
        .collect();
    let again = format!("{PATH}/change/{}", setting.as_str());
    view! {
        <Panel title=language.pick("This will change", "将要更改") id="change" body=true>
            <table class="diff">
                <thead><tr>
                    <th scope="col">{language.pick("Setting", "设置")}</th>
                    <th scope="col">{before}</th>
                    <th scope="col">{after}</th>
                </tr></thead>
                <tbody><tr>
                    <th scope="row">{words::title(setting, language)}</th>
                    <td data-label=before><del>{words::value(setting, &now, language)}</del></td>
                    <td data-label=after><ins>{words::value(setting, &to, language)}</ins></td>
                </tr></tbody>
            </table>
            <h3 class="setting-means">{language.pick("What it means", "这意味着")}</h3>
            <ul class="consequences">{sentences}</ul>
            <Form action={crate::form::action::<SaveSetting>()}>
                <Hidden name="name" value=setting.as_str()/>
                <Hidden name="value" value=to/>
                <Hidden name="was" value=now/>
                <FormFoot submit=language.pick("Change it", "确认更改") cancel=PATH>
                    <a class="btn btn-quiet" href=again>{language.pick("Another value", "换一个值")}</a>
                </FormFoot>
            </Form>
        </Panel>
    }
}
