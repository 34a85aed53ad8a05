//! `webRedirectUrl`: what of it a phone opens. In the first line the environment: `container`, `sandbox` or
//! `simulator`.

use crate::{
    bi_snap::create,
    gopay::{self, Answer, Harness},
    split_line,
};
use contract::PaymentWay;
use gopay_protocol::{Deeplink, ReminderId, message::reminder};
use merchant::config::Environment;
use url::Url;

thread_local! {
    static SANDBOX: Harness = Harness::new(Environment::Sandbox);
}

pub(crate) fn run(input: &[u8]) {
    let Some((environment, address)) = split_line(input) else {
        return;
    };
    let Ok(address) = std::str::from_utf8(address) else {
        return;
    };
    check_deeplink(address);
    check_path(address);
    let body =
        serde_json::json!({"responseCode": "2005400", "webRedirectUrl": address}).to_string();
    let input = format!("create 200\n{body}");
    let answer = Answer::parse(input.as_bytes()).unwrap();
    match environment {
        "container" => {
            let made = gopay::with(|gopay| create(gopay, &answer));
            let hosts = ["pay.gopay.example".to_owned()];
            let deeplink = Deeplink::from_web_redirect_url(address, &hosts);
            assert_eq!(made.is_ok(), deeplink.is_ok());
        }
        "sandbox" => {
            let made = SANDBOX.with(|gopay| create(gopay, &answer));
            if let Ok(made) = made {
                let PaymentWay::WebPage(page) = made.way else {
                    panic!("{:?} in the sandbox", made.way);
                };
                check_page(&page);
            }
        }
        _ => {}
    }
}

/// A deeplink opens GoPay's payment page of one transfer, however it is read.
fn check_deeplink(address: &str) {
    let Ok(deeplink) = Deeplink::from_web_redirect_url(address, &[]) else {
        return;
    };
    let deeplink = deeplink.to_string();
    let query = deeplink
        .strip_prefix("gopay://merchanttransfer?")
        .expect("another deeplink");
    let is_safe = |byte: u8| byte.is_ascii_graphic() && !b"#<>\"".contains(&byte);
    assert!(query.bytes().all(is_safe), "{deeplink:?}");
    let read = Url::parse(&deeplink).unwrap();
    assert_eq!(read.host_str(), Some("merchanttransfer"));
    let transfers = read.query_pairs().filter(|(name, _)| name == "tref");
    assert_eq!(transfers.count(), 1, "{deeplink}");
    // The same link again, without the escapes that a URL of the web has to have.
    let again = format!("gojek://gopay/merchanttransfer?{query}");
    let again = Deeplink::from_web_redirect_url(&again, &[]).unwrap();
    assert_eq!(again.to_string(), deeplink);
}

/// A page of the sandbox is Midtrans', over TLS.
fn check_page(page: &str) {
    let page = Url::parse(page).unwrap();
    let host = page.host_str().unwrap();
    let is_midtrans = ["sandbox.midtrans.com", "sbx.midtrans.com"]
        .iter()
        .any(|domain| host == *domain || host.ends_with(&format!(".{domain}")));
    assert!(is_midtrans || host == "pay.gopay.example", "{page}");
    assert_eq!(page.scheme(), "https");
    assert!(page.port().is_none() && page.username().is_empty() && page.password().is_none());
}

/// A reminder's id stays in its segment of the path.
fn check_path(id: &str) {
    if let Some(path) = reminder::path(&ReminderId::from(id)) {
        let mut url = Url::parse("https://gopay.example").unwrap();
        url.set_path(&path);
        assert_eq!(url.path(), path);
        assert!(path.starts_with(reminder::PATH));
        assert!(url.query().is_none() && url.fragment().is_none());
        let below = path.strip_prefix(reminder::PATH).unwrap();
        assert_eq!(below.matches('/').count(), 1, "{path}");
    }
}
