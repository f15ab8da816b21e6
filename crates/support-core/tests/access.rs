//! Every use case × every kind of actor × every way to hold a ticket, against the role table of S1.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use support_core::{
    desk::{
        Desk, Error,
        articles::ArticleFilter,
        attachments::UploadTo,
        callbacks::Wish,
        documents::Paging,
        messages::{MessageKind, NewMessage},
        tickets::{NewTicket, Page},
    },
    domain::{
        access::{AccessPolicy, Action, Decision, Holding, RolePolicy, TicketScope},
        actor::{Actor, Role},
        agent::{AgentEdit, Availability},
        article::ArticleDraft,
        attachment::NewFile,
        callback::WantedDay,
        catalogue::{CannedResponse, Item},
        feedback::NewFeedback,
        id::MessageId,
        inquiry::NewInquiry,
        message::Message,
        operation::Relation,
        profile::Profile,
        review::{NewReview, ReviewState},
        stats::Range,
        ticket::{Closing, CustomerClosing, Edit, Sort, Ticket, TicketFilter},
        time_entry::NewTime,
    },
    memory::MemoryStore,
    ports::{
        ChangeSet, Store, Write,
        agents::AgentQuery,
        ids::{IdSource, RandomIds},
    },
};
use uuid::Uuid;

/// Without a capacity: what is looked at here is who may, not who has room.
fn profile() -> Profile {
    let mut profile = Profile::bookings();
    profile.assignment.capacity = None;
    profile
}

