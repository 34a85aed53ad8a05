//! A key may be a list while it is changed, and `merchant rotate` makes the next one.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use config_dir::ConfigDir;
use gopay_protocol::{Secret, SigningKey, VerifyingKey};
use merchant::adapters::database::Connection;
use merchant::{
    adapters::database::{InstanceLock, Store},
    config::{Config, Fulfilment},
    domain::{operator_policy::FulfilmentMode, time::Timestamp},
    ports::{CustomerRepository, SealedAccount},
    vault::Vault,
};
use std::{fs, process::Command};
use test_kit::{WEBHOOK_SECRET, output_of};

#[path = "fixtures/config_dir.rs"]
mod config_dir;

const WEBHOOK: (&str, &str) = (
    "MERCHANT_FULFILMENT_WEBHOOK_URL",
    "https://kedai.example/paid",
);

fn edit(folder: &ConfigDir, from: &str, to: &str) {
    let text = fs::read_to_string(folder.file()).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(folder.file(), text.replacen(from, to, 1)).unwrap();
}

/// Each key with the file that it names, and what a further file may hold.
fn keys() -> [(&'static str, &'static str, String); 4] {
    let key = SigningKey::generate().unwrap();
    [
        (
            "master_key_file",
            "master.key",
            format!("{}=", "A".repeat(43)),
        ),
        (
            "client_secret_file",
            "client.secret",
            "another\n".to_owned(),
        ),
        (
            "private_key_file",
            "merchant.pem",
            key.to_pem().unwrap().expose().to_owned(),
        ),
        (
            "auth_credentials_file",
            "auth.credentials",
            "others\n".to_owned(),
        ),
    ]
}

#[test]
fn each_key_may_be_a_list_of_files() {
    let folder = ConfigDir::new();
    for (key, file, text) in keys() {
        fs::write(folder.path.join(format!("next.{file}")), text).unwrap();
        let one = format!("{key} = \"{file}\"");
        edit(
            &folder,
            &one,
            &format!("{key} = [\"{file}\", \"next.{file}\"]"),
        );
    }
    let config = folder.load(&[]).unwrap();
    assert_eq!(config.vault.ids().count(), 2);
    assert_eq!(config.gopay.client_secret.iter().count(), 2);
    assert_eq!(config.gopay.private_key.iter().count(), 2);
    let registration = config.mini_apps[0].registration.as_ref().unwrap();
    let credentials: Vec<_> = registration.auth_credentials.iter().collect();
    assert_eq!(credentials[0].expose(), "credentials");
    assert_eq!(credentials[1].expose(), "others");
}

#[test]
fn a_variable_separates_the_files_of_a_key_by_commas() {
    let folder = ConfigDir::new();
    let (_, _, text) = &keys()[0];
    fs::write(folder.path.join("next.key"), text).unwrap();
    fs::write(
        folder.path.join("next.secret"),
        format!("{WEBHOOK_SECRET}\n").replace("AAEC", "BBEC"),
    )
    .unwrap();
    let config = folder
        .load(&[
            ("MERCHANT_MASTER_KEY_FILE", "next.key, master.key"),
            WEBHOOK,
            ("MERCHANT_FULFILMENT_SECRET_FILE", "hook.secret,next.secret"),
        ])
        .unwrap();
    assert_eq!(config.vault.ids().count(), 2);
    let Some(Fulfilment { keys, .. }) = config.fulfilment else {
        panic!("there is a webhook");
    };
    assert_eq!(keys.iter().count(), 2);
}

#[test]
fn a_wrong_list_of_files_is_named() {
    let folder = ConfigDir::new();
    let other = folder.path.join("same.secret");
    fs::copy(folder.path.join("client.secret"), &other).unwrap();
    fs::write(folder.path.join("empty.secret"), "\n").unwrap();
    for (files, wrong) in [
        ("", "is missing"),
        ("client.secret, gone", "gone"),
        ("gone, empty.secret", "gone"),
        ("client.secret, empty.secret", "empty.secret is empty"),
        ("client.secret, same.secret", "holds the same key as"),
    ] {
        let variable = ("MERCHANT_GOPAY_CLIENT_SECRET_FILE", files);
        let said = folder.load(&[variable]).unwrap_err().to_string();
        assert!(said.starts_with("gopay.client_secret_file"), "{said}");
        assert!(said.contains(wrong), "{said}");
    }
    let one = "client_secret_file = \"client.secret\"";
    edit(&folder, one, "client_secret_file = []");
    let said = folder.load(&[]).unwrap_err().to_string();
    assert!(said.contains("is an empty list: name a file"), "{said}");
}

