//! The merchants' mini apps. Several may share one merchant id; each has its own id, address, point of
//! purchase and AuthCredentials `[miniapp-v2]`. Pure.
//!
//! Invariant: ids, origins and AuthCredentials differ, since each of them names a mini app.

use crate::{
    Icon, account,
    caller::{MerchantNo, UnknownMerchant},
};
use gopay_protocol::Secret;
use serde::Serialize;
use std::{fmt, iter, str::FromStr};
use url::Url;

/// GoPay's id of a mini app: lowercase letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct MiniAppId(String);

/// A mini app that the merchant cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MiniAppsError {
    #[error(
        "{0:?} is not the id of a mini app: lowercase letters, digits and hyphens, such as kopi"
    )]
    Id(String),
    #[error("the address of the mini app {id} is {address}: it has to be http or https")]
    Address { id: MiniAppId, address: Url },
    #[error("there is a mini app {0} already; give each its own id")]
    IdTaken(MiniAppId),
    /// The origin of a page says which mini app calls the SDK.
    #[error("the mini app {id} has the origin of {other}, {origin}; give each its own origin")]
    OriginTaken {
        id: MiniAppId,
        other: MiniAppId,
        origin: String,
    },
    #[error("the mini app {id} has the AuthCredentials of {other}; give each its own")]
    CredentialsTaken { id: MiniAppId, other: MiniAppId },
    #[error("the mini app {id} has the point of purchase of {other}; give each its own")]
    PointOfPurchaseTaken { id: MiniAppId, other: MiniAppId },
    #[error(transparent)]
    Merchant(#[from] UnknownMerchant),
    #[error("the merchant has no mini app")]
    None,
}

/// An id in a request that no mini app has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no mini app {id:?}; the simulator plays {known}")]
pub(crate) struct UnknownMiniApp {
    id: String,
    known: String,
}

/// A mini app of a merchant.
#[derive(Debug, Clone)]
pub struct MiniApp {
    pub(crate) id: MiniAppId,
    /// In the phone and on the consent page.
    pub(crate) name: String,
    pub(crate) address: Url,
    pub(crate) icon: Option<Icon>,
    pub(crate) point_of_purchase_id: String,
    pub(crate) merchant: MerchantNo,
    /// By which its merchant is found when it is added; the first has none.
    merchant_id: Option<String>,
    auth_credentials: Secret,
}

/// A buyer in one of the mini apps: auth codes, tokens and consents belong to both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct MiniAppUser {
    pub(crate) mini_app: MiniAppId,
    pub(crate) buyer: String,
}

/// At least one.
#[derive(Debug, Clone)]
pub(crate) struct MiniApps {
    first: MiniApp,
    further: Vec<MiniApp>,
}

impl MiniAppId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MiniAppId {
    type Err = MiniAppsError;

    fn from_str(text: &str) -> Result<Self, MiniAppsError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || !text.chars().all(allowed) {
            return Err(MiniAppsError::Id(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for MiniAppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl MiniApp {
    /// One whose name is its id, and whose point of purchase [follows from
    /// it](account::point_of_purchase_id). `auth_credentials` is the text behind `Basic ` in its token
    /// exchange.
    pub fn new(id: MiniAppId, address: Url, auth_credentials: Secret) -> Self {
        let name = match id.as_str() {
            account::MINI_APP_ID => account::MERCHANT_NAME,
            other => other,
        };
        Self {
            point_of_purchase_id: account::point_of_purchase_id(id.as_str()),
            name: name.to_owned(),
            id,
            address,
            icon: None,
            merchant: MerchantNo::FIRST,
            merchant_id: None,
            auth_credentials,
        }
    }

    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, ..self }
    }

    #[must_use]
    pub fn with_icon(self, icon: Icon) -> Self {
        let icon = Some(icon);
        Self { icon, ..self }
    }

    /// Where its icon is served.
    pub(crate) fn icon_path(&self) -> Option<String> {
        let id = &self.id;
        self.icon.as_ref().map(|_| format!("/mini-apps/{id}/icon"))
    }

    #[must_use]
    pub fn with_point_of_purchase(self, id: impl Into<String>) -> Self {
        let point_of_purchase_id = id.into();
        Self {
            point_of_purchase_id,
            ..self
        }
    }

    /// Of this merchant, where it is not the first.
    #[must_use]
    pub fn of_merchant(self, merchant_id: impl Into<String>) -> Self {
        let merchant_id = Some(merchant_id.into());
        Self {
            merchant_id,
            ..self
        }
    }

    pub(crate) fn merchant_id(&self) -> Option<&str> {
        self.merchant_id.as_deref()
    }

    pub(crate) fn owned_by(self, merchant: MerchantNo) -> Self {
        Self { merchant, ..self }
    }

    pub fn address(&self) -> &Url {
        &self.address
    }

    /// The origin of its pages.
    pub(crate) fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }
}

impl MiniApps {
    pub(crate) fn new(address: Url, auth_credentials: Secret) -> Self {
        let id = MiniAppId(account::MINI_APP_ID.to_owned());
        Self {
            first: MiniApp::new(id, address, auth_credentials),
            further: Vec::new(),
        }
    }

