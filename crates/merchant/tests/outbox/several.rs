//! Two merchants on one database.

use crate::store_fixture::{NOON, StoreFixture, TOTAL, ms};
use crate::test_database::is_postgres;
use contract::OrderStatus;
use gopay_protocol::ExternalId;
use merchant::{
    adapters::database::{Store, sql},
    domain::{
        operator_policy::FulfilmentMode,
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
    },
    ports::{AccountState, AttemptRepository, FulfilmentRepository, OrderRepository, SharedToken},
};
use std::collections::HashSet;
use tokio::task::JoinSet;

async fn hear(store: Store, external_id: ExternalId) -> String {
    let received = ReceivedEvent {
        event: PaymentEvent::Paid(TOTAL),
        source: EventSource::Notification,
        received_at: NOON,
    };
    let order = store.record(&external_id, received).await.unwrap();
    assert_eq!(order.status, OrderStatus::Paid);
    order.pickup_code.unwrap()
}

/// F68: two merchants that hear of one payment owe it once, and one of them sends the webhook; of many
/// payments, no two get the same code.
#[tokio::test(flavor = "multi_thread")]
async fn two_merchants_that_race_have_one_effect() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let other = Store::open(&fixture.url(), FulfilmentMode::Webhook).await;
    let stores = [fixture.store.clone(), other.unwrap()];
    let mut orders = Vec::new();
    for _ in 0..8 {
        orders.push(fixture.order().await);
    }
    let mut heard = JoinSet::new();
    for (id, external_id) in &orders {
        for store in stores.iter().chain(&stores) {
            let (id, heard_by) = (id.clone(), hear(store.clone(), external_id.clone()));
            heard.spawn(async move { (id, heard_by.await) });
        }
    }
    let codes: HashSet<_> = heard.join_all().await.into_iter().collect();
    assert_eq!(codes.len(), orders.len(), "{codes:?}");
    let distinct: HashSet<_> = codes.iter().map(|(_, code)| code).collect();
    assert_eq!(distinct.len(), orders.len(), "{codes:?}");
    let mut leases = JoinSet::new();
    for (id, _) in &orders {
        let owed = fixture.owed(id).await;
        assert_eq!(owed.len(), 1);
        // Their clocks are some milliseconds apart, and each reads its own before it asks.
        for (store, earlier) in stores.clone().into_iter().zip([0, 5]) {
            let fulfilment = owed[0].clone();
            leases.spawn(async move {
                let now = NOON + ms(10 - earlier);
                let leased = store.lease_fulfilment(&fulfilment, now, now + ms(60_000));
                leased.await.unwrap().map(|lease| lease.fulfilment_id)
            });
        }
    }
    let leased: Vec<_> = leases.join_all().await.into_iter().flatten().collect();
    assert_eq!(leased.len(), orders.len());
    assert_eq!(HashSet::<_>::from_iter(&leased).len(), orders.len());
    fixture.is_sound().await;
}

