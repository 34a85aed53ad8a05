//! The configuration as it is written: tables, with variables laid over them, read key by key.
//!
//! Invariant: every key is read or named as unknown, and no message repeats a value that may
//! hold a password.

use super::error::{Error, Findings};
use serde::de::DeserializeOwned;
use toml::{Table, Value};
use url::Url;

/// Variables that override a key begin with it. Others that do, such as those a container
/// platform makes up for a service called `merchant`, are none of ours.
const PREFIX: &str = "MERCHANT_";

const KEYS: [&str; 7] = [
    "listen",
    "public_url",
    "notify_path",
    "hsts",
    "database_url",
    "dist",
    "master_key_file",
];

const GOPAY_KEYS: [&str; 14] = [
    "environment",
    "bi_snap_url",
    "mini_app_url",
    "sdk_url",
    "client_key",
    "client_secret_file",
    "partner_id",
    "merchant_id",
    "channel_id",
    "private_key_file",
    "public_key_files",
    "payment_link_hosts",
    "proxy_url",
    "minimum_tls",
];

const CSP_EXTRA_KEYS: [&str; 4] = ["connect", "frame", "img", "script"];

const FULFILMENT_KEYS: [&str; 4] = ["webhook_url", "hook_url", "secret_file", "proxy_url"];

const POLICY_KEYS: [&str; 2] = ["paid_late", "paid_without_amount"];

/// Each table with its keys; inner tables before the outer ones, whose names they begin with.
const TABLES: [(&[&str], &[&str]); 5] = [
    (&["gopay", "csp_extra"], &CSP_EXTRA_KEYS),
    (&["gopay"], &GOPAY_KEYS),
    (&["fulfilment"], &FULFILMENT_KEYS),
    (&["policy"], &POLICY_KEYS),
    (&[], &KEYS),
];

/// Keys that had another name: the table, the name of before, the name of now. The old one is still
/// read, with a warning.
const RENAMED: [(&str, &str, &str); 1] = [("fulfilment", "hook_url", "webhook_url")];

/// Several values, which a variable separates by commas.
const LISTS: [&str; 6] = [
    "public_key_files",
    "payment_link_hosts",
    "connect",
    "frame",
    "img",
    "script",
];

/// The file's text with the variables laid over it, and a warning for each key under its old name. An
/// empty variable takes its key away, by whichever name the file has it.
pub(super) fn parse(
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(Table, Vec<String>), Error> {
    let mut file: Table = toml::from_str(text)?;
    let mut warnings = Vec::new();
    for (table, old, new) in RENAMED {
        if let Some(Value::Table(keys)) = file.get_mut(table)
            && !keys.contains_key(new)
            && let Some(value) = keys.remove(old)
        {
            keys.insert(new.to_owned(), value);
            warnings.push(format!(
                "{table}.{old} is called {table}.{new} now: rename it"
            ));
        }
    }
    let variables: Vec<(String, String)> = variables
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_ascii_lowercase(), value)))
        .collect();
    for (mut name, value) in variables.clone() {
        for (table, old, new) in RENAMED {
            let (old, new) = (format!("{table}_{old}"), format!("{table}_{new}"));
            if name == old && !variables.iter().any(|(other, _)| *other == new) {
                let [was, is] =
                    [&old, &new].map(|it| format!("{PREFIX}{}", it.to_ascii_uppercase()));
                warnings.push(format!("{was} is called {is} now: rename it"));
                name = new;
            }
        }
        let place = TABLES.iter().find_map(|(path, keys)| {
            let key = path.iter().try_fold(name.as_str(), |rest, table| {
                rest.strip_prefix(table)?.strip_prefix('_')
            })?;
            keys.contains(&key).then_some((*path, key))
        });
        let Some((path, key)) = place else {
            continue;
        };
        let table = path.iter().try_fold(&mut file, |table, name| {
            table
                .entry(*name)
                .or_insert_with(|| Value::Table(Table::new()))
                .as_table_mut()
        });
        // What stands there instead of a table is found when it is read.
        let Some(table) = table else {
            continue;
        };
        if value.is_empty() {
            table.remove(key);
        } else if LISTS.contains(&key) {
            let values = value.split(',').map(|one| Value::from(one.trim()));
            table.insert(key.to_owned(), Value::Array(values.collect()));
        } else {
            table.insert(key.to_owned(), Value::from(value));
        }
    }
    Ok((file, warnings))
}

