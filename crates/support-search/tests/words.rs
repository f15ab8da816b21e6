//! What an index finds that knows languages and forgives slips of the keyboard.

mod common;

use common::{article, articles, found, put, ticket, tickets};
use support_core::{
    domain::{
        access::{ScopeTerm, TicketScope},
        search::{Label, Matching, SearchQuery, SearchScope, Searchable, Sight},
    },
    ports::search::Search,
};
use support_search::TantivySearch;
use uuid::Uuid;

#[tokio::test]
async fn other_forms_of_a_word_are_found_in_their_language() {
    let index = TantivySearch::in_memory().unwrap();
    let documents = [
        article(1, "en", "Cancelling subscriptions", "Refunds are paid within a week."),
        article(2, "de", "Rechnungen herunterladen", "Die bezahlten Rechnungen stehen im Konto."),
        article(3, "fr", "Remboursements", "Les remboursements sont versés en une semaine."),
        article(4, "es", "Devoluciones", "Las devoluciones se pagan en una semana."),
    ];
    put(&index, documents.into()).await;
    for (text, language, expected) in [
        ("subscription", Some("en"), 1),
        ("refunded ", Some("en"), 1),
        ("How are refunded subscriptions cancelled?", None, 1),
        ("Rechnung", Some("de"), 2),
        ("Wie kann ich die Rechnung bezahlen?", None, 2),
        ("rembourser ", Some("fr"), 3),
        ("devolución ", Some("es"), 4),
        ("devolucion ", None, 4),
    ] {
        let query = SearchQuery { language: language.map(str::to_owned), ..articles(text) };
        assert_eq!(found(&index, &query).await.first(), Some(&expected), "{text}");
    }
}

#[tokio::test]
async fn tickets_are_taken_to_be_in_the_language_of_their_words() {
    let index = TantivySearch::in_memory().unwrap();
    let labelled = Searchable { labels: [(Label::Language, "de".into())].into(), ..ticket(2, 1, "Rechnungen", "") };
    put(&index, vec![ticket(1, 1, "Rechnungen", "Ich habe die Rechnungen nicht bekommen"), labelled]).await;
    let mut both = found(&index, &SearchQuery { language: Some("de".into()), ..tickets("Rechnung ") }).await;
    both.sort_unstable();
    assert_eq!(both, [1, 2]);
}

#[tokio::test]
async fn slips_are_forgiven_and_come_below_the_word_itself() {
    let index = TantivySearch::in_memory().unwrap();
    let documents = [
        ticket(1, 1, "invoce invoce invoce", "invoce"),
        ticket(2, 1, "Something else", &format!("{} invoice", "candle drawer ".repeat(40))),
        ticket(3, 1, "subscription", ""),
        ticket(4, 1, "card", ""),
    ];
    put(&index, documents.into()).await;
    assert_eq!(found(&index, &tickets("invoice ")).await, [2, 1]);
    assert_eq!(found(&index, &tickets("invoce ")).await, [1, 2]);
    assert_eq!(found(&index, &tickets("invioce ")).await.len(), 2);
    for slip in ["subscripton ", "subcsription ", "subscritpoin ", "Subscribtion?"] {
        assert_eq!(found(&index, &tickets(slip)).await, [3], "{slip}");
    }
    assert_eq!(found(&index, &tickets("cord ")).await, Vec::<u128>::new(), "a short word is another word");
}

#[tokio::test]
async fn words_that_say_nothing_are_not_looked_for() {
    let index = TantivySearch::in_memory().unwrap();
    let documents = [
        ticket(1, 1, "Password", "lost"),
        ticket(2, 1, "How do I do this?", "the and my"),
        ticket(3, 1, "The Who", ""),
    ];
    put(&index, documents.into()).await;
    assert_eq!(found(&index, &tickets("How do I reset my password?")).await, [1]);
    let all = SearchQuery { matching: Matching::All, ..tickets("where is my lost password?") };
    assert_eq!(found(&index, &all).await, [1]);
    assert_eq!(found(&index, &tickets("the who ")).await[0], 3, "unless there are no others");
    assert_eq!(found(&index, &tickets("can you please help me with the stratosphere?")).await, Vec::<u128>::new());
}

/// What a customer is told must be the same whatever stands in the tickets of others: even the score of a hit would tell
/// how many of them speak of a thing.
#[tokio::test]
async fn what_lies_outside_the_scope_changes_nothing_that_is_told() {
    let queries =
        ["insolvency parcel", "insolvncy ", "insol", "insolvency", "parcel late refund", "subscritpoin parcel"];
    let scope = || SearchScope::Tickets {
        scope: TicketScope::AnyOf(vec![ScopeTerm::Customer(Uuid::from_u128(1).into())]),
        notes: false,
    };
    let mut answers = Vec::new();
    for foreign in [0, 60] {
        let index = TantivySearch::in_memory().unwrap();
        let own =
            [ticket(1, 1, "Parcel", "late"), ticket(2, 1, "Refund", "parcel"), ticket(3, 1, "Insolvent?", "never")];
        put(&index, own.into()).await;
        let others =
            (0..foreign).map(|n| ticket(100 + n, 2, "Insolvency of the parcel", "insolvency subscription refund"));
        put(&index, others.collect()).await;
        let mut told = Vec::new();
        for text in queries {
            let query = SearchQuery { facets: Label::ALL.into(), ..SearchQuery::new(text, scope()) };
            told.push(index.search(&query).await.unwrap());
        }
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].iter().any(|hits| hits.total > 0));
}

#[tokio::test]
async fn drafts_lend_nothing_to_what_is_published() {
    let mut answers = Vec::new();
    for drafts in [0, 40_u128] {
        let index = TantivySearch::in_memory().unwrap();
        put(&index, vec![article(1, "en", "Parcel", "late"), article(2, "en", "Refund", "parcel")]).await;
        let draft = |n| Searchable { sight: Sight::Staff, ..article(100 + n, "en", "Parcel refund", "late") };
        put(&index, (0..drafts).map(draft).collect()).await;
        answers.push(index.search(&articles("late parcel refund")).await.unwrap());
    }
    assert_eq!(answers[0], answers[1]);
}
