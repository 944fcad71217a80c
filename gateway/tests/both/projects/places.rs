//! Whoever keeps a project by their place in it keeps it no longer than they have that place: it is looked at again within each change.

use super::*;
use crate::{amid::amid_a_change, hub::on_both};

#[tokio::test]
async fn who_has_lost_their_place_meanwhile_changes_nothing() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (root, projects) = (Admin::system(), hub.projects());
        let payer = person(&hub, "payer@example.com", Role::Member).await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let sam = person(&hub, "sam@example.com", Role::Member).await;
        let nothing = "UPDATE project_member SET role = role";
        for (number, (lost, refused)) in [
            ("UPDATE project_member SET role = 'member'", Some(Refusal::NotAllowed)),
            (
                "DELETE FROM project_member",
                Some(Refusal::NotFound {
                    what: domain::refusal::Thing::Project,
                }),
            ),
            (nothing, None),
        ]
        .into_iter()
        .enumerate()
        {
            let place = project(&hub, &format!("p{number}"), payer.id).await;
            join(&hub, &place, &mia, ProjectRole::Admin).await;
            join(&hub, &place, &sam, ProjectRole::Member).await;
            let application = domain::project::Application::parse(&format!("z8ia-{number}")).unwrap();
            projects
                .add_application(&root, HERE, place.id, &application, false)
                .await
                .unwrap();
            let keeper = projects.seen(&mia, place.id).await.unwrap().keeper().unwrap();
            let lost = format!(
                "{lost} WHERE project_id = {} AND person_id = {}",
                place.id.number(),
                mia.id.number()
            );
            let name = format!("q{number}").parse().unwrap();
            let done = amid_a_change(&database, &lost, async {
                tokio::join!(
                    projects.set_member(&keeper, HERE, payer.id, ProjectRole::Admin),
                    projects.remove_member(&keeper, HERE, sam.id),
                    projects.rename(&keeper, HERE, &name),
                    projects.set_payer(&keeper, HERE, mia.id),
                    projects.remove_application(&keeper, HERE, &application),
                )
            })
            .await;
            for done in [done.0, done.1, done.2, done.3, done.4] {
                assert_eq!(done.map_err(|error| error.refusal()).err(), refused, "{lost}");
            }
            let admin = projects.seen(&viewer_of_root(&hub).await, place.id).await.unwrap();
            let members = projects.members(&admin).await.unwrap();
            let has = |who: &Viewer| members.iter().any(|member| member.user == who.id);
            let now = admin.project();
            let kept = (
                has(&sam),
                !has(&payer),
                now.name == place.name,
                now.account == place.account,
            );
            let undone = refused.is_some();
            assert_eq!(kept, (undone, undone, undone, undone), "{lost}");
            let applications = projects.applications(&admin).await.unwrap();
            assert_eq!(applications.len(), usize::from(undone), "{lost}");
        }
    })
    .await;
}

/// Somebody who sees every project.
async fn viewer_of_root(hub: &Gateway) -> Viewer {
    let email = "auditor@example.com";
    let reader = Admin::system().money_reader();
    let known = hub
        .users()
        .find_by_email(&reader, &email.parse().unwrap())
        .await
        .unwrap();
    match known {
        Some(user) => viewer(hub, user.id).await,
        None => person(hub, email, Role::Auditor).await,
    }
}
