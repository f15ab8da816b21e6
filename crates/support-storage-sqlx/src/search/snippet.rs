//! A piece of what was found.

use super::query::Word;
use crate::words::places;
use std::{collections::BTreeSet, ops::Range};
use support_core::domain::search::Snippet;

/// Characters of a piece, and of what stands before its first word.
const PIECE: usize = 200;
const BEFORE: usize = 60;

/// Marks that are looked at: whoever repeats a word more often than that is not read to the end.
const MARKS: usize = 2_000;

/// A word that was looked for, in a text.
struct Mark {
    place: Range<usize>,
    /// How many characters stand before it.
    from: usize,
    /// Which of the words.
    word: usize,
}

/// Of the first text that holds one of the words, the piece that holds the most of them; else how the first text begins.
pub(super) fn of(words: &[Word], texts: &[&str]) -> Snippet {
    let found = texts.iter().map(|text| (*text, marks(words, text))).find(|(_, marks)| !marks.is_empty());
    let (text, marks) = found.unwrap_or((texts.first().copied().unwrap_or_default(), Vec::new()));
    let first = richest(&marks).map_or(0, |mark| mark.place.start);
    let start = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
    let end = text[start..].char_indices().nth(PIECE).map_or(text.len(), |(at, _)| start + at);
    let inside = marks.iter().filter(|mark| start <= mark.place.start && mark.place.end <= end);
    Snippet {
        text: text[start..end].to_owned(),
        marks: inside.map(|mark| mark.place.start - start..mark.place.end - start).collect(),
    }
}

fn marks(words: &[Word], text: &str) -> Vec<Mark> {
    let (mut marks, mut behind, mut chars) = (Vec::new(), 0, 0);
    for (place, written) in places(text) {
        let Some(word) = words.iter().position(|word| word.is(&written)) else { continue };
        chars += text[behind..place.start].chars().count();
        behind = place.start;
        marks.push(Mark { place, from: chars, word });
        if marks.len() == MARKS {
            break;
        }
    }
    marks
}

/// The first mark of the piece with the most different words; of equal ones, of the first.
fn richest(marks: &[Mark]) -> Option<&Mark> {
    let mut best: Option<(usize, &Mark)> = None;
    for (n, mark) in marks.iter().enumerate() {
        let near = marks[n..].iter().take_while(|other| other.from < mark.from + PIECE - BEFORE);
        let count = near.map(|other| other.word).collect::<BTreeSet<_>>().len();
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, mark));
        }
    }
    best.map(|(_, mark)| mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet(text: &str, asked: &str) -> (String, Vec<String>) {
        let Snippet { text, marks } = of(&Word::all(asked), &[text]);
        let marked = marks.into_iter().map(|mark| text[mark].to_owned()).collect();
        (text, marked)
    }

    #[test]
    fn a_piece_is_where_most_of_the_words_are() {
        let filler = "ä€𝄞 ".repeat(300);
        let text = format!("How? {filler}To RETURN a Párcel, write. {filler}how");
        let (piece, marked) = snippet(&text, "how return parc");
        assert_eq!(marked, ["RETURN", "Párcel"]);
        assert_eq!(piece.chars().count(), PIECE);
        let (piece, marked) = snippet(&text, "zebra");
        assert!(piece.starts_with("How? ä") && marked.is_empty());
        assert_eq!(snippet("", "zebra"), (String::new(), Vec::new()));
    }
}