/// GoPay's key is not the public half of a next one either.
#[test]
fn the_public_half_of_a_further_key_is_not_taken_for_gopays() {
    let folder = ConfigDir::new();
    let next = SigningKey::generate().unwrap();
    fs::write(
        folder.path.join("next.pem"),
        next.to_pem().unwrap().expose(),
    )
    .unwrap();
    fs::write(
        folder.path.join("gopay.pub.pem"),
        next.public_pem().unwrap(),
    )
    .unwrap();
    folder.load(&[]).unwrap();
    let variable = ("MERCHANT_GOPAY_PRIVATE_KEY_FILE", "merchant.pem,next.pem");
    let said = folder.load(&[variable]).unwrap_err().to_string();
    assert!(said.contains("public half of your own"), "{said}");
}

/// What `merchant rotate` says, or why it does not.
fn rotate(folder: &ConfigDir, what: &[&str]) -> Result<String, String> {
    let output = output_of(
        Command::new(env!("CARGO_BIN_EXE_merchant"))
            .arg("--config")
            .arg(folder.file())
            .arg("rotate")
            .args(what),
    );
    let text = |bytes| String::from_utf8(bytes).unwrap();
    match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    }
}

/// The line of the configuration that it says.
fn line(said: &str, key: &str) -> String {
    let line = said.lines().map(str::trim);
    let mut line = line.filter(|line| line.starts_with(key));
    line.next().unwrap().to_owned()
}

#[test]
fn a_new_master_key_lies_beside_the_former_one() {
    let folder = ConfigDir::new();
    let former = fs::read(folder.path.join("master.key")).unwrap();
    let said = rotate(&folder, &["master-key"]).unwrap();
    let list = line(&said, "master_key_file");
    assert_eq!(list, r#"master_key_file = ["master-2.key", "master.key"]"#);
    edit(&folder, "master_key_file = \"master.key\"", &list);
    let ids = |config: Config| {
        config
            .vault
            .ids()
            .map(|id| id.to_string())
            .collect::<Vec<_>>()
    };
    let first = ids(folder.load(&[]).unwrap());
    assert_eq!(first.len(), 2);
    assert!(said.contains(&first[0]), "{said}");

    let again = rotate(&folder, &["master-key"]).unwrap();
    let list = line(&again, "master_key_file");
    let all = r#"master_key_file = ["master-3.key", "master-2.key", "master.key"]"#;
    assert_eq!(list, all);
    assert_eq!(fs::read(folder.path.join("master.key")).unwrap(), former);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = fs::metadata(folder.path.join("master-3.key")).unwrap();
        assert_eq!(file.permissions().mode() & 0o077, 0);
    }
}

#[test]
fn a_new_key_pair_is_complete() {
    let folder = ConfigDir::new();
    // A public half that lies there is not written over.
    fs::write(folder.path.join("merchant-2.pub.pem"), "mine").unwrap();
    let said = rotate(&folder, &["private-key"]).unwrap();
    let list = line(&said, "private_key_file");
    assert_eq!(
        list,
        r#"private_key_file = ["merchant.pem", "merchant-3.pem"]"#
    );
    edit(&folder, "private_key_file = \"merchant.pem\"", &list);
    let config = folder.load(&[]).unwrap();
    let new = config.gopay.private_key.iter().last().unwrap();
    let public = fs::read_to_string(folder.path.join("merchant-3.pub.pem")).unwrap();
    assert_eq!(
        new.public_key().unwrap(),
        VerifyingKey::from_pem(&public).unwrap()
    );
}

