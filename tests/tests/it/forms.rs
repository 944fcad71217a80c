//! Forms that cannot be read: they lead back to their page with a sentence beside the form, or to a page that says it,
//! in the reader's language, and nothing is done. Programs get the same as data.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tests::client::{Answer, Call};
use tests::console::Console;
use tests::hub::Kind;
use tests::stage::{SOON, Stage, on_both};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const FORM: &str = "application/x-www-form-urlencoded";
const LARGE: usize = 1024 * 1024 + 1;

/// What is wrong, the content type, the body; then the status, and words of the sentence in both languages.
fn cases() -> Vec<(&'static str, &'static str, String, u16, [&'static str; 2])> {
    let fields = ["A field of this form was missing", "表单缺少字段"];
    let shape = ["This was not sent as a form", "提交的内容不是表单格式"];
    let large = ["larger than the hub takes", "可接受的大小"];
    vec![
        ("no field", FORM, String::new(), 400, fields),
        ("another field", FORM, "title=x".to_owned(), 400, fields),
        ("no text", FORM, "name=%ff%fe".to_owned(), 400, fields),
        ("data", "application/json", "{\"name\":\"x\"}".to_owned(), 415, shape),
        ("text", "text/plain", "name=x".to_owned(), 415, shape),
        (
            "parts",
            "multipart/form-data; boundary=x",
            "--x--".to_owned(),
            415,
            shape,
        ),
        ("too large", FORM, format!("name={}", "x".repeat(LARGE)), 413, large),
    ]
}

struct Person {
    stage: Stage,
    console: Console,
    action: String,
}

impl Person {
    async fn at_the_form(kind: Kind) -> Self {
        Self::of(Stage::start(kind).await).await
    }

    async fn of(stage: Stage) -> Self {
        let mut console = stage.admin().await;
        let action = console.open("/keys/new").await.form("create_key").action;
        Self { stage, console, action }
    }

    fn post(&self, language: &str, kind: &str, body: &str) -> Call {
        Call::new(self.stage.hub.address(), Method::POST, &self.action)
            .header(
                "cookie",
                &format!("{}; hub_language={language}", self.console.cookie_header()),
            )
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .content_type(kind)
            .body(body.to_owned())
    }

    async fn page(&self, language: &str, path: &str) -> String {
        let cookie = format!("{}; hub_language={language}", self.console.cookie_header());
        let (status, page) = self.stage.hub.get(path).header("cookie", &cookie).text().await.unwrap();
        assert_eq!(status, 200);
        page
    }

    async fn keys(&self) -> usize {
        let keys = self.stage.hub.json(&["key", "list"], "").await;
        keys.as_array().unwrap().len()
    }
}

/// What stands within the form with this action.
fn within<'a>(page: &'a str, action: &str) -> &'a str {
    let from = page
        .find(&format!("action=\"{action}\""))
        .unwrap_or_else(|| panic!("{page}"));
    page[from..].split("</form>").next().unwrap()
}

#[tokio::test]
async fn they_lead_back_to_their_page_with_a_sentence_beside_the_form() {
    on_both(async |kind| {
        let person = Person::at_the_form(kind).await;
        let referer = format!("{}/keys/new?from=test", person.stage.hub.origin());
        for (language, index) in [("en", 0), ("zh-CN", 1)] {
            for (what, kind, body, _, sentences) in cases() {
                let call = person.post(language, kind, &body).header("referer", &referer);
                let answer = call.send().await.unwrap();
                assert_eq!(answer.status, 303, "{what}");
                assert_eq!(answer.header("location"), Some("/keys/new?from=test"), "{what}");
                let page = person.page(language, "/keys/new").await;
                let beside = within(&page, &person.action);
                assert!(
                    beside.contains("role=\"alert\"") && beside.contains(sentences[index]),
                    "{what}: {beside}"
                );
                assert_eq!(page.matches(sentences[index]).count(), 1, "{what}: it is said once");
                let again = person.page(language, "/keys/new").await;
                assert!(!again.contains(sentences[index]), "{what}: a reload no longer says it");
            }
        }
        // Where the form does not stand, the page itself says it.
        let call = person
            .post("en", FORM, "")
            .header("referer", &format!("{}/calls", person.stage.hub.origin()));
        assert_eq!(call.send().await.unwrap().header("location"), Some("/calls"));
        assert!(
            person
                .page("en", "/calls")
                .await
                .contains("A field of this form was missing")
        );
        assert_eq!(person.keys().await, 1, "nothing was done");
    })
    .await;
}

