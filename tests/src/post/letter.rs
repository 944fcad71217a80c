//! A mail as its receiver reads it: headers, the plain text, the HTML, the link. Strict: what is not written as mail is
//! (RFC 5322, RFC 2045) is no mail.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A mail.
#[derive(Debug, Clone)]
pub struct Letter {
    /// From whom, by the envelope.
    pub from: String,
    /// To whom, by the envelope.
    pub to: Vec<String>,
    /// The headers, by their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The plain text.
    pub plain: String,
    /// The HTML.
    pub html: String,
    /// As it came.
    pub raw: String,
}

/// Headers that each mail has, once.
const NEEDED: [&str; 7] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
];

impl Letter {
    /// Reads a mail.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(from: &str, to: &[String], raw: &str) -> Result<Self, String> {
        let (headers, body) = part(raw)?;
        let mut names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let mut needed = NEEDED.to_vec();
        needed.sort_unstable();
        if names != needed {
            return Err(format!("the headers are {names:?}"));
        }
        let headers: BTreeMap<String, String> = headers.into_iter().collect();
        let kind = &headers["content-type"];
        let boundary = kind
            .split_once("boundary=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .ok_or("there is no boundary")?
            .0;
        let mut texts = BTreeMap::new();
        for piece in body.split(&format!("--{boundary}")).skip(1) {
            if piece.starts_with("--") {
                break;
            }
            let (headers, text) = part(piece.trim_start_matches("\r\n"))?;
            let headers: BTreeMap<String, String> = headers.into_iter().collect();
            let kind = headers.get("content-type").cloned().unwrap_or_default();
            let coded = headers.get("content-transfer-encoding").cloned().unwrap_or_default();
            texts.insert(
                kind.split(';').next().unwrap_or_default().to_owned(),
                decode(&coded, text)?,
            );
        }
        let mut text = |kind: &str| texts.remove(kind).ok_or_else(|| format!("there is no {kind}"));
        Ok(Self {
            from: from.to_owned(),
            to: to.to_vec(),
            plain: text("text/plain")?,
            html: text("text/html")?,
            headers,
            raw: raw.to_owned(),
        })
    }

    /// The address in the plain text that begins like this, whole.
    ///
    /// # Errors
    /// The text, when there is none or the HTML has another one.
    pub fn link(&self, begin: &str) -> Result<String, String> {
        let line = self.plain.lines().find(|line| line.starts_with(begin));
        let link = line.ok_or_else(|| self.plain.clone())?.trim().to_owned();
        if self.html.contains(&format!("href=\"{}\"", link.replace('&', "&amp;"))) {
            Ok(link)
        } else {
            Err(self.html.clone())
        }
    }
}

type Part<'a> = (Vec<(String, String)>, &'a str);

/// Headers, their folded lines put together, and what follows.
fn part(text: &str) -> Result<Part<'_>, String> {
    let (head, body) = text.split_once("\r\n\r\n").ok_or("there is no body")?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.starts_with([' ', '\t']), headers.last_mut()) {
            (true, Some((_, value))) => value.push_str(line),
            _ => {
                let (name, value) = line.split_once(':').ok_or_else(|| format!("no header: {line}"))?;
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
    }
    Ok((headers, body))
}

fn decode(coded: &str, text: &str) -> Result<String, String> {
    let bytes = match coded {
        "7bit" | "8bit" => text.as_bytes().to_vec(),
        "base64" => {
            let joined: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
            STANDARD.decode(joined).map_err(|error| error.to_string())?
        }
        "quoted-printable" => quoted(text)?,
        other => return Err(format!("coded as {other:?}")),
    };
    String::from_utf8(bytes)
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|error| error.to_string())
}

fn quoted(text: &str) -> Result<Vec<u8>, String> {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'=' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or("a sign that is not coded")?);
        rest = &rest[2..];
    }
    Ok(bytes)
}
