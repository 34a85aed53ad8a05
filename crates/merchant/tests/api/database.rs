//! The merchant's database, read from beside it.

use crate::test_env::TestEnv;
use sqlx::{Connection, SqliteConnection};
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
    pub(crate) async fn database(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.database_url())
            .await
            .unwrap()
    }

    /// Every row of every table, but for what changes by itself.
    pub(crate) async fn kept(&self) -> BTreeMap<String, Vec<String>> {
        let mut database = self.database().await;
        let tables: Vec<(String,)> = sqlx::query_as(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'",
        )
        .fetch_all(&mut database)
        .await
        .unwrap();
        let mut kept = BTreeMap::new();
        for (table,) in tables {
            let columns: Vec<(String,)> = sqlx::query_as("select name from pragma_table_info(?)")
                .bind(&table)
                .fetch_all(&mut database)
                .await
                .unwrap();
            let columns: Vec<String> = (columns.into_iter())
                .filter(|(name,)| !CLOCKWORK.contains(&name.as_str()))
                .map(|(name,)| format!("'{name} ' || quote(\"{name}\")"))
                .collect();
            let select = format!(
                "select {} as line from \"{table}\" order by line",
                columns.join(" || ', ' || ")
            );
            let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(select))
                .fetch_all(&mut database)
                .await
                .unwrap();
            kept.insert(table, rows.into_iter().map(|(row,)| row).collect());
        }
        kept
    }
}
