//! An order is placed, and GoPay asked for its payment.
//!
//! Invariant: the attempt is on disk, with its `X-EXTERNAL-ID` and its body, before the
//! first byte about it is sent.

use super::{ATTEMPT_LEASE, OrderService};
use crate::{
    domain::{
        catalogue::QuoteError,
        gopay_later,
        order::{NewAttempt, NewOrder, PlaceOutcome, StoredOrder},
        payment_decision::PaymentSubmission,
        payment_request::Checkout,
        time::Timestamp,
    },
    failpoint::with_failpoints,
    http_request_id::of_current_request,
    ids::{new_external_id, new_id},
    ports::{self, Repository},
};
use aws_lc_rs::digest::{SHA256, digest};
use contract::{CustomerId, IdempotencyKey, OrderId, OrderLine, OrderStatus, PlaceOrder, Rupiah};
use gopay_protocol::{
    Amount, ExternalId, PartnerReferenceNo,
    message::{
        gopay_later::Metadata,
        payment::{
            self, AdditionalInfo, Item, MAX_ITEM_ID_LEN, MAX_ITEM_NAME_LEN, PayOption, UrlParam,
        },
        snap::{self, Expiry, TransactionDetails},
    },
    timestamp,
};
use std::sync::Arc;

/// Why there is no payment to make.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// This cannot be sold.
    #[error(transparent)]
    Quote(#[from] QuoteError),
    /// The key was used for something else.
    #[error("the idempotency key was used for another request")]
    KeyConflict,
    /// There is no such order of this buyer.
    #[error("there is no such order")]
    NotFound,
    /// It was paid, cancelled, or is in review.
    #[error("the order can no longer be paid")]
    Closed,
    /// GoPay cannot be asked, or gives no clear answer. Nothing is lost: the same request
    /// under the same key goes on where this one stopped.
    #[error("GoPay gives no clear answer")]
    GoPay,
    /// The same request is under way.
    #[error("the same request is under way")]
    UnderWay,
    /// The buyer has as many orders as they may.
    #[error("the buyer has too many orders")]
    TooManyOrders,
    #[error(transparent)]
    Store(#[from] ports::Error),
}

impl<R: Repository> OrderService<R> {
    /// Places an order and asks GoPay for its payment. The same request under the same key
    /// has one effect.
    pub async fn place_order(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        key: &IdempotencyKey,
        order: &PlaceOrder,
    ) -> Result<StoredOrder, PlaceError> {
        let service = Arc::clone(self);
        let (customer_id, key, order) = (customer_id.clone(), key.clone(), order.clone());
        spawn_to_completion(async move { service.place(&customer_id, &key, &order).await }).await
    }

    /// The live payment of an order, or a new one where the last came to nothing.
    pub async fn pay_again(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        order_id: &OrderId,
        key: &IdempotencyKey,
    ) -> Result<StoredOrder, PlaceError> {
        let service = Arc::clone(self);
        let (customer_id, order_id) = (customer_id.clone(), order_id.clone());
        let key = key.clone();
        spawn_to_completion(
            async move { service.pay_or_retry(&customer_id, &order_id, &key).await },
        )
        .await
    }

    async fn place(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        key: &IdempotencyKey,
        order: &PlaceOrder,
    ) -> Result<StoredOrder, PlaceError> {
        let fingerprint = fingerprint(order)?;
        let quote = match self.mini_app.catalogue.quote(order, self.now()) {
            Ok(quote) => quote,
            // What was placed before stays placed, at the price of that moment.
            Err(error) => {
                let before = self
                    .store()
                    .order_by_key(customer_id, key, &fingerprint)
                    .await?;
                return self.resume(before.ok_or(error)?).await;
            }
        };
        let id = OrderId::from(new_id().simple().to_string());
        let is_discounted = quote.discount.is_some();
        let details = self
            .order_details(customer_id, &quote.lines, is_discounted)
            .await?;
        let intent = self.intent(&id, 1, details, quote.total)?;
        let placed = self
            .store()
            .place_order(
                &NewOrder {
                    id: &id,
                    customer_id,
                    idempotency_key: key,
                    fingerprint: &fingerprint,
                    lines: &quote.lines,
                    total: quote.total,
                    discount: quote.discount.as_ref(),
                    table: order.table.as_deref(),
                    confirmation: self.payment.confirmation(quote.total),
                    limits: self.order_limits,
                },
                &intent.attempt(key),
            )
            .await?;
        self.begin(placed).await
    }

    async fn pay_or_retry(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        order_id: &OrderId,
        key: &IdempotencyKey,
    ) -> Result<StoredOrder, PlaceError> {
        let order = self
            .order(customer_id, order_id)
            .await?
            .ok_or(PlaceError::NotFound)?;
        match order.status {
            OrderStatus::AwaitingPayment => Ok(order),
            OrderStatus::Checking => {
                let order = self.resume(order).await?;
                match order.status {
                    OrderStatus::Failed | OrderStatus::Expired => {
                        self.create_attempt(order, key).await
                    }
                    _ => Ok(order),
                }
            }
            OrderStatus::Failed | OrderStatus::Expired => self.create_attempt(order, key).await,
            OrderStatus::Paid
            | OrderStatus::Cancelled
            | OrderStatus::PartiallyRefunded
            | OrderStatus::Refunded
            | OrderStatus::Review
            | OrderStatus::Other => Err(PlaceError::Closed),
        }
    }

    /// Another attempt, where the newest came to nothing; one request makes one.
    async fn create_attempt(
        self: &Arc<Self>,
        order: StoredOrder,
        key: &IdempotencyKey,
    ) -> Result<StoredOrder, PlaceError> {
        let newest = order.attempt()?;
        if newest.idempotency_key == *key {
            return Ok(order);
        }
        let is_discounted = order.discount.is_some();
        let details = self
            .order_details(&order.customer_id, &order.lines, is_discounted)
            .await?;
        let intent = self.intent(&order.id, newest.number + 1, details, order.total)?;
        let placed = self
            .store()
            .place_attempt(
                &order.id,
                newest.number,
                &intent.attempt(key),
                self.order_limits,
            )
            .await?;
        self.begin(placed).await
    }

    async fn begin(self: &Arc<Self>, placed: PlaceOutcome) -> Result<StoredOrder, PlaceError> {
        match placed {
            PlaceOutcome::KeyConflict => Err(PlaceError::KeyConflict),
            PlaceOutcome::TooManyOrders => {
                tracing::warn!(
                    event = "order.limited",
                    "a buyer has as many orders as they may"
                );
                Err(PlaceError::TooManyOrders)
            }
            PlaceOutcome::Replayed(order) => self.resume(order).await,
            PlaceOutcome::Created(order) => {
                let sent = self
                    .payments
                    .send(&order, order.attempt()?, PaymentSubmission::First)
                    .await;
                let attempt = sent.as_ref().unwrap_or(&order).attempt()?;
                let next_inquiry_at = attempt.next_inquiry_at(order.total, self.now());
                self.store()
                    .release(
                        &attempt.external_id,
                        attempt.created_at + ATTEMPT_LEASE,
                        next_inquiry_at,
                    )
                    .await?;
                self.payments.wake.notify_one();
                sent
            }
        }
    }

    /// A request that was made before: where its outcome is unknown, an inquiry follows; otherwise
    /// there is nothing to do.
    async fn resume(self: &Arc<Self>, order: StoredOrder) -> Result<StoredOrder, PlaceError> {
        if order.status != OrderStatus::Checking {
            return Ok(order);
        }
        let asked = self
            .payments
            .inquire(&order.attempt()?.external_id, self.now())
            .await?;
        match self.store().order(&order.id).await? {
            Some(order) if order.status != OrderStatus::Checking => Ok(order),
            _ if asked => Err(PlaceError::GoPay),
            _ => Err(PlaceError::UnderWay),
        }
    }

    /// What GoPay is told of an order. The lines of a discounted one cost more than is paid.
    async fn order_details<'a>(
        &self,
        customer_id: &CustomerId,
        lines: &'a [OrderLine],
        is_discounted: bool,
    ) -> Result<OrderDetails<'a>, ports::Error> {
        let mut details = OrderDetails::default();
        if is_discounted {
            return Ok(details);
        }
        if self.payment.sends_items {
            details.items = lines;
        }
        if self.payment.offers_gopay_later {
            let parties = gopay_later::Parties {
                merchant_id: &self.payments.merchant_id,
                customer_id,
                registration_date: wib(self.store().first_sign_in(customer_id).await?)?,
            };
            details.gopay_later = gopay_later::metadata(parties, lines, &self.mini_app.catalogue);
        }
        Ok(details)
    }

    fn intent(
        &self,
        order_id: &OrderId,
        number: u32,
        details: OrderDetails<'_>,
        total: Rupiah,
    ) -> Result<Intent, ports::Error> {
        let created_at = self.now();
        // GoPay takes whole seconds.
        let valid_until = (created_at + self.payment.time_to_pay).as_seconds();
        // A name for each attempt: GoPay's pages say that it is not checked for uniqueness, its
        // plug-in for WooCommerce appends a suffix because it was, and SNAP has 409 case 01 for
        // one that was used before.
        let partner_reference_no: PartnerReferenceNo = match number {
            1 => order_id.as_str().into(),
            further => format!("{order_id}-{further}").into(),
        };
        let (external_id, request) = match self.payment.checkout {
            Checkout::BiSnap => {
                let valid_up_to = wib(valid_until.into())?;
                let request = self.bi_snap_request(
                    order_id,
                    partner_reference_no,
                    valid_up_to,
                    details,
                    total,
                );
                (new_external_id(), serde_json::to_string(&request))
            }
            Checkout::Snap => {
                // The only name that Snap has for it.
                let external_id = partner_reference_no.as_str().into();
                let request =
                    self.snap_request(partner_reference_no, created_at, details.items, total)?;
                (external_id, serde_json::to_string(&request))
            }
        };
        Ok(Intent {
            external_id,
            request: request.map_err(|_| ports::Error::Internal("a request cannot be written"))?,
            created_at,
            valid_until: valid_until.into(),
        })
    }

    fn bi_snap_request(
        &self,
        order_id: &OrderId,
        partner_reference_no: PartnerReferenceNo,
        valid_up_to: String,
        details: OrderDetails<'_>,
        total: Rupiah,
    ) -> payment::Request {
        let registration = self.mini_app.registration.as_ref();
        payment::Request {
            partner_reference_no,
            merchant_id: Some(self.payments.merchant_id.clone()),
            valid_up_to: Some(valid_up_to),
            url_param: match registration {
                Some(_) => Vec::new(),
                None => vec![UrlParam::pay_return(self.order_page(order_id))],
            },
            pay_option_details: vec![PayOption {
                pay_method: "GOPAY".to_owned(),
                pay_option: "GOPAY".to_owned(),
                trans_amount: Amount::idr(total.get()),
            }],
            additional_info: AdditionalInfo {
                point_of_purchase_id: registration.map(|it| it.point_of_purchase_id.clone()),
                items: details.items.iter().map(item).collect(),
                metadata: details.gopay_later,
            },
        }
    }

    /// Its time to pay begins now, not when the buyer opens the page: then its end is known.
    fn snap_request(
        &self,
        order_id: PartnerReferenceNo,
        created_at: Timestamp,
        lines: &[OrderLine],
        total: Rupiah,
    ) -> Result<snap::Request, ports::Error> {
        let internal = ports::Error::Internal("the time to pay cannot be written");
        let minutes = u32::try_from(self.payment.time_to_pay.as_secs() / 60);
        let start = jiff::Timestamp::from_second(created_at.as_seconds().0);
        let (Ok(start), Ok(minutes)) = (start, minutes) else {
            return Err(internal);
        };
        Ok(snap::Request {
            transaction_details: TransactionDetails {
                order_id,
                gross_amount: total.get(),
            },
            item_details: lines.iter().filter_map(snap_item).collect(),
            customer_details: None,
            enabled_payments: vec![snap::GOPAY.to_owned()],
            gopay: (self.mini_app.registration.as_ref()).map(|registration| snap::GoPay {
                pop_id: Some(registration.point_of_purchase_id.clone()),
            }),
            callbacks: None,
            expiry: Some(Expiry::from(start, minutes)),
            page_expiry: None,
        })
    }
}

