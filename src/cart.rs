//! What the buyer picked. PURE.
//!
//! Invariant: a quantity in the cart is between 1 and [`MAX_QUANTITY`]; a product without pieces has
//! no entry. Invariant: a sold-out product is never ordered.

use contract::{Line, MAX_QUANTITY, PlaceOrder, Product, Rupiah};
use std::num::NonZeroU32;

/// How long a stored cart is valid: an afternoon's hunger, not last week's.
const MAX_AGE_MS: u64 = 6 * 3600 * 1000;

/// Products and how many of each, in the order they were picked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cart {
    lines: Vec<Line>,
    /// Whether a sold-out product was removed since the buyer last changed the cart.
    ran_out: bool,
}

impl Cart {
    /// Reads `kopi-susu:2,teh-tarik`, as a campaign link and the phone's storage have it.
    /// Malformed entries are ignored: a link with a typing error still opens the shop.
    pub fn parse(text: &str) -> Self {
        let mut cart = Self::default();
        cart.add(text);
        cart
    }

    fn add(&mut self, text: &str) {
        for entry in text.split(',') {
            let (product, quantity) = entry.split_once(':').unwrap_or((entry, "1"));
            if let Ok(quantity) = quantity.parse::<u32>()
                && !product.is_empty()
            {
                self.set(product, quantity.saturating_add(self.quantity(product)));
            }
        }
    }

    /// The text that [`parse`](Self::parse) reads as this cart.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(&line.product);
            text.push(':');
            text.push_str(&line.quantity.to_string());
        }
        text
    }

    /// The form in the phone's storage; `now` is the wall clock in milliseconds.
    pub fn to_stored(&self, now: u64) -> String {
        [&now.to_string(), " ", &self.to_text()].concat()
    }

    /// The cart that [`to_stored`](Self::to_stored) wrote, unless it is too old. The phone's clock may
    /// have been set back or forward.
    pub fn from_stored(text: &str, now: u64) -> Option<Self> {
        let (at, lines) = text.split_once(' ')?;
        let is_fresh = at.parse::<u64>().ok()?.abs_diff(now) <= MAX_AGE_MS;
        is_fresh.then(|| Self::parse(lines))
    }

    /// Adds the products of a campaign link: `?add=kopi-susu:2`, repeated or with commas. Returns
    /// whether the link has any.
    pub fn add_from_query(&mut self, query: &str) -> bool {
        let mut asks = false;
        for pair in query.trim_start_matches('?').split('&') {
            if let Some(asked) = pair.strip_prefix("add=") {
                asks = true;
                self.add(&decode_separators(asked));
            }
        }
        asks
    }

    /// The cart that repeats an order.
    pub fn from_lines(lines: Vec<Line>) -> Self {
        let mut cart = Self::default();
        for line in lines {
            cart.set(&line.product, line.quantity.get());
        }
        cart
    }

    pub fn quantity(&self, product: &str) -> u32 {
        (self.lines.iter())
            .find(|line| line.product == product)
            .map_or(0, |line| line.quantity.get())
    }

    /// Sets the quantity, [`MAX_QUANTITY`] at most; zero removes the product.
    pub fn set(&mut self, product: &str, quantity: u32) {
        self.ran_out = false;
        match NonZeroU32::new(quantity.min(MAX_QUANTITY)) {
            None => self.lines.retain(|line| line.product != product),
            Some(quantity) => {
                match self.lines.iter_mut().find(|line| line.product == product) {
                    Some(line) => line.quantity = quantity,
                    None => self.lines.push(Line {
                        product: product.to_owned(),
                        quantity,
                    }),
                };
            }
        }
    }

    /// Removes products that are no longer for sale. Returns whether a sold-out one was among them.
    pub fn retain_available(&mut self, catalogue: &[Product]) -> bool {
        let of = |line: &Line| catalogue.iter().find(|product| product.id == line.product);
        let ran_out = (self.lines.iter()).any(|line| of(line).is_some_and(|it| it.sold_out));
        (self.lines).retain(|line| of(line).is_some_and(|it| !it.sold_out));
        self.ran_out |= ran_out;
        ran_out
    }

    /// Whether the buyer is told of a removed sold-out product.
    pub fn ran_out(&self) -> bool {
        self.ran_out
    }

    /// Picked products with their quantities, in the catalogue's order, sold-out ones included.
    pub fn picked<'a>(&self, catalogue: &'a [Product]) -> Vec<(&'a Product, NonZeroU32)> {
        (catalogue.iter())
            .filter_map(|product| {
                NonZeroU32::new(self.quantity(&product.id)).map(|quantity| (product, quantity))
            })
            .collect()
    }

    fn available<'a>(
        &self,
        catalogue: &'a [Product],
    ) -> impl Iterator<Item = (&'a Product, NonZeroU32)> {
        let picked = self.picked(catalogue).into_iter();
        picked.filter(|(product, _)| !product.sold_out)
    }

    pub fn pieces(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity.get()).sum()
    }

    pub fn total(&self, catalogue: &[Product]) -> Option<Rupiah> {
        (self.available(catalogue)).try_fold(Rupiah::ZERO, |total, (product, quantity)| {
            Rupiah::sum([total, product.price.times(quantity)?])
        })
    }

    /// The order, with the total that the buyer sees; `None` while the cart is empty.
    pub fn order(&self, catalogue: &[Product]) -> Option<PlaceOrder> {
        let lines: Vec<Line> = (self.available(catalogue))
            .map(|(product, quantity)| Line {
                product: product.id.clone(),
                quantity,
            })
            .collect();
        let expected_total = self.total(catalogue)?;
        (!lines.is_empty()).then_some(PlaceOrder {
            lines,
            expected_total,
            promo: None,
            table: None,
        })
    }
}

