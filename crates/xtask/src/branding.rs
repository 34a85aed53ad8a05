//! `cargo xtask shop`: writes the `[shop]` of `shop.toml` into page, style sheet and words.
//!
//! The written files are in the repository, so that trunk and editors need no step before them.
//! Not here: the catalogue, which the merchant reads from the same file.

mod colour;
mod identity;
mod palette;
mod picture;
mod splice;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::error::Cause;
use crate::workspace::{self, Workspace};
use identity::{Identity, Picture};

pub(crate) const FILE: &str = "shop.toml";

const PAGE: &str = "index.html";
const STYLE: &str = "style/tokens.css";
const WORDS: &str = "src/text/shop.rs";

struct BrandedFile {
    name: &'static str,
    path: PathBuf,
    is_up_to_date: bool,
    text: String,
}

/// Prints the name of every file that it changes.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for file in files(workspace)? {
        if !file.is_up_to_date {
            fs::write(&file.path, file.text).with_context(|| file.path.display().to_string())?;
            println!("xtask: {} follows {FILE}", file.name);
        }
    }
    warn_about_pictures(workspace)
}

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    match files(workspace)?.iter().find(|file| !file.is_up_to_date) {
        None => Ok(()),
        Some(BrandedFile { name, .. }) => {
            bail!("{name} does not say what {FILE} says: run `cargo xtask shop`")
        }
    }
}

/// Names pictures that look bad or are larger than what buyers see of them.
fn warn_about_pictures(workspace: &Workspace) -> Result<()> {
    for picture in &identity(workspace)?.pictures {
        if let Some(problem) = picture::problem(picture, &path_of(workspace, picture)) {
            println!("xtask: {FILE}: {problem}");
        }
    }
    Ok(())
}

fn path_of(workspace: &Workspace, picture: &Picture) -> PathBuf {
    workspace.path(picture.image.trim_start_matches('/'))
}

fn identity(workspace: &Workspace) -> Result<Identity> {
    let identity = Identity::parse(&workspace::read(&workspace.path(FILE))?);
    identity.map_err(|wrong| Cause::Source(format!("{FILE}: {wrong}")).into())
}

fn files(workspace: &Workspace) -> Result<[BrandedFile; 3]> {
    let shop = identity(workspace)?;
    for picture in &shop.pictures {
        let path = path_of(workspace, picture);
        if !path.is_file() {
            bail!(Cause::Source(format!(
                "{FILE}: product {:?}: its `image` is not there: {}",
                picture.product,
                path.display()
            )));
        }
    }
    let lacks = |file| {
        move |lacks| Cause::Source(format!("{file} has no place for {FILE}: it needs {lacks}"))
    };
    Ok([
        branded(workspace, PAGE, |old| {
            Ok(splice::page(old, &shop).map_err(lacks(PAGE))?)
        })?,
        branded(workspace, STYLE, |old| {
            Ok(splice::style(old, &shop).map_err(lacks(STYLE))?)
        })?,
        branded(workspace, WORDS, |_| Ok(splice::words(&shop)))?,
    ])
}

fn branded(
    workspace: &Workspace,
    name: &'static str,
    renew: impl Fn(&str) -> Result<String>,
) -> Result<BrandedFile> {
    let path = workspace.path(name);
    let old = workspace::read(&path)?;
    let text = renew(&old)?;
    Ok(BrandedFile {
        name,
        path,
        is_up_to_date: text == old,
        text,
    })
}
