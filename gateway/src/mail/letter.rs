//! A letter: what it says, as plain text and as simple HTML, and how it becomes a message. Names and addresses come from
//! people; they are checked types, and `lettre` encodes what it writes into headers.

use domain::mail::{SendFault, Sender};
use lettre::{
    Address, Message,
    message::{Mailbox, MultiPart},
};

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    /// Sentences, one paragraph each.
    pub(super) paragraphs: Vec<String>,
    /// What to open: what stands on the button, and the address. A secret.
    pub(super) link: Option<(String, String)>,
    /// Why this came, and what to do when nobody asked.
    pub(super) foot: String,
    /// The language's tag.
    pub(super) language: &'static str,
}

impl Letter {
    /// For who reads no HTML.
    pub(super) fn plain(&self) -> String {
        let mut text = self.paragraphs.join("\n\n");
        if let Some((label, address)) = &self.link {
            text.push_str(&format!("\n\n{label}:\n{address}"));
        }
        text.push_str(&format!("\n\n-- \n{}\n", self.foot));
        text
    }

    /// The same with a button. No pictures, nothing fetched from anywhere.
    pub(super) fn html(&self) -> String {
        let paragraphs: String = self
            .paragraphs
            .iter()
            .map(|paragraph| format!("<p>{}</p>", escaped(paragraph)))
            .collect();
        let link = self.link.as_ref().map(|(label, address)| {
            let (label, address) = (escaped(label), escaped(address));
            format!(
                "<p><a href=\"{address}\" style=\"display:inline-block;padding:10px 16px;border-radius:6px;background:#1f5eff;color:#ffffff;text-decoration:none\">{label}</a></p><p style=\"color:#555555;word-break:break-all\">{address}</p>"
            )
        });
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head><body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:0 auto;padding:16px\">{paragraphs}{}<hr style=\"border:0;border-top:1px solid #dddddd\"><p style=\"color:#555555;font-size:14px\">{}</p></body></html>",
            self.language,
            escaped(&self.subject),
            link.unwrap_or_default(),
            escaped(&self.foot),
        )
    }

    /// The message. `name` makes its id, so that a mail that is sent twice is known as one.
    pub(super) fn message(&self, sender: &Sender, to: &str, name: &str, host: &str) -> Result<Message, SendFault> {
        let address = |text: &str| text.parse::<Address>().map_err(|_| SendFault::Address);
        // What is typed and what is configured holds none; over a line break in a name `lettre` would panic.
        if sender.name.chars().any(char::is_control) {
            return Err(SendFault::Address);
        }
        let from = Mailbox::new(
            (!sender.name.is_empty()).then(|| sender.name.clone()),
            address(sender.email.as_str())?,
        );
        Message::builder()
            .from(from)
            .to(Mailbox::new(None, address(to)?))
            .subject(self.subject.as_str())
            .message_id(Some(format!("<{name}@{host}>")))
            .multipart(MultiPart::alternative_plain_html(self.plain(), self.html()))
            .map_err(|_| SendFault::Address)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letter(subject: &str) -> Letter {
        Letter {
            subject: subject.to_owned(),
            paragraphs: vec!["<b>Hello</b> & \"you\"".to_owned()],
            link: Some(("Open".to_owned(), "https://hub.example/reset?token=a&b".to_owned())),
            foot: "Bye".to_owned(),
            language: "en",
        }
    }

    /// The names of the headers of a written message.
    fn headers(message: &Message) -> Vec<String> {
        let text = String::from_utf8(message.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        head.split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap_or_default().to_owned())
            .collect()
    }

    const EXPECTED: [&str; 7] = [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "MIME-Version",
        "Date",
        "Content-Type",
    ];

    #[test]
    fn what_people_wrote_is_no_html() {
        let html = letter("a").html();
        assert!(
            html.contains("&lt;b&gt;Hello&lt;/b&gt; &amp; &quot;you&quot;"),
            "{html}"
        );
        assert!(!html.contains("<b>") && html.contains("token=a&amp;b"), "{html}");
        assert!(letter("a").plain().contains("<b>Hello</b>"));
    }

    proptest! {
        /// Whatever a name, a subject or an address holds, no header comes of it.
        #[test]
        fn no_header_comes_of_a_name(name in "(?s).{0,40}", subject in "(?s).{0,40}", to in "(?s)[^@]{0,20}(\r\nBcc: x)?@y\\.z(\r\nBcc: a@b\\.c)?") {
            for name in [name.clone(), format!("{name}\r\nBcc: evil@example.com\r\n\r\n<script>")] {
                let sender = Sender { email: "hub@example.com".parse().unwrap(), name };
                let made = letter(&format!("{subject}\r\nBcc: evil@example.com")).message(&sender, &to, "mail_1", "hub.example");
                // An address that cannot be written is refused, and a name that cannot; everything else is encoded.
                let Ok(message) = made else { continue };
                prop_assert!(!sender.name.chars().any(char::is_control));
                let mut found = headers(&message);
                let mut wanted = EXPECTED.map(str::to_owned).to_vec();
                found.sort();
                wanted.sort();
                prop_assert_eq!(found, wanted);
                prop_assert_eq!(message.envelope().to().len(), 1);
                prop_assert_eq!(message.envelope().from().map(ToString::to_string), Some("hub@example.com".to_owned()));
            }
        }
    }
}
