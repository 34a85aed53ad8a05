//! The checked-in configuration, with keys as `merchant keygen` and GoPay make them.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use gopay_protocol::SigningKey;
use merchant::{
    Config, keygen,
    refund::PaidLate,
    store::{Handover, Store},
};
use sqlx::{Connection, Executor, SqliteConnection};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

/// A folder with the configuration, the catalogue and all keys.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().to_string());
        keygen(&folder).unwrap();
        let gopay = SigningKey::generate().unwrap().public_pem().unwrap();
        fs::write(folder.join("gopay.pub.pem"), gopay).unwrap();
        fs::write(folder.join("client.secret"), "secret\n").unwrap();
        fs::write(folder.join("auth.credentials"), "credentials\n").unwrap();
        fs::write(folder.join("shop.toml"), include_str!("../../../shop.toml")).unwrap();
        let toml = include_str!("../merchant.toml")
            .replace("../../target/preview/keys/", "")
            .replace("../../shop.toml", "shop.toml");
        fs::write(folder.join("merchant.toml"), toml).unwrap();
        Self(folder)
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<Config, merchant::config::Error> {
        Config::load(
            &self.0.join("merchant.toml"),
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    fn wrong(&self, variables: &[(&str, &str)]) -> String {
        self.load(variables).unwrap_err().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_checked_in_configuration_works() {
    let folder = Folder::new();
    let config = folder.load(&[]).unwrap();
    assert_eq!(config.listen.port(), 8080);
    assert_eq!(config.mini_app.catalogue.products().len(), 8);
    assert!(config.dist.starts_with(&folder.0));
}

#[test]
fn keys_are_made_once_and_only_their_owner_can_read_them() {
    let folder = Folder::new();
    let before = fs::read(folder.0.join("merchant.pem")).unwrap();
    assert_eq!(keygen(&folder.0).unwrap(), Vec::<PathBuf>::new());
    assert_eq!(fs::read(folder.0.join("merchant.pem")).unwrap(), before);
    #[cfg(unix)]
    for file in ["merchant.pem", "master.key"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.0.join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let folder = Folder::new();
    let production = [
        ("MERCHANT_GOPAY_ENVIRONMENT", "production"),
        (
            "MERCHANT_GOPAY_BI_SNAP_URL",
            "https://merchants.midtrans.com",
        ),
        (
            "MERCHANT_GOPAY_MINI_APP_URL",
            "https://public-mini-app-merchants.gopayapi.com",
        ),
        (
            "MERCHANT_GOPAY_SDK_URL",
            "https://gwk.gopayapi.com/sdk/stable/gp-container.min.js",
        ),
        ("MERCHANT_PUBLIC_URL", "https://kedai.example"),
    ];
    folder.load(&production).unwrap();
    let but = |change: (&'static str, &'static str)| {
        let mut variables = production.to_vec();
        variables.push(change);
        folder.wrong(&variables)
    };
    for (wrong, named) in [
        (
            but((
                "MERCHANT_GOPAY_BI_SNAP_URL",
                "https://merchants.sbx.midtrans.com",
            )),
            "gopay.bi_snap_url",
        ),
        (
            but((
                "MERCHANT_GOPAY_BI_SNAP_URL",
                "http://merchants.midtrans.com",
            )),
            "gopay.bi_snap_url",
        ),
        (
            but(("MERCHANT_GOPAY_SDK_URL", "https://evil.example/sdk.js")),
            "gopay.sdk_url",
        ),
        (but(("MERCHANT_PUBLIC_URL", "")), "public_url"),
        (
            but(("MERCHANT_PUBLIC_URL", "http://kedai.example")),
            "public_url",
        ),
        (
            folder.wrong(&[(
                "MERCHANT_GOPAY_BI_SNAP_URL",
                "https://merchants.midtrans.com",
            )]),
            "gopay.bi_snap_url",
        ),
        (
            folder.wrong(&[("MERCHANT_GOPAY_CHANNEL_ID", "1234")]),
            "gopay.channel_id",
        ),
        (
            folder.wrong(&[("MERCHANT_GOPAY_CLIENT_KEY", "a b")]),
            "gopay.client_key",
        ),
        (folder.wrong(&[("MERCHANT_LISTEN", "here")]), "listen"),
        (
            folder.wrong(&[("MERCHANT_DATABASE_URL", "mysql://x")]),
            "database_url",
        ),
        (
            folder.wrong(&[("MERCHANT_NOTIFY_PATH", "https://kedai.example/debit/notify")]),
            "notify_path",
        ),
        (
            folder.wrong(&[("MERCHANT_NOTIFY_PATH", "/gopay/")]),
            "notify_path",
        ),
        (
            folder.wrong(&[("MERCHANT_MASTER_KEY_FILE", "gone")]),
            "master_key_file",
        ),
        (
            folder.wrong(&[("MERCHANT_MASTER_KEY_FILE", "client.secret")]),
            "master_key_file",
        ),
        (
            folder.wrong(&[("MERCHANT_GOPAY_PRIVATE_KEY_FILE", "gopay.pub.pem")]),
            "gopay.private_key_file",
        ),
        (
            folder.wrong(&[("MERCHANT_GOPAY_PUBLIC_KEY_FILES", "gopay.pub.pem,gone.pem")]),
            "gone.pem",
        ),
    ] {
        assert!(wrong.contains(named), "{named}: {wrong}");
        assert!(!wrong.trim_end().contains('\n'), "{wrong}");
        assert!(!wrong.contains("MII"), "a key is in it: {wrong}");
    }
}

#[test]
fn what_is_wrong_with_the_mini_app_is_named() {
    let folder = Folder::new();
    let path = folder.0.join("merchant.toml");
    let good = fs::read_to_string(&path).unwrap();
    let (_, app) = good.split_once("\n[[mini_app]]").unwrap();
    let deeplink = |link: &str| format!("{good}\ndeeplink = {link:?}");
    let packages = |origins: &str| format!("{good}\npackage_origins = [{origins}]");
    for (text, named) in [
        (
            good.replace("7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1", "pop"),
            "mini_app.point_of_purchase_id",
        ),
        (format!("{good}\n[[mini_app]]{app}"), "[[mini_app]]"),
        (deeplink("javascript:alert(1)"), "mini_app.deeplink"),
        (deeplink("gopay"), "mini_app.deeplink"),
        (deeplink("http://kedai.example"), "mini_app.deeplink"),
        (
            deeplink(&format!("https://{}", "a".repeat(3_000))),
            "mini_app.deeplink: is longer than a QR code can hold",
        ),
        (packages(r#""https://a.example/""#), "https://a.example/"),
        (
            packages(r#""https://a.example/app""#),
            "mini_app.package_origins",
        ),
        (
            packages(r#""https://A.example""#),
            "mini_app.package_origins",
        ),
        (
            packages(r#""http://a.example""#),
            "mini_app.package_origins",
        ),
        (
            packages(r#""https://*.example""#),
            "mini_app.package_origins",
        ),
        (packages(r#""*""#), "mini_app.package_origins"),
        (packages(r#""gopay://app""#), "mini_app.package_origins"),
        (packages(r#""""#), "mini_app.package_origins"),
        (packages(r#""null", "a""#), "mini_app.package_origins"),
    ] {
        fs::write(&path, text).unwrap();
        let wrong = folder.wrong(&[]);
        assert!(wrong.contains(named), "{wrong}");
    }
}

#[test]
fn the_link_into_gopay_is_the_simulators_phone_unless_there_is_one() {
    let folder = Folder::new();
    let path = folder.0.join("merchant.toml");
    let good = fs::read_to_string(&path).unwrap();
    let simulator = [(
        "MERCHANT_GOPAY_SDK_URL",
        "http://localhost:9191/sdk/stable/gp-container.min.js",
    )];
    let link = |folder: &Folder, variables| folder.load(variables).unwrap().mini_app.deeplink;
    assert_eq!(
        link(&folder, &simulator).as_deref(),
        Some("http://localhost:9191/")
    );
    for (said, is) in [
        ("", None),
        ("gopay://kedai", Some("gopay://kedai")),
        ("http://localhost:1/", Some("http://localhost:1/")),
    ] {
        fs::write(&path, format!("{good}\ndeeplink = {said:?}")).unwrap();
        assert_eq!(link(&folder, &simulator).as_deref(), is);
    }
}

#[test]
fn a_package_has_the_origins_that_a_browser_would_write() {
    let folder = Folder::new();
    let path = folder.0.join("merchant.toml");
    assert!(
        folder
            .load(&[])
            .unwrap()
            .mini_app
            .package_origins
            .is_empty()
    );
    let good = fs::read_to_string(&path).unwrap();
    let origins = [
        "https://a.example",
        "https://a.example:8443",
        "http://localhost:9090",
        "null",
    ];
    fs::write(&path, format!("{good}\npackage_origins = {origins:?}")).unwrap();
    assert_eq!(folder.load(&[]).unwrap().mini_app.package_origins, origins);
}

#[test]
fn a_hook_is_an_address_and_a_secret_or_neither() {
    let folder = Folder::new();
    assert!(folder.load(&[]).unwrap().fulfilment.is_none());
    fs::write(
        folder.0.join("hook.secret"),
        "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    )
    .unwrap();
    const URL: &str = "MERCHANT_FULFILMENT_HOOK_URL";
    const SECRET: (&str, &str) = ("MERCHANT_FULFILMENT_SECRET_FILE", "hook.secret");
    for url in ["https://kitchen.example/paid", "http://127.0.0.1:9000/paid"] {
        let config = folder.load(&[(URL, url), SECRET]).unwrap();
        let shown = format!("{config:?}");
        assert_eq!(config.fulfilment.unwrap().hook_url.as_str(), url);
        assert!(!shown.contains("AAECAw"), "{shown}");
    }
    for (variables, named) in [
        (
            vec![(URL, "http://kitchen.example"), SECRET],
            "fulfilment.hook_url",
        ),
        (
            vec![(URL, "https://me:secret@kitchen.example"), SECRET],
            "fulfilment.hook_url",
        ),
        (
            vec![(URL, "https://kitchen.example")],
            "fulfilment.secret_file",
        ),
        (vec![SECRET], "fulfilment.hook_url"),
        (
            vec![
                (URL, "https://kitchen.example"),
                ("MERCHANT_FULFILMENT_SECRET_FILE", "client.secret"),
            ],
            "fulfilment.secret_file",
        ),
    ] {
        let wrong = folder.wrong(&variables);
        assert!(wrong.contains(named), "{named}: {wrong}");
        assert!(!wrong.trim_end().contains('\n'), "{wrong}");
    }
}

/// Runs the program in the folder, without its being started before.
fn merchant(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_merchant"))
        .args(arguments)
        .arg("--config")
        .arg(folder.0.join("merchant.toml"))
        .env("MERCHANT_DATABASE_URL", "sqlite://merchant.db")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn staff_look_at_the_database_at_the_command_line() {
    let folder = Folder::new();
    for command in ["verify", "outbox"] {
        let (code, _, wrong) = merchant(&folder, &[command]);
        assert_eq!(code, Some(1));
        assert!(wrong.contains("database"), "{wrong}");
        assert!(!folder.0.join("merchant.db").exists(), "{command} made one");
    }
    let url = format!("sqlite://{}", folder.0.join("merchant.db").display());
    Store::open(&url, Handover::Hook).await.unwrap();
    let (code, report, _) = merchant(&folder, &["verify"]);
    assert_eq!(code, Some(0));
    assert!(report.ends_with("\nviolations: 0\n"), "{report}");

    let mut raw = SqliteConnection::connect(&url).await.unwrap();
    raw.execute(
        r#"insert into customers values ('c', x'00', x'00', 1, null);
        insert into orders values ('paid', 'c', 'k', x'00', '[]', 10, 1, 'paid');
        insert into attempts values ('x', 'paid', 1, 'k', '{}', 1, 2, null, null, 0, null, 0);
        insert into evidence values (1, 'x', 'notification', 'paid', 10, 1);
        insert into fulfilments values ('f', 'paid', 1, 0, 'A47', 1, 'parked', 12, '503', 1, 0)"#,
    )
    .await
    .unwrap();
    let (code, report, _) = merchant(&folder, &["verify"]);
    assert_eq!(code, Some(1));
    // The order was made up without lines and without a request.
    assert!(
        report.contains("I-09") && report.contains("NO: paid"),
        "{report}"
    );
    assert!(report.ends_with("\nviolations: 1\n"), "{report}");

    let (code, list, _) = merchant(&folder, &["outbox"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        list,
        "f  parked  order paid  code A47  tries 12  last answer: 503\n\
         parked: 1, pending: 0, delivered: 0, without a hook: 0\n"
    );
    let (code, _, wrong) = merchant(&folder, &["outbox", "retry", "f"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("fulfilment.hook_url"), "{wrong}");

    fs::write(
        folder.0.join("hook.secret"),
        "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    )
    .unwrap();
    let path = folder.0.join("merchant.toml");
    let hook = "[fulfilment]\nhook_url = \"http://localhost:1\"\nsecret_file = \"hook.secret\"\n";
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\n[[mini_app]]", &format!("\n{hook}\n[[mini_app]]")),
    )
    .unwrap();
    let (code, _, wrong) = merchant(&folder, &["outbox", "retry", "g"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("no fulfilment g"), "{wrong}");
    let (code, _, wrong) = merchant(&folder, &["outbox", "retry", "f"]);
    assert_eq!(code, Some(0), "{wrong}");
    let (_, list, _) = merchant(&folder, &["outbox"]);
    assert!(
        list.starts_with("f  pending  order paid  code A47  tries 0"),
        "{list}"
    );

    raw.execute("update orders set status = 'refunded'")
        .await
        .unwrap();
    let (_, list, _) = merchant(&folder, &["outbox"]);
    assert!(list.contains("held, for its order is refunded"), "{list}");
    let (code, _, wrong) = merchant(&folder, &["outbox", "retry", "f"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("refunded"), "{wrong}");
    raw.execute("update fulfilments set state = 'delivered'")
        .await
        .unwrap();
    let (code, _, wrong) = merchant(&folder, &["outbox", "retry", "f"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("already"), "{wrong}");
}

#[tokio::test]
async fn staff_give_money_back_and_compare_at_the_command_line() {
    let folder = Folder::new();
    // Nobody is there.
    let path = folder.0.join("merchant.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("http://localhost:9090", "http://localhost:1"),
    )
    .unwrap();
    let url = format!("sqlite://{}", folder.0.join("merchant.db").display());
    Store::open(&url, Handover::Counter).await.unwrap();
    let (code, report, _) = merchant(&folder, &["reconcile"]);
    assert_eq!(
        (code, report.as_str()),
        (Some(0), "payments: 0\ndifferences: 0\n")
    );
    let mut raw = SqliteConnection::connect(&url).await.unwrap();
    raw.execute(
        r#"insert into customers values ('c', x'00', x'00', 1, null);
        insert into orders values ('paid', 'c', 'k', x'00', '[]', 10, 1, 'paid');
        insert into attempts values ('x', 'paid', 1, 'k', '{}', 1, 2, null, null, 0, null, 0);
        insert into evidence values (1, 'x', 'notification', 'paid', 10, 1)"#,
    )
    .await
    .unwrap();
    for (arguments, wrong) in [
        (&["refund", "nobody's"][..], "there is no order nobody's"),
        (
            &["refund", "paid", "--amount", "11"],
            "only Rp10 of paid are left",
        ),
        (&["refunds", "retry", "r"], "there is no refund r"),
    ] {
        let (code, _, said) = merchant(&folder, arguments);
        assert_eq!(code, Some(1), "{arguments:?}");
        assert!(said.contains(wrong), "{said}");
    }
    for amount in ["0", "1.5", "1.000", "-1", "Rp1"] {
        let (code, _, said) = merchant(&folder, &["refund", "paid", &format!("--amount={amount}")]);
        assert_eq!(code, Some(2), "{amount}");
        assert!(said.contains("write whole rupiah"), "{said}");
    }
    let (code, said, _) = merchant(&folder, &["refund", "paid", "--amount", "4"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("  Rp4 of order paid\nreserved"), "{said}");
    let (_, said, _) = merchant(&folder, &["refund", "paid"]);
    assert!(said.contains("  Rp6 of order paid\nreserved"), "{said}");
    let (code, list, _) = merchant(&folder, &["refunds"]);
    assert_eq!(code, Some(0));
    assert!(
        list.contains("  open  order paid  Rp4  staff  sent 0 times  last answer: none\n"),
        "{list}"
    );
    assert!(
        list.ends_with("\nparked: 0, failed: 0, open: 2\n"),
        "{list}"
    );
    let (code, report, _) = merchant(&folder, &["reconcile", "--days", "0"]);
    assert_eq!(
        (code, report.as_str()),
        (
            Some(1),
            "order paid  payment x: cannot be compared: GoPay cannot be reached\n\
             payments: 1\ndifferences: 1\n"
        )
    );
}

#[test]
fn what_becomes_of_late_money_is_the_merchants_choice() {
    let folder = Folder::new();
    let chosen = |value| folder.load(&[("MERCHANT_POLICY_PAID_LATE", value)]);
    assert_eq!(chosen("").unwrap().paid_late, PaidLate::Fulfil);
    assert_eq!(chosen("refund").unwrap().paid_late, PaidLate::Refund);
    let wrong = chosen("keep").unwrap_err().to_string();
    assert!(
        wrong.contains("keep") && wrong.contains("fulfil"),
        "{wrong}"
    );
}