    /// Puts `app` in the place of the first, before others are added.
    pub(crate) fn replace_first(&mut self, app: MiniApp) -> Result<(), MiniAppsError> {
        let further = std::mem::take(&mut self.further);
        self.first = app;
        further.into_iter().try_for_each(|app| self.add(app))
    }

    pub(crate) fn add(&mut self, app: MiniApp) -> Result<(), MiniAppsError> {
        let id = app.id.clone();
        if !matches!(app.address.scheme(), "http" | "https") {
            let address = app.address;
            return Err(MiniAppsError::Address { id, address });
        }
        if self.iter().any(|other| other.id == id) {
            return Err(MiniAppsError::IdTaken(id));
        }
        self.check_origin(&id, &app.address)?;
        if let Some(other) = self.by_auth_credentials(app.auth_credentials.expose()) {
            let other = other.id.clone();
            return Err(MiniAppsError::CredentialsTaken { id, other });
        }
        let is_taken = |it: &&MiniApp| it.point_of_purchase_id == app.point_of_purchase_id;
        if let Some(other) = self.iter().find(is_taken) {
            let other = other.id.clone();
            return Err(MiniAppsError::PointOfPurchaseTaken { id, other });
        }
        self.further.push(app);
        Ok(())
    }

    /// The first of a merchant.
    pub(crate) fn first_of(&self, merchant: MerchantNo) -> Result<&MiniApp, MiniAppsError> {
        let own = self.iter().find(|app| app.merchant == merchant);
        own.ok_or(MiniAppsError::None)
    }

    fn change(&mut self, id: &MiniAppId, change: impl FnOnce(&mut MiniApp)) {
        let mut all = iter::once(&mut self.first).chain(&mut self.further);
        if let Some(app) = all.find(|app| app.id == *id) {
            change(app);
        }
    }

    /// Changes the address of a merchant's first.
    pub(crate) fn move_first(
        &mut self,
        merchant: MerchantNo,
        address: Url,
    ) -> Result<(), MiniAppsError> {
        let id = self.first_of(merchant)?.id.clone();
        self.check_origin(&id, &address)?;
        self.change(&id, |app| app.address = address);
        Ok(())
    }

    /// Changes the AuthCredentials of a merchant's first.
    pub(crate) fn change_first_credentials(
        &mut self,
        merchant: MerchantNo,
        credentials: Secret,
    ) -> Result<(), MiniAppsError> {
        let id = self.first_of(merchant)?.id.clone();
        match self.by_auth_credentials(credentials.expose()) {
            Some(other) if other.id != id => Err(MiniAppsError::CredentialsTaken {
                id,
                other: other.id.clone(),
            }),
            _ => {
                self.change(&id, |app| app.auth_credentials = credentials);
                Ok(())
            }
        }
    }

    fn check_origin(&self, id: &MiniAppId, address: &Url) -> Result<(), MiniAppsError> {
        let origin = address.origin().ascii_serialization();
        match self.by_origin(&origin).filter(|other| other.id != *id) {
            Some(other) => Err(MiniAppsError::OriginTaken {
                id: id.clone(),
                other: other.id.clone(),
                origin,
            }),
            None => Ok(()),
        }
    }

