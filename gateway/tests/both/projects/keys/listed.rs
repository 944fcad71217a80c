//! Lists of keys a page at a time: in SQL a key stands as it does in memory, and whoever may see some keys is given no others.

use std::collections::HashMap;

use domain::{
    key::{ApiKey, KeyFilter},
    page::{Cursor, PageSize},
};
use gateway::KeyListing;

use super::*;

/// All that match, page by page.
async fn all(listing: &KeyListing<'_>, filter: &KeyFilter) -> Vec<ApiKey> {
    let (mut found, mut cursor) = (Vec::new(), Cursor::Newest);
    loop {
        let page = listing.page(filter, cursor, PageSize::nearest(25)).await.unwrap();
        found.extend(page.rows);
        match page.older {
            Some(older) => cursor = Cursor::Before(older.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(listing.count(filter, i64::MAX).await.unwrap(), found.len() as i64);
    found
}

#[tokio::test]
async fn a_key_stands_in_a_list_as_it_does_by_itself() {
    on_both(async |database| {
        let (hub, database, clock) = with_clock(database).await;
        let root = Admin::system();
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let sam = person(&hub, "sam@example.com", Role::Member).await;
        let (keys, holder) = (hub.keys(), mia.key_holder().unwrap());
        // Every way in which a key can stand, of which a page has no room for all.
        for number in 0..64 {
            let made = keys.create(&holder, HERE, &format!("k{number}").parse().unwrap()).await;
            let id = made.unwrap().key.id;
            if number & 1 > 0 {
                keys.set_disabled(&mia, HERE, id, true).await.unwrap();
            }
            if number & 4 > 0 {
                let end = clock.load(Ordering::Relaxed) + i64::from(number & 8 > 0);
                let ends = format!("UPDATE api_key SET expires_at = {end} WHERE id = {}", id.number());
                database.execute(&ends).await;
            }
            if number & 2 > 0 {
                keys.revoke(&holder, HERE, id).await.unwrap();
            }
            if number & 48 == 48 {
                keys.delete(&mia, HERE, id).await.unwrap();
            } else if number & 7 == 0 {
                // Its earlier secret is no key of its own.
                keys.rotate(&holder, HERE, id, Overlap::Day).await.unwrap();
            }
        }
        let (hers, name) = (sam.key_holder().unwrap(), "other".parse().unwrap());
        let other = keys.create(&hers, HERE, &name).await.unwrap().key;
        let (own, known) = (keys.own(&mia), keys.list(&mia).await.unwrap());
        assert_eq!(known.len(), 48);
        assert_eq!(all(&own, &KeyFilter::default()).await, known);
        let mut found = HashMap::new();
        for state in KeyState::ALL {
            let filter = KeyFilter {
                state: Some(state),
                ..KeyFilter::default()
            };
            let wanted: Vec<_> = known
                .iter()
                .filter(|key| key.state(hub.now()) == state)
                .cloned()
                .collect();
            assert!(!wanted.is_empty(), "{state:?}");
            assert_eq!(all(&own, &filter).await, wanted, "{state:?}");
            found.insert(state, wanted.len() as i64);
        }
        let unrevoked = own.unrevoked().await.unwrap();
        assert_eq!(unrevoked, 48 - found[&KeyState::Revoked]);

        // Nobody's bounds are widened by what they ask.
        let of_sam = KeyFilter {
            user: Some(sam.id),
            ..KeyFilter::default()
        };
        assert_eq!(all(&own, &of_sam).await, []);
        let place = ProjectId::personal_of(mia.id);
        let in_place = KeyFilter {
            project: Some(place),
            ..KeyFilter::default()
        };
        assert_eq!(all(&keys.own(&sam), &in_place).await, []);
        let listing = keys.of_project(&mia, place).await.unwrap();
        assert_eq!(all(&listing, &of_sam).await, []);
        assert_eq!(all(&listing, &KeyFilter::default()).await.len(), 48);
        assert!(keys.of_project(&sam, place).await.is_err());
        let everybodys = keys.everybodys(&root.reader());
        assert_eq!(all(&everybodys, &of_sam).await, [other]);
        assert_eq!(all(&everybodys, &KeyFilter::default()).await.len(), 49);
        let of_mia = keys.of_person(&root.reader(), mia.id);
        assert_eq!(all(&of_mia, &KeyFilter::default()).await, known);
    })
    .await;
}
