//! What is for keys that nothing ties is asked again within the change: whoever ties a key a moment before, ties it.

use domain::{
    key::{Allowed, Scopes},
    limit::{Measure, Span, Window},
    setting::Setting,
};
use gateway::{KeyEdit, LimitDraft, ProcessKind, UserEdit};

use super::*;
use crate::hub::on_both;

/// From a door that is for keys that nothing ties.
const FREELY: Origin<'static> = Origin { freely: true, ..HERE };

#[tokio::test]
async fn what_ties_a_key_between_the_look_and_the_change_ties_it() {
    on_both(async |database| {
        let hub = database.serve().await;
        let owner = person(&hub, "owner@example.com", Role::Owner).await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let shared = project(&hub, "shared", owner.id).await;
        let wide = KeyDraft {
            scopes: Scope::ALL.into_iter().collect::<Scopes>(),
            ..draft("robot", None)
        };
        let robot = hub
            .keys()
            .create_with(&owner.key_holder().unwrap(), HERE, &wide)
            .await
            .unwrap();
        let by = hub.manager(robot.secret.expose(), FROM).await.unwrap();
        let (admin, money) = (by.admin().unwrap(), by.money().unwrap());
        let email = |number: usize| format!("made-{number}@example.com").parse().unwrap();
        // The door has looked: nothing ties it.
        hub.manages_freely(&by).await.unwrap();
        let limit = LimitDraft {
            subject: robot.key.id.into(),
            measure: Measure::Requests,
            window: Window::Calendar(Span::Day),
            most: 100,
        };
        // By another process, which is how another server does it.
        let command = database.open(ProcessKind::Command).await.unwrap();
        let set = command.limits().set(&Admin::system(), HERE, limit).await.unwrap();
        let let_in = async |origin, number| {
            let users = hub.users();
            users
                .create_without_password(&admin, origin, &email(number), Role::Admin)
                .await
                .map(drop)
        };
        let edit = async |origin| {
            let edit = UserEdit {
                role: Some(Role::Admin),
                ..UserEdit::default()
            };
            hub.users().edit(&admin, origin, mia.id, &edit).await.map(drop)
        };
        let others = async |origin| {
            let (users, options, projects) = (hub.users(), hub.options(), hub.projects());
            let name = "theirs".parse().unwrap();
            [
                users
                    .set_password(&admin, origin, mia.id, "another long password")
                    .await
                    .map(drop),
                projects.create(&admin, origin, &name, mia.id).await.map(drop),
                projects.name_payer(&money, origin, shared.id, mia.id).await.map(drop),
                projects
                    .set_member(&admin.keeper_of(shared.clone()), origin, mia.id, ProjectRole::Admin)
                    .await
                    .map(drop),
                options
                    .set(&money, origin, Setting::Registration, "open")
                    .await
                    .map(drop),
            ]
        };
        let mut done = vec![let_in(FREELY, 1).await, edit(FREELY).await];
        done.extend(others(FREELY).await);
        for (place, done) in done.into_iter().enumerate() {
            assert!(matches!(refusal(done), Refusal::TiedKey { .. }), "{place}");
        }
        // Where a door does not ask for it, it is not asked.
        let_in(HERE, 2).await.unwrap();
        // And when nothing ties it any more, it does all of that.
        command.limits().remove(&Admin::system(), HERE, set.id).await.unwrap();
        let_in(FREELY, 3).await.unwrap();
        edit(FREELY).await.unwrap();
        others(FREELY).await.into_iter().for_each(|done| done.unwrap());
        // A bound ties as a limit does.
        let bound = KeyEdit {
            allowed: Some(Allowed::parse("p/*").unwrap()),
            ..KeyEdit::default()
        };
        hub.keys().edit(&owner, HERE, robot.key.id, &bound).await.unwrap();
        assert!(matches!(refusal(let_in(FREELY, 4).await), Refusal::TiedKey { .. }));
    })
    .await;
}
