//! The layers of the core: which part may know which, checked on the source text.
//!
//! A part is a file or a directory right under `rust/core/src`. It may name parts of lower layers
//! and itself; parts of one layer do not know each other.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The parts by layer, lowest first. A new part is named here before it is written.
const LAYERS: [&[&str]; 9] = [
    &["bits", "ids", "rowid", "sync", "threads", "time"],
    &["error", "record"],
    &["fields", "io", "text"],
    &["filter", "rank", "vector"],
    &["embed", "query"],
    &["store"],
    &["outcome", "shard"],
    &["engine"],
    // The public surface.
    &["lib"],
];

/// One part names another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: String,
    to: String,
}

fn layer(part: &str) -> Option<usize> {
    LAYERS.iter().position(|parts| parts.contains(&part))
}

/// What is wrong with an arrow.
fn fault(Arrow { from, to }: &Arrow) -> Option<String> {
    match (layer(from), layer(to)) {
        (None, _) => Some(format!("`{from}` has no layer: name it in LAYERS")),
        (_, None) => Some(format!("`{from}` names `crate::{to}`, which is not a part")),
        (Some(own), Some(other)) if other > own => Some(format!("`{from}` knows `{to}` above it")),
        (Some(own), Some(other)) if other == own => {
            Some(format!("`{from}` knows `{to}` of its own layer"))
        }
        _ => None,
    }
}

/// A chain of parts that leads back to its start.
fn circle(arrows: &BTreeSet<Arrow>) -> Option<Vec<String>> {
    fn walk<'a>(
        part: &'a str,
        to: &BTreeMap<&'a str, Vec<&'a str>>,
        path: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(at) = path.iter().position(|known| *known == part) {
            return Some(path[at..].iter().map(|&part| part.to_owned()).collect());
        }
        if !done.insert(part) {
            return None;
        }
        path.push(part);
        for next in to.get(part).into_iter().flatten() {
            if let Some(found) = walk(next, to, path, done) {
                return Some(found);
            }
        }
        path.pop();
        None
    }
    let mut to: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for arrow in arrows {
        to.entry(&arrow.from).or_default().push(&arrow.to);
    }
    let mut done = BTreeSet::new();
    to.keys()
        .find_map(|part| walk(part, &to, &mut Vec::new(), &mut done))
}

/// What matters of Rust text: names, `::`, braces, and all other signs one by one. Comments, strings
/// and characters are left out.
fn tokens(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let at = |index: usize| signs.get(index).copied().unwrap_or('\0');
    let is_name = |sign: char| sign.is_alphanumeric() || sign == '_';
    let mut tokens = Vec::new();
    let mut index = 0;
    while index < signs.len() {
        let sign = at(index);
        let raw = ["r", "br"].into_iter().find_map(|prefix| {
            let start = index + prefix.len();
            let hashes = (start..signs.len())
                .take_while(|index| at(*index) == '#')
                .count();
            let begins = prefix
                .chars()
                .zip(index..)
                .all(|(one, index)| at(index) == one);
            let open = begins && at(start + hashes) == '"';
            open.then_some((start + hashes + 1, hashes))
        });
        if sign == '/' && at(index + 1) == '/' {
            while index < signs.len() && at(index) != '\n' {
                index += 1;
            }
        } else if sign == '/' && at(index + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(index), at(index + 1)) {
                    ('/', '*') => depth += 1,
                    ('*', '/') => depth -= 1,
                    _ => {
                        index += 1;
                        continue;
                    }
                }
                index += 2;
                if depth == 0 || index >= signs.len() {
                    break;
                }
            }
        } else if let Some((start, hashes)) = raw {
            let ends =
                |index: usize| at(index) == '"' && (1..=hashes).all(|hash| at(index + hash) == '#');
            index = (start..signs.len()).find(|index| ends(*index)).unwrap() + 1 + hashes;
        } else if sign == '"' {
            index += 1;
            while at(index) != '"' {
                index += if at(index) == '\\' { 2 } else { 1 };
            }
            index += 1;
        } else if sign == '\'' && (at(index + 1) == '\\' || at(index + 2) == '\'') {
            index += if at(index + 1) == '\\' { 3 } else { 2 };
            while at(index) != '\'' {
                index += 1;
            }
            index += 1;
        } else if is_name(sign) {
            let rest = signs[index..].iter().take_while(|sign| is_name(**sign));
            let end = index + rest.count();
            tokens.push(signs[index..end].iter().collect());
            index = end;
        } else if sign == ':' && at(index + 1) == ':' {
            tokens.push("::".to_owned());
            index += 2;
        } else {
            if !sign.is_whitespace() {
                tokens.push(sign.to_string());
            }
            index += 1;
        }
    }
    tokens
}