#[tokio::test]
async fn without_a_page_to_go_back_to_they_get_one_that_says_it() {
    on_both(async |kind| {
        let person = Person::at_the_form(kind).await;
        let own = person.stage.hub.origin();
        let nowhere = [
            None,
            Some("https://evil.example/keys/new".to_owned()),
            Some("nonsense".to_owned()),
            Some(format!("{own}//evil.example")),
            Some(format!("{own}{}", person.action)),
        ];
        for (language, index) in [("en", 0), ("zh-CN", 1)] {
            for (what, kind, body, status, sentences) in cases() {
                for referer in &nowhere {
                    let mut call = person.post(language, kind, &body);
                    if let Some(referer) = referer {
                        call = call.header("referer", referer);
                    }
                    let answer = call.send().await.unwrap();
                    assert_eq!(answer.status.as_u16(), status, "{what} from {referer:?}");
                    let page = in_the_frame(answer).await;
                    assert!(page.contains(sentences[index]), "{what}: {page}");
                    assert!(!page.contains("href=\"/do/"), "{what}: no link leads to a function");
                }
            }
        }
        assert_eq!(person.keys().await, 1, "nothing was done");
    })
    .await;
}

/// A page of the console with its navigation and headers.
async fn in_the_frame(answer: Answer) -> String {
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    assert!(answer.header("content-security-policy").is_some());
    assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    let page = answer.text().await.unwrap();
    assert!(page.contains("<nav") && page.contains("id=\"main\""), "{page}");
    page
}

