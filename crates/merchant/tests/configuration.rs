//! The checked-in configuration, with keys as `merchant keygen` and GoPay make them.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use axum::Router;
use config_dir::ConfigDir;
use contract::Rupiah;
use merchant::adapters::database::Connection;
use merchant::{
    adapters::database::Store,
    cli::keygen::keygen,
    config::{CspExtra, Environment, Hsts, Limits, MinimumTls, Operations},
    domain::{
        mini_app_rules::MiniAppRules,
        operator_policy::{Confirmation, FulfilmentMode, LatePaymentPolicy, PaidWithoutAmount},
        payment_request::Checkout,
    },
};
use std::{fs, num::NonZeroU64, path::PathBuf, process::Command, time::Duration};
use test_kit::{SHOP, output_of, serve};

#[path = "fixtures/config_dir.rs"]
mod config_dir;

impl ConfigDir {
    fn wrong(&self, variables: &[(&str, &str)]) -> String {
        self.load(variables).unwrap_err().to_string()
    }

    /// Changes the file.
    fn edit(&self, from: &str, to: &str) {
        let path = self.file();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    /// With the ids of an account that GoPay might have given.
    fn real(&self) -> Vec<(&'static str, &'static str)> {
        self.edit(
            "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1",
            "0d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c2",
        );
        [
            ("ENVIRONMENT", "production"),
            ("BI_SNAP_URL", "https://merchants.midtrans.com"),
            (
                "MINI_APP_URL",
                "https://public-mini-app-merchants.gopayapi.com",
            ),
            (
                "SDK_URL",
                "https://gwk.gopayapi.com/sdk/stable/gp-container.min.js",
            ),
            ("CLIENT_KEY", "G123456789-SNAP"),
            ("PARTNER_ID", "G123456789"),
            ("MERCHANT_ID", "G123456789"),
        ]
        .map(|(key, value)| (&*format!("MERCHANT_GOPAY_{key}").leak(), value))
        .into_iter()
        .chain([("MERCHANT_PUBLIC_URL", "https://kedai.example")])
        .collect()
    }
}

#[test]
fn the_checked_in_configuration_works() {
    let folder = ConfigDir::new();
    let config = folder.load(&[]).unwrap();
    assert_eq!(config.listen.port(), 8080);
    assert_eq!(config.mini_apps[0].catalogue.products().len(), 8);
    assert!(config.mini_apps[0].dist.starts_with(&*folder.path));
}

#[test]
fn keys_are_made_once_and_only_their_owner_can_read_them() {
    let folder = ConfigDir::new();
    let before = fs::read(folder.path.join("merchant.pem")).unwrap();
    assert_eq!(keygen(&folder.path).unwrap(), Vec::<PathBuf>::new());
    assert_eq!(fs::read(folder.path.join("merchant.pem")).unwrap(), before);
    #[cfg(unix)]
    for file in ["merchant.pem", "master.key"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path.join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}

#[test]
fn a_wrong_key_is_named() {
    let folder = ConfigDir::new();
    let production = folder.real();
    folder.load(&production).unwrap();
    let but = |change: (&'static str, &'static str)| {
        let mut variables = production.clone();
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
            folder.wrong(&[("MERCHANT_DATABASE_URL", "sqlite://missing/merchant.db")]),
            "database_url: there is no folder ",
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
            folder.wrong(&[("MERCHANT_NOTIFY_PATH", "/:gopay/debit/notify")]),
            "notify_path",
        ),
        (
            folder.wrong(&[("MERCHANT_NOTIFY_PATH", "/*gopay/debit/notify")]),
            "notify_path",
        ),
        (
            folder.wrong(&[("MERCHANT_NOTIFY_PATH", "/a/../debit/notify")]),
            "notify_path",
        ),
        (
            folder.wrong(&[("MERCHANT_NOTIFY_PATH", "//debit/notify")]),
            "notify_path",
        ),
        (
            but((
                "MERCHANT_GOPAY_BI_SNAP_URL",
                "https://merchants.midtrans.com:8443",
            )),
            "gopay.bi_snap_url",
        ),
        (
            but((
                "MERCHANT_GOPAY_BI_SNAP_URL",
                "https://me:hunter2@merchants.midtrans.com",
            )),
            "gopay.bi_snap_url",
        ),
        (
            but((
                "MERCHANT_GOPAY_MINI_APP_URL",
                "https://public-mini-app-merchants.gopayapi.com/?a=b",
            )),
            "gopay.mini_app_url",
        ),
        (
            but((
                "MERCHANT_GOPAY_SDK_URL",
                "https://gwk.gopayapi.com/sdk.js?a=1&b=2",
            )),
            "gopay.sdk_url",
        ),
        (
            but((
                "MERCHANT_GOPAY_SDK_URL",
                "https://gwk.gopayapi.com/sdk.js;script-src",
            )),
            "gopay.sdk_url",
        ),
        (
            but(("MERCHANT_PUBLIC_URL", "https://kedai.example/app")),
            "public_url",
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
        assert!(!wrong.contains("hunter2"), "a password is in it: {wrong}");
    }
}

#[test]
fn a_wrong_key_of_the_mini_app_is_named() {
    let folder = ConfigDir::new();
    let path = folder.file();
    let good = fs::read_to_string(&path).unwrap();
    let deeplink = |link: &str| format!("{good}\ndeeplink = {link:?}");
    let packages = |origins: &str| format!("{good}\npackage_origins = [{origins}]");
    for (text, named) in [
        (
            good.replace("7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1", "pop"),
            "mini_app.point_of_purchase_id",
        ),
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

/// A second mini app, with all that is its own.
const SECOND: &str = r#"
[[mini_app]]
id = "toko"
public_url = "https://toko.example"
dist = "toko"
point_of_purchase_id = "0d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c2"
auth_credentials_file = "toko.credentials"
catalogue = "toko.toml"
"#;

/// The configuration with a second mini app after it.
fn with_second(second: &str) -> ConfigDir {
    let folder = ConfigDir::new();
    let good = fs::read_to_string(folder.file()).unwrap();
    fs::write(folder.file(), good + second).unwrap();
    fs::write(
        folder.path.join("toko.credentials"),
        "credentials-of-toko\n",
    )
    .unwrap();
    fs::write(folder.path.join("toko.toml"), SHOP).unwrap();
    folder
}

#[test]
fn a_mini_app_has_what_it_names_and_else_what_the_root_names() {
    let config = with_second(SECOND).load(&[]).unwrap();
    let [kedai, toko] = config.mini_apps.try_into().unwrap();
    assert_eq!((kedai.host(), toko.host()), ("localhost", "toko.example"));
    assert!(kedai.dist.ends_with("dist") && toko.dist.ends_with("toko"));
    assert_eq!(
        toko.deeplink.as_deref(),
        Some("http://localhost:9090/?app=toko")
    );
    assert_eq!(
        kedai.deeplink.as_deref(),
        Some("http://localhost:9090/?app=kedai")
    );
    let url = config.public_url.unwrap();
    assert_eq!(
        url.as_str(),
        "http://localhost:8080/",
        "GoPay's notifications go there"
    );
}

#[test]
fn gopay_notifies_at_the_first_mini_app_where_the_root_has_no_address() {
    let folder = with_second(SECOND);
    folder.edit("public_url = \"http://localhost:8080\"", "");
    folder.edit(
        "id = \"kedai\"",
        "id = \"kedai\"\npublic_url = \"http://kedai.localhost:8080\"",
    );
    let url = folder.load(&[]).unwrap().notification_url().unwrap();
    assert_eq!(
        url.as_str(),
        "http://kedai.localhost:8080/v1.0/debit/notify"
    );
}

#[test]
fn what_two_mini_apps_have_in_common_is_refused() {
    for (own, common, named) in [
        (
            "id = \"toko\"",
            "id = \"kedai\"",
            "mini_app[kedai].id: is that of kedai too",
        ),
        (
            "public_url = \"https://toko.example\"",
            "",
            "mini_app[toko].public_url: is that of kedai too",
        ),
        (
            "https://toko.example",
            "https://localhost:8443",
            "mini_app[toko].public_url: is that of kedai too",
        ),
        (
            "0d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c2",
            "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1",
            "mini_app[toko].point_of_purchase_id: is that of kedai too",
        ),
        (
            "0d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c2",
            "7D1C1A7E-6F0C-4A57-9D0B-3F4F1C7A52C1",
            "mini_app[toko].point_of_purchase_id: is that of kedai too",
        ),
        (
            "dist = \"toko\"",
            "dist = \"toko\"\ndeeplink = \"http://localhost:9090/?app=kedai\"",
            "mini_app[toko].deeplink: is that of kedai too",
        ),
        (
            "toko.credentials",
            "auth.credentials",
            "mini_app[toko].auth_credentials_file: is that of kedai too",
        ),
    ] {
        let wrong = with_second(&SECOND.replace(own, common)).wrong(&[]);
        assert!(wrong.starts_with(named), "{named}: {wrong}");
        assert!(!wrong.contains('\n'), "{wrong}");
    }
}

/// Of one mini app they are the root's keys, and of several each app's own.
#[test]
fn a_site_that_is_missing_is_named_once() {
    let without = |folder: &ConfigDir| {
        folder.edit("public_url = \"http://localhost:8080\"", "");
        folder.edit("dist = \"dist\"", "");
        let real = folder.real();
        folder.wrong(&real[..real.len() - 1])
    };
    let said = without(&ConfigDir::new());
    let keys: Vec<_> = said
        .lines()
        .map(|line| line.split_once(": ").unwrap().0)
        .collect();
    assert_eq!(keys, ["public_url", "dist"], "{said}");
    let said = without(&with_second(SECOND));
    let keys: Vec<_> = said
        .lines()
        .map(|line| line.split_once(": ").unwrap().0)
        .collect();
    assert_eq!(
        keys,
        ["mini_app[kedai].public_url", "mini_app[kedai].dist"],
        "{said}"
    );
    let folder = ConfigDir::new();
    folder.edit("dist = \"dist\"", "dist = 5");
    let said = folder.wrong(&[]);
    assert!(
        said.starts_with("dist: invalid type") && !said.contains('\n'),
        "{said}"
    );
}

#[test]
fn a_limit_is_a_number_within_reason() {
    let folder = ConfigDir::new();
    assert_eq!(folder.load(&[]).unwrap().limits, Limits::default());
    let limits = folder.load(&[("MERCHANT_LIMITS_CONNECTIONS", "7")]);
    assert_eq!(limits.unwrap().limits.connections, 7);
    for wrong in ["0", "100001", "-1", "many"] {
        let said = folder.wrong(&[("MERCHANT_LIMITS_REQUESTS", wrong)]);
        assert!(said.starts_with("limits.requests: "), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
    for (key, wrong) in [
        ("IDLE_SECONDS", "29"),
        ("TRUSTED_PROXIES", "proxy"),
        ("TRUSTED_PROXIES", "10.0.0.7,0.0.0.0/0"),
        ("TRUSTED_PROXIES", "::/0"),
    ] {
        let said = folder.wrong(&[(&format!("MERCHANT_LIMITS_{key}"), wrong)]);
        assert!(said.starts_with("limits."), "{said}");
    }
}

#[test]
fn metrics_are_inward_unless_it_is_meant_otherwise() {
    let folder = ConfigDir::new();
    let operations = folder.load(&[]).unwrap().operations;
    assert_eq!(operations, Operations::default());
    assert_eq!(operations.admin_listen, None);
    let address = |variables: &[_]| folder.load(variables).unwrap().operations.admin_listen;
    let inward = ("MERCHANT_ADMIN_LISTEN", "127.0.0.1:9091");
    assert_eq!(address(&[inward]), Some("127.0.0.1:9091".parse().unwrap()));
    let everywhere = ("MERCHANT_ADMIN_LISTEN", "0.0.0.0:9091");
    let said = folder.wrong(&[everywhere]);
    assert!(said.starts_with("admin_listen: "), "{said}");
    assert!(said.contains("admin_listen_publicly"), "{said}");
    let meant = ("MERCHANT_ADMIN_LISTEN_PUBLICLY", "true");
    assert!(address(&[everywhere, meant]).is_some());
    for (key, wrong) in [
        ("ADMIN_LISTEN", "here"),
        ("LOG_FORMAT", "xml"),
        ("QUEUE_MAX_AGE_SECONDS", "9"),
        #[cfg(not(feature = "otel"))]
        ("OTLP_ENDPOINT", "http://127.0.0.1:4318"),
        ("OTLP_ENDPOINT", "collector"),
    ] {
        let said = folder.wrong(&[(&format!("MERCHANT_{key}"), wrong)]);
        let key = key.to_ascii_lowercase();
        assert!(said.starts_with(&format!("{key}: ")), "{said}");
    }
}

#[test]
fn a_wrong_key_names_the_mini_app_that_it_is_of() {
    for (right, wrong, named) in [
        ("id = \"toko\"", "", "mini_app[2].id: is missing"),
        ("\"toko\"", "\"to ko\"", "mini_app[2].id: must be 1 to 64"),
        ("\"toko\"", "\"to\\nko\"", "mini_app[2].id: must be 1 to 64"),
        ("\"toko\"", "\"\"", "mini_app[2].id: must be 1 to 64"),
        (
            "dist = \"toko\"",
            "dist = 5",
            "mini_app[toko].dist: invalid type",
        ),
        ("toko.toml", "nope.toml", "mini_app[toko].catalogue "),
        (
            "catalogue = \"toko.toml\"",
            "catalogue = \"toko.toml\"\n[mini_app.reminder]\ntemplate = \"A\"\ndelay_minutes = 60",
            "mini_app[toko].reminder.delay_minutes: must be less",
        ),
        (
            "dist = \"toko\"",
            "package_origins = [\"toko\"]",
            "mini_app[toko].package_origins: \"toko\" is no origin",
        ),
        (
            "dist = \"toko\"",
            "order_history = \"/api/{order}\"",
            "mini_app[toko].order_history: must not begin with /api",
        ),
    ] {
        let said = with_second(&SECOND.replacen(right, wrong, 1)).wrong(&[]);
        assert!(said.starts_with(named), "{named}: {said}");
        assert!(!said.contains('\n'), "{said}");
    }
    let folder = with_second("");
    folder.edit("\n[[mini_app]]\n", "\n[[mini_apps]]\n");
    assert!(folder.wrong(&[]).contains("mini_app: is missing"));
}

#[test]
fn the_link_into_gopay_is_the_simulators_phone_unless_there_is_one() {
    let folder = ConfigDir::new();
    let path = folder.file();
    let good = fs::read_to_string(&path).unwrap();
    let simulator = [(
        "MERCHANT_GOPAY_SDK_URL",
        "http://localhost:9191/sdk/stable/gp-container.min.js",
    )];
    let link = |folder: &ConfigDir, variables| {
        folder.load(variables).unwrap().mini_apps.remove(0).deeplink
    };
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
    let folder = ConfigDir::new();
    let path = folder.file();
    assert!(
        folder.load(&[]).unwrap().mini_apps[0]
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
    assert_eq!(
        folder.load(&[]).unwrap().mini_apps[0].package_origins,
        origins
    );
}

#[test]
fn a_key_under_its_old_name_is_read_with_a_warning() {
    let folder = ConfigDir::new();
    const OLD: (&str, &str) = ("MERCHANT_FULFILMENT_HOOK_URL", "https://kitchen.example/");
    const NEW: (&str, &str) = ("MERCHANT_FULFILMENT_WEBHOOK_URL", "https://bar.example/");
    const SECRET: (&str, &str) = ("MERCHANT_FULFILMENT_SECRET_FILE", "hook.secret");
    let config = folder.load(&[OLD, SECRET]).unwrap();
    let warning =
        "MERCHANT_FULFILMENT_HOOK_URL is called MERCHANT_FULFILMENT_WEBHOOK_URL now: rename it";
    assert!(
        config.warnings.iter().any(|it| it == warning),
        "{:?}",
        config.warnings
    );
    assert_eq!(config.fulfilment.unwrap().webhook_url.as_str(), OLD.1);
    let wrong = folder.wrong(&[OLD, NEW, SECRET]);
    let told = "MERCHANT_FULFILMENT_HOOK_URL: is called MERCHANT_FULFILMENT_WEBHOOK_URL now, which is there too";
    assert!(wrong.contains(told), "{wrong}");
}

#[test]
fn a_variable_overrides_its_key_under_either_name() {
    const OLD: &str = "MERCHANT_FULFILMENT_HOOK_URL";
    const NEW: &str = "MERCHANT_FULFILMENT_WEBHOOK_URL";
    for (key, variable, warnings) in [
        ("hook_url", OLD, 2),
        ("hook_url", NEW, 1),
        ("webhook_url", OLD, 1),
        ("webhook_url", NEW, 0),
    ] {
        let folder = ConfigDir::new();
        let table = "[fulfilment]\nsecret_file = \"hook.secret\"";
        let table = format!("{table}\n{key} = \"https://kitchen.example/\"");
        folder.edit("# [fulfilment]", &table);
        let config = folder.load(&[(variable, "https://bar.example/")]).unwrap();
        let url = config.fulfilment.unwrap().webhook_url;
        assert_eq!(url.as_str(), "https://bar.example/", "{key} {variable}");
        let renamed = config.warnings.iter().filter(|it| it.contains("rename it"));
        assert_eq!(renamed.count(), warnings, "{key} {variable}");
        let without = [(variable, ""), ("MERCHANT_FULFILMENT_SECRET_FILE", "")];
        let config = folder.load(&without).unwrap();
        assert!(config.fulfilment.is_none(), "{key} {variable}");
    }
}

#[test]
fn a_webhook_is_an_address_and_a_secret_or_neither() {
    let folder = ConfigDir::new();
    assert!(folder.load(&[]).unwrap().fulfilment.is_none());
    const URL: &str = "MERCHANT_FULFILMENT_WEBHOOK_URL";
    const SECRET: (&str, &str) = ("MERCHANT_FULFILMENT_SECRET_FILE", "hook.secret");
    for url in ["https://kitchen.example/paid", "http://127.0.0.1:9000/paid"] {
        let config = folder.load(&[(URL, url), SECRET]).unwrap();
        let shown = format!("{config:?}");
        assert_eq!(config.fulfilment.unwrap().webhook_url.as_str(), url);
        assert!(!shown.contains("AAECAw"), "{shown}");
    }
    for (variables, named) in [
        (
            vec![(URL, "http://kitchen.example"), SECRET],
            "fulfilment.webhook_url",
        ),
        (
            vec![(URL, "https://me:secret@kitchen.example"), SECRET],
            "fulfilment.webhook_url",
        ),
        (
            vec![(URL, "https://kitchen.example")],
            "fulfilment.secret_file",
        ),
        (vec![SECRET], "fulfilment.webhook_url"),
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
fn merchant(folder: &ConfigDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    merchant_with(folder, arguments, &[])
}

fn merchant_with(
    folder: &ConfigDir,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let output = output_of(
        Command::new(env!("CARGO_BIN_EXE_merchant"))
            .args(arguments)
            .arg("--config")
            .arg(folder.file())
            .env("MERCHANT_DATABASE_URL", "sqlite://merchant.db")
            .envs(variables.iter().copied()),
    );
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_is_loaded_through_the_configured_proxy_and_no_other() {
    let folder = ConfigDir::new();
    // It answers as a host and as a proxy.
    let (address, _) = serve(Router::new().fallback(async || "abc")).await;
    let here = format!("http://{address}");
    const NOTHING: &str = "http://127.0.0.1:1";
    for (host, variable, proxy) in [
        (&*here, "HTTP_PROXY", NOTHING),
        (NOTHING, "MERCHANT_GOPAY_PROXY_URL", &*here),
    ] {
        let url = format!("{host}/sdk.js");
        let variables = [("MERCHANT_GOPAY_SDK_URL", &*url), (variable, proxy)];
        let (_, report, wrong) = merchant_with(&folder, &["check"], &variables);
        let line = format!(" of 3 bytes at {url}\n");
        assert!(report.contains(&line), "{variable}: {report}{wrong}");
    }
}

/// As an operator types them, one after the other.
#[tokio::test]
async fn the_database_is_migrated_backed_up_restored_and_copied_by_command() {
    let folder = ConfigDir::new();
    let (code, _, wrong) = merchant(&folder, &["migrate", "--check"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("there is no database"), "{wrong}");
    let (code, said, _) = merchant(&folder, &["migrate"]);
    assert_eq!(code, Some(0));
    assert!(
        said.starts_with("the database is new, with schema"),
        "{said}"
    );
    let (code, said, _) = merchant(&folder, &["migrate", "--check"]);
    assert_eq!(code, Some(0));
    assert!(said.starts_with("the database is up to date"), "{said}");

    let backup = folder.path.join("backup.db");
    let backup = backup.to_str().unwrap();
    let (code, said, wrong) = merchant(&folder, &["backup", backup]);
    assert_eq!(code, Some(0), "{wrong}");
    assert!(said.contains("backup.db is a copy"), "{said}");
    let restored = [("MERCHANT_DATABASE_URL", "sqlite://restored.db")];
    let (code, said, wrong) = merchant_with(&folder, &["restore", backup], &restored);
    assert_eq!(code, Some(0), "{wrong}");
    assert!(said.contains("backup.db is restored"), "{said}");
    let (code, _, _) = merchant_with(&folder, &["verify"], &restored);
    assert_eq!(code, Some(0));

    // What it is of an earlier version can be seen beforehand, too.
    let url = format!("sqlite://{}", folder.path.join("restored.db").display());
    let mut raw = Connection::open(&url).await.unwrap();
    raw.run_script("delete from _sqlx_migrations where version > 16")
        .await
        .unwrap();
    let (code, said, _) = merchant_with(&folder, &["migrate", "--check"], &restored);
    assert_eq!(code, Some(1));
    assert!(said.contains("run `merchant migrate`"), "{said}");
    let copied = format!("sqlite://{}", folder.path.join("copied.db").display());
    let arguments = ["copy", "--from", &url, "--to", &copied];
    let (code, _, wrong) = merchant(&folder, &arguments);
    assert_eq!(code, Some(1));
    assert!(
        wrong.starts_with("merchant: the database of --from cannot be copied: the database is of an earlier version")
            && wrong.lines().count() == 1,
        "{wrong}"
    );
    assert!(!folder.path.join("copied.db").exists());
}

#[tokio::test]
async fn admin_commands_read_the_database() {
    let folder = ConfigDir::new();
    for command in ["verify", "outbox"] {
        let (code, _, wrong) = merchant(&folder, &[command]);
        assert_eq!(code, Some(1));
        assert!(wrong.contains("database"), "{wrong}");
        assert!(
            !folder.path.join("merchant.db").exists(),
            "{command} made one"
        );
    }
    let url = format!("sqlite://{}", folder.path.join("merchant.db").display());
    Store::open(&url, FulfilmentMode::Webhook).await.unwrap();
    let (code, report, _) = merchant(&folder, &["verify"]);
    assert_eq!(code, Some(0));
    assert!(report.ends_with("\nviolations: 0\n"), "{report}");

    let mut raw = Connection::open(&url).await.unwrap();
    raw.run_script(
        r#"insert into customers (id, mini_app, account_hash, auth_token, created_at)
             values ('c', 'kedai', x'00', x'00', 1);
        insert into orders
            (id, customer_id, idempotency_key, fingerprint, lines, total, created_at, status)
            values ('paid', 'c', 'k', x'00', '[]', 10, 1, 'paid');
        insert into attempts values ('x', 'paid', 1, 'k', '{}', 1, 2, null, null, 0, null, 0, 0);
        insert into evidence values (1, 'x', 'notification', 'paid', 10, 1);
        insert into fulfilments
            (id, order_id, evidence_id, day, pickup_code, paid_at, state, tries, answer, try_at, leased_until)
            values ('f', 'paid', 1, 0, 'A47', 1, 'parked', 12, '503', 1, 0)"#,
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
    assert!(wrong.contains("fulfilment.webhook_url"), "{wrong}");

    let path = folder.file();
    let hook =
        "[fulfilment]\nwebhook_url = \"http://localhost:1\"\nsecret_file = \"hook.secret\"\n";
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

    raw.run_script("update orders set status = 'refunded'")
        .await
        .unwrap();
    let (_, list, _) = merchant(&folder, &["outbox"]);
    assert!(list.contains("held, for its order is refunded"), "{list}");
    let (code, _, wrong) = merchant(&folder, &["outbox", "retry", "f"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("refunded"), "{wrong}");
    raw.run_script("update fulfilments set state = 'delivered'")
        .await
        .unwrap();
    let (code, _, wrong) = merchant(&folder, &["outbox", "retry", "f"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("already"), "{wrong}");
}

/// Of Rp10.
const PAID_ORDER: &str = r#"insert into customers (id, mini_app, account_hash, auth_token, created_at)
         values ('c', 'kedai', x'00', x'00', 1);
    insert into orders
        (id, customer_id, idempotency_key, fingerprint, lines, total, created_at, status)
        values ('paid', 'c', 'k', x'00', '[]', 10, 1, 'paid');
    insert into attempts values ('x', 'paid', 1, 'k', '{}', 1, 2, null, null, 0, null, 0, 0);
    insert into evidence values (1, 'x', 'notification', 'paid', 10, 1)"#;

#[tokio::test]
async fn staff_give_money_back_and_compare_at_the_command_line() {
    let folder = ConfigDir::new();
    // Nobody is there.
    let path = folder.file();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("http://localhost:9090", "http://localhost:1"),
    )
    .unwrap();
    let url = format!("sqlite://{}", folder.path.join("merchant.db").display());
    Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
    let (code, report, _) = merchant(&folder, &["reconcile"]);
    assert_eq!(
        (code, report.as_str()),
        (Some(0), "payments: 0\ndifferences: 0\n")
    );
    let mut raw = Connection::open(&url).await.unwrap();
    raw.run_script(PAID_ORDER).await.unwrap();
    for (arguments, wrong) in [
        (
            &["refund", "nobody's", "--reason=spilt"][..],
            "there is no order nobody's",
        ),
        (
            &["refund", "paid", "--amount", "11", "--reason=spilt"],
            "only Rp10 of paid are left",
        ),
        (
            &["refunds", "retry", "r", "--reason=spilt"],
            "there is no refund r",
        ),
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
    let refund = [
        "refund",
        "paid",
        "--amount",
        "4",
        "--reason=spilt",
        "--actor=ani",
    ];
    let (code, said, _) = merchant(&folder, &refund);
    assert_eq!(code, Some(0));
    assert!(
        said.contains("  Rp4 of order paid  open\nreserved"),
        "{said}"
    );
    let (code, _, said) = merchant(&folder, &refund);
    assert_eq!(code, Some(1));
    assert!(said.contains("say --again"), "{said}");
    let named = [
        "refund",
        "paid",
        "--amount",
        "4",
        "--again",
        "--key",
        "ticket-7",
        "--reason=spilt",
    ];
    let (_, first, _) = merchant(&folder, &named);
    let (code, again, _) = merchant(&folder, &named);
    assert_eq!(code, Some(0));
    assert_eq!(first.lines().next(), again.lines().next());
    assert!(again.contains("nothing was added"), "{again}");
    let (_, said, _) = merchant(&folder, &["refund", "paid", "--reason=closed"]);
    assert!(
        said.contains("  Rp2 of order paid  open\nreserved"),
        "{said}"
    );
    let (code, list, _) = merchant(&folder, &["refunds"]);
    assert_eq!(code, Some(0));
    assert!(
        list.contains("  open  order paid  Rp4  staff  sent 0 times  last answer: none\n"),
        "{list}"
    );
    assert!(
        list.ends_with("\nparked: 0, failed: 0, open: 3\n"),
        "{list}"
    );
    let (code, _, said) = merchant(&folder, &["refund", "paid"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("--reason"), "{said}");
    let (code, list, _) = merchant(&folder, &["actions"]);
    assert_eq!(code, Some(0));
    let actions: Vec<_> = list.lines().collect();
    assert!(
        actions[0].contains("  refund  paid  reason: closed  "),
        "{list}"
    );
    let reserved = actions
        .iter()
        .find(|line| line.ends_with("Rp4 of order paid  open"));
    let by_ani = |line: &&&str| line.contains("  ani  refund  paid  reason: spilt  ");
    assert!(actions.iter().filter(by_ani).count() == 2, "{list}");
    assert!(reserved.is_some(), "{list}");
    let refused = actions
        .iter()
        .find(|line| line.contains("  refunds retry  r  "));
    assert!(
        refused.unwrap().contains("  refused: there is no refund r"),
        "{list}"
    );
    assert_eq!(actions.last(), Some(&"actions: 8"), "{list}");
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

/// One of each kind, with the command that settles it.
#[tokio::test]
async fn what_needs_a_person_is_listed_with_its_command() {
    let folder = ConfigDir::new();
    let url = format!("sqlite://{}", folder.path.join("merchant.db").display());
    Store::open(&url, FulfilmentMode::Webhook).await.unwrap();
    let (code, list, _) = merchant(&folder, &["attention"]);
    assert_eq!((code, list.as_str()), (Some(0), "to look at: 0\n"));
    let mut raw = Connection::open(&url).await.unwrap();
    raw.run_script(
        r#"insert into customers (id, mini_app, account_hash, auth_token, created_at, auth_token_inactive)
             values ('c', 'kedai', x'00', x'00', 1, 1);
        insert into orders
            (id, customer_id, idempotency_key, fingerprint, lines, total, created_at, status, confirmation)
            values ('paid', 'c', 'k', x'00', '[]', 10, 1, 'paid', 'not_needed'),
                   ('odd', 'c', 'l', x'00', '[]', 10, 1, 'review', 'not_needed'),
                   ('unsure', 'c', 'm', x'00', '[]', 10, 1, 'checking', 'awaited');
        insert into attempts values ('x', 'paid', 1, 'k', '{}', 1, 2, null, null, 0, null, 0, 0);
        insert into attempts values ('z', 'unsure', 1, 'k', '{}', 1, 2, null, null, 0, null, 0, 0);
        insert into evidence values (1, 'x', 'notification', 'paid', 10, 1);
        insert into evidence values (2, 'z', 'notification', 'paid', 10, 1);
        insert into fulfilments
            (id, order_id, evidence_id, day, pickup_code, paid_at, state, tries, answer, try_at, leased_until)
            values ('f', 'paid', 1, 0, 'A47', 1, 'parked', 12, '503', 1, 0);
        insert into refunds (number, external_id, payment, amount, cause, request, created_at, state, try_at)
            values ('r1', 'e1', 'x', 1, 'staff', '{}', 1, 'failed', 1),
                   ('r2', 'e2', 'x', 2, 'staff', '{}', 1, 'parked', 1);
        insert into mini_app_requests (id, order_id, kind, request, created_at, state, try_at)
            values ('q1', 'paid', 'coins', '{}', 1, 'refused', 1),
                   ('q2', 'paid', 'gems', '{}', 1, 'dead_letter', 1),
                   ('q3', 'paid', 'push', '{}', 1, 'pending', 1);
        insert into unplaced_notifications
            (reference_no, partner_reference_no, external_id, status, amount, first_at, last_at)
            values ('A1', '', '', '00', '10.00 IDR', 1, 1)"#,
    )
    .await
    .unwrap();
    let (code, list, wrong) = merchant(&folder, &["attention", "--json"]);
    assert_eq!(code, Some(0), "{wrong}");
    let items: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
    let seen: Vec<_> = items
        .iter()
        .map(|item| ["kind", "id", "command"].map(|key| item[key].as_str().unwrap()))
        .collect();
    let expected = [
        ["order_in_review", "odd", "merchant refund odd --reason WHY"],
        ["payment_in_doubt", "unsure", "merchant reconcile"],
        [
            "refund_failed",
            "r1",
            "merchant refunds retry r1 --reason WHY",
        ],
        [
            "refund_dead_letter",
            "r2",
            "merchant refunds retry r2 --reason WHY",
        ],
        ["webhook_dead_letter", "f", "merchant outbox retry f"],
        [
            "request_dead_letter",
            "q2",
            "merchant requests retry q2 --reason WHY",
        ],
        [
            "request_refused",
            "q1",
            "merchant requests retry q1 --reason WHY",
        ],
        [
            "notification_unmatched",
            "N1",
            "merchant resolve N1 --reason WHY",
        ],
        ["buyer_token_refused", "c", "merchant requests"],
    ];
    assert_eq!(seen, expected);
    let (_, list, _) = merchant(&folder, &["attention"]);
    assert!(list.ends_with("\nto look at: 9\n"), "{list}");
    assert!(
        list.contains("webhook_dead_letter  f  order paid  pick-up code A47"),
        "{list}"
    );
    // It may become paid, and is handed over then.
    let (code, _, wrong) = merchant(&folder, &["resolve", "unsure", "--reason", "by hand"]);
    assert_eq!(code, Some(1));
    assert!(
        wrong.contains("GoPay may still say that unsure is paid"),
        "{wrong}"
    );
    for id in ["odd", "r1", "r2", "f", "q2", "q1", "N1"] {
        let (code, said, wrong) = merchant(&folder, &["resolve", id, "--reason", "by hand"]);
        assert_eq!(code, Some(0), "{id}: {wrong}");
        assert!(said.ends_with(&format!("{id} is resolved\n")), "{said}");
        let (code, _, wrong) = merchant(&folder, &["resolve", id, "--reason", "by hand"]);
        assert_eq!(code, Some(1), "{id}");
        assert!(
            wrong.contains("nothing that needs a person has the id"),
            "{wrong}"
        );
    }
    let (code, _, wrong) = merchant(&folder, &["resolve", "c", "--reason", "by hand"]);
    assert_eq!(code, Some(1));
    assert!(wrong.contains("when they open the shop again"), "{wrong}");
    let (_, list, _) = merchant(&folder, &["attention"]);
    assert!(list.ends_with("\nto look at: 2\n"), "{list}");
    // What happens to one afterwards brings it back, and a resolved one hides no other.
    raw.run_script(
        "update fulfilments set state = 'pending', try_at = 9000000000000;
         update fulfilments set state = 'parked';
         update refunds set state = 'open', try_at = 9000000000000 where number = 'r2';
         update refunds set state = 'parked' where number = 'r2';
         update mini_app_requests set state = 'pending', try_at = 9000000000000 where id = 'q2';
         update mini_app_requests set state = 'dead_letter' where id = 'q2';
         insert into attempts values ('y', 'odd', 1, 'k', '{}', 1, 2, null, null, 0, null, 0, 0);
         insert into evidence values (3, 'y', 'inquiry', 'paid_in_doubt', 10, 1);
         update unplaced_notifications set last_at = 9000000000000;
         insert into unplaced_notifications
            (reference_no, partner_reference_no, external_id, status, amount, first_at, last_at)
            values ('A1', '', '', '05', '10.00 IDR', 1, 1)",
    )
    .await
    .unwrap();
    let (_, list, _) = merchant(&folder, &["attention"]);
    for again in [
        "order_in_review  odd",
        "refund_dead_letter  r2",
        "webhook_dead_letter  f",
        "request_dead_letter  q2",
        "notification_unmatched  N1",
        "notification_unmatched  N2",
    ] {
        assert!(list.contains(again), "{again}: {list}");
    }
    assert!(list.ends_with("\nto look at: 8\n"), "{list}");
    // Ending sessions needs no reason, and is kept all the same.
    let (code, _, wrong) = merchant(&folder, &["sign-out", "--all"]);
    assert_eq!(code, Some(0), "{wrong}");
    let (_, list, _) = merchant(&folder, &["actions"]);
    assert!(
        list.contains("  sign-out  all  reason: none  sessions ended: 0\n"),
        "{list}"
    );
}

#[test]
fn the_policy_decides_about_late_money() {
    let folder = ConfigDir::new();
    let chosen = |value| folder.load(&[("MERCHANT_POLICY_PAID_LATE", value)]);
    assert_eq!(chosen("").unwrap().paid_late, LatePaymentPolicy::Fulfil);
    assert_eq!(
        chosen("refund").unwrap().paid_late,
        LatePaymentPolicy::Refund
    );
    let wrong = chosen("keep").unwrap_err().to_string();
    assert!(
        wrong.contains("keep") && wrong.contains("fulfil"),
        "{wrong}"
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let folder = ConfigDir::new();
    folder.edit("listen = ", "lisen = ");
    folder.edit("7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1", "pop");
    for file in ["master.key", "merchant.pem", "gopay.pub.pem", "shop.toml"] {
        fs::remove_file(folder.path.join(file)).unwrap();
    }
    let wrong = folder.wrong(&[
        ("MERCHANT_DATABASE_URL", ""),
        ("MERCHANT_HSTS", "all"),
        ("MERCHANT_GOPAY_CHANNEL_ID", "1234"),
        ("MERCHANT_GOPAY_SDK_URL", "gwk"),
        ("MERCHANT_FULFILMENT_WEBHOOK_URL", "http://kitchen.example"),
        ("MERCHANT_POLICY_PAID_LATE", "keep"),
    ]);
    let named: Vec<&str> = wrong
        .lines()
        .map(|line| line.split([':', ' ']).next().unwrap())
        .collect();
    for key in [
        "listen",
        "lisen",
        "hsts",
        "database_url",
        "master_key_file",
        "gopay.sdk_url",
        "gopay.channel_id",
        "gopay.private_key_file",
        "gopay.public_key_files",
        "fulfilment.secret_file",
        "fulfilment.webhook_url",
        "policy.paid_late",
        "mini_app.point_of_purchase_id",
        "mini_app.catalogue",
    ] {
        assert_eq!(
            named.iter().filter(|name| **name == key).count(),
            1,
            "{key}:\n{wrong}"
        );
    }
    assert_eq!(named.len(), 14, "{wrong}");
    let (code, _, said) = merchant(&folder, &[]);
    assert_eq!(code, Some(2));
    assert!(said.lines().count() >= 6, "{said}");
    assert!(
        said.lines().all(|line| line.starts_with("merchant: ")),
        "{said}"
    );
}

#[test]
fn an_unknown_environment_does_not_hide_what_else_is_wrong() {
    let folder = ConfigDir::new();
    let wrong = folder.wrong(&[
        ("MERCHANT_GOPAY_ENVIRONMENT", "moon"),
        ("MERCHANT_GOPAY_CHANNEL_ID", "1"),
    ]);
    assert!(
        wrong.contains("gopay.environment") && wrong.contains("moon"),
        "{wrong}"
    );
    assert!(wrong.contains("gopay.channel_id"), "{wrong}");
    assert_eq!(wrong.lines().count(), 2, "{wrong}");
}

#[test]
fn a_proxy_and_an_older_tls_are_the_merchants_choice() {
    let folder = ConfigDir::new();
    let gopay = folder.load(&[]).unwrap().gopay;
    assert_eq!(
        (gopay.proxy_url, gopay.minimum_tls),
        (None, MinimumTls::V1_3)
    );
    const PROXY: &str = "MERCHANT_GOPAY_PROXY_URL";
    let config = folder
        .load(&[
            (PROXY, "http://me:hunter2@proxy.example:3128"),
            ("MERCHANT_GOPAY_MINIMUM_TLS", "1.2"),
        ])
        .unwrap();
    let shown = format!("{config:?}");
    assert!(config.gopay.proxy_url.is_some());
    assert_eq!(config.gopay.minimum_tls, MinimumTls::V1_2);
    assert!(!shown.contains("hunter2"), "{shown}");
    for wrong in [
        "socks5://me:hunter2@proxy.example",
        "http://me:hunter2@",
        "me:hunter2@proxy.example:3128",
        "http://me:hunter2@proxy.example:port",
        "http://me:hunter2@proxy.example/path",
    ] {
        let said = folder.wrong(&[(PROXY, wrong)]);
        assert!(said.starts_with("gopay.proxy_url: "), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let said = folder.wrong(&[("MERCHANT_GOPAY_MINIMUM_TLS", "1.1")]);
    assert!(
        said.contains("gopay.minimum_tls") && said.contains("1.2"),
        "{said}"
    );
}

/// TM21
#[test]
fn hosts_and_sources_are_names_and_nothing_else() {
    let folder = ConfigDir::new();
    let hosts = |text| folder.load(&[("MERCHANT_GOPAY_PAYMENT_LINK_HOSTS", text)]);
    assert_eq!(
        hosts("").unwrap().gopay.payment_link_hosts,
        Vec::<String>::new()
    );
    assert_eq!(
        hosts("app.gopay.co.id, pay.example")
            .unwrap()
            .gopay
            .payment_link_hosts,
        ["app.gopay.co.id", "pay.example"]
    );
    for wrong in [
        "https://a.example",
        "a.example/",
        "*.example",
        "A.example",
        "a",
        "10.0.0.1",
    ] {
        let said = hosts(wrong).unwrap_err().to_string();
        assert!(said.starts_with("gopay.payment_link_hosts: "), "{said}");
    }
    folder.edit(
        "# csp_extra = { connect = [], frame = [], img = [], script = [] }",
        r#"csp_extra = { connect = ["https://*.gopayapi.com"], frame = ["gopay:"], img = ["blob:"] }"#,
    );
    let csp_extra = folder.load(&[]).unwrap().gopay.csp_extra;
    assert_eq!(
        csp_extra,
        CspExtra {
            connect: vec!["https://*.gopayapi.com".to_owned()],
            frame: vec!["gopay:".to_owned()],
            img: vec!["blob:".to_owned()],
            script: Vec::new(),
        }
    );
    for (key, wrong) in [
        ("script", "data:"),
        ("script", "'unsafe-inline'"),
        ("connect", "https://a.example; script-src *"),
        ("frame", "*"),
    ] {
        let variable = format!("MERCHANT_GOPAY_CSP_EXTRA_{}", key.to_uppercase());
        let said = folder.wrong(&[(&variable, wrong)]);
        assert!(
            said.starts_with(&format!("gopay.csp_extra.{key}: ")),
            "{said}"
        );
    }
}

#[test]
fn a_strange_payment_and_other_hosts_are_the_merchants_choice() {
    let folder = ConfigDir::new();
    let config = folder.load(&[]).unwrap();
    assert_eq!(config.hsts, Hsts::Host);
    assert_eq!(config.paid_without_amount, PaidWithoutAmount::Paid);
    let config = folder
        .load(&[
            ("MERCHANT_HSTS", "subdomains"),
            ("MERCHANT_POLICY_PAID_WITHOUT_AMOUNT", "review"),
        ])
        .unwrap();
    assert_eq!(config.hsts, Hsts::Subdomains);
    assert_eq!(config.paid_without_amount, PaidWithoutAmount::Review);
}

#[test]
fn the_time_to_pay_is_chosen_within_what_a_request_can_be_repeated_in() {
    let folder = ConfigDir::new();
    let payment = folder.load(&[]).unwrap().payment;
    assert_eq!(payment.time_to_pay, Duration::from_mins(15));
    assert!(!payment.sends_items);
    let variables = [
        ("MERCHANT_POLICY_TIME_TO_PAY_MINUTES", "120"),
        ("MERCHANT_POLICY_SENDS_ITEMS", "true"),
    ];
    let payment = folder.load(&variables).unwrap().payment;
    assert_eq!(payment.time_to_pay, Duration::from_hours(2));
    assert!(payment.sends_items);
    for wrong in ["1", "121", "-5", "soon"] {
        let said = folder.wrong(&[("MERCHANT_POLICY_TIME_TO_PAY_MINUTES", wrong)]);
        assert!(said.starts_with("policy.time_to_pay_minutes: "), "{said}");
    }
    let said = folder.wrong(&[("MERCHANT_POLICY_SENDS_ITEMS", "yes")]);
    assert!(said.starts_with("policy.sends_items: "), "{said}");
}

#[test]
fn orders_are_confirmed_from_the_total_that_is_configured() {
    let folder = ConfigDir::new();
    let confirmation = |variables: &[(&str, &str)], total| {
        let payment = folder.load(variables).unwrap().payment;
        payment.confirmation(Rupiah::new(total))
    };
    assert_eq!(confirmation(&[], 99_999_999), Confirmation::NotNeeded);
    let key = "MERCHANT_POLICY_CONFIRM_FROM";
    assert_eq!(confirmation(&[(key, "0")], 1), Confirmation::Awaited);
    let half_a_million = [(key, "500000")];
    assert_eq!(
        confirmation(&half_a_million, 499_999),
        Confirmation::NotNeeded
    );
    assert_eq!(
        confirmation(&half_a_million, 500_000),
        Confirmation::Awaited
    );
    for wrong in ["-1", "many", "100000000000"] {
        let said = folder.wrong(&[(key, wrong)]);
        assert!(said.starts_with("policy.confirm_from: "), "{said}");
    }
}

/// TM09
#[tokio::test]
async fn a_second_person_is_asked_for_from_the_amount_that_is_configured() {
    let folder = ConfigDir::new();
    let key = "MERCHANT_POLICY_REFUND_APPROVAL_FROM";
    for wrong in ["-1", "many", "100000000000"] {
        let said = folder.wrong(&[(key, wrong)]);
        assert!(said.starts_with("policy.refund_approval_from: "), "{said}");
    }
    let path = folder.file();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        format!("{text}\n[policy]\nrefund_approval_from = 5\n"),
    )
    .unwrap();
    let url = format!("sqlite://{}", folder.path.join("merchant.db").display());
    Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
    let mut raw = Connection::open(&url).await.unwrap();
    raw.run_script(PAID_ORDER).await.unwrap();
    let refund = |actor: &str, amount: &str| {
        let arguments = [
            "refund",
            "paid",
            "--reason=spilt",
            "--amount",
            amount,
            "--actor",
            actor,
        ];
        merchant(&folder, &arguments)
    };
    let (code, said, _) = refund("ani", "4");
    assert_eq!(code, Some(0));
    assert!(said.contains("reserved: sent as soon as"), "{said}");
    let command = "`merchant refund paid --amount 6 --reason WHY`";
    for _ in 0..2 {
        let (code, said, _) = refund("ani", "6");
        assert_eq!(code, Some(0));
        assert!(said.starts_with("nothing is reserved yet: Rp6 "), "{said}");
        assert!(said.contains("24 hours of ani's request"), "{said}");
        assert!(said.contains(command), "{said}");
    }
    let (_, list, _) = merchant(&folder, &["attention"]);
    assert!(
        list.contains("refund_awaits_approval  A1  order paid  Rp6, asked for by ani"),
        "{list}"
    );
    let (code, _, said) = merchant(&folder, &["resolve", "A1", "--reason=no"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("lapses by itself"), "{said}");
    let (code, said, _) = refund("budi", "6");
    assert_eq!(code, Some(0));
    assert!(
        said.contains("  Rp6 of order paid  open\nreserved"),
        "{said}"
    );
    let (_, list, _) = merchant(&folder, &["attention"]);
    assert!(!list.contains("refund_awaits_approval"), "{list}");
}

#[test]
fn the_rate_of_background_requests_is_configured() {
    let folder = ConfigDir::new();
    let key = "MERCHANT_GOPAY_BACKGROUND_REQUESTS_PER_SECOND";
    let rate = |variables: &[(&str, &str)]| {
        let gopay = folder.load(variables).unwrap().gopay;
        gopay.background_requests_per_second.get()
    };
    assert_eq!(rate(&[]), 4);
    assert_eq!(rate(&[(key, "100")]), 100);
    for wrong in ["0", "1001", "-1", "fast"] {
        let said = folder.wrong(&[(key, wrong)]);
        assert!(
            said.starts_with("gopay.background_requests_per_second: "),
            "{said}"
        );
    }
}

#[test]
fn gopay_later_needs_a_category_for_each_product() {
    let folder = ConfigDir::new();
    let variables = [("MERCHANT_POLICY_OFFERS_GOPAY_LATER", "true")];
    assert!(!folder.load(&[]).unwrap().payment.offers_gopay_later);
    assert!(folder.load(&variables).unwrap().payment.offers_gopay_later);
    let without = SHOP.replacen(
        "category = \"makanan\"\nprice = 32000\n",
        "price = 32000\n",
        1,
    );
    assert_ne!(without, SHOP);
    fs::write(folder.path.join("shop.toml"), without).unwrap();
    assert!(!folder.load(&[]).unwrap().payment.offers_gopay_later);
    let wrong = folder.wrong(&variables);
    assert!(
        wrong.starts_with("policy.offers_gopay_later: needs a category for each product"),
        "{wrong}"
    );
    assert!(wrong.contains("mie-goreng"), "{wrong}");
}

/// The file's commented rules, without their comment signs.
fn rules(good: &str) -> String {
    let (before, rules) = good.split_once("# [mini_app.rewards]").unwrap();
    let is_key = |line: &str| {
        let text = line.trim_start_matches("# ");
        text.starts_with('[')
            || text
                .split_once(" = ")
                .is_some_and(|(key, _)| !key.contains(' '))
    };
    let lines = rules.lines().filter(|line| is_key(line));
    let lines: Vec<_> = lines.map(|line| line.trim_start_matches("# ")).collect();
    format!("{before}[mini_app.rewards]\n{}", lines.join("\n"))
}

#[test]
fn rewards_reminders_and_pushes_are_off_until_their_lines_are_there() {
    let folder = ConfigDir::new();
    let path = folder.file();
    let good = fs::read_to_string(&path).unwrap();
    let off = folder.load(&[]).unwrap().mini_apps.remove(0).rules;
    assert_eq!(off, MiniAppRules::default());
    fs::write(&path, rules(&good)).unwrap();
    let on = folder.load(&[]).unwrap().mini_apps.remove(0).rules;
    let coins = on.coins.unwrap();
    assert_eq!((coins.percent, coins.max), (5, NonZeroU64::new(10_000)));
    assert_eq!(on.gems.unwrap().amount.get(), 10);
    assert_eq!(on.reminder.unwrap().delay, Duration::from_mins(3));
    assert_eq!(on.push.unwrap().name, "KEDAI_ORDER_READY");
}

#[test]
fn a_wrong_rule_is_named() {
    let folder = ConfigDir::new();
    let path = folder.file();
    let good = rules(&fs::read_to_string(&path).unwrap());
    for (from, to, named) in [
        (
            "coins_percent = 5",
            "coins_percent = 0",
            "rewards.coins_percent: must be 1 to 100",
        ),
        (
            "coins_percent = 5",
            "coins_percent = 101",
            "rewards.coins_percent: must be 1 to 100",
        ),
        (
            "coins_percent = 5",
            "",
            "rewards.coins_max: needs coins_percent",
        ),
        (
            "coins_max = 10000",
            "coins_max = 0",
            "rewards.coins_max: must be 1 or more",
        ),
        (
            "coins_as = \"coins\"",
            "coins_as = \"gold\"",
            "rewards.coins_as",
        ),
        (
            "gems_activity = \"order\"",
            "",
            "rewards.gems_activity: is missing",
        ),
        ("gems = 10", "", "rewards.gems_activity: needs gems"),
        (
            "description = \"Pesanan {order}\"",
            "",
            "rewards.description: is missing",
        ),
        (
            "Pesanan {order}\"\n",
            "Pesanan {nama}\"\n",
            "has {nama}, which stands for nothing",
        ),
        (
            "delay_minutes = 0",
            "delay_minutes = 20000",
            "rewards.delay_minutes: must be 0 to",
        ),
        (
            "delay_minutes = 3",
            "delay_minutes = 15",
            "reminder.delay_minutes: must be less",
        ),
        (
            "delay_minutes = 3",
            "delay_minutes = 120",
            "reminder.delay_minutes: must be 1 to 119",
        ),
        (
            "{order} belum",
            "{pickup_code} belum",
            "reminder.parameters.message: has {pickup_code}",
        ),
        (
            "template = \"KEDAI_UNPAID\"",
            "",
            "reminder.template: is missing",
        ),
        (
            "template = \"KEDAI_ORDER_READY\"",
            "template = \"\"",
            "push.template",
        ),
        (
            "[mini_app.push]",
            "[mini_app.push]\ntitle = \"x\"",
            "push.title: is not a key",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let wrong = folder.wrong(&[]);
        assert!(wrong.contains(named), "{to}: {wrong}");
    }
}

#[test]
fn snap_needs_its_hosts_and_keys_together() {
    let folder = ConfigDir::new();
    assert!(folder.load(&[]).unwrap().gopay.snap.is_none());
    fs::write(folder.path.join("server.key"), "Mid-server-a\n").unwrap();
    fs::write(folder.path.join("sandbox.key"), "SB-Mid-server-a\n").unwrap();
    let snap = |change: &[(&'static str, &'static str)]| {
        let mut keys = vec![
            ("MERCHANT_GOPAY_CHECKOUT", "snap"),
            ("MERCHANT_GOPAY_SNAP_URL", "http://localhost:9090"),
            ("MERCHANT_GOPAY_CORE_API_URL", "http://localhost:9090"),
            ("MERCHANT_GOPAY_SERVER_KEY_FILE", "server.key"),
            ("MERCHANT_GOPAY_SNAP_CLIENT_KEY", "Mid-client-a"),
        ];
        for (name, value) in change {
            keys.retain(|(key, _)| key != name);
            keys.push((*name, *value));
        }
        keys
    };
    let config = folder.load(&snap(&[])).unwrap();
    assert_eq!(config.payment.checkout, Checkout::Snap);
    assert_eq!(config.gopay.snap.unwrap().client_key, "Mid-client-a");
    let before = folder
        .load(&snap(&[("MERCHANT_GOPAY_CHECKOUT", "")]))
        .unwrap();
    assert_eq!(before.payment.checkout, Checkout::BiSnap);
    for (name, value, named) in [
        (
            "MERCHANT_GOPAY_CHECKOUT",
            "qris",
            "gopay.checkout: unknown variant",
        ),
        ("MERCHANT_GOPAY_SNAP_URL", "", "gopay.snap_url: is missing"),
        (
            "MERCHANT_GOPAY_CORE_API_URL",
            "",
            "gopay.core_api_url: is missing",
        ),
        (
            "MERCHANT_GOPAY_SERVER_KEY_FILE",
            "",
            "gopay.server_key_file: is missing",
        ),
        (
            "MERCHANT_GOPAY_SNAP_CLIENT_KEY",
            "Mid-server-a",
            "gopay.snap_client_key: must be",
        ),
        (
            "MERCHANT_POLICY_TIME_TO_PAY_MINUTES",
            "4",
            "policy.time_to_pay_minutes: must be 5",
        ),
        (
            "MERCHANT_POLICY_OFFERS_GOPAY_LATER",
            "true",
            "policy.offers_gopay_later: is for gopay.checkout = \"bi_snap\"",
        ),
    ] {
        let wrong = folder.wrong(&snap(&[(name, value)]));
        assert!(wrong.contains(named), "{name}={value}: {wrong}");
    }
    let mut real = folder.real();
    real.extend(snap(&[
        (
            "MERCHANT_GOPAY_SNAP_URL",
            "https://app.sandbox.midtrans.com",
        ),
        ("MERCHANT_GOPAY_CORE_API_URL", "https://api.midtrans.com"),
        ("MERCHANT_GOPAY_SERVER_KEY_FILE", "sandbox.key"),
    ]));
    let wrong = folder.wrong(&real);
    assert!(wrong.contains("gopay.snap_url: "), "{wrong}");
    assert!(
        wrong.contains("gopay.server_key_file: is a key of the sandbox"),
        "{wrong}"
    );
}

#[test]
fn the_merchants_own_public_key_is_not_taken_for_gopays() {
    let folder = ConfigDir::new();
    for keys in ["merchant.pub.pem", "gopay.pub.pem,merchant.pub.pem"] {
        let said = folder.wrong(&[("MERCHANT_GOPAY_PUBLIC_KEY_FILES", keys)]);
        assert!(said.starts_with("gopay.public_key_files: "), "{said}");
        assert!(
            said.contains("merchant.pub.pem") && said.contains("dashboard"),
            "{said}"
        );
    }
}

#[test]
fn the_key_of_the_documentation_is_refused() {
    let folder = ConfigDir::new();
    let sample = include_str!("../../gopay-protocol/tests/fixtures/sample-public-key.pem");
    fs::write(folder.path.join("sample.pem"), sample).unwrap();
    let said = folder.wrong(&[("MERCHANT_GOPAY_PUBLIC_KEY_FILES", "sample.pem")]);
    assert!(said.starts_with("gopay.public_key_files: "), "{said}");
    assert!(
        said.contains("the sample key of GoPay's documentation"),
        "{said}"
    );
}

/// TM34, TM35
#[test]
fn settings_of_the_simulator_are_refused_for_the_real_gopay() {
    let folder = ConfigDir::new();
    let real = folder.real();
    folder.load(&real).unwrap();
    for (key, simulators) in [
        ("CLIENT_KEY", "G000000001-SNAP"),
        ("PARTNER_ID", "G000000001"),
        ("MERCHANT_ID", "G000000001"),
    ] {
        let mut variables = real.clone();
        let variable = format!("MERCHANT_GOPAY_{key}");
        variables.push((&variable, simulators));
        let said = folder.wrong(&variables);
        assert!(said.contains("is the simulator's"), "{said}");
    }
    // What the simulator leaves beside the keys that it makes.
    fs::write(folder.path.join("gopay.pem"), "").unwrap();
    let said = folder.wrong(&real);
    for key in [
        "client_secret_file",
        "public_key_files",
        "auth_credentials_file",
    ] {
        assert!(said.contains(key), "{said}");
    }
    folder.load(&[]).unwrap();
    fs::remove_file(folder.path.join("gopay.pem")).unwrap();
    folder.edit(
        "0d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c2",
        "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1",
    );
    let said = folder.wrong(&real);
    assert!(
        said.starts_with("mini_app.point_of_purchase_id: is the simulator's"),
        "{said}"
    );
}

/// What the sandbox has not.
const CONTAINER_KEYS: [&str; 4] = [
    "mini_app_url = ",
    "sdk_url = ",
    "point_of_purchase_id = ",
    "auth_credentials_file = ",
];

impl ConfigDir {
    /// Takes what the sandbox has not out of the file, and returns it line by line.
    fn take_out_container(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file()).unwrap();
        let is_out = |line: &&str| CONTAINER_KEYS.iter().any(|key| line.starts_with(key));
        let (out, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(is_out);
        assert_eq!(out.len(), CONTAINER_KEYS.len());
        fs::write(self.file(), rest.join("\n")).unwrap();
        out.into_iter().map(str::to_owned).collect()
    }
}

const SIMULATOR_SANDBOX: [(&str, &str); 2] = [
    ("MERCHANT_GOPAY_ENVIRONMENT", "simulator_sandbox"),
    ("MERCHANT_GOPAY_BI_SNAP_URL", "http://localhost:9091"),
];

/// Of the account that GoPay might have given.
fn sandbox(folder: &ConfigDir) -> Vec<(&'static str, &'static str)> {
    let mut variables = folder.real();
    variables.retain(|(key, _)| !key.ends_with("MINI_APP_URL") && !key.ends_with("SDK_URL"));
    variables.extend([
        ("MERCHANT_GOPAY_ENVIRONMENT", "sandbox"),
        (
            "MERCHANT_GOPAY_BI_SNAP_URL",
            "https://merchants.sbx.midtrans.com",
        ),
    ]);
    folder.take_out_container();
    variables
}

#[test]
fn the_checked_in_configuration_of_the_sandbox_works() {
    let folder = ConfigDir::new();
    let toml = ConfigDir::relocated(include_str!("../merchant.sandbox.toml"));
    fs::write(folder.file(), toml).unwrap();
    let config = folder.load(&[]).unwrap();
    assert_eq!(config.gopay.environment, Environment::SimulatorSandbox);
    assert_eq!(config.mini_apps[0].catalogue.products().len(), 8);
}

#[test]
fn the_sandbox_needs_nothing_of_a_mini_app() {
    let folder = ConfigDir::new();
    folder.take_out_container();
    let config = folder.load(&SIMULATOR_SANDBOX).unwrap();
    assert_eq!(config.gopay.environment, Environment::SimulatorSandbox);
    assert!(config.gopay.container.is_none() && config.mini_apps[0].registration.is_none());
    assert_eq!(config.mini_apps[0].deeplink, None);

    let folder = ConfigDir::new();
    let config = folder.load(&sandbox(&folder)).unwrap();
    assert_eq!(config.gopay.environment, Environment::Sandbox);
    assert!(config.gopay.container.is_none() && config.mini_apps[0].registration.is_none());
}

#[test]
fn the_sandbox_refuses_each_key_of_a_mini_app() {
    for (environment, instead) in [
        ("simulator_sandbox", "simulator"),
        ("sandbox", "production"),
    ] {
        let folder = ConfigDir::new();
        let variables = match environment {
            "sandbox" => sandbox(&folder),
            _ => {
                folder.take_out_container();
                SIMULATOR_SANDBOX.to_vec()
            }
        };
        folder.load(&variables).unwrap();
        let good = fs::read_to_string(folder.file()).unwrap();
        let in_app = |lines: &str| format!("{good}\n{lines}\n");
        let in_gopay = |line: &str| good.replace("[gopay]\n", &format!("[gopay]\n{line}\n"));
        for (key, text) in [
            (
                "gopay.mini_app_url",
                in_gopay("mini_app_url = \"https://a.example\""),
            ),
            (
                "gopay.sdk_url",
                in_gopay("sdk_url = \"https://a.example/sdk.js\""),
            ),
            (
                "mini_app.point_of_purchase_id",
                in_app("point_of_purchase_id = \"1\""),
            ),
            (
                "mini_app.auth_credentials_file",
                in_app("auth_credentials_file = \"gone\""),
            ),
            ("mini_app.deeplink", in_app("deeplink = \"gopay://kedai\"")),
            (
                "mini_app.package_origins",
                in_app("package_origins = [\"null\"]"),
            ),
            (
                "mini_app.rewards",
                in_app("[mini_app.rewards]\ncoins_percent = 5"),
            ),
            (
                "mini_app.reminder",
                in_app("[mini_app.reminder]\ntemplate = \"A\""),
            ),
            ("mini_app.push", in_app("[mini_app.push]\ntemplate = \"A\"")),
        ] {
            fs::write(folder.file(), text).unwrap();
            let expected = format!(
                "{key}: the sandbox has no mini apps: take it out, or set gopay.environment to \
                 {instead}"
            );
            assert_eq!(folder.wrong(&variables), expected);
        }
        fs::write(folder.file(), &good).unwrap();
        let mut variables = variables;
        variables.push(("MERCHANT_GOPAY_SDK_URL", "https://gwk.gopayapi.com/sdk.js"));
        let wrong = folder.wrong(&variables);
        assert!(
            wrong.starts_with("gopay.sdk_url: the sandbox has"),
            "{wrong}"
        );
    }
}

#[test]
fn a_container_needs_each_key_that_the_sandbox_refuses() {
    let folder = ConfigDir::new();
    let good = fs::read_to_string(folder.file()).unwrap();
    for line in folder.take_out_container() {
        fs::write(folder.file(), good.replace(&format!("{line}\n"), "")).unwrap();
        let key = line.split(' ').next().unwrap();
        let wrong = folder.wrong(&[]);
        assert!(wrong.contains(&format!(".{key}: is missing")), "{wrong}");
        assert!(!wrong.contains('\n'), "{wrong}");
    }
}

/// TM35
#[test]
fn an_address_of_another_environment_is_refused() {
    let folder = ConfigDir::new();
    let sandbox = sandbox(&folder);
    for (variables, address) in [
        (&sandbox[..], "https://merchants.midtrans.com"),
        (&sandbox[..], "http://localhost:9091"),
        (&SIMULATOR_SANDBOX[..], "https://merchants.sbx.midtrans.com"),
    ] {
        let mut variables = variables.to_vec();
        variables.push(("MERCHANT_GOPAY_BI_SNAP_URL", address));
        let wrong = folder.wrong(&variables);
        assert!(wrong.starts_with("gopay.bi_snap_url: must "), "{wrong}");
    }
}

#[test]
fn play_money_at_a_public_address_is_warned_of() {
    let folder = ConfigDir::new();
    let warns = |variables: &[(&str, &str)]| {
        let warnings = folder.load(variables).unwrap().warnings;
        warnings.iter().any(|it| it.contains("play money"))
    };
    assert!(!warns(&folder.real()));
    folder.edit(
        "0d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c2",
        "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1",
    );
    let mut variables = sandbox(&folder);
    assert!(warns(&variables));
    variables.push(("MERCHANT_PUBLIC_URL", "http://localhost:8080"));
    assert!(!warns(&variables));
}

#[test]
fn an_environment_without_real_money_says_so_first() {
    let folder = ConfigDir::new();
    let (code, _, said) = merchant(&folder, &["config"]);
    assert_eq!(code, Some(0), "{said}");
    let notice = "merchant: NO REAL MONEY MOVES: gopay.environment is simulator, ";
    assert!(said.starts_with(notice), "{said}");
    folder.take_out_container();
    folder.edit("\"simulator\"", "\"simulator_sandbox\"");
    let (code, summary, said) = merchant(&folder, &["config"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        summary.contains("can be run in simulator_sandbox"),
        "{summary}"
    );
    let notice = "merchant: NO REAL MONEY MOVES: gopay.environment is simulator_sandbox, so there is \
                  no GoPay app";
    assert!(said.starts_with(notice), "{said}");
    assert_eq!(Environment::Production.notice(), None);
    let sandbox = Environment::Sandbox.notice().unwrap();
    assert!(sandbox.contains("environment is sandbox") && sandbox.contains("web page of Midtrans"));
}

#[test]
fn config_says_that_the_app_is_not_there() {
    let folder = ConfigDir::new();
    let missing = "merchant: dist: there is no index.html in ";
    let (_, _, said) = merchant(&folder, &["config"]);
    assert!(!said.contains(missing), "{said}");
    fs::remove_file(folder.file().with_file_name("dist").join("index.html")).unwrap();
    let (code, _, said) = merchant(&folder, &["config"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(missing), "{said}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_warned_of() {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};
    let folder = ConfigDir::new();
    let mode = |mode| {
        for file in ["client.secret", "auth.credentials"] {
            fs::set_permissions(folder.path.join(file), Permissions::from_mode(mode)).unwrap();
        }
        folder.load(&[]).unwrap().warnings
    };
    let warnings = mode(0o644);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].starts_with("gopay.client_secret_file: "),
        "{warnings:?}"
    );
    assert_eq!(mode(0o640), Vec::<String>::new());
}

#[test]
fn keys_are_read_as_people_have_them_or_told_how_to_convert() {
    let folder = ConfigDir::new();
    let path = |name: &str| folder.path.join(name);
    let pem = fs::read_to_string(path("gopay.pub.pem")).unwrap();
    let bare: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
    for text in [
        bare.clone(),
        format!("{bare}\n"),
        pem.replace('\n', "\r\n"),
        format!("\u{feff}{pem}"),
    ] {
        fs::write(path("gopay.pub.pem"), text).unwrap();
        folder.load(&[]).unwrap();
    }
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    for (text, command) in [
        (block("RSA PRIVATE KEY"), "openssl pkcs8 -topk8 -nocrypt"),
        (
            block("ENCRYPTED PRIVATE KEY"),
            "openssl pkcs8 -topk8 -nocrypt",
        ),
        (block("EC PRIVATE KEY"), "openssl genpkey -algorithm RSA"),
        (block("OPENSSH PRIVATE KEY"), "ssh-keygen -p -m PKCS8"),
        (pem.clone(), "a public key, where the private one belongs"),
    ] {
        fs::write(path("other.pem"), &text).unwrap();
        let said = folder.wrong(&[("MERCHANT_GOPAY_PRIVATE_KEY_FILE", "other.pem")]);
        assert!(
            said.starts_with("gopay.private_key_file ") && said.contains(command),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let private = fs::read(path("merchant.pem")).unwrap();
    let der = [&[0x30, 0x82, 0x01, 0x22][..], &[0xff; 290]].concat();
    for (bytes, command) in [
        (
            block("CERTIFICATE").into_bytes(),
            "openssl x509 -pubkey -noout",
        ),
        (
            block("RSA PUBLIC KEY").into_bytes(),
            "openssl rsa -RSAPublicKey_in -pubout",
        ),
        (private, "openssl pkey -pubout"),
        (der, "openssl pkey -inform DER"),
    ] {
        fs::write(path("other.pem"), &bytes).unwrap();
        let said = folder.wrong(&[("MERCHANT_GOPAY_PUBLIC_KEY_FILES", "other.pem")]);
        assert!(
            said.starts_with("gopay.public_key_files ") && said.contains(command),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// What GoPay sends is written behind `Basic` by the merchant itself.
#[test]
fn credentials_with_more_than_themselves_are_refused() {
    let folder = ConfigDir::new();
    for wrong in ["Basic YWJj", "two words", "two\nlines", "caf\u{e9}"] {
        fs::write(folder.path.join("auth.credentials"), wrong).unwrap();
        let said = folder.wrong(&[]);
        assert!(
            said.starts_with("mini_app.auth_credentials_file: "),
            "{said}"
        );
        assert!(!said.contains(wrong), "{said}");
    }
    fs::write(folder.path.join("auth.credentials"), "\u{feff}YWJj\r\n").unwrap();
    folder.load(&[]).unwrap();
}

#[test]
fn the_configuration_can_be_checked_before_the_start() {
    let folder = ConfigDir::new();
    let (code, said, _) = merchant(&folder, &["config"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("can be run in simulator"), "{said}");
    assert!(
        said.contains("http://localhost:8080/v1.0/debit/notify"),
        "{said}"
    );
    folder.edit("channel_id = \"12345\"", "channel_id = \"1\"");
    let (code, _, wrong) = merchant(&folder, &["config"]);
    assert_eq!(code, Some(2));
    assert_eq!(wrong, "merchant: gopay.channel_id: must be five digits\n");
    assert!(!folder.path.join("merchant.db").exists());
}

#[test]
fn the_shape_of_gopays_order_history_is_checked_at_the_start() {
    let folder = ConfigDir::new();
    let default = folder.load(&[]).unwrap().mini_apps.remove(0).order_history;
    assert!(default.has_path("/orders/A1"));
    let line = "catalogue = \"";
    folder.edit(
        line,
        &format!("order_history = \"/riwayat?ref={{order}}\"\n{line}"),
    );
    let config = folder.load(&[]).unwrap();
    let address = &config.mini_apps[0].order_history;
    assert_eq!(
        address.app_address("/riwayat", Some("ref=A1")).as_deref(),
        Some("/orders/A1")
    );
    folder.edit("/riwayat?ref={order}", "/gopay/{order}/notify");
    let wrong = folder.wrong(&[("MERCHANT_NOTIFY_PATH", "/gopay/debit/notify")]);
    assert!(wrong.starts_with("mini_app.order_history: must not be /gopay/debit/notify"));
    folder.edit("/gopay/{order}/notify", "/api/{order}");
    let wrong = folder.wrong(&[]);
    assert!(
        wrong.starts_with("mini_app.order_history: must not begin with /api"),
        "{wrong}"
    );
}
