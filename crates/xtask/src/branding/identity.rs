//! The shop's name, colour and words, read from `shop.toml`.

use std::fmt;

use toml::{Table, Value};

use super::colour::Colour;

/// Two lines on a small phone, each.
const MAX_NAME: usize = 24;
const MAX_TITLE: usize = 40;
const MAX_TAGLINE: usize = 80;
/// Four lines on a small phone.
const MAX_SENTENCE: usize = 160;
/// As in the merchant's catalogue.
const MAX_TABLES: usize = 200;

const MISSPELT: &str = "means nothing here: is it misspelt?";

/// Of a `[[product]]`.
const PRODUCT_KEYS: [&str; 7] = [
    "id",
    "name",
    "description",
    "price",
    "image",
    "category",
    "sold_out",
];

const IN_BOTH_LANGUAGES: &str = r#"say it in both languages: { id = "...", en = "..." }"#;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) accent: Colour,
    /// Heads the menu.
    pub(super) title: Translated,
    /// Stands under it.
    pub(super) tagline: Translated,
    /// Stands in the unfolded order, above the pay button: what buyers agree to.
    pub(super) terms: Translated,
    /// Stands under every order: where buyers turn to.
    pub(super) contact: Translated,
    /// Where orders can be brought to.
    pub(super) tables: Vec<String>,
    pub(super) pictures: Vec<Picture>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) product: String,
    /// A path on the shop's host.
    pub(super) image: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) id: String,
    pub(super) en: String,
}

/// What is wrong with a `shop.toml`: the key, and what to do.
fn wrong(key: &str, what: impl fmt::Display) -> String {
    format!("{key}: {what}")
}

impl Identity {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut file: Table = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|&it| it == b'\n').count() + 1;
            let what = error.message().replace('\n', "; ");
            // Where a text does not end, what is noticed first may be on the next line.
            let lines = text.lines().skip(line.saturating_sub(2)).take(2.min(line));
            let hint = lines.map(hint).filter(|hint| !hint.is_empty()).last();
            let hint = hint.unwrap_or_default();
            wrong(&format!("line {line}"), what + &hint)
        })?;
        let Some(Value::Table(mut shop)) = file.remove("shop") else {
            return Err(wrong("[shop]", "is missing: it says whose shop this is"));
        };
        promos(file.remove("promo"))?;
        let categories = categories(file.remove("category"))?;
        let mut pictures = Vec::new();
        match file.remove("product") {
            Some(Value::Array(products)) if !products.is_empty() => {
                for product in products {
                    pictures.push(picture(&product, &pictures, &categories)?);
                }
            }
            _ => return Err(wrong("[[product]]", "is missing: say what is for sale")),
        }
        let accent = line(
            "shop.accent",
            required(&mut shop, "shop.accent")?,
            usize::MAX,
        )?;
        let identity = Self {
            name: line("shop.name", required(&mut shop, "shop.name")?, MAX_NAME)?,
            accent: Colour::parse(&accent).ok_or_else(|| {
                let like = "is no colour: write it as six digits, like #b4431f";
                wrong("shop.accent", format_args!("{accent} {like}"))
            })?,
            title: translated(&mut shop, "shop.title", MAX_TITLE)?,
            tagline: translated(&mut shop, "shop.tagline", MAX_TAGLINE)?,
            terms: translated(&mut shop, "shop.terms", MAX_SENTENCE)?,
            contact: translated(&mut shop, "shop.contact", MAX_SENTENCE)?,
            tables: tables(shop.remove("tables"))?,
            pictures,
        };
        let unknown = |key: &str| wrong(key, MISSPELT);
        match (shop.keys().next(), file.keys().next()) {
            (Some(key), _) => Err(unknown(&format!("shop.{key}"))),
            (_, Some(key)) => Err(unknown(key)),
            _ => Ok(identity),
        }
    }
}

