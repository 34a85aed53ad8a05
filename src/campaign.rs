//! What a campaign address asks for: a banner's or a push's, `/?product=klepon&campaign=ramadan`. PURE.
//!
//! Invariant: nothing here is believed. The catalogue says which product there is; what it does not
//! have gets a notice, never an error page.

use contract::{Product, Wording};

/// The parameters of a campaign address, as they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    pub product: Option<String>,
    pub category: Option<String>,
    pub table: Option<String>,
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

    /// The table of the address, where the shop has it.
    pub fn table(&self, tables: &[&str]) -> Option<Result<String, Notice>> {
        let named = self.table.clone()?;
        let is_there = tables.contains(&&*named);
        Some(is_there.then_some(named).ok_or(Notice::NoTable))
    }

    /// Where the menu opens: at the product, else at the category. A notice where there is none of it.
    pub fn target(&self, catalogue: &[Product]) -> Option<Result<Target, Notice>> {
        let product = self.product.as_ref().map(|id| {
            let mut products = catalogue.iter();
            let product = products.find(|product| product.id == *id);
            (product.map(Target::of)).ok_or(Notice::ProductGone)
        });
        let category = self.category.as_ref().map(|id| {
            let mut categories = catalogue.iter().filter_map(|it| it.category.as_ref());
            let is_there = categories.any(|category| category.id == *id);
            is_there
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
}

/// What is left of the address once the menu is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Until the buyer has read it.
    pub notice: Option<Notice>,
    /// The table that the next order is brought to.
    pub table: Option<String>,
}

impl State {
    /// The form in the tab's storage: the query that sets the same.
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        if let Some(table) = &self.table {
            query.push_str("table=");
            query.push_str(table);
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{Category, Rupiah};

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
    fn a_stored_table_is_read_back() {
        let state = State {
            table: Some("A2".to_owned()),
            ..State::default()
        };
        assert_eq!(Link::parse(&state.to_query()).table, state.table);
        assert_eq!(State::default().to_query(), "");
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
