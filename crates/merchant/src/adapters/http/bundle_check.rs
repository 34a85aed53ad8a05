//! Whether the app that lies in `dist` is the one of the shop that is sold from.

use crate::domain::catalogue::Catalogue;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The page, without which the app is not there.
pub(crate) const PAGE: &str = "index.html";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BundleMismatch {
    #[error(
        "dist: there is no {PAGE} in {}: buyers get an error, and /readyz says that the merchant is not ready; build the app with `cargo xtask dist`, or set dist",
        .0.display()
    )]
    NoPage(PathBuf),
    /// It was built for another shop, or before this one had its name.
    #[error(
        "dist: the app in {} calls the shop {built:?}, shop.toml calls it {sold:?}: build it again with `cargo xtask dist` (preview does so by itself)",
        dist.display()
    )]
    OtherShop {
        dist: PathBuf,
        built: String,
        sold: String,
    },
    /// It was built before the shop had this text.
    #[error(
        "dist: the app in {} does not have the {key} of shop.toml: build it again with `cargo xtask dist` (preview does so by itself)",
        dist.display()
    )]
    NoText { dist: PathBuf, key: String },
    /// It was built before this product was sold.
    #[error(
        "dist: {image}, the picture of product {product:?}, is not in {}: build the app again with `cargo xtask dist` (preview does so by itself)",
        dist.display()
    )]
    NoPicture {
        dist: PathBuf,
        product: String,
        image: String,
    },
}

pub(crate) fn mismatches(dist: &Path, catalogue: &Catalogue) -> Vec<BundleMismatch> {
    let Ok(page) = fs::read_to_string(dist.join(PAGE)) else {
        return vec![BundleMismatch::NoPage(dist.to_owned())];
    };
    let other_shop = catalogue.shop().and_then(|sold| {
        let built = title(&page)?;
        (built != sold).then(|| BundleMismatch::OtherShop {
            dist: dist.to_owned(),
            built,
            sold: sold.to_owned(),
        })
    });
    let code = code(dist);
    let no_text = catalogue.app_texts().find_map(|(key, text)| {
        let is_there = code.iter().any(|file| contains(file, text.as_bytes()));
        (!is_there).then(|| BundleMismatch::NoText {
            dist: dist.to_owned(),
            key,
        })
    });
    let no_pictures = catalogue.products().iter().filter_map(|product| {
        // A picture on another host is none of the bundle's.
        let path = product.image.strip_prefix('/')?;
        let is_missing = !path.is_empty() && !dist.join(path).is_file();
        is_missing.then(|| BundleMismatch::NoPicture {
            dist: dist.to_owned(),
            product: product.id.clone(),
            image: product.image.clone(),
        })
    });
    let texts = other_shop.into_iter().chain(no_text);
    texts.chain(no_pictures).collect()
}

/// The app's WebAssembly, which holds its texts as they are.
fn code(dist: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(dist).into_iter().flatten().flatten();
    let paths = files.map(|file| file.path());
    let code = paths.filter(|path| path.extension().is_some_and(|end| end == "wasm"));
    code.filter_map(|path| fs::read(path).ok()).collect()
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    text.is_empty() || bytes.windows(text.len()).any(|part| part == text)
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
        assert_eq!(mismatches(), [BundleMismatch::NoPage(dist.clone())]);
        fs::create_dir_all(dist.join("assets/products")).unwrap();
        fs::write(dist.join(PAGE), "<title data-shop=name>Kedai Senja</title>").unwrap();
        let said: Vec<_> = mismatches().iter().map(ToString::to_string).collect();
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
        let said: Vec<_> = mismatches().iter().map(ToString::to_string).collect();
        assert!(said[0].contains("the terms.id of shop.toml"), "{said:?}");
        fs::write(dist.join("later.wasm"), "\0Bunga hari ini juga.\0").unwrap();
        assert_eq!(mismatches(), []);
    }
}