/// Of two processes one at a time requests an access token, and what comes after its lease changes nothing.
#[tokio::test]
async fn one_process_at_a_time_requests_an_access_token() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let other = Store::open(&fixture.url(), FulfilmentMode::Webhook).await;
    let (one, other) = (&fixture.store, &other.unwrap());
    let key = b"key".as_slice();
    let at = |seconds: u64| NOON + ms(seconds * 1_000);
    assert!(one.lease_access_token(key, 0, at(0), at(12)).await.unwrap());
    assert!(
        !other
            .lease_access_token(key, 0, at(1), at(13))
            .await
            .unwrap()
    );
    // The first one is not heard of.
    assert!(
        other
            .lease_access_token(key, 0, at(12), at(24))
            .await
            .unwrap()
    );
    one.store_access_token(key, at(12), b"late", at(900))
        .await
        .unwrap();
    one.release_access_token(key, at(12), at(1)).await.unwrap();
    assert_eq!(one.access_token(key).await.unwrap().sealed, None);
    assert!(
        !one.lease_access_token(key, 0, at(13), at(25))
            .await
            .unwrap()
    );
    other
        .store_access_token(key, at(24), b"token", at(900))
        .await
        .unwrap();
    let token = SharedToken {
        sealed: Some(b"token".to_vec()),
        valid_until: at(900),
        version: 1,
    };
    assert_eq!(one.access_token(key).await.unwrap(), token);
    // Who has read the one before does not request the next.
    assert!(
        !one.lease_access_token(key, 0, at(30), at(42))
            .await
            .unwrap()
    );
    assert!(
        one.lease_access_token(key, 1, at(30), at(42))
            .await
            .unwrap()
    );
    // GoPay refused: nobody requests another one for a second.
    one.release_access_token(key, at(42), at(32)).await.unwrap();
    assert!(
        !other
            .lease_access_token(key, 1, at(31), at(43))
            .await
            .unwrap()
    );
    assert!(
        other
            .lease_access_token(key, 1, at(32), at(44))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn the_longer_pause_stays_unless_a_clock_was_set_back() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let store = &fixture.store;
    let at = |seconds: u64| NOON + ms(seconds * 1_000);
    let account = b"account".as_slice();
    for (until, latest, kept) in [
        (at(60), at(120), at(60)),
        (at(2), at(120), at(60)),
        (at(100_000), at(100_120), at(100_000)),
        (at(5), at(120), at(5)),
    ] {
        store
            .store_pause(account, "payment", until, latest)
            .await
            .unwrap();
        let pauses = store.pauses(account, at(0)).await.unwrap();
        assert_eq!(pauses, [("payment".to_owned(), kept)]);
    }
    assert_eq!(store.pauses(account, at(5)).await.unwrap(), []);
    assert_eq!(store.pauses(b"another", at(0)).await.unwrap(), []);
}

/// F67: PostgreSQL rolls a transaction back because of another one, now and then. It is carried out once
/// more, with one effect. The sequence is not rolled back, so each third insert of an event fails, whoever
/// makes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_was_rolled_back_is_carried_out_again() {
    if !is_postgres() {
        // SQLite has one writer, and rolls nothing back.
        return;
    }
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let mut raw = fixture.raw().await;
    raw.run_script(
        "create sequence writes;
         create function fail_now_and_then() returns trigger language plpgsql as $$
         begin
             case nextval('writes') % 6
                 when 2 then raise exception 'deadlock detected' using errcode = '40P01';
                 when 5 then raise exception 'could not serialize' using errcode = '40001';
                 else return new;
             end case;
         end $$;
         create trigger now_and_then before insert on evidence for each row
         execute function fail_now_and_then()",
    )
    .await
    .unwrap();
    for _ in 0..12 {
        let id = fixture.paid().await;
        assert_eq!(fixture.owed(&id).await.len(), 1);
    }
    let writes: i64 = sql("select last_value from writes")
        .fetch_value(&mut raw)
        .await
        .unwrap();
    // Of each order two events, and each third insert failed.
    assert!(writes >= 24 + 12, "{writes}");
    fixture.is_sound().await;
}

/// A later version brings the tables up to date while this one runs: what this one has prepared is prepared
/// anew, for reads and for writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_goes_on_while_another_version_changes_the_tables() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let before = fixture.paid().await;
    let mut raw = fixture.raw().await;
    for column in ["one", "two", "three"] {
        for table in ["orders", "attempts", "refunds", "mini_app_requests"] {
            let change = format!("alter table {table} add column {column} text").leak();
            raw.run_script(change).await.unwrap();
        }
        let order = fixture.store.order(&before).await.unwrap().unwrap();
        assert_eq!(order.status, OrderStatus::Paid);
        let after = fixture.paid().await;
        assert_eq!(fixture.owed(&after).await.len(), 1);
    }
    fixture.is_sound().await;
}
