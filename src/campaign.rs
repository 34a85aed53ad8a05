//! What a campaign address asks for: a banner's or a push's, `/?product=klepon&campaign=ramadan`. PURE.
//!
//! Invariant: nothing here is believed. The catalogue says which product there is; what it does not
//! have gets a notice, never an error page.

use contract::{Product, Promo, Rupiah, Wording};

/// The longest promo code.
const MAX_CODE_LEN: usize = 20;

/// The longest name of a campaign.
const MAX_NAME_LEN: usize = 32;

/// The parameters of a campaign address, as they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    pub product: Option<String>,
    pub category: Option<String>,
    pub table: Option<String>,
    pub promo: Option<String>,
    /// `campaign`: what the campaign is called in analytics.
    pub name: Option<String>,
}

impl Link {
    /// Reads a query; the first value of each name counts, an empty one is absent.
    pub fn parse(query: &str) -> Self {
        let mut link = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let place = match name {
                "product" => &mut link.product,
                "category" => &mut link.category,
                "table" => &mut link.table,
                "promo" => &mut link.promo,
                "campaign" => &mut link.name,
                _ => continue,
            };
            if place.is_none() && !value.is_empty() {
                *place = Some(value.to_owned());
            }
        }
        link
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The query that is read as this link.
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        for (name, value) in [
            ("campaign=", &self.name),
            ("product=", &self.product),
            ("category=", &self.category),
            ("promo=", &self.promo),
            ("table=", &self.table),
        ] {
            if let Some(value) = value {
                if !query.is_empty() {
                    query.push('&');
                }
                query.push_str(name);
                query.push_str(value);
            }
        }
        query
    }

    /// The campaign's name, where it has the form of one. A letter comes first, so that it is no
    /// phone number.
    pub fn name(&self) -> Option<&str> {
        let name = self.name.as_deref()?;
        let is_name = name.len() <= MAX_NAME_LEN
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && (name.bytes()).all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        is_name.then_some(name)
    }

    /// The same link without what the shop does not have. Not the promo code, which the merchant
    /// has to be asked about.
    pub fn checked(&self, catalogue: &[Product], tables: &[&str]) -> Self {
        let is_product = |id: &String| catalogue.iter().any(|product| product.id == *id);
        Self {
            product: self.product.clone().filter(is_product),
            category: self
                .category
                .clone()
                .filter(|id| has_category(catalogue, id)),
            table: self.table(tables).and_then(Result::ok),
            promo: None,
            name: self.name().map(str::to_owned),
        }
    }

    /// The table of the address, where the shop has it.
    pub fn table(&self, tables: &[&str]) -> Option<Result<String, Notice>> {
        let named = self.table.clone()?;
        let is_there = tables.contains(&&*named);
        Some(is_there.then_some(named).ok_or(Notice::NoTable))
    }

    /// The promo code of the address, in capitals, where it has the form of one.
    pub fn promo(&self) -> Option<Result<String, Notice>> {
        let code = self.promo.as_ref()?.to_ascii_uppercase();
        let is_code = code.len() <= MAX_CODE_LEN
            && (code.bytes()).all(|b| b.is_ascii_alphanumeric() || b == b'-');
        Some(is_code.then_some(code).ok_or(Notice::PromoUnreadable))
    }

    /// Where the menu opens: at the product, else at the category. A notice where there is none of it.
    pub fn target(&self, catalogue: &[Product]) -> Option<Result<Target, Notice>> {
        let product = self.product.as_ref().map(|id| {
            let mut products = catalogue.iter();
            let product = products.find(|product| product.id == *id);
            (product.map(Target::of)).ok_or(Notice::ProductGone)
        });
        let category = self.category.as_ref().map(|id| {
            has_category(catalogue, id)
                .then(|| Target::Category(id.clone()))
                .ok_or(Notice::CategoryGone)
        });
        match (product, category) {
            // The category is the next best.
            (Some(Err(_)), Some(Ok(category))) => Some(Ok(category)),
            (product, category) => product.or(category),
        }
    }
}

fn has_category(catalogue: &[Product], id: &str) -> bool {
    let mut categories = catalogue.iter().filter_map(|it| it.category.as_ref());
    categories.any(|category| category.id == id)
}

/// A place in the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Product { id: String, name: Wording },
    Category(String),
}

impl Target {
    fn of(product: &Product) -> Self {
        Self::Product {
            id: product.id.clone(),
            name: product.name.clone(),
        }
    }
}

/// What a campaign address promised, and the shop does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    ProductGone,
    CategoryGone,
    NoTable,
    /// It has not the form of a code.
    PromoUnreadable,
    /// The merchant has no such code, or it does not apply.
    PromoRefused(String),
    PromoExpired(String),
    /// The merchant could not be asked.
    PromoUnchecked(String),
}

/// What is left of the address once the menu is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Until the buyer has read it.
    pub notice: Option<Notice>,
    /// The table that the next order is brought to.
    pub table: Option<String>,
    /// The promo code of the next order, before and after the merchant has said what it takes off.
    pub code: Option<String>,
    pub promo: Option<Promo>,
    /// The promo code that the merchant refused with the last order.
    pub refused: Option<String>,
    /// What the campaign is called in analytics.
    pub name: Option<String>,
}

