//! Who is turned away stands in the list of changes, so often: anybody can begin and come back with nothing, and would fill it. Of each site so many
//! refusals are written down within a quarter of an hour, and so many of all together; where more come, one more row says so. The log has each.

use domain::{access::Actor, network::site, time::Timestamp};
use serde_json::{Value, json};

use super::{Identities, carried::Attempt};
use crate::{Error, Origin, door::pace::Pace, store::change::Subject};

/// So many of one site.
const OF_SITE: u32 = 100;
/// So many of all together: whoever has many sites has no more rows than that either.
const OF_ALL: u32 = 1_000;

/// Counts refusals.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    sites: Pace,
    all: Pace,
}

/// What is written down of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    /// The refusal itself.
    Itself,
    /// That further ones of this site are not.
    OfSite,
    /// That further ones of anybody are not.
    OfAll,
    /// Nothing: that has been said.
    Nothing,
}

impl Refusals {
    /// Counts one more, and tells what is written down of it, and for how many seconds that holds.
    fn count(&self, site: String, now: Timestamp) -> (Row, u32) {
        let (of_site, seconds) = self.sites.nth(site, now);
        if of_site > OF_SITE + 1 {
            return (Row::Nothing, seconds);
        }
        let (of_all, seconds_of_all) = self.all.nth(String::new(), now);
        match of_all.cmp(&(OF_ALL + 1)) {
            std::cmp::Ordering::Greater => (Row::Nothing, seconds_of_all),
            std::cmp::Ordering::Equal => (Row::OfAll, seconds_of_all),
            std::cmp::Ordering::Less if of_site > OF_SITE => (Row::OfSite, seconds),
            std::cmp::Ordering::Less => (Row::Itself, seconds),
        }
    }
}

/// Where somebody asks from, as far as its owner cannot change it at will.
pub(super) fn site_of(origin: Origin<'_>) -> String {
    let address = origin.address.unwrap_or_default();
    match address.parse() {
        Ok(address) => site(address).to_string(),
        Err(_) => address.to_owned(),
    }
}

impl Identities<'_> {
    /// Notes that somebody was turned away, if they were.
    pub(super) async fn note_refused(&self, origin: Origin<'_>, attempt: &Attempt, error: &Error) {
        let Error::Identity(refusal) = error else { return };
        let linking = attempt.link.is_some();
        tracing::warn!(provider = attempt.slug, %refusal, "nobody was signed in by an identity provider");
        let (row, seconds) = self.0.identities.refused.count(site_of(origin), self.0.clock.now());
        let after = match row {
            Row::Itself => {
                json!({ "reason": refusal.word(), "sentence": refusal.to_string(), "linking": linking })
            }
            Row::OfSite => left_out("this network", OF_SITE, seconds),
            Row::OfAll => left_out("all networks", OF_ALL, seconds),
            Row::Nothing => return,
        };
        let action = match row {
            Row::Itself => "identity.refuse",
            _ => "identity.omit",
        };
        let written = async {
            let mut change = self.0.change(&Actor::System, origin).await?;
            let subject = Subject {
                action,
                id: attempt.slug.clone(),
                name: &attempt.slug,
            };
            change.audit::<(), _>(subject, None, Some(&after)).await?;
            Ok::<_, Error>(change.commit().await?)
        };
        if let Err(error) = written.await {
            tracing::error!(%error, "a refused sign-in could not be written down");
        }
    }
}

/// That refusals are left out from here on, for so many seconds.
fn left_out(of: &str, written: u32, seconds: u32) -> Value {
    json!({
        "of": of,
        "written": written,
        "seconds": seconds,
        "sentence": format!("{written} refused sign-ins of {of} were written down; further ones are not for {seconds} seconds. The log has them."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn rows(refusals: &Refusals, count: u32, site: impl Fn(u32) -> String) -> Vec<Row> {
        let rows = (0..count).map(|number| refusals.count(site(number), NOW).0);
        rows.filter(|row| *row != Row::Nothing).collect()
    }

    #[test]
    fn of_one_site_and_of_all_so_many_are_written_down_and_then_that_there_are_more() {
        let refusals = Refusals::default();
        let of_one = rows(&refusals, 500, |_| "one".to_owned());
        assert_eq!(of_one[..100], [Row::Itself; 100]);
        assert_eq!(of_one[100..], [Row::OfSite]);
        // Enough to fill the memory for names, many times.
        let of_many = rows(&refusals, 60_000, |number| number.to_string());
        assert_eq!(of_many.len(), 900);
        assert_eq!(of_many[..899], [Row::Itself; 899]);
        assert_eq!(of_many[899..], [Row::OfAll]);
    }

    #[test]
    fn a_site_is_one_however_many_addresses_it_has() {
        let of = |address| site_of(Origin::at(address));
        assert_eq!(of(Some("2001:db8:1:2::1")), of(Some("2001:db8:1:ffff::2")));
        assert_ne!(of(Some("2001:db8:1::1")), of(Some("2001:db8:2::1")));
        assert_eq!(of(Some("192.0.2.7")), "192.0.2.7");
        assert_eq!(of(None), "");
    }
}
