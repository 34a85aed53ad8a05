//! Keys as text, in the forms that people have them in.

use base64::{
    Engine, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD},
    },
};
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN ";

/// Some tools leave the padding away.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a text holds.
pub(crate) struct Block {
    /// What PEM calls it; `None` where there is only base64.
    pub(crate) label: Option<String>,
    /// A passphrase is asked for before it can be read.
    pub(crate) is_encrypted: bool,
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// The first PEM block called `wanted`, or else the first of all; or what the text is the base64
/// of.
///
/// Keys that come through environment variables arrive with their line breaks written as `\n`,
/// others as the base64 of the whole file; those are read too.
pub(crate) fn read(wanted: &str, text: &str) -> Option<Block> {
    let text = Zeroizing::new(text.replace("\\r", "\n").replace("\\n", "\n"));
    let text = text.trim_start_matches('\u{feff}').trim().trim_matches('"');
    if let Some(block) = block(wanted, text) {
        return block;
    }
    let der = decode(text)?;
    match std::str::from_utf8(&der) {
        Ok(text) if text.contains(BEGIN) => block(wanted, text)?,
        _ => Some(Block {
            label: None,
            is_encrypted: false,
            der,
        }),
    }
}

/// `None` where there is no block, `Some(None)` where it cannot be read.
fn block(wanted: &str, text: &str) -> Option<Option<Block>> {
    let of_wanted = text.find(&format!("{BEGIN}{wanted}-----"));
    let begin = of_wanted.or_else(|| text.find(BEGIN))?;
    Some(read_block(&text[begin + BEGIN.len()..]))
}

fn read_block(text: &str) -> Option<Block> {
    let (label, rest) = text.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    // Before the key there may be lines about it.
    let (about, body): (Vec<&str>, Vec<&str>) = body.lines().partition(|line| line.contains(':'));
    let is_encrypted =
        label.contains("ENCRYPTED") || about.iter().any(|line| line.contains("ENCRYPTED"));
    Some(Block {
        label: Some(label.to_owned()),
        is_encrypted,
        der: decode(&body.concat())?,
    })
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let base64: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    LENIENT.decode(base64.as_bytes()).ok().map(Zeroizing::new)
}

/// A PEM block called `label`, 64 characters a line.
pub(crate) fn encode(label: &str, bytes: &[u8]) -> String {
    let base64 = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}
