//! `serve`: binds, opens the engine, says where it is, accepts connections, and drains on SIGTERM or Ctrl-C.
//!
//! The address is bound before the database is opened, so that a taken port is told apart from everything else.

mod accept;
pub mod demo;
mod head;
mod patience;
mod rest;
mod shares;
mod stop;
mod welcome;

use std::{net::SocketAddr, time::Duration};

use app::context::Configuration;
use tokio::net::TcpListener;

use crate::{
    assets,
    command::{CommandError, open},
    config::{self, Config},
    routes,
    state::{HttpSettings, HubState},
    telemetry,
};
use stop::Stop;

/// What `serve` was asked beside the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Add a simulated provider and a key to try things out.
    pub demo: bool,
    /// Greet in JSON.
    pub json: bool,
}

/// Serves until a signal comes.
///
/// # Errors
/// Whatever keeps the server from starting, as one sentence.
pub async fn run(config: &Config, options: Options) -> Result<(), CommandError> {
    if options.demo && !config.network.listen.ip().is_loopback() {
        return Err(CommandError::DemoInPublic(config.network.listen));
    }
    let _flush = telemetry::start(&config.process);
    #[cfg(debug_assertions)]
    config::last_step::obey();
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    if let Some(sentence) = assets::complaint() {
        tracing::warn!("{sentence}");
    }
    let (listener, bound) = bind(config.network.listen).await?;
    let public_url = config.network.public_url_for(bound);
    let gateway = open::server(config, &public_url).await?;
    let welcome = welcome::prepare(&gateway, bound, options.demo).await;
    let welcome = match welcome {
        Ok(welcome) => welcome,
        Err(error) => {
            gateway.shutdown(Duration::ZERO).await;
            return Err(error);
        }
    };
    let configuration = Configuration::new(config::as_values(config, &public_url));
    let http = HttpSettings::new(&config.network, public_url.clone());
    let state = HubState::new(gateway.clone(), http, configuration);
    let router = routes::router(state);
    let stop = Stop::listen();
    welcome.print(options.json);
    tracing::info!(address = %bound, %public_url, version = env!("CARGO_PKG_VERSION"), "serving");

    let limits = accept::Limits {
        connections: config.network.connections,
        patience: config.network.client_patience,
        drain: config.process.drain,
        trusted: config.network.trusted_proxies.clone(),
    };
    accept::until_stopped(listener, router, limits, &gateway, stop).await;
    tracing::info!("stopped");
    if gateway.is_deposed() {
        return Err(CommandError::Deposed);
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CommandError> {
    let failed = |error: std::io::Error| CommandError::Listen {
        address,
        reason: listen_problem(&error),
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn listen_problem(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "another program already uses this port. Stop it, or set HUB_LISTEN to another one".to_owned()
        }
        std::io::ErrorKind::PermissionDenied => {
            "this user may not use that port. Choose one above 1023 in HUB_LISTEN".to_owned()
        }
        std::io::ErrorKind::AddrNotAvailable => "this machine does not have that address. Check HUB_LISTEN".to_owned(),
        _ => error.to_string(),
    }
}
