//! Amounts as they are written in Indonesia. PURE.

use contract::Rupiah;

/// `Rp25.000`, in both languages: English texts in Jakarta write it the same way.
pub fn rupiah(amount: Rupiah) -> String {
    ["Rp", &grouped(amount.get())].concat()
}

/// `25.000`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart_by_points() {
        for (amount, text) in [
            (0, "Rp0"),
            (500, "Rp500"),
            (25_000, "Rp25.000"),
            (125_000, "Rp125.000"),
            (1_250_000, "Rp1.250.000"),
        ] {
            assert_eq!(rupiah(Rupiah::new(amount)), text);
        }
    }
}
