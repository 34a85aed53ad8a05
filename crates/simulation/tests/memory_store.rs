//! The store in memory behaves as the merchant's SQLite store does.

#![expect(clippy::unwrap_used, reason = "a test may")]

use contract::{CustomerId, IdempotencyKey, OrderId, OrderLine, PaymentWay, Rupiah, Wording};
use gopay_protocol::{
    Amount, ExternalId, ReferenceNo,
    message::notify::{self, RefundHistory},
};
use merchant::{
    adapters::database::Store,
    domain::{
        mini_app_id::MiniAppId,
        mini_app_request::{MiniAppResult, NextStep, RequestState, StoredMiniAppRequest},
        mini_app_rules::{
            CoinsKind, CoinsRule, GemsRule, MiniAppRules, Placeholder, ReminderRule,
            RulesByMiniApp, TemplateRule, Text,
        },
        operator_policy::Confirmation,
        operator_policy::{FulfilmentMode, LatePaymentPolicy, OrderLimits},
        order::{NewAttempt, NewOrder, PlaceOutcome, StoredOrder},
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        refund::{LastResponse, RefundState, StoredRefund},
        time::Timestamp,
    },
    ports::{
        AttemptLookup, AttemptRepository, CustomerRepository, Error, MiniAppRequestRepository,
        Repository, SealedAccount,
    },
};
use proptest::prelude::*;
use simulation::memory_store::{MemoryStore, StoreHooks, Tables};
use std::{
    num::{NonZeroU32, NonZeroU64},
    sync::{Arc, Mutex},
    time::Duration,
};
use test_kit::TempDir;
use tokio::runtime::Builder;

const TOTAL: Rupiah = Rupiah::new(25_000);

/// Reached now and then.
const LIMITS: OrderLimits = OrderLimits {
    open: 4,
    per_hour: 8,
};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[derive(Debug, Clone)]
struct NoHooks;

impl StoreHooks for NoHooks {
    async fn before(&self) -> Result<(), Error> {
        Ok(())
    }

    fn changed(&self, _: Option<&StoredOrder>, _: &StoredOrder) {}

    fn refunds(&self, _: &StoredOrder, _: &[StoredRefund]) {}

    fn lease_was_lost(&self) {}

    async fn after(&self) {}
}

/// An operation of the store. The numbers are small, so that they often coincide.
#[derive(Debug, Clone)]
enum Operation {
    Place {
        customer: u8,
        key: u8,
        print: u8,
    },
    PlaceAttempt {
        order: u8,
        number: u32,
        key: u8,
    },
    Record(u8, PaymentEvent, bool, Timestamp),
    /// A refund history of one entry: the payment, and whether its open refund is done.
    Refunded(u8, bool),
    /// The worker leases a refund, sends it, and releases it.
    WorkOnRefund(i64),
    /// The worker leases the requests of the mini-app API, and GoPay answers in one way.
    WorkOnRequests(i64, u8),
    SignIn(u8),
    Made(u8, u8),
    Order(u8, u8),
    ByKey(u8, u8, u8),
    ByReference(u8),
    ByExternalId(u8),
    Lease(u8, Timestamp, Timestamp),
    Release(u8, Timestamp, Option<Timestamp>),
    InquireNow(u8, Timestamp),
    Due,
}

