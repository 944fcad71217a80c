//! Connections that nobody speaks on, or reads from, must not keep others out or the server from stopping.

use std::time::Duration;

use tests::hub::{Hub, Kind};
use tests::stage::{SOON, Stage, hello, on_both, saying, streamed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// The hub closes silent connections after 15 seconds; this is longer, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn silent_sockets_give_their_places_back() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.set("HUB_CONNECTIONS", "8");
        // Only a proxy may have all of them.
        hub.set("HUB_TRUSTED_PROXIES", "127.0.0.0/8");
        hub.serve().await;
        // All places: some say nothing, some stop in the middle of what every h2 connection begins with.
        let mut silent = Vec::new();
        for number in 0..8 {
            let mut socket = TcpStream::connect(hub.address()).await.unwrap();
            if number % 2 == 1 {
                socket.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
            }
            silent.push(socket);
        }
        let answer = tokio::time::timeout(PATIENCE, hub.get("/healthz").send()).await;
        assert_eq!(answer.expect("silent sockets keep their places").unwrap().status, 200);
        for mut socket in silent {
            let end = tokio::time::timeout(PATIENCE, socket.read(&mut [0; 16])).await;
            assert!(matches!(end.expect("it stays open"), Ok(0) | Err(_)));
        }
    })
    .await;
}

/// Connections that rest between two requests are kept for longer than anybody waits for a health check.
#[tokio::test]
async fn one_address_leaves_places_to_others() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    hub.set("HUB_CONNECTIONS", "8");
    hub.serve().await;
    let request = b"GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n";
    let healthy = async |socket: &mut TcpStream| {
        if socket.write_all(request).await.is_err() {
            return false;
        }
        let mut answer = [0; 12];
        let read = tokio::time::timeout(SOON, socket.read_exact(&mut answer)).await;
        read.expect("nobody is answered").is_ok() && answer == *b"HTTP/1.1 200"
    };
    let mut resting = Vec::new();
    for _ in 0..6 {
        let mut socket = TcpStream::connect(hub.address()).await.unwrap();
        assert!(healthy(&mut socket).await);
        resting.push(socket);
    }
    let mut refused = TcpStream::connect(hub.address()).await.unwrap();
    assert!(!healthy(&mut refused).await, "three quarters are enough for one");
    let elsewhere = async || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        socket.connect(hub.address()).await.unwrap()
    };
    let mut other = elsewhere().await;
    assert!(healthy(&mut other).await);
    // Who leaves makes room for the next of the same address.
    drop(resting.pop());
    let mut next = false;
    for _ in 0..500 {
        let mut socket = TcpStream::connect(hub.address()).await.unwrap();
        next = healthy(&mut socket).await;
        if next {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(next);
}

#[tokio::test]
async fn a_client_that_does_not_read_does_not_hold_up_the_end() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        stage.hub.set("HUB_DRAIN_SECONDS", "1");
        stage.hub.serve().await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut socket = socket.connect(stage.hub.address()).await.unwrap();
        // 14 MB, more than the system keeps for a reader that does not read.
        let body = streamed(saying("gpt-4o-mini", "write 3600 words as long ones")).to_string();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
            stage.key,
            body.len()
        );
        socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut seen = vec![0; 1024];
        let length = tokio::time::timeout(SOON, socket.read(&mut seen))
            .await
            .unwrap()
            .unwrap();
        let seen = String::from_utf8_lossy(&seen[..length]).into_owned();
        let id = seen
            .lines()
            .find_map(|line| line.strip_prefix("x-request-id: "))
            .unwrap()
            .to_owned();
        // Another call ends properly beside it.
        assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);

        let process = stage.hub.take_process();
        process.ask_to_stop().await;
        assert!(process.ended().await.success());
        assert_eq!(stage.listed(&id).await["state"], "interrupted");
        drop(socket);
    })
    .await;
}

/// Heads are kept while they come, of whoever sends them.
#[tokio::test]
async fn a_head_is_no_longer_than_heads_are() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    hub.serve().await;
    for (length, status) in [(50_000, "200"), (100_000, "431")] {
        let mut socket = TcpStream::connect(hub.address()).await.unwrap();
        let head = format!("GET /healthz HTTP/1.1\r\nhost: hub\r\nx-long: {}", "x".repeat(length));
        socket.write_all(head.as_bytes()).await.unwrap();
        // Who is refused need not be read to the end.
        let _ = socket.write_all(b"\r\n\r\n").await;
        let mut answer = [0; 12];
        let read = tokio::time::timeout(SOON, socket.read_exact(&mut answer)).await;
        match read.expect("it is waited for more") {
            Ok(_) => assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}")),
            // The rest of what it sent was not read, so the answer may be lost with the connection.
            Err(_) => assert_eq!(status, "431"),
        }
    }
}

/// A client writes the head of its request and then the body, and the head alone may be enough for a refusal.
#[tokio::test]
async fn a_refusal_in_front_of_the_body_loses_no_request_behind_it() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut socket = TcpStream::connect(stage.hub.address()).await.unwrap();
        // Some megabytes: more than fits between the two.
        let long = hello(&"x".repeat(5_000_000)).to_string();
        let short = hello("gpt-4o-mini").to_string();
        let key = stage.key.as_str();
        for (path, key, body, status) in [
            ("/v1/chat/completions", "sk-hub-unknown", &short, "401"),
            ("/v1/messages", "sk-hub-unknown", &long, "401"),
            ("/api/v2/chat", "sk-hub-unknown", &short, "401"),
            ("/api/admin/users", key, &short, "403"),
            ("/v1/nothing/here", key, &long, "404"),
            ("/v1/models", key, &short, "405"),
            ("/keys/none", key, &short, "303"),
            ("/v1/chat/completions", key, &short, "200"),
        ] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {key}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            socket.write_all(head.as_bytes()).await.unwrap();
            // Long enough for the head to be read alone, as it is meant; without it nothing fails that should not.
            tokio::time::sleep(Duration::from_millis(50)).await;
            socket.write_all(body.as_bytes()).await.unwrap();
            let answer = answer(&mut socket).await;
            assert_eq!(answer.split(' ').nth(1), Some(status), "{path}: {answer}");
        }
    })
    .await;
}

/// One whole answer, whose length its head tells.
async fn answer(socket: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = tokio::time::timeout(SOON, socket.read(&mut piece)).await.unwrap();
        let length = read.unwrap();
        assert_ne!(
            length,
            0,
            "the connection was closed after {:?}",
            String::from_utf8_lossy(&seen)
        );
        seen.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let told = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if told
            .and_then(|told| told.parse::<usize>().ok())
            .is_some_and(|told| body.len() >= told)
        {
            return text;
        }
    }
}
