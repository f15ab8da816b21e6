use super::{ADA, GRACE, Setup, ada, alan, customer, eve, grace, joan, setup_with};
use async_trait::async_trait;
use chrono::{NaiveTime, TimeDelta};
use std::sync::{Arc, Mutex};
use support_core::{
    desk::{Error, documents::Paging, messages::NewMessage, notifications::PreferencesEdit, workers::Job},
    domain::{
        notification::{Digest, Letter, Person, QuietHours, Topic, Way},
        profile::Profile,
        ticket::{NewReach, Opening},
    },
    ports::{
        channels::{Channel, ChannelError},
        directory::{MemoryDirectory, ReachCard},
    },
};
use uuid::Uuid;

/// Keeps letters, or does not take them.
#[derive(Default)]
struct Box_ {
    letters: Mutex<Vec<Letter>>,
    fails: Mutex<Option<ChannelError>>,
}

impl Box_ {
    fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().unwrap())
    }

    fn topics(&self) -> Vec<&'static str> {
        self.take().iter().flat_map(|letter| letter.stories.iter().map(|story| story.topic.as_str())).collect()
    }
}

#[async_trait]
impl Channel for Box_ {
    async fn send(&self, letter: &Letter) -> Result<(), ChannelError> {
        if let Some(error) = self.fails.lock().unwrap().clone() {
            return Err(error);
        }
        self.letters.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

fn card(name: &str, verified: bool) -> ReachCard {
    ReachCard {
        name: name.into(),
        email: Some(format!("{}@example.org", name.to_lowercase())),
        email_is_verified: verified,
        ..ReachCard::default()
    }
}

/// Ada's address is verified, Eve's is not.
async fn setup() -> (Setup, Arc<Box_>) {
    let mail = Arc::new(Box_::default());
    let agent = |n: u128| Person::Agent(Uuid::from_u128(n).into());
    let directory = MemoryDirectory::new()
        .with_reach(Person::Customer(customer(ADA)), card("Ada", true))
        .with_reach(Person::Customer(customer(0xe7e)), card("Eve", false))
        .with_reach(agent(GRACE), card("Grace", true))
        .with_reach(agent(0xa1a), card("Alan", true))
        .with_reach(agent(0x10a), ReachCard { is_admin: true, ..card("Joan", true) });
    let setup =
        setup_with(Profile::after_sales(), |builder| builder.directory(directory).channel(Way::Email, mail.clone()));
    setup.tick(Job::Relay).await;
    (setup, mail)
}

async fn tell(setup: &Setup) {
    setup.tick(Job::Relay).await;
    while setup.tick(Job::Notify).await.done > 0 {}
}

#[tokio::test]
async fn people_are_told_what_concerns_them() {
    let (setup, mail) = setup().await;
    let ticket = setup.open("No parcel").await;
    tell(&setup).await;
    let letters = mail.take();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].address.as_str(), letters[0].stories[0].topic), ("ada@example.org", Topic::TicketReceived));
    setup.desk.tickets().assign(&joan(), ticket, Uuid::from_u128(GRACE).into()).await.unwrap();
    setup.desk.messages().add(&ada(), ticket, NewMessage::public("Hello?")).await.unwrap();
    setup.desk.messages().add(&grace(), ticket, NewMessage::note("She is angry")).await.unwrap();
    setup.desk.messages().add(&grace(), ticket, NewMessage::public("On its way")).await.unwrap();
    setup.desk.tickets().resolve(&grace(), ticket, "Sent").await.unwrap();
    tell(&setup).await;
    let letters = mail.take();
    let told: Vec<_> = letters.iter().map(|one| (one.name.as_str(), one.stories[0].topic.as_str())).collect();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            ("Ada", "reply_sent"),
            ("Ada", "ticket_resolved"),
            ("Grace", "customer_replied"),
            ("Grace", "ticket_assigned"),
        ]
    );
    let reply = letters.iter().find(|letter| letter.stories[0].topic == Topic::ReplySent).unwrap();
    assert_eq!(
        (reply.stories[0].text.as_deref(), reply.stories[0].actor.as_deref()),
        (Some("On its way"), Some("Grace"))
    );
    assert!(
        !letters
            .iter()
            .any(|letter| letter.name == "Ada"
                && letter.stories.iter().any(|s| s.text.as_deref() == Some("She is angry")))
    );

    let inbox = setup.desk.notifications().inbox(&ada(), true, Paging::default()).await.unwrap();
    assert_eq!((inbox.total, setup.desk.notifications().unread(&ada()).await.unwrap()), (3, 3));
    assert!(matches!(
        setup.desk.notifications().read(&eve(), inbox.items[0].notification.id).await,
        Err(Error::NotFound)
    ));
    setup.desk.notifications().read(&ada(), inbox.items[0].notification.id).await.unwrap();
    assert_eq!(setup.desk.notifications().unread(&ada()).await.unwrap(), 2);
    assert_eq!(setup.desk.notifications().read_all(&ada()).await.unwrap(), 2);
    assert_eq!(setup.desk.notifications().unread(&ada()).await.unwrap(), 0);
    tell(&setup).await;
    assert!(mail.take().is_empty());
}

