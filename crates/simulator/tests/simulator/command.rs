//! The program: its configuration, its values, and who may reach it.

use crate::merchant::{Merchant, text};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::{SigningKey, VerifyingKey};
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Client, Method};
use rqrr::PreparedImage;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use simulator::{Options, Simulator};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
};
use test_kit::{TempDir, output_of};

const FILE: &str = r#"
listen = "localhost:0"
allow_hosts = ["phone.test"]
keys = "secrets"
setup = "late.toml"

[merchant]
name = "Toko"
merchant_id = "G7"
notify = "http://localhost:8182/hooks/gopay"

[[mini_app]]
id = "toko"
url = "http://localhost:5173"

[[mini_app]]
id = "kopi"
url = "https://kopi.test"
auth_credentials = "credentials of kopi"

[[buyer]]
id = "budi"
balance = 50000
"#;

const SETUP: &str = r#"
notifications = "delay"
clock_ahead_seconds = 60

[[faults]]
on = "status"
do = "error_500"
times = "always"

[[outcomes]]
do = "pay"
for = { amount = 25000 }
"#;

fn folder() -> TempDir {
    let folder = TempDir::create();
    fs::write(folder.join("gopay-simulator.toml"), FILE).unwrap();
    fs::write(folder.join("late.toml"), SETUP).unwrap();
    folder
}

/// In a folder with a configuration.
fn program(folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gopay-simulator"));
    program.current_dir(&**folder);
    program
}

