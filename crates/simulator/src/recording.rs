//! What GoPay's side did in a run, to do it again: the buyers' acts, and the calls of the control API. What the merchant
//! sends is not in it: it sends it again. Its page does not run again: what a page opens is in it as the buyer's act.
//!
//! Invariant: no addresses, keys or secrets, so that a recording can be kept beside the tests.

use crate::{
    payments::{Payment, Payments},
    setup::Setup,
};
use axum::{
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header::CONTENT_TYPE},
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use std::num::NonZeroUsize;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// With which settings the run began; none in the rest of a recording.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "without_defaults"
    )]
    pub(crate) setup: Option<Setup>,
    pub(crate) steps: Vec<Step>,
}

/// A call that had an effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Method and path. In the place of a payment's id, `{1}` is the first payment of the run.
    pub(crate) call: String,
    /// How many payments there were: it waits for as many.
    #[serde(default)]
    payments: usize,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    body: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StepError {
    #[error("{0:?} is no call: write it as POST /control/payments/{{1}}/pay")]
    Call(String),
    #[error("step {number}, {call}, ended with {status}: {error}")]
    Refused {
        /// From 1 on.
        number: usize,
        call: String,
        status: StatusCode,
        error: String,
    },
}

fn without_defaults<S: Serializer>(
    setup: &Option<Setup>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    fn prune(value: &mut Value, default: &Value) {
        if let (Value::Object(fields), Value::Object(defaults)) = (value, default) {
            fields.retain(|name, field| defaults.get(name) != Some(field));
            for (name, field) in fields {
                prune(field, &defaults[name]);
            }
        }
    }
    let mut value = serde_json::to_value(setup).map_err(serde::ser::Error::custom)?;
    let default = serde_json::to_value(Setup::default()).map_err(serde::ser::Error::custom)?;
    prune(&mut value, &default);
    value.serialize(serializer)
}

impl Step {
    pub(crate) fn new(payments: &Payments, method: &Method, path: &str, mut body: Value) -> Self {
        let path = match parts(path) {
            Some((root, name, act)) => format!("{root}/{}/{act}", numbered(payments, name)),
            None => path.to_owned(),
        };
        if let Some(Value::String(name)) = body.get_mut("ref") {
            *name = numbered(payments, name);
        }
        // The key of Snap's page, which opens without one, too.
        if let Some(body) = body.as_object_mut() {
            body.remove("client_key");
        }
        if body == json!({}) {
            body = Value::Null;
        }
        Self {
            call: format!("{method} {path}"),
            payments: payments.all().len(),
            body,
        }
    }

    /// A page has opened the payment in GoPay.
    pub(crate) fn opened(payments: &Payments, reference_no: &str, buyer: &str) -> Self {
        let path = format!("/control/payments/{reference_no}/open");
        let body = json!({"buyer": buyer});
        Self::new(payments, &Method::POST, &path, body)
    }

    /// Its request in this run; `None` where it waits for a payment.
    pub(crate) fn request(&self, payments: &Payments) -> Result<Option<Request>, StepError> {
        let wrong = || StepError::Call(self.call.clone());
        let (method, path) = self.call.split_once(' ').ok_or_else(wrong)?;
        if payments.all().len() < self.payments {
            return Ok(None);
        }
        let (path, mut body) = (path.to_owned(), self.body.clone());
        let path = match parts(&path) {
            Some((root, name, act)) => match named(payments, root, name) {
                Some(name) => format!("{root}/{name}/{act}"),
                None => return Ok(None),
            },
            None => path,
        };
        if let Some(Value::String(name)) = body.get_mut("ref") {
            match named(payments, "", name) {
                Some(found) => *name = found,
                None => return Ok(None),
            }
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        request.map(Some).map_err(|_| wrong())
    }
}

/// Of a path to a payment: what is before its id, the id, and what is behind.
fn parts(path: &str) -> Option<(&str, &str, &str)> {
    let (rest, act) = path.rsplit_once('/')?;
    let (root, name) = rest.rsplit_once('/')?;
    let is_of_payment = root.ends_with("/payments") || root.ends_with("/notifications");
    is_of_payment.then_some((root, name, act))
}

/// The number of a payment in the place of its id.
fn numbered(payments: &Payments, id: &str) -> String {
    let all = payments.all();
    let by_token = || {
        let is_it = |payment: &&Payment| payment.snap().is_some_and(|it| it.token == id);
        all.iter().find(is_it)
    };
    let payment = payments.find(id).ok().or_else(by_token);
    let index = payment.and_then(|found| {
        all.iter()
            .position(|it| it.reference_no == found.reference_no)
    });
    index.map_or_else(|| id.to_owned(), |index| format!("{{{}}}", index + 1))
}

/// The id of a payment by its number, or another name as it is. `None` where there is no such payment yet.
fn named(payments: &Payments, root: &str, name: &str) -> Option<String> {
    let number = name.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    let Some(number) = number.and_then(|it| it.parse::<NonZeroUsize>().ok()) else {
        return Some(name.to_owned());
    };
    let payment = payments.all().get(number.get() - 1)?;
    let is_web = root.ends_with("/web/payments");
    let token = payment.snap().filter(|_| is_web).map(|it| &it.token);
    Some(token.unwrap_or(&payment.reference_no).clone())
}
