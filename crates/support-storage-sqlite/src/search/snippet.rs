//! The piece of a text that is shown with a hit.

use super::words::{Wanted, cut};
use support_core::domain::search::Snippet;

/// Characters of a piece, and of what stands before its first word.
const PIECE: usize = 200;
const BEFORE: usize = 60;

/// Of the first text that holds one of the words, the piece around it; else how the first one begins.
pub(super) fn snippet(wanted: &Wanted, texts: &[&str]) -> Snippet {
    let first = |text: &&str| cut(text).find(|(_, word)| wanted.holds(word)).map(|(place, _)| place.start);
    let found = texts.iter().find_map(|text| first(text).map(|place| (*text, place)));
    let (text, first) = found.unwrap_or((texts.first().copied().unwrap_or_default(), 0));
    let start = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
    let end = text[start..].char_indices().nth(PIECE).map_or(text.len(), |(at, _)| start + at);
    // A word that the end cuts in two is none of the text.
    let whole = cut(&text[first..]).map(|(place, word)| (first + place.start..first + place.end, word));
    let inside = whole.take_while(|(place, _)| place.end <= end).filter(|(_, word)| wanted.holds(word));
    Snippet {
        text: text[start..end].to_owned(),
        marks: inside.map(|(place, _)| place.start - start..place.end - start).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_text_that_speaks_of_it_is_shown() {
        let shown = snippet(&Wanted::of("fraud"), &["Late parcel", "Suspected fraud", "A fraud"]);
        assert_eq!((shown.text.as_str(), shown.marks.first()), ("Suspected fraud", Some(&(10..15))));
        let shown = snippet(&Wanted::of("zebra"), &["Late parcel", "Suspected fraud"]);
        assert_eq!(shown, Snippet { text: "Late parcel".into(), marks: vec![] });
    }

    #[test]
    fn a_piece_is_short_and_cuts_no_character() {
        let text = format!("{}parcel, PARCELS {} parcel", "ä€𝄞 ".repeat(99), "𝄞".repeat(199));
        let shown = snippet(&Wanted::of("parcel"), &[&text]);
        assert_eq!(shown.text.chars().count(), PIECE);
        let marked: Vec<&str> = shown.marks.iter().map(|mark| &shown.text[mark.clone()]).collect();
        assert_eq!(marked, ["parcel", "PARCELS"]);
        let unbroken = snippet(&Wanted::of("xx"), &[&"x".repeat(9_999)]);
        assert_eq!((unbroken.text.len(), unbroken.marks.len()), (PIECE, 0));
    }
}
