//! An auth code becomes a session of the merchant's own.

use super::OrderService;
use crate::{
    adapters::gopay::AuthorizationError,
    config::Registration,
    domain::{order::StoredOrder, order_response::to_response},
    ids::new_id,
    ports::{self, CustomerRepository, Repository, SealedAccount, StoredCustomer},
    sealed_customer::{account_id_owner, renew, token_owner},
    vault::VaultError,
};
use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use contract::{Customer, CustomerId, OrderId, Session};
use gopay_protocol::{Secret, message::authorization::Grant};
use std::time::Duration;

/// How long a session lasts; then the app signs in again, silently.
pub(crate) const SESSION_LIFETIME: Duration = Duration::from_hours(12);

/// How long a session lasts that is not used; then, too.
const SESSION_IDLE: Duration = Duration::from_mins(30);

/// How long a used auth code is remembered: longer than GoPay's are good for, which is six
/// minutes `[seamless-login-v2]`.
const AUTH_CODE_REMEMBERED: Duration = Duration::from_mins(10);

#[derive(Debug)]
pub struct SignedIn {
    /// For the cookie, and for nothing else.
    pub token: Secret,
    pub session: Session,
}

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    #[error(transparent)]
    Store(#[from] ports::Error),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("the system gave no randomness")]
    Random,
}

impl<R: Repository + CustomerRepository> OrderService<R> {
    /// Signs a buyer in, whom GoPay names by the auth code; where there is no container, the test
    /// buyer of that code. The session they held before, if any, ends.
    pub async fn sign_in(
        &self,
        auth_code: &Secret,
        replaced: Option<&Secret>,
    ) -> Result<SignedIn, SignInError> {
        let grant = match &self.mini_app.registration {
            Some(registration) => self.exchange(registration, auth_code).await?,
            None => test_buyer(auth_code),
        };
        let account = self.vault.keyed_hash(&grant.gopay_account_id);
        self.leave_former_key(&grant).await?;
        let id = (self.vault).seal(&account_id_owner(&account), &grant.gopay_account_id)?;
        let auth_token = (self.vault).seal(&token_owner(&account), &grant.auth_token)?;
        let sealed = SealedAccount {
            hash: &account,
            gopay_account_id: &id,
            auth_token: &auth_token,
        };
        let new_id = CustomerId::from(new_id().simple().to_string());
        let now = self.now();
        let (customer_id, name) = self
            .store()
            .remember_customer(&self.mini_app.id, sealed, &new_id, now)
            .await?;
        let mut token = [0; 32];
        rand::fill(&mut token).map_err(|_| SignInError::Random)?;
        let token = Secret::new(hex::encode(token));
        self.store()
            .open_session(
                &customer_id,
                &token_hash(&token),
                now + SESSION_LIFETIME,
                replaced.map(token_hash).as_deref(),
                now,
            )
            .await?;
        let open_order = self.store().open_order_of(&customer_id).await?;
        let session = Session {
            open_order: open_order.and_then(|order| to_response(&order, now).open()),
            customer: Customer {
                id: customer_id,
                name: self.open_name(&account, name.as_deref()),
            },
            catalogue: self.mini_app.catalogue.products().to_vec(),
        };
        Ok(SignedIn { token, session })
    }

    /// A buyer who is stored under a former master key is found under the current one from now on.
    async fn leave_former_key(&self, grant: &Grant) -> Result<(), SignInError> {
        let mut hashes = vec![self.vault.keyed_hash(&grant.gopay_account_id)];
        hashes.extend(self.vault.former_hashes(&grant.gopay_account_id));
        let (store, mini_app) = (self.store(), &self.mini_app.id);
        loop {
            let known = store.customer_by_hash(mini_app, &hashes).await?;
            let is_former = |known: &StoredCustomer| hashes.first() != Some(&known.account_hash);
            let Some(former) = known.filter(is_former) else {
                return Ok(());
            };
            let renewed = renew(&self.vault, &former, grant)?;
            store.replace_sealed(&former, &renewed).await?;
        }
    }

    /// Has GoPay exchange a code, once: whether it would do so a second time is not documented.
    ///
    /// A code whose exchange came to nothing is forgotten: the app may send it again, and what
    /// strangers make up leaves nothing behind. One that GoPay took is spent, also where the app
    /// never got the answer: the app that repeats it is refused and gets a new one from the
    /// container.
    async fn exchange(
        &self,
        registration: &Registration,
        auth_code: &Secret,
    ) -> Result<Grant, SignInError> {
        let hash = self.vault.keyed_hash(auth_code);
        let former_hashes = self.vault.former_hashes(auth_code);
        let now = self.now();
        let forgotten = now - AUTH_CODE_REMEMBERED;
        if !self
            .store()
            .remember_auth_code(&hash, &former_hashes, forgotten, now)
            .await?
        {
            tracing::warn!(
                event = "sign_in.code_reused",
                "an auth code was used a second time"
            );
            return Err(AuthorizationError::CodeRefused.into());
        }
        let credentials = &registration.auth_credentials;
        let exchanged = self.payments.gopay.authorize(credentials, auth_code).await;
        if exchanged.is_err() {
            self.store().forget_auth_code(&hash).await?;
        }
        Ok(exchanged?)
    }

    /// Whose session the cookie's token opens.
    pub async fn customer(&self, token: &Secret) -> Result<Option<CustomerId>, ports::Error> {
        let now = self.now();
        self.store()
            .session_customer(
                &self.mini_app.id,
                &token_hash(token),
                now - SESSION_IDLE,
                now,
            )
            .await
    }

    /// The order of the buyer whose session the cookie's token opens, where one statement finds both.
    pub async fn order_in_session(
        &self,
        token: &Secret,
        id: &OrderId,
    ) -> Result<Option<StoredOrder>, ports::Error> {
        self.store()
            .order_in_session(&self.mini_app.id, &token_hash(token), self.now(), id)
            .await
    }

    /// Ends the session of this token, if it is one of this mini app's.
    pub async fn sign_out(&self, token: &Secret) -> Result<(), ports::Error> {
        let (mini_app, hash) = (&self.mini_app.id, token_hash(token));
        self.store().end_session(mini_app, &hash).await
    }
}

/// Each code that an app has made up is a buyer of its own, who has nothing but play money. No API
/// takes a token of theirs.
fn test_buyer(auth_code: &Secret) -> Grant {
    Grant {
        auth_token: Secret::new(""),
        // No account of GoPay's is written like this.
        gopay_account_id: Secret::new(format!("test buyer {}", auth_code.expose())),
    }
}

fn token_hash(token: &Secret) -> Vec<u8> {
    digest(&SHA256, token.expose().as_bytes()).as_ref().to_vec()
}
