//! Canaries: parts of secrets that tests know beforehand, and that must turn up nowhere.
//!
//! `tests/e2e/support/canaries.ts` has the same for the browser tests.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::{
    env,
    fs::{self, File},
    io::{ErrorKind, Write},
    path::Path,
    sync::LazyLock,
};

/// Part of every auth code, token and secret that the simulator makes.
pub const SECRET_MARK: &str = "RahasiaKenari7x";

/// What each secret of a kind has in it.
const CANARIES: [(&str, &str); 5] = [
    ("a secret of GoPay's", SECRET_MARK),
    // The master key and the webhook's secret of the tests.
    (
        "a key of the merchant's",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
    ),
    ("a private key", "PRIVATE KEY-----"),
    ("an e-mail address", "@surat.example"),
    ("a phone number", "+62800"),
];

/// Shorter ones turn up in other words' base64 or hex by chance.
const LONG: usize = 10;

/// A secret as it may be written: as it is, in base64 wherever it begins, in hex, percent-encoded.
pub fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let percent = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut all = vec![("raw", secret.to_owned()), ("percent", percent)];
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    if form != secret {
        all.push(("form", form));
    }
    if secret.len() < LONG {
        return all;
    }
    for offset in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([vec![0; offset], secret.into()].concat());
        // Whole letters of this secret only, none that it shares with its neighbours.
        let (from, to) = ((offset * 8).div_ceil(6), (offset + secret.len()) * 8 / 6);
        let part = &encoded[from..to];
        all.push(("base64", part.to_owned()));
        all.push((
            "base64 for addresses",
            part.replace('+', "-").replace('/', "_"),
        ));
    }
    let hex = hex::encode(secret);
    all.push(("HEX", hex.to_ascii_uppercase()));
    all.push(("hex", hex));
    all
}

/// The canaries in these bytes, and how they are spelt.
pub fn canaries_in(bytes: &[u8]) -> Vec<String> {
    static ALL: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let of = |(what, canary): (&str, &str)| {
            let what = what.to_owned();
            let name = move |(how, spelling)| (format!("{what} ({how})"), spelling);
            spellings(canary).into_iter().map(name)
        };
        CANARIES.into_iter().flat_map(of).collect()
    });
    // Each byte that is no text stays one.
    let text = String::from_utf8_lossy(bytes);
    (ALL.iter())
        .filter(|(_, spelling)| text.contains(spelling))
        .map(|(what, _)| what.clone())
        .collect()
}

/// Searches what a test leaves behind. Where `CANARIES` names a file, a line there says that it was searched,
/// and begins with `hit` where something was found.
///
/// # Panics
///
/// With the canaries that are there.
pub fn scan(place: &str, bytes: &[u8]) {
    let found = canaries_in(bytes);
    if let Some(file) = env::var_os("CANARIES") {
        let hit = if found.is_empty() { "" } else { "hit " };
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(file)
            .unwrap();
        file.write_all(format!("{hit}{place}\n").as_bytes())
            .unwrap();
    }
    assert!(found.is_empty(), "{place} holds {}", found.join(", "));
}

/// [`scan`]s a database, as it lies on the disk.
///
/// # Panics
///
/// With the canaries that are there, or where the database cannot be read.
pub fn scan_database(path: &Path) {
    for end in ["", "-wal"] {
        let file = format!("{}{end}", path.display());
        match fs::read(&file) {
            Ok(bytes) => scan(&file, &bytes),
            // There is none after the last connection is closed.
            Err(error) if end == "-wal" && error.kind() == ErrorKind::NotFound => {}
            Err(error) => panic!("{file} cannot be searched: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_each_spelling() {
        let secret = "s3cret/+of=the house";
        let spellings = spellings(secret);
        for before in ["", "a", "ab", "abc"] {
            let text = format!("{before}{secret}and more");
            let encoded = STANDARD_NO_PAD.encode(&text);
            let in_base64 = |(_, spelling): &(_, String)| encoded.contains(spelling);
            assert!(spellings.iter().any(in_base64), "{text}");
            let encoded = hex::encode(&text);
            assert!(spellings.iter().any(|(_, it)| encoded.contains(it)));
        }
        assert!(
            spellings
                .iter()
                .any(|(_, it)| it == "s3cret%2F%2Bof%3Dthe+house")
        );
    }

    #[test]
    fn a_planted_canary_is_found_between_other_bytes() {
        for (what, canary) in CANARIES {
            let form: String = url::form_urlencoded::byte_serialize(canary.as_bytes()).collect();
            let mut planted = vec![canary.to_owned(), format!("auth_code={canary}&x=1"), form];
            if canary.len() >= LONG {
                let whole = format!("xy{canary}z");
                planted.extend([
                    STANDARD_NO_PAD.encode(&whole),
                    hex::encode(&whole),
                    hex::encode_upper(&whole),
                ]);
            }
            for text in planted {
                let bytes = [b"\xff\x00", text.as_bytes(), b"\xc3"].concat();
                let found = canaries_in(&bytes);
                assert!(
                    found.iter().any(|it| it.starts_with(what)),
                    "{text}: {found:?}"
                );
            }
        }
        assert_eq!(canaries_in(b"a Kopi Susu Senja for +62 811"), [""; 0]);
    }

    #[test]
    #[should_panic(expected = "cannot be searched")]
    fn a_database_that_is_not_there_does_not_count_as_searched() {
        scan_database(Path::new("/nowhere/merchant.db"));
    }
}
