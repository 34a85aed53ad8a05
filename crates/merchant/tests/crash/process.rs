//! The merchant as a process of its own.

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
};
use test_kit::{WAIT_TIMEOUT, within};
use tokio::sync::watch;

pub(crate) struct Process {
    child: Child,
    life: watch::Receiver<Life>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Starting,
    Listening(SocketAddr),
    Over,
}

impl Process {
    /// What it says on standard error goes into `said`.
    pub(crate) fn start(configuration: &Path, variables: &[(&str, String)], said: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_merchant"))
            .arg("--config")
            .arg(configuration)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(
                File::options()
                    .create(true)
                    .append(true)
                    .open(said)
                    .unwrap(),
            )
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, life) = watch::channel(Life::Starting);
        // Whatever ends the process ends its standard output.
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let address = line.strip_prefix("merchant listening on http://");
                tell.send_replace(Life::Listening(address.unwrap().parse().unwrap()));
            }
            tell.send_replace(Life::Over);
        });
        Self { child, life }
    }

    /// Where it listens; `None` if it does not live to.
    pub(crate) async fn listening(&self) -> Option<SocketAddr> {
        match self.wait(|life| *life != Life::Starting).await {
            Life::Listening(address) => Some(address),
            Life::Starting | Life::Over => None,
        }
    }

    /// Its end, which somebody else has to bring about.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        self.wait(|life| *life == Life::Over).await;
        self.child.wait().unwrap()
    }

    pub(crate) fn is_over(&self) -> bool {
        *self.life.borrow() == Life::Over
    }

    /// As platforms ask.
    pub(crate) fn ask_to_end(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    async fn wait(&self, until: impl FnMut(&Life) -> bool) -> Life {
        let mut life = self.life.clone();
        let changed = life.wait_for(until);
        let changed = within(WAIT_TIMEOUT, "the merchant's address or end", changed);
        *changed.await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
