//! A hub that sells a scripted upstream's model to one person. One token costs 1,000 nano-USD going in and 2,000 coming out.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{
    access::{Admin, Role},
    call::{CallState, Dialect},
    catalog::ProviderKind,
    credit::{Balance, GrantDraft},
    id::{CallId, UserId},
    ledger::LotKind,
    money::{Amount, MarginPpm, Price},
    price::{Base, Dimension, Overrides, PriceDraft, PriceSheet, Rates, Tariff},
    provider::DisconnectPolicy,
    setting::Setting,
    time::Micros,
};

use super::super::{
    client::{Hub, Setup},
    upstream::{Step, Upstream},
};
use crate::{
    Origin,
    call::{CallAnswer, CallError, CallRequest, Caller},
    clock::Clock,
    store::fetch_optional,
};

/// Where the clock begins.
const BEGIN: i64 = 1_800_000_000_000_000;
const ROOT: Admin = Admin::system();

pub struct Till {
    pub hub: Hub,
    pub upstream: Upstream,
    pub user: UserId,
    /// What is sold.
    model: &'static str,
    clock: Arc<AtomicI64>,
}

/// What the row of a call says of money, in nano-USD.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Paid {
    pub funding: String,
    pub held: Option<i64>,
    pub charge: Option<i64>,
    pub cost: Option<i64>,
    pub loss: Option<i64>,
    pub ended: bool,
}

/// USD per million tokens.
pub fn rates(prices: &[(Dimension, &str)]) -> Rates {
    let price = |(dimension, text): &(Dimension, &str)| (dimension.clone(), text.parse::<Price>().unwrap());
    prices.iter().map(price).collect()
}

pub fn usual() -> Tariff {
    Tariff::flat(rates(&[(Dimension::Input, "1"), (Dimension::Output, "2")]))
}

impl Till {
    /// With this credit, in nano-USD, and the usual price.
    pub async fn with(credit: i64, scripts: Vec<Vec<Step>>) -> Self {
        let till = Self::unpriced(scripts).await;
        till.publish(usual()).await;
        if credit > 0 {
            till.grant(credit, None).await;
        }
        till
    }

    /// No price and no credit.
    pub async fn unpriced(scripts: Vec<Vec<Step>>) -> Self {
        Self::open(scripts, DisconnectPolicy::Cancel).await
    }

    /// With credit and the usual price, and what differs on the wire of this service.
    pub async fn preset(preset: &str, scripts: Vec<Vec<Step>>) -> Self {
        let till = Self::furnished(scripts, DisconnectPolicy::Cancel, preset).await;
        till.publish(usual()).await;
        till.grant(1_000_000_000, None).await;
        till
    }

    /// No price and no credit, and this when clients leave.
    pub async fn open(scripts: Vec<Vec<Step>>, disconnect: DisconnectPolicy) -> Self {
        Self::furnished(scripts, disconnect, "openai").await
    }

    /// With this credit and the usual price, at a provider of this kind.
    pub async fn of_kind(kind: ProviderKind, credit: i64, scripts: Vec<Vec<Step>>) -> Self {
        let till = Self::furnish(scripts, DisconnectPolicy::Cancel, kind, None).await;
        till.publish(usual()).await;
        till.grant(credit, None).await;
        till
    }

    /// With this credit and the usual price of a simulated model whose task panics. No upstream is asked.
    pub async fn panicking(credit: i64) -> Self {
        Self::of_kind(ProviderKind::Simulated, credit, Vec::new()).await
    }

    /// With this credit and the usual price of the simulated model that writes as many words as it is told.
    pub async fn writing(credit: i64) -> Self {
        let mut till = Self::furnish(Vec::new(), DisconnectPolicy::Cancel, ProviderKind::Simulated, None).await;
        till.model = "p/text";
        till.publish(usual()).await;
        till.grant(credit, None).await;
        till
    }

