//! The merchant's two mini apps. They differ in all that a mini app has of its own, so that anything of
//! one that reaches the other is seen.

use contract::CustomerId;
use gopay_protocol::Secret;
use merchant::{
    config::{MiniApp, OrderHistory, Registration},
    domain::{
        catalogue::{Catalogue, CatalogueError},
        mini_app_rules::{
            CoinsKind, CoinsRule, MiniAppRules, Placeholder, ReminderRule, TemplateRule, Text,
            TextError,
        },
    },
};
use std::{error, path::PathBuf, time::Duration};

pub(crate) struct MiniAppProfile {
    pub(crate) id: &'static str,
    pub(crate) point_of_purchase_id: &'static str,
    /// In rupiah. Both sell the first product at one price: an order of it that reaches the other app
    /// goes through there.
    pub(crate) prices: [(&'static str, u64); 2],
    /// Coins in percent of the total.
    pub(crate) coins_percent: u8,
    /// Of reminders and pushes.
    pub(crate) template: &'static str,
}

pub(crate) static MINI_APPS: [MiniAppProfile; 2] = [
    MiniAppProfile {
        id: "kedai",
        point_of_purchase_id: "pop-kedai",
        prices: [("kopi", 18_000), ("klepon", 7_000)],
        coins_percent: 10,
        template: "KEDAI",
    },
    MiniAppProfile {
        id: "toko",
        point_of_purchase_id: "pop-toko",
        prices: [("kopi", 18_000), ("batik", 250_000)],
        coins_percent: 4,
        template: "TOKO",
    },
];

impl MiniAppProfile {
    /// The id of a customer, which begins with that of their mini app.
    pub(crate) fn customer(&self, number: u8) -> CustomerId {
        format!("{}-buyer{number}", self.id).into()
    }

    pub(crate) fn of(customer: &CustomerId) -> &'static Self {
        let [first, second] = &MINI_APPS;
        match customer.as_str().starts_with(second.id) {
            true => second,
            false => first,
        }
    }

    pub(crate) fn config(&self, seed: u64) -> Result<MiniApp, Box<dyn error::Error>> {
        Ok(MiniApp {
            id: self.id.into(),
            public_url: None,
            dist: PathBuf::new(),
            registration: Some(Registration {
                point_of_purchase_id: self.point_of_purchase_id.to_owned(),
                auth_credentials: Secret::new("none").into(),
            }),
            deeplink: None,
            catalogue: self.catalogue()?,
            package_origins: Vec::new(),
            rules: self.rules(seed)?,
            order_history: OrderHistory::default(),
        })
    }

    fn catalogue(&self) -> Result<Catalogue, CatalogueError> {
        let product = |(id, price): &(&str, u64)| {
            format!(
                "[[product]]\nid = \"{id}\"\nprice = {price}\nimage = \"/{id}.svg\"\n\
                 name = {{ id = \"{id}\", en = \"{id}\" }}\n\
                 description = {{ id = \"{id}\", en = \"{id}\" }}\n"
            )
        };
        Catalogue::parse(&self.prices.iter().map(product).collect::<String>())
    }

    /// Every rule; each third run sends rewards after an hour.
    fn rules(&self, seed: u64) -> Result<MiniAppRules, TextError> {
        let text = |text| Text::parse(text, Placeholder::UNPAID);
        let template = || {
            Ok(TemplateRule {
                name: self.template.to_owned(),
                parameters: [("order".to_owned(), text("{order}")?)].into(),
            })
        };
        Ok(MiniAppRules {
            coins: Some(CoinsRule {
                kind: CoinsKind::Coins,
                percent: self.coins_percent,
                max: None,
                description: text("{order}")?,
            }),
            gems: None,
            reward_delay: Duration::from_hours(u64::from(seed.is_multiple_of(3))),
            reminder: Some(ReminderRule {
                template: template()?,
                delay: Duration::from_mins(3),
            }),
            push: Some(template()?),
        })
    }
}
