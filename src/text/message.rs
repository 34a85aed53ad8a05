//! What the app can say, in no language yet.

use crate::campaign::Notice;
use crate::checkout::{Announcement, Hint};
use crate::user_error::UserError;
use contract::{OrderStatus, RewardKind, RewardStatus, Rupiah, UnixTime};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Words of the first chunk.
    Menu(Menu),
    AskName,
    AskNameWhy,
    UseGopayName,
    Skip,
    DropName,
    WithoutName,
    WithoutNameBody,
    OnBehalf(String),
    /// The product that a campaign address opened, announced.
    FromLink(String),
    /// What a campaign address promised and the shop does not have.
    LinkNoticeTitle(Notice),
    LinkNoticeBody(Notice),
    /// Dismisses a notice.
    Understood,
    /// The label of an order's discount, by its code.
    Promo(String),
    /// The promo code needs products for so much.
    PromoFrom(String, Rupiah),
    /// The label of the order's table.
    Table,
    /// The table that the order is brought to.
    AtTable(String),
    /// What the buyer agrees to by paying, and what the shop keeps about them.
    Terms,
    /// Where a buyer with a problem turns to.
    Contact,
    Total,
    /// The outcome of placing an order is unknown.
    NoAnswer,
    NoAnswerBody,
    ChangeOrder,
    ErrorTitle(UserError),
    /// What about the money, and what to do next.
    ErrorAdvice(UserError),
    OpeningGopay,
    OpeningBody,
    VerifyingTitle,
    VerifyingBody,
    /// The payment can no longer be made, and its outcome is unknown.
    TimeUpTitle,
    TimeUpBody,
    /// The order's outcome; the container's hint chooses between true sentences.
    Headline(OrderStatus, Option<Hint>),
    /// What about the money, and what next.
    Consequence(OrderStatus, Option<Hint>),
    ContinuePayment,
    /// By a new payment.
    PayAgain,
    CheckAgain,
    CancelOrder,
    BackToShop,
    /// Back to the menu, with the same products picked.
    OrderAgain,
    ShowAtCounter,
    PickupCode,
    /// The name that is called when the order is ready.
    WillCall(String),
    OrderNumber,
    CopyNumber,
    Copied,
    NotCopied,
    RefundedAmount,
    /// Empty for what a newer merchant gives.
    Reward(RewardKind, RewardStatus),
    PaidAt,
    OrderedAt,
    /// Time left to pay, `4:05`.
    TimeLeft(String),
    /// Time left to pay, announced.
    MinutesLeft(u64),
    SecondsLeft(u64),
    /// The time of the last answer.
    LastKnown(UnixTime),
    /// The long form of [`Menu::Orders`].
    MyOrders,
    OrdersTitle,
    NoOrders,
    NoOrdersBody,
    /// The first line's name, and how many more lines there are.
    AndMore(String, usize),
    /// An order's status in the list, in a word or two.
    Standing(OrderStatus),
    Share,
    NoPageTitle,
    NoPageBody,
    NotFoundTitle,
    NotFoundBody,
    LoadingOrder,
    NotInGopayTitle,
    NotInGopayBody,
    OpenInGopay,
    /// How to open the shop without a link.
    NotInGopayHow,
    QrCode,
    ScanIt,
    /// A hint for developers; the command follows.
    ForDevelopers,
}

/// The words of the first chunk: all that the menu needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Menu {
    Title,
    Tagline,
    /// The plus button's name, with the product's.
    Add(String),
    Remove(String),
    InCart(String, u32),
    /// The pay button; the amount follows.
    Pay,
    /// The pay button of an empty cart.
    PickFirst,
    Pieces(u32),
    Summary,
    Preparing,
    /// The label of a busy button.
    OneMoment,
    /// The reminder of an open order; its total follows.
    WaitingOrder,
    /// The same, after the total.
    Waits,
    Continue,
    TryAgain,
    /// In place of the stepper.
    SoldOut,
    Orders,
}

impl From<Menu> for Message {
    fn from(words: Menu) -> Self {
        Self::Menu(words)
    }
}

impl From<Announcement> for Message {
    fn from(announcement: Announcement) -> Self {
        match announcement {
            Announcement::Preparing => Menu::Preparing.into(),
            Announcement::Unconfirmed => Self::NoAnswer,
            Announcement::Failed(error) => Self::ErrorTitle(error),
            Announcement::Answered(status, hint) => Self::Headline(status, hint),
        }
    }
}
