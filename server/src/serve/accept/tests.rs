//! Clients of h2 in their own words: how their connections end.

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// What every h2 connection begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Settings that change none.
const AS_USUAL: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
/// Settings by which each stream takes one byte until its window is opened.
const ONE_BYTE: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\x01";
/// Room for 100 bytes more on the first stream.
const WINDOW: &[u8] = b"\0\0\x04\x08\0\0\0\0\x01\0\0\0\x64";
const DATA: u8 = 0;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACKNOWLEDGED: u8 = 1;
const LONG: Duration = Duration::from_secs(600);

/// `GET /` on a stream, whole: method, path and scheme by their numbers in the table of names, and the authority `x`.
fn asks(stream: u8) -> [u8; 15] {
    let mut frame = *b"\0\0\x06\x01\x05\0\0\0\0\x82\x84\x86\x41\x01x";
    frame[8] = stream;
    frame
}

/// What a client has come to that answers every ping, as only one does who is there.
#[derive(Debug, Default)]
struct Came {
    told_to_leave: bool,
    said: Vec<u8>,
}

/// Serves such a client up to the end of its connection. It says `hello` at first, and `last` when it is told to leave.
async fn served(router: Router, (rest, patience): (Duration, Duration), hello: &[&[u8]], last: &[u8]) -> Came {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, address) = listener.accept().await.unwrap();
    // Before its time runs.
    client.write_all(&[PREFACE, &hello.concat()].concat()).await.unwrap();
    let (server, stopping) = (server(LONG), CancellationToken::new());
    let served = serve(
        &server,
        (stream, patience, Some(rest)),
        (Peer(address), router),
        &stopping,
    );
    let client = async {
        let (mut came, mut head) = (Came::default(), [0; 9]);
        // Length, kind and flags of a frame, and its stream.
        while client.read_exact(&mut head).await.is_ok() {
            let mut body = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
            client.read_exact(&mut body).await.unwrap();
            match head[3] {
                DATA => came.said.append(&mut body),
                GOAWAY if !came.told_to_leave => {
                    came.told_to_leave = true;
                    client.write_all(last).await.unwrap();
                }
                PING if head[4] & ACKNOWLEDGED == 0 => {
                    head[4] |= ACKNOWLEDGED;
                    client.write_all(&[&head[..], &body].concat()).await.unwrap();
                }
                _ => {}
            }
        }
        came
    };
    let both = async { tokio::join!(served, client) };
    let ((), came) = tokio::time::timeout(Duration::from_secs(60), both)
        .await
        .expect("it keeps its place");
    came
}

fn says(text: &'static str, after: Duration) -> Router {
    let answer = move || async move {
        tokio::time::sleep(after).await;
        text
    };
    Router::new().route("/", get(answer))
}

#[tokio::test]
async fn a_connection_of_h2_that_nobody_asks_on_ends_too() {
    let came = served(Router::new(), (Duration::from_millis(50), LONG), &[AS_USUAL], &[]).await;
    assert!(came.told_to_leave);
}

/// hyper has handed the whole answer on by then, so no stream runs that could be cut off.
#[tokio::test]
async fn the_last_of_an_answer_in_a_window_that_stays_closed_keeps_no_connection() {
    let times = (Duration::from_secs(2), Duration::from_millis(50));
    let hello: [&[u8]; 2] = [ONE_BYTE, &asks(1)];
    let came = served(says("ok\n", Duration::ZERO), times, &hello, &[]).await;
    assert!(came.told_to_leave);
    assert_eq!(came.said, b"o");
    // Whoever opens it at last has all of it.
    let came = served(says("ok\n", Duration::ZERO), (times.0, LONG), &hello, WINDOW).await;
    assert!(came.told_to_leave);
    assert_eq!(came.said, b"ok\n");
}

/// A client that does not know yet that it is told to leave may ask once more; that is no rest.
#[tokio::test]
async fn what_is_asked_while_a_connection_ends_is_answered() {
    let patience = Duration::from_secs(2);
    let slow = says("slow", patience + Duration::from_secs(1));
    let came = served(slow, (Duration::from_millis(50), patience), &[AS_USUAL], &asks(1)).await;
    assert_eq!(came.said, b"slow");
}
