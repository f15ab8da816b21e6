//! What an index takes, and who finds it.

use super::{NOTHING, article, articles, each, keys, place_of, places, put, ticket, tickets};
use crate::{
    contract::sample::id,
    domain::{
        access::{Holding, ScopeTerm, TicketScope},
        search::{Batch, FACETS, Label, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    },
    ports::search::Search,
};
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    strategy::ValueTree,
    test_runner::TestRunner,
};

/// Whatever is asked of it.
pub async fn an_empty_index_answers(index: impl Search) {
    assert_eq!(index.bookmark().await.unwrap(), None);
    for query in [articles("parcel"), tickets("parcel")] {
        let hits = index.search(&SearchQuery { facets: Label::ALL.into(), ..query }).await.unwrap();
        assert_eq!((hits.items.len(), hits.total), (0, 0));
        assert_eq!(hits.facets, Label::ALL.map(|label| (label, Vec::new())));
    }
    index.clear_index().await.unwrap();
    index.scrub_index().await.unwrap();
}

/// In title, text, tags and number; other labels are no words.
pub async fn each_word_finds_its_document(index: impl Search) {
    let labels = [(Label::Tag, "cobalt"), (Label::Status, "pending"), (Label::Category, "billing")];
    let first = Searchable {
        labels: labels.map(|(label, value)| (label, value.to_owned())).into(),
        ..ticket(1, "Parcel, late", "It left Hamburg\non Monday.")
    };
    put(&index, vec![first, ticket(2, "Invoice", "Twice the same amount")]).await;
    let cases: [(&str, &[u32]); 11] = [
        ("parcel", &[1]),
        ("late", &[1]),
        ("hamburg", &[1]),
        ("monday", &[1]),
        ("cobalt", &[1]),
        ("0001", &[1]),
        ("amount", &[2]),
        ("hamburg amount", &[1, 2]),
        ("pending", &[]),
        ("billing", &[]),
        ("zebra", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(places(&index, &tickets(text)).await, expected, "{text}");
    }
}

/// The whole document: what it said before is not found.
pub async fn a_batch_replaces_what_was_there(index: impl Search) {
    let before = Searchable { labels: [(Label::Status, "open".to_owned())].into(), ..ticket(1, "Parcel", "Hamburg") };
    put(&index, vec![before, ticket(2, "Violin", "Rosin")]).await;
    put(&index, vec![ticket(1, "Invoice", "Amount")]).await;
    let cases: [(&str, &[u32]); 5] =
        [("parcel", &[]), ("hamburg", &[]), ("invoice", &[1]), ("amount", &[1]), ("violin", &[2])];
    for (text, expected) in cases {
        assert_eq!(places(&index, &tickets(text)).await, expected, "{text}");
    }
    let query = SearchQuery { facets: vec![Label::Status], ..tickets("invoice") };
    assert_eq!(index.search(&query).await.unwrap().facets, [(Label::Status, Vec::new())]);
}

/// What was not there may be removed as well.
pub async fn what_was_removed_is_not_found(index: impl Search) {
    put(&index, (1..=4).map(|n| ticket(n, "Parcel", "Hamburg")).collect()).await;
    let remove = [2, 4, 9].map(|n| SearchKey::ticket(id(1, n))).into();
    index.index(&Batch { put: vec![ticket(5, "Parcel", "Late")], remove, bookmark: None }).await.unwrap();
    assert_eq!(places(&index, &tickets("parcel")).await, [1, 3, 5]);
    put(&index, vec![ticket(2, "Parcel", "Found again")]).await;
    assert_eq!(places(&index, &tickets("parcel")).await, [1, 2, 3, 5]);
}

/// The last one that was given, also beside nothing else.
pub async fn a_bookmark_is_kept_with_its_batch(index: impl Search) {
    let batch = |n: u32, bookmark: Option<&str>| Batch {
        put: vec![ticket(n, "Parcel", "Hamburg")],
        remove: Vec::new(),
        bookmark: bookmark.map(str::to_owned),
    };
    index.index(&batch(1, Some("one; \"1\""))).await.unwrap();
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("one; \"1\""));
    index.index(&batch(2, None)).await.unwrap();
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("one; \"1\""), "a batch without one leaves it");
    let empty = Batch { bookmark: Some("three ✓".into()), ..Batch::default() };
    index.index(&empty).await.unwrap();
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("three ✓"));
    index.index(&Batch::default()).await.unwrap();
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("three ✓"));
    assert_eq!(places(&index, &tickets("parcel")).await, [1, 2]);
}

