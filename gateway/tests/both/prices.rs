//! Prices: when a version takes effect, what is refused, what stays, and who sees it.

#[path = "prices/past.rs"]
mod past;
#[path = "prices/rules.rs"]
mod rules;
#[path = "prices/times.rs"]
mod times;

use std::sync::{Arc, atomic::AtomicI64};

use domain::{
    access::Admin,
    catalog::ProviderKind,
    id::ModelId,
    money::MarginPpm,
    page::{Cursor, NameCursor, PageSize},
    price::{Base, Dimension, ModelPrice, Overrides, PriceDraft, PriceFilter, PriceSheet, PriceVersion, Rates, Tariff},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
    time::{Micros, Timestamp},
};
use gateway::{Error, Gateway, Origin, PriceList, PricesOf, clock::Clock};

use crate::hub::Database;

pub(crate) const START: i64 = 1_800_000_000_000_000;

/// A sheet with input and output, cost and margin given as text.
pub(crate) fn sheet(input: &str, output: &str, margin: &str) -> PriceSheet {
    let cost = Rates::default()
        .with(Dimension::Input, input.parse().unwrap())
        .with(Dimension::Output, output.parse().unwrap());
    let margin: MarginPpm = margin.parse().unwrap();
    PriceSheet::publish(Tariff::flat(cost), margin, &Overrides::default()).unwrap()
}

pub(crate) fn draft(sheet: PriceSheet) -> PriceDraft {
    PriceDraft {
        sheet,
        effective_from: None,
        reason: "because".to_owned(),
        source: "a price list".to_owned(),
        base: Base::Any,
        below_cost_ok: false,
    }
}

/// A hub whose clock is moved by hand, with one model `p/m`.
pub(crate) struct Shop {
    pub(crate) hub: Gateway,
    pub(crate) model: ModelId,
    pub(crate) time: Arc<AtomicI64>,
}

impl Shop {
    pub(crate) async fn open(database: &mut Database) -> Self {
        let time = Arc::new(AtomicI64::new(START));
        database.clock = Clock::Manual(Arc::clone(&time));
        let hub = database.serve().await;
        let root = Admin::system();
        let provider = ProviderDraft {
            name: "p".parse().unwrap(),
            title: "P".parse().unwrap(),
            kind: ProviderKind::Simulated,
            preset: None,
            base_url: None,
            timeouts: Timeouts::DEFAULT,
            disconnect: DisconnectPolicy::Cancel,
            quirks: None,
        };
        let provider = hub
            .providers()
            .create(&root, Origin::default(), &provider)
            .await
            .unwrap();
        let slug = "m".parse().unwrap();
        let model = hub
            .models()
            .add(&root, Origin::default(), provider.id, &slug)
            .await
            .unwrap();
        Self {
            hub,
            model: model.id,
            time,
        }
    }

    /// Sets the clock to so many microseconds after the start.
    pub(crate) fn at(&self, microseconds: i64) {
        self.time
            .store(START + microseconds, std::sync::atomic::Ordering::Relaxed);
    }

    pub(crate) async fn publish(&self, draft: PriceDraft) -> Result<PriceVersion, Error> {
        let root = Admin::system();
        self.hub
            .prices()
            .publish(&root.money(), Origin::default(), self.model, draft)
            .await
    }

    /// The sell price of a prompt token in force so many microseconds after the start, from memory.
    pub(crate) fn input_at(&self, microseconds: i64) -> Option<String> {
        let version = self
            .hub
            .snapshot()
            .price_at(self.model, Timestamp(START + microseconds))?;
        let quote = version.sheet.sell().quote(&Dimension::Input, 1)?;
        Some(quote.price.to_string())
    }

    pub(crate) async fn list(&self, filter: &PriceFilter) -> PriceList {
        let (root, first) = (Admin::system(), NameCursor::First);
        self.hub
            .prices()
            .list(&root.money_reader(), filter, &first, PageSize::default())
            .await
            .unwrap()
    }

    pub(crate) async fn entry(&self) -> ModelPrice {
        let root = Admin::system();
        self.hub
            .prices()
            .of_model(&root.money_reader(), self.model)
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn history(&self, name: &str) -> Vec<PriceVersion> {
        let root = Admin::system();
        let prices = self.hub.prices();
        let page = prices
            .history(
                &root.money_reader(),
                PricesOf::Name(name),
                Cursor::Newest,
                PageSize::default(),
            )
            .await;
        let rows = page.unwrap().rows.into_iter();
        rows.map(|row| row.expect("a version as it was published")).collect()
    }
}

/// A moment so many seconds after the start.
pub(crate) fn seconds(seconds: i64) -> Timestamp {
    Timestamp(START).plus(Micros::from_seconds(seconds))
}