fn person(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

const OWNER: u128 = 1;
const HOLDER: u128 = 11;
const OTHER_AGENT: u128 = 12;

fn actors() -> Vec<(&'static str, Actor)> {
    vec![
        ("guest", Actor::Guest),
        ("owner", Actor::customer(person(OWNER), "Ada")),
        ("stranger", Actor::customer(person(2), "Eve")),
        ("holder", Actor::agent(person(HOLDER), "Grace")),
        ("colleague", Actor::agent(person(OTHER_AGENT), "Hedy")),
        ("admin", Actor::admin(person(21), "Joan")),
        ("system", Actor::system("import")),
    ]
}

/// One use case: its action, and how it is done.
const USE_CASES: &[Action] = Action::ALL;

/// How the ticket stands before: the assignee, and whether it has ended.
#[derive(Debug, Clone, Copy)]
struct Situation {
    held: bool,
    ended: bool,
}

async fn prepare(desk: &Desk, situation: Situation) -> Ticket {
    let (owner, holder) = (Actor::customer(person(OWNER), "Ada"), Actor::agent(person(HOLDER), "Grace"));
    let mut ticket = desk.tickets().open(&owner, NewTicket::new("Subject", "Text")).await.unwrap().ticket;
    if situation.held {
        ticket = desk.tickets().claim(&holder, ticket.id).await.unwrap();
    }
    if situation.ended {
        ticket = desk.tickets().resolve(&Actor::system("test"), ticket.id, "Done").await.unwrap();
    }
    // With all that only staff may know of it.
    desk.tickets().get(&Actor::system("test"), ticket.id).await.unwrap().ticket
}

/// Messages that are there before somebody tries something.
struct Written {
    /// By whoever tries it.
    own: MessageId,
    /// By somebody else.
    foreign: MessageId,
}

/// Puts messages on a ticket, whoever may write there.
async fn write(store: &MemoryStore, ticket: &Ticket, actor: &Actor) -> Written {
    let messages = [actor.clone(), Actor::agent(person(98), "Ida")].map(|author| Message {
        id: RandomIds.id(ticket.created_at).into(),
        ticket: ticket.id,
        author: author.signature(),
        body: "Text".into(),
        internal: false,
        attachments: Vec::new(),
        sent_at: ticket.updated_at,
        revision: 0,
        edited_at: None,
        deleted_at: None,
        read_at: None,
    });
    let [own, foreign] = messages.each_ref().map(|message| message.id);
    let writes = messages.map(|message| Write::AddMessage { message: Box::new(message), touch: false });
    store.commit(ChangeSet { writes: writes.into(), ..ChangeSet::default() }).await.unwrap();
    Written { own, foreign }
}

async fn attempt(desk: &Desk, actor: &Actor, ticket: &Ticket, written: &Written, action: Action) -> Result<(), Error> {
    let (tickets, messages, id) = (desk.tickets(), desk.messages(), ticket.id);
    match action {
        Action::Open => {
            let mut new = NewTicket::new("Subject", "Text");
            if actor.customer_id().is_none() {
                new = new.customer(person(OWNER).into());
            }
            tickets.open(actor, new).await.map(drop)
        }
        Action::List => tickets.list(actor, TicketFilter::default(), Sort::default(), Page::first(5)).await.map(drop),
        Action::Read => tickets.get(actor, id).await.map(drop),
        Action::ReadTrail => desk.events().list(actor, id, None, 5).await.map(drop),
        Action::Reply => messages.add(actor, id, NewMessage::public("Text")).await.map(drop),
        Action::Note => messages.add(actor, id, NewMessage::note("Text")).await.map(drop),
        Action::Claim => tickets.claim(actor, id).await.map(drop),
        Action::Assign => tickets.assign(actor, id, person(99).into()).await.map(drop),
        Action::Unassign => tickets.unassign(actor, id).await.map(drop),
        Action::ChangeStatus => tickets.set_status(actor, id, "in_progress", None).await.map(drop),
        Action::ChangePriority => tickets.set_priority(actor, id, "urgent").await.map(drop),
        Action::Resolve => tickets.resolve(actor, id, "Done").await.map(drop),
        Action::Close => tickets.close(actor, id, Closing::default()).await.map(drop),
        Action::CloseOwn => tickets.close_as_customer(actor, id, CustomerClosing::default()).await.map(drop),
        Action::Reopen => tickets.reopen(actor, id, None).await.map(drop),
        Action::Escalate => tickets.escalate(actor, id, None, None, "Hard").await.map(drop),
        Action::Edit => {
            tickets.edit(actor, id, Edit { tags: Some(vec!["vip".into()]), ..Edit::default() }).await.map(drop)
        }
        Action::Rate => tickets.rate(actor, id, 5, None).await.map(drop),
        Action::EditMessage => messages.edit(actor, id, written.own, "Else").await.map(drop),
        Action::DeleteMessage => messages.delete(actor, id, written.foreign).await.map(drop),
        Action::Delete => tickets.delete(actor, id).await.map(drop),
        Action::Merge => {
            let owner = Actor::customer(person(OWNER), "Ada");
            let other = tickets.open(&owner, NewTicket::new("Else", "Text")).await.unwrap().ticket.id;
            desk.operations().merge(actor, id, other).await.map(drop)
        }
        Action::Watch => tickets.watch(actor, id, None).await.map(drop),
        Action::SpendTime => desk.time_entries().add(actor, id, NewTime::minutes(5)).await.map(drop),
        Action::ReadDesk => desk.agents().list(actor, AgentQuery::default()).await.map(drop),
        Action::SetAvailability => desk.agents().set_availability(actor, Availability::Away).await.map(drop),
        Action::ManageAgents => desk.agents().edit(actor, person(77).into(), AgentEdit::default()).await.map(drop),
        Action::ManageCatalogue => desk.catalogue().add(actor, canned()).await.map(drop),
        Action::ReadReports => desk.stats().report(actor, Range::ALWAYS, None).await.map(drop),
        Action::ReadOwnReport => match actor.agent_id() {
            Some(own) => desk.stats().report(actor, Range::ALWAYS, Some(own)).await.map(drop),
            None => policys_word(actor, action),
        },
        // Whoever asks for themselves is not asked for this right.
        Action::ExportPerson => desk.people().export(actor, person(77).into()).await.map(drop),
        Action::ErasePerson => desk.people().erase(actor, person(77).into()).await.map(drop),
        Action::Attach => {
            let to = UploadTo::Ticket { ticket: id.into(), message: None };
            // Refused for its name, which is looked at once it is clear that the actor may.
            let file = NewFile { name: "a.exe".into(), ..NewFile::default() };
            desk.attachments().receive(actor, &to, &file).await.map(drop)
        }
        _ => attempt_beside(desk, actor, action).await,
    }
}

/// What concerns no ticket, but something that customers touch.
async fn attempt_beside(desk: &Desk, actor: &Actor, action: Action) -> Result<(), Error> {
    let page = Paging::default();
    match action {
        Action::ReadHelp => desk.articles().list(actor, &ArticleFilter::default(), page).await.map(drop),
        Action::ManageArticles => desk.articles().write(actor, ArticleDraft::default()).await.map(drop),
        Action::Vote => {
            let system = Actor::system("test");
            let slug = Some(RandomIds.id(desk.now()).to_string());
            let draft = ArticleDraft { title: "How".into(), content: "So".into(), slug, ..ArticleDraft::default() };
            let article = desk.articles().write(&system, draft).await.unwrap().id;
            desk.articles().publish(&system, article, None).await.unwrap();
            desk.articles().vote(actor, Some("visitor"), article, true).await.map(drop)
        }
        Action::GiveFeedback => desk.feedback().give(actor, NewFeedback::default()).await.map(drop),
        Action::ReadFeedback => desk.feedback().list(actor, page).await.map(drop),
        Action::Review => desk.reviews().write(actor, NewReview::default()).await.map(drop),
        Action::Moderate => desk.reviews().queue(actor, ReviewState::PendingReview, page).await.map(drop),
        Action::RequestCallback => {
            let day = WantedDay::Date("2026-01-05".parse().unwrap());
            desk.callbacks().slots(actor, &Wish { day, part: None, time_zone: None }).await.map(drop)
        }
        Action::ManageCallbacks => match actor.customer_id() {
            // A list of calls is also a customer's own.
            Some(_) => policys_word(actor, action),
            None => desk.callbacks().list(actor, None, page).await.map(drop),
        },
        Action::Inquire => desk.inquiries().log(actor, NewInquiry::default()).await.map(drop),
        Action::ManageInquiries => desk.inquiries().list(actor, None, None, page).await.map(drop),
        Action::ManageIntegrations => desk.webhooks().list(actor, page).await.map(drop),
        Action::ReadNotifications => match actor {
            // Nobody keeps an inbox for it.
            Actor::System { .. } => policys_word(actor, action),
            _ => desk.notifications().inbox(actor, false, page).await.map(drop),
        },
        // Whoever asks for it is taken for a guest.
        Action::OpenPublic => policys_word(actor, action),
        other => unreachable!("{other:?}"),
    }
}

fn canned() -> Item {
    Item::CannedResponse(CannedResponse { slug: "a".into(), title: "A".into(), body: "Hello".into(), team: None })
}

/// Only agents have figures of their own.
fn policys_word(actor: &Actor, action: Action) -> Result<(), Error> {
    match RolePolicy.decide(actor, action, None) {
        Decision::Allow => Ok(()),
        _ if *actor == Actor::Guest => Err(Error::Unauthenticated),
        _ => Err(Error::Forbidden(action)),
    }
}

/// Whether no ticket is concerned.
fn about_no_ticket(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Open
            | A::List
            | A::ReadDesk
            | A::SetAvailability
            | A::ManageAgents
            | A::ManageCatalogue
            | A::ReadReports
            | A::ReadOwnReport
            | A::ExportPerson
            | A::ErasePerson
            | A::ReadHelp
            | A::ManageArticles
            | A::Vote
            | A::GiveFeedback
            | A::ReadFeedback
            | A::Review
            | A::Moderate
            | A::RequestCallback
            | A::ManageCallbacks
            | A::Inquire
            | A::ManageInquiries
            | A::OpenPublic
            | A::ManageIntegrations
            | A::ReadNotifications
    )
}

