//! Why the signature of a request does not verify: it is compared with those that known mistakes lead to. Pure.
//!
//! One mistake is looked for at a time, beside one in how the signature is written. What the merchant signed is
//! known only where one of them matches.

use crate::{caller::MerchantNo, gopay_state::GoPayState, keys::ExchangedKeys};
use aws_lc_rs::{
    digest::{SHA256, SHA512, digest},
    hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, HMAC_SHA512},
};
use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::{STANDARD, STANDARD_NO_PAD},
    },
};
use gopay_protocol::{
    OtherAlgorithm, Secret, VerifyingKey,
    message::{cancel, payment, refund, status},
    minify,
    signature::{BodyForm, body_hash, body_hashes, token_string_to_sign},
    timestamp::{format_wib, parse},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;

/// The string that the client secret signs for a transaction `[signature-generation]`.
pub(crate) fn string_to_sign(
    method: &str,
    path: &str,
    access_token: &str,
    hash: &str,
    timestamp: &str,
) -> String {
    format!("{method}:{path}:{access_token}:{hash}:{timestamp}")
}

/// What a transaction's signature is made of, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignedTransaction<'a> {
    pub(crate) method: &'a str,
    /// With the query, where there is one.
    pub(crate) target: &'a str,
    /// `Host`, as far as it came.
    pub(crate) host: &'a str,
    pub(crate) access_token: &'a str,
    /// `X-TIMESTAMP`.
    pub(crate) timestamp: &'a str,
    pub(crate) body: &'a [u8],
    /// `X-SIGNATURE`.
    pub(crate) signature: &'a str,
}

/// The secrets that may be taken for each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MerchantKeys<'a> {
    pub(crate) client_secret: &'a Secret,
    pub(crate) auth_credentials: &'a Secret,
    pub(crate) client_key: &'a str,
    pub(crate) merchant_id: &'a str,
    pub(crate) server_keys: [&'a str; 2],
    /// What token requests are signed with, its public half.
    pub(crate) merchant: &'a VerifyingKey,
    /// What notifications are signed with, its public half.
    pub(crate) gopay: &'a VerifyingKey,
}

impl<'a> MerchantKeys<'a> {
    pub(crate) fn of(
        gopay: &'a GoPayState,
        exchanged: &'a ExchangedKeys,
        merchant: MerchantNo,
    ) -> Self {
        let account = &gopay.merchants.of(merchant).account;
        let keys = exchanged.of(merchant);
        Self {
            client_secret: &keys.client_secret_text,
            auth_credentials: gopay.mini_apps.auth_credentials_of(merchant),
            client_key: &account.client_key,
            merchant_id: &account.merchant_id,
            server_keys: [&account.server_key, &account.sandbox_server_key],
            merchant: &keys.merchant,
            gopay: &exchanged.gopay,
        }
    }
}

/// What the mistake most likely is, and what to do; where none matches, what to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// The right string to sign, without the access token.
    pub(crate) string_to_sign: String,
    /// What the merchant has signed instead, as far as that is known; without the access token.
    pub(crate) signed_string: Option<String>,
    pub(crate) mistake: String,
}

/// In the place of the access token.
const MASK: &str = "<access token>";

const WITH_MILLISECONDS: &str =
    "the time is another text than `X-TIMESTAMP`, with milliseconds: sign the text that is sent";

const OTHER_FORM: &str = "the body is hashed in another form than it is sent in, which the switch `requests: literal` refuses";

/// Of a longer body only its hash is tried, and not its other forms, which may be many times as long.
const MAX_REWRITTEN: usize = 16 * 1024;

/// What transactions are sent to.
const PATHS: [&str; 4] = [payment::PATH, status::PATH, cancel::PATH, refund::PATH];

/// Something that was signed, and the mistake in it.
struct Candidate {
    mistake: &'static str,
    string: String,
}

pub(crate) fn of_transaction(sent: &SignedTransaction<'_>, keys: &MerchantKeys<'_>) -> Diagnosis {
    let (path, _) = sent.target.split_once('?').unwrap_or((sent.target, ""));
    let hashes: Vec<String> = body_hashes(sent.body)
        .take_while(|(form, _)| *form != BodyForm::Escaped)
        .map(|(_, hash)| hash)
        .collect();
    let right: Vec<String> = (hashes.iter())
        .map(|hash| string_to_sign(sent.method, path, sent.access_token, hash, sent.timestamp))
        .collect();
    let hash = body_hash(sent.body);
    let right_string = string_to_sign(sent.method, path, MASK, &hash, sent.timestamp);
    let candidates = candidates(sent, path, &hashes, keys.client_key);
    let found = forms(sent.signature).into_iter().find_map(|form| {
        let secret = keys.client_secret.expose();
        let is_right =
            |string: &String| is_hmac(HMAC_SHA512, secret.as_bytes(), string, &form.bytes);
        if right.iter().any(is_right) {
            let mistake = match form.mistake {
                // It is refused all the same.
                "" => OTHER_FORM.to_owned(),
                mistake => join(mistake, ""),
            };
            return Some((mistake, None));
        }
        if let Some(candidate) = wrong_string(&candidates, secret, &form.bytes) {
            let masked = match sent.access_token {
                "" => candidate.string.clone(),
                token => candidate.string.replace(token, MASK),
            };
            return Some((join(form.mistake, candidate.mistake), Some(masked)));
        }
        let found = wrong_key(keys, &right, &form.bytes)
            .or_else(|| wrong_algorithm(keys, &right, &form))
            .or_else(|| {
                let is_signed = |time: &str| {
                    let string = string_to_sign(sent.method, path, sent.access_token, &hash, time);
                    is_hmac(HMAC_SHA512, secret.as_bytes(), &string, &form.bytes)
                };
                let is_any = other_milliseconds(sent.timestamp).any(|time| is_signed(&time));
                is_any.then_some(WITH_MILLISECONDS)
            })?;
        Some((join(form.mistake, found), None))
    });
    let (mistake, signed_string) =
        found.unwrap_or_else(|| (not_known(sent.signature, "client secret"), None));
    Diagnosis {
        string_to_sign: right_string,
        signed_string,
        mistake,
    }
}

