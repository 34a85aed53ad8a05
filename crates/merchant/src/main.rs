//! The program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    merchant::cli::run().await
}
