use super::*;
use crate::fixtures::{FIELD, V1, V2, answer};
use serde_json::json;

fn refusal_on(page: &str, name: &str) -> Error {
    let (answer, callback) = answer(page, name);
    decode(&answer, callback).unwrap_err()
}

fn refused(code: Option<&str>, kind: Option<&str>, message: &str) -> Error {
    Error::Refused {
        code: code.map(str::to_owned),
        kind: kind.map(str::to_owned),
        message: message.to_owned(),
    }
}

fn ok(answer: Value) -> Result<Reply, Error> {
    decode(&answer.to_string(), Callback::Success)
}

#[test]
fn every_documented_success_is_a_reply() {
    for name in ["auth_code", "payment", "done", "consent", "locale"] {
        let (answer, callback) = answer(V2, name);
        assert!(decode(&answer, callback).is_ok(), "{name}");
    }
}

#[test]
fn a_result_is_found_in_data_and_beside_it() {
    let (inside, callback) = answer(V2, "auth_code");
    let inside = decode(&inside, callback).unwrap();
    assert_eq!(inside.text(["authCode", "-"]).map(str::len), Some(64));

    let (beside, callback) = answer(V2, "locale");
    let beside = decode(&beside, callback).unwrap();
    assert_eq!(beside.text(["-", "app_locale"]), Some("en_ID"));
}

#[test]
fn documented_refusals_are_understood_in_both_spellings() {
    let silent = refused(None, Some("JS_BRIDGE_ERROR"), "");
    assert_eq!(refusal_on(V2, "refused_without_words"), silent);
    assert_eq!(refusal_on(V1, "refused_without_words"), silent);
    assert_eq!(refusal_on(V2, "permission_denied"), Error::Permission);
    assert_eq!(refusal_on(V1, "permission_denied"), Error::Permission);
}

#[test]
fn a_missing_success_is_judged_by_ret() {
    let parameter_error = refused(Some("GP_PARAM_ERR"), None, "metaData can not be empty");
    assert_eq!(refusal_on(V2, "parameter_error"), parameter_error);
    assert!(ok(json!({"ret": "GP_SUCCESS"})).is_ok());
    let exception = refused(None, None, "");
    assert_eq!(ok(json!({"ret": "GP_EXCEPTION"})), Err(exception));
}

#[test]
fn refusals_seen_in_the_field_are_understood() {
    assert_eq!(refusal_on(FIELD, "outside_gopay"), Error::NotInGoPay);
    assert_eq!(
        refusal_on(FIELD, "older_permission_denied"),
        Error::Permission
    );
    assert_eq!(
        refusal_on(FIELD, "older_sentence"),
        refused(None, None, "Mini app is not found")
    );
    assert_eq!(refusal_on(FIELD, "windvane_timeout"), Error::TimedOut);
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
            let text = json!({"success": false, spelling: code}).to_string();
            let number = json!({"success": false, spelling: code.parse::<u32>().unwrap()});
            assert_eq!(decode(&text, Callback::Failure), Err(error.clone()));
            assert_eq!(
                decode(&number.to_string(), Callback::Failure),
                Err(error.clone())
            );
        }
    }
}

#[test]
fn an_empty_spelling_does_not_hide_the_other() {
    let both = json!({"success": false, "errorCode": "", "error_code": "300"});
    assert_eq!(ok(both), Err(Error::Permission));
}

#[test]
fn one_no_outweighs_every_yes() {
    let good = json!({"success": true, "data": {"authCode": "x"}, "ret": "GP_SUCCESS"});
    assert!(ok(good.clone()).is_ok());
    assert!(decode(&good.to_string(), Callback::Failure).is_err());
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
fn what_is_no_answer_is_unreadable_in_the_success_callback() {
    let nested = "[".repeat(100_000);
    for nonsense in [
        "",
        "null",
        "\"\"",
        "\"success\"",
        "42",
        "true",
        "[]",
        "[{\"success\":true}]",
        "{}",
        "{\"data\":{\"authCode\":\"x\"}}",
        "{\"success\":null}",
        "{\"success\":true",
        "{\"success\":true,\"data\":\"\\ud800\"}",
        &nested,
    ] {
        let result = decode(nonsense, Callback::Success);
        assert!(
            matches!(result, Err(Error::Unreadable { .. })),
            "{nonsense:.40}"
        );
    }
}

#[test]
fn the_failure_callback_is_a_refusal_whatever_it_brings() {
    for nonsense in ["", "null", "42", "[]", "{}", "{\"success\":true}"] {
        let result = decode(nonsense, Callback::Failure);
        assert_eq!(result, Err(refused(None, None, "")), "{nonsense}");
    }
    let sentence = decode("\"Mini app is not found\"", Callback::Failure);
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
fn a_field_called_proto_is_a_field_like_any_other() {
    let answer = r#"{"success":true,"data":{"__proto__":{"authCode":"evil"}}}"#;
    let reply = decode(answer, Callback::Success).unwrap();
    assert_eq!(reply.text(["authCode", "auth_code"]), None);
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