impl State {
    /// What the promo code takes off products that cost `total`.
    pub fn discount(&self, total: Rupiah) -> Option<Rupiah> {
        self.promo.as_ref()?.discount(total)
    }

    /// The price of products that cost `total`.
    pub fn price(&self, total: Rupiah) -> Rupiah {
        let off = self.discount(total).unwrap_or_default();
        Rupiah::new(total.get().saturating_sub(off.get()))
    }

    /// The form in the tab's storage: the query that sets the same.
    pub fn to_query(&self) -> String {
        let link = Link {
            name: self.name.clone(),
            promo: self.code.clone(),
            table: self.table.clone(),
            ..Link::default()
        };
        link.to_query()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{Category, Reduction};

    fn wording(text: &str) -> Wording {
        Wording {
            id: text.to_owned(),
            en: text.to_owned(),
        }
    }

    fn product(id: &str, category: Option<&str>) -> Product {
        Product {
            id: id.to_owned(),
            name: wording(id),
            description: wording(id),
            price: Rupiah::new(1),
            image: String::new(),
            category: category.map(|id| Category {
                id: id.to_owned(),
                name: wording(id),
            }),
            sold_out: false,
        }
    }

    #[test]
    fn a_campaign_address_is_read_as_far_as_it_makes_sense() {
        let link = Link::parse("?lang=en&product=klepon&product=roti&category=&x");
        assert_eq!(link.product.as_deref(), Some("klepon"));
        assert_eq!(link.category, None);
        for nothing in ["", "?", "?lang=en", "?product", "?product=", "?add=klepon"] {
            assert!(Link::parse(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_table_is_one_of_the_shops() {
        let table = |query| Link::parse(query).table(&["1", "A2"]);
        assert_eq!(table("table=A2"), Some(Ok("A2".to_owned())));
        for wrong in ["table=3", "table=a2", "table=A2%20"] {
            assert_eq!(table(wrong), Some(Err(Notice::NoTable)), "{wrong}");
        }
        assert_eq!(table("lang=en"), None);
    }

    #[test]
    fn a_promo_code_is_sent_only_in_the_form_of_one() {
        let promo = |query| Link::parse(query).promo();
        assert_eq!(promo("promo=hemat10"), Some(Ok("HEMAT10".to_owned())));
        for wrong in [
            "promo=a%2Fb",
            "promo=../orders",
            "promo=ABCDEFGHIJKLMNOPQRSTU",
        ] {
            assert_eq!(promo(wrong), Some(Err(Notice::PromoUnreadable)), "{wrong}");
        }
        assert_eq!(promo("promo="), None);
    }

    #[test]
    fn a_promo_code_takes_off_what_its_rule_says() {
        let state = State {
            promo: Some(Promo {
                code: "HEMAT10".to_owned(),
                reduction: Reduction::Percent(10),
                min_total: Rupiah::new(20_000),
            }),
            ..State::default()
        };
        assert_eq!(state.price(Rupiah::new(25_000)), Rupiah::new(22_500));
        assert_eq!(state.price(Rupiah::new(19_999)), Rupiah::new(19_999));
        assert_eq!(State::default().price(Rupiah::new(1)), Rupiah::new(1));
    }

    #[test]
    fn a_stored_table_and_code_are_read_back() {
        let state = State {
            table: Some("A2".to_owned()),
            code: Some("HEMAT10".to_owned()),
            ..State::default()
        };
        let link = Link::parse(&state.to_query());
        assert_eq!((link.table, link.promo), (state.table, state.code.clone()));
        let alone = State {
            code: state.code,
            ..State::default()
        };
        assert_eq!(Link::parse(&alone.to_query()).promo, alone.code);
        assert_eq!(State::default().to_query(), "");
    }

    #[test]
    fn analytics_is_told_only_what_the_shop_has() {
        let catalogue = [product("klepon", Some("camilan"))];
        let checked = |query| Link::parse(query).checked(&catalogue, &["7"]).to_query();
        assert_eq!(
            checked("table=7&category=camilan&product=klepon&campaign=ramadan_2026&promo=A"),
            "campaign=ramadan_2026&product=klepon&category=camilan&table=7"
        );
        for nothing in [
            "campaign=081234567890",
            "campaign=budi%40example.com",
            "campaign=a.b",
            "product=gone&category=gone&table=8",
        ] {
            assert_eq!(checked(nothing), "", "{nothing}");
        }
    }

    #[test]
    fn a_menu_opens_where_the_address_says() {
        let klepon = product("klepon", Some("camilan"));
        let catalogue = [product("kopi", None), klepon.clone()];
        let target = |query| Link::parse(query).target(&catalogue);
        let camilan = || Target::Category("camilan".to_owned());
        assert_eq!(target("product=klepon"), Some(Ok(Target::of(&klepon))));
        assert_eq!(target("category=camilan"), Some(Ok(camilan())));
        assert_eq!(
            target("category=camilan&product=klepon"),
            Some(Ok(Target::of(&klepon)))
        );
        assert_eq!(target("product=gone&category=camilan"), Some(Ok(camilan())));
        assert_eq!(target("product=gone"), Some(Err(Notice::ProductGone)));
        assert_eq!(
            target("product=%3Cscript%3E"),
            Some(Err(Notice::ProductGone))
        );
        assert_eq!(target("category=gone"), Some(Err(Notice::CategoryGone)));
        assert_eq!(target("lang=en"), None);
    }
}
