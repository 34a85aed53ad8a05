//! No crate has a circle of imports between its modules: each can be read, tested and moved after the
//! ones that it imports.
//!
//! A file is a module. An arrow goes from it to every file of its crate that has an item which it names,
//! in a `use` or in a path in code. `mod child;` is no arrow. An item that a module only re-exports belongs
//! to the file that has it, and the re-export is an arrow to that file.
//!
//! A child is a part of its parents, so that the use of their items is no arrow. An arrow from elsewhere to
//! such a child leads to these parents as well.
//! Not here: code under `#[cfg(test)]`, methods, which no path names, and calls of macros.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The text of every source file, by its path.
type Sources = BTreeMap<String, String>;

/// Segments of a path; of a module's, from the crate's root on.
type Segments = Vec<String>;

/// From a file to another one, with the names that the first takes from the second.
type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

#[test]
fn no_crate_has_a_circle_of_imports() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut crates = vec![("mini-app".to_owned(), root.join("src"))];
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            crates.push((name, entry.path().join("src")));
        }
    }
    let mut wrong = String::new();
    for (name, folder) in crates {
        let mut sources = Sources::new();
        collect(&folder, "", &mut sources);
        let roots = ["lib.rs", "main.rs"].into_iter();
        let found: Vec<String> = roots
            .filter(|root| sources.contains_key(*root))
            .flat_map(|root| circles(&arrows(&sources, root)))
            .collect();
        println!("{name}: {} circles", found.len());
        if !found.is_empty() {
            wrong += &format!("{name}:\n{}", found.concat());
        }
    }
    assert!(wrong.is_empty(), "circles of imports\n{wrong}");
}

fn collect(folder: &Path, prefix: &str, sources: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), sources);
        } else if name.ends_with(".rs") {
            sources.insert(name, fs::read_to_string(path).unwrap());
        }
    }
}

/// What a module says of others.
#[derive(Default)]
struct Module {
    file: String,
    /// The names that its `use` lines bring, and the paths that these stand for.
    imports: Vec<(String, Segments)>,
    /// The paths in its code.
    paths: Vec<Segments>,
}

/// The modules of one crate.
struct Crate<'a> {
    sources: &'a Sources,
    modules: BTreeMap<Segments, Module>,
}

/// All arrows of the crate that has this root.
fn arrows(sources: &Sources, root: &str) -> Arrows {
    let mut this = Crate {
        sources,
        modules: BTreeMap::new(),
    };
    this.read_file(&[], root, "");
    // Of each file: itself, and the files of the modules that it is a part of.
    let mut parents: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for (at, module) in &this.modules {
        let above = (0..=at.len()).map(|end| &this.modules[&at[..end]].file);
        parents.entry(&module.file).or_default().extend(above);
    }
    let mut arrows = Arrows::new();
    let mut inherited = BTreeSet::new();
    for (at, module) in &this.modules {
        let imports = module.imports.iter().map(|(_, path)| path);
        for path in imports.chain(&module.paths) {
            let item = this.absolute(at, path).and_then(|path| this.item(&path));
            let Some((file, name)) = item else { continue };
            let is_parent = parents[&module.file].contains(&file);
            let arrow = (module.file.clone(), file);
            if is_parent {
                inherited.insert(arrow);
            } else {
                arrows.entry(arrow).or_default().insert(name);
            }
        }
    }
    let mut pending: Vec<_> = arrows.keys().cloned().collect();
    while let Some((from, child)) = pending.pop() {
        for (_, parent) in inherited.iter().filter(|(file, _)| *file == child) {
            let arrow = (from.clone(), parent.clone());
            if !parents[&from].contains(parent) && !arrows.contains_key(&arrow) {
                arrows.insert(arrow.clone(), [format!("through {child}")].into());
                pending.push(arrow);
            }
        }
    }
    arrows
}

