//! The checked-in configuration, with keys as `merchant keygen` and GoPay make them.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use gopay_protocol::SigningKey;
use merchant::{Config, keygen};
use std::{
    fs,
    path::{Path, PathBuf},
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
        fs::write(
            folder.join("catalogue.toml"),
            include_str!("../catalogue.toml"),
        )
        .unwrap();
        let toml = include_str!("../merchant.toml").replace("../../target/preview/keys/", "");
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
    let packages = |origins: &str| format!("{good}\npackage_origins = [{origins}]");
    for (text, named) in [
        (
            good.replace("7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1", "pop"),
            "mini_app.point_of_purchase_id",
        ),
        (format!("{good}\n[[mini_app]]{app}"), "[[mini_app]]"),
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