/// And it can be fed again.
pub async fn clearing_empties_the_index(index: impl Search) {
    let batch = Batch {
        put: vec![ticket(1, "Parcel", "Hamburg"), article(1, "Parcel", "Hamburg")],
        remove: Vec::new(),
        bookmark: Some("1".into()),
    };
    index.index(&batch).await.unwrap();
    index.clear_index().await.unwrap();
    assert_eq!(index.bookmark().await.unwrap(), None);
    assert_eq!(places(&index, &tickets("parcel")).await, NOTHING);
    assert_eq!(places(&index, &articles("parcel")).await, NOTHING);
    index.index(&batch).await.unwrap();
    assert_eq!(places(&index, &tickets("parcel")).await, [1]);
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("1"));
}

/// Nor the bookmark.
pub async fn scrubbing_keeps_what_was_not_removed(index: impl Search) {
    put(&index, (1..=4).map(|n| ticket(n, "Parcel", "Hamburg")).collect()).await;
    let remove = vec![SearchKey::ticket(id(1, 1))];
    index.index(&Batch { remove, bookmark: Some("7".into()), ..Batch::default() }).await.unwrap();
    put(&index, vec![ticket(2, "Invoice", "Amount")]).await;
    index.scrub_index().await.unwrap();
    assert_eq!(places(&index, &tickets("parcel")).await, [3, 4]);
    assert_eq!(places(&index, &tickets("amount")).await, [2]);
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("7"));
    put(&index, vec![ticket(1, "Parcel", "Back")]).await;
    assert_eq!(places(&index, &tickets("parcel")).await, [1, 3, 4]);
}

/// One article is as many documents as it has languages.
pub async fn translations_are_apart(index: impl Search) {
    let key = |language: &str| SearchKey::article(id::<uuid::Uuid>(2, 1), language);
    let in_language = |language: &str, title: &str| Searchable {
        key: key(language),
        labels: [(Label::Language, language.to_owned())].into(),
        ..article(1, title, "Hamburg")
    };
    put(&index, vec![in_language("en", "Parcel"), in_language("de", "Paket")]).await;
    assert_eq!(keys(&index, &articles("parcel")).await, [key("en")]);
    assert_eq!(keys(&index, &articles("paket")).await, [key("de")]);
    assert_eq!(keys(&index, &articles("hamburg")).await.len(), 2);
    let german = SearchQuery { labels: vec![(Label::Language, "de".into())], ..articles("hamburg") };
    assert_eq!(keys(&index, &german).await, [key("de")]);
    index.index(&Batch { remove: vec![key("de")], ..Batch::default() }).await.unwrap();
    assert_eq!(keys(&index, &articles("hamburg")).await, [key("en")]);
}

fn term() -> impl Strategy<Value = ScopeTerm> {
    prop_oneof![
        (0..4_u32).prop_map(|n| ScopeTerm::Customer(id(3, n))),
        (0..4_u32).prop_map(|n| ScopeTerm::Assignee(id(4, n))),
        Just(ScopeTerm::Unassigned),
    ]
}

fn scope() -> impl Strategy<Value = SearchScope> {
    let tickets = prop_oneof![
        1 => Just(TicketScope::All),
        8 => vec(term(), 0..4).prop_map(TicketScope::AnyOf),
    ];
    prop_oneof![
        1 => any::<bool>().prop_map(|drafts| SearchScope::Articles { drafts }),
        6 => (tickets, any::<bool>()).prop_map(|(scope, notes)| SearchScope::Tickets { scope, notes }),
    ]
}

