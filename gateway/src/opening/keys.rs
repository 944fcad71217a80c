//! The hub's own keys at the start. They are made once: all of them when the database is new, and each that a later version brought by
//! its first start. One that is gone after that was deleted, and another in its place would take for true whatever lies in the
//! database by then; so the hub does not open.
//!
//! What tells that a key was there can not be forged or taken away without another key: later ones of the same row, what was written
//! with it, and, once all are there, the wrapping of the ledger's key ([`bind`]). Not told apart from a database from before is one
//! where that row was put back as it was then, from a copy, together with everything else that tells of it.

use domain::access::Actor;

use crate::{
    OpenError,
    clock::HubClock,
    ids::IdSource,
    secrets::{AUDIT, AuditSeal, HubKeys, LABELS, LEDGER, MasterKey, PRICE, PriceSeal, SealError},
    store::{self, Change, Store, StoreError, Tx},
};

/// Opens them; makes those that never were.
pub(super) async fn open(store: &Store, master: &MasterKey, clock: &HubClock) -> Result<HubKeys, OpenError> {
    // One state: another process may be about to make them.
    let mut tx = store.begin_read().await?;
    let mut wrapped = store::hub_keys::all_in(&mut tx).await?;
    let missing: Vec<&'static str> = LABELS.into_iter().filter(|label| !has(&wrapped, label)).collect();
    if !missing.is_empty() {
        // A key that is made later must be wrapped by the same master key as those before it.
        if wrapped.iter().any(|stored| !HubKeys::opens(master, stored)) {
            return Err(OpenError::WrongMasterKey);
        }
        if let Some(label) = lost(&mut tx, master, &wrapped, &missing).await? {
            return Err(OpenError::KeyLost { label });
        }
        tx.commit().await?;
        for label in missing {
            make(store, master, clock, label).await?;
            wrapped = store::hub_keys::all_for_certain(store).await?;
            // Another first start may have been quicker, with another master key. Whoever does not find their own goes no further, so of
            // the first key on all are wrapped by one master key.
            if wrapped.iter().any(|stored| !HubKeys::opens(master, stored)) {
                return Err(OpenError::WrongMasterKey);
            }
        }
    }
    let find = |label: &str| {
        wrapped
            .iter()
            .find(|(found, _)| found == label)
            .map_or("", |(_, sealed)| sealed.as_str())
    };
    HubKeys::open(master, LABELS.map(find)).map_err(|error| match error {
        SealError::Closed => OpenError::WrongMasterKey,
        other => other.into(),
    })
}

fn has(wrapped: &[(String, String)], label: &str) -> bool {
    wrapped.iter().any(|(found, _)| found == label)
}

/// The first of the missing keys that was there once.
async fn lost(
    tx: &mut Tx,
    master: &MasterKey,
    wrapped: &[(String, String)],
    missing: &[&'static str],
) -> Result<Option<&'static str>, StoreError> {
    if wrapped
        .iter()
        .any(|stored| HubKeys::tells_that_all_were_there(master, stored))
    {
        return Ok(missing.first().copied());
    }
    // They are made one after the other, so there is none behind one that never was.
    let made = LABELS
        .iter()
        .rposition(|label| has(wrapped, label))
        .map_or(0, |place| place + 1);
    for label in &LABELS[..made] {
        if missing.contains(label) {
            return Ok(Some(label));
        }
    }
    for label in missing {
        let was_used = match *label {
            LEDGER => store::ledger::read::any(tx).await?,
            AUDIT => store::audit::chain::is_begun(tx).await?,
            PRICE => store::prices::seal::were_made(tx).await?,
            _ => false,
        };
        if was_used {
            return Ok(Some(label));
        }
    }
    Ok(None)
}

/// Makes one, with what it has to seal.
async fn make(store: &Store, master: &MasterKey, clock: &HubClock, label: &str) -> Result<(), OpenError> {
    let now = clock.now();
    match label {
        // Together with the beginning of the chain: whoever finds that without its seal knows that somebody wrote it.
        AUDIT => {
            let (wrapped, seal) = AuditSeal::generate(master)?;
            store::audit::chain::begin(store, &wrapped, &seal, now).await?;
        }
        // Together with the seals of the versions from before it: none without a seal counts from then on.
        PRICE => {
            let (wrapped, seal) = PriceSeal::generate(master)?;
            store::prices::seal::begin(store, &wrapped, &seal, now).await?;
        }
        label => {
            let wrapped = HubKeys::generate_wrapped(master, label)?;
            store::hub_keys::insert_if_missing(store, label, &wrapped, now).await?;
        }
    }
    Ok(())
}

/// Once all keys are there, for the first time: writes every sealed price version into the list of changes, and wraps the ledger's key
/// anew, bound to that. From then on no key that is missing is made, and no price version without an entry is believed.
pub(super) async fn bind(store: &Store, keys: &HubKeys, ids: &IdSource, clock: &HubClock) -> Result<(), OpenError> {
    let Some(unbound) = keys.unbound() else { return Ok(()) };
    let (bound, actor) = (keys.bound()?, Actor::System);
    let mut change = Change::begin(store, clock, ids, (&actor, None), &keys.audit).await?;
    if !store::hub_keys::rebind(&mut change.tx, LEDGER, unbound, &bound, change.at).await? {
        // Another process that starts at the same time was first.
        return Ok(());
    }
    store::prices::seal::write_down(&mut change, &keys.price).await?;
    change.commit().await?;
    Ok(())
}