impl Crate<'_> {
    /// Reads a file and its children, which lie in this folder.
    fn read_file(&mut self, at: &[String], file: &str, folder: &str) {
        let tokens: TokenStream = self.sources[file].parse().unwrap();
        let module = Module {
            file: file.to_owned(),
            ..Module::default()
        };
        self.modules.insert(at.to_vec(), module);
        self.read(at, folder, tokens);
    }

    fn read(&mut self, at: &[String], folder: &str, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let file = self.modules[at].file.clone();
        let mut rest = &tokens[..];
        while let [first, after @ ..] = rest {
            rest = after;
            match (first.to_string().as_str(), rest) {
                ("#", [attribute, after @ ..]) if attribute.to_string() == "[cfg (test)]" => {
                    rest = after_item(after);
                }
                ("#", [TokenTree::Group(attribute), after @ ..]) => {
                    rest = after;
                    // `#[serde(with = "a::b")]` names a path too.
                    let text = attribute.stream().to_string();
                    if let Ok(words) = text.replace('"', " ").parse()
                        && !text.starts_with("doc")
                    {
                        self.read(at, folder, words);
                    }
                }
                // A visibility imports nothing.
                ("pub", [TokenTree::Group(group), after @ ..])
                    if group.delimiter() == Delimiter::Parenthesis =>
                {
                    rest = after;
                }
                ("mod", [TokenTree::Ident(name), end, after @ ..]) => {
                    rest = after;
                    let child = [at, &[name.to_string()]].concat();
                    let inner = format!("{folder}{name}/");
                    if let TokenTree::Group(body) = end {
                        let module = Module {
                            file: file.clone(),
                            ..Module::default()
                        };
                        self.modules.insert(child.clone(), module);
                        self.read(&child, &inner, body.stream());
                    } else {
                        let files = [format!("{folder}{name}.rs"), format!("{inner}mod.rs")];
                        let file = files.iter().find(|file| self.sources.contains_key(*file));
                        let file = file.unwrap_or_else(|| panic!("no file for {child:?}"));
                        self.read_file(&child, file, &inner);
                    }
                }
                ("use", _) => {
                    let end = rest.iter().position(|token| token.to_string() == ";");
                    let (tree, after) = rest.split_at(end.unwrap_or(0));
                    rest = after;
                    let imports = &mut self.modules.get_mut(at).unwrap().imports;
                    read_use(tree, &[], imports);
                }
                _ => match first {
                    TokenTree::Group(group) => self.read(at, folder, group.stream()),
                    TokenTree::Ident(name) => {
                        let mut path = vec![name.to_string()];
                        rest = read_path(rest, &mut path);
                        if path.len() > 1 {
                            self.modules.get_mut(at).unwrap().paths.push(path);
                        }
                    }
                    _ => {}
                },
            }
        }
    }

    /// The path from the crate's root on; `None` where it leads out of the crate.
    fn absolute(&self, at: &[String], path: &[String]) -> Option<Segments> {
        let (first, rest) = path.split_first()?;
        let child = [at, std::slice::from_ref(first)].concat();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([at, rest].concat()),
            "super" => {
                let (_, parent) = at.split_last()?;
                match rest.first().is_some_and(|next| next == "super") {
                    true => self.absolute(parent, rest),
                    false => Some([parent, rest].concat()),
                }
            }
            _ if self.modules.contains_key(&child) => Some([&child, rest].concat()),
            _ => Some([&self.import(at, first)?, rest].concat()),
        }
    }

    /// What a name stands for that a `use` of this module brings.
    fn import(&self, at: &[String], name: &str) -> Option<Segments> {
        let imports = &self.modules[at].imports;
        let (_, path) = imports.iter().find(|(import, _)| import == name)?;
        // `use serde::serde;` would lead to itself.
        (path[0] != name).then(|| self.absolute(at, path))?
    }

    /// The file that has what this path leads to, and its name there; `None` for a module, of which only
    /// the items are arrows.
    fn item(&self, path: &[String]) -> Option<(String, String)> {
        let is_module = |end: &usize| self.modules.contains_key(&path[..*end]);
        let end = (0..=path.len()).rev().find(is_module)?;
        let (at, rest) = path.split_at(end);
        let (name, rest) = rest.split_first()?;
        match self.import(at, name) {
            Some(import) => self.item(&[&import, rest].concat()),
            None => Some((self.modules[at].file.clone(), name.clone())),
        }
    }
}

/// What is left behind the item that begins here.
fn after_item(tokens: &[TokenTree]) -> &[TokenTree] {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => token.to_string() == ";",
    };
    let end = tokens
        .iter()
        .position(is_end)
        .map_or(tokens.len(), |end| end + 1);
    &tokens[end..]
}

/// Reads `::b::c`, and returns what is left.
fn read_path<'a>(mut tokens: &'a [TokenTree], path: &mut Segments) -> &'a [TokenTree] {
    while let [
        TokenTree::Punct(one),
        TokenTree::Punct(two),
        TokenTree::Ident(name),
        rest @ ..,
    ] = tokens
        && (one.as_char(), two.as_char()) == (':', ':')
    {
        path.push(name.to_string());
        tokens = rest;
    }
    tokens
}

/// Reads `a::{b, c as d}` below this path.
fn read_use(tree: &[TokenTree], above: &[String], imports: &mut Vec<(String, Segments)>) {
    let mut path = above.to_vec();
    let mut name = None;
    let mut tokens = tree.iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for tree in inner.split(|token| token.to_string() == ",") {
                    read_use(tree, &path, imports);
                }
                return;
            }
            TokenTree::Ident(word) if word == "as" => name = tokens.next().map(ToString::to_string),
            TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
            TokenTree::Punct(sign) if sign.as_char() != '*' => {}
            word => path.push(word.to_string()),
        }
    }
    if path.len() > above.len() || !tree.is_empty() {
        let last = path.last().cloned().unwrap_or_default();
        imports.push((name.unwrap_or(last), path));
    }
}