#[tokio::test]
async fn whoever_is_told_learns_who_did_it_and_why() {
    let (setup, mail) = setup().await;
    let ticket = setup.open("One").await;
    setup.desk.tickets().assign(&joan(), ticket, Uuid::from_u128(GRACE).into()).await.unwrap();
    setup.desk.tickets().escalate(&joan(), ticket, None, None, "She is a VIP").await.unwrap();
    setup.desk.tickets().resolve(&joan(), ticket, "Sent again").await.unwrap();
    tell(&setup).await;
    let letters = mail.take();
    let story = |topic| &letters.iter().find(|letter| letter.stories[0].topic == topic).unwrap().stories[0];
    assert_eq!(story(Topic::TicketAssigned).actor.as_deref(), Some("Joan"));
    assert_eq!(story(Topic::TicketEscalated).data["reason"], "She is a VIP");
    assert_eq!(story(Topic::TicketResolved).data["resolution"], "Sent again");
    let adas = letters.iter().filter(|letter| letter.name == "Ada");
    assert!(adas.flat_map(|letter| &letter.stories).all(|story| !story.data.contains_key("reason")));
}

#[tokio::test]
async fn nobody_reads_of_a_ticket_that_is_not_theirs_any_more() {
    let (setup, mail) = setup().await;
    let ticket = setup.open("Mine").await;
    setup.desk.tickets().assign(&joan(), ticket, Uuid::from_u128(GRACE).into()).await.unwrap();
    setup.desk.messages().add(&ada(), ticket, NewMessage::public("Private words")).await.unwrap();
    setup.tick(Job::Relay).await;
    setup.desk.tickets().assign(&joan(), ticket, Uuid::from_u128(0xa1a).into()).await.unwrap();
    while setup.tick(Job::Notify).await.done > 0 {}
    assert!(!mail.take().iter().any(|letter| letter.name == "Grace"));
    let inbox = setup.desk.notifications().inbox(&grace(), false, Paging::default()).await.unwrap();
    assert_eq!(inbox.total, 2);
    assert!(inbox.items.iter().all(|item| item.story.subject.is_none() && item.story.text.is_none()));
    tell(&setup).await;
    let alans = setup.desk.notifications().inbox(&alan(), false, Paging::default()).await.unwrap();
    assert_eq!(alans.items[0].story.subject.as_deref(), Some("Mine"));
}

#[tokio::test]
async fn wishes_are_kept() {
    let (setup, mail) = setup().await;
    let quiet =
        QuietHours { from: NaiveTime::from_hms_opt(8, 0, 0).unwrap(), to: NaiveTime::from_hms_opt(10, 0, 0).unwrap() };
    let edit = PreferencesEdit {
        topics: [(Topic::TicketResolved, Some([Way::InApp].into()))].into(),
        quiet: Some(Some(quiet)),
        ..PreferencesEdit::default()
    };
    setup.desk.notifications().prefer(&ada(), edit).await.unwrap();
    let ticket = setup.open("One").await;
    setup.desk.tickets().resolve(&joan(), ticket, "Done").await.unwrap();
    tell(&setup).await;
    assert!(mail.take().is_empty(), "it is nine, and she sleeps until ten");
    setup.advance(TimeDelta::minutes(61));
    tell(&setup).await;
    assert_eq!(mail.topics(), ["ticket_received"]);

    let collect = PreferencesEdit { quiet: Some(None), digest: Some(Digest::Hourly), ..PreferencesEdit::default() };
    setup.desk.notifications().prefer(&ada(), collect).await.unwrap();
    setup.open("Two").await;
    setup.open("Three").await;
    tell(&setup).await;
    assert!(mail.take().is_empty());
    setup.advance(TimeDelta::hours(1));
    tell(&setup).await;
    let letters = mail.take();
    assert_eq!((letters.len(), letters[0].stories.len()), (1, 2));
}

