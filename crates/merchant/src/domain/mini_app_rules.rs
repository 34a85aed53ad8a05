//! What buyers are given and told for their orders, by the operator's rules.
//!
//! Not here: when a request is sent, and what follows from the answer.

use super::{
    mini_app_id::MiniAppId,
    mini_app_request::{NewMiniAppRequest, RequestKind},
    order::StoredOrder,
    time::Timestamp,
};
use contract::{Rupiah, grouped};
use gopay_protocol::message::{
    Template, gems,
    rewards::{self, Description, RewardAmount, RewardType},
};
use std::{collections::BTreeMap, num::NonZeroU64, time::Duration};

/// The rules of one mini app. Each is off where it is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MiniAppRules {
    pub coins: Option<CoinsRule>,
    pub gems: Option<GemsRule>,
    /// How long after the payment a reward is sent: a refund before then costs none.
    pub reward_delay: Duration,
    pub reminder: Option<ReminderRule>,
    /// Pushed once the receipt is there.
    pub push: Option<TemplateRule>,
}

/// The rules of each mini app of the merchant. An order of a mini app that is not among them leads to
/// no request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RulesByMiniApp(BTreeMap<MiniAppId, MiniAppRules>);

impl FromIterator<(MiniAppId, MiniAppRules)> for RulesByMiniApp {
    fn from_iter<I: IntoIterator<Item = (MiniAppId, MiniAppRules)>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

impl RulesByMiniApp {
    /// The requests that an order leads to when it is placed.
    pub fn when_placed(&self, order: &StoredOrder) -> Vec<NewMiniAppRequest> {
        let rules = self.0.get(&order.mini_app);
        rules.map_or_else(Vec::new, |rules| rules.when_placed(order))
    }

    /// The requests that an order leads to when it is paid, `now`.
    pub fn when_paid(&self, order: &StoredOrder, now: Timestamp) -> Vec<NewMiniAppRequest> {
        let rules = self.0.get(&order.mini_app);
        rules.map_or_else(Vec::new, |rules| rules.when_paid(order, now))
    }
}

/// Coins, or e-money, in percent of what was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoinsRule {
    pub kind: CoinsKind,
    /// 1 to 100.
    pub percent: u8,
    /// The most for one order.
    pub max: Option<NonZeroU64>,
    pub description: Text,
}

/// What the buyer gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoinsKind {
    #[default]
    Coins,
    /// Docs disagree: GoPay's FAQ has coins only.
    Emoney,
}

/// Gems, a fixed number for each order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GemsRule {
    pub amount: NonZeroU64,
    pub description: Text,
    pub mini_app_name: String,
    pub activity_name: String,
}

/// A card on GoPay's home page for an order that is left unpaid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderRule {
    pub template: TemplateRule,
    /// How long after the order was placed.
    pub delay: Duration,
}

/// A template that GoPay has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRule {
    pub name: String,
    pub parameters: BTreeMap<String, Text>,
}

impl TemplateRule {
    fn filled(&self, order: &StoredOrder) -> Template {
        let parameters = self.parameters.iter();
        Template {
            template_name: self.name.clone(),
            template_parameters: parameters
                .map(|(name, text)| (name.clone(), text.filled(order)))
                .collect(),
        }
    }
}

/// What stands in a [`Text`] for something of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `{order}`: its number on the receipt.
    Order,
    /// `{total}`: `Rp25.000`
    Total,
    /// `{amount}`: `25000`
    Amount,
    /// `{pickup_code}`: there once the order is paid.
    PickupCode,
}

impl Placeholder {
    /// Those of an order that is not paid yet.
    pub const UNPAID: &'static [Self] = &[Self::Order, Self::Total, Self::Amount];
    /// All.
    pub const PAID: &'static [Self] = &[Self::Order, Self::Total, Self::Amount, Self::PickupCode];

    const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Total => "total",
            Self::Amount => "amount",
            Self::PickupCode => "pickup_code",
        }
    }

    fn value(self, order: &StoredOrder) -> String {
        match self {
            Self::Order => order.id.number(),
            Self::Total => format!("Rp{}", grouped(order.total.get())),
            Self::Amount => order.total.get().to_string(),
            Self::PickupCode => order.pickup_code.clone().unwrap_or_default(),
        }
    }
}

