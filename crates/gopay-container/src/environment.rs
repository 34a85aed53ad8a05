//! Where the page is open.

use crate::{
    Error,
    call::{Done, Method, NoParams},
    locale, navigation_bar,
};

/// Where the page is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// In GoPay; in which of its containers, where that can be told.
    GoPay(Option<Container>),
    /// In an ordinary browser: the SDK is there and says that no GoPay is behind it.
    Browser,
    /// On a page whose SDK did not load.
    NoSdk,
    /// On a page whose SDK is there and does not answer, or nothing that makes sense.
    Silent,
}

/// One of GoPay's two containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// The legacy one: a ZIP of files, served by GoPay.
    V1,
    /// The current one: the merchant's own web address.
    V2,
}

/// Finds out where the page is open, by asking GoPay things that show nothing and change
/// nothing; never by the user agent, which anybody can have.
///
/// Takes as long as the SDK's script takes to arrive (at most 10 s) and at most 20 s more.
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
        // Whatever else it is, it is an answer of somebody who knows the method.
        Ok(_)
        | Err(Error::Permission | Error::NoConsent | Error::Offline | Error::Refused { .. }) => {
            Answer::Known
        }
    }
}
