//! The container for tests.

use crate::stage::{empty_page, look_at};
use futures_util::StreamExt;
use gopay_container::{
    Error, Support,
    auth::get_auth_code,
    locale::{Locale, get_locale},
    motion::{Interval, start_compass},
    payment::{PaymentHint, launch_payment},
    support,
    testing::{Answer, FakeContainer},
    timeout,
};
use serde_json::json;
use std::{pin::pin, time::Duration};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_fake_container_answers_as_told_and_keeps_the_calls() {
    empty_page();
    let container = FakeContainer::install(|call| match call.class.as_str() {
        "GPMiniAppAuth" => Answer::success(json!({"authCode": "abc"})),
        "GP" => Answer::Throw("no bridge".into()),
        _ => Answer::refusal("100"),
    });
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
    assert_eq!(get_locale().await, Err(Error::Unsupported));
    assert_eq!(support("GPBase", "getLocale"), Support::Missing);
    let message = "no bridge".into();
    assert_eq!(
        launch_payment("gopay://x").await,
        Err(Error::Threw { message })
    );
    let calls = container.calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[2].params, json!({"deeplink": "gopay://x"}));
}

#[wasm_bindgen_test]
fn a_fake_container_answers_late() {
    empty_page();
    let container = FakeContainer::install(|_| Answer::Nothing);
    let mut payment = pin!(launch_payment("gopay://x"));
    assert_eq!(look_at(payment.as_mut()), None);
    let call = container.calls().remove(0);
    call.answer(Answer::success(json!({"status": "pending"})))
        .unwrap();
    call.answer(Answer::success(json!({"status": "success"})))
        .unwrap();
    assert_eq!(look_at(payment), Some(Ok(PaymentHint::Pending)));
}

#[wasm_bindgen_test]
async fn a_fake_container_dispatches_events_and_goes_when_it_is_dropped() {
    empty_page();
    let container = FakeContainer::install(|_| Answer::Success(json!({"success": true})));
    let mut readings = start_compass(Interval::Ui).await.unwrap();
    container.dispatch("GPMotion.Event.compass", &json!({"direction": 7}));
    assert_eq!(readings.next().await.unwrap().direction, 7.0);
    drop((readings, container));
    assert_eq!(get_locale().await, Err(Error::NotLoaded));
}

#[wasm_bindgen_test]
async fn a_call_is_bounded_by_its_callers_timeout() {
    empty_page();
    let _container = FakeContainer::install(|call| match call.class.as_str() {
        "GPBase" => Answer::Success(json!({"success": true, "app_locale": "id_ID"})),
        _ => Answer::Nothing,
    });
    let limit = Duration::from_secs(2);
    let payment = timeout(limit, launch_payment("gopay://x")).await;
    assert_eq!(payment, Err(Error::TimedOut));
    assert_eq!(timeout(limit, get_locale()).await, Ok(Locale::Indonesian));
}