/// Refuses promo codes that the merchant's `domain/promo.rs` would refuse.
fn promos(listed: Option<Value>) -> Result<(), String> {
    let listed = match listed {
        None => return Ok(()),
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(wrong("promo", "write [[promo]] above each")),
    };
    let mut codes: Vec<String> = Vec::new();
    for promo in listed {
        let Value::Table(mut promo) = promo else {
            return Err(wrong("promo", "write [[promo]] above each"));
        };
        let is_plain = |b: u8| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'-');
        let code = match promo.remove("code") {
            Some(Value::String(code))
                if (1..=20).contains(&code.len()) && code.bytes().all(is_plain) =>
            {
                code
            }
            _ => {
                return Err(wrong(
                    "promo.code",
                    "use 1 to 20 of A-Z, 0-9 and -, in quotes",
                ));
            }
        };
        let wrong = |what: &str| Err(wrong(&format!("promo {code:?}"), what));
        if codes.contains(&code) {
            return wrong("stands there twice");
        }
        match (promo.remove("percent"), promo.remove("amount")) {
            (Some(Value::Integer(1..=100)), None) | (None, Some(Value::Integer(1..))) => {}
            (Some(_), None) => return wrong("percent must be 1 to 100"),
            (None, Some(_)) => return wrong("amount: use whole rupiah, without dots"),
            _ => return wrong("write either percent = 10 or amount = 5000"),
        }
        if !matches!(promo.remove("min_total"), None | Some(Value::Integer(0..))) {
            return wrong("min_total: use whole rupiah, without dots");
        }
        let is_day = |at: &toml::value::Datetime| {
            at.date.is_some() && at.time.is_none() && at.offset.is_none()
        };
        match promo.remove("until") {
            None => {}
            Some(Value::Datetime(at)) if is_day(&at) => {}
            Some(_) => return wrong("until is a day, in Jakarta: until = 2026-12-31"),
        }
        if let Some(key) = promo.keys().next() {
            return wrong(&format!("{key} {MISSPELT}"));
        }
        codes.push(code);
    }
    Ok(())
}

/// The names of the tables, which the merchant's `domain/catalogue.rs` would not refuse.
fn tables(listed: Option<Value>) -> Result<Vec<String>, String> {
    let named = || {
        wrong(
            "shop.tables",
            format_args!(
                "write how many there are, tables = 12, or their names, tables = [\"1\", \"A2\"]: at most \
                 {MAX_TABLES}, each different, of 1 to 8 letters, digits and -"
            ),
        )
    };
    let names: Vec<String> = match listed {
        None => Vec::new(),
        Some(Value::Integer(count)) => match usize::try_from(count) {
            Ok(count @ 1..=MAX_TABLES) => (1..=count).map(|number| number.to_string()).collect(),
            _ => return Err(named()),
        },
        Some(Value::Array(names)) => {
            let names = names.iter().map(|name| name.as_str().map(str::to_owned));
            names.collect::<Option<_>>().ok_or_else(named)?
        }
        Some(_) => return Err(named()),
    };
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let is_wrong = |(index, name): (usize, &String)| {
        !(1..=8).contains(&name.len())
            || !name.bytes().all(is_plain)
            || names.iter().take(index).any(|before| before == name)
    };
    if names.len() > MAX_TABLES || names.iter().enumerate().any(is_wrong) {
        return Err(named());
    }
    Ok(names)
}

/// The ids of the categories, which the merchant's `domain/catalogue.rs` would not refuse.
fn categories(listed: Option<Value>) -> Result<Vec<String>, String> {
    let listed = match listed {
        None => Vec::new(),
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(wrong("category", "write [[category]] above each")),
    };
    let mut ids: Vec<String> = Vec::new();
    for category in listed {
        let id = category.get("id").and_then(Value::as_str);
        let Some(id) = id.filter(|id| is_id(id)) else {
            return Err(wrong(
                "category.id",
                "use 1 to 32 of a-z, 0-9 and -, in quotes",
            ));
        };
        let key = format!("category {id:?}");
        if ids.iter().any(|other| other == id) {
            return Err(wrong(&key, "stands there twice"));
        }
        if let Some(unknown) = unknown_key(&category, &["id", "name"]) {
            return Err(wrong(&format!("{key}: {unknown}"), MISSPELT));
        }
        let both = ["id", "en"].map(|language| category.get("name")?.get(language)?.as_str());
        if both.contains(&None) {
            return Err(wrong(&format!("{key}: name"), IN_BOTH_LANGUAGES));
        }
        ids.push(id.to_owned());
    }
    Ok(ids)
}

/// The first key of a table that is not one of these: asked for before a key is missed, which may be the same one.
fn unknown_key<'a>(table: &'a Value, known: &[&str]) -> Option<&'a str> {
    let mut keys = table.as_table()?.keys();
    keys.find(|key| !known.contains(&key.as_str()))
        .map(String::as_str)
}

fn is_id(id: &str) -> bool {
    let is_plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=32).contains(&id.len()) && id.bytes().all(is_plain)
}

