//! The bench's upstream as a program: `fast-upstream [ADDRESS]` prints its address and serves until it is ended.

use std::io::{self, Write as _};

use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await?;
    writeln!(io::stdout(), "http://{}/v1", listener.local_addr()?)?;
    tests::bench::fast::serve(listener).await
}
