//! Doors that are closed while somebody is on the threshold: to hash a password takes a while, and what was closed by then is closed.

use domain::identity::IdentityRefusal;

use super::*;
use crate::amid::amid_a_change;

fn sets(setting: Setting, value: &str) -> String {
    format!(
        "INSERT INTO setting (name, value, updated_at) VALUES ('{}', '{value}', 1)
         ON CONFLICT (name) DO UPDATE SET value = '{value}'",
        setting.as_str()
    )
}

fn are_off<T: std::fmt::Debug>(outcome: &Result<T, Error>) {
    assert!(
        matches!(outcome, Err(Error::Identity(IdentityRefusal::PasswordsOff))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn whoever_comes_while_the_door_is_closed_stays_outside() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        house.set(Setting::Registration, "open").await;
        let (door, sessions, invitations) = (house.hub.door(), house.hub.sessions(), house.hub.invitations());
        let token = house.registers("new@example.org").await;
        let register = || door.register(HERE, &token, None, PASSWORD);
        let amid = async |statement: String| amid_a_change(&house.database, &statement, register()).await;
        let open = async || {
            for (setting, value) in [
                (Setting::Registration, "open"),
                (Setting::RegistrationDomains, ""),
                (Setting::LocalPasswords, "on"),
            ] {
                house.database.execute(&sets(setting, value)).await;
            }
        };
        let closed = amid(sets(Setting::Registration, "closed")).await;
        assert_eq!(refusal(closed), DoorRefusal::Closed);
        open().await;
        let elsewhere = amid(sets(Setting::RegistrationDomains, "example.net")).await;
        assert!(matches!(refusal(elsewhere), DoorRefusal::Domain { .. }));
        open().await;
        let off = sets(Setting::LocalPasswords, "off");
        are_off(&amid(off.clone()).await);
        open().await;
        // The link goes on.
        register().await.unwrap();

        house.ask_reset("ada@example.com").await;
        let token = house.token("ada@example.com", "/reset").await;
        are_off(&amid_a_change(&house.database, &off, door.reset(HERE, &token, PASSWORD)).await);
        open().await;
        let comes = sessions.sign_in(HERE, "ada@example.com", "a long password");
        are_off(
            &amid_a_change(&house.database, &off, comes)
                .await
                .map(|came| came.viewer),
        );
        open().await;
        let made = invitations
            .create(
                &ada.admin().unwrap(),
                HERE,
                &email("guest@example.com"),
                (Role::Member, 7),
                MailLanguage::En,
            )
            .await
            .unwrap();
        let token = made.link.expose().split_once("token=").unwrap().1.to_owned();
        let accept = invitations.accept(HERE, &token, None, PASSWORD);
        are_off(&amid_a_change(&house.database, &off, accept).await);
        open().await;
        invitations.accept(HERE, &token, None, PASSWORD).await.unwrap();
    })
    .await;
}
