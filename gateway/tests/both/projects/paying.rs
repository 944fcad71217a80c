//! Whose credit a call takes: the account of its key's project, and nobody else's, in each way of keeping the ledger. And what a
//! header may change about that.

use std::time::Instant;

use bytes::Bytes;
use domain::{
    access::Role,
    call::{Dialect, Door},
    project::{Application, ProjectRole},
    refusal::Refusal,
    setting::Setting,
};
use gateway::call::{CallRequest, Caller, Passing, Payer, Room};

use super::*;
use crate::{
    hub::in_all_ways,
    ledger::bank::{Bank, ROOT, sell},
};

const CREDIT: i64 = 1_000_000;

/// A hub whose calls take credit.
async fn billed(database: crate::hub::Database) -> Bank {
    let bank = Bank::open(database).await;
    let options = bank.hub.options();
    options
        .set(&ROOT.money(), HERE, Setting::Mode, "service-provider")
        .await
        .unwrap();
    let providers = bank.hub.providers().list(&ROOT.reader()).await.unwrap();
    sell(&bank.hub, providers[0].id, "embed").await;
    bank
}

/// Runs a call.
async fn call(bank: &Bank, caller: Caller) -> Result<(), gateway::call::CallError> {
    let request = CallRequest {
        dialect: Dialect::OpenaiEmbeddings,
        door: Door::Api,
        caller,
        from: None,
        session: None,
        body: Bytes::from_static(br#"{"model":"a/embed","input":"a few words to count"}"#),
        room: Room::default(),
        stream: false,
        headers: Passing::default(),
        agent: None,
        arrived: Instant::now(),
        arrived_at: bank.now(),
        id: bank.hub.new_call_id(),
    };
    bank.hub.call(request).await.map(drop)
}

async fn spendable(bank: &Bank, user: UserId) -> i64 {
    let reads_all = Viewer {
        role: Role::Owner,
        ..bank.viewer()
    };
    let balance = bank.hub.credits().balance(&reads_all, user).await;
    balance.unwrap().spendable.nano()
}

#[tokio::test]
async fn a_key_of_a_project_takes_the_credit_of_its_account_and_of_no_other() {
    in_all_ways(async |database| {
        let bank = billed(database).await;
        let hub = &bank.hub;
        let payer = person(hub, "payer@example.com", Role::Member).await;
        let mia = person(hub, "mia@example.com", Role::Member).await;
        for user in [payer.id, mia.id] {
            bank.grant_to(user, CREDIT, None).await.unwrap();
        }
        let shared = project(hub, "shared", payer.id).await;
        join(hub, &shared, &mia, ProjectRole::Member).await;
        let (in_shared, own) = (
            key_in(hub, shared.id, &mia).await,
            key_in(hub, ProjectId::personal_of(mia.id), &mia).await,
        );
        call(&bank, enter(hub, &in_shared).unwrap()).await.unwrap();
        let taken = CREDIT - spendable(&bank, payer.id).await;
        assert!(taken > 0, "the project's account pays");
        assert_eq!(spendable(&bank, mia.id).await, CREDIT, "and its caller does not");
        call(&bank, enter(hub, &own).unwrap()).await.unwrap();
        assert_eq!(spendable(&bank, mia.id).await, CREDIT - taken);
        assert_eq!(spendable(&bank, payer.id).await, CREDIT - taken);

        // What is told of it, to the key and by the sums.
        let usage = hub.usage();
        let told = usage.credit_of(enter(hub, &in_shared).unwrap()).await.unwrap();
        assert_eq!((told.account, told.spendable.nano()), (shared.account, CREDIT - taken));
        let sums = |column: &str, id: i64| format!("SELECT charge FROM usage_hour WHERE {column} = {id}");
        for (column, id) in [
            ("project_id", shared.id.number()),
            ("account_id", payer.id.number()),
            ("project_id", mia.id.number()),
            ("account_id", mia.id.number()),
        ] {
            assert_eq!(bank.database.numbers(&sums(column, id)).await, [taken], "{column}");
        }
        let rows = format!(
            "SELECT COUNT(*) FROM call WHERE person_id = {0} AND project_id = {1} AND account_id = {2}",
            mia.id.number(),
            shared.id.number(),
            payer.id.number()
        );
        assert_eq!(bank.database.numbers(&rows).await, [1]);

        // Another account pays from now on, and a blocked one admits nobody.
        hub.projects()
            .set_payer(&keeper(&shared), HERE, bank.user)
            .await
            .unwrap();
        let error = call(&bank, enter(hub, &in_shared).unwrap()).await.unwrap_err();
        assert_eq!((error.status, &*error.code), (402, "insufficient_credits"));
        bank.grant(CREDIT, None).await.unwrap();
        call(&bank, enter(hub, &in_shared).unwrap()).await.unwrap();
        assert_eq!(spendable(&bank, bank.user).await, CREDIT - taken);
        assert_eq!(spendable(&bank, payer.id).await, CREDIT - taken);
        let status = domain::ledger::Status::Blocked;
        let credits = hub.credits();
        credits
            .set_status(&ROOT.money(), HERE, bank.user, status, "because")
            .await
            .unwrap();
        let error = call(&bank, enter(hub, &in_shared).unwrap()).await.unwrap_err();
        assert_eq!(&*error.code, "account_blocked");
        call(&bank, enter(hub, &own).unwrap()).await.unwrap();
        bank.is_sound().await;
    })
    .await;
}

/// A call that is charged to another account than the one that paid is found.
#[tokio::test]
async fn the_verifier_finds_a_call_that_was_moved_to_another_account() {
    in_all_ways(async |database| {
        let bank = billed(database).await;
        let hub = &bank.hub;
        let (payer, mia) = (
            person(hub, "payer@example.com", Role::Member).await,
            person(hub, "mia@example.com", Role::Member).await,
        );
        bank.grant_to(payer.id, CREDIT, None).await.unwrap();
        bank.grant_to(mia.id, CREDIT, None).await.unwrap();
        let shared = project(hub, "shared", payer.id).await;
        join(hub, &shared, &mia, ProjectRole::Member).await;
        let key = key_in(hub, shared.id, &mia).await;
        call(&bank, enter(hub, &key).unwrap()).await.unwrap();
        bank.is_sound().await;
        let moved = format!(
            "UPDATE call SET account_id = {} WHERE settle_seq IS NOT NULL",
            mia.id.number()
        );
        bank.database.execute(&moved).await;
        let found = async |user| {
            let report = hub.credits().verify(&ROOT.money_reader(), Some(user)).await.unwrap();
            report.findings
        };
        assert!(
            !found(payer.id).await.is_empty(),
            "its journal names a call that is not there"
        );
        assert!(!found(mia.id).await.is_empty(), "a call names an end that is not there");
    })
    .await;
}

/// A header moves a call to a project only for whoever has keys there, and to its account only where an admin of it has said so.
#[tokio::test]
async fn an_application_that_is_named_spends_no_credit_of_strangers() {
    in_all_ways(async |database| {
        let bank = billed(database).await;
        let hub = &bank.hub;
        let payer = person(hub, "payer@example.com", Role::Member).await;
        let mia = person(hub, "mia@example.com", Role::Member).await;
        let stranger = person(hub, "stranger@example.com", Role::Member).await;
        let shared = project(hub, "shared", payer.id).await;
        join(hub, &shared, &mia, ProjectRole::Member).await;
        let projects = hub.projects();
        let (free, paid) = (
            Application::parse("z1-their-own").unwrap(),
            Application::parse("z1-paid").unwrap(),
        );
        projects
            .add_application(&ROOT, HERE, shared.id, &free, false)
            .await
            .unwrap();
        projects
            .add_application(&ROOT, HERE, shared.id, &paid, true)
            .await
            .unwrap();
        let another = project(hub, "another", stranger.id).await;
        let twice = projects.add_application(&ROOT, HERE, another.id, &paid, true).await;
        assert_eq!(
            refusal(twice),
            Refusal::Taken {
                what: domain::refusal::Thing::Application
            }
        );

        let of = |who: &Viewer, name: &str| hub.attributed(Caller::of_person(who.id), name);
        let own = |who: &Viewer| Caller::of_person(who.id);
        assert_eq!(
            of(&stranger, "z1-paid"),
            own(&stranger),
            "a stranger's header changes nothing"
        );
        assert_eq!(of(&stranger, "z1-their-own"), own(&stranger));
        assert_eq!(of(&mia, "nobody's"), own(&mia));
        let attributed = Caller {
            project: shared.id,
            ..own(&mia)
        };
        assert_eq!(
            of(&mia, "z1-their-own"),
            attributed,
            "the project's, on their own account"
        );
        let moved = Caller {
            payer: Payer::Another(shared.account),
            ..attributed
        };
        assert_eq!(of(&mia, "z1-paid"), moved);

        // A key of another shared project stays that project's, with its payer and its limits.
        join(hub, &another, &mia, ProjectRole::Member).await;
        let elsewhere = key_in(hub, another.id, &mia).await;
        let caller = enter(hub, &elsewhere).unwrap();
        for name in ["z1-paid", "z1-their-own"] {
            assert_eq!(hub.attributed(caller, name), caller, "{name}");
        }

        for user in [payer.id, mia.id, stranger.id] {
            bank.grant_to(user, CREDIT, None).await.unwrap();
        }
        call(&bank, of(&stranger, "z1-paid")).await.unwrap();
        assert_eq!(spendable(&bank, payer.id).await, CREDIT);
        call(&bank, of(&mia, "z1-paid")).await.unwrap();
        assert!(spendable(&bank, payer.id).await < CREDIT);
        assert_eq!(spendable(&bank, mia.id).await, CREDIT);

        // Readers, people who left and archived projects are strangers.
        join(hub, &shared, &mia, ProjectRole::Reader).await;
        assert_eq!(of(&mia, "z1-paid"), own(&mia));
        join(hub, &shared, &mia, ProjectRole::Member).await;
        assert_eq!(of(&mia, "z1-paid"), moved);
        projects
            .remove_application(&keeper(&shared), HERE, &paid)
            .await
            .unwrap();
        assert_eq!(of(&mia, "z1-paid"), own(&mia));
        projects.archive(&ROOT, HERE, shared.id).await.unwrap();
        assert_eq!(of(&mia, "z1-their-own"), own(&mia));
        // An archived project keeps no names.
        let freed = Application::parse("z1-their-own").unwrap();
        projects
            .add_application(&ROOT, HERE, another.id, &freed, false)
            .await
            .unwrap();
        assert_eq!(of(&mia, "z1-their-own").project, another.id);
        bank.is_sound().await;
    })
    .await;
}