fn operation() -> impl Strategy<Value = Operation> {
    let small = || 0..3_u8;
    let time = || (0..4_i64).prop_map(|time| Timestamp::from_millis(time * 1_000));
    let finding = prop_oneof![
        Just(PaymentEvent::Created),
        Just(PaymentEvent::Refused),
        Just(PaymentEvent::Paid(TOTAL)),
        Just(PaymentEvent::Paid(TOTAL)),
        Just(PaymentEvent::Paid(Rupiah::new(1_000))),
        Just(PaymentEvent::PaidInDoubt(TOTAL)),
        Just(PaymentEvent::Refunded(Rupiah::new(5_000))),
        Just(PaymentEvent::Cancelled),
        Just(PaymentEvent::Expired),
        Just(PaymentEvent::GivenUp),
        Just(PaymentEvent::Reversed),
        Just(PaymentEvent::NeverCreated),
    ];
    prop_oneof![
        3 => (0..2_u8, small(), 0..2_u8)
            .prop_map(|(customer, key, print)| Operation::Place { customer, key, print }),
        2 => (small(), 0..3_u32, small())
            .prop_map(|(order, number, key)| Operation::PlaceAttempt { order, number, key }),
        4 => (small(), finding, any::<bool>(), time())
            .prop_map(|(at, finding, notified, now)| Operation::Record(at, finding, notified, now)),
        2 => (small(), small()).prop_map(|(at, reference)| Operation::Made(at, reference)),
        1 => (0..2_u8, small()).prop_map(|(customer, order)| Operation::Order(customer, order)),
        1 => (0..2_u8, small(), 0..2_u8).prop_map(|(c, key, print)| Operation::ByKey(c, key, print)),
        1 => small().prop_map(Operation::ByReference),
        1 => small().prop_map(Operation::ByExternalId),
        2 => (small(), time(), time()).prop_map(|(at, before, now)| Operation::Lease(at, before, now)),
        2 => (small(), time(), prop::option::of(time()))
            .prop_map(|(at, until, next)| Operation::Release(at, until, next)),
        1 => (small(), time()).prop_map(|(at, now)| Operation::InquireNow(at, now)),
        2 => (small(), any::<bool>()).prop_map(|(at, done)| Operation::Refunded(at, done)),
        2 => (0..40_i64).prop_map(|time| Operation::WorkOnRefund(time * 1_000)),
        3 => (0..20_i64, 0..5_u8)
            .prop_map(|(time, answer)| Operation::WorkOnRequests(time * 1_000, answer)),
        1 => (0..2_u8).prop_map(Operation::SignIn),
        2 => Just(Operation::Due),
    ]
}

/// The ids of the same rows in both stores.
#[derive(Debug, Default)]
struct Names {
    orders: Vec<OrderId>,
    attempts: Vec<ExternalId>,
    /// The attempt of each reference number, which GoPay gives once.
    references: Vec<(u8, u8)>,
    /// Each attempt, with its order.
    owners: Vec<(ExternalId, OrderId)>,
}

impl Names {
    fn order(&self, number: u8) -> OrderId {
        name(&self.orders, number)
    }

    fn attempt(&self, number: u8) -> ExternalId {
        name(&self.attempts, number)
    }
}

fn name<T: Clone + From<&'static str>>(names: &[T], number: u8) -> T {
    let name = names.get(usize::from(number));
    name.cloned().unwrap_or_else(|| T::from("unknown"))
}

