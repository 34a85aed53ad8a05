//! Presentational components: values and callbacks in, a view out.

pub mod action;
pub mod countdown;
pub mod dyn_view;
pub mod heading;
pub mod note;
pub mod receipt;
pub mod status_icon;
pub mod stepper;
pub mod top_bar;

pub use action::{Action, Weight};
pub use countdown::Countdown;
pub use dyn_view::{
    ClickHandler, DynAttr, DynText, DynView, dyn_attr, dyn_text, dyn_view, mark_indonesian,
    on_click,
};
pub use heading::Heading;
pub use note::Note;
pub use receipt::{Receipt, rewards};
pub use status_icon::{StatusIcon, Tone};
pub use stepper::Stepper;
pub use top_bar::{LANGUAGE, TopBar};
