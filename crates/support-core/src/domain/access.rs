//! Who may do what: one policy in front of every path.

use crate::domain::{
    actor::{Actor, Role},
    id::{AgentId, CustomerId},
};

/// Something an actor wants to do, one for each use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Open a ticket.
    Open,
    /// List tickets; what is seen is [`AccessPolicy::scope`]'s to say.
    List,
    /// Read a ticket and its public messages.
    Read,
    /// Read internal notes, escalations and the audit trail.
    ReadTrail,
    /// Write a message that the customer sees.
    Reply,
    /// Write an internal note.
    Note,
    /// Take a ticket.
    Claim,
    /// Give a ticket to somebody else.
    Assign,
    /// Put a ticket back into the queue.
    Unassign,
    /// Move a ticket along the workflow.
    ChangeStatus,
    /// Change the priority.
    ChangePriority,
    /// Declare the problem solved.
    Resolve,
    /// End the ticket as staff.
    Close,
    /// End one's own ticket as its customer.
    CloseOwn,
    /// Open an ended ticket again.
    Reopen,
    /// Hand a ticket to a higher level.
    Escalate,
    /// Change tags, metadata, links, subject, category and contact.
    Edit,
    /// Rate the help received.
    Rate,
    /// Correct or withdraw a message of one's own, while that is allowed.
    EditMessage,
    /// Withdraw what somebody else wrote: a message, or time that they wrote down.
    DeleteMessage,
    /// Delete a ticket, find deleted ones, and bring one back.
    Delete,
    /// Merge tickets, split one, link two, and undo that.
    Merge,
    /// Hear of a ticket without working on it.
    Watch,
    /// Write down time spent on a ticket.
    SpendTime,
    /// See what staff share: colleagues, canned responses, views, the dashboard.
    ReadDesk,
    /// Say whether one takes tickets.
    SetAvailability,
    /// Describe agents: teams, skills, hours, capacity.
    ManageAgents,
    /// Keep the categories and canned responses.
    ManageCatalogue,
    /// Read the figures of the whole desk and of every agent.
    ReadReports,
    /// Read one's own figures.
    ReadOwnReport,
    /// Get all that is kept about a person.
    ExportPerson,
    /// Forget a person.
    ErasePerson,
    /// Read published help articles and reviews.
    ReadHelp,
    /// Write, publish and withdraw help articles.
    ManageArticles,
    /// Say whether an article or review was helpful.
    Vote,
    /// Answer a survey about a purchase.
    GiveFeedback,
    /// Read the answers to surveys, and the figures they come to.
    ReadFeedback,
    /// Review a purchase in public.
    Review,
    /// Decide which reviews are published.
    Moderate,
    /// Ask for a phone call, move it and cancel it.
    RequestCallback,
    /// See all calls, and say how they went.
    ManageCallbacks,
    /// Ask a question without opening a ticket.
    Inquire,
    /// Read inquiries, dismiss them and turn them into tickets.
    ManageInquiries,
    /// Open a ticket without an account.
    OpenPublic,
    /// Upload files, and withdraw one's own.
    Attach,
    /// Say who outside is told what, and look after what they did not take.
    ManageIntegrations,
    /// Read what one was told, and say how one wants to be told.
    ReadNotifications,
}

impl Action {
    /// All of them, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::Open,
        Self::List,
        Self::Read,
        Self::ReadTrail,
        Self::Reply,
        Self::Note,
        Self::Claim,
        Self::Assign,
        Self::Unassign,
        Self::ChangeStatus,
        Self::ChangePriority,
        Self::Resolve,
        Self::Close,
        Self::CloseOwn,
        Self::Reopen,
        Self::Escalate,
        Self::Edit,
        Self::Rate,
        Self::EditMessage,
        Self::DeleteMessage,
        Self::Delete,
        Self::Merge,
        Self::Watch,
        Self::SpendTime,
        Self::ReadDesk,
        Self::SetAvailability,
        Self::ManageAgents,
        Self::ManageCatalogue,
        Self::ReadReports,
        Self::ReadOwnReport,
        Self::ExportPerson,
        Self::ErasePerson,
        Self::ReadHelp,
        Self::ManageArticles,
        Self::Vote,
        Self::GiveFeedback,
        Self::ReadFeedback,
        Self::Review,
        Self::Moderate,
        Self::RequestCallback,
        Self::ManageCallbacks,
        Self::Inquire,
        Self::ManageInquiries,
        Self::OpenPublic,
        Self::Attach,
        Self::ManageIntegrations,
        Self::ReadNotifications,
    ];
}

