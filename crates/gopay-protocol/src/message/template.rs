//! The body of a reminder and of a push: a template that GoPay has registered, and what fills it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A registered template with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The name that GoPay gave it at the registration.
    pub template_name: String,
    /// What fills it; each template has its own names.
    ///
    /// Docs disagree: the sample of `[push-notification-v2]` has only text, that of `[reminder-v2]`
    /// also a number. Text is sent.
    pub template_parameters: BTreeMap<String, String>,
}
