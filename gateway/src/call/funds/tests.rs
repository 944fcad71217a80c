//! The hold is a bound: whatever a provider reports within what it was asked for, the charge is within what was held.

use bytes::Bytes;
use domain::{
    access::Actor,
    call::Endpoint,
    catalog::Quirks,
    id::{CallId, ModelId},
    money::{MarginPpm, Price},
    price::{Dimension, Overrides, PriceSheet, Rates, Tariff, Tier, TierRule},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use super::*;
use crate::{
    call::estimate,
    wire::{
        canonical::Counted,
        openai::{request::scan, usage},
    },
};

/// What the documents of the provider with the largest number say that an image counts for.
const DEAREST_IMAGE: u64 = 48_169;

fn price(tariff: &Tariff) -> Arc<PriceVersion> {
    Arc::new(PriceVersion {
        id: PriceId::from_number(1),
        model_id: ModelId::from_number(1),
        model: "p/m".to_owned(),
        effective_from: Timestamp(0),
        created_at: Timestamp(0),
        actor: Actor::System,
        reason: String::new(),
        source: String::new(),
        sheet: PriceSheet::publish(tariff.clone(), MarginPpm::default(), &Overrides::default()).unwrap(),
    })
}

/// Rates with input and output, and now and then one for everything else.
fn any_tariff() -> impl Strategy<Value = Tariff> {
    let other = [
        Dimension::CacheRead,
        Dimension::CacheWrite5m,
        Dimension::Reasoning,
        Dimension::InputAudio,
        Dimension::InputImage,
        Dimension::OutputAudio,
        Dimension::OutputImage,
        Dimension::Request,
    ];
    let pico = || (0..90_000_000_i64).prop_map(|pico| Price::from_pico(pico).unwrap());
    let rates = move |least: usize| {
        vec((select(other.to_vec()), pico()), 0..5).prop_flat_map(move |others| {
            vec(pico(), least).prop_map(move |text| {
                let text = [Dimension::Input, Dimension::Output].into_iter().zip(text);
                others.clone().into_iter().chain(text).collect::<Rates>()
            })
        })
    };
    let tiers = proptest::collection::btree_map(0..60_000_u64, rates(0), 0..3);
    (rates(2), tiers, any::<bool>()).prop_map(|(base, tiers, whole)| {
        let rule = if whole { TierRule::Whole } else { TierRule::Marginal };
        let tiers = tiers.into_iter().map(|(above, rates)| Tier { above, rates }).collect();
        Tariff::tiered(base, rule, tiers).unwrap()
    })
}

fn any_part() -> impl Strategy<Value = Value> {
    let length = 0..3_000_usize;
    (0..8_u8, length).prop_map(|(kind, length)| {
        let bytes = "A".repeat(length);
        match kind {
            0 => json!({"type": "text", "text": format!("data:image/png;base64,{bytes}")}),
            1 => json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{bytes}")}}),
            2 => json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "high"}}),
            3 => json!({"type": "image_url", "image_url": {"url": format!("data:text/plain,{bytes}")}}),
            4 => json!({"type": "file", "file": {"file_data": format!("data:application/pdf;base64,{bytes}")}}),
            5 => json!({"type": "input_audio", "input_audio": {"data": bytes, "format": "wav"}}),
            _ => json!({"type": "text", "text": bytes}),
        }
    })
}

fn any_request() -> impl Strategy<Value = Value> {
    let limit = || {
        prop_oneof![
            Just(None),
            Just(Some(Value::Null)),
            (1..3_000_u32).prop_map(|limit| Some(limit.into())),
            Just(Some(json!(2e3)))
        ]
    };
    let content = prop_oneof![
        vec(any_part(), 0..4).prop_map(Value::from),
        "[a-z:]{0,400}".prop_map(Value::from)
    ];
    let members = (limit(), limit(), proptest::option::of(1..5_u8), any::<[bool; 4]>());
    (vec(content, 1..4), members).prop_map(
        |(contents, (older, newer, choices, [stream, tools, audio, predicts]))| {
            let messages: Vec<Value> = contents
                .into_iter()
                .map(|content| json!({"role": "user", "content": content}))
                .collect();
            let mut body = json!({"model": "p/m", "messages": messages, "stream": stream});
            let mut put = |name: &str, value: Option<Value>| value.map(|value| body[name] = value);
            put("max_tokens", older);
            put("max_completion_tokens", newer);
            put("n", choices.map(Value::from));
            put(
                "tools",
                tools.then(|| json!([{"type": "function", "function": {"name": "f"}}])),
            );
            put("audio", audio.then(|| json!({"voice": "alloy"})));
            put(
                "prediction",
                predicts.then(|| json!({"type": "content", "content": "x".repeat(300)})),
            );
            body
        },
    )
}

