//! Databases of earlier versions are opened and brought up to date.

use aws_lc_rs::digest::{SHA384, digest};
use merchant::{
    adapters::database::{self, Connection, Store, sql},
    cli::verify::verify,
    domain::{
        fulfilment::DeliveryState,
        operator_policy::FulfilmentMode,
        refund::{LastResponse, RefundState, RefundSubmission},
        time::Timestamp,
    },
    ports::{AttemptRepository, CustomerRepository, DueInquiry, OrderRepository, SealedAccount},
};
use std::fs;
use test_kit::TempDir;

macro_rules! migration {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../migrations/sqlite/", $name)),
        )
    };
}

const MIGRATIONS: [(&str, &str); 10] = [
    migration!("0001_orders.sql"),
    migration!("0002_names.sql"),
    migration!("0003_fulfilments.sql"),
    migration!("0004_refunds.sql"),
    migration!("0005_operation.sql"),
    migration!("0006_gopay_as_it_speaks.sql"),
    migration!("0007_field_names.sql"),
    migration!("0008_mini_app_requests.sql"),
    migration!("0009_table_of_order.sql"),
    migration!("0010_discount_of_order.sql"),
];

/// As earlier versions wrote down what they had carried out, with sqlx.
const AS_SQLX_MADE_IT: &str = "create table _sqlx_migrations (
    version bigint primary key, description text not null,
    installed_on timestamp not null default current_timestamp,
    success boolean not null, checksum blob not null, execution_time bigint not null);
    pragma journal_mode = wal";

/// A database as it was after the first so many migrations.
struct Old {
    _folder: TempDir,
    url: String,
}

impl Old {
    async fn new(migrations: usize, rows: &str) -> Self {
        let folder = TempDir::create();
        let path = folder.join("old.db");
        fs::write(&path, "").unwrap();
        let url = format!("sqlite://{}", path.display());
        let mut old = Connection::open(&url).await.unwrap();
        old.run_script(AS_SQLX_MADE_IT).await.unwrap();
        for (name, text) in &MIGRATIONS[..migrations] {
            old.run_script(text).await.unwrap();
            sql("insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values ($1, $2, true, $3, 1)")
            .bind(name[..4].parse::<i64>().unwrap())
            .bind(*name)
            .bind(digest(&SHA384, text.as_bytes()).as_ref())
            .execute(&mut old)
            .await
            .unwrap();
        }
        old.run_script(rows.to_owned().leak()).await.unwrap();
        assert!(verify(&url).await.is_err(), "not begun");
        Self {
            _folder: folder,
            url,
        }
    }

    async fn open(&self) -> Store {
        Store::open(&self.url, FulfilmentMode::Webhook)
            .await
            .unwrap()
    }

    /// The rows have neither lines nor requests for payments (I-09).
    async fn is_sound(&self) {
        for check in verify(&self.url).await.unwrap().checks {
            assert!(
                check.violations.is_empty() || check.id == "I-09",
                "{check:?}"
            );
        }
    }
}

/// I-28: what was paid before there was an outbox has been handed over by its pick-up code, and no
/// webhook is sent for it.
#[tokio::test]
async fn orders_paid_before_the_outbox_get_a_fulfilment_without_a_webhook() {
    let old = Old::new(
        2,
        "insert into customers values ('c', x'00', x'00', 1, null);
        insert into orders values
            ('a', 'c', 'ka', x'00', '[]', 10, 1, 'paid'),
            ('b', 'c', 'kb', x'00', '[]', 10, 2, 'expired'),
            ('d', 'c', 'kd', x'00', '[]', 10, 3, 'paid');
        insert into attempts values
            ('xa', 'a', 1, 'ka', '{}', 1, 2, null, null, 0, null, 0),
            ('xb', 'b', 1, 'kb', '{}', 1, 2, null, null, 0, null, 0),
            ('xd', 'd', 1, 'kd', '{}', 1, 2, null, null, 0, null, 0);
        insert into evidence (external_id, source, finding, amount, received_at) values
            ('xa', 'notification', 'paid', 10, 1795323600000),
            ('xb', 'inquiry', 'expired', 0, 1795323600000),
            ('xd', 'notification', 'paid', 10, 1795323600001),
            ('xd', 'inquiry', 'expired', 0, 1795323600002);",
    )
    .await;
    let store = old.open().await;
    let fulfilments = store.fulfilments(DeliveryState::PickupOnly).await.unwrap();
    let codes: Vec<_> = fulfilments
        .iter()
        .map(|it| (it.order_id.as_str(), it.pickup_code.as_str()))
        .collect();
    assert_eq!(codes, [("a", "0001"), ("d", "0002")]);
    old.is_sound().await;
}

