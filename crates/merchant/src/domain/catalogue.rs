//! What is for sale, and what an order of it costs.
//!
//! Invariant: prices come from here, never from the buyer's browser.

use super::{
    promo::{self, ListedPromo, PromoError, PromoRule},
    time::Timestamp,
};
use contract::{
    Category, Discount, MAX_QUANTITY, OrderLine, PlaceOrder, Product, Promo, Rupiah, Wording,
};
use serde::Deserialize;
use std::collections::HashSet;
use toml::{Table, Value};

/// More than any shop has.
const MAX_TABLES: i64 = 200;

/// Everything for sale, in the order the shop shows it.
#[derive(Debug, Clone)]
pub struct Catalogue {
    products: Vec<Product>,
    promos: Vec<PromoRule>,
    tables: Vec<String>,
    shop: Table,
}

/// What an order will contain and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The lines at today's prices.
    pub lines: Vec<OrderLine>,
    /// What is paid.
    pub total: Rupiah,
    pub discount: Option<Discount>,
}

/// Why an order cannot be placed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    #[error("an order needs at least one line")]
    Empty,
    #[error("there is no product called \"{0}\"")]
    UnknownProduct(String),
    /// The catalogue says that there is none left.
    #[error("\"{0}\" is sold out")]
    SoldOut(String),
    #[error(transparent)]
    Promo(#[from] PromoError),
    #[error("there is no table \"{0}\"")]
    UnknownTable(String),
    /// One product, several lines.
    #[error("\"{0}\" stands on more than one line; add up its quantity")]
    Repeated(String),
    /// Too many pieces, or too much money for one payment.
    #[error("at most {MAX_QUANTITY} of a product, and at most Rp99999999999 in all")]
    TooMuch,
    /// The buyer saw another total.
    #[error("the total is now {} rupiah, not what the buyer was shown", now.get())]
    PriceChanged {
        /// What it costs today.
        now: Rupiah,
    },
}

