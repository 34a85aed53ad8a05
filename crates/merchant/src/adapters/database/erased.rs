//! Whether a buyer has been erased, after which nothing is written in their name.

use super::connection::{Connection, sql};
use crate::ports::Error;
use contract::{CustomerId, OrderId};

/// The buyer was there when the request began.
fn refuse(is_erased: bool) -> Result<(), Error> {
    match is_erased {
        false => Ok(()),
        true => Err(Error::Internal("the buyer was erased meanwhile")),
    }
}

pub(super) async fn is_erased(connection: &mut Connection, id: &CustomerId) -> Result<bool, Error> {
    sql("select exists (select 1 from customers where id = $1 and erased = 1)")
        .bind(id.as_str())
        .fetch_value(connection)
        .await
}

/// Fails where the buyer, who was there when the request began, has been erased: they sign in anew.
pub(super) async fn check_not_erased(
    connection: &mut Connection,
    id: &CustomerId,
) -> Result<(), Error> {
    refuse(is_erased(connection, id).await?)
}

pub(super) async fn is_erased_of_order(
    connection: &mut Connection,
    id: &OrderId,
) -> Result<bool, Error> {
    sql(
        "select exists (select 1 from orders join customers c on c.id = customer_id
         where orders.id = $1 and c.erased = 1)",
    )
    .bind(id.as_str())
    .fetch_value(connection)
    .await
}

/// As [`check_not_erased`], of the buyer of an order.
pub(super) async fn check_buyer_of_order(
    connection: &mut Connection,
    id: &OrderId,
) -> Result<(), Error> {
    refuse(is_erased_of_order(connection, id).await?)
}
