//! Names of files. They are shown to people and put into headers, and they are never paths.

use crate::domain::fault::Fault;

/// Characters of a name.
const MOST: usize = 150;
/// Bytes of a name in a key.
const KEY: usize = 80;

/// The name, where it is one that can be shown and saved anywhere.
///
/// # Errors
/// A fault of `field` for a name that is empty or too long, is a path, or holds characters that cannot be seen or turn the
/// direction of writing: `exe.gpj` can be made to look like `jpg.exe`.
pub fn file_name(field: &str, name: &str) -> Result<String, Fault> {
    let fault = |message: &str| Err(Fault::new(field, format!("has a file name that {message}")));
    if name.trim().is_empty() {
        return fault("is empty");
    }
    if name.chars().nth(MOST).is_some() {
        return fault("is longer than 150 characters");
    }
    if name.contains(['/', '\\', ':']) || name.split('.').all(|part| part.trim().is_empty()) {
        return fault("is a path");
    }
    if name.chars().any(|c| c.is_control() || is_hidden(c)) {
        return fault("holds control characters, or others that cannot be seen");
    }
    if name.contains(['<', '>', '"', '|', '?', '*']) {
        return fault("holds one of < > \" | ? *");
    }
    if name.trim() != name || name.starts_with('.') || name.ends_with('.') {
        return fault("begins or ends with a dot or a space");
    }
    Ok(name.to_owned())
}

/// Characters without a shape, and those that turn the direction of writing.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The name as part of a key: ASCII letters, digits, `-`, `_` and single dots, with its extension.
pub fn key_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    let extension: String = extension.chars().take(10).map(safe).collect();
    let stem: String = stem.chars().take(KEY - 11).map(safe).collect();
    format!("{stem}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_give_are_taken() {
        for name in
            ["photo.jpg", "Rechnung März 2026 (2).pdf", "配送.png", "a-b_c.tar.txt", "it's.log", "100% & more.txt"]
        {
            assert_eq!(file_name("file", name).unwrap(), name);
        }
    }

    #[test]
    fn names_that_are_something_else_are_refused() {
        let long = "a".repeat(151);
        for name in [
            "",
            " ",
            "../../etc/passwd",
            "..\\a.txt",
            "/etc/passwd",
            "C:\\a.txt",
            "a\0.txt",
            "a\r\nSet-Cookie: x.txt",
            "..",
            ".",
            "...",
            ".htaccess",
            "a.txt.",
            " a.txt",
            "a\u{200b}.txt",
            "gpj\u{202e}exe.txt",
            "a\u{feff}.php",
            "a\u{2066}.txt",
            "<b>.txt",
            "a\".txt",
            "a\u{7f}.txt",
            "a\u{e0041}.txt",
            long.as_str(),
        ] {
            assert!(file_name("file", name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn keys_hold_nothing_strange() {
        assert_eq!(key_name("Rechnung März (2).pdf"), "Rechnung_M_rz__2_.pdf");
        assert_eq!(key_name("a.b.c.txt"), "a_b_c.txt");
        assert!(key_name(&format!("{}.{}", "ä".repeat(150), "x".repeat(150))).len() <= KEY);
    }
}
