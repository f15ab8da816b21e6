//! The Rust sources of the workspace: which they are, how long, and which words they must not contain.

use std::path::Path;

use crate::rust_text::{code_and_comments, without_tests};
use crate::shell::{Outcome, root};

/// Above this many lines a file is worth a second look.
pub(crate) const LARGE: usize = 500;
/// Above this many lines a file is refused.
pub(crate) const TOO_LARGE: usize = 700;

/// Macros that stand for work that is not finished.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Fine,
    Large(usize),
    TooLarge(usize),
}

/// How long the file is without its tests.
pub(crate) fn size(path: &str, source: &str) -> Size {
    if is_test(path) {
        return Size::Fine;
    }
    match without_tests(source).1 {
        lines if lines > TOO_LARGE => Size::TooLarge(lines),
        lines if lines > LARGE => Size::Large(lines),
        _ => Size::Fine,
    }
}

/// Whether the file holds only tests.
pub(crate) fn is_test(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    file == "tests.rs" || file.ends_with("_tests.rs") || parts.any(|directory| directory == "tests")
}

/// Where the source, comments included, contains a macro of unfinished work.
fn unfinished(source: &str) -> Vec<(usize, &'static str)> {
    let text = code_and_comments(source);
    let calls = |line: &str, name: &str| {
        let rest = line.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        line[..line.len() - rest.len()] == *name && rest.trim_start().starts_with('!')
    };
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut before = ' ';
        for (at, character) in line.char_indices() {
            let begins_word = !before.is_alphanumeric() && before != '_';
            before = character;
            if let Some(name) = UNFINISHED.iter().find(|name| begins_word && calls(&line[at..], name)) {
                found.push((number + 1, *name));
            }
        }
    }
    found
}

pub(crate) fn words_gate() -> Outcome {
    let mut found = Vec::new();
    for (path, source) in rust_files()? {
        let marks = unfinished(&source).into_iter();
        found.extend(
            marks.map(|(line, name)| format!("{path}:{line}: `{name}!` stands for work that is not finished.")),
        );
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// The paths from the root of the workspace, with `/` between names, and the texts.
pub(crate) fn rust_files() -> Outcome<Vec<(String, String)>> {
    let mut files = Vec::new();
    collect(root(), "", &mut files).map_err(|error| format!("The sources could not be read: {error}."))?;
    files.sort_unstable();
    Ok(files)
}

fn collect(directory: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && !is_skipped(&name) {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() && entry.path().extension().is_some_and(|extension| extension == "rs") {
            files.push((path, std::fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

/// Build output, and the directories of other tools.
fn is_skipped(directory: &str) -> bool {
    directory.starts_with('.') || matches!(directory, "target" | "node_modules")
}

#[cfg(test)]
mod tests {
    use super::{Size, is_skipped, is_test, rust_files, size, unfinished};

    #[test]
    fn long_files_are_told_and_longer_ones_refused() {
        let lines = |count: usize| "a\n".repeat(count);
        assert_eq!(size("src/a.rs", &lines(500)), Size::Fine);
        assert_eq!(size("src/a.rs", &lines(501)), Size::Large(501));
        assert_eq!(size("src/a.rs", &lines(700)), Size::Large(700));
        assert_eq!(size("src/a.rs", &lines(701)), Size::TooLarge(701));
    }

    #[test]
    fn tests_have_no_length() {
        let long = "a\n".repeat(900);
        assert_eq!(size("crates/a/tests/b.rs", &long), Size::Fine);
        assert_eq!(size("src/a.rs", &format!("a\n#[cfg(test)]\nmod tests {{\n{long}}}\n")), Size::Fine);
    }

    #[test]
    fn tests_are_known_by_their_paths() {
        for path in
            ["crates/a/tests/b.rs", "tests/b/mod.rs", "crates/a/src/b/tests.rs", "src/b_tests.rs", "src/tests/b.rs"]
        {
            assert!(is_test(path), "{path}");
        }
        for path in ["src/a.rs", "src/contests.rs", "src/test.rs", "src/tests_of/a.rs"] {
            assert!(!is_test(path), "{path}");
        }
    }

    #[test]
    fn unfinished_work_is_found_in_code_and_comments() {
        assert_eq!(unfinished("a\n  todo!()\n"), [(2, "todo")]);
        assert_eq!(unfinished("x(unimplemented!(\"a\"), dbg ! (b))"), [(1, "unimplemented"), (1, "dbg")]);
        assert_eq!(unfinished("/// todo!(\"write this\")"), [(1, "todo")]);
        assert_eq!(unfinished("std::todo!{}"), [(1, "todo")]);
    }

    #[test]
    fn other_words_and_strings_are_not_unfinished_work() {
        assert!(unfinished("let todo = \"todo!()\"; my_todo!(); dbg_all!(); todos!(); f(todo, dbg)").is_empty());
    }

    #[test]
    fn the_sources_of_this_workspace_are_found() {
        let files = rust_files().expect("the workspace can be read");
        assert!(files.iter().any(|(path, _)| path == "xtask/src/sources.rs"));
        assert!(is_skipped("target") && is_skipped(".git") && is_skipped("node_modules") && !is_skipped("src"));
    }
}
