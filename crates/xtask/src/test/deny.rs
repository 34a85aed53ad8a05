//! cargo-deny over all dependencies; `.cargo/deny.toml` has the rules.

use std::process::Command;

use anyhow::Result;

use crate::outcome::Outcome;
use crate::process;
use crate::tools::Tools;
use crate::workspace::Workspace;

/// Advisories and withdrawn versions are looked up in a database on the internet. Where it cannot be
/// reached, the report says so: the check has not run.
pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let tools = Tools::ensure(workspace, Tools::DENY)?;
    let holds = check(workspace, &tools, &["licenses", "bans", "sources"])?;
    let mut outcome = Outcome::check(holds);
    if fetch_advisories(workspace, &tools)? {
        outcome.is_broken |= !check(workspace, &tools, &["advisories"])?;
    } else {
        outcome.not_run.push(
            "advisories and withdrawn versions: their database cannot be reached, the reason is above"
                .to_owned(),
        );
    }
    Ok(outcome)
}

fn fetch_advisories(workspace: &Workspace, tools: &Tools) -> Result<bool> {
    let mut fetch = cargo_deny(workspace, tools);
    // Git would wait for somebody to type a password.
    fetch.args(["fetch", "db"]).env("GIT_TERMINAL_PROMPT", "0");
    Ok(process::run("cargo-deny", &mut fetch)?.success())
}

/// A warning fails as well: an entry of the rules that nothing needs.
fn check(workspace: &Workspace, tools: &Tools, what: &[&str]) -> Result<bool> {
    let mut deny = cargo_deny(workspace, tools);
    deny.args(["check", "--deny", "warnings"]).args(what);
    Ok(process::run("cargo-deny", &mut deny)?.success())
}

fn cargo_deny(workspace: &Workspace, tools: &Tools) -> Command {
    let mut command = tools.program("cargo-deny");
    command
        .args(["--workspace", "--locked"])
        .current_dir(workspace.path(""));
    command
}
