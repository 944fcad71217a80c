//! Clients that stand still: they send half a body, or ask and do not read. After a limit they are cut off, their place
//! is free, and what they began has ended.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tests::hub::Kind;
use tests::stage::{SOON, Stage, hello, on_both, saying, streamed};
use tests::upstream::{Fault, Record};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// More than the buffers between the provider and a client usually hold: 14 MB.
const ENDLESS: &str = "write 3600 words as long ones";
/// The fewest places that a hub can have.
const PLACES: usize = 8;

async fn stage(kind: Kind) -> Stage {
    let mut stage = Stage::prepare(kind).await;
    stage.hub.set("HUB_CLIENT_SECONDS", "1");
    stage.hub.set("HUB_CONNECTIONS", &PLACES.to_string());
    // Only a proxy may have all of them.
    stage.hub.set("HUB_TRUSTED_PROXIES", "127.0.0.0/8");
    stage.hub.serve().await;
    stage
}

/// Says `request` and reads up to the end of the connection.
async fn to_the_end(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(SOON, stream.read_to_end(&mut answer))
        .await
        .unwrap_or_else(|_| panic!("still open, after {}", String::from_utf8_lossy(&answer)))
        .unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn half_a_form_is_waited_for_and_then_no_more() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let mut console = stage.admin().await;
        let action = console.open("/keys/new").await.form("create_key").action;
        let cookies = console.cookie_header();
        let head = |more: &str| {
            format!(
                "POST {action} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 content-length: 200\r\n{more}\r\nname=half",
                stage.hub.address(),
                cookies
            )
        };
        let page = to_the_end(stage.hub.address(), &head("accept: text/html\r\n")).await;
        assert!(
            page.starts_with("HTTP/1.1 408 ") && page.contains("took too long to arrive"),
            "{page}"
        );
        let referer = format!("accept: text/html\r\nreferer: {}/keys/new\r\n", stage.hub.origin());
        let sent_back = to_the_end(stage.hub.address(), &head(&referer)).await;
        assert!(
            sent_back.starts_with("HTTP/1.1 303 ") && sent_back.contains("location: /keys/new\r\n"),
            "{sent_back}"
        );
        assert!(
            console
                .open("/keys/new")
                .await
                .text()
                .contains("took too long to arrive")
        );
        let data = to_the_end(stage.hub.address(), &head("accept: application/json\r\n")).await;
        assert!(
            data.starts_with("HTTP/1.1 408 ") && data.ends_with("{\"Undelivered\":\"Late\"}"),
            "{data}"
        );
        let keys = stage.hub.json(&["key", "list"], "").await;
        assert_eq!(keys.as_array().unwrap().len(), 1);
    })
    .await;
}

/// A slow line is not a client that stands still.
#[tokio::test]
async fn a_form_whose_pieces_come_is_waited_for_longer_than_one_that_stands_still() {
    let mut stage = Stage::prepare(Kind::Sqlite).await;
    stage.hub.set("HUB_CLIENT_SECONDS", "6");
    stage.hub.serve().await;
    let mut console = stage.admin().await;
    let action = console.open("/keys/new").await.form("create_key").action;
    let body = "name=slowly";
    let head = format!(
        "POST {action} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         accept: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        stage.hub.address(),
        console.cookie_header(),
        body.len()
    );
    let mut stream = TcpStream::connect(stage.hub.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for piece in body.as_bytes().chunks(3) {
        // Longer together than it may stand still, with much of that left each time.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        stream.write_all(piece).await.unwrap();
    }
    let mut answer = String::new();
    tokio::time::timeout(SOON, stream.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let keys = stage.hub.json(&["key", "list"], "").await;
    assert_eq!(keys.as_array().unwrap().len(), 2);
}

/// What is not done is not waited for either: nobody's memory would hold it.
#[tokio::test]
async fn a_film_is_refused_before_it_is_described() {
    let stage = Stage::start(Kind::Sqlite).await;
    let mut stream = TcpStream::connect(stage.hub.address()).await.unwrap();
    let half = format!(
        "POST /api/v2/video HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 2000\r\n\r\n{{\"model\":",
        stage.key
    );
    stream.write_all(half.as_bytes()).await.unwrap();
    let mut seen = [0; 12];
    let answered = tokio::time::timeout(SOON, stream.read_exact(&mut seen)).await;
    answered.expect("it waits for the rest").unwrap();
    assert_eq!(String::from_utf8_lossy(&seen), "HTTP/1.1 501");
}

#[tokio::test]
async fn half_a_call_is_waited_for_and_then_no_more() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        for body in [
            "content-length: 2000\r\n\r\n{\"model\":",
            "transfer-encoding: chunked\r\n\r\n4\r\n{\"mo\r\n",
        ] {
            let request = format!(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n{body}",
                stage.key
            );
            let answer = to_the_end(stage.hub.address(), &request).await;
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            let body = answer.rsplit_once("\r\n\r\n").unwrap().1;
            let error: Value = serde_json::from_str(body).unwrap();
            assert_eq!(error["error"]["code"], "request_timeout", "{error}");
        }
        assert!(stage.upstream.requests_to("/v1/chat/completions").is_empty());
    })
    .await;
}

