//! Price versions against what the list of changes tells of them. Whoever lacks the keys of the hub cannot bring such a difference about in a
//! database: a row that was changed does not fit its seal, and an entry that was changed is not believed.

use domain::{
    access::Actor,
    id::ModelId,
    money::MarginPpm,
    price::{Dimension, Overrides, Tariff},
};

use super::*;

const PUBLISHED: Timestamp = Timestamp(7);
const SEAL: &str = "seal";
const DIFFERS: &str = "is not what the list of changes says was published";

fn sheet(input: &str) -> PriceSheet {
    let rates = [(Dimension::Input, input.parse().unwrap())].into_iter().collect();
    PriceSheet::publish(Tariff::flat(rates), MarginPpm::ZERO, &Overrides::default()).unwrap()
}

fn version() -> PriceVersion {
    PriceVersion {
        id: PriceId::from_number(1),
        model_id: ModelId::from_number(1),
        model: "p/m".to_owned(),
        effective_from: Timestamp(8),
        created_at: PUBLISHED,
        actor: Actor::CommandLine,
        reason: "because".to_owned(),
        source: "the provider".to_owned(),
        sheet: sheet("1"),
    }
}

/// A list that tells of that version as it was published, with its seal if it tells of seals.
fn told(seal: Option<&str>) -> Listed {
    let PriceVersion {
        id,
        model,
        effective_from,
        reason,
        source,
        sheet,
        ..
    } = version();
    let after = Sheet {
        price: id,
        sheet,
        effective_from,
        reason,
        source,
        seal: seal.map(str::to_owned),
    };
    let published = Published {
        entry: AuditId::from_number(9),
        at: PUBLISHED,
        model,
        after,
    };
    Listed {
        prices: HashMap::from([(id, published)]),
        ..Listed::default()
    }
}

#[test]
fn whatever_of_a_version_is_not_as_the_list_tells_is_found() {
    for seal in [Some(SEAL), None] {
        let mut listed = told(seal);
        assert_eq!(listed.compare_price(&version(), SEAL), None);
        assert_eq!(listed.missed_prices(), [""; 0]);
    }
    let changes: [fn(&mut PriceVersion); 6] = [
        |version| version.model.push('x'),
        |version| version.effective_from = Timestamp(9),
        |version| version.created_at = Timestamp(8),
        |version| version.reason.push('x'),
        |version| version.source.push('x'),
        |version| version.sheet = sheet("2"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = version();
        change(&mut changed);
        let found = told(None).compare_price(&changed, SEAL).unwrap();
        assert!(found.contains(DIFFERS), "{number}: {found}");
    }
    let found = told(Some(SEAL)).compare_price(&version(), "another").unwrap();
    assert!(found.contains(DIFFERS), "{found}");
}

/// One that was there when seals were first written down, and was sealed anew.
#[test]
fn a_version_is_held_against_the_seal_that_was_written_down() {
    let id = version().id;
    let written_down = |seal: &str| Listed {
        sealed: HashMap::from([(id, (AuditId::from_number(9), seal.to_owned()))]),
        ..Listed::default()
    };
    assert_eq!(written_down(SEAL).compare_price(&version(), SEAL), None);
    let found = written_down("another").compare_price(&version(), SEAL).unwrap();
    assert!(found.contains(DIFFERS), "{found}");
}
