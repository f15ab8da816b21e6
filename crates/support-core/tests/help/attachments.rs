use super::*;
use std::collections::BTreeSet;
use support_core::{
    desk::{attachments::UploadTo, messages::NewMessage, tickets::NewTicket, workers::Job},
    domain::{
        attachment::{Attachment, NewFile, Safety},
        id::{AttachmentId, TicketId},
        message::{self, Draft},
        review::NewReview,
    },
    ports::files::Files,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn named(name: &str) -> NewFile {
    NewFile { field: "file".into(), name: name.into(), ..NewFile::default() }
}

fn to(ticket: TicketId) -> UploadTo {
    UploadTo::Ticket { ticket: ticket.into(), message: None }
}

async fn upload(desk: &Desk, actor: &Actor, to: &UploadTo, file: &NewFile, bytes: &[u8]) -> Result<Attachment, Error> {
    let mut receiving = desk.attachments().receive(actor, to, file).await?;
    for chunk in bytes.chunks(7) {
        receiving.write(chunk.to_vec().into()).await?;
    }
    receiving.finish().await
}

async fn ticket(desk: &Desk) -> TicketId {
    desk.tickets().open(&ada(), NewTicket::new("No parcel", "Where is it?")).await.unwrap().ticket.id
}

async fn kept(files: &MemoryFiles) -> usize {
    files.list("", None, 100).await.unwrap().len()
}

async fn content(desk: &Desk, id: AttachmentId) -> Result<Vec<u8>, Error> {
    let (_, mut bytes) = desk.attachments().open(id).await?;
    let mut all = Vec::new();
    while let Some(chunk) = bytes.chunk().await.unwrap() {
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

#[tokio::test]
async fn a_file_comes_back_to_those_who_may_read_its_ticket() {
    let Setup { desk, files, .. } = setup();
    let id = ticket(&desk).await;
    let file = upload(&desk, &ada(), &to(id), &named("photo.png"), PNG).await.unwrap();
    assert_eq!((file.size, file.safety.as_str(), file.sha256.len()), (PNG.len() as u64, "unscanned", 64));
    assert_eq!(file.key, format!("tickets/{id}/{}/photo.png", file.id));
    for actor in [ada(), grace(), joan()] {
        assert_eq!(desk.attachments().get(&actor, id, file.id).await.unwrap(), file);
        assert_eq!(desk.attachments().list(&actor, id).await.unwrap(), std::slice::from_ref(&file));
        assert_eq!(desk.attachments().find(&actor, file.id).await.unwrap(), file);
    }
    assert_eq!(content(&desk, file.id).await.unwrap(), PNG);
    let other = desk.tickets().open(&eve(), NewTicket::new("Else", "Text")).await.unwrap().ticket.id;
    hidden(desk.attachments().list(&eve(), id).await);
    hidden(desk.attachments().get(&eve(), id, file.id).await);
    hidden(desk.attachments().get(&eve(), other, file.id).await);
    hidden(desk.attachments().find(&eve(), file.id).await);
    hidden(upload(&desk, &eve(), &to(id), &named("photo.png"), PNG).await);
    hidden(desk.attachments().delete(&eve(), id, file.id).await);
    assert!(matches!(desk.attachments().delete(&grace(), id, file.id).await, Err(Error::Forbidden(_))));

    // The same again is the same.
    assert_eq!(upload(&desk, &ada(), &to(id), &named("photo.png"), PNG).await.unwrap(), file);
    assert_eq!(kept(&files).await, 1);
    desk.attachments().delete(&ada(), id, file.id).await.unwrap();
    hidden(desk.attachments().get(&ada(), id, file.id).await);
    assert_eq!(kept(&files).await, 0);
}

#[tokio::test]
async fn what_is_not_taken_leaves_nothing() {
    let mut profile = Profile::vehicle_retail();
    profile.attachments.max_bytes = 100;
    profile.attachments.per_ticket = 2;
    let Setup { desk, files, .. } = setup_with(profile, |builder| builder);
    let id = ticket(&desk).await;
    let declared = |name: &str, declared: &str| NewFile { declared: Some(declared.into()), ..named(name) };
    for (file, bytes) in [
        (named("../../a.png"), PNG),
        (named("a\0.png"), PNG),
        (named("a.exe"), PNG),
        (named("a.svg"), &b"<svg onload=alert(1)>"[..]),
        (named("a.png"), b"MZ\x90\0\x03 a program"),
        (named("a.txt"), b"<script>alert(1)</script>"),
        (named("a.txt"), b"text \0 and more"),
        (named("a.png"), b""),
        (named("a.txt"), &[b'a'; 101]),
        (declared("a.png", "text/html"), PNG),
        (declared("a.txt", "image/png"), b"text"),
    ] {
        assert_eq!(wrong(upload(&desk, &ada(), &to(id), &file, bytes).await), ["file"], "{file:?}");
    }
    let receiving = desk.attachments().receive(&ada(), &to(id), &named("a.txt")).await.unwrap();
    drop(receiving);
    assert_eq!(kept(&files).await, 0);
    assert!(desk.attachments().list(&ada(), id).await.unwrap().is_empty());

    for n in 0..2 {
        upload(&desk, &ada(), &to(id), &declared(&format!("{n}.txt"), "text/plain; charset=utf-8"), b"text")
            .await
            .unwrap();
    }
    assert!(state(upload(&desk, &ada(), &to(id), &named("3.txt"), b"text").await).contains("as many"));
    let nowhere = Desk::builder(MemoryStore::new()).build().unwrap();
    let id = ticket(&nowhere).await;
    assert!(matches!(upload(&nowhere, &ada(), &to(id), &named("3.txt"), b"text").await, Err(Error::Files(_))));
}

#[tokio::test]
async fn files_of_notes_are_for_staff() {
    let Setup { desk, .. } = setup();
    let id = ticket(&desk).await;
    let note = desk.messages().add(&grace(), id, NewMessage::note("Look")).await.unwrap().message;
    let with_note = UploadTo::Ticket { ticket: id.into(), message: Some(note.id) };
    let file = upload(&desk, &grace(), &with_note, &named("a.txt"), b"secret").await.unwrap();
    let marked = NewFile { internal: true, ..named("b.txt") };
    let marked = upload(&desk, &grace(), &to(id), &marked, b"secret").await.unwrap();
    assert!(file.internal && marked.internal);
    assert_eq!(desk.attachments().list(&grace(), id).await.unwrap().len(), 2);
    assert!(desk.attachments().list(&ada(), id).await.unwrap().is_empty());
    for hidden_one in [file.id, marked.id] {
        hidden(desk.attachments().get(&ada(), id, hidden_one).await);
        hidden(desk.attachments().find(&ada(), hidden_one).await);
    }
    hidden(desk.attachments().of_message(&ada(), id, note.id).await);
    hidden(upload(&desk, &ada(), &with_note, &named("c.txt"), b"text").await);
    // A customer cannot hide anything from themselves.
    let own = NewFile { internal: true, ..named("d.txt") };
    assert!(!upload(&desk, &ada(), &to(id), &own, b"text").await.unwrap().internal);
}

fn links(ids: &[AttachmentId]) -> Vec<message::Attachment> {
    ids.iter().map(|id| message::Attachment { url: id.to_string(), name: String::new() }).collect()
}

#[tokio::test]
async fn uploads_are_named_by_their_owner_once() {
    let Setup { desk, files, .. } = setup();
    let staged = upload(&desk, &ada(), &UploadTo::Nothing, &named("a.txt"), b"text").await.unwrap();
    hidden(desk.attachments().find(&grace(), staged.id).await);
    hidden(desk.attachments().find(&eve(), staged.id).await);
    let mut new = NewTicket::new("No parcel", "See the file");
    new.opening.message.attachments = links(&[staged.id]);
    assert_eq!(wrong(desk.tickets().open(&eve(), new.clone()).await), ["attachments.0"]);
    let posted = desk.tickets().open(&ada(), new.clone()).await.unwrap();
    let own = desk.attachments().of_message(&grace(), posted.ticket.id, posted.message.id).await.unwrap();
    assert_eq!(own.iter().map(|file| file.id).collect::<Vec<_>>(), [staged.id]);
    assert_eq!(posted.message.attachments, links(&[staged.id]));
    let read = desk.tickets().get(&grace(), posted.ticket.id).await.unwrap();
    assert_eq!(read.messages.items[0].attachments, links(&[staged.id]));
    assert_eq!(wrong(desk.tickets().open(&ada(), new).await), ["attachments.0"]);

    let twice = upload(&desk, &ada(), &UploadTo::Nothing, &named("b.txt"), b"text").await.unwrap();
    let draft = Draft { body: "Here".into(), attachments: links(&[twice.id, twice.id]) };
    assert_eq!(
        wrong(desk.messages().add(&ada(), posted.ticket.id, NewMessage::public(draft)).await),
        ["attachments.1"]
    );
    let mixed =
        [vec![message::Attachment { url: "https://example.org/a".into(), name: String::new() }], links(&[twice.id])];
    let draft = Draft { body: "Here".into(), attachments: mixed.concat() };
    let said = desk.messages().add(&ada(), posted.ticket.id, NewMessage::public(draft)).await.unwrap().message;
    assert_eq!(said.attachments.len(), 2);
    let edited = desk.messages().edit(&ada(), posted.ticket.id, said.id, "There").await.unwrap().message;
    assert_eq!(edited.attachments, said.attachments);
    assert_eq!(desk.attachments().list(&ada(), posted.ticket.id).await.unwrap().len(), 2);
    assert_eq!(kept(&files).await, 2);
}

#[tokio::test]
async fn photos_are_pictures_and_seen_with_their_review() {
    let Setup { desk, .. } = setup();
    let photo = upload(&desk, &ada(), &UploadTo::Nothing, &named("a.png"), PNG).await.unwrap();
    let text = upload(&desk, &ada(), &UploadTo::Nothing, &named("a.txt"), b"text").await.unwrap();
    let review = |photos| NewReview {
        purchase: "P-1".into(),
        rating: 5,
        title: "Good".into(),
        text: "A comfortable car for all of us.".into(),
        photos,
        ..NewReview::default()
    };
    assert_eq!(wrong(desk.reviews().write(&ada(), review(vec![text.id])).await), ["photos.0"]);
    let written = desk.reviews().write(&ada(), review(vec![photo.id])).await.unwrap();
    hidden(desk.attachments().find(&eve(), photo.id).await);
    assert!(desk.attachments().find(&grace(), photo.id).await.is_ok());
    desk.reviews().decide(&grace(), written.id, true, None).await.unwrap();
    assert!(desk.attachments().find(&Actor::Guest, photo.id).await.is_ok());
}

#[tokio::test]
async fn nobody_fetches_what_was_not_scanned() {
    let guard = Arc::new(Guard::default());
    let Setup { desk, files, .. } = setup_with(Profile::vehicle_retail(), |builder| builder.scanner(guard.clone()));
    let id = ticket(&desk).await;
    let waiting = upload(&desk, &ada(), &to(id), &named("a.txt"), b"harmless").await.unwrap();
    assert_eq!(waiting.safety, Safety::Quarantined);
    assert!(state(content(&desk, waiting.id).await).contains("scanned"));
    let workers = desk.workers();
    assert!(matches!(workers.tick(Job::Scan).await, Err(Error::Outside(_))), "the scanner is away");
    guard.finds(Some("virus"));
    assert_eq!(workers.tick(Job::Scan).await.unwrap().done, 1);
    assert_eq!(content(&desk, waiting.id).await.unwrap(), b"harmless");

    let bad = upload(&desk, &ada(), &to(id), &named("b.txt"), b"a virus").await.unwrap();
    assert_eq!(bad.safety, Safety::Infected { name: "Test".into() });
    assert!(state(content(&desk, bad.id).await).contains("harmful"));
    assert_eq!(kept(&files).await, 1, "its bytes are gone");
    let good = upload(&desk, &ada(), &to(id), &named("c.txt"), b"text").await.unwrap();
    assert_eq!(good.safety, Safety::Clean);
    assert_eq!(workers.tick(Job::Scan).await.unwrap().done, 0);
}

#[tokio::test]
async fn what_nobody_named_and_what_nothing_leads_to_is_swept() {
    let setup = setup();
    let (desk, files) = (&setup.desk, &setup.files);
    let id = ticket(desk).await;
    let named_one = upload(desk, &ada(), &to(id), &named("a.txt"), b"text").await.unwrap();
    upload(desk, &ada(), &UploadTo::Nothing, &named("b.txt"), b"text").await.unwrap();
    let orphan = format!("tickets/{id}/{}/c.txt", Uuid::from_u128(77));
    for key in [orphan.as_str(), "somebody/elses/file.txt"] {
        let mut upload = files.upload(key).await.unwrap();
        upload.write("text".into()).await.unwrap();
        upload.finish().await.unwrap();
    }
    let workers = desk.workers();
    setup.advance(TimeDelta::hours(23));
    assert_eq!(workers.tick(Job::Sweep).await.unwrap().done, 0);
    setup.advance(TimeDelta::hours(2));
    assert_eq!(workers.tick(Job::Sweep).await.unwrap().done, 1);
    assert_eq!(workers.tick(Job::Orphans).await.unwrap().done, 1);
    let keys: Vec<String> = files.list("", None, 9).await.unwrap().into_iter().map(|file| file.key).collect();
    assert_eq!(keys, ["somebody/elses/file.txt".to_owned(), named_one.key]);
}

#[tokio::test]
async fn files_go_with_their_messages_and_come_back() {
    let Setup { desk, .. } = setup();
    let (from, into) = (ticket(&desk).await, ticket(&desk).await);
    let said = desk.messages().add(&ada(), from, NewMessage::public("See")).await.unwrap().message;
    let with = UploadTo::Ticket { ticket: from.into(), message: Some(said.id) };
    let one = upload(&desk, &ada(), &with, &named("a.txt"), b"one").await.unwrap().id;
    let two = upload(&desk, &ada(), &to(from), &named("b.txt"), b"two").await.unwrap().id;
    // Of one moment, they stand in no order that could be told.
    let ids = |files: Vec<Attachment>| files.into_iter().map(|file| file.id).collect::<BTreeSet<_>>();
    let merged = desk.operations().merge(&joan(), from, into).await.unwrap().operation.id;
    assert_eq!(ids(desk.attachments().list(&joan(), into).await.unwrap()), [one, two].into());
    assert_eq!(ids(desk.attachments().of_message(&joan(), into, said.id).await.unwrap()), [one].into());
    let own = upload(&desk, &joan(), &to(into), &named("c.txt"), b"three").await.unwrap().id;
    desk.operations().undo(&joan(), merged).await.unwrap();
    assert_eq!(ids(desk.attachments().list(&joan(), from).await.unwrap()), [one, two].into());
    assert_eq!(ids(desk.attachments().list(&joan(), into).await.unwrap()), [own].into());

    let split = desk.operations().split(&joan(), from, vec![said.id], "Else").await.unwrap();
    assert_eq!(ids(desk.attachments().list(&joan(), split.other.id).await.unwrap()), [one].into());
    assert_eq!(ids(desk.attachments().list(&joan(), from).await.unwrap()), [two].into());
    desk.operations().undo(&joan(), split.operation.id).await.unwrap();
    assert_eq!(ids(desk.attachments().list(&joan(), from).await.unwrap()), [one, two].into());
}

#[tokio::test]
async fn what_is_withdrawn_takes_its_files_along() {
    let Setup { desk, files, .. } = setup();
    let id = ticket(&desk).await;
    let said = desk.messages().add(&ada(), id, NewMessage::public("My passport")).await.unwrap().message;
    let with = UploadTo::Ticket { ticket: id.into(), message: Some(said.id) };
    let file = upload(&desk, &ada(), &with, &named("a.txt"), b"passport").await.unwrap();
    desk.messages().delete(&ada(), id, said.id).await.unwrap();
    hidden(desk.attachments().find(&joan(), file.id).await);
    assert_eq!(kept(&files).await, 0);
}

#[tokio::test]
async fn what_is_for_staff_stays_so_beside_a_public_message() {
    let Setup { desk, .. } = setup();
    let id = ticket(&desk).await;
    let said = desk.messages().add(&grace(), id, NewMessage::public("See")).await.unwrap().message;
    let with = UploadTo::Ticket { ticket: id.into(), message: Some(said.id) };
    let file = NewFile { internal: true, ..named("a.txt") };
    let file = upload(&desk, &grace(), &with, &file, b"secret").await.unwrap();
    assert!(file.internal);
    hidden(desk.attachments().find(&ada(), file.id).await);
}

#[tokio::test]
async fn named_uploads_count_and_nobody_keeps_many_waiting() {
    let mut profile = Profile::vehicle_retail();
    profile.attachments.per_ticket = 2;
    let Setup { desk, .. } = setup_with(profile, |builder| builder);
    let id = ticket(&desk).await;
    let mut staged = Vec::new();
    for n in 0..3 {
        staged.push(upload(&desk, &ada(), &UploadTo::Nothing, &named(&format!("{n}.txt")), b"text").await.unwrap().id);
    }
    let draft = Draft { body: "Here".into(), attachments: links(&staged) };
    assert!(state(desk.messages().add(&ada(), id, NewMessage::public(draft)).await).contains("as many"));
    for n in 3..50 {
        upload(&desk, &ada(), &UploadTo::Nothing, &named(&format!("{n}.txt")), b"text").await.unwrap();
    }
    assert!(state(upload(&desk, &ada(), &UploadTo::Nothing, &named("50.txt"), b"text").await).contains("wait"));
    upload(&desk, &eve(), &UploadTo::Nothing, &named("50.txt"), b"text").await.unwrap();
}

#[tokio::test]
async fn one_file_that_is_lost_keeps_no_other_waiting() {
    let guard = Arc::new(Guard::default());
    let Setup { desk, files, .. } = setup_with(Profile::vehicle_retail(), |builder| builder.scanner(guard.clone()));
    let id = ticket(&desk).await;
    let lost = upload(&desk, &ada(), &to(id), &named("a.txt"), b"one").await.unwrap();
    let other = upload(&desk, &ada(), &to(id), &named("b.txt"), b"two").await.unwrap();
    files.delete(&lost.key).await.unwrap();
    guard.finds(Some("virus"));
    assert_eq!(desk.workers().tick(Job::Scan).await.unwrap().done, 2);
    assert_eq!(content(&desk, other.id).await.unwrap(), b"two");
    hidden(desk.attachments().get(&ada(), id, lost.id).await);
}

#[tokio::test]
async fn the_trail_says_who_put_files_there_and_took_them_away() {
    let Setup { desk, .. } = setup();
    let id = ticket(&desk).await;
    let file = upload(&desk, &ada(), &to(id), &named("a.txt"), b"text").await.unwrap();
    let secret = NewFile { internal: true, ..named("b.txt") };
    upload(&desk, &grace(), &to(id), &secret, b"secret").await.unwrap();
    desk.attachments().delete(&ada(), id, file.id).await.unwrap();
    let trail = desk.events().list(&grace(), id, None, 99).await.unwrap().items;
    let told: Vec<(&str, &str)> =
        trail.iter().skip(1).map(|event| (event.fact.name(), event.actor.name.as_str())).collect();
    assert_eq!(told, [("file_added", "Ada"), ("file_added", "Grace"), ("file_removed", "Ada")]);
    let heard = trail.into_iter().filter_map(support_core::domain::event::Event::for_customer).count();
    assert_eq!(heard, 3, "of the one for staff a customer hears nothing");
}