    /// With this credit and the usual price of a model of Gemini's that draws.
    pub async fn drawing(credit: i64, scripts: Vec<Vec<Step>>) -> Self {
        let mut till = Self::furnish(scripts, DisconnectPolicy::Cancel, ProviderKind::Google, None).await;
        till.model = "p/gemini-2.5-flash-image";
        till.publish(usual()).await;
        till.grant(credit, None).await;
        till
    }

    /// With this credit and the usual price, and files may be fetched from this machine.
    pub async fn fetching(kind: ProviderKind, credit: i64, scripts: Vec<Vec<Step>>) -> Self {
        let till = Self::furnish_allowing(scripts, DisconnectPolicy::Cancel, kind, None, &["127.0.0.1"]).await;
        till.publish(usual()).await;
        till.grant(credit, None).await;
        till
    }

    async fn furnished(scripts: Vec<Vec<Step>>, disconnect: DisconnectPolicy, preset: &str) -> Self {
        Self::furnish(scripts, disconnect, ProviderKind::OpenaiCompatible, Some(preset)).await
    }

    async fn furnish(
        scripts: Vec<Vec<Step>>,
        disconnect: DisconnectPolicy,
        kind: ProviderKind,
        preset: Option<&str>,
    ) -> Self {
        Self::furnish_allowing(scripts, disconnect, kind, preset, &[]).await
    }

    async fn furnish_allowing(
        scripts: Vec<Vec<Step>>,
        disconnect: DisconnectPolicy,
        kind: ProviderKind,
        preset: Option<&str>,
        fetch_allow: &[&str],
    ) -> Self {
        let clock = Arc::new(AtomicI64::new(BEGIN));
        let upstream = Upstream::start(scripts).await;
        let hub = Hub::open(Clock::Manual(Arc::clone(&clock)), fetch_allow).await;
        let simulated = kind == ProviderKind::Simulated;
        let setup = match simulated {
            true => Setup {
                models: &["panic", "text"],
                ..Setup::simulated()
            },
            false => Setup {
                kind,
                disconnect,
                preset,
                models: match kind {
                    ProviderKind::Google => &["m", "gemini-2.5-flash-image"],
                    _ => &["m"],
                },
                ..Setup::at(match kind {
                    ProviderKind::Openai | ProviderKind::OpenaiCompatible => &upstream.base_url,
                    // Each kind puts in its own version.
                    _ => upstream.base_url.trim_end_matches("/v1"),
                })
            },
        };
        let hub = hub.furnish(setup).await;
        let email = "one@example.com".parse().unwrap();
        let users = hub.gateway.users();
        let person = users
            .create_without_password(&ROOT, Origin::default(), &email, Role::Member)
            .await;
        let user = person.unwrap().id;
        let till = Self {
            hub,
            upstream,
            user,
            model: if simulated { "p/panic" } else { "p/m" },
            clock,
        };
        till.set(Setting::Mode, "service-provider").await;
        till
    }

    pub async fn set(&self, setting: Setting, value: &str) {
        let options = self.hub.gateway.options();
        options
            .set(&ROOT.money(), Origin::default(), setting, value)
            .await
            .unwrap();
    }

