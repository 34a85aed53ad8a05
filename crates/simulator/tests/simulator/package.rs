use crate::merchant::Merchant;
use reqwest::header::CONTENT_TYPE;
use simulator::{Package, PackageError};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};
use test_kit::{TempDir, output_of};
use zip::{ZipWriter, write::SimpleFileOptions};

const PAGE: &str = r#"<!doctype html><script src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js" async></script>"#;

fn packed(folder: &TempDir, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.join(name);
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// The same, with a first file whose stated size is 65 MiB.
fn oversized(path: &Path) -> PathBuf {
    const LENGTH: usize = 24;
    let mut bytes = std::fs::read(path).unwrap();
    let mut windows = bytes.windows(4);
    let entry = windows.position(|four| four == b"PK\x01\x02").unwrap();
    let length = (65_u32 << 20).to_le_bytes();
    bytes[entry + LENGTH..][..4].copy_from_slice(&length);
    std::fs::write(path, bytes).unwrap();
    path.to_owned()
}

#[tokio::test]
async fn a_package_is_served_at_exact_paths_with_the_simulators_sdk() {
    let folder = TempDir::create();
    let path = packed(
        &folder,
        "good.zip",
        &[
            ("index.html", PAGE.as_bytes()),
            ("app.js", b"1"),
            ("app_bg.wasm", b"\0asm"),
            ("style.css", b"p{}"),
            ("assets/products/es kopi.svg", b"<svg/>"),
        ],
    );
    let merchant = Merchant::with_package(Package::open(&path).unwrap()).await;
    let get = async |path: &str| {
        let address = format!("{}/packages/kedai/{path}", merchant.url);
        merchant.http.get(address).send().await.unwrap()
    };
    for (path, kind) in [
        ("", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("app_bg.wasm", "application/wasm"),
        ("style.css", "text/css; charset=utf-8"),
        ("assets/products/es%20kopi.svg", "image/svg+xml"),
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()[CONTENT_TYPE], kind);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let policy = &answer.headers()["content-security-policy"];
        assert_eq!(policy, "frame-ancestors 'self'");
    }
    let page = get("").await.text().await.unwrap();
    assert!(
        page.contains(r#"src="/sdk/stable/gp-container.min.js""#),
        "{page}"
    );
    assert!(!page.contains("gopayapi.com"));
    for nowhere in ["orders/1", "assets", "assets/", "INDEX.HTML", "../good.zip"] {
        assert_eq!(get(nowhere).await.status(), 404, "{nowhere}");
    }
}

#[tokio::test]
async fn a_simulator_without_a_package_serves_none() {
    let merchant = Merchant::new().await;
    let (status, _) = merchant.ask(reqwest::Method::GET, "/packages/kedai/").await;
    assert_eq!(status, 404);
}

#[test]
fn a_file_that_is_not_a_package_is_refused_with_its_reason() {
    let folder = TempDir::create();
    std::fs::write(folder.join("text.zip"), "no zip at all").unwrap();
    let error = |path: &Path| Package::open(path).unwrap_err();
    let packed = |name, files| packed(&folder, name, files);
    let missing = error(&folder.join("missing.zip"));
    assert!(matches!(missing, PackageError::Read { .. }));
    let text = error(&folder.join("text.zip"));
    assert!(matches!(text, PackageError::Zip { .. }));
    assert!(
        text.to_string()
            .ends_with("text.zip is not a ZIP that can be opened; pack the mini app again")
    );
    let deep = error(&packed("deep.zip", &[("dist/index.html", b"")]));
    assert!(matches!(deep, PackageError::NoPage { .. }));
    let outside = error(&packed("outside.zip", &[("../index.html", b"")]));
    assert!(matches!(outside, PackageError::Outside { .. }));
    let binary = error(&packed("binary.zip", &[("index.html", b"\xff")]));
    assert!(matches!(binary, PackageError::NotText { .. }));
    let bomb = error(&oversized(&packed("bomb.zip", &[("index.html", b"")])));
    assert!(matches!(bomb, PackageError::TooLarge { .. }));
}

#[test]
fn the_program_prints_a_package_error_in_one_line_and_exits_with_2() {
    let folder = TempDir::create();
    std::fs::write(folder.join("damaged.zip"), "PK").unwrap();
    let run = output_of(
        Command::new(env!("CARGO_BIN_EXE_gopay-simulator"))
            .args(["--listen", "127.0.0.1:0", "--keys"])
            .arg(folder.join("no-keys"))
            .arg("--package")
            .arg(folder.join("damaged.zip")),
    );
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("damaged.zip is not a ZIP"), "{said}");
}
