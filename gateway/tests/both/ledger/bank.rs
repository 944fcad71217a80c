//! A hub with one person and their account.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{
    access::{Admin, Role, Viewer},
    call::{CallState, Door, Endpoint},
    catalog::ProviderKind,
    credit::{Balance, Correction, GrantDraft},
    id::{AccountId, LotId, PriceId, ProcessId, ProjectId, ProviderId, UserId},
    ledger::{Effects, LotKind},
    money::{Amount, MarginPpm, Price},
    price::{Base, Dimension, Overrides, PriceDraft, PriceSheet, Rates, Tariff, TierRule},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
    time::{Micros, Timestamp},
    usage::{Usage, UsageSource},
};
use gateway::{CallRow, Error, Gateway, Origin, ProcessKind, clock::Clock};

use crate::hub::Database;

pub(crate) static ROOT: Admin = Admin::system();
/// What books on accounts.
pub(crate) static MONEY: LazyLock<domain::access::Money> = LazyLock::new(|| ROOT.money());
/// Where the clock of banks begins: in 2027.
const BEGIN: i64 = 1_800_000_000_000_000;

pub(crate) struct Bank {
    pub(crate) database: Database,
    pub(crate) hub: Gateway,
    pub(crate) user: UserId,
    clock: Arc<AtomicI64>,
    kind: ProcessKind,
    process: ProcessId,
    /// A token costs a nano-USD.
    price: PriceId,
}

pub(crate) fn nano(count: i64) -> Amount {
    Amount::from_nano(count).unwrap()
}

impl Bank {
    /// Run by a server.
    pub(crate) async fn open(database: Database) -> Self {
        Self::open_as(database, ProcessKind::Serve).await
    }

    pub(crate) async fn open_as(database: Database, kind: ProcessKind) -> Self {
        let clock = Arc::new(AtomicI64::new(BEGIN));
        Self::begin(database, kind, Clock::Manual(Arc::clone(&clock)), clock).await
    }

    /// Run by a server with this clock, whose time of day is in `wall`.
    pub(crate) async fn open_by(database: Database, clock: Clock, wall: Arc<AtomicI64>) -> Self {
        Self::begin(database, ProcessKind::Serve, clock, wall).await
    }

    async fn begin(mut database: Database, kind: ProcessKind, by: Clock, clock: Arc<AtomicI64>) -> Self {
        database.clock = by;
        let hub = database.open(kind).await.unwrap();
        let process = newest_process(&database).await;
        let email = "one@example.com".parse().unwrap();
        let person = hub
            .users()
            .create_without_password(&ROOT, Origin::default(), &email, Role::Member)
            .await;
        let price = publish(&hub).await;
        Self {
            database,
            price,
            hub,
            user: person.unwrap().id,
            clock,
            kind,
            process,
        }
    }

    /// The same after a new start.
    pub(crate) async fn again(self) -> Self {
        self.hub.shutdown(Duration::ZERO).await;
        let hub = self.database.open(self.kind).await.unwrap();
        let process = newest_process(&self.database).await;
        Self { hub, process, ..self }
    }

