//! Where mail goes, and when it is given up.

use super::*;

#[cfg(unix)]
#[tokio::test]
async fn mail_in_a_folder_is_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    on_both(async |database| {
        let house = House::open(database).await;
        admin(&house.hub, "ada@example.com").await;
        house.ask_reset("ada@example.com").await;
        house.settled().await;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&house.folder), 0o700);
        let files: Vec<_> = std::fs::read_dir(&house.folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        assert_eq!(files.iter().map(|file| mode(file)).collect::<Vec<_>>(), [0o600]);
    })
    .await;
}

#[tokio::test]
async fn mail_that_nobody_takes_is_given_up_after_a_day() {
    on_both(async |database| {
        let house = House::open(database).await;
        admin(&house.hub, "ada@example.com").await;
        // A file stands where the folder would be.
        std::fs::write(&house.folder, "x").unwrap();
        let root = Admin::system();
        house.ask_reset("ada@example.com").await;
        let mut tries = 0;
        let mut passed = 0;
        loop {
            let mails = house.hub.mail().list(&root.reader()).await.unwrap();
            let mail = &mails[0];
            if mail.attempts > tries {
                tries = mail.attempts;
                if mail.state == MailState::Failed {
                    break;
                }
            }
            if mail.problem.is_some() && mail.state == MailState::Waiting {
                let step = if tries < 3 { MINUTE } else { DAY };
                house.pass(step);
                passed += step;
                assert!(passed < 3 * DAY, "{mail:?}");
                // Whatever is left to be sent wakes the one who sends.
                house.ask_reset("nobody@example.com").await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(passed >= DAY && tries >= 3, "{tries} tries in {passed}");
        std::fs::remove_file(&house.folder).unwrap();
        let mails = house.hub.mail().list(&root.reader()).await.unwrap();
        let failed = mails.iter().find(|mail| mail.state == MailState::Failed).unwrap();
        house
            .hub
            .mail()
            .again(&root.owner().unwrap(), HERE, failed.id)
            .await
            .unwrap();
        house.token("ada@example.com", "/reset").await;
        // Fourteen days later it is not known any more.
        house.settled().await;
        house.pass(15 * DAY);
        house.hub.sweep().await;
        assert_eq!(house.database.numbers("SELECT COUNT(*) FROM mail").await, [0]);
        assert_eq!(house.database.numbers("SELECT COUNT(*) FROM link").await, [0]);
    })
    .await;
}
