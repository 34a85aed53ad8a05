//! Amounts as they are written in Indonesia. PURE.

use contract::Rupiah;
pub use contract::grouped;

/// `Rp25.000`, in both languages: English texts in Jakarta write it the same way.
pub fn rupiah(amount: Rupiah) -> String {
    ["Rp", &grouped(amount.get())].concat()
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
