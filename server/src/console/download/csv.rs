//! CSV as spreadsheets read it: cells that stay cells, no formula among them, and a body that is sent page by page.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use domain::{access::Actor, id::KeyId};
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use http::{HeaderValue, header};

/// Lines of a file, and after which number the next ones begin; none at the end.
pub type Piece = (String, Option<i64>);

/// A file with this head; `read` gives the lines after a number. A file that breaks off half-way is cut off rather than ended:
/// nobody is to take a part for all of it.
///
/// # Errors
/// Those of the first page: it is read before anything is sent, so that a refusal is one.
pub async fn file<Read>(name: &'static str, head: &'static str, read: Read) -> Result<Response, gateway::Error>
where
    Read: Fn(i64) -> BoxFuture<'static, Result<Piece, gateway::Error>> + Send + 'static,
{
    let first = read(0).await?;
    let rest = stream::unfold(Some((read, first)), |next| async move {
        let (read, (text, last)) = next?;
        let text = Bytes::from(text);
        let Some(last) = last else {
            return Some((vec![Ok::<_, gateway::Error>(text)], None));
        };
        match read(last).await {
            Ok(piece) => Some((vec![Ok(text)], Some((read, piece)))),
            Err(error) => {
                match error {
                    gateway::Error::Refused(_) | gateway::Error::Key(_) => {
                        tracing::info!(%error, "a file was broken off: whoever downloads it may not read it any more");
                    }
                    _ => tracing::error!(%error, "a file could not be read to its end"),
                }
                Some((vec![Ok(text), Err(error)], None))
            }
        }
    });
    let rest = rest.flat_map(stream::iter);
    let head = stream::once(async move { Ok(Bytes::from_static(head.as_bytes())) });
    let mut response = Response::new(Body::from_stream(head.chain(rest)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// Who, as a cell.
pub fn actor(actor: &Actor) -> String {
    match actor {
        Actor::User { email, .. } => text(email.as_str()),
        Actor::CommandLine => "command line".to_owned(),
        Actor::System => "hub".to_owned(),
    }
}

/// By which key they asked, as a cell; empty where it was a session, or nobody.
pub fn key(actor: &Actor) -> String {
    match actor {
        Actor::User { key, .. } => key.map_or_else(String::new, |key: KeyId| key.to_string()),
        Actor::CommandLine | Actor::System => String::new(),
    }
}

/// A moment as a cell.
pub fn moment(microseconds: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(microseconds);
    at.map_or_else(|_| microseconds.to_string(), |at| at.to_string())
}

/// What divides cells in one spreadsheet or another. Where that is not the comma, quotes within a line do not keep a cell together.
const DIVIDES: [char; 4] = [';', '\t', '\n', '\r'];

/// A text as one cell. What a spreadsheet would take for a formula is made a text, also where it divides lines by something else
/// than commas.
pub fn text(cell: &str) -> String {
    let cell: String = cell.split_inclusive(DIVIDES).map(no_formula).collect();
    if cell.contains([',', '"']) || cell.contains(DIVIDES) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// A piece of a text with a mark in front where a formula would begin, be it behind spaces and quotes.
fn no_formula(piece: &str) -> String {
    let begins = piece.trim_start_matches([' ', '"']);
    let mark = if begins.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("{mark}{piece}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_cells_and_no_formula_is_one() {
        assert_eq!(text("because"), "because");
        assert_eq!(text("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(text("=1+1"), "'=1+1");
        assert_eq!(text("@x,y"), "\"'@x,y\"");
        assert_eq!(text("half; the rest later"), "\"half; the rest later\"");
        assert_eq!(text("one\ttwo"), "\"one\ttwo\"");
        // A spreadsheet that divides by semicolons or tabs heeds no quotes within a line.
        for (written, cells) in [
            ("=HYPERLINK(1);=cmd", "\"'=HYPERLINK(1);'=cmd\""),
            ("a\t=cmd", "\"a\t'=cmd\""),
            ("a;\"=cmd", "\"a;'\"\"=cmd\""),
            ("a; @cmd", "\"a;' @cmd\""),
            ("a\n+cmd\r-cmd", "\"a\n'+cmd\r'-cmd\""),
            ("a;;=cmd", "\"a;;'=cmd\""),
            ("a;\t=cmd", "\"a;'\t'=cmd\""),
        ] {
            assert_eq!(text(written), cells);
        }
        assert_eq!(moment(1_795_442_520_000_000), "2026-11-23T14:02:00Z");
        let email = "=cmd@x.y".parse().expect("an address");
        let id = domain::id::UserId::from_number(1);
        let key = Some(KeyId::from_number(7));
        let asker = Actor::User { id, email, key };
        assert_eq!(actor(&asker), "'=cmd@x.y");
        assert_eq!(super::key(&asker), "key_0000000000007");
        assert_eq!(super::key(&Actor::System), "");
    }
}
