//! Where a call that was refused for want of money is mended: the credit of whoever pays, or the price of the model.

use domain::{
    access::{Capability, Viewer},
    call::Call,
    id::ProjectId,
};
use gateway::Gateway;

use crate::pages::{credits::Whose, prices::model};

/// The page for this viewer; none where they can do nothing, or it was not refused for that.
pub fn remedy(gateway: &Gateway, viewer: &Viewer, call: &Call) -> Option<String> {
    let failure = call.failure.as_ref()?;
    match failure.code.as_str() {
        "insufficient_credits" | "account_blocked" | "account_out_of_service" => payer(viewer, call),
        "model_unpriced" if viewer.may(Capability::KeepMoney) => {
            let name = call.model_served.as_deref().unwrap_or(&call.model_asked);
            let snapshot = gateway.snapshot();
            Some(model::page_of(snapshot.resolve(name)?.model))
        }
        _ => None,
    }
}

/// Their own credit, else that of the account for whoever reads what concerns money, else the project, which says who pays.
fn payer(viewer: &Viewer, call: &Call) -> Option<String> {
    let payer = call.payer();
    if payer == viewer.id {
        return Some(Whose::mine(viewer).path());
    }
    if viewer.may(Capability::ReadMoney) {
        return Some(Whose::of(payer).path());
    }
    let project = call.project_id?;
    (project != ProjectId::personal_of(payer)).then(|| format!("/projects/{project}"))
}
