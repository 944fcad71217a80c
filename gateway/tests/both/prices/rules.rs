//! What is refused, what is written down, and what outlives the model.

use domain::{
    access::Admin,
    audit::AuditFilter,
    money::MarginPpm,
    page::{Cursor, NameCursor, PageSize},
    price::{
        Base, Dimension, OfferFilter, Overrides, PriceDraft, PriceFilter, PriceRefusal, PriceSheet, PriceState,
        PriceVersion, Rates, Tariff, Tier, TierRule, VersionState,
    },
    refusal::Refusal,
    setting::Setting,
};
use gateway::{Error, Origin};

use super::{START, Shop, draft, seconds, sheet};
use crate::hub::on_both;

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> PriceRefusal {
    match result {
        Err(Error::Price(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn entries(shop: &Shop) -> i64 {
    let (root, all) = (Admin::system(), AuditFilter::default());
    shop.hub.audit().count(&root.reader(), &all, 1000).await.unwrap()
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_leaves_nothing() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let before = (entries(&shop).await, shop.hub.snapshot().version());
        let past = PriceDraft {
            effective_from: Some(domain::time::Timestamp(START - 1)),
            ..draft(sheet("1", "2", "0"))
        };
        assert_eq!(refusal(shop.publish(past).await), PriceRefusal::Past);
        // Whoever reads of it later could not name it.
        let fraction = PriceDraft {
            effective_from: Some(domain::time::Timestamp(START + 100_500_000)),
            ..draft(sheet("1", "2", "0"))
        };
        assert_eq!(refusal(shop.publish(fraction).await), PriceRefusal::Fraction);
        let empty = PriceSheet::publish(Tariff::default(), MarginPpm::ZERO, &Overrides::default()).unwrap();
        assert_eq!(refusal(shop.publish(draft(empty)).await), PriceRefusal::Empty);
        for reason in ["x".repeat(501), "two\nlines".to_owned()] {
            let draft = PriceDraft {
                reason,
                ..draft(sheet("1", "2", "0"))
            };
            assert_eq!(refusal(shop.publish(draft).await), PriceRefusal::Text);
        }
        let (root, nobody) = (Admin::system(), domain::id::ModelId::from_number(5));
        let prices = shop.hub.prices();
        let unknown = prices
            .publish(&root.money(), Origin::default(), nobody, draft(sheet("1", "2", "0")))
            .await;
        assert!(matches!(unknown, Err(Error::Refused(Refusal::NotFound { .. }))));
        assert!(shop.history("p/m").await.is_empty());
        assert_eq!((entries(&shop).await, shop.hub.snapshot().version()), before);
    })
    .await;
}

#[tokio::test]
async fn selling_below_cost_needs_a_yes() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let cost = Rates::default()
            .with(Dimension::Input, "1".parse().unwrap())
            .with(Dimension::Output, "2".parse().unwrap());
        let overrides = Overrides {
            base: Rates::default().with(Dimension::Output, "1.99".parse().unwrap()),
            ..Overrides::default()
        };
        let sheet = PriceSheet::publish(Tariff::flat(cost), MarginPpm::ZERO, &overrides).unwrap();
        let PriceRefusal::BelowCost(below) = refusal(shop.publish(draft(sheet.clone())).await) else {
            panic!("not refused for its cost");
        };
        assert_eq!(
            below.iter().map(|one| &one.dimension).collect::<Vec<_>>(),
            [&Dimension::Output]
        );
        assert_eq!(shop.input_at(0), None);
        let meant = PriceDraft {
            below_cost_ok: true,
            ..draft(sheet)
        };
        shop.publish(meant).await.unwrap();
        let filter = PriceFilter {
            state: PriceState::BelowCost,
            ..PriceFilter::default()
        };
        let list = shop.list(&filter).await;
        assert_eq!(
            (list.page.rows.len(), list.all, list.unpriced, list.below_cost),
            (1, 1, 0, 1)
        );
    })
    .await;
}

