//! A provider that takes no connection and refuses none, as behind a firewall that drops packets.

use std::net::SocketAddr;

use serde_json::Value;
use tests::stage::{Stage, call_id, hello, on_both};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::check_failure;

/// An address whose queue of connections is full and is never emptied.
struct Hole {
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Hole {
    async fn dig(address: SocketAddr) -> Self {
        const QUEUE: u32 = 1;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(QUEUE).unwrap();
        let mut connecting = JoinSet::new();
        // Linux queues one more than it is asked for.
        for _ in 0..=QUEUE {
            connecting.spawn(TcpStream::connect(address));
        }
        let queued = connecting.join_all().await.into_iter().map(Result::unwrap).collect();
        Self {
            _listener: listener,
            _queued: queued,
        }
    }
}

#[tokio::test]
async fn connecting_has_a_limit_of_its_own() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        // Were it not for the first limit, the others would end the call as `provider_timeout`. They are shorter than the 30
        // seconds after which the system gives a connection up.
        stage
            .set_provider(&[("connect", "0.3"), ("first_byte", "20"), ("gap", "20"), ("total", "20")])
            .await;
        let Stage { hub, upstream, key, .. } = stage;
        let address = upstream.address();
        upstream.stop().await;
        let _hole = Hole::dig(address).await;
        let call = hub.post("/v1/chat/completions", &hello("gpt-4o-mini")).bearer(&key);
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status, 503);
        let id = call_id(&answer);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "provider_unreachable");
        let (_, row) = hub.get(&format!("/v1/calls/{id}")).bearer(&key).json().await.unwrap();
        check_failure(&row, "provider", "provider_unreachable", "none");
        assert_eq!(
            row["attempt_count"], 3,
            "nothing was sent, so it may be tried again: {row}"
        );
    })
    .await;
}
