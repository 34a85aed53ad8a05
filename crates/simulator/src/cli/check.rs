//! `gopay-simulator check`: the back end is asked by shell commands, and the report is printed.

use super::{Settings, Values, command::CheckArguments, file::CheckTable};
use simulator::check::BackEnd;
use std::{
    error::Error,
    fs,
    path::Path,
    process::{ExitCode, Stdio},
    time::Duration,
};
use tokio::process::Command;

const DEFAULT_WAIT_SECONDS: u64 = 30;

struct Commands {
    order: String,
    state: Option<StateCommand>,
    /// Of their environment.
    variables: Vec<(String, String)>,
}

struct StateCommand {
    command: String,
    paid: String,
}

impl CheckTable {
    /// The command line goes before the file.
    fn merged(self, arguments: CheckArguments) -> Self {
        Self {
            order: arguments.order.or(self.order),
            state: arguments.state.or(self.state),
            paid: arguments.paid.or(self.paid),
            wait: arguments.wait.or(self.wait),
        }
    }

    fn commands(self, variables: Vec<(String, String)>) -> Result<Commands, &'static str> {
        let state = match (self.state, self.paid) {
            (Some(command), Some(paid)) => Some(StateCommand { command, paid }),
            (None, None) => None,
            (Some(_), None) => {
                return Err("--state needs --paid, a text that it prints of paid orders only");
            }
            (None, Some(_)) => return Err("--paid needs --state, a command that prints it"),
        };
        let order = self.order.ok_or(
            "name with --order a command that makes the back end create an order and its payment",
        )?;
        Ok(Commands {
            order,
            state,
            variables,
        })
    }
}

/// Ends with 0 at full marks, else with 1.
pub(crate) async fn check(
    settings: &mut Settings,
    arguments: CheckArguments,
    log: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(merchant) = &arguments.merchant {
        settings.notify = merchant.clone();
    }
    let json = arguments.json.clone();
    let table = std::mem::take(&mut settings.check).merged(arguments);
    let wait = Duration::from_secs(table.wait.unwrap_or(DEFAULT_WAIT_SECONDS));
    let mut simulator = settings.bind().await?;
    // The lines would stand among the report.
    if log && json.as_deref() != Some(Path::new("-")) {
        simulator = simulator.with_log();
    }
    let (address, sandbox) = (simulator.address(), simulator.sandbox_address());
    let values = Values::of(settings, &settings.open_keys()?, address, sandbox)?;
    let commands = table.commands(values.variables())?;
    eprintln!("gopay-simulator listening on http://{address}");
    let report = simulator.spawn().check(&commands, wait).await?;
    let text = serde_json::to_string_pretty(&report)?;
    match json.as_deref() {
        Some(path) if path == Path::new("-") => println!("{text}"),
        path => {
            if let Some(path) = path {
                let written = fs::write(path, text);
                written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            }
            print!("{report}");
        }
    }
    Ok(match report.is_full() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl Commands {
    /// What a command prints.
    async fn run(&self, command: &str, auth_code: &str) -> Result<String, String> {
        let (shell, flag) = match cfg!(windows) {
            true => ("cmd", "/C"),
            false => ("sh", "-c"),
        };
        let output = Command::new(shell)
            .args([flag, command])
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("GOPAY_AUTH_CODE", auth_code)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| format!("cannot run {shell}: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(said),
            false => {
                let error = String::from_utf8_lossy(&output.stderr);
                let words = [said.trim(), error.trim()].join(" ");
                Err(format!("{command}: {}: {}", output.status, words.trim()))
            }
        }
    }
}

impl BackEnd for Commands {
    async fn place_order(&self, auth_code: String) -> Result<String, String> {
        self.run(&self.order, &auth_code).await
    }

    async fn is_paid(
        &self,
        partner_reference_no: String,
        auth_code: String,
    ) -> Result<Option<bool>, String> {
        let Some(StateCommand { command, paid }) = &self.state else {
            return Ok(None);
        };
        // A number has letters, digits and -_~. only, so that no shell ends the word there.
        let command = command.replace("{order}", &partner_reference_no);
        let said = self.run(&command, &auth_code).await?;
        Ok(Some(said.contains(paid)))
    }
}
