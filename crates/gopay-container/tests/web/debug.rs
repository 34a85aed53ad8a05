//! What is only built in for developers: the log and the conformance run.

use crate::stage::{look_at, page_with, run};
use gopay_container::{
    Error,
    auth::get_auth_code,
    conformance,
    contract::{self, Judgement},
    log::{self, Outcome},
    payment::launch_payment,
};
use std::pin::pin;
use wasm_bindgen_test::wasm_bindgen_test;

fn last() -> log::Call {
    log::calls().pop().unwrap()
}

fn documented(name: &str) -> &'static contract::Method {
    let mut methods = contract::methods().iter();
    methods.find(|method| method.name() == name).unwrap()
}

#[wasm_bindgen_test]
async fn the_log_has_the_calls_and_none_of_their_values() {
    page_with("success({ success: true, ret: 'GP_SUCCESS', data: { authCode: 'secretsecret' } })");
    get_auth_code().await.unwrap();
    let call = last();
    assert_eq!(call.call, "GPMiniAppAuth.getAuthCode");
    assert_eq!(call.outcome, Some(Outcome::Ok));
    let answer = call.answer.as_ref().unwrap();
    let as_documented = Judgement::Like {
        sample: "documented (frontend-v2)".into(),
        more: Vec::new(),
    };
    assert_eq!(answer.judgement, as_documented);

    page_with("failure({ success: false, errorCode: '500', errorMessage: 'secretsecret' })");
    launch_payment("gopay://merchanttransfer?tref=secretsecret")
        .await
        .unwrap_err();
    let code = Some("500".to_owned());
    let failed = Outcome::Failed {
        error: "Refused",
        code,
    };
    assert_eq!(last().outcome, Some(failed));

    let report = conformance::report().await;
    assert!(report.contains("GP.launchPayment"), "{report}");
    assert!(!report.contains("secretsecret"), "{report}");
}

/// F86: the second answer is counted.
#[wasm_bindgen_test]
async fn second_late_and_crossed_answers_are_logged() {
    page_with("stage.keep({ success, failure })");
    {
        let mut code = pin!(get_auth_code());
        assert!(look_at(code.as_mut()).is_none());
        assert_eq!((last().outcome, last().ignored), (None, 0));
        run(
            "stage.kept[0].success({ success: true, data: { status: 'success' } });
             stage.kept[0].success({}); stage.kept[0].failure({})",
        );
        assert!(matches!(look_at(code), Some(Err(Error::Unreadable { .. }))));
    }
    assert_eq!(last().ignored, 2);
    let Some(log::Answer { judgement, .. }) = last().answer else {
        panic!("no answer");
    };
    assert!(
        matches!(judgement, Judgement::Unlike { .. }),
        "{judgement:?}"
    );

    assert_eq!(get_auth_code().await, Err(Error::TimedOut));
    run("stage.kept[1].success({ success: true, data: { authCode: 'abc' } })");
    assert_eq!(last().ignored, 1);
    let timed_out = Outcome::Failed {
        error: "TimedOut",
        code: None,
    };
    assert_eq!(last().outcome, Some(timed_out));
}

#[wasm_bindgen_test]
async fn at_most_a_hundred_calls_are_kept() {
    page_with("throw 1");
    for _ in 0..150 {
        launch_payment("").await.unwrap_err();
    }
    let calls = log::calls();
    assert_eq!(calls.len(), 100);
    assert_eq!(calls[99].number - calls[0].number, 99);
}

#[wasm_bindgen_test]
async fn a_method_is_tried_out_with_the_documented_parameters() {
    page_with("success({ success: params.enable_high_accuracy, ret: 'GP_SUCCESS' })");
    let finding = conformance::try_out(documented("GPLocation.getLocation")).await;
    let no_coords = Err(Error::Unreadable { what: "no coords" });
    assert_eq!(finding.understood, no_coords);
    let missing = Judgement::Unlike {
        closest: "documented (frontend-v2)".into(),
        differences: vec!["data: missing".into()],
    };
    assert_eq!(finding.call.unwrap().answer.unwrap().judgement, missing);
}

#[wasm_bindgen_test]
async fn every_method_of_the_contract_is_tried_out_under_its_own_name() {
    // Earlier tests have logged some, too.
    let before = compasses_in_param();
    for method in contract::methods() {
        let name = method.name();
        // All that any of them can need.
        page_with(
            "success({ success: true, ret: 'GP_SUCCESS', data: { authCode: 'abc', status: 'success',
                 coords: { longitude: 1, latitude: 2 }, successScope: {}, token: 'abc',
                 is_rooted: 'false', wifi_bssid: '', wifi_ssid: '', app_locale: 'id_ID' } });
             const reading = { x: 1, y: 2, z: 3, direction: 4 };
             const now = stage;
             for (const event of ['GPMotion.Event.compass', 'GPMotion.Event.accelerometer',
                 'motion.gyro', 'motion.shake', 'GPFile.Event.saveSuccess']) {
                 queueMicrotask(() => now === window.stage && now.dispatch(event, reading, 'param'));
             }",
        );
        let finding = conformance::try_out(method).await;
        assert_eq!(finding.understood, Ok(()), "{name}");
        let call = finding.call.unwrap();
        assert_eq!((call.call, call.outcome), (name, Some(Outcome::Ok)));
    }
    assert!(compasses_in_param() > before);
}

/// How many compass events carried their reading in `param`, as the log has it.
fn compasses_in_param() -> u32 {
    let heard = log::events();
    let compass = heard
        .iter()
        .find(|it| (it.event.as_str(), it.place) == ("GPMotion.Event.compass", "param"));
    compass.map_or(0, |it| it.times)
}

#[wasm_bindgen_test]
async fn a_sensor_without_events_is_told_and_stopped() {
    page_with("if (!/stop/.test(name)) success({ success: true, ret: 'GP_SUCCESS' })");
    let silent = conformance::try_out(documented("GPMotion.startCompass")).await;
    assert_eq!(silent.understood, Err(Error::TimedOut));
    assert_eq!(silent.call.unwrap().outcome, Some(Outcome::Ok));
    let stop = last();
    let told = ("GPMotion.stopCompass".to_owned(), Some(Outcome::Told));
    assert_eq!((stop.call, stop.outcome), told);
}
