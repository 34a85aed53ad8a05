//! Merchants by their place, and what is kept for each. Pure.

use crate::host::Host;
use std::{collections::HashMap, iter};

/// The place of a merchant among all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct MerchantNo(usize);

/// A merchant on one of the hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Caller {
    pub(crate) host: Host,
    pub(crate) merchant: MerchantNo,
}

/// An id in a request that no merchant has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no merchant {id:?}; the simulator plays {known}")]
pub struct UnknownMerchant {
    pub(crate) id: String,
    /// Of all merchants.
    pub(crate) known: String,
}

/// A value for each merchant, of which there is at least one.
#[derive(Debug, Clone)]
pub(crate) struct PerMerchant<T> {
    first: T,
    further: Vec<T>,
}

/// A value for each merchant on each host.
#[derive(Debug)]
pub(crate) struct PerCaller<T>(HashMap<Caller, T>);

impl MerchantNo {
    pub(crate) const FIRST: Self = Self(0);
}

impl<T> PerMerchant<T> {
    pub(crate) const fn new(first: T) -> Self {
        Self {
            first,
            further: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, further: T) -> MerchantNo {
        self.further.push(further);
        MerchantNo(self.further.len())
    }

    pub(crate) const fn first(&self) -> &T {
        &self.first
    }

    pub(crate) fn of(&self, MerchantNo(place): MerchantNo) -> &T {
        let further = place.checked_sub(1).and_then(|it| self.further.get(it));
        further.unwrap_or(&self.first)
    }

    pub(crate) fn of_mut(&mut self, MerchantNo(place): MerchantNo) -> &mut T {
        let further = place.checked_sub(1).and_then(|it| self.further.get_mut(it));
        further.unwrap_or(&mut self.first)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (MerchantNo, &T)> {
        let all = iter::once(&self.first).chain(&self.further);
        all.enumerate().map(|(place, it)| (MerchantNo(place), it))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        iter::once(&mut self.first).chain(&mut self.further)
    }

    pub(crate) fn find(&self, is_it: impl Fn(&T) -> bool) -> Option<MerchantNo> {
        self.iter().find(|(_, it)| is_it(it)).map(|(no, _)| no)
    }
}

impl<T: Default> PerCaller<T> {
    pub(crate) fn of(&mut self, caller: Caller) -> &mut T {
        self.0.entry(caller).or_default()
    }

    pub(crate) fn get(&self, caller: Caller) -> Option<&T> {
        self.0.get(&caller)
    }
}

impl<T> Default for PerCaller<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}
