//! A person at the console without JavaScript: keeps cookies, reads pages, fills in the forms that stand on them, follows
//! redirects. It knows no path of any form: a form is found on its page, as a person finds it.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and this is part of tests"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;

use http::{HeaderMap, Method, StatusCode};

use crate::client::{Answer, Call};

pub mod form;

use form::Form;

/// Redirects in a row that a browser would find strange.
const REDIRECTS: usize = 8;

/// A browser window.
#[derive(Debug, Clone)]
pub struct Console {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
}

/// A page that was answered.
#[derive(Debug, Clone)]
pub struct Page {
    /// The path that it was asked for under, with the query.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The HTML.
    pub body: String,
}

impl Console {
    /// A window without cookies.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
        }
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The `Cookie` header as it is sent.
    #[must_use]
    pub fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// The same window at another address, such as after a restart on another port.
    pub fn moved_to(&mut self, address: SocketAddr) {
        self.address = address;
    }

    fn browser(&self, method: Method, path: &str) -> Call {
        let call = Call::new(self.address, method, path)
            .header("accept", "text/html,application/xhtml+xml")
            .header("user-agent", "Mozilla/5.0 (test)")
            .header("accept-language", "en");
        if self.cookies.is_empty() {
            return call;
        }
        call.header("cookie", &self.cookie_header())
    }

    async fn finish(&mut self, path: &str, answer: Answer) -> Page {
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
            if value.is_empty() || line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page {
            path: path.to_owned(),
            status: answer.status,
            headers: answer.headers.clone(),
            body: answer.text().await.unwrap(),
        }
    }

    /// Asks for a page and takes the answer as it is.
    pub async fn ask(&mut self, path: &str) -> Page {
        let answer = self.browser(Method::GET, path).send().await.unwrap();
        self.finish(path, answer).await
    }

    /// Asks for a page and follows redirects.
    pub async fn open(&mut self, path: &str) -> Page {
        let page = self.ask(path).await;
        self.follow(page).await
    }

    /// Follows redirects to the end.
    ///
    /// # Panics
    /// When they leave the hub or never end.
    pub async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..REDIRECTS {
            let Some(location) = page.location() else { return page };
            assert!(
                location.starts_with('/') && !location.starts_with("//"),
                "it leads away: {location}"
            );
            let location = location.to_owned();
            page = self.ask(&location).await;
        }
        panic!("{} is redirected for ever", page.path)
    }

    /// Sends a form as a browser does from the hub's own page, and takes the answer as it is.
    pub async fn send(&mut self, form: &Form) -> Page {
        let origin = format!("http://{}", self.address);
        let call = self
            .browser(Method::POST, &form.action)
            .header("origin", &origin)
            .header("sec-fetch-site", "same-origin")
            .content_type("application/x-www-form-urlencoded")
            .body(form.encoded());
        let answer = call.send().await.unwrap();
        self.finish(&form.action, answer).await
    }

    /// Sends a form and follows to the page after it.
    pub async fn submit(&mut self, form: &Form) -> Page {
        let page = self.send(form).await;
        assert_eq!(page.status, 303, "a form leads on: {} {}", form.action, page.body);
        self.follow(page).await
    }

    /// Signs in through the form; gives the page after it.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Page {
        let page = self.open("/sign-in").await;
        let form = page.form("sign_in").with("email", email).with("password", password);
        self.submit(&form).await
    }
}

impl Page {
    /// Where it redirects to.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        let location = self.headers.get("location").filter(|_| self.status.is_redirection());
        location.and_then(|value| value.to_str().ok())
    }

    /// The value of a header, when it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What it says, without its tags.
    #[must_use]
    pub fn text(&self) -> String {
        form::text(&self.body)
    }

    /// The form for the function with this name.
    ///
    /// # Panics
    /// When the page has none.
    #[must_use]
    pub fn form(&self, function: &str) -> Form {
        self.forms(function).into_iter().next().unwrap_or_else(|| {
            panic!(
                "{} ({}) has no form for {function}: {}",
                self.path, self.status, self.body
            )
        })
    }

    /// All forms for the function with this name.
    #[must_use]
    pub fn forms(&self, function: &str) -> Vec<Form> {
        let suffix = format!("/{function}");
        let mut forms = form::find(&self.body);
        forms.retain(|form| form.action.ends_with(&suffix));
        forms
    }

    /// Local addresses that the page links to.
    #[must_use]
    pub fn links(&self) -> Vec<String> {
        let anchors = form::tags(&self.body, "a");
        let targets = anchors.iter().filter_map(|tag| tag.attribute("href"));
        targets
            .filter(|target| target.starts_with('/') && !target.starts_with("//"))
            .map(|target| target.split('#').next().unwrap_or_default().to_owned())
            .collect()
    }
}