struct Started {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Drop for Started {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn start(program: &mut Command) -> Started {
    let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("gopay-simulator listening on ");
    let address = address.unwrap_or_default().to_owned();
    assert!(!address.is_empty(), "{line}");
    Started {
        child,
        output,
        address,
    }
}

#[test]
fn the_values_of_a_configuration_are_printed_in_three_forms() {
    let folder = folder();
    let printed = |format: &str| {
        let output = output_of(program(&folder).args(["--values", format]));
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&printed("json")).unwrap();
    assert_eq!(json["base_url"], "http://phone.test:0");
    assert_eq!(json["client_key"], "G7-SNAP");
    assert_eq!(
        json["notification_url"],
        "http://localhost:8182/hooks/gopay"
    );
    let kopi = &json["further_mini_apps"][0];
    assert_eq!(kopi["auth_credentials"], "credentials of kopi");
    let file = |name: &str| fs::read_to_string(json[name].as_str().unwrap()).unwrap();
    let private = SigningKey::from_pem(&file("merchant_private_key_file")).unwrap();
    let registered = fs::read_to_string(folder.join("secrets/merchant.pub.pem")).unwrap();
    let registered = VerifyingKey::from_pem(&registered).unwrap();
    assert!(registered.verify("x", &private.sign("x").unwrap()));
    VerifyingKey::from_pem(&file("public_key_file")).unwrap();

    let env = printed("env");
    let secret = text(&json["client_secret"]);
    assert!(
        env.lines()
            .any(|line| line == format!("GOPAY_CLIENT_SECRET={secret}"))
    );
    assert!(env.lines().all(|line| line.starts_with("GOPAY_")), "{env}");
    assert!(printed("text").contains(&secret));
}

const MERCHANTS: &str = r#"
listen = "127.0.0.1:0"

[[merchant]]
merchant_id = "G7"
notify = "http://localhost:8181"

[[merchant]]
merchant_id = "G8"
name = "Teh"
notify = "http://localhost:8182/hooks"

[[mini_app]]
id = "kopi"
url = "http://localhost:5173"

[[mini_app]]
id = "teh"
url = "http://localhost:5174"
merchant_id = "G8"
"#;

#[tokio::test]
async fn several_merchants_have_ids_keys_and_addresses_of_their_own() {
    let folder = TempDir::create();
    fs::write(folder.join("gopay-simulator.toml"), MERCHANTS).unwrap();
    let printed = |format: &str| {
        let output = output_of(program(&folder).args(["--values", format]));
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&printed("json")).unwrap();
    assert_eq!(json["client_key"], "G7-SNAP");
    let second = &json["further_merchants"][0];
    assert_eq!(second["client_key"], "G8-SNAP");
    assert_eq!(second["notification_url"], "http://localhost:8182/hooks");
    assert_ne!(second["client_secret"], json["client_secret"]);
    assert_eq!(json["further_mini_apps"][0]["merchant_id"], "G8");
    let private = fs::read_to_string(text(&second["merchant_private_key_file"])).unwrap();
    SigningKey::from_pem(&private).unwrap();
    let env = printed("env");
    assert!(
        env.contains("\nGOPAY_MERCHANT_G8_CLIENT_KEY=G8-SNAP\n"),
        "{env}"
    );
    assert!(printed("text").contains("teh at http://localhost:5174, of G8"));

    let started = start(&mut program(&folder));
    let http = Client::new();
    let request = http.get(format!("{}/control/ledger", started.address));
    let ledger: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(ledger["merchants"][1]["name"], "Teh");
    assert_eq!(ledger["mini_apps"][1]["merchant_id"], "G8");
}

#[tokio::test]
async fn an_icon_is_served_and_one_that_is_no_picture_is_one_line() {
    let folder = TempDir::create();
    let app = "listen = \"127.0.0.1:0\"\n[[mini_app]]\nid = \"kopi\"\nurl = \"http://localhost:1\"\nicon = ";
    let config = |icon: &str| {
        let text = format!("{app}\"{icon}\"\n");
        fs::write(folder.join("gopay-simulator.toml"), text).unwrap();
    };
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'/>";
    fs::write(folder.join("kopi.svg"), svg).unwrap();
    fs::write(folder.join("large.png"), vec![0; 256 * 1024 + 1]).unwrap();
    config("kopi.svg");
    let started = start(&mut program(&folder));
    let http = Client::new();
    let get = async |path: &str| {
        let request = http.get(format!("{}{path}", started.address));
        request.send().await.unwrap()
    };
    let ledger: Value = get("/control/ledger").await.json().await.unwrap();
    let path = text(&ledger["mini_apps"][0]["icon"]);
    let icon = get(&path).await;
    assert_eq!(icon.headers()["content-type"], "image/svg+xml");
    let policy = icon.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("; sandbox"), "{policy}");
    assert_eq!(icon.text().await.unwrap(), svg);
    assert_eq!(get("/mini-apps/teh/icon").await.status(), 404);
    for (icon, words) in [
        ("none.svg", "cannot read the icon none.svg"),
        ("large.png", "the icon large.png has more than 256 KiB"),
        (
            "gopay-simulator.toml",
            "the icon gopay-simulator.toml is no picture",
        ),
    ] {
        config(icon);
        let output = output_of(&mut program(&folder));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(words), "{error}");
    }
}

#[test]
fn a_merchant_that_cannot_be_is_one_line() {
    let with = |text: &str| format!("{MERCHANTS}\n{text}\n");
    for (file, words) in [
        (
            with("[[mini_app]]\nid = \"susu\"\nurl = \"http://localhost:1\"\nmerchant_id = \"G9\""),
            "there is no merchant \"G9\"; the simulator plays G7, G8",
        ),
        (
            with("[[merchant]]\nmerchant_id = \"G8\""),
            "there is a merchant G8 already",
        ),
        (
            with("[[merchant]]\nname = \"Susu\""),
            "the merchant Susu is not the first: it has a merchant_id",
        ),
        (
            with("[[merchant]]\nmerchant_id = \"../G9\""),
            "the merchant ../G9 is not the first",
        ),
        (
            with("[[merchant]]\nmerchant_id = \"G9\"\nnotify_ca = \"ca.pem\""),
            "notify_ca and order_history of G9",
        ),
        ("[merchant]\nnam = \"x\"".to_owned(), "unknown field `nam`"),
        (with("[[merchant]]\nnam = \"x\""), "unknown field `nam`"),
        (
            "merchant = 1".to_owned(),
            "a table [merchant], or several [[merchant]]",
        ),
    ] {
        let folder = TempDir::create();
        fs::write(folder.join("gopay-simulator.toml"), &file).unwrap();
        let output = output_of(&mut program(&folder));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{error}");
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_mistake_in_the_configuration_is_one_line_with_its_place() {
    for (file, text, words) in [
        ("gopay-simulator.toml", "lisen = 1", "unknown field `lisen`"),
        ("late.toml", "fault = []", "unknown field `fault`"),
        (
            "late.toml",
            "[[faults]]\non = \"token\"\ndo = \"bad_url\"",
            "bad_url cannot happen on token",
        ),
    ] {
        let folder = folder();
        fs::write(folder.join(file), text).unwrap();
        let output = output_of(&mut program(&folder));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(file) && error.contains(words), "{error}");
    }
    let nowhere = folder();
    let output = output_of(program(&nowhere).args(["--listen", "0.0.0.0:0", "--config", "late"]));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("cannot read late"), "{error}");
}

