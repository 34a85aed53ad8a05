//! The merchant under `gopay-simulator check`.

use crate::test_env::{Buyer, TestEnv};
use contract::OrderStatus;
use simulator::{account, check::BackEnd};
use std::time::Duration;
use uuid::Uuid;

struct Shop {
    env: TestEnv,
    buyer: Buyer,
}

impl BackEnd for Shop {
    async fn place_order(&self, _: String) -> Result<String, String> {
        let key = Uuid::new_v4().to_string();
        let answer = self.buyer.place(&self.env, &key).await;
        Ok(answer.text().await.unwrap())
    }

    async fn is_paid(&self, order: String, _: String) -> Result<Option<bool>, String> {
        let status = self.buyer.status(&self.env, &order.into()).await;
        Ok(Some(status == OrderStatus::Paid))
    }
}

#[tokio::test]
async fn the_merchant_has_full_marks_in_the_simulators_check() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in(account::DEFAULT_BUYER).await;
    let shop = Shop { env, buyer };
    let gopay = shop.env.simulator.as_ref().unwrap();
    let report = gopay.check(&shop, Duration::from_secs(30)).await.unwrap();
    assert!(report.is_full(), "{report}");
}
