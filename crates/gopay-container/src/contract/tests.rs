use super::*;
use crate::Error;
use serde_json::json;
use std::{collections::BTreeSet, fs, path::Path};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contract")
}

#[test]
fn every_file_is_built_in_and_says_what_it_is_called() {
    let files: BTreeSet<String> = (fs::read_dir(folder()).unwrap())
        .filter_map(|file| file.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .filter(|name| name != "bridge")
        .collect();
    let built_in: BTreeSet<String> = methods().iter().map(Method::name).collect();
    assert_eq!(files, built_in);
    assert_eq!(FILES.len(), methods().len());
    for ((name, _), method) in FILES.iter().zip(methods()) {
        assert_eq!(*name, method.name());
    }
}

#[test]
fn every_page_has_an_address_and_a_date() {
    let bridge: Value =
        serde_json::from_str(&fs::read_to_string(folder().join("bridge.json")).unwrap()).unwrap();
    let is_known = |page: &str| {
        let page = &bridge["pages"][page.split('#').next().unwrap()];
        page["url"].is_string() && page["updated"].is_string()
    };
    for method in methods() {
        assert!(!method.pages.is_empty(), "{}", method.name());
        for page in &method.pages {
            assert!(is_known(page), "{}: {page}", method.name());
        }
        for sample in &method.answers {
            assert!(is_known(&sample.page), "{}: {}", method.name(), sample.page);
        }
    }
    assert_eq!(failures().len(), 9);
    for failure in failures() {
        assert!(is_known(&failure.page), "{}", failure.name);
    }
}

#[test]
fn every_documented_answer_is_judged_as_its_callback_says() {
    let mut looked_at = 0;
    for method in methods() {
        for sample in &method.answers {
            let result = decoded(sample);
            let name = format!("{} {}", method.name(), sample.name);
            match sample.callback.as_str() {
                "success" => assert!(result.is_ok(), "{name}: {result:?}"),
                "failure" => assert!(result.is_err(), "{name}: {result:?}"),
                other => panic!("{name}: callback {other}"),
            }
            looked_at += 1;
        }
    }
    assert!(looked_at >= 70, "{looked_at}");
}

#[test]
fn every_documented_answer_is_like_itself() {
    for method in methods() {
        for sample in &method.answers {
            let judgement = judge(&method.name(), &sample.callback, Some(&sample.answer));
            let Judgement::Like { more, .. } = judgement else {
                panic!("{} {}: {judgement:?}", method.name(), sample.name);
            };
            assert!(more.is_empty(), "{} {}", method.name(), sample.name);
        }
    }
}

#[test]
fn differences_from_the_closest_sample_are_named() {
    let judged = |answer: Value| judge("GPMiniAppAuth.getAuthCode", "success", Some(&answer));
    let unlike = |differences: &[&str]| Judgement::Unlike {
        closest: "documented (frontend-v2)".to_owned(),
        differences: differences.iter().map(|&it| it.to_owned()).collect(),
    };
    assert_eq!(
        judged(json!({"success": true, "data": {"authCode": 7}})),
        unlike(&["data.authCode: number instead of string", "ret: missing"])
    );
    assert_eq!(
        judged(json!("words")),
        unlike(&["answer: string instead of object"])
    );
    assert_eq!(
        judged(
            json!({"success": true, "ret": "GP_SUCCESS", "data": {"authCode": "x", "08123456789": 1}})
        ),
        Judgement::Like {
            sample: "documented (frontend-v2)".to_owned(),
            more: vec!["data.<odd>: number".to_owned()],
        }
    );
    let other_way = judged(json!({"success": false, "ret": "x", "data": {"authCode": "x"}}));
    let different = ["ret: another one", "success: the other way round"];
    assert_eq!(other_way, unlike(&different));
}

#[test]
fn the_keys_of_a_map_are_no_fields() {
    let answer =
        json!({"success": true, "ret": "GP_SUCCESS", "data": {"successScope": {"x": true}}});
    let judgement = judge("GP.authorize", "success", Some(&answer));
    let Judgement::Like { more, .. } = judgement else {
        panic!("{judgement:?}");
    };
    assert!(more.is_empty(), "{more:?}");
}

#[test]
fn a_shape_has_types_and_codes_and_no_other_value() {
    let answer = json!({
        "success": true,
        "ret": "GP_SUCCESS",
        "errorCode": "12345678901",
        "errorMessage": "Budi is not at home",
        "data": {
            "authCode": "secretsecret",
            "list": ["Budi", "Siti"],
            "budi@example.com": "x",
            "inner": r#"{"phone":"+62812"}"#,
        },
    });
    assert_eq!(
        shape(&answer),
        json!({
            "success": true,
            "ret": "GP_SUCCESS",
            "errorCode": "<string of 11>",
            "errorMessage": "<string of 19>",
            "data": {
                "authCode": "<string of 12>",
                "list": ["<string of 4>"],
                "<odd>": "<string of 1>",
                "inner": {"<JSON in a string>": {"phone": "<string of 6>"}},
            },
        })
    );
}

#[test]
fn a_documented_refusal_is_the_error_it_stands_for() {
    for (name, error) in [
        ("permission_denied_v1", Some(Error::Permission)),
        ("permission_denied_v2", Some(Error::Permission)),
        ("older_permission_denied", Some(Error::Permission)),
        ("outside_gopay", Some(Error::NotInGoPay)),
        ("windvane_timeout", Some(Error::TimedOut)),
        ("without_words_v1", None),
        ("without_words_v2", None),
        ("parameter_error", None),
        ("older_sentence", None),
    ] {
        let failure = failures()
            .iter()
            .find(|failure| failure.name == name)
            .unwrap();
        let decoded = decoded(failure).unwrap_err();
        match error {
            Some(error) => assert_eq!(decoded, error, "{name}"),
            None => assert!(matches!(decoded, Error::Refused { .. }), "{name}"),
        }
    }
}

#[test]
fn the_readme_has_a_row_for_every_method_and_says_what_its_page_says() {
    let readme = fs::read_to_string(folder().join("../README.md")).unwrap();
    for method in methods() {
        let containers = method.containers.join(" ").to_uppercase();
        let containers = if containers.is_empty() {
            "?"
        } else {
            &containers
        };
        let consent = match &method.consent {
            None => "no".to_owned(),
            Some(Consent { name: None }) => "yes".to_owned(),
            Some(Consent { name: Some(name) }) => format!("`{name}`"),
        };
        let since = method.since.as_deref().unwrap_or_default();
        let facts = format!(") | {containers} | {consent} | {since} |");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| [`{}`](http", method.name())));
        let row = row.unwrap_or_else(|| panic!("{} is not in the README", method.name()));
        assert!(row.contains(&facts), "{row} should say {facts}");
    }
}
