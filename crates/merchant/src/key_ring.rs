//! A key and, while it is changed, the others that may take its place.

use std::sync::atomic::{AtomicUsize, Ordering};

/// At least one key. The first is used until GoPay refuses it and takes another one.
#[derive(Debug)]
pub struct KeyRing<T> {
    first: T,
    further: Vec<T>,
    in_use: AtomicUsize,
}

impl<T> KeyRing<T> {
    /// `None` without a key.
    pub fn new(keys: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self {
            first: keys.next()?,
            further: keys.collect(),
            in_use: AtomicUsize::new(0),
        })
    }

    /// `None` where there is none of one of them; each is tried, so that each wrong one is named.
    pub(crate) fn try_map<U>(&self, map: impl FnMut(&T) -> Option<U>) -> Option<KeyRing<U>> {
        let mapped: Vec<Option<U>> = self.iter().map(map).collect();
        KeyRing::new(mapped.into_iter().collect::<Option<Vec<U>>>()?)
    }

    pub const fn first(&self) -> &T {
        &self.first
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.further)
    }

    /// Each key, from the one in use on, for a request that GoPay may refuse because of its key.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = Turn<'_, T>> {
        let first = self.in_use.load(Ordering::Relaxed);
        let turn = move |(number, key)| Turn {
            key,
            ring: self,
            number,
            is_first: number == first,
        };
        let (before, from) = (
            self.iter().enumerate().take(first),
            self.iter().enumerate().skip(first),
        );
        from.chain(before).map(turn)
    }
}

/// A key, while a request is tried with it.
pub(crate) struct Turn<'a, T> {
    pub(crate) key: &'a T,
    ring: &'a KeyRing<T>,
    number: usize,
    is_first: bool,
}

impl<T> Turn<'_, T> {
    /// GoPay takes this key, after it has refused those of the turns before. `setting` is where the
    /// configuration names them.
    pub(crate) fn note_accepted(&self, setting: &'static str) {
        let Self { ring, number, .. } = *self;
        if !self.is_first && ring.in_use.swap(number, Ordering::Relaxed) != number {
            tracing::warn!(
                event = "gopay.key_switched",
                setting,
                file = number + 1,
                "GoPay refuses the key that was used and takes another one of the list, which is used from now on"
            );
        }
    }
}

impl<T> From<T> for KeyRing<T> {
    fn from(key: T) -> Self {
        Self {
            first: key,
            further: Vec::new(),
            in_use: AtomicUsize::new(0),
        }
    }
}

impl<T: Clone> Clone for KeyRing<T> {
    fn clone(&self) -> Self {
        Self {
            first: self.first.clone(),
            further: self.further.clone(),
            in_use: AtomicUsize::new(self.in_use.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(ring: &KeyRing<char>) -> String {
        ring.in_order().map(|turn| *turn.key).collect()
    }

    fn accept(ring: &KeyRing<char>, key: char) {
        let turn = ring.in_order().find(|turn| *turn.key == key).unwrap();
        turn.note_accepted("key_file");
    }

    #[test]
    fn the_key_that_gopay_takes_is_tried_first() {
        let ring = KeyRing::new(['a', 'b', 'c']).unwrap();
        assert_eq!(order(&ring), "abc");
        // A request with the former key, whose answer comes late.
        let late = ring.in_order().next().unwrap();
        accept(&ring, 'b');
        assert_eq!(order(&ring), "bca");
        assert_eq!(*ring.first(), 'a');
        late.note_accepted("key_file");
        assert_eq!(order(&ring), "bca");
        accept(&ring, 'a');
        assert_eq!(order(&ring), "abc");
    }

    #[test]
    fn a_ring_has_a_key() {
        assert!(KeyRing::<char>::new([]).is_none());
        assert_eq!(order(&KeyRing::from('a')), "a");
    }
}
