//! Approving a program that asks for a key, as `aigne hub connect` does: who asks, from where, and two buttons. The address
//! comes from `server::aigne::connect`, which leads the browser here.
//!
//! Whoever started the program gets the key, so the page says from where it was started, and warns where that is not the
//! network of the person who looks.

mod actions;

use domain::refusal::{Refusal, Thing};
use gateway::AskedFor;
use leptos::prelude::*;

use crate::{
    components::*,
    context,
    error::AppError,
    form::{self, Query},
    text::{Language, use_language},
};

use actions::{ApproveConnection, DenyConnection};

/// The longest name that a program is believed to have.
const SOURCE_LENGTH: usize = 80;

/// `/connect?token=…&source=…`, and `/connect?done=…` afterwards.
#[component]
pub fn ConnectPage() -> impl IntoView {
    page(async move {
        let (holder, language, query) = (context::key_holder()?, use_language(), Query::current());
        let title = language.pick("Connect a program", "连接程序");
        let content = match query.get("done").as_deref() {
            Some("approved") => approved().into_any(),
            Some("denied") => denied().into_any(),
            _ => {
                let (token, source) = (
                    query.get("token").unwrap_or_default(),
                    plain(&query.get("source").unwrap_or_default()),
                );
                let address = context::address()?;
                let asked = context::gateway()?
                    .connections()
                    .asked_for(&holder, address.origin(), &token)
                    .await
                    .map_err(AppError::from);
                match asked {
                    Ok(asked) => ask(&asked, holder.viewer().email.as_str(), &token, &source).into_any(),
                    Err(error) if is_over(&error) => over(&error).into_any(),
                    Err(error) => return Err(error),
                }
            }
        };
        Ok(view! {
            <Page title=title place=Place::Keys narrow=true>
                <PageHead title=title/>
                {content}
            </Page>
        })
    })
}

/// What a program calls itself, as a name may be.
pub(super) fn plain(source: &str) -> String {
    let letters = source.chars().filter(|letter| !letter.is_control());
    let text: String = letters.take(SOURCE_LENGTH).collect();
    text.trim().to_owned()
}

const fn is_over(error: &AppError) -> bool {
    matches!(
        error,
        AppError::Refused(Refusal::NotFound {
            what: Thing::Connection
        })
    )
}

fn ask(asked: &AskedFor, email: &str, token: &str, source: &str) -> impl IntoView + use<> {
    let language = use_language();
    let name = if source.is_empty() {
        language.pick("a program", "一个程序").to_owned()
    } else {
        source.to_owned()
    };
    let heading = match language {
        Language::En => format!("“{name}” asks for a key of yours"),
        Language::Zh => format!("“{name}”请求获得你的密钥"),
    };
    let facts = vec![
        fact(
            language.pick("Program", "程序"),
            view! { <code>{asked.agent.clone()}</code> },
        ),
        fact(
            language.pick("Started from", "发起地址"),
            view! { <code>{asked.network.clone()}</code> },
        ),
        fact(
            language.pick("Started", "发起时间"),
            view! { <Time at=asked.at style=TimeStyle::Ago/> },
        ),
        fact(
            language.pick("Waits until", "有效期至"),
            view! { <Time at=asked.until/> },
        ),
        fact(language.pick("You are", "当前用户"), email.to_owned()),
    ];
    let elsewhere = (!asked.same_network).then(|| {
        view! {
            <Banner tone=Tone::Warning>
                {language.pick(
                    "It was started from another network than the one you are in. Unless you have started it there yourself, deny it: somebody else would get the key.",
                    "它是从另一个网络发起的。除非是你自己在那里发起的，否则请拒绝：密钥会交给别人。",
                )}
            </Banner>
        }
    });
    // Each form owns what goes along with it.
    let which = || (token.to_owned(), source.to_owned());
    let ((token, source), (again, source_again)) = (which(), which());
    let key_name = if source.is_empty() {
        "AIGNE CLI".to_owned()
    } else {
        source.to_owned()
    };
    view! {
        {elsewhere}
        <section class="panel" aria-labelledby="ask-title">
            <header class="panel-head"><h2 id="ask-title">{heading}</h2></header>
            <div class="panel-body stack">
                <Facts of=facts/>
                <ul class="consequences">
                    <li>{language.pick("Approve only what you have started yourself a moment ago.", "只批准你刚刚亲自发起的请求。")}</li>
                    <li>{language.pick("It gets an API key that acts for you: it may call every enabled model and spends your credit.", "它会得到一个代表你的 API 密钥：可以调用所有已启用的模型，并使用你的额度。")}</li>
                    <li>{language.pick("The key stands in your list of API keys, where you can revoke it.", "该密钥会出现在你的 API 密钥列表中，你可以随时吊销。")}</li>
                </ul>
                <Form action={form::action::<ApproveConnection>()}>
                    <Hidden name="token" value=token/>
                    <Hidden name="source" value=source/>
                    <TextField
                        name="name"
                        label=language.pick("Name of the key", "密钥名称")
                        value=key_name
                        autocomplete="off"
                        max_length=80u32
                    />
                    <FormFoot submit=language.pick("Approve", "批准")/>
                </Form>
            </div>
            <footer class="panel-foot">
                <PostButton
                    action={form::action::<DenyConnection>()}
                    fields=vec![("token", again), ("source", source_again)]
                    class="btn-quiet btn-quiet-danger"
                >
                    {language.pick("Deny", "拒绝")}
                </PostButton>
                <span>{language.pick("Not you? The program gets no key.", "不是你发起的？拒绝后程序不会得到密钥。")}</span>
            </footer>
        </section>
    }
}

fn approved() -> impl IntoView {
    let language = use_language();
    ended(
        StateKind::Done,
        language.pick("Approved", "已批准"),
        language.pick(
            "Go back to the program: it fetches its key by itself within a few seconds. You may close this page.",
            "请回到程序中：它会在几秒内自动获取密钥。你可以关闭此页面。",
        ),
    )
}

fn denied() -> impl IntoView {
    let language = use_language();
    ended(
        StateKind::Done,
        language.pick("Denied", "已拒绝"),
        language.pick(
            "The program got no key. You may close this page.",
            "程序没有得到密钥。你可以关闭此页面。",
        ),
    )
}

fn over(error: &AppError) -> impl IntoView + use<> {
    let language = use_language();
    ended(
        StateKind::NoMatch,
        language.pick("There is nothing to approve", "没有需要批准的请求"),
        error.sentence(language),
    )
}

fn ended(kind: StateKind, title: &'static str, text: impl Into<String>) -> impl IntoView {
    let (language, text) = (use_language(), text.into());
    view! {
        <section class="panel" aria-label=title>
            <State kind=kind title=title text=text>
                <LinkButton href="/keys">{language.pick("Your API keys", "你的 API 密钥")}</LinkButton>
            </State>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_source_is_one_short_line() {
        assert_eq!(plain(" @aigne/cli\r\nconnect "), "@aigne/cliconnect");
        assert_eq!(plain(&"x".repeat(200)).len(), 80);
    }
}
