use super::*;

fn gallery(text: &str) -> Result<Gallery, String> {
    let file: GalleryFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Gallery::from_files(&[file]).map_err(|error| error.to_string())
}

#[test]
fn a_state_has_the_default_answers_and_its_own() {
    let gallery = gallery(
        r#"{
            "group": "Result",
            "bodies": {
                "order": {"id": "1", "status": "checking", "payment": {"until": 1, "link": "a"}},
                "paid": {"use": "order", "with": {"status": "paid", "payment": null}}
            },
            "always": {"answers": {"POST /a": [{"body": 1}], "GET /b": ["never"]}},
            "states": [{
                "name": "paid", "title": "Paid", "open": "/orders/1?x=1", "shows": "h1",
                "answers": {"GET /b": [
                    "offline",
                    {"status": 500, "body": {"use": "order", "with": {"payment": {"until": 2}}}},
                    {"body": [{"use": "paid"}]}
                ]},
                "gopay": {"GP.launchPayment": [{"failure": {"errorCode": "300"}}]},
                "steps": [{"tap": "button"}, "script_error"]
            }]
        }"#,
    )
    .unwrap();
    let script = &gallery.state("paid").unwrap().script;
    assert_eq!(script["answers"]["POST /a"], json!([{"body": 1}]));
    let paid = json!({"id": "1", "status": "paid", "payment": null});
    let order = json!({"id": "1", "status": "checking", "payment": {"until": 2, "link": "a"}});
    assert_eq!(
        script["answers"]["GET /b"],
        json!(["offline", {"status": 500, "body": order}, {"body": [paid]}])
    );
    assert_eq!(
        script["gopay"],
        json!({"GP.launchPayment": [{"failure": {"errorCode": "300"}}]})
    );
    assert_eq!(script["steps"], json!([{"tap": "button"}, "script_error"]));

    let listed = gallery.to_json("http://localhost:8080");
    let state = &listed["states"][0];
    assert_eq!(
        state["url"],
        "http://localhost:8080/orders/1?x=1&gallery=paid"
    );
    assert_eq!(state["variants"].as_array().unwrap().len(), 4);
    assert_eq!(
        state["variants"][3]["url"],
        "http://localhost:8080/orders/1?x=1&gallery=paid&lang=en&theme=dark"
    );
}

#[test]
fn an_invalid_state_is_refused_by_name() {
    let state = |more: &str| {
        let start = r#"{"name": "a", "title": "", "shows": "h1""#;
        format!(r#"{{"states": [{start}, {more}}}]}}"#)
    };
    for (text, complaint) in [
        (state(r#""open": "a""#), "opens \"a\": say which path"),
        (
            state(r#""open": "/", "answers": {"GET /b": []}"#),
            "has no answer to GET /b",
        ),
        (
            state(r#""open": "/", "answers": {"GET /b": [{"body": {"use": "c"}}]}"#),
            "uses the body c, which is in no file",
        ),
        (
            state(r#""open": "/", "answers": {"GET /b": [{"body": {"use": "c", "x": 1}}]}"#)
                .replace("{\"states\"", "{\"bodies\": {\"c\": {}}, \"states\""),
            "has x beside the body c",
        ),
        (
            state(r#""open": "/", "answers": {"GET /b": [{"body": {"use": "c"}}]}"#).replace(
                "{\"states\"",
                "{\"bodies\": {\"c\": [{\"use\": \"c\"}]}, \"states\"",
            ),
            "uses the body c in itself",
        ),
        (
            state(r#""open": "/", "steps": [{"press": "h1"}]"#),
            "unknown variant `press`",
        ),
        (state(r#""opens": "/""#), "unknown field `opens`"),
    ] {
        let refused = gallery(&text).unwrap_err();
        assert!(refused.contains(complaint), "{refused}");
    }
    let two = r#"{"name": "a", "title": "", "open": "/", "shows": "h1"}"#;
    let refused = gallery(&format!(r#"{{"states": [{two}, {two}]}}"#)).unwrap_err();
    assert_eq!(
        refused,
        "the gallery's state a is there twice: give each a name of its own"
    );
}
