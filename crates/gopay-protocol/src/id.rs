//! The merchant's ids, as GoPay may repeat them.

/// Whether GoPay repeats this id of the merchant: the letters and digits are the same, in any case.
///
/// Only for ids whose case and dashes carry nothing, such as hexadecimal ones. Compare GoPay's own
/// references as they are.
pub fn is_same_id(theirs: &str, ours: &str) -> bool {
    normalize_id(theirs) == normalize_id(ours)
}

/// The id's letters and digits, in lower case.
pub fn normalize_id(id: &str) -> String {
    id.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|it| it.to_ascii_lowercase())
        .collect()
}
