//! `merchant verify` finds what must not be. Each case breaks one promise by hand, past the
//! constraints that keep it, and expects exactly that one to be named, with the order.

use crate::store_fixture::{NOON, StoreFixture, TOTAL};
use crate::test_database::is_postgres;
use merchant::adapters::database::Connection;
use merchant::domain::{operator_policy::FulfilmentMode, payment_event::PaymentEvent};

/// Takes all constraints off a table.
async fn loosen(raw: &mut Connection, table: &str) {
    let pragmas = match raw {
        Connection::Sqlite(_) => "pragma foreign_keys = off; pragma legacy_alter_table = on;",
        Connection::Postgres(_) => "",
    };
    let script = format!(
        "{pragmas}
         create table loose as select * from {table};
         alter table {table} rename to strict_{table};
         alter table loose rename to {table};"
    );
    raw.run_script(script.leak()).await.unwrap();
}

/// Which promises are broken by a statement, where some are expected to be.
async fn broken_by(loose: Option<&str>, statements: &str) -> Vec<(&'static str, Vec<String>)> {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let (unpaid, _) = fixture.order().await;
    let (paid, external_id) = fixture.order().await;
    fixture
        .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
        .await;
    let (other, other_id) = fixture.order().await;
    fixture
        .hear(&other_id, PaymentEvent::Paid(TOTAL), NOON)
        .await;
    fixture.is_sound().await;
    let mut raw = fixture.raw().await;
    if let Some(table) = loose {
        loosen(&mut raw, table).await;
    }
    let statements = statements
        .replace("UNPAID", unpaid.as_str())
        .replace("PAID", paid.as_str())
        .replace("OTHER", other.as_str());
    raw.run_script(statements.leak()).await.unwrap();
    let report = fixture.verified().await;
    let named = |text: &str| match text {
        text if text == unpaid.as_str() => "unpaid".to_owned(),
        text if text == paid.as_str() => "paid".to_owned(),
        text if text == other.as_str() => "other".to_owned(),
        text => text.to_owned(),
    };
    report
        .checks
        .iter()
        .filter(|check| !check.violations.is_empty())
        // Without the table's own triggers, that they are gone is found too.
        .filter(|check| loose.is_none() || check.id != "I-23")
        .map(|check| {
            let violations = check.violations.iter().map(|text| named(text));
            (check.id, violations.collect())
        })
        .collect()
}

fn only(id: &'static str, order: &str) -> Vec<(&'static str, Vec<String>)> {
    vec![(id, vec![order.to_owned()])]
}

/// I-20, I-22, I-28.
#[tokio::test]
async fn a_status_that_the_evidence_does_not_give_is_found() {
    assert_eq!(
        broken_by(
            None,
            "update orders set status = 'expired' where id = 'UNPAID'"
        )
        .await,
        only("I-20", "unpaid")
    );
    assert_eq!(
        broken_by(
            None,
            "update orders set status = 'expired' where id = 'PAID'"
        )
        .await,
        [only("I-20", "paid"), only("I-22", "paid")].concat()
    );
    assert_eq!(
        broken_by(
            None,
            "update orders set status = 'paid' where id = 'UNPAID'"
        )
        .await,
        [only("I-20", "unpaid"), only("I-28", "unpaid")].concat()
    );
}

/// I-01, I-02, I-28.
#[tokio::test]
async fn a_doubled_wrong_or_missing_fulfilment_is_found() {
    let loose = Some("fulfilments");
    assert_eq!(
        broken_by(
            loose,
            "insert into fulfilments select * from fulfilments where order_id = 'PAID'"
        )
        .await,
        [only("I-01", "paid"), only("I-28", "paid")].concat()
    );
    // Cites evidence that does not prove it.
    assert_eq!(
        broken_by(
            loose,
            "update fulfilments set evidence_id = 1 where order_id = 'PAID'"
        )
        .await,
        only("I-02", "paid")
    );
    assert_eq!(
        broken_by(loose, "delete from fulfilments where order_id = 'OTHER'").await,
        only("I-28", "other")
    );
    assert_eq!(
        broken_by(
            None,
            "update fulfilments set state = 'delivered', answer = '500' where order_id = 'PAID'"
        )
        .await,
        only("I-28", "paid")
    );
}

/// I-09, I-11, I-14, I-18.
#[tokio::test]
async fn changed_orders_and_shared_attempts_are_found() {
    assert_eq!(
        broken_by(
            Some("orders"),
            "update orders set lines = replace(lines, '25000', '24000') where id = 'UNPAID'"
        )
        .await,
        only("I-09", "unpaid")
    );
    assert_eq!(
        broken_by(
            Some("attempts"),
            "update attempts set request = replace(request, '50000', '40000')
             where order_id = 'PAID'"
        )
        .await,
        only("I-09", "paid")
    );
    assert_eq!(
        broken_by(
            None,
            "insert into attempts select 'another', order_id, 2, 'another', request, created_at,
             valid_until, null, null, 0, null, 0, 0 from attempts where order_id = 'UNPAID';
             update orders set status = 'checking' where id = 'UNPAID'"
        )
        .await,
        only("I-11", "unpaid")
    );
    assert_eq!(
        broken_by(
            Some("attempts"),
            "insert into attempts select external_id, order_id, 2, 'another', request, created_at,
             valid_until, null, null, 0, null, 0, 0 from attempts where order_id = 'UNPAID'"
        )
        .await,
        [only("I-11", "unpaid"), only("I-14", "unpaid")].concat()
    );
    assert_eq!(
        broken_by(
            Some("attempts"),
            "update attempts set idempotency_key = 'another' where order_id = 'PAID'"
        )
        .await,
        only("I-18", "paid")
    );
}

