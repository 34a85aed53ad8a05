//! The merchant's own ids: of buyers, orders, payments and what follows from them.

use gopay_protocol::ExternalId;
use uuid::{NoContext, Timestamp, Uuid};

/// A new id: a UUID of version 7, which is the time in milliseconds and 74 random bits.
///
/// An index over ids in the order of time grows at its end, where random ones split pages everywhere.
pub(crate) fn new_id() -> Uuid {
    // `Uuid::now_v7` counts within a millisecond, which leaves 32 bits to chance.
    Uuid::new_v7(Timestamp::now(NoContext))
}

/// A new `X-EXTERNAL-ID`.
///
/// Docs disagree: 36 characters on most pages, 32 on that of the inquiry. Without dashes a UUID
/// fits both, and is alphanumeric as well.
pub(crate) fn new_external_id() -> ExternalId {
    new_id().simple().to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_id_has_its_time_and_74_random_bits() {
        let ids: Vec<Uuid> = (0..1000).map(|_| new_id()).collect();
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        // Beside version and variant.
        let random = |id: &Uuid| id.as_u128() & 0x0fff_3fff_ffff_ffff_ffff;
        assert_eq!(ids.iter().map(random).collect::<BTreeSet<_>>().len(), 1000);
        for bit in (0..76).filter(|bit| !(62..64).contains(bit)) {
            let ones = ids.iter().filter(|id| id.as_u128() >> bit & 1 == 1).count();
            assert!((300..700).contains(&ones), "{bit}: {ones}");
        }
    }
}
