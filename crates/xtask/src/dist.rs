//! `cargo xtask dist`: builds what is shipped, and lists what it is made of.

use std::path::Path;

use anyhow::Result;

use crate::app::{self, Bundle};
use crate::branding;
use crate::package::{self, Package};
use crate::sbom::{self, Program};
use crate::tools::Tools;
use crate::workspace::Workspace;

const ZIP: &str = "mini-app-v1.zip";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// The merchant serves it.
    V2,
    /// GoPay serves it, from files that were uploaded.
    V1(Package),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dist {
    pub(crate) container: Container,
    pub(crate) bundle: Bundle,
}

/// Builds it, and says where it is and what to do with it. Both containers run the same
/// WebAssembly, so a package is made of the bundle.
pub(crate) fn run(dist: &Dist) -> Result<()> {
    let workspace = Workspace::find()?;
    branding::write(&workspace)?;
    let tools = Tools::ensure(&workspace, Tools::DIST)?;
    app::build(&workspace, &tools, dist.bundle)?;
    let bundle = dist.bundle.directory(&workspace);
    match &dist.container {
        Container::V2 => println!(
            "
  {}

  The merchant serves it: `dist` in its configuration.

  {}

  The hash of each of its files: `sha256sum --check` compares a copy with them.
",
            bundle.display(),
            dist.bundle.checksums(&workspace).display()
        ),
        Container::V1(package) => {
            let zip = workspace.path(ZIP);
            let size = package::write(&bundle, package, &zip)?;
            println!("{}", how_to_upload(&zip, size, package));
        }
    }
    // Beside the bundle: what is in its folder is served to buyers.
    let programs = [dist.bundle.program(), Program::MERCHANT, Program::SIMULATOR];
    let bills = sbom::write(&workspace, &programs)?;
    println!(
        "  {}\n\n  What the bundle, the merchant and the simulator are linked from (CycloneDX 1.6).\n",
        bills.display()
    );
    Ok(())
}

/// Unverified: nothing of it was ever uploaded.
fn how_to_upload(zip: &Path, size: usize, package: &Package) -> String {
    let (zip, merchant) = (zip.display(), &package.merchant);
    let kilobytes = size.div_ceil(1000);
    format!(
        "
  {zip}: {kilobytes} kB

  It calls the merchant at {merchant}, which takes it only from the origins that
  `package_origins` in its configuration names.

  Upload it in the Versions tab of your mini app at https://miniapp.midtrans.com, or with GoPay's
  VS Code extension \"Gopay Miniapp Develop Tool\"; then Release, and Apply Release. Before that, a
  phone with GoPay opens it at
  gopay://mini-app/windvane?app_id=<Miniapp ID>&publish_id=<the version's id>
"
    )
}