/// Of a request for an access token.
pub(crate) fn of_token_request(
    client_key: &str,
    timestamp: &str,
    signature: &str,
    keys: &MerchantKeys<'_>,
) -> Diagnosis {
    let right = token_string_to_sign(client_key, timestamp);
    let candidates = [
        ("", right.clone()),
        (
            "client key and time are joined by `:`: join them by `|`",
            format!("{client_key}:{timestamp}"),
        ),
        (
            "client key and time are joined by nothing: join them by `|`",
            format!("{client_key}{timestamp}"),
        ),
        (
            "time comes before client key: sign client key, `|`, time",
            format!("{timestamp}|{client_key}"),
        ),
        (
            r"client key and time are joined by `\|`: join them by `|`, which some pages print so",
            format!(r"{client_key}\|{timestamp}"),
        ),
        (
            "the Merchant ID is in the place of the client key",
            token_string_to_sign(keys.merchant_id, timestamp),
        ),
        (
            "the SHA-256 of the string is signed: sign the string itself",
            hex::encode(digest(&SHA256, right.as_bytes())),
        ),
        (
            "the client key alone is signed: sign client key, `|`, time",
            client_key.to_owned(),
        ),
        (
            "the time alone is signed: sign client key, `|`, time",
            timestamp.to_owned(),
        ),
        (
            "a line break follows the string: sign it without",
            format!("{right}\n"),
        ),
    ];
    let times = other_times(timestamp)
        .into_iter()
        .map(|(mistake, time)| (mistake, token_string_to_sign(client_key, &time)));
    let candidates: Vec<_> = candidates.into_iter().chain(times).collect();
    let found = forms(signature).into_iter().find_map(|form| {
        let by_key = candidates.iter().find(|(_, string)| {
            keys.merchant.verify(string, &STANDARD.encode(&form.bytes))
        });
        let signed = by_key.map(|(_, string)| string.clone());
        let signed = signed.filter(|string| *string != right);
        let secret = keys.client_secret.expose().as_bytes();
        let by_secret = || {
            [HMAC_SHA512, HMAC_SHA256]
                .into_iter()
                .any(|algorithm| is_hmac(algorithm, secret, &right, &form.bytes))
                .then_some("it is signed with the client secret: sign token requests with your private key (SHA256withRSA)")
        };
        let by_algorithm = || {
            let algorithm = keys.merchant.other_algorithm_of(&right, &form.bytes)?;
            Some(match algorithm {
                OtherAlgorithm::Sha1WithRsa => {
                    "it is SHA1withRSA, the default of some libraries: sign by SHA256withRSA"
                }
                OtherAlgorithm::RsaPss => {
                    "it is RSA-PSS: sign by SHA256withRSA, with PKCS #1 v1.5 padding"
                }
                _ => "it is SHA512withRSA: sign by SHA256withRSA",
            })
        };
        let by_gopay = || {
            let is_gopays = keys.gopay.verify(&right, &STANDARD.encode(&form.bytes));
            is_gopays.then_some("it is signed with GoPay's private key: sign with your own")
        };
        let found = by_key
            .map(|(mistake, _)| *mistake)
            .or_else(by_algorithm)
            .or_else(by_secret)
            .or_else(by_gopay)?;
        Some((join(form.mistake, found), signed))
    });
    let (mistake, signed_string) = found.unwrap_or_else(|| {
        let key = "private key, SHA256withRSA, of the public key that the simulator has";
        (not_known(signature, key), None)
    });
    Diagnosis {
        string_to_sign: right,
        signed_string,
        mistake,
    }
}

/// A signature's bytes, and the mistake in how they are written.
struct Form {
    mistake: &'static str,
    bytes: Vec<u8>,
}

