//! The panels by which a project comes to an end: its payer stops, or it is archived. The project's page (`detail`) shows them.

use domain::id::ProjectId;
use leptos::prelude::*;

use super::{actions::WithdrawPayer, page_of};
use crate::{
    components::{LinkButton, Panel, PostButton},
    form,
    text::use_language,
};

/// For whoever pays: they may always stop.
pub fn withdrawal(id: ProjectId) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("You pay for it", "由你付费") id="withdraw" danger=true body=true>
            <div class="row between">
                <p class="measure">
                    {language.pick(
                        "You may stop at any time. Calls are refused from then on, until somebody else pays.",
                        "你可以随时停止付费。此后在有其他人付费之前，调用会被拒绝。",
                    )}
                </p>
                <PostButton
                    action={form::action::<WithdrawPayer>()}
                    fields=vec![("id", id.to_string())]
                    class="btn-quiet btn-quiet-danger"
                >
                    {language.pick("Stop paying", "停止付费")}
                </PostButton>
            </div>
        </Panel>
    }
}

/// The way to its end.
pub fn farewell(id: ProjectId) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Archive", "归档") id="archive" danger=true body=true>
            <div class="row between">
                <p class="measure">
                    {language.pick(
                        "Its keys are refused from then on. Its calls and what they cost stay.",
                        "归档后其密钥会被拒绝，调用记录和费用会保留。",
                    )}
                </p>
                <LinkButton href=format!("{}/archive", page_of(id)) class="btn-quiet btn-quiet-danger">{language.pick("Archive project", "归档项目")}</LinkButton>
            </div>
        </Panel>
    }
}
