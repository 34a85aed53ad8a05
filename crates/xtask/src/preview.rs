//! `cargo xtask preview`: app, merchant and simulator, rebuilt and restarted when their sources change.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::app::Bundle;
use crate::error::{Cause, is_interruption};
use crate::process::Process;
use crate::progress::Progress;
use crate::servers::{self, Ports, Server};
use crate::tools::{Tools, target};
use crate::watch::Watch;
use crate::workspace::Workspace;
use crate::{app, branding, http, interrupt};

/// The sources are compared at this interval; a change is acted on after two intervals.
const WATCH_INTERVAL: Duration = Duration::from_millis(250);

/// Builds and starts everything, and keeps it up to date until Ctrl-C.
pub(crate) fn run(ports: Ports) -> Result<()> {
    let workspace = Workspace::find()?;
    ports.ensure_free()?;
    let mut preview = Preview::start(workspace, ports)?;
    let (port, what) = match ports.sandbox {
        None => (
            ports.simulator,
            "A phone with the shop in it: pick something, pay, choose what GoPay does.\n  \
             Saved source files are rebuilt and shown.",
        ),
        Some(_) => (
            ports.merchant,
            "The shop in a browser, as in Midtrans' sandbox: pick something, pay with the PIN 123456.\n  \
             Saved source files are rebuilt; reload the page to see them.",
        ),
    };
    println!(
        "\n  {}\n\n  {what} Ctrl-C stops everything.\n",
        address(port)
    );
    loop {
        match preview.keep_up_to_date() {
            Ok(()) => thread::sleep(WATCH_INTERVAL),
            Err(error) if is_interruption(&error) => {
                drop(preview);
                println!("\nxtask: everything is stopped");
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
}

fn address(port: u16) -> String {
    format!("http://localhost:{port}")
}

#[derive(Debug)]
struct Preview {
    workspace: Workspace,
    tools: Tools,
    ports: Ports,
    app: Watch,
    /// Its change is written into the app's sources, which rebuilds the app.
    shop: Watch,
    /// A server without a process failed to start; its next change starts it again.
    servers: BTreeMap<Server, (Watch, Option<Process>)>,
}

impl Preview {
    fn start(workspace: Workspace, ports: Ports) -> Result<Self> {
        let watch = |inputs: &[&str]| {
            Watch::new(inputs.iter().map(|input| workspace.path(input)).collect())
        };
        // Before the build, so that a change during it is not missed.
        let shop = watch(&[branding::FILE]);
        branding::write(&workspace)?;
        let app = watch(app::INPUTS);
        let watches: Vec<_> = Server::ALL
            .iter()
            .map(|&server| (server, watch(server.inputs())))
            .collect();

        let tools = build(&workspace)?;
        app::build(&workspace, &tools, Bundle::Preview)?;
        servers::make_keys(&workspace)?;
        servers::delete_orders(&workspace)?;
        let mut servers = BTreeMap::new();
        for (server, watch) in watches {
            servers.insert(server, (watch, Some(server.start(&workspace, ports)?)));
        }
        Ok(Self {
            workspace,
            tools,
            ports,
            app,
            shop,
            servers,
        })
    }

    /// Rebuilds and restarts what has changed. After a failed build the previous one runs on.
    fn keep_up_to_date(&mut self) -> Result<()> {
        interrupt::check()?;
        for (_, process) in self.servers.values_mut() {
            if let Some(process) = process {
                servers::ensure_running(process)?;
            }
        }
        let mut is_new = false;
        for &server in Server::ALL {
            is_new |= self.update_server(server)?;
        }
        if self.shop.has_changed() {
            tolerate_source_error(branding::write(&self.workspace))?;
        }
        if self.app.has_changed() {
            println!("xtask: the app has changed: rebuilding");
            is_new |=
                tolerate_source_error(app::build(&self.workspace, &self.tools, Bundle::Preview))?;
        }
        if is_new {
            self.reload_page();
        }
        Ok(())
    }

    fn update_server(&mut self, server: Server) -> Result<bool> {
        let Some((watch, process)) = self.servers.get_mut(&server) else {
            return Ok(false);
        };
        if !watch.has_changed() {
            return Ok(false);
        }
        println!("xtask: {} has changed: rebuilding", server.name());
        if !tolerate_source_error(servers::build(&self.workspace, &[server]))? {
            return Ok(false);
        }
        // A configuration that is refused must not stop the server that runs.
        if !tolerate_source_error(server.check(&self.workspace, self.ports))? {
            return Ok(false);
        }
        drop(process.take());
        match server.start(&self.workspace, self.ports) {
            Ok(started) => {
                *process = Some(started);
                println!("xtask: {} runs again", server.name());
                Ok(true)
            }
            Err(error) if is_interruption(&error) => Err(error),
            Err(error) => {
                eprintln!("xtask: {error:#}. It is started again when something in it changes.");
                Ok(false)
            }
        }
    }

    /// Through the simulator: neither the app nor the merchant has code for it, so that a page without
    /// the simulator's SDK is reloaded by hand.
    fn reload_page(&self) {
        let answer = http::status("POST", self.ports.simulator, "/control/reload");
        if self.ports.sandbox.is_some() || answer.is_none_or(|status| status >= 400) {
            println!("xtask: reload the page to see the change");
        }
    }
}

fn build(workspace: &Workspace) -> Result<Tools> {
    target::ensure(workspace)?;
    Progress::show(|progress| {
        thread::scope(|scope| {
            let tools = scope.spawn(|| Tools::ensure_with(workspace, Tools::PREVIEW, progress));
            let ours = servers::build_with(workspace, Server::ALL, progress)
                .and_then(|()| app::compile_for_preview(workspace, progress));
            let tools = tools.join().unwrap_or_else(|panic| resume_unwind(panic));
            ours.and(tools)
        })
    })
}

/// Whether a build succeeded. An error in the sources is printed and does not end the preview.
fn tolerate_source_error(built: Result<()>) -> Result<bool> {
    match built {
        Ok(()) => Ok(true),
        Err(error) => match Cause::of(&error) {
            Some(Cause::Source(sentence)) => {
                eprintln!("xtask: {sentence}. What ran before runs on.");
                Ok(false)
            }
            _ => Err(error),
        },
    }
}