fn forms(signature: &str) -> Vec<Form> {
    let url_safe = GeneralPurpose::new(
        &URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let standard = STANDARD.decode(signature).ok();
    let text = standard
        .as_ref()
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    let read = [
        ("", standard.clone()),
        (
            "it is written in hex: write it in base64",
            hex::decode(signature).ok(),
        ),
        (
            "it is the base64 of its hex: encode its bytes",
            text.and_then(|text| hex::decode(text).ok()),
        ),
        (
            "it is the base64 of its base64: encode it once",
            text.and_then(|text| STANDARD.decode(text).ok()),
        ),
        (
            "its base64 has no padding: write it in base64 (not base64url), with the `=` at its end",
            STANDARD_NO_PAD.decode(signature).ok(),
        ),
        (
            "it is written in base64url: write it in base64, with `+`, `/` and the `=` at its end",
            url_safe.decode(signature).ok(),
        ),
    ];
    read.into_iter()
        .filter_map(|(mistake, bytes)| {
            Some(Form {
                mistake,
                bytes: bytes?,
            })
        })
        .collect()
}

fn wrong_string<'a>(
    candidates: &'a [Candidate],
    secret: &str,
    signature: &[u8],
) -> Option<&'a Candidate> {
    let mut candidates = candidates.iter();
    candidates.find(|it| is_hmac(HMAC_SHA512, secret.as_bytes(), &it.string, signature))
}

/// What may have been signed: with a right hash of the body first, then with another one.
fn candidates(
    sent: &SignedTransaction<'_>,
    path: &str,
    hashes: &[String],
    client_key: &str,
) -> Vec<Candidate> {
    let of_body = other_hashes(sent.body)
        .into_iter()
        .map(|(mistake, hash)| Candidate {
            mistake,
            string: string_to_sign(sent.method, path, sent.access_token, &hash, sent.timestamp),
        });
    hashes
        .iter()
        .flat_map(|hash| other_strings(sent, path, hash, client_key))
        .chain(of_body)
        .collect()
}

/// With the right hash of the body.
fn other_strings(
    sent: &SignedTransaction<'_>,
    path: &str,
    hash: &str,
    client_key: &str,
) -> Vec<Candidate> {
    let SignedTransaction {
        method,
        target,
        host,
        access_token: token,
        timestamp: time,
        ..
    } = *sent;
    let with_method = |method: &str| string_to_sign(method, path, token, hash, time);
    let with_path = |path: &str| string_to_sign(sent.method, path, token, hash, time);
    let short = path.strip_prefix("/v1.0").unwrap_or(path);
    let right = with_path(path);
    let mut found = vec![
        (
            "the path is the full URL: sign it from `/v1.0` on",
            with_path(&format!("http://{host}{target}")),
        ),
        (
            "the path is the full URL: sign it from `/v1.0` on",
            with_path(&format!("https://{host}{target}")),
        ),
        (
            "the path has the host: sign it from `/v1.0` on",
            with_path(&format!("{host}{target}")),
        ),
        ("the path has the query: sign it without", with_path(target)),
        (
            "the path is without `/v1.0`: sign it with",
            with_path(short),
        ),
        (
            "the path does not begin with `/`: sign it with",
            with_path(path.trim_start_matches('/')),
        ),
        (
            "the path ends with `/`: sign it as it is requested",
            with_path(&format!("{path}/")),
        ),
        (
            "`Bearer` is part of the token: sign the token alone",
            string_to_sign(sent.method, path, &format!("Bearer {token}"), hash, time),
        ),
        (
            "the token is empty: sign the access token of `Authorization`",
            string_to_sign(sent.method, path, "", hash, time),
        ),
        (
            "the token is left out, as in a notification: sign the access token between path and hash",
            format!("{method}:{path}:{hash}:{time}"),
        ),
        (
            "the client key is in the place of the token: sign the access token",
            string_to_sign(sent.method, path, client_key, hash, time),
        ),
        (
            "the method is in lower case: write it in capitals",
            with_method(&method.to_ascii_lowercase()),
        ),
        (
            "the method is left out: sign it before the path",
            format!("{path}:{token}:{hash}:{time}"),
        ),
        (
            "the method is `GET`: each transaction is a `POST`",
            with_method("GET"),
        ),
        (
            "the method is `POST`: the switch `status_method` makes this request a `GET`",
            with_method("POST"),
        ),
        (
            "the parts are joined by `|`: join them by `:`",
            right
                .replacen(':', "|", 3)
                .replacen(&format!("{hash}:"), &format!("{hash}|"), 1),
        ),
        (
            "the time is left out: sign `X-TIMESTAMP` at the end",
            format!("{method}:{path}:{token}:{hash}"),
        ),
        (
            "time comes before hash: sign method, path, token, hash, time",
            format!("{method}:{path}:{token}:{time}:{hash}"),
        ),
        (
            "hash comes before token: sign method, path, token, hash, time",
            format!("{method}:{path}:{hash}:{token}:{time}"),
        ),
        (
            "it is signed like a token request (client key, `|`, time): sign method, path, token, hash, time",
            token_string_to_sign(client_key, time),
        ),
        (
            "a line break follows the string: sign it without",
            format!("{right}\n"),
        ),
        (
            "the hash is in upper case: write it in lower case",
            string_to_sign(sent.method, path, token, &hash.to_uppercase(), time),
        ),
        (
            "the hash is in base64: write it in lower-case hex",
            string_to_sign(
                method,
                path,
                token,
                &STANDARD.encode(hex::decode(hash).unwrap_or_default()),
                time,
            ),
        ),
    ];
    for other in PATHS {
        let mistake = "the path is that of another endpoint: sign the one that is requested";
        found.push((mistake, with_path(other)));
    }
    for (mistake, time) in other_times(time) {
        let string = string_to_sign(sent.method, path, token, hash, &time);
        found.push((mistake, string));
    }
    found
        .into_iter()
        .filter(|(_, string)| *string != right)
        .map(|(mistake, string)| Candidate { mistake, string })
        .collect()
}