/// A picture that is sold by the piece and billed by its tokens, as many as this model's usually have.
#[tokio::test]
async fn a_picture_below_cost_needs_a_yes_though_its_cost_is_one_of_tokens() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let picture: Dimension = "image/auto/auto".parse().unwrap();
        let sheet = |price: &str| {
            let cost = Rates::default().with(Dimension::OutputImage, "40".parse().unwrap());
            let overrides = Overrides {
                base: Rates::default().with(picture.clone(), picture.read_price(price).unwrap()),
                ..Overrides::default()
            };
            PriceSheet::publish(Tariff::flat(cost), MarginPpm::ZERO, &overrides).unwrap()
        };
        let PriceRefusal::BelowCost(below) = refusal(shop.publish(draft(sheet("0.01"))).await) else {
            panic!("not refused for its cost");
        };
        assert_eq!(
            (below.len(), &below[0].dimension, below[0].tokens),
            (1, &picture, Some(1_290))
        );
        let meant = PriceDraft {
            below_cost_ok: true,
            ..draft(sheet("0.01"))
        };
        shop.publish(meant).await.unwrap();
        let filter = PriceFilter {
            state: PriceState::BelowCost,
            ..PriceFilter::default()
        };
        assert_eq!(shop.list(&filter).await.below_cost, 1);
        shop.publish(draft(sheet("0.0516"))).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_price_that_would_never_be_charged_is_refused() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let sheet = |rule| {
            let base = Rates::default()
                .with(Dimension::Input, "1".parse().unwrap())
                .with(Dimension::Output, "2".parse().unwrap());
            let tier = Tier {
                above: 100,
                rates: base.clone(),
            };
            let cost = Tariff::tiered(base, rule, vec![tier]).unwrap();
            PriceSheet::publish(cost, MarginPpm::ZERO, &Overrides::default()).unwrap()
        };
        let (whole, marginal) = (sheet(TierRule::Whole), sheet(TierRule::Marginal));
        let refused = refusal(shop.publish(draft(marginal.clone())).await);
        assert_eq!(refused, PriceRefusal::NeverCharged(vec![Dimension::Output]));
        // A call that is sold by the picture has no prompt that is counted.
        let picture: Dimension = "image/1024x1024/auto".parse().unwrap();
        let tier = Tier {
            above: 100,
            rates: Rates::default().with(picture.clone(), "0.05".parse().unwrap()),
        };
        let base = Rates::default().with(picture.clone(), "0.04".parse().unwrap());
        let drawn = Tariff::tiered(base, TierRule::Whole, vec![tier]).unwrap();
        let drawn = PriceSheet::publish(drawn, MarginPpm::ZERO, &Overrides::default()).unwrap();
        let refused = refusal(shop.publish(draft(drawn)).await);
        assert_eq!(refused, PriceRefusal::NeverCharged(vec![picture]));
        assert!(shop.history("p/m").await.is_empty());
        for right in [whole, marginal.charged()] {
            shop.publish(draft(right)).await.unwrap();
        }
    })
    .await;
}

/// Whichever of them somebody looks at, and whatever another model of that name has.
#[tokio::test]
async fn the_state_of_a_version_is_decided_by_what_is_in_force_for_its_model() {
    use VersionState::{Gone, InForce, Past, Replaced, Scheduled};
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let root = Admin::system();
        let states = async |versions: &[&PriceVersion]| {
            let rows: Vec<_> = versions.iter().map(|version| Ok((*version).clone())).collect();
            let known = shop.hub.prices().states(&root.money_reader(), &rows).await.unwrap();
            versions.iter().map(|version| known[&version.id]).collect::<Vec<_>>()
        };
        let first = shop.publish(draft(sheet("1", "2", "0"))).await.unwrap();
        let later = PriceDraft {
            effective_from: Some(seconds(100)),
            ..draft(sheet("2", "2", "0"))
        };
        let second = shop.publish(later).await.unwrap();
        assert_eq!(states(&[&second, &first]).await, [Scheduled, InForce]);
        shop.at(200_000_000);
        assert_eq!(states(&[&second, &first]).await, [InForce, Past]);
        assert_eq!(states(&[&first]).await, [Past], "alone it is none the more in force");
        let far = PriceDraft {
            effective_from: Some(seconds(1_000)),
            ..draft(sheet("4", "2", "0"))
        };
        let replaced = shop.publish(far.clone()).await.unwrap();
        let third = shop.publish(far).await.unwrap();
        assert_eq!(
            states(&[&third, &replaced, &second]).await,
            [Scheduled, Replaced, InForce]
        );
        let provider = shop.entry().await.model.provider_id;
        let models = shop.hub.models();
        models.delete(&root, Origin::default(), shop.model).await.unwrap();
        assert_eq!(states(&[&third, &second, &first]).await, [Gone; 3]);
        let again = models
            .add(&root, Origin::default(), provider, &"m".parse().unwrap())
            .await
            .unwrap();
        let price = draft(sheet("3", "2", "0"));
        let fourth = shop
            .hub
            .prices()
            .publish(&root.money(), Origin::default(), again.id, price)
            .await
            .unwrap();
        assert_eq!(states(&[&fourth, &third, &second]).await, [InForce, Gone, Gone]);
        assert_eq!(shop.history("p/m").await.len(), 5, "all of that name are told");
    })
    .await;
}

