//! Cells whose client leaves: the provider is stopped, and what it had told until then is charged.

use std::time::{Duration, Instant};

use tests::client::Answer;
use tests::hub::database;
use tests::stage::SOON;

use super::cell::{Cell, must};
use super::hall::Hall;
use super::owed;
use super::truth::Counted;

/// What a model that takes its time says again and again, with a number.
const WORD: &str = "word";
/// The most that it says: two hundred such words.
const ALL_WORDS: usize = 200 * "word199 ".len();

impl Cell {
    /// Leaves with the first word.
    pub async fn leaves_a_stream(&self, hall: &Hall, id: &str, mut answer: Answer) -> Result<(), String> {
        let mut heard = String::new();
        while !heard.contains(WORD) {
            let piece = answer.chunk().await.map_err(|error| error.to_string())?;
            let piece = piece.ok_or_else(|| format!("it ends before a word: {heard}"))?;
            heard += &String::from_utf8_lossy(&piece);
        }
        drop(answer);
        let row = self.row(hall, id, "cancelled").await?;
        let record = self.record(hall)?;
        self.stopped(hall, record.serial).await?;
        let mut told = owed::told_until(hall, &record, WORD).await?;
        // It goes on until it is stopped.
        told.written = ALL_WORDS;
        owed::check(&row, &record, &told, heard.matches(WORD).count() * WORD.len())?;
        self.paid(&row, Counted::of_row(&row))
    }

    /// Leaves when half of a whole answer is on its way. Nothing of it can be read; the prompt was.
    pub async fn leaves_a_whole(&self, hall: &Hall) -> Result<(), String> {
        // There is no answer yet that could tell the call's id.
        let call = self.call(hall).header("user-agent", &self.marker());
        let arrived = async {
            let mine = |records: &[tests::upstream::Record]| {
                let marker = self.marker();
                let mine =
                    |record: &&tests::upstream::Record| memchr::memmem::find(&record.body, marker.as_bytes()).is_some();
                records.iter().find(mine).cloned()
            };
            hall.upstream.wait_for(SOON, mine).await
        };
        let record = tokio::select! {
            answer = call.send() => return Err(format!("it is answered: {answer:?}")),
            arrived = arrived => arrived.map_err(|late| late.to_string())?,
        };
        self.stopped(hall, record.serial).await?;
        let id = self.id_by_agent(hall).await?;
        let row = self.row(hall, &id, "cancelled").await?;
        owed::check(&row, &record, &owed::Told::default(), 0)?;
        self.paid(&row, Counted::of_row(&row))
    }

    async fn stopped(&self, hall: &Hall, serial: u64) -> Result<(), String> {
        let ended = hall.upstream.wait_for_end(serial, SOON).await;
        let ended = ended.map_err(|late| late.to_string())?;
        must(ended.disconnected(), || "the provider went on".to_owned())
    }

    /// The call of the client that goes by this cell's name.
    async fn id_by_agent(&self, hall: &Hall) -> Result<String, String> {
        let begin = Instant::now();
        let query = format!("SELECT id FROM call WHERE agent = '{}'", self.marker());
        loop {
            if let [number] = database::numbers(&hall.hub.database_url, &query).await[..] {
                return Ok(shown(number));
            }
            must(begin.elapsed() < SOON, || "the call is not listed".to_owned())?;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// An id as the hub shows it: 13 digits of Crockford's base 32.
fn shown(number: i64) -> String {
    let digit = |place: u32| {
        let digits = b"0123456789abcdefghjkmnpqrstvwxyz";
        let at = usize::try_from(number >> (5 * place) & 31).unwrap_or_default();
        char::from(digits[at])
    };
    let digits: String = (0..13).rev().map(digit).collect();
    format!("call_{digits}")
}
