//! The console's search: what it finds, for whom, and that it takes signs of patterns as letters. And settings that two people change.

use domain::{
    access::{Admin, Role, Viewer},
    account::UserFilter,
    audit::{ActorFilter, AuditFilter},
    call::CallFilter,
    page::{Cursor, PageSize},
    setting::{InvalidSetting, Setting},
};
use gateway::{Error, Findings, Gateway, Origin};

use crate::hub::on_both;

const HERE: Origin<'static> = Origin::at(None);

async fn person(hub: &Gateway, email: &str, role: Role) -> Viewer {
    let made = hub
        .users()
        .create(&Admin::system(), HERE, &email.parse().unwrap(), role, "a long password")
        .await;
    hub.sessions().viewer(made.unwrap().id).await.unwrap().unwrap()
}

async fn find(hub: &Gateway, viewer: &Viewer, words: &str) -> Findings {
    hub.search().find(viewer, words, 6).await.unwrap()
}

fn names<Id>(found: &[gateway::Named<Id>]) -> Vec<&str> {
    found.iter().map(|found| found.name.as_str()).collect()
}

#[tokio::test]
async fn a_few_of_ten_thousand_are_found_and_signs_of_patterns_are_letters() {
    on_both(async |database| {
        let hub = database.serve().await;
        let admin = person(&hub, "root@example.com", Role::Admin).await;
        database
            .execute(
                "INSERT INTO person (id, email, role, created_at)
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                 SELECT 1000 + i, 'p' || i || '@many.example', 'member', 0 FROM n",
            )
            .await;
        person(&hub, "a_b%c@example.com", Role::Member).await;
        // The newest first, and never more than were asked for.
        let many = find(&hub, &admin, "MANY.example").await;
        assert_eq!(many.people.len(), 6);
        assert_eq!(many.people[0].name, "p10000@many.example");
        assert_eq!(
            names(&find(&hub, &admin, "p7777@").await.people),
            ["p7777@many.example"]
        );
        for pattern in ["%", "_", "a_b%", "A_B%C"] {
            assert_eq!(
                names(&find(&hub, &admin, pattern).await.people),
                ["a_b%c@example.com"],
                "{pattern}"
            );
        }
        for nothing in ["p%7@many", "p____@many", "\\", "", "   "] {
            assert_eq!(find(&hub, &admin, nothing).await, Findings::default(), "{nothing}");
        }
        let by_id = find(&hub, &admin, &admin.id.to_string()).await;
        assert_eq!(names(&by_id.people), ["root@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn a_filter_with_a_control_character_matches_nothing() {
    on_both(async |database| {
        let hub = database.serve().await;
        let admin = person(&hub, "root@example.com", Role::Admin).await;
        let member = person(&hub, "member@example.com", Role::Member).await;
        database
            .execute(
                "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, model_asked)
                 VALUES (1, 1, 1, 'chat', 'api', 0, 'failed', 7, 'm')",
            )
            .await;
        let (reader, size) = (admin.reader().unwrap(), PageSize::default());
        let money = admin.money_reader().unwrap();
        let shown = async |typed: Option<&str>| {
            let typed = || typed.map(str::to_owned);
            let people = UserFilter {
                search: typed(),
                ..UserFilter::default()
            };
            let calls = CallFilter {
                model: typed(),
                ..CallFilter::default()
            };
            let people = (
                hub.users().page(&money, &people, Cursor::Newest, size).await.unwrap(),
                hub.users().count(&money, &people, 9).await.unwrap(),
            );
            let found = hub.calls().page(&admin, &calls, Cursor::Newest, size).await.unwrap();
            hub.calls().count(&admin, &calls, 9).await.unwrap();
            let mut rows = vec![
                people.0.rows.len(),
                usize::try_from(people.1).unwrap(),
                found.rows.len(),
            ];
            let changes = [
                AuditFilter {
                    actor: typed().map(ActorFilter::Email),
                    ..AuditFilter::default()
                },
                AuditFilter {
                    action: typed(),
                    ..AuditFilter::default()
                },
                AuditFilter {
                    subject: typed(),
                    ..AuditFilter::default()
                },
            ];
            for filter in changes {
                let page = hub.audit().page(&reader, &filter, Cursor::Newest, size).await.unwrap();
                let count = hub.audit().count(&reader, &filter, 9).await.unwrap();
                rows.extend([page.rows.len(), usize::try_from(count).unwrap()]);
            }
            rows
        };
        // What there is to be shown: without a filter, all of it.
        assert_eq!(shown(None).await, [2, 2, 1, 2, 2, 2, 2, 2, 2]);
        for typed in ["\0", "\0m", "m\0", "user.create\0", "\u{1}", "\u{7f}", "\u{9f}", "a\nb"] {
            assert_eq!(shown(Some(typed)).await, [0; 9], "{typed:?}");
            let within = format!("a{typed}b");
            for viewer in [&admin, &member] {
                assert_eq!(find(&hub, viewer, &within).await, Findings::default(), "{within:?}");
            }
        }
        assert_eq!(find(&hub, &member, "\0").await, Findings::default());
    })
    .await;
}

#[tokio::test]
async fn everybody_finds_what_they_may_see() {
    on_both(async |database| {
        let hub = database.serve().await;
        let admin = person(&hub, "admin@example.com", Role::Admin).await;
        let auditor = person(&hub, "auditor@example.com", Role::Auditor).await;
        let billing = person(&hub, "billing@example.com", Role::Billing).await;
        let member = person(&hub, "member@example.com", Role::Member).await;
        let key = async |of: &Viewer| {
            let holder = of.key_holder().unwrap();
            hub.keys()
                .create(&holder, HERE, &"shared name".parse().unwrap())
                .await
                .unwrap()
                .key
                .id
        };
        let (of_admin, of_member) = (key(&admin).await, key(&member).await);
        let keys = async |viewer: &Viewer| -> Vec<_> {
            find(&hub, viewer, "shared")
                .await
                .keys
                .into_iter()
                .map(|key| key.id)
                .collect()
        };
        assert_eq!(keys(&admin).await, [of_member, of_admin]);
        assert_eq!(keys(&auditor).await, [of_member, of_admin]);
        assert_eq!(keys(&billing).await, []);
        assert_eq!(keys(&member).await, [of_member]);
        // Not by its id either.
        assert_eq!(find(&hub, &member, &of_admin.to_string()).await, Findings::default());
        for (viewer, sees) in [(&admin, true), (&auditor, true), (&billing, true), (&member, false)] {
            assert_eq!(
                !find(&hub, viewer, "example.com").await.people.is_empty(),
                sees,
                "{}",
                viewer.email
            );
        }
        hub.keys()
            .revoke(&member.key_holder().unwrap(), HERE, of_member)
            .await
            .unwrap();
        assert_eq!(keys(&member).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_setting_is_changed_from_what_was_looked_at() {
    on_both(async |database| {
        let hub = database.serve().await;
        let money = Admin::system().money();
        let (options, setting) = (hub.options(), Setting::StarterDays);
        assert_eq!(options.all(&money.reader()).await.unwrap().len(), Setting::ALL.len());
        let set = async |was, to| options.set_from(&money, HERE, setting, (was, to)).await;
        assert_eq!(set("90", "30").await.unwrap(), "30");
        for stale in ["90", "", "31"] {
            let refused = set(stale, "60").await;
            assert!(
                matches!(refused, Err(Error::Setting(InvalidSetting::Changed))),
                "{stale}"
            );
        }
        assert_eq!(options.get(&money.reader(), setting).await.unwrap(), "30");
        assert_eq!(set("30", "60").await.unwrap(), "60");
        let stored = options.all(&money.reader()).await.unwrap();
        let set: Vec<_> = stored.iter().filter(|(_, stored)| stored.is_some()).collect();
        assert_eq!(set, [&(setting, Some("60".to_owned()))]);
    })
    .await;
}
