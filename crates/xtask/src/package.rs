//! The mini app as a ZIP of files for Container V1, in which GoPay serves them offline.
//!
//! Unverified: never uploaded. GoPay documents that a package is the build's folder, zipped.
//!
//! Invariant: the same bundle makes the same bytes: no clock, no order of directories is in them.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The page's empty place for the merchant's origin.
const MERCHANT: &str = r#"<meta name="merchant" content="">"#;

/// Where the page that was built loads the SDK from.
const SDK: &str = "https://gwk.gopayapi.com/sdk/stable/gp-container.min.js";

const PAGE: &str = "index.html";

/// What a package has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// The merchant's origin: the page itself is not on it.
    pub(crate) merchant: String,
    /// Where the container SDK comes from, if not from GoPay.
    pub(crate) sdk: Option<String>,
}

/// Makes the ZIP out of the release bundle, and returns its size in bytes.
pub(crate) fn write(bundle: &Path, package: &Package, zip: &Path) -> Result<usize> {
    let mut names = Vec::new();
    list(bundle, "", &mut names)?;
    names.sort();
    let mut files = Vec::new();
    for name in &names {
        let path = bundle.join(name);
        let mut content = fs::read(&path).with_context(|| path.display().to_string())?;
        if name == PAGE {
            let built = String::from_utf8_lossy(&content);
            content = page(&built, &names, package)?.into_bytes();
        }
        files.push((name.as_str(), content));
    }
    let at = || zip.display().to_string();
    let bytes = pack(&files).with_context(at)?;
    let folder = zip.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(zip, &bytes))
        .with_context(at)?;
    Ok(bytes.len())
}

/// Every file of the bundle but what only a web server has a use for.
fn list(folder: &Path, prefix: &str, names: &mut Vec<String>) -> Result<()> {
    let at = || folder.display().to_string();
    for entry in fs::read_dir(folder).with_context(at)? {
        let entry = entry.with_context(at)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{name}/"), names)?;
        } else if !is_for_servers(&name) {
            names.push(name);
        }
    }
    Ok(())
}

/// Compressed copies, and what only a web server or its owner reads.
fn is_for_servers(name: &str) -> bool {
    name == "_headers"
        || name == "sizes.json"
        || [".br", ".gz", ".map"]
            .iter()
            .any(|ending| name.ends_with(ending))
}

