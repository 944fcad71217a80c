//! Who is in which project, and who says so.

use domain::{
    access::{Admin, Role},
    id::{AccountId, ProjectId},
    project::{Application, PERSONAL, ProjectRole},
    refusal::{Full, Refusal, Thing},
};
use futures_util::future::join_all;
use gateway::{ProcessKind, call::KeyProblem};

use super::*;
use crate::hub::{on_both, within_a_second};

#[tokio::test]
async fn everybody_has_one_personal_project_of_their_own() {
    on_both(async |database| {
        let hub = database.serve().await;
        // By the link, as nobody is there yet.
        let link = hub.setup().new_link().await.unwrap().unwrap();
        let token = link.expose().rsplit_once("token=").unwrap().1.to_owned();
        let owner = hub
            .setup()
            .complete(HERE, &token, &"owner@example.com".parse().unwrap(), "a long password")
            .await
            .unwrap();
        // By admins and the command line, all at once.
        let emails: Vec<String> = (0..8).map(|number| format!("p{number}@example.com")).collect();
        let made = join_all(emails.iter().map(|email| person(&hub, email, Role::Member))).await;
        for who in made.iter().chain([&owner]) {
            let own = hub.projects().list(who).await.unwrap();
            assert_eq!(own.iter().filter(|listed| listed.project.is_personal()).count(), 1);
            let project = &own[0].project;
            assert_eq!(project.id, ProjectId::personal_of(who.id));
            assert_eq!(project.account, AccountId::of_person(who.id));
            assert_eq!(
                (project.name.as_str(), own[0].role),
                (PERSONAL, Some(ProjectRole::Admin))
            );
        }
        let (one, two) = (made[0].id.number(), made[1].id.number());
        let more = format!(
            "INSERT INTO project (id, name, personal_of, account_id, created_at) VALUES (1, 'x', {one}, {one}, 1)"
        );
        assert!(database.refuses(&more).await, "a second personal project");
        let other = format!("UPDATE project SET account_id = {two} WHERE id = {one}");
        assert!(
            database.refuses(&other).await,
            "a personal project that somebody else pays"
        );
        let archived = format!("UPDATE project SET archived_at = 1 WHERE id = {one}");
        assert!(database.refuses(&archived).await, "a personal project that is archived");
        let lost = format!("UPDATE api_key SET project_id = 1 WHERE person_id = {one}");
        let _key = key_in(&hub, ProjectId::personal_of(made[0].id), &made[0]).await;
        assert!(database.refuses(&lost).await, "a key of no project");

        // Nobody else comes into it, and nobody changes it.
        let personal = hub
            .projects()
            .get(&Admin::system(), ProjectId::personal_of(made[0].id))
            .await
            .unwrap();
        let keeper = keeper(&personal);
        let projects = hub.projects();
        for email in ["p1@example.com", "nobody@example.com"] {
            let looked = projects.person(&keeper, &email.parse().unwrap()).await;
            assert_eq!(refusal(looked), Refusal::PersonalProject, "{email}");
        }
        let joined = projects
            .set_member(&keeper, HERE, made[1].id, ProjectRole::Member)
            .await;
        assert_eq!(refusal(joined), Refusal::PersonalProject);
        let left = projects.remove_member(&keeper, HERE, made[0].id).await;
        assert_eq!(refusal(left), Refusal::PersonalProject);
        let paid = projects.set_payer(&keeper, HERE, made[1].id).await;
        assert_eq!(refusal(paid), Refusal::PersonalProject);
        let ended = projects.archive(&Admin::system(), HERE, personal.id).await;
        assert_eq!(refusal(ended), Refusal::PersonalProject);
    })
    .await;
}

