//! Migrations of a version to come, with which tests play a deployment.
//!
//! `MERCHANT_NEXT_VERSION` says whether merchants of this version can work beside it: `beside` or `alone`.

use super::Migration;
use std::{env, sync::OnceLock};

/// They change what statements of this version read, and ask for nothing that they do not write.
const TEXTS: [&str; 4] = [
    "alter table customers add column of_next_version bigint not null default 0;
     create table of_next_version (id bigint primary key);",
    "alter table orders add column of_next_version bigint not null default 0;
     create index orders_of_next_version on orders (of_next_version, created_at);",
    "alter table attempts add column of_next_version text;",
    "alter table fulfilments add column of_next_version bigint;",
];

pub(super) fn migrations(known: &[Migration]) -> &'static [Migration] {
    static MIGRATIONS: OnceLock<Vec<Migration>> = OnceLock::new();
    MIGRATIONS.get_or_init(|| {
        let is_beside = match env::var("MERCHANT_NEXT_VERSION").as_deref() {
            Ok("beside") => true,
            Ok("alone") => false,
            _ => return Vec::new(),
        };
        let versions = known.last().map_or(1, |last| last.version + 1)..;
        (versions.zip(TEXTS))
            .map(|(version, text)| Migration {
                version,
                name: "next version",
                text,
                is_beside,
            })
            .collect()
    })
}
