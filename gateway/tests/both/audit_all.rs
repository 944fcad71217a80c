//! Every change is written down, once: each use-case that changes something is called, and its entry is looked for. A
//! use-case that is added without being called here is found by its action in the sources.

use std::{collections::BTreeSet, path::Path};

use domain::{
    access::{Admin, Role},
    audit::AuditFilter,
    catalog::ProviderKind,
    credit::{Correction, GrantDraft},
    key::Overlap,
    ledger::{LossKind, LotKind, Status},
    limit::{Measure, Span, Window},
    mail::MailLanguage,
    name::Email,
    page::{Cursor, PageSize},
    project::{Application, ProjectRole},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
    setting::Setting,
};
use gateway::{Gateway, KeyEdit, LimitDraft, MasterKey, Origin, Purpose, SecretText, StoredSession};

use crate::{
    hub::{admin, on_both},
    identity::fake::{self, Fake, sign_in},
    ledger::bank::{newest_process, row_of},
    mail::House,
};

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));
const PASSWORD: &str = "a long password";
const OTHER_PASSWORD: &str = "another password";
const SECRET: &str = "sk-provider-secret-0123456789";

/// Counts the entries after each change.
struct Count<'a> {
    hub: &'a Gateway,
    proof: Admin,
    written: Vec<String>,
}

