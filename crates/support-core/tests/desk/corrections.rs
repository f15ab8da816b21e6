//! What was written, corrected and withdrawn; and who has read it.

use super::*;
use support_core::{
    desk::messages::Unread,
    domain::{
        access::Action,
        id::MessageId,
        message::{Draft, NewText},
        span::Span,
    },
};

struct Thread {
    setup: Setup,
    ticket: TicketId,
    first: MessageId,
    reply: MessageId,
    note: MessageId,
}

/// A ticket of Ada's with an answer and a note of Grace's, who has it.
async fn thread(profile: Profile) -> Thread {
    let setup = setup(MemoryStore::new(), profile);
    let desk = &setup.desk;
    let opened = desk.tickets().open(&ada(), NewTicket::new("No parcel", "It is gone")).await.unwrap();
    let ticket = opened.ticket.id;
    desk.tickets().claim(&grace(), ticket).await.unwrap();
    let reply = desk.messages().add(&grace(), ticket, NewMessage::public("It comess")).await.unwrap().message.id;
    let note = desk.messages().add(&grace(), ticket, NewMessage::note("He lies")).await.unwrap().message.id;
    setup.heard.take();
    Thread { ticket, first: opened.message.id, reply, note, setup }
}

#[tokio::test]
async fn authors_correct_what_they_wrote() {
    let Thread { setup: Setup { desk, clock, heard }, ticket, reply, .. } = thread(Profile::bookings()).await;
    let before = desk.tickets().get(&ada(), ticket).await.unwrap().ticket;
    clock.advance(TimeDelta::minutes(15));
    let edited = desk.messages().edit(&grace(), ticket, reply, " It comes ").await.unwrap();
    assert_eq!((edited.message.body.as_str(), edited.message.edited_at), ("It comes", Some(desk.now())));
    assert_eq!(edited.ticket.updated_at, desk.now(), "its customer sees that something is new");
    assert!(before.updated_at < edited.ticket.updated_at && before.version < edited.ticket.version);
    let told = heard.take();
    let Fact::MessageEdited { message, before, internal: false } = &told[0].fact else { panic!("{told:?}") };
    assert_eq!((*message, before.as_deref()), (reply, Some("It comess")));
    let heard_outside = told[0].fact.for_customer().unwrap();
    assert_eq!(heard_outside, Fact::MessageEdited { message: reply, before: None, internal: false });

    let read = desk.messages().get(&ada(), ticket, reply).await.unwrap();
    assert_eq!((read.body.as_str(), read.revision), ("It comes", 1));
    assert_eq!(read, edited.message);

    let same = desk.messages().edit(&grace(), ticket, reply, "It comes").await.unwrap();
    assert_eq!(same.message.revision, 1, "what changes nothing writes nothing");
    assert!(heard.take().is_empty());

    clock.advance(TimeDelta::milliseconds(1));
    let late = desk.messages().edit(&grace(), ticket, reply, "Never").await;
    assert_eq!(state(late), "the message is too old to be changed");
}

#[tokio::test]
async fn a_correction_is_checked_like_a_draft() {
    let Thread { setup: Setup { desk, .. }, ticket, reply, .. } = thread(Profile::bookings()).await;
    let link = |url: &str| Attachment { url: url.into(), name: String::new() };
    let with = |body: &str, links: Option<Vec<Attachment>>| NewText {
        attachments: links,
        field: "text",
        ..NewText::from(body)
    };
    let wrong = desk.messages().edit(&grace(), ticket, reply, with(" ", Some(vec![link("javascript:x")]))).await;
    let Err(Error::Refused(Refusal::Invalid(faults))) = wrong else { panic!("{wrong:?}") };
    assert_eq!(faults.0.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["text", "attachments.0.url"]);
    let links = Some(vec![link("https://example.org/a.png")]);
    desk.messages().edit(&grace(), ticket, reply, with("See", links)).await.unwrap();
    let kept = desk.messages().edit(&grace(), ticket, reply, with("Look", None)).await.unwrap();
    assert_eq!(kept.message.attachments.len(), 1, "links that are not spoken of stay");
    let gone = desk.messages().edit(&grace(), ticket, reply, with("Look", Some(Vec::new()))).await.unwrap();
    assert_eq!((gone.message.attachments.len(), gone.message.revision), (0, 3));
}

