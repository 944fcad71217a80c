//! Which certificates upstreams may show: those that this machine trusts. They are read once a process, at the first
//! connection that needs them: reading takes longer than a start may, and plain HTTP never needs them.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;

/// What this machine trusts. Shared by every client.
static TRUSTED: OnceLock<Verifier> = OnceLock::new();

/// TLS for a client that speaks HTTP/1.1.
pub(super) fn config() -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(System(Arc::clone(&provider)));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Asks [`TRUSTED`], which it fills at the first question.
#[derive(Debug)]
struct System(Arc<CryptoProvider>);

impl System {
    fn trusted(&self) -> Result<&'static Verifier, Error> {
        if let Some(trusted) = TRUSTED.get() {
            return Ok(trusted);
        }
        // A machine without certificates may get some: a failure is not kept.
        let read = Verifier::new(Arc::clone(&self.0))?;
        Ok(TRUSTED.get_or_init(|| read))
    }
}

impl ServerCertVerifier for System {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.trusted()?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trusted()?.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trusted()?.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        net::{SocketAddr, TcpListener},
    };

    use domain::provider::Timeouts;
    use rustls::pki_types::PrivatePkcs8KeyDer;

    use super::*;

    /// A server whose certificate nobody has signed. It takes one connection.
    fn unsigned_server() -> SocketAddr {
        let certificate = CertificateDer::from_slice(include_bytes!("../../fixtures/tls/certificate.der"));
        let key = PrivatePkcs8KeyDer::from(&include_bytes!("../../fixtures/tls/key.der")[..]);
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut server = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            // The client hangs up within the handshake, or else it would be read to its end.
            let _ = rustls::Stream::new(&mut server, &mut socket).read_to_end(&mut Vec::new());
        });
        address
    }

    /// One test, as what is read is kept for the whole process.
    #[tokio::test]
    async fn certificates_are_read_when_a_server_shows_one_and_strangers_are_refused() {
        let clients = crate::http::clients(&Timeouts::DEFAULT).unwrap();
        assert!(TRUSTED.get().is_none(), "nothing was spoken to yet");
        let told = "the certificate is not trusted: it has signed itself";
        let mut call = ::http::Request::new(crate::http::Noted::default());
        *call.uri_mut() = format!("https://{}/", unsigned_server()).parse().unwrap();
        let refused = clients.calls.send(call).await.unwrap_err();
        assert!(refused.is_connect(), "{refused:?}");
        assert_eq!(crate::providers::words(&refused), told);

        let asked = clients.questions.get(format!("https://{}/", unsigned_server()));
        let refused = asked.send().await.unwrap_err();
        assert!(refused.is_connect(), "{refused:?}");
        assert_eq!(crate::providers::words(&refused.without_url()), told);
    }
}