/// Exactly what [`SearchScope::admits`]; neither the total nor a figure counts anything else.
pub async fn a_search_stays_in_its_scope(index: impl Search) {
    // A customer and an agent of the same id are not the same.
    let person = |n: u32| id::<uuid::Uuid>(if n == 3 { 3 } else { 4 }, n);
    let documents: Vec<Searchable> = (0..40_u32)
        .map(|n| {
            let assignee = (n % 5 < 4).then(|| person(n % 5).into());
            let sight = match n % 10 {
                3 => Sight::Everybody,
                7 => Sight::Staff,
                _ => Sight::Ticket(Holding { customer: id(3, n / 2 % 4), assignee }),
            };
            let base = if matches!(sight, Sight::Ticket(_)) { ticket } else { article };
            let labels = [(Label::Category, format!("category {}", n % 3))].into();
            Searchable { labels, sight, ..base(n, "Parcel", "Hamburg") }
        })
        .collect();
    put(&index, documents.clone()).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..64 {
        let scope = scope().new_tree(&mut runner).expect("a scope").current();
        let admitted: Vec<&Searchable> = documents.iter().filter(|document| scope.admits(document.sight)).collect();
        let query = SearchQuery { limit: 100, facets: vec![Label::Category], ..SearchQuery::new("parcel", scope) };
        let hits = index.search(&query).await.unwrap();
        assert_eq!(hits.total, admitted.len() as u64, "{query:?}");
        let mut found: Vec<_> = hits.items.into_iter().map(|hit| hit.key).collect();
        found.sort();
        let mut expected: Vec<_> = admitted.iter().map(|document| document.key.clone()).collect();
        expected.sort();
        assert_eq!(found, expected, "{query:?}");
        let counted: u64 = hits.facets.iter().flat_map(|(_, values)| values).map(|(_, count)| count).sum();
        assert_eq!(counted, admitted.len() as u64, "{query:?}");
    }
}

/// A customer neither finds by them nor reads a piece of them; nor does anybody whose scope leaves them out.
pub async fn notes_are_for_staff(index: impl Search) {
    let text = "Hamburg, on Monday";
    let notes = "suspected fraud, parcel was insured";
    let first = Searchable { notes: notes.into(), ..ticket(1, "Parcel", text) };
    put(&index, vec![first, ticket(2, "Violin", "Rosin")]).await;
    let scoped =
        |words: &str, scope: TicketScope, notes: bool| SearchQuery::new(words, SearchScope::Tickets { scope, notes });
    let own = || TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 1))]);
    for scope in [own(), TicketScope::All] {
        assert_eq!(places(&index, &scoped("fraud", scope.clone(), false)).await, NOTHING);
        assert_eq!(places(&index, &each(scoped("parcel insured", scope.clone(), false))).await, NOTHING);
        let hits = index.search(&scoped("parcel fraud insured", scope.clone(), false)).await.unwrap();
        assert_eq!(hits.items.len(), 1);
        let [hit] = &hits.items[..] else { unreachable!("one was counted") };
        assert!(!hit.snippet.text.contains("fraud") && !hit.snippet.text.contains("insured"), "{:?}", hit.snippet);
        assert!(hit.confidence < 0.9, "what only notes say was not found: {}", hit.confidence);

        let hits = index.search(&scoped("fraud", scope.clone(), true)).await.unwrap();
        assert_eq!(hits.items.iter().map(place_of).collect::<Vec<_>>(), [1]);
        assert!(hits.items[0].snippet.text.contains("fraud"), "{:?}", hits.items[0].snippet);
        assert_eq!(places(&index, &each(scoped("hamburg insured", scope, true))).await, [1]);
    }
}

