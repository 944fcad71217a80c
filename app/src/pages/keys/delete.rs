//! `/keys/:id/delete`: what is lost and what stays, before a key is taken out of the lists; its name is typed.

use domain::{id::KeyId, refusal::Thing};
use leptos::prelude::*;

use super::{actions::DeleteKey, page_of};
use crate::{
    components::*,
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// Deletes a key, when its name is typed.
#[component]
pub fn DeleteKeyPage() -> impl IntoView {
    page(async move {
        let (holder, gateway, language) = (context::key_holder()?, context::gateway()?, use_language());
        let id = path_id::<KeyId>("id", Thing::Key)?;
        let key = gateway.keys().get(holder.viewer(), id).await?;
        let key = key.ok_or(context::missing(Thing::Key))?;
        let consequences = match language {
            Language::En => vec![
                "The next request with it is refused with 401, also with an earlier secret of it.".to_owned(),
                "It is in no list any more, and nothing brings it back.".to_owned(),
                "Its calls, and what they cost, stay in the log and the books.".to_owned(),
                "Disabling it instead can be undone.".to_owned(),
            ],
            Language::Zh => vec![
                "使用它（包括之前的密钥值）的下一个请求会被拒绝（401）。".to_owned(),
                "它不再出现在任何列表中，也无法恢复。".to_owned(),
                "其调用记录和费用会保留。".to_owned(),
                "也可以改为停用，停用可以撤销。".to_owned(),
            ],
        };
        let name = key.name.to_string();
        let heading = match language {
            Language::En => format!("Delete key “{name}”?"),
            Language::Zh => format!("删除密钥“{name}”？"),
        };
        let crumbs = vec![
            ("/keys".to_owned(), language.pick("API keys", "API 密钥").to_owned()),
            (page_of(id), name.clone()),
        ];
        Ok(view! {
            <Page title=heading.clone() place=Place::Keys narrow=true>
                <PageHead title=heading crumbs=crumbs/>
                <ConfirmForm
                    action={form::action::<DeleteKey>()}
                    id=id.to_string()
                    name=name
                    title=language.pick("This cannot be undone", "此操作无法撤销")
                    consequences=consequences
                    submit=language.pick("Delete key", "删除密钥")
                    cancel=page_of(id)
                />
            </Page>
        })
    })
}
