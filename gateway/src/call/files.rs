//! Files that a request names by their address and whose provider does not fetch them: they are fetched before credit is held,
//! so that the hold counts what they are. `accept` asks which they are, `before` fetches them.

use std::{collections::HashMap, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{call::Fault, id::UserId};
use futures_util::future::try_join_all;

use super::{CallError, Full, Room, record::Record};
use crate::{
    Inner,
    fetch::{Problem, Rest},
    wire::{
        Scanned,
        named::{Named, TooMany, Wanted},
        speech::Speech,
    },
};

/// Places of one request that name a file.
const MOST: usize = 20;

/// The files whose content the provider must be given.
///
/// # Errors
/// 400: there are too many.
pub(super) fn named(scanned: &Scanned, speech: Speech, slug: &str) -> Result<Vec<Wanted>, CallError> {
    scanned.named_files(speech, slug, MOST).map_err(|TooMany| {
        refused(
            format!(
                "This model's provider fetches no files, and this hub fetches {MOST} for a call at the most. Send their content."
            ),
            "there are too many of them",
        )
    })
}

/// Fetches these files for this person, and puts them into the request, whose room they take as if they had come in it.
///
/// # Errors
/// 400, with the reason: one of them could not be fetched, or all together are too large. 503: there is no room for them.
pub(super) async fn fetch(
    inner: &Inner,
    (user, room): (UserId, &Room),
    named: &[Wanted],
    scanned: &mut Scanned,
    record: &mut Record,
) -> Result<(), CallError> {
    let Some(first) = named.first() else {
        return Ok(());
    };
    let (began, rest) = (Instant::now(), Rest::new(room.clone()));
    let fetched = async {
        let _place = inner
            .fetcher
            .place(user, &rest)
            .await
            .map_err(|problem| failed(&first.file, problem))?;
        let rest = &rest;
        let each = named.iter().map(|wanted| async move {
            let Wanted { file, places } = wanted;
            let got = inner.fetcher.fetch(&file.url, file.kind, *places, rest).await;
            let got = got.map_err(|problem| failed(file, problem))?;
            Ok::<_, CallError>((file.clone(), (got.mime, STANDARD.encode(&got.bytes))))
        });
        try_join_all(each).await
    }
    .await;
    // Other servers had this time.
    record.waited_for(began.elapsed());
    scanned.put_in(&fetched?.into_iter().collect::<HashMap<_, _>>());
    Ok(())
}

fn failed(file: &Named, problem: Problem) -> CallError {
    if problem == Problem::Full {
        return Full.into();
    }
    let shown: String = file.url.chars().take(200).collect();
    refused(
        format!(
            "The provider of this model fetches no such file, and the hub could not fetch '{shown}': {problem}. Send its content as base64."
        ),
        &problem.to_string(),
    )
}

/// The log keeps no address: it is a piece of the prompt.
fn refused(sentence: String, reason: &str) -> CallError {
    CallError {
        param: Some("messages".to_owned()),
        kept: Some(format!("A file that the request names could not be fetched: {reason}.").into()),
        ..CallError::new(Fault::Caller, 400, "file_not_fetched", sentence)
    }
}