fn decode_separators(value: &str) -> String {
    let mut parts = value.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (sign, rest) = match part.split_at_checked(2) {
            Some(("3A" | "3a", rest)) => (":", rest),
            Some(("2C" | "2c", rest)) => (",", rest),
            _ => ("%", part),
        };
        text.push_str(sign);
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Wording;

    fn product(id: &str, price: u64) -> Product {
        let wording = || Wording {
            id: id.to_owned(),
            en: id.to_owned(),
        };
        Product {
            id: id.to_owned(),
            name: wording(),
            description: wording(),
            price: Rupiah::new(price),
            image: String::new(),
            category: None,
            sold_out: false,
        }
    }

    #[test]
    fn a_campaign_link_fills_the_cart() {
        let mut cart = Cart::default();
        assert!(cart.add_from_query("?lang=en&add=kopi-susu%3A2&add=klepon"));
        assert_eq!(cart.to_text(), "kopi-susu:2,klepon:1");
        assert_eq!(Cart::parse(&cart.to_text()), cart);
        assert!(!cart.add_from_query("?lang=en"));
    }

    #[test]
    fn a_campaign_link_adds_to_a_filled_cart() {
        let mut cart = Cart::parse("kopi-susu:1,roti:3");
        assert!(cart.add_from_query("?add=kopi-susu:2,roti,klepon"));
        assert_eq!(cart.to_text(), "kopi-susu:3,roti:4,klepon:1");
    }

    #[test]
    fn a_stored_cart_is_valid_for_hours_and_not_for_days() {
        let kept = Cart::parse("kopi:2").to_stored(10 * MAX_AGE_MS);
        let read = |now| Cart::from_stored(&kept, now).map(|cart| cart.to_text());
        let whole = Some("kopi:2".to_owned());
        assert_eq!(read(10 * MAX_AGE_MS), whole);
        assert_eq!(read(11 * MAX_AGE_MS), whole);
        assert_eq!(read(11 * MAX_AGE_MS + 1), None, "too old");
        assert_eq!(read(9 * MAX_AGE_MS), whole, "the clock was set back");
        assert_eq!(read(0), None, "far back");
        assert_eq!(Cart::from_stored("kopi:2", 0), None, "of another form");
    }

    #[test]
    fn a_campaign_link_with_malformed_entries_is_filtered() {
        assert_eq!(
            Cart::parse("a:0,b:-1,c:x,:3,,d:99").to_text(),
            "d:20",
            "only what can be ordered is kept"
        );
    }

    #[test]
    fn the_total_is_what_the_order_will_say() {
        let catalogue = [product("kopi", 25_000), product("roti", 18_000)];
        let mut cart = Cart::parse("roti:1,kopi:2,gone:1");
        let order = cart.order(&catalogue).unwrap();
        assert_eq!(order.expected_total, Rupiah::new(68_000));
        assert_eq!(order.lines.len(), 2);
        cart.retain_available(&catalogue);
        assert_eq!(cart.pieces(), 3);
    }

    #[test]
    fn a_sold_out_product_is_removed_and_reported_until_the_cart_changes() {
        let mut catalogue = [product("kopi", 25_000), product("roti", 18_000)];
        let mut cart = Cart::parse("kopi,roti");
        assert!(!cart.retain_available(&catalogue));
        catalogue[1].sold_out = true;
        let order = cart.order(&catalogue).unwrap();
        assert_eq!(order.expected_total, Rupiah::new(25_000), "not even before");
        assert!(cart.retain_available(&catalogue));
        assert_eq!(cart.to_text(), "kopi:1");
        assert!(!cart.retain_available(&catalogue), "once");
        assert!(cart.ran_out());
        cart.set("kopi", 2);
        assert!(!cart.ran_out());
    }

    #[test]
    fn an_unknown_product_is_removed_silently() {
        let mut cart = Cart::parse("gone:1");
        assert!(!cart.retain_available(&[product("kopi", 25_000)]));
        assert_eq!(cart, Cart::default());
    }

    #[test]
    fn an_empty_cart_is_no_order() {
        let catalogue = [product("kopi", 25_000)];
        let mut cart = Cart::parse("kopi:1");
        cart.set("kopi", 0);
        assert_eq!(cart.order(&catalogue), None);
        assert_eq!(cart.total(&catalogue), Some(Rupiah::ZERO));
    }
}
