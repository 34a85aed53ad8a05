//! A database with many orders, made of one.

use crate::{
    Error,
    stack::{Database, Stack},
};

/// Of a day: so many have pick-up codes of their own.
const ORDERS_PER_DAY: u32 = 1000;

/// Copies the order that is there, with its attempt and its fulfilment, for all buyers, with five events each.
/// Returns how many bytes the database has.
pub(crate) async fn multiply(
    stack: &Stack,
    database: &Database,
    orders: u32,
) -> Result<u64, Error> {
    let (before, copies, time, pickup_code, after) = match database {
        Database::Sqlite => (
            "pragma synchronous = off; pragma cache_size = -200000",
            format!(
                "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {orders})
                 select n, created_at - 1000000 - {orders} + n as placed_at, n / {ORDERS_PER_DAY} as day,
                        lower(hex(randomblob(10))) as random, lower(hex(randomblob(10))) as another
                 from numbers cross join model"
            ),
            "printf('%012x', placed_at) ||",
            "printf('C%04d', n % 1000)",
            ["analyze", "pragma wal_checkpoint(truncate)"],
        ),
        // Neither limits nor triggers, which would look at each row: the model's rows passed them.
        Database::Postgres(_) => (
            "set statement_timeout = 0; set session_replication_role = replica",
            format!(
                "select n, created_at - 1000000 - {orders} + n as placed_at, n / {ORDERS_PER_DAY} as day,
                        substr(replace(gen_random_uuid()::text, '-', ''), 13) as random,
                        substr(replace(gen_random_uuid()::text, '-', ''), 13) as another
                 from generate_series(1, {orders}) as n cross join model"
            ),
            "lpad(to_hex(placed_at), 12, '0') ||",
            "'C' || lpad((n % 1000)::text, 4, '0')",
            ["vacuum analyze", "checkpoint"],
        ),
    };
    let statements = [
        before.to_owned(),
        "create temp table model as select orders.*, external_id, request, valid_until, deeplink
         from orders join attempts on order_id = orders.id where orders.status = 'paid'"
            .to_owned(),
        "create temp table buyers as select row_number() over (order by created_at, id) - 1 as number, id from customers"
            .to_owned(),
        format!("create temp table numbers as {copies}"),
        // The merchant's own ids are in the order of time; the browser's keys are not.
        format!(
            "create temp table copies as
             select n, placed_at, day, {time} random as id, {time} another as external_id,
                    another || substr(random, 1, 12) as idempotency_key
             from numbers"
        ),
        "create unique index copies_by_number on copies (n)".to_owned(),
        "insert into orders (id, customer_id, idempotency_key, fingerprint, lines, total, created_at, status)
         select copies.id, buyers.id, copies.idempotency_key, fingerprint, lines, total, placed_at, 'paid'
         from copies cross join model join buyers on buyers.number = n % (select count(*) from buyers)
         order by n"
            .to_owned(),
        "insert into attempts (external_id, order_id, number, idempotency_key, request, created_at,
                               valid_until, reference_no, deeplink, last_inquiry_at, leased_until)
         select copies.external_id, copies.id, 1, copies.idempotency_key, request, placed_at,
                valid_until - 1000000, 'A' || copies.external_id, deeplink, model.created_at, 0
         from copies cross join model order by n"
            .to_owned(),
        "insert into evidence (external_id, source, finding, amount, received_at)
         select copies.external_id, 'answer', finding, amount, placed_at
         from copies cross join model cross join
              (select 'made' as finding, 0 as amount union all select 'paid', model.total from model
               union all select 'refunded', 1000 union all select 'refunded', 2000
               union all select 'refunded', 3000) as events
         order by n"
            .to_owned(),
        "create temp table newest as select external_id, max(id) as id from evidence group by external_id"
            .to_owned(),
        format!(
            "insert into fulfilments (id, order_id, evidence_id, day, day_number, pickup_code, paid_at, state, try_at)
             select copies.id, copies.id, newest.id, day, n % {ORDERS_PER_DAY}, {pickup_code},
                    placed_at, 'counter', 0
             from copies join newest on newest.external_id = copies.external_id order by n"
        ),
    ];
    let mut connection = stack.open_database().await?;
    let after = after.map(str::to_owned);
    for statement in statements.into_iter().chain(after) {
        connection.run_script(statement.leak()).await?;
    }
    drop(connection);
    stack.database_size().await
}
