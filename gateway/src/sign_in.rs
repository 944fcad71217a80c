//! Signing in with e-mail and password: the same answer and time for unknown people, and growing delays after failures.

use std::{collections::HashMap, sync::Mutex};

use domain::{
    access::Viewer,
    id::UserId,
    name::Email,
    refusal::Refusal,
    time::{Micros, Timestamp},
};

use crate::{
    Error, Inner, Origin, Sessions, passwords,
    store::{change::Subject, people},
};

/// Failures that cost nothing. Each further one doubles the delay.
const FREE_FAILURES: u32 = 5;
/// The longest delay, in seconds.
const LONGEST_DELAY: i64 = 300;
/// Failures older than this are forgotten.
const MEMORY: Micros = Micros::from_seconds(3600);
/// Names remembered at the most, so that an attacker cannot fill the memory.
const NAMES: usize = 20_000;

/// Remembers failed sign-ins by account and by address.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Failures>>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    /// Until when attempts are refused.
    fn blocked_until(self) -> Timestamp {
        let Some(beyond) = self.count.checked_sub(FREE_FAILURES) else {
            return Timestamp(i64::MIN);
        };
        let seconds = 1_i64
            .checked_shl(beyond.min(20))
            .unwrap_or(LONGEST_DELAY)
            .min(LONGEST_DELAY);
        self.last.plus(Micros::from_seconds(seconds))
    }
}

impl Throttle {
    fn check(&self, names: &[String], now: Timestamp) -> Result<(), Refusal> {
        let Ok(failures) = self.0.lock() else { return Ok(()) };
        let until = names
            .iter()
            .filter_map(|name| failures.get(name))
            .map(|known| known.blocked_until())
            .max();
        match until {
            Some(until) if until > now => {
                let seconds = (until.since(now).0 + 999_999) / 1_000_000;
                Err(Refusal::TryLater {
                    seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
                })
            }
            _ => Ok(()),
        }
    }

    fn fail(&self, names: Vec<String>, now: Timestamp) {
        let Ok(mut failures) = self.0.lock() else { return };
        if failures.len() >= NAMES {
            failures.retain(|_, known| now.since(known.last) < MEMORY);
        }
        if failures.len() >= NAMES {
            failures.clear();
        }
        for name in names {
            let known = failures.entry(name).or_insert(Failures { count: 0, last: now });
            if now.since(known.last) >= MEMORY {
                known.count = 0;
            }
            *known = Failures {
                count: known.count.saturating_add(1),
                last: now,
            };
        }
    }

    fn succeed(&self, names: &[String]) {
        if let Ok(mut failures) = self.0.lock() {
            for name in names {
                failures.remove(name);
            }
        }
    }
}

impl Inner {
    /// Checks a password, with delays by account and by address.
    pub(crate) async fn check_password(
        &self,
        origin: Origin<'_>,
        email: &str,
        user: Option<UserId>,
        password: &str,
    ) -> Result<(), Error> {
        let account = format!("account {email}");
        let names: Vec<String> = std::iter::once(account)
            .chain(origin.address.map(|address| format!("address {address}")))
            .collect();
        self.throttle.check(&names, self.clock.now())?;
        // Counted as failed until proven otherwise: guesses made at the same time must not all pass the check above.
        self.throttle.fail(names.clone(), self.clock.now());
        let hash = match user {
            Some(id) => people::password_hash(&self.store, id).await?,
            None => None,
        };
        if !passwords::verify(password, hash).await? {
            return Err(Refusal::WrongCredentials.into());
        }
        self.throttle.succeed(&names);
        Ok(())
    }
}

impl Sessions<'_> {
    /// Checks e-mail and password and notes the sign-in.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], also for unknown and suspended people; [`Refusal::TryLater`] after many failures.
    pub async fn sign_in(&self, origin: Origin<'_>, email: &str, password: &str) -> Result<Viewer, Error> {
        let email: Option<Email> = email.parse().ok();
        let known = match &email {
            Some(email) => people::find(&self.0.store, email.as_str())
                .await?
                .filter(|user| !user.suspended),
            None => None,
        };
        let name = email.as_ref().map_or("-", Email::as_str);
        self.0
            .check_password(origin, name, known.as_ref().map(|user| user.id), password)
            .await?;
        let Some(user) = known else {
            return Err(Refusal::WrongCredentials.into());
        };
        let viewer = Viewer {
            id: user.id,
            email: user.email,
            role: user.role,
        };
        self.record_sign_in(&viewer, origin).await?;
        Ok(viewer)
    }

    pub(crate) async fn record_sign_in(&self, viewer: &Viewer, origin: Origin<'_>) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        people::note_seen(&mut change.tx, viewer.id, change.at).await?;
        let subject = Subject {
            action: "user.sign_in",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(())
    }

    /// Notes that somebody signed out.
    ///
    /// # Errors
    /// The database's.
    pub async fn record_sign_out(&self, viewer: &Viewer, origin: Origin<'_>) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let subject = Subject {
            action: "user.sign_out",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["account a@b.c".into(), "address 10.0.0.1".into()]
    }

    #[test]
    fn delays_grow_end_and_are_forgotten() {
        let throttle = Throttle::default();
        let mut now = Timestamp(1_000_000_000_000);
        for _ in 0..FREE_FAILURES {
            assert_eq!(throttle.check(&names(), now), Ok(()));
            throttle.fail(names(), now);
        }
        assert_eq!(throttle.check(&names(), now), Err(Refusal::TryLater { seconds: 1 }));
        now = now.plus(Micros::from_seconds(1));
        assert_eq!(throttle.check(&names(), now), Ok(()));
        throttle.fail(names(), now);
        assert_eq!(throttle.check(&names(), now), Err(Refusal::TryLater { seconds: 2 }));
        for _ in 0..40 {
            throttle.fail(names(), now);
        }
        assert_eq!(throttle.check(&names(), now), Err(Refusal::TryLater { seconds: 300 }));
        assert_eq!(throttle.check(&["address 10.0.0.2".into()], now), Ok(()));
        throttle.succeed(&names());
        assert_eq!(throttle.check(&names(), now), Ok(()));
    }
}
