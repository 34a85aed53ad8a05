//! English, in the same tone.

use super::message::{Menu, Message};
use super::shop;
use crate::campaign::Notice;
use crate::checkout::Hint;
use crate::money::rupiah;
use crate::time::wib_clock;
use crate::user_error::UserError;
use contract::{OrderStatus, RewardKind, RewardStatus};
use std::borrow::Cow;

pub(super) fn menu(words: &Menu) -> Cow<'static, str> {
    use Menu as M;
    let text = match words {
        M::Add(name) => return ["Add ", name].concat().into(),
        M::Remove(name) => return ["Take out one ", name].concat().into(),
        M::InCart(name, 0) => return [name, " taken out"].concat().into(),
        M::InCart(name, quantity) => return [name, ": ", &quantity.to_string()].concat().into(),
        M::Pieces(1) => "1 item",
        M::Pieces(pieces) => return [&pieces.to_string(), " items"].concat().into(),
        M::Title => shop::TITLE_EN,
        M::Tagline => shop::TAGLINE_EN,
        M::WaitingOrder => "An order of ",
        M::Waits => " waits for its payment",
        M::Pay => "Pay ",
        M::PickFirst => "Pick something first",
        M::Summary => "Review order",
        M::Preparing => "Preparing your payment",
        M::OneMoment => "One moment",
        M::Continue => "Continue",
        M::TryAgain => "Try again",
        M::SoldOut => "Sold out",
        M::Orders => "Orders",
    };
    text.into()
}

pub(super) fn say(message: &Message) -> Cow<'static, str> {
    use Message as M;
    let text = match message {
        M::Menu(words) => return menu(words),
        M::LastKnown(moment) => {
            return [
                "Last heard at ",
                &wib_clock(*moment),
                ". This screen changes by itself once we are connected.",
            ]
            .concat()
            .into();
        }
        M::AndMore(name, more) => return [name, ", +", &more.to_string(), " more"].concat().into(),
        M::TimeLeft(clock) => return ["Time left to pay ", clock].concat().into(),
        M::MinutesLeft(1) => "1 minute left to pay",
        M::MinutesLeft(minutes) => {
            return [&minutes.to_string(), " minutes left to pay"]
                .concat()
                .into();
        }
        M::SecondsLeft(seconds) => {
            return [&seconds.to_string(), " seconds left to pay"]
                .concat()
                .into();
        }
        M::NotInGopayTitle => return [shop::NAME, " lives inside GoPay"].concat().into(),
        M::QrCode => {
            return ["QR code that opens ", shop::NAME, " in GoPay"]
                .concat()
                .into();
        }
        M::NotInGopayHow => {
            return ["Open the GoPay app and look for ", shop::NAME, "."]
                .concat()
                .into();
        }
        M::OnBehalf(name) => return ["Ordering for ", name].concat().into(),
        M::WillCall(name) => {
            return ["We will call ", name, " when it is ready"].concat().into();
        }
        M::AskName => "Whose name should we call?",
        M::AskNameWhy => "So that we can call you when your order is ready.",
        M::UseGopayName => "Use my GoPay name",
        M::Skip => "Skip",
        M::DropName => "Don't use my name",
        M::WithoutName => "Going on without a name",
        M::WithoutNameBody => {
            "We could not get your name from GoPay. You can order and pay as always."
        }
        M::FromLink(name) => return ["From the link: ", name].concat().into(),
        M::LinkNoticeTitle(notice) => return notice_title(notice),
        M::LinkNoticeBody(notice) => return notice_body(notice),
        M::Promo(code) => return ["Promo ", code].concat().into(),
        M::PromoFrom(code, least) => {
            return ["Promo ", code, " from ", &rupiah(*least)].concat().into();
        }
        M::Table => "Table",
        M::AtTable(table) => return ["For table ", table].concat().into(),
        M::Understood => "OK",
        M::Terms => shop::TERMS_EN,
        M::Contact => shop::CONTACT_EN,
        M::Total => "Total",
        M::NoAnswer => "No answer yet",
        M::NoAnswerBody => {
            "We don't know yet whether your order came through. Nothing has been paid. \
             You can safely try again: it will not be ordered twice."
        }
        M::ChangeOrder => "Change the order",
        M::ErrorTitle(error) => error_title(*error),
        M::ErrorAdvice(error) => error_advice(*error),
        M::OpeningGopay => "Opening GoPay",
        M::OpeningBody => "Finish your payment in GoPay, then come back here.",
        M::VerifyingTitle => "Checking your payment",
        M::VerifyingBody => "One moment while we make sure. This screen changes by itself.",
        M::TimeUpTitle => "We are making sure with GoPay",
        M::TimeUpBody => {
            "We are waiting for GoPay's word. If you have paid, this screen changes by itself. \
             Please do not pay again yet."
        }
        M::Headline(status, hint) => headline(*status, *hint),
        M::Consequence(status, hint) => consequence(*status, *hint),
        M::ContinuePayment => "Continue to payment",
        M::PayAgain => "Pay again",
        M::CheckAgain => "Check again",
        M::CancelOrder => "Cancel the order",
        M::BackToShop => "Back to the menu",
        M::OrderAgain => "Order again",
        M::ShowAtCounter => "Show this screen at the counter",
        M::PickupCode => "Pick-up code",
        M::OrderNumber => "Order",
        M::CopyNumber => "Copy the order number",
        M::Copied => "Copied",
        M::NotCopied => "It could not be copied. Please note it down.",
        M::RefundedAmount => "Back in GoPay",
        M::Reward(kind, status) => reward(*kind, *status),
        M::PaidAt => "Paid",
        M::OrderedAt => "Ordered",
        M::MyOrders => "My orders",
        M::OrdersTitle => "Your orders",
        M::NoOrders => "No orders yet",
        M::NoOrdersBody => "Your orders will show up here.",
        M::Standing(status) => standing(*status),
        M::Share => "Share",
        M::NoPageTitle => "Page not found",
        M::NoPageBody => "There is nothing at this address. The menu is open.",
        M::NotFoundTitle => "Order not found",
        M::NotFoundBody => "This address does not lead to an order of yours. The menu is open.",
        M::LoadingOrder => "Opening your order",
        M::NotInGopayBody => "There you can order and pay right away, without signing up.",
        M::OpenInGopay => "Open in the GoPay app",
        M::ScanIt => "At a computer? Scan it with your phone's camera.",
        M::ForDevelopers => "For developers: start the GoPay simulator with",
    };
    text.into()
}

