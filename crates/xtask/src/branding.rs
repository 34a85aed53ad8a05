//! `cargo xtask shop`: puts what `shop.toml` says about the shop into the sources.
//!
//! They are kept in the repository all the same, so that trunk and an editor see what buyers
//! see, and nothing has to run before them.
//! Not here: what is for sale, which the merchant reads from the same file.

pub(crate) mod colour;
pub(crate) mod identity;
mod palette;
mod picture;
mod splice;

use std::fs;
use std::path::PathBuf;

use crate::error::Error;
use crate::workspace::{self, Workspace};
use identity::{Identity, Picture};

/// Where it is said.
pub(crate) const FILE: &str = "shop.toml";

const PAGE: &str = "index.html";
const STYLE: &str = "style/tokens.css";
const WORDS: &str = "src/text/shop.rs";

/// A file as it has to be.
struct Place {
    name: &'static str,
    path: PathBuf,
    is_right: bool,
    text: String,
}

/// Writes what is not yet as `shop.toml` says, and names it.
pub(crate) fn write(workspace: &Workspace) -> Result<(), Error> {
    for place in places(workspace)? {
        if !place.is_right {
            fs::write(&place.path, place.text).map_err(|source| Error::File {
                path: place.path,
                source,
            })?;
            println!("xtask: {} follows {FILE}", place.name);
        }
    }
    complain(workspace)
}

/// Fails if a file does not say what `shop.toml` says.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Error> {
    match places(workspace)?.iter().find(|place| !place.is_right) {
        None => Ok(()),
        Some(Place { name, .. }) => Err(Error::ShopStale { name }),
    }
}

/// Says which pictures look bad, or cost buyers more than what they see.
fn complain(workspace: &Workspace) -> Result<(), Error> {
    for picture in &identity(workspace)?.pictures {
        let complaint = picture::complaint(picture, &place_of(workspace, picture));
        if let Some(complaint) = complaint {
            println!("xtask: {FILE}: {complaint}");
        }
    }
    Ok(())
}

fn place_of(workspace: &Workspace, picture: &Picture) -> PathBuf {
    workspace.path(picture.image.trim_start_matches('/'))
}

fn identity(workspace: &Workspace) -> Result<Identity, Error> {
    Identity::parse(&workspace::read(&workspace.path(FILE))?).map_err(Error::Shop)
}

fn places(workspace: &Workspace) -> Result<[Place; 3], Error> {
    let shop = identity(workspace)?;
    for picture in &shop.pictures {
        let path = place_of(workspace, picture);
        if !path.is_file() {
            let product = picture.product.clone();
            return Err(Error::PictureMissing { product, path });
        }
    }
    let lacks = |file| move |lacks| Error::ShopPlace { file, lacks };
    Ok([
        place(workspace, PAGE, |old| {
            splice::page(old, &shop).map_err(lacks(PAGE))
        })?,
        place(workspace, STYLE, |old| {
            splice::style(old, &shop).map_err(lacks(STYLE))
        })?,
        place(workspace, WORDS, |_| Ok(splice::words(&shop)))?,
    ])
}

fn place(
    workspace: &Workspace,
    name: &'static str,
    renew: impl Fn(&str) -> Result<String, Error>,
) -> Result<Place, Error> {
    let path = workspace.path(name);
    let old = workspace::read(&path)?;
    let text = renew(&old)?;
    Ok(Place {
        name,
        path,
        is_right: text == old,
        text,
    })
}