/// A text of the operator's, with placeholders in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Plain(String),
    Of(Placeholder),
}

/// A text that cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("has {{{found}}}, which stands for nothing here; there is {}", listed(.allowed))]
    Unknown {
        found: String,
        allowed: &'static [Placeholder],
    },
    #[error("has a brace without its other half")]
    Brace,
    #[error("is empty")]
    Empty,
}

fn listed(placeholders: &[Placeholder]) -> String {
    let names: Vec<_> = (placeholders.iter())
        .map(|it| format!("{{{}}}", it.name()))
        .collect();
    names.join(", ")
}

impl Text {
    /// Reads a text whose placeholders are among these.
    pub fn parse(text: &str, allowed: &'static [Placeholder]) -> Result<Self, TextError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (plain, braced) = rest.split_at(at);
            let inner = braced.strip_prefix('{').ok_or(TextError::Brace)?;
            let (name, after) = inner.split_once('}').ok_or(TextError::Brace)?;
            let placeholder = allowed.iter().find(|it| it.name() == name);
            let unknown = || TextError::Unknown {
                found: name.to_owned(),
                allowed,
            };
            if !plain.is_empty() {
                parts.push(Part::Plain(plain.to_owned()));
            }
            parts.push(Part::Of(*placeholder.ok_or_else(unknown)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Plain(rest.to_owned()));
        }
        if parts.is_empty() {
            return Err(TextError::Empty);
        }
        Ok(Self(parts))
    }

    fn filled(&self, order: &StoredOrder) -> String {
        let part = |part: &Part| match part {
            Part::Plain(text) => text.clone(),
            Part::Of(placeholder) => placeholder.value(order),
        };
        self.0.iter().map(part).collect()
    }

    /// No longer than GoPay takes it.
    fn description(&self, order: &StoredOrder) -> Option<Description> {
        let text = self.filled(order);
        let text: String = text.chars().take(rewards::MAX_DESCRIPTION_CHARS).collect();
        Description::new(text).ok()
    }
}

impl MiniAppRules {
    /// The requests that an order leads to when it is placed.
    pub fn when_placed(&self, order: &StoredOrder) -> Vec<NewMiniAppRequest> {
        let reminder = self.reminder.as_ref().and_then(|rule| {
            let template = rule.template.filled(order);
            template_request(
                RequestKind::Reminder,
                &template,
                order.created_at + rule.delay,
            )
        });
        reminder.into_iter().collect()
    }

    /// The requests that an order leads to when it is paid, `now`.
    pub fn when_paid(&self, order: &StoredOrder, now: Timestamp) -> Vec<NewMiniAppRequest> {
        let due_at = now + self.reward_delay;
        let reward = |kind, amount: NonZeroU64, request: &rewards::Request| {
            Some(NewMiniAppRequest {
                kind,
                full_amount: Some(amount),
                request: serde_json::to_string(request).ok()?,
                due_at,
            })
        };
        let coins = self.coins.as_ref().and_then(|rule| {
            let amount = rule.amount(order.total)?;
            let (kind, reward_type) = match rule.kind {
                CoinsKind::Coins => (RequestKind::Coins, RewardType::GopayCoins),
                CoinsKind::Emoney => (RequestKind::Emoney, RewardType::Emoney),
            };
            let request = rewards::Request {
                amount: RewardAmount::new(amount),
                description: rule.description.description(order)?,
                reward_type,
                metadata: reference(order),
            };
            reward(kind, amount, &request)
        });
        let gems = self.gems.as_ref().and_then(|rule| {
            let amount = RewardAmount::new(rule.amount);
            let description = rule.description.description(order)?;
            let request = rewards::Request::gems(amount, description, rule.metadata(order));
            reward(RequestKind::Gems, rule.amount, &request)
        });
        let push = (self.push.as_ref())
            .and_then(|rule| template_request(RequestKind::Push, &rule.filled(order), now));
        [coins, gems, push].into_iter().flatten().collect()
    }
}

