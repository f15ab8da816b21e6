//! What is found, in which order, and what is told about it.

use super::{NOTHING, article, articles, background, each, place_of, places, put, ranking, ticket, tickets};
use crate::{
    contract::sample::at,
    domain::search::{Matching, SearchQuery, Searchable, Snippet},
    ports::search::Search,
};

/// Nothing twice, nothing missing; `total` counts them all on each.
pub async fn pages_cover_the_hits_once(index: impl Search) {
    let documents = (1..=9).map(|n| ticket(n, "Parcel", if n % 2 == 0 { "Hamburg" } else { "Bremen by train" }));
    put(&index, documents.collect()).await;
    let query = SearchQuery { limit: 100, ..tickets("parcel hamburg") };
    let all = ranking(&index, &query).await;
    assert_eq!(all.len(), 9);
    let mut walked = Vec::new();
    for skip in [0, 4, 8, 12] {
        let hits = index.search(&SearchQuery { skip, limit: 4, ..query.clone() }).await.unwrap();
        assert_eq!(hits.total, 9, "behind {skip}");
        walked.extend(hits.items.iter().map(place_of));
    }
    assert_eq!(walked, all);
    let none = index.search(&SearchQuery { limit: 0, ..query.clone() }).await.unwrap();
    assert_eq!((none.items.len(), none.total), (0, 9));
    let far = index.search(&SearchQuery { skip: u32::MAX, limit: u32::MAX, ..query }).await.unwrap();
    assert_eq!((far.items.len(), far.total), (0, 9));
}

/// And of those that were changed at the same moment the greater id.
pub async fn of_equal_hits_the_latest_comes_first(index: impl Search) {
    let same = |n: u32, minutes: i64| Searchable { at: at(minutes), ..article(n, "Parcel", "Hamburg") };
    put(&index, vec![same(1, 5), same(2, 9), same(3, 5)]).await;
    put(&index, vec![same(4, 7), same(5, 5)]).await;
    for matching in [Matching::Any, Matching::All] {
        let query = SearchQuery { matching, ..articles("parcel hamburg") };
        assert_eq!(ranking(&index, &query).await, [2, 4, 5, 3, 1], "{matching:?}");
        assert_eq!(ranking(&index, &query).await, [2, 4, 5, 3, 1], "asked again");
    }
}

/// Wherever in the document they stand.
pub async fn any_word_or_each(index: impl Search) {
    let documents =
        [ticket(1, "Parcel", "Hamburg Monday"), ticket(2, "Parcel", "Bremen"), ticket(3, "Invoice", "Monday")];
    put(&index, documents.into()).await;
    let cases: [(&str, &[u32], &[u32]); 7] = [
        ("parcel", &[1, 2], &[1, 2]),
        ("parcel monday", &[1, 2, 3], &[1]),
        ("monday parcel monday", &[1, 2, 3], &[1]),
        ("parcel zebra", &[1, 2], &[]),
        ("0003 invoice", &[3], &[3]),
        ("0003 parcel", &[1, 2, 3], &[]),
        ("zebra giraffe", &[], &[]),
    ];
    for (text, any, all) in cases {
        assert_eq!(places(&index, &tickets(text)).await, any, "any of {text}");
        assert_eq!(places(&index, &each(tickets(text))).await, all, "each of {text}");
    }
}

