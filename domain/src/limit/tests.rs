//! Limits against a plain list of calls: thousands of random streams, and the same with a bug in them, which has to be found.

mod stream;

use super::*;
use crate::time::{Micros, Timestamp};
use stream::{Bug, Rule, run};

const SECOND: i64 = 1_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * SECOND)
}

fn rule(number: i64, measure: Measure, window: Window, most: i64) -> std::sync::Arc<Rule> {
    std::sync::Arc::new(Rule(Limit {
        id: LimitId::from_number(number),
        subject: KeyId::from_number(7).into(),
        measure,
        window,
        most,
    }))
}

const CALL: Ask = Ask {
    begins: true,
    tokens: Wanted { most: 100, least: 40 },
    spend: Wanted { most: 50, least: 10 },
};

#[test]
fn thousands_of_streams_keep_every_limit_and_lose_nothing() {
    let mut seen = stream::Seen::default();
    for seed in 1..=4_000 {
        if let Err(finding) = run(seed, None, &mut seen) {
            panic!("stream {seed}: {finding}");
        }
    }
    // The streams are no trivial ones.
    assert!(
        seen.admitted > 20_000 && seen.refused > 20_000 && seen.grown > 2_000,
        "{seen:?}"
    );
}

#[test]
fn every_seeded_bug_is_found() {
    for bug in Bug::ALL {
        let found = (1..=600).any(|seed| run(seed, Some(bug), &mut stream::Seen::default()).is_err());
        assert!(found, "{bug:?} was not found");
    }
}

#[test]
fn all_limits_are_taken_together_or_none() {
    let limits = [
        rule(1, Measure::Requests, Window::Calendar(Span::Minute), 10),
        rule(2, Measure::Spend, Window::Calendar(Span::Day), 25),
    ];
    let mut counters = Counters::default();
    let mut first = Vec::new();
    let granted = offer(&limits, &counters, &CALL, at(5), at(5)).unwrap();
    assert_eq!((granted.tokens, granted.spend), (100, 25));
    take(&limits, &mut counters, &CALL, granted, at(5), &mut first);
    let before = counters.clone();
    let over = offer(&limits, &counters, &CALL, at(6), at(6)).unwrap_err();
    assert_eq!(
        (over.limit.id, over.needed, over.reserved),
        (LimitId::from_number(2), 10, 25)
    );
    assert!(over.ends_suffice && over.waiting_helps());
    assert_eq!(counters, before);
    settle(&mut counters, &first, Spent { tokens: 3, charge: 4 });
    let told: Vec<(i64, i64)> = limits
        .iter()
        .map(|rule| standing(&**rule, &counters, at(7)))
        .map(|standing| (standing.used, standing.remaining()))
        .collect();
    assert_eq!(told, [(1, 9), (4, 21)]);
}

#[test]
fn a_call_counts_where_it_was_authorised_though_it_ends_later() {
    let limits = [rule(1, Measure::Tokens, Window::Calendar(Span::Minute), 120)];
    let mut counters = Counters::default();
    let mut takings = Vec::new();
    let granted = offer(&limits, &counters, &CALL, at(59), at(59)).unwrap();
    take(&limits, &mut counters, &CALL, granted, at(59), &mut takings);
    assert!(offer(&limits, &counters, &CALL, at(59), at(59)).is_err());
    // The next minute is its own.
    assert_eq!(offer(&limits, &counters, &CALL, at(60), at(60)).unwrap().tokens, 100);
    settle(&mut counters, &takings, Spent { tokens: 30, charge: 0 });
    assert_eq!(standing(&*limits[0], &counters, at(60)).used, 0);
    assert_eq!(standing(&*limits[0], &counters, at(59)).used, 30);
    // What it did not use came back to the window that it was of.
    assert_eq!(offer(&limits, &counters, &CALL, at(59), at(61)).unwrap().tokens, 90);
}

#[test]
fn absent_is_not_zero_and_zero_refuses_everything() {
    let none: [std::sync::Arc<Rule>; 0] = [];
    assert_eq!(
        offer(&none, &Counters::default(), &CALL, at(0), at(0)).unwrap().tokens,
        100
    );
    for (measure, window) in [
        (Measure::Requests, Window::Rolling(Span::Minute)),
        (Measure::Tokens, Window::Calendar(Span::Day)),
        (Measure::Concurrent, Window::Running),
        (Measure::Spend, Window::Ever),
    ] {
        let limits = [rule(1, measure, window, 0)];
        let nothing = Ask {
            begins: true,
            ..Ask::default()
        };
        for ask in [CALL, nothing] {
            let over = offer(&limits, &Counters::default(), &ask, at(0), at(0)).unwrap_err();
            assert_eq!(over.retry_after(), None, "{measure:?}");
        }
    }
}