    pub fn pass(&self, microseconds: i64) {
        self.clock.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// A price without a margin, in force when this returns.
    pub async fn publish(&self, cost: Tariff) {
        self.sell(cost, &Overrides::default()).await;
    }

    /// The same, with these prices in place of the cost.
    pub async fn sell(&self, cost: Tariff, chosen: &Overrides) {
        let sheet = PriceSheet::publish(cost, MarginPpm::default(), chosen).unwrap();
        let draft = PriceDraft {
            sheet,
            effective_from: None,
            reason: String::new(),
            source: String::new(),
            base: Base::Any,
            below_cost_ok: false,
        };
        let model = self.hub.gateway.snapshot().model(self.model).unwrap().id;
        let prices = self.hub.gateway.prices();
        let version = prices
            .publish(&ROOT.money(), Origin::default(), model, draft)
            .await
            .unwrap();
        let wait = version.effective_from.microseconds() - self.hub.gateway.now().microseconds();
        self.pass(wait.max(0));
    }

    /// Credit that lives so many microseconds.
    pub async fn grant(&self, amount: i64, life: Option<i64>) {
        let draft = GrantDraft {
            kind: LotKind::Promo,
            amount: Amount::from_nano(amount).unwrap(),
            priority: None,
            expires_at: life.map(|life| self.hub.gateway.now().plus(Micros(life))),
            reason: "because".to_owned(),
        };
        let credits = self.hub.gateway.credits();
        credits
            .grant(&ROOT.money(), Origin::default(), self.user, draft)
            .await
            .unwrap();
    }

    pub async fn block(&self) {
        let credits = self.hub.gateway.credits();
        let status = domain::ledger::Status::Blocked;
        let done = credits
            .set_status(&ROOT.money(), Origin::default(), self.user, status, "because")
            .await;
        done.unwrap();
    }

    pub fn request(&self, dialect: Dialect, body: &str) -> CallRequest {
        CallRequest {
            caller: Caller::of_person(self.user),
            ..self.hub.request(dialect, body)
        }
    }

    pub async fn chat(&self, body: &str) -> (CallId, Result<CallAnswer, CallError>) {
        let request = self.request(Dialect::OpenaiChat, body);
        (request.id, self.hub.gateway.call(request).await)
    }

    /// What can be spent and what is held as the ledger's owner has it.
    pub async fn balance(&self) -> Balance {
        let viewer = self.hub.viewer(self.user, Role::Member);
        self.hub.gateway.credits().balance(&viewer, self.user).await.unwrap()
    }

    pub async fn spendable(&self) -> i64 {
        self.balance().await.spendable.nano()
    }

    /// Waits until so much is held in the database.
    pub async fn holds(&self, amount: i64) {
        for _ in 0..500 {
            if self.balance().await.held.nano() == amount {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(self.balance().await.held.nano(), amount);
    }

    /// Batches that the recorder has tried until the last one was committed.
    pub async fn batches(&self) -> i64 {
        let query = "SELECT MAX(recorder_batch) FROM process";
        fetch_optional!(&self.hub.gateway.0.store, (i64,), query)
            .unwrap()
            .unwrap()
            .0
    }

    /// What the row of a call says once it is settled.
    pub async fn paid(&self, call: CallId) -> (CallState, Paid) {
        let state = self.hub.settled(call).await.call.state;
        type Row = (String, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
        let row: Option<Row> = fetch_optional!(
            &self.hub.gateway.0.store,
            Row,
            "SELECT funding, hold_amount, charge, cost, loss, settle_seq FROM call WHERE id = $1",
            call.number()
        )
        .unwrap();
        let (funding, held, charge, cost, loss, ended) = row.unwrap();
        let paid = Paid {
            funding,
            held,
            charge,
            cost,
            loss,
            ended: ended.is_some(),
        };
        (state, paid)
    }

    /// The sums of the hours: calls, errors, input, output, charge, cost.
    pub async fn sums(&self) -> (i64, i64, i64, i64, i64, i64) {
        type Sums = (i64, i64, i64, i64, i64, i64);
        fetch_optional!(
            &self.hub.gateway.0.store,
            Sums,
            "SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT), CAST(COALESCE(SUM(errors), 0) AS BIGINT),
                CAST(COALESCE(SUM(input_uncached), 0) AS BIGINT), CAST(COALESCE(SUM(output_text), 0) AS BIGINT),
                CAST(COALESCE(SUM(charge), 0) AS BIGINT), CAST(COALESCE(SUM(cost), 0) AS BIGINT) FROM usage_hour"
        )
        .unwrap()
        .unwrap()
    }

    /// Nothing is held, and the verifier finds nothing.
    pub async fn is_sound(&self) {
        assert!(self.balance().await.held.is_zero(), "something is held");
        let report = self
            .hub
            .gateway
            .credits()
            .verify(&ROOT.money_reader(), None)
            .await
            .unwrap();
        assert_eq!(report.findings, []);
    }
}