/// I-05, I-06, I-07.
#[tokio::test]
async fn money_that_went_back_wrongly_is_found() {
    let loose = Some("refunds");
    let refund = |number: &str, amount: u64, asked: u64, state: &str| {
        format!(
            "insert into refunds
             (number, external_id, payment, amount, cause, request, created_at, state, try_at,
              last_response, tries, leased_until)
             select '{number}', '{number}{state}', external_id, {amount}, 'staff',
                    '{{\"originalPartnerReferenceNo\":\"x\",\"partnerRefundNo\":\"{number}\",\"refundAmount\":{{\"value\":\"{asked}.00\",\"currency\":\"IDR\"}},\"reason\":\"\"}}',
                    0, '{state}', 0, 'nothing', 0, 0
             from attempts where order_id = 'PAID';"
        )
    };
    let sound = refund("a", 1, 1, "open");
    assert_eq!(broken_by(loose, &sound).await, []);
    assert_eq!(
        broken_by(loose, &refund("a", 1, 1, "done")).await,
        only("I-05", "paid")
    );
    let too_much = [
        refund("a", 50_000, 50_000, "open"),
        refund("b", 1, 1, "parked"),
    ];
    assert_eq!(
        broken_by(loose, &too_much.concat()).await,
        only("I-06", "paid")
    );
    let changed = refund("a", 1, 2, "failed");
    assert_eq!(broken_by(loose, &changed).await, only("I-07", "paid"));
    let shared = [refund("a", 1, 1, "open"), refund("a", 1, 1, "failed")];
    assert_eq!(
        broken_by(loose, &shared.concat()).await,
        only("I-07", "paid")
    );
}

/// I-47.
#[tokio::test]
async fn a_reward_that_is_given_twice_or_too_large_is_found() {
    let reward = |id: &str, order: &str, full_amount: u64, amount: &str, sent: u64| {
        format!(
            "insert into mini_app_requests
             (id, order_id, kind, asked_as, full_amount, amount, request, created_at, state,
              tries, token_refusals, try_at, leased_until)
             values ('{id}', '{order}', 'coins', '', {full_amount}, {amount},
                 '{{\"amount\":{{\"value\":{sent},\"currency\":\"IDR\"}},\"description\":\"x\",
                   \"reward_type\":\"GOPAY_COINS\"}}', 1, 'accepted', 1, 0, 1, 0);"
        )
    };
    let loose = Some("mini_app_requests");
    let sound = reward("a", "PAID", 10, "10", 10) + &reward("b", "OTHER", 10, "null", 10);
    assert_eq!(broken_by(loose, &sound).await, []);
    let twice = reward("a", "PAID", 10, "10", 10) + &reward("b", "PAID", 10, "10", 10);
    for wrong in [
        twice,
        reward("a", "PAID", 10, "11", 11),
        reward("a", "PAID", 10, "9", 10),
    ] {
        assert_eq!(broken_by(loose, &wrong).await, only("I-47", "paid"));
    }
    let unpaid = reward("a", "UNPAID", 10, "10", 10);
    assert_eq!(broken_by(loose, &unpaid).await, only("I-47", "unpaid"));
}

/// I-23.
#[tokio::test]
async fn a_trigger_or_a_piece_of_evidence_that_is_gone_is_found() {
    let (removed, replaced) = match is_postgres() {
        true => (
            "drop trigger evidence_is_never_changed on evidence",
            "alter table evidence disable trigger evidence_is_never_removed;
             delete from evidence where id = 1",
        ),
        false => (
            "drop trigger evidence_is_never_changed",
            "drop trigger evidence_is_never_removed;
             delete from evidence where id = 1;
             create trigger evidence_is_never_removed before delete on evidence
             begin select 'raise(abort'; end;",
        ),
    };
    assert_eq!(
        broken_by(None, removed).await,
        only("I-23", "the trigger evidence_is_never_changed")
    );
    // The numbers of PostgreSQL's events have gaps where nothing is missing.
    let found = match is_postgres() {
        true => "the trigger evidence_is_never_removed",
        false => "1 pieces of evidence are missing",
    };
    assert_eq!(
        broken_by(None, replaced).await,
        [only("I-20", "unpaid"), only("I-23", found)].concat()
    );
}

#[tokio::test]
async fn the_report_has_a_line_for_every_promise_and_one_for_the_sum() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let id = fixture.paid().await;
    let sound = fixture.verified().await.to_string();
    let ids: Vec<_> = sound.lines().map(|line| &line[..4]).collect();
    assert_eq!(
        ids,
        [
            "I-01", "I-02", "I-05", "I-06", "I-07", "I-09", "I-11", "I-14", "I-18", "I-20", "I-22",
            "I-23", "I-28", "I-47", "viol"
        ]
    );
    assert!(sound.ends_with("\nviolations: 0"), "{sound}");
    fixture
        .raw()
        .await
        .run_script("update orders set status = 'review'")
        .await
        .unwrap();
    let broken = fixture.verified().await.to_string();
    assert!(broken.contains(id.as_str()), "{broken}");
    assert!(broken.ends_with("\nviolations: 1"), "{broken}");
}