#[test]
fn a_lowered_limit_refuses_new_calls_and_cuts_none() {
    let mut limits = [rule(1, Measure::Spend, Window::Calendar(Span::Day), 100)];
    let mut counters = Counters::default();
    let mut takings = Vec::new();
    let granted = offer(&limits, &counters, &CALL, at(1), at(1)).unwrap();
    take(&limits, &mut counters, &CALL, granted, at(1), &mut takings);
    let of_the_call = limits.clone();
    limits[0] = rule(1, Measure::Spend, Window::Calendar(Span::Day), 20);
    assert!(offer(&limits, &counters, &CALL, at(2), at(2)).is_err());
    // The running one goes by what it began with.
    let more = Ask { begins: false, ..CALL };
    assert_eq!(offer(&of_the_call, &counters, &more, at(1), at(2)).unwrap().spend, 50);
    settle(&mut counters, &takings, Spent { tokens: 0, charge: 50 });
    assert_eq!(standing(&*limits[0], &counters, at(3)).used, 50);
    assert_eq!(standing(&*limits[0], &counters, at(3)).remaining(), 0);
}

#[test]
fn a_refusal_says_when_there_is_room() {
    let limits = [rule(1, Measure::Requests, Window::Rolling(Span::Minute), 2)];
    let mut counters = Counters::default();
    for second in [0, 30] {
        let mut takings = Vec::new();
        let granted = offer(&limits, &counters, &CALL, at(second), at(second)).unwrap();
        take(&limits, &mut counters, &CALL, granted, at(second), &mut takings);
        settle(&mut counters, &takings, Spent::default());
    }
    let over = offer(&limits, &counters, &CALL, at(40), at(40)).unwrap_err();
    // The one of the first second leaves when its step does: after 61 seconds.
    assert_eq!((over.frees_at, over.retry_after()), (Some(at(61)), Some(21)));
    let told = over.to_string();
    assert_eq!(
        told,
        "The limit of this key is 2 requests per minute: 2 are used. Try again in 21 seconds."
    );
    assert!(offer(&limits, &counters, &CALL, at(60), at(60)).is_err());
    assert!(offer(&limits, &counters, &CALL, at(61), at(61)).is_ok());
}

#[test]
fn nobody_learns_the_figures_of_others() {
    let mut limit = rule(1, Measure::Requests, Window::Calendar(Span::Minute), 2).0;
    limit.subject = ModelId::from_number(4).into();
    let over = OverLimit {
        limit,
        used: 17,
        reserved: 3,
        needed: 1,
        frees_at: Some(at(60)),
        ends_suffice: false,
        at: at(42),
    };
    let told = over.to_string();
    assert_eq!(
        told,
        "This model is at its limit of requests per minute at this hub. Try again in 18 seconds."
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let limit = |subject: Subject, measure, window, most| Limit {
        id: LimitId::from_number(1),
        subject,
        measure,
        window,
        most,
    };
    let key: Subject = KeyId::from_number(1).into();
    let model: Subject = ModelId::from_number(1).into();
    let day = Window::Calendar(Span::Day);
    assert_eq!(limit(key, Measure::Spend, day, 0).check(), Ok(()));
    assert_eq!(limit(model, Measure::Tokens, day, 5).check(), Ok(()));
    assert_eq!(
        limit(model, Measure::Spend, day, 5).check(),
        Err(InvalidLimit::SpendOfWhat)
    );
    assert_eq!(limit(key, Measure::Requests, day, -1).check(), Err(InvalidLimit::Most));
    for window in [Window::Running, Window::Ever, Window::Rolling(Span::Month)] {
        assert_eq!(
            limit(key, Measure::Requests, window, 1).check(),
            Err(InvalidLimit::Window)
        );
    }
    assert_eq!(
        limit(key, Measure::Concurrent, day, 1).check(),
        Err(InvalidLimit::Window)
    );
}

#[test]
fn words_and_ids_come_back() {
    for subject in [
        Subject::from(KeyId::from_number(1)),
        ProjectId::from_number(2).into(),
        UserId::from_number(3).into(),
        ModelId::from_number(4).into(),
        ProviderId::from_number(5).into(),
    ] {
        assert_eq!(subject.to_string().parse(), Ok(subject));
        assert_eq!(SubjectKind::parse(subject.kind.as_str()), Some(subject.kind));
    }
    assert!("call_0000000000001".parse::<Subject>().is_err());
    let spans = Span::ALL.into_iter();
    let windows = spans.flat_map(|span| [Window::Calendar(span), Window::Rolling(span)]);
    for window in windows.chain([Window::Running, Window::Ever]) {
        let (kind, span) = window.words();
        assert_eq!(Window::parse(kind, span), Some(window));
    }
    let told = serde_json::to_string(&Taking {
        limit: LimitId::from_number(1),
        measure: Measure::Tokens,
        bucket: at(1),
        reserved: 5,
    });
    assert_eq!(
        told.unwrap(),
        r#"{"l":"lim_0000000000001","m":"tokens","b":1000000,"r":5}"#
    );
    assert_eq!(Micros::from_days(1), Span::Day.length());
}
