//! The paths that a source file names, in `use` declarations and inline, with what they stand for.

use std::collections::{HashMap, HashSet};

use crate::rust_text::{Token, closing};

/// A path as the compiler would see it from the root of the crate, as far as one file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) target: Target,
    /// Ends in `::*`.
    pub(crate) glob: bool,
    pub(crate) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Below the root of this crate; no segments stand for the root itself.
    Own(Vec<String>),
    /// In the crate that the first segment names.
    Other(Vec<String>),
}

impl Named {
    pub(crate) fn shown(&self) -> String {
        let mut segments = match &self.target {
            Target::Own(segments) => [&["crate".to_owned()], segments.as_slice()].concat(),
            Target::Other(segments) => segments.clone(),
        };
        segments.extend(self.glob.then(|| "*".to_owned()));
        segments.join("::")
    }
}

/// All paths that the tokens of the file name. `module` is the path of the file's module in its crate.
pub(crate) fn named(tokens: &[Token], module: &[String]) -> Vec<Named> {
    let raw = raw_paths(tokens, module);
    let scope = Scope::of(tokens, &raw, module);
    raw.iter().filter_map(|path| scope.resolve(path)).collect()
}

/// A path as written.
#[derive(Debug, Clone)]
struct Raw {
    segments: Vec<String>,
    /// Begins with `::`.
    absolute: bool,
    /// The name that a `use` declaration gives it; none inline.
    imported_as: Option<String>,
    glob: bool,
    line: usize,
    /// The module it is written in.
    module: Vec<String>,
}

/// Words that a path can follow, unlike other words, whose `::` would continue one.
const BEFORE_A_PATH: [&str; 18] = [
    "as", "await", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let", "match", "mut", "pub", "return",
    "static", "where", "while",
];