#[tokio::test]
async fn whoever_saw_an_older_version_replaces_nothing() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let on = |base| PriceDraft {
            base: Base::Newest(base),
            ..draft(sheet("1", "2", "0"))
        };
        let first = shop.publish(on(None)).await.unwrap();
        let stale = PriceRefusal::Stale { newest: Some(first.id) };
        assert_eq!(refusal(shop.publish(on(None)).await), stale);
        let second = shop.publish(on(Some(first.id))).await.unwrap();
        assert!(matches!(refusal(shop.publish(on(Some(first.id))).await), PriceRefusal::Stale { newest } if newest == Some(second.id)));
        assert_eq!(shop.history("p/m").await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_list_of_changes_tells_before_and_after() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        shop.publish(draft(sheet("1", "2", "20"))).await.unwrap();
        shop.publish(draft(sheet("3", "2", "20"))).await.unwrap();
        let page = shop
            .hub
            .audit()
            .page(
                &Admin::system().reader(),
                &AuditFilter::default(),
                Cursor::Newest,
                PageSize::default(),
            )
            .await
            .unwrap();
        let newest = &page.rows[0];
        assert_eq!(
            (newest.action.as_str(), newest.subject_name.as_str()),
            ("price.publish", "p/m")
        );
        let told = format!("{newest:?}");
        for number in ["1.20", "3.60", "because", "a price list"] {
            assert!(told.contains(number), "{told}");
        }
    })
    .await;
}

#[tokio::test]
async fn history_outlives_the_model_and_the_name_of_its_provider() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let root = Admin::system();
        let first = shop.publish(draft(sheet("1", "2", "0"))).await.unwrap();
        let provider = shop.hub.providers().list(&root.reader()).await.unwrap().remove(0);
        let mut renamed = provider.draft.clone();
        renamed.name = "q".parse().unwrap();
        shop.hub
            .providers()
            .update(&root, Origin::default(), provider.id, &renamed)
            .await
            .unwrap();
        // The price belongs to the model, whatever it is called; each version keeps the name of its time.
        assert_eq!(shop.input_at(0).as_deref(), Some("1.00"));
        let second = shop.publish(draft(sheet("2", "2", "0"))).await.unwrap();
        assert_eq!(shop.history("q/m").await, [second.clone(), first.clone()]);
        assert_eq!((first.model.as_str(), second.model.as_str()), ("p/m", "q/m"));
        shop.hub
            .models()
            .delete(&root, Origin::default(), shop.model)
            .await
            .unwrap();
        assert_eq!(shop.history("q/m").await, [second]);
        assert_eq!(shop.history("p/m").await, [first]);
        // Another model of that name begins without a price.
        let slug = "m".parse().unwrap();
        let again = shop
            .hub
            .models()
            .add(&root, Origin::default(), provider.id, &slug)
            .await
            .unwrap();
        assert_eq!(shop.hub.snapshot().price_at(again.id, seconds(0)), None);
        assert_eq!(shop.list(&PriceFilter::default()).await.unpriced, 1);
    })
    .await;
}