impl Catalogue {
    /// Reads the products of a `shop.toml`. What its `[shop]` says is for the app.
    pub fn parse(toml: &str) -> Result<Self, CatalogueError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            shop: Table,
            #[serde(default)]
            category: Vec<ListedCategory>,
            #[serde(default)]
            promo: Vec<ListedPromo>,
            product: Vec<ListedProduct>,
        }
        let File {
            shop,
            category: categories,
            promo: promos,
            product: listed,
        } = toml::from_str(toml).map_err(|error| explain(toml, error))?;
        let categories: Vec<_> = categories.into_iter().map(Category::from).collect();
        check_ids("category", categories.iter().map(|it| &it.id))?;
        check_ids("product", listed.iter().map(|it| &it.id))?;
        let mut products = Vec::with_capacity(listed.len());
        for product in listed {
            products.push(product.in_one_of(&categories)?);
        }
        let place = |product: &Product| {
            let category = product.category.as_ref();
            categories.iter().position(|it| Some(it) == category)
        };
        // Stable: within a category the file's order stands. Products without one come first.
        products.sort_by_key(place);
        for product in &products {
            let id = &product.id;
            if product.price == Rupiah::ZERO || product.price > Rupiah::MAX_PAYMENT {
                return Err(CatalogueError::Price(id.clone()));
            }
        }
        if products.is_empty() {
            return Err(CatalogueError::Empty);
        }
        let tables = tables(shop.get("tables"))?;
        let promos =
            promo::rules(promos).map_err(|(code, what)| CatalogueError::Promo { code, what })?;
        Ok(Self {
            products,
            promos,
            tables,
            shop,
        })
    }

    /// What the shop is called, where the file says it.
    pub fn shop(&self) -> Option<&str> {
        self.shop.get("name")?.as_str()
    }

    /// What the app is built with, by key: `terms.id`.
    pub fn app_texts(&self) -> impl Iterator<Item = (String, &str)> {
        let tables = self
            .shop
            .iter()
            .filter_map(|(key, it)| Some((key, it.as_table()?)));
        tables.flat_map(|(key, texts)| {
            texts.iter().filter_map(move |(language, text)| {
                Some((format!("{key}.{language}"), text.as_str()?))
            })
        })
    }

    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// What this promo code takes off now.
    pub fn promo(&self, code: &str, now: Timestamp) -> Result<&Promo, PromoError> {
        promo::find(&self.promos, code, now)
    }

    /// What `order` costs now, if that is the total that the app showed.
    pub fn quote(&self, order: &PlaceOrder, now: Timestamp) -> Result<Quote, QuoteError> {
        if order.lines.is_empty() {
            return Err(QuoteError::Empty);
        }
        let mut seen = HashSet::new();
        let mut lines = Vec::with_capacity(order.lines.len());
        let mut amounts = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            let product = self
                .products
                .iter()
                .find(|product| product.id == line.product)
                .ok_or_else(|| {
                    QuoteError::UnknownProduct(line.product.chars().take(64).collect())
                })?;
            if product.sold_out {
                return Err(QuoteError::SoldOut(product.id.clone()));
            }
            if !seen.insert(&product.id) {
                return Err(QuoteError::Repeated(product.id.clone()));
            }
            if line.quantity.get() > MAX_QUANTITY {
                return Err(QuoteError::TooMuch);
            }
            amounts.push(
                product
                    .price
                    .times(line.quantity)
                    .ok_or(QuoteError::TooMuch)?,
            );
            lines.push(OrderLine {
                product: product.id.clone(),
                name: product.name.clone(),
                quantity: line.quantity,
                price: product.price,
            });
        }
        let total = Rupiah::sum(amounts)
            .filter(|total| *total <= Rupiah::MAX_PAYMENT)
            .ok_or(QuoteError::TooMuch)?;
        let discount = match &order.promo {
            Some(code) => Some(promo::discount(&self.promos, code, total, now)?),
            None => None,
        };
        let off = discount
            .as_ref()
            .map_or(0, |discount| discount.amount.get());
        let total = Rupiah::new(total.get().saturating_sub(off));
        if let Some(table) = &order.table
            && !self.tables.contains(table)
        {
            return Err(QuoteError::UnknownTable(table.chars().take(64).collect()));
        }
        if total != order.expected_total {
            return Err(QuoteError::PriceChanged { now: total });
        }
        Ok(Quote {
            lines,
            total,
            discount,
        })
    }
}

/// A `[[category]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedCategory {
    id: String,
    name: Wording,
}

impl From<ListedCategory> for Category {
    fn from(ListedCategory { id, name }: ListedCategory) -> Self {
        Self { id, name }
    }
}

/// A `[[product]]`, which names its category by id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedProduct {
    id: String,
    name: Wording,
    description: Wording,
    price: Rupiah,
    image: String,
    category: Option<String>,
    #[serde(default)]
    sold_out: bool,
}

impl ListedProduct {
    fn in_one_of(self, categories: &[Category]) -> Result<Product, CatalogueError> {
        let category = match self.category {
            None => None,
            Some(named) => match categories.iter().find(|it| it.id == named) {
                Some(category) => Some(category.clone()),
                None => {
                    return Err(CatalogueError::UnknownCategory {
                        product: self.id,
                        category: named,
                    });
                }
            },
        };
        Ok(Product {
            id: self.id,
            name: self.name,
            description: self.description,
            price: self.price,
            image: self.image,
            category,
            sold_out: self.sold_out,
        })
    }
}

