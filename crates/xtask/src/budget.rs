//! The size of the shipped app, and its limits in `crates/xtask/budget.toml`.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use toml::Table;

use crate::workspace::{self, Workspace};

pub(crate) const FILE: &str = "crates/xtask/budget.toml";

/// Bytes that a browser downloads, compressed with brotli.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// The WebAssembly that the first screen waits for.
    pub(crate) wasm: u64,
    /// The WebAssembly that comes after it.
    pub(crate) later: u64,
    pub(crate) glue: u64,
    /// The page and all that it has to load until the shop can be used.
    pub(crate) usable: u64,
}

impl Sizes {
    pub(crate) fn of(bundle: &Path) -> Result<Self> {
        let at = || bundle.display().to_string();
        let mut sizes = Self::default();
        for entry in fs::read_dir(bundle).with_context(at)? {
            let entry = entry.with_context(at)?;
            let name = entry.file_name();
            // What the browser gets, of each file that has to be there.
            let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".br")) else {
                continue;
            };
            let size = entry.metadata().with_context(at)?.len();
            if name.starts_with("later-") {
                sizes.later += size;
                continue;
            }
            sizes.usable += size;
            if name.ends_with(".wasm") {
                sizes.wasm += size;
            } else if name.starts_with("mini-app-") {
                sizes.glue += size;
            }
        }
        if sizes.wasm == 0 || sizes.later == 0 || sizes.glue == 0 {
            bail!("{FILE}: {} has no compressed app in it", bundle.display());
        }
        Ok(sizes)
    }

    /// Prints each limit that is exceeded.
    pub(crate) fn are_within_budget(self, workspace: &Workspace) -> Result<bool> {
        let over = self.over(&read(&workspace::read(&workspace.path(FILE))?)?);
        for line in &over {
            eprintln!("xtask: {line}");
        }
        Ok(over.is_empty())
    }

    fn over(self, budget: &Self) -> Vec<String> {
        [
            ("the WebAssembly of the first screen (wasm)", self.wasm, budget.wasm),
            ("the WebAssembly of all others (later)", self.later, budget.later),
            ("the JavaScript around it (glue)", self.glue, budget.glue),
            ("everything until the shop is usable (usable)", self.usable, budget.usable),
        ]
        .into_iter()
        .filter(|(_, size, limit)| size > limit)
        .map(|(what, size, limit)| {
            format!(
                "{what} has {size} bytes in brotli, and {FILE} allows {limit}: see dist/sizes.json for what grew, and make it smaller, or raise the limit and say in the commit what the buyer gets for it"
            )
        })
        .collect()
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            wasm,
            later,
            glue,
            usable,
        } = self;
        write!(
            f,
            "brotli bytes: wasm {wasm}, glue {glue}, until usable {usable}, later {later}"
        )
    }
}

fn read(text: &str) -> Result<Sizes> {
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| anyhow!("{FILE}: {}", error.message()))?;
    let number = |key: &'static str| {
        table
            .get(key)
            .and_then(toml::Value::as_integer)
            .and_then(|bytes| u64::try_from(bytes).ok())
            .with_context(|| format!("{FILE}: it needs `{key}`, a number of bytes"))
    };
    Ok(Sizes {
        wasm: number("wasm")?,
        later: number("later")?,
        glue: number("glue")?,
        usable: number("usable")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Sizes = Sizes {
        wasm: 100,
        later: 90,
        glue: 10,
        usable: 150,
    };

    #[test]
    fn a_size_over_its_limit_is_named_with_both() {
        let sizes = Sizes {
            glue: 11,
            usable: 151,
            ..BUDGET
        };
        let over = sizes.over(&BUDGET);
        assert_eq!(over.len(), 2);
        assert!(over[0].contains("glue") && over[0].contains("11 bytes"));
        assert!(over[0].contains("allows 10") && over[1].contains("usable"));
        assert!(BUDGET.over(&BUDGET).is_empty());
    }

    #[test]
    fn pictures_and_files_that_are_not_compressed_do_not_count() {
        let folder = test_kit::TempDir::create();
        fs::create_dir(folder.join("assets")).unwrap();
        for (name, size) in [
            ("index.html.br", 1),
            ("boot-01.js.br", 20),
            ("mini-app-01.js.br", 300),
            ("mini-app-01_bg.wasm.br", 4_000),
            ("mini-app-01_bg.wasm", 50_000),
            ("later-01.wasm.br", 600_000),
            ("mini-app-01_bg.wasm.gz", 50_000),
            ("assets/logo.svg.br", 50_000),
        ] {
            fs::write(folder.join(name), vec![0; size]).unwrap();
        }
        let sizes = Sizes::of(&folder);
        let expected = Sizes {
            wasm: 4_000,
            later: 600_000,
            glue: 300,
            usable: 4_321,
        };
        assert_eq!(sizes.unwrap(), expected);
    }

    #[test]
    fn the_limits_can_be_read_and_a_missing_one_is_named() {
        let limits = read(include_str!("../budget.toml")).unwrap();
        assert!(limits.wasm + limits.glue < limits.usable);
        let error = read("wasm = 1\nlater = 1\nglue = -2").unwrap_err();
        assert!(error.to_string().contains("`glue`"), "{error}");
    }
}
