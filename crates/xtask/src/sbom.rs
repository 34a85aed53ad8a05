//! What a shipped program is linked from, as a software bill of materials: CycloneDX 1.6 in JSON.
//!
//! Invariant: the same `Cargo.lock` makes the same bytes: no time, no serial number, no folder of this machine.
//! Not here: macros, build scripts and tools. They build the program and are not in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::process;
use crate::tools::target;
use crate::workspace::{self, Workspace};

const FOLDER: &str = "target/sbom";

/// Its name in bills.
const STANDARD_LIBRARY: &str = "std";

/// As it is built: cargo chooses crates and their features by these.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) package: &'static str,
    pub(crate) features: &'static str,
    /// The target triple; of this machine where there is none.
    pub(crate) target: Option<&'static str>,
}

impl Program {
    pub(crate) const MERCHANT: Self = Self::native("merchant");
    pub(crate) const SIMULATOR: Self = Self::native("simulator");

    const fn native(package: &'static str) -> Self {
        Self {
            package,
            features: "",
            target: None,
        }
    }

    fn target(&self) -> Result<String> {
        match self.target {
            Some(target) => Ok(target.to_owned()),
            None => target::host(),
        }
    }
}

/// Writes the bill of each program, and returns the folder.
pub(crate) fn write(workspace: &Workspace, programs: &[Program]) -> Result<PathBuf> {
    let folder = workspace.path(FOLDER);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for program in programs {
        let path = folder.join(format!("{}.cdx.json", program.package));
        let mut text = serde_json::to_string_pretty(&bill(workspace, program)?)?;
        text.push('\n');
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(folder)
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Crate {
    name: String,
    version: String,
}

impl fmt::Display for Crate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// The crates that are linked, each with those that it uses.
#[derive(Debug, PartialEq, Eq)]
struct Linked {
    program: Crate,
    uses: BTreeMap<Crate, BTreeSet<Crate>>,
}

impl Linked {
    /// By `cargo tree`: `cargo metadata` has the features of all members of the workspace together, and so
    /// crates that this program is built without.
    fn of(workspace: &Workspace, program: &Program, target: &str) -> Result<Self> {
        let mut tree = workspace.cargo("tree");
        tree.args(["--package", program.package, "--target", target])
            .args(["--features", program.features])
            .args(["--edges", "normal,no-proc-macro", "--prefix", "depth"]);
        let printed = process::output_of(&mut tree).unwrap_or_default();
        Self::parse(&printed).context("`cargo tree --locked` does not tell what is linked")
    }

    /// Reads lines such as `2serde v1.0.228`: its depth in the tree, then the crate. One with `(*)` behind it stands
    /// with all that it uses further up.
    fn parse(tree: &str) -> Option<Self> {
        let mut uses = BTreeMap::<Crate, BTreeSet<Crate>>::new();
        let mut above = Vec::<Crate>::new();
        for line in tree.lines() {
            let name = line.find(|character: char| !character.is_ascii_digit())?;
            let depth: usize = line[..name].parse().ok()?;
            let mut words = line[name..].split(' ');
            let found = Crate {
                name: words.next()?.to_owned(),
                version: words.next()?.strip_prefix('v')?.to_owned(),
            };
            above.truncate(depth);
            if let Some(user) = above.last() {
                uses.entry(user.clone()).or_default().insert(found.clone());
            }
            uses.entry(found.clone()).or_default();
            above.push(found);
        }
        Some(Self {
            program: above.into_iter().next()?,
            uses,
        })
    }
}

fn bill(workspace: &Workspace, program: &Program) -> Result<Value> {
    let target = program.target()?;
    let linked = Linked::of(workspace, program, &target)?;
    let metadata = metadata(workspace, &target)?;
    let packages = packages(&metadata);
    let lock = workspace::read(&workspace.path("Cargo.lock"))?;
    let checksums = checksums(&lock)?;
    let component = |found: &Crate| -> Result<Value> {
        let package =
            (packages.get(found)).with_context(|| format!("cargo does not know {found}"))?;
        component(found, package, checksums.get(found))
    };
    let mut described = component(&linked.program)?;
    described["type"] = json!("application");
    described["properties"] = json!([
        { "name": "cdx:rustc:sbom:target:triple", "value": target },
        { "name": "cargo:features", "value": program.features },
    ]);
    let mut components: Vec<_> = (linked.uses.keys())
        .filter(|found| **found != linked.program)
        .map(component)
        .collect::<Result<_>>()?;
    components.push(standard_library(workspace)?);
    let dependencies: Vec<_> = (linked.uses.iter())
        .map(|(user, used)| {
            let mut used: Vec<_> = used.iter().map(Crate::to_string).collect();
            if *user == linked.program {
                used.push(STANDARD_LIBRARY.to_owned());
            }
            json!({ "ref": user.to_string(), "dependsOn": used })
        })
        .chain([json!({ "ref": STANDARD_LIBRARY, "dependsOn": [] })])
        .collect();
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": described },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn component(found: &Crate, package: &Value, checksum: Option<&String>) -> Result<Value> {
    let Some(licence) = package["license"].as_str() else {
        bail!("{found} does not name its licence");
    };
    let mut component = json!({
        "type": "library",
        "bom-ref": found.to_string(),
        "name": found.name,
        "version": found.version,
        // Older crates write MIT/Apache-2.0.
        "licenses": [{ "expression": licence.replace('/', " OR ") }],
    });
    // Our own have neither: under their names there may be crates of others on crates.io.
    if let Some(checksum) = checksum {
        component["purl"] = json!(format!("pkg:cargo/{found}"));
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    Ok(component)
}

/// With the crates that it is made of itself.
fn standard_library(workspace: &Workspace) -> Result<Value> {
    let mut rustc = Command::new("rustc");
    let version = process::output_of(rustc.arg("-vV").current_dir(workspace.path("")));
    let release = (version.as_deref().unwrap_or_default().lines())
        .find_map(|line| line.strip_prefix("release: "))
        .context("`rustc -vV` does not tell its release")?;
    Ok(json!({
        "type": "library",
        "bom-ref": STANDARD_LIBRARY,
        "name": STANDARD_LIBRARY,
        "version": release,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "purl": format!("pkg:github/rust-lang/rust@{release}"),
    }))
}

fn metadata(workspace: &Workspace, target: &str) -> Result<Value> {
    let mut metadata = workspace.cargo("metadata");
    metadata.args(["--format-version=1", "--filter-platform", target]);
    let printed = process::output_of(&mut metadata).unwrap_or_default();
    serde_json::from_str(&printed).context("`cargo metadata --locked` does not answer")
}

fn packages(metadata: &Value) -> HashMap<Crate, &Value> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let named = packages.filter_map(|package| {
        let found = Crate {
            name: package["name"].as_str()?.to_owned(),
            version: package["version"].as_str()?.to_owned(),
        };
        Some((found, package))
    });
    named.collect()
}

/// Of the packages from crates.io.
fn checksums(lock: &str) -> Result<HashMap<Crate, String>> {
    let lock: toml::Table = lock.parse().context("Cargo.lock")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let text = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_owned());
    let with_checksum = packages.into_iter().flatten().filter_map(|package| {
        let found = Crate {
            name: text(package, "name")?,
            version: text(package, "version")?,
        };
        Some((found, text(package, "checksum")?))
    });
    Ok(with_checksum.collect())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::app::Bundle;

    static BILLS: LazyLock<[(Program, Value); 3]> = LazyLock::new(|| {
        let workspace = Workspace::find().unwrap();
        let shipped = [
            Program::MERCHANT,
            Program::SIMULATOR,
            Bundle::Release.program(),
        ];
        shipped.map(|program| {
            let bill = bill(&workspace, &program).unwrap();
            (program, bill)
        })
    });

    fn named(name: &str, version: &str) -> Crate {
        Crate {
            name: name.to_owned(),
            version: version.to_owned(),
        }
    }

    fn names(bill: &Value) -> BTreeSet<&str> {
        let components = bill["components"].as_array().unwrap().iter();
        components
            .map(|component| component["name"].as_str().unwrap())
            .filter(|name| *name != STANDARD_LIBRARY)
            .collect()
    }

    #[test]
    fn a_tree_is_read_with_what_each_crate_uses() {
        let tree = "0shop v0.1.0 (/clone)\n1a v1.0.0\n2b v2.0.0+c1\n1c v3.0.0\n2a v1.0.0 (*)\n";
        let linked = Linked::parse(tree).unwrap();
        let (a, b, c) = (
            named("a", "1.0.0"),
            named("b", "2.0.0+c1"),
            named("c", "3.0.0"),
        );
        assert_eq!(linked.program, named("shop", "0.1.0"));
        let uses: Vec<_> = linked.uses.into_iter().collect();
        assert_eq!(
            uses,
            [
                (a.clone(), [b.clone()].into()),
                (b, [].into()),
                (c.clone(), [a.clone()].into()),
                (named("shop", "0.1.0"), [a, c].into()),
            ]
        );
        assert_eq!(Linked::parse(""), None);
        assert_eq!(Linked::parse("error: no such package"), None);
    }

    /// The crates that `package` reaches over dependencies of `kind` first, and over normal ones from there on: `null` for
    /// normal ones, "dev" for its tests'. With the features of all members, so there may be more of them than are linked.
    fn reached(metadata: &Value, package: &str, kind: &Value) -> BTreeSet<String> {
        let nodes: HashMap<_, _> = (metadata["resolve"]["nodes"].as_array().unwrap().iter())
            .map(|node| {
                (
                    node["id"].as_str().unwrap(),
                    node["deps"].as_array().unwrap(),
                )
            })
            .collect();
        let names: HashMap<_, _> = (metadata["packages"].as_array().unwrap().iter())
            .map(|package| {
                (
                    package["id"].as_str().unwrap(),
                    package["name"].as_str().unwrap(),
                )
            })
            .collect();
        let next = |id: &str, kind: &Value| -> Vec<&str> {
            let has_kind = |dependency: &&Value| {
                let kinds = dependency["dep_kinds"].as_array().unwrap();
                kinds.iter().any(|found| found["kind"] == *kind)
            };
            let dependencies = nodes[id].iter().filter(has_kind);
            dependencies
                .map(|dependency| dependency["pkg"].as_str().unwrap())
                .collect()
        };
        let (program, _) = names.iter().find(|(_, name)| **name == package).unwrap();
        let mut waiting = next(program, kind);
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if seen.insert(id) {
                waiting.extend(next(id, &Value::Null));
            }
        }
        seen.into_iter().map(|id| names[id].to_owned()).collect()
    }

    /// `cargo metadata` is another reading of the same lock than `cargo tree`, of which bills are made.
    #[test]
    fn a_bill_has_what_a_program_uses_and_nothing_that_only_its_tests_use() {
        let workspace = Workspace::find().unwrap();
        for (program, bill) in BILLS.iter() {
            let names = names(bill);
            let metadata = metadata(&workspace, &program.target().unwrap()).unwrap();
            let used = reached(&metadata, program.package, &Value::Null);
            let is_unknown = |name: &&&str| !used.contains(**name);
            let unknown: Vec<_> = names.iter().filter(is_unknown).copied().collect();
            assert_eq!(unknown, [""; 0], "{}", program.package);
            let tested = reached(&metadata, program.package, &json!("dev"));
            let of_tests: Vec<_> = tested.difference(&used).collect();
            assert!(!of_tests.is_empty(), "{}", program.package);
            let (_, package) = (packages(&metadata).into_iter())
                .find(|(found, _)| found.name == program.package)
                .unwrap();
            let missing: Vec<_> = (package["dependencies"].as_array().unwrap().iter())
                .filter(|dependency| {
                    dependency["kind"].is_null() && dependency["optional"] == false
                })
                .map(|dependency| dependency["name"].as_str().unwrap())
                .filter(|name| !names.contains(name))
                .collect();
            assert_eq!(missing, [""; 0], "{}", program.package);
        }
    }

    #[test]
    fn each_foreign_crate_has_purl_and_checksum_and_each_has_a_licence() {
        let own = [
            "contract",
            "gopay-container",
            "gopay-protocol",
            "wasm-streams",
        ];
        for (_, bill) in BILLS.iter() {
            for component in bill["components"].as_array().unwrap() {
                let name = component["name"].as_str().unwrap();
                if name == STANDARD_LIBRARY {
                    continue;
                }
                let licence = component["licenses"][0]["expression"].as_str().unwrap();
                assert!(!licence.is_empty() && !licence.contains('/'), "{component}");
                let checksum = component["hashes"][0]["content"].as_str();
                assert_eq!(checksum.map(str::len), (!own.contains(&name)).then_some(64));
                let purl = component["purl"].as_str();
                let version = component["version"].as_str().unwrap();
                let expected = format!("pkg:cargo/{name}@{version}");
                assert_eq!(purl, (!own.contains(&name)).then_some(expected.as_str()));
            }
        }
    }

    #[test]
    fn each_dependency_of_a_bill_is_one_of_its_components() {
        let (_, bill) = &BILLS[0];
        let mut known: BTreeSet<_> = (bill["components"].as_array().unwrap().iter())
            .map(|component| component["bom-ref"].as_str().unwrap())
            .collect();
        known.insert(bill["metadata"]["component"]["bom-ref"].as_str().unwrap());
        let dependencies = bill["dependencies"].as_array().unwrap();
        assert_eq!(dependencies.len(), known.len());
        for dependency in dependencies {
            assert!(known.contains(dependency["ref"].as_str().unwrap()));
            for used in dependency["dependsOn"].as_array().unwrap() {
                assert!(known.contains(used.as_str().unwrap()), "{used}");
            }
        }
    }

    #[test]
    fn a_bill_names_nothing_of_this_machine() {
        let workspace = Workspace::find().unwrap();
        let written = bill(&workspace, &Program::SIMULATOR).unwrap();
        let text = written.to_string();
        assert_eq!(
            text,
            bill(&workspace, &Program::SIMULATOR).unwrap().to_string()
        );
        let folder = workspace.path("");
        assert!(!text.contains(folder.to_str().unwrap()));
        assert!(!text.contains("timestamp") && !text.contains("serialNumber"));
    }
}