/// Performs an operation on a store; returns its result, without what may differ.
async fn perform(
    store: &(impl Repository + MiniAppRequestRepository),
    operation: &Operation,
    names: &Names,
    new: &ExternalId,
    now: Timestamp,
) -> String {
    let keys = ["a", "b", "c"].map(IdempotencyKey::from);
    let attempt = |key: u8| NewAttempt {
        external_id: new,
        idempotency_key: &keys[usize::from(key)],
        request: "{}",
        created_at: now,
        valid_until: now + ms(900_000),
        leased_until: now + ms(90_000),
    };
    let prints: [&[u8]; 2] = [b"one", b"two"];
    let reference = |number: u8| ReferenceNo::from(format!("A{number}"));
    let customer_id = |number: u8| CustomerId::from(format!("c{number}"));
    match operation {
        Operation::Place {
            customer,
            key,
            print,
        } => {
            let lines = [OrderLine {
                product: "kopi".to_owned(),
                name: Wording {
                    id: "Kopi".to_owned(),
                    en: "Coffee".to_owned(),
                },
                quantity: NonZeroU32::MIN,
                price: TOTAL,
            }];
            let id = OrderId::from(format!("o-{new}"));
            let order = NewOrder {
                id: &id,
                customer_id: &customer_id(*customer),
                idempotency_key: &keys[usize::from(*key)],
                fingerprint: prints[usize::from(*print)],
                lines: &lines,
                total: TOTAL,
                discount: None,
                table: None,
                confirmation: match *customer % 2 {
                    0 => Confirmation::NotNeeded,
                    _ => Confirmation::Awaited,
                },
                limits: LIMITS,
            };
            text(store.place_order(&order, &attempt(*key)).await.map(outcome))
        }
        Operation::PlaceAttempt { order, number, key } => {
            let attempt = attempt(*key);
            text(
                store
                    .place_attempt(&names.order(*order), *number, &attempt, LIMITS)
                    .await
                    .map(outcome),
            )
        }
        Operation::Record(at, finding, notified, received_at) => {
            let evidence = ReceivedEvent {
                event: *finding,
                source: match notified {
                    true => EventSource::Notification,
                    false => EventSource::Inquiry,
                },
                received_at: *received_at,
            };
            text(store.record(&names.attempt(*at), evidence).await.map(plain))
        }
        Operation::Made(at, number) => {
            let evidence = ReceivedEvent {
                event: PaymentEvent::Created,
                source: EventSource::Answer,
                received_at: now,
            };
            let reference = reference(*number);
            let at = names.attempt(*at);
            let reference = (number % 2 == 0).then_some(&reference);
            let way = way(*number);
            let made = store.record_created(&at, reference, &way, evidence);
            text(made.await.map(plain))
        }
        Operation::Order(customer, order) => {
            let order = store
                .order_of(&customer_id(*customer), &names.order(*order))
                .await;
            text(order.map(|order| order.map(plain)))
        }
        Operation::ByKey(customer, key, print) => {
            let (customer, key) = (customer_id(*customer), &keys[usize::from(*key)]);
            let order = store
                .order_by_key(&customer, key, prints[usize::from(*print)])
                .await;
            text(order.map(|order| order.map(plain)))
        }
        Operation::ByReference(number) => {
            let name = reference(*number);
            found(store, AttemptLookup::ByReferenceNo(&name)).await
        }
        Operation::ByExternalId(at) => {
            let name = names.attempt(*at);
            found(store, AttemptLookup::ByExternalId(&name)).await
        }
        // The stores number their refunds differently: done below.
        Operation::Refunded(..) | Operation::SignIn(_) => String::new(),
        Operation::WorkOnRequests(now, answer) => {
            work_on_requests(store, Timestamp::from_millis(*now), *answer).await
        }
        Operation::WorkOnRefund(now) => {
            let (remainder, now) = (now % 3_000, Timestamp::from_millis(*now));
            let mut seen_to = Vec::new();
            for number in store.due_refunds(now, 2).await.unwrap() {
                let leased = store.lease_refund(&number, now, now + ms(5_000)).await;
                let Some(leased) = leased.unwrap() else {
                    continue;
                };
                let sent = store.mark_refund_sent(&leased, now + ms(10)).await.unwrap();
                store
                    .record_refund_response(&leased, LastResponse::Accepted, "200")
                    .await
                    .unwrap();
                let (state, try_at) = match remainder {
                    0 => (RefundState::Failed, now + ms(20)),
                    1_000 => (RefundState::DeadLetter, now + ms(20)),
                    _ => (RefundState::Open, now + ms(3_000)),
                };
                let released = store.release_refund(&leased, state, try_at).await;
                released.unwrap();
                seen_to.push((sent, refund(&leased.refund)));
            }
            seen_to.sort();
            format!("{seen_to:?}")
        }
        Operation::Lease(at, before, now) => text(
            store
                .lease(&names.attempt(*at), *before, *now, *now + ms(2_000))
                .await,
        ),
        Operation::Release(at, until, next) => {
            text(store.release(&names.attempt(*at), *until, *next).await)
        }
        Operation::InquireNow(at, now) => {
            text(store.schedule_inquiry_now(&names.attempt(*at), *now).await)
        }
        Operation::Due => text(store.next_due(now).await.map(|due| due.map(|due| due.at))),
    }
}

/// Each way to pay.
fn way(number: u8) -> PaymentWay {
    let link = "https://x".to_owned();
    match number {
        0 => PaymentWay::Deeplink("gopay://x".to_owned()),
        1 => PaymentWay::WebPage(link),
        _ => PaymentWay::SnapToken("token".to_owned()),
    }
}