/// The time of `X-TIMESTAMP` in other forms.
fn other_times(text: &str) -> Vec<(&'static str, String)> {
    let Ok(at) = parse(text) else {
        return Vec::new();
    };
    let utc = |at: Timestamp, format: &str| at.to_zoned(TimeZone::UTC).strftime(format).to_string();
    let wib = format_wib(at);
    let local = wib.trim_end_matches("+07:00");
    let other_texts = [
        utc(at, "%Y-%m-%dT%H:%M:%SZ"),
        utc(at, "%Y-%m-%dT%H:%M:%S.000Z"),
        utc(at, "%Y-%m-%dT%H:%M:%S+00:00"),
        wib.clone(),
        format!("{local}.000+07:00"),
        format!("{local}+0700"),
        local.to_owned(),
        local.replace('T', " "),
        at.as_second().to_string(),
        at.as_millisecond().to_string(),
    ];
    let not_the_text = "the time is not the text of `X-TIMESTAMP`: sign that text as it is sent";
    let other_moments = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]
        .into_iter()
        .flat_map(|seconds| {
            let at = at + SignedDuration::from_secs(seconds);
            [format_wib(at), utc(at, "%Y-%m-%dT%H:%M:%SZ")]
        });
    let another = "the time is another moment than `X-TIMESTAMP`: read the clock once";
    (other_texts.into_iter().map(|time| (not_the_text, time)))
        .chain(other_moments.map(|time| (another, time)))
        .filter(|(_, time)| time != text)
        .collect()
}

/// The second of `X-TIMESTAMP` and those beside it with each of their milliseconds, as JavaScript writes a time.
fn other_milliseconds(text: &str) -> impl Iterator<Item = String> {
    let at = parse(text).ok().map(Timestamp::as_second);
    let seconds = at.into_iter().flat_map(|at| at - 1..=at + 1);
    let moments = seconds.filter_map(|second| Timestamp::from_second(second).ok());
    moments.flat_map(|at| {
        let utc = at.to_zoned(TimeZone::UTC);
        let utc = utc.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let wib = format_wib(at);
        let wib = wib.trim_end_matches("+07:00").to_owned();
        (0..1000).flat_map(move |ms| [format!("{utc}.{ms:03}Z"), format!("{wib}.{ms:03}+07:00")])
    })
}

/// What may be in the place of the body's hash.
fn other_hashes(body: &[u8]) -> Vec<(&'static str, String)> {
    let sha256 = |bytes: &[u8]| hex::encode(digest(&SHA256, bytes));
    let body = minify(body);
    let body = body.as_slice();
    let text = String::from_utf8_lossy(body).into_owned();
    let mut found = vec![
        (
            "the body stands in the place of its hash: sign its SHA-256",
            text.clone(),
        ),
        (
            "the hash is that of an empty body: sign the body that is sent",
            sha256(b""),
        ),
        (
            "the hash is that of `{}`: sign the body that is sent",
            sha256(b"{}"),
        ),
        (
            "the hash is that of `[object Object]`: write the body as JSON before it is hashed",
            sha256(b"[object Object]"),
        ),
        (
            "the body is hashed by SHA-512: hash it by SHA-256",
            hex::encode(digest(&SHA512, body)),
        ),
        (
            "the hash is that of the hash: hash the body once",
            sha256(sha256(body).as_bytes()),
        ),
        (
            "the hash is that of a JSON text of the body: hash the body itself",
            sha256(Value::String(text.clone()).to_string().as_bytes()),
        ),
    ];
    // What is no JSON has no other form; JSON is read up to a depth of 128.
    let parsed = match body.len() <= MAX_REWRITTEN {
        true => serde_json::from_slice::<Value>(body).ok(),
        false => None,
    };
    let Some(parsed) = parsed else {
        return found;
    };
    let not_minified = "the hashed body was not minified: hash it without spaces and line breaks";
    for written in [
        spaced(body),
        indented(body, "  "),
        indented(body, "    "),
        indented(body, "\t"),
    ] {
        found.push((not_minified, sha256(written.as_bytes())));
        found.push((not_minified, sha256(format!("{written}\n").as_bytes())));
    }
    let without_spaces: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    found.push((
        "the hashed body has no spaces in its texts either: take away only those between them",
        sha256(without_spaces.as_bytes()),
    ));
    // serde_json sorts the names.
    found.push((
        "the hashed body was read and written again, with its names sorted or other numbers: hash the bytes that are sent",
        sha256(parsed.to_string().as_bytes()),
    ));
    let escaped = body_hashes(body).filter(|(form, _)| *form == BodyForm::Escaped);
    found.extend(escaped.map(|(_, hash)| {
        let mistake =
            "the hashed body is written with other escapes than the sent one: hash the bytes that are sent";
        (mistake, hash)
    }));
    found
}

