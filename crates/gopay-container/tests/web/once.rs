//! Every order and repetition of a container's two callbacks.

use crate::stage::{DEEPLINK, json, look_at, page_with, run};
use gopay_container::{
    Error,
    auth::{AuthCode, get_auth_code},
    payment::launch_payment,
};
use wasm_bindgen_test::wasm_bindgen_test;

/// What a container can do while it is called, and what it does no more after throwing.
const STEPS: [&str; 3] = [
    "success({ success: true, data: { authCode: 'code', status: 'success' } });",
    "failure({ success: false, errorCode: '500', errorType: 'OTHER', errorMessage: '' });",
    "throw new TypeError('no bridge');",
];

/// All ways to go one to `length` steps, by their numbers.
fn ways(kinds: usize, length: usize) -> Vec<Vec<usize>> {
    let mut ways: Vec<Vec<usize>> = (0..kinds).map(|step| vec![step]).collect();
    let mut last = ways.clone();
    for _ in 1..length {
        last = (last.iter())
            .flat_map(|way| (0..kinds).map(|step| [way.as_slice(), &[step]].concat()))
            .collect();
        ways.extend(last.iter().cloned());
    }
    ways
}

/// The call's end, and whether it left a timer behind.
async fn end_of(behaviour: &str) -> Result<String, Error> {
    page_with(behaviour);
    let end = get_auth_code().await;
    assert_eq!(json("stage.running.size"), "0", "{behaviour}");
    assert_eq!(json("stage.calls.length"), "1", "{behaviour}");
    end.map(|code: AuthCode| code.expose().to_owned())
}

/// I-43: the first counts, in each of the 120 ways to go up to four steps.
#[wasm_bindgen_test]
async fn a_call_ends_once_with_the_first_that_happens() {
    let mut ends = Vec::new();
    for step in STEPS {
        ends.push(end_of(step).await);
    }
    assert_eq!(ends[0].as_deref(), Ok("code"));
    assert!(ends[1].is_err() && ends[2].is_err() && ends[1] != ends[2]);
    let ways = ways(STEPS.len(), 4);
    assert_eq!(ways.len(), 120);
    for way in ways {
        let behaviour: String = way.iter().map(|step| STEPS[*step]).collect();
        assert_eq!(end_of(&behaviour).await, ends[way[0]], "{way:?}");
    }
}

/// I-43: also when the callbacks are called later, and on after the call has ended.
#[wasm_bindgen_test]
async fn a_call_that_is_answered_later_ends_once() {
    for way in ways(2, 4) {
        page_with("stage.keep({ success, failure })");
        let mut call = Box::pin(launch_payment(DEEPLINK));
        assert_eq!(look_at(call.as_mut()), None);
        let mut steps = way.iter().map(|step| STEPS[*step]);
        let act = |step| {
            run(&format!(
                "(({{ success, failure }}) => {{ {step} }})(stage.kept[0])"
            ))
        };
        steps.next().map(act);
        let end = call.await;
        assert_eq!(end.is_ok(), way[0] == 0, "{way:?}: {end:?}");
        // The call has ended: the callbacks do nothing, and do not throw.
        steps.for_each(|step| drop(act(step)));
        assert_eq!(json("[stage.calls.length, stage.running.size]"), "[1,0]");
    }
}
