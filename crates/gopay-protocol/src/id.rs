//! Ids that the merchant makes, as GoPay may repeat them.

/// Whether GoPay repeats this id of the merchant's: its letters and digits are the same. The
/// merchant's ids are hexadecimal, so case and dashes carry nothing. GoPay's references are not,
/// and are compared as they are.
pub fn is_same_id(theirs: &str, ours: &str) -> bool {
    plain_id(theirs) == plain_id(ours)
}

/// Its letters and digits, in lower case.
pub fn plain_id(id: &str) -> String {
    id.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|it| it.to_ascii_lowercase())
        .collect()
}
