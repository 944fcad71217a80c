//! Somebody else's things: what the console answers to each role about a member's key, call and credit, and that nothing of
//! theirs changes by another member's forms. That nothing is left out is seen to by `tried.rs`.

use domain::{
    credit::GrantDraft,
    id::{CallId, KeyId, LimitId, LotId, ModelId, ProviderId},
    key::Scope,
    ledger::LotKind,
    limit::{Measure, Span, Window},
    project::{Application, Project, ProjectRole},
};
use gateway::LimitDraft;

use super::{
    table::{FOREIGN, FOREIGN_DOORS},
    tried::TRIED,
    *,
};
use crate::serve::demo;

/// A member with a key, a call and credit: the demo's.
struct Tenant {
    user: UserId,
    secret: String,
    key: KeyId,
    call: CallId,
    lot: LotId,
    model: ModelId,
    provider: ProviderId,
    /// On their key.
    limit: LimitId,
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
        let theirs = Application::parse("theirs").unwrap();
        let added = projects.add_application(&admin, Origin::default(), project.id, &theirs, false);
        added.await.unwrap();
        let key = keys.iter().find(|key| key.user_id == user).unwrap().id;
        let draft = LimitDraft {
            subject: key.into(),
            measure: Measure::Requests,
            window: Window::Calendar(Span::Day),
            most: 1_000,
        };
        let limit = hub.gateway.limits().set(&admin, Origin::default(), draft).await;
        let model = models.first().unwrap();
        Self {
            user,
            project,
            secret,
            key,
            call,
            lot,
            model: model.id,
            provider: model.provider_id,
            limit: limit.unwrap().id,
        }
    }

    fn named(&self, path: &str) -> String {
        path.replace("{user}", &self.user.to_string())
            .replace("{key}", &self.key.to_string())
            .replace("{project}", &self.project.id.to_string())
            .replace("{call}", &self.call.to_string())
            .replace("{lot}", &self.lot.to_string())
            .replace("{model}", &self.model.to_string())
            .replace("{provider}", &self.provider.to_string())
            .replace("{limit}", &self.limit.to_string())
    }
}

#[tokio::test]
async fn a_key_reads_no_call_of_another_tenant() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let tenant = Tenant::settle(&hub).await;
    let name = "key".parse().unwrap();
    let mut keys = Vec::new();
    let (all, root) = (hub.gateway.keys(), Admin::system());
    for person in hub.everybody().await {
        let made = all.create_for(&root, Origin::default(), person, &name).await.unwrap();
        keys.push(format!("Bearer {}", made.secret.expose()));
    }
    for (listed, marks) in FOREIGN_DOORS {
        let path = tenant.named(listed);
        let own = format!("Bearer {}", tenant.secret);
        let seen = hub.send("GET", &path, &[("authorization", own.as_str())], "").await;
        assert_eq!(seen.status(), StatusCode::OK, "{listed} for whose it is");
        for (key, (role, mark)) in keys.iter().zip(ROLES.iter().zip(marks.chars())) {
            let seen = hub.send("GET", &path, &[("authorization", key.as_str())], "").await;
            let turned_away = matches!(seen.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            match mark {
                '0' => assert_eq!(seen.status(), StatusCode::NOT_FOUND, "{listed} for {role:?}"),
                _ => assert!(turned_away, "{listed} for {role:?}: {}", seen.status()),
            }
        }
    }
    hub.end().await;
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
    for role in [Role::Member, Role::Billing] {
        let email = format!("{role:?}@x.y").to_lowercase();
        let cookie = hub.cookie(hub.person(&email, role).await).await;
        for (function, form) in TRIED {
            // Whoever keeps money sets the time zone of accounts.
            if role == Role::Billing && function.ends_with("/set_time_zone") {
                continue;
            }
            let form = tenant.named(form).replace("{email}", &email);
            let form = &form.replace("{session}", &theirs[0].id.to_string());
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
    let project = tenant.project.id;
    let standing = projects.seen(&viewer, project).await.unwrap();
    assert_eq!(
        (standing.project(), standing.role()),
        (&tenant.project, Some(ProjectRole::Admin))
    );
    assert_eq!(projects.members(&standing).await.unwrap().len(), 1, "nobody came in");
    let applications = projects.applications(&standing).await.unwrap();
    let told: Vec<_> = applications
        .iter()
        .map(|one| (one.application.as_str(), one.pays))
        .collect();
    assert_eq!(told, [("theirs", false)]);
    let keys = hub.gateway.keys();
    let any = keys.of_project(&viewer, project).await.unwrap().any().await;
    assert!(!any.unwrap(), "nobody has a key in it");
    let key = keys.get(&viewer, tenant.key).await.unwrap().unwrap();
    assert_eq!((key.rules, key.disabled_at), (domain::key::KeyRules::default(), None));
    for (subject, expected) in [
        (tenant.key.into(), vec![(tenant.limit, 1_000)]),
        (tenant.user.into(), vec![]),
    ] {
        let of = hub
            .gateway
            .limits()
            .of_any(&Admin::system().reader(), subject)
            .await
            .unwrap();
        let told: Vec<_> = of.standings.iter().map(|one| (one.limit.id, one.limit.most)).collect();
        assert_eq!(told, expected, "{subject}");
    }
    let reader = Admin::system().money_reader();
    let zone = hub.gateway.users().time_zone(&reader, tenant.user).await.unwrap();
    assert_eq!(zone, "UTC");
    let seen = hub.send("GET", "/account", &[("cookie", &session)], "").await;
    assert_eq!(seen.status(), StatusCode::OK, "the session lives");
    hub.end().await;
}