#[test]
fn a_new_webhook_secret_needs_a_webhook() {
    let folder = ConfigDir::new();
    let refused = rotate(&folder, &["webhook-secret"]).unwrap_err();
    assert!(refused.contains("no webhook is configured"), "{refused}");
    let webhook = "\n[fulfilment]\nwebhook_url = \"https://kedai.example/paid\"\nsecret_file = \"hook.secret\"\n[[mini_app]]\n";
    edit(&folder, "\n[[mini_app]]\n", webhook);
    let said = rotate(&folder, &["webhook-secret"]).unwrap();
    let list = line(&said, "secret_file");
    assert_eq!(list, r#"secret_file = ["hook-2.secret", "hook.secret"]"#);
    edit(&folder, "secret_file = \"hook.secret\"", &list);
    folder.load(&[]).unwrap();
}

#[tokio::test]
async fn the_status_of_an_empty_database_needs_no_former_key() {
    let folder = ConfigDir::new();
    let said = rotate(&folder, &["status"]).unwrap_err();
    assert!(said.contains("database_url"), "{said}");
    let config = folder.load(&[]).unwrap();
    let store = Store::open(&config.database_url, FulfilmentMode::PickupOnly)
        .await
        .unwrap();
    let mut lock = InstanceLock::acquire(&config.database_url).await.unwrap();
    store
        .adopt_master_keys(&config.vault, &mut lock)
        .await
        .unwrap();
    let said = rotate(&folder, &["status"]).unwrap();
    assert!(said.contains("(master.key) seals: 0 buyers"), "{said}");
    assert!(said.ends_with("not configured: 0\n"), "{said}");
    assert!(
        rotate(&folder, &["re-seal"])
            .unwrap()
            .starts_with("sealed anew: 0 buyers")
    );
}

/// So many buyers, with a name each.
async fn fill(store: &Store, vault: &Vault, buyers: usize) {
    for number in 0..buyers {
        let text = Secret::new(format!("text of {number}"));
        let hash = vault.keyed_hash(&text);
        let owner = hex::encode(&hash);
        let id = vault.seal(&format!("id of {owner}"), &text).unwrap();
        let token = vault.seal(&owner, &text).unwrap();
        let account = SealedAccount {
            hash: &hash,
            gopay_account_id: &id,
            auth_token: &token,
        };
        let id = format!("c{number}").into();
        let (mini_app, now) = ("kedai".into(), Timestamp::EPOCH);
        let remembered = store.remember_customer(&mini_app, account, &id, now);
        remembered.await.unwrap();
        let customer = store.customer(&id).await.unwrap();
        let name = vault.seal(&format!("name of {owner}"), &text).unwrap();
        assert!(store.keep_name(&customer, Some(&name)).await.unwrap());
    }
}

#[tokio::test]
async fn sealing_anew_goes_on_where_it_broke_off() {
    const BUYERS: usize = 250;
    let folder = ConfigDir::new();
    let url = folder.load(&[]).unwrap().database_url;
    let mut lock = InstanceLock::acquire(&url).await.unwrap();
    let store = Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
    fill(&store, &folder.load(&[]).unwrap().vault, BUYERS).await;
    let said = rotate(&folder, &["master-key"]).unwrap();
    let list = line(&said, "master_key_file");
    edit(&folder, "master_key_file = \"master.key\"", &list);
    let vault = folder.load(&[]).unwrap().vault;
    store.adopt_master_keys(&vault, &mut lock).await.unwrap();

    let mut database = Connection::open(&url).await.unwrap();
    let broken = "create trigger broken before update on customers when old.id = 'c99'
                  begin select raise(abort, 'the disk is full'); end";
    database.run_script(broken).await.unwrap();
    rotate(&folder, &["re-seal"]).unwrap_err();
    let counted = store.master_key_use(&vault).await.unwrap();
    let of = |index| {
        let id = vault.ids().nth(index).unwrap();
        counted.by_key.get(&id).copied().unwrap_or_default()
    };
    // The last batch was not written.
    assert_eq!((of(0), of(1)), (200, 50));
    database.run_script("drop trigger broken").await.unwrap();
    let said = rotate(&folder, &["re-seal"]).unwrap();
    assert!(said.starts_with("sealed anew: 50 buyers"), "{said}");

    edit(&folder, &list, "master_key_file = \"master-2.key\"");
    let said = rotate(&folder, &["status"]).unwrap();
    assert!(said.contains("(master-2.key) seals: 250 buyers"), "{said}");
    assert!(said.ends_with("not configured: 0\n"), "{said}");
    let vault = folder.load(&[]).unwrap().vault;
    store.adopt_master_keys(&vault, &mut lock).await.unwrap();
    for number in [0, 99, 249] {
        let text = Secret::new(format!("text of {number}"));
        let customer = store.customer(&format!("c{number}").into()).await.unwrap();
        assert_eq!(customer.account_hash, vault.keyed_hash(&text));
        let owner = hex::encode(&customer.account_hash);
        assert_eq!(vault.open(&owner, &customer.auth_token), Ok(text.clone()));
        let name = vault.open(&format!("name of {owner}"), &customer.name.unwrap());
        assert_eq!(name, Ok(text));
    }
}