fn snap_item(line: &OrderLine) -> Option<snap::Item> {
    Some(snap::Item {
        id: Some(line.product.clone()).filter(|id| id.len() <= snap::MAX_ITEM_TEXT_LEN),
        price: i64::try_from(line.price.get()).ok()?,
        quantity: line.quantity.get(),
        name: line.name.id.chars().take(snap::MAX_ITEM_TEXT_LEN).collect(),
    })
}

/// In Bahasa Indonesia, as GoPay's own pages are.
fn item(line: &OrderLine) -> Item {
    Item {
        id: Some(line.product.clone()).filter(|id| id.len() <= MAX_ITEM_ID_LEN),
        price: Amount::idr(line.price.get()),
        quantity: line.quantity.to_string(),
        name: Some(line.name.id.chars().take(MAX_ITEM_NAME_LEN).collect()),
    }
}

/// A time as BI-SNAP writes it.
fn wib(at: Timestamp) -> Result<String, ports::Error> {
    let at = jiff::Timestamp::from_second(at.as_seconds().0);
    at.map(timestamp::format_wib)
        .map_err(|_| ports::Error::Internal("a time cannot be written"))
}

/// Spawned, so that it completes when the buyer's connection is gone.
async fn spawn_to_completion(
    work: impl Future<Output = Result<StoredOrder, PlaceError>> + Send + 'static,
) -> Result<StoredOrder, PlaceError> {
    tokio::spawn(of_current_request(with_failpoints("payment", work)))
        .await
        .map_err(|_| PlaceError::GoPay)?
}

/// What GoPay is told of an order.
#[derive(Default)]
struct OrderDetails<'a> {
    items: &'a [OrderLine],
    gopay_later: Option<Metadata>,
}

/// A payment to be asked for.
struct Intent {
    external_id: ExternalId,
    request: String,
    created_at: Timestamp,
    valid_until: Timestamp,
}

impl Intent {
    fn attempt<'a>(&'a self, key: &'a IdempotencyKey) -> NewAttempt<'a> {
        NewAttempt {
            external_id: &self.external_id,
            idempotency_key: key,
            request: &self.request,
            created_at: self.created_at,
            valid_until: self.valid_until,
            leased_until: self.created_at + ATTEMPT_LEASE,
        }
    }
}

fn fingerprint(order: &PlaceOrder) -> Result<Vec<u8>, ports::Error> {
    let asked = serde_json::to_vec(order)
        .map_err(|_| ports::Error::Internal("an order cannot be written"))?;
    Ok(digest(&SHA256, &asked).as_ref().to_vec())
}