/// One table, while its keys are read.
pub(super) struct Section<'a> {
    /// What its keys begin with in messages: empty, or `gopay.`.
    prefix: String,
    table: Table,
    findings: &'a Findings,
}

impl<'a> Section<'a> {
    pub(super) fn new(prefix: &str, table: Table, findings: &'a Findings) -> Self {
        Self {
            prefix: prefix.to_owned(),
            table,
            findings,
        }
    }

    /// The whole name of a key.
    pub(super) fn name(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    pub(super) fn wrong(&self, key: &str, wrong: impl Into<String>) {
        self.findings.wrong(self.name(key), wrong);
    }

    /// A table within; an empty one where there is none.
    pub(super) fn section(&mut self, key: &str) -> Self {
        let prefix = format!("{}.", self.name(key));
        let table = match self.table.remove(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => {
                self.wrong(key, "must be a table");
                Table::new()
            }
        };
        Self::new(&prefix, table, self.findings)
    }

    /// The value of a key; `None` where there is none, or a wrong one has been noted.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.table.remove(key)?;
        match value.try_into() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(key, error.message());
                None
            }
        }
    }

    pub(super) fn required<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        self.is_there(key).then(|| self.optional(key)).flatten()
    }

    /// An address. What it says is not repeated: it may hold a password.
    pub(super) fn optional_url(&mut self, key: &str) -> Option<Url> {
        let text: String = self.optional(key)?;
        match Url::parse(&text) {
            Ok(url) => Some(url),
            Err(error) => {
                self.wrong(key, format!("is no address ({error}): write https://host"));
                None
            }
        }
    }

    pub(super) fn required_url(&mut self, key: &str) -> Option<Url> {
        self.is_there(key).then(|| self.optional_url(key)).flatten()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn is_there(&self, key: &str) -> bool {
        let is_there = self.has(key);
        if !is_there {
            self.wrong(
                key,
                "is missing: the repository's merchant.toml says what belongs there",
            );
        }
        is_there
    }

    /// Whatever has not been read is unknown.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let name = self.name(key);
            let renamed = RENAMED
                .iter()
                .find(|(table, old, _)| name == format!("{table}.{old}"));
            match renamed {
                Some((_, _, new)) => self.wrong(
                    key,
                    format!("is called {new} now, which is there too: take the old one out"),
                ),
                None => self.wrong(
                    key,
                    "is not a key that is known here: look for a typing error, or for a key that \
                     slipped into another table",
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVELOPMENT: &str = include_str!("../../merchant.toml");

    fn parsed(variables: &[(&str, &str)]) -> Table {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let parsed = parse(DEVELOPMENT, variables).unwrap_or_else(|error| panic!("{error}"));
        parsed.0
    }

    #[test]
    fn variables_override_the_file() {
        let file = parsed(&[
            ("MERCHANT_LISTEN", "127.0.0.1:0"),
            ("MERCHANT_PUBLIC_URL", ""),
            ("MERCHANT_GOPAY_CHANNEL_ID", "54321"),
            ("MERCHANT_GOPAY_PUBLIC_KEY_FILES", "a.pem, b.pem"),
            ("MERCHANT_GOPAY_CSP_EXTRA_CONNECT", "https://a.example"),
            ("MERCHANT_POLICY_PAID_LATE", "refund"),
            ("MERCHANT_PORT", "tcp://10.0.0.1:80"),
            ("PATH", "/bin"),
        ]);
        assert_eq!(file["listen"].as_str(), Some("127.0.0.1:0"));
        assert!(!file.contains_key("public_url"));
        assert_eq!(file["gopay"]["channel_id"].as_str(), Some("54321"));
        assert_eq!(file["gopay"]["public_key_files"][1].as_str(), Some("b.pem"));
        assert_eq!(
            file["gopay"]["csp_extra"]["connect"][0].as_str(),
            Some("https://a.example")
        );
        assert_eq!(file["policy"]["paid_late"].as_str(), Some("refund"));
        assert!(!file.contains_key("port"));
    }
}