/// How many tokens a provider can come to for what it was sent: by its own documents, not by how the hub counts. A model reads
/// neither limits nor options.
fn most_input(sent: &Value) -> u64 {
    let mut read = sent.as_object().unwrap().clone();
    read.retain(|name, _| {
        ![
            "model",
            "stream",
            "stream_options",
            "max_tokens",
            "max_completion_tokens",
            "n",
        ]
        .contains(&name.as_str())
    });
    let bytes = Value::from(read).to_string().len() as u64;
    let mut most = bytes + 64 + if sent["tools"].is_null() { 0 } else { 804 };
    for message in sent["messages"].as_array().unwrap() {
        for part in message["content"].as_array().into_iter().flatten() {
            if let Some(url) = part["image_url"]["url"].as_str() {
                most += DEAREST_IMAGE;
                most -= if url.starts_with("data:image/png") {
                    url.len() as u64
                } else {
                    0
                };
            }
        }
    }
    most
}

/// So many of a whole, by a share in 255.
const fn share(of: u64, share: u8) -> u64 {
    of * share as u64 / 255
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn no_report_within_the_bounds_costs_more_than_was_held(
        tariff in any_tariff(),
        body in any_request(),
        (older_only, outside) in any::<(bool, bool)>(),
        step in 1..2_000_u64,
        spendable in 0..400_000_000_i64,
        window in proptest::option::of(1_000..100_000_u64),
        parts in any::<[u8; 9]>(),
        full in any::<bool>(),
        reports in proptest::bool::weighted(0.8),
    ) {
        let body = Bytes::from(body.to_string());
        let scanned = scan(Endpoint::Chat, &body).unwrap();
        prop_assert!(measurable(Dialect::OpenaiChat, &scanned, None).is_ok());
        let quirks = Quirks { max_tokens_only: older_only, reasoning_outside_completion: outside, ..Quirks::default() };
        let price = price(&tariff);
        let sell = price.sheet.sell();
        let cover = Cover::of(Some(sell), &scanned, &quirks, window, step).unwrap();
        let mut funds = Funds { funding: Funding::Credit, price: Some(Arc::clone(&price)), cover: Some(cover), estimate: None };
        // As the ledger admits: what is wished for, else all there is, if that is enough.
        let (wish, spendable) = (funds.wish().unwrap(), Amount::from_nano(spendable).unwrap());
        if wish.least > spendable {
            return Ok(());
        }
        let held = wish.most.min(spendable);
        funds.admitted(held, None);
        funds.begins(Reach { money: held, tokens: 0 });

        // From here on only what the provider sees.
        let sent = scanned.rewrite(&body, "m", &quirks, funds.cap());
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        let said = |name: &str| sent[name].as_f64().map(|limit| limit as u64);
        let limit = if older_only { said("max_tokens") } else { said("max_completion_tokens").max(said("max_tokens")) };
        let (limit, choices) = (limit.expect("a limit"), sent["n"].as_u64().unwrap_or(1));
        let most = limit * choices + sent["prediction"]["content"].as_str().map_or(0, |text| text.len() as u64);
        let [input, output, cached, written, heard, seen, thought, spoken, drawn] = parts;
        let pick = |most: u64, part: u8| if full { most } else { share(most, part) };
        let (mut prompt, completion) = (pick(most_input(&sent), input), pick(most, output));
        if let Some(window) = window {
            prompt = prompt.min((window * choices).saturating_sub(completion));
        }
        let reasoning = if outside { pick(limit * choices, thought) } else { share(completion, thought) };
        let report = json!({
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion + if outside { reasoning } else { 0 },
            "prompt_tokens_details": {
                "cached_tokens": share(prompt, cached / 2),
                "cache_write_tokens": share(prompt, written),
                "audio_tokens": share(prompt, heard),
                "image_tokens": share(prompt, seen),
            },
            "completion_tokens_details": {
                "reasoning_tokens": reasoning,
                "audio_tokens": share(completion, spoken),
                "image_tokens": share(completion, drawn),
            },
        }).to_string();
        let report = reports.then(|| usage::report(report.into_bytes(), &quirks));
        let asked = estimate::Asked {
            request: &scanned,
            context_tokens: window,
            told: funds.told(&scanned),
            thinks_apart: outside,
            counts_prompt: true,
            sell: Some(sell),
        };
        let consumed = estimate::consumed(CallId::from_number(1), report.as_ref(), &asked, u64::from(input) << 10, Counted::All);
        let usage = funds.within(consumed).usage;
        let charge = sell.price(&Quantities::of(usage)).unwrap().total;
        prop_assert!(charge <= held, "{} > {}: {:?} {:?}", charge, held, usage, funds);
    }
}