    /// One more person.
    pub(crate) async fn another(&self, email: &str) -> UserId {
        let email = email.parse().unwrap();
        let person = self
            .hub
            .users()
            .create_without_password(&ROOT, Origin::default(), &email, Role::Member)
            .await;
        person.unwrap().id
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::Relaxed))
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, microseconds: i64) {
        self.clock.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(crate) fn viewer(&self) -> Viewer {
        self.viewer_of(self.user)
    }

    fn viewer_of(&self, user: UserId) -> Viewer {
        Viewer {
            id: user,
            email: "one@example.com".parse().unwrap(),
            role: Role::Member,
            key: None,
        }
    }

    /// A grant that lives so many microseconds.
    pub(crate) async fn grant(&self, amount: i64, life: Option<i64>) -> Result<(LotId, Effects), Error> {
        self.grant_to(self.user, amount, life).await
    }

    pub(crate) async fn grant_to(
        &self,
        user: UserId,
        amount: i64,
        life: Option<i64>,
    ) -> Result<(LotId, Effects), Error> {
        let draft = GrantDraft {
            kind: LotKind::Paid,
            amount: nano(amount),
            priority: None,
            expires_at: life.map(|life| self.now().plus(Micros(life))),
            reason: "because".to_owned(),
        };
        self.hub
            .credits()
            .grant(&ROOT.money(), Origin::default(), user, draft)
            .await
    }

    pub(crate) async fn adjust(&self, correction: Correction) -> Result<Effects, Error> {
        self.hub
            .credits()
            .adjust(&ROOT.money(), Origin::default(), self.user, correction, "because")
            .await
    }

    pub(crate) async fn balance(&self) -> Balance {
        self.balance_of(self.user).await
    }

    /// Of somebody.
    pub(crate) async fn balance_of(&self, user: UserId) -> Balance {
        self.hub.credits().balance(&self.viewer_of(user), user).await.unwrap()
    }

    /// The row of a call that begins now.
    pub(crate) fn row(&self) -> CallRow {
        row_of(&self.hub, self.process, self.user, self.now())
    }

    /// The row of a call of somebody else.
    pub(crate) fn row_of(&self, user: UserId) -> CallRow {
        self.row_at(user, self.now())
    }

    /// The same of one that begins then.
    pub(crate) fn row_at(&self, user: UserId, begin: Timestamp) -> CallRow {
        row_of(&self.hub, self.process, user, begin)
    }

    /// The row of a call that ends with this charge, and what proves the charge: by the hub's estimate, and with two pictures that cost
    /// nothing by themselves, so that all that is summed up is there.
    pub(crate) fn priced(&self, mut row: CallRow, charge: i64) -> CallRow {
        row.usage.input_uncached = charge.unsigned_abs();
        row.usage_source = UsageSource::Estimated;
        row.drawn = "2 1024x1024/hd".parse().ok();
        row.money.price = Some(self.price);
        row
    }

    /// What a server does twice a minute. The clock may have been moved past that.
    pub(crate) async fn sweep(&self) {
        if self.kind == ProcessKind::Serve {
            self.hub.sweep().await;
        }
    }

    /// The server says that it has looked for what is left, as one would whose look finds nothing.
    pub(crate) async fn looks_past(&self) {
        let (process, now) = (self.process.number(), self.now().microseconds());
        let says = format!("UPDATE process SET seen_at = {now} WHERE id = {process}");
        self.database.execute(&says).await;
    }

    /// The verifier finds nothing, and looked at something.
    pub(crate) async fn is_sound(&self) {
        self.sweep().await;
        let report = self.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        assert_eq!(report.findings, []);
        assert!(
            report.accounts > 0 && report.transactions > 0 && report.entries > 0,
            "{report:?}"
        );
    }

    /// What the verifier finds on this person's account.
    pub(crate) async fn problems(&self) -> Vec<(Option<i64>, String)> {
        let report = self
            .hub
            .credits()
            .verify(&ROOT.money_reader(), Some(self.user))
            .await
            .unwrap();
        let found = report.findings.into_iter();
        found
            .map(|finding| (finding.seq.map(|seq| seq.0), finding.problem))
            .collect()
    }
}

/// Sells a model for a nano-USD a token.
async fn publish(hub: &Gateway) -> PriceId {
    let draft = ProviderDraft {
        name: "a".parse().unwrap(),
        title: "A".parse().unwrap(),
        kind: ProviderKind::Simulated,
        preset: None,
        base_url: None,
        timeouts: Timeouts::DEFAULT,
        disconnect: DisconnectPolicy::Cancel,
        quirks: None,
    };
    let here = Origin::default();
    let provider = hub.providers().create(&ROOT, here, &draft).await.unwrap().id;
    sell(hub, provider, "model").await
}

/// Sells one more model of a provider for a nano-USD a token.
pub(crate) async fn sell(hub: &Gateway, provider: ProviderId, slug: &str) -> PriceId {
    let here = Origin::default();
    let model = hub
        .models()
        .add(&ROOT, here, provider, &slug.parse().unwrap())
        .await
        .unwrap()
        .id;
    let nano = Price::from_pico(1_000).unwrap();
    let rates: Rates = [(Dimension::Input, nano)].into_iter().collect();
    let tariff = Tariff::tiered(rates, TierRule::Whole, Vec::new()).unwrap();
    let draft = PriceDraft {
        sheet: PriceSheet::publish(tariff, MarginPpm::ZERO, &Overrides::default()).unwrap(),
        effective_from: None,
        reason: String::new(),
        source: String::new(),
        base: Base::Any,
        below_cost_ok: false,
    };
    hub.prices()
        .publish(&ROOT.money(), here, model, draft)
        .await
        .unwrap()
        .id
}

pub(crate) async fn newest_process(database: &Database) -> ProcessId {
    let ids = database
        .numbers("SELECT id FROM process WHERE ended_at IS NULL ORDER BY id DESC")
        .await;
    ProcessId::from_number(ids[0])
}

/// The row of a call of somebody.
pub(crate) fn row_of(hub: &Gateway, process: ProcessId, user: UserId, started_at: Timestamp) -> CallRow {
    CallRow {
        id: hub.new_call_id(),
        process,
        started_at,
        endpoint: Endpoint::Chat,
        dialect: domain::call::Dialect::OpenaiChat,
        dropped: None,
        door: Door::Api,
        streamed: false,
        state: CallState::Open,
        status: None,
        user,
        key: None,
        project: ProjectId::personal_of(user),
        account: AccountId::of_person(user),
        model_asked: "a/model".into(),
        model_served: None,
        provider_id: None,
        provider: None,
        provider_kind: None,
        finish_reason: None,
        usage: Usage::default(),
        drawn: None,
        usage_source: UsageSource::None,
        raw_usage: None,
        first_byte: None,
        duration: None,
        overhead: None,
        failure: None,
        agent: None,
        attempts: 0,
        money: gateway::CallMoney::default(),
        kept: None,
        limited: None,
    }
}
