//! The faults that a run injects.

use enumset::EnumSetType;
use strum::{Display, EnumString};

/// A kind of fault. Its kebab-case name seeds its random stream: a new name changes every run.
#[derive(Debug, PartialOrd, Ord, EnumSetType, Display, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum Fault {
    /// Connections to GoPay fail.
    Unreachable,
    /// A request to GoPay is lost.
    RequestLost,
    /// GoPay acts, and its response is lost.
    AnswerLost,
    /// A request or its response takes up to a minute.
    Late,
    /// The network delivers a request twice.
    Twice,
    /// GoPay answers 500 or 504, having acted or not.
    Failing,
    /// GoPay refuses for a reason of its own.
    Refusing,
    /// GoPay answers 429.
    Throttled,
    /// GoPay answers 409, having acted or not.
    Conflict,
    /// GoPay revokes its access tokens.
    TokenSpent,
    /// An inquiry does not find a payment that is seconds old.
    LateBooks,
    /// GoPay is unreachable for up to an hour.
    Outage,
    /// A notification is lost.
    NoticeLost,
    /// A notification takes up to an hour.
    NoticeLate,
    /// A notification is delivered again, up to hours later.
    NoticeTwice,
    /// Repeated notifications keep the timestamp of the first.
    NoticeStale,
    /// A notification has no amount.
    NoticeVague,
    /// GoPay suspects fraud.
    Doubt,
    /// GoPay takes another amount than the requested one.
    OddAmount,
    /// GoPay accepts a refund that fails later.
    RefundFails,
    /// The merchant's process crashes.
    Crash,
    /// The merchant's database returns an error.
    BooksFail,
    /// The merchant's clock is minutes off.
    Skew,
    /// The phone has no network.
    Offline,
    /// The merchant's response to the phone is lost.
    PhoneAnswerLost,
    /// The app is killed.
    AppKilled,
    /// The phone loses its storage.
    NoStorage,
    /// The merchant asks the buyer to sign in again.
    SessionLost,
    /// The container's payment hint is wrong.
    HintLies,
    /// The container never answers.
    HintLost,
    /// The container calls back twice.
    HintTwice,
    /// The buyer has the app open twice.
    TwoTabs,
    /// GoPay calls a payment expired that is paid after all.
    PaidLate,
    /// The buyer pays in a sheet that was opened before.
    OldLink,
    /// GoPay names a payment by ids in other fields and spellings.
    OddIds,
    /// GoPay spells amounts, codes and empty values in other forms.
    OddForms,
    /// GoPay reports a payment without its amount.
    NoAmount,
    /// GoPay answers 409 to a repeated X-EXTERNAL-ID.
    RepeatRefused,
    /// GoPay answers 403 to inquiries about expired payments.
    ExpiredRefused,
    /// The buyer pays just before the payment expires.
    LastSecond,
    /// Staff refund a payment in GoPay's dashboard.
    DashboardRefund,
    /// GoPay gives a buyer no rewards.
    RewardRefused,
    /// GoPay does not take a buyer's token any more.
    AuthTokenSpent,
}