fn error_title(error: UserError) -> &'static str {
    match error {
        UserError::NotInGopay => "There is no GoPay here",
        UserError::GopayTooOld => "GoPay needs an update",
        UserError::GopayDenied => "GoPay has not allowed it",
        UserError::GopayFailed => "GoPay did not open",
        UserError::Offline => "You are offline",
        UserError::TimedOut => "The connection is very slow",
        UserError::ShopDown => "Our shop has a problem",
        UserError::GopayDown => "GoPay is hard to reach",
        UserError::SignInRefused => "Signing in did not work",
        UserError::PricesChanged => "Prices have just changed",
        UserError::PromoRefused => "The promo code does not apply",
        UserError::PromoExpired => "The promo code is over",
        UserError::NoTable => "There is no such table",
        UserError::SoldOut => "Something has just sold out",
        UserError::OrderClosed => "This order is closed",
        UserError::PaymentRefused => "GoPay did not take this payment",
        UserError::UnderWay => "We are still working on it",
        UserError::AnotherBuyer => "The GoPay account has changed",
        UserError::NotFound => "Order not found",
        UserError::Rejected => "We could not take this order",
    }
}

/// Money first, in words that hold on every screen, then what to do.
fn error_advice(error: UserError) -> &'static str {
    match error {
        UserError::NotInGopay => "Your money is safe. Open this page from the GoPay app.",
        UserError::GopayTooOld => {
            "Your money is safe. Update the GoPay app, then open the shop again."
        }
        UserError::GopayDenied => {
            "Your money is safe. Open the shop from GoPay's menu, then try again."
        }
        UserError::GopayFailed => "Your money is safe. Try again in a moment.",
        UserError::Offline => "Your money is safe. Check your internet, then try again.",
        UserError::TimedOut => "Your money is safe. Find a better signal, then try again.",
        UserError::ShopDown => {
            "It is on our side, not yours. Your money is safe. Try again in a moment."
        }
        UserError::GopayDown => "Your money is safe. Wait a moment, then try again.",
        UserError::SignInRefused => "Your money is safe. Try to sign in once more.",
        UserError::PricesChanged => {
            "Nothing has been paid. See the new total, then pay if it suits."
        }
        UserError::PromoRefused | UserError::PromoExpired => {
            "Nothing has been paid. See the total without it, and pay if you like."
        }
        UserError::NoTable => {
            "Nothing has been paid. Pay to pick up at the counter, or scan the code at your table again."
        }
        UserError::SoldOut => {
            "What has sold out is not ordered. Nothing has been paid. Look at your choice again, \
             then pay if it suits."
        }
        UserError::OrderClosed => "Nothing more is paid. We are getting the latest on it.",
        UserError::PaymentRefused => {
            "Your money is safe. Try again later, or show this order number at the counter."
        }
        UserError::UnderWay => "Your money is safe. Wait a moment, then try again.",
        UserError::AnotherBuyer => {
            "The previous account's orders are on record. Check your choice, then pay from this \
             account."
        }
        UserError::NotFound => "What has been paid is on record. Go back to the menu to order.",
        UserError::Rejected => {
            "Nothing has been paid. Check your choice and your orders, then try again."
        }
    }
}

/// Empty for what a newer merchant gives.
fn reward(kind: RewardKind, status: RewardStatus) -> &'static str {
    use RewardKind as K;
    use RewardStatus as S;
    match (kind, status) {
        (K::Coins, S::Pending) => "GoPay Coins, on their way",
        (K::Coins, S::Given) => "GoPay Coins, received",
        (K::Coins, S::Refused) => "GoPay gives your account no Coins for now. Ask GoPay Help.",
        (K::Emoney, S::Pending) => "GoPay balance, on its way",
        (K::Emoney, S::Given) => "GoPay balance, received",
        (K::Emoney, S::Refused) => {
            "GoPay gives your account no bonus balance for now. Ask GoPay Help."
        }
        (K::Gems, S::Pending) => "Gems, on their way",
        (K::Gems, S::Given) => "Gems, received",
        (K::Gems, S::Refused) => "GoPay gives your account no Gems for now. Ask GoPay Help.",
        (K::Other, _) | (_, S::Other) => "",
    }
}