/// The first names of a path after its `::`: one, or those of a group in braces.
fn first_names(tokens: &[String]) -> Vec<String> {
    if tokens.first().is_none_or(|token| token != "{") {
        return tokens.first().cloned().into_iter().collect();
    }
    let mut names = Vec::new();
    let (mut depth, mut fresh) = (0, false);
    for token in tokens {
        match token.as_str() {
            "{" => {
                depth += 1;
                fresh = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => fresh = depth == 1,
            name => {
                if fresh {
                    names.push(name.to_owned());
                }
                fresh = false;
            }
        }
    }
    names
}

/// The names that a file gives to parts of the crate: by `crate::`, or by `super::` up to the root.
/// `module` is the path of the file's module, empty for the root.
fn named(module: &[String], text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut names = Vec::new();
    // For each open brace, whether it opens a module.
    let mut open = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        match tokens[index].as_str() {
            "{" => open.push(index >= 2 && tokens[index - 2] == "mod"),
            "}" => {
                open.pop();
            }
            "crate" => {
                if tokens.get(index + 1).is_some_and(|token| token == "::") {
                    names.extend(first_names(&tokens[index + 2..]));
                } else if tokens.get(index + 1).is_some_and(|token| token == "as") {
                    names.push("crate".to_owned());
                }
            }
            "super" => {
                let is_super = |index: usize| tokens.get(index).is_some_and(|one| one == "super");
                let mut up = 1;
                while is_super(index + 2) {
                    up += 1;
                    index += 2;
                }
                let depth = module.len() + open.iter().filter(|module| **module).count();
                if up == depth {
                    names.extend(first_names(&tokens[index + 2..]));
                }
            }
            _ => {}
        }
        index += 1;
    }
    names
}