    pub(crate) fn first(&self) -> &MiniApp {
        &self.first
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &MiniApp> {
        iter::once(&self.first).chain(&self.further)
    }

    /// The first where a request names none.
    pub(crate) fn named(&self, id: Option<&str>) -> Result<&MiniApp, UnknownMiniApp> {
        let Some(id) = id else {
            return Ok(&self.first);
        };
        let named = self.iter().find(|app| app.id.as_str() == id);
        named.ok_or_else(|| UnknownMiniApp {
            id: id.to_owned(),
            known: self.list(", ", |app| app.id.to_string()),
        })
    }

    /// The first for an app that is not there.
    pub(crate) fn merchant_of(&self, id: &MiniAppId) -> MerchantNo {
        self.named(Some(id.as_str()))
            .map_or(MerchantNo::FIRST, |app| app.merchant)
    }

    pub(crate) fn by_origin(&self, origin: &str) -> Option<&MiniApp> {
        self.iter().find(|app| app.origin() == origin)
    }

    /// Of each.
    pub(crate) fn auth_credentials(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|app| app.auth_credentials.expose())
    }

    /// Of the merchant's first; where it has none, of the first of all.
    pub(crate) fn auth_credentials_of(&self, merchant: MerchantNo) -> &Secret {
        &self
            .first_of(merchant)
            .unwrap_or(&self.first)
            .auth_credentials
    }

    /// By the text behind `Basic ` in the token exchange.
    pub(crate) fn by_auth_credentials(&self, auth_credentials: &str) -> Option<&MiniApp> {
        self.iter()
            .find(|app| app.auth_credentials.expose() == auth_credentials)
    }

    pub(crate) fn by_point_of_purchase(&self, merchant: MerchantNo, id: &str) -> Option<&MiniApp> {
        self.iter()
            .find(|app| app.merchant == merchant && app.point_of_purchase_id == id)
    }

    /// The origins of all, as a content security policy lists them.
    pub(crate) fn origins(&self) -> String {
        self.list(" ", MiniApp::origin)
    }

    fn list(&self, separator: &str, text: impl Fn(&MiniApp) -> String) -> String {
        let texts: Vec<_> = self.iter().map(text).collect();
        texts.join(separator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(address: &str) -> Url {
        address.parse().unwrap()
    }

    fn id(id: &str) -> MiniAppId {
        id.parse().unwrap()
    }

    #[test]
    fn an_id_has_small_letters_digits_and_hyphens() {
        for good in ["kopi", "kopi-2", "0"] {
            assert_eq!(id(good).as_str(), good);
        }
        for wrong in ["", "Kopi", "kopi/..", "kopi.x", "kopi_x", "k\u{f6}pi"] {
            let error = MiniAppsError::Id(wrong.to_owned());
            assert_eq!(wrong.parse::<MiniAppId>(), Err(error));
        }
    }

    #[test]
    fn ids_origins_and_credentials_differ() {
        let mut apps = MiniApps::new(url("http://localhost:8080"), Secret::new("first"));
        let mut add = |name, address, secret| {
            apps.add(MiniApp::new(id(name), url(address), Secret::new(secret)))
        };
        assert_eq!(
            add("kopi", "http://kopi.localhost:8080/a", "second"),
            Ok(())
        );
        assert!(matches!(
            add("kopi", "http://x.localhost:8080", "third"),
            Err(MiniAppsError::IdTaken(_))
        ));
        assert!(matches!(
            add("kedai", "http://x.localhost:8080", "third"),
            Err(MiniAppsError::IdTaken(_))
        ));
        assert!(matches!(
            add("teh", "http://kopi.localhost:8080/b", "third"),
            Err(MiniAppsError::OriginTaken { .. })
        ));
        assert!(matches!(
            add("teh", "ftp://x.localhost", "third"),
            Err(MiniAppsError::Address { .. })
        ));
        assert!(matches!(
            add("teh", "http://x.localhost:8080", "second"),
            Err(MiniAppsError::CredentialsTaken { .. })
        ));
        let same = MiniApp::new(
            id("teh"),
            url("http://x.localhost:8080"),
            Secret::new("third"),
        )
        .with_point_of_purchase(account::point_of_purchase_id("kopi"));
        assert!(matches!(
            apps.add(same),
            Err(MiniAppsError::PointOfPurchaseTaken { .. })
        ));
        assert!(matches!(
            apps.move_first(MerchantNo::FIRST, url("http://kopi.localhost:8080")),
            Err(MiniAppsError::OriginTaken { .. })
        ));
        assert_eq!(
            apps.move_first(MerchantNo::FIRST, url("http://localhost:7000")),
            Ok(())
        );
        assert_eq!(
            apps.origins(),
            "http://localhost:7000 http://kopi.localhost:8080"
        );
    }
}
