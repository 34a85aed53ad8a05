//! The configuration as it is written: tables, with variables laid over them, read key by key.
//!
//! Invariant: every key is read or named as unknown, and no message repeats a value that may
//! hold a password.

use super::error::{Error, Findings};
use serde::de::DeserializeOwned;
use std::{path::PathBuf, str::FromStr};
use toml::{Table, Value};
use url::Url;

/// Variables that override a key begin with it. Others that do, such as those a container
/// platform makes up for a service called `merchant`, are none of ours.
const PREFIX: &str = "MERCHANT_";

/// Of `[[mini_app]]`, whose keys are in the file only.
const NOT_OVERRIDABLE: &str = "MERCHANT_MINI_APP";

/// Keys that had another name: the table, the name of before, the name of now. The old one is still
/// read, with a warning.
const RENAMED: [(&str, &str, &str); 1] = [("fulfilment", "hook_url", "webhook_url")];

/// The file's tables, and the variables, each without a key's old name.
pub(super) fn parse(
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
    findings: &Findings,
) -> Result<(Table, Table), Error> {
    let mut file: Table = toml::from_str(text)?;
    let mut variables: Table = variables
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| (name.to_ascii_uppercase(), Value::from(value)))
        .filter(|(name, _)| !name.starts_with(NOT_OVERRIDABLE))
        .collect();
    for (table, old, new) in RENAMED {
        let name = |key: &str| format!("{table}.{key}");
        if let Some(Value::Table(keys)) = file.get_mut(table) {
            rename(keys, old, new, name, findings);
        }
        let [old, new] = [old, new].map(|key| variable(&name(key)));
        rename(&mut variables, &old, &new, str::to_owned, findings);
    }
    Ok((file, variables))
}

fn rename(
    keys: &mut Table,
    old: &str,
    new: &str,
    name: impl Fn(&str) -> String,
    findings: &Findings,
) {
    let Some(value) = keys.remove(old) else {
        return;
    };
    if keys.contains_key(new) {
        findings.wrong(
            name(old),
            format!("is called {new} now, which is there too: take the old one out"),
        );
    } else {
        let (was, is) = (name(old), name(new));
        findings.warn(format!("{was} is called {is} now: rename it"));
        keys.insert(new.to_owned(), value);
    }
}

/// What overrides the key of that whole name.
fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('.', "_").to_ascii_uppercase())
}

/// The text of a variable as a value of type `T`; as it is where it is none.
fn typed<T: FromStr + Into<Value>>(text: &str) -> Value {
    text.parse::<T>().map_or_else(|_| text.into(), Into::into)
}

/// One table, while its keys are read.
pub(super) struct Section<'a> {
    /// What its keys begin with in messages: empty, or `gopay.`.
    prefix: String,
    table: Table,
    variables: &'a Table,
    findings: &'a Findings,
}

impl<'a> Section<'a> {
    pub(super) fn new(
        prefix: &str,
        table: Table,
        variables: &'a Table,
        findings: &'a Findings,
    ) -> Self {
        Self {
            prefix: prefix.to_owned(),
            table,
            variables,
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

    /// An empty one takes its key away.
    fn variable(&self, key: &str) -> Option<&str> {
        self.variables.get(&variable(&self.name(key)))?.as_str()
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
        Self::new(&prefix, table, self.variables, self.findings)
    }

    /// The value of a key; `None` where there is none, or a wrong one has been noted.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        self.read(key, |text| Value::from(text))
    }

    /// The value of a key, `Some(None)` where there is none; `None` where a wrong one has been noted.
    pub(super) fn optional_or_absent<T: DeserializeOwned>(
        &mut self,
        key: &str,
    ) -> Option<Option<T>> {
        match self.has(key) {
            true => self.optional(key).map(Some),
            false => Some(None),
        }
    }

    /// A whole number, which a variable holds as text.
    pub(super) fn number(&mut self, key: &str) -> Option<u64> {
        self.read(key, typed::<i64>)
    }

    /// Yes or no, which a variable holds as text.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, typed::<bool>)
    }

    /// Several values, which a variable separates by commas.
    pub(super) fn list<T: DeserializeOwned>(&mut self, key: &str) -> Option<Vec<T>> {
        self.read(key, |text| {
            let values = text.split(',').map(|one| Value::from(one.trim()));
            Value::Array(values.collect())
        })
    }

