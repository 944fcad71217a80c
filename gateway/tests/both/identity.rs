//! Signing in by identity providers: what the database must hold of it, on both databases.

#[path = "identity/fake.rs"]
pub(crate) mod fake;
#[path = "identity/meanwhile.rs"]
mod meanwhile;
#[path = "identity/pace.rs"]
mod pace;
#[path = "identity/silent.rs"]
mod silent;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{
    access::{Actor, Admin, Role},
    audit::{AuditEntry, AuditFilter},
    identity::{IdentityDraft, IdentityRefusal, Plain, Way},
    page::{Cursor, PageSize},
    refusal::{Refusal, Thing},
    setting::Setting,
};
use gateway::{
    Browser, Error, FiledProvider, Gateway, Origin, Outcome, ProcessKind, Purpose, SecretText, Stopped, clock::Clock,
};
use serde_json::json;

use self::fake::{Fake, answer, begin, finish, link, linking, sign_in};
use crate::hub::{admin, on_both};

const HERE: Origin<'static> = Origin::at(None);

/// A hub that is open to whomever this provider knows.
async fn open(hub: &Gateway, fake: &Fake, roles: &str) {
    let root = Admin::system();
    let draft = fake.draft("plain", roles);
    hub.identity_providers()
        .create(&root, HERE, &draft, None)
        .await
        .unwrap();
    set(hub, Setting::Registration, "open").await.unwrap();
}

async fn set(hub: &Gateway, setting: Setting, value: &str) -> Result<String, Error> {
    hub.options().set(&Admin::system().money(), HERE, setting, value).await
}

fn word<T>(outcome: Result<T, Stopped>) -> &'static str {
    match outcome {
        Ok(_) => "fine",
        Err(stopped) => refusal(Err::<(), _>(stopped.error)),
    }
}

fn refusal<T>(outcome: Result<T, Error>) -> &'static str {
    match outcome {
        Ok(_) => "fine",
        Err(Error::Identity(refusal)) => refusal.word(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn of_two_who_come_back_at_once_one_is_let_in() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        fake.is("7", "seven@example.com");
        let begun = begin(&hub, "plain", Purpose::SignIn("/keys")).await;
        let comers = (0..8).map(|_| finish(&hub, "plain", &begun, None));
        let outcomes = futures_util::future::join_all(comers).await;
        let mut words: Vec<_> = outcomes.into_iter().map(word).collect();
        words.sort_unstable();
        assert_eq!(
            words,
            ["fine", "state", "state", "state", "state", "state", "state", "state"]
        );
    })
    .await;
}

#[tokio::test]
async fn many_who_are_new_at_once_become_one_person() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        fake.is("7", "seven@example.com");
        let outcomes = futures_util::future::join_all((0..6).map(|_| sign_in(&hub, "plain"))).await;
        let ids: Vec<_> = outcomes.iter().flatten().map(|finished| finished.viewer.id).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let again = sign_in(&hub, "plain").await.unwrap();
        assert_eq!((again.viewer.id, again.outcome), (ids[0], Outcome::SignedIn));
        assert_eq!(database.numbers("SELECT COUNT(*) FROM identity").await, [1]);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_lasts_ten_minutes_and_belongs_to_its_browser() {
    on_both(async |mut database| {
        let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
        database.clock = Clock::Manual(Arc::clone(&hand));
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        fake.is("7", "seven@example.com");
        let (early, late) = (
            begin(&hub, "plain", Purpose::SignIn("/")).await,
            begin(&hub, "plain", Purpose::SignIn("/")).await,
        );
        let other = Browser {
            carried: std::slice::from_ref(&late.carried),
            viewer: None,
        };
        let stranger = hub.identities().finish(HERE, "plain", other, &answer(&early)).await;
        assert_eq!(word(stranger), "state");
        let nobody = hub
            .identities()
            .finish(HERE, "plain", Browser::default(), &answer(&early))
            .await;
        assert_eq!(word(nobody), "state");
        hand.fetch_add(599_999_999, Ordering::Relaxed);
        assert_eq!(word(finish(&hub, "plain", &early, None).await), "fine");
        hand.fetch_add(1, Ordering::Relaxed);
        assert_eq!(word(finish(&hub, "plain", &late, None).await), "state");
        // Nothing of it stays.
        hub.sweep().await;
        assert_eq!(database.numbers("SELECT COUNT(*) FROM identity_attempt").await, [0]);
    })
    .await;
}

