//! Passwords: argon2id, off the request threads, a few at a time. Each hash takes 19 MB and tens of milliseconds, so an
//! unlimited number of sign-ins would be an attack on the machine.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use domain::{account::PASSWORD_LENGTH, refusal::Invalid};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::Error;

/// Hashes at the same time.
static PLACES: Semaphore = Semaphore::const_new(2);

/// Takes the same time to check as any real hash. What it is the hash of, nobody knows.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$aHViLW5vYm9keXMtc2FsdA$4hD0y0Yv0y5vQm5qkq7l1bq3p1b1c4yHq1g8i1m0m2E";

/// The hash of a new password.
///
/// # Errors
/// [`Invalid::PasswordLength`].
pub(crate) async fn hash(password: &str) -> Result<String, Error> {
    if !PASSWORD_LENGTH.contains(&password.chars().count()) {
        return Err(Invalid::PasswordLength.into());
    }
    let password = Zeroizing::new(password.to_owned());
    run(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string())
            .map_err(|error| Error::PasswordHash(error.to_string()))
    })
    .await?
}

/// Whether a password belongs to a hash. Without a hash the answer is no, after the same time.
pub(crate) async fn verify(password: &str, hash: Option<String>) -> Result<bool, Error> {
    if password.len() > 4 * *PASSWORD_LENGTH.end() {
        return Ok(false);
    }
    let password = Zeroizing::new(password.to_owned());
    run(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let matches = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        matches && known
    })
    .await
}

async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    // The semaphore is never closed; should it be, the work is done without a limit rather than not at all.
    let place = PLACES.acquire().await.ok();
    // The work keeps its place, as it goes on when nobody waits for it any more.
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::PasswordHash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, task::Poll};

    use super::*;

    #[tokio::test]
    async fn a_password_opens_only_its_own_hash() {
        let hash = hash("correct horse battery").await.expect("hashes");
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(matches!(
            verify("correct horse battery", Some(hash.clone())).await,
            Ok(true)
        ));
        assert!(matches!(verify("correct horse batterY", Some(hash)).await, Ok(false)));
        assert!(matches!(verify("anything at all", None).await, Ok(false)));
        assert!(super::hash("too short").await.is_err());
    }

    #[test]
    fn checking_nobody_is_the_work_of_checking_somebody() {
        let real = Argon2::default()
            .hash_password(b"correct horse battery")
            .expect("hashes");
        let nobody = PasswordHash::new(NOBODY).expect("is one");
        let work = |hash: &PasswordHash| {
            let lengths = (hash.salt.map(|salt| salt.len()), hash.hash.map(|output| output.len()));
            (hash.algorithm, hash.version, hash.params.to_string(), lengths)
        };
        assert_eq!(work(&nobody), work(&real));
        // Compared to the end, not given up before.
        let checked = Argon2::default().verify_password(b"correct horse battery", &nobody);
        assert_eq!(checked, Err(argon2::password_hash::Error::PasswordInvalid));
    }

    /// Whether a piece of work waits while others have both places. A place that becomes free goes to who waits for it.
    async fn waits<T>(work: impl Future<Output = T>) -> bool {
        let both = PLACES.acquire_many(2).await.expect("never closed");
        let mut work = pin!(work);
        let begun = poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_pending())).await;
        assert!(begun, "it is done off this thread");
        drop(both);
        let waits = PLACES.available_permits() < 2;
        work.await;
        waits
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_keeps_its_place_until_it_is_done() {
        // With this one nobody else holds more than one.
        let other = PLACES.acquire().await.expect("never closed");
        let (begins, begun) = tokio::sync::oneshot::channel();
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let mut work = Box::pin(run(move || {
            let _ = begins.send(());
            ends.recv().is_ok()
        }));
        tokio::select! {
            _ = work.as_mut() => panic!("it ends when it is told"),
            begun = begun => begun.expect("it begins"),
        }
        // Its client leaves.
        drop(work);
        assert_eq!(PLACES.available_permits(), 0, "it goes on");
        end.send(()).expect("the work still waits");
        drop(other);
        assert!(PLACES.acquire_many(2).await.is_ok(), "and then it is done");
    }

    #[tokio::test]
    async fn all_hashing_shares_two_places() {
        let real = super::hash("correct horse battery").await.expect("hashes");
        assert!(waits(super::hash("another long password")).await, "new passwords");
        assert!(waits(verify("a guess", Some(real))).await, "passwords of people");
        assert!(waits(verify("a guess", None)).await, "passwords of nobody");
    }
}