/// What S1 grants, written down a second time, by hand, in the words of the document.
fn granted(who: &str, action: Action) -> bool {
    let customer = [
        Action::Open, // "Create tickets"
        Action::List, // "View own tickets"
        Action::Read,
        Action::Reply,    // "Add messages to own tickets"
        Action::Reopen,   // "Reopen own tickets"
        Action::Rate,     // "Rate own tickets"
        Action::CloseOwn, // S0, "Close ticket (customer)"
        Action::EditMessage,
        // S0, "Help Articles", "Feedback & Reviews", "Callbacks".
        Action::ReadHelp,
        Action::Vote,
        Action::GiveFeedback,
        Action::Review,
        Action::RequestCallback,
        Action::Inquire,
        Action::Attach, // S4, "Upload attachment"
        Action::ReadNotifications,
    ];
    // S0, "Auth: Optional"; S4, "Public Endpoints".
    let guest = [Action::ReadHelp, Action::Vote, Action::Inquire, Action::OpenPublic];
    let only_customers = [Action::Rate, Action::CloseOwn, Action::GiveFeedback, Action::Review];
    // "Assign tickets to self": giving a ticket to somebody else is the admin's.
    let only_admins = [
        Action::Assign,
        Action::DeleteMessage,
        Action::Delete,
        Action::ManageAgents,
        Action::ManageCatalogue,
        Action::ReadReports,
        Action::ExportPerson,
        Action::ErasePerson,
        Action::ManageArticles, // S3, "Admin CRUD endpoints for managing articles"
        Action::ManageIntegrations,
    ];
    match who {
        "guest" => guest.contains(&action),
        "owner" | "stranger" => customer.contains(&action),
        "holder" | "colleague" => !only_admins.contains(&action) && !only_customers.contains(&action),
        "admin" => !only_customers.contains(&action),
        // A machine is never away.
        "system" if action == Action::SetAvailability => false,
        // Nor does it buy anything.
        "system" if [Action::GiveFeedback, Action::Review].contains(&action) => false,
        "system" => true,
        other => unreachable!("{other}"),
    }
}

