//! Where the person is signed in, and how to end it.

use domain::account::SessionView;
use leptos::prelude::*;

use super::actions::{EndAllSessions, EndOtherSessions, EndSession};
use crate::{
    components::{Badge, Icon, Panel, PostButton, Time, TimeStyle, Tone},
    form::action,
    text::{Language, use_language},
};

/// The list of sessions, this one first.
#[component]
pub(super) fn SessionsPanel(mut sessions: Vec<SessionView>) -> impl IntoView {
    let language = use_language();
    sessions.sort_by_key(|session| (!session.current, std::cmp::Reverse(session.last_seen_at)));
    let several = sessions.len() > 1;
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|session| view! { <Row session=session /> })
        .collect();
    let foot = view! {
        <div class="btn-row">
            {several.then(|| view! {
                <PostButton action={action::<EndOtherSessions>()} icon="out">{language.pick("Sign out everywhere else", "退出其他所有登录")}</PostButton>
            })}
            <PostButton action={action::<EndAllSessions>()} class="btn-quiet btn-quiet-danger">
                {language.pick("Sign out everywhere", "退出所有登录")}
            </PostButton>
        </div>
    };
    view! {
        <Panel
            title=language.pick("Where you are signed in", "登录位置")
            id="sessions"
            foot=foot.into_any()
        >
            <ul class="list">{rows}</ul>
        </Panel>
    }
}

#[component]
fn Row(session: SessionView) -> impl IntoView {
    let language = use_language();
    let name = browser(&session.agent, language);
    let icon = if session.agent.contains("Mobile") || session.agent.contains("Android") {
        "phone"
    } else {
        "laptop"
    };
    let end = if session.current {
        view! { <Badge tone=Tone::Good text=language.pick("this session", "当前会话") /> }.into_any()
    } else {
        let label = match language {
            Language::En => format!("Sign out {name}, {}", session.address),
            Language::Zh => format!("退出 {name}，{}", session.address),
        };
        view! {
            <PostButton action={action::<EndSession>()} fields=vec![("id", session.id.to_string())] class="btn-s" label=label>
                {language.pick("Sign out", "退出")}
            </PostButton>
        }
        .into_any()
    };
    view! {
        <li>
            <Icon name=icon />
            <div class="list-main">
                <span title=session.agent.clone()>{name}</span>
                <p class="list-note">
                    {session.address.clone()}
                    {language.pick(", since ", "，登录于 ")}
                    <Time at=session.created_at />
                    {language.pick(", last used ", "，上次使用 ")}
                    <Time at=session.last_seen_at style=TimeStyle::Ago />
                </p>
            </div>
            <div class="list-end">{end}</div>
        </li>
    }
}

/// The browser and the system out of a browser's own description, as far as it can be told.
fn browser(agent: &str, language: Language) -> String {
    let find = |signs: &[(&'static str, &'static str)]| {
        signs
            .iter()
            .find(|(sign, _)| agent.contains(sign))
            .map(|(_, name)| *name)
    };
    // Most browsers also claim to be an older one: the rarer sign comes first.
    let program = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system, language) {
        (Some(program), Some(system), Language::En) => format!("{program} on {system}"),
        (Some(program), Some(system), Language::Zh) => format!("{system} 上的 {program}"),
        (Some(one), None, _) | (None, Some(one), _) => one.to_owned(),
        (None, None, _) => language.pick("Unknown browser", "未知浏览器").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(browser(edge, Language::En), "Edge on Windows");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(phone, Language::Zh), "iPhone 上的 Safari");
        assert_eq!(browser("", Language::En), "Unknown browser");
    }
}
