//! The command line as a whole: what to do, and the arguments of each.

use super::Arguments;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use simulator::Url;
use std::path::PathBuf;

/// A GoPay you can run: SDK, payment sheet, APIs and notifications. No real money, no real
/// GoPay.
#[derive(Debug, Parser)]
#[command(name = "gopay-simulator", version)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) arguments: Arguments,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start, send a back end genuine, forged, repeated and malformed notifications, and report what it gets
    /// wrong. Ends with 0 at full marks, else with 1
    Check(CheckArguments),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArguments {
    /// The back end to check, as --notify
    #[arg(long, value_name = "URL")]
    pub(crate) merchant: Option<Url>,
    /// A shell command that makes the back end create an order and its payment. It has the variables of
    /// --values env, and GOPAY_AUTH_CODE
    #[arg(long, value_name = "COMMAND")]
    pub(crate) order: Option<String>,
    /// A shell command that prints an order's state; {order} is its partnerReferenceNo. Only answers are judged
    /// without it
    #[arg(long, value_name = "COMMAND")]
    pub(crate) state: Option<String>,
    /// A text that --state prints of paid orders only, such as `"status":"paid"`
    #[arg(long, value_name = "TEXT")]
    pub(crate) paid: Option<String>,
    /// How long an order, a payment or a state is waited for, 30 without it
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait: Option<u64>,
    /// Write the report as JSON, too; - for the output, in the place of the text
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl CommandLine {
    /// What this process was started with; ends it where that is wrong. Arguments may stand before a command
    /// or behind it.
    pub(crate) fn of_process() -> Self {
        let command = Self::command().mut_args(|argument| argument.global(true));
        let matches = command.get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}