impl Count<'_> {
    /// The newest entry is the one of this action, and it is one more.
    async fn rises(&mut self, action: &str) {
        let filter = AuditFilter::default();
        let size = PageSize::default();
        let page = self
            .hub
            .audit()
            .page(&self.proof.reader(), &filter, Cursor::Newest, size)
            .await
            .unwrap();
        let count = self
            .hub
            .audit()
            .count(&self.proof.reader(), &filter, 1000)
            .await
            .unwrap();
        self.written.push(action.to_owned());
        assert_eq!(
            usize::try_from(count).unwrap(),
            self.written.len(),
            "{action}: {:?}",
            page.rows
        );
        let newest = &page.rows[0];
        assert_eq!(newest.action, action);
        assert!(
            !newest.subject.is_empty() && !newest.subject_name.is_empty(),
            "{newest:?}"
        );
        let told = format!("{newest:?}");
        for secret in [PASSWORD, OTHER_PASSWORD, SECRET] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

fn draft(title: &str) -> ProviderDraft {
    ProviderDraft {
        name: "p".parse().unwrap(),
        title: title.parse().unwrap(),
        kind: ProviderKind::Simulated,
        preset: None,
        base_url: None,
        timeouts: Timeouts::DEFAULT,
        disconnect: DisconnectPolicy::Cancel,
        quirks: None,
    }
}

/// The actions that stand in the sources of the engine.
fn actions_in_sources(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            actions_in_sources(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // Texts in quotes are every second piece of a line.
        for word in text.lines().flat_map(|line| line.split('"').skip(1).step_by(2)) {
            let Some((subject, verb)) = word.split_once('.') else {
                continue;
            };
            let subjects = [
                "user",
                "session",
                "key",
                "provider",
                "credential",
                "model",
                "secrets",
                "credit",
                "account",
                "setting",
                "price",
                "identity",
                "identity_provider",
                "limit",
                "project",
            ];
            let letters = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            if subjects.contains(&subject) && !verb.is_empty() && verb.bytes().all(letters) {
                found.insert(word.to_owned());
            }
        }
    }
}

/// What people do by links that come by mail; `what_comes_by_mail_is_written_down_once_too` calls each.
const BY_MAIL: [&str; 4] = [
    "user.ask_reset",
    "user.reset_password",
    "user.change_email",
    "user.verify_email",
];

#[tokio::test]
async fn what_comes_by_mail_is_written_down_once_too() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        let door = house.hub.door();
        let ask = async |address: &str, password: &str| {
            let address: Email = address.parse().unwrap();
            door.ask_confirm(&ada, HERE, &address, password, MailLanguage::En)
                .await
                .unwrap();
            house.token(address.as_str(), "/confirm").await
        };
        let token = ask("ada@example.com", PASSWORD).await;
        door.confirm(HERE, &token).await.unwrap();
        house.pass(60_000_000);
        let token = ask("new@example.com", PASSWORD).await;
        door.confirm(HERE, &token).await.unwrap();
        let address: Email = "new@example.com".parse().unwrap();
        door.ask_reset(HERE, &address, MailLanguage::En).await.unwrap();
        let token = house.token("new@example.com", "/reset").await;
        door.reset(HERE, &token, OTHER_PASSWORD).await.unwrap();
        for action in BY_MAIL {
            let written = format!("SELECT COUNT(*) FROM audit WHERE action = '{action}'");
            assert_eq!(house.database.numbers(&written).await, [1], "{action}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_use_case_that_changes_something_is_written_down_once() {
    on_both(async |database| {
        let hub = database.serve().await;
        let mut count = Count {
            hub: &hub,
            proof: Admin::system(),
            written: Vec::new(),
        };
        let root = Admin::system();

        let link = hub.setup().new_link().await.unwrap().unwrap();
        let (_, token) = link.expose().rsplit_once('=').unwrap();
        let email: Email = "ada@example.com".parse().unwrap();
        let ada = hub.setup().complete(HERE, token, &email, PASSWORD).await.unwrap();
        count.rises("user.set_up").await;
        let ada_again = hub.sessions().sign_in(HERE, email.as_str(), PASSWORD).await.unwrap();
        assert_eq!(ada_again.viewer.id, ada.id);
        count.rises("user.sign_in").await;
        hub.sessions().record_sign_out(&ada, HERE).await.unwrap();
        count.rises("user.sign_out").await;
        let session = StoredSession {
            id: None,
            user: Some(ada.id),
            data: "{}".to_owned(),
            address: String::new(),
            agent: String::new(),
            expires_at: hub.now().plus(domain::time::Micros::from_seconds(3600)),
            secured: ada_again.secured,
        };
        for token in ["one", "two"] {
            assert!(hub.sessions().create(token, &session).await.unwrap());
        }
        let id = async |token| hub.sessions().load(token).await.unwrap().unwrap().id.unwrap();
        let (one, two) = (id("one").await, id("two").await);
        hub.sessions().end(&ada, HERE, one).await.unwrap();
        count.rises("session.end").await;
        hub.users()
            .change_own_password(&ada, HERE, two, PASSWORD, OTHER_PASSWORD)
            .await
            .unwrap();
        count.rises("user.change_password").await;
        hub.sessions().end_all(&ada, HERE, None).await.unwrap();
        count.rises("session.end_all").await;

        let users = hub.users();
        let member = users
            .create(
                &root,
                HERE,
                &"moss@example.com".parse().unwrap(),
                Role::Member,
                PASSWORD,
            )
            .await
            .unwrap();
        count.rises("user.create").await;
        let robot = users
            .create_without_password(&root, HERE, &"robot@example.com".parse().unwrap(), Role::Member)
            .await
            .unwrap();
        count.rises("user.create").await;
        users
            .set_password(&root, HERE, member.id, OTHER_PASSWORD)
            .await
            .unwrap();
        count.rises("user.set_password").await;
        users.set_role(&root, HERE, member.id, Role::Admin).await.unwrap();
        count.rises("user.set_role").await;
        for (suspended, action) in [(true, "user.suspend"), (false, "user.activate")] {
            users.set_suspended(&root, HERE, member.id, suspended).await.unwrap();
            count.rises(action).await;
        }

        users
            .set_name(&root, HERE, member.id, Some(&"Moss".parse().unwrap()))
            .await
            .unwrap();
        count.rises("user.rename").await;
        users
            .set_time_zone(&root.money(), HERE, member.id, "Europe/Berlin")
            .await
            .unwrap();
        count.rises("account.time_zone").await;
        users.sign_out(&root, HERE, member.id).await.unwrap();
        count.rises("user.end_sessions").await;
        users.begin_viewing(&ada, HERE, member.id).await.unwrap();
        count.rises("user.view_as").await;
        users.end_viewing(&ada, HERE, member.id).await.unwrap();
        count.rises("user.view_as_end").await;
        users.delete(&root, HERE, robot.id, "robot@example.com").await.unwrap();
        count.rises("user.delete").await;

        let credits = hub.credits();
        let grant = GrantDraft {
            kind: LotKind::Promo,
            amount: "5".parse().unwrap(),
            priority: None,
            expires_at: Some(hub.now().plus(domain::time::Micros::from_days(1))),
            reason: "because".to_owned(),
        };
        let (lot, _) = credits.grant(&root.money(), HERE, member.id, grant).await.unwrap();
        count.rises("credit.grant").await;
        credits
            .extend(&root.money(), HERE, member.id, lot, None, "because")
            .await
            .unwrap();
        count.rises("credit.extend").await;
        let less = Correction::Take("1".parse().unwrap());
        credits
            .adjust(&root.money(), HERE, member.id, less, "because")
            .await
            .unwrap();
        count.rises("credit.adjust").await;
        credits
            .void(&root.money(), HERE, member.id, lot, "because")
            .await
            .unwrap();
        count.rises("credit.void").await;
        for (status, action) in [(Status::Blocked, "account.block"), (Status::Active, "account.unblock")] {
            credits
                .set_status(&root.money(), HERE, member.id, status, "because")
                .await
                .unwrap();
            count.rises(action).await;
        }
        let out = format!(
            "UPDATE account SET quarantine = 'because' WHERE person_id = {}",
            member.id.number()
        );
        database.execute(&out).await;
        credits
            .lift_quarantine(&root.money(), HERE, member.id, "because")
            .await
            .unwrap();
        count.rises("account.lift_quarantine").await;
        let back = "20".parse().unwrap();
        credits
            .debit(&root.money(), HERE, member.id, back, "because")
            .await
            .unwrap();
        count.rises("credit.debit").await;
        let debt = "2".parse().unwrap();
        credits
            .write_off(&root.money(), HERE, member.id, debt, LossKind::Dispute, "because")
            .await
            .unwrap();
        count.rises("credit.write_off").await;
        let process = newest_process(&database).await;
        let row = row_of(&hub, process, ada.id, hub.now());
        let charge = "0.5".parse().unwrap();
        let credit = GrantDraft {
            kind: LotKind::Admin,
            amount: charge,
            priority: None,
            expires_at: None,
            reason: "because".to_owned(),
        };
        credits.grant(&root.money(), HERE, ada.id, credit).await.unwrap();
        count.rises("credit.grant").await;
        hub.ledger().hold(row.clone(), charge).await.unwrap();
        hub.ledger().settle(row.clone(), Vec::new(), charge).await.unwrap();
        credits
            .correct(&root.money(), HERE, ada.id, row.id, charge, "because")
            .await
            .unwrap();
        count.rises("credit.correct").await;
        hub.options()
            .set(&root.money(), HERE, Setting::Mode, "service-provider")
            .await
            .unwrap();
        count.rises("setting.change").await;

        let mine = hub
            .keys()
            .create(&ada.key_holder().unwrap(), HERE, &"mine".parse().unwrap())
            .await
            .unwrap();
        count.rises("key.create").await;
        let theirs = hub
            .keys()
            .create_for(&root, HERE, member.id, &"theirs".parse().unwrap())
            .await
            .unwrap();
        count.rises("key.create").await;
        let keys = hub.keys();
        let edit = KeyEdit {
            name: Some("renamed".parse().unwrap()),
            ..KeyEdit::default()
        };
        keys.edit(&ada, HERE, mine.key.id, &edit).await.unwrap();
        count.rises("key.change").await;
        for (disabled, action) in [(true, "key.disable"), (false, "key.enable")] {
            keys.set_disabled(&ada, HERE, mine.key.id, disabled).await.unwrap();
            count.rises(action).await;
        }
        let holder = ada.key_holder().unwrap();
        keys.rotate(&holder, HERE, mine.key.id, Overlap::Day).await.unwrap();
        count.rises("key.rotate").await;
        let gone = keys
            .create_for(&root, HERE, member.id, &"gone".parse().unwrap())
            .await
            .unwrap();
        count.rises("key.create").await;
        keys.delete_any(&root, HERE, gone.key.id).await.unwrap();
        count.rises("key.delete").await;

        let projects = hub.projects();
        let project = projects
            .create(&root, HERE, &"Data".parse().unwrap(), ada.id)
            .await
            .unwrap();
        count.rises("project.create").await;
        let keeper = root.keeper_of(project.clone());
        projects
            .rename(&keeper, HERE, &"More data".parse().unwrap())
            .await
            .unwrap();
        count.rises("project.rename").await;
        for (role, action) in [
            (ProjectRole::Member, "project.add_member"),
            (ProjectRole::Reader, "project.set_role"),
        ] {
            projects.set_member(&keeper, HERE, member.id, role).await.unwrap();
            count.rises(action).await;
        }
        projects.remove_member(&keeper, HERE, member.id).await.unwrap();
        count.rises("project.remove_member").await;
        let application = Application::parse("z1").unwrap();
        projects
            .add_application(&root, HERE, project.id, &application, true)
            .await
            .unwrap();
        count.rises("project.add_application").await;
        projects.remove_application(&keeper, HERE, &application).await.unwrap();
        count.rises("project.remove_application").await;
        projects.withdraw_payer(&ada, HERE, project.id).await.unwrap();
        count.rises("project.withdraw_payer").await;
        projects
            .name_payer(&root.money(), HERE, project.id, member.id)
            .await
            .unwrap();
        count.rises("project.set_payer").await;
        projects.archive(&root, HERE, project.id).await.unwrap();
        count.rises("project.archive").await;

        hub.keys()
            .revoke(&ada.key_holder().unwrap(), HERE, mine.key.id)
            .await
            .unwrap();
        count.rises("key.revoke").await;
        hub.keys().revoke_any(&root, HERE, theirs.key.id).await.unwrap();
        count.rises("key.revoke").await;

        let providers = hub.providers();
        let provider = providers.create(&root, HERE, &draft("One")).await.unwrap().id;
        count.rises("provider.create").await;
        providers
            .update(&root, HERE, provider, &draft("Another"))
            .await
            .unwrap();
        count.rises("provider.update").await;
        for (enabled, action) in [(false, "provider.disable"), (true, "provider.enable")] {
            providers.set_enabled(&root, HERE, provider, enabled).await.unwrap();
            count.rises(action).await;
        }
        let second = ProviderDraft {
            name: "q".parse().unwrap(),
            ..draft("Second")
        };
        let second = providers.create(&root, HERE, &second).await.unwrap().id;
        count.rises("provider.create").await;
        providers.move_to(&root, HERE, second, 1).await.unwrap();
        count.rises("provider.move").await;
        let (label, secret) = ("main".parse().unwrap(), SecretText::from(SECRET.to_owned()));
        let credential = providers
            .add_credential(&root, HERE, provider, &label, &secret)
            .await
            .unwrap();
        count.rises("credential.create").await;
        for (enabled, action) in [(false, "credential.disable"), (true, "credential.enable")] {
            providers
                .set_credential_enabled(&root, HERE, provider, credential, enabled)
                .await
                .unwrap();
            count.rises(action).await;
        }
        providers
            .test_credential(&root, HERE, provider, Some(credential))
            .await
            .unwrap();
        count.rises("credential.test").await;
        providers.refresh_models(&root, HERE, provider).await.unwrap();
        count.rises("provider.refresh_models").await;
        providers
            .delete_credential(&root, HERE, provider, credential)
            .await
            .unwrap();
        count.rises("credential.delete").await;

        let models = hub.models();
        let model = models
            .add(&root, HERE, provider, &"typed".parse().unwrap())
            .await
            .unwrap()
            .id;
        count.rises("model.create").await;
        for (enabled, action) in [(false, "model.disable"), (true, "model.enable")] {
            models.set_enabled(&root, HERE, model, enabled).await.unwrap();
            count.rises(action).await;
        }
        let told = models.set_context(&root, HERE, model, Some(8_192)).await.unwrap();
        assert_eq!(told.context_tokens, Some(8_192));
        count.rises("model.context").await;
        let a_day = |most| LimitDraft {
            subject: model.into(),
            measure: Measure::Requests,
            window: Window::Calendar(Span::Day),
            most,
        };
        let limit = hub.limits().set(&root, HERE, a_day(5)).await.unwrap();
        count.rises("limit.create").await;
        assert_eq!(hub.limits().set(&root, HERE, a_day(6)).await.unwrap().id, limit.id);
        count.rises("limit.change").await;
        hub.limits().remove(&root, HERE, limit.id).await.unwrap();
        count.rises("limit.remove").await;
        for (enabled, action) in [(false, "model.disable_all"), (true, "model.enable_all")] {
            models.set_all_enabled(&root, HERE, provider, enabled).await.unwrap();
            count.rises(action).await;
        }
        let price = crate::prices::draft(crate::prices::sheet("1", "2", "20"));
        hub.prices().publish(&root.money(), HERE, model, price).await.unwrap();
        count.rises("price.publish").await;
        models.delete(&root, HERE, model).await.unwrap();
        count.rises("model.delete").await;
        providers.delete(&root, HERE, second, "q").await.unwrap();
        count.rises("provider.delete").await;

        let plain = Fake::listen().await;
        let (ways, mut draft) = (hub.identity_providers(), plain.draft("plain", ""));
        let secret = SecretText::from(SECRET.to_owned());
        ways.create(&root, HERE, &draft, Some(&secret)).await.unwrap();
        count.rises("identity_provider.create").await;
        draft.scopes.clear();
        ways.update(&root, HERE, &draft, None).await.unwrap();
        count.rises("identity_provider.update").await;
        for (enabled, action) in [(false, "identity_provider.disable"), (true, "identity_provider.enable")] {
            ways.set_enabled(&root, HERE, "plain", enabled).await.unwrap();
            count.rises(action).await;
        }
        plain.is("7", "seven@example.com");
        assert!(sign_in(&hub, "plain").await.is_err(), "registration is closed");
        count.rises("identity.refuse").await;
        for _ in 1..100 {
            assert!(sign_in(&hub, "plain").await.is_err());
            count.written.push("identity.refuse".to_owned());
        }
        assert!(sign_in(&hub, "plain").await.is_err());
        count.rises("identity.omit").await;
        hub.options()
            .set(&root.money(), HERE, Setting::Registration, "open")
            .await
            .unwrap();
        count.rises("setting.change").await;
        sign_in(&hub, "plain").await.unwrap();
        // Somebody who registers is signed in by the same change.
        count.written.push("user.register".to_owned());
        count.rises("user.sign_in").await;
        sign_in(&hub, "plain").await.unwrap();
        count.rises("user.sign_in").await;
        // Claims make roles, and never take the last way in.
        let ruled = plain.draft("plain", "team: ops = admin\notherwise = member");
        ways.update(&root, HERE, &ruled, None).await.unwrap();
        count.rises("identity_provider.update").await;
        plain.says(serde_json::json!({ "id": "7", "email": "seven@example.com", "ok": true, "team": ["ops"] }));
        sign_in(&hub, "plain").await.unwrap();
        count.written.push("user.set_role".to_owned());
        count.rises("user.sign_in").await;
        let passwords = async |value| {
            hub.options()
                .set(&root.money(), HERE, Setting::LocalPasswords, value)
                .await
        };
        passwords("off").await.unwrap();
        count.rises("setting.change").await;
        plain.is("7", "seven@example.com");
        sign_in(&hub, "plain").await.unwrap();
        count.written.push("user.keep_role".to_owned());
        count.rises("user.sign_in").await;
        passwords("on").await.unwrap();
        count.rises("setting.change").await;
        plain.is("8", "eight@example.com");
        // Her password was changed above.
        let linking = Purpose::Link {
            viewer: &ada,
            password: OTHER_PASSWORD,
        };
        let begun = fake::begin(&hub, "plain", linking).await;
        fake::finish(&hub, "plain", &begun, Some(&ada)).await.unwrap();
        count.rises("identity.link").await;
        let linked = hub.identities().list(&ada).await.unwrap();
        hub.identities().unlink(&ada, HERE, linked[0].id).await.unwrap();
        count.rises("identity.unlink").await;
        ways.delete(&root, HERE, "plain", "plain").await.unwrap();
        count.rises("identity_provider.delete").await;
        hub.rotate_master_key(&root, &MasterKey::generate().unwrap())
            .await
            .unwrap();
        count.rises("secrets.rotate").await;

        let mut known = BTreeSet::new();
        actions_in_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut known);
        let by_mail = BY_MAIL.map(str::to_owned);
        // By a start, not by a use-case: `ledger/seals.rs` looks for it.
        let by_itself = ["price.seal".to_owned()];
        let called: BTreeSet<String> = count.written.into_iter().chain(by_mail).chain(by_itself).collect();
        assert_eq!(called, known, "an action of the sources is not called here");
    })
    .await;
}