type Labels<'a> = &'a [(Label, &'a str)];

fn labelled(n: u32, labels: Labels) -> Searchable {
    let labels = labels.iter().map(|(label, value)| (*label, (*value).to_owned())).collect();
    Searchable { labels, ..ticket(n, "Parcel", "Hamburg") }
}

/// To what has all of them, compared to the letter.
pub async fn labels_narrow_a_search(index: impl Search) {
    let documents = [
        labelled(1, &[(Label::Status, "open"), (Label::Tag, "late"), (Label::Tag, "parcel's \"tag\"")]),
        labelled(2, &[(Label::Status, "open"), (Label::Priority, "high")]),
        labelled(3, &[(Label::Status, "Open"), (Label::Tag, "open"), (Label::Category, "Ünïcode ✓")]),
    ];
    put(&index, documents.into()).await;
    let cases: [(Labels, &[u32]); 9] = [
        (&[], &[1, 2, 3]),
        (&[(Label::Status, "open")], &[1, 2]),
        (&[(Label::Status, "Open")], &[3]),
        (&[(Label::Tag, "open")], &[3]),
        (&[(Label::Tag, "parcel's \"tag\"")], &[1]),
        (&[(Label::Category, "Ünïcode ✓")], &[3]),
        (&[(Label::Tag, "late"), (Label::Status, "open")], &[1]),
        (&[(Label::Priority, "high"), (Label::Tag, "late")], &[]),
        (&[(Label::Language, "en")], &[]),
    ];
    for (labels, expected) in cases {
        let labels = labels.iter().map(|(label, value)| (*label, (*value).to_owned())).collect();
        let query = SearchQuery { labels, ..tickets("parcel") };
        assert_eq!(places(&index, &query).await, expected, "{:?}", query.labels);
    }
}

/// Also those on other pages; in the order in which they were asked for, the most frequent value first, then by name.
pub async fn facets_count_every_hit(index: impl Search) {
    let documents = [
        labelled(1, &[(Label::Status, "open"), (Label::Tag, "late"), (Label::Tag, "heavy")]),
        labelled(2, &[(Label::Status, "open"), (Label::Tag, "late")]),
        labelled(3, &[(Label::Status, "closed"), (Label::Tag, "heavy")]),
        labelled(4, &[(Label::Status, "open"), (Label::Tag, "late"), (Label::Tag, "fragile")]),
        Searchable { title: "Violin".into(), ..labelled(5, &[(Label::Status, "open")]) },
    ];
    put(&index, documents.into()).await;
    let query = SearchQuery { facets: vec![Label::Tag, Label::Status, Label::Priority], limit: 1, ..tickets("parcel") };
    let counts = |values: &[(&str, u64)]| -> Vec<(String, u64)> {
        values.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    let expected = [
        (Label::Tag, counts(&[("late", 3), ("heavy", 2), ("fragile", 1)])),
        (Label::Status, counts(&[("open", 3), ("closed", 1)])),
        (Label::Priority, Vec::new()),
    ];
    let hits = index.search(&query).await.unwrap();
    assert_eq!((hits.items.len(), hits.total), (1, 4));
    assert_eq!(hits.facets, expected);
    assert_eq!(index.search(&SearchQuery { skip: 3, ..query.clone() }).await.unwrap().facets, expected);
    let narrow = SearchQuery { labels: vec![(Label::Status, "closed".into())], ..query };
    assert_eq!(index.search(&narrow).await.unwrap().facets[0].1, counts(&[("heavy", 1)]));
    assert_eq!(index.search(&tickets("parcel")).await.unwrap().facets, []);
}

/// At most [`FACETS`] of them.
pub async fn the_most_frequent_values_are_counted(index: impl Search) {
    let most = u32::try_from(FACETS).expect("a small number");
    let tagged = |n: u32| labelled(n, &[(Label::Tag, &format!("tag {:03}", n % (most + 10)))]);
    put(&index, (0..most + 20).map(tagged).collect()).await;
    let query = SearchQuery { facets: vec![Label::Tag], ..tickets("parcel") };
    let hits = index.search(&query).await.unwrap();
    let expected: Vec<_> = (0..most).map(|n| (format!("tag {n:03}"), if n < 10 { 2 } else { 1 })).collect();
    assert_eq!(hits.facets, [(Label::Tag, expected)]);
    assert_eq!(hits.total, u64::from(most + 20));
}