async fn work_on_requests(
    store: &impl MiniAppRequestRepository,
    now: Timestamp,
    answer: u8,
) -> String {
    let (result, next) = match answer {
        0 => (
            MiniAppResult::Accepted(Some("gopay".to_owned())),
            NextStep::End(RequestState::Accepted),
        ),
        1 => (
            MiniAppResult::Refused(None),
            NextStep::End(RequestState::Refused),
        ),
        2 => (
            MiniAppResult::Refused(None),
            NextStep::End(RequestState::DeadLetter),
        ),
        3 => (MiniAppResult::TokenInactive(None), NextStep::AwaitSignIn),
        _ => (
            MiniAppResult::Refused(None),
            NextStep::TryAt(now + ms(3_000)),
        ),
    };
    let mut seen_to = Vec::new();
    for id in store.due_requests(now, 50).await.unwrap() {
        let lease = store.lease_request(&id, now, now + ms(5_000)).await;
        let Some(lease) = lease.unwrap() else {
            continue;
        };
        let recorded = store
            .record_request_result(&lease, &result, next, now)
            .await;
        recorded.unwrap();
        seen_to.push(format!(
            "{:?}",
            StoredMiniAppRequest {
                id: "id".into(),
                ..lease.request
            }
        ));
    }
    seen_to.sort();
    format!("{seen_to:?}")
}

async fn found(store: &impl Repository, name: AttemptLookup<'_>) -> String {
    let found = store.order_with_attempt(name).await;
    text(found.map(|found| found.map(|(order, at)| (plain(order), at))))
}

fn text<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(_) => "refused".to_owned(),
    }
}

fn outcome(placed: PlaceOutcome) -> String {
    match placed {
        PlaceOutcome::Created(order) => format!("new {:?}", plain(order)),
        PlaceOutcome::Replayed(order) => format!("before {:?}", plain(order)),
        PlaceOutcome::KeyConflict => "key reused".to_owned(),
        PlaceOutcome::TooManyOrders => "too many orders".to_owned(),
    }
}

/// A refund without its number.
fn refund(refund: &StoredRefund) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {} {:?}",
        refund.amount,
        refund.reason,
        refund.state,
        refund.progress,
        refund.payment_external_id,
        refund.answer
    )
}

/// All refunds of an attempt's payment.
fn refunds(all: &[StoredRefund], payment: &ExternalId) -> Vec<String> {
    let ours = (all.iter()).filter(|refund| refund.payment_external_id == *payment);
    let mut all: Vec<_> = ours.map(refund).collect();
    all.sort();
    all
}

/// GoPay's history with the first reserved refund.
fn history(refunds: &[StoredRefund], done: bool) -> RefundHistory {
    let ours = refunds.iter().find(|refund| refund.state.is_reserved());
    let entry = |refund: &StoredRefund| {
        serde_json::from_value(serde_json::json!({
            "refundNo": "G",
            "partnerRefundNo": refund.number,
            "refundStatus": if done { "00" } else { "06" },
            "refundAmount": Amount::idr(refund.amount.get()),
        }))
        .unwrap()
    };
    let entries: Vec<notify::Refund> = ours.map(entry).into_iter().collect();
    entries.into()
}

/// Without the pick-up code, which the stores draw differently.
fn plain(mut order: StoredOrder) -> StoredOrder {
    order.pickup_code = order.pickup_code.map(|_| "code".to_owned());
    order
}

/// Every rule.
fn rules() -> MiniAppRules {
    let text = || Text::parse("{order}", Placeholder::UNPAID).unwrap();
    let template = || TemplateRule {
        name: "ORDER".to_owned(),
        parameters: [("order".to_owned(), text())].into(),
    };
    MiniAppRules {
        coins: Some(CoinsRule {
            kind: CoinsKind::Coins,
            percent: 10,
            max: None,
            description: text(),
        }),
        gems: Some(GemsRule {
            amount: NonZeroU64::MIN,
            description: text(),
            mini_app_name: "Kedai".to_owned(),
            activity_name: "order".to_owned(),
        }),
        reward_delay: ms(2_000),
        reminder: Some(ReminderRule {
            template: template(),
            delay: ms(1_000),
        }),
        push: Some(template()),
    }
}

fn sealed<'a>(customer: &'a str, auth_token: &'a [u8]) -> SealedAccount<'a> {
    SealedAccount {
        hash: customer.as_bytes(),
        gopay_account_id: customer.as_bytes(),
        auth_token,
    }
}

/// Each customer has another mini app.
fn mini_app(customer: &str) -> MiniAppId {
    format!("app of {customer}").into()
}

/// Coins, gems, a reminder and a push in one mini app, none in the other.
fn rules_by_mini_app() -> RulesByMiniApp {
    [("c0", rules()), ("c1", MiniAppRules::default())]
        .map(|(customer, rules)| (mini_app(customer), rules))
        .into_iter()
        .collect()
}

