use super::*;
use support_core::{
    desk::{attachments::UploadTo, documents::Paging, reviews::ReviewFilter, tickets::NewTicket},
    domain::access::TicketScope,
    domain::{
        attachment::NewFile,
        callback::{NewCallback, WantedDay},
        document::DocumentKind as K,
        feedback::{Aspect, NewFeedback},
        inquiry::NewInquiry,
        review::NewReview,
        search::{SearchQuery, SearchScope},
    },
    ports::{documents::DocumentStore, files::Files, search::Search},
};

const SECRET: &str = "heliotrope";

/// Something of everything, with a word that must not be left.
async fn leave_traces(desk: &Desk) {
    let ticket = desk.tickets().open(&ada(), NewTicket::new(SECRET, SECRET)).await.unwrap().ticket.id;
    let file = NewFile { name: format!("{SECRET}.txt"), ..NewFile::default() };
    for to in [UploadTo::Nothing, UploadTo::Ticket { ticket: ticket.into(), message: None }] {
        let mut receiving = desk.attachments().receive(&ada(), &to, &file).await.unwrap();
        receiving.write(SECRET.into()).await.unwrap();
        receiving.finish().await.unwrap();
    }
    let review = NewReview {
        purchase: "P-1".into(),
        rating: 5,
        title: SECRET.into(),
        text: format!("A {SECRET} of a car"),
        photos: Vec::new(),
        display_name: Some(SECRET.into()),
    };
    let review = desk.reviews().write(&ada(), review).await.unwrap();
    desk.reviews().decide(&grace(), review.id, true, Some(SECRET.into())).await.unwrap();
    let feedback = NewFeedback {
        purchase: Some("P-1".into()),
        ratings: Aspect::ALL.into_iter().map(|aspect| (aspect, 5)).collect(),
        nps: 9,
        comments: Some(SECRET.into()),
        ..NewFeedback::default()
    };
    desk.feedback().give(&ada(), feedback).await.unwrap();
    let call = NewCallback {
        customer: None,
        phone: "+4930901820".into(),
        day: WantedDay::Date("2026-01-06".parse().unwrap()),
        part: None,
        time_zone: None,
        topic: SECRET.into(),
        notes: None,
        ticket: Some(ticket),
    };
    desk.callbacks().request(&ada(), call).await.unwrap();
    desk.inquiries().log(&ada(), NewInquiry { message: SECRET.into(), ..NewInquiry::default() }).await.unwrap();
    desk.search().keep_in_step().await.unwrap();
}

#[tokio::test]
async fn a_person_gets_all_that_is_theirs() {
    let Setup { desk, .. } = setup();
    leave_traces(&desk).await;
    let export = desk.people().export(&ada(), customer(ADA)).await.unwrap();
    let kinds: Vec<K> = export.things.iter().map(|thing| thing.kind).collect();
    assert_eq!(kinds, [K::Attachment, K::Attachment, K::Callback, K::Feedback, K::Inquiry, K::Review]);
    let told = serde_json::to_string(&export.things.iter().map(|thing| &thing.body).collect::<Vec<_>>()).unwrap();
    assert!(told.contains(SECRET) && !told.contains("decision_note") && !told.contains("\"key\""));
    assert!(desk.people().export(&eve(), customer(ADA)).await.is_err());
}

#[tokio::test]
async fn of_a_person_the_numbers_are_left() {
    let Setup { desk, store, files, .. } = setup();
    leave_traces(&desk).await;
    let all = SearchScope::Tickets { scope: TicketScope::All, notes: true };
    let query = SearchQuery::new(SECRET, all);
    assert_eq!(store.search(&query).await.unwrap().total, 1);
    desk.people().erase(&joan(), customer(ADA)).await.unwrap();

    assert!(store.documents_of(customer(ADA), None, 9).await.unwrap().is_empty());
    assert!(files.list("", None, 9).await.unwrap().is_empty());
    assert_eq!(store.search(&query).await.unwrap().total, 0);
    let page = desk.reviews().list(&Actor::Guest, &ReviewFilter::default(), Paging::default()).await.unwrap();
    assert_eq!(page.sum.average(), Some(5.0), "the stars count on");
    assert!(!format!("{page:?}").contains(SECRET));
    let feedback = desk.feedback().list(&grace(), Paging::default()).await.unwrap();
    assert_eq!((feedback.total, feedback.items[0].nps), (1, 9));
    assert!(!format!("{feedback:?}").contains(SECRET));
    assert_eq!(desk.callbacks().list(&grace(), None, Paging::default()).await.unwrap().total, 0);
    assert_eq!(desk.inquiries().list(&grace(), None, None, Paging::default()).await.unwrap().total, 0);
    desk.search().keep_in_step().await.unwrap();
    assert_eq!(store.search(&query).await.unwrap().total, 0, "nor does it come back");
    // Whoever is forgotten can come again.
    leave_traces(&desk).await;
}

#[tokio::test]
async fn whose_inquiry_became_a_ticket_is_forgotten_with_it() {
    let Setup { desk, .. } = setup();
    let asked = NewInquiry { email: Some("zoe@example.org".into()), message: SECRET.into(), ..NewInquiry::default() };
    let asked = desk.inquiries().log(&Actor::Guest, asked).await.unwrap();
    let ticket = desk.inquiries().convert(&grace(), asked.id).await.unwrap().ticket;
    desk.people().erase(&joan(), ticket.customer).await.unwrap();
    hidden(desk.inquiries().get(&grace(), asked.id).await);
}
