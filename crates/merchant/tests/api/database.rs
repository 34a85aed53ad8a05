//! The merchant's database, read from beside it.

use crate::{rows::rows, test_database, test_env::TestEnv};
use merchant::adapters::database::Connection;
use std::collections::BTreeMap;

/// When the merchant looked at something last, or means to: it changes by itself.
const CLOCKWORK: [&str; 7] = [
    "last_inquiry_at",
    "next_inquiry_at",
    "leased_until",
    "try_at",
    "tries",
    "answer",
    "state",
];

impl TestEnv {
    pub(crate) async fn database(&self) -> Connection {
        Connection::open(&self.database_url()).await.unwrap()
    }

    /// The file, or of PostgreSQL all texts and bytes.
    pub(crate) async fn database_bytes(&self) -> Vec<u8> {
        test_database::bytes(&self.folder).await
    }

    /// Every row of every table, but for what changes by itself.
    pub(crate) async fn kept(&self) -> BTreeMap<String, Vec<String>> {
        rows(&mut self.database().await, &CLOCKWORK).await
    }
}