fn raw_paths(tokens: &[Token], file_module: &[String]) -> Vec<Raw> {
    let mut found = Vec::new();
    let mut module = file_module.to_vec();
    // Where the inline modules around this place end.
    let mut ends = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        while ends.last().is_some_and(|end| at >= *end) {
            ends.pop();
            module.pop();
        }
        let next_is = |sign: &str| tokens.get(at + 1).is_some_and(|next| next.is(sign));
        if token.is("mod") && tokens.get(at + 2).is_some_and(|sign| sign.is("{")) {
            ends.push(closing(tokens, at + 2).unwrap_or(tokens.len()));
            module.push(tokens[at + 1].text.clone());
            at += 3;
        } else if token.is("use") && !next_is("<") {
            let end = (at..tokens.len()).find(|&i| tokens[i].is(";")).unwrap_or(tokens.len());
            let absolute = next_is("::");
            let tree = &tokens[at + 1 + usize::from(absolute)..end];
            let start = Raw {
                segments: Vec::new(),
                absolute,
                imported_as: None,
                glob: false,
                line: token.line,
                module: module.clone(),
            };
            use_tree(tree, &start, &mut found);
            at = end;
        } else if token.is_word() && next_is("::") && begins_path(tokens, at) {
            let (path, end) = inline_path(tokens, at, &module);
            found.push(path);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Whether the word here is the first of its path.
fn begins_path(tokens: &[Token], at: usize) -> bool {
    let keyword = |token: &Token| BEFORE_A_PATH.contains(&token.text.as_str());
    if keyword(&tokens[at]) {
        return false;
    }
    let before = |distance: usize| at.checked_sub(distance).map(|i| &tokens[i]);
    match before(1) {
        // `$name::X` in a macro could be anything, except `$crate`.
        Some(sign) if sign.is("$") => tokens[at].is("crate"),
        Some(sign) if sign.is("::") => before(2).is_none_or(|word| !word.is(">") && (!word.is_word() || keyword(word))),
        _ => true,
    }
}

fn inline_path(tokens: &[Token], start: usize, module: &[String]) -> (Raw, usize) {
    let mut segments = vec![tokens[start].text.clone()];
    let mut at = start + 1;
    while tokens.get(at).is_some_and(|sign| sign.is("::")) {
        match tokens.get(at + 1) {
            Some(word) if word.is_word() => segments.push(word.text.clone()),
            _ => break,
        }
        at += 2;
    }
    let absolute = start.checked_sub(1).is_some_and(|before| tokens[before].is("::"));
    let line = tokens[start].line;
    (Raw { segments, absolute, imported_as: None, glob: false, line, module: module.to_vec() }, at)
}

/// The leaves of the tree of a `use` declaration.
fn use_tree(tree: &[Token], prefix: &Raw, found: &mut Vec<Raw>) {
    let mut path = prefix.clone();
    let mut at = 0;
    while let Some(token) = tree.get(at) {
        path.line = token.line;
        if token.is("{") {
            let end = closing(tree, at).unwrap_or(tree.len());
            for branch in branches(&tree[at + 1..end]) {
                use_tree(branch, &path, found);
            }
            return;
        }
        if token.is("*") {
            found.push(Raw { glob: true, ..path });
            return;
        }
        if token.is("as") {
            path.imported_as = tree.get(at + 1).map(|name| name.text.clone());
            break;
        }
        let repeats = token.is("self") && !path.segments.is_empty();
        if token.is_word() && !repeats {
            path.segments.push(token.text.clone());
        }
        at += 1;
    }
    if !path.segments.is_empty() {
        let last = path.segments.last().cloned();
        path.imported_as = path.imported_as.or(last);
        found.push(path);
    }
}

/// The parts of the tokens between commas, not counting commas in braces.
fn branches(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_i32;
    tokens
        .split(|token| {
            depth += i32::from(token.is("{")) - i32::from(token.is("}"));
            depth == 0 && token.is(",")
        })
        .collect()
}

/// The names that one file gives to paths.
struct Scope {
    imports: HashMap<String, Raw>,
    /// Modules that the file declares.
    modules: HashSet<String>,
}

/// Names that stand for themselves, or for nothing that a rule is about.
const NO_CRATES: [&str; 21] = [
    "bool",
    "char",
    "clippy",
    "diagnostic",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "rustdoc",
    "rustfmt",
    "str",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];

impl Scope {
    fn of(tokens: &[Token], raw: &[Raw], module: &[String]) -> Self {
        let declared = tokens.windows(3).filter(|w| w[0].is("mod") && (w[2].is(";") || w[2].is("{")));
        let imports = raw.iter().filter_map(|path| Some((path.imported_as.clone()?, path.clone())));
        // Importing a crate under its own name says nothing new, and would be followed for ever.
        let tells =
            |(name, path): &(String, Raw)| path.segments.first() != Some(name) && path.module.starts_with(module);
        Self { modules: declared.map(|w| w[1].text.clone()).collect(), imports: imports.filter(tells).collect() }
    }

    /// Nothing for a path that begins with a type of this file or of the prelude.
    fn resolve(&self, path: &Raw) -> Option<Named> {
        let named = |target| Some(Named { target, glob: path.glob, line: path.line });
        let mut path = path.clone();
        // Each import is followed at most once, so that a circle ends.
        for _ in 0..=self.imports.len() {
            let first = path.segments.first()?.clone();
            if path.absolute {
                return named(Target::Other(path.segments));
            }
            if matches!(first.as_str(), "crate" | "self" | "super") {
                return named(Target::Own(own(&path)));
            }
            let Some(import) = self.imports.get(&first) else {
                break;
            };
            let mut followed = import.clone();
            followed.segments.extend(path.segments.drain(1..));
            followed.imported_as = path.imported_as;
            path = followed;
        }
        let first = path.segments.first()?;
        if self.modules.contains(first) {
            return named(Target::Own([path.module, path.segments].concat()));
        }
        let is_type = first.starts_with(char::is_uppercase);
        // A single word inline is a function with type arguments.
        let is_function = path.segments.len() == 1 && path.imported_as.is_none() && !path.glob;
        if is_type || is_function || NO_CRATES.contains(&first.as_str()) {
            return None;
        }
        named(Target::Other(path.segments))
    }
}

/// A path that begins with `crate`, `self` or `super`, from the root of the crate.
fn own(path: &Raw) -> Vec<String> {
    let mut module = path.module.clone();
    let mut segments = path.segments.iter();
    let mut rest = segments.clone();
    while let Some(segment) = segments.next() {
        match segment.as_str() {
            "crate" => module.clear(),
            "super" => {
                module.pop();
            }
            "self" => {}
            _ => break,
        }
        rest = segments.clone();
    }
    module.extend(rest.cloned());
    module
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::rust_text::tokens;

    fn paths(source: &str) -> Vec<String> {
        let module = ["domain".to_owned(), "sla".to_owned()];
        named(&tokens(source), &module).iter().map(super::Named::shown).collect()
    }

    #[test]
    fn use_declarations_are_spelled_out() {
        assert_eq!(
            paths("use serde::{Serialize, de::{self, Error as E}};\npub use chrono::*;\nuse ::uuid::Uuid;"),
            ["serde::Serialize", "serde::de", "serde::de::Error", "chrono::*", "uuid::Uuid"]
        );
        assert_eq!(paths("use {serde::Serialize, crate::{self}};"), ["serde::Serialize", "crate"]);
    }

    #[test]
    fn own_paths_begin_at_the_root() {
        assert_eq!(
            paths("use crate::ports::Clock; use super::ticket; use self::clock::Sla; use super::super::ports;"),
            ["crate::ports::Clock", "crate::domain::ticket", "crate::domain::sla::clock::Sla", "crate::ports"]
        );
        assert_eq!(paths("use super::super::*;"), ["crate::*"]);
        assert_eq!(paths("fn f() { self::super::super::ports::g() }"), ["crate::ports::g"]);
    }

    #[test]
    fn inline_modules_count() {
        assert_eq!(
            paths("mod a { use super::super::x; fn f() { {} super::y() } } use super::z;"),
            ["crate::domain::x", "crate::domain::sla::y", "crate::domain::z"]
        );
    }

    #[test]
    fn inline_paths_are_found() {
        assert_eq!(
            paths("fn f(a: tokio::Time) -> crate::ports::R<dyn axum::B> { <X as hyper::C>::d(); return ::toml::e; }"),
            ["tokio::Time", "crate::ports::R", "axum::B", "hyper::C", "toml::e"]
        );
        assert_eq!(
            paths("#[tracing::instrument] fn f() { serde_json::json!({}) }"),
            ["tracing::instrument", "serde_json::json"]
        );
        assert_eq!(paths("macro_rules! m { ($t:ty) => { $crate::ports::X; $t::new() } }"), ["crate::ports::X"]);
        assert_eq!(paths("fn f() -> impl ::axum::A { &mut ::tokio::b() }"), ["axum::A", "tokio::b"]);
    }

    #[test]
    fn what_is_not_a_path_into_a_crate_is_left_out() {
        let source = "#[expect(clippy::all)] fn f<T: Ord>() { u32::MAX; T::new(); Self::a(); g::<u8>(); b.c::<D>(); \
                      Vec::<u8>::new::<e>() }";
        assert!(paths(source).is_empty(), "{:?}", paths(source));
        assert!(paths("fn f() -> impl Iterator + use<'a, T> { a }").is_empty());
        assert!(paths("pub(crate) fn f() {} pub(super) fn g() {}").is_empty());
    }

    #[test]
    fn imported_names_stand_for_what_was_imported() {
        assert_eq!(
            paths("use support_core as core_; fn f() { core_::desk::g() }"),
            ["support_core", "support_core::desk::g"]
        );
        assert_eq!(
            paths("use crate::domain::ticket; fn f() { ticket::g(); Ticket::new() } use ticket::Ticket;"),
            [
                "crate::domain::ticket",
                "crate::domain::ticket::g",
                "crate::domain::ticket::Ticket::new",
                "crate::domain::ticket::Ticket"
            ]
        );
    }

    #[test]
    fn declared_modules_are_own() {
        assert_eq!(
            paths("mod clock; pub use clock::Sla; fn f() { clock::g() }"),
            ["crate::domain::sla::clock::Sla", "crate::domain::sla::clock::g"]
        );
    }

    #[test]
    fn inline_modules_are_declared_too() {
        assert_eq!(paths("mod a { fn b() {} } fn f() { a::b() }"), ["crate::domain::sla::a::b"]);
    }

    #[test]
    fn a_path_from_the_crates_is_not_a_declared_module() {
        assert_eq!(
            paths("mod toml; use ::toml::Value; fn f() { ::toml::g(toml::h()) }"),
            ["toml::Value", "toml::g", "crate::domain::sla::toml::h"]
        );
    }

    #[test]
    fn imports_in_a_circle_end() {
        assert_eq!(paths("use a::b; use b::a;").len(), 2);
        assert_eq!(paths("use toml; fn f() { toml::g() }"), ["toml", "toml::g"]);
        assert_eq!(paths("use toml::toml;"), ["toml::toml"]);
    }
}
