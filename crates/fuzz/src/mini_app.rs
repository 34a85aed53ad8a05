//! The mini-app API's answers: `authorize`, `profile`, `gems` or `request`, and the HTTP status, in the first line.

use crate::gopay::{self, Answer};
use gopay_protocol::Secret;
use merchant::{
    adapters::gopay::{AuthorizationError, GemsBalanceError, ProfileError},
    domain::{
        gopay_result::Error,
        mini_app_request::{MiniAppResult, RequestKind, RequestState, StoredMiniAppRequest},
        time::Timestamp,
    },
    service::presentable,
};
use reqwest::StatusCode;

/// Characters of a name that is shown.
const MAX_NAME_LENGTH: usize = 40;

pub(crate) fn run(input: &[u8]) {
    let Some(answer) = Answer::parse(input) else {
        return;
    };
    match answer.asked {
        "authorize" => authorize(&answer),
        "profile" => profile(&answer),
        "gems" => gems(&answer),
        "request" => request(&answer),
        _ => {}
    }
}

/// Whether GoPay says that it did it.
fn is_success(answer: &Answer<'_>) -> bool {
    let success = &answer.json()["success"];
    answer.status.is_success() && (*success == true || *success == "true")
}

fn authorize(answer: &Answer<'_>) {
    let code = Secret::new("code");
    let credentials = code.clone().into();
    match gopay::with(|gopay| gopay.ask(answer, |gopay| gopay.authorize(&credentials, &code))) {
        Ok(grant) => {
            assert!(is_success(answer));
            assert!(!grant.auth_token.expose().is_empty());
            assert!(!grant.gopay_account_id.expose().is_empty());
        }
        Err(AuthorizationError::CodeRefused) => {
            assert!(!is_success(answer) && !answer.status.is_server_error());
        }
        Err(AuthorizationError::GoPay(error)) => {
            assert!(!matches!(error, Error::NotSent), "{error:?}");
        }
    }
}

fn profile(answer: &Answer<'_>) {
    let token = Secret::new("token");
    match gopay::with(|gopay| gopay.ask(answer, |gopay| gopay.profile(&token))) {
        Ok(profile) => {
            assert!(is_success(answer));
            if let Some(name) = profile.name().and_then(presentable) {
                check_name(name.expose());
            }
        }
        Err(ProfileError::ConsentMissing(Some(consent))) => {
            // It goes to a phone, into a call of the container.
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            assert!((1..=64).contains(&consent.len()) && consent.bytes().all(is_plain));
        }
        Err(ProfileError::Refused(code)) => {
            assert!(
                code.len() <= 20 && code.bytes().all(|byte| byte.is_ascii_graphic()),
                "{code}"
            );
        }
        Err(ProfileError::ConsentMissing(None) | ProfileError::TokenInactive) => {
            assert!(!is_success(answer));
        }
        Err(ProfileError::GoPay(error)) => assert!(!matches!(error, Error::NotSent), "{error:?}"),
    }
}

fn check_name(name: &str) {
    assert!((1..=MAX_NAME_LENGTH).contains(&name.chars().count()));
    assert_eq!(name.trim(), name);
    assert!(!name.chars().any(char::is_control), "{name:?}");
    let again = presentable(&Secret::new(name)).unwrap();
    assert_eq!(again.expose(), name, "shown otherwise the second time");
}

fn gems(answer: &Answer<'_>) {
    let token = Secret::new("token");
    match gopay::with(|gopay| gopay.ask(answer, |gopay| gopay.gems_balance(&token))) {
        Ok(_) | Err(GemsBalanceError::NoBalance) => assert!(is_success(answer)),
        Err(GemsBalanceError::Refused(result)) => check_result(answer, &result),
    }
}

fn request(answer: &Answer<'_>) {
    let token = Secret::new("token");
    let request = StoredMiniAppRequest {
        id: "request".into(),
        order_id: "order".into(),
        kind: RequestKind::Coins,
        full_amount: Some(100),
        amount: Some(100),
        request: "{}".to_owned(),
        created_at: Timestamp::EPOCH,
        state: RequestState::Pending,
        first_sent_at: None,
        tries: 0,
        token_refusals: 0,
        gopay_id: None,
        answer: None,
        try_at: Timestamp::EPOCH,
    };
    let result = gopay::with(|gopay| {
        gopay.ask(answer, |gopay| {
            gopay.send_mini_app_request(&token, &request)
        })
    });
    check_result(answer, &result);
}

/// A reward counts as given only where GoPay says so, and as not given only where that is certain.
fn check_result(answer: &Answer<'_>, result: &MiniAppResult) {
    assert_eq!(
        matches!(result, MiniAppResult::Accepted(_)),
        is_success(answer),
        "{result:?}"
    );
    if result.did_nothing() {
        assert!(!answer.status.is_server_error(), "{result:?}");
    }
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        assert!(matches!(
            result,
            MiniAppResult::Failed {
                error: Error::Throttled,
                ..
            }
        ));
    }
}