#[tokio::test]
async fn an_address_that_nobody_has_shown_to_be_theirs_gets_a_confirmation_and_no_more() {
    let (setup, mail) = setup().await;
    for n in 0..6 {
        let new = support_core::desk::tickets::NewTicket::new(format!("{n}"), "x");
        let ticket = setup.desk.tickets().open(&eve(), new).await.unwrap().ticket.id;
        setup.desk.messages().add(&joan(), ticket, NewMessage::public("Answer")).await.unwrap();
    }
    tell(&setup).await;
    assert_eq!(mail.topics(), ["ticket_received"; 3], "and not without end");
    setup.advance(TimeDelta::minutes(61));
    tell(&setup).await;
    assert!(mail.take().is_empty(), "nor bit by bit");
}

/// After days without a mail server, what is fresh is told, and what is old is not.
#[tokio::test]
async fn what_is_late_keeps_nothing_else_from_being_told() {
    let (setup, mail) = setup().await;
    let daily = PreferencesEdit { digest: Some(Digest::Daily), ..PreferencesEdit::default() };
    setup.desk.notifications().prefer(&ada(), daily).await.unwrap();
    *mail.fails.lock().unwrap() = Some(ChannelError::Unavailable("away".into()));
    setup.open("Old").await;
    tell(&setup).await;
    setup.advance(TimeDelta::days(4));
    setup.open("New").await;
    tell(&setup).await;
    *mail.fails.lock().unwrap() = None;
    setup.advance(TimeDelta::days(1));
    tell(&setup).await;
    let letters = mail.take();
    let subjects: Vec<_> = letters.iter().flat_map(|one| &one.stories).map(|story| story.subject.as_deref()).collect();
    assert_eq!(subjects, [Some("New")]);
}

/// What could not be told in the evening is not told in the night.
#[tokio::test]
async fn a_second_try_wakes_nobody_either() {
    let (setup, mail) = setup().await;
    let night =
        QuietHours { from: NaiveTime::from_hms_opt(9, 1, 0).unwrap(), to: NaiveTime::from_hms_opt(17, 0, 0).unwrap() };
    let quiet = PreferencesEdit { quiet: Some(Some(night)), ..PreferencesEdit::default() };
    setup.desk.notifications().prefer(&ada(), quiet).await.unwrap();
    *mail.fails.lock().unwrap() = Some(ChannelError::Unavailable("away".into()));
    setup.open("One").await;
    tell(&setup).await;
    *mail.fails.lock().unwrap() = None;
    setup.advance(TimeDelta::hours(2));
    tell(&setup).await;
    assert!(mail.take().is_empty());
    setup.advance(TimeDelta::hours(6));
    tell(&setup).await;
    assert_eq!(mail.take().len(), 1);
}

