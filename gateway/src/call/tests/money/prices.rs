//! Which price counts: the one at the beginning, with its tiers and its zeros.

use domain::{
    access::Role,
    call::Dialect,
    price::{Dimension, Overrides, Tariff, Tier, TierRule},
    setting::Setting,
};

use super::{
    super::{
        client::{next, stream},
        streams::{DONE, stop, text, usage},
        upstream::{Step, chunk, end, json, stream_head},
    },
    till::{Till, rates},
};

const ASK: &str = r#"{"model":"p/m","messages":[{"role":"user","content":"12345678"}],"max_tokens":100}"#;

/// A hundred times the usual price.
fn dear() -> Tariff {
    Tariff::flat(rates(&[(Dimension::Input, "100"), (Dimension::Output, "200")]))
}

fn answer(usage: &str) -> Vec<Step> {
    json(
        200,
        &format!(r#"{{"choices":[{{"message":{{"content":"hi"}},"finish_reason":"stop"}}],"usage":{usage}}}"#),
    )
}

#[tokio::test]
async fn a_price_that_changes_and_credit_that_ends_meanwhile_do_not_concern_a_running_call() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let till = Till::with(0, vec![steps]).await;
    till.grant(1_000_000_000, Some(60_000_000)).await;
    let (id, reply) = till.chat(&ASK.replace("\"max", "\"stream\":true,\"max")).await;
    let mut receiver = stream(reply.unwrap());
    next(&mut receiver).await;
    till.publish(dear()).await;
    till.pass(120_000_000);
    // It has ended for everybody else.
    let error = till.chat(ASK).await.1.unwrap_err();
    assert_eq!((error.status, error.credit.unwrap().waiting_helps), (402, false));
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    let (_, paid) = till.paid(id).await;
    assert_eq!((paid.charge, paid.loss), (Some(7 * 1_000 + 3 * 2_000), Some(0)));
    till.is_sound().await;
}

