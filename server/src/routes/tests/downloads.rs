//! Files that are read page by page end with an error as soon as whoever downloads them may not read them any more: a part is never taken
//! for all of it.

use domain::{
    id::{KeyId, UserId},
    key::{Scope, Scopes},
};
use http_body_util::BodyExt as _;

use super::*;

/// More changes than two pages hold.
const CHANGES: usize = 260;

/// What somebody is sent, whole, and whether it ended as it should. `meanwhile` comes when the first lines are there.
async fn downloaded(response: Response, meanwhile: impl Future<Output = ()>) -> (String, bool) {
    assert_eq!(response.status(), StatusCode::OK);
    assert!(text(&response, "content-type").starts_with("text/csv"));
    let (mut body, mut told) = (response.into_body(), Vec::new());
    while told.iter().filter(|byte| **byte == b'\n').count() < 2 {
        let frame = body.frame().await.unwrap().unwrap();
        told.extend(frame.into_data().unwrap_or_default());
    }
    meanwhile.await;
    let mut whole = true;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => told.extend(frame.into_data().unwrap_or_default()),
            Err(_) => whole = false,
        }
    }
    (String::from_utf8(told).unwrap(), whole)
}

/// Somebody with a role, and what they come by.
struct Reading {
    hub: Hub,
    auditor: UserId,
    owner: UserId,
    key: KeyId,
    bearer: String,
}

impl Reading {
    async fn begin() -> Self {
        let hub = Hub::new("http://127.0.0.1:8080").await;
        let owner = hub.person("owner@x.y", Role::Owner).await;
        let auditor = hub.person("reader@x.y", Role::Admin).await;
        let bearer = hub
            .key_for(auditor, [Scope::Manage].into_iter().collect::<Scopes>())
            .await;
        let keys = hub.gateway.keys().list_all(&Admin::system().reader()).await.unwrap();
        let key = keys.iter().find(|key| key.user_id == auditor).unwrap().id;
        for number in 0..CHANGES {
            let name = format!("n{number}").parse().unwrap();
            let users = hub.gateway.users();
            users
                .set_name(&Admin::system(), Origin::default(), owner, Some(&name))
                .await
                .unwrap();
            let credits = hub.gateway.credits();
            let (money, nothing) = (Admin::system().money(), domain::money::Amount::from_nano(1).unwrap());
            credits
                .debit(&money, Origin::default(), owner, nothing, "because")
                .await
                .unwrap();
        }
        Self {
            hub,
            auditor,
            owner,
            key,
            bearer,
        }
    }

    /// Takes something from them, and gives it back.
    async fn take(&self, way: &str) {
        let (users, root) = (self.hub.gateway.users(), Admin::system());
        let here = Origin::default();
        match way {
            "suspended" => users.set_suspended(&root, here, self.auditor, true).await.unwrap(),
            "role" => users.set_role(&root, here, self.auditor, Role::Member).await.unwrap(),
            "signed out" => drop(users.sign_out(&root, here, self.auditor).await.unwrap()),
            "revoked" => {
                let owner = self.hub.gateway.sessions().viewer(self.owner).await.unwrap().unwrap();
                let holder = owner.key_holder().unwrap();
                self.hub.gateway.keys().revoke(&holder, here, self.key).await.unwrap();
            }
            _ => {}
        }
    }

    async fn give_back(&self) {
        let (users, root) = (self.hub.gateway.users(), Admin::system());
        let here = Origin::default();
        users.set_suspended(&root, here, self.auditor, false).await.unwrap();
        users.set_role(&root, here, self.auditor, Role::Admin).await.unwrap();
    }

    /// Downloads this, and loses something meanwhile.
    async fn downloads(&self, path: &str, header: (&str, &str), way: &str) {
        let response = self.hub.send("GET", path, &[header], "").await;
        let (file, whole) = downloaded(response, self.take(way)).await;
        let lines = file.lines().count();
        assert_eq!(whole, way.is_empty(), "{path} {way}: {lines} lines");
        if whole {
            assert!(lines > CHANGES, "{path}: {lines} lines");
        } else {
            assert!(lines < 250, "{path} {way}: {lines} lines");
        }
        self.give_back().await;
    }
}

#[tokio::test]
async fn a_file_breaks_off_for_whoever_may_not_read_it_any_more() {
    let reading = Reading::begin().await;
    let ledger = format!("/users/{}/credits/ledger.csv", reading.owner);
    for way in ["", "suspended", "role", "signed out"] {
        for path in ["/audit/audit.csv", ledger.as_str()] {
            let cookie = reading.hub.cookie(reading.auditor).await;
            reading.downloads(path, ("cookie", &cookie), way).await;
        }
    }
    for way in ["", "suspended", "role", "revoked"] {
        for path in ["/audit.csv".to_owned(), ledger.clone()] {
            let path = format!("/api/admin{path}");
            if way == "revoked" && path.contains("users") {
                // It is revoked already.
                let refused = reading
                    .hub
                    .send("GET", &path, &[("authorization", &reading.bearer)], "")
                    .await;
                assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
                continue;
            }
            reading.downloads(&path, ("authorization", &reading.bearer), way).await;
        }
    }
    reading.hub.end().await;
}

#[tokio::test]
async fn a_file_of_somebody_else_breaks_off_for_whoever_may_not_look_as_them_any_more() {
    let reading = Reading::begin().await;
    let member = reading.hub.person("member@x.y", Role::Billing).await;
    let path = format!("/users/{}/credits/ledger.csv", reading.owner);
    for way in ["", "suspended", "role"] {
        let cookie = reading.hub.cookie_of(reading.auditor, Some(member)).await;
        reading.downloads(&path, ("cookie", &cookie), way).await;
    }
    reading.hub.end().await;
}
