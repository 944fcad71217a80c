//! The panel with a person's keys on their page. Making keys is their own business; an admin may revoke them.

use domain::{
    access::Capability,
    id::UserId,
    key::{ApiKey, KeyState},
    time::Timestamp,
};
use leptos::prelude::*;

use super::actions::{RevokeUserKey, page_of};
use crate::{
    components::{Column, Nothing, Panel, PostButton, Table, Time, TimeStyle},
    context, form,
    pages::keys::{paged::Paged, standing},
    text::{Language, use_language},
};

/// The keys of one person, newest first.
#[component]
pub fn UserKeys(
    /// Whose.
    user: UserId,
    /// A page of them, revoked ones too.
    keys: Paged,
    /// The present moment.
    now: Timestamp,
) -> impl IntoView {
    let language = use_language();
    let foot = keys.foot(&page_of(user));
    let content = if keys.rows().is_empty() {
        view! {
            <Nothing
                title=language.pick("No keys", "没有密钥")
                text=language.pick("They make their own under API keys.", "用户可在“API 密钥”中自行创建。")
            />
        }
        .into_any()
    } else {
        let mut columns = vec![
            Column::new(language.pick("Key", "密钥")),
            Column::new(language.pick("State", "状态")),
            Column::new(language.pick("Last used", "上次使用")).leaves(2),
            Column::new(language.pick("Created, UTC", "创建时间（UTC）")).leaves(3),
        ];
        if context::may(Capability::Administer) {
            columns.push(Column::actions(language.pick("Actions", "操作")));
        }
        let rows: Vec<_> = keys
            .into_rows()
            .map(|key| view! { <Row user=user key_row=key now=now /> })
            .collect();
        view! { <Table columns=columns>{rows}</Table>{foot} }.into_any()
    };
    view! { <Panel title=language.pick("API keys", "API 密钥") id="keys">{content}</Panel> }
}

#[component]
fn Row(user: UserId, key_row: ApiKey, now: Timestamp) -> impl IntoView {
    let language = use_language();
    let name = key_row.name.to_string();
    let used = match key_row.last_used_at {
        Some(at) => view! { <Time at=at style=TimeStyle::Ago /> }.into_any(),
        None => view! { <span class="muted">{language.pick("never", "从未")}</span> }.into_any(),
    };
    let revoke = key_row.revoked_at.is_none().then(|| {
        let label = match language {
            Language::En => format!("Revoke key {name}"),
            Language::Zh => format!("吊销密钥 {name}"),
        };
        let fields = vec![("user", user.to_string()), ("key", key_row.id.to_string())];
        view! {
            <PostButton action={form::action::<RevokeUserKey>()} fields=fields class="btn-s btn-quiet btn-quiet-danger" label=label>
                {language.pick("Revoke key", "吊销密钥")}
            </PostButton>
        }
    });
    view! {
        <tr class=(key_row.state(now) != KeyState::Active).then_some("is-off")>
            <td class="cell-lead two-line">
                <a class="row-link cell-main" href=format!("/calls?key={}", key_row.id)>{name.clone()}</a>
                <small class="mono">{key_row.hint.clone()}</small>
            </td>
            <td class="cell-end">{standing(&key_row, now)}</td>
            <td class="col-2" data-label=language.pick("Last used", "上次使用")>{used}</td>
            <td class="col-3"><Time at=key_row.created_at style=TimeStyle::Short /></td>
            {context::may(Capability::Administer).then(|| view! { <td class="cell-actions"><div class="btn-row">{revoke}</div></td> })}
        </tr>
    }
}
