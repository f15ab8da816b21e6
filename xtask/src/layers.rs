//! Who may know whom: the domain knows nobody, the ports the domain, adapters only what they adapt.

use crate::paths::{Named, Target, named};
use crate::rust_text::{Token, closing, tokens, without_tests};
use crate::shell::{Outcome, cargo, read, say};
use crate::sources::{self, Size};

const DOMAIN_CRATES: &[&str] =
    &["std", "core", "alloc", "serde", "serde_json", "chrono", "chrono_tz", "uuid", "thiserror"];

/// What the core must not depend on, with everything under these names: `tokio` stands for `tokio-util` as well.
const NOT_IN_CORE: &[&str] = &["tokio", "axum", "hyper", "sqlx", "rusqlite", "tantivy"];

/// What a file may name.
#[derive(Debug, PartialEq, Eq)]
enum Rule {
    /// Only these crates, and these modules of its own crate.
    Only { layer: &'static str, crates: Vec<&'static str>, modules: &'static [&'static str] },
    /// Not these paths. A last `*` stands for the rest of a name.
    Never { layer: &'static str, paths: &'static [&'static str], tests_too: bool },
    /// Nothing but documentation, attributes and `pub use`.
    Facade,
}

/// The rule for the file, by its path from the root of the workspace.
fn rule(path: &str) -> Option<Rule> {
    if path == "src/lib.rs" {
        return Some(Rule::Facade);
    }
    let (package, file) = path.strip_prefix("crates/")?.split_once("/src/")?;
    let module = file.strip_suffix(".rs")?.split('/').next()?;
    match (package, module) {
        ("support-core", "domain") => {
            Some(Rule::Only { layer: "The domain", crates: DOMAIN_CRATES.to_vec(), modules: &["domain"] })
        }
        ("support-core", "ports") => Some(Rule::Only {
            layer: "A port",
            // The timer is the one port whose default needs more than the standard library; files are handed on in chunks.
            crates: [DOMAIN_CRATES, &["async_trait", "bytes", "futures_timer"]].concat(),
            modules: &["domain", "ports"],
        }),
        ("support-core", "transfer") => Some(Rule::Only {
            layer: "A transfer",
            crates: DOMAIN_CRATES.to_vec(),
            modules: &["domain", "ports", "transfer"],
        }),
        ("support-http", _) => Some(Rule::Never {
            layer: "The HTTP adapter",
            paths: &["rusqlite", "support_storage*", "support_core::memory"],
            tests_too: false,
        }),
        (storage, _) if storage.starts_with("support-storage-") => {
            Some(Rule::Never { layer: "A storage adapter", paths: &["support_core::desk"], tests_too: true })
        }
        ("support-search", _) => Some(Rule::Never {
            layer: "The index",
            paths: &["support_core::desk", "support_core::memory", "support_storage*"],
            tests_too: false,
        }),
        ("support-files", _) => Some(Rule::Never {
            layer: "The store of files",
            paths: &["support_core::desk", "support_core::memory", "support_storage*"],
            tests_too: false,
        }),
        ("support-events", _) => Some(Rule::Never {
            layer: "The voice of the desk",
            paths: &["support_core::desk", "support_core::memory", "support_storage*"],
            tests_too: false,
        }),
        ("support-notify", _) => Some(Rule::Never {
            layer: "The mail",
            paths: &["support_core::desk", "support_core::memory", "support_storage*"],
            tests_too: false,
        }),
        // It wraps whichever store the host has, so it knows none.
        ("support-privacy", _) => Some(Rule::Never {
            layer: "The sealed store",
            paths: &["support_core::desk", "support_core::memory", "support_storage*", "rusqlite"],
            tests_too: false,
        }),
        // The checks are compiled with it, so it must not bring the library along.
        ("test-servers", _) => Some(Rule::Never { layer: "The test servers", paths: &["support_*"], tests_too: true }),
        _ => None,
    }
}

/// What the file does that its layer must not do, one sentence each.
fn violations(path: &str, source: &str) -> Vec<String> {
    let Some(rule) = rule(path) else { return Vec::new() };
    let at = |line: usize, what: &str| format!("{path}:{line}: {what}");
    match rule {
        Rule::Facade => not_facade(&tokens(source))
            .map(|token| at(token.line, "The facade contains only documentation, attributes and `pub use`."))
            .into_iter()
            .collect(),
        Rule::Only { layer, crates, modules } => {
            if sources::is_test(path) {
                return Vec::new();
            }
            let names = named(&without_tests(source).0, &module_of(path));
            let strangers = names.iter().filter(|name| !allowed(name, &crates, modules));
            strangers.map(|name| at(name.line, &format!("{layer} must not name `{}`.", name.shown()))).collect()
        }
        Rule::Never { layer, paths, tests_too } => {
            if !tests_too && sources::is_test(path) {
                return Vec::new();
            }
            let tokens = if tests_too { tokens(source) } else { without_tests(source).0 };
            forbidden(&tokens, &module_of(path), paths)
                .into_iter()
                .map(|(line, path)| at(line, &format!("{layer} must not name `{path}`.")))
                .collect()
        }
    }
}

fn allowed(name: &Named, crates: &[&str], modules: &[&str]) -> bool {
    let (first, known) = match &name.target {
        Target::Own(segments) => (segments.first(), modules),
        Target::Other(segments) => (segments.first(), crates),
    };
    first.is_some_and(|first| known.contains(&first.as_str()))
}

/// Where the tokens name one of the paths, or import everything around it.
fn forbidden<'a>(tokens: &[Token], module: &[String], paths: &[&'a str]) -> Vec<(usize, &'a str)> {
    let names = named(tokens, module);
    let mut found = Vec::new();
    for path in paths {
        let pattern: Vec<&str> = path.split("::").collect();
        // A crate must not even be mentioned; that also covers `extern crate`.
        if let [crate_name] = pattern.as_slice() {
            let mentions = tokens.iter().filter(|token| same(&token.text, crate_name));
            found.extend(mentions.map(|token| (token.line, *path)));
        }
        for name in &names {
            let Target::Other(segments) = &name.target else {
                continue;
            };
            let agrees = segments.iter().zip(&pattern).all(|(segment, expected)| same(segment, expected));
            if agrees && (segments.len() >= pattern.len() || name.glob) {
                found.push((name.line, *path));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn same(word: &str, expected: &str) -> bool {
    expected.strip_suffix('*').map_or(word == expected, |start| word.starts_with(start))
}

/// The first token that does not belong in a facade.
fn not_facade(tokens: &[Token]) -> Option<&Token> {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is = |distance: usize, text: &str| tokens.get(at + distance).is_some_and(|next| next.is(text));
        at = if token.is("#") && is(1, "[") {
            closing(tokens, at + 1)? + 1
        } else if token.is("#") && is(1, "!") && is(2, "[") {
            closing(tokens, at + 2)? + 1
        } else if token.is("pub") && is(1, "use") {
            (at..tokens.len()).find(|&i| tokens[i].is(";"))? + 1
        } else {
            return Some(token);
        };
    }
    None
}

/// The module that a file of a crate's `src` holds.
fn module_of(path: &str) -> Vec<String> {
    let file = path.split_once("/src/").map_or(path, |(_, file)| file);
    let module = file.strip_suffix(".rs").unwrap_or(file);
    let module = module.strip_suffix("/mod").unwrap_or(module);
    module.split('/').filter(|name| *name != "lib").map(str::to_owned).collect()
}

/// The packages of a tree that the core must not depend on. One package a line, its name first.
fn forbidden_packages(tree: &str) -> Vec<&str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<&str> = names
        .filter(|name| {
            NOT_IN_CORE
                .iter()
                .any(|no| name.strip_prefix(no).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

pub(crate) fn gate() -> Outcome {
    let tree = read(cargo(&["tree", "-p", "support-core", "-e", "normal", "--prefix", "none"]))?;
    let packages = forbidden_packages(&tree);
    if !packages.is_empty() {
        return Err(format!("support-core must not depend on {}.", packages.join(", ")));
    }

    let mut broken = Vec::new();
    for (path, source) in sources::rust_files()? {
        broken.extend(violations(&path, &source));
        match sources::size(&path, &source) {
            Size::Fine => {}
            Size::Large(lines) => say(&format!("warning: {path} has {lines} lines; over {} is much.", sources::LARGE)),
            Size::TooLarge(lines) => {
                broken.push(format!("{path}: {lines} lines are too many; split it below {}.", sources::TOO_LARGE));
            }
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::{forbidden_packages, module_of, violations};

    const DOMAIN: &str = "crates/support-core/src/domain/sla.rs";
    const PORTS: &str = "crates/support-core/src/ports/store.rs";
    const SQLITE: &str = "crates/support-storage-sqlite/src/lib.rs";
    const HTTP: &str = "crates/support-http/src/routes/tickets.rs";

    #[track_caller]
    fn passes(path: &str, source: &str) {
        assert_eq!(violations(path, source), Vec::<String>::new(), "{source}");
    }

    #[track_caller]
    fn fails(path: &str, source: &str, what: &str) {
        let found = violations(path, source);
        assert!(found.iter().any(|sentence| sentence.contains(what)), "{source}: {found:?}");
    }

    #[test]
    fn the_domain_names_itself_and_its_crates() {
        for name in ["std", "core", "alloc", "serde", "serde_json", "chrono", "chrono_tz", "uuid", "thiserror"] {
            passes(DOMAIN, &format!("use {name}::x; fn f() {{ {name}::y() }}"));
        }
        passes(
            DOMAIN,
            "use crate::domain::ticket::Ticket; use super::profile; use self::x::Y; fn f() { profile::g() }",
        );
        passes(DOMAIN, "pub(crate) struct A(pub(in crate::domain) u8);");
    }

    #[test]
    fn the_domain_names_no_other_crate() {
        for source in [
            "use tokio::time;",
            "fn f() { toml::from_str(a) }",
            "#[async_trait::async_trait] trait A {}",
            "use ::axum::B;",
        ] {
            fails(DOMAIN, source, "The domain must not name");
        }
    }

    #[test]
    fn the_domain_names_no_other_module() {
        fails(DOMAIN, "\nuse crate::ports::Clock;", "sla.rs:2: The domain must not name `crate::ports::Clock`.");
        for source in [
            "fn f(c: &dyn crate::ports::Clock) {}",
            "use crate::{domain::a, desk::b};",
            "use super::super::ports;",
            "use super::super::*;",
            "use crate::Error;",
            "use crate as c;",
            "macro_rules! m { () => { $crate::desk::a() } }",
        ] {
            fails(DOMAIN, source, "The domain must not name `crate");
        }
        for root in ["crates/support-core/src/domain.rs", "crates/support-core/src/domain/mod.rs"] {
            fails(root, "use super::ports;", "`crate::ports`");
        }
    }

    #[test]
    fn comments_strings_and_tests_of_the_domain_may_name_anything() {
        passes(DOMAIN, "/// See [`crate::ports::Clock`].\nfn f() { \"crate::ports::Clock\" }");
        passes(DOMAIN, "#[cfg(test)]\nmod tests { use crate::memory::Clock; use proptest::prelude::*; }");
        passes("crates/support-core/src/domain/sla/tests.rs", "use crate::memory::Clock;");
    }

    #[test]
    fn ports_name_the_domain_and_async_trait_too() {
        passes(
            PORTS,
            "use async_trait::async_trait; use crate::domain::A; use crate::ports::B; use super::C; use serde::D;",
        );
        for source in ["use crate::desk::Desk;", "use crate::memory::Clock;", "use crate::contract::a;"] {
            fails(PORTS, source, "A port must not name `crate::");
        }
        fails(PORTS, "fn f() -> tokio::Task {}", "A port must not name `tokio::Task`.");
        fails("crates/support-core/src/ports.rs", "use super::desk;", "`crate::desk`");
    }

    #[test]
    fn the_rest_of_the_core_is_free() {
        passes("crates/support-core/src/desk/mod.rs", "use crate::ports::Clock; use toml::Value;");
        passes("crates/support-core/src/lib.rs", "pub use crate::desk::Desk;");
    }

    #[test]
    fn storage_does_not_know_the_use_cases() {
        passes(SQLITE, "use support_core::{domain::Ticket, ports::Store}; // not support_core::desk");
        passes(SQLITE, "use support_core; use support_core as core_; fn f(a: core_::domain::Ticket) {}");
        for source in [
            "use support_core::desk::Desk;",
            "use support_core::{ports::Store, desk};",
            "use support_core::*;",
            "fn f(d: &support_core::desk::Desk) {}",
            "use support_core as c; fn f() { c::desk::g() }",
            "#[cfg(test)] mod tests { use support_core::desk::Desk; }",
        ] {
            fails(SQLITE, source, "A storage adapter must not name `support_core::desk`.");
        }
        fails("crates/support-storage-postgres/src/a/b.rs", "use support_core::desk::A;", "support_core::desk");
    }

    #[test]
    fn the_sealed_store_knows_the_ports_alone() {
        let path = "crates/support-privacy/src/store.rs";
        passes(path, "use support_core::{domain::ticket::Ticket, ports::Store}; // not support_core::desk");
        passes("crates/support-privacy/tests/rows.rs", "use support_core::memory::MemoryStore;");
        for (source, what) in [
            ("use support_core::desk::Desk;", "`support_core::desk`"),
            ("use support_core::{ports, memory::MemoryStore};", "`support_core::memory`"),
            ("use support_storage_sqlite::SqliteStore;", "`support_storage*`"),
        ] {
            fails(path, source, &format!("The sealed store must not name {what}."));
        }
    }

    #[test]
    fn index_files_voice_and_mail_know_the_ports_alone() {
        for (path, layer) in [
            ("crates/support-search/src/index.rs", "The index"),
            ("crates/support-files/src/object.rs", "The store of files"),
            ("crates/support-events/src/rabbitmq/sink.rs", "The voice of the desk"),
            ("crates/support-notify/src/mail.rs", "The mail"),
        ] {
            passes(path, "use support_core::{domain::search::Hit, ports::search::Search}; use tantivy::Index;");
            for (source, what) in [
                ("use support_core::desk::Desk;", "`support_core::desk`"),
                ("use support_core::memory::MemoryFiles;", "`support_core::memory`"),
                ("use support_storage_sqlite::SqliteStore;", "`support_storage*`"),
            ] {
                fails(path, source, &format!("{layer} must not name {what}."));
            }
        }
    }

    #[test]
    fn http_does_not_know_storage() {
        passes(HTTP, "use support_core::desk::Desk; use axum::Router;");
        for (source, what) in [
            ("use rusqlite::Connection;", "`rusqlite`"),
            ("extern crate rusqlite;", "`rusqlite`"),
            ("fn f(a: support_storage_sqlite::Store) {}", "`support_storage*`"),
            ("use support_storage_postgres as s;", "`support_storage*`"),
            ("use support_core::{desk, memory::Store};", "`support_core::memory`"),
            ("use support_core::*;", "`support_core::memory`"),
        ] {
            fails(HTTP, source, &format!("The HTTP adapter must not name {what}."));
        }
    }

    #[test]
    fn the_test_servers_know_nothing_of_ours() {
        let path = "crates/test-servers/src/postgres.rs";
        passes(path, "use crate::server::Server; const NAME: &str = \"support_core\";");
        for source in ["use support_core::ports::Store;", "#[cfg(test)] mod tests { use support_storage_sqlx::A; }"] {
            fails(path, source, "The test servers must not name `support_*`.");
        }
    }

    #[test]
    fn tests_of_http_may_know_storage() {
        passes(HTTP, "#[cfg(test)]\nmod tests { use support_core::memory::Store; use rusqlite::Connection; }");
        passes("crates/support-http/tests/wire.rs", "use support_core::memory::Store;");
        passes("crates/support-http/src/routes/tests.rs", "use support_core::memory::Store;");
    }

    #[test]
    fn the_facade_only_passes_on() {
        passes(
            "src/lib.rs",
            "//! Docs.\n#![doc = include_str!(\"../README.md\")]\n/// More.\n#[cfg(feature = \"http\")]\n#[doc(inline)]\n\
             pub use support_http::{Router, serve as s};\npub use support_core::*;\n",
        );
        passes("src/lib.rs", "");
        for source in [
            "pub fn f() {}",
            "mod a;",
            "pub mod a { pub use b::c; }",
            "use a::b;",
            "pub(crate) use a::b;",
            "pub use a::b;\n#[cfg(x)]\npub struct C;",
        ] {
            fails("src/lib.rs", source, "The facade contains only documentation, attributes and `pub use`.");
        }
        fails("src/lib.rs", "pub use a::b;\n\nconst A: u8 = 1;", "src/lib.rs:3: ");
    }

    #[test]
    fn modules_follow_files() {
        assert_eq!(module_of("crates/support-core/src/domain/sla.rs"), ["domain", "sla"]);
        assert_eq!(module_of("crates/support-core/src/domain/sla/mod.rs"), ["domain", "sla"]);
        assert_eq!(module_of("crates/support-core/src/domain.rs"), ["domain"]);
        assert!(module_of("crates/support-core/src/lib.rs").is_empty());
    }

    #[test]
    fn runtimes_databases_and_servers_are_found_in_the_tree() {
        let tree = "support-core v0.1.0 (/a)\nserde v1.0.0\ntokio-util v0.7.0 (*)\nhyper v1.0.0\nhyperlocal v1.0.0\n\
                    hyper v1.0.0 (*)\n";
        assert_eq!(forbidden_packages(tree), ["hyper", "tokio-util"]);
        for name in ["tokio", "axum", "hyper", "sqlx", "rusqlite", "tantivy"] {
            assert_eq!(forbidden_packages(&format!("{name} v1.0.0")), [name]);
        }
    }
}
