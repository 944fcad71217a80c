//! `/prices/:id`: the price of one model: the form for the next version, and the history.

use std::collections::HashMap;

use domain::{
    access::{Capability, MoneyReader},
    catalog::Abilities,
    id::{ModelId, PriceId},
    page::{Cursor, PageSize},
    price::{ModelPrice, Past, Recorded, Shape, VersionState},
    refusal::Thing,
};
use gateway::{Gateway, PricesOf};
use leptos::prelude::*;

use super::{
    Standing,
    actions::PublishPrice,
    context_size::ContextSize,
    history::{History, Told},
    typed::{MODEL, Typed, soon},
};
use crate::{
    components::{
        Banner, Form, Hidden, LimitsPanel, Page, PageHead, Panel, Place, TextField, Tone, page, time::moment,
    },
    context,
    error::AppError,
    form::{self, FormScope, Query, path_id},
    islands::price::{PriceForm, reading::Reading},
    text::{Language, use_language},
};

/// The page of one model's price.
#[must_use]
pub fn page_of(id: ModelId) -> String {
    format!("/prices/{id}")
}

/// The form and the history; of a model that is gone, the history alone.
#[component]
pub fn ModelPricePage() -> impl IntoView {
    page(async move {
        let reader = context::money_reader()?;
        let id = path_id::<ModelId>("id", Thing::Model)?;
        let (gateway, query) = (context::gateway()?, Query::current());
        let cursor = match (query.parsed("before"), query.parsed("after")) {
            (Some(id), _) => Cursor::Before(id),
            (None, Some(id)) => Cursor::After(id),
            (None, None) => Cursor::Newest,
        };
        let (prices, of, size) = (gateway.prices(), PricesOf::Model(id), PageSize::nearest(25));
        let entry = prices.of_model(&reader, id).await?;
        let versions = prices.history(&reader, of, cursor, size).await?;
        let replaced = prices.replaced(&reader, id, &versions.rows).await?;
        let states = prices.states(&reader, &versions.rows).await?;
        let name = match (&entry, versions.rows.first()) {
            (Some(entry), _) => entry.model.public_name(),
            (None, Some(Ok(version))) => version.model.clone(),
            (None, Some(Err(damaged))) => damaged.model.clone(),
            (None, None) => return Err(context::missing(Thing::Model)),
        };
        let limits = gateway.limits().of(&context::viewer()?, id.into()).await.ok();
        let language = use_language();
        let crumbs = vec![("/prices".to_owned(), language.pick("Prices", "价格").to_owned())];
        let damaged = entry.as_ref().is_some_and(|entry| entry.damaged.is_some()).then(|| {
            view! {
                <Banner tone=Tone::Bad>
                    {language.pick(
                        "The version that should be in force is not as the hub has published it: somebody has changed it in the database. The model has no price until another version is published.",
                        "应当生效的版本与 Hub 发布时不一致：有人在数据库中改动了它。发布新版本之前，此模型没有价格。",
                    )}
                </Banner>
            }
        });
        let standing = entry.clone().map(|entry| view! { <Standing entry=entry /> }.into_any());
        let context_size = entry
            .as_ref()
            .filter(|_| context::may(Capability::Administer))
            .map(|entry| view! { <ContextSize model=entry.model.clone() /> });
        let form = match entry {
            Some(entry) if context::may(Capability::KeepMoney) => {
                let typed = Typed::current(&entry);
                let past = past(&gateway, &reader, id, &typed).await?;
                view! { <Next entry=entry typed=typed past=past /> }.into_any()
            }
            Some(_) => ().into_any(),
            None => view! {
                <Banner>{language.pick("This model is gone. Its prices stay, as they prove what its calls were charged.", "此模型已不存在。价格会保留，用于核对其调用的计费。")}</Banner>
            }
            .into_any(),
        };
        let title = match language {
            Language::En => format!("Price of {name}"),
            Language::Zh => format!("{name} 的价格"),
        };
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Prices narrow=true>
                <PageHead title=name crumbs=crumbs beside=standing.unwrap_or_else(|| ().into_any()) />
                {damaged}
                {form}
                <History
                    versions=told(versions.rows, replaced, &states)
                    path=page_of(id)
                    newer=versions.newer
                    older=versions.older
                />
                {context_size}
                {limits.map(|limits| view! { <LimitsPanel of=limits /> })}
            </Page>
        })
    })
}

/// Each version with its state and the sheet that it has replaced. One that is damaged was no price.
fn told(
    versions: Vec<Recorded>,
    mut replaced: HashMap<PriceId, Recorded>,
    states: &HashMap<PriceId, VersionState>,
) -> Vec<Told> {
    let with = |version: Recorded| {
        let id = version.as_ref().map_or_else(|damaged| damaged.id, |version| version.id);
        let before = replaced.remove(&id).and_then(Result::ok);
        Told {
            before: before.map(|before| before.sheet),
            state: states.get(&id).copied().unwrap_or(VersionState::Gone),
            version,
        }
    };
    versions.into_iter().map(with).collect()
}

