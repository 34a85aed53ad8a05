//! What GoPay knows about a buyer: made up, and the same for the same name.

use gopay_protocol::signature::body_hash;

/// Name, e-mail address and phone number, by the name that a page gives in `?buyer=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) phone_number: String,
}

impl Profile {
    pub(crate) fn of(buyer: &str) -> Self {
        let mut letters = buyer.chars();
        let first: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        let digits = body_hash(buyer.as_bytes())
            .bytes()
            .map(|byte| char::from(b'0' + byte % 10))
            .take(8)
            .collect::<String>();
        Self {
            username: format!("{first}{}", letters.as_str()),
            email: format!("{buyer}@surat.example"),
            phone_number: format!("+62800{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_follows_from_the_buyers_name() {
        let budi = Profile::of("budi");
        assert_eq!(budi, Profile::of("budi"));
        assert_eq!(budi.username, "Budi");
        assert_eq!(budi.email, "budi@surat.example");
        assert_ne!(budi.phone_number, Profile::of("siti").phone_number);
    }
}