/// As a process finds its memory that stood still while another published: the machine slept, or was moved.
#[tokio::test]
async fn nobody_is_charged_by_prices_that_were_not_seen_for_seconds() {
    for mode in ["service-provider", "enterprise"] {
        let till = Till::with(
            1_000_000_000,
            vec![answer(r#"{"prompt_tokens":3,"completion_tokens":1}"#)],
        )
        .await;
        till.set(Setting::Mode, mode).await;
        let inner = &till.hub.gateway.0;
        let older = inner.snapshot.load_full();
        till.publish(dear()).await;
        let stands_still = inner.reload.lock().await;
        inner.snapshot.store(older);
        till.pass(2_000_000);
        let goes_on = async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            drop(stands_still);
        };
        let ((id, reply), ()) = tokio::join!(till.chat(ASK), goes_on);
        assert!(reply.is_ok());
        assert_eq!(till.paid(id).await.1.charge, Some(3 * 100_000 + 200_000), "{mode}");
        till.is_sound().await;
    }
}

/// Its body may take minutes to come, or its files: it is priced when it begins to be asked for, which its row tells where nothing is held.
#[tokio::test]
async fn a_price_that_changes_while_a_request_is_on_its_way_is_the_one_that_counts() {
    for mode in ["service-provider", "enterprise"] {
        let till = Till::with(
            1_000_000_000,
            vec![answer(r#"{"prompt_tokens":3,"completion_tokens":1}"#)],
        )
        .await;
        till.set(Setting::Mode, mode).await;
        let request = till.request(Dialect::OpenaiChat, ASK);
        let id = request.id;
        till.pass(700_000_000);
        till.publish(dear()).await;
        assert!(till.hub.gateway.call(request).await.is_ok());
        assert_eq!(till.paid(id).await.1.charge, Some(3 * 100_000 + 200_000), "{mode}");
        till.is_sound().await;
    }
}

/// It is charged all the same, and whoever reads what concerns money is told why its cost is not known.
#[tokio::test]
async fn what_has_a_price_and_no_cost_is_charged_and_told() {
    let till = Till::unpriced(vec![answer(r#"{"prompt_tokens":7,"completion_tokens":3}"#)]).await;
    let chosen = Overrides {
        base: rates(&[(Dimension::Output, "2")]),
        ..Overrides::default()
    };
    till.sell(Tariff::flat(rates(&[(Dimension::Input, "1")])), &chosen)
        .await;
    till.grant(1_000_000_000, None).await;
    let (id, reply) = till.chat(ASK).await;
    reply.unwrap();
    let (_, paid) = till.paid(id).await;
    assert_eq!((paid.charge, paid.cost), (Some(7 * 1_000 + 3 * 2_000), None));
    let detail = till.hub.settled(id).await;
    for (role, told) in [(Role::Billing, Some(Dimension::Output)), (Role::Member, None)] {
        let viewer = till.hub.viewer(till.user, role);
        let charge = till.hub.gateway.credits().of_call(&viewer, &detail).await.unwrap();
        assert_eq!((charge.cost, charge.uncosted), (None, told), "{role:?}");
    }
    till.is_sound().await;
}

/// It has a price: nobody is told to ask for one.
#[tokio::test]
async fn what_costs_more_than_can_be_booked_is_refused_and_fewer_answers_are_not() {
    let till = Till::with(
        1_000_000_000,
        vec![answer(r#"{"prompt_tokens":1,"completion_tokens":1}"#)],
    )
    .await;
    let (none, dearest) = ((Dimension::Input, "0"), (Dimension::Output, "1000000000000"));
    till.publish(Tariff::flat(rates(&[none, dearest]))).await;
    till.pass(5_000_000);
    let error = till.chat(&ASK.replace("\"max", "\"n\":128,\"max")).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code), (400, "unsupported_limit"), "{error:?}");
    assert!(error.message.contains("shorter"), "{error:?}");
    // One that costs as much as a call may is a matter of credit.
    let error = till.chat(&ASK.replace("100", "1")).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code), (402, "insufficient_credits"), "{error:?}");
    assert!(till.upstream.requests().is_empty());
    till.is_sound().await;
}

#[tokio::test]
async fn a_cache_price_of_zero_is_zero_and_none_is_the_price_of_input() {
    let usage = r#"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":8}}"#;
    let with = [
        (Dimension::Input, "1"),
        (Dimension::Output, "2"),
        (Dimension::CacheRead, "0"),
    ];
    for (prices, charge) in [(&with[..2], 10 * 1_000 + 2_000), (&with[..], 2 * 1_000 + 2_000)] {
        let till = Till::with(0, vec![answer(usage)]).await;
        till.grant(1_000_000_000, None).await;
        till.publish(Tariff::flat(rates(prices))).await;
        let (id, _) = till.chat(ASK).await;
        assert_eq!(till.paid(id).await.1.charge, Some(charge));
        till.is_sound().await;
    }
}

#[tokio::test]
async fn at_the_threshold_of_a_tier_the_hold_covers_the_charge() {
    let base = rates(&[(Dimension::Input, "1"), (Dimension::Output, "2")]);
    let tier = Tier {
        above: 100,
        rates: rates(&[(Dimension::Input, "3")]),
    };
    for (tokens, each) in [(99, 1_000), (100, 1_000), (101, 3_000)] {
        let usage = format!(r#"{{"prompt_tokens":{tokens},"completion_tokens":1}}"#);
        let till = Till::with(0, vec![answer(&usage)]).await;
        till.grant(1_000_000_000, None).await;
        till.publish(Tariff::tiered(base.clone(), TierRule::Whole, vec![tier.clone()]).unwrap())
            .await;
        let (id, _) = till.chat(ASK).await;
        let (_, paid) = till.paid(id).await;
        assert_eq!(paid.charge, Some(tokens * each + 2_000));
        assert!(paid.held >= paid.charge, "{paid:?}");
        till.is_sound().await;
    }
}
