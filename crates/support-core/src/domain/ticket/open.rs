use super::{Alarms, Contact, Context, NewReach, Pace, Post, Reach, Related, Source, Ticket, change::Pen, edit};
use crate::domain::{
    actor::{Actor, Signature},
    agent,
    event::{Cause, Fact},
    fault::{Fault, Faults},
    field,
    id::{CustomerId, MessageId, TicketId},
    key::{CategoryKey, PriorityKey},
    message::Draft,
    profile::Phase,
    sla::SlaLog,
};
use std::collections::BTreeSet;

/// A ticket somebody wants to open, not yet checked. Fields are named as the wire names them, for the faults.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// In one line.
    pub subject: String,
    /// The first message.
    pub message: Draft,
    /// What the input called the text: `message` (S0) or `description`.
    pub message_field: &'static str,
    /// A category of the profile.
    pub category: Option<String>,
    /// What the input called the category: `topic` (S0) or `category`.
    pub category_field: &'static str,
    /// A priority of the profile. From a customer it is a wish.
    pub priority: Option<String>,
    /// How it came in.
    pub source: Option<Source>,
    /// How the customer wants to be reached.
    pub contact: Option<Contact>,
    /// Where.
    pub reach: NewReach,
    /// The language it is written in, as a tag such as `en`; the customer's own where absent.
    pub language: Option<String>,
    /// Values of the profile's custom fields.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Data for the host's own use. From a customer it is their word, and no more to be trusted than their text.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Things of the host; already looked up in its directory.
    pub related: Vec<Related>,
}

/// For whom a ticket is opened.
#[derive(Debug, Clone)]
pub(crate) struct ForCustomer {
    pub(crate) id: CustomerId,
    pub(crate) name: String,
    pub(crate) tier: Option<String>,
    pub(crate) language: Option<String>,
}

/// The ids of a new ticket, drawn by the caller.
#[derive(Debug, Clone)]
pub(crate) struct NewIds {
    pub(crate) ticket: TicketId,
    pub(crate) message: MessageId,
}

/// A checked opening: what is left to know is the number, which is drawn only for a ticket that will exist.
#[derive(Debug, Clone)]
pub(crate) struct CheckedOpening {
    subject: String,
    message: Draft,
    category: Option<CategoryKey>,
    priority: PriorityKey,
    wished: Option<PriorityKey>,
    source: Source,
    contact: Option<Contact>,
    reach: Reach,
    language: Option<String>,
    fields: serde_json::Map<String, serde_json::Value>,
    tags: BTreeSet<String>,
    metadata: serde_json::Map<String, serde_json::Value>,
    related: Vec<Related>,
}

impl Opening {
    /// Checks every field against the profile and gives the ticket its priority.
    pub(crate) fn check(self, cx: Context<'_>, tier: Option<&str>) -> Result<CheckedOpening, Faults> {
        let (profile, mut faults) = (cx.profile, Faults::new());
        let subject = faults.keep(profile.limits.subject().required("subject", &self.subject));
        let field = if self.message_field.is_empty() { "description" } else { self.message_field };
        let message = self.message.check(&profile.limits, field, &mut faults);
        let field = if self.category_field.is_empty() { "category" } else { self.category_field };
        let category = match self.category {
            Some(name) => faults.keep(cx.find_category(field, &name)),
            None => profile.categories.default.clone(),
        };
        let named = self.priority.and_then(|name| faults.keep(profile.priorities.find("priority", &name)));
        let priority = match (&named, cx.actor) {
            (Some(wish), Actor::Customer { .. } | Actor::Guest) => profile.priorities.cap(wish.clone()),
            (Some(named), _) => named.clone(),
            (None, _) => cx.default_priority(category.as_ref(), tier),
        };
        let reach = self.reach.check(&mut faults);
        let language = self.language.and_then(|tag| faults.keep(agent::language("language", &tag)));
        let staff = cx.actor.is_staff();
        let has = |field: &field::Field| field.when.holds(Some(&priority), category.as_ref(), tier);
        let mut fields = field::check(&profile.fields, self.fields, staff, has, &mut faults);
        fields.retain(|_, value| !value.is_null());
        field::require(&profile.fields, &fields, staff, has, &mut faults);
        let tags = edit::tags(self.tags, &profile.limits, &mut faults);
        edit::check_metadata(&self.metadata, &profile.limits, &mut faults);
        let related = edit::related(&self.related, &profile.limits, &mut faults);
        faults.check()?;
        Ok(CheckedOpening {
            subject: subject.unwrap_or_default(),
            message,
            category,
            wished: named.filter(|wish| *wish != priority),
            priority,
            source: self.source.unwrap_or(Source::Web),
            contact: self.contact,
            reach,
            language,
            fields,
            tags,
            metadata: self.metadata,
            related,
        })
    }
}

impl CheckedOpening {
    /// The ticket, its first message and the fact of its opening.
    pub(crate) fn open(self, cx: Context<'_>, customer: ForCustomer, ids: &NewIds, number: String) -> Post {
        let workflow = &cx.profile.workflow;
        let status = workflow.hooks.initial.clone();
        let phase = workflow.status(status.as_str()).map_or(Phase::New, |status| status.phase);
        let policy = cx.policy_for(&self.priority, self.category.as_ref(), customer.tier.as_deref());
        let sla = SlaLog::opened_under(phase, cx.now, policy);
        let fact = Fact::TicketOpened {
            status: status.clone(),
            priority: self.priority.clone(),
            wished: self.wished,
            category: self.category.clone(),
            source: self.source,
        };
        let opened_by: Signature = cx.actor.signature();
        let ticket = Ticket {
            id: ids.ticket,
            number,
            version: 1,
            customer: customer.id,
            customer_name: customer.name,
            customer_tier: customer.tier,
            opened_by,
            subject: self.subject,
            category: self.category,
            priority: self.priority,
            status,
            phase,
            source: self.source,
            contact: self.contact,
            reach: self.reach,
            language: self.language.or(customer.language),
            assignee: None,
            team: None,
            escalation_level: 0,
            tags: self.tags,
            metadata: self.metadata,
            fields: self.fields,
            related: self.related,
            watchers: Vec::new(),
            resolution: None,
            satisfaction: None,
            sla,
            pace: Pace::default(),
            alarms: Alarms::default(),
            marks: BTreeSet::new(),
            merged_into: None,
            created_at: cx.now,
            updated_at: cx.now,
            first_response_at: None,
            resolved_at: None,
            closed_at: None,
            deleted_at: None,
        };
        let mut pen = Pen::fresh(cx, ticket);
        let message = pen.message(ids.message, self.message, false);
        pen.note(Cause::Request, fact);
        pen.apply_rules();
        Post { change: pen.done(), message }
    }
}

/// Who the ticket is for: oneself, or for staff the customer they name.
///
/// `named` is the `customerId` of the input. A customer may repeat their own id, but not name another.
pub(crate) fn owner(actor: &Actor, named: Option<CustomerId>) -> Result<CustomerId, Fault> {
    match (actor.customer_id(), named) {
        (Some(own), Some(named)) if own != named => {
            Err(Fault::new("customerId", "is taken from your sign-in and cannot be somebody else's"))
        }
        (Some(own), _) => Ok(own),
        (None, Some(named)) if actor.is_staff() => Ok(named),
        (None, _) => Err(Fault::new("customerId", "is needed: for which customer is this ticket?")),
    }
}