/// The others are whole.
pub async fn the_last_word_may_be_a_beginning(index: impl Search) {
    put(&index, vec![ticket(1, "Suitcase", "Hamburg"), ticket(2, "Umbrella", "Bremen")]).await;
    let cases: [(&str, &[u32]); 7] = [
        ("suit", &[1]),
        ("suitcase ham", &[1]),
        ("Hamburg, Suitc", &[1]),
        ("umbr", &[2]),
        ("umbr suitcase", &[]),
        ("suitcase bre", &[]),
        ("case", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(places(&index, &each(tickets(text))).await, expected, "{text}");
    }
    assert_eq!(places(&index, &tickets("umbr")).await, [2]);
}

/// And as a whole.
pub async fn a_number_is_found_by_its_beginning(index: impl Search) {
    let other = Searchable { number: Some("PRK-2031-000077".into()), ..ticket(300, "Parcel", "Hamburg") };
    let documents = [41, 42, 43, 150].map(|n| ticket(n, "Parcel", "Hamburg"));
    put(&index, documents.into_iter().chain([other]).collect()).await;
    let cases: [(&str, &[u32]); 7] = [
        ("T-0042", &[42]),
        ("t-0042", &[42]),
        ("0042", &[42]),
        ("T-00", &[41, 42, 43]),
        ("T-01", &[150]),
        ("PRK-2031-000077", &[300]),
        ("prk-2031-0000", &[300]),
    ];
    for (text, expected) in cases {
        assert_eq!(places(&index, &each(tickets(text))).await, expected, "{text}");
        let first = ranking(&index, &tickets(text)).await[0];
        assert!(expected.contains(&first), "the first of {text}");
    }
    assert_eq!(places(&index, &each(tickets("T-0042 zebra"))).await, NOTHING);
}

/// Of documents that are alike otherwise.
pub async fn more_words_rank_higher(index: impl Search) {
    let mut documents = background();
    documents.extend([
        article(1, "Shipping", "parcel bicycle candle drawer"),
        article(2, "Shipping", "parcel hamburg candle drawer"),
        article(3, "Shipping", "parcel hamburg monday drawer"),
    ]);
    put(&index, documents).await;
    for text in ["parcel hamburg monday", "monday hamburg parcel"] {
        let hits = index.search(&articles(text)).await.unwrap();
        assert_eq!(hits.items.iter().map(place_of).collect::<Vec<_>>(), [3, 2, 1], "{text}");
        assert!(hits.items.is_sorted_by(|better, worse| better.score > worse.score), "{text}");
    }
}

/// And tags above it too, for the same word.
pub async fn a_title_ranks_above_a_text(index: impl Search) {
    let mut documents = background();
    documents.extend([
        article(1, "Bicycle drawer", "parcel candle"),
        article(2, "Parcel drawer", "bicycle candle"),
        article(3, "Bicycle drawer", "candle parcel"),
    ]);
    put(&index, documents).await;
    assert_eq!(ranking(&index, &articles("parcel")).await[0], 2);
    assert_eq!(ranking(&index, &articles("bicycle")).await[2], 2);
}

/// 1 where every word is there; less where one is missing, whatever the others are worth.
pub async fn confidence_is_how_much_is_covered(index: impl Search) {
    let mut documents = background();
    documents.extend([
        article(1, "Parcel", "hamburg monday insured"),
        article(2, "Parcel", "hamburg bicycle candle"),
        article(3, "Drawer", "parcel bicycle candle"),
    ]);
    put(&index, documents).await;
    let confidence = async |text: &str| -> Vec<(u32, f32)> {
        let hits = index.search(&articles(text)).await.unwrap();
        let found: Vec<_> = hits.items.iter().map(|hit| (place_of(hit), hit.confidence)).collect();
        assert!(found.iter().all(|(_, confidence)| (0.0..=1.0).contains(confidence)), "{text}: {found:?}");
        found
    };
    for text in ["monday", "Monday parcel, hamburg!", "monday monday monday", "insured hambu"] {
        let found = confidence(text).await;
        assert!(found[0].0 == 1 && found[0].1 > 0.999, "{text}: {found:?}");
    }
    let found = confidence("parcel").await;
    assert!(found.len() == 3 && found.iter().all(|(_, confidence)| *confidence > 0.999), "{found:?}");
    let found = confidence("giraffe hamburg monday").await;
    assert!(found.iter().all(|(_, confidence)| *confidence < 0.999), "{found:?}");
    let found = confidence("parcel hamburg monday").await;
    assert_eq!(found.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(found[0].1 > found[1].1 && found[1].1 > found[2].1 && found[2].1 > 0.0, "{found:?}");
    let found = confidence("parcel zebra giraffe walrus").await;
    assert!(found.iter().all(|(_, confidence)| *confidence < 0.5), "{found:?}");
}

/// What has less is neither answered nor counted.
pub async fn the_least_confidence_is_kept(index: impl Search) {
    let mut documents = background();
    documents.extend([
        article(1, "Parcel", "hamburg monday insured"),
        article(2, "Parcel", "hamburg bicycle candle"),
        article(3, "Drawer", "parcel bicycle candle"),
    ]);
    put(&index, documents).await;
    let query = articles("parcel hamburg monday");
    let all = index.search(&query).await.unwrap().items;
    for least in 0..all.len() {
        let confidence = all[least].confidence - 0.001;
        let query = SearchQuery { confidence, ..query.clone() };
        assert_eq!(ranking(&index, &query).await, [1, 2, 3][..=least], "at least {confidence}");
        assert_eq!(places(&index, &SearchQuery { text: "zebra giraffe".into(), ..query }).await, NOTHING);
    }
    assert_eq!(ranking(&index, &SearchQuery { confidence: 1.0, ..articles("parcel zebra") }).await, NOTHING);
}

fn check(snippet: &Snippet, words: &[&str]) {
    assert!(snippet.text.chars().count() <= 240, "{} characters", snippet.text.chars().count());
    let mut end = 0;
    for mark in &snippet.marks {
        assert!(mark.start >= end && mark.end > mark.start, "in order, apart from each other: {snippet:?}");
        end = mark.end;
        let marked = snippet.text.get(mark.clone());
        let marked = marked.unwrap_or_else(|| panic!("marks lie between characters: {snippet:?}"));
        assert!(words.contains(&marked.to_lowercase().as_str()), "{marked:?} is none of {words:?}");
    }
    for word in words {
        let marked = snippet.marks.iter().any(|mark| snippet.text[mark.clone()].to_lowercase() == *word);
        assert!(marked, "{word} stands in the text near the others, and is marked: {snippet:?}");
    }
}

/// On them alone, between characters, in a short piece, wherever in the text they stand.
pub async fn marks_lie_on_the_words(index: impl Search) {
    let filler = "ä€𝄞 ".repeat(400);
    let middle = format!("{filler}Today the PARCEL reached Hamburg. {filler}");
    let documents = [
        ticket(1, "First", "The parcel reached Hamburg"),
        ticket(2, "Second", &middle),
        ticket(3, "Third", &format!("{}\nparcel\tHamburg", "candle drawer bicycle\n".repeat(200))),
        ticket(4, "Fourth", &format!("parcel\u{301}s 𝄞parcel𝄞 hamburg {filler}")),
    ];
    put(&index, documents.into()).await;
    for place in 1..=3 {
        let query = SearchQuery { text: "parcel Hamburg".into(), ..each(tickets("")) };
        let hits = index.search(&query).await.unwrap();
        let hit = hits.items.iter().find(|hit| place_of(hit) == place).unwrap_or_else(|| panic!("{place} is found"));
        check(&hit.snippet, &["parcel", "hamburg"]);
    }
    for hit in index.search(&tickets("hamburg")).await.unwrap().items {
        check(&hit.snippet, &["hamburg"]);
    }
    for hit in index.search(&tickets("second")).await.unwrap().items {
        assert!(hit.snippet.marks.is_empty(), "a word of the title stands nowhere in the text");
    }
}

/// Neither in the document nor in the query.
pub async fn case_and_accents_do_not_matter(index: impl Search) {
    let documents = [
        ticket(1, "Crème BRÛLÉE", "Ångström"),
        ticket(2, "creme brulee", "angstrom"),
        ticket(3, "Cre\u{300}me bru\u{302}le\u{301}e", "A\u{30a}ngstro\u{308}m"),
    ];
    put(&index, documents.into()).await;
    for text in ["creme", "CRÈME brulée", "Cre\u{300}me BRULEE", "ÅNGSTRÖM", "angstrom", "ångstr", "Brûl"] {
        assert_eq!(places(&index, &each(tickets(text))).await, [1, 2, 3], "{text}");
    }
}

/// Quotes, operators, wildcards and the names of fields are words or nothing, never an error.
pub async fn text_is_no_syntax(index: impl Search) {
    let documents = [ticket(1, "Parcel", "express Hamburg"), ticket(2, "Violin", "rosin Bremen")];
    put(&index, documents.into()).await;
    let found: [(&str, &[u32]); 8] = [
        ("\"parcel\"", &[1]),
        ("\"hamburg parcel\"", &[1]),
        ("parcel*", &[1]),
        ("(parcel", &[1]),
        ("parcel)", &[1]),
        ("+parcel", &[1]),
        ("-parcel", &[1]),
        ("parcel && hamburg || express !", &[1]),
    ];
    for (text, expected) in found {
        assert_eq!(places(&index, &each(tickets(text))).await, expected, "{text}");
    }
    let none = ["par*cel", "*", "title:zebra", "/parc.l/", "[a TO z]", "parcel AND violin", "parcel OR violin"];
    for text in none.into_iter().chain(["parcel NOT rosin", "NEAR(parcel violin)", "p?rcel", "%", "_arcel"]) {
        assert_eq!(places(&index, &each(tickets(text))).await, NOTHING, "{text}");
    }
    let naughty = [
        "'; DROP TABLE tickets; --",
        "\"",
        "'",
        "\\",
        "\0",
        "a\0b",
        "parcel\0",
        "{",
        "}",
        "\"\"\"",
        "NOT",
        "AND OR",
        "* *",
        "title:",
        ":parcel",
        "^",
        "~",
        "a:b:c",
        "<b>parcel</b>",
        "&amp;",
        "\u{feff}",
        "\u{202e}parcel",
        "\r\n",
        "$1 ?1 @x",
        "IN [a b c]",
        "{a TO *]",
        "parcel^-1",
        "parcel~99",
        "-",
        "--",
        "NaN",
        "0x00",
        "\u{fffd}",
        "\u{10ffff}",
        "%s%n",
    ];
    for text in naughty {
        for query in [tickets(text), each(tickets(text)), articles(text)] {
            index.search(&query).await.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        }
    }
    for (n, text) in (100..).zip(naughty) {
        put(&index, vec![Searchable { notes: text.into(), ..ticket(n, text, text) }]).await;
    }
    assert_eq!(places(&index, &each(tickets("express Hamburg"))).await, [1]);
}

/// Also one that is written without spaces, and signs that are no letters at all.
pub async fn every_script_is_taken(index: impl Search) {
    let words = ["東京タワー", "Москва", "Αθήνα", "ירושלים", "القاهرة", "서울특별시", "กรุงเทพ", "दिल्ली"];
    put(&index, (1..).zip(words).map(|(n, word)| ticket(n, word, "🙂👍🏽")).collect()).await;
    for (n, word) in (1..).zip(words) {
        let found = ranking(&index, &tickets(word)).await;
        assert_eq!(found.first(), Some(&n), "{word}");
    }
    for text in ["🙂", "👍🏽", "🙂👍🏽", "👨‍👩‍👧"] {
        assert_eq!(places(&index, &tickets(text)).await, NOTHING, "{text}");
    }
}

/// Also as questions, of which the first words count.
pub async fn long_texts_are_taken(index: impl Search) {
    let long = |first: &str| format!("{first} {}", "candle drawer ".repeat(10_000));
    let unbroken = "x".repeat(100_000);
    put(&index, vec![ticket(1, "Parcel", &long("hamburg")), ticket(2, &unbroken, &unbroken)]).await;
    assert_eq!(places(&index, &each(tickets("parcel hamburg drawer"))).await, [1]);
    assert_eq!(ranking(&index, &tickets(&long("hamburg"))).await, [1]);
    index.search(&tickets(&unbroken)).await.unwrap();
    let many: Vec<String> = (0..5_000).map(|n| format!("w{n}")).collect();
    assert_eq!(ranking(&index, &tickets(&format!("parcel {}", many.join(" ")))).await[0], 1);
}

/// Under either matching, with or without labels.
pub async fn without_a_word_nothing_is_found(index: impl Search) {
    put(&index, vec![ticket(1, "Parcel", "Hamburg")]).await;
    for text in ["", " ", "\t\n", ",;:.!?", "---", "🙂", "\u{200b}", "\u{301}"] {
        assert_eq!(places(&index, &tickets(text)).await, NOTHING, "{text:?}");
        assert_eq!(places(&index, &each(tickets(text))).await, NOTHING, "{text:?}");
    }
}