/// The names of the tables: a list, or how many there are.
fn tables(listed: Option<&Value>) -> Result<Vec<String>, CatalogueError> {
    let tables: Vec<String> = match listed {
        None => Vec::new(),
        Some(Value::Integer(count @ 1..=MAX_TABLES)) => {
            (1..=*count).map(|number| number.to_string()).collect()
        }
        Some(Value::Array(names)) => (names.iter().map(Value::as_str))
            .map(|name| name.map(str::to_owned).ok_or(CatalogueError::Tables))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(CatalogueError::Tables),
    };
    let is_name = |name: &String| {
        (1..=8).contains(&name.len())
            && (name.bytes()).all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let different: HashSet<&String> = tables.iter().collect();
    let fits = i64::try_from(tables.len()).is_ok_and(|count| count <= MAX_TABLES);
    let is_right = fits && different.len() == tables.len() && tables.iter().all(is_name);
    is_right.then_some(tables).ok_or(CatalogueError::Tables)
}

/// Ids travel in links and orders.
fn check_ids<'a>(
    kind: &'static str,
    ids: impl Iterator<Item = &'a String>,
) -> Result<(), CatalogueError> {
    let mut seen = HashSet::new();
    for id in ids {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if id.is_empty() || id.len() > 32 || !id.bytes().all(plain) {
            return Err(CatalogueError::Id(kind, id.clone()));
        }
        if !seen.insert(id) {
            return Err(CatalogueError::Twice(kind, id.clone()));
        }
    }
    Ok(())
}

/// Why a catalogue file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not the form that is asked for.
    #[error("{}", in_one_line(.0))]
    Toml(#[from] toml::de::Error),
    /// A price in a form that is not TOML's.
    #[error(
        "line {line}: write the price in whole rupiah, without dots, commas or Rp: price = {price}"
    )]
    PriceForm {
        line: usize,
        /// What it seems to be.
        price: u64,
    },
    /// A text without its end.
    #[error("line {line}: a text begins with \" and does not end with one on that line")]
    OpenQuote { line: usize },
    #[error("there is no [[product]] in it")]
    Empty,
    /// Ids travel in links and orders.
    #[error("{0} id \"{1}\": use 1 to 32 of a-z, 0-9 and -")]
    Id(&'static str, String),
    /// Two of the same name.
    #[error("{0} id \"{1}\" stands there twice")]
    Twice(&'static str, String),
    #[error(
        "product \"{product}\": there is no [[category]] with the id \"{category}\"; add it, or \
         name one that is there"
    )]
    UnknownCategory { product: String, category: String },
    #[error("promo \"{code}\": {what}")]
    Promo { code: String, what: &'static str },
    #[error(
        "shop.tables: write how many there are, tables = 12, or their names, tables = [\"1\", \"A2\"]: at \
         most {MAX_TABLES}, each different, of 1 to 8 letters, digits and -"
    )]
    Tables,
    /// GoPay takes 1 to 99999999999 rupiah.
    #[error("product \"{0}\": the price must be between 1 and 99999999999 rupiah")]
    Price(String),
}

/// The error in the words of a shopkeeper, where it is a common one.
fn explain(text: &str, error: toml::de::Error) -> CatalogueError {
    let Some(span) = error.span() else {
        return error.into();
    };
    let line = text
        .bytes()
        .take(span.start)
        .filter(|b| *b == b'\n')
        .count();
    let Some(written) = text.lines().nth(line) else {
        return error.into();
    };
    // Where a text does not end, what is noticed first may be on the next line.
    let before = line
        .checked_sub(1)
        .and_then(|before| text.lines().nth(before));
    let open = [Some(written), before]
        .iter()
        .flatten()
        .position(|it| has_open_quote(it));
    let line = line + 1;
    let price = written
        .trim()
        .strip_prefix("price")
        .and_then(|rest| rest.trim_start().strip_prefix('='));
    match price.and_then(rupiah) {
        Some(price) => CatalogueError::PriceForm { line, price },
        None => match open {
            Some(above) => CatalogueError::OpenQuote { line: line - above },
            None => error.into(),
        },
    }
}

