use gopay_protocol::{SigningKey, VerifyingKey};
use simulator::{Keys, KeysError};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A directory of its own, gone at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        Self(path)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn gopays_keys_are_generated_once_and_the_merchants_is_required() {
    let directory = Directory::new("keys");
    let missing = Keys::open(&directory.0);
    assert!(matches!(missing, Err(KeysError::NoMerchantKey { .. })));
    let files = ["gopay.pem", "client.secret", "auth.credentials"];
    let made = files.map(|file| directory.read(file));

    let merchant = SigningKey::generate().unwrap();
    let registered = directory.0.join("merchant.pub.pem");
    fs::write(&registered, merchant.public_pem().unwrap()).unwrap();
    let keys = Keys::open(&directory.0).unwrap();
    assert_eq!(files.map(|file| directory.read(file)), made);
    assert_eq!(keys.client_secret.expose(), made[1]);
    let public = VerifyingKey::from_pem(&directory.read("gopay.pub.pem")).unwrap();
    assert!(public.verify("x", &keys.gopay.sign("x").unwrap()));
    let signature = merchant.sign("x").unwrap();
    assert!(keys.merchant.verify("x", &signature));
    assert!(!format!("{keys:?}").contains(&made[1]));

    fs::write(&registered, "nonsense").unwrap();
    let wrong = Keys::open(&directory.0);
    assert!(matches!(wrong, Err(KeysError::MerchantKey { .. })));
    fs::write(directory.0.join("client.secret"), " ").unwrap();
    assert!(matches!(Keys::open(&directory.0), Err(KeysError::Empty(_))));
}

#[cfg(unix)]
#[test]
fn secrets_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new("secrets");
    assert!(Keys::open(&directory.0).is_err());
    for file in ["gopay.pem", "client.secret", "auth.credentials"] {
        let metadata = fs::metadata(directory.0.join(file)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_missing_merchant_key_is_one_clear_line() {
    let directory = Directory::new("line");
    let output = Command::new(env!("CARGO_BIN_EXE_gopay-simulator"))
        .args(["--listen", "127.0.0.1:0", "--keys"])
        .arg(&directory.0)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("merchant keygen --dir"), "{line}");
}
