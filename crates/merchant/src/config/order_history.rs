//! The address by which GoPay's order history leads to an order.
//!
//! Unverified: what GoPay puts in the place of `{order}`, and how it writes that place; its page
//! says only that it configures such an address `[coreflow-v2]`.

/// Where an order's id stands.
const PLACEHOLDER: &str = "{order}";

/// First parts of paths that are served as something else.
const RESERVED: [&str; 5] = ["api", "assets", "healthz", "readyz", "v1.0"];

/// Parameters that the app reads itself.
const RESERVED_PARAMETERS: [&str; 8] = [
    "add", "campaign", "category", "debug", "lang", "product", "promo", "table",
];

/// The longest id of an order that the app takes from an address.
const MAX_ID_LEN: usize = 64;

/// Invariant: exactly one part of the path, or one value of the query, is `{order}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHistory {
    /// The parts of the path; none for the root.
    path: Vec<String>,
    /// The query's names and values.
    parameters: Vec<(String, String)>,
}

impl Default for OrderHistory {
    /// The app's own address of an order.
    fn default() -> Self {
        Self {
            path: ["orders", PLACEHOLDER].map(str::to_owned).to_vec(),
            parameters: Vec::new(),
        }
    }
}

impl OrderHistory {
    /// Reads `/orders/{order}` or `/riwayat?ref={order}`; else what is wrong with it.
    pub fn parse(shape: &str) -> Result<Self, String> {
        if shape.contains('#') {
            return Err(
                "must not hold #: what follows it never reaches the merchant. A package's orders \
                 are at #/orders/{order} without this key"
                    .to_owned(),
            );
        }
        let (path, query) = shape.split_once('?').unwrap_or((shape, ""));
        let Some(path) = path.strip_prefix('/') else {
            return Err("must begin with /, as in /orders/{order}".to_owned());
        };
        let path: Vec<String> = parts(path).map(str::to_owned).collect();
        let parameters: Vec<(String, String)> = pairs(query)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let names = parameters.iter().map(|(name, _)| name);
        let values = parameters.iter().map(|(_, value)| value);
        if let Some(wrong) = (path.iter().chain(values.clone()).chain(names.clone()))
            .find(|text| text.contains(['{', '}']) && *text != PLACEHOLDER)
        {
            return Err(format!(
                "{wrong:?} is no whole {PLACEHOLDER}: it must be one part of the path, or the \
                 whole value of a parameter"
            ));
        }
        if names.clone().any(|name| name == PLACEHOLDER) {
            return Err(format!(
                "{PLACEHOLDER} must be the value of a parameter, as in ?ref={PLACEHOLDER}"
            ));
        }
        let places = path.iter().chain(values.clone());
        if places.filter(|text| *text == PLACEHOLDER).count() != 1 {
            return Err(format!("must hold {PLACEHOLDER} exactly once"));
        }
        match path.first() {
            Some(first) if RESERVED.contains(&&**first) => {
                return Err(format!(
                    "must not begin with /{first}, where the merchant serves something else"
                ));
            }
            Some(first) if first == PLACEHOLDER => {
                return Err(format!(
                    "must begin with a word of its own: /{PLACEHOLDER} would be every page"
                ));
            }
            _ => {}
        }
        if let Some(name) = names.clone().find(|name| {
            RESERVED_PARAMETERS.contains(&&***name)
                || parameters
                    .iter()
                    .filter(|(other, _)| other == *name)
                    .count()
                    > 1
        }) {
            return Err(format!(
                "the parameter {name:?} is the app's own, or there twice: take another name"
            ));
        }
        let plain = |text: &&String| {
            *text == PLACEHOLDER
                || !text.is_empty()
                    && (text.bytes()).all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let mut texts = path.iter().chain(names).chain(values);
        if let Some(text) = texts.find(|text| !plain(text)) {
            return Err(format!(
                "{text:?} must be letters, digits, - and _: write names and values without other \
                 signs, and no file name"
            ));
        }
        Ok(Self { path, parameters })
    }

    /// Where a page request of this shape leads: the app's own address of the order, with the
    /// query's other parameters. `None` where it has another shape, or is the app's own address.
    ///
    /// What cannot be an order's id leads to the list of orders: the address is GoPay's mistake, and
    /// the order is in that list.
    pub fn app_address(&self, path: &str, query: Option<&str>) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        let mut id = None;
        let mut asked = parts(path.strip_prefix('/')?);
        for part in &self.path {
            match asked.next()? {
                text if part == PLACEHOLDER => id = Some(text),
                text if text == part => {}
                _ => return None,
            }
        }
        if asked.next().is_some() {
            return None;
        }
        let mut rest = Vec::new();
        let mut found = 0;
        for pair in query.unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match self.parameters.iter().find(|(ours, _)| ours == name) {
                Some((_, ours)) if ours == PLACEHOLDER => id = Some(value),
                Some((_, ours)) if ours == value => {}
                Some(_) => return None,
                None => {
                    rest.push(pair);
                    continue;
                }
            }
            found += 1;
        }
        if found < self.parameters.len() {
            return None;
        }
        let mut address = "/orders".to_owned();
        if let Some(id) = id.filter(|id| is_id(id)) {
            address.push('/');
            address.push_str(id);
        }
        rest.retain(|pair| !pair.is_empty());
        if !rest.is_empty() {
            address.push('?');
            address.push_str(&rest.join("&"));
        }
        Some(address)
    }

    /// Whether this is the path of such an address.
    pub fn has_path(&self, path: &str) -> bool {
        let asked: Vec<&str> = parts(path.trim_start_matches('/')).collect();
        asked.len() == self.path.len()
            && (asked.iter().zip(&self.path))
                .all(|(asked, ours)| ours == PLACEHOLDER || ours == asked)
    }
}

