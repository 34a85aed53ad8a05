//! What a merchant that died left behind.

use crate::{
    harness::{CrashHarness, file_url, with_end},
    test_database,
};
use contract::OrderStatus;
use merchant::adapters::database::{Connection, sql};
use merchant::cli::verify::verify;
use std::fs;
use test_kit::{scan, scan_database};

impl CrashHarness {
    /// The database as it was left: of a file a copy. Nothing else is done in PostgreSQL meanwhile.
    async fn remains(&self) -> String {
        if test_database::is_postgres() {
            test_database::scan(&self.folder).await;
            return self.database_url.clone();
        }
        let copy = self.folder.join("remains.db");
        for end in ["", "-wal"] {
            let _ = fs::remove_file(with_end(&copy, end));
            let from = with_end(&self.database(), end);
            if from.exists() {
                fs::copy(from, with_end(&copy, end)).unwrap();
            }
        }
        scan_database(&copy);
        file_url(&copy)
    }

    /// Nothing that anybody was told is missing, and nothing is there that was never written
    /// down; on a copy, so that the merchant finds what it left.
    pub(crate) async fn check_remains(&self) {
        let url = self.remains().await;
        scan("the merchant's output", self.said().as_bytes());
        let Ok(report) = verify(&url).await else {
            // It did not live to make its tables.
            assert_eq!((&self.cookie, &self.acknowledged), (&None, &None));
            assert_eq!(self.payments().await.len(), 0);
            return;
        };
        assert_eq!(report.violations(), 0, "{report}");
        let mut copy = Connection::open(&url).await.unwrap();
        self.check_gopays_word(&mut copy).await;
        self.check_our_word(&mut copy).await;
    }

    /// GoPay knows of nothing that was not written down, and is right in what it believes us
    /// to have kept.
    async fn check_gopays_word(&self, copy: &mut Connection) {
        for payment in self.payments().await {
            let written: i64 = sql("select count(*) from attempts where external_id = $1")
                .bind(payment["external_id"].as_str())
                .fetch_value(&mut *copy)
                .await
                .unwrap();
            assert_eq!(written, 1, "GoPay knows of what was not written down");
        }
        for entry in self.ledger().await["entries"].as_array().unwrap() {
            let taken = entry["answer"]["http_status"] == 200;
            if entry["kind"] == "notification_tried" && entry["nature"] == "genuine" && taken {
                let kept: i64 = sql(
                    "select count(*) from evidence natural join attempts
                     where reference_no = $1 and finding <> 'made' and case when finding = 'refunded' then 1 else 0 end = $2",
                )
                .bind(entry["reference_no"].as_str())
                .bind(entry["latest_transaction_status"] == "04")
                .fetch_value(&mut *copy)
                .await
                .unwrap();
                assert_eq!(kept, 1, "GoPay was told that this is kept: {entry}");
            }
            if entry["kind"] == "refund_requested" {
                let written: i64 = sql("select count(*) from refunds
                     where number = $1 and external_id = $2 and sent_at is not null")
                .bind(entry["partner_refund_no"].as_str())
                .bind(entry["external_id"].as_str())
                .fetch_value(&mut *copy)
                .await
                .unwrap();
                assert_eq!(written, 1, "GoPay was asked for what was not written down");
            }
        }
    }

    /// What the buyer and the staff were told is true.
    async fn check_our_word(&self, copy: &mut Connection) {
        let sessions: i64 = sql("select count(*) from sessions")
            .fetch_value(&mut *copy)
            .await
            .unwrap();
        assert!(sessions >= i64::from(self.cookie.is_some()));
        if let Some(order) = &self.acknowledged {
            let status: OrderStatus = {
                let status: String = sql("select status from orders where id = $1")
                    .bind(order.id.as_str())
                    .fetch_value(&mut *copy)
                    .await
                    .unwrap();
                serde_json::from_value(status.into()).unwrap()
            };
            match order.status {
                OrderStatus::Paid => assert!(status == order.status || self.is_given_back(status)),
                OrderStatus::Refunded => assert_eq!(status, order.status),
                _ => {}
            }
        }
        if let Some(number) = &self.reserved {
            let kept: i64 = sql("select count(*) from refunds where number = $1")
                .bind(number)
                .fetch_value(&mut *copy)
                .await
                .unwrap();
            assert_eq!(kept, 1, "staff were told that this is reserved: {number}");
        }
    }
}