async fn compare(operations: Vec<Operation>, late_payments: LatePaymentPolicy) {
    let folder = TempDir::create();
    let disk = Store::open(
        &format!("sqlite://{}", folder.join("merchant.db").display()),
        FulfilmentMode::PickupOnly,
    )
    .await
    .unwrap()
    .with_paid_late(late_payments)
    .with_rules(rules_by_mini_app());
    for customer in ["c0", "c1"] {
        disk.remember_customer(
            &mini_app(customer),
            sealed(customer, format!("token of {customer}").as_bytes()),
            &customer.into(),
            Timestamp::EPOCH,
        )
        .await
        .unwrap();
    }
    let tables = Arc::new(Mutex::new(Tables::default()));
    for customer in ["c0", "c1"] {
        let mut tables = tables.lock().unwrap();
        tables.sign_in(
            &customer.into(),
            mini_app(customer),
            format!("token of {customer}").into_bytes(),
        );
    }
    let memory = MemoryStore::new(Arc::clone(&tables), NoHooks, late_payments)
        .with_rules(rules_by_mini_app());
    let mut names = Names::default();
    for (number, operation) in operations.iter().enumerate() {
        // GoPay gives a reference number to one payment only.
        if let Operation::Made(at, reference) = operation {
            let taken = names
                .references
                .iter()
                .any(|(r, a)| r == reference && a != at);
            let renamed = names
                .references
                .iter()
                .any(|(r, a)| r != reference && a == at);
            if taken || renamed {
                continue;
            }
            names.references.push((*reference, *at));
        }
        if let Operation::SignIn(customer) = operation {
            let (customer, token) = (format!("c{customer}"), format!("token {number}"));
            let id = CustomerId::from(&*customer);
            let account = sealed(&customer, token.as_bytes());
            disk.remember_customer(&mini_app(&customer), account, &id, Timestamp::EPOCH)
                .await
                .unwrap();
            let mut tables = tables.lock().unwrap();
            tables.sign_in(&id, mini_app(&customer), token.into_bytes());
        }
        let new = ExternalId::from(format!("x-{number}"));
        let now = Timestamp::EPOCH + ms(500) * u32::try_from(number).unwrap();
        let on_disk = perform(&disk, operation, &names, &new, now).await;
        let in_memory = perform(&memory, operation, &names, &new, now).await;
        assert_eq!(on_disk, in_memory, "{operation:?}");
        for (attempt, order) in &names.owners {
            let theirs = disk.refunds_of(attempt).await.unwrap();
            let ours = tables.lock().unwrap().refunds_of(order);
            let ours: Vec<_> = (ours.into_iter())
                .filter(|refund| refund.payment_external_id == *attempt)
                .collect();
            if let Operation::Refunded(at, done) = operation
                && names.attempt(*at) == *attempt
            {
                let evidence = ReceivedEvent {
                    event: PaymentEvent::Paid(TOTAL),
                    source: EventSource::Inquiry,
                    received_at: now,
                };
                let on_disk = disk
                    .record_with_refunds(attempt, evidence, &history(&theirs, *done))
                    .await;
                let in_memory = memory
                    .record_with_refunds(attempt, evidence, &history(&ours, *done))
                    .await;
                assert_eq!(text(on_disk.map(plain)), text(in_memory.map(plain)));
            }
            let theirs = disk.refunds_of(attempt).await.unwrap();
            let ours = tables.lock().unwrap().refunds_of(order);
            assert_eq!(
                refunds(&theirs, attempt),
                refunds(&ours, attempt),
                "{operation:?}"
            );
        }
        if on_disk.starts_with("\"new") {
            let order = match operation {
                Operation::PlaceAttempt { order, .. } => names.order(*order),
                _ => OrderId::from(format!("o-{new}")),
            };
            if matches!(operation, Operation::Place { .. }) {
                names.orders.push(order.clone());
            }
            names.attempts.push(new.clone());
            names.owners.push((new, order));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_store_in_memory_behaves_as_the_sqlite_store(
        operations in prop::collection::vec(operation(), 1..50),
        refunded in any::<bool>(),
    ) {
        let late_payments = if refunded { LatePaymentPolicy::Refund } else { LatePaymentPolicy::Fulfil };
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(operations, late_payments));
    }
}
