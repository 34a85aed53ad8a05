//! What must not be found anywhere.

use crate::town::{MASTER_KEY, PACKAGE, Town};
use contract::{OrderStatus, Profile, SESSION_TOKEN};
use gopay_protocol::Confidential;
use merchant::vault::Vault;
use simulator::account;
use sqlx::{Connection, SqliteConnection};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use tracing_subscriber::EnvFilter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_reaches_the_log_or_the_database() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_writer(move || writer.clone())
        .init();
    let town = Town::with_packages().await;
    let code = town.auth_code("budi").await;
    let signed_in = town.exchange(&code).await;
    let buyer = crate::town::Buyer::new(&signed_in);
    let session = buyer.cookie.trim_start_matches("sid=").to_owned();
    let packaged = town
        .http
        .post(town.merchant("/api/session"))
        .header("origin", PACKAGE)
        .json(&serde_json::json!({"auth_code": town.auth_code("budi").await}))
        .send()
        .await
        .unwrap();
    let packaged = packaged.headers()[SESSION_TOKEN].to_str().unwrap();
    let orders = town.http.get(town.merchant("/api/orders"));
    orders.bearer_auth(packaged).send().await.unwrap();
    let refused = town.auth_code("budi").await;
    for _ in 0..2 {
        town.exchange(&refused).await;
    }
    let order = buyer.order(&town).await;
    town.act("pay").await;
    town.decide("budi", "profile", true).await;
    let profile = buyer.post(&town, "/api/profile").send().await.unwrap();
    let name = profile.json::<Profile>().await.unwrap().name.unwrap();
    town.session("budi").await;
    town.scenario("garbage").await;
    buyer.place(&town, "lost").await;
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);

    let vault = Vault::new(&Confidential::new(MASTER_KEY)).unwrap();
    let database = format!("sqlite://{}", town.database.display());
    let mut database = SqliteConnection::connect(&database).await.unwrap();
    let (owner, sealed): (Vec<u8>, Vec<u8>) =
        sqlx::query_as("select account_hash, auth_token from customers")
            .fetch_one(&mut database)
            .await
            .unwrap();
    let auth_token = vault.open(&hex::encode(owner), &sealed).unwrap();
    assert!(!auth_token.expose().is_empty());

    let mut kept = std::fs::read(&town.database).unwrap();
    kept.extend(std::fs::read(format!("{}-wal", town.database.display())).unwrap());
    let written = log.0.lock().unwrap().clone();
    assert!(contains(&written, order.id.as_bytes()), "the log is empty");
    assert!(
        contains(&kept, order.id.as_bytes()),
        "the database is empty"
    );
    for (what, secret) in [
        ("auth code", code.as_str()),
        ("refused auth code", &refused),
        ("session", &session),
        ("session of a package", packaged),
        ("account", &account::gopay_account_id("budi")),
        ("client secret", town.client_secret.expose()),
        ("auth credentials", town.auth_credentials.expose()),
        ("master key", MASTER_KEY),
        ("name", &name),
        ("bearer", "Bearer "),
        ("charge token", "chargeToken\":"),
        ("auth token", auth_token.expose()),
    ] {
        assert!(
            !contains(&kept, secret.as_bytes()),
            "{what} in the database"
        );
        assert!(!contains(&written, secret.as_bytes()), "{what} in the log");
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
