//! What a key is bound to, and how many there may be.

use super::*;

#[tokio::test]
async fn a_key_ends_and_is_bound_as_it_says() {
    on_both(async |database| {
        let (hub, database, clock) = with_clock(database).await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let holder = mia.key_holder().unwrap();
        let keys = hub.keys();
        let wish = KeyDraft {
            scopes: [Scope::Usage].into_iter().collect(),
            addresses: Addresses::parse("10.0.0.0/8, 2001:db8::/32").unwrap(),
            expiry: Expiry::Days(7),
            ..draft("bound", None)
        };
        let key = keys.create_with(&holder, HERE, &wish).await.unwrap();
        assert!(with(&key, &hub, Scope::Usage, "10.1.2.3").is_ok());
        assert!(with(&key, &hub, Scope::Usage, "::ffff:10.1.2.3").is_ok());
        assert!(with(&key, &hub, Scope::Usage, "2001:db8::7").is_ok());
        let elsewhere = with(&key, &hub, Scope::Usage, "11.1.2.3");
        assert_eq!(elsewhere, Err(KeyProblem::WrongAddress));
        for scope in [Scope::Inference, Scope::Manage] {
            assert_eq!(with(&key, &hub, scope, "10.1.2.3"), Err(KeyProblem::WrongScope(scope)));
        }
        clock.fetch_add(7 * DAY - 1, Ordering::Relaxed);
        assert!(with(&key, &hub, Scope::Usage, "10.1.2.3").is_ok());
        clock.fetch_add(1, Ordering::Relaxed);
        assert_eq!(with(&key, &hub, Scope::Usage, "10.1.2.3"), Err(KeyProblem::Expired));
        let listed = keys.list(&mia).await.unwrap();
        assert_eq!(listed[0].state(hub.now()), KeyState::Expired);
        assert_eq!(
            refusal(keys.rotate(&holder, HERE, key.key.id, Overlap::Day).await),
            Refusal::KeyEnded
        );

        // Its owner lets it go on, and loosens it.
        let edit = KeyEdit {
            name: Some("free".parse().unwrap()),
            scopes: Some(Scopes::default()),
            allowed: Some(Allowed::parse("a/*").unwrap()),
            addresses: Some(None),
            expiry: Some(Expiry::Never),
            disabled: None,
            seen: None,
        };
        let edited = keys.edit(&mia, HERE, key.key.id, &edit).await.unwrap();
        let rules = KeyRules {
            allowed: Allowed::parse("a/*").unwrap(),
            ..KeyRules::default()
        };
        assert_eq!((edited.name.as_str(), &edited.rules), ("free", &rules));
        assert_eq!(keys.get(&mia, key.key.id).await.unwrap(), Some(edited));
        assert!(with(&key, &hub, Scope::Inference, "11.1.2.3").is_ok());
        let nothing = KeyEdit {
            scopes: Some(Scopes::NONE),
            ..KeyEdit::default()
        };
        let problem = keys.edit(&mia, HERE, key.key.id, &nothing).await;
        assert_eq!(refusal(problem), Refusal::Invalid(Invalid::Scopes));

        // Deleted: refused and not listed; the row stays.
        keys.delete(&mia, HERE, key.key.id).await.unwrap();
        assert_eq!(enter(&hub, &key), Err(KeyProblem::Revoked));
        assert!(keys.list(&mia).await.unwrap().is_empty());
        assert_eq!(keys.get(&mia, key.key.id).await.unwrap(), None);
        let kept = format!("SELECT COUNT(*) FROM api_key WHERE id = {}", key.key.id.number());
        assert_eq!(database.numbers(&kept).await, [1]);
    })
    .await;
}

/// A damaged bound binds more, never less.
#[tokio::test]
async fn what_cannot_be_read_of_a_key_allows_nothing() {
    on_both(async |database| {
        let hub = database.serve().await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let key = key_in(&hub, ProjectId::personal_of(mia.id), &mia).await;
        let damage = async |columns: &str| {
            let id = key.key.id.number();
            let text = format!("UPDATE api_key SET {columns} WHERE id = {id}; UPDATE counter SET value = value + 1 WHERE name = 'snapshot'");
            database.execute(&text).await;
        };
        damage("addresses = 'somewhere'").await;
        within_a_second(|| enter(&hub, &key) == Err(KeyProblem::WrongAddress)).await;
        damage("addresses = NULL, scopes = 'everything'").await;
        within_a_second(|| enter(&hub, &key) == Err(KeyProblem::WrongScope(Scope::Inference))).await;
        damage("scopes = 'inference'").await;
        within_a_second(|| enter(&hub, &key).is_ok()).await;
    })
    .await;
}