/// The picture of a product that the merchant's `domain/catalogue.rs` would not refuse.
fn picture(product: &Value, before: &[Picture], categories: &[String]) -> Result<Picture, String> {
    let text = |key: &str| product.get(key).and_then(Value::as_str);
    let Some(id) = text("id") else {
        return Err(wrong("product.id", "must be there, as text in quotes"));
    };
    let wrong = |key: &str, what: &str| Err(wrong(&format!("product {id:?}: {key}"), what));
    if !is_id(id) {
        return wrong("id", "use 1 to 32 of a-z, 0-9 and -");
    }
    if before.iter().any(|other| other.product == id) {
        return wrong("id", "stands there twice");
    }
    if let Some(unknown) = unknown_key(product, &PRODUCT_KEYS) {
        return wrong(unknown, MISSPELT);
    }
    for key in ["name", "description"] {
        let both = ["id", "en"].map(|language| product.get(key)?.get(language)?.as_str());
        if both.contains(&None) {
            return wrong(key, IN_BOTH_LANGUAGES);
        }
    }
    let price = product.get("price").and_then(Value::as_integer);
    if !price.is_some_and(|price| (1..=99_999_999_999).contains(&price)) {
        return wrong("price", "use whole rupiah, 1 to 99999999999, without dots");
    }
    if let Some(category) = product.get("category") {
        let is_listed = category
            .as_str()
            .is_some_and(|id| categories.iter().any(|it| it == id));
        if !is_listed {
            return wrong("category", "must be the id of a [[category]]");
        }
    }
    if product.get("sold_out").is_some_and(|it| !it.is_bool()) {
        return wrong("sold_out", "must be true or false");
    }
    let Some(image) = text("image") else {
        return wrong("image", "must be there, as text: a file below /assets/");
    };
    Ok(Picture {
        product: id.to_owned(),
        image: image.to_owned(),
    })
}

/// What a line that is no TOML most likely means.
fn hint(line: &str) -> String {
    let (line, is_open) = without_comment(line);
    let price: String = match line.trim().strip_prefix("price") {
        Some(rest) => rest.chars().filter(char::is_ascii_digit).collect(),
        None => String::new(),
    };
    if !price.is_empty() {
        format!("; write whole rupiah without dots, commas or Rp: price = {price}")
    } else if is_open {
        "; a text that begins with \" ends with one on the same line".to_owned()
    } else {
        String::new()
    }
}