#[tokio::test]
async fn a_version_never_changes_and_a_forged_one_is_no_price() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        shop.publish(draft(sheet("1", "2", "0"))).await.unwrap();
        assert!(database.refuses("UPDATE price SET reason = 'x'").await);
        assert!(database.refuses("DELETE FROM price").await);
        let forged = "INSERT INTO price (id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest, seal)
            SELECT id + 1, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, REPLACE(sheet, '1.00', '0.01'), digest, seal FROM price;
            UPDATE counter SET value = value + 1 WHERE name = 'snapshot'";
        assert_eq!(shop.input_at(0).as_deref(), Some("1.00"));
        database.execute(forged).await;
        // Neither the forged price nor, silently, an older one.
        crate::hub::within_a_second(|| shop.input_at(0).is_none()).await;
    })
    .await;
}

/// One damaged row does not take the lists with it, and another version is the way out.
#[tokio::test]
async fn a_damaged_version_is_listed_as_such_and_replaced() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let first = shop.publish(draft(sheet("1", "2", "0"))).await.unwrap();
        let on = if database.url.starts_with("sqlite") { "" } else { " ON price" };
        database.execute(&format!("DROP TRIGGER price_kept{on}")).await;
        let root = Admin::system();
        for (number, damage) in ["sheet = '{'", "seal = 'x'", "seal = NULL", "actor = ''"].into_iter().enumerate() {
            let newest = shop.entry().await.newest.unwrap();
            database
                .execute(&format!(
                    "UPDATE price SET {damage} WHERE id = {}; UPDATE counter SET value = value + 1 WHERE name = 'snapshot'",
                    newest.number()
                ))
                .await;
            let at = i64::try_from(number).unwrap() * 10_000_000;
            // Whoever has it in memory has it as it was published; whoever reads it now has none.
            let entry = shop.entry().await;
            assert_eq!((entry.damaged, entry.is_unpriced()), (Some(newest), true), "{damage}");
            let filter = PriceFilter {
                state: PriceState::Unpriced,
                ..PriceFilter::default()
            };
            assert_eq!(shop.list(&filter).await.page.rows, [entry], "{damage}");
            let (cursor, size) = (Cursor::Newest, PageSize::default());
            let of = gateway::PricesOf::Model(shop.model);
            let history = shop.hub.prices().history(&root.money_reader(), of, cursor, size).await;
            let rows = history.unwrap().rows;
            assert_eq!(rows.len(), number + 1);
            assert!(rows.iter().all(Result::is_err), "{damage}: {rows:?}");
            assert_eq!(rows[0].as_ref().unwrap_err().id, newest);
            // The verifier goes on naming each of them.
            let report = shop.hub.credits().verify(&root.money_reader(), None).await.unwrap();
            assert_eq!(report.findings.len(), number + 1, "{damage}: {:?}", report.findings);
            assert!(
                report.findings.iter().any(|finding| finding.problem.starts_with(&newest.to_string())),
                "{damage}: {:?}",
                report.findings
            );
            let unseen = PriceDraft {
                base: Base::Newest((number > 0).then_some(first.id)),
                ..draft(sheet("3", "2", "0"))
            };
            assert_eq!(refusal(shop.publish(unseen).await), PriceRefusal::Stale { newest: Some(newest) });
            let upon = PriceDraft {
                base: Base::Newest(Some(newest)),
                ..draft(sheet("3", "2", "0"))
            };
            let published = shop.publish(upon).await.unwrap();
            shop.at(at + 10_000_000);
            assert_eq!(shop.input_at(at + 10_000_000).as_deref(), Some("3.00"), "{damage}");
            let entry = shop.entry().await;
            assert_eq!((entry.current.as_ref(), entry.damaged), (Some(&published), None), "{damage}");
        }
    })
    .await;
}

