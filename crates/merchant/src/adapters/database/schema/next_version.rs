//! A migration of a version to come, with which tests play a deployment.
//!
//! `MERCHANT_NEXT_VERSION` says whether merchants of this version can work beside it: `beside` or `alone`.

use super::Migration;
use std::{env, sync::OnceLock};

/// Changes what statements of this version read, and asks for nothing that they do not write.
const TEXT: &str = "
    alter table customers add column of_next_version bigint not null default 0;
    alter table orders add column of_next_version bigint not null default 0;
    alter table attempts add column of_next_version text;
    alter table fulfilments add column of_next_version bigint;
    create index orders_of_next_version on orders (of_next_version, created_at);
    create table of_next_version (id bigint primary key);
";

pub(super) fn migration(known: &[Migration]) -> Option<&'static Migration> {
    static MIGRATION: OnceLock<Option<Migration>> = OnceLock::new();
    let migration = MIGRATION.get_or_init(|| {
        let is_beside = match env::var("MERCHANT_NEXT_VERSION").ok()?.as_str() {
            "beside" => true,
            "alone" => false,
            _ => return None,
        };
        Some(Migration {
            version: known.last()?.version + 1,
            name: "next version",
            text: TEXT,
            is_beside,
        })
    });
    migration.as_ref()
}
