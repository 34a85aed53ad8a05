//! The same notifications, sent to a server that a merchant could have written in Node.

use crate::{
    Error, load,
    report::{Level, Report, mebibytes},
    stack::{Stack, each, ensure_all},
};
use std::path::Path;

const CONNECTIONS: u32 = 64;
const COUNT: u64 = 5000;

/// As fast as each can, in turns, and the memory of each at the end.
pub(crate) async fn measure(
    stack: &Stack,
    folder: &Path,
    count: u32,
    report: &mut Report,
) -> Result<(), Error> {
    let cookies = stack.buyers("buyer", 100).await?;
    let rival = stack.start_rival(folder).await?;
    // Node compiles what runs often: not in the first run.
    let calls = stack.paid_orders(&cookies, "warm", COUNT).await?;
    for address in [rival.address, stack.merchant()] {
        let send = each(calls.clone(), 200);
        ensure_all(
            "warming up",
            &load::at_once(&[address], CONNECTIONS, COUNT, send).await,
        )?;
    }
    let (mut ours, mut rivals, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..count {
        let prefix = format!("{run}-");
        let calls = stack.paid_orders(&cookies, &prefix, COUNT).await?;
        let mut servers = [(stack.merchant(), &mut ours), (rival.address, &mut rivals)];
        if run % 2 == 1 {
            servers.reverse();
        }
        for (address, rates) in servers {
            let send = each(calls.clone(), 200);
            let figures = load::at_once(&[address], CONNECTIONS, COUNT, send).await;
            ensure_all(&format!("http://{address}"), &figures)?;
            rates.push(figures.per_second());
        }
        ratios.extend(
            ours.last()
                .zip(rivals.last())
                .map(|(ours, rivals)| ours / rivals),
        );
    }
    let memory = [stack.merchant_memory()?, rival.memory()?].map(mebibytes);
    report.figures("notifications at full speed: merchant", "/s", &ours);
    report.figures("notifications at full speed: rival", "/s", &rivals);
    report.at_least("notifications at full speed, to the rival's", 10.0, &ratios);
    report.figures("memory after them: merchant", "MiB", &memory[..1]);
    report.figures("memory after them: rival", "MiB", &memory[1..]);
    let share = memory[0] / memory[1];
    report.at_most(
        "memory after them, to the rival's",
        Level::Floor,
        0.2,
        "",
        &[share],
    );
    Ok(())
}