/// Migration 0007 renames columns that hold when GoPay was asked, and what it answered.
#[tokio::test]
async fn a_database_with_the_old_column_names_keeps_its_rows() {
    let old = Old::new(
        6,
        "insert into customers values ('c', x'00', x'00', 1, null);
        insert into orders values
            ('a', 'c', 'ka', x'00', '[]', 10, 1, 'paid'),
            ('b', 'c', 'kb', x'00', '[]', 10, 2, 'checking');
        insert into attempts
            (external_id, order_id, number, idempotency_key, request, created_at, valid_until,
             looked_at, look_at, leased_until)
            values ('xa', 'a', 1, 'ka', '{}', 1, 2, 3, null, 0),
                   ('xb', 'b', 1, 'kb', '{}', 1, 2, 3, 4, 0);
        insert into evidence (external_id, source, finding, amount, received_at) values
            ('xa', 'notification', 'paid', 10, 1);
        insert into fulfilments
            (id, order_id, evidence_id, day, pickup_code, paid_at, state, try_at)
            values ('f', 'a', 1, 0, 'A1', 1, 'pending', 1);
        insert into refunds
            (number, external_id, payment, amount, cause, request, created_at, sent_at,
             sent_again_at, said, try_at)
            values ('r', 'xr', 'xa', 10, 'staff',
                 '{\"originalPartnerReferenceNo\":\"a\",\"partnerRefundNo\":\"r\",
                   \"refundAmount\":{\"value\":\"10.00\",\"currency\":\"IDR\"},\"reason\":\"\"}',
                 5, 6, 7, 'no', 8);",
    )
    .await;
    let store = old.open().await;
    let refund = store.refund(&"r".into()).await.unwrap().unwrap();
    let sent = RefundSubmission {
        first_at: Timestamp::from_millis(6),
        last_at: Timestamp::from_millis(7),
        last_response: LastResponse::Refused,
    };
    assert_eq!(refund.progress.sent, Some(sent));
    assert_eq!(refund.state, RefundState::Open);
    let due = DueInquiry {
        external_id: "xb".into(),
        at: Timestamp::from_millis(4),
    };
    assert_eq!(store.next_due(Timestamp::EPOCH).await.unwrap(), Some(due));
    let lease = async |inquired_before| {
        let [before, now, until] = [inquired_before, 9, 10].map(Timestamp::from_millis);
        store.lease(&"xb".into(), before, now, until).await
    };
    assert!(!lease(2).await.unwrap(), "asked at 3");
    assert!(lease(3).await.unwrap());
    let paid = store.order(&"a".into()).await.unwrap().unwrap();
    assert_eq!(paid.pickup_code.as_deref(), Some("A1"));
    old.is_sound().await;
}

/// Migrations 0009 and 0010 add the table that an order is brought to, and its discount.
#[tokio::test]
async fn an_order_from_before_campaigns_has_neither_table_nor_discount() {
    let old = Old::new(
        7,
        "insert into customers values ('c', x'00', x'00', 1, null);
        insert into orders values ('a', 'c', 'ka', x'00', '[]', 10, 1, 'checking');
        insert into attempts
            (external_id, order_id, number, idempotency_key, request, created_at, valid_until,
             last_inquiry_at, next_inquiry_at, leased_until)
            values ('xa', 'a', 1, 'ka', '{}', 1, 2, 3, 4, 0);",
    )
    .await;
    let store = old.open().await;
    let order = store.order(&"a".into()).await.unwrap().unwrap();
    assert_eq!((order.table, order.discount), (None, None));
    assert_eq!(order.total.get(), 10);
    old.is_sound().await;
}

