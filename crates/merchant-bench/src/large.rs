//! A database with many orders, made of one.

use crate::{Error, stack::Stack};
use std::fs;

/// Of a day: so many have pick-up codes of their own.
const ORDERS_PER_DAY: u32 = 1000;

/// Copies the order that is there, with its attempt and its fulfilment, for all buyers, with five events each.
/// Returns how many bytes the database has.
pub(crate) async fn multiply(stack: &Stack, orders: u32) -> Result<u64, Error> {
    let mut database = stack.open_database().await?;
    let statements = [
        "pragma synchronous = off; pragma cache_size = -200000".to_owned(),
        "create temp table model as select orders.*, external_id, request, valid_until, deeplink
         from orders join attempts on order_id = orders.id where orders.status = 'paid'"
            .to_owned(),
        "create temp table buyers as select row_number() over (order by created_at, id) - 1 as number, id from customers"
            .to_owned(),
        format!(
            "create temp table copies as
             with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {orders})
             select n, lower(hex(randomblob(16))) as id, lower(hex(randomblob(16))) as external_id,
                    n / {ORDERS_PER_DAY} as day
             from numbers"
        ),
        "create unique index temp.copies_by_number on copies (n)".to_owned(),
        "insert into orders (id, customer_id, idempotency_key, fingerprint, lines, total, created_at, status)
         select copies.id, buyers.id, copies.id, fingerprint, lines, total,
                model.created_at - 1000000 - n, 'paid'
         from copies join model join buyers on buyers.number = n % (select count(*) from buyers)"
            .to_owned(),
        "insert into attempts (external_id, order_id, number, idempotency_key, request, created_at,
                               valid_until, reference_no, deeplink, last_inquiry_at, leased_until)
         select copies.external_id, copies.id, 1, copies.id, request, model.created_at - 1000000 - n,
                valid_until - 1000000 - n, 'A' || copies.external_id, deeplink, model.created_at, 0
         from copies join model"
            .to_owned(),
        "insert into evidence (external_id, source, finding, amount, received_at)
         select copies.external_id, 'answer', finding, amount, model.created_at - 1000000 - n
         from copies join model join
              (select 'made' as finding, 0 as amount union all select 'paid', model.total from model
               union all select 'refunded', 1000 union all select 'refunded', 2000
               union all select 'refunded', 3000)
         order by n"
            .to_owned(),
        "insert into fulfilments (id, order_id, evidence_id, day, day_number, pickup_code, paid_at, state, try_at)
         select copies.id, copies.id, (select max(id) from evidence where external_id = copies.external_id),
                day, n % 1000, printf('C%04d', n % 1000), model.created_at - 1000000 - n, 'counter', 0
         from copies join model"
            .to_owned(),
        "analyze".to_owned(),
    ];
    for statement in statements {
        database.run_script(statement.leak()).await?;
    }
    database
        .run_script("pragma wal_checkpoint(truncate)")
        .await?;
    drop(database);
    Ok(fs::metadata(stack.database())?.len())
}
