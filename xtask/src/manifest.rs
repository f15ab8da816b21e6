//! What the gates read from manifests. The text is read rather than parsed, because a parser drops comments.

use crate::shell::{Outcome, read_file};

pub(crate) fn comments_gate() -> Outcome {
    let silent = without_comment(&read_file("Cargo.toml")?);
    if silent.is_empty() {
        return Ok(());
    }
    Err(format!(
        "Every entry of [workspace.dependencies] says why it is there, in a comment on the line above or at the end \
         of the line. Without a reason: {}.",
        silent.join(", ")
    ))
}

/// The names in `[features]`.
pub(crate) fn features(manifest: &str) -> Vec<String> {
    entries(manifest, "features").into_iter().map(|entry| entry.name).collect()
}

/// The workspace dependencies that do not say why they are there.
fn without_comment(manifest: &str) -> Vec<String> {
    let entries = entries(manifest, "workspace.dependencies");
    entries.into_iter().filter(|entry| !entry.explained).map(|entry| entry.name).collect()
}

struct Entry {
    name: String,
    /// Has a comment on the line above or on one of its own lines.
    explained: bool,
}

/// The entries of a table, whether they are lines in it or tables under it.
fn entries(manifest: &str, table: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut inside = false;
    let mut open = 0;
    let mut above = false;
    for line in manifest.lines() {
        let (code, comment) = split_comment(line);
        let code = code.trim();
        let explained = comment.is_some_and(|comment| !comment.trim().is_empty());
        if open > 0 {
            if let (true, Some(entry)) = (inside, entries.last_mut()) {
                entry.explained |= explained;
            }
            open += depth(code);
        } else if code.starts_with('[') {
            let header = code.trim_matches(['[', ']']).trim();
            inside = header == table;
            if let Some(name) = header.strip_prefix(table).and_then(|rest| rest.strip_prefix('.')) {
                entries.push(Entry { name: unquoted(name), explained: explained || above });
            }
        } else if let Some((name, value)) = code.split_once('=') {
            open = depth(value);
            if inside {
                // `serde.version = "1"` is an entry of `serde`.
                let name = unquoted(name.split('.').next().unwrap_or(name));
                match entries.last_mut().filter(|last| last.name == name) {
                    Some(last) => last.explained |= explained || above,
                    None => entries.push(Entry { name, explained: explained || above }),
                }
            }
        }
        above = code.is_empty() && explained;
    }
    entries
}

fn unquoted(name: &str) -> String {
    name.trim().trim_matches(['"', '\'']).to_owned()
}

/// The line before and after the `#` of a comment. A `#` in a string is not one.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let mut quote = None;
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '#') => return (&line[..at], Some(&line[at + 1..])),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    (line, None)
}

/// How many brackets the text leaves open.
fn depth(code: &str) -> i32 {
    let mut quote = None;
    let mut depth = 0;
    for character in code.chars() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::{features, without_comment};

    #[test]
    fn a_dependency_without_a_reason_is_named() {
        let manifest = "[workspace.dependencies]\na = \"1\"\nb = { version = \"1\" }\n";
        assert_eq!(without_comment(manifest), ["a", "b"]);
    }

    #[test]
    fn a_reason_stands_above_or_behind() {
        let manifest = "[workspace.dependencies]\n# Why a.\na = \"1\"\nb = \"2\" # why b\n";
        assert!(without_comment(manifest).is_empty());
    }

    #[test]
    fn a_reason_belongs_to_one_entry() {
        let manifest = "[workspace.dependencies]\n# Why a.\na = \"1\"\nb = \"2\"\n# Why c.\n\nc = \"3\"\nd = \"4\" # why d\n\
                        e = \"5\"\n";
        assert_eq!(without_comment(manifest), ["b", "c", "e"]);
    }

    #[test]
    fn an_empty_comment_and_a_sign_in_a_string_are_no_reasons() {
        let manifest = "[workspace.dependencies]\na = \"1\" #\nb = { git = \"x#y\" }\n#\nc = '1#2'\n";
        assert_eq!(without_comment(manifest), ["a", "b", "c"]);
    }

    #[test]
    fn an_entry_may_take_several_lines() {
        let manifest = "[workspace.dependencies]\na = { version = \"1\", features = [\n  \"x\", # why\n] }\n\
                        b = { version = \"1\", features = [\n  \"y = 1\",\n] }\n";
        assert_eq!(without_comment(manifest), ["b"]);
    }

    #[test]
    fn an_entry_may_be_a_table_or_have_dotted_keys() {
        let manifest = "# Why a.\n[workspace.dependencies.a]\nversion = \"1\"\n\n[workspace.dependencies.b]\n\
                        version = \"1\" # not a reason for b\n\n[workspace.dependencies]\nc.version = \"1\" # why c\n\
                        c.features = []\nd.version = \"1\"\n";
        assert_eq!(without_comment(manifest), ["b", "d"]);
    }

    #[test]
    fn a_reason_may_stand_behind_the_header_or_any_key_of_an_entry() {
        let manifest = "[workspace.dependencies.a] # why a\nversion = \"1\"\n[workspace.dependencies]\n\
                        b.version = \"1\"\nb.features = [] # why b\n";
        assert!(without_comment(manifest).is_empty());
    }

    #[test]
    fn other_tables_need_no_reasons() {
        let manifest = "[dependencies]\na = \"1\"\n[workspace.dependencies]\n[dev-dependencies]\nb = \"1\"\n";
        assert!(without_comment(manifest).is_empty());
    }

    #[test]
    fn features_are_the_keys_of_their_table() {
        let manifest = "[package]\nname = \"x\"\n\n[features]\ndefault = [\n  \"a\",\n  \"b=c\",\n]\n# Why.\na = []\n\
                        \"b-c\" = [\"dep:d\"] # why\n\n[dependencies]\ne = \"1\"\n";
        assert_eq!(features(manifest), ["default", "a", "b-c"]);
        assert!(features("[package]\nname = \"x\"\n").is_empty());
    }
}