/// The characters of a JSON text, each with whether it is in a string.
fn outside_of_strings(body: &[u8]) -> Vec<(char, bool)> {
    let (mut in_string, mut is_escaped) = (false, false);
    let text = String::from_utf8_lossy(body);
    let mark = |character| {
        let was_in_string = in_string;
        if character == '"' && !is_escaped {
            in_string = !in_string;
        }
        is_escaped = character == '\\' && !is_escaped;
        (character, in_string || was_in_string)
    };
    text.chars().map(mark).collect()
}

/// As `JSON.stringify` writes it with this indent, from a minified one.
fn indented(body: &[u8], indent: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_usize;
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&indent.repeat(depth));
    };
    let characters = outside_of_strings(body);
    for (place, (character, in_string)) in characters.iter().enumerate() {
        let next = characters.get(place + 1).map(|(next, _)| *next);
        match (character, in_string) {
            ('{' | '[', false) => {
                text.push(*character);
                depth += 1;
                if !matches!(next, Some('}' | ']')) {
                    line(&mut text, depth);
                }
            }
            ('}' | ']', false) => {
                depth = depth.saturating_sub(1);
                if !text.ends_with(['{', '[']) {
                    line(&mut text, depth);
                }
                text.push(*character);
            }
            (',', false) => {
                text.push(',');
                line(&mut text, depth);
            }
            (':', false) => text.push_str(": "),
            _ => text.push(*character),
        }
    }
    text
}

/// As Python's `json.dumps` writes it: a space after each `:` and `,` outside of texts.
fn spaced(body: &[u8]) -> String {
    let mut text = String::new();
    for (character, in_string) in outside_of_strings(body) {
        text.push(character);
        if !in_string && matches!(character, ':' | ',') {
            text.push(' ');
        }
    }
    text
}

