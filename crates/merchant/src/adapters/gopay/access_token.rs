//! The B2B access token, asked for once and shared by the processes of the merchant.
//!
//! Invariant: at most one request of this process for a token is under way; other requests wait for it. So do other
//! processes, for three seconds at most and as long as the database answers.

use super::{
    Credential, GoPay, is_header_value, shared_state::TokenOrLease, throttle::Api,
    transaction::response_code,
};
use crate::{domain::gopay_result::Error, ports::RawResponse};
use gopay_protocol::{Secret, SigningKey, header, message::access_token, signature, timestamp};
use reqwest::StatusCode;
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// What a lifetime that makes no sense is taken for.
const MIN_LIFETIME: u64 = 60;

/// After a refusal, no token is requested for so long.
const REFUSAL_PAUSE: Duration = Duration::from_secs(1);

/// A token that GoPay does not take is not exchanged for another one more often than this: it
/// would not take that one either.
const MIN_RENEWAL_INTERVAL: Duration = Duration::from_secs(5);

/// What a token is asked for with.
const TOKEN_SETTINGS: &str = "client_key and private_key_file";

#[derive(Debug, Default)]
pub(super) struct AccessTokens(Mutex<Option<CachedToken>>);

#[derive(Debug)]
struct CachedToken {
    token: Result<Secret, Error>,
    until: Instant,
    /// When it came in the place of one that GoPay did not take.
    renewed: Option<Instant>,
}

impl GoPay {
    /// A token that is good for a while yet; `spent` is one that GoPay no longer takes.
    pub(super) async fn access_token(&self, spent: Option<&Secret>) -> Result<Secret, Error> {
        let mut known = self.access_tokens.0.lock().await;
        if let Some(CachedToken {
            token,
            until,
            renewed,
        }) = &*known
            && Instant::now() < *until
        {
            if spent.is_none() || token.as_ref().ok() != spent {
                return token.clone();
            }
            if renewed.is_some_and(|at| at.elapsed() < MIN_RENEWAL_INTERVAL) {
                return Err(Error::Credentials {
                    settings: TOKEN_SETTINGS,
                    code: None,
                });
            }
        }
        let (token, rest) = self.shared_or_new_token(spent).await;
        *known = Some(CachedToken {
            token: token.clone(),
            until: Instant::now() + rest,
            renewed: spent.map(|_| Instant::now()),
        });
        token
    }

    /// That of another process, or a new one for all. And for how long it, or its lack, is to be kept.
    async fn shared_or_new_token(
        &self,
        spent: Option<&Secret>,
    ) -> (Result<Secret, Error>, Duration) {
        let lease = match &self.shared {
            None => None,
            Some(shared) => match shared.token_or_lease(spent).await {
                TokenOrLease::Token(token, left) => return (Ok(token), left),
                TokenOrLease::Lease(lease) => Some((shared, lease)),
                TokenOrLease::Neither => None,
            },
        };
        let (token, rest) = match self.ask_access_token().await {
            Ok((token, lifetime)) => (Ok(token), lifetime),
            Err(error) => (Err(error), REFUSAL_PAUSE),
        };
        if let Some((shared, lease)) = lease {
            shared.end_lease(lease, token.as_ref().ok(), rest).await;
        }
        (token, rest)
    }

    /// With each key, from the one in use on, until GoPay takes one.
    async fn ask_access_token(&self) -> Result<(Secret, Duration), Error> {
        let keys = &self.account.private_key;
        let mut last = Err(Error::NotSent);
        for turn in keys.in_order() {
            last = self.ask_access_token_with(turn.key).await;
            if !matches!(last, Err(Error::Credentials { .. })) {
                if last.is_ok() {
                    self.credentials.note(Credential::PrivateKey, true);
                    turn.note_accepted("private_key_file");
                }
                return last;
            }
        }
        self.credentials.note(Credential::PrivateKey, false);
        last
    }

    async fn ask_access_token_with(&self, key: &SigningKey) -> Result<(Secret, Duration), Error> {
        let sent = self.clock.now_jiff();
        let now = timestamp::format_wib(self.clock_skew.correct(sent));
        let account = &self.account;
        let signature = key
            .sign(&signature::token_string_to_sign(&account.client_key, &now))
            .map_err(|_| Error::NotSent)?;
        let request = self
            .post(&account.bi_snap_url, access_token::PATH)
            .header(header::CLIENT_KEY, &account.client_key)
            .header(header::TIMESTAMP, now)
            .header(header::SIGNATURE, signature)
            .json(&access_token::Request::default());
        // Asking for a token moves no money: whatever went wrong, nothing happened.
        let RawResponse {
            status,
            headers,
            body,
        } = self
            .send(Api::AccessToken, request)
            .await
            .map_err(|_| Error::NotSent)?;
        self.observe_clock(&headers, sent);
        match status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(Error::Credentials {
                    settings: TOKEN_SETTINGS,
                    code: response_code(&body),
                });
            }
            _ => return Err(Error::NotSent),
        }
        let response: access_token::Response =
            gopay_protocol::json::from_slice(&body).map_err(|_| Error::NotSent)?;
        // No request with it would leave for as long as it is kept.
        if !is_header_value(&response.access_token) {
            return Err(Error::NotSent);
        }
        Ok((response.access_token, lifetime(response.expires_in)))
    }
}

/// Four fifths of what GoPay promised, within reason.
fn lifetime(expires_in: Option<u64>) -> Duration {
    let promised = expires_in
        .unwrap_or(MIN_LIFETIME)
        .clamp(MIN_LIFETIME, access_token::LIFETIME_SECONDS);
    Duration::from_secs(promised * 4 / 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends_and_an_odd_lifetime_is_a_short_one() {
        for (promised, kept) in [
            (Some(900), 720),
            (Some(0), 48),
            (Some(999_999_999), 720),
            (None, 48),
        ] {
            assert_eq!(lifetime(promised), Duration::from_secs(kept));
        }
    }
}
