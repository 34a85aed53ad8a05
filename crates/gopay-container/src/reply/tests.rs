use super::*;
use crate::contract::{answer, decoded, failures};
use serde_json::json;

fn refusal(name: &str) -> Error {
    let failure = failures().iter().find(|failure| failure.name == name);
    decoded(failure.unwrap()).unwrap_err()
}

fn refused(code: Option<&str>, kind: Option<&str>, message: &str) -> Error {
    Error::Refused {
        code: code.map(BridgeCode::from),
        kind: kind.map(str::to_owned),
        message: message.to_owned(),
    }
}

fn ok(answer: Value) -> Result<Reply, Error> {
    decode(Some(answer), Callback::Success)
}

#[test]
fn a_result_is_found_in_data_and_beside_it() {
    let inside = answer("GPMiniAppAuth.getAuthCode", "documented").unwrap();
    assert_eq!(inside.text(["authCode", "-"]).map(str::len), Some(64));
    let beside = answer("GPBase.getLocale", "documented").unwrap();
    assert_eq!(beside.text(["-", "app_locale"]), Some("en_ID"));
}

#[test]
fn all_fields_are_read_as_one_and_those_in_data_go_first() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Both {
        inside: u32,
        beside: u32,
    }
    let answer = json!({"success": true, "inside": 1, "beside": 2, "data": {"inside": 3}});
    let both = ok(answer.clone()).unwrap().read("both");
    assert_eq!(
        both,
        Ok(Both {
            inside: 3,
            beside: 2
        })
    );
    let neither: Result<Both, Error> = ok(json!({"success": true})).unwrap().read("neither");
    assert_eq!(neither, Err(Error::Unreadable { what: "neither" }));
}

#[test]
fn documented_refusals_are_understood_in_both_spellings() {
    let silent = refused(None, Some("JS_BRIDGE_ERROR"), "");
    assert_eq!(refusal("without_words_v1"), silent);
    assert_eq!(refusal("without_words_v2"), silent);
    assert_eq!(refusal("permission_denied_v1"), Error::Permission);
    assert_eq!(refusal("permission_denied_v2"), Error::Permission);
}

#[test]
fn a_missing_success_is_judged_by_ret() {
    let parameter_error = refused(Some("GP_PARAM_ERR"), None, "metaData can not be empty");
    assert_eq!(refusal("parameter_error"), parameter_error);
    assert!(ok(json!({"ret": "GP_SUCCESS"})).is_ok());
    let exception = refused(None, None, "");
    assert_eq!(ok(json!({"ret": "GP_EXCEPTION"})), Err(exception));
}

#[test]
fn refusals_seen_in_the_field_are_understood() {
    assert_eq!(refusal("outside_gopay"), Error::NotInGoPay);
    assert_eq!(refusal("older_permission_denied"), Error::Permission);
    let sentence = refused(None, None, "Mini app is not found");
    assert_eq!(refusal("older_sentence"), sentence);
    assert_eq!(refusal("windvane_timeout"), Error::TimedOut);
}

#[test]
fn codes_mean_the_same_as_text_and_as_number() {
    let table = [
        ("100", Error::Unsupported),
        ("300", Error::Permission),
        ("401", Error::Offline),
        ("1003", Error::NotInGoPay),
        ("203", refused(Some("203"), None, "")),
        ("999", refused(Some("999"), None, "")),
    ];
    for (code, error) in table {
        for spelling in ["errorCode", "error_code"] {
            let text = json!({"success": false, spelling: code});
            let number = json!({"success": false, spelling: code.parse::<u32>().unwrap()});
            assert_eq!(decode(Some(text), Callback::Failure), Err(error.clone()));
            assert_eq!(decode(Some(number), Callback::Failure), Err(error.clone()));
        }
    }
}

#[test]
fn an_empty_spelling_does_not_hide_the_other() {
    let both = json!({"success": false, "errorCode": "", "error_code": "300"});
    assert_eq!(ok(both), Err(Error::Permission));
}