/// Every file that arrows lead to from this one.
fn reachable<'a>(arrows: &'a Arrows, from: &'a String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        let ends = arrows.keys().filter(|(start, _)| start == at);
        next.extend(ends.map(|(_, end)| end).filter(|end| seen.insert(*end)));
    }
    seen
}

/// Each set of files that all lead to each other, with the arrows between them.
fn circles(arrows: &Arrows) -> Vec<String> {
    let files = arrows.keys().map(|(file, _)| file);
    let reachable: BTreeMap<_, _> = files.map(|file| (file, reachable(arrows, file))).collect();
    let leads_back = |from, to| reachable.get(to).is_some_and(|ends| ends.contains(from));
    let circles: BTreeSet<BTreeSet<&String>> = (reachable.iter())
        .map(|(from, ends)| {
            ends.iter()
                .copied()
                .filter(|to| leads_back(*from, *to))
                .collect()
        })
        .collect();
    let tell = |circle: BTreeSet<&String>| {
        let mut lines = format!("  a circle of {} files\n", circle.len());
        for ((from, to), names) in arrows {
            if circle.contains(from) && circle.contains(to) {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                lines += &format!("    {from} -> {to}: {}\n", names.join(", "));
            }
        }
        lines
    };
    circles
        .into_iter()
        .filter(|circle| !circle.is_empty())
        .map(tell)
        .collect()
}

fn found(files: &[(&str, &str)]) -> String {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    circles(&arrows(&files.iter().map(own).collect(), "lib.rs")).concat()
}

#[test]
fn a_circle_is_named_with_its_arrows_and_their_names() {
    let told = found(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::{B, other as another};"),
        ("b.rs", "pub(in crate::c) struct B(super::c::C);"),
        (
            "c.rs",
            "mod deep; pub struct C; impl C { fn f() { deep::f() } }",
        ),
        ("c/deep.rs", "use super::super::a::A; pub fn f() {}"),
    ]);
    let expected = "  a circle of 4 files
    a.rs -> b.rs: B, other
    b.rs -> c.rs: C
    c.rs -> c/deep.rs: f
    c/deep.rs -> a.rs: A
";
    assert_eq!(told, expected);
}

#[test]
fn a_child_is_a_part_of_its_parent() {
    let told = found(&[
        ("lib.rs", "mod parent;"),
        (
            "parent.rs",
            "mod child; pub use child::Child; pub struct Own;",
        ),
        ("parent/child.rs", "pub struct Child(super::Own);"),
    ]);
    assert_eq!(told, "");
}

#[test]
fn an_arrow_to_a_child_leads_to_the_parent_that_it_uses() {
    let other_and = |child: &str| {
        found(&[
            ("lib.rs", "mod parent; mod other;"),
            (
                "parent.rs",
                "pub mod child; pub struct Own(crate::other::Other);",
            ),
            ("parent/child.rs", child),
            (
                "other.rs",
                "use crate::parent::child::Child; pub struct Other;",
            ),
        ])
    };
    assert_eq!(other_and("pub struct Child;"), "");
    let told = other_and("pub struct Child(super::Own);");
    assert!(
        told.contains("other.rs -> parent.rs: through parent/child.rs"),
        "{told}"
    );
}

#[test]
fn a_re_exported_item_belongs_to_the_file_that_has_it() {
    let siblings = |one: &str, other: &str| {
        found(&[
            ("lib.rs", "mod parent; pub use parent::One;"),
            (
                "parent.rs",
                "mod one; mod other; pub use {one::One, other::Other};",
            ),
            ("parent/one.rs", one),
            ("parent/other.rs", other),
        ])
    };
    let uses_other = "use crate::parent; pub struct One(parent::Other);";
    assert_eq!(siblings(uses_other, "use serde::One;"), "");
    assert!(siblings(uses_other, "use crate::One;").contains("a circle of 2 files"));
}

#[test]
fn only_code_that_is_no_test_makes_arrows() {
    let other = "
        // use crate::a::A;
        #[doc = \"crate::a::A\"]
        #[cfg(test)]
        mod tests { use crate::a::A; }
        #[cfg(test)]
        use crate::a::B;
        pub struct B;";
    let told = found(&[
        (
            "lib.rs",
            "mod a { pub struct A; pub use self::b::B; mod b; } mod c;",
        ),
        ("a/b.rs", other),
        ("c.rs", "fn c() -> crate::a::B { c!(crate::a::A) }"),
    ]);
    assert_eq!(told, "");
}

#[test]
fn a_path_in_an_attribute_makes_an_arrow() {
    let told = found(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "use crate::b; #[serde(with = \"b::f\")] pub struct A;",
        ),
        ("b.rs", "use crate::a::A;"),
    ]);
    assert!(told.contains("a.rs -> b.rs: f"), "{told}");
}