fn sees(who: &str, situation: Situation) -> bool {
    match who {
        "owner" | "holder" | "admin" | "system" => true,
        // "View unassigned tickets (to pick up)".
        "colleague" => !situation.held,
        _ => false,
    }
}

fn class(result: &Result<(), Error>) -> &'static str {
    match result {
        Ok(()) | Err(Error::Refused(_)) => "allowed",
        Err(Error::NotFound) => "hidden",
        Err(Error::Forbidden(_)) => "forbidden",
        Err(Error::Unauthenticated) => "unauthenticated",
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_role_table_holds_for_every_use_case() {
    let store = MemoryStore::new();
    let desk = Desk::builder(store.clone()).profile(profile()).build().unwrap();
    let mut checked = 0;
    for held in [false, true] {
        for ended in [false, true] {
            let situation = Situation { held, ended };
            for &action in USE_CASES {
                for (who, actor) in actors() {
                    let ticket = prepare(&desk, situation).await;
                    let expected = match (who, action) {
                        ("guest", _) if granted(who, action) => "allowed",
                        ("guest", _) => "unauthenticated",
                        _ if about_no_ticket(action) && granted(who, action) => "allowed",
                        _ if about_no_ticket(action) => "forbidden",
                        // Whoever is too late to take a ticket learns that somebody has it.
                        ("colleague", Action::Claim) => "allowed",
                        _ if !sees(who, situation) => "hidden",
                        _ if granted(who, action) => "allowed",
                        _ => "forbidden",
                    };
                    let written = write(&store, &ticket, &actor).await;
                    let result = attempt(&desk, &actor, &ticket, &written, action).await;
                    assert_eq!(class(&result), expected, "{who} {action:?} {situation:?}: {result:?}");
                    if expected != "allowed" {
                        let after = desk.tickets().get(&Actor::system("test"), ticket.id).await.unwrap();
                        assert_eq!(after.ticket, ticket, "{who} {action:?} changed what they may not");
                        assert_eq!(after.messages.items.len(), 3);
                        assert!(after.messages.items.iter().all(|message| message.revision == 0));
                    }
                    checked += 1;
                }
            }
        }
    }
    assert_eq!(checked, 4 * Action::ALL.len() * 7);
}

/// What concerns two tickets asks for the right to both, by whatever name it goes.
#[tokio::test]
async fn every_deed_to_two_tickets_needs_the_same_right() {
    let store = MemoryStore::new();
    let all = Desk::builder(store.clone()).profile(profile()).build().unwrap();
    let desk = Desk::builder(store.clone()).profile(profile()).access(Less(Action::Merge)).build().unwrap();
    let (agent, situation) = (Actor::agent(person(HOLDER), "Grace"), Situation { held: false, ended: false });
    let (one, two) = (prepare(&all, situation).await, prepare(&all, situation).await);
    let written = write(&store, &one, &agent).await;
    let linked = all.operations().link(&agent, one.id, two.id, Relation::Blocks).await.unwrap().operation.id;
    let operations = desk.operations();
    for refused in [
        operations.merge(&agent, one.id, two.id).await,
        operations.split(&agent, one.id, vec![written.own], "Else").await,
        operations.link(&agent, one.id, two.id, Relation::RelatesTo).await,
        operations.undo(&agent, linked).await,
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(Action::Merge))), "{refused:?}");
    }
    let closed = Desk::builder(store).profile(profile()).access(Less(Action::Open)).build().unwrap();
    let refused = closed.operations().split(&agent, one.id, vec![written.own], "Else").await;
    assert!(matches!(refused, Err(Error::Forbidden(Action::Open))), "a split opens a ticket: {refused:?}");
}

