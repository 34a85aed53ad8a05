//! `cargo xtask preview`: the whole thing, running, and kept up to date.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use crate::app::Bundle;
use crate::error::Error;
use crate::process::Process;
use crate::progress::Progress;
use crate::servers::{self, Ports, Server};
use crate::tools::{Tools, target};
use crate::watch::Watch;
use crate::workspace::Workspace;
use crate::{app, branding, http, interrupt};

/// How often the sources are looked at; a change is acted on after two looks.
const LOOK: Duration = Duration::from_millis(250);

/// Builds and starts everything, and keeps it up to date until Ctrl-C.
pub(crate) fn run(ports: Ports) -> Result<(), Error> {
    let workspace = Workspace::find()?;
    ports.check_free()?;
    let mut preview = Preview::start(workspace, ports)?;
    println!(
        "\n  {}\n\n  A phone with the shop in it: pick something, pay, choose what GoPay does.\n  \
         Saved source files are rebuilt and shown. Ctrl-C stops everything.\n",
        address(ports.simulator)
    );
    loop {
        match preview.keep_up_to_date() {
            Ok(()) => thread::sleep(LOOK),
            Err(Error::Interrupted) => {
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
    /// It is written into the app, which is what rebuilds that.
    shop: Watch,
    /// No process: it did not start, and is started again when something in it changes.
    servers: BTreeMap<Server, (Watch, Option<Process>)>,
}

impl Preview {
    fn start(workspace: Workspace, ports: Ports) -> Result<Self, Error> {
        let watch = |inputs: &[&str]| {
            Watch::new(inputs.iter().map(|input| workspace.path(input)).collect())
        };
        // Looked at before the build, so that a change during it is not missed.
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
        servers::forget_orders(&workspace)?;
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

    /// Rebuilds and restarts what has changed. A failed build is told by its
    /// compiler, and what ran before runs on.
    fn keep_up_to_date(&mut self) -> Result<(), Error> {
        interrupt::check()?;
        for (_, process) in self.servers.values_mut() {
            if let Some(process) = process {
                servers::check_running(process)?;
            }
        }
        let mut is_new = false;
        for &server in Server::ALL {
            is_new |= self.update_server(server)?;
        }
        if self.shop.has_changed() {
            carry_on(branding::write(&self.workspace))?;
        }
        if self.app.has_changed() {
            println!("xtask: the app has changed: rebuilding");
            is_new |= carry_on(app::build(&self.workspace, &self.tools, Bundle::Preview))?;
        }
        if is_new {
            self.reload_page();
        }
        Ok(())
    }

    fn update_server(&mut self, server: Server) -> Result<bool, Error> {
        let Some((watch, process)) = self.servers.get_mut(&server) else {
            return Ok(false);
        };
        if !watch.has_changed() {
            return Ok(false);
        }
        println!("xtask: {} has changed: rebuilding", server.name());
        if !carry_on(servers::build(&self.workspace, &[server]))? {
            return Ok(false);
        }
        // What it does not take is said while the one before still runs.
        if !carry_on(server.check(&self.workspace, self.ports))? {
            return Ok(false);
        }
        drop(process.take());
        match server.start(&self.workspace, self.ports) {
            Ok(started) => {
                *process = Some(started);
                println!("xtask: {} runs again", server.name());
                Ok(true)
            }
            Err(Error::Interrupted) => Err(Error::Interrupted),
            Err(error) => {
                eprintln!("xtask: {error}. It is started again when something in it changes.");
                Ok(false)
            }
        }
    }

    /// The page is told by the simulator: neither the app nor the merchant
    /// has any code for it.
    fn reload_page(&self) {
        let answer = http::status("POST", self.ports.simulator, "/control/reload");
        if answer.is_none_or(|status| status >= 400) {
            println!("xtask: reload the page to see the change");
        }
    }
}

/// Builds the tools that are not there yet beside what they are for.
fn build(workspace: &Workspace) -> Result<Tools, Error> {
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

/// Whether a build went well; only sources that are wrong are something to live with.
fn carry_on(built: Result<(), Error>) -> Result<bool, Error> {
    match built {
        Ok(()) => Ok(true),
        Err(
            error @ (Error::Build { .. }
            | Error::Configuration
            | Error::Shop(_)
            | Error::PictureMissing { .. }
            | Error::ShopPlace { .. }),
        ) => {
            eprintln!("xtask: {error}. What ran before runs on.");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
