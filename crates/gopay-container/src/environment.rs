//! Where the page is open.

use crate::{
    Error,
    call::{Done, NoParams},
    locale,
    method::Method,
    navigation_bar,
};

/// Where the page is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Environment {
    /// In GoPay; in which of its containers, where that is known.
    GoPay(Option<Container>),
    /// In an ordinary browser: the SDK is there and says that no GoPay is behind it.
    Browser,
    /// On a page whose SDK did not load.
    NoSdk,
    /// On a page whose SDK is there and gives no answer, or an unreadable one.
    Silent,
}

/// One of GoPay's two containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Container {
    /// The legacy one: a ZIP of files, served by GoPay.
    V1,
    /// The current one: the merchant's own web address.
    V2,
}

/// Finds out where the page is open, by calls that show nothing and change nothing; never by the
/// user agent, which any browser can have.
///
/// Takes until the SDK's script has arrived (at most 10 s), then at most 20 s.
/// Unverified: that V1 has no `GPBase.getLocale` and V2 no `GPNavigationBar.getHeight`; so
/// say the method tables of `frontend-v1` and `frontend-v2`.
pub async fn detect() -> Environment {
    match probe(locale::METHOD).await {
        Answer::Known => Environment::GoPay(Some(Container::V2)),
        Answer::Missing => match probe(navigation_bar::GET_HEIGHT).await {
            Answer::Known => Environment::GoPay(Some(Container::V1)),
            Answer::Missing | Answer::None(_) => Environment::GoPay(None),
        },
        Answer::None(environment) => environment,
    }
}

enum Answer {
    Known,
    Missing,
    None(Environment),
}

async fn probe(method: Method<'static>) -> Answer {
    match method.ask::<Done>(&NoParams {}, "not a reply").await {
        Err(Error::Unsupported) => Answer::Missing,
        Err(Error::NotInGoPay) => Answer::None(Environment::Browser),
        Err(Error::NotLoaded) => Answer::None(Environment::NoSdk),
        Err(Error::TimedOut | Error::Threw { .. } | Error::Unreadable { .. }) => {
            Answer::None(Environment::Silent)
        }
        // Any other answer shows that the method is known.
        Ok(_)
        | Err(Error::Permission | Error::NoConsent | Error::Offline | Error::Refused { .. }) => {
            Answer::Known
        }
    }
}
