use super::*;
use support_core::{
    desk::{documents::Paging, messages::NewMessage},
    domain::{
        inquiry::{InquiryState, NewInquiry},
        ticket::{NewReach, Opening, Source},
    },
};

fn opening(email: &str) -> Opening {
    Opening {
        subject: "No parcel".into(),
        message: "Where is it?".into(),
        reach: NewReach { email: Some(email.into()), phone: None },
        ..Opening::default()
    }
}

#[tokio::test]
async fn a_token_opens_its_own_ticket_and_no_other() {
    let Setup { desk, .. } = setup();
    let one = desk.public().open("Ada", opening("ada@example.org")).await.unwrap();
    let two = desk.public().open("Eve", opening("eve@example.org")).await.unwrap();
    assert!(one.token.as_str().len() >= 32 && one.token != two.token);
    assert!(!format!("{one:?}").contains(one.token.as_str()), "it gets into no log");
    let (id, number) = (one.posted.ticket.id, one.posted.ticket.number.as_str());

    let (actor, entered) = desk.public().enter(number, one.token.as_str()).await.unwrap();
    assert_eq!(entered, id);
    desk.messages().add(&actor, id, NewMessage::public("Still nothing")).await.unwrap();
    desk.messages().add(&grace(), id, NewMessage::note("A difficult one")).await.unwrap();
    let read = desk.tickets().get(&actor, id).await.unwrap();
    assert_eq!(read.messages.items.len(), 2, "notes are not theirs");
    hidden(desk.tickets().get(&actor, two.posted.ticket.id).await);
    assert_eq!(desk.public().enter(id, one.token.as_str()).await.unwrap().1, id);

    let token = one.token.as_str();
    for (ticket, token) in [(number, two.token.as_str()), (number, ""), (number, &token[1..]), ("VR-0", token)] {
        hidden(desk.public().enter(ticket, token).await);
    }
    hidden(desk.public().enter(number, &token.to_uppercase()).await);
    assert_eq!(desk.public().revoke(&grace(), id).await.unwrap(), 1);
    hidden(desk.public().enter(number, token).await);
}

#[tokio::test]
async fn a_ticket_without_an_account_says_where_to_answer() {
    let setup = setup();
    let desk = &setup.desk;
    assert_eq!(wrong(desk.public().open("Ada", opening(" ")).await), ["email"]);
    let bad = Opening { subject: String::new(), ..opening("not an address") };
    assert_eq!(wrong(desk.public().open("a\nb", bad).await), ["name", "subject", "contactEmail"]);
    let read = desk.public().open("", opening("ada@example.org")).await.unwrap();
    assert_eq!(read.posted.ticket.reach.email.as_deref(), Some("ada@example.org"));
}

#[tokio::test]
async fn a_link_goes_to_the_recorded_address_and_not_too_often() {
    let setup = setup();
    let desk = &setup.desk;
    let opened = desk.public().open("Ada", opening("ada@example.org")).await.unwrap();
    let number = opened.posted.ticket.number.clone();
    let own = support_core::desk::tickets::NewTicket::new("Own", "Text");
    let own = desk.tickets().open(&ada(), own).await.unwrap().ticket.number;
    setup.post.take();
    for number in ["VR-0", "", number.as_str(), own.as_str()] {
        desk.public().send_link(number).await.unwrap();
    }
    assert!(setup.post.take().is_empty(), "there is no such one, one was just given out, and one has an account");

    for _ in 0..9 {
        setup.advance(TimeDelta::minutes(20));
        desk.public().send_link(&number).await.unwrap();
        desk.public().send_link(&number).await.unwrap();
    }
    let sent = setup.post.take();
    assert_eq!(sent.len(), 9);
    let token = |line: &str| line.rsplit(' ').next().unwrap().to_owned();
    assert!(sent.iter().all(|line| line.starts_with("ada@example.org ")));
    assert!(desk.public().enter(number.as_str(), &token(&sent[8])).await.is_ok());
    hidden(desk.public().enter(number.as_str(), &token(&sent[0])).await);
    assert!(desk.public().enter(number.as_str(), opened.token.as_str()).await.is_ok(), "what they were given stays");

    // Of all tickets together, one address gets few.
    for _ in 0..6 {
        let other = desk.public().open("Ada", opening("ADA@example.org")).await.unwrap();
        setup.advance(TimeDelta::minutes(10));
        desk.public().send_link(&other.posted.ticket.number).await.unwrap();
    }
    assert!(setup.post.take().len() < 6);
}

#[tokio::test]
async fn an_inquiry_becomes_one_ticket() {
    let Setup { desk, .. } = setup();
    let by_phone = NewInquiry {
        name: Some("Ada".into()),
        email: Some("ada@example.org".into()),
        channel: Some(Source::Phone),
        message: "Do you deliver to the Orkneys?\nOr to Shetland?".into(),
        ..NewInquiry::default()
    };
    let inquiry = desk.inquiries().log(&grace(), by_phone.clone()).await.unwrap();
    assert_eq!((inquiry.subject.as_str(), inquiry.channel), ("Do you deliver to the Orkneys?", Source::Phone));
    let posted = desk.inquiries().convert(&grace(), inquiry.id).await.unwrap();
    assert_eq!(posted.ticket.reach.email.as_deref(), Some("ada@example.org"));
    assert_eq!((posted.ticket.source, posted.ticket.customer_name.as_str()), (Source::Phone, "Ada"));
    let converted = desk.inquiries().get(&grace(), inquiry.id).await.unwrap();
    assert_eq!(converted.state, InquiryState::Converted { ticket: posted.ticket.id });
    assert!(state(desk.inquiries().convert(&grace(), inquiry.id).await).contains("settled"));
    assert!(state(desk.inquiries().dismiss(&grace(), inquiry.id).await).contains("ticket"));

    let own =
        desk.inquiries().log(&ada(), NewInquiry { message: "How?".into(), ..NewInquiry::default() }).await.unwrap();
    assert_eq!((own.customer, own.name.as_deref()), (Some(customer(ADA)), Some("Ada")));
    let posted = desk.inquiries().convert(&grace(), own.id).await.unwrap();
    assert!(desk.tickets().get(&ada(), posted.ticket.id).await.is_ok());
    let page =
        desk.inquiries().list(&grace(), Some(Source::Phone), Some("converted"), Paging::default()).await.unwrap();
    assert_eq!(page.total, 1);
    assert_eq!(wrong(desk.inquiries().list(&grace(), None, Some("x"), Paging::default()).await), ["status"]);

    // A guest who says nowhere to answer, and one who says that they called.
    let silent = NewInquiry { message: "How?".into(), channel: Some(Source::Phone), ..NewInquiry::default() };
    assert_eq!(wrong(desk.inquiries().log(&Actor::Guest, silent).await), ["email"]);
    let foreign = NewInquiry { customer: Some(customer(EVE)), ..by_phone };
    assert_eq!(wrong(desk.inquiries().log(&ada(), foreign).await), ["customerId"]);
}