impl GemsRule {
    /// Takes gems from the buyer of an order; `None` where it cannot be written.
    pub fn collection(
        &self,
        order: &StoredOrder,
        amount: NonZeroU64,
        now: Timestamp,
    ) -> Option<NewMiniAppRequest> {
        let request = gems::CollectRequest {
            amount: RewardAmount::new(amount),
            description: self.description.description(order)?,
            metadata: self.metadata(order),
        };
        Some(NewMiniAppRequest {
            kind: RequestKind::GemsCollection,
            full_amount: None,
            request: serde_json::to_string(&request).ok()?,
            due_at: now,
        })
    }

    fn metadata(&self, order: &StoredOrder) -> gems::Metadata {
        gems::Metadata {
            other: reference(order),
            ..gems::Metadata::new(&self.mini_app_name, &self.activity_name)
        }
    }
}

impl CoinsRule {
    /// For an order of this total; `None` where it is less than one coin.
    fn amount(&self, total: Rupiah) -> Option<NonZeroU64> {
        let amount = u128::from(total.get()) * u128::from(self.percent) / 100;
        let amount = NonZeroU64::new(u64::try_from(amount).ok()?)?;
        Some(self.max.map_or(amount, |max| amount.min(max)))
    }
}

fn reference(order: &StoredOrder) -> BTreeMap<String, String> {
    [("reference_id".to_owned(), order.id.to_string())].into()
}

fn template_request(
    kind: RequestKind,
    template: &Template,
    due_at: Timestamp,
) -> Option<NewMiniAppRequest> {
    Some(NewMiniAppRequest {
        kind,
        full_amount: None,
        request: serde_json::to_string(template).ok()?,
        due_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator_policy::Confirmation;
    use contract::OrderStatus;

    fn order(total: u64) -> StoredOrder {
        StoredOrder {
            id: "0123456789abcdef".into(),
            customer_id: "c".into(),
            mini_app: "kedai".into(),
            lines: Vec::new(),
            discount: None,
            table: None,
            total: Rupiah::new(total),
            created_at: Timestamp::EPOCH,
            status: OrderStatus::Paid,
            confirmation: Confirmation::NotNeeded,
            pickup_code: Some("A47".to_owned()),
            rewards: Vec::new(),
            attempts: Vec::new(),
        }
    }

    fn filled(text: &str) -> Result<String, TextError> {
        Text::parse(text, Placeholder::PAID).map(|text| text.filled(&order(1_250_000)))
    }

    #[test]
    fn a_text_is_filled_with_what_the_order_has() {
        for (text, filled_text) in [
            ("Pesanan siap", "Pesanan siap"),
            (
                "{order}: {total} ({amount})",
                "89ABCDEF: Rp1.250.000 (1250000)",
            ),
            ("{pickup_code}{pickup_code}", "A47A47"),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(filled_text));
        }
    }

    #[test]
    fn a_text_that_cannot_be_filled_is_refused_with_its_reason() {
        for (text, said) in [
            ("", "is empty"),
            (
                "{name}",
                "has {name}, which stands for nothing here; there is {order}",
            ),
            ("{", "has a brace without its other half"),
            ("}", "has a brace without its other half"),
            ("{order", "has a brace without its other half"),
        ] {
            let error = filled(text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text}: {error}");
        }
        let unpaid = Text::parse("{pickup_code}", Placeholder::UNPAID);
        assert!(
            unpaid
                .unwrap_err()
                .to_string()
                .ends_with("{order}, {total}, {amount}")
        );
    }

    #[test]
    fn coins_are_a_part_of_the_total_rounded_down() {
        let rule = |percent, max: Option<u64>| CoinsRule {
            kind: CoinsKind::Coins,
            percent,
            max: max.and_then(NonZeroU64::new),
            description: Text::parse("x", Placeholder::PAID).unwrap(),
        };
        for (percent, max, total, amount) in [
            (5, None, 50_000, Some(2_500)),
            (5, None, 50_019, Some(2_500)),
            (5, Some(1_000), 50_000, Some(1_000)),
            (1, None, 99, None),
            (100, None, u64::MAX, Some(u64::MAX)),
        ] {
            let amount_of = rule(percent, max).amount(Rupiah::new(total));
            assert_eq!(amount_of.map(NonZeroU64::get), amount, "{percent} {total}");
        }
    }
}
