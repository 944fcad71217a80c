//! What waits to be sent. Rows outlive the process; whoever claims one tries it, and of several servers one does. What fails
//! is tried again, later each time, for a day; what a server refuses for good is given up at once. A crash between the server's
//! yes and its row makes a mail come twice, under the same Message-ID.

use std::{sync::Arc, time::Duration};

use domain::{
    access::{Actor, Role},
    account::User,
    id::{InvitationId, MailId, UserId},
    invitation::InvitationState,
    mail::{MailKind, MailLanguage, MailState, SendFault},
    time::{Micros, Timestamp},
};

use super::{NO_WAY, letter::Letter, words};
use crate::{
    Error, Inner, Origin,
    door::links::{self, LinkKind},
    identity::passwords_are_on,
    store::{change::Subject, invitations, mails, people},
};

/// How often a server looks for what others have left.
pub(crate) const PAUSE: Duration = Duration::from_secs(3);
/// Whoever has claimed a mail has so long for it; then another may.
const LEASE: Micros = Micros::from_seconds(90);
/// A mail is tried for so long.
const PATIENCE: Micros = Micros::from_days(1);
/// How long it is kept that a mail was sent or given up.
const MEMORY: Micros = Micros::from_days(14);
/// Mails of one round.
const ROUND: i64 = 20;
/// Seconds until the next try, by the number of tries.
const DELAYS: [i64; 7] = [2, 15, 60, 300, 900, 1800, 3600];