#[tokio::test]
async fn claims_never_take_the_last_admin() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        open(&hub, &fake, "team: ops = admin\notherwise = member").await;
        fake.says(json!({ "id": 7, "email": "seven@example.com", "ok": true, "team": ["ops"] }));
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.role, Role::Admin);
        fake.says(json!({ "id": 7, "email": "seven@example.com", "ok": true, "team": [] }));
        // Nobody else is an admin.
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.role, Role::Admin);
        admin(&hub, "ada@example.com").await;
        let finished = sign_in(&hub, "plain").await.unwrap();
        assert_eq!(finished.viewer.role, Role::Member);
        let viewer = hub.sessions().viewer(finished.viewer.id).await.unwrap().unwrap();
        assert_eq!(viewer.role, Role::Member);
    })
    .await;
}

#[tokio::test]
async fn claims_never_take_the_last_way_in() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        open(&hub, &fake, "team: ops = admin\notherwise = member").await;
        admin(&hub, "ada@example.com").await;
        fake.says(json!({ "id": 7, "email": "seven@example.com", "ok": true, "team": ["ops"] }));
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.role, Role::Admin);
        set(&hub, Setting::LocalPasswords, "off").await.unwrap();
        // Ada is an admin still, but nothing lets her in.
        fake.says(json!({ "id": 7, "email": "seven@example.com", "ok": true, "team": [] }));
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.role, Role::Admin);
        let kept = newest(&hub, "user.keep_role").await;
        assert!(kept.after.unwrap().contains(r#""reason":"last_way_in""#));
        assert_eq!(kept.actor, Actor::System);
        set(&hub, Setting::LocalPasswords, "on").await.unwrap();
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.role, Role::Member);
        // The provider has said so, not the person.
        let moved = newest(&hub, "user.set_role").await;
        assert!(moved.after.unwrap().contains(r#""by_claims_of":"plain""#));
        assert_eq!(moved.actor, Actor::System);
    })
    .await;
}

/// The newest change of this kind.
async fn newest(hub: &Gateway, action: &str) -> AuditEntry {
    let filter = AuditFilter {
        action: Some(action.to_owned()),
        ..AuditFilter::default()
    };
    let reader = Admin::system().reader();
    let size = PageSize::default();
    let page = hub.audit().page(&reader, &filter, Cursor::Newest, size).await;
    page.unwrap().rows.remove(0)
}

#[tokio::test]
async fn who_edits_a_provider_comes_as_nobody_else() {
    on_both(async |database| {
        let (hub, fake, other) = (database.serve().await, Fake::listen().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        let (root, ada) = (Admin::system(), admin(&hub, "ada@example.com").await);
        fake.is("111", "ada@example.com");
        link(&hub, "plain", &ada).await.unwrap();
        let honest = fake.draft("plain", "");
        let plain = |draft: &IdentityDraft| match &draft.way {
            Way::Oauth2(plain) => (**plain).clone(),
            Way::Oidc { .. } => panic!("it is plain"),
        };
        let with = |slug: &str, plain: Plain| IdentityDraft {
            slug: slug.parse().unwrap(),
            way: Way::Oauth2(Box::new(plain)),
            ..honest.clone()
        };
        // A field that people fill in themselves, and a token that somebody else gives.
        let mut field = plain(&honest);
        field.fields.subject = "company".to_owned();
        let mut token = plain(&honest);
        token.token = plain(&other.draft("plain", "")).token;
        let ways = hub.identity_providers();
        for (mallory, dishonest) in [("field", field), ("token", token)] {
            let id = if mallory == "field" { "222" } else { "111" };
            let email = format!("{mallory}@example.com");
            fake.says(json!({ "id": id, "company": "111", "email": email, "ok": true }));
            ways.update(&root, HERE, &with("plain", dishonest.clone()), None)
                .await
                .unwrap();
            let came = sign_in(&hub, "plain").await.unwrap();
            assert_eq!(
                (came.viewer.email.as_str(), came.outcome),
                (email.as_str(), Outcome::Registered)
            );
            // Nor by another provider that says the same.
            ways.create(&root, HERE, &with(mallory, dishonest), None).await.unwrap();
            assert_eq!(sign_in(&hub, mallory).await.unwrap().viewer.id, came.viewer.id);
        }
        ways.update(&root, HERE, &honest, None).await.unwrap();
        fake.is("111", "ada@example.com");
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.id, ada.id);
    })
    .await;
}

