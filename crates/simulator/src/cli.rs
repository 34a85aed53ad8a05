//! The command line, the configuration file, and the values that a back end needs.

mod arguments;
mod check;
mod command;
mod file;
mod settings;
mod values;

pub(crate) use arguments::Arguments;
pub(crate) use check::check;
pub(crate) use command::{Command, CommandLine};
pub(crate) use settings::Settings;
pub(crate) use values::Values;