#[test]
fn one_sign_of_refusal_outweighs_every_success() {
    let good = json!({"success": true, "data": {"authCode": "x"}, "ret": "GP_SUCCESS"});
    assert!(ok(good.clone()).is_ok());
    assert!(decode(Some(good.clone()), Callback::Failure).is_err());
    for (field, no) in [
        ("success", json!(false)),
        ("success", json!("false")),
        ("success", json!(1)),
        ("ret", json!("GP_EXCEPTION")),
        ("ret", json!(["HY_FAILED"])),
        ("errorCode", json!("500")),
        ("error_code", json!(500)),
        ("error", json!({"code": 500})),
    ] {
        let mut answer = good.clone();
        answer[field] = no;
        assert!(
            matches!(ok(answer.clone()), Err(Error::Refused { .. })),
            "{answer}"
        );
    }
}

#[test]
fn the_empty_error_fields_of_a_success_are_no_refusal() {
    for nothing in [json!(""), json!(null), json!(0), json!("0")] {
        let answer = json!({"success": true, "errorCode": nothing, "error": null});
        assert!(ok(answer.clone()).is_ok(), "{answer}");
    }
}

#[test]
fn json_inside_a_string_is_read_once() {
    let data = json!({"success": true, "data": r#"{"authCode":"abc"}"#});
    assert_eq!(ok(data).unwrap().text(["authCode", "-"]), Some("abc"));

    let whole = json!(r#"{"success":true,"data":{"authCode":"abc"}}"#);
    assert_eq!(ok(whole).unwrap().text(["authCode", "-"]), Some("abc"));

    let twice = json!(json!(r#"{"success":true}"#).to_string());
    assert!(matches!(ok(twice), Err(Error::Unreadable { .. })));
}

#[test]
fn a_value_that_is_no_answer_is_unreadable_in_the_success_callback() {
    for nonsense in [
        json!(null),
        json!(""),
        json!("success"),
        json!(42),
        json!(true),
        json!([]),
        json!([{"success": true}]),
        json!({}),
        json!({"data": {"authCode": "x"}}),
        json!({"success": null}),
        json!(r#"{"success":true"#),
        json!(r#"{"success":true,"data":"\ud800"}"#),
        json!("[".repeat(100_000)),
    ] {
        let result = ok(nonsense.clone());
        assert!(
            matches!(result, Err(Error::Unreadable { .. })),
            "{nonsense:.40}"
        );
    }
    assert!(matches!(
        decode(None, Callback::Success),
        Err(Error::Unreadable { .. })
    ));
}

#[test]
fn the_failure_callback_is_a_refusal_whatever_it_brings() {
    for nonsense in [
        None,
        Some(json!(null)),
        Some(json!(42)),
        Some(json!([])),
        Some(json!({})),
        Some(json!({"success": true})),
    ] {
        let result = decode(nonsense.clone(), Callback::Failure);
        assert_eq!(result, Err(refused(None, None, "")), "{nonsense:?}");
    }
    let sentence = decode(Some(json!("Mini app is not found")), Callback::Failure);
    assert_eq!(sentence, Err(refused(None, None, "Mini app is not found")));
}

#[test]
fn data_that_is_no_object_holds_nothing() {
    for data in [json!(null), json!([1]), json!(7), json!("words"), json!("")] {
        let reply = ok(json!({"success": true, "data": data})).unwrap();
        assert_eq!(reply.get(["authCode", "auth_code"]), None);
    }
}

#[test]
fn a_field_named_proto_is_an_ordinary_field() {
    let answer = json!({"success": true, "data": {"__proto__": {"authCode": "evil"}}});
    assert_eq!(ok(answer).unwrap().text(["authCode", "auth_code"]), None);
}

#[test]
fn foreign_words_are_cut_and_cannot_break_a_line_or_turn_its_direction() {
    let words = format!("<b>\u{202e}one\ntwo\u{2066}\u{200f}{}", "x".repeat(10_000));
    let answer = json!({"success": false, "errorMessage": words});
    let Err(Error::Refused { message, .. }) = ok(answer) else {
        panic!("not refused");
    };
    assert!(message.starts_with("<b>onetwoxxx"));
    assert_eq!(message.len(), 200);
}
