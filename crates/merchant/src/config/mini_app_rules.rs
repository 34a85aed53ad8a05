//! The rules of rewards, reminders and pushes, as the configuration gives them.

use super::section::Section;
use crate::domain::mini_app_rules::{
    CoinsRule, GemsRule, MiniAppRules, Placeholder, ReminderRule, TemplateRule, Text,
};
use std::{collections::BTreeMap, num::NonZeroU64, time::Duration};

/// The longest time between a payment and its reward.
const MAX_REWARD_DELAY_MINUTES: u64 = 7 * 24 * 60;

/// The rules; `None` after something has been noted.
pub(super) fn read(section: &mut Section<'_>) -> Option<MiniAppRules> {
    let rewards = rewards(section.section("rewards"));
    let reminder = reminder(section.section("reminder"));
    let push = push(section.section("push"));
    let (coins, gems, reward_delay) = rewards?;
    Some(MiniAppRules {
        coins,
        gems,
        reward_delay,
        reminder: reminder?,
        push: push?,
    })
}

type Rewards = (Option<CoinsRule>, Option<GemsRule>, Duration);

fn rewards(mut section: Section<'_>) -> Option<Rewards> {
    let has_coins = section.has("coins_percent");
    let has_gems = section.has("gems");
    let is_used = has_coins || has_gems;
    for (key, needs) in [
        ("coins_as", "coins_percent"),
        ("coins_max", "coins_percent"),
        ("gems_app_name", "gems"),
        ("gems_activity", "gems"),
    ] {
        if section.has(key) && !section.has(needs) {
            section.wrong(
                key,
                format!("needs {needs}, without which nothing is given"),
            );
        }
    }
    if !is_used {
        for key in ["description", "delay_minutes"] {
            if section.has(key) {
                section.wrong(
                    key,
                    "needs coins_percent or gems, without which nothing is given",
                );
            }
        }
    }
    let description = match is_used {
        true => text(&mut section, "description", Placeholder::PAID),
        false => None,
    };
    let percent = section.number("coins_percent").and_then(|percent| {
        let percent = u8::try_from(percent).ok();
        let percent = percent.filter(|percent| (1..=100).contains(percent));
        if percent.is_none() {
            section.wrong("coins_percent", "must be 1 to 100");
        }
        percent
    });
    let kind = section.optional("coins_as").unwrap_or_default();
    let max = amount(&mut section, "coins_max");
    let gems = amount(&mut section, "gems");
    let (app_name, activity) = match has_gems {
        true => (
            section.required("gems_app_name"),
            section.required("gems_activity"),
        ),
        false => (None, None),
    };
    let delay = minutes(
        &mut section,
        "delay_minutes",
        0..=MAX_REWARD_DELAY_MINUTES,
        0,
    );
    section.finish();
    let coins = match has_coins {
        true => Some(CoinsRule {
            kind,
            percent: percent?,
            max,
            description: description.clone()?,
        }),
        false => None,
    };
    let gems = match has_gems {
        true => Some(GemsRule {
            amount: gems?,
            description: description?,
            mini_app_name: app_name?,
            activity_name: activity?,
        }),
        false => None,
    };
    Some((coins, gems, delay?))
}

/// `Some(None)` without the table.
fn reminder(mut section: Section<'_>) -> Option<Option<ReminderRule>> {
    if section.is_empty() {
        return Some(None);
    }
    let template = template(&mut section, Placeholder::UNPAID);
    // An order is unpaid for two hours at most.
    let delay = minutes(&mut section, "delay_minutes", 1..=119, 3);
    section.finish();
    Some(Some(ReminderRule {
        template: template?,
        delay: delay?,
    }))
}

/// `Some(None)` without the table.
fn push(mut section: Section<'_>) -> Option<Option<TemplateRule>> {
    if section.is_empty() {
        return Some(None);
    }
    let template = template(&mut section, Placeholder::PAID);
    section.finish();
    template.map(Some)
}

fn template(section: &mut Section<'_>, allowed: &'static [Placeholder]) -> Option<TemplateRule> {
    let name: Option<String> = section.required("template");
    let name = name.filter(|name| {
        if name.is_empty() {
            section.wrong("template", "must be the name that GoPay gave the template");
        }
        !name.is_empty()
    });
    let given: BTreeMap<String, String> = section.optional("parameters").unwrap_or_default();
    let mut parameters = BTreeMap::new();
    let mut is_right = true;
    for (parameter, text) in given {
        match Text::parse(&text, allowed) {
            Ok(text) => {
                parameters.insert(parameter, text);
            }
            Err(error) => {
                is_right = false;
                section.wrong(&format!("parameters.{parameter}"), error.to_string());
            }
        }
    }
    is_right.then_some(TemplateRule {
        name: name?,
        parameters,
    })
}

fn text(section: &mut Section<'_>, key: &str, allowed: &'static [Placeholder]) -> Option<Text> {
    let text: String = section.required(key)?;
    let parsed = Text::parse(&text, allowed);
    if let Err(error) = &parsed {
        section.wrong(key, error.to_string());
    }
    parsed.ok()
}

fn amount(section: &mut Section<'_>, key: &str) -> Option<NonZeroU64> {
    let amount = NonZeroU64::new(section.number(key)?);
    if amount.is_none() {
        section.wrong(key, "must be 1 or more");
    }
    amount
}

fn minutes(
    section: &mut Section<'_>,
    key: &str,
    range: std::ops::RangeInclusive<u64>,
    default: u64,
) -> Option<Duration> {
    let minutes = section.number(key).unwrap_or(default);
    if range.contains(&minutes) {
        return Some(Duration::from_mins(minutes));
    }
    section.wrong(key, format!("must be {} to {}", range.start(), range.end()));
    None
}
