//! The tables and their columns, as `copy` reads and fills them.
//!
//! Invariant: a table stands after those that its foreign keys refer to, and its first column is its key.

/// How many rows are read at once: some megabytes at most.
pub(super) const BATCH: usize = 1000;

/// The statements of one table. PostgreSQL's `numbered_days` has none: it follows from the fulfilments. Nor have
/// `access_tokens` and `gopay_pauses`, which are made anew.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    /// The first rows by the key.
    pub(super) first: &'static str,
    /// Those after the key `$1`.
    pub(super) next: &'static str,
    /// For SQLite: one row, its values in the order of the columns.
    pub(super) insert: &'static str,
    /// For PostgreSQL: any number of rows.
    pub(super) copy_in: &'static str,
    /// How many rows it has, as far as the first.
    pub(super) count_first: &'static str,
    /// For PostgreSQL, which then plans by what it knows of the rows.
    pub(super) analyze: &'static str,
    /// For PostgreSQL. Until the end of the transaction no other one writes into the table.
    pub(super) disable_triggers: &'static str,
    pub(super) enable_triggers: &'static str,
}

macro_rules! table {
    ($name:ident: $key:ident $($column:ident)*) => {
        Table {
            name: stringify!($name),
            columns: &[stringify!($key) $(, stringify!($column))*],
            first: concat!(
                "select ", stringify!($key), $(", ", stringify!($column),)*
                " from ", stringify!($name), " order by ", stringify!($key), " limit 1000"
            ),
            next: concat!(
                "select ", stringify!($key), $(", ", stringify!($column),)*
                " from ", stringify!($name), " where ", stringify!($key), " > $1 order by ",
                stringify!($key), " limit 1000"
            ),
            insert: concat!(
                "insert into ", stringify!($name), " (",
                stringify!($key), $(", ", stringify!($column),)*
                ") values ($", stringify!($key), $(", $", stringify!($column),)* ")"
            ),
            copy_in: concat!(
                "copy ", stringify!($name), " (",
                stringify!($key), $(", ", stringify!($column),)* ") from stdin"
            ),
            count_first: concat!("select count(*) from (select 1 from ", stringify!($name), " limit 1) it"),
            analyze: concat!("analyze ", stringify!($name)),
            disable_triggers: concat!("alter table ", stringify!($name), " disable trigger user"),
            enable_triggers: concat!("alter table ", stringify!($name), " enable trigger user"),
        }
    };
}

pub(super) const TABLES: &[Table] = &[
    table!(customers: id mini_app account_hash gopay_account_id auth_token auth_token_version
        auth_token_inactive created_at name erased),
    table!(master_keys: id),
    table!(sessions: token_hash customer_id expires_at last_used_at),
    table!(auth_codes: hash seen_at),
    table!(orders: id customer_id idempotency_key fingerprint lines total created_at status
        table_name promo_code discount confirmation),
    table!(attempts: external_id order_id number idempotency_key request created_at valid_until
        reference_no deeplink last_inquiry_at next_inquiry_at leased_until is_urgent),
    table!(evidence: id external_id source finding amount received_at),
    table!(fulfilments: id order_id evidence_id day day_number pickup_code paid_at state tries
        answer try_at leased_until),
    table!(refunds: number external_id payment amount cause request created_at state sent_at
        last_sent_at last_response tries answer try_at leased_until retried_as asked_as),
    table!(refund_approvals: id order_id amount asked_as retry_of asked_by asked_at approved_by),
    table!(unplaced_notifications: id reference_no partner_reference_no external_id status amount
        first_at last_at times),
    table!(resolutions: id as_of),
    table!(staff_actions: id at actor command subject reason result_of result),
    table!(mini_app_requests: id order_id kind asked_as full_amount amount request created_at state
        first_sent_at tries token_refusals gopay_id answer try_at leased_until),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::database::{
        Connection, Store,
        connection::sql,
        sqlite::file::{self, Access},
    };
    use crate::domain::operator_policy::FulfilmentMode;
    use std::collections::BTreeSet;
    use test_kit::TempDir;

    /// Otherwise a copy would lose what a migration added.
    #[tokio::test]
    async fn every_column_of_every_table_is_copied() {
        let folder = TempDir::create();
        let path = folder.join("merchant.db");
        let url = format!("sqlite://{}", path.display());
        Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
        let mut database = Connection::Sqlite(file::open(&path, Access::Read).unwrap());
        let columns = sql("select tables.name || '.' || columns.name
             from sqlite_schema tables, pragma_table_info(tables.name) columns
             where tables.type = 'table' and tables.name not like 'sqlite_%'
             and tables.name not in ('_sqlx_migrations', 'access_tokens', 'gopay_pauses')");
        let columns: Vec<String> = columns.fetch_values(&mut database).await.unwrap();
        let copied = TABLES.iter().flat_map(|table| {
            let columns = table.columns.iter();
            columns.map(|column| format!("{}.{column}", table.name))
        });
        assert_eq!(
            columns.into_iter().collect::<BTreeSet<_>>(),
            copied.collect()
        );
    }

    #[test]
    fn a_batch_is_as_large_as_the_statements_say() {
        for table in TABLES {
            let end = format!(" limit {BATCH}");
            assert!(table.first.ends_with(&end) && table.next.ends_with(&end));
        }
    }
}
