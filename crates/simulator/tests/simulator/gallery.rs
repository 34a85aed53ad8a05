use crate::merchant::Merchant;
use reqwest::{
    Method,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN},
};
use simulator::{Gallery, GalleryError};
use std::{fs, path::Path};
use test_kit::TempDir;

const FILE: &str = r#"{
    "group": "Shop",
    "always": {"answers": {"GET /api/menu": [{"body": ["tea"]}]}},
    "states": [{"name": "menu", "title": "The menu", "open": "/", "shows": "h1"}]
}"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::create();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}

#[tokio::test]
async fn states_are_listed_and_served_to_the_apps_page_only() {
    let files = folder(&[("states.json", FILE), ("README", "not a state")]);
    let merchant = Merchant::with_gallery(Gallery::open(&files).unwrap()).await;
    let (status, listed) = merchant.ask(Method::GET, "/gallery.json").await;
    assert_eq!(status, 200);
    let [state] = listed["states"].as_array().unwrap().as_slice() else {
        panic!("{listed}");
    };
    assert_eq!(state["url"], "http://localhost:8080/?gallery=menu");

    let url = format!("{}/gallery/states/menu", merchant.url);
    let asked_by = async |origin| merchant.http.get(&url).header(ORIGIN, origin).send().await;
    let answer = asked_by("http://localhost:8080").await.unwrap();
    assert_eq!(
        answer.headers()[ACCESS_CONTROL_ALLOW_ORIGIN],
        "http://localhost:8080"
    );
    let play: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(play["answers"]["GET /api/menu"][0]["body"][0], "tea");
    assert_eq!(asked_by("http://evil.example").await.unwrap().status(), 403);

    let (status, missing) = merchant.ask(Method::GET, "/gallery/states/tea").await;
    assert_eq!(status, 404);
    assert_eq!(
        missing["error"],
        "no state tea: /gallery.json says which there are"
    );
}

#[tokio::test]
async fn a_simulator_without_a_gallery_explains_the_option() {
    let merchant = Merchant::new().await;
    let (status, missing) = merchant.ask(Method::GET, "/gallery.json").await;
    assert_eq!(status, 404);
    assert!(missing["error"].as_str().unwrap().contains("--gallery"));
}

#[test]
fn a_folder_that_is_not_a_gallery_is_refused_by_name() {
    let opened = |path: &Path| Gallery::open(path).unwrap_err();
    let nothing = opened(&folder(&[]));
    assert!(matches!(nothing, GalleryError::Empty { .. }), "{nothing}");
    let broken = opened(&folder(&[("a.json", "{")]));
    assert!(
        broken
            .to_string()
            .ends_with("a.json is no file of a gallery"),
        "{broken}"
    );
    let absent = opened(Path::new("/nowhere/gallery"));
    assert!(matches!(absent, GalleryError::Read { .. }), "{absent}");
}
