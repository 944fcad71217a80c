//! Somebody else's things: what the console answers to each role about a member's key, call and credit, and that nothing of
//! theirs changes by another member's forms.

use domain::{
    credit::GrantDraft,
    id::{CallId, KeyId, LotId, ModelId},
    key::Scope,
    ledger::LotKind,
    project::{Project, ProjectRole},
};

use super::{table::FOREIGN, *};
use crate::serve::demo;

/// A member with a key, a call and credit: the demo's.
struct Tenant {
    user: UserId,
    secret: String,
    key: KeyId,
    call: CallId,
    lot: LotId,
    model: ModelId,
    /// One that people share, with nobody else in it.
    project: Project,
}

impl Tenant {
    async fn settle(hub: &Hub) -> Self {
        let admin = Admin::system();
        let made = demo::prepare(&hub.gateway).await.unwrap();
        let secret = made.key.expose().to_owned();
        let body = format!(
            r#"{{"model":"{}","messages":[{{"role":"user","content":"hello"}}]}}"#,
            made.model
        );
        let bearer = format!("Bearer {secret}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer = hub.send("POST", "/v1/chat/completions", &headers, &body).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let call = text(&answer, "x-request-id").parse().unwrap();
        drop(super::body(answer).await);
        let users = hub.gateway.users().list(&admin.money_reader()).await.unwrap();
        let user = users
            .iter()
            .find(|user| user.email.as_str() == domain::account::DEMO_EMAIL)
            .unwrap()
            .id;
        let keys = hub.gateway.keys().list_all(&admin.reader()).await.unwrap();
        let draft = GrantDraft {
            kind: LotKind::Admin,
            amount: "5".parse().unwrap(),
            priority: None,
            expires_at: None,
            reason: "hello".to_owned(),
        };
        let credits = hub.gateway.credits();
        let (lot, _) = credits
            .grant(&admin.money(), Origin::default(), user, draft)
            .await
            .unwrap();
        let models = hub.gateway.models().list(&admin.reader()).await.unwrap();
        let projects = hub.gateway.projects();
        let name = "Theirs".parse().unwrap();
        let project = projects.create(&admin, Origin::default(), &name, user).await.unwrap();
        let keeper = admin.keeper_of(project.clone());
        let joined = projects
            .set_member(&keeper, Origin::default(), user, ProjectRole::Admin)
            .await;
        joined.unwrap();
        Self {
            user,
            project,
            secret,
            key: keys.iter().find(|key| key.user_id == user).unwrap().id,
            call,
            lot,
            model: models.first().unwrap().id,
        }
    }

    fn named(&self, path: &str) -> String {
        path.replace("{user}", &self.user.to_string())
            .replace("{key}", &self.key.to_string())
            .replace("{project}", &self.project.id.to_string())
            .replace("{call}", &self.call.to_string())
            .replace("{lot}", &self.lot.to_string())
            .replace("{model}", &self.model.to_string())
    }
}

#[tokio::test]
async fn things_of_another_tenant_are_shown_to_whom_the_table_says() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let tenant = Tenant::settle(&hub).await;
    let cookies = hub.cookies().await;
    for (listed, marks) in FOREIGN {
        assert_eq!(marks.len(), ROLES.len(), "{listed}");
        let path = tenant.named(listed);
        let strange = hub.send("GET", &path, &[], "").await;
        assert!(text(&strange, "location").starts_with("/sign-in"), "{listed}");
        for (cookie, (role, mark)) in cookies.iter().zip(ROLES.iter().zip(marks.chars())) {
            let seen = hub.send("GET", &path, &[("cookie", cookie)], "").await;
            let (status, page) = (seen.status(), super::body(seen).await);
            // The list of calls is everybody's; what it shows beside itself is not.
            let expected = match mark {
                '+' => StatusCode::OK,
                '0' if listed.contains('?') => StatusCode::OK,
                '0' => StatusCode::NOT_FOUND,
                _ => StatusCode::FORBIDDEN,
            };
            assert_eq!(status, expected, "{listed} for {role:?}");
            if listed.contains('?') {
                let shown = page.contains(&format!("href=\"/calls/{}\"", tenant.call));
                assert_eq!(shown, mark == '+', "{listed} for {role:?}");
            }
            assert!(!page.contains(&tenant.secret), "{listed} for {role:?}");
        }
    }
    hub.end().await;
}

#[tokio::test]
async fn forms_of_another_member_reach_nothing_of_theirs() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let tenant = Tenant::settle(&hub).await;
    let session = hub.cookie(tenant.user).await;
    let viewer = hub.gateway.sessions().viewer(tenant.user).await.unwrap().unwrap();
    let theirs = hub.gateway.sessions().list(&viewer, None).await.unwrap();
    let (key, project, user) = (tenant.key, tenant.project.id, tenant.user);
    let forms = [
        ("app/pages/keys/actions/revoke_key", format!("id={key}")),
        (
            "app/pages/keys/actions/save_key",
            format!("id={key}&name=mine&expires=7d&usage=true"),
        ),
        ("app/pages/keys/actions/rotate_key", format!("id={key}&overlap=0")),
        ("app/pages/keys/actions/switch_key", format!("id={key}&disabled=true")),
        ("app/pages/keys/actions/delete_key", format!("id={key}&typed=demo")),
        (
            "app/pages/projects/actions/save_project",
            format!("id={project}&name=mine&payer={{email}}"),
        ),
        (
            "app/pages/projects/actions/archive_project",
            format!("id={project}&typed=Theirs"),
        ),
        (
            "app/pages/projects/actions/add_member",
            format!("id={project}&email={{email}}&role=admin"),
        ),
        (
            "app/pages/projects/actions/set_member_role",
            format!("id={project}&user={user}&role=reader"),
        ),
        (
            "app/pages/projects/actions/remove_member",
            format!("id={project}&user={user}"),
        ),
        (
            "app/pages/projects/actions/add_application",
            format!("id={project}&application=x&pays=true"),
        ),
        ("app/pages/projects/actions/withdraw_payer", format!("id={project}")),
        ("app/pages/account/actions/end_session", format!("id={}", theirs[0].id)),
        ("app/islands/playground/ask/stop", format!("call={}", tenant.call)),
    ];
    for role in [Role::Member, Role::Billing] {
        let email = format!("{role:?}@x.y").to_lowercase();
        let cookie = hub.cookie(hub.person(&email, role).await).await;
        for (function, form) in &forms {
            let form = &form.replace("{email}", &email);
            let path = format!("{FUNCTIONS_AT}{function}");
            drop(hub.send("POST", &path, &[FORM, ("cookie", &cookie)], form).await);
        }
    }
    assert!(
        hub.gateway
            .authenticate(&tenant.secret, Scope::Inference, std::net::Ipv4Addr::LOCALHOST.into())
            .is_ok(),
        "the key still works"
    );
    let projects = hub.gateway.projects();
    let standing = projects.seen(&viewer, project).await.unwrap();
    assert_eq!(
        (standing.project(), standing.role()),
        (&tenant.project, Some(ProjectRole::Admin))
    );
    assert_eq!(projects.members(&standing).await.unwrap().len(), 1, "nobody came in");
    assert_eq!(projects.applications(&standing).await.unwrap(), []);
    let key = hub.gateway.keys().get(&viewer, key).await.unwrap().unwrap();
    assert_eq!(key.rules, domain::key::KeyRules::default());
    let seen = hub.send("GET", "/account", &[("cookie", &session)], "").await;
    assert_eq!(seen.status(), StatusCode::OK, "the session lives");
    hub.end().await;
}
