//! Texts that people type: what is taken, and how it is made regular.

use crate::domain::fault::Fault;

/// Which characters a text may hold and how long it may be.
#[derive(Debug, Clone, Copy)]
pub struct TextRule {
    /// The most characters (Unicode scalar values) after trimming.
    pub max_chars: usize,
    /// Whether line breaks and tabs belong.
    pub multiline: bool,
}

impl TextRule {
    /// One line.
    pub const fn line(max_chars: usize) -> Self {
        Self { max_chars, multiline: false }
    }

    /// Several lines.
    pub const fn block(max_chars: usize) -> Self {
        Self { max_chars, multiline: true }
    }

    /// The text trimmed, with `\n` as its only line break.
    ///
    /// # Errors
    /// A fault of `field` where the text is empty, too long or holds control characters.
    pub fn required(self, field: &str, text: &str) -> Result<String, Fault> {
        match self.optional(field, text)? {
            Some(text) => Ok(text),
            None => Err(Fault::new(field, "must not be empty")),
        }
    }

    /// As [`TextRule::required`], but an empty text is none.
    ///
    /// # Errors
    /// A fault of `field` where the text is too long or holds control characters.
    pub fn optional(self, field: &str, text: &str) -> Result<Option<String>, Fault> {
        // Counting stops just past the limit, so that a huge text costs no more than a long one.
        let trimmed = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        if trimmed.is_empty() {
            return Ok(None);
        }
        if trimmed.chars().nth(self.max_chars).is_some() {
            return Err(Fault::new(field, format!("must not be longer than {} characters", self.max_chars)));
        }
        let regular = trimmed.replace("\r\n", "\n");
        let breaks = |c: char| matches!(c, '\n' | '\t') || is_line_break(c);
        let turns = |c: char| !self.multiline && matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let forbidden = |c: char| if breaks(c) { !self.multiline } else { c.is_control() || turns(c) };
        match regular.chars().find(|c| forbidden(*c)) {
            None => Ok(Some(regular)),
            Some(c) if breaks(c) || c == '\r' && !self.multiline => Err(Fault::new(field, "must be a single line")),
            Some(c) => Err(Fault::new(field, format!("must not contain control characters (U+{:04X})", u32::from(c)))),
        }
    }
}

/// Characters without a shape: a text of nothing else is empty.
pub(in crate::domain) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{200B}'
            ..='\u{200F}' | '\u{2060}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
    )
}

/// The line and paragraph separators of Unicode.
fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_unifies_line_breaks() {
        let text = TextRule::block(20).required("message", "  one\r\ntwo\t \n").unwrap();
        assert_eq!(text, "one\ntwo");
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert!(TextRule::line(3).required("subject", "äöü").is_ok());
        assert!(TextRule::line(3).required("subject", "äöüß").is_err());
    }

    #[test]
    fn names_the_field_and_the_reason() {
        for (text, reason) in [
            (" ", "empty"),
            ("\u{200B} \u{FEFF}", "empty"),
            ("a\u{2028}b", "single line"),
            ("a\nb", "single line"),
            ("a\0b", "U+0000"),
            ("a\u{9b}b", "U+009B"),
            ("a\u{202e}b", "U+202E"),
            ("\u{3164}", "empty"),
        ] {
            let fault = TextRule::line(10).required("subject", text).unwrap_err();
            assert_eq!(fault.field, "subject");
            assert!(fault.message.contains(reason), "{fault}");
        }
    }
}