/// What was used within the last days, where what was typed is shown with what it comes to; elsewhere the form asks when somebody types.
async fn past(
    gateway: &Gateway,
    reader: &MoneyReader,
    model: ModelId,
    typed: &Typed,
) -> Result<Option<Past>, AppError> {
    let sheet = Reading::of(&typed.fields).sheet.filter(|_| typed.seen);
    Ok(match sheet {
        Some(sheet) => Some(gateway.prices().past(reader, model, Shape::of(&sheet)).await?),
        None => None,
    })
}

/// The form for the next version.
#[component]
fn Next(entry: ModelPrice, typed: Typed, #[prop(optional_no_strip)] past: Option<Past>) -> impl IntoView {
    let language = use_language();
    // Not one that is about to take effect: that is what was published just now.
    let scheduled = soon().and_then(|soon| entry.replaced_after(soon)).map(|at| {
        let at = moment(at, language);
        match language {
            Language::En => format!(
                "Another price takes effect at {at}; it stands in the history. What is published here for an earlier moment holds only until then."
            ),
            Language::Zh => format!("另一个价格将于 {at} 生效，见下方历史。在此发布的更早生效的价格仅有效至该时刻。"),
        }
    });
    let preview = typed.preview.then(|| {
        view! {
            <Banner tone=Tone::Warning>
                {language.pick("Nothing is published yet. Check what the prices come to, then publish.", "尚未发布。请核对计算出的价格，然后发布。")}
            </Banner>
        }
    });
    let draws = Abilities::of(entry.model.kind, entry.model.slug.as_str()).may_draw();
    let publish = language.pick("Publish price", "发布价格");
    let button = if typed.seen {
        publish.into_any()
    } else {
        view! {
            <span class="script-only">{publish}</span>
            <span class="noscript-only">{language.pick("Preview price", "预览价格")}</span>
        }
        .into_any()
    };
    view! {
        <Panel title=language.pick("Price", "价格") id="price" note=language.pick("The next version, whole: what stays empty has no price in it.", "下一个完整版本：留空表示没有该项价格。")>
            <div class="panel-body form">
                {preview}
                {scheduled.map(|sentence| view! { <Banner>{sentence}</Banner> })}
                <Form action={form::action::<PublishPrice>()} part=entry.model.id.to_string()>
                    <Hidden name=MODEL value=entry.model.id.to_string() />
                    <Hidden name="base" value=typed.base.clone() />
                    <PriceForm fields=typed.fields.clone() seen=typed.seen confirmed=typed.confirmed model=entry.model.id.to_string() slug=entry.model.slug.to_string() draws=draws past=past language=language />
                    <Moment value=typed.from.clone() />
                    <div class="form-grid">
                        <TextField name="reason" label=language.pick("Reason", "原因") value=typed.reason.clone() optional=true autocomplete="off" max_length=500_u32 />
                        <TextField name="source" label=language.pick("Source of the cost", "成本来源") value=typed.source.clone() optional=true autocomplete="off" max_length=500_u32 placeholder=language.pick("such as the address of a price list", "例如价目表的地址") />
                    </div>
                    <div class="form-foot">
                        <button class="btn btn-primary" type="submit">{button}</button>
                        <a class="btn" href="/prices">{language.pick("Cancel", "取消")}</a>
                    </div>
                </Form>
            </div>
        </Panel>
    }
}

/// From when; empty means as soon as possible.
#[component]
fn Moment(value: String) -> impl IntoView {
    let language = use_language();
    let scope = FormScope::current();
    let (id, error) = (scope.id("from"), scope.error("from"));
    let described = if error.is_some() {
        format!("{id}-error {id}-hint")
    } else {
        format!("{id}-hint")
    };
    view! {
        <div class="field">
            <label class="label" for=id.clone()>
                {language.pick("In force from, UTC", "生效时间（UTC）")}" "<span class="optional">{language.pick("optional", "选填")}</span>
            </label>
            <input class="input rates-moment" type="datetime-local" step="1" id=id.clone() name="from" value=value aria-invalid=error.is_some().then_some("true") aria-describedby=described />
            <p class="help" id=format!("{id}-hint")>
                {language.pick(
                    "Empty: now. A first price acts at once, another one seconds after it is published, so that every server has it.",
                    "留空表示现在：首个价格立即生效，之后的价格在发布数秒后生效，以便所有服务器同步。",
                )}
            </p>
            {error.map(|error| view! { <p class="error" id=format!("{id}-error")>{error}</p> })}
        </div>
    }
}