/// Whoever leaves loses the power of their keys at once here, and within a second elsewhere.
#[tokio::test]
async fn who_leaves_a_project_loses_the_power_of_their_keys_in_it() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (payer, mia) = (
            person(&hub, "payer@example.com", Role::Member).await,
            person(&hub, "mia@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", payer.id).await;
        join(&hub, &shared, &mia, ProjectRole::Member).await;
        let (key, own) = (
            key_in(&hub, shared.id, &mia).await,
            key_in(&hub, ProjectId::personal_of(mia.id), &mia).await,
        );
        assert!(enter(&hub, &key).is_ok());

        let projects = hub.projects();
        projects.remove_member(&keeper(&shared), HERE, mia.id).await.unwrap();
        assert_eq!(enter(&hub, &key), Err(KeyProblem::NotMember));
        assert!(enter(&hub, &own).is_ok(), "their own project is another matter");
        join(&hub, &shared, &mia, ProjectRole::Reader).await;
        assert_eq!(enter(&hub, &key), Err(KeyProblem::Reader), "readers have no keys");
        join(&hub, &shared, &mia, ProjectRole::Admin).await;
        assert!(enter(&hub, &key).is_ok());

        // By another process.
        let command = database.open(ProcessKind::Command).await.unwrap();
        command
            .projects()
            .remove_member(&keeper(&shared), HERE, mia.id)
            .await
            .unwrap();
        within_a_second(|| enter(&hub, &key) == Err(KeyProblem::NotMember)).await;
        join(&command, &shared, &mia, ProjectRole::Member).await;
        within_a_second(|| enter(&hub, &key).is_ok()).await;
        command
            .projects()
            .archive(&Admin::command_line(), HERE, shared.id)
            .await
            .unwrap();
        within_a_second(|| enter(&hub, &key) == Err(KeyProblem::Archived)).await;
        let more = hub
            .keys()
            .create_with(&mia.key_holder().unwrap(), HERE, &draft("k", Some(shared.id)))
            .await;
        assert_eq!(refusal(more), Refusal::Archived);
        let back = hub
            .projects()
            .set_member(&keeper(&shared), HERE, payer.id, ProjectRole::Member)
            .await;
        assert_eq!(refusal(back), Refusal::Archived);
        // The name is free again.
        project(&hub, "shared", payer.id).await;
    })
    .await;
}

/// What each may do, by their role in the hub and in the project.
#[tokio::test]
async fn who_may_do_what_in_a_project() {
    on_both(async |database| {
        let hub = database.serve().await;
        let payer = person(&hub, "payer@example.com", Role::Member).await;
        let shared = project(&hub, "shared", payer.id).await;
        let mut people = Vec::new();
        for (email, hub_role, role) in [
            ("stranger@example.com", Role::Member, None),
            ("reader@example.com", Role::Member, Some(ProjectRole::Reader)),
            ("member@example.com", Role::Member, Some(ProjectRole::Member)),
            ("leader@example.com", Role::Member, Some(ProjectRole::Admin)),
            ("billing@example.com", Role::Billing, None),
            ("auditor@example.com", Role::Auditor, None),
            ("admin@example.com", Role::Admin, None),
        ] {
            let who = person(&hub, email, hub_role).await;
            if let Some(role) = role {
                join(&hub, &shared, &who, role).await;
            }
            people.push(who);
        }
        let other = person(&hub, "other@example.com", Role::Member).await;
        join(&hub, &shared, &other, ProjectRole::Member).await;
        let key = key_in(&hub, shared.id, &other).await;
        // Sees it; sees its keys; makes keys; manages; has others pay; has themselves pay.
        let expected = [
            ("stranger", [false, false, false, false, false, false]),
            ("reader", [true, true, false, false, false, false]),
            ("member", [true, true, true, false, false, false]),
            ("leader", [true, true, true, true, false, true]),
            ("billing", [true, false, false, false, false, false]),
            ("auditor", [true, true, false, false, false, false]),
            ("admin", [true, true, false, true, true, true]),
        ];
        for (who, (name, row)) in people.iter().zip(expected) {
            let (projects, keys) = (hub.projects(), hub.keys());
            let seen = projects.seen(who, shared.id).await;
            assert_eq!(seen.is_ok(), row[0], "{name}");
            assert_eq!(keys.of_project(who, shared.id).await.is_ok(), row[1], "{name}");
            assert_eq!(keys.get(who, key.key.id).await.unwrap().is_some(), row[1], "{name}");
            if let Ok(holder) = who.key_holder() {
                let made = keys.create_with(&holder, HERE, &draft("k", Some(shared.id))).await;
                assert_eq!(made.is_ok(), row[2], "{name}");
                if !row[0] {
                    assert_eq!(refusal(made), Refusal::NotFound { what: Thing::Project }, "{name}");
                }
            }
            let switched = keys.set_disabled(who, HERE, key.key.id, true).await;
            assert_eq!(switched.is_ok(), row[3], "{name}");
            let Ok(standing) = seen else { continue };
            let Ok(keeper) = standing.keeper() else {
                assert!(!row[3], "{name}");
                continue;
            };
            assert!(row[3], "{name}");
            projects
                .set_member(&keeper, HERE, other.id, ProjectRole::Member)
                .await
                .unwrap();
            assert_eq!(
                projects.set_payer(&keeper, HERE, other.id).await.is_ok(),
                row[4],
                "{name}"
            );
            assert_eq!(
                projects.set_payer(&keeper, HERE, who.id).await.is_ok(),
                row[5],
                "{name}"
            );
            projects
                .set_payer(&super::keeper(&shared), HERE, payer.id)
                .await
                .unwrap();
        }
        // A project admin's own role counts for nothing elsewhere.
        let elsewhere = project(&hub, "elsewhere", payer.id).await;
        let leader = &people[3];
        assert_eq!(
            refusal(hub.projects().seen(leader, elsewhere.id).await),
            Refusal::NotFound { what: Thing::Project }
        );
        assert_eq!(
            hub.projects().list(leader).await.unwrap().len(),
            2,
            "their own and the shared one"
        );
    })
    .await;
}

