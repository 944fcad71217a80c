//! Links for a new password.

use super::*;

#[tokio::test]
async fn a_reset_works_once_however_many_use_it() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        house.ask_reset("Ada@Example.com").await;
        let token = house.token("ada@example.com", "/reset").await;
        assert_eq!(house.hub.door().check_reset(&token).await.unwrap(), "ada@example.com");
        let words: Vec<String> = (0..8).map(|place| format!("password number {place}")).collect();
        let door = house.hub.door();
        let outcomes = join_all(words.iter().map(|word| door.reset(HERE, &token, word))).await;
        let won: Vec<usize> = (0..8).filter(|place| outcomes[*place].is_ok()).collect();
        assert_eq!(won.len(), 1, "{outcomes:?}");
        for (place, word) in words.iter().enumerate() {
            if place != won[0] {
                assert_eq!(
                    refusal(house.hub.door().reset(HERE, &token, word).await),
                    DoorRefusal::Link
                );
            }
        }
        assert!(house.signs_in("ada@example.com", &words[won[0]]).await);
        assert!(!house.signs_in("ada@example.com", "a long password").await);
        assert!(house.hub.door().is_verified(&ada).await.unwrap());
        let done = "SELECT COUNT(*) FROM audit WHERE action = 'user.reset_password'";
        assert_eq!(house.database.numbers(done).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn a_reset_is_over_after_half_an_hour_and_with_whatever_changed() {
    on_both(async |database| {
        let house = House::open(database).await;
        let root = Admin::system();
        let ada = admin(&house.hub, "ada@example.com").await;
        let eve = admin(&house.hub, "eve@example.com").await;
        house.ask_reset("ada@example.com").await;
        let token = house.token("ada@example.com", "/reset").await;
        house.pass(30 * MINUTE - 1);
        assert!(house.hub.door().check_reset(&token).await.is_ok());
        house.pass(1);
        assert_eq!(
            refusal(house.hub.door().reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link
        );

        house.ask_reset("ada@example.com").await;
        let token = house.token("ada@example.com", "/reset").await;
        house
            .hub
            .users()
            .set_password(&root, HERE, ada.id, "set by an admin")
            .await
            .unwrap();
        assert_eq!(
            refusal(house.hub.door().reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link
        );

        house.ask_reset("eve@example.com").await;
        let token = house.token("eve@example.com", "/reset").await;
        house
            .hub
            .users()
            .set_suspended(&root, HERE, eve.id, true)
            .await
            .unwrap();
        assert_eq!(
            refusal(house.hub.door().reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link
        );
        // A link for one thing opens no other.
        house
            .hub
            .users()
            .set_suspended(&root, HERE, eve.id, false)
            .await
            .unwrap();
        let door = house.hub.door();
        assert_eq!(
            refusal(door.reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link,
            "what the suspension has ended comes back with nobody"
        );
        house.ask_reset("eve@example.com").await;
        let token = house.token("eve@example.com", "/reset").await;
        assert_eq!(refusal(door.confirm(HERE, &token).await), DoorRefusal::Link);
        assert_eq!(refusal(door.check_register(&token).await), DoorRefusal::Link);
        assert_eq!(refusal(house.hub.invitations().look(&token).await), DoorRefusal::Link);
        assert!(door.reset(HERE, &token, PASSWORD).await.is_ok());
    })
    .await;
}
