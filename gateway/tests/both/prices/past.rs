//! What another price would have made of the last 30 days: calls that are added up by the database against each of them priced alone.

use domain::{
    id::pack,
    money::Amount,
    price::{Drawn, Effect, Shape, Tier, TierRule},
    usage::Usage,
};

use super::*;
use crate::hub::on_both;

const DAY: i64 = 86_400_000;

/// A call as it lies in the log.
struct Logged {
    days_ago: i64,
    model: &'static str,
    state: &'static str,
    priced: bool,
    usage: Usage,
    drawn: Option<&'static str>,
    booked: (Option<i64>, Option<i64>),
}

fn used(input: u64, cached: u64, output: u64) -> Usage {
    Usage {
        input_uncached: input,
        cache_read: cached,
        output_text: output,
        ..Usage::default()
    }
}

const fn call(usage: Usage) -> Logged {
    Logged {
        days_ago: 10,
        model: "p/m",
        state: "succeeded",
        priced: true,
        usage,
        drawn: None,
        booked: (Some(2_000), Some(3_000)),
    }
}

/// Those that count, then those that do not.
fn log() -> (Vec<Logged>, Vec<Logged>) {
    let counted = vec![
        call(used(1_000, 500, 100)),
        call(used(100, 150, 70)),
        Logged {
            days_ago: 29,
            ..call(used(150_000, 50_000, 5))
        },
        call(used(250_000, 77_777, 5)),
        call(used(999_999, 0, 333)),
        // Failed: billed by its provider, charged to nobody.
        Logged {
            state: "failed",
            booked: (Some(500), None),
            ..call(used(700, 0, 0))
        },
        // Refused: nothing at all.
        Logged {
            state: "failed",
            priced: false,
            booked: (None, None),
            ..call(Usage::default())
        },
        // From before there was a price.
        Logged {
            priced: false,
            booked: (None, None),
            ..call(used(2_000, 0, 40))
        },
        Logged {
            drawn: Some("2 1024x1024/hd"),
            ..call(used(50, 0, 800))
        },
        // It was called otherwise then.
        Logged {
            model: "old/m",
            ..call(used(3_000, 0, 1))
        },
    ];
    let others = vec![
        Logged {
            days_ago: 31,
            ..call(used(1_000_000, 0, 0))
        },
        Logged {
            model: "p/other",
            priced: false,
            ..call(used(1_000_000, 0, 0))
        },
        Logged {
            state: "open",
            booked: (None, None),
            ..call(used(1_000_000, 0, 0))
        },
    ];
    (counted, others)
}

async fn write(database: &Database, price: domain::id::PriceId, provider: i64, calls: &[Logged], first: u16) {
    let number = |number: Option<i64>| number.map_or_else(|| "NULL".to_owned(), |number| number.to_string());
    for (place, call) in (first..).zip(calls) {
        let at = START / 1_000 - call.days_ago * DAY;
        let (id, price) = (pack(at, 1, place), call.priced.then_some(price.number()));
        let (usage, (cost, charge)) = (&call.usage, call.booked);
        let drawn = call
            .drawn
            .map_or_else(|| "NULL".to_owned(), |drawn| format!("'{drawn}'"));
        let statement = format!(
            "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, model_asked, model_served, provider_id,
                price_id, input_uncached, cache_read, output_text, drawn, cost, charge)
             VALUES ({id}, 1, {}, 'chat', 'api', 0, '{}', 1, 'm', '{}', {provider}, {}, {}, {}, {}, {drawn}, {}, {})",
            at * 1_000, call.state, call.model, number(price), usage.input_uncached, usage.cache_read, usage.output_text,
            number(cost), number(charge)
        );
        database.execute(&statement).await;
    }
}

/// It was charged, or would have been had there been a price.
fn owed(call: &Logged) -> bool {
    call.booked.1.is_some() || (!call.priced && call.state == "succeeded")
}