/// Where calls are paid, what is refused whatever is asked is not on sale, and what is refused in part says so.
#[tokio::test]
async fn offers_leave_out_what_is_refused_and_mark_what_is_refused_in_part() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let root = Admin::system();
        let input = || {
            let cost = Tariff::flat(Rates::default().with(Dimension::Input, "1".parse().unwrap()));
            draft(PriceSheet::publish(cost, MarginPpm::ZERO, &Overrides::default()).unwrap())
        };
        let (provider, slug) = (shop.entry().await.model.provider_id, "echo".parse().unwrap());
        let echo = shop
            .hub
            .models()
            .add(&root, Origin::default(), provider, &slug)
            .await
            .unwrap();
        for model in [shop.model, echo.id] {
            let published = shop
                .hub
                .prices()
                .publish(&root.money(), Origin::default(), model, input())
                .await;
            published.unwrap();
        }
        let offers = || {
            let (filter, first) = (OfferFilter::default(), NameCursor::First);
            let list = shop.hub.prices().offers(&filter, &first, PageSize::default());
            let told = list
                .page
                .rows
                .into_iter()
                .map(|offer| (offer.model, offer.embeddings_only));
            told.collect::<Vec<_>>()
        };
        // Nobody pays: whatever has a price is listed.
        assert_eq!(offers(), [("p/echo".to_owned(), false), ("p/m".to_owned(), false)]);
        let options = shop.hub.options();
        options
            .set(&root.money(), Origin::default(), Setting::Mode, "service-provider")
            .await
            .unwrap();
        assert_eq!(offers(), [("p/m".to_owned(), true)]);
        let unpriced = PriceFilter {
            state: PriceState::Unpriced,
            ..PriceFilter::default()
        };
        let list = shop.list(&unpriced).await;
        let names: Vec<String> = list.page.rows.iter().map(|entry| entry.model.public_name()).collect();
        assert_eq!(
            names,
            ["p/echo"],
            "what is enough for embeddings is not counted as incomplete"
        );
        assert!(shop.entry().await.refuses_chats());
    })
    .await;
}

/// Nobody knows what the model is for, but its pictures are paid for.
#[tokio::test]
async fn what_is_sold_by_the_picture_is_priced_and_on_sale() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let root = Admin::system();
        let options = shop.hub.options();
        options
            .set(&root.money(), Origin::default(), Setting::Mode, "service-provider")
            .await
            .unwrap();
        let picture: Dimension = "image/512x512/auto".parse().unwrap();
        let cost = Rates::default().with(picture.clone(), picture.read_price("0.01").unwrap());
        let sheet = PriceSheet::publish(Tariff::flat(cost), MarginPpm::ZERO, &Overrides::default()).unwrap();
        shop.publish(draft(sheet)).await.unwrap();
        let (filter, first) = (OfferFilter::default(), NameCursor::First);
        let offers = shop.hub.prices().offers(&filter, &first, PageSize::default()).page.rows;
        let told: Vec<_> = offers
            .iter()
            .map(|offer| {
                (
                    offer.model.as_str(),
                    offer.embeddings_only,
                    offer.sell.base().get(&picture),
                )
            })
            .collect();
        assert_eq!(told, [("p/m", false, picture.read_price("0.01").ok())]);
        assert_eq!(shop.list(&PriceFilter::default()).await.unpriced, 0);
        assert!(shop.entry().await.lacking().is_empty());
    })
    .await;
}

#[tokio::test]
async fn offers_are_what_can_be_called_and_has_a_price() {
    on_both(async |mut database| {
        let shop = Shop::open(&mut database).await;
        let root = Admin::system();
        let offers = || {
            shop.hub
                .prices()
                .offers(&OfferFilter::default(), &NameCursor::First, PageSize::default())
        };
        assert_eq!(offers().count, 0);
        // What is on sale later is not on sale now.
        let later = PriceDraft {
            effective_from: Some(seconds(100)),
            ..draft(sheet("9", "2", "50"))
        };
        shop.publish(later).await.unwrap();
        assert_eq!(offers().count, 0);
        shop.publish(draft(sheet("1", "2", "50"))).await.unwrap();
        shop.publish(draft(sheet("5", "2", "50"))).await.unwrap();
        let list = offers();
        let offer = &list.page.rows[0];
        assert_eq!(
            (offer.model.as_str(), offer.provider_title.as_str(), list.count),
            ("p/m", "P", 1)
        );
        let input = |tariff: &Tariff| tariff.base().get(&Dimension::Input).unwrap().to_string();
        assert_eq!(input(&offer.sell), "1.50");
        assert_eq!(
            offer.next.as_ref().map(|(_, sell)| input(sell)).as_deref(),
            Some("7.50")
        );
        let models = shop.hub.models();
        models
            .set_enabled(&root, Origin::default(), shop.model, false)
            .await
            .unwrap();
        assert_eq!(offers().count, 0);
    })
    .await;
}
