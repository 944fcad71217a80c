//! The bench's bare reverse proxy as a program: `bare-proxy LISTEN UPSTREAM`, both `127.0.0.1:port`.

use std::io::{self, Write as _};

use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(listen), Some(upstream)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("bare-proxy LISTEN UPSTREAM, both as 127.0.0.1:port"));
    };
    let upstream = upstream.parse().map_err(io::Error::other)?;
    let listener = TcpListener::bind(listen).await?;
    writeln!(io::stdout(), "http://{}/v1", listener.local_addr()?)?;
    tests::bench::proxy::serve(listener, upstream).await
}
