//! The piece of a text that shows why it was found.

use crate::{
    question::{Asked, Question},
    words::{Word, words},
};
use std::ops::Range;
use support_core::domain::search::Snippet;

/// Characters of a snippet.
const CHARACTERS: usize = 200;
/// Characters that are shown before the first word.
const BEFORE: usize = 40;
/// Bytes of a text that are looked through for a better piece.
const LOOKED_AT: usize = 64 * 1024;
/// Words that are marked.
const MARKS: usize = 64;

/// A word of the question, where it stands.
struct Mark {
    place: Range<usize>,
    word: usize,
}

/// The best piece of the text, or of the notes where only they hold what was asked for.
pub(crate) fn snippet(text: &str, notes: &str, question: &Question) -> Snippet {
    let (in_text, in_notes) = (marks(text, question), marks(notes, question));
    if best(&in_notes).1 > best(&in_text).1 || (text.is_empty() && !notes.is_empty()) {
        cut(notes, &in_notes)
    } else {
        cut(text, &in_text)
    }
}

/// Where words of the question stand.
fn marks(text: &str, question: &Question) -> Vec<Mark> {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let mut marks: Vec<Mark> = Vec::new();
    for word in words(text) {
        let Some(found) = question.words.iter().position(|asked| fits(asked, &word, question)) else { continue };
        // Pairs of signs overlap.
        match marks.last_mut().filter(|last| last.place.end > word.place.start) {
            Some(last) => last.place.end = word.place.end,
            None => marks.push(Mark { place: word.place, word: found }),
        }
    }
    marks
}

fn fits(asked: &Asked, word: &Word, question: &Question) -> bool {
    if word.folded == asked.folded || (asked.open && word.folded.starts_with(&asked.folded)) {
        return true;
    }
    // A stem shares the beginning of its word. Making stems of a whole text would cost more than the search.
    let alike = asked.folded.chars().zip(word.folded.chars()).take_while(|(one, other)| one == other).count();
    if alike == 0 {
        return false;
    }
    let mut same = false;
    if alike >= 2 {
        question.languages.stems(word, |stem| {
            same |= asked.folded == stem || asked.stems.iter().any(|asked| asked == stem);
        });
    }
    same || (asked.slips > 0 && is_slip(&asked.folded, &word.folded, asked.slips))
}

/// Whether one word is the other with up to so many letters left out, put in, changed, or swapped with their neighbour.
fn is_slip(one: &str, other: &str, slips: usize) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > slips {
        return false;
    }
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (at, row) in rows.iter_mut().enumerate() {
        row[0] = at;
    }
    for (at, cell) in rows[0].iter_mut().enumerate() {
        *cell = at;
    }
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let changed = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            rows[i][j] = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                rows[i][j] = rows[i][j].min(rows[i - 2][j - 2] + 1);
            }
        }
    }
    rows[one.len()][other.len()] <= slips
}

/// The first mark of the piece with the most different words, then the most marks; and how many words it holds.
fn best(marks: &[Mark]) -> (usize, usize) {
    let mut best = (0, 0, 0);
    for (first, mark) in marks.iter().take(MARKS * 4).enumerate() {
        let end = mark.place.start + CHARACTERS - BEFORE;
        let piece = marks[first..].iter().take(MARKS).take_while(|mark| mark.place.end <= end);
        let (mut seen, mut count) = (0_u64, 0);
        for mark in piece {
            seen |= 1 << mark.word;
            count += 1;
        }
        let different = seen.count_ones() as usize;
        if (different, count) > (best.1, best.2) {
            best = (first, different, count);
        }
    }
    (best.0, best.1)
}

/// The text around the best marks.
fn cut(text: &str, marks: &[Mark]) -> Snippet {
    let (first, _) = best(marks);
    let from = marks.get(first).map_or(0, |mark| mark.place.start);
    let start = start(text, from);
    let end = text[start..].char_indices().nth(CHARACTERS).map_or(text.len(), |(at, _)| start + at);
    let end = marks.iter().find(|mark| mark.place.contains(&end)).map_or(end, |mark| mark.place.start.max(start));
    let within = marks.iter().filter(|mark| mark.place.start >= start && mark.place.end <= end).take(MARKS);
    let marks = within.map(|mark| mark.place.start - start..mark.place.end - start).collect();
    Snippet { text: text[start..end].to_owned(), marks }
}

/// The beginning of a word, a little before `from`.
fn start(text: &str, from: usize) -> usize {
    let Some((start, _)) = text[..from].char_indices().rev().take(BEFORE).last() else { return from };
    if start == 0 {
        return 0;
    }
    let space = text[start..from].char_indices().find(|(_, sign)| sign.is_whitespace());
    space.map_or(start, |(at, sign)| start + at + sign.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::{CHARACTERS, is_slip, snippet};
    use crate::question::Question;
    use proptest::prelude::*;

    fn marked(text: &str, notes: &str, question: &str) -> (String, Vec<String>) {
        let found = snippet(text, notes, &Question::new(question, Some("en")));
        let words = found.marks.iter().map(|mark| found.text[mark.clone()].to_owned()).collect();
        (found.text, words)
    }

    #[test]
    fn words_are_marked_by_what_they_mean() {
        let (_, words) =
            marked("Refunds are paid within a week. The subscripton ends.", "", "refunded subscription wee");
        assert_eq!(words, ["Refunds", "week", "subscripton"]);
    }

    #[test]
    fn the_piece_is_where_most_words_stand() {
        let text = format!("refund {} the refund of the parcel {}", "x ".repeat(300), "y ".repeat(300));
        let (piece, words) = marked(&text, "", "parcel refund");
        assert_eq!(words, ["refund", "parcel"]);
        assert!(piece.chars().count() <= CHARACTERS);
    }

    #[test]
    fn notes_are_quoted_where_only_they_hold_the_word() {
        assert_eq!(marked("a text", "some fraud", "fraud").0, "some fraud");
        assert_eq!(marked("a fraud", "some fraud", "fraud").0, "a fraud");
        assert_eq!(marked("a text", "a note", "fraud").0, "a text");
    }

    #[test]
    fn a_slip_is_one_letter_more_less_other_or_swapped() {
        for (one, other, slips, expected) in [
            ("invoice", "invoce", 1, true),
            ("invoice", "invioce", 1, true),
            ("invoice", "invoices", 1, true),
            ("invoice", "invites", 1, false),
            ("subscription", "subcsritpion", 2, true),
            ("subscription", "subcsritpion", 1, false),
            ("subscription", "subcsription", 1, true),
        ] {
            assert_eq!(is_slip(one, other, slips), expected, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn marks_lie_between_characters(text in "(\\PC| |a|é|東|parcel ){0,400}", asked in "\\PC{0,40}") {
            let found = snippet(&text, &text, &Question::new(&asked, None));
            prop_assert!(found.text.chars().count() <= CHARACTERS);
            let mut end = 0;
            for mark in found.marks {
                prop_assert!(mark.start >= end && found.text.get(mark.clone()).is_some_and(|word| !word.is_empty()));
                end = mark.end;
            }
        }
    }
}
