//! The pages that ask for an address, to which a mail with a link goes: for a password that is lost (`reset`), and for an account
//! (`register`). Whoever asks gets the same answer.

use leptos::prelude::*;

use super::head::Head;
use crate::{
    components::{Banner, Form, GatePage, LinkButton, State, StateKind, SubmitButton, TextField, Tone},
    form::Query,
    text::use_language,
};

/// The whole page: the form, or that nobody can ask here, or (`?sent=…`) that a mail is on its way.
#[component]
pub fn AskingPage(
    /// The heading.
    title: &'static str,
    /// What comes of it.
    text: &'static str,
    /// Whether this hub sends such mail.
    works: bool,
    /// What to do where it sends none.
    shut: &'static str,
    /// What to look for once somebody asked, and what it means when nothing comes.
    sent: &'static str,
    /// `form::action::<TheFunction>()`; it gets `email`.
    action: &'static str,
    /// The browser's hint for the address.
    autocomplete: &'static str,
    /// What leads back to the sign-in page.
    back: &'static str,
) -> impl IntoView {
    let language = use_language();
    let is_sent = Query::current().get("sent").is_some();
    let way_back = view! { <p class="help"><a class="link" href="/sign-in">{back}</a></p> };
    let content = if is_sent {
        view! {
            <State kind=StateKind::Done level=1 title=language.pick("Look into your mailbox", "请查看邮箱") text=sent>
                <LinkButton href="/sign-in">{language.pick("To the sign-in page", "返回登录页")}</LinkButton>
            </State>
        }
        .into_any()
    } else if works {
        view! {
            <Head title=title text=text />
            <Form action=action class="form form-tight">
                <TextField name="email" kind="email" label=language.pick("E-mail", "邮箱") autocomplete=autocomplete max_length=254_u32 focus=true />
                <SubmitButton class="btn-primary btn-wide">{language.pick("Send the link", "发送链接")}</SubmitButton>
            </Form>
            {way_back}
        }
        .into_any()
    } else {
        view! {
            <Head title=title />
            <Banner tone=Tone::Warning>{shut}</Banner>
            {way_back}
        }
        .into_any()
    };
    view! { <GatePage title=title wide=is_sent>{content}</GatePage> }
}
