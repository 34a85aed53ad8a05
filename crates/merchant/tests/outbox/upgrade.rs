//! A database from before there was an outbox.

use merchant::store::{Delivery, Handover, Store};
use sqlx::{
    ConnectOptions, Executor,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use std::{fs, path::Path};
use uuid::Uuid;

const BEFORE: [(&str, &str); 2] = [
    (
        "0001_orders.sql",
        include_str!("../../migrations/0001_orders.sql"),
    ),
    (
        "0002_names.sql",
        include_str!("../../migrations/0002_names.sql"),
    ),
];

/// I-28: what was paid then has been handed over at the counter: it is in the outbox, and
/// nobody is told of it.
#[tokio::test]
async fn orders_that_were_paid_before_are_owed_at_the_counter() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().to_string());
    fs::create_dir(&folder).unwrap();
    for (name, text) in BEFORE {
        fs::write(folder.join(name), text).unwrap();
    }
    let path = folder.join("old.db");
    let mut old = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await
        .unwrap();
    let migrator = Migrator::new(folder.as_path()).await.unwrap();
    migrator.run_direct(None, &mut old, false).await.unwrap();
    old.execute(
        r#"insert into customers values ('c', x'00', x'00', 1, null);
        insert into orders values
            ('a', 'c', 'ka', x'00', '[]', 10, 1, 'paid'),
            ('b', 'c', 'kb', x'00', '[]', 10, 2, 'expired'),
            ('d', 'c', 'kd', x'00', '[]', 10, 3, 'paid');
        insert into attempts values
            ('xa', 'a', 1, 'ka', '{}', 1, 2, null, null, 0, null, 0),
            ('xb', 'b', 1, 'kb', '{}', 1, 2, null, null, 0, null, 0),
            ('xd', 'd', 1, 'kd', '{}', 1, 2, null, null, 0, null, 0);
        insert into evidence (external_id, source, finding, amount, received_at) values
            ('xa', 'notification', 'paid', 10, 1795323600000),
            ('xb', 'inquiry', 'expired', 0, 1795323600000),
            ('xd', 'notification', 'paid', 10, 1795323600001),
            ('xd', 'inquiry', 'expired', 0, 1795323600002);"#,
    )
    .await
    .unwrap();
    drop(old);

    let url = format!("sqlite://{}", path.display());
    assert!(merchant::verify::verify(&url).await.is_err(), "not begun");
    let store = Store::open(&url, Handover::Hook).await.unwrap();
    let owed = store.fulfilments(Delivery::Counter).await.unwrap();
    let owed: Vec<_> = owed
        .iter()
        .map(|owed| (owed.order_id.as_str(), owed.pickup_code.as_str()))
        .collect();
    assert_eq!(owed, [("a", "0001"), ("d", "0002")]);
    let report = merchant::verify::verify(&url).await.unwrap();
    for check in report.checks {
        // The orders were made up without lines and requests.
        assert!(
            check.violations.is_empty() || check.id == "I-09",
            "{check:?}"
        );
    }
    fs::remove_dir_all(&folder).unwrap();
}