/// Whoever pays sees for what and may stop, and is not sent away while they pay.
#[tokio::test]
async fn who_pays_is_not_kept_from_it_and_may_stop() {
    on_both(async |database| {
        let hub = database.serve().await;
        let (payer, mia) = (
            person(&hub, "payer@example.com", Role::Member).await,
            person(&hub, "mia@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", payer.id).await;
        join(&hub, &shared, &mia, ProjectRole::Admin).await;
        let key = key_in(&hub, shared.id, &mia).await;
        let projects = hub.projects();
        let missing = Refusal::NotFound { what: Thing::Project };

        // Not in it, yet they see it.
        let seen = projects.seen(&payer, shared.id).await.unwrap();
        assert!(seen.keeper().is_err());
        let listed = projects.list(&payer).await.unwrap();
        assert!(listed.iter().any(|listed| listed.project.id == shared.id));
        join(&hub, &shared, &payer, ProjectRole::Member).await;
        let mias = projects.seen(&mia, shared.id).await.unwrap().keeper().unwrap();
        let sent = projects.remove_member(&mias, HERE, payer.id).await;
        assert_eq!(refusal(sent), Refusal::Pays);

        // Nobody else stops for them, and nobody is made to pay instead.
        let stranger = person(&hub, "stranger@example.com", Role::Member).await;
        let stopped = projects.withdraw_payer(&stranger, HERE, shared.id).await;
        assert_eq!(refusal(stopped), missing);
        let stopped = projects.withdraw_payer(&mia, HERE, shared.id).await;
        assert_eq!(refusal(stopped), Refusal::NotAllowed);
        let own = ProjectId::personal_of(payer.id);
        let stopped = projects.withdraw_payer(&payer, HERE, own).await;
        assert_eq!(refusal(stopped), Refusal::PersonalProject);
        assert!(enter(&hub, &key).is_ok());
        projects.withdraw_payer(&payer, HERE, shared.id).await.unwrap();
        assert_eq!(enter(&hub, &key), Err(KeyProblem::Unpaid));
        let standing = projects.seen(&mia, shared.id).await.unwrap();
        assert!(projects.payer(&standing).await.unwrap().is_none());
        projects.remove_member(&mias, HERE, payer.id).await.unwrap();
        assert_eq!(refusal(projects.seen(&payer, shared.id).await), missing);

        // Also the same one again.
        for who in [&payer, &mia] {
            projects.set_payer(&keeper(&shared), HERE, who.id).await.unwrap();
            assert_eq!(enter(&hub, &key).unwrap().account(), AccountId::of_person(who.id));
            projects.withdraw_payer(who, HERE, shared.id).await.unwrap();
        }
        let billing = person(&hub, "billing@example.com", Role::Billing).await;
        let money = billing.money().unwrap();
        projects.name_payer(&money, HERE, shared.id, mia.id).await.unwrap();
        assert!(enter(&hub, &key).is_ok());
        let ended = projects.name_payer(&money, HERE, own, mia.id).await;
        assert_eq!(refusal(ended), Refusal::PersonalProject);
    })
    .await;
}

/// Whoever is suspended or gone pays for nobody, at once; what was used can still be read.
#[tokio::test]
async fn a_payer_who_is_gone_pays_no_more() {
    on_both(async |database| {
        let hub = database.serve().await;
        let _stays = person(&hub, "owner@example.com", Role::Owner).await;
        let (payer, mia) = (
            person(&hub, "payer@example.com", Role::Member).await,
            person(&hub, "mia@example.com", Role::Member).await,
        );
        let shared = project(&hub, "shared", payer.id).await;
        join(&hub, &shared, &mia, ProjectRole::Member).await;
        let root = Admin::system();
        let application = Application::parse("z1").unwrap();
        let projects = hub.projects();
        projects
            .add_application(&root, HERE, shared.id, &application, true)
            .await
            .unwrap();
        let key = key_in(&hub, shared.id, &mia).await;
        let own = Caller::of_person(mia.id);
        for suspended in [true, false] {
            hub.users()
                .set_suspended(&root, HERE, payer.id, suspended)
                .await
                .unwrap();
            let expected = if suspended { Err(KeyProblem::Unpaid) } else { Ok(()) };
            assert_eq!(enter(&hub, &key).map(drop), expected);
            let reads = hub.authenticate(key.secret.expose(), Scope::Usage, crate::hub::FROM);
            assert!(reads.is_ok());
            assert_eq!(hub.attributed(own, "z1") == own, suspended, "nor by an application");
        }
        hub.users()
            .delete(&root, HERE, payer.id, "payer@example.com")
            .await
            .unwrap();
        assert_eq!(enter(&hub, &key), Err(KeyProblem::Unpaid));
        projects.set_payer(&keeper(&shared), HERE, mia.id).await.unwrap();
        assert!(enter(&hub, &key).is_ok());
    })
    .await;
}

/// Whose calls become a project's is said by admins of the hub, of shared projects, and of so many applications.
#[tokio::test]
async fn applications_are_of_shared_projects_and_not_too_many() {
    on_both(async |database| {
        let hub = database.serve().await;
        let mia = person(&hub, "mia@example.com", Role::Member).await;
        let shared = project(&hub, "shared", mia.id).await;
        let (root, projects) = (Admin::system(), hub.projects());
        let add = async |project, name: &str| {
            let application = Application::parse(name).unwrap();
            projects
                .add_application(&root, HERE, project, &application, false)
                .await
        };
        let personal = add(ProjectId::personal_of(mia.id), "z1").await;
        assert_eq!(refusal(personal), Refusal::PersonalProject);
        for number in 0..50 {
            add(shared.id, &format!("z{number}")).await.unwrap();
        }
        assert_eq!(refusal(add(shared.id, "z50").await), Refusal::Full(Full::Applications));
        let first = Application::parse("z0").unwrap();
        projects
            .remove_application(&keeper(&shared), HERE, &first)
            .await
            .unwrap();
        add(shared.id, "z50").await.unwrap();
    })
    .await;
}
