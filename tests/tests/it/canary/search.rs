//! Where a secret may be found, and the search for it: as it is, in hexadecimal and in base64.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;
use tests::client::Answer;
use tests::console::Page;
use tests::hub::{Hub, Kind, database};

/// A text that must not be found.
#[derive(Debug)]
pub struct Secret {
    name: String,
    /// As finders, which take longer to make than to use: most pieces are lines of a log.
    forms: Vec<Finder<'static>>,
    /// The caller's own words, which the caller's own answers may repeat.
    callers_own: bool,
}

impl Secret {
    /// A secret and the forms in which it could hide.
    pub fn new(name: &str, text: &str) -> Self {
        assert!(text.len() >= 10, "{name} is too short to be told from chance");
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        // The last character of base64 may depend on what follows.
        let base64 = |coded: String| coded[..coded.len() - 1].to_owned();
        let forms = [
            text.to_owned(),
            hex.to_uppercase(),
            hex,
            base64(STANDARD_NO_PAD.encode(text)),
            base64(URL_SAFE_NO_PAD.encode(text)),
        ];
        Self {
            name: name.to_owned(),
            forms: forms.map(|form| Finder::new(&form).into_owned()).into(),
            callers_own: false,
        }
    }

    /// The same for what was said in a call: only the answers to its caller may hold it.
    pub fn said(name: &str, text: &str) -> Self {
        Self {
            callers_own: true,
            ..Self::new(name, text)
        }
    }

    /// The secret itself.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.forms[0].needle()).unwrap()
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| form.find(bytes).is_some())
    }
}

/// A kind of place that is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The database: its files, or what the server gives out of it.
    Database,
    /// Every other file in the hub's folders.
    Files,
    /// The log, at debug level.
    Log,
    /// What servers print to the terminal.
    Terminal,
    /// What commands print.
    Commands,
    /// The console's pages with their headers.
    Pages,
    /// What the API answers, but for what a model or its provider said to the caller.
    Answers,
    /// What `/api/admin` answers.
    Managed,
    /// The headers of all answers of the API.
    Headers,
    /// What a model or its provider said to the caller, in one piece.
    Completions,
    /// The same as a stream.
    Streams,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Database,
        Self::Files,
        Self::Log,
        Self::Terminal,
        Self::Commands,
        Self::Pages,
        Self::Answers,
        Self::Managed,
        Self::Headers,
        Self::Completions,
        Self::Streams,
    ];

    fn is_callers_own(self) -> bool {
        matches!(self, Self::Completions | Self::Streams)
    }
}

/// What the hub keeps, logs, prints and shows.
#[derive(Debug, Default)]
pub struct Places {
    /// Kind, where exactly, and what is there.
    pieces: Vec<(Place, String, Vec<u8>)>,
}

impl Places {
    /// Something that was found at a place.
    pub fn put(&mut self, place: Place, exactly: &str, bytes: impl Into<Vec<u8>>) {
        self.pieces.push((place, exactly.to_owned(), bytes.into()));
    }

    /// A page that was shown, with its headers.
    pub fn page(&mut self, page: Page) {
        let Page {
            path,
            mut headers,
            body,
            ..
        } = page;
        // The session's own cookie goes to its owner; where else it stands is looked for.
        headers.remove("set-cookie");
        self.put(Place::Pages, &path, format!("{headers:?}\n{body}"));
    }

    /// An answer of the API; gives its text. `place` says whose words it is made of.
    pub async fn answer(&mut self, place: Place, answer: Answer) -> String {
        self.put(Place::Headers, "", format!("{:?}", answer.headers));
        let text = answer.text().await.unwrap();
        self.put(place, "", text.clone());
        text
    }

    /// Every file in the hub's folders, and the database as it lies on the disk or as its server gives it out.
    pub async fn database(&mut self, hub: &Hub) {
        for folder in [hub.data(), hub.work()] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let place = match is_database(&path) {
                    true => Place::Database,
                    false => Place::Files,
                };
                self.put(place, &path.display().to_string(), std::fs::read(&path).unwrap());
            }
        }
        if hub.kind == Kind::Postgres {
            let lines = database::dump(&hub.database_url).await;
            assert!(lines.len() > 20, "the dump is too short to be one");
            for line in lines {
                self.put(Place::Database, &line.clone(), line);
            }
        }
    }

    /// The log, line by line.
    pub fn log(&mut self, log: &str) {
        assert!(
            log.contains("hub::request") && log.contains("/v1/chat/completions"),
            "{log}"
        );
        for line in log.lines() {
            self.put(Place::Log, line, line);
        }
    }

    /// Every place where a secret is and may not be.
    pub fn find(&self, secret: &Secret) -> Vec<String> {
        let searched = Place::ALL
            .into_iter()
            .filter(|place| !(secret.callers_own && place.is_callers_own()));
        searched.flat_map(|place| self.find_in(place, secret)).collect()
    }

    /// Where a secret is at one kind of place.
    pub fn find_in(&self, place: Place, secret: &Secret) -> Vec<String> {
        let pieces = self.pieces.iter().filter(|(of, ..)| *of == place);
        let hits = pieces.filter(|(_, _, bytes)| secret.is_in(bytes));
        hits.map(|(_, exactly, _)| format!("{} is at {place:?}: {exactly}", secret.name))
            .collect()
    }

    /// The search at this kind of place finds what is there on purpose.
    pub fn prove_at(&self, place: Place, planted: &str) {
        let planted = Secret::new("what was planted", planted);
        assert!(
            !self.find_in(place, &planted).is_empty(),
            "the search at {place:?} finds nothing, not even {:?}, which is there",
            planted.text()
        );
    }

    /// Every kind of place is searched with success for what is there on purpose.
    pub fn prove(&self, planted: impl Fn(Place) -> String) {
        for place in Place::ALL {
            self.prove_at(place, &planted(place));
        }
        let hidden = Secret::new("hidden", "a secret in base64");
        assert!(hidden.is_in(STANDARD_NO_PAD.encode("a secret in base64 and more").as_bytes()));
        assert!(hidden.is_in(b"\x00\xff6120736563726574 612073656372657420696e20626173653634"));
    }
}

fn is_database(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, "hub.db" | "hub.db-wal" | "hub.db-shm")
}