#[tokio::test]
async fn who_was_linked_before_issuers_had_their_whole_name_stays_linked() {
    on_both(async |database| {
        let fake = Fake::listen().await;
        let hub = database.serve().await;
        open(&hub, &fake, "").await;
        fake.is("7", "seven@example.com");
        let seven = sign_in(&hub, "plain").await.unwrap().viewer;
        let draft = fake.draft("plain", "");
        let Way::Oauth2(plain) = &draft.way else {
            panic!("it is plain");
        };
        let before = format!("UPDATE identity SET issuer = '{}'", plain.userinfo);
        database.execute(&before).await;
        let folder = if database.url.starts_with("sqlite") {
            "sqlite"
        } else {
            "postgres"
        };
        let root = env!("CARGO_MANIFEST_DIR");
        let migration = format!("{root}/../migrations/{folder}/0022_identity_issuer.sql");
        let migration = std::fs::read_to_string(migration).unwrap();
        database.execute(&migration).await;
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.id, seven.id);

        // One of the file: it is in no table, so a server that starts moves its people.
        let ways = hub.identity_providers();
        ways.delete(&Admin::system(), HERE, "plain", "plain").await.unwrap();
        hub.shutdown(std::time::Duration::ZERO).await;
        database.execute(&before).await;
        database.execute(&migration).await;
        let mut settings = database.settings(ProcessKind::Serve);
        settings.identity_providers = vec![FiledProvider {
            draft,
            secret: None,
            enabled: true,
        }];
        let hub = Gateway::open(settings).await.unwrap();
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.id, seven.id);
    })
    .await;
}

#[tokio::test]
async fn mail_never_makes_one_person_of_two() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        let ada = admin(&hub, "ada@example.com").await;
        fake.is("7", "Ada@Example.com");
        assert_eq!(word(sign_in(&hub, "plain").await), "mail_taken");
        // Whether an address is known is told to nobody who could not come with it: neither by an address that is not proven to be
        // theirs, nor where registration is closed.
        fake.says(json!({ "id": "7", "email": "ada@example.com", "ok": false }));
        assert_eq!(word(sign_in(&hub, "plain").await), "unverified");
        fake.is("7", "ada@example.com");
        set(&hub, Setting::Registration, "closed").await.unwrap();
        assert_eq!(word(sign_in(&hub, "plain").await), "closed");
        assert_eq!(link(&hub, "plain", &ada).await.unwrap().outcome, Outcome::Linked);
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.id, ada.id);
        let bob = admin(&hub, "bob@example.com").await;
        assert_eq!(word(link(&hub, "plain", &bob).await), "linked_elsewhere");
        // Begun by one, finished by another.
        let begun = begin(&hub, "plain", linking(&ada)).await;
        assert_eq!(word(finish(&hub, "plain", &begun, Some(&bob)).await), "other_person");
        let begun = begin(&hub, "plain", linking(&ada)).await;
        assert_eq!(word(finish(&hub, "plain", &begun, None).await), "signed_out");
        // Nobody unlinks what is another's.
        let linked = hub.identities().list(&ada).await.unwrap();
        let theirs = hub.identities().unlink(&bob, HERE, linked[0].id).await;
        assert!(theirs.is_err_and(|error| error.refusal() != domain::refusal::Refusal::Internal));
    })
    .await;
}