fn wrong_key(keys: &MerchantKeys<'_>, right: &[String], signature: &[u8]) -> Option<&'static str> {
    let secret = keys.client_secret.expose();
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let candidates = [
        (
            "the secret ends in a newline: cut it off where the file is read",
            bytes(&format!("{secret}\n")),
        ),
        (
            "the secret ends in a newline: cut it off where the file is read",
            bytes(&format!("{secret}\r\n")),
        ),
        (
            "the secret ends in a space: cut it off",
            bytes(&format!("{secret} ")),
        ),
        (
            "the secret is in quotes: take them off",
            bytes(&format!("\"{secret}\"")),
        ),
        (
            "the secret is in quotes: take them off",
            bytes(&format!("'{secret}'")),
        ),
        (
            "the secret was decoded from base64: its text is the key",
            STANDARD.decode(secret).ok(),
        ),
        (
            "the secret was decoded from hex: its text is the key",
            hex::decode(secret).ok(),
        ),
        (
            "the secret was encoded in base64: its text is the key",
            bytes(&STANDARD.encode(secret)),
        ),
        (
            "the client key is in the place of the client secret",
            bytes(keys.client_key),
        ),
        (
            "the AuthCredentials are in the place of the client secret",
            bytes(keys.auth_credentials.expose()),
        ),
        (
            "the server key of Snap is in the place of the client secret",
            bytes(keys.server_keys[0]),
        ),
        (
            "the server key of Snap's sandbox is in the place of the client secret",
            bytes(keys.server_keys[1]),
        ),
        ("the secret is empty: is its variable set?", bytes("")),
        (
            "the secret is the word `undefined`: is its variable set?",
            bytes("undefined"),
        ),
        (
            "the secret is the word `null`: is its variable set?",
            bytes("null"),
        ),
        (
            "the secret is the word `None`: is its variable set?",
            bytes("None"),
        ),
    ];
    candidates.into_iter().find_map(|(mistake, key)| {
        let key = key?;
        right
            .iter()
            .any(|string| is_hmac(HMAC_SHA512, &key, string, signature))
            .then_some(mistake)
    })
}

fn wrong_algorithm(keys: &MerchantKeys<'_>, right: &[String], form: &Form) -> Option<&'static str> {
    let secret = keys.client_secret.expose();
    let any = |is: &dyn Fn(&String) -> bool| right.iter().any(is);
    let encoded = STANDARD.encode(&form.bytes);
    if any(&|string| is_hmac(HMAC_SHA256, secret.as_bytes(), string, &form.bytes)) {
        return Some("it is HMAC-SHA256: sign by HMAC-SHA512");
    }
    if any(&|string| {
        let algorithm = HMAC_SHA1_FOR_LEGACY_USE_ONLY;
        is_hmac(algorithm, secret.as_bytes(), string, &form.bytes)
    }) {
        return Some("it is HMAC-SHA1: sign by HMAC-SHA512");
    }
    if any(&|string| is_hmac(HMAC_SHA512, string.as_bytes(), secret, &form.bytes)) {
        return Some(
            "key and text are in each other's place: the client secret is the key of the HMAC",
        );
    }
    if any(&|string| digest(&SHA512, string.as_bytes()).as_ref() == form.bytes) {
        return Some(
            "it is the SHA-512 of the string, without a key: sign by HMAC-SHA512 with the client secret",
        );
    }
    any(&|string| keys.merchant.verify(string, &encoded))
        .then_some("it is signed with the private key: that is for token requests; sign transactions by HMAC-SHA512 with the client secret")
}

fn is_hmac(algorithm: hmac::Algorithm, key: &[u8], string: &str, signature: &[u8]) -> bool {
    let key = hmac::Key::new(algorithm, key);
    hmac::verify(&key, string.as_bytes(), signature).is_ok()
}

fn join(form: &str, rest: &str) -> String {
    match (form, rest) {
        (form, "") => form.to_owned(),
        ("", rest) => rest.to_owned(),
        (form, rest) => format!("{form}; and {rest}"),
    }
}

fn not_known(signature: &str, key: &str) -> String {
    match STANDARD.decode(signature) {
        Err(_) => format!(
            "it is not base64: write its bytes in base64, and compare your string to sign with this one, signed with the {key}"
        ),
        Ok(_) => format!(
            "no known mistake: compare your string to sign with this one, byte for byte, and check that the {key} is the right one"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::{ClientSecret, SigningKey};

    const PATH: &str = "/v1.0/debit/payment-host-to-host";
    const TIME: &str = "2026-11-30T15:04:05+07:00";
    const BODY: &str = r#"{"b":"caf\u00e9 a/b","a":[1,2]}"#;
    const SECRET: &str = "c2VjcmV0LXNlY3JldA==";
    const TOKEN: &str = "token";

    struct World {
        secret: Secret,
        credentials: Secret,
        private: SigningKey,
        public: VerifyingKey,
        gopay_private: SigningKey,
        gopay: VerifyingKey,
    }

    impl World {
        fn new() -> Self {
            let private = SigningKey::generate().unwrap();
            let gopay = SigningKey::generate().unwrap();
            Self {
                secret: Secret::new(SECRET),
                credentials: Secret::new("credentials"),
                public: private.public_key().unwrap(),
                gopay: gopay.public_key().unwrap(),
                gopay_private: gopay,
                private,
            }
        }

        fn keys(&self) -> MerchantKeys<'_> {
            MerchantKeys {
                client_secret: &self.secret,
                auth_credentials: &self.credentials,
                client_key: "CLIENT",
                merchant_id: "MERCHANT",
                server_keys: ["server", "sandbox"],
                merchant: &self.public,
                gopay: &self.gopay,
            }
        }

        fn diagnosis(&self, signature: &str) -> Diagnosis {
            let sent = SignedTransaction {
                method: "POST",
                target: &format!("{PATH}?a=b"),
                host: "localhost:9090",
                access_token: TOKEN,
                timestamp: TIME,
                body: BODY.as_bytes(),
                signature,
            };
            of_transaction(&sent, &self.keys())
        }

        fn of_token(&self, signature: &str) -> String {
            of_token_request("CLIENT", TIME, signature, &self.keys()).mistake
        }
    }

    fn sha256(text: &str) -> String {
        hex::encode(digest(&SHA256, text.as_bytes()))
    }

    fn sign(key: &str, string: &str) -> Vec<u8> {
        let key = hmac::Key::new(HMAC_SHA512, key.as_bytes());
        hmac::sign(&key, string.as_bytes()).as_ref().to_vec()
    }

    fn string(path: &str, token: &str, hash: &str, time: &str) -> String {
        format!("POST:{path}:{token}:{hash}:{time}")
    }

    /// Each is a mistake that somebody has made, or that a tutorial of another API leads to.
    #[test]
    fn a_mistake_in_the_string_is_named() {
        let world = World::new();
        let hash = sha256(BODY);
        let right = string(PATH, TOKEN, &hash, TIME);
        let of_body = |body: &str| string(PATH, TOKEN, &sha256(body), TIME);
        for (signed, mistake) in [
            (
                string(
                    &format!("https://localhost:9090{PATH}?a=b"),
                    TOKEN,
                    &hash,
                    TIME,
                ),
                "full URL",
            ),
            (
                string(&format!("localhost:9090{PATH}?a=b"), TOKEN, &hash, TIME),
                "has the host",
            ),
            (
                string(&format!("{PATH}?a=b"), TOKEN, &hash, TIME),
                "has the query",
            ),
            (string(&PATH[5..], TOKEN, &hash, TIME), "without `/v1.0`"),
            (string(&PATH[1..], TOKEN, &hash, TIME), "begin with `/`"),
            (
                string(&format!("{PATH}/"), TOKEN, &hash, TIME),
                "ends with `/`",
            ),
            (
                string(PATH, "Bearer token", &hash, TIME),
                "`Bearer` is part of the token",
            ),
            (string(PATH, "", &hash, TIME), "token is empty"),
            (format!("POST:{PATH}:{hash}:{TIME}"), "token is left out"),
            (
                string(PATH, "CLIENT", &hash, TIME),
                "client key is in the place of the token",
            ),
            (
                right.replace("POST", "post"),
                "lower case: write it in capitals",
            ),
            (right.replace("POST:", ""), "method is left out"),
            (right.replace("POST", "GET"), "`GET`"),
            (
                format!("POST|{PATH}|{TOKEN}|{hash}|{TIME}"),
                "joined by `|`",
            ),
            (format!("POST:{PATH}:{TOKEN}:{hash}"), "time is left out"),
            (
                format!("POST:{PATH}:{TOKEN}:{TIME}:{hash}"),
                "time comes before hash",
            ),
            (
                format!("POST:{PATH}:{hash}:{TOKEN}:{TIME}"),
                "hash comes before token",
            ),
            (format!("CLIENT|{TIME}"), "like a token request"),
            (format!("{right}\n"), "line break follows"),
            (
                string(PATH, TOKEN, &hash.to_uppercase(), TIME),
                "upper case",
            ),
            (
                string(
                    PATH,
                    TOKEN,
                    &STANDARD.encode(digest(&SHA256, BODY.as_bytes())),
                    TIME,
                ),
                "in base64: write it in lower-case hex",
            ),
            (
                string(PATH, TOKEN, &hash, "2026-11-30T08:04:05Z"),
                "`X-TIMESTAMP`",
            ),
            (string(PATH, TOKEN, &hash, "1796025845"), "`X-TIMESTAMP`"),
            (string(PATH, TOKEN, BODY, TIME), "in the place of its hash"),
            (of_body(""), "empty body"),
            (of_body("{}"), "of `{}`"),
            (of_body(&hash), "of the hash"),
            (
                of_body("{\n  \"b\": \"caf\\u00e9 a/b\",\n  \"a\": [\n    1,\n    2\n  ]\n}"),
                "not minified",
            ),
            (
                of_body(r#"{"b": "caf\u00e9 a/b", "a": [1, 2]}"#),
                "not minified",
            ),
            (of_body("{\"a\":[1,2],\"b\":\"caf\u{e9} a/b\"}"), "sorted"),
            (
                of_body(r#"{"b":"caf\u00e9 a\/b","a":[1,2]}"#),
                "other escapes",
            ),
            (
                of_body(r#"{"b":"caf\u00e9a/b","a":[1,2]}"#),
                "no spaces in its texts",
            ),
            (of_body("[object Object]"), "[object Object]"),
            (
                string("/v1.0/debit/status", TOKEN, &hash, TIME),
                "another endpoint",
            ),
            (
                string(PATH, TOKEN, &hash, "2026-11-30T15:04:06+07:00"),
                "read the clock once",
            ),
            (
                string(PATH, TOKEN, &hash, "2026-11-30T15:04:05+0700"),
                "`X-TIMESTAMP`",
            ),
            (
                string(
                    PATH,
                    TOKEN,
                    &hex::encode(digest(&SHA512, BODY.as_bytes())),
                    TIME,
                ),
                "SHA-512",
            ),
        ] {
            let diagnosis = world.diagnosis(&STANDARD.encode(sign(SECRET, &signed)));
            assert!(
                diagnosis.mistake.contains(mistake),
                "{signed}: {}",
                diagnosis.mistake
            );
            assert!(!diagnosis.string_to_sign.contains(":token:"));
            assert!(!diagnosis.mistake.contains(SECRET));
        }
    }

    #[test]
    fn a_mistake_in_key_algorithm_or_writing_is_named() {
        let world = World::new();
        let right = string(PATH, TOKEN, &sha256(BODY), TIME);
        let base64 = |bytes: &[u8]| STANDARD.encode(bytes);
        let hmac256 = hmac::sign(
            &hmac::Key::new(HMAC_SHA256, SECRET.as_bytes()),
            right.as_bytes(),
        );
        let good = sign(SECRET, &right);
        // One that has `+`, `/` and padding somewhere is written otherwise in base64url.
        let url_safe = base64(&good).replace('+', "-").replace('/', "_");
        for (signature, mistake) in [
            (
                base64(&sign(&format!("{SECRET}\n"), &right)),
                "ends in a newline",
            ),
            (
                base64(&sign(&format!("{SECRET} "), &right)),
                "ends in a space",
            ),
            (base64(&sign(&format!("\"{SECRET}\""), &right)), "in quotes"),
            (
                base64(&sign("secret-secret", &right)),
                "decoded from base64",
            ),
            (
                base64(&sign(&STANDARD.encode(SECRET), &right)),
                "encoded in base64",
            ),
            (
                base64(&sign("CLIENT", &right)),
                "client key is in the place of the client secret",
            ),
            (base64(&sign("credentials", &right)), "AuthCredentials"),
            (base64(&sign("server", &right)), "server key of Snap is"),
            (base64(&sign("sandbox", &right)), "Snap's sandbox"),
            (base64(&sign("", &right)), "secret is empty"),
            (base64(&sign("undefined", &right)), "`undefined`"),
            (base64(&sign("null", &right)), "`null`"),
            (base64(&sign(&right, SECRET)), "each other's place"),
            (base64(hmac256.as_ref()), "HMAC-SHA256"),
            (
                base64(digest(&SHA512, right.as_bytes()).as_ref()),
                "without a key",
            ),
            (world.private.sign(&right).unwrap(), "private key"),
            (hex::encode(&good), "in hex"),
            (base64(hex::encode(&good).as_bytes()), "base64 of its hex"),
            (base64(base64(&good).as_bytes()), "base64 of its base64"),
            (base64(&good).trim_end_matches('=').to_owned(), "no padding"),
            (url_safe, "base64url"),
            ("?".to_owned(), "not base64"),
            (base64(&sign("another", &right)), "no known mistake"),
        ] {
            let found = world.diagnosis(&signature).mistake;
            assert!(found.contains(mistake), "{mistake}: {found}");
        }
        let both = hex::encode(sign(
            SECRET,
            &string(PATH, "Bearer token", &sha256(BODY), TIME),
        ));
        assert_eq!(
            world.diagnosis(&both).mistake,
            "it is written in hex: write it in base64; and `Bearer` is part of the token: sign the token alone"
        );
    }

    /// By another program than ours, which signs by one algorithm only.
    #[test]
    fn another_algorithm_of_a_token_request_is_named() {
        let made = include_str!("signature_mistake/openssl.txt");
        let (pem, signatures) = made.split_once("-----END PUBLIC KEY-----\n").unwrap();
        let pem = pem.split_once('\n').unwrap().1;
        let mut world = World::new();
        world.public = VerifyingKey::from_pem(&format!("{pem}-----END PUBLIC KEY-----\n")).unwrap();
        let named: Vec<_> = signatures.lines().map(|it| world.of_token(it)).collect();
        for (found, mistake) in named
            .iter()
            .zip(["SHA1withRSA", "SHA512withRSA", "RSA-PSS"])
        {
            assert!(found.contains(mistake), "{mistake}: {found}");
        }
        assert_eq!(named.len(), 3);
    }

    /// It is read before the body is known to be JSON, and while nobody else can use GoPay.
    #[test]
    fn a_long_or_deep_body_is_not_written_in_other_forms() {
        for body in [vec![b'['; 20_000], b"1,".repeat(500_000), vec![b'['; 500]] {
            let found = other_hashes(&body);
            assert!(found.len() < 10, "{}", found.len());
        }
        let deep = [vec![b'['; 100], vec![b']'; 100]].concat();
        assert!(other_hashes(&deep).len() > 10);
    }

    #[test]
    fn a_mistake_in_a_token_request_is_named() {
        let world = World::new();
        let rsa = |string: &str| world.private.sign(string).unwrap();
        let right = format!("CLIENT|{TIME}");
        for (signature, mistake) in [
            (rsa(&format!("CLIENT:{TIME}")), "joined by `:`"),
            (rsa(&format!("CLIENT{TIME}")), "joined by nothing"),
            (
                rsa(&format!("{TIME}|CLIENT")),
                "time comes before client key",
            ),
            (rsa(&format!(r"CLIENT\|{TIME}")), r"joined by `\|`"),
            (rsa(&format!("{}|{TIME}", "MERCHANT")), "Merchant ID"),
            (rsa(&sha256(&right)), "SHA-256 of the string"),
            (rsa("CLIENT"), "client key alone"),
            (rsa(TIME), "time alone"),
            (rsa("CLIENT|2026-11-30T08:04:05Z"), "`X-TIMESTAMP`"),
            (
                STANDARD.encode(sign(SECRET, &right)),
                "with the client secret",
            ),
            (hex::encode(STANDARD.decode(rsa(&right)).unwrap()), "in hex"),
            (
                SigningKey::generate().unwrap().sign(&right).unwrap(),
                "no known mistake",
            ),
        ] {
            let found = world.of_token(&signature);
            assert!(found.contains(mistake), "{mistake}: {found}");
        }
    }

    #[test]
    fn a_time_with_milliseconds_is_named() {
        let world = World::new();
        for time in [
            "2026-11-30T08:04:05.123Z",
            "2026-11-30T08:04:06.007Z",
            "2026-11-30T15:04:05.999+07:00",
        ] {
            let hash = body_hash(BODY.as_bytes());
            let string = string(PATH, TOKEN, &hash, time);
            let signature = ClientSecret::new(&world.secret).sign(&string);
            assert_eq!(
                world.diagnosis(&signature).mistake,
                WITH_MILLISECONDS,
                "{time}"
            );
        }
    }

    #[test]
    fn gopays_own_key_is_named() {
        let world = World::new();
        let string = token_string_to_sign("CLIENT", TIME);
        let signature = world.gopay_private.sign(&string).unwrap();
        assert!(world.of_token(&signature).contains("GoPay's private key"));
    }
}
