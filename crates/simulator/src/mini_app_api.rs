//! What the mini-app API gives and shows to buyers: rewards, gems, reminders and pushes. Pure.

use crate::{
    account,
    mini_apps::{MiniAppId, MiniAppUser},
};
use gopay_protocol::{
    MiniAppErrorCode, ReminderId,
    message::rewards::{RewardAmount, RewardType},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What GoPay has configured for the merchant. A missing setting takes its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MiniAppSettings {
    /// What is left in the merchant's wallet, in rupiah. Each reward takes its amount.
    pub(crate) wallet: u64,
    /// The configured types of reward.
    pub(crate) reward_types: BTreeSet<RewardType>,
    /// The most gems in one request.
    pub(crate) max_gems: u64,
    /// The buyers who get no reward for now.
    pub(crate) refused_buyers: BTreeSet<String>,
    /// The registered templates of reminders and pushes.
    pub(crate) templates: BTreeSet<String>,
}

impl Default for MiniAppSettings {
    fn default() -> Self {
        Self {
            wallet: 10_000_000,
            reward_types: [
                RewardType::Emoney,
                RewardType::GopayCoins,
                RewardType::GopayGems,
            ]
            .into(),
            max_gems: 1_000_000,
            refused_buyers: BTreeSet::new(),
            templates: account::TEMPLATES.map(str::to_owned).into(),
        }
    }
}

/// What one buyer has been given and shown.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct BuyerRecord {
    /// In rupiah.
    emoney: u64,
    coins: u64,
    gems: u64,
    /// Those that have not been removed.
    reminders: Vec<Reminder>,
    pushes: Vec<Push>,
}

/// A template, filled. A parameter is a text, or any JSON as in the sample of `[reminder-v2]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Template {
    pub(crate) template_name: String,
    pub(crate) template_parameters: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize)]
struct Reminder {
    reminder_id: ReminderId,
    mini_app: MiniAppId,
    #[serde(flatten)]
    template: Template,
}

#[derive(Debug, Clone, Serialize)]
struct Push {
    mini_app: MiniAppId,
    #[serde(flatten)]
    template: Template,
}

#[derive(Debug, Default)]
pub(crate) struct MiniAppApi {
    pub(crate) settings: MiniAppSettings,
    buyers: BTreeMap<String, BuyerRecord>,
}

impl MiniAppApi {
    /// By the name that a page gives in `?buyer=`.
    pub(crate) fn buyers(&self) -> &BTreeMap<String, BuyerRecord> {
        &self.buyers
    }

    /// Gives a reward from the merchant's wallet.
    ///
    /// Unverified: 900 for an empty wallet.
    pub(crate) fn reward(
        &mut self,
        buyer: &str,
        reward_type: RewardType,
        amount: RewardAmount,
    ) -> Result<(), MiniAppErrorCode> {
        let amount = amount.value();
        if reward_type == RewardType::GopayGems {
            self.check_gems(amount)?;
        } else if !self.settings.reward_types.contains(&reward_type) {
            return Err(MiniAppErrorCode::MiniAppRewardConfigNotFound);
        }
        if self.settings.refused_buyers.contains(buyer) {
            return Err(MiniAppErrorCode::FraudValidationError);
        }
        let wallet = self.settings.wallet.checked_sub(amount);
        self.settings.wallet = wallet.ok_or(MiniAppErrorCode::GenericServiceError)?;
        let record = self.record(buyer);
        let balance = match reward_type {
            RewardType::Emoney => &mut record.emoney,
            RewardType::GopayCoins => &mut record.coins,
            RewardType::GopayGems => &mut record.gems,
        };
        *balance = balance.saturating_add(amount);
        Ok(())
    }

    pub(crate) fn gems(&self, buyer: &str) -> u64 {
        self.buyers.get(buyer).map_or(0, |record| record.gems)
    }

    /// Unverified: 43001 for more gems than the buyer has.
    pub(crate) fn collect(
        &mut self,
        buyer: &str,
        amount: RewardAmount,
    ) -> Result<(), MiniAppErrorCode> {
        self.check_gems(amount.value())?;
        let left = self.gems(buyer).checked_sub(amount.value());
        self.record(buyer).gems = left.ok_or(MiniAppErrorCode::RequestValueExceedsMaxLimit)?;
        Ok(())
    }

    pub(crate) fn remind(
        &mut self,
        user: &MiniAppUser,
        reminder_id: ReminderId,
        template: Template,
    ) -> Result<(), MiniAppErrorCode> {
        self.check_template(&template)?;
        self.record(&user.buyer).reminders.push(Reminder {
            reminder_id,
            mini_app: user.mini_app.clone(),
            template,
        });
        Ok(())
    }

    /// Removes a reminder of this buyer; returns whether there was one.
    pub(crate) fn remove_reminder(&mut self, buyer: &str, id: &ReminderId) -> bool {
        let reminders = &mut self.record(buyer).reminders;
        let before = reminders.len();
        reminders.retain(|reminder| reminder.reminder_id != *id);
        reminders.len() < before
    }

    pub(crate) fn push(
        &mut self,
        user: &MiniAppUser,
        template: Template,
    ) -> Result<(), MiniAppErrorCode> {
        self.check_template(&template)?;
        self.record(&user.buyer).pushes.push(Push {
            mini_app: user.mini_app.clone(),
            template,
        });
        Ok(())
    }

    fn check_gems(&self, amount: u64) -> Result<(), MiniAppErrorCode> {
        let settings = &self.settings;
        if !settings.reward_types.contains(&RewardType::GopayGems) {
            return Err(MiniAppErrorCode::DatasourceNotFound);
        }
        if amount > settings.max_gems {
            return Err(MiniAppErrorCode::RequestValueExceedsMaxLimit);
        }
        Ok(())
    }

    fn check_template(&self, template: &Template) -> Result<(), MiniAppErrorCode> {
        let is_registered = self.settings.templates.contains(&template.template_name);
        is_registered
            .then_some(())
            .ok_or(MiniAppErrorCode::MiniAppReminderTemplateNotFound)
    }

    fn record(&mut self, buyer: &str) -> &mut BuyerRecord {
        self.buyers.entry(buyer.to_owned()).or_default()
    }
}
