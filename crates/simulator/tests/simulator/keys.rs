use crate::merchant::{Merchant, TOKEN};
use gopay_protocol::{SigningKey, VerifyingKey};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Keys, KeysError, MiniAppId, account::Account};
use std::fs;
use test_kit::TempDir;

#[test]
fn the_keys_of_both_sides_are_generated_once() {
    let folder = TempDir::create();
    // Opening makes it.
    let directory = folder.join("keys");
    let read = |file| fs::read_to_string(directory.join(file)).unwrap();
    let account = Account::default();
    Keys::open(&directory, &account).unwrap();
    let files = [
        "gopay.pem",
        "client.secret",
        "auth.credentials",
        "merchant.pem",
        "merchant.pub.pem",
    ];
    let made = files.map(read);
    let keys = Keys::open(&directory, &account).unwrap();
    assert_eq!(files.map(read), made);
    let generated = SigningKey::from_pem(&made[3]).unwrap();
    assert!(keys.merchant.verify("x", &generated.sign("x").unwrap()));

    let merchant = SigningKey::generate().unwrap();
    let registered = directory.join("merchant.pub.pem");
    fs::write(&registered, merchant.public_pem().unwrap()).unwrap();
    let keys = Keys::open(&directory, &account).unwrap();
    assert_eq!(
        read("merchant.pem"),
        made[3],
        "it is not the simulator's to change"
    );
    assert_eq!(keys.client_secret.expose(), made[1]);
    let public = VerifyingKey::from_pem(&read("gopay.pub.pem")).unwrap();
    assert!(public.verify("x", &keys.gopay.sign("x").unwrap()));
    let signature = merchant.sign("x").unwrap();
    assert!(keys.merchant.verify("x", &signature));
    assert!(!format!("{keys:?}").contains(&made[1]));

    fs::write(&registered, "nonsense").unwrap();
    let wrong = Keys::open(&directory, &account);
    assert!(matches!(wrong, Err(KeysError::MerchantKey { .. })));
    fs::write(directory.join("client.secret"), " ").unwrap();
    assert!(matches!(
        Keys::open(&directory, &account),
        Err(KeysError::Empty(_))
    ));
}

#[test]
fn a_further_mini_app_has_auth_credentials_in_a_file_of_its_own() {
    let directory = TempDir::create();
    let kopi: MiniAppId = "kopi".parse().unwrap();
    let made = Keys::open_auth_credentials(&directory, &kopi).unwrap();
    let path = directory.join("auth.kopi.credentials");
    assert_eq!(Keys::auth_credentials_path(&directory, &kopi), path);
    assert_eq!(fs::read_to_string(&path).unwrap(), made.expose());
    let again = Keys::open_auth_credentials(&directory, &kopi).unwrap();
    assert_eq!(again.expose(), made.expose());
    let teh = Keys::open_auth_credentials(&directory, &"teh".parse().unwrap());
    assert_ne!(teh.unwrap().expose(), made.expose());
}

#[cfg(unix)]
#[test]
fn secrets_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::create();
    Keys::open(&directory, &Account::default()).unwrap();
    for file in [
        "gopay.pem",
        "client.secret",
        "auth.credentials",
        "merchant.pem",
    ] {
        let metadata = fs::metadata(directory.join(file)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_changed_key_is_the_only_one_that_gopay_knows() {
    let mut merchant = Merchant::new().await;
    let next = SigningKey::generate().unwrap();
    let body = json!({"grantType": "client_credentials"}).to_string();
    let ask = async |merchant: &Merchant| {
        let headers = merchant.token_headers(Timestamp::now());
        merchant.post(TOKEN, &headers, body.clone()).await.0
    };
    let change = async |merchant: &Merchant, change: Value| {
        let answer = merchant.control(Method::PUT, "/control/keys", change).await;
        answer.0
    };
    assert_eq!(ask(&merchant).await, 200);
    let public = next.public_pem().unwrap();
    assert_eq!(change(&merchant, json!({"merchant": public})).await, 200);
    assert_eq!(ask(&merchant).await, 401);
    merchant.private_key = next;
    assert_eq!(ask(&merchant).await, 200);
    for wrong in [
        json!({"merchant": "nonsense"}),
        json!({"server_key": "Mid-client-1"}),
        json!({"secret": "unknown"}),
    ] {
        assert_eq!(change(&merchant, wrong.clone()).await, 422, "{wrong}");
    }
    assert_eq!(ask(&merchant).await, 200, "nothing was changed");
}