#[tokio::test]
async fn an_issuer_that_was_changed_meanwhile_answers_for_nobody() {
    on_both(async |database| {
        let (hub, fake, other) = (database.serve().await, Fake::listen().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        other.is("7", "seven@example.com");
        let begun = begin(&hub, "plain", Purpose::SignIn("/")).await;
        let draft = other.draft("plain", "");
        let root = Admin::system();
        hub.identity_providers()
            .update(&root, HERE, &draft, None)
            .await
            .unwrap();
        assert_eq!(word(finish(&hub, "plain", &begun, None).await), "state");
    })
    .await;
}

#[tokio::test]
async fn while_passwords_are_off_an_admin_keeps_a_way_in() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        let (root, ada) = (Admin::system(), admin(&hub, "ada@example.com").await);
        let off = async || refusal(set(&hub, Setting::LocalPasswords, "off").await);
        assert_eq!(off().await, "last_way_in");
        // A member's identity is no way in.
        fake.is("1", "member@example.com");
        let member = sign_in(&hub, "plain").await.unwrap().viewer;
        assert_eq!(off().await, "last_way_in");
        fake.is("2", "ada@example.com");
        link(&hub, "plain", &ada).await.unwrap();
        let ways = hub.identity_providers();
        ways.set_enabled(&root, HERE, "plain", false).await.unwrap();
        assert_eq!(off().await, "last_way_in");
        ways.set_enabled(&root, HERE, "plain", true).await.unwrap();
        assert_eq!(off().await, "fine");

        let by_password = hub.sessions().sign_in(HERE, "ada@example.com", "a long password").await;
        assert_eq!(refusal(by_password), "passwords_off");
        assert_eq!(
            refusal(ways.set_enabled(&root, HERE, "plain", false).await),
            "last_way_in"
        );
        assert_eq!(refusal(ways.delete(&root, HERE, "plain", "plain").await), "last_way_in");
        let elsewhere = Fake::listen().await.draft("plain", "");
        assert_eq!(refusal(ways.update(&root, HERE, &elsewhere, None).await), "last_way_in");
        // Nor does another title come through beside that: what is asked together is done as a whole.
        let before = ways.get(&root.reader(), "plain").await.unwrap();
        let titled = IdentityDraft {
            title: "Another".parse().unwrap(),
            ..before.clone().unwrap().draft
        };
        let both = ways.edit(&root, HERE, (&titled, None), Some(false)).await;
        assert_eq!(refusal(both), "last_way_in");
        assert_eq!(ways.get(&root.reader(), "plain").await.unwrap(), before);
        let linked = hub.identities().list(&ada).await.unwrap();
        assert_eq!(
            refusal(hub.identities().unlink(&ada, HERE, linked[0].id).await),
            "only_way_in"
        );
        // A member without a password has one way in, whatever the hub needs.
        let theirs = hub.identities().list(&member).await.unwrap();
        assert_eq!(
            refusal(hub.identities().unlink(&member, HERE, theirs[0].id).await),
            "only_way_in"
        );
        assert_eq!(refusal(set(&hub, Setting::LocalPasswords, "on").await), "fine");
        assert_eq!(refusal(hub.identities().unlink(&ada, HERE, linked[0].id).await), "fine");
    })
    .await;
}

