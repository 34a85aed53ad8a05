//! A database with orders, and a clock that only the test moves.

use crate::test_database;
use contract::{CustomerId, IdempotencyKey, OrderId, OrderLine, OrderStatus, Rupiah, Wording};
use gopay_protocol::{
    Amount, ExternalId,
    message::payment::{AdditionalInfo, PayOption, Request},
};
use merchant::adapters::database::{Connection, sql};
use merchant::{
    adapters::database::Store,
    cli::verify::{Report, verify},
    domain::{
        fulfilment::FulfilmentId,
        operator_policy::Confirmation,
        operator_policy::{FulfilmentMode, OrderLimits},
        order::{NewAttempt, NewOrder, PlaceOutcome, StoredOrder},
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        time::Timestamp,
    },
    ports::{AttemptRepository, CustomerRepository, OrderRepository, SealedAccount},
};
use std::{num::NonZeroU32, path::PathBuf, time::Duration};
use test_kit::TempDir;
use uuid::Uuid;

/// 2026-11-22, noon in Jakarta.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_795_323_600_000);

pub(crate) const TOTAL: Rupiah = Rupiah::new(50_000);

pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(crate) struct StoreFixture {
    pub(crate) store: Store,
    pub(crate) path: PathBuf,
    _folder: TempDir,
    url: String,
    customer: CustomerId,
}

impl StoreFixture {
    pub(crate) async fn new(fulfilment_mode: FulfilmentMode) -> Self {
        let folder = TempDir::create();
        let url = test_database::create(&folder).await;
        Self::at(url, folder, fulfilment_mode).await
    }

    /// In a database file, also where the tests run on PostgreSQL.
    pub(crate) async fn in_a_file(fulfilment_mode: FulfilmentMode) -> Self {
        let folder = TempDir::create();
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        Self::at(url, folder, fulfilment_mode).await
    }

    async fn at(url: String, folder: TempDir, fulfilment_mode: FulfilmentMode) -> Self {
        let path = folder.join("merchant.db");
        let store = Store::open(&url, fulfilment_mode).await.unwrap();
        let (customer, _) = store
            .remember_customer(
                &"kedai".into(),
                SealedAccount {
                    hash: b"account",
                    gopay_account_id: b"id",
                    auth_token: b"token",
                },
                &"customer".into(),
                NOON,
            )
            .await
            .unwrap();
        Self {
            store,
            path,
            _folder: folder,
            url,
            customer,
        }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// An order that waits for its payment, and the external id of its attempt.
    pub(crate) async fn order(&self) -> (OrderId, ExternalId) {
        self.order_with(Confirmation::NotNeeded).await
    }

    pub(crate) async fn order_with(&self, confirmation: Confirmation) -> (OrderId, ExternalId) {
        let (id, external_id) = (
            OrderId::from(Uuid::new_v4().simple().to_string()),
            ExternalId::from(Uuid::new_v4().to_string()),
        );
        let lines = [OrderLine {
            product: "kopi-susu".to_owned(),
            name: Wording {
                id: "Kopi susu".to_owned(),
                en: "Milk coffee".to_owned(),
            },
            quantity: NonZeroU32::new(2).unwrap(),
            price: Rupiah::new(25_000),
        }];
        let key = IdempotencyKey::from(Uuid::new_v4().to_string());
        let request = request(&id);
        let placed = self
            .store
            .place_order(
                &NewOrder {
                    id: &id,
                    customer_id: &self.customer,
                    idempotency_key: &key,
                    fingerprint: b"print",
                    lines: &lines,
                    total: TOTAL,
                    discount: None,
                    table: None,
                    confirmation,
                    limits: OrderLimits {
                        open: u32::MAX,
                        per_hour: u32::MAX,
                    },
                },
                &attempt(&external_id, &key, &request),
            )
            .await
            .unwrap();
        assert!(matches!(placed, PlaceOutcome::Created(_)));
        self.hear(&external_id, PaymentEvent::Created, NOON).await;
        (id, external_id)
    }

    /// Hears what an inquiry says.
    pub(crate) async fn inquire(
        &self,
        external_id: &ExternalId,
        event: PaymentEvent,
        received_at: Timestamp,
    ) -> StoredOrder {
        let received = ReceivedEvent {
            event,
            source: EventSource::Inquiry,
            received_at,
        };
        self.store.record(external_id, received).await.unwrap()
    }

    /// A second attempt after the first came to nothing.
    pub(crate) async fn again(&self, order_id: &OrderId) -> ExternalId {
        let external_id = ExternalId::from(Uuid::new_v4().to_string());
        let request = request(order_id);
        let key = "again".into();
        let attempt = attempt(&external_id, &key, &request);
        let limits = OrderLimits::default();
        let placed = self
            .store
            .place_attempt(order_id, 1, &attempt, limits)
            .await;
        assert!(matches!(placed.unwrap(), PlaceOutcome::Created(_)));
        external_id
    }

    pub(crate) async fn hear(
        &self,
        external_id: &ExternalId,
        event: PaymentEvent,
        at: Timestamp,
    ) -> StoredOrder {
        let received = ReceivedEvent {
            event,
            source: EventSource::Notification,
            received_at: at,
        };
        self.store.record(external_id, received).await.unwrap()
    }

    /// Hears at noon that an attempt is paid.
    pub(crate) async fn pay(store: &Store, external_id: &ExternalId) -> StoredOrder {
        let received = ReceivedEvent {
            event: PaymentEvent::Paid(TOTAL),
            source: EventSource::Notification,
            received_at: NOON,
        };
        store.record(external_id, received).await.unwrap()
    }

    /// An order paid at noon: its id.
    pub(crate) async fn paid(&self) -> OrderId {
        let (id, external_id) = self.order().await;
        let order = self
            .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
            .await;
        assert_eq!(order.status, OrderStatus::Paid);
        id
    }

    /// Past all the code there is.
    pub(crate) async fn raw(&self) -> Connection {
        Connection::open(&self.url()).await.unwrap()
    }

    /// The ids of the fulfilments of an order.
    pub(crate) async fn owed(&self, order_id: &OrderId) -> Vec<FulfilmentId> {
        let ids: Vec<String> = sql("select id from fulfilments where order_id = $1")
            .bind(order_id.as_str())
            .fetch_values(&mut self.raw().await)
            .await
            .unwrap();
        ids.into_iter().map(FulfilmentId::from).collect()
    }

    pub(crate) async fn verified(&self) -> Report {
        verify(&self.url()).await.unwrap()
    }

    /// What every test ends with.
    pub(crate) async fn is_sound(&self) {
        let report = self.verified().await;
        assert_eq!(report.violations(), 0, "{report}");
    }
}

fn attempt<'a>(
    external_id: &'a ExternalId,
    key: &'a IdempotencyKey,
    request: &'a str,
) -> NewAttempt<'a> {
    NewAttempt {
        external_id,
        idempotency_key: key,
        request,
        created_at: NOON,
        valid_until: NOON + ms(900_000),
        leased_until: Timestamp::EPOCH,
    }
}

fn request(order_id: &OrderId) -> String {
    serde_json::to_string(&Request {
        partner_reference_no: order_id.as_str().into(),
        merchant_id: None,
        valid_up_to: None,
        url_param: Vec::new(),
        pay_option_details: vec![PayOption {
            pay_method: "GOPAY".to_owned(),
            pay_option: "GOPAY".to_owned(),
            trans_amount: Amount::idr(TOTAL.get()),
        }],
        additional_info: AdditionalInfo {
            point_of_purchase_id: None,
            items: Vec::new(),
            metadata: None,
        },
    })
    .unwrap()
}