#[tokio::test]
async fn strangers_are_told_at_the_door() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut console = Console::new(stage.hub.address());
        let action = console.open("/sign-in?next=/keys").await.form("sign_in").action;
        let referer = format!("{}/sign-in?next=/keys", stage.hub.origin());
        let call = Call::new(stage.hub.address(), Method::POST, &action)
            .header("accept", "text/html")
            .header("accept-language", "zh")
            .content_type(FORM)
            .body("email=a%40b.example");
        let answer = call.clone().header("referer", &referer).send().await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, Some("/sign-in?next=/keys"))
        );
        let cookie = answer
            .header("set-cookie")
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let page = stage.hub.get("/sign-in?next=/keys").header("cookie", &cookie);
        let (_, page) = page.header("accept-language", "zh").text().await.unwrap();
        assert!(within(&page, &action).contains("表单缺少字段"), "{page}");

        let answer = call.send().await.unwrap();
        assert_eq!(answer.status, 400);
        let page = answer.text().await.unwrap();
        assert!(page.contains("gatepage") && page.contains("表单缺少字段"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn programs_get_data() {
    on_both(async |kind| {
        let person = Person::at_the_form(kind).await;
        let asked = person.action.rsplit_once("/pages/").unwrap().0.to_owned() + "/islands/playground/ask/ask";
        let ask = async |path: &str, kind: &str, body: &str| {
            let call = Call::new(person.stage.hub.address(), Method::POST, path)
                .header("cookie", &person.console.cookie_header())
                .header("accept", "application/json")
                .content_type(kind)
                .body(body.to_owned());
            let answer = call.send().await.unwrap();
            assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
            assert_eq!(answer.header("location"), None);
            let status = answer.status.as_u16();
            (
                status,
                serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap(),
            )
        };
        let (status, error) = ask(&asked, "application/json", "{").await;
        assert_eq!(status, 400);
        assert_eq!(error, json!("Lost"));
        let (status, error) = ask(&person.action, FORM, "").await;
        assert_eq!((status, error), (400, json!({"Undelivered": "Fields"})));
        let large = "x".repeat(LARGE);
        assert_eq!(
            ask(&person.action, FORM, &large).await,
            (413, json!({"Undelivered": "TooLarge"}))
        );
    })
    .await;
}

/// curl takes anything: it is told in words, in the language of its cookie, also when it is not signed in.
#[tokio::test]
async fn who_takes_anything_gets_a_sentence() {
    on_both(async |kind| {
        let person = Person::at_the_form(kind).await;
        let ask = async |cookie: &str, accept: Option<&str>, body: &str| {
            let mut call = Call::new(person.stage.hub.address(), Method::POST, &person.action).header("cookie", cookie);
            if let Some(accept) = accept {
                call = call.header("accept", accept);
            }
            let answer = call.content_type(FORM).body(body.to_owned()).send().await.unwrap();
            let kind = answer.header("content-type").unwrap_or_default().to_owned();
            assert!(kind.starts_with("text/plain"), "{kind}");
            (answer.status.as_u16(), answer.text().await.unwrap())
        };
        let cookie = person.console.cookie_header();
        let chinese = format!("{cookie}; hub_language=zh");
        for accept in [None, Some("*/*")] {
            let missing = "A field of this form was missing or could not be read. Fill it in again and send it.\n";
            assert_eq!(ask(&cookie, accept, "").await, (400, missing.to_owned()));
            let (status, told) = ask(&chinese, accept, &"x".repeat(LARGE)).await;
            assert!(status == 413 && told.contains("可接受的大小"), "{status} {told}");
            let (status, told) = ask("", accept, "name=x").await;
            assert!(
                status == 401 && told.contains("Sign in first.") && !told.contains('{'),
                "{status} {told}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_cut_form_does_nothing_and_harms_nobody() {
    on_both(async |kind| {
        let person = Person::at_the_form(kind).await;
        for body in [
            "content-length: 200\r\n\r\nname=cut",
            "transfer-encoding: chunked\r\n\r\n8\r\nname=cut\r\n",
        ] {
            let mut stream = TcpStream::connect(person.stage.hub.address()).await.unwrap();
            let head = format!(
                "POST {} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\naccept: text/html\r\ncontent-type: {FORM}\r\n",
                person.action,
                person.stage.hub.address(),
                person.console.cookie_header()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = String::new();
            // The hub may have closed without a word: nobody is there any more who would read it.
            let _ = stream.read_to_string(&mut answer).await;
            assert!(!answer.contains(" 303 ") && !answer.contains(" 200 "), "{answer}");
        }
        assert_eq!(person.keys().await, 1, "half a form is no form");
        let mut console = person.console.clone();
        let page = console.open("/keys/new").await;
        console.submit(&page.form("create_key").with("name", "whole")).await;
        assert_eq!(person.keys().await, 2);
    })
    .await;
}

/// Who is not signed in sends a few words, and all who come from one network no more than leaves room to the others: half forms are kept until
/// they end. Who is signed in has room of their own, calls have another one, and what is as short as a form to sign in finds its place always.
#[tokio::test]
async fn forms_of_strangers_take_little_room_and_none_of_others() {
    const MOST: usize = 64 * 1024;
    let mut stage = Stage::prepare(Kind::Sqlite).await;
    // The test itself tells who comes from elsewhere.
    stage.hub.set("HUB_TRUSTED_PROXIES", "127.0.0.0/8");
    stage.hub.set("HUB_CLIENT_SECONDS", "600");
    // Calls have less than a form takes.
    stage.hub.set("HUB_BODY_LIMIT", "1KB");
    stage.hub.set("HUB_BODY_MEMORY", "1KB");
    stage.hub.serve().await;
    let person = Person::of(stage).await;
    let address = person.stage.hub.address();
    let action = Console::new(address).open("/sign-in").await.form("sign_in").action;
    let form = Call::new(address, Method::POST, &action)
        .header("accept", "application/json")
        .content_type(FORM);
    let elsewhere = form.clone().header("x-forwarded-for", "203.0.113.7");
    let told = async |form: &Call, length: usize| {
        let answer = form.clone().body("x".repeat(length)).send().await.unwrap();
        let (status, later) = (answer.status.as_u16(), answer.header("retry-after").map(str::to_owned));
        (status, later, answer.text().await.unwrap())
    };
    let no_room = (503, Some("1".to_owned()), r#"{"Undelivered":"NoRoom"}"#.to_owned());
    let usual = (400, None, r#"{"Undelivered":"Fields"}"#.to_owned());
    let too_large = (413, None, r#"{"Undelivered":"TooLarge"}"#.to_owned());
    // The longest that is short, and one more.
    let (short, longer) = (4 * 1024, 4 * 1024 + 1);
    assert_eq!(told(&form, MOST + 1).await, too_large);

    let head = format!(
        "POST {action} HTTP/1.1\r\nhost: {address}\r\naccept: application/json\r\ncontent-type: {FORM}\r\ncontent-length: {MOST}\r\n\r\n"
    );
    let begun = async |sent: usize| {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let half = head.clone() + &"x".repeat(sent);
        socket.write_all(half.as_bytes()).await.unwrap();
        socket
    };
    // All but four kilobytes of the megabyte that one network may have, anew while the machine is too slow: half forms do not stay for long.
    let begin = std::time::Instant::now();
    let mut halves = Vec::new();
    'filled: loop {
        assert!(begin.elapsed() < 3 * SOON);
        halves.clear();
        for _ in 0..15 {
            halves.push(begun(MOST - 1).await);
        }
        halves.push(begun(60 * 1024).await);
        let filled = std::time::Instant::now();
        while filled.elapsed() < Duration::from_secs(5) {
            let before = told(&form, longer).await;
            assert!(before == usual || before == no_room, "{before:?}");
            assert_eq!(told(&elsewhere, longer).await, usual);
            assert_eq!(told(&form, short).await, usual, "who signs in is not kept out");
            if before == no_room && told(&form, longer).await == no_room {
                break 'filled;
            }
        }
    }
    let mut console = person.console.clone();
    let page = console.open("/keys/new").await;
    console.submit(&page.form("create_key").with("name", "another")).await;
    assert_eq!(person.keys().await, 2);
    let padded = format!("padding={}", "x".repeat(4096));
    let whole = person.post("en", FORM, &padded).send().await.unwrap();
    assert_eq!(whole.status, 400, "there is room for it, and a field is missing");
    // Nobody knows who keeps it waiting, so it is not waited for as others are.
    let mut last = begun(1).await;
    let mut seen = vec![0; 12];
    let answered = tokio::time::timeout(SOON, last.read_exact(&mut seen)).await;
    answered.expect("it is waited for").unwrap();
    assert_eq!(String::from_utf8_lossy(&seen), "HTTP/1.1 408");
    drop(halves);
    let begin = std::time::Instant::now();
    while told(&form, longer).await != usual {
        assert!(begin.elapsed() < 3 * SOON);
    }
}
