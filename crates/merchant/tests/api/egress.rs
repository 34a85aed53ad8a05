//! What the merchant sends goes through the proxy that it is given.

use crate::test_env::TestEnv;
use attempt::attempt;
use merchant::{
    adapters::gopay::GoPay, config::Environment, domain::gopay_result::Error,
    outbound_proxy::ProxyUrl, ports::Clock,
};
use simulator::Url;
use std::sync::Arc;
use test_kit::{WAIT_TIMEOUT, within};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

#[path = "../fixtures/attempt.rs"]
mod attempt;

/// Refuses one request, and keeps its head.
async fn proxy() -> (ProxyUrl, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url: Url = format!("http://me:hunter%32@127.0.0.1:{port}")
        .parse()
        .unwrap();
    let head = tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(line.read_u8().await.unwrap());
        }
        let refusal = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        line.write_all(refusal).await.unwrap();
        String::from_utf8(head).unwrap()
    });
    (ProxyUrl::new(url), head)
}

/// `me:hunter2`
const CREDENTIALS: &str = "proxy-authorization: Basic bWU6aHVudGVyMg==";

/// TM21
#[tokio::test]
async fn requests_to_gopay_go_through_its_proxy() {
    let env = TestEnv::new().await;
    let real: Url = "https://merchants.midtrans.com".parse().unwrap();
    for (environment, url, first) in [
        (Environment::Simulator, None, "POST http://127.0.0.1:"),
        (
            Environment::Production,
            Some(real),
            "CONNECT merchants.midtrans.com:443 HTTP/1.1\r\n",
        ),
    ] {
        let (proxy, head) = proxy().await;
        let mut account = env.config().gopay;
        account.environment = environment;
        account.proxy_url = Some(proxy);
        if let Some(url) = url {
            account.bi_snap_url = url;
        }
        let gopay = GoPay::new(Arc::new(account), Clock::system()).unwrap();
        let error = gopay.inquire(&attempt()).await.unwrap_err();
        assert!(
            !format!("{error} {error:?} {gopay:?}").contains("hunter"),
            "{error:?}"
        );
        assert!(
            matches!(error, Error::NotSent | Error::Credentials { .. }),
            "{error:?}"
        );
        let head = within(WAIT_TIMEOUT, "a request to the proxy", head);
        let head = head.await.unwrap();
        assert!(head.starts_with(first), "{head}");
        assert!(
            head.to_ascii_lowercase()
                .contains(&CREDENTIALS.to_ascii_lowercase()),
            "{head}"
        );
    }
}