#[tokio::test]
async fn a_withdrawn_message_leaves_its_place() {
    let Thread { setup: Setup { desk, heard, .. }, ticket, first, reply, .. } = thread(Profile::bookings()).await;
    let gone = desk.messages().delete(&grace(), ticket, reply).await.unwrap().message;
    assert_eq!((gone.body.as_str(), gone.attachments.len(), gone.deleted_at), ("", 0, Some(desk.now())));
    let told = heard.take();
    let Fact::MessageDeleted { before, .. } = &told[0].fact else { panic!("{told:?}") };
    assert_eq!(before.as_deref(), Some("It comess"));
    let seen = desk.messages().list(&ada(), ticket, None, 9).await.unwrap().items;
    assert_eq!(seen.iter().map(|message| message.id).collect::<Vec<_>>(), [first, reply]);
    assert_eq!(seen[1], gone);
    assert_eq!(state(desk.messages().delete(&grace(), ticket, reply).await), "the message was withdrawn");
    assert_eq!(state(desk.messages().edit(&grace(), ticket, reply, "Back").await), "the message was withdrawn");
    assert_eq!(state(desk.messages().delete(&joan(), ticket, reply).await), "the message was withdrawn");
}

#[tokio::test]
async fn what_a_ticket_is_about_can_be_corrected_and_not_withdrawn() {
    let Thread { setup: Setup { desk, .. }, ticket, first, .. } = thread(Profile::bookings()).await;
    let edited = desk.messages().edit(&ada(), ticket, first, "It is late").await.unwrap();
    assert_eq!(edited.message.body, "It is late");
    assert!(edited.ticket.alarms == support_core::domain::ticket::Alarms::default(), "as its customer may see it");
    let refused = desk.messages().delete(&ada(), ticket, first).await;
    assert!(state(refused).contains("correct it instead"));
    let own = desk.messages().add(&ada(), ticket, NewMessage::public("Oops")).await.unwrap().message.id;
    desk.messages().delete(&ada(), ticket, own).await.unwrap();
}

#[tokio::test]
async fn others_leave_it_alone_but_for_admins() {
    let Thread { setup: Setup { desk, clock, .. }, ticket, first, reply, .. } = thread(Profile::bookings()).await;
    let foreign = [(ada(), reply), (grace(), first), (joan(), reply)];
    for (actor, message) in &foreign {
        let refused = desk.messages().edit(actor, ticket, *message, "Mine").await;
        assert!(matches!(refused, Err(Error::Forbidden(Action::EditMessage))), "{refused:?}");
    }
    for (actor, message) in &foreign[..2] {
        let refused = desk.messages().delete(actor, ticket, *message).await;
        assert!(matches!(refused, Err(Error::Forbidden(Action::DeleteMessage))), "{refused:?}");
    }
    // The same id on the other side is somebody else.
    let twin = Actor::customer(Uuid::from_u128(0x9ace), "Grace");
    let theirs = desk.tickets().open(&twin, NewTicket::new("a", "b")).await.unwrap();
    let refused = desk.messages().edit(&grace(), theirs.ticket.id, theirs.message.id, "Mine").await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");

    clock.advance(TimeDelta::days(400));
    desk.tickets().close(&grace(), ticket, Closing::default()).await.unwrap();
    for message in [first, reply] {
        assert!(desk.messages().delete(&joan(), ticket, message).await.unwrap().message.deleted_at.is_some());
    }
}

#[tokio::test]
async fn on_a_closed_ticket_everything_stays_as_it_was_said() {
    let Thread { setup: Setup { desk, .. }, ticket, reply, note, .. } = thread(Profile::bookings()).await;
    desk.tickets().resolve(&grace(), ticket, "Done").await.unwrap();
    desk.messages().edit(&grace(), ticket, reply, "It comes").await.unwrap();
    desk.tickets().close(&grace(), ticket, Closing::default()).await.unwrap();
    for message in [reply, note] {
        assert!(state(desk.messages().edit(&grace(), ticket, message, "Else").await).contains("closed"));
        assert!(state(desk.messages().delete(&grace(), ticket, message).await).contains("closed"));
    }
}

#[tokio::test]
async fn where_the_profile_gives_no_time_nothing_is_corrected() {
    let mut profile = Profile::bookings();
    profile.limits.edit_window = Span::minutes(0);
    let Thread { setup: Setup { desk, .. }, ticket, reply, .. } = thread(profile).await;
    assert!(state(desk.messages().edit(&grace(), ticket, reply, "x").await).contains("too old"));
    assert!(state(desk.messages().delete(&grace(), ticket, reply).await).contains("too old"));
}

