//! What a key makes counts in its limits, and what that makes as well: nobody gets out of a limit by a chain of keys.

use domain::{
    id::KeyId,
    key::{Overlap, Scopes},
    limit::{Measure, Span, Window},
};
use gateway::{KeyEdit, LimitDraft};

use super::*;
use crate::hub::on_both;

#[tokio::test]
async fn a_key_counts_in_the_limits_of_all_by_which_it_came_to_be() {
    on_both(async |database| {
        let hub = database.serve().await;
        let admin = person(&hub, "admin@example.com", Role::Admin).await;
        let (holder, keys, limits) = (admin.key_holder().unwrap(), hub.keys(), hub.limits());
        let all: Scopes = Scope::ALL.into_iter().collect();
        let wide = KeyDraft {
            scopes: all,
            ..draft("first", None)
        };
        let first = keys.create_with(&holder, HERE, &wide).await.unwrap();
        let other = key_in(&hub, ProjectId::personal_of(admin.id), &admin).await;
        let by = async |key: &NewKey| hub.manager(key.secret.expose(), FROM).await.unwrap();
        let make = async |maker: &NewKey| {
            let robot = by(maker).await.key_holder().unwrap();
            keys.create_with(&robot, HERE, &draft("made", None)).await.unwrap()
        };
        let second = make(&first).await;
        // Its owner lets it manage.
        let manages = KeyEdit {
            scopes: Some(all),
            ..KeyEdit::default()
        };
        keys.edit(&admin, HERE, second.key.id, &manages).await.unwrap();
        let third = make(&second).await;
        assert_eq!(
            [&first, &second, &third].map(|key| key.key.made_by),
            [None, Some(first.key.id), Some(second.key.id)]
        );
        let a_day = |most| LimitDraft {
            subject: first.key.id.into(),
            measure: Measure::Requests,
            window: Window::Calendar(Span::Day),
            most,
        };
        let limit = limits.set(&Admin::system(), HERE, a_day(5)).await.unwrap();
        let counts = async |key: &NewKey| keys.tie(key.key.id).await.unwrap().is_some();
        for (key, wanted) in [(&first, true), (&second, true), (&third, true), (&other, false)] {
            assert_eq!(counts(key).await, wanted, "{}", key.key.name);
            // How it stands is told to the key alone that it is on: the others would see what all of them use.
            let told = limits.of_caller(enter(&hub, key).unwrap()).await.unwrap();
            assert_eq!(told.len(), usize::from(key.key.id == first.key.id), "{}", key.key.name);
        }
        // None of them lifts it, nor shows the secret of a key that counts elsewhere; those below itself it does.
        let robot = by(&second).await;
        let rotate = async |key: KeyId| {
            keys.rotate(&robot.key_holder().unwrap(), HERE, key, Overlap::None)
                .await
        };
        let lifts = async || {
            let raised = limits.set_by(&robot, HERE, a_day(6)).await;
            assert_eq!(refusal(raised), Refusal::ByKey);
            assert_eq!(refusal(limits.remove_by(&robot, HERE, limit.id).await), Refusal::ByKey);
            assert_eq!(refusal(rotate(other.key.id).await), Refusal::BeyondLimits);
        };
        lifts().await;
        let third = rotate(third.key.id).await.unwrap();
        // The first one's end changes nothing.
        keys.delete(&admin, HERE, first.key.id).await.unwrap();
        lifts().await;
        assert_eq!((counts(&second).await, counts(&third).await), (true, true));
        // Who is no key does.
        limits.set_by(&admin, HERE, a_day(6)).await.unwrap();
        limits.remove_by(&admin, HERE, limit.id).await.unwrap();
        assert!(!counts(&third).await);
        rotate(other.key.id).await.unwrap();
    })
    .await;
}