/// One that has said half a head, first thing or after a call, is not waited for as one that rests between two calls is.
#[tokio::test]
async fn half_a_head_is_waited_for_shortly_and_a_rest_is_longer() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let whole = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
        let mut resting = TcpStream::connect(stage.hub.address()).await.unwrap();
        answered(&mut resting, whole).await;
        let mut halves = Vec::new();
        for number in 1..PLACES {
            let mut half = TcpStream::connect(stage.hub.address()).await.unwrap();
            if number % 2 == 0 {
                answered(&mut half, whole).await;
            }
            half.write_all(b"GET /hea").await.unwrap();
            halves.push(half);
        }
        for half in &mut halves {
            let ended = tokio::time::timeout(SOON, half.read(&mut [0; 100])).await;
            // Nothing more was said, and with what was left unread the end may be a reset.
            let said = ended.unwrap_or_else(|_| panic!("half a head still has its place"));
            assert!(said.is_err() || said.is_ok_and(|length| length == 0));
        }
        // The other one has said nothing for longer than they had, and is still there.
        answered(&mut resting, whole).await;
        drop(resting);
        all_places_are_free(&stage).await;
    })
    .await;
}

/// Asks, and reads the answer up to its end.
async fn answered(stream: &mut TcpStream, request: &str) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let whole = async {
        while !answer.ends_with(b"\r\n\r\nok\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
    };
    let come = tokio::time::timeout(SOON, whole).await;
    assert!(come.is_ok(), "{}", String::from_utf8_lossy(&answer));
}

/// Asks and reads the headers of the answer, no more; gives the connection and the call's id.
async fn asks_and_does_not_read(stage: &Stage, body: &Value) -> (TcpStream, String) {
    let socket = TcpSocket::new_v4().unwrap();
    // As little as the system allows, so that the rest stays with the hub.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(stage.hub.address()).await.unwrap();
    let body = body.to_string();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        stage.key,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let id = head
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "))
        .unwrap();
    (stream, id.to_owned())
}

/// Takes every place. One that is still held by somebody else keeps this waiting.
async fn all_places_are_free(stage: &Stage) {
    let mut visitors = Vec::new();
    for _ in 0..PLACES {
        let mut visitor = TcpStream::connect(stage.hub.address()).await.unwrap();
        visitor
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut status = [0; 12];
        let answered = tokio::time::timeout(SOON, visitor.read_exact(&mut status)).await;
        answered
            .unwrap_or_else(|_| panic!("place {} is not free", visitors.len()))
            .unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
        // It stays in its place.
        visitors.push(visitor);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_nobody_reads_is_stopped() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let endless = streamed(saying("gpt-4o-mini", ENDLESS));
        let mut readers = Vec::new();
        for _ in 0..PLACES {
            readers.push(asks_and_does_not_read(&stage, &endless).await);
        }
        all_places_are_free(&stage).await;
        for (_, id) in &readers {
            let row = stage.row_in_state(id, "cancelled").await;
            assert_eq!(row["usage_source"], "estimated", "{row}");
        }
        // Of a busy machine's system it can be that it takes all of a stream for the hub, which then leaves it unread.
        let stopped = stage.upstream.wait_for(SOON, |records| {
            let asked = || records.iter().filter(|record| record.path.ends_with("/completions"));
            let all_ended = asked().count() == PLACES && asked().all(|record| record.ended.is_some());
            (all_ended && asked().any(Record::disconnected)).then_some(())
        });
        stopped.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let huge = hello(&Fault::HugeEvent.model());
        let mut readers = Vec::new();
        for _ in 0..PLACES {
            readers.push(asks_and_does_not_read(&stage, &huge).await);
        }
        all_places_are_free(&stage).await;
        for (mut stream, id) in readers {
            // The call itself was done; only its answer was not taken.
            assert_eq!(stage.row_in_state(&id, "succeeded").await["status"], 200);
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
            assert!(
                rest.len() < tests::upstream::HUGE_CONTENT,
                "it was cut off within the answer, not after {} bytes",
                rest.len()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_window_that_stays_closed_stops_the_stream_and_not_its_neighbours() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let socket = TcpStream::connect(stage.hub.address()).await.unwrap();
        let (mut client, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(1024)
            .handshake::<_, Full<Bytes>>(TokioIo::new(socket))
            .await
            .unwrap();
        let running = tokio::spawn(connection);
        let ask = |body: Value| {
            http::Request::post(format!("http://{}/v1/chat/completions", stage.hub.address()))
                .header("authorization", format!("Bearer {}", stage.key))
                .body(Full::new(Bytes::from(body.to_string())))
                .unwrap()
        };
        let answer = client
            .send_request(ask(streamed(saying("gpt-4o-mini", ENDLESS))))
            .await
            .unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        // This one is paced by the provider, longer than the limit in all; its reader keeps up.
        let slow = client
            .send_request(ask(streamed(saying("slow-writer", "write 60 words"))))
            .await
            .unwrap();
        let slow = slow.into_body().collect().await.unwrap().to_bytes();
        assert!(slow.ends_with(b"data: [DONE]\n\n"));
        stage.row_in_state(&id, "cancelled").await;
        stage.upstream.wait_for_disconnect(SOON).await.unwrap();
        assert!(answer.into_body().collect().await.is_err(), "the stream was reset");
        running.abort();
    })
    .await;
}