/// Neither the note, nor that it was changed, nor when.
#[tokio::test]
async fn customers_learn_nothing_of_notes() {
    let Thread { setup: Setup { desk, clock, heard }, ticket, note, .. } = thread(Profile::bookings()).await;
    let before = desk.tickets().get(&ada(), ticket).await.unwrap();
    clock.advance(TimeDelta::minutes(1));
    let missing = Uuid::from_u128(404).into();
    for id in [note, missing] {
        assert!(matches!(desk.messages().get(&ada(), ticket, id).await, Err(Error::NotFound)));
        assert!(matches!(desk.messages().edit(&ada(), ticket, id, "x").await, Err(Error::NotFound)));
        assert!(matches!(desk.messages().delete(&ada(), ticket, id).await, Err(Error::NotFound)));
        assert!(matches!(desk.messages().mark_read(&ada(), ticket, id).await, Err(Error::NotFound)));
    }
    assert_eq!(desk.messages().edit(&grace(), ticket, note, "He errs").await.unwrap().message.body, "He errs");
    desk.messages().delete(&grace(), ticket, note).await.unwrap();
    assert_eq!(desk.messages().get(&grace(), ticket, note).await.unwrap().revision, 2);
    let told = heard.take();
    assert_eq!(names(&told), ["message_edited", "message_deleted"]);
    assert!(told.iter().all(|event| event.fact.for_customer().is_none()));
    assert_eq!(desk.tickets().get(&ada(), ticket).await.unwrap(), before);
}

/// Two corrections that were decided at once do not both hold, and neither does one on a ticket that closed meanwhile.
#[tokio::test]
async fn a_correction_guards_what_it_looked_at() {
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let note = desk.messages().add(&grace(), id, NewMessage::note("x")).await.unwrap().message.id;
    let one = desk.messages().plan_edit(&grace(), id, note, "y").await.unwrap();
    desk.messages().edit(&grace(), id, note, "z").await.unwrap();
    assert!(matches!(store.commit(one.changes).await, Err(StoreError::Conflict)));
    let two = desk.messages().plan_delete(&grace(), id, note).await.unwrap();
    desk.tickets().close(&grace(), id, Closing::default()).await.unwrap();
    assert!(matches!(store.commit(two.changes).await, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn each_side_has_its_own_pile_to_read() {
    let Thread { setup: Setup { desk, clock, heard }, ticket, first, reply, note } = thread(Profile::bookings()).await;
    let messages = desk.messages();
    let unread = async |actor: &Actor| messages.unread_count(actor, ticket).await.unwrap();
    assert_eq!((unread(&ada()).await, unread(&grace()).await), (Unread(1), Unread(1)), "notes are not counted");
    let before = desk.tickets().get(&grace(), ticket).await.unwrap().ticket;
    clock.advance(TimeDelta::minutes(1));
    // One's own, and what only staff see, is nothing to mark.
    assert_eq!(messages.mark_read(&grace(), ticket, reply).await.unwrap(), Unread(1));
    assert_eq!(messages.mark_read(&grace(), ticket, note).await.unwrap(), Unread(1));
    assert!(messages.plan_mark_read(&grace(), ticket, note).await.unwrap().changes.is_empty());
    assert_eq!(messages.mark_read(&hedy(), ticket, first).await.unwrap_err().to_string(), "there is no such thing");
    // What one of the staff has read, staff have read.
    assert_eq!(messages.mark_read(&joan(), ticket, first).await.unwrap(), Unread(0));
    assert_eq!((unread(&ada()).await, unread(&grace()).await), (Unread(1), Unread(0)));
    let when = desk.now();
    assert_eq!(messages.get(&grace(), ticket, first).await.unwrap().read_at, Some(when));
    clock.advance(TimeDelta::minutes(1));
    messages.mark_read(&grace(), ticket, first).await.unwrap();
    assert_eq!(messages.get(&grace(), ticket, first).await.unwrap().read_at, Some(when), "the first time counts");

    desk.messages().add(&grace(), ticket, NewMessage::public(Draft::from("More"))).await.unwrap();
    heard.take();
    let after = desk.tickets().get(&grace(), ticket).await.unwrap().ticket;
    assert_eq!(unread(&ada()).await, Unread(2));
    assert_eq!(messages.mark_all_read(&ada(), ticket).await.unwrap(), Unread(0));
    assert!(messages.plan_mark_all_read(&ada(), ticket).await.unwrap().changes.is_empty());
    assert_eq!(unread(&ada()).await, Unread(0));
    assert!(heard.take().is_empty(), "nobody is told");
    assert_eq!(desk.tickets().get(&grace(), ticket).await.unwrap().ticket, after);
    assert_eq!(before.version, after.version);
    let stranger = Actor::customer(Uuid::from_u128(0xe7e), "Eve");
    assert!(matches!(messages.unread_count(&stranger, ticket).await, Err(Error::NotFound)));
    assert!(matches!(messages.mark_all_read(&stranger, ticket).await, Err(Error::NotFound)));
    assert!(matches!(messages.unread_count(&Actor::Guest, ticket).await, Err(Error::Unauthenticated)));
}