/// The arrows from one file, given by its path under the source directory.
fn arrows_of(path: &str, text: &str) -> BTreeSet<Arrow> {
    let mut module: Vec<String> = path
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    let from = module[0].clone();
    if module.len() > 1 && module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    if from == "lib" {
        module.clear();
    }
    named(&module, text)
        .into_iter()
        .filter(|to| *to != from)
        .map(|to| Arrow {
            from: from.clone(),
            to,
        })
        .collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The source files by their paths under the source directory.
fn files() -> BTreeMap<String, String> {
    fn walk(dir: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(source()).unwrap().to_str().unwrap();
                files.insert(name.replace('\\', "/"), fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(&source(), &mut files);
    files
}

fn part(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap()
}

/// Everything that is wrong with some source files.
fn faults(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let parts: BTreeSet<&str> = files.keys().map(|path| part(path)).collect();
    for part in parts.iter().filter(|part| layer(part).is_none()) {
        faults.push(format!("`{part}` has no layer: name it in LAYERS"));
    }
    let mut all = BTreeSet::new();
    for (path, text) in files {
        let arrows = arrows_of(path, text);
        faults.extend(
            arrows
                .iter()
                .filter_map(fault)
                .map(|fault| format!("{path}: {fault}")),
        );
        all.extend(arrows);
    }
    if let Some(parts) = circle(&all) {
        faults.push(format!("a circle: {}", parts.join(" -> ")));
    }
    faults
}

#[test]
fn parts_of_the_core_know_lower_layers_only() {
    let files = files();
    assert_eq!(faults(&files), Vec::<String>::new());
    // The walk has seen the whole tree, and arrows in it.
    for part_of_layer in LAYERS.iter().copied().flatten() {
        let held = files.keys().any(|path| part(path) == *part_of_layer);
        assert!(held, "`{part_of_layer}` is in LAYERS but not in the source");
    }
    let engine = files.iter().filter(|(path, _)| part(path) == "engine");
    let known: BTreeSet<String> = engine
        .flat_map(|(path, text)| arrows_of(path, text))
        .map(|arrow| arrow.to)
        .collect();
    for lower in ["store", "shard", "vector", "filter", "query", "error"] {
        assert!(known.contains(lower), "no arrow from the engine to {lower}");
    }
}

#[test]
fn sync_alone_names_the_poison_of_a_lock() {
    for (path, text) in files() {
        let poison = tokens(&text).iter().any(|token| token == "PoisonError");
        assert_eq!(poison, path == "sync.rs", "{path}");
    }
}

fn tree(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    owned.collect()
}

#[test]
fn each_way_to_name_a_higher_part_is_found() {
    let above = "`vector` knows `store` above it";
    for (path, text) in [
        ("vector/hnsw.rs", "use crate::store::Snapshot;"),
        (
            "vector/hnsw.rs",
            "use crate::{error::Error, store::{Snapshot, Txn}};",
        ),
        ("vector/hnsw.rs", "use crate::{rowid::{RowId, A}, store};"),
        ("vector/hnsw.rs", "pub(crate) use crate::store as truth;"),
        (
            "vector/hnsw.rs",
            "fn f() -> usize { crate::store::count() }",
        ),
        ("vector/hnsw.rs", "fn f(at: &crate :: store::Snapshot) {}"),
        ("vector/hnsw.rs", "use super::super::store::Snapshot;"),
        ("vector/mod.rs", "use super::store::Snapshot;"),
        (
            "vector/kernels/avx2.rs",
            "use super::super::super::{store};",
        ),
        (
            "vector/mod.rs",
            "mod tests { fn f() {} use super::super::store::Snapshot; }",
        ),
        ("vector/mod.rs", "mod tests { use crate::store::Snapshot; }"),
        (
            "vector.rs",
            "fn f() { let a = '\"'; crate::store::f(\"\\\"\") }",
        ),
        (
            "vector.rs",
            "const A: &str = r#\"a \" b\"#; use crate::store::A;",
        ),
        ("vector.rs", "fn f<'a>(a: &'a str) { crate::store::f(a) }"),
        ("vector.rs", "/* a /* b */ c */ use crate::store::A; // end"),
    ] {
        assert_eq!(
            faults(&tree(&[(path, text)])),
            [format!("{path}: {above}")],
            "{text}"
        );
    }
}

#[test]
fn names_that_are_not_arrows_are_passed_over() {
    for (path, text) in [
        ("vector/hnsw.rs", "// use crate::store::Snapshot;"),
        (
            "vector/hnsw.rs",
            "/// See [`Snapshot`](crate::store::Snapshot).\nfn f() {}",
        ),
        (
            "vector/hnsw.rs",
            "const A: &str = \"crate::store::Snapshot\";",
        ),
        (
            "vector/hnsw.rs",
            "const A: &str = r#\"\"crate::store::Snapshot\"#;",
        ),
        ("vector/hnsw.rs", "use super::store::Snapshot;"),
        ("vector/hnsw.rs", "use crate::vector::store::A;"),
        (
            "vector/hnsw.rs",
            "mod tests { use super::*; } use super::kernels;",
        ),
        ("vector/mod.rs", "mod tests { use super::*; }"),
        (
            "vector/mod.rs",
            "pub(crate) fn f() {} pub(in crate::vector) fn g() {}",
        ),
        (
            "engine/mod.rs",
            "use crate::{store::{engine, shard}, time};",
        ),
        (
            "lib.rs",
            "mod store; pub use store::A; fn f() { crate::engine::f() }",
        ),
    ] {
        assert_eq!(
            faults(&tree(&[(path, text)])),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn an_arrow_within_a_layer_is_a_fault() {
    let files = tree(&[("filter/mod.rs", "use crate::vector::kernels;")]);
    assert_eq!(
        faults(&files),
        ["filter/mod.rs: `filter` knows `vector` of its own layer"]
    );
}

#[test]
fn what_is_not_a_part_has_no_arrows() {
    for (text, name) in [
        ("use crate::Error;", "Error"),
        ("use crate::*;", "*"),
        ("use crate as root;", "crate"),
        ("use crate::graph::Edge;", "graph"),
    ] {
        let expected = format!("store/mod.rs: `store` names `crate::{name}`, which is not a part");
        assert_eq!(faults(&tree(&[("store/mod.rs", text)])), [expected]);
    }
}

#[test]
fn a_part_without_a_layer_is_a_fault() {
    let missing = "`graph` has no layer: name it in LAYERS";
    assert_eq!(faults(&tree(&[("graph/mod.rs", "")])), [missing]);
    let with_arrow = faults(&tree(&[("graph.rs", "use crate::error::Error;")]));
    assert_eq!(
        with_arrow,
        [missing.to_owned(), format!("graph.rs: {missing}")]
    );
}

#[test]
fn a_circle_is_found_by_its_parts() {
    let found = faults(&tree(&[
        ("engine/mod.rs", "use crate::store::A;"),
        ("shard/mod.rs", "use crate::vector::A;"),
        ("store/mod.rs", "use crate::shard::A;"),
        ("vector/mod.rs", "use crate::store::A;"),
    ]));
    let expected = [
        "store/mod.rs: `store` knows `shard` above it",
        "vector/mod.rs: `vector` knows `store` above it",
        "a circle: store -> shard -> vector",
    ];
    assert_eq!(found, expected);
}