#[tokio::test]
async fn a_configured_simulator_is_set_up_and_prints_its_messages() {
    let folder = folder();
    let mut started = start(program(&folder).args(["--log", "--seed", "7"]));
    let http = Client::new();
    let ledger = async || -> Value {
        let request = http.get(format!("{}/control/ledger", started.address));
        request.send().await.unwrap().json().await.unwrap()
    };
    let before = ledger().await;
    assert_eq!(before["notifications"]["mode"], "delay");
    assert_eq!(before["clock_ahead_seconds"], 60);
    assert_eq!(before["faults"][0]["times"], Value::Null);
    assert_eq!(before["outcomes"][0]["for"], json!({"amount": 25000}));
    assert_eq!(before["funds"][0]["balance"], 50000);
    assert_eq!(before["mini_apps"][0]["id"], "toko");
    let setup = http.get(format!("{}/control/setup", started.address));
    let setup: Value = setup.send().await.unwrap().json().await.unwrap();
    assert_eq!(setup["seed"], 7);
    let put = http.put(format!("{}/control/setup", started.address));
    put.body("{}").send().await.unwrap();
    assert_eq!(ledger().await["faults"], json!([]));
    let reset = http.post(format!("{}/control/reset", started.address));
    reset.send().await.unwrap();
    assert_eq!(ledger().await["faults"], before["faults"]);
    assert_eq!(ledger().await["funds"], before["funds"]);

    let unknown = http.post(format!("{}/v2/charge", started.address));
    unknown.send().await.unwrap();
    let mut lines = String::new();
    while !lines.contains("/v2/charge") {
        started.output.read_line(&mut lines).unwrap();
    }
    let line = lines.lines().last().unwrap();
    assert!(line.contains("unknown") && line.contains("501"), "{line}");
    assert!(!lines.contains("RahasiaKenari"), "{lines}");
}

#[tokio::test]
async fn only_allowed_hosts_are_answered() {
    let folder = folder();
    let started = start(&mut program(&folder));
    let status = async |host: &str| {
        let request = Client::new().get(format!("{}/control/ledger", started.address));
        request
            .header("Host", host)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    for (host, expected) in [
        ("phone.test", 200),
        ("phone.test:9090", 200),
        ("PHONE.test", 200),
        ("[::1]", 200),
        ("localhost", 200),
        ("other.test", 403),
        ("phone.test.evil.example", 403),
    ] {
        assert_eq!(status(host).await, expected, "{host}");
    }
    let port = started.address.rsplit_once(':').unwrap().1;
    let own_page = Client::new()
        .get(format!("{}/control/ledger", started.address))
        .header("Host", format!("phone.test:{port}"))
        .header("Origin", format!("http://phone.test:{port}"));
    assert_eq!(own_page.send().await.unwrap().status(), 200);
}

/// What a camera reads in a code of half blocks: each line has two rows of the code.
fn read_code(lines: &[String]) -> String {
    const SCALE: usize = 4;
    let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    let is_dark = |x: usize, y: usize| match lines[y / 2][x] {
        '█' => true,
        '▀' => y.is_multiple_of(2),
        '▄' => !y.is_multiple_of(2),
        _ => false,
    };
    let (width, height) = (lines[0].len() * SCALE, lines.len() * 2 * SCALE);
    let mut picture = PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if is_dark(x / SCALE, y / SCALE) {
            0
        } else {
            255
        }
    });
    let codes = picture.detect_grids();
    assert_eq!(codes.len(), 1, "{lines:?}");
    codes[0].decode().unwrap().1
}

