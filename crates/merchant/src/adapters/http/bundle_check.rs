//! Whether the app that lies in `dist` is the one of the shop that is sold from.

use crate::domain::catalogue::Catalogue;
use std::{fs, path::Path};

/// The page, without which the app is not there.
pub(crate) const PAGE: &str = "index.html";

const BUILD_HINT: &str = "with `cargo xtask dist` (preview does so by itself)";

/// What the owner of the shop is told to do about each mismatch.
pub(crate) fn mismatches(dist: &Path, catalogue: &Catalogue) -> Vec<String> {
    let folder = dist.display();
    let Ok(page) = fs::read_to_string(dist.join(PAGE)) else {
        return vec![format!(
            "dist: there is no {PAGE} in {folder}: buyers get an error, and /readyz says that the \
             merchant is not ready; build the app with `cargo xtask dist`, or set dist"
        )];
    };
    let other_shop = catalogue.shop().and_then(|sold| {
        let built = title(&page)?;
        (built != sold).then(|| {
            format!(
                "dist: the app in {folder} calls the shop {built:?}, shop.toml calls it {sold:?}: \
                 build it again {BUILD_HINT}"
            )
        })
    });
    let code = code(dist);
    let no_text = catalogue.app_texts().find_map(|(key, text)| {
        let is_there = code.iter().any(|file| file.contains(text));
        (!is_there).then(|| {
            format!(
                "dist: the app in {folder} does not have the {key} of shop.toml: \
                 build it again {BUILD_HINT}"
            )
        })
    });
    let no_pictures = catalogue.products().iter().filter_map(|product| {
        let (id, image) = (&product.id, &product.image);
        // A picture on another host is none of the bundle's.
        let path = image.strip_prefix('/')?;
        let is_missing = !path.is_empty() && !dist.join(path).is_file();
        is_missing.then(|| {
            format!(
                "dist: {image}, the picture of product {id:?}, is not in {folder}: \
                 build the app again {BUILD_HINT}"
            )
        })
    });
    let texts = other_shop.into_iter().chain(no_text);
    texts.chain(no_pictures).collect()
}

/// The app's WebAssembly, which holds its texts as they are.
fn code(dist: &Path) -> Vec<String> {
    let files = fs::read_dir(dist).into_iter().flatten().flatten();
    let paths = files.map(|file| file.path());
    let code = paths.filter(|path| path.extension().is_some_and(|end| end == "wasm"));
    let read = code.filter_map(|path| fs::read(path).ok());
    // Invalid UTF-8 between the texts leaves them whole; a text is found in a `str` many times faster
    // than in bytes.
    read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

fn title(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("<title")?;
    let (_, rest) = rest.split_once('>')?;
    let (text, _) = rest.split_once("</title>")?;
    let mut title = text.trim().to_owned();
    // The last one is what the others begin with.
    for (written, meant) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ] {
        title = title.replace(written, meant);
    }
    Some(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_kit::TempDir;

    const SHOP: &str = r#"
        [shop]
        name = "Toko \"Mawar\" & Co"
        terms = { id = "Bunga hari ini juga.", en = "Flowers on the day." }
        [[product]]
        id = "mawar"
        name = { id = "Mawar", en = "Roses" }
        description = { id = "Merah", en = "Red" }
        price = 50000
        image = "/assets/products/mawar.jpg"
    "#;

    #[test]
    fn a_bundle_of_another_shop_is_told_from_the_right_one() {
        let folder = TempDir::create();
        let dist = folder.join("dist");
        let catalogue = Catalogue::parse(SHOP).unwrap();
        let mismatches = || mismatches(&dist, &catalogue);
        let [said] = &mismatches()[..] else { panic!() };
        assert!(said.contains("there is no index.html"), "{said}");
        fs::create_dir_all(dist.join("assets/products")).unwrap();
        fs::write(dist.join(PAGE), "<title data-shop=name>Kedai Senja</title>").unwrap();
        let said = mismatches();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(
            said[0].contains(r#"calls the shop "Kedai Senja""#),
            "{said:?}"
        );
        assert!(said[1].contains("the terms.en of shop.toml"), "{said:?}");
        assert!(said[2].contains("mawar.jpg"), "{said:?}");
        let page = "<title>Toko &quot;Mawar&quot; &amp; Co</title>";
        fs::write(dist.join(PAGE), page).unwrap();
        fs::write(dist.join("assets/products/mawar.jpg"), "").unwrap();
        fs::write(dist.join("app.wasm"), "\0Flowers on the day.\0").unwrap();
        let said = mismatches();
        assert!(said[0].contains("the terms.id of shop.toml"), "{said:?}");
        fs::write(dist.join("later.wasm"), "\0Bunga hari ini juga.\0").unwrap();
        assert_eq!(mismatches(), Vec::<String>::new());
    }
}