    /// One file or several, which a variable separates by commas.
    fn files(&mut self, key: &str) -> Option<Vec<PathBuf>> {
        let is_one = matches!(self.table.get(key), Some(Value::String(_)));
        match is_one && self.variable(key).is_none() {
            true => self.optional(key).map(|file| vec![file]),
            false => self.list(key),
        }
    }

    pub(super) fn required_files(&mut self, key: &str) -> Option<Vec<PathBuf>> {
        self.is_there(key).then(|| self.files(key)).flatten()
    }

    /// What is yet to be read of a key that names files; empty where it names none.
    pub(super) fn peek_files(&self, key: &str) -> Vec<PathBuf> {
        let texts: Vec<&str> = match (self.variable(key), self.table.get(key)) {
            (Some(text), _) => text.split(',').map(str::trim).collect(),
            (None, Some(Value::Array(files))) => files.iter().filter_map(Value::as_str).collect(),
            (None, file) => file.and_then(Value::as_str).into_iter().collect(),
        };
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        texts.map(PathBuf::from).collect()
    }

    fn read<T: DeserializeOwned>(
        &mut self,
        key: &str,
        of_variable: impl Fn(&str) -> Value,
    ) -> Option<T> {
        let of_file = self.table.remove(key);
        let value = match self.variable(key) {
            Some("") => None,
            Some(text) => Some(of_variable(text)),
            None => of_file,
        };
        match value?.try_into() {
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

    pub(super) fn required_list<T: DeserializeOwned>(&mut self, key: &str) -> Option<Vec<T>> {
        self.is_there(key).then(|| self.list(key)).flatten()
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

    /// Whether none of its keys is given.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        match self.variable(key) {
            Some(text) => !text.is_empty(),
            None => self.table.contains_key(key),
        }
    }

    /// A key, or a table, that must not be there.
    pub(super) fn refuse(&mut self, key: &str, why: &str) {
        if self.has(key) {
            self.wrong(key, why);
        }
        self.table.remove(key);
    }

    pub(super) fn is_there(&self, key: &str) -> bool {
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
        let keys = self.table.keys();
        for key in keys.filter(|key| self.variable(key) != Some("")) {
            self.wrong(
                key,
                "is not a key that is known here: look for a typing error, or for a key that \
                 slipped into another table",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        listen = "127.0.0.1:8080"
        public_url = "https://kedai.example"
        [gopay]
        channel_id = "12345"
        public_key_files = ["gopay.pem"]
    "#;

    #[test]
    fn variables_override_the_file() {
        let variables = [
            ("MERCHANT_LISTEN", "127.0.0.1:0"),
            ("MERCHANT_PUBLIC_URL", ""),
            ("MERCHANT_GOPAY_CHANNEL_ID", "54321"),
            ("MERCHANT_GOPAY_PUBLIC_KEY_FILES", "a.pem, b.pem"),
            ("MERCHANT_GOPAY_CSP_EXTRA_CONNECT", "https://a.example"),
            ("MERCHANT_POLICY_PAID_LATE", "refund"),
            ("MERCHANT_MINI_APP", "tcp://10.0.0.1:80"),
            ("PATH", "/bin"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let findings = Findings::default();
        let (file, variables) = parse(FILE, variables, &findings).unwrap();
        let mut root = Section::new("", file, &variables, &findings);
        let read = |section: &mut Section<'_>, key| section.optional::<String>(key);
        assert_eq!(read(&mut root, "listen").unwrap(), "127.0.0.1:0");
        assert!(!root.has("public_url"));
        assert_eq!(read(&mut root, "mini_app"), None);
        assert_eq!(
            read(&mut root.section("policy"), "paid_late").unwrap(),
            "refund"
        );
        let mut gopay = root.section("gopay");
        assert_eq!(read(&mut gopay, "channel_id").unwrap(), "54321");
        let files: Vec<String> = gopay.required_list("public_key_files").unwrap();
        assert_eq!(files, ["a.pem", "b.pem"]);
        let sources: Vec<String> = gopay.section("csp_extra").list("connect").unwrap();
        assert_eq!(sources, ["https://a.example"]);
        gopay.finish();
        root.finish();
        assert!(findings.finish(Some(())).is_ok());
    }
}
