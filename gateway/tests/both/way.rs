//! A way to PostgreSQL that can be cut: whole, or one connection of it, whose other end then works on unheard. What is said next can be
//! kept back, and comes to the server long after whoever said it has lost the connection. It can freeze as well: nothing is said any more on the
//! connections that there are, and none of them ends.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
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
    /// How many there were.
    made: AtomicUsize,
    /// So many of them, the first ones, are frozen. Both of their ends stay open.
    frozen: watch::Sender<usize>,
    /// The next that says this is kept back.
    keeps: Mutex<Option<&'static str>>,
    /// It may come to the server now.
    deliver: Notify,
    /// The server has answered it, or has hung up.
    delivered: Notify,
}

impl State {
    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for (_, link) in self.links.lock().unwrap().drain(..) {
            link.abort();
        }
    }

    /// Whether this is to be kept back, which is so once.
    fn keeps(&self, said: &[u8]) -> bool {
        let mut keeps = self.keeps.lock().unwrap();
        let found = keeps.is_some_and(|words| said.windows(words.len()).any(|some| some == words.as_bytes()));
        if found {
            *keeps = None;
        }
        found
    }
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
        self.state.cut();
    }

    /// It is there again.
    pub(crate) fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// Nothing comes through on the connections that there are. New ones are as before.
    pub(crate) fn freeze(&self) {
        let _none_is_made = self.state.links.lock().unwrap();
        self.state.frozen.send_replace(self.state.made.load(Ordering::SeqCst));
    }

    /// Whatever says this next is kept back, and at that moment all is cut.
    pub(crate) fn keep_back(&self, words: &'static str) {
        *self.state.keeps.lock().unwrap() = Some(words);
    }

    /// What was kept back comes to the server, which does what it says.
    pub(crate) async fn deliver(&self) {
        self.state.deliver.notify_one();
        self.state.delivered.notified().await;
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
        let (client, _) = listener.accept().await.unwrap();
        if state.cut.load(Ordering::SeqCst) {
            continue;
        }
        let server = TcpStream::connect(&server).await.unwrap();
        let port = server.local_addr().unwrap().port();
        let of_link = Arc::clone(&state);
        let mut links = state.links.lock().unwrap();
        let number = state.made.fetch_add(1, Ordering::SeqCst);
        let link = tokio::spawn(async move {
            let _ = between(client, server, of_link, number).await;
        });
        // Under the lock, so that none slips through a cut.
        if state.cut.load(Ordering::SeqCst) {
            link.abort();
        }
        links.push((port, link.abort_handle()));
    }
}

/// Carries what both say until one of them ends.
async fn between(
    mut client: TcpStream,
    mut server: TcpStream,
    state: Arc<State>,
    number: usize,
) -> std::io::Result<()> {
    let mut frozen = state.frozen.subscribe();
    let (mut said, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            biased;
            () = until_frozen(&mut frozen, number) => std::future::pending().await,
            count = client.read(&mut said) => match count? {
                0 => return Ok(()),
                count if state.keeps(&said[..count]) => {
                    said.truncate(count);
                    // In a task of its own: a way that is cut delivers it all the same.
                    tokio::spawn(later(server, said, Arc::clone(&state)));
                    state.cut();
                    return Ok(());
                }
                count => server.write_all(&said[..count]).await?,
            },
            count = server.read(&mut answered) => match count? {
                0 => return Ok(()),
                count => client.write_all(&answered[..count]).await?,
            },
        }
    }
}

async fn until_frozen(frozen: &mut watch::Receiver<usize>, number: usize) {
    let _ = frozen.wait_for(|frozen| *frozen > number).await;
}

/// Says it once it may, and waits for the end of the first answer.
async fn later(mut server: TcpStream, said: Vec<u8>, state: Arc<State>) {
    state.deliver.notified().await;
    let mut answer = vec![0; 65_536];
    let _ = server.write_all(&said).await;
    let _ = server.read(&mut answer).await;
    state.delivered.notify_one();
}