/// A combined edit asks for each right it uses.
#[tokio::test]
async fn an_edit_is_no_way_around() {
    let desk = Desk::builder(MemoryStore::new()).profile(profile()).build().unwrap();
    let ticket = prepare(&desk, Situation { held: true, ended: false }).await;
    let holder = Actor::agent(person(HOLDER), "Grace");
    let to = support_core::domain::actor::AgentRef { id: person(99).into(), name: String::new() };
    let edit = Edit { assignee: Some(Some(to)), ..Edit::default() };
    let refused = desk.tickets().edit(&holder, ticket.id, edit.clone()).await;
    assert!(matches!(refused, Err(Error::Forbidden(Action::Assign))), "{refused:?}");
    let admin = Actor::admin(person(21), "Joan");
    let given = desk.tickets().edit(&admin, ticket.id, edit).await.unwrap();
    assert_eq!(given.assignee.map(|agent| agent.id), Some(person(99).into()));
}

/// Lists show what details show, and nothing else.
#[tokio::test]
async fn lists_and_details_agree() {
    let desk = Desk::builder(MemoryStore::new()).profile(profile()).build().unwrap();
    let tickets = [
        prepare(&desk, Situation { held: false, ended: false }).await,
        prepare(&desk, Situation { held: true, ended: false }).await,
    ];
    for (who, actor) in actors() {
        if actor == Actor::Guest {
            continue;
        }
        let page = desk.tickets().list(&actor, TicketFilter::default(), Sort::default(), Page::first(9)).await.unwrap();
        let count = desk.tickets().count(&actor, TicketFilter::default(), 9).await.unwrap();
        assert_eq!(page.tickets.len(), count as usize);
        for ticket in &tickets {
            let listed = page.tickets.iter().any(|row| row.id == ticket.id);
            let read = desk.tickets().get(&actor, ticket.id).await.is_ok();
            let by_number = desk.tickets().get(&actor, ticket.number.as_str()).await.is_ok();
            assert_eq!((listed, by_number), (read, read), "{who}");
        }
    }
}

