//! The orders that were launched in GoPay on this phone, so that each counts once, across reloads.
//! PURE. Holds order ids only, and is never sent.

use contract::OrderId;

/// More than a buyer has under way; the oldest is dropped first.
const MAX_ORDERS: usize = 8;

/// Precedes the id of an order that is given up and may still be paid.
const GIVEN_UP: char = '!';

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launched(Vec<String>);

impl Launched {
    pub fn parse(text: &str) -> Self {
        let ids = text.split(',').filter(|id| !id.is_empty());
        Self(ids.map(str::to_owned).collect())
    }

    pub fn to_text(&self) -> String {
        self.0.join(",")
    }

    /// Whether the order was launched and its end is not known.
    pub fn has(&self, id: &OrderId) -> bool {
        self.0.iter().any(|it| it == id.as_str())
    }

    /// Adds an order, or moves it to the end.
    pub(super) fn add(&mut self, id: &OrderId) {
        self.take(id);
        if self.0.len() == MAX_ORDERS {
            self.0.remove(0);
        }
        self.0.push(id.as_str().to_owned());
    }

    /// Removes an order; whether it was there.
    pub(super) fn take(&mut self, id: &OrderId) -> bool {
        let before = self.0.len();
        self.0
            .retain(|it| it.strip_prefix(GIVEN_UP).unwrap_or(it) != id.as_str());
        self.0.len() < before
    }

    /// Marks an order as given up; whether it was not yet.
    pub(super) fn give_up(&mut self, id: &OrderId) -> bool {
        let hoped_for = self.0.iter_mut().find(|it| **it == *id.as_str());
        hoped_for.map(|it| it.insert(0, GIVEN_UP)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_taken_once() {
        let mut launched = Launched::default();
        launched.add(&"a".into());
        launched.add(&"a".into());
        assert_eq!(launched.to_text(), "a");
        assert!(launched.take(&"a".into()));
        assert!(!launched.take(&"a".into()));
    }

    #[test]
    fn an_order_is_given_up_once_and_may_still_be_paid() {
        let mut launched = Launched::parse("a,b");
        assert!(launched.give_up(&"a".into()));
        let mut launched = Launched::parse(&launched.to_text());
        assert!(!launched.give_up(&"a".into()), "it has been told");
        assert!(launched.take(&"a".into()), "paid after all");
        assert_eq!(launched, Launched::parse("b"));
    }

    #[test]
    fn a_relaunched_order_can_be_given_up_again() {
        let mut launched = Launched::parse("!a");
        launched.add(&"a".into());
        assert!(launched.give_up(&"a".into()));
    }

    #[test]
    fn the_oldest_order_is_dropped_first() {
        let mut launched = Launched::default();
        for id in 0..10 {
            launched.add(&id.to_string().into());
        }
        assert_eq!(launched.to_text(), "2,3,4,5,6,7,8,9");
        assert_eq!(Launched::parse(""), Launched::default());
    }
}
