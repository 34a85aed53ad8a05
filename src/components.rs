//! Dumb parts of screens: values and callbacks in, a view out.

pub mod action;
pub mod countdown;
pub mod heading;
pub mod live;
pub mod mark;
pub mod note;
pub mod receipt;
pub mod stepper;
pub mod top;

pub use action::{Action, Weight};
pub use countdown::Countdown;
pub use heading::Heading;
pub use live::{Flag, Live, Tap, Words, around, flag, live, tap, words};
pub use mark::{Mark, Tone};
pub use note::Note;
pub use receipt::Receipt;
pub use stepper::Stepper;
pub use top::{LANGUAGE, Top};