/// The built page with relative addresses: a package is served from an unknown path, and not by the
/// merchant.
fn page(built: &str, names: &[String], package: &Package) -> Result<String> {
    let mut page = built.to_owned();
    for name in names {
        page = page.replace(&format!(r#""/{name}""#), &format!(r#""./{name}""#));
    }
    // A page without an origin, such as one out of a file, may not check what it loads: it would
    // load nothing.
    while let Some((before, rest)) = page.split_once(" integrity=\"")
        && let Some((_, after)) = rest.split_once('"')
    {
        page = [before, after].concat();
    }
    if [r#"href="/"#, r#"src="/"#]
        .iter()
        .any(|absolute| page.contains(absolute))
    {
        return Err(lacks("the file that an address beginning with / leads to"));
    }
    if page.matches(MERCHANT).count() != 1 {
        return Err(lacks(MERCHANT));
    }
    if page.matches(SDK).count() != 1 {
        return Err(lacks(SDK));
    }
    let merchant = MERCHANT.replace(r#""">"#, &format!(r#""{}">"#, package.merchant));
    let sdk = package.sdk.as_deref().unwrap_or(SDK);
    Ok(page.replace(MERCHANT, &merchant).replace(SDK, sdk))
}

fn pack(files: &[(&str, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn lacks(what: &str) -> anyhow::Error {
    anyhow!("the app cannot be packed: its page has to have {what} (see index.html)")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use test_kit::TempDir;
    use zip::ZipArchive;

    use super::*;

    const BUILT: &str = r#"<link rel="icon" href="/assets/logo.svg" type="image/svg+xml" />
        <meta name="merchant" content="">
        <script src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js" async></script>
        <link rel="modulepreload" href="/app-01.js" integrity="sha384-ab/+=">
        <link rel="preload" href="/app-01_bg.wasm" as="fetch" type="application/wasm" crossorigin>
        <script type="module" src="/app-01.js" crossorigin integrity="sha384-ab/+="></script>
        <img src="/assets/logo.svg" alt="" />"#;

    struct Folder(TempDir);

    impl Folder {
        fn new(page: &str) -> Self {
            let folder = Self(TempDir::create());
            fs::create_dir_all(folder.0.join("dist/assets")).unwrap();
            for name in [
                "app-01.js",
                "app-01_bg.wasm",
                "app-01.js.br",
                "app-01.js.gz",
                "app-01.js.map",
                "_headers",
                "sizes.json",
            ] {
                folder.put(name, name);
            }
            folder.put("assets/logo.svg", "logo");
            folder.put(PAGE, page);
            folder
        }

        fn put(&self, name: &str, content: &str) {
            fs::write(self.0.join("dist").join(name), content).unwrap();
        }

        fn package(&self, package: &Package) -> Result<Vec<u8>> {
            let zip = self.0.join("out/package.zip");
            let size = write(&self.0.join("dist"), package, &zip)?;
            let bytes = fs::read(zip).unwrap();
            assert_eq!(bytes.len(), size);
            Ok(bytes)
        }
    }

    fn shop() -> Package {
        Package {
            merchant: "https://shop.example".to_owned(),
            sdk: None,
        }
    }

    fn unpack(bytes: Vec<u8>) -> Vec<(String, String)> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut files = Vec::new();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            files.push((file.name().to_owned(), text));
        }
        files
    }

    #[test]
    fn a_package_has_its_page_at_the_root_and_no_files_for_servers() {
        let files = unpack(Folder::new(BUILT).package(&shop()).unwrap());
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["app-01.js", "app-01_bg.wasm", "assets/logo.svg", PAGE]
        );
        assert_eq!(files[0].1, "app-01.js");
    }

    #[test]
    fn the_page_of_a_package_refers_to_nothing_at_the_root_of_a_site() {
        let mut files = unpack(Folder::new(BUILT).package(&shop()).unwrap());
        let (_, page) = files.pop().unwrap();
        assert!(!page.contains(r#""/"#), "{page}");
        assert!(!page.contains("integrity"), "{page}");
        assert!(
            page.contains(r#"<script type="module" src="./app-01.js""#),
            "{page}"
        );
        assert!(page.contains(r#"<meta name="merchant" content="https://shop.example">"#));
        assert!(page.contains(SDK));
    }

    #[test]
    fn another_sdk_can_stand_in() {
        let package = Package {
            sdk: Some("http://localhost:9090/sdk.js".to_owned()),
            ..shop()
        };
        let mut files = unpack(Folder::new(BUILT).package(&package).unwrap());
        let (_, page) = files.pop().unwrap();
        assert!(page.contains(r#"src="http://localhost:9090/sdk.js""#));
        assert!(!page.contains(SDK));
    }

    #[test]
    fn the_same_bundle_makes_the_same_package() {
        let folder = Folder::new(BUILT);
        let before = folder.package(&shop()).unwrap();
        let page = fs::File::options()
            .write(true)
            .open(folder.0.join("dist").join(PAGE))
            .unwrap();
        page.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(folder.package(&shop()).unwrap(), before);
    }

    #[test]
    fn a_page_that_cannot_be_packed_is_refused() {
        for broken in [
            BUILT.replace(MERCHANT, ""),
            BUILT.replace(SDK, "/sdk.js"),
            format!(r#"{BUILT}<img src="/assets/gone.svg" alt="">"#),
        ] {
            let folder = Folder::new(&broken);
            let refused = folder.package(&shop()).unwrap_err().to_string();
            assert!(refused.starts_with("the app cannot be packed"), "{refused}");
        }
    }

    #[test]
    fn the_apps_own_page_has_the_places_to_fill_in() {
        let source = include_str!("../../../index.html");
        assert_eq!(source.matches(MERCHANT).count(), 1);
        assert_eq!(source.matches(SDK).count(), 1);
    }
}
