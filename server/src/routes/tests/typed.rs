//! What is typed into forms of the console, at the router: a mistake comes back beside its field with what was typed, what ends is ended
//! by its name alone, a new key is shown once.

use domain::{
    id::ProjectId,
    limit::{Span, Window},
    name::ProviderName,
};

use super::{
    authority::{FORM, body},
    *,
};
use crate::{console::authority::FUNCTIONS_AT, serve::demo};

const HTML: (&str, &str) = ("accept", "text/html");

impl Hub {
    /// Sends a form as a browser does; gives where it leads, and that page.
    async fn submit(&self, cookie: &str, function: &str, form: &str) -> (String, String) {
        let headers = [FORM, HTML, ("cookie", cookie)];
        let sent = self
            .send("POST", &format!("{FUNCTIONS_AT}app/pages/{function}"), &headers, form)
            .await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER, "{function}");
        let to = text(&sent, "location").to_owned();
        let page = self.send("GET", &to, &[HTML, ("cookie", cookie)], "").await;
        (to, body(page).await)
    }
}

/// What a field of the page holds, when it is the one that a mistake is told beside.
fn mistaken(page: &str, value: &str) -> bool {
    page.split("<input")
        .filter_map(|tag| tag.split('>').next())
        .any(|tag| tag.contains("aria-invalid=\"true\"") && tag.contains(&format!("value=\"{value}\"")))
}

/// The secret of a key that the page shows. Its hint is shorter.
fn secret(page: &str) -> Option<&str> {
    let begun = page.split("sk-hub-").skip(1);
    let letters = |rest: &str| rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter));
    begun
        .map(|rest| &rest[..letters(rest).unwrap_or(rest.len())])
        .find(|found| found.len() == 43)
}

#[tokio::test]
async fn a_mistake_comes_back_beside_its_field_with_what_was_typed() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let owner = hub.person("owner@x.y", Role::Owner).await;
    let cookie = hub.cookie(owner).await;
    let (to, page) = hub
        .submit(
            &cookie,
            "projects/actions/create_project",
            "name=Data&payer=nobody%40x.y",
        )
        .await;
    assert_eq!(to, "/projects/new");
    assert!(mistaken(&page, "nobody@x.y") && !mistaken(&page, "Data"), "{page}");
    assert!(
        page.contains("There is no such user.") && page.contains("value=\"Data\""),
        "{page}"
    );
    // A reload begins anew.
    let again = hub.send("GET", &to, &[HTML, ("cookie", &cookie)], "").await;
    assert!(!body(again).await.contains("value=\"Data\""));

    let form = format!("subject={owner}&measure=requests&window=day&most=many");
    let (to, page) = hub.submit(&cookie, "limits/actions/set_limit", &form).await;
    assert_eq!(to, format!("/limits/user/{owner}"));
    assert!(mistaken(&page, "many"), "{page}");
    hub.end().await;
}

#[tokio::test]
async fn a_limit_is_what_its_form_says() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let owner = hub.person("owner@x.y", Role::Owner).await;
    let cookie = hub.cookie(owner).await;
    let form = format!("subject={owner}&measure=spend&window=month&most=12.50");
    for more in ["", "&rolling=true"] {
        hub.submit(&cookie, "limits/actions/set_limit", &format!("{form}{more}"))
            .await;
    }
    let limits = hub
        .gateway
        .limits()
        .of_any(&Admin::system().reader(), owner.into())
        .await
        .unwrap();
    let told: Vec<_> = limits
        .standings
        .iter()
        .map(|one| (one.limit.window, one.limit.most))
        .collect();
    let most = 12_500_000_000;
    assert_eq!(
        told,
        [
            (Window::Calendar(Span::Month), most),
            (Window::Rolling(Span::Month), most)
        ]
    );
    hub.end().await;
}

#[tokio::test]
async fn a_new_key_is_shown_once() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    let member = hub.person("member@x.y", Role::Member).await;
    let cookie = hub.cookie(member).await;
    let (to, page) = hub.submit(&cookie, "keys/actions/create_key", "name=robot").await;
    let first = secret(&page).unwrap_or_else(|| panic!("{to}: {page}")).to_owned();
    let again = hub.send("GET", &to, &[HTML, ("cookie", &cookie)], "").await;
    assert_eq!(secret(&body(again).await), None, "{to}");
    let id = to.trim_start_matches("/keys/").trim_end_matches("/created");
    let form = format!("id={id}&overlap=0");
    let (to, page) = hub.submit(&cookie, "keys/actions/rotate_key", &form).await;
    assert!(
        to.ends_with("/created") && secret(&page).is_some_and(|second| second != first),
        "{to}: {page}"
    );
    hub.end().await;
}

#[tokio::test]
async fn what_ends_is_ended_by_its_name_alone() {
    let hub = Hub::new("http://127.0.0.1:8080").await;
    demo::prepare(&hub.gateway).await.unwrap();
    let root = Admin::system();
    let owner = hub.person("owner@x.y", Role::Owner).await;
    let sam = hub.person("sam@x.y", Role::Member).await;
    let cookie = hub.cookie(owner).await;
    let viewer = hub.gateway.sessions().viewer(owner).await.unwrap().unwrap();
    let (keys, projects) = (hub.gateway.keys(), hub.gateway.projects());
    let name = "robot".parse().unwrap();
    let key = keys
        .create(&viewer.key_holder().unwrap(), Origin::default(), &name)
        .await
        .unwrap()
        .key
        .id;
    let name = "Shared".parse().unwrap();
    let project: ProjectId = projects
        .create(&root, Origin::default(), &name, owner)
        .await
        .unwrap()
        .id;
    let providers = hub.gateway.providers();
    let provider = providers.list(&root.reader()).await.unwrap()[0].clone();
    let called: &ProviderName = &provider.draft.name;
    let there = async || {
        let person = hub.gateway.users().get(&root.money_reader(), sam).await.unwrap();
        [
            !keys.list(&viewer).await.unwrap().is_empty(),
            projects.get(&root, project).await.unwrap().archived_at.is_none(),
            person.is_some_and(|person| person.deleted_at.is_none()),
            !providers.list(&root.reader()).await.unwrap().is_empty(),
        ]
    };
    let forms = [
        ("keys/actions/delete_key", format!("id={key}"), "robot"),
        ("projects/actions/archive_project", format!("id={project}"), "Shared"),
        ("users/actions/delete_user", format!("id={sam}"), "sam@x.y"),
        (
            "providers/actions/delete_provider",
            format!("id={}", provider.id),
            called.as_str(),
        ),
    ];
    for (at, (function, id, name)) in forms.iter().enumerate() {
        for wrong in ["", "Robot", "owner@x.y"] {
            let (_, page) = hub.submit(&cookie, function, &format!("{id}&typed={wrong}")).await;
            assert!(
                page.contains("The name you typed does not match."),
                "{function} {wrong}: {page}"
            );
            assert!(there().await[at], "{function} {wrong}");
        }
        hub.submit(&cookie, function, &format!("{id}&typed={name}")).await;
        assert!(!there().await[at], "{function}");
    }
    hub.end().await;
}