#[tokio::test]
async fn so_many_mails_in_an_hour_and_no_more() {
    let (setup, mail) = setup().await;
    for n in 0..30 {
        setup.open(&format!("{n}")).await;
    }
    tell(&setup).await;
    assert_eq!(mail.take().len(), 20);
    setup.advance(TimeDelta::minutes(59));
    tell(&setup).await;
    assert!(mail.take().is_empty());
    setup.advance(TimeDelta::minutes(2));
    tell(&setup).await;
    assert_eq!(mail.take().len(), 10);
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_tried_again_and_not_for_ever() {
    let (setup, mail) = setup().await;
    *mail.fails.lock().unwrap() = Some(ChannelError::Unavailable("away".into()));
    setup.open("One").await;
    tell(&setup).await;
    setup.advance(TimeDelta::minutes(2));
    *mail.fails.lock().unwrap() = None;
    tell(&setup).await;
    assert_eq!(mail.take().len(), 1);
    *mail.fails.lock().unwrap() = Some(ChannelError::Refused("no such address".into()));
    setup.open("Two").await;
    tell(&setup).await;
    *mail.fails.lock().unwrap() = None;
    setup.advance(TimeDelta::hours(5));
    tell(&setup).await;
    assert!(mail.take().is_empty());
    *mail.fails.lock().unwrap() = Some(ChannelError::Unavailable("away".into()));
    setup.open("Three").await;
    for _ in 0..40 {
        tell(&setup).await;
        setup.advance(TimeDelta::hours(2));
    }
    *mail.fails.lock().unwrap() = None;
    tell(&setup).await;
    assert!(mail.take().is_empty(), "nobody wants to hear of it after three days");
}

/// Whoever opened a ticket without an account is sent the way back to it; having come by it, they are told of answers.
#[tokio::test]
async fn somebody_without_an_account_is_sent_the_way_back() {
    let (setup, mail) = setup().await;
    let opening = Opening {
        subject: "Guest".into(),
        message: "Help".into(),
        reach: NewReach { email: Some("guest@example.org".into()), phone: None },
        ..Opening::default()
    };
    let opened = setup.desk.public().open("Ada", opening).await.unwrap();
    let ticket = opened.posted.ticket.id;
    tell(&setup).await;
    let letter = mail.take().pop().unwrap();
    let token = letter.stories[0].data["token"].as_str().unwrap().to_owned();
    assert!(!format!("{letter:?}").contains(&token));
    setup.desk.messages().add(&joan(), ticket, NewMessage::public("Answer")).await.unwrap();
    tell(&setup).await;
    assert!(mail.take().is_empty(), "nobody has come with what was mailed");
    setup.desk.public().enter(ticket, opened.token.as_str()).await.unwrap();
    setup.desk.messages().add(&joan(), ticket, NewMessage::public("Answer")).await.unwrap();
    tell(&setup).await;
    assert!(mail.take().is_empty(), "what was answered to the form says nothing of the address");
    setup.desk.public().enter(ticket, &token).await.unwrap();
    setup.desk.messages().add(&joan(), ticket, NewMessage::public("Answer")).await.unwrap();
    tell(&setup).await;
    assert_eq!(mail.topics(), ["reply_sent"]);
    setup.advance(TimeDelta::minutes(11));
    setup.desk.public().send_link(&opened.posted.ticket.number).await.unwrap();
    setup.desk.public().send_link(&opened.posted.ticket.number).await.unwrap();
    tell(&setup).await;
    let letters = mail.take();
    assert_eq!((letters.len(), letters[0].stories[0].topic), (1, Topic::AccessLink));
    let link = letters[0].stories[0].data["token"].as_str().unwrap();
    setup.desk.public().enter(ticket, link).await.unwrap();
}

#[tokio::test]
async fn who_is_erased_is_told_nothing_more() {
    let (setup, mail) = setup().await;
    setup.open("One").await;
    setup.tick(Job::Relay).await;
    setup.desk.people().erase(&joan(), customer(ADA)).await.unwrap();
    tell(&setup).await;
    assert!(mail.take().is_empty());
    let inbox = setup.desk.notifications().inbox(&ada(), false, Paging::default()).await.unwrap();
    assert_eq!(inbox.total, 0);
}

#[tokio::test]
async fn a_survey_is_sent_to_its_customer() {
    let (setup, mail) = setup().await;
    let ticket = setup.open("One").await;
    setup.desk.tickets().resolve(&joan(), ticket, "Done").await.unwrap();
    tell(&setup).await;
    mail.take();
    setup.advance(TimeDelta::hours(2));
    setup.tick(Job::Survey).await;
    setup.tick(Job::Survey).await;
    tell(&setup).await;
    let letters = mail.take();
    assert_eq!((letters.len(), letters[0].stories[0].topic), (1, Topic::Survey));
    assert!(letters[0].stories[0].data.contains_key("surveyId"));
}

#[tokio::test]
async fn letters_go_out_under_short_leases_too() {
    let (setup, mail) = setup().await;
    setup.open("One").await;
    setup.tick(Job::Relay).await;
    setup.desk.workers().lease(TimeDelta::seconds(5)).tick(Job::Notify).await.unwrap();
    assert_eq!(mail.take().len(), 1);
}
