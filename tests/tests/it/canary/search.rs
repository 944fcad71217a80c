//! Where a secret may be found, and the search for it: as it is, in hexadecimal and in base64.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use tests::console::Page;
use tests::hub::{Hub, Kind, database};

/// A text that must not be found.
#[derive(Debug)]
pub struct Secret {
    name: String,
    forms: Vec<Vec<u8>>,
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
            forms: forms.into_iter().map(String::into_bytes).collect(),
        }
    }

    /// The secret itself.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.forms[0]).unwrap()
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms
            .iter()
            .any(|form| memchr::memmem::find(bytes, form).is_some())
    }
}

/// What the hub keeps, logs and shows.
#[derive(Debug, Default)]
pub struct Places {
    database: Vec<(String, Vec<u8>)>,
    log: String,
    /// What it printed to the terminal.
    pub terminal: String,
    pages: Vec<(String, String)>,
    answers: Vec<String>,
}

impl Places {
    /// A page that was shown, with its headers.
    pub fn page(&mut self, page: Page) {
        let mut headers = page.headers.clone();
        // The session's own cookie goes to its owner; where else it stands is looked for.
        headers.remove("set-cookie");
        self.pages.push((page.path, format!("{headers:?}\n{}", page.body)));
    }

    /// An answer of the API or of the command line.
    pub fn answer(&mut self, text: String) {
        self.answers.push(text);
    }

    /// The database as it lies on the disk, or as the server gives it out.
    pub async fn database(&mut self, hub: &Hub) {
        for folder in [hub.data(), hub.work()] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                self.database
                    .push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
        if hub.kind == Kind::Postgres {
            let lines = database::dump(&hub.database_url).await;
            assert!(lines.len() > 20, "the dump is too short to be one");
            self.database
                .extend(lines.into_iter().map(|line| (line.clone(), line.into_bytes())));
        }
    }

    /// The log, which is at debug level.
    pub fn logs(&mut self, hub: &Hub) {
        self.log = hub.log();
        assert!(
            self.log.contains("hub::request") && self.log.contains("/v1/chat/completions"),
            "{}",
            self.log
        );
    }

    /// Every place where a secret is.
    pub fn find(&self, secret: &Secret) -> Vec<String> {
        let mut found = self.find_in_database(secret);
        found.extend(self.find_in_logs(secret));
        found.extend(self.find_in_pages(secret));
        found.extend(self.find_in_answers(secret));
        if secret.is_in(self.terminal.as_bytes()) {
            found.push(format!("{} is on the terminal", secret.name));
        }
        found
    }

    fn find_in_database(&self, secret: &Secret) -> Vec<String> {
        let hits = self.database.iter().filter(|(_, bytes)| secret.is_in(bytes));
        hits.map(|(place, _)| format!("{} is in the database: {place}", secret.name))
            .collect()
    }

    /// The lines of the log where a secret is.
    pub fn find_in_logs(&self, secret: &Secret) -> Vec<String> {
        let hits = self.log.lines().filter(|line| secret.is_in(line.as_bytes()));
        hits.map(|line| format!("{} is in the log: {line}", secret.name))
            .collect()
    }

    fn find_in_pages(&self, secret: &Secret) -> Vec<String> {
        let hits = self.pages.iter().filter(|(_, body)| secret.is_in(body.as_bytes()));
        hits.map(|(path, _)| format!("{} is on the page {path}", secret.name))
            .collect()
    }

    fn find_in_answers(&self, secret: &Secret) -> Vec<String> {
        let hits = self.answers.iter().filter(|text| secret.is_in(text.as_bytes()));
        hits.map(|text| format!("{} is in an answer: {text}", secret.name))
            .collect()
    }

    /// Every kind of place is searched with success for what was planted there.
    pub fn prove(&self, planted: &str) {
        let planted = Secret::new("what was planted", planted);
        for (place, found) in [
            ("database", self.find_in_database(&planted)),
            ("log", self.find_in_logs(&planted)),
            ("pages", self.find_in_pages(&planted)),
            ("answers", self.find_in_answers(&planted)),
        ] {
            assert!(
                !found.is_empty(),
                "the search of the {place} finds nothing, not even what is there"
            );
        }
        let hidden = Secret::new("hidden", "a secret in base64");
        assert!(hidden.is_in(STANDARD_NO_PAD.encode("a secret in base64 and more").as_bytes()));
        assert!(hidden.is_in(b"\x00\xff6120736563726574 612073656372657420696e20626173653634"));
    }
}