/// Two buyers with orders and a session, of the time when a merchant had one mini app.
const OF_ONE_MINI_APP: &str = "
    insert into customers values ('c', x'01', x'aa', 1, x'cc', 0), ('d', x'02', x'bb', 2, null, 1);
    insert into sessions values (x'05', 'c', 1000);
    insert into orders
        (id, customer_id, idempotency_key, fingerprint, lines, total, created_at, status)
        values ('a', 'c', 'ka', x'00', '[]', 10, 1, 'checking'),
               ('b', 'd', 'kb', x'00', '[]', 10, 1, 'checking');
    insert into attempts
        (external_id, order_id, number, idempotency_key, request, created_at, valid_until,
         last_inquiry_at, next_inquiry_at, leased_until)
        values ('xa', 'a', 1, 'ka', '{}', 1, 2, 3, 4, 0), ('xb', 'b', 1, 'kb', '{}', 1, 2, 3, 4, 0);";

/// Migration 0011 makes the table of buyers anew.
#[tokio::test]
async fn buyers_of_one_mini_app_are_that_apps_after_an_upgrade() {
    let old = Old::new(10, OF_ONE_MINI_APP).await;
    let store = old.open().await;
    store.assign_customers(&["kedai".into()]).await.unwrap();
    let order = store.order(&"b".into()).await.unwrap().unwrap();
    assert_eq!(order.mini_app.as_str(), "kedai");
    let customer = store.customer(&"d".into()).await.unwrap();
    assert_eq!(
        (customer.account_hash, customer.auth_token),
        (vec![2], vec![0xbb])
    );
    let now = Timestamp::from_millis(5);
    let session = async |mini_app: &str| {
        let always = Timestamp::from_millis(-1);
        let customer = store
            .session_customer(&mini_app.into(), &[5], always, now)
            .await;
        customer.unwrap().map(|id| id.to_string())
    };
    assert_eq!(session("kedai").await.as_deref(), Some("c"));
    assert_eq!(session("toko").await, None);
    // They stay that app's, whatever is configured later.
    let both = ["toko".into(), "kedai".into()];
    store.assign_customers(&both).await.unwrap();
    store.assign_customers(&["toko".into()]).await.unwrap();
    assert_eq!(session("kedai").await.as_deref(), Some("c"));
    let account = SealedAccount {
        hash: &[1],
        gopay_account_id: &[0xee],
        auth_token: &[0xdd],
    };
    let signed_in = async |mini_app: &str, id: &str| {
        let (id, name) = store
            .remember_customer(&mini_app.into(), account, &id.into(), now)
            .await
            .unwrap();
        (id.to_string(), name)
    };
    assert_eq!(
        signed_in("kedai", "e").await,
        ("c".to_owned(), Some(vec![0xcc]))
    );
    assert_eq!(signed_in("toko", "e").await, ("e".to_owned(), None));
    old.is_sound().await;
    let mut raw = Connection::open(&old.url).await.unwrap();
    let broken = sql("pragma foreign_key_check").fetch_all(&mut raw).await;
    let broken = broken.unwrap();
    assert!(broken.is_empty());
}

#[tokio::test]
async fn foreign_keys_hold_after_an_upgrade() {
    let old = Old::new(10, OF_ONE_MINI_APP).await;
    let store = old.open().await;
    let (nobody, until) = ("nobody".into(), Timestamp::from_millis(9));
    let opened = store
        .open_session(&nobody, &[9], until, None, Timestamp::EPOCH)
        .await;
    assert!(opened.is_err());
}

/// Which of them they are buyers of is not known.
#[tokio::test]
async fn an_upgrade_to_several_mini_apps_at_once_is_refused() {
    let old = Old::new(10, OF_ONE_MINI_APP).await;
    let store = old.open().await;
    let both = ["toko".into(), "kedai".into()];
    let refused = store.assign_customers(&both).await.unwrap_err();
    assert!(matches!(refused, database::Error::CustomersWithoutMiniApp));
    store.assign_customers(&["kedai".into()]).await.unwrap();
    store.assign_customers(&both).await.unwrap();
}
