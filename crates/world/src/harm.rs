//! What can go wrong in the world.

use std::fmt;

macro_rules! harms {
    ($($harm:ident $name:literal $words:literal,)*) => {
        /// One kind of trouble.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Harm {
            $(#[doc = $words] $harm,)*
        }

        impl Harm {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$harm,)*];

            /// As it is written at the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$harm => $name,)* }
            }
        }
    };
}

harms! {
    Unreachable "unreachable" "GoPay cannot be connected to.",
    RequestLost "request-lost" "A request to GoPay gets lost.",
    AnswerLost "answer-lost" "GoPay acts, and its answer gets lost.",
    Late "late" "A request or its answer takes up to a minute.",
    Twice "twice" "The network delivers a request twice.",
    Failing "failing" "GoPay answers 500 or 504, having acted or not.",
    Refusing "refusing" "GoPay refuses for a reason of its own.",
    Throttled "throttled" "GoPay answers 429.",
    Conflict "conflict" "GoPay answers 409, having acted or not.",
    TokenSpent "token-spent" "GoPay forgets its access tokens.",
    LateBooks "late-books" "An inquiry does not find what was made a moment ago.",
    Outage "outage" "GoPay is gone for up to an hour.",
    NoticeLost "notice-lost" "A notification gets lost.",
    NoticeLate "notice-late" "A notification takes up to an hour.",
    NoticeTwice "notice-twice" "A notification comes again, whenever.",
    NoticeStale "notice-stale" "Repeated notifications keep the time of the first.",
    NoticeVague "notice-vague" "A notification has no amount.",
    Doubt "doubt" "GoPay doubts that it was the buyer.",
    OddAmount "odd-amount" "GoPay takes another amount than it was asked for.",
    RefundFails "refund-fails" "GoPay says yes to a refund, and later that it failed.",
    Crash "crash" "The merchant's process dies.",
    BooksFail "books-fail" "The merchant's database refuses.",
    Skew "skew" "The merchant's clock is minutes off.",
    Offline "offline" "The phone has no network.",
    PhoneAnswerLost "phone-answer-lost" "The merchant's answer does not reach the phone.",
    AppKilled "app-killed" "The app is killed.",
    NoStorage "no-storage" "The phone keeps nothing.",
    SessionLost "session-lost" "The merchant wants the buyer signed in anew.",
    HintLies "hint-lies" "The container says something else than what happened.",
    HintLost "hint-lost" "The container never answers.",
    HintTwice "hint-twice" "The container answers twice.",
    TwoTabs "two-tabs" "The buyer has the app open twice.",
    PaidLate "paid-late" "GoPay calls a payment expired that is paid after all.",
    OldLink "old-link" "The buyer pays by a sheet that was opened before.",
    OddIds "odd-ids" "GoPay names a payment by ids in other fields and spellings.",
    OddForms "odd-forms" "GoPay writes amounts, codes and empty parts in other ways.",
    NoAmount "no-amount" "GoPay says that a payment was made, and not how much.",
    RepeatRefused "repeat-refused" "GoPay answers 409 to a repeated X-EXTERNAL-ID.",
    ExpiredRefused "expired-refused" "GoPay answers 403 to inquiries about what has expired.",
    LastSecond "last-second" "The buyer pays when the time is nearly up.",
}

/// Some kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Harms(u64);

impl Harms {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Everything that can.
    pub const ALL: Self = Self((1 << Harm::ALL.len()) - 1);

    /// Whether this is one of them.
    pub fn has(self, harm: Harm) -> bool {
        self.0 & (1 << harm as u8) != 0
    }

    /// And those.
    #[must_use]
    pub fn and(self, those: Self) -> Self {
        Self(self.0 | those.0)
    }

    /// And this.
    #[must_use]
    pub fn with(self, harm: Harm) -> Self {
        Self(self.0 | 1 << harm as u8)
    }

    /// Without this.
    #[must_use]
    pub fn without(self, harm: Harm) -> Self {
        Self(self.0 & !(1 << harm as u8))
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = Harm> {
        Harm::ALL
            .iter()
            .copied()
            .filter(move |harm| self.has(*harm))
    }
}

/// As it is written at the command line.
impl fmt::Display for Harms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.each().map(Harm::name).collect();
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(","))
    }
}
