//! A way to PostgreSQL that can be cut: whole, or one connection of it, whose other end then works on unheard.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// Ends with the runtime of its test.
pub(crate) struct Way {
    /// The database by this way.
    pub(crate) url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    /// Connections by the ports that the server sees.
    links: Mutex<Vec<(u16, AbortHandle)>>,
}

impl Way {
    /// To the server in a URL.
    pub(crate) async fn to(url: &str) -> Self {
        let (before, rest) = url.split_once('@').unwrap();
        let (server, after) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        tokio::spawn(carry(listener, server.to_owned(), Arc::clone(&state)));
        Self {
            url: format!("{before}@{here}/{after}"),
            state,
        }
    }

    /// Nothing comes through any longer.
    pub(crate) fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
        for (_, link) in self.state.links.lock().unwrap().drain(..) {
            link.abort();
        }
    }

    /// It is there again.
    pub(crate) fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// Cuts the connection that comes to the server from this port.
    pub(crate) fn cut_one(&self, port: u16) {
        let links = self.state.links.lock().unwrap();
        let (_, link) = links.iter().find(|(known, _)| *known == port).unwrap();
        link.abort();
    }
}

async fn carry(listener: TcpListener, server: String, state: Arc<State>) {
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        if state.cut.load(Ordering::SeqCst) {
            continue;
        }
        let mut server = TcpStream::connect(&server).await.unwrap();
        let port = server.local_addr().unwrap().port();
        let link = tokio::spawn(async move {
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        });
        let mut links = state.links.lock().unwrap();
        // Under the lock, so that none slips through a cut.
        if state.cut.load(Ordering::SeqCst) {
            link.abort();
        }
        links.push((port, link.abort_handle()));
    }
}