/// And whether a text that begins on the line does not end on it.
fn without_comment(line: &str) -> (&str, bool) {
    let (mut is_open, mut is_escaped) = (false, false);
    for (at, c) in line.char_indices() {
        match c {
            '#' if !is_open => return (&line[..at], false),
            '"' if !is_escaped => is_open = !is_open,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    (line, is_open)
}

fn required(table: &mut Table, key: &str) -> Result<Value, String> {
    let name = key.rsplit('.').next().unwrap_or(key);
    table.remove(name).ok_or_else(|| wrong(key, "is missing"))
}

fn translated(shop: &mut Table, key: &str, longest: usize) -> Result<Translated, String> {
    let Value::Table(mut both) = required(shop, key)? else {
        return Err(wrong(key, IN_BOTH_LANGUAGES));
    };
    let mut in_language = |language: &str| {
        let key = format!("{key}.{language}");
        line(&key, required(&mut both, &key)?, longest)
    };
    let words = Translated {
        id: in_language("id")?,
        en: in_language("en")?,
    };
    match both.keys().next() {
        None => Ok(words),
        Some(other) => Err(wrong(
            &format!("{key}.{other}"),
            "the app speaks id and en: take it out",
        )),
    }
}

/// One line of text that is there and fits.
fn line(key: &str, value: Value, longest: usize) -> Result<String, String> {
    let Value::String(text) = value else {
        return Err(wrong(key, "must be text, in quotes"));
    };
    let length = text.chars().count();
    if text.trim().is_empty() {
        Err(wrong(key, "is empty: buyers read it"))
    } else if text.trim() != text || text.contains(char::is_control) {
        let like = "must be one line, without spaces around it";
        Err(wrong(key, like))
    } else if length > longest {
        let like = format!("has {length} characters: use at most {longest}, for small phones");
        Err(wrong(key, like))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use test_kit::SHOP;

    use super::*;

    #[test]
    fn the_demo_shop_is_understood() {
        let shop = Identity::parse(SHOP).unwrap();
        assert_eq!(shop.name, "Kedai Senja");
        assert_eq!(shop.accent.to_string(), "#b4431f");
        assert_eq!(shop.title.en, "What would you like?");
        assert_eq!(shop.pictures.len(), 8);
    }

    #[test]
    fn an_error_is_one_line_with_its_key_and_what_to_do() {
        let name = "name = \"Kedai Senja\"";
        for (from, to, told) in [
            (name, "name = \"\"", "shop.name: is empty"),
            (name, "name = \" Kedai\"", "shop.name: must be one line"),
            (
                name,
                "name = \"Kedai\\nSenja\"",
                "shop.name: must be one line",
            ),
            (name, "name = 7", "shop.name: must be text"),
            (name, "", "shop.name: is missing"),
            (
                name,
                "name = \"Kedai Kopi Senja di Ujung Jalan\"",
                "shop.name: has 31 characters: use at most 24",
            ),
            (
                "#b4431f",
                "terracotta",
                "shop.accent: terracotta is no colour",
            ),
            ("\"#b4431f\"", "0xb4431f", "shop.accent: must be text"),
            ("accent =", "akcent =", "shop.accent: is missing"),
            (
                name,
                "name = \"A\"\nlogo = \"x\"",
                "shop.logo: means nothing",
            ),
            ("[shop]", "colour = 1\n[shop]", "colour: means nothing"),
            ("[shop]", "[kedai]", "[shop]: is missing"),
            ("contact = {", "kontak = {", "shop.contact: is missing"),
            ("terms = {", "syarat = {", "shop.terms: is missing"),
            (
                "en = \"We prepare",
                "en = \" We prepare",
                "shop.terms.en: must be one line",
            ),
            ("What would", "\\u0000", "shop.title.en: must be one line"),
            ("en = \"What", "de = \"Was", "shop.title.en: is missing"),
            (
                "title = {",
                "title = { de = \"Was?\",",
                "shop.title.de: the app speaks",
            ),
            (name, "name = ", "line 4: "),
            (
                "klepon",
                "Klepon 1",
                "product \"Klepon 1\": id: use 1 to 32",
            ),
            (
                "klepon",
                "mie-goreng",
                "product \"mie-goreng\": id: stands there twice",
            ),
            ("id = \"klepon\"", "id = 1", "product.id: must be there"),
            (
                "{ id = \"Klepon\", en = \"Klepon\" }",
                "\"Klepon\"",
                "product \"klepon\": name: say it",
            ),
            (
                "25000",
                "0",
                "product \"kopi-susu\": price: use whole rupiah",
            ),
            (
                "25000",
                "25.000",
                "product \"kopi-susu\": price: use whole rupiah",
            ),
            (
                "25000",
                "100000000000",
                "product \"kopi-susu\": price: use whole rupiah",
            ),
            (
                "category = \"minuman\"",
                "category = \"kue\"",
                "product \"kopi-susu\": category: must be the id",
            ),
            (
                "percent = 10",
                "percent = 0",
                "promo \"HEMAT10\": percent must be",
            ),
            (
                "percent = 10",
                "percent = 10\namount = 1",
                "promo \"HEMAT10\": write either",
            ),
            (
                "percent = 10",
                "percent = 10\nuntil = \"soon\"",
                "promo \"HEMAT10\": until is a day",
            ),
            ("\"HEMAT10\"", "\"hemat\"", "promo.code: use 1 to 20"),
            ("tables = 12", "tables = 0", "shop.tables: write how"),
            ("tables = 12", "tables = [1]", "shop.tables: write how"),
            (
                "tables = 12",
                "tables = [\"1\", \"1\"]",
                "shop.tables: write how",
            ),
            (
                "id = \"minuman\"",
                "id = \"Minuman\"",
                "category.id: use 1 to 32",
            ),
            (
                "id = \"minuman\"",
                "id = \"makanan\"",
                "category \"makanan\": stands there twice",
            ),
            (
                "25000",
                "25000\nsold_out = 1",
                "product \"kopi-susu\": sold_out: must be",
            ),
            (
                "image = \"/assets/products/klepon",
                "# image = \"",
                "product \"klepon\": image: must be there",
            ),
            (
                "25000",
                "25000\nsold_uot = true",
                "product \"kopi-susu\": sold_uot: means nothing",
            ),
            (
                "price = 25000",
                "prise = 25000",
                "product \"kopi-susu\": prise: means nothing",
            ),
            (
                "id = \"minuman\"",
                "id = \"minuman\"\nnama = 1",
                "category \"minuman\": nama: means nothing",
            ),
        ] {
            let text = SHOP.replacen(from, to, 1);
            assert_ne!(text, SHOP, "{from}");
            let error = Identity::parse(&text).unwrap_err();
            assert!(error.starts_with(told), "{told}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        let shop = SHOP.split_once("[[product]]").unwrap().0;
        for nothing in [shop, &format!("product = []\n{shop}")] {
            let error = Identity::parse(nothing).unwrap_err();
            assert!(error.starts_with("[[product]]: is missing"), "{error}");
        }
    }

    #[test]
    fn common_mistakes_in_toml_are_explained() {
        for (from, to, hint) in [
            ("price = 25000", "price = 1.250.000", "price = 1250000"),
            (
                "price = 25000",
                "price = Rp 1,250,000 # murah 5",
                "price = 1250000",
            ),
            (
                "\"Kedai Senja\"",
                "\"Kedai Senja",
                "ends with one on the same line",
            ),
            (
                "accent = \"#b4431f\"",
                "accent = \"#b4431f",
                "ends with one on the same line",
            ),
            ("\"#b4431f\"", "\"#b4431f\" brown", "expected newline, `#`"),
        ] {
            let text = SHOP.replacen(from, to, 1);
            assert_ne!(text, SHOP, "{from}");
            let error = Identity::parse(&text).unwrap_err();
            assert!(error.ends_with(hint), "{error}");
            assert!(error.starts_with("line "), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
