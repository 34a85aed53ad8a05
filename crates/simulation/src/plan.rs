//! What a run follows from.

use crate::fault::Fault;
use enumset::EnumSet;
use std::fmt;

/// The whole input of a run: the same plan gives the same run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub buyers: u8,
    pub faults: EnumSet<Fault>,
    pub trace: bool,
}

impl Plan {
    /// A few buyers and every fault.
    pub const DEFAULT: Self = Self {
        seed: 1,
        buyers: 3,
        faults: EnumSet::all(),
        trace: false,
    };
}

/// The command that repeats the run.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.faults.iter().map(|fault| fault.to_string()).collect();
        let faults = if names.is_empty() {
            "none"
        } else {
            &names.join(",")
        };
        write!(
            f,
            "cargo xtask simulation --seeds 1 --from {} --buyers {} --faults {faults} --trace",
            self.seed, self.buyers
        )
    }
}
