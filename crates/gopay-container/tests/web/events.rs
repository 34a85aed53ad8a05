//! Sensors and downloads as streams.

use crate::stage::{json, look_at, page_with, run};
use futures_util::StreamExt;
use gopay_container::{
    Error,
    file::{self, Destination, File, SaveOutcome},
    motion::{
        Interval, Shake, Vector, start_accelerometer, start_compass, start_gyroscope, start_shake,
    },
};
use std::{pin::pin, time::Duration};
use wasm_bindgen_test::wasm_bindgen_test;

const COMPASS: &str = "GPMotion.Event.compass";

fn a_page_with_sensors() {
    page_with("success({ success: true, ret: 'GP_SUCCESS' })");
}

fn dispatch(event: &str, carries: &str, place: &str) {
    run(&format!("stage.dispatch('{event}', {carries}, '{place}')"));
}

fn names() -> String {
    json("stage.calls.map((call) => call.name)")
}

#[wasm_bindgen_test]
async fn a_compass_is_read_wherever_the_event_carries_its_heading() {
    a_page_with_sensors();
    let mut readings = start_compass(Interval::Ui).await.unwrap();
    assert_eq!(json("stage.calls[0].params"), r#""{\"interval\":\"ui\"}""#);
    for place in ["detail", "param", "event"] {
        dispatch(
            COMPASS,
            "{ direction: 182.5, timestamp: 1750000000000 }",
            place,
        );
        let heading = readings.next().await.unwrap();
        let read = (heading.direction, heading.timestamp);
        assert_eq!(read, (182.5, Some(1_750_000_000_000.0)), "{place}");
    }
    dispatch(COMPASS, r#"'{"direction":7}'"#, "detail");
    let heading = readings.next().await.unwrap();
    assert_eq!((heading.direction, heading.timestamp), (7.0, None));
}

#[wasm_bindgen_test]
async fn a_sensor_stops_when_its_last_stream_is_dropped() {
    a_page_with_sensors();
    let first = start_compass(Interval::Normal).await.unwrap();
    let second = start_compass(Interval::Game).await.unwrap();
    drop(first);
    assert_eq!(
        names(),
        r#"["GPMotion.startCompass","GPMotion.startCompass"]"#
    );
    drop(second);
    assert_eq!(json("stage.calls[2].name"), r#""GPMotion.stopCompass""#);
    assert_eq!(json("stage.calls.length"), "3");
    // Its timer went along.
    assert_eq!(json("stage.running.size"), "0");
}

#[wasm_bindgen_test]
async fn a_dropped_stream_hears_nothing_more() {
    a_page_with_sensors();
    run("stage.listening = 0;
         const { addEventListener, removeEventListener } = Document.prototype;
         document.addEventListener = (...it) => (stage.listening++, addEventListener.apply(document, it));
         document.removeEventListener = (...it) => (stage.listening--, removeEventListener.apply(document, it));");
    let readings = start_accelerometer(Interval::Normal).await.unwrap();
    assert_eq!(json("stage.listening"), "1");
    drop(readings);
    assert_eq!(json("stage.listening"), "0");
    run("delete document.addEventListener; delete document.removeEventListener");
    dispatch(
        "GPMotion.Event.accelerometer",
        "{ x: 1, y: 2, z: 3 }",
        "detail",
    );
}

#[wasm_bindgen_test]
async fn every_sensor_is_started_read_and_stopped_in_its_own_way() {
    let xyz = "{ x: 0.5, y: -0.25, z: 9.81 }";
    let vector = Vector {
        x: 0.5,
        y: -0.25,
        z: 9.81,
    };

    a_page_with_sensors();
    let mut readings = start_accelerometer(Interval::default()).await.unwrap();
    dispatch("GPMotion.Event.accelerometer", xyz, "event");
    assert_eq!(readings.next().await, Some(vector));
    drop(readings);
    assert_eq!(
        names(),
        r#"["GPMotion.startAccelerometer","GPMotion.stopAccelerometer"]"#
    );

    a_page_with_sensors();
    let mut readings = start_gyroscope(Duration::from_millis(100)).await.unwrap();
    dispatch("motion.gyro", xyz, "detail");
    assert_eq!(readings.next().await, Some(vector));
    drop(readings);
    assert_eq!(
        json("stage.calls.map(({ params }) => JSON.parse(params))"),
        r#"[{"on":true,"frequency":100},{"on":false}]"#
    );

    a_page_with_sensors();
    let mut readings = start_shake(Shake::default()).await.unwrap();
    dispatch("motion.shake", xyz, "param");
    assert_eq!(readings.next().await, Some(vector));
    drop(readings);
    assert_eq!(
        json("stage.calls.map(({ params }) => JSON.parse(params))"),
        r#"[{"on":true},{"on":false}]"#
    );
}

#[wasm_bindgen_test]
async fn a_sensor_whose_start_fails_or_is_abandoned_is_stopped() {
    page_with("if (name === 'GPMotion.startCompass') failure({ errorCode: '400' });");
    let refused = start_compass(Interval::Normal).await;
    assert!(matches!(refused, Err(Error::Refused { .. })));
    assert_eq!(
        names(),
        r#"["GPMotion.startCompass","GPMotion.stopCompass"]"#
    );

    page_with("");
    {
        let start = pin!(start_compass(Interval::Normal));
        assert!(look_at(start).is_none());
    }
    assert_eq!(
        names(),
        r#"["GPMotion.startCompass","GPMotion.stopCompass"]"#
    );
}

#[wasm_bindgen_test]
async fn malformed_events_are_dropped() {
    a_page_with_sensors();
    let mut readings = start_compass(Interval::Normal).await.unwrap();
    for odd in [
        "undefined",
        "null",
        "{}",
        "{ direction: 'north' }",
        "{ direction: NaN }",
        "new Proxy({}, { ownKeys() { throw 1 } })",
        "{ get direction() { throw 1 } }",
        "{ direction: 1, x: 'x'.repeat(10_000) }",
    ] {
        dispatch(COMPASS, odd, "detail");
    }
    run(&format!(
        "const odd = new Event('{COMPASS}');
         Object.defineProperty(odd, 'detail', {{ get() {{ throw 1 }} }});
         document.dispatchEvent(odd)"
    ));
    assert!(look_at(pin!(readings.next())).is_none());
    dispatch(COMPASS, "{ direction: 3 }", "detail");
    assert_eq!(readings.next().await.unwrap().direction, 3.0);
}

#[wasm_bindgen_test]
async fn a_stream_keeps_the_newest_sixteen_events() {
    a_page_with_sensors();
    let mut readings = start_compass(Interval::Game).await.unwrap();
    for direction in 0..100 {
        dispatch(COMPASS, &format!("{{ direction: {direction} }}"), "detail");
    }
    let mut seen = Vec::new();
    while let Some(Some(heading)) = look_at(pin!(readings.next())) {
        seen.push(heading.direction);
    }
    assert_eq!(seen, (84..100).map(f64::from).collect::<Vec<_>>());
}

#[wasm_bindgen_test]
async fn a_download_ends_as_its_event_says() {
    let file = File {
        url: "https://kedai.example/struk.pdf",
        name: None,
        destination: Destination::Downloads,
    };
    for (event, end) in [
        ("GPFile.Event.saveSuccess", SaveOutcome::Done),
        ("GPFile.Event.saveFailed", SaveOutcome::Failed),
    ] {
        // Even where it is faster than the answer to the call.
        page_with(&format!(
            "stage.dispatch('{event}', {{ msg: 'SAVE' }}, 'detail');
             success({{ success: true, msg: 'SAVE_STARTED' }});"
        ));
        let mut saves = file::save(file).await.unwrap();
        assert_eq!(saves.next().await, Some(end));
    }
    page_with("failure({ success: false, errorCode: '100' })");
    assert_eq!(file::save(file).await.unwrap_err(), Error::Unsupported);
}
