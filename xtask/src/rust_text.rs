//! Reading Rust sources without compiling them: which characters are code, and which words they form.

/// A word, a number, `::`, or any other single sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Counted from one.
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// The tokens of the code: no comments, and nothing of what strings contain.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, line) in code(source).lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                rest.find(|other: char| !other.is_alphanumeric() && other != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(Token { text: rest[..length].to_owned(), line: number + 1 });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// The tokens of the code, and how many lines it has, both without `#[cfg(test)] mod … { … }`.
pub(crate) fn without_tests(source: &str) -> (Vec<Token>, usize) {
    let tokens = tokens(source);
    let mut kept = Vec::new();
    let mut lines = source.lines().count();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(end) = test_module(&tokens, at) {
            lines -= tokens[end].line - tokens[at].line + 1;
            at = end + 1;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, lines)
}

/// The last token of the test module whose attribute begins here.
fn test_module(tokens: &[Token], at: usize) -> Option<usize> {
    let says =
        |words: &[&str]| words.iter().enumerate().all(|(i, word)| tokens.get(at + i).is_some_and(|t| t.is(word)));
    if !says(&["#", "[", "cfg", "(", "test", ")", "]"]) && !says(&["#", "[", "cfg", "(", "all", "(", "test", ","]) {
        return None;
    }
    let mut next = at;
    while tokens.get(next)?.is("#") {
        next = closing(tokens, next + 1)? + 1;
    }
    if !tokens.get(next)?.is("mod") {
        return None;
    }
    let body = next + 2;
    if tokens.get(body)?.is(";") { Some(body) } else { closing(tokens, body) }
}

/// Where the bracket that opens here is closed.
pub(crate) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The source with comments and the contents of strings replaced by spaces.
pub(crate) fn code(source: &str) -> String {
    masked(source, false)
}

/// The source with the contents of strings replaced by spaces.
pub(crate) fn code_and_comments(source: &str) -> String {
    masked(source, true)
}

fn masked(source: &str, keep_comments: bool) -> String {
    let characters: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < characters.len() {
        let (end, keep) = match span(&characters, at) {
            Span::Code => (at + 1, true),
            Span::Comment(end) => (end, keep_comments),
            Span::Literal(end) => (end, false),
        };
        for &character in &characters[at..end] {
            out.push(if keep || character == '\n' { character } else { ' ' });
        }
        at = end;
    }
    out
}

enum Span {
    Code,
    Comment(usize),
    Literal(usize),
}

/// What begins here, and where it ends.
fn span(text: &[char], at: usize) -> Span {
    let next = text.get(at + 1).copied();
    match text[at] {
        '/' if next == Some('/') => Span::Comment(until(text, at, |i| text[i] == '\n')),
        '/' if next == Some('*') => Span::Comment(block_comment(text, at)),
        '"' => Span::Literal(string(text, at)),
        '\'' if next == Some('\\') => Span::Literal(until(text, at + 3, |i| text[i] == '\'') + 1),
        '\'' if text.get(at + 2) == Some(&'\'') => Span::Literal(at + 3),
        'r' => raw_string(text, at),
        'b' | 'c' if next == Some('r') => raw_string(text, at + 1),
        _ => Span::Code,
    }
    .within(text.len())
}

impl Span {
    /// A literal that is never closed ends with the text.
    fn within(self, length: usize) -> Self {
        match self {
            Self::Code => Self::Code,
            Self::Comment(end) => Self::Comment(end.min(length)),
            Self::Literal(end) => Self::Literal(end.min(length)),
        }
    }
}

fn until(text: &[char], from: usize, ends: impl Fn(usize) -> bool) -> usize {
    (from..text.len()).find(|&i| ends(i)).unwrap_or(text.len())
}

fn block_comment(text: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at + 1 < text.len() {
        let change = match (text[at], text[at + 1]) {
            ('/', '*') => 1,
            ('*', '/') => -1,
            _ => 0,
        };
        depth += change;
        at += if change == 0 { 1 } else { 2 };
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn string(text: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// `r"…"` and `r#"…"#`; `r#type` is a word.
fn raw_string(text: &[char], r: usize) -> Span {
    let open = until(text, r + 1, |i| text[i] != '#');
    if text.get(open) != Some(&'"') {
        return Span::Code;
    }
    let hashes = open - r - 1;
    let closes = |i: usize| text[i] == '"' && text[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    Span::Literal(until(text, open + 1, closes) + 1 + hashes)
}

#[cfg(test)]
mod tests {
    use super::{code, code_and_comments, tokens, without_tests};

    fn words(source: &str) -> String {
        tokens(source).iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_not_code() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f /// g\n//! h"), "a f");
    }

    #[test]
    fn strings_are_not_code() {
        assert_eq!(words(r###"a "b \" c" d r"e\" f r#"g " h"# i br##"j"# k"## l b"m" n"###), "a d f i l b n");
    }

    #[test]
    fn a_comment_sign_in_a_string_begins_no_comment() {
        assert_eq!(words("a(\"//\"); b"), "a ( ) ; b");
    }

    #[test]
    fn characters_are_not_lifetimes() {
        assert_eq!(words(r"a '\'' b '\u{1F600}' c '/' d<'e> f '{' g"), "a b c d < ' e > f g");
    }

    #[test]
    fn raw_words_stay() {
        assert_eq!(words("for x in r#type::y {}"), "for x in r # type :: y { }");
    }

    #[test]
    fn an_unfinished_literal_ends_with_the_text() {
        assert_eq!(words("a \"b"), "a");
        assert_eq!(words("a r#\"b"), "a");
        assert_eq!(words("a /* b"), "a");
        assert_eq!(words("a \"b\\"), "a");
        assert_eq!(words(r"a '\"), "a");
    }

    #[test]
    fn lines_are_kept() {
        let source = "a\n/* b\nc */ d\n\"e\nf\" g\n";
        let lines: Vec<(String, usize)> = tokens(source).into_iter().map(|t| (t.text, t.line)).collect();
        assert_eq!(lines, [("a".to_owned(), 1), ("d".to_owned(), 3), ("g".to_owned(), 5)]);
    }

    #[test]
    fn comments_stay_when_asked() {
        assert_eq!(code_and_comments("a // b\n\"c\""), "a // b\n   ");
        assert_eq!(code("a // b\n\"c\""), "a     \n   ");
    }

    #[test]
    fn test_modules_are_left_out() {
        let source = "a\n#[cfg(test)]\n#[expect(x)]\nmod tests {\n  fn b() { {} }\n}\nc\n";
        let (kept, lines) = without_tests(source);
        assert_eq!(kept.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(lines, 2);
        assert_eq!(without_tests("a\n#[cfg(all(test, unix))]\nmod tests {}\n").1, 1);
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests;\nb").0.len(), 2);
    }

    #[test]
    fn code_that_is_not_a_test_module_stays() {
        for source in
            ["#[cfg(feature)]\nmod tests { a }", "#[cfg(not(test))]\nmod b { a }", "#[cfg(test)]\nfn b() { a }"]
        {
            let (kept, lines) = without_tests(source);
            assert!(kept.iter().any(|token| token.is("a")), "{source}");
            assert_eq!(lines, 2);
        }
    }
}
