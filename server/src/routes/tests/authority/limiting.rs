//! Who may say how much something may use: each caller by the form of the console, and by `PUT` and `DELETE` of
//! `/api/admin/limits`, on each kind of thing. What is refused changes nothing, and its page shows no form.

use domain::{
    id::LimitId,
    key::{Scope, Scopes},
    limit::{Measure, Subject, Window},
    project::{Project, ProjectRole},
};
use gateway::LimitDraft;

use super::*;
use crate::serve::demo;

/// Who asks: their role in the hub, and in the project that they share. The fourth column is Mia's, about whose things it is.
const CALLERS: [(&str, Role, Option<ProjectRole>); 10] = [
    ("stranger", Role::Member, None),
    ("reader", Role::Member, Some(ProjectRole::Reader)),
    ("other", Role::Member, Some(ProjectRole::Member)),
    ("mia", Role::Member, Some(ProjectRole::Member)),
    ("leader", Role::Member, Some(ProjectRole::Admin)),
    ("billing", Role::Billing, None),
    ("billing-leader", Role::Billing, Some(ProjectRole::Admin)),
    ("auditor-leader", Role::Auditor, Some(ProjectRole::Admin)),
    ("admin", Role::Admin, None),
    ("owner", Role::Owner, Some(ProjectRole::Member)),
];
const MIA: usize = 3;
const OWNER: usize = 9;

/// What is limited; who may by a form, who by a key that manages. The keys of a shared project are kept by whoever keeps the project, and
/// those of an owner of the hub by owners alone. People bind keys of their own, and nothing else. `t`: what an admin of the hub has set they
/// make tighter, and neither looser nor undone; and a key what it counts in itself.
const TABLE: [(&str, &str, &str); 11] = [
    ("Mia's key in the project", "---tt-t-++", "--------++"),
    ("the owner's key in the project", "---------+", "---------+"),
    ("Mia's own key", "---t----++", "--------++"),
    ("Mia's personal project", "--------++", "--------++"),
    ("Mia", "--------++", "--------++"),
    ("the project", "--------++", "--------++"),
    ("the model", "--------++", "--------++"),
    ("the provider", "--------++", "--------++"),
    ("the owner's own key", "---------+", "---------+"),
    ("the owner's personal project", "---------+", "---------t"),
    ("the owner", "---------+", "---------t"),
];

/// The callers, and what [`TABLE`] speaks of, in its order.
struct Scene {
    people: Vec<UserId>,
    cookies: Vec<String>,
    managing: Vec<String>,
    things: Vec<Subject>,
}

impl Scene {
    async fn set(hub: &Hub) -> Self {
        demo::prepare(&hub.gateway).await.unwrap();
        let root = Admin::system();
        // While keys are made everybody owns the hub: what counts is the role that they have when they ask.
        let mut people = Vec::new();
        for (name, ..) in CALLERS {
            people.push(hub.person(&format!("{name}@x.y"), Role::Owner).await);
        }
        let projects = hub.gateway.projects();
        let name = "Shared".parse().unwrap();
        let project = projects
            .create(&root, Origin::default(), &name, people[OWNER])
            .await
            .unwrap();
        let mut scene = Self {
            people,
            cookies: Vec::new(),
            managing: Vec::new(),
            things: Vec::new(),
        };
        for (person, (_, _, role)) in scene.people.iter().zip(CALLERS) {
            if let Some(role) = role {
                let keeper = root.keeper_of(project.clone());
                projects
                    .set_member(&keeper, Origin::default(), *person, role)
                    .await
                    .unwrap();
            }
            scene
                .managing
                .push(hub.key_for(*person, [Scope::Manage].into_iter().collect()).await);
            scene.cookies.push(hub.cookie(*person).await);
        }
        scene.things = scene.find(hub, &project).await;
        for (person, (_, role, _)) in scene.people.iter().zip(CALLERS) {
            let users = hub.gateway.users();
            users.set_role(&root, Origin::default(), *person, role).await.unwrap();
        }
        scene
    }

    async fn find(&self, hub: &Hub, project: &Project) -> Vec<Subject> {
        let (mia, owner) = (self.people[MIA], self.people[OWNER]);
        let models = hub.gateway.models().list(&Admin::system().reader()).await.unwrap();
        let model = models.first().unwrap();
        vec![
            key(hub, mia, Some(project)).await,
            key(hub, owner, Some(project)).await,
            key(hub, mia, None).await,
            domain::id::ProjectId::personal_of(mia).into(),
            mia.into(),
            project.id.into(),
            model.id.into(),
            model.provider_id.into(),
            key(hub, owner, None).await,
            domain::id::ProjectId::personal_of(owner).into(),
            owner.into(),
        ]
    }
}

