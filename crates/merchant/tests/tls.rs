//! Who may be GoPay: only somebody with a certificate for GoPay's name, of a known authority, and
//! still good.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::{ClientSecret, Secret, SigningKey};
use merchant::{
    adapters::gopay::GoPay,
    cli::check_notifications::probe,
    config::{ContainerUrls, CspExtra, Environment, GoPayAccount, MinimumTls},
    domain::gopay_result::Error,
    ports::Clock,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use reqwest::Url;
use rustls::{
    ALL_VERSIONS, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    version::TLS12,
};
use std::{
    env, fs,
    io::{Read, Write},
    net::TcpListener,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use test_kit::{TempDir, output_of};

#[path = "fixtures/attempt.rs"]
mod attempt;

use attempt::attempt;

/// Where the client finds the peers: a process of its own, for the authorities that a process
/// knows are those of its environment.
const PEERS: &str = "PEERS_OF_THE_TLS_TEST";

/// A server that has this certificate, and how many requests it could read.
struct Peer {
    port: u16,
    requests: Arc<AtomicUsize>,
}

impl Peer {
    fn new(
        certificate: CertificateDer<'static>,
        key: &KeyPair,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let config = ServerConfig::builder_with_provider(provider.into())
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            );
        let config = Arc::new(config.unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let read = Arc::clone(&requests);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let server = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut line = StreamOwned::new(server, connection.unwrap());
                if line.read(&mut [0; 4096]).is_ok_and(|length| length > 0) {
                    read.fetch_add(1, Ordering::SeqCst);
                    let answer =
                        "HTTP/1.1 401 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                    let _ = line.write_all(answer.as_bytes());
                    line.conn.send_close_notify();
                    let _ = line.flush();
                }
            }
        });
        Self { port, requests }
    }
}

/// TM20, F03, F04: a certificate for another host, by nobody, or of yesterday is refused before a byte of
/// a request is sent; with the right one all is well, so it is the certificate that matters.
#[tokio::test]
async fn a_host_without_gopays_certificate_is_refused() {
    if let Ok(peers) = env::var(PEERS) {
        return try_them(&peers).await;
    }
    let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let of = |host: &str| CertificateParams::new(vec![host.to_owned()]).unwrap();
    let mut expired = of("localhost");
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2020, 2, 1);
    let signed = |params: CertificateParams| params.signed_by(&key, &issuer).unwrap();
    let peers = [
        signed(of("localhost")),
        signed(of("elsewhere.example")),
        signed(expired),
        of("localhost").self_signed(&key).unwrap(),
    ]
    .map(|certificate| Peer::new(certificate.der().clone(), &key, ALL_VERSIONS));
    // Speaks what GoPay has announced the end of.
    let old = Peer::new(signed(of("localhost")).der().clone(), &key, &[&TLS12]);

    let folder = TempDir::create();
    let known = folder.join("authority.pem");
    let text = STANDARD.encode(authority_certificate.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    fs::write(&known, pem).unwrap();
    let ports = peers.each_ref().map(|peer| peer.port.to_string()).join(" ");
    let ports = format!("{ports} {}", old.port);
    let tried = output_of(
        Command::new(env::current_exe().unwrap())
            .args(["--exact", "a_host_without_gopays_certificate_is_refused"])
            .env(PEERS, ports)
            .env("SSL_CERT_FILE", &known),
    );
    assert!(
        tried.status.success(),
        "{}",
        String::from_utf8_lossy(&tried.stdout)
    );
    let requests = peers.map(|peer| peer.requests.load(Ordering::SeqCst));
    assert_eq!(requests, [1, 0, 0, 0]);
    // Only where that is allowed.
    assert_eq!(old.requests.load(Ordering::SeqCst), 1);
}

/// A certificate that is not accepted is mended otherwise than a server that is not there.
#[tokio::test]
async fn a_shop_with_a_bad_certificate_is_told_so() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = certificate.self_signed(&key).unwrap();
    let peer = Peer::new(certificate.der().clone(), &key, ALL_VERSIONS);
    let url = format!("https://localhost:{}/v1.0/debit/notify", peer.port);
    let said = probe(&url.parse().unwrap()).await.unwrap_err().to_string();
    assert!(said.contains("certificate that is not accepted"), "{said}");
}

/// The first has the right certificate, and so has the last, which speaks TLS 1.2 only.
async fn try_them(peers: &str) {
    let ports: Vec<&str> = peers.split(' ').collect();
    let last = ports.len() - 1;
    let tries = ports.iter().enumerate().map(|(number, port)| {
        let takes_it = number == 0;
        (number, *port, MinimumTls::V1_3, takes_it)
    });
    let older = (last, ports[last], MinimumTls::V1_2, true);
    for (number, port, minimum_tls, takes_it) in tries.chain([older]) {
        let url: Url = format!("https://localhost:{port}").parse().unwrap();
        let gopay = GoPay::new(
            Arc::new(GoPayAccount {
                environment: Environment::Production,
                bi_snap_url: url.clone(),
                container: Some(ContainerUrls {
                    mini_app_url: url.clone(),
                    sdk_url: url,
                }),
                client_key: "client".to_owned(),
                client_secret: ClientSecret::new(&Secret::new("secret")).into(),
                partner_id: "partner".to_owned(),
                merchant_id: "merchant".to_owned(),
                channel_id: "12345".to_owned(),
                private_key: SigningKey::generate().unwrap().into(),
                public_keys: Vec::new(),
                payment_link_hosts: Vec::new(),
                proxy_url: None,
                minimum_tls,
                csp_extra: CspExtra::default(),
                background_requests_per_second: GoPayAccount::BACKGROUND_REQUESTS_PER_SECOND,
                snap: None,
            }),
            Clock::system(),
        );
        let error = gopay.unwrap().inquire(&attempt()).await.unwrap_err();
        match error {
            // It took the request, and said no.
            Error::Credentials { .. } if takes_it => {}
            Error::NotSent if !takes_it => {}
            _ => panic!("peer {number}: {error}"),
        }
    }
}
