//! What people typed, made fit for a line, a header or a paragraph.

/// One line of at most `most` characters: without line breaks, control characters and what turns text around.
pub(crate) fn line(text: &str, most: usize) -> String {
    let words: String = text.chars().filter(|c| !turns(*c)).map(|c| if breaks(c) { ' ' } else { c }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    // A reader of headers would decode an encoded word that somebody typed, and whatever is hidden in it.
    cut(&words.replace("=?", "= ?"), most)
}

/// Several lines of at most `most` characters together; no more than one of them in a row is empty.
pub(crate) fn block(text: &str, most: usize) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    let text: String = text.chars().filter(|c| !turns(*c) && (*c == '\n' || *c == '\t' || !c.is_control())).collect();
    cut(&tidy(&text), most)
}

/// What somebody is called, or nothing where it is no name. Whoever opens a ticket in the name of others chooses the first
/// words that those read, so an address is not taken for a name: mail programs make a link of it.
pub(crate) fn name(text: &str) -> String {
    let name = line(text, 60);
    let folded = name.to_lowercase();
    let is_address = ["://", "www.", "@", "/"].iter().any(|mark| folded.contains(mark))
        || folded.split(' ').any(|word| word.rsplit_once('.').is_some_and(|(_, end)| end.len() > 1));
    if is_address { String::new() } else { name }
}

/// The first words of a text, with an ellipsis where it goes on.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    // One character less, for the ellipsis.
    let end = text.char_indices().nth(most.saturating_sub(1)).map_or(end, |(end, _)| end);
    let kept = &text[..end];
    let whole = kept.rfind(char::is_whitespace).filter(|at| kept[*at..].chars().count() <= 30 && *at > 0);
    let kept = if text[end..].starts_with(char::is_whitespace) { kept } else { &kept[..whole.unwrap_or(end)] };
    format!("{}…", kept.trim_end_matches(|c: char| c.is_whitespace() || ",;:-".contains(c)))
}

/// Without spaces at the ends of lines, and with at most one empty line in a row.
pub(crate) fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

fn breaks(c: char) -> bool {
    c.is_control() || c.is_whitespace()
}

/// Marks that show text in another order than it is written, by which one thing is made to look like another; and marks
/// that nobody sees. Those that hold emoji and scripts together stay.
fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line("a\r\nBcc: b@c\0\u{7f}d\te\u{85}f\u{2028}g", 99), "a Bcc: b@c d e f g");
        assert_eq!(line("  two   spaces ", 99), "two spaces");
        assert_eq!(line("\u{202E}gnirts", 99), "gnirts");
        assert_eq!(line("=?utf-8?q?=0D=0ABcc?=", 99), "= ?utf-8?q?=0D=0ABcc?=");
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(block("one\r\n\r\n\r\n\r\ntwo \r\0three\n\n", 99), "one\n\ntwo\nthree");
    }

    #[test]
    fn an_address_is_no_name() {
        assert_eq!(name("Ada M. Lovelace"), "Ada M. Lovelace");
        assert_eq!(name("J.R. Ewing"), "J.R. Ewing");
        for address in ["Win at http://evil.example", "www.evil.example", "evil.example", "a@b", "see evil.example/now"]
        {
            assert_eq!(name(address), "", "{address}");
        }
    }

    #[test]
    fn words_stay_whole() {
        assert_eq!(cut("The printer is on fire", 99), "The printer is on fire");
        assert_eq!(cut("The printer is on fire", 22), "The printer is on fire");
        assert_eq!(cut("The printer is on fire", 21), "The printer is on…");
        assert_eq!(cut("The printer, is on fire", 13), "The printer…");
        assert_eq!(cut(&"ä".repeat(50), 10), format!("{}…", "ä".repeat(9)));
        assert_eq!(cut("", 0), "");
    }
}