/// The policy's own promise: outside the scope, every action is hidden.
#[test]
fn outside_the_scope_everything_is_hidden() {
    let policy = RolePolicy;
    for (who, actor) in actors() {
        for assignee in [None, Some(person(HOLDER).into()), Some(person(77).into())] {
            for customer in [person(OWNER), person(2), person(3)] {
                let holding = Holding { customer: customer.into(), assignee };
                for &action in Action::ALL {
                    let hidden = policy.decide(&actor, action, Some(holding)) == Decision::Hide;
                    let late = action == Action::Claim && actor.role() == Role::Agent;
                    assert_eq!(hidden, !late && !policy.scope(&actor).admits(holding), "{who} {action:?}");
                }
            }
        }
    }
    assert_eq!(Role::ALL.len(), 5);
}

/// The role table, less one right, and opening tickets only for one customer.
struct Less(Action);

impl AccessPolicy for Less {
    fn decide(&self, actor: &Actor, action: Action, ticket: Option<Holding>) -> Decision {
        let foreign = ticket.is_some_and(|holding| holding.customer != person(OWNER).into());
        if action == self.0 || (action == Action::Open && foreign) {
            return Decision::Forbid;
        }
        RolePolicy.decide(actor, action, ticket)
    }

    fn scope(&self, actor: &Actor) -> TicketScope {
        RolePolicy.scope(actor)
    }
}

fn less(action: Action) -> Desk {
    Desk::builder(MemoryStore::new()).profile(profile()).access(Less(action)).build().unwrap()
}

/// A step to the end, or back from it, needs the right to end or to begin again, by whatever name it goes.
#[tokio::test]
async fn a_step_is_no_way_around() {
    let agent = Actor::agent(person(HOLDER), "Grace");
    for (action, ended, status) in
        [(Action::Close, false, "closed"), (Action::Resolve, false, "resolved"), (Action::Reopen, true, "reopened")]
    {
        let desk = Desk::builder(MemoryStore::new()).profile(profile()).build().unwrap();
        let allowed = prepare(&desk, Situation { held: true, ended }).await;
        desk.tickets().set_status(&agent, allowed.id, status, None).await.unwrap();

        let store = MemoryStore::new();
        let before = Desk::builder(store.clone()).profile(profile()).build().unwrap();
        let ticket = prepare(&before, Situation { held: true, ended }).await;
        let desk = Desk::builder(store).profile(profile()).access(Less(action)).build().unwrap();
        let refused = desk.tickets().set_status(&agent, ticket.id, status, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(asked)) if asked == action), "{refused:?}");
        let edit = Edit { status: Some(status.into()), ..Edit::default() };
        let refused = desk.tickets().edit(&agent, ticket.id, edit).await;
        assert!(matches!(refused, Err(Error::Forbidden(asked)) if asked == action), "{refused:?}");
    }
}

/// What customers read is an answer, whoever signs it.
#[tokio::test]
async fn an_update_needs_the_right_to_answer() {
    let desk = less(Action::Reply);
    let ticket = prepare(&desk, Situation { held: true, ended: false }).await;
    let agent = Actor::agent(person(HOLDER), "Grace");
    let update = NewMessage { kind: MessageKind::Update, ..NewMessage::public("Text") };
    let refused = desk.messages().add(&agent, ticket.id, update).await;
    assert!(matches!(refused, Err(Error::Forbidden(Action::Reply))), "{refused:?}");
    desk.messages().add(&agent, ticket.id, NewMessage::note("Text")).await.unwrap();
}

/// The policy is asked for whom, not only whether.
#[tokio::test]
async fn a_policy_can_say_for_whom_tickets_are_opened() {
    let desk = less(Action::Rate);
    let agent = Actor::agent(person(HOLDER), "Grace");
    let open =
        |customer| desk.tickets().open(&agent, NewTicket::new("Subject", "Text").customer(person(customer).into()));
    open(OWNER).await.unwrap();
    let refused = open(2).await;
    assert!(matches!(refused, Err(Error::Forbidden(Action::Open))), "{refused:?}");
}
