//! What a person types, as an expression of the text index.

use support_core::domain::id::CustomerId;

/// The expression for tickets of `owners` (of everybody if there are none) that hold every word of `text`, the last one
/// as the beginning of a word. None where there is no word in it.
///
/// Words are letters and digits alone, and each stands in quotes: nothing that is typed is ever syntax.
pub(super) fn expression(text: &str, owners: &[CustomerId]) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && !is_accent(c))
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\""))
        .collect();
    if words.is_empty() {
        return None;
    }
    // The index knows beginnings of two letters and more; a shorter one would be looked for in every word there is.
    let long = words.last().is_some_and(|last| last.chars().count() >= 4);
    let beginning = if long { "*" } else { "" };
    let words = format!("{{number subject tags body}} : ({}{beginning})", words.join(" AND "));
    if owners.is_empty() {
        return Some(words);
    }
    let owners: Vec<String> = owners.iter().map(|owner| format!("\"{}\"", owner.uuid().simple())).collect();
    Some(format!("owner : ({}) AND {words}", owners.join(" OR ")))
}

/// Accents that stand behind their letter are part of its word, as the index sees it.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_typed_is_syntax() {
        let asked = expression("pay\" OR owner:x* NEAR(a) -b ^c", &[]).unwrap();
        assert_eq!(
            asked,
            r#"{number subject tags body} : ("pay" AND "OR" AND "owner" AND "x" AND "NEAR" AND "a" AND "b" AND "c")"#
        );
    }

    #[test]
    fn no_word_is_no_question() {
        for text in ["", " ", "\"*-+^():{}", "…"] {
            assert_eq!(expression(text, &[]), None, "{text}");
        }
    }

    #[test]
    fn a_customer_is_met_inside_the_index() {
        let asked = expression("card", &[CustomerId(uuid::Uuid::from_u128(7))]).unwrap();
        assert_eq!(asked, r#"owner : ("00000000000000000000000000000007") AND {number subject tags body} : ("card"*)"#);
    }
}
