//! Migrations of a version to come, with which tests play a deployment.
//!
//! `MERCHANT_NEXT_VERSION` says whether merchants of this version can work beside it: `beside` or `alone`.

use super::Migration;
use std::{env, sync::OnceLock};

/// They change what statements of this version read, and ask for nothing that they do not write.
const NEXT: [(&str, &str); 4] = [
    (
        "next version of customers",
        "alter table customers add column of_next_version bigint not null default 0;",
    ),
    (
        "next version of orders",
        "alter table orders add column of_next_version bigint not null default 0;
         create index orders_of_next_version on orders (of_next_version, created_at);",
    ),
    (
        "next version of attempts",
        "alter table attempts add column of_next_version text;",
    ),
    (
        "next version of fulfilments",
        "alter table fulfilments add column of_next_version bigint;
         create table of_next_version (id bigint primary key);",
    ),
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
        (versions.zip(NEXT))
            .map(|(version, (name, text))| Migration {
                version,
                name,
                text,
                is_beside,
            })
            .collect()
    })
}
