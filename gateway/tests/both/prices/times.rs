//! When a version takes effect, in the process that published it and elsewhere.

use domain::{
    access::Admin,
    id::ModelId,
    price::{PriceDraft, PriceVersion, Recorded},
};
use gateway::ProcessKind;

use super::{START, Shop, draft, seconds, sheet};
use crate::hub::{Database, on_both, within_a_second};

const SECOND: i64 = 1_000_000;

#[tokio::test]
async fn the_first_version_counts_at_once_and_the_next_one_two_seconds_after_its_commit() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        assert_eq!(shop.input_at(0), None);
        assert!(shop.entry().await.is_unpriced());
        let first = shop.publish(draft(sheet("1", "2", "20"))).await.unwrap();
        assert_eq!(first.effective_from.microseconds(), START);
        assert_eq!(shop.input_at(-1), None);
        assert_eq!(shop.input_at(0).as_deref(), Some("1.20"));

        shop.at(10 * SECOND);
        let second = shop.publish(draft(sheet("2", "2", "20"))).await.unwrap();
        let from = second.effective_from.microseconds() - START;
        let lead = from - 10 * SECOND;
        assert!((2 * SECOND..=3 * SECOND).contains(&lead), "{lead}");
        assert!(second.id > first.id);
        // The database counts them, whoever writes them.
        let counted = "SELECT value FROM counter WHERE name = 'prices'";
        assert_eq!(database.numbers(counted).await, [2]);
        // Nothing is read again: the same snapshot answers for both moments.
        let version = shop.hub.snapshot().version();
        assert_eq!(shop.input_at(from - 1).as_deref(), Some("1.20"));
        assert_eq!(shop.input_at(from).as_deref(), Some("2.40"));
        let entry = shop.entry().await;
        assert_eq!((entry.current, entry.next), (Some(first.clone()), Some(second.clone())));
        shop.at(from);
        let entry = shop.entry().await;
        assert_eq!((entry.current, entry.next), (Some(second.clone()), None));
        assert_eq!(entry.newest, Some(second.id));
        assert_eq!(shop.hub.snapshot().version(), version);
        // A clock that steps back finds the price of its time.
        assert_eq!(shop.input_at(0).as_deref(), Some("1.20"));
        assert_eq!(shop.history("p/m").await, [second, first]);
    })
    .await;
}

#[tokio::test]
async fn versions_are_scheduled_and_a_later_one_for_the_same_moment_wins() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let at = |moment: i64, input: &str| PriceDraft {
            effective_from: Some(seconds(moment)),
            ..draft(sheet(input, "2", "0"))
        };
        // Scheduled first: until then there is no price.
        shop.publish(at(100, "3")).await.unwrap();
        assert_eq!(shop.input_at(99 * SECOND), None);
        assert_eq!(shop.input_at(100 * SECOND).as_deref(), Some("3.00"));
        // Nothing is in force yet, so this one counts at once, up to the scheduled moment.
        shop.publish(draft(sheet("1", "2", "0"))).await.unwrap();
        assert_eq!(shop.input_at(0).as_deref(), Some("1.00"));
        let replaced = shop.publish(at(100, "4")).await.unwrap();
        assert_eq!(shop.input_at(100 * SECOND - 1).as_deref(), Some("1.00"));
        assert_eq!(shop.input_at(100 * SECOND).as_deref(), Some("4.00"));
        let entry = shop.entry().await;
        assert_eq!(entry.next, Some(replaced.clone()));
        let next = shop.hub.snapshot().next_price(shop.model, seconds(0)).unwrap();
        assert_eq!(*next, replaced);
        // One that asks for a moment within the lead gets the first that is possible.
        let soon = shop.publish(at(1, "5")).await.unwrap();
        assert_eq!(soon.effective_from, seconds(3));
        // A process that starts when all are in the past finds the right one.
        shop.at(3600 * SECOND);
        assert_eq!(shop.entry().await.current, Some(replaced));
    })
    .await;
}

/// A version is compared with what it replaces, which need not be the one that was published before it.
#[tokio::test]
async fn a_version_replaces_what_is_in_force_at_its_moment() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let first = shop.publish(draft(sheet("1", "2", "0"))).await.unwrap();
        let later = PriceDraft {
            effective_from: Some(seconds(1000)),
            ..draft(sheet("9", "2", "0"))
        };
        let later = shop.publish(later).await.unwrap();
        let now = shop.publish(draft(sheet("3", "2", "0"))).await.unwrap();
        let same = PriceDraft {
            effective_from: Some(seconds(1000)),
            ..draft(sheet("8", "2", "0"))
        };
        let same = shop.publish(same).await.unwrap();
        let reader = Admin::system().money_reader();
        let replaced = async |versions: &[PriceVersion]| {
            let versions: Vec<Recorded> = versions.iter().cloned().map(Ok).collect();
            let told = shop
                .hub
                .prices()
                .replaced(&reader, shop.model, &versions)
                .await
                .unwrap();
            let mut told: Vec<_> = told.into_iter().map(|(id, row)| (id, row.unwrap().id)).collect();
            told.sort_unstable();
            told
        };
        let all = shop.history("p/m").await;
        let expected = [(later.id, first.id), (now.id, first.id), (same.id, later.id)];
        assert_eq!(replaced(&all).await, expected);
        // Also where that stands on another page.
        assert_eq!(replaced(&all[..1]).await, expected[2..]);
        assert_eq!(replaced(&[]).await, []);
        // What is published now holds until then, and whoever looks is told so.
        let entry = shop.entry().await;
        assert_eq!(entry.scheduled, [now.effective_from, seconds(1000)]);
        assert_eq!(entry.replaced_after(now.effective_from), Some(seconds(1000)));
        assert_eq!(entry.replaced_after(seconds(1000)), None);
    })
    .await;
}

#[tokio::test]
async fn another_process_sees_a_version_within_a_second() {
    on_both(async |mut database: Database| {
        let shop = Shop::open(&mut database).await;
        let command = database.open(ProcessKind::Command).await.unwrap();
        let root = domain::access::Admin::command_line();
        command
            .prices()
            .publish(
                &root.money(),
                gateway::Origin::default(),
                shop.model,
                draft(sheet("7", "7", "0")),
            )
            .await
            .unwrap();
        within_a_second(|| shop.input_at(0).as_deref() == Some("7.00")).await;
        assert_eq!(shop.hub.snapshot().price_at(ModelId::from_number(1), seconds(0)), None);
    })
    .await;
}

#[tokio::test]
async fn a_process_whose_clock_is_behind_still_publishes_the_later_version() {
    on_both(async |mut database: Database| {
        let shop = Shop::open(&mut database).await;
        shop.at(100 * SECOND);
        let first = shop.publish(draft(sheet("1", "1", "0"))).await.unwrap();
        shop.at(0);
        let command = database.open(ProcessKind::Command).await.unwrap();
        let late = PriceDraft {
            effective_from: Some(first.effective_from),
            ..draft(sheet("2", "1", "0"))
        };
        let root = domain::access::Admin::command_line();
        let second = command
            .prices()
            .publish(&root.money(), gateway::Origin::default(), shop.model, late)
            .await
            .unwrap();
        assert!(second.id > first.id, "{} after {}", second.id, first.id);
        within_a_second(|| shop.input_at(100 * SECOND).as_deref() == Some("2.00")).await;
    })
    .await;
}