#[test]
fn the_code_of_an_allowed_host_has_the_address_of_the_phone() {
    let folder = folder();
    let mut started = start(program(&folder).args(["--log", "--listen", "127.0.0.1:0"]));
    let mut next_line = || {
        let mut line = String::new();
        assert_ne!(started.output.read_line(&mut line).unwrap(), 0);
        line.trim_end_matches('\n').to_owned()
    };
    let address = loop {
        if let Some(address) = next_line().strip_prefix("The phone is at ") {
            break address.to_owned();
        }
    };
    let mut code = vec![next_line()];
    // It is a square, of which a line has two rows.
    let height = code[0].chars().count().div_ceil(2);
    code.resize_with(height, next_line);
    assert_eq!(read_code(&code), address);
    let port = started.address.rsplit_once(':').unwrap().1;
    assert_eq!(address, format!("http://phone.test:{port}/"));
}

/// Answers each request over TLS with 200; its certificate, in PEM, and its port.
fn tls_server() -> (String, u16) {
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = names.self_signed(&key).unwrap();
    let der = CertificateDer::from(certificate.der().to_vec());
    let private = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], private)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // The handshake fails where the client does not trust the certificate.
            if stream.read(&mut [0; 16 * 1024]).is_ok() {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).unwrap();
            }
        }
    });
    let base64 = STANDARD.encode(certificate.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
    (pem, port)
}

#[tokio::test]
async fn a_notification_over_https_needs_a_trusted_certificate() {
    let (pem, port) = tls_server();
    let notify = format!("https://localhost:{port}");
    let answer = async |merchant: Merchant| {
        let reference = merchant.reference().await;
        merchant.act(&reference, "pay").await;
        merchant.entries("notification_tried").await.remove(0)["answer"].clone()
    };
    let untrusted = answer(Merchant::notified_at(&notify).await).await;
    assert!(
        text(&untrusted["none"]).contains("--notify-ca"),
        "{untrusted}"
    );
    let trusting = Merchant::with(&notify, |simulator| {
        simulator.with_notify_ca(pem.as_bytes()).unwrap()
    });
    assert_eq!(answer(trusting.await).await, json!({"http_status": 200}));
    let keys = simulator::Keys::generate(&test_kit::merchant_key().public_pem().unwrap());
    let simulator = Simulator::bind(Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        app: "http://localhost:1".parse().unwrap(),
        notify: "http://localhost:1".parse().unwrap(),
        keys: keys.unwrap(),
    });
    assert!(simulator.await.unwrap().with_notify_ca(b"nothing").is_err());
}

#[tokio::test]
async fn recorded_notifications_are_sent_again_byte_for_byte() {
    let receiver = crate::receiver::Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    let path = "/control/exchanges?secrets=show";
    let recorded = merchant.ask(Method::GET, path).await.1;
    receiver.answer(500);
    let path = "/control/notifications/replay";
    let (status, answers) = merchant.control(Method::POST, path, recorded).await;
    assert_eq!(status, 200, "{answers}");
    assert_eq!(answers, json!([{"then": 200, "now": {"http_status": 500}}]));
    let received = receiver.received();
    let [first, again] = &received[..] else {
        panic!("{} notifications", received.len());
    };
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("x-signature"), again.header("x-signature"));
}
