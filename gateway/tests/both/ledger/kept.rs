//! Where answers lie that a provider keeps: written with the end of their call, or not at all.

use domain::{
    call::CallState,
    id::{CredentialId, ProviderId},
    time::Micros,
};
use gateway::{CallRow, KeptAnswer};

use super::bank::{Bank, nano};
use crate::hub::{Database, in_all_ways};

/// From now on the database refuses one answer.
async fn refuse(database: &Database, answer: &str) {
    let statement = if database.url.starts_with("sqlite") {
        format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON response_place WHEN NEW.id = '{answer}' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    } else {
        format!("ALTER TABLE response_place ADD CONSTRAINT refuse CHECK (id <> '{answer}')")
    };
    database.execute(&statement).await;
}

#[tokio::test]
async fn where_an_answer_lies_is_written_with_the_end_of_its_call() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let provider = ProviderId::from_number(bank.database.numbers("SELECT MAX(id) FROM provider").await[0]);
        let ledger = bank.hub.ledger();
        let answered = |id: &str, provider| CallRow {
            state: CallState::Succeeded,
            provider_id: Some(provider),
            agent: Some("a client".into()),
            kept: Some(KeptAnswer {
                id: id.to_owned(),
                credential: Some(CredentialId::from_number(5)),
                tokens: Some(70),
            }),
            ..bank.priced(bank.row(), 1)
        };
        refuse(&bank.database, "resp_no").await;
        let gone = ProviderId::from_number(1);
        let answers = [
            answered("resp_1", provider),
            // Its provider was removed meanwhile: nothing hinders the end.
            answered("resp_gone", gone),
            // What the database refuses is left out of the row, as other texts are; the end is booked all the same.
            answered("resp_no", provider),
        ];
        for row in answers {
            let begin = CallRow {
                state: CallState::Open,
                kept: None,
                ..row.clone()
            };
            ledger.hold(begin, nano(1)).await.unwrap();
            ledger.settle(row, Vec::new(), nano(1)).await.unwrap();
        }
        assert_eq!(bank.balance().await.balance, nano(7));
        let places = format!(
            "SELECT COUNT(*) FROM response_place WHERE id = 'resp_1' AND provider_id = {} AND person_id = {} AND credential_id = 5 AND tokens = 70",
            provider.number(),
            bank.user.number()
        );
        assert_eq!(bank.database.numbers(&places).await, [1]);
        let all = "SELECT COUNT(*) FROM response_place";
        assert_eq!(bank.database.numbers(all).await, [1]);
        bank.is_sound().await;

        bank.pass(Micros::from_days(30).0);
        bank.hub.sweep().await;
        assert_eq!(bank.database.numbers(all).await, [1]);
        bank.pass(1);
        bank.hub.sweep().await;
        assert_eq!(bank.database.numbers(all).await, [0]);
    })
    .await;
}