fn notice_title(notice: &Notice) -> Cow<'static, str> {
    let text = match notice {
        Notice::PromoRefused(code) => {
            return ["The code ", code, " does not apply"].concat().into();
        }
        Notice::PromoExpired(code) => return ["The code ", code, " is over"].concat().into(),
        Notice::PromoUnchecked(code) => {
            return ["The code ", code, " was not checked"].concat().into();
        }
        Notice::PromoUnreadable => "The promo code cannot be read",
        Notice::ProductGone => "This product is gone",
        Notice::NoTable => "There is no such table",
        Notice::CategoryGone => "This part of the menu is gone",
    };
    text.into()
}

fn notice_body(notice: &Notice) -> Cow<'static, str> {
    let text = match notice {
        Notice::PromoRefused(_) | Notice::PromoExpired(_) | Notice::PromoUnreadable => {
            "You can still order and pay at the usual price."
        }
        Notice::PromoUnchecked(_) => {
            "You can pay at the usual price, or open the shop again later."
        }
        Notice::ProductGone => "We no longer sell what the link was about. Pick something else.",
        Notice::NoTable => {
            "You can still pick your order up at the counter. Or scan the code at your table again."
        }
        Notice::CategoryGone => "All that we sell now is in this menu.",
    };
    text.into()
}

fn standing(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::AwaitingPayment => "Waiting for payment",
        OrderStatus::Checking => "Making sure",
        OrderStatus::Paid => "Paid",
        OrderStatus::Cancelled => "Cancelled",
        OrderStatus::Failed => "Did not work",
        OrderStatus::Expired => "Time is up",
        OrderStatus::PartiallyRefunded => "Partly refunded",
        OrderStatus::Refunded => "Refunded",
        OrderStatus::Review => "We are looking at it",
        OrderStatus::Other => "There is news",
    }
}

fn headline(status: OrderStatus, hint: Option<Hint>) -> &'static str {
    match (status, hint) {
        (OrderStatus::AwaitingPayment, Some(Hint::Underway)) => "Waiting for confirmation",
        (OrderStatus::AwaitingPayment, Some(Hint::Unpaid)) => "Not paid yet",
        (OrderStatus::AwaitingPayment, Some(Hint::Opened) | None) => "Waiting for payment",
        (OrderStatus::Checking, _) => "We are making sure",
        (OrderStatus::Paid, _) => "Payment received",
        (OrderStatus::Cancelled, _) => "Order cancelled",
        (OrderStatus::Failed, _) => "The payment did not work",
        (OrderStatus::Expired, _) => "Time to pay is up",
        (OrderStatus::PartiallyRefunded, _) => "Part of the money is back",
        (OrderStatus::Refunded, _) => "The money is back",
        (OrderStatus::Review, _) => "We need to look at this order",
        (OrderStatus::Other, _) => "There is news of your order",
    }
}

fn consequence(status: OrderStatus, hint: Option<Hint>) -> &'static str {
    match (status, hint) {
        (OrderStatus::AwaitingPayment, Some(Hint::Underway)) => {
            "GoPay's word has not reached us yet. If you have paid, this screen \
             changes by itself. It is safe to close it."
        }
        (OrderStatus::AwaitingPayment, Some(Hint::Unpaid)) => {
            "We have not received a payment. Your order is still here."
        }
        (OrderStatus::AwaitingPayment, Some(Hint::Opened)) => {
            "If you have paid, this screen changes by itself. If not, continue when you are ready."
        }
        (OrderStatus::AwaitingPayment, None) => {
            "We have not received a payment. Continue when you are ready."
        }
        (OrderStatus::Other, _) => {
            "The latest news cannot be shown here yet. Your money is safe and your order is on record. \
             Show this order number at the counter, or open the shop again later."
        }
        (OrderStatus::Checking, _) => {
            "We are still waiting for GoPay's answer. Your money is safe and your order is \
             kept, so you may close this page."
        }
        (OrderStatus::Paid, _) => "Thank you. We are preparing your order.",
        (OrderStatus::Cancelled, _) => "Nothing has been paid. You can order the same again.",
        (OrderStatus::Failed, _) => "We received no money. You can try to pay again.",
        (OrderStatus::Expired, _) => {
            "We received no money. If you still want it, make a new payment."
        }
        (OrderStatus::PartiallyRefunded, _) => {
            "Part of your money is back in GoPay. GoPay's history has the details."
        }
        (OrderStatus::Refunded, _) => {
            "Your money is back in GoPay. GoPay's history has the details."
        }
        (OrderStatus::Review, _) => {
            "Something does not add up, and our staff is looking at it. Your money is not \
             lost. Do not pay again: show this order number at the counter."
        }
    }
}
