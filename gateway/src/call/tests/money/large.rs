//! Large answers: what finds no room in the memory is not delivered and not charged, and what is read slowly keeps its room.

use domain::{
    call::{CallState, Dialect, Fault},
    id::CallId,
};

use super::{
    super::{client::whole, upstream::json as answered},
    till::Till,
};
use crate::call::{BodyMemory, CallAnswer, CallError};

const CREDIT: i64 = 1_000_000_000;
const ASK: &str = r#"{"model":"p/m","input":"12345678"}"#;
const MB: usize = 1 << 20;

/// Embeddings of so many bytes and some more.
fn vectors(bytes: usize) -> String {
    let numbers = "0,".repeat(bytes / 2);
    format!(
        r#"{{"object":"list","data":[{{"index":0,"embedding":[{numbers}0]}}],"usage":{{"prompt_tokens":2,"total_tokens":2}}}}"#
    )
}

/// A call of the person whose credit it is, in this memory.
async fn embed(till: &Till, memory: &BodyMemory, framework: bool) -> (CallId, Result<CallAnswer, CallError>) {
    let mut request = till.request(Dialect::OpenaiEmbeddings, ASK);
    request.room = memory.room_of(till.user);
    assert_eq!(request.room.grow(request.body.len()), Ok(()));
    let id = request.id;
    let answer = match framework {
        true => till.hub.gateway.embed_for_framework(request).await,
        false => till.hub.gateway.call(request).await,
    };
    (id, answer)
}

#[tokio::test]
async fn a_second_large_answer_is_refused_while_the_first_is_read_slowly() {
    let till = Till::with(CREDIT, vec![answered(200, &vectors(6 * MB / 10))]).await;
    let memory = BodyMemory::new(2 * MB, 0);
    let mut slow = Vec::new();
    for _ in 0..2 {
        slow.push(whole(embed(&till, &memory, false).await.1.unwrap()));
    }
    let paid = till.spendable().await;
    assert!(paid < CREDIT);

    // One person has three quarters of it.
    let (id, refused) = embed(&till, &memory, false).await;
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.status, &*refused.code, refused.retry_after, refused.fault),
        (503, "overloaded", Some(1), Fault::Hub)
    );
    assert!(refused.message.contains("large answer"), "{}", refused.message);
    let (row, charged) = till.paid(id).await;
    assert_eq!((row, charged.charge, charged.ended), (CallState::Failed, None, true));
    assert_eq!(till.spendable().await, paid, "nothing came of it");
    assert!(memory.room().grow(7 * MB / 10).is_ok(), "others have theirs");

    // A part of the body is all of it, to the memory; without any, there is room again.
    let last = slow.pop().unwrap().split_off(6 * MB / 10);
    assert_eq!(
        embed(&till, &memory, false).await.1.err().map(|error| error.status),
        Some(503)
    );
    drop(last);
    assert!(embed(&till, &memory, false).await.1.is_ok());
    drop(slow);
    assert_eq!(memory.room().grow(2 * MB), Ok(()));
    till.is_sound().await;
}

/// What is told anew stands there more than once for a while, and then as it was told.
#[tokio::test]
async fn an_answer_that_is_told_anew_takes_room_for_its_copies() {
    let till = Till::with(CREDIT, vec![answered(200, &vectors(6 * MB / 10))]).await;
    let (small, large) = (BodyMemory::new(2 * MB, 0), BodyMemory::new(4 * MB, 0));
    let (id, refused) = embed(&till, &small, true).await;
    // Of 2 MB one person may have 1.5, and it needs 1.8.
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.status, &*refused.code, refused.retry_after),
        (413, "answer_too_large", None)
    );
    assert_eq!(till.paid(id).await.1.charge, None);
    assert_eq!(small.room().grow(2 * MB), Ok(()));

    let told = whole(embed(&till, &large, true).await.1.unwrap());
    let taken = told.len().div_ceil(1 << 10) << 10;
    assert!(taken > 12 * MB / 10, "the numbers stand there twice");
    assert_eq!(large.room().grow(4 * MB - taken), Ok(()));
    assert!(large.room().grow(4 * MB - taken + 1).is_err());
    drop(told);
    assert_eq!(large.room().grow(4 * MB), Ok(()));
    till.is_sound().await;
}
