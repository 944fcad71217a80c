//! What `serve` says on the terminal when it is ready: address, set-up link while there is no admin, the demo's key.
//!
//! Goes to standard output and never to the log, as it holds secrets. The first line is for programs too:
//! `listening on http://ADDRESS:PORT`.

use std::{io::Write as _, net::SocketAddr};

use gateway::{Gateway, SecretText};

use super::demo::{self, Demo};
use crate::{command::CommandError, config::reachable};

/// Everything worth saying.
pub struct Welcome {
    address: String,
    public_url: String,
    setup_link: Option<SecretText>,
    demo: Option<Demo>,
}

/// Makes the set-up link and, for the demo, what it hands out.
pub async fn prepare(gateway: &Gateway, bound: SocketAddr, demo: bool) -> Result<Welcome, CommandError> {
    let demo = if demo {
        Some(demo::prepare(gateway).await?)
    } else {
        None
    };
    Ok(Welcome {
        address: format!("http://{}", reachable(bound)),
        public_url: gateway.public_url().to_owned(),
        setup_link: gateway.setup().new_link().await?,
        demo,
    })
}

impl Welcome {
    /// Prints it. A closed terminal is no reason to stop.
    pub fn print(&self, json: bool) {
        let text = if json {
            format!("{}\n", self.as_json())
        } else {
            self.as_text()
        };
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    fn as_json(&self) -> serde_json::Value {
        serde_json::json!({
            "address": self.address,
            "public_url": self.public_url,
            "setup_link": self.setup_link.as_ref().map(SecretText::expose),
            "key": self.demo.as_ref().map(|demo| demo.key.expose()),
            "curl": self.demo.as_ref().map(|demo| self.curl(demo)),
            "first": self.demo.as_ref().map(|demo| &demo.first),
        })
    }

    fn as_text(&self) -> String {
        let mut text = format!("listening on {}\n", self.address);
        if self.public_url != self.address {
            text.push_str(&format!("browsers reach it at {}\n", self.public_url));
        }
        if let Some(link) = &self.setup_link {
            text.push_str(&format!(
                "\nThere is no admin yet. Open this link within an hour to become the first one:\n  {}\n",
                link.expose()
            ));
        }
        if let Some(demo) = &self.demo {
            text.push_str(&format!(
                "\nA key for this demo, replaced at the next start:\n  {}\n",
                demo.key.expose()
            ));
            text.push_str(&format!(
                "\nTry it (the answers are simulated):\n  {}\n\n",
                self.curl(demo)
            ));
            if !demo.first.is_empty() {
                text.push_str(&format!(
                    "Calls want credit here, as the mode is service-provider. Unless there is a price and credit, give them first:\n  {}\n\n",
                    demo.first.join("\n  ")
                ));
            }
        }
        text
    }

    fn curl(&self, demo: &Demo) -> String {
        let body = format!(
            r#"{{"model": "{}", "messages": [{{"role": "user", "content": "Hello"}}]}}"#,
            demo.model
        );
        format!(
            "curl -s {}/v1/chat/completions -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' -d '{body}'",
            self.address,
            demo.key.expose()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_address() {
        let welcome = Welcome {
            address: "http://127.0.0.1:8080".into(),
            public_url: "http://127.0.0.1:8080".into(),
            setup_link: None,
            demo: Some(Demo {
                key: SecretText::from("sk-hub-test".to_owned()),
                model: "mine/echo".to_owned(),
                first: vec!["aigne-hub credits grant …".to_owned()],
            }),
        };
        let text = welcome.as_text();
        assert_eq!(text.lines().next(), Some("listening on http://127.0.0.1:8080"));
        assert!(
            text.contains("curl -s http://127.0.0.1:8080/v1/chat/completions -H 'Authorization: Bearer sk-hub-test'")
        );
        assert!(text.contains(r#"-d '{"model": "mine/echo", "#));
        assert!(
            text.contains("give them first:\n  aigne-hub credits grant …\n"),
            "{text}"
        );
        assert_eq!(welcome.as_json()["key"], "sk-hub-test");
    }
}