/// A key of somebody, in a project or of their own.
async fn key(hub: &Hub, person: UserId, project: Option<&Project>) -> Subject {
    let viewer = hub.gateway.sessions().viewer(person).await.unwrap().unwrap();
    let draft = KeyDraft {
        project: project.map(|project| project.id),
        scopes: Scopes::default(),
        ..KeyDraft::named(&"key".parse().unwrap())
    };
    let (keys, holder) = (hub.gateway.keys(), viewer.key_holder().unwrap());
    let made = keys.create_with(&holder, Origin::default(), &draft).await.unwrap();
    made.key.id.into()
}

/// The limits of something: their ids, and how much they allow.
async fn limits(hub: &Hub, subject: Subject) -> Vec<(LimitId, i64)> {
    let of = hub
        .gateway
        .limits()
        .of_any(&Admin::system().reader(), subject)
        .await
        .unwrap();
    of.standings.iter().map(|one| (one.limit.id, one.limit.most)).collect()
}

/// Sets one of calls at the same time, which stays whoever tries.
async fn limited(hub: &Hub, subject: Subject) -> LimitId {
    let draft = LimitDraft {
        subject,
        measure: Measure::Concurrent,
        window: Window::Running,
        most: 5,
    };
    let set = hub
        .gateway
        .limits()
        .set(&Admin::system(), Origin::default(), draft)
        .await;
    set.unwrap().id
}

#[tokio::test]
async fn who_may_set_limits_by_a_form() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let scene = Scene::set(&hub).await;
    let at = |function: &str| format!("{FUNCTIONS_AT}app/pages/limits/actions/{function}");
    for (subject, (what, marks, _)) in scene.things.iter().zip(TABLE) {
        let page = format!("/limits/{}/{subject}", subject.kind.as_str());
        for ((cookie, (who, ..)), mark) in scene.cookies.iter().zip(CALLERS).zip(marks.chars()) {
            let (kept, may) = (limited(&hub, *subject).await, mark != '-');
            let send = async |function: &str, form: String| {
                drop(
                    hub.send("POST", &at(function), &[FORM, ("cookie", cookie)], &form)
                        .await,
                );
                limits(&hub, *subject).await
            };
            let seen = hub.send("GET", &page, &[("cookie", cookie)], "").await;
            assert_eq!(
                body(seen).await.contains(&at("set_limit")),
                may,
                "a form about {what} for {who}"
            );

            let set = send(
                "set_limit",
                format!("subject={subject}&measure=requests&window=day&most=7"),
            )
            .await;
            assert_eq!(set.len(), if may { 2 } else { 1 }, "{who} about {what}");
            let most = async |most: i64| {
                let form = format!("subject={subject}&measure=concurrent&window=running&most={most}");
                send("set_limit", form).await[0]
            };
            let larger = if mark == '+' { 6 } else { 5 };
            assert_eq!(most(6).await, (kept, larger), "{who} about {what}");
            let tighter = if may { 4 } else { 5 };
            assert_eq!(most(4).await, (kept, tighter), "{who} about {what}");
            let left = send("remove_limit", format!("id={kept}&subject={subject}")).await;
            assert_eq!(left.len(), set.len() - usize::from(mark == '+'), "{who} about {what}");
            for (id, _) in left {
                hub.gateway
                    .limits()
                    .remove(&Admin::system(), Origin::default(), id)
                    .await
                    .unwrap();
            }
        }
    }
    hub.end().await;
}

#[tokio::test]
async fn who_may_set_limits_by_a_key_that_manages() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let scene = Scene::set(&hub).await;
    for (subject, (what, _, marks)) in scene.things.iter().zip(TABLE) {
        for ((key, (who, ..)), mark) in scene.managing.iter().zip(CALLERS).zip(marks.chars()) {
            let (kept, may, undoes) = (limited(&hub, *subject).await, mark != '-', mark == '+');
            let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
            let send = async |method: &str, path: &str, json: &str| {
                let seen = hub
                    .send(method, &format!("/api/admin/limits{path}"), &headers, json)
                    .await;
                (seen.status(), limits(&hub, *subject).await)
            };
            let new = format!(r#"{{"subject":"{subject}","measure":"requests","window":"day","limit":7}}"#);
            let (told, set) = send("PUT", "", &new).await;
            // What one does not see is not there.
            let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&told);
            assert_eq!(
                (told == StatusCode::OK, !refused),
                (may, may),
                "{told} for {who} about {what}"
            );
            assert_eq!(set.len(), if may { 2 } else { 1 }, "{who} about {what}");
            let (told, removed) = send("DELETE", &format!("/{kept}"), "").await;
            let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&told);
            assert_eq!(
                (told == StatusCode::NO_CONTENT, !refused),
                (undoes, undoes),
                "{told} for {who} about {what}"
            );
            assert_eq!(removed, if undoes { &set[1..] } else { &set[..] }, "{who} about {what}");
            for (id, _) in removed {
                hub.gateway
                    .limits()
                    .remove(&Admin::system(), Origin::default(), id)
                    .await
                    .unwrap();
            }
        }
    }
    hub.end().await;
}