/// Sends what is due, until the hub stops.
pub(crate) async fn run(hub: &Arc<Inner>) {
    loop {
        let pause = match round(hub).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "mail that waits could not be looked for");
                PAUSE
            }
        };
        tokio::select! {
            () = hub.post.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Forgets what is over.
pub(crate) async fn forget(inner: &Inner, now: Timestamp) -> Result<(), Error> {
    mails::delete_ended(&inner.store, now.plus(Micros(-MEMORY.0))).await?;
    Ok(())
}

/// One round; gives the time until the next.
async fn round(inner: &Inner) -> Result<Duration, Error> {
    for due in mails::due(&inner.store, inner.clock.now(), ROUND).await? {
        let now = inner.clock.now();
        if mails::claim(&inner.store, due.id, now, now.plus(LEASE)).await? {
            attempt(inner, due).await?;
        }
    }
    let next = mails::next_due(&inner.store).await?;
    let wait = next.map_or(i64::MAX, |next| next.since(inner.clock.now()).0.max(0));
    Ok(Duration::from_micros(wait.cast_unsigned()).min(PAUSE))
}

/// One try of one mail.
async fn attempt(inner: &Inner, due: mails::Due) -> Result<(), Error> {
    let tries = due.attempts + 1;
    let fault = match inner.mail_way().await? {
        None => NO_WAY,
        Some(way) => {
            let Some(letter) = write(inner, &due).await? else {
                return nobody(inner, &due).await;
            };
            match inner
                .deliver(&way, &letter, &due.recipient, MailId::from_number(due.id))
                .await
            {
                Ok(()) => {
                    let now = inner.clock.now();
                    return Ok(mails::end(&inner.store, due.id, MailState::Sent, None, now).await?);
                }
                Err(fault) => fault,
            }
        }
    };
    let id = MailId::from_number(due.id);
    let now = inner.clock.now();
    if fault.is_final() || now.since(Timestamp(due.created_at)) >= PATIENCE {
        tracing::error!(mail = %id, tries, %fault, "a mail was given up");
        return Ok(mails::end(&inner.store, due.id, MailState::Failed, Some(&fault), now).await?);
    }
    tracing::warn!(mail = %id, tries, %fault, "a mail could not be sent and is tried again");
    Ok(mails::postpone(&inner.store, due.id, &fault, now.plus(delay(tries))).await?)
}

/// Ends a mail that has nobody to go to. One that somebody has asked for under their account stays as a row, so that how often
/// they may ask tells nothing of whose an address is.
async fn nobody(inner: &Inner, due: &mails::Due) -> Result<(), Error> {
    if due.person_id.is_none() {
        return Ok(mails::delete(&inner.store, due.id).await?);
    }
    let (state, fault) = (MailState::Failed, Some(&SendFault::Nobody));
    Ok(mails::end(&inner.store, due.id, state, fault, inner.clock.now()).await?)
}

/// A link for a mail that still waits: what ended it meanwhile would have ended its link.
async fn link_for(
    inner: &Inner,
    due: &mails::Due,
    kind: LinkKind,
    whose: links::For<'_>,
) -> Result<Option<String>, Error> {
    let mut change = inner.change(&Actor::System, Origin::default()).await?;
    if !mails::still_waits(&mut change.tx, due.id).await? {
        return Ok(None);
    }
    let link = links::fresh_in(inner, &mut change, kind, whose).await?;
    change.commit().await?;
    Ok(Some(link.expose().to_owned()))
}

fn delay(tries: i64) -> Micros {
    let place = usize::try_from(tries - 1).unwrap_or_default().min(DELAYS.len() - 1);
    Micros::from_seconds(DELAYS[place])
}

/// What the mail says, with a fresh link; nothing when there is nobody to whom it may say it any more.
async fn write(inner: &Inner, due: &mails::Due) -> Result<Option<Letter>, Error> {
    let Some(kind) = MailKind::parse(&due.kind) else {
        return Ok(None);
    };
    let hub = inner.public_url.as_str();
    let asked_in = MailLanguage::of_tag(&due.language);
    match kind {
        MailKind::Reset => reset(inner, due, asked_in).await,
        MailKind::Register => {
            let known = people::find(&inner.store, &due.recipient).await?;
            if known.is_some() {
                return Ok(Some(words::known(asked_in, hub, format!("{hub}/sign-in"))));
            }
            let link = link_for(inner, due, LinkKind::Register, links::For::Stranger(&due.recipient)).await?;
            Ok(link.map(|link| words::register(asked_in, hub, link)))
        }
        MailKind::Confirm => {
            let Some(person) = active(inner, due.person_id).await? else {
                return Ok(None);
            };
            let other = people::find(&inner.store, &due.recipient).await?;
            // Whose address it is must not be learnt by asking for it.
            if other.is_some_and(|other| other.id != person) {
                return Ok(None);
            }
            let language = language_of(inner, person, asked_in).await?;
            let whose = links::For::Person(person, &due.recipient);
            let link = link_for(inner, due, LinkKind::Confirm, whose).await?;
            Ok(link.map(|link| words::confirm(language, hub, link)))
        }
        MailKind::Invite => invite(inner, due, asked_in).await,
        MailKind::Moved => Ok(Some(words::moved(asked_in, hub))),
        MailKind::Password => Ok(Some(words::password(asked_in, hub))),
        MailKind::Linked => Ok(Some(words::linked(asked_in, hub))),
    }
}

/// To who has a password here; to everybody else nothing, and nobody sees the difference.
async fn reset(inner: &Inner, due: &mails::Due, asked_in: MailLanguage) -> Result<Option<Letter>, Error> {
    let found = people::find(&inner.store, &due.recipient).await?;
    let Some(user) = found.filter(User::is_active) else {
        return Ok(None);
    };
    if !passwords_are_on(&inner.store).await? || people::password_hash(&inner.store, user.id).await?.is_none() {
        return Ok(None);
    }
    if due.attempts == 0 {
        let origin = Origin::at(due.address.as_deref());
        let mut change = inner.change(&Actor::System, origin).await?;
        let subject = Subject {
            action: "user.ask_reset",
            id: user.id.to_string(),
            name: user.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
    }
    let language = language_of(inner, user.id, asked_in).await?;
    let whose = links::For::Person(user.id, &due.recipient);
    let link = link_for(inner, due, LinkKind::Reset, whose).await?;
    Ok(link.map(|link| words::reset(language, &inner.public_url, link)))
}

async fn invite(inner: &Inner, due: &mails::Due, language: MailLanguage) -> Result<Option<Letter>, Error> {
    let Some(id) = due.invitation_id.map(InvitationId::from_number) else {
        return Ok(None);
    };
    let found = invitations::get(&inner.store, id).await?;
    let Some(invitation) = found.filter(|one| one.state(inner.clock.now()) == InvitationState::Open) else {
        return Ok(None);
    };
    let by = match invitation.invited_by {
        Some(by) => people::get(&inner.store, by).await?.map(|user| user.email.to_string()),
        None => None,
    };
    let link = link_for(inner, due, LinkKind::Invite, links::For::Invited(&invitation)).await?;
    let role: Role = invitation.role;
    let hub = inner.public_url.as_str();
    Ok(link.map(|link| words::invite(language, hub, link, by.as_deref(), role)))
}

/// The person, unless suspended or gone.
async fn active(inner: &Inner, person: Option<i64>) -> Result<Option<UserId>, Error> {
    let Some(id) = person.map(UserId::from_number) else {
        return Ok(None);
    };
    let found = people::get(&inner.store, id).await?;
    Ok(found.filter(User::is_active).map(|user| user.id))
}

/// The language that somebody has chosen, or the one that was asked in.
async fn language_of(inner: &Inner, person: UserId, asked_in: MailLanguage) -> Result<MailLanguage, Error> {
    let (chosen, _) = people::preferences(&inner.store, person).await?;
    Ok(chosen.map_or(asked_in, |tag| MailLanguage::of_tag(&tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_further_apart_and_go_on_for_a_day() {
        let delays: Vec<i64> = (1..12).map(|tries| delay(tries).0 / 1_000_000).collect();
        assert_eq!(delays, [2, 15, 60, 300, 900, 1800, 3600, 3600, 3600, 3600, 3600]);
        assert!(!SendFault::Late.is_final());
    }
}
