//! What every handler reaches: the engine and the few settings that HTTP itself needs. Made once in `serve`.

use std::{sync::Arc, time::Duration};

use app::context::Configuration;
use axum::extract::FromRef;
use domain::network::Network;
use gateway::{Gateway, Pace, call::BodyMemory};
use leptos::config::LeptosOptions;

use crate::{config::NetworkSettings, console::FormMemory};

/// Cheap to clone; every request gets one.
#[derive(Clone)]
pub struct HubState(Arc<Inner>);

struct Inner {
    gateway: Gateway,
    settings: HttpSettings,
    configuration: Configuration,
    leptos: LeptosOptions,
    body_memory: BodyMemory,
    form_memory: FormMemory,
    visitors: Arc<Pace>,
}

/// The settings that handlers and layers need.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// How browsers reach the hub, without a slash at the end.
    pub public_url: String,
    /// Largest request body on `/v1`, in bytes.
    pub body_limit: usize,
    /// What all requests may take together, in bytes.
    pub body_memory: usize,
    /// How long a client may stand still within a request's body.
    pub client_patience: Duration,
    /// Whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Network>,
    /// Web origins that may call `/v1`; `*` alone means all.
    pub cors_origins: Vec<String>,
}

impl HttpSettings {
    /// The part of the configuration that HTTP needs, for a hub reached at `public_url`.
    #[must_use]
    pub fn new(network: &NetworkSettings, public_url: String) -> Self {
        Self {
            public_url,
            body_limit: network.body_limit,
            body_memory: network.body_memory,
            client_patience: network.client_patience,
            trusted_proxies: network.trusted_proxies.clone(),
            cors_origins: network.cors_origins.clone(),
        }
    }

    /// Browsers reach the hub over TLS, so cookies may demand it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl HubState {
    /// The state of a process.
    #[must_use]
    pub fn new(gateway: Gateway, settings: HttpSettings, configuration: Configuration) -> Self {
        let leptos = LeptosOptions::builder()
            .output_name("hub")
            .site_root("target/site")
            .build();
        let body_memory = BodyMemory::new(settings.body_memory, settings.body_limit);
        Self(Arc::new(Inner {
            gateway,
            settings,
            configuration,
            leptos,
            form_memory: FormMemory::beside(body_memory.clone()),
            body_memory,
            visitors: Arc::default(),
        }))
    }

    /// Counts visitors of the console for whom a session is begun.
    pub(crate) fn visitors(&self) -> Arc<Pace> {
        Arc::clone(&self.0.visitors)
    }

    /// The memory for forms, and for what the admin API is sent.
    pub(crate) fn form_memory(&self) -> &FormMemory {
        &self.0.form_memory
    }

    /// The memory for requests.
    pub(crate) fn body_memory(&self) -> &BodyMemory {
        &self.0.body_memory
    }

    /// The engine.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.0.gateway
    }

    /// What was configured, for people to look at.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.0.configuration
    }

    /// The settings of HTTP.
    #[must_use]
    pub fn settings(&self) -> &HttpSettings {
        &self.0.settings
    }
}

impl FromRef<HubState> for LeptosOptions {
    fn from_ref(state: &HubState) -> Self {
        state.0.leptos.clone()
    }
}