/// What the policy answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go ahead.
    Allow,
    /// No, and the actor may know that the thing exists.
    Forbid,
    /// No, and the answer must be the one for a thing that does not exist.
    Hide,
}

/// The facts about a ticket that access depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Whose ticket it is.
    pub customer: CustomerId,
    /// Who works on it.
    pub assignee: Option<AgentId>,
}

/// Which tickets an actor may see. Compiled into list SQL, so that a list never shows what a detail refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketScope {
    /// Every ticket.
    All,
    /// Those that at least one term admits; none where there is no term.
    AnyOf(Vec<ScopeTerm>),
}

/// One reason to see a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeTerm {
    /// It is this customer's.
    Customer(CustomerId),
    /// This agent works on it.
    Assignee(AgentId),
    /// Nobody works on it yet.
    Unassigned,
}

impl ScopeTerm {
    fn admits(self, holding: Holding) -> bool {
        match self {
            Self::Customer(id) => holding.customer == id,
            Self::Assignee(id) => holding.assignee == Some(id),
            Self::Unassigned => holding.assignee.is_none(),
        }
    }
}

impl TicketScope {
    /// The scope that holds nothing.
    pub fn nothing() -> Self {
        Self::AnyOf(Vec::new())
    }

    /// Whether a ticket so held lies in the scope.
    pub fn admits(&self, holding: Holding) -> bool {
        match self {
            Self::All => true,
            Self::AnyOf(terms) => terms.iter().any(|term| term.admits(holding)),
        }
    }
}

/// One object that decides every access. Hosts may bring their own.
///
/// # Contract
/// `decide` with a ticket outside `scope(actor)` answers [`Decision::Hide`] for every action: lists and details agree. The
/// one exception is [`Action::Claim`]: of many who take a ticket from the queue at once, the others may learn that it has
/// been taken.
pub trait AccessPolicy: Send + Sync {
    /// Whether `actor` may do `action`, to the ticket so held where there is one.
    fn decide(&self, actor: &Actor, action: Action, ticket: Option<Holding>) -> Decision;

    /// Which tickets `actor` may see.
    fn scope(&self, actor: &Actor) -> TicketScope;
}

/// The role table of S1, "Role-Based Access": owners see their own; agents see assigned and unassigned and assign to
/// themselves; admins see and assign everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct RolePolicy;

impl RolePolicy {
    fn grants(role: Role, action: Action) -> bool {
        use Action as A;
        match role {
            Role::Guest => matches!(action, A::ReadHelp | A::Vote | A::Inquire | A::OpenPublic),
            Role::Customer => matches!(
                action,
                A::Open
                    | A::List
                    | A::Read
                    | A::Reply
                    | A::EditMessage
                    | A::Reopen
                    | A::Rate
                    | A::CloseOwn
                    | A::ReadHelp
                    | A::Vote
                    | A::GiveFeedback
                    | A::Review
                    | A::RequestCallback
                    | A::Inquire
                    | A::Attach
                    | A::ReadNotifications
            ),
            Role::Agent => !matches!(
                action,
                A::Assign
                    | A::Rate
                    | A::CloseOwn
                    | A::DeleteMessage
                    | A::Delete
                    | A::ManageAgents
                    | A::ManageCatalogue
                    | A::ReadReports
                    | A::ExportPerson
                    | A::ErasePerson
                    | A::ManageArticles
                    | A::ManageIntegrations
                    | A::GiveFeedback
                    | A::Review
            ),
            Role::Admin => !matches!(action, A::Rate | A::CloseOwn | A::GiveFeedback | A::Review),
            Role::System => true,
        }
    }
}

impl AccessPolicy for RolePolicy {
    fn decide(&self, actor: &Actor, action: Action, ticket: Option<Holding>) -> Decision {
        let taken = action == Action::Claim && actor.role() == Role::Agent;
        if ticket.is_some_and(|holding| !taken && !self.scope(actor).admits(holding)) {
            Decision::Hide
        } else if Self::grants(actor.role(), action) {
            Decision::Allow
        } else {
            Decision::Forbid
        }
    }

    fn scope(&self, actor: &Actor) -> TicketScope {
        match actor {
            Actor::Customer { id, .. } => TicketScope::AnyOf(vec![ScopeTerm::Customer(*id)]),
            Actor::Agent { id, .. } => TicketScope::AnyOf(vec![ScopeTerm::Assignee(*id), ScopeTerm::Unassigned]),
            Actor::Admin { .. } | Actor::System { .. } => TicketScope::All,
            Actor::Guest => TicketScope::nothing(),
        }
    }
}
