//! The chain over the list of changes: whatever somebody does to it past the hub is named.

use domain::{
    access::{Admin, Role},
    audit::{ActorFilter, AuditFilter},
    id::{AuditId, KeyId},
    page::{Cursor, PageSize},
};
use gateway::{ChainFinding, Gateway, Origin, ProcessKind};

use crate::hub::{Database, in_all_ways, on_both, on_both_empty};

/// A hub with `count` entries: people who were added, one after another and at once.
async fn furnished(database: &Database, count: usize) -> Gateway {
    let hub = database.serve().await;
    let root = Admin::system();
    let people = (0..count).map(|number| {
        let email = format!("p{number}@example.com").parse().unwrap();
        let (hub, root) = (hub.clone(), root.clone());
        async move {
            let users = hub.users();
            let made = users.create_without_password(&root, Origin::default(), &email, Role::Member);
            made.await.unwrap();
        }
    });
    futures_util::future::join_all(people).await;
    hub
}

async fn findings(hub: &Gateway) -> Vec<ChainFinding> {
    let report = hub.audit().verify(&Admin::system().reader(), None).await.unwrap();
    report.findings
}

async fn id_of(database: &Database, number: i64) -> AuditId {
    let ids = database
        .numbers(&format!("SELECT id FROM audit WHERE number = {number}"))
        .await;
    AuditId::from_number(ids[0])
}

