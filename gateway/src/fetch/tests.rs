//! A server on this machine, which may be fetched from only where the operator allows it.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

const GIF: &str = "GIF89a and so on";

/// Answers each path as told, `{port}` put in. Ends with the test.
async fn server(answers: &'static [(&'static str, &'static str)]) -> u16 {
    server_at("127.0.0.1:0", answers).await
}

async fn server_at(address: &str, answers: &'static [(&'static str, &'static str)]) -> u16 {
    let listener = TcpListener::bind(address).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "the server of a test, ended with its runtime")]
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            assert!(!request.to_lowercase().contains("authorization"), "{request}");
            let path = request.split(' ').nth(1).unwrap().to_owned();
            if path == "/silent" {
                // Nobody is answered from here on.
                std::future::pending::<()>().await;
            }
            let answer = answers.iter().find(|(known, _)| *known == path);
            let answer = answer.map_or("HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n", |(_, answer)| answer);
            let answer = answer.replace("{port}", &port.to_string());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}

fn fetcher(allowed: &[&str]) -> Fetcher {
    Fetcher::new(allowed.iter().map(|text| Network::parse(text).unwrap()).collect()).unwrap()
}

async fn fetch(fetcher: &Fetcher, address: &str) -> Result<String, Problem> {
    let fetched = fetcher
        .fetch(address, FileKind::Image, 1, &Rest::new(Room::default()))
        .await?;
    assert_eq!(fetched.mime, "image/gif");
    Ok(String::from_utf8(fetched.bytes).unwrap())
}

#[tokio::test]
async fn a_file_is_fetched_where_that_is_allowed_and_nowhere_else() {
    let port = server(&[(
        "/a.gif",
        "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 16\r\nconnection: close\r\n\r\nGIF89a and so on",
    )])
    .await;
    let here = fetcher(&["127.0.0.0/8", "::1"]);
    for host in ["127.0.0.1", "localhost"] {
        assert_eq!(
            fetch(&here, &format!("http://{host}:{port}/a.gif")).await.as_deref(),
            Ok(GIF)
        );
    }
    assert_eq!(
        fetch(&here, &format!("http://127.0.0.1:{port}/b.gif")).await,
        Err(Problem::Status(404))
    );

    // The same server, by every name that leads to this machine.
    let stranger = fetcher(&[]);
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ] {
        let address = format!("http://{host}:{port}/a.gif");
        assert_eq!(fetch(&stranger, &address).await, Err(Problem::Unreachable), "{host}");
    }
    for address in [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[fd00:ec2::254]/",
    ] {
        assert_eq!(fetch(&here, address).await, Err(Problem::Unreachable), "{address}");
    }
    for address in [
        "file:///etc/passwd",
        "ftp://example.com/a",
        "gs://bucket/a",
        "no address",
        "http://u:p@127.0.0.1/",
        "data:,x",
    ] {
        assert_eq!(fetch(&here, address).await, Err(Problem::Address), "{address}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_address_like_any_other() {
    let port = server(&[
        ("/to-file", "HTTP/1.1 302 X\r\nlocation: /a.gif\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        (
            "/to-another",
            "HTTP/1.1 301 X\r\nlocation: http://127.0.0.2:{port}/a.gif\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        ("/to-disk", "HTTP/1.1 307 X\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        ("/to-itself", "HTTP/1.1 302 X\r\nlocation: /to-itself\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        (
            "/a.gif",
            "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 16\r\nconnection: close\r\n\r\nGIF89a and so on",
        ),
    ])
    .await;
    // Another address of this machine, which answers too.
    let gif =
        "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 16\r\nconnection: close\r\n\r\nGIF89a and so on";
    server_at(&format!("127.0.0.2:{port}"), Vec::leak(vec![("/a.gif", gif)])).await;
    let both = fetcher(&["127.0.0.0/8"]);
    let here = fetcher(&["127.0.0.1"]);
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    assert_eq!(fetch(&both, &at("/to-another")).await.as_deref(), Ok(GIF));
    assert_eq!(fetch(&here, &at("/to-file")).await.as_deref(), Ok(GIF));
    assert_eq!(fetch(&here, &at("/to-another")).await, Err(Problem::Unreachable));
    assert_eq!(fetch(&here, &at("/to-disk")).await, Err(Problem::Address));
    assert_eq!(fetch(&here, &at("/to-itself")).await, Err(Problem::Redirects));
}

#[tokio::test]
async fn what_is_too_large_or_something_else_is_none() {
    let port = server(&[
        (
            "/long",
            "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 20971521\r\nconnection: close\r\n\r\nGIF89a",
        ),
        (
            "/page",
            "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
        ),
        (
            "/packed",
            "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-encoding: gzip\r\ncontent-length: 6\r\nconnection: close\r\n\r\nGIF89a",
        ),
        (
            "/cut",
            "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 60\r\nconnection: close\r\n\r\nGIF89a",
        ),
        (
            "/a.gif",
            "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 16\r\nconnection: close\r\n\r\nGIF89a and so on",
        ),
    ])
    .await;
    let here = fetcher(&["127.0.0.1"]);
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    assert_eq!(fetch(&here, &at("/long")).await, Err(Problem::TooLarge));
    assert_eq!(fetch(&here, &at("/page")).await, Err(Problem::Kind(FileKind::Image)));
    assert_eq!(fetch(&here, &at("/packed")).await, Err(Problem::Kind(FileKind::Image)));
    assert_eq!(fetch(&here, &at("/cut")).await, Err(Problem::Broken));
    // They take the room of their request.
    let memory = crate::call::BodyMemory::new(20 << 10, 0);
    let (first, second) = (memory.room(), memory.room());
    assert_eq!(first.grow(19 << 10), Ok(()));
    assert_eq!(second.grow(1 << 10), Ok(()));
    let get = |room: &Room| {
        let rest = Rest::new(room.clone());
        let address = at("/a.gif");
        let here = &here;
        async move { here.fetch(&address, FileKind::Image, 1, &rest).await.map(|_| ()) }
    };
    assert_eq!(get(&first).await, Err(Problem::Full));
    drop(second);
    assert_eq!(get(&first).await, Ok(()));
    // All files of a call share what is left.
    let rest = Rest {
        bytes: AtomicUsize::new(20),
        until: Instant::now() + PATIENCE,
        room: Room::default(),
    };
    assert!(here.fetch(&at("/a.gif"), FileKind::Image, 1, &rest).await.is_ok());
    let more = here.fetch(&at("/a.gif"), FileKind::Image, 1, &rest).await;
    assert_eq!(more, Err(Problem::TooLarge));
    // A file that is named at two places is written twice.
    let rest = Rest {
        bytes: AtomicUsize::new(20),
        until: Instant::now() + PATIENCE,
        room: Room::default(),
    };
    let twice = here.fetch(&at("/a.gif"), FileKind::Image, 2, &rest).await;
    assert_eq!(twice, Err(Problem::TooLarge));
    // Their time is one, too.
    let late = Rest {
        bytes: AtomicUsize::new(20),
        until: Instant::now(),
        room: Room::default(),
    };
    let silent = here.fetch(&at("/silent"), FileKind::Image, 1, &late).await;
    assert_eq!(silent, Err(Problem::Late));
}