/// The amount in a price as people write it: `1.250.000`, `Rp25,000`, `"25000"`.
fn rupiah(written: &str) -> Option<u64> {
    let written = written.split('#').next()?;
    let written = written.trim().trim_matches('"').trim();
    let written = written.strip_prefix("Rp").unwrap_or(written).trim();
    let written = written.strip_suffix(",-").unwrap_or(written);
    let mut groups = written.split(['.', ',', ' ', '_']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_number = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    // Only thousands: what stands after the dot of 1.5 is no group.
    let is_grouped = rest
        .iter()
        .all(|group| group.len() == 3 && is_number(group));
    (is_number(first) && is_grouped)
        .then(|| format!("{first}{}", rest.concat()).parse().ok())
        .flatten()
}

/// Whether a text that begins on this line does not end on it.
fn has_open_quote(line: &str) -> bool {
    let mut is_open = false;
    let mut is_escaped = false;
    for c in line.chars() {
        match c {
            '#' if !is_open => break,
            '"' if !is_escaped => is_open = !is_open,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    is_open && !line.contains("\"\"\"")
}

/// Where in the file, and what; without the picture of the place that TOML's errors draw.
pub(crate) fn in_one_line(error: &toml::de::Error) -> String {
    let text = error.to_string();
    match text.lines().next() {
        Some(place) if place.starts_with("TOML parse error") => {
            format!("{place}: {}", error.message())
        }
        _ => text.lines().collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Line;
    use std::num::NonZeroU32;
    use test_kit::SHOP;

    const NOW: Timestamp = Timestamp::EPOCH;

    fn demo() -> Catalogue {
        Catalogue::parse(SHOP).unwrap()
    }

    fn order(lines: &[(&str, u32)], expected_total: u64) -> PlaceOrder {
        PlaceOrder {
            lines: lines
                .iter()
                .map(|(product, quantity)| Line {
                    product: (*product).to_owned(),
                    quantity: NonZeroU32::new(*quantity).unwrap(),
                })
                .collect(),
            expected_total: Rupiah::new(expected_total),
            promo: None,
            table: None,
        }
    }

    /// The number of the first line of the demo shop with `text` in it.
    fn line_of(text: &str) -> usize {
        let mut lines = SHOP.lines();
        1 + lines.position(|line| line.contains(text)).unwrap()
    }

    #[test]
    fn a_price_as_people_write_it_is_explained() {
        let line = line_of("25000");
        let with = |price: &str| {
            let toml = SHOP.replacen("25000", price, 1);
            Catalogue::parse(&toml).err().map(|error| error.to_string())
        };
        for price in [
            "1.250.000",
            "1,250,000",
            "Rp1.250.000",
            "\"1250000\"",
            "Rp 1.250.000,-",
            "1.250.000 # murah",
        ] {
            let said = with(price).unwrap();
            let told = format!("line {line}: write the price");
            assert!(said.contains(&told), "{price}: {said}");
            assert!(said.ends_with("price = 1250000"), "{price}: {said}");
        }
        // A float to TOML, twenty-five thousand to who wrote it.
        assert!(with("25.000").unwrap().ends_with("price = 25000"));
        for price in ["1.5", "-1", "free", "true"] {
            let said = with(price).unwrap();
            assert!(!said.contains("without dots"), "{price}: {said}");
            assert!(said.contains(&line.to_string()), "{price}: {said}");
        }
        assert_eq!(with("1_250_000"), None);
    }

    #[test]
    fn an_open_quote_is_named_with_its_line() {
        let toml = SHOP;
        let toml = toml.replacen("Dusk Milk Coffee\"", "Dusk Milk Coffee", 1);
        let said = Catalogue::parse(&toml).unwrap_err().to_string();
        let line = line_of("Dusk Milk Coffee");
        let told = format!("line {line}: a text begins");
        assert!(said.starts_with(&told), "{said}");
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        for (from, to, word) in [
            (
                "price = 25000",
                "price = 25000\nsold_uot = true",
                "sold_uot",
            ),
            ("price = 25000", "prise = 25000", "prise"),
            ("id = \"minuman\"", "id = \"minuman\"\nnama = 1", "nama"),
        ] {
            let toml = SHOP.replacen(from, to, 1);
            let said = Catalogue::parse(&toml).unwrap_err().to_string();
            assert!(said.contains(&format!("unknown field `{word}`")), "{said}");
            assert!(said.contains("line "), "{said}");
        }
    }

    #[test]
    fn the_demo_shop_sells_eight_things() {
        assert_eq!(demo().products().len(), 8);
    }

    #[test]
    fn an_order_costs_what_the_catalogue_says() {
        let quote = demo()
            .quote(&order(&[("kopi-susu", 2), ("klepon", 1)], 62_000), NOW)
            .unwrap();
        assert_eq!(quote.total, Rupiah::new(62_000));
        assert_eq!(quote.lines.len(), 2);
    }

    #[test]
    fn a_stale_total_is_noticed() {
        assert_eq!(
            demo().quote(&order(&[("kopi-susu", 2)], 49_000), NOW),
            Err(QuoteError::PriceChanged {
                now: Rupiah::new(50_000)
            })
        );
    }

    #[test]
    fn a_promo_code_is_taken_off_the_total_that_the_buyer_saw() {
        let mut order = order(&[("kopi-susu", 2)], 45_000);
        order.promo = Some("hemat10".to_owned());
        let quote = demo().quote(&order, NOW).unwrap();
        assert_eq!(quote.total, Rupiah::new(45_000));
        let discount = Discount {
            code: "HEMAT10".to_owned(),
            amount: Rupiah::new(5_000),
        };
        assert_eq!(quote.discount, Some(discount));
        order.expected_total = Rupiah::new(50_000);
        let changed = QuoteError::PriceChanged {
            now: Rupiah::new(45_000),
        };
        assert_eq!(demo().quote(&order, NOW), Err(changed));
        order.promo = Some("GRATIS".to_owned());
        let unknown = PromoError::Unknown("GRATIS".to_owned());
        assert_eq!(demo().quote(&order, NOW), Err(unknown.into()));
    }

    #[test]
    fn an_order_is_brought_to_a_table_of_the_shop() {
        let quote = |tables: &str, table: &str| {
            let toml = SHOP.replacen("[shop]", &format!("[shop]\ntables = {tables}"), 1);
            let toml = toml.replacen("tables = 12", "", 1);
            let catalogue = Catalogue::parse(&toml).unwrap();
            let mut order = order(&[("klepon", 1)], 12_000);
            order.table = Some(table.to_owned());
            catalogue.quote(&order, NOW).map(|quote| quote.total)
        };
        let unknown = |table: &str| Err(QuoteError::UnknownTable(table.to_owned()));
        let price = Ok(Rupiah::new(12_000));
        assert_eq!(quote("3", "3"), price);
        assert_eq!(quote("3", "4"), unknown("4"));
        assert_eq!(quote("[\"A1\", \"teras\"]", "teras"), price);
        assert_eq!(quote("[\"A1\"]", "a1"), unknown("a1"));
        assert_eq!(quote("[]", "1"), unknown("1"));
        for wrong in [
            "0",
            "201",
            "\"1\"",
            "[1]",
            "[\"1\", \"1\"]",
            "[\"meja satu\"]",
            "[\"\"]",
        ] {
            let toml = SHOP.replacen("tables = 12", &format!("tables = {wrong}"), 1);
            let said = Catalogue::parse(&toml).unwrap_err().to_string();
            assert!(said.starts_with("shop.tables: write"), "{wrong}: {said}");
        }
    }

    #[test]
    fn an_order_that_cannot_be_sold_is_refused() {
        let demo = demo();
        assert_eq!(demo.quote(&order(&[], 0), NOW), Err(QuoteError::Empty));
        assert_eq!(
            demo.quote(&order(&[("rendang", 1)], 1), NOW),
            Err(QuoteError::UnknownProduct("rendang".to_owned()))
        );
        assert_eq!(
            demo.quote(&order(&[("klepon", 1), ("klepon", 1)], 24_000), NOW),
            Err(QuoteError::Repeated("klepon".to_owned()))
        );
        assert_eq!(
            demo.quote(&order(&[("klepon", u32::MAX)], 1), NOW),
            Err(QuoteError::TooMuch)
        );
    }

    #[test]
    fn a_product_that_is_sold_out_is_shown_and_not_sold() {
        let text = SHOP;
        let marked = text.replacen("id = \"klepon\"", "id = \"klepon\"\nsold_out = true", 1);
        let catalogue = Catalogue::parse(&marked).unwrap();
        assert_eq!(catalogue.products().len(), demo().products().len());
        // Whatever total the buyer was shown.
        for total in [12_000, 1] {
            assert_eq!(
                catalogue.quote(&order(&[("klepon", 1)], total), NOW),
                Err(QuoteError::SoldOut("klepon".to_owned()))
            );
        }
        assert!(
            catalogue
                .quote(&order(&[("kopi-susu", 1)], 25_000), NOW)
                .is_ok()
        );
    }

    #[test]
    fn products_are_listed_by_category_in_the_order_of_the_categories() {
        let product = |id: &str, category: &str| {
            format!(
                "[[product]]\nid = \"{id}\"\nname = {{ id = \"a\", en = \"a\" }}\n\
                 description = {{ id = \"a\", en = \"a\" }}\nprice = 1\nimage = \"/a\"\n{category}\n"
            )
        };
        let category = |id: &str| {
            format!("[[category]]\nid = \"{id}\"\nname = {{ id = \"{id}\", en = \"{id}\" }}\n")
        };
        let toml = [
            category("makanan"),
            category("kopi"),
            product("a", "category = \"kopi\""),
            product("b", "category = \"makanan\""),
            product("c", ""),
            product("d", "category = \"kopi\""),
        ]
        .concat();
        let catalogue = Catalogue::parse(&toml).unwrap();
        let ids = catalogue.products().iter().map(|product| &*product.id);
        assert_eq!(ids.collect::<Vec<_>>(), ["c", "b", "a", "d"]);
        let of_a = catalogue.products()[2].category.as_ref();
        assert_eq!(of_a.unwrap().name.id, "kopi");
        for (wrong, told) in [
            (category("Kopi") + &toml, "category id \"Kopi\""),
            (
                category("kopi") + &toml,
                "category id \"kopi\" stands there twice",
            ),
            (
                toml.replacen("category = \"kopi\"", "category = \"teh\"", 1),
                "product \"a\": there is no [[category]] with the id \"teh\"",
            ),
        ] {
            let said = Catalogue::parse(&wrong).unwrap_err().to_string();
            assert!(said.starts_with(told), "{said}");
        }
    }

    #[test]
    fn a_broken_catalogue_is_refused_by_name() {
        let product = |id: &str, price: &str| {
            format!(
                "[[product]]\nid = \"{id}\"\nname = {{ id = \"a\", en = \"a\" }}\n\
                 description = {{ id = \"a\", en = \"a\" }}\nprice = {price}\nimage = \"/a\"\n"
            )
        };
        for (toml, names) in [
            (product("Kopi Susu", "1"), "Kopi Susu"),
            (product("kopi", "0"), "price"),
            (product("kopi", "-1"), "line 5"),
            (product("kopi", "1.5"), "line 5"),
            (product("kopi", "1") + &product("kopi", "2"), "twice"),
            ("product = []".to_owned(), "[[product]]"),
            ("[shop]\nname = \"a\"\n".to_owned(), "product"),
            ("[kedai]\n".to_owned() + &product("kopi", "1"), "kedai"),
        ] {
            let error = Catalogue::parse(&toml).unwrap_err().to_string();
            assert!(error.contains(names), "{error}");
        }
    }
}