/// What each of them comes to alone.
fn alone(sheet: &PriceSheet, calls: &[Logged]) -> (Amount, Amount) {
    let priced = |tariff: &Tariff, call: &Logged| {
        let drawn: Option<Drawn> = call.drawn.map(|drawn| drawn.parse().unwrap());
        let receipt = tariff.price(&tariff.quantities(call.usage, drawn.as_ref()));
        receipt.unwrap().total
    };
    let add = |sum: Amount, more: Amount| sum.checked_add(more).unwrap();
    let mut sums = (Amount::ZERO, Amount::ZERO);
    for call in calls {
        if call.usage != Usage::default() {
            sums.0 = add(sums.0, priced(sheet.cost(), call));
        }
        if owed(call) {
            sums.1 = add(sums.1, priced(sheet.sell(), call));
        }
    }
    sums
}

#[tokio::test]
async fn calls_of_the_last_days_are_priced_anew_to_the_last_digit() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let version = shop.publish(draft(sheet("2", "8", "20"))).await.unwrap();
        let provider = shop.hub.providers().list(&Admin::system().reader()).await.unwrap()[0]
            .id
            .number();
        let (counted, others) = log();
        let about = counted
            .iter()
            .filter(|call| call.usage != Usage::default() || owed(call))
            .count() as u64;
        assert!(about < counted.len() as u64, "one was refused");
        write(&database, version.id, provider, &counted, 1).await;
        write(&database, version.id, provider, &others, 100).await;
        let rates = |input: &str, output: &str| {
            let rates = Rates::default().with(Dimension::Input, input.parse().unwrap());
            rates.with(Dimension::Output, output.parse().unwrap())
        };
        let base = rates("2", "8").with(Dimension::CacheRead, "0.5".parse().unwrap());
        let fee = base
            .clone()
            .with(Dimension::Request, Dimension::Request.read_price("0.01").unwrap());
        let image = Dimension::Image("1024x1024/hd".parse().unwrap());
        let by_piece = fee.clone().with(image.clone(), image.read_price("0.04").unwrap());
        let tiers = |every: u64, most: u64| -> Vec<Tier> {
            let tier = |place: u64| Tier {
                above: place * every,
                rates: rates(&format!("{}", 2 + place), "9"),
            };
            (1..=most).map(tier).collect()
        };
        let tiered = |base: &Rates, rule, tiers| Tariff::tiered(base.clone(), rule, tiers).unwrap();
        for tariff in [
            Tariff::flat(base.clone()),
            Tariff::flat(fee.clone()),
            Tariff::flat(by_piece.clone()),
            tiered(&fee, TierRule::Whole, tiers(200_000, 1)),
            tiered(&by_piece, TierRule::Whole, tiers(100, 8)),
            // More than the database tells apart by itself.
            tiered(&by_piece, TierRule::Whole, tiers(100, 9)),
            tiered(&by_piece, TierRule::Marginal, tiers(200_000, 3)),
            tiered(&by_piece, TierRule::Marginal, tiers(25, 9)),
        ] {
            let sheet = PriceSheet::publish(tariff, "25".parse().unwrap(), &Overrides::default()).unwrap();
            let reader = Admin::system().money_reader();
            let past = shop
                .hub
                .prices()
                .past(&reader, shop.model, Shape::of(&sheet))
                .await
                .unwrap();
            let booked = [7 * 2_000 + 500, 7 * 3_000].map(|nano| Amount::from_nano(nano).unwrap());
            assert_eq!((past.calls(), [past.cost, past.charge]), (about, booked));
            let (cost, charge) = alone(&sheet, &counted);
            let wanted = Effect {
                cost: Ok(cost),
                charge: Ok(charge),
                rounded: 0,
            };
            assert_eq!(past.under(&sheet), Some(wanted), "{:?}", Shape::of(&sheet));
        }
        // What was used and has no price is named.
        let input = Rates::default().with(Dimension::Input, "2".parse().unwrap());
        let bare = PriceSheet::publish(Tariff::flat(input), MarginPpm::ZERO, &Overrides::default()).unwrap();
        let reader = Admin::system().money_reader();
        let past = shop
            .hub
            .prices()
            .past(&reader, shop.model, Shape::of(&bare))
            .await
            .unwrap();
        let unpriced = Err(domain::price::PriceError::Unpriced(Dimension::Output));
        assert_eq!(past.under(&bare).unwrap().charge, unpriced);
    })
    .await;
}
