//! The list of changes, proved: by the command line with its exit code, and in one line of its page. Its file.

use serde_json::Value;
use tests::hub::database;
use tests::stage::{Stage, on_both};

#[tokio::test]
async fn a_list_that_somebody_else_wrote_is_told_by_the_exit_code_and_on_its_page() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut admin = stage.admin().await;
        let ran = stage.hub.run(&["verify-audit", "--json"], "").await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let entries = report["entries"].as_i64().unwrap();
        assert!(entries > 3 && report["findings"] == serde_json::json!([]), "{report}");
        let page = admin.open("/audit").await.text();
        assert!(page.contains(&format!("Chain intact, {entries} entries.")), "{page}");

        let tamper = "UPDATE audit SET subject_name = 'nobody' WHERE number = 2; DELETE FROM audit WHERE number = 3";
        database::execute(&stage.hub.database_url, tamper).await;
        let ran = stage.hub.run(&["verify-audit"], "").await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stderr.contains("not as the hub has written it"), "{ran:?}");
        for words in ["entry 2 (audit_", "entries 3 to 3 were deleted"] {
            assert!(ran.stdout.contains(words), "{words}: {ran:?}");
        }
        let page = admin.open("/audit").await.text();
        assert!(
            page.contains("entries 3 to 3 were deleted") && !page.contains("Chain intact"),
            "{page}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_file_is_narrowed_as_the_page_is() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut admin = stage.admin().await;
        let page = admin.open("/audit?action=key").await;
        let link = page.links().into_iter().find(|link| link.contains(".csv")).unwrap();
        assert_eq!(link, "/audit/audit.csv?action=key");
        let file = admin.ask(&link).await;
        assert_eq!(
            file.header("content-disposition"),
            Some("attachment; filename=\"audit.csv\"")
        );
        let lines: Vec<&str> = file.body.lines().collect();
        assert_eq!(
            lines[0],
            "id,at,actor,key,address,action,subject,subject_name,before,after"
        );
        assert!(lines.len() == 2 && lines[1].contains(",key.create,"), "{}", file.body);
        let all = admin.ask("/audit/audit.csv").await;
        assert!(all.body.lines().count() > 3, "{}", all.body);
        let first = all.body.lines().nth(1).unwrap();
        assert!(first.contains(",user.create,"), "oldest first: {first}");
    })
    .await;
}