/// Nobody comes by it any more, and somebody else may take it; and of two that are somebody's only ways in one stays, whatever they do at once.
#[tokio::test]
async fn an_identity_that_was_unlinked_is_nobodys_and_the_last_one_stays() {
    on_both(async |database| {
        let (hub, fake, second) = (database.serve().await, Fake::listen().await, Fake::listen().await);
        open(&hub, &fake, "").await;
        let (root, ways) = (Admin::system(), hub.identity_providers());
        ways.create(&root, HERE, &second.draft("second", ""), None)
            .await
            .unwrap();
        let (ada, bob) = (
            admin(&hub, "ada@example.com").await,
            admin(&hub, "bob@example.com").await,
        );
        let identities = hub.identities();
        fake.is("7", "ada@example.com");
        link(&hub, "plain", &ada).await.unwrap();
        let linked = identities.list(&ada).await.unwrap();
        let missing = |outcome: Result<(), Error>| {
            let refusal = Refusal::NotFound { what: Thing::Identity };
            assert!(
                matches!(&outcome, Err(Error::Refused(told)) if *told == refusal),
                "{outcome:?}"
            );
        };
        // Another's is not there, whoever asks.
        missing(identities.unlink(&bob, HERE, linked[0].id).await);
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.id, ada.id);
        // One that comes back meanwhile comes too late.
        let begun = begin(&hub, "plain", Purpose::SignIn("/")).await;
        identities.unlink(&ada, HERE, linked[0].id).await.unwrap();
        assert_eq!(word(finish(&hub, "plain", &begun, None).await), "mail_taken");
        missing(identities.unlink(&ada, HERE, linked[0].id).await);
        let entry = newest(&hub, "identity.unlink").await;
        let before = entry.before.unwrap();
        assert!(
            before.contains("ada@example.com") && before.contains(r#""subject":"7""#),
            "{before}"
        );
        assert!(matches!(entry.actor, Actor::User { id, .. } if id == ada.id));
        assert_eq!(link(&hub, "plain", &bob).await.unwrap().outcome, Outcome::Linked);
        assert_eq!(sign_in(&hub, "plain").await.unwrap().viewer.id, bob.id);

        // A member without a password, with two of them.
        fake.is("1", "member@example.com");
        second.is("2", "member@example.com");
        let member = sign_in(&hub, "plain").await.unwrap().viewer;
        for round in 0..4 {
            link(&hub, "second", &member).await.unwrap();
            let both = identities.list(&member).await.unwrap();
            assert_eq!(both.len(), 2, "{round}");
            // One of a provider that is switched off lets nobody in.
            let on = both
                .iter()
                .find(|one| one.issuer == fake.draft("plain", "").way.issuer())
                .unwrap();
            ways.set_enabled(&root, HERE, "second", false).await.unwrap();
            assert_eq!(refusal(identities.unlink(&member, HERE, on.id).await), "only_way_in");
            ways.set_enabled(&root, HERE, "second", true).await.unwrap();
            let (one, other) = tokio::join!(
                identities.unlink(&member, HERE, both[0].id),
                identities.unlink(&member, HERE, both[1].id)
            );
            let mut words = [refusal(one), refusal(other)];
            words.sort_unstable();
            assert_eq!(words, ["fine", "only_way_in"], "{round}");
            let left = identities.list(&member).await.unwrap();
            assert_eq!(left.len(), 1, "{round}");
            if left[0].id != on.id {
                link(&hub, "plain", &member).await.unwrap();
                identities.unlink(&member, HERE, left[0].id).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_file_stands_for_its_slug_and_is_changed_nowhere_else() {
    on_both(async |database| {
        let (fake, other) = (Fake::listen().await, Fake::listen().await);
        let root = Admin::system();
        let hub = database.serve().await;
        let in_console = fake.draft("plain", "");
        hub.identity_providers()
            .create(&root, HERE, &in_console, None)
            .await
            .unwrap();
        hub.shutdown(std::time::Duration::ZERO).await;

        let mut settings = database.settings(ProcessKind::Serve);
        settings.identity_providers = vec![FiledProvider {
            draft: other.draft("plain", ""),
            secret: Some(SecretText::from("of-the-file".to_owned())),
            enabled: true,
        }];
        let hub = Gateway::open(settings).await.unwrap();
        let ways = hub.identity_providers();
        let listed = ways.list(&root.reader()).await.unwrap();
        let told: Vec<_> = listed.iter().map(|one| (one.id.is_none(), one.shadowed)).collect();
        assert_eq!(told, [(true, false), (false, true)]);
        assert_eq!(hub.identities().buttons().await.unwrap().len(), 1);
        let begun = begin(&hub, "plain", Purpose::SignIn("/")).await;
        let place = other.draft("plain", "").way.place();
        assert!(begun.url.starts_with(&place), "{}", begun.url);
        let outcomes = [
            ways.set_enabled(&root, HERE, "plain", false).await,
            ways.delete(&root, HERE, "plain", "plain").await,
            ways.update(&root, HERE, &in_console, None).await.map(drop),
        ];
        for outcome in outcomes {
            assert!(
                matches!(outcome, Err(Error::Identity(IdentityRefusal::FromFile))),
                "{outcome:?}"
            );
        }
        assert!(ways.create(&root, HERE, &in_console, None).await.is_err());
        // Neither row nor list shows a secret.
        assert!(!format!("{listed:?}").contains("of-the-file"));
    })
    .await;
}
