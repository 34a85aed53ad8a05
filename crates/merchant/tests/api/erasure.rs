//! A buyer asks to be forgotten.

use crate::test_env::TestEnv;
use contract::{CustomerId, OrderStatus};
use merchant::{
    adapters::database::{Connection, sql},
    cli::{admin, verify::verify},
    domain::time::Timestamp,
    ports::CustomerRepository,
};
use reqwest::StatusCode;

/// All that is kept of who buyers are.
async fn kept(database: &mut Connection) -> Vec<Vec<u8>> {
    let rows =
        sql("select account_hash, gopay_account_id, auth_token from customers order by created_at")
            .fetch_all(database)
            .await
            .unwrap();
    let columns = rows
        .iter()
        .flat_map(|row| (0..3).map(|place| row.at(place).unwrap()));
    columns.collect()
}

#[tokio::test]
async fn an_erased_buyer_is_not_known_any_more_and_their_orders_stay() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let staff = env.staff().await;
    let id = order.id.as_str();
    // They have to find the order that they are about to pay.
    let refused = staff.erase(&env.keys.vault(), id).await;
    assert!(
        matches!(refused, Err(admin::Error::NotErased { .. })),
        "{refused:?}"
    );
    assert_eq!(buyer.orders(&env).await.len(), 1);
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    let mut database = Connection::open(&env.database_url()).await.unwrap();
    // A request has to be sent with their token.
    let pending = "insert into mini_app_requests (id, order_id, kind, request, created_at, state, try_at, first_sent_at)
         select 'a', id, 'coins', '{}', 1, 'pending', 9000000000000, null from orders
         union all select 'b', id, 'gems', '{}', 1, 'pending', 9000000000000, 1 from orders";
    sql(pending).execute(&mut database).await.unwrap();
    let refused = staff.erase(&env.keys.vault(), id).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("not carried out yet"), "{refused}");
    // GoPay does not take it any more, and they will not sign in again.
    let inactive = sql("update customers set auth_token_inactive = 1");
    inactive.execute(&mut database).await.unwrap();
    let before = kept(&mut database).await;
    let erased_id: String = sql("select id from customers")
        .fetch_value(&mut database)
        .await
        .unwrap();
    let erased_id = CustomerId::from(erased_id);
    let said = staff.erase(&env.keys.vault(), id).await.unwrap();
    assert!(said.starts_with("erased; orders that stay: 1."), "{said}");
    let after = kept(&mut database).await;
    assert!(!before.iter().any(|it| after.contains(it)));
    let states: Vec<String> = sql("select state from mini_app_requests order by id")
        .fetch_values(&mut database)
        .await
        .unwrap();
    assert_eq!(states, ["not_needed", "dead_letter"]);
    let retried = staff.retry_request(&"b".into(), true).await;
    assert!(
        matches!(retried, Err(admin::Error::BuyerErased(_))),
        "{retried:?}"
    );
    let gone = buyer.get(&env, "/api/orders").send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::UNAUTHORIZED);
    // With the same account they are somebody else now.
    let anew = env.sign_in("budi").await;
    assert_eq!(anew.orders(&env).await.len(), 0);
    assert_eq!(kept(&mut database).await.len(), 6);
    // A name that GoPay tells late is not kept of somebody who is erased.
    let store = env.store().await;
    let erased = store.customer(&erased_id).await.unwrap();
    assert!(!store.keep_name(&erased, Some(b"sealed")).await.unwrap());
    // Nor is a session opened that GoPay's answer came too late for.
    let now = Timestamp::from_millis(0);
    let opened = store
        .open_session(&erased_id, b"hash", now, None, now)
        .await;
    assert!(opened.unwrap_err().to_string().contains("erased"));
    let report = verify(&env.database_url()).await.unwrap();
    assert_eq!(report.violations(), 0, "{report}");
    env.reconciled().await;
}