#[tokio::test]
async fn entries_are_chained_whoever_writes_them() {
    in_all_ways(async |database| {
        let hub = furnished(&database, 8).await;
        let beside = database.open(ProcessKind::Command).await.unwrap();
        let root = Admin::system();
        let users = hub.users().list(&root.money_reader()).await.unwrap();
        // What the ledger writes down goes through other hands: its owner's, or those of whoever shares it.
        let grants = users.iter().enumerate().map(|(number, user)| {
            let gateway = if number % 2 == 0 { &hub } else { &beside };
            let draft = domain::credit::GrantDraft {
                kind: domain::ledger::LotKind::Admin,
                amount: "1".parse().unwrap(),
                priority: None,
                expires_at: None,
                reason: "because".to_owned(),
            };
            let money = root.money();
            async move {
                let credits = gateway.credits();
                credits.grant(&money, Origin::default(), user.id, draft).await.unwrap();
            }
        });
        futures_util::future::join_all(grants).await;
        let report = hub.audit().verify(&root.reader(), None).await.unwrap();
        assert_eq!((report.entries, report.looked_at, report.unchained), (16, 16, 0));
        assert_eq!(report.findings, []);
        let newest = hub.audit().verify(&root.reader(), Some(5)).await.unwrap();
        assert_eq!((newest.entries, newest.looked_at), (16, 5));
        assert_eq!(newest.findings, []);
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_was_written_anew_is_named() {
    on_both(async |database| {
        let hub = furnished(&database, 5).await;
        let id = id_of(&database, 3).await;
        for change in [
            "subject_name = 'somebody else'",
            "at = at + 1",
            "action = 'user.delete'",
            "actor_kind = 'command_line'",
            "after_json = NULL",
            "address = '192.0.2.1'",
            "actor_key = 7",
        ] {
            let kept = "CREATE TABLE kept AS SELECT * FROM audit WHERE number = 3";
            database.execute(kept).await;
            database
                .execute(&format!("UPDATE audit SET {change} WHERE number = 3"))
                .await;
            assert_eq!(
                findings(&hub).await,
                [ChainFinding::Changed { number: 3, id }],
                "{change}"
            );
            let (column, _) = change.split_once(' ').unwrap();
            database
                .execute(&format!(
                    "UPDATE audit SET {column} = (SELECT {column} FROM kept) WHERE number = 3; DROP TABLE kept"
                ))
                .await;
            assert_eq!(findings(&hub).await, [], "{change} undone");
        }
    })
    .await;
}

#[tokio::test]
async fn by_which_key_somebody_asked_cannot_be_hidden() {
    on_both(async |database| {
        let hub = database.serve().await;
        let mut viewer = crate::hub::admin(&hub, "ada@example.com").await;
        viewer.key = Some(KeyId::from_number(7));
        let by_key = viewer.admin().unwrap();
        let name = "Ada".parse().unwrap();
        let users = hub.users();
        users
            .set_name(&by_key, Origin::default(), viewer.id, Some(&name))
            .await
            .unwrap();
        let filter = AuditFilter {
            actor: Some(ActorFilter::Key(KeyId::from_number(7))),
            ..AuditFilter::default()
        };
        let (cursor, size) = (Cursor::Newest, PageSize::default());
        let page = hub.audit().page(&by_key.reader(), &filter, cursor, size).await.unwrap();
        assert_eq!(page.rows.len(), 1, "{page:?}");
        assert_eq!(
            (&page.rows[0].actor, page.rows[0].action.as_str()),
            (&viewer.actor(), "user.rename")
        );
        assert_eq!(findings(&hub).await, []);
        let id = page.rows[0].id;
        database
            .execute("UPDATE audit SET actor_key = NULL WHERE actor_key = 7")
            .await;
        let found = findings(&hub).await;
        assert!(
            matches!(found[..], [ChainFinding::Changed { id: changed, .. }] if changed == id),
            "{found:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn entries_that_were_deleted_are_named() {
    on_both(async |database| {
        let hub = furnished(&database, 6).await;
        database.execute("DELETE FROM audit WHERE number IN (2, 3)").await;
        assert_eq!(findings(&hub).await, [ChainFinding::Missing { from: 2, to: 3 }]);
        database.execute("DELETE FROM audit WHERE number >= 5").await;
        assert_eq!(
            findings(&hub).await,
            [
                ChainFinding::Missing { from: 2, to: 3 },
                ChainFinding::CutOff { from: 5, to: 6 },
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn an_end_that_was_moved_to_hide_it_is_named() {
    on_both(async |database| {
        let hub = furnished(&database, 4).await;
        // Everything that can be known without the key: the link of the entry that is the last one now.
        database
            .execute(
                "DELETE FROM audit WHERE number = 4;
                 UPDATE audit_chain SET entries = 3, last = (SELECT chain FROM audit WHERE number = 3)",
            )
            .await;
        assert_eq!(findings(&hub).await, [ChainFinding::End]);
        // What the hub writes afterwards does not heal it.
        let email = "later@example.com".parse().unwrap();
        let root = Admin::system();
        hub.users()
            .create_without_password(&root, Origin::default(), &email, Role::Member)
            .await
            .unwrap();
        assert_eq!(findings(&hub).await, [ChainFinding::End]);
        // Nor does a beginning that is put back, nor a new start.
        database
            .execute("DELETE FROM audit; UPDATE audit_chain SET entries = 0, last = '', seal = ''")
            .await;
        hub.shutdown(std::time::Duration::ZERO).await;
        let hub = database.serve().await;
        assert_eq!(findings(&hub).await, [ChainFinding::End]);
    })
    .await;
}

#[tokio::test]
async fn entries_that_somebody_else_adds_are_named() {
    on_both(async |database| {
        let hub = furnished(&database, 3).await;
        let add = |number: &str, chain: &str| {
            format!(
                "INSERT INTO audit (id, at, actor_kind, action, subject, subject_name, number, chain)
                 VALUES (9{number}, 1, 'system', 'user.create', 'x', 'x', {number}, {chain})"
            )
        };
        database.execute(&add("4", "'00'")).await;
        let id = AuditId::from_number(94);
        assert_eq!(
            findings(&hub).await,
            [
                ChainFinding::Changed { number: 4, id },
                ChainFinding::Beyond { more: 1 }
            ]
        );
        database.execute("DELETE FROM audit WHERE number = 4").await;
        let unchained = "INSERT INTO audit (id, at, actor_kind, action, subject, subject_name)
                         VALUES (1, 1, 'system', 'user.create', 'x', 'x')";
        database.execute(unchained).await;
        assert_eq!(findings(&hub).await, [ChainFinding::Unchained { were: 0, are: 1 }]);
    })
    .await;
}

/// A database from before there was a chain: what it holds is counted, and the chain begins with the first change after it.
#[tokio::test]
async fn what_is_older_than_the_chain_is_counted_and_the_earliest_admin_owns() {
    on_both_empty(async |database| {
        let folder = match database.url.strip_prefix("sqlite://") {
            Some(path) => {
                std::fs::File::create(path).unwrap();
                "sqlite"
            }
            None => "postgres",
        };
        let path = format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<_> = std::fs::read_dir(path).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let (mut ran, mut furnished) = (0, false);
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.as_str() >= "0017" && !furnished {
                furnished = true;
                database
                    .execute(
                        "INSERT INTO person (id, email, role, suspended, created_at) VALUES
                            (5, 'gone@example.com', 'admin', 1, 50), (7, 'a@example.com', 'admin', 0, 70),
                            (8, 'b@example.com', 'admin', 0, 80), (9, 'c@example.com', 'member', 0, 90);
                         INSERT INTO session (id, token_hash, person_id, data, address, agent, created_at, seen_at, expires_at)
                            VALUES (1, 't', 7, '', '', '', 1, 1, 1);
                         INSERT INTO audit (id, at, actor_kind, action, subject, subject_name) VALUES
                            (1, 1, 'system', 'user.create', 'x', 'x'), (2, 2, 'system', 'user.create', 'y', 'y')",
                    )
                    .await;
            }
            database.execute(&std::fs::read_to_string(&file).unwrap()).await;
            ran += 1;
        }
        assert!(ran > 15 && furnished);
        let roles = "SELECT id FROM person WHERE (id, role) IN
            (VALUES (5, 'admin'), (7, 'owner'), (8, 'admin'), (9, 'member')) ORDER BY id";
        assert_eq!(database.numbers(roles).await, [5, 7, 8, 9]);
        assert_eq!(database.numbers("SELECT person_id FROM session").await, [7], "nobody was signed out");
        assert_eq!(database.numbers("SELECT unchained FROM audit_chain WHERE entries = 0").await, [2]);
        assert!(database.refuses("UPDATE person SET role = 'king' WHERE id = 9").await);
    })
    .await;
}
