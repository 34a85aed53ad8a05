//! Everything the app says, in both of its languages. PURE.
//!
//! A language is one exhaustive match, so a sentence that is missing in one of them does
//! not compile. House rule for words: what happened, what about your money, what to do next.

mod en;
mod id;
// As it was written, whatever the length of its lines.
#[rustfmt::skip]
pub mod shop;

use crate::checkout::Hint;
use crate::trouble::Trouble;
use contract::{OrderStatus, UnixTime, Wording};
use std::borrow::Cow;

/// A language of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// Bahasa Indonesia.
    Id,
    /// English.
    En,
}

impl Locale {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// The locale of such a tag, also of `en_ID` and the like.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next() {
            Some("id" | "in") => Some(Self::Id),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// What `?lang=en` asks for.
    pub fn from_query(query: &str) -> Option<Self> {
        (query.trim_start_matches('?').split('&'))
            .find_map(|pair| pair.strip_prefix("lang="))
            .and_then(Self::from_tag)
    }

    /// The one to switch to.
    pub fn other(self) -> Self {
        match self {
            Self::Id => Self::En,
            Self::En => Self::Id,
        }
    }

    /// What it calls itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "Bahasa Indonesia",
            Self::En => "English",
        }
    }

    /// The merchant's words in this language.
    pub fn pick(self, wording: &Wording) -> &str {
        match self {
            Self::Id => &wording.id,
            Self::En => &wording.en,
        }
    }

    /// What the menu says, in this language.
    pub fn menu(self, words: &Menu) -> Cow<'static, str> {
        match self {
            Self::Id => id::menu(words),
            Self::En => en::menu(words),
        }
    }

    /// The app's words in this language.
    pub fn say(self, message: &Message) -> Cow<'static, str> {
        match self {
            Self::Id => id::say(message),
            Self::En => en::say(message),
        }
    }
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Something that the menu says, there or elsewhere.
    Menu(Menu),
    /// Asks for the buyer's name.
    AskName,
    /// What for.
    AskNameWhy,
    /// Agrees to that.
    UseGopayName,
    /// Rather not.
    Skip,
    /// A button: the name is to be forgotten.
    DropName,
    /// It goes on without a name.
    WithoutName,
    /// Why, and that nothing else is different.
    WithoutNameBody,
    /// The buyer's name is known now.
    OnBehalf(String),
    /// What the buyer agrees to by paying, and what the shop keeps about them.
    Terms,
    /// Where the buyer turns to when something is wrong with an order.
    Contact,
    /// What it comes to.
    Total,
    /// The order was sent and nobody answered.
    NoAnswer,
    /// What that means.
    NoAnswerBody,
    /// Rather change the order.
    ChangeOrder,
    /// What happened.
    Happened(Trouble),
    /// What about the money, and what to do.
    Advice(Trouble),
    /// GoPay is opening.
    OpeningGopay,
    /// What to do there.
    OpeningBody,
    /// The merchant is being asked.
    VerifyingTitle,
    /// What that means.
    VerifyingBody,
    /// The payment can no longer be made, and its end is not known.
    TimeUpTitle,
    /// What that means.
    TimeUpBody,
    /// What became of the order; what GoPay's container said chooses between true sentences.
    Headline(OrderStatus, Option<Hint>),
    /// What about the money, and what next.
    Consequence(OrderStatus, Option<Hint>),
    /// Pay the same order.
    ContinuePayment,
    /// Pay it with a new payment.
    PayAgain,
    /// Ask the merchant now.
    CheckAgain,
    /// Call it off.
    CancelOrder,
    /// To the shop.
    BackToShop,
    /// To the shop, with the same things picked.
    OrderAgain,
    /// How to collect.
    ShowAtCounter,
    /// Label of the code that the counter asks for.
    PickupCode,
    /// Who will be called when the order is ready.
    WillCall(String),
    /// Label of the order's short number.
    OrderNumber,
    /// Name of the button that copies it.
    CopyNumber,
    /// It is on the clipboard.
    Copied,
    /// It is not.
    NotCopied,
    /// Label of the amount that was refunded.
    WentBack,
    /// Label of the moment of payment.
    PaidAt,
    /// Label of the moment of ordering.
    OrderedAt,
    /// Time left to pay, `4:05`.
    TimeLeft(String),
    /// Time left to pay, for those who hear it.
    MinutesLeft(u64),
    /// Seconds are left.
    SecondsLeft(u64),
    /// What is shown was so at this moment.
    LastKnown(UnixTime),
    /// The same, where there is room for more words.
    MyOrders,
    /// Heading of all orders.
    OrdersTitle,
    /// There are none.
    NoOrders,
    /// What to do about that.
    NoOrdersBody,
    /// A name, and that so many more lines follow.
    AndMore(String, usize),
    /// Where an order stands, in a word or two.
    Standing(OrderStatus),
    /// A button: pass the receipt on.
    Share,
    /// Nothing is at an address that is no order's.
    NoPageTitle,
    /// What that means.
    NoPageBody,
    /// Nothing there.
    MissingTitle,
    /// What that means.
    MissingBody,
    /// An order is on its way.
    LoadingOrder,
    /// Heading of the page for the world outside GoPay.
    OutsideTitle,
    /// What this is.
    OutsideBody,
    /// Opens it in GoPay.
    OpenInGopay,
    /// How to get there without a link.
    OutsideHow,
    /// What the QR code shows, for those who do not see it.
    QrCode,
    /// What to do with it.
    ScanIt,
    /// For whoever develops it; the command follows.
    ForDevelopers,
}

/// What the menu says: all that the first screen needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Menu {
    /// Heading of the shop.
    Title,
    /// Under it.
    Tagline,
    /// Name of the plus button, with the product's name.
    Add(String),
    /// Name of the minus button.
    Remove(String),
    /// What the cart holds of it now.
    InCart(String, u32),
    /// The pay button, before the amount.
    Pay,
    /// The pay button, while there is nothing to pay.
    PickFirst,
    /// So many pieces.
    Pieces(u32),
    /// The order's lines.
    Summary,
    /// The order is being placed.
    Preparing,
    /// What a button says while it works.
    OneMoment,
    /// An order waits for its payment: before its total.
    WaitingOrder,
    /// The same, after it.
    Waits,
    /// Goes on with it.
    Continue,
    /// Try it once more.
    TryAgain,
    /// Instead of a stepper: it cannot be had at present.
    SoldOut,
    /// Name of the button that leads to all orders.
    Orders,
}

impl From<Menu> for Message {
    fn from(words: Menu) -> Self {
        Self::Menu(words)
    }
}
