//! The list of changes, narrowed: by whom, what, to what, when.

use domain::{
    access::{Admin, Role},
    audit::{ActorFilter, AuditFilter},
    page::{Cursor, PageSize},
    time::{Micros, Timestamp},
};
use gateway::{Gateway, Origin};

use crate::hub::{admin, on_both};

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));

/// The actions that a filter leaves, newest first; the count must agree with the rows.
async fn left(hub: &Gateway, proof: &Admin, filter: AuditFilter) -> Vec<String> {
    let page = hub
        .audit()
        .page(&proof.reader(), &filter, Cursor::Newest, PageSize::default())
        .await
        .unwrap();
    let count = hub.audit().count(&proof.reader(), &filter, 100).await.unwrap();
    assert_eq!(usize::try_from(count).unwrap(), page.rows.len(), "{filter:?}");
    page.rows.into_iter().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn changes_are_found_by_actor_action_subject_and_time() {
    on_both(async |database| {
        let hub = database.serve().await;
        let ada = admin(&hub, "ada@example.com").await;
        let proof = ada.admin().unwrap();
        let key = hub
            .keys()
            .create(&ada.key_holder().unwrap(), HERE, &"100% CI_runner".parse().unwrap())
            .await
            .unwrap();
        hub.keys()
            .create(&ada.key_holder().unwrap(), HERE, &"laptop".parse().unwrap())
            .await
            .unwrap();
        hub.keys()
            .revoke(&ada.key_holder().unwrap(), HERE, key.key.id)
            .await
            .unwrap();
        hub.users()
            .create(
                &Admin::command_line(),
                HERE,
                &"moss@example.com".parse().unwrap(),
                Role::Member,
                "a long password",
            )
            .await
            .unwrap();

        let by = |actor| AuditFilter {
            actor: Some(actor),
            ..AuditFilter::default()
        };
        let keys = ["key.revoke", "key.create", "key.create"];
        assert_eq!(
            left(&hub, &proof, by(ActorFilter::Email("ADA@".to_owned()))).await,
            keys
        );
        assert_eq!(
            left(&hub, &proof, by(ActorFilter::Email("%".to_owned()))).await,
            [""; 0]
        );
        assert_eq!(left(&hub, &proof, by(ActorFilter::CommandLine)).await, ["user.create"]);
        assert_eq!(left(&hub, &proof, by(ActorFilter::System)).await, ["user.create"]);

        let doing = |action: &str| AuditFilter {
            action: Some(action.to_owned()),
            ..AuditFilter::default()
        };
        assert_eq!(left(&hub, &proof, doing("key")).await, keys);
        assert_eq!(left(&hub, &proof, doing("key.revoke")).await, ["key.revoke"]);
        assert_eq!(left(&hub, &proof, doing("ke")).await, [""; 0]);

        let about = |subject: &str| AuditFilter {
            subject: Some(subject.to_owned()),
            ..AuditFilter::default()
        };
        assert_eq!(
            left(&hub, &proof, about("ci_RUNNER")).await,
            ["key.revoke", "key.create"]
        );
        assert_eq!(left(&hub, &proof, about("100%")).await, ["key.revoke", "key.create"]);
        assert_eq!(left(&hub, &proof, about("ci-runner")).await, [""; 0]);
        assert_eq!(
            left(&hub, &proof, about(&key.key.id.to_string())).await,
            ["key.revoke", "key.create"]
        );

        let during = |from: Option<Timestamp>, until: Option<Timestamp>| AuditFilter {
            from,
            until,
            ..AuditFilter::default()
        };
        let (now, hour) = (hub.now(), Micros::from_seconds(3600));
        let (before, after) = (now.plus(Micros(-hour.0)), now.plus(hour));
        assert_eq!(left(&hub, &proof, during(Some(before), Some(after))).await.len(), 5);
        assert_eq!(left(&hub, &proof, during(Some(after), None)).await, [""; 0]);
        assert_eq!(left(&hub, &proof, during(None, Some(before))).await, [""; 0]);

        let both = AuditFilter {
            actor: Some(ActorFilter::Email("ada@example.com".to_owned())),
            action: Some("key.create".to_owned()),
            subject: Some("laptop".to_owned()),
            ..during(Some(before), None)
        };
        assert_eq!(left(&hub, &proof, both).await, ["key.create"]);
        assert_eq!(
            hub.audit()
                .count(&proof.reader(), &AuditFilter::default(), 2)
                .await
                .unwrap(),
            2
        );
    })
    .await;
}