/// The parts of a path without its first slash. A slash at the end says nothing.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    (!path.is_empty())
        .then(|| path.split('/'))
        .into_iter()
        .flatten()
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = (!query.is_empty()).then(|| query.split('&'));
    (pairs.into_iter().flatten()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&text.len())
        && (text.bytes()).all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led(shape: &str, asked: &str) -> Option<String> {
        let (path, query) = match asked.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (asked, None),
        };
        OrderHistory::parse(shape).unwrap().app_address(path, query)
    }

    #[test]
    fn an_address_of_the_shape_leads_to_the_apps_own() {
        for (shape, asked, address) in [
            ("/riwayat/{order}", "/riwayat/A1-2", "/orders/A1-2"),
            ("/riwayat/{order}", "/riwayat/A1/", "/orders/A1"),
            ("/riwayat/{order}/rinci", "/riwayat/A1/rinci", "/orders/A1"),
            ("/riwayat?ref={order}", "/riwayat?ref=A1", "/orders/A1"),
            (
                "/riwayat?ref={order}",
                "/riwayat?lang=en&ref=A1&buyer=budi",
                "/orders/A1?lang=en&buyer=budi",
            ),
            (
                "/?page=order&id={order}",
                "/?id=A1&page=order",
                "/orders/A1",
            ),
            ("/orders?id={order}", "/orders?id=A1", "/orders/A1"),
        ] {
            assert_eq!(led(shape, asked).as_deref(), Some(address), "{asked}");
        }
    }

    #[test]
    fn a_text_that_is_no_id_leads_to_the_list_of_orders() {
        let long = "a".repeat(65);
        for text in [
            "",
            "%7Border%7D",
            "a.b",
            "a/b",
            "..",
            "//other.example",
            &long,
        ] {
            let asked = format!("/riwayat?ref={text}&lang=en");
            let address = led("/riwayat?ref={order}", &asked);
            assert_eq!(address.as_deref(), Some("/orders?lang=en"), "{text}");
        }
    }

    #[test]
    fn an_address_of_another_shape_leads_nowhere() {
        for (shape, asked) in [
            ("/riwayat/{order}", "/riwayat"),
            ("/riwayat/{order}", "/riwayat/A1/rinci"),
            ("/riwayat/{order}", "/orders/A1"),
            ("/riwayat?ref={order}", "/riwayat"),
            ("/riwayat?ref={order}", "/?ref=A1"),
            ("/?page=order&id={order}", "/?id=A1"),
            ("/?page=order&id={order}", "/?id=A1&page=menu"),
            ("/orders?id={order}", "/orders"),
            ("/orders/{order}", "/orders/A1"),
        ] {
            assert_eq!(led(shape, asked), None, "{shape} {asked}");
        }
    }

    #[test]
    fn a_shape_that_cannot_work_is_explained() {
        for (shape, told) in [
            ("", "begin with /"),
            ("orders/{order}", "begin with /"),
            ("https://kedai.example/{order}", "begin with /"),
            ("//kedai.example/{order}", "\"\""),
            ("/orders", "exactly once"),
            ("/orders/{order}?ref={order}", "exactly once"),
            ("/orders/{id}", "{id}"),
            ("/orders/no-{order}", "no whole {order}"),
            ("/orders/{order", "{order"),
            ("/riwayat?{order}", "value of a parameter"),
            ("/riwayat?{order}=1", "value of a parameter"),
            ("/#/orders/{order}", "#"),
            ("/{order}", "every page"),
            ("/api/{order}", "/api"),
            ("/assets/{order}", "/assets"),
            ("/v1.0/{order}", "/v1.0"),
            ("/riwayat.html?ref={order}", "riwayat.html"),
            ("/riwayat?ref={order}&a%20b=1", "a%20b"),
            ("/riwayat?lang={order}", "lang"),
            ("/riwayat?a=1&a={order}", "twice"),
        ] {
            let said = OrderHistory::parse(shape).unwrap_err();
            assert!(said.contains(told), "{shape}: {said}");
        }
    }
}
