//! Who the buyer is, and which language they read.

use super::done::Done;
use crate::{
    container::{Container, LocaleShape},
    id,
    ledger::Event,
    world::World,
};
use serde_json::json;

/// A code that the merchant exchanges; the ledger knows it by its number.
pub(super) fn auth_code(world: &mut World, buyer: &str) -> Done {
    let code = id::opaque();
    let now = world.now();
    let number = world.logins.issue(code.clone(), buyer.to_owned(), now);
    world.record(Event::AuthCodeIssued {
        auth_code: number,
        buyer: buyer.to_owned(),
    });
    Done::success(world.container, json!({"data": {"authCode": code}}))
}

/// Docs disagree: see [`LocaleShape`].
pub(super) fn locale(container: Container) -> Done {
    let locale = container.locale;
    let fields = match container.locale_shape {
        LocaleShape::Documented => json!({"app_locale": locale}),
        LocaleShape::Field => json!({"data": {"appLocale": locale}}),
    };
    Done::success(container, fields)
}
