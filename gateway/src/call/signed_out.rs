//! Calls that somebody asked for in a session of the console end with it: they signed out, or were signed out everywhere, by whichever server.
//! Sessions are no part of what the request path reads, so a server asks for those in which something runs, and only while it does.

use std::{collections::HashMap, time::Duration};

use domain::id::{SessionId, UserId};

use super::Withdrawn;
use crate::{
    Inner,
    store::{StoreError, sessions},
};

/// How often is asked: such a call ends within a second.
const PAUSE: Duration = Duration::from_millis(250);

/// Ends them as long as the hub runs.
pub(crate) async fn watch(inner: &Inner) {
    loop {
        tokio::time::sleep(PAUSE).await;
        // They run on while nobody can tell: the database ends them as soon as it answers.
        if let Err(error) = look(inner).await {
            tracing::error!(%error, "whether those who ask models in the console are still signed in could not be found out");
        }
    }
}

async fn look(inner: &Inner) -> Result<(), StoreError> {
    let asking = inner.calls.sessions();
    if asking.is_empty() {
        return Ok(());
    }
    let good: HashMap<SessionId, UserId> = sessions::good_of(&inner.store, &asking).await?;
    inner.calls.withdraw(|call| {
        // One that began after it was asked is looked at next time.
        let session = call.session.filter(|session| asking.contains(session))?;
        (good.get(&session) != Some(&call.caller.user)).then_some(Withdrawn::SignedOut)
    });
    Ok(())
}
