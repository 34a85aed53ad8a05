//! A buyer asks to be forgotten.

use crate::test_env::TestEnv;
use contract::OrderStatus;
use merchant::{
    adapters::database::{Connection, sql},
    cli::{admin, verify::verify},
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
async fn an_erased_buyer_is_nobody_and_their_orders_stay() {
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
    let before = kept(&mut database).await;
    let said = staff.erase(&env.keys.vault(), id).await.unwrap();
    assert!(said.starts_with("erased: the buyer of 1 orders"), "{said}");
    let after = kept(&mut database).await;
    assert!(!before.iter().any(|it| after.contains(it)));
    let gone = buyer.get(&env, "/api/orders").send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::UNAUTHORIZED);
    // With the same account they are somebody else now.
    let anew = env.sign_in("budi").await;
    assert_eq!(anew.orders(&env).await.len(), 0);
    assert_eq!(kept(&mut database).await.len(), 6);
    // A new master key finds nobody who needs the former one.
    let resealed = env.store().await.reseal_customers(&env.keys.vault()).await;
    assert_eq!(resealed.unwrap(), 0);
    let report = verify(&env.database_url()).await.unwrap();
    assert_eq!(report.violations(), 0, "{report}");
    env.reconciled().await;
}
