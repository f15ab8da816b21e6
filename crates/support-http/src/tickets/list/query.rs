use super::{Page, SortKey, cursor};
use crate::fields::{Fields, camel_case};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, Utc};
use support_core::{
    desk::{Desk, Error},
    domain::{
        actor::Actor,
        catalogue::{Entry, Item, ItemKind},
        fault::{Fault, Faults},
        key::{CategoryKey, StatusKey},
        profile::{Phase, Profile, Workflow},
        text::TextRule,
        ticket::{AssigneeFilter, Cursor, Reach, Related, SlaFilter, Sort, TicketFilter},
    },
};

/// What a query of the list asks for.
pub(super) struct TicketListQuery {
    pub(super) filter: TicketFilter,
    pub(super) sort: Sort,
    pub(super) place: Place,
    pub(super) limit: u32,
}

/// Where the rows begin.
pub(super) enum Place {
    /// At a numbered page, from 1.
    Page(u32),
    /// Behind a row.
    After(Cursor),
}

/// Rows up to the end of a numbered page. Each is read and thrown away: who goes further takes the cursor.
pub(super) const FARTHEST: u32 = 10_000;

impl TicketListQuery {
    /// Reads every parameter and names every wrong one.
    ///
    /// # Errors
    /// A store that does not answer; within, the faults.
    pub(super) async fn read(mut fields: Fields, desk: &Desk, actor: &Actor) -> Result<Result<Self, Faults>, Error> {
        let beside = if fields.mentions(&CATEGORY) { beside(desk, actor).await? } else { Vec::new() };
        let filter = filter(&mut fields, desk, actor, &beside);
        let sort = fields.field(&["sort"]).checked(sort).unwrap_or_default();
        let (place, limit) = stretch(&mut fields, desk.profile().limits.page);
        Ok(fields.end_of_query().map(|()| Self { filter, sort, place, limit }))
    }

    /// The stretch as the desk takes it.
    pub(super) fn page(&self) -> Page {
        let first = Page::first(self.limit);
        match self.place {
            Place::Page(page) => Page { skip: (page - 1) * self.limit, ..first },
            Place::After(cursor) => Page { after: Some(cursor), ..first },
        }
    }
}

const CATEGORY: [&str; 2] = ["category", "topic"];

/// The categories that stand beside the profile's own, as far as the actor may know of them.
async fn beside(desk: &Desk, actor: &Actor) -> Result<Vec<CategoryKey>, Error> {
    let category = |entry: Entry| match entry.item {
        Item::Category(category) => Some(category.slug),
        Item::CannedResponse(_) | Item::SavedView(_) => None,
    };
    match desk.catalogue().list(actor, ItemKind::Category).await {
        Ok(entries) => Ok(entries.into_iter().filter_map(category).collect()),
        Err(Error::Forbidden(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn category(profile: &Profile, beside: &[CategoryKey], field: &str, name: &str) -> Result<CategoryKey, Fault> {
    match beside.iter().find(|known| known.as_str() == name) {
        Some(known) => Ok(known.clone()),
        None => profile.categories.find(field, name).map_err(|mut fault| {
            fault.allowed.extend(beside.iter().map(ToString::to_string));
            fault
        }),
    }
}

fn filter(fields: &mut Fields, desk: &Desk, actor: &Actor, beside: &[CategoryKey]) -> TicketFilter {
    let profile = desk.profile();
    TicketFilter {
        statuses: statuses(fields, &profile.workflow),
        priorities: list(fields, &["priority"], |field, name| profile.priorities.find(field, name)),
        categories: list(fields, &CATEGORY, |field, name| category(profile, beside, field, name)),
        assignee: fields.field(&["assignedTo", "assignee"]).checked(|field, text| assignee(field, text, actor)),
        customer: fields.field(&["customerId"]).id(),
        tag: fields
            .field(&["tag"])
            .checked(|field, text| word(field, text, profile.limits.tag_chars))
            .map(|tag| tag.to_lowercase()),
        related: fields.field(&["related"]).checked(related),
        from: fields.field(&["from", "startDate"]).checked(|field, text| moment(field, text, Days::new(0))),
        // An end date holds its own day.
        to: fields.field(&["to", "endDate"]).checked(|field, text| moment(field, text, Days::new(1))),
        email_key: fields.field(&["contactEmail", "email"]).checked(|field, text| email(field, text, actor)),
        deleted: fields.field(&["deleted"]).checked(yes_or_no).unwrap_or(false),
        sla: fields.field(&["sla"]).checked(|field, text| sla(field, text, actor)).map(|state| (state, desk.now())),
        text: fields.field(&["q", "search"]).checked(|field, text| word(field, text, 200)),
    }
}

/// The statuses that `status` and `phase` leave; both together leave those that meet both.
fn statuses(fields: &mut Fields, workflow: &Workflow) -> Vec<StatusKey> {
    let named = list(fields, &["status"], |field, name| match name {
        "all" => Ok(None),
        name => workflow.find(field, name).map(Some),
    });
    let named = named.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default();
    let phases = list(fields, &["phase"], phase);
    if phases.is_empty() {
        return named.into_iter().map(|status| status.key.clone()).collect();
    }
    let candidates: Vec<_> = if named.is_empty() { workflow.statuses.iter().collect() } else { named };
    let met: Vec<StatusKey> = candidates
        .into_iter()
        .filter(|status| phases.contains(&status.phase))
        .map(|status| status.key.clone())
        .collect();
    if met.is_empty() {
        // An empty list would ask nothing, and show everything.
        fields.fault(Fault::new("phase", "is the phase of no such status here"));
    }
    met
}

fn phase(field: &str, name: &str) -> Result<Phase, Fault> {
    let found = Phase::ALL.into_iter().find(|phase| phase.as_str() == name);
    found.ok_or_else(|| Fault::unknown(field, name, Phase::ALL))
}

fn assignee(field: &str, text: &str, actor: &Actor) -> Result<AssigneeFilter, Fault> {
    match text {
        "unassigned" => Ok(AssigneeFilter::Nobody),
        "me" => {
            let me = actor.agent_id().map(AssigneeFilter::Is);
            me.ok_or_else(|| Fault::new(field, "`me` is for agents: no ticket is assigned to you"))
        }
        text => {
            let id = text.parse().map(AssigneeFilter::Is);
            id.map_err(|_| Fault::unknown(field, text, ["me", "unassigned", "the id of an agent"]))
        }
    }
}

/// How the clocks do is not for customers to know, so they cannot ask for it either.
fn sla(field: &str, text: &str, actor: &Actor) -> Result<SlaFilter, Fault> {
    if !actor.is_staff() {
        return Err(Fault::new(field, "is for staff"));
    }
    let found = SlaFilter::ALL.into_iter().find(|state| state.as_str() == text);
    found.ok_or_else(|| Fault::unknown(field, text, SlaFilter::ALL.map(SlaFilter::as_str)))
}

/// Whoever could ask for an address would learn who has tickets here.
fn email(field: &str, text: &str, actor: &Actor) -> Result<String, Fault> {
    if !actor.is_staff() {
        return Err(Fault::new(field, "is for staff"));
    }
    word(field, text, 254).map(|address| Reach::key(&address))
}

fn yes_or_no(field: &str, text: &str) -> Result<bool, Fault> {
    text.parse().map_err(|_| Fault::unknown(field, text, ["true", "false"]))
}

fn related(field: &str, text: &str) -> Result<Related, Fault> {
    match text.split_once(':') {
        Some((kind, id)) if !kind.is_empty() && !id.is_empty() => {
            Ok(Related { kind: kind.to_owned(), id: id.to_owned(), label: None })
        }
        _ => Err(Fault::new(field, "must be written `kind:id`")),
    }
}

/// A moment, or the beginning of a date and so many days.
fn moment(field: &str, text: &str, days: Days) -> Result<DateTime<Utc>, Fault> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let date = text.parse::<NaiveDate>().ok();
    let day = date.filter(|date| (0..=9999).contains(&date.year())).and_then(|date| date.checked_add_days(days));
    day.map(|day| day.and_time(NaiveTime::MIN).and_utc())
        .ok_or_else(|| Fault::new(field, "must be a date such as 2026-01-31, or a moment as RFC 3339"))
}

fn word(field: &str, text: &str, most: usize) -> Result<String, Fault> {
    TextRule::line(most).required(field, text)
}

fn sort(field: &str, text: &str) -> Result<Sort, Fault> {
    let (name, ascending) = match text.strip_prefix('-') {
        Some(name) => (name, false),
        None => (text, true),
    };
    let key = match camel_case(name).as_str() {
        "createdAt" => SortKey::Created,
        "updatedAt" => SortKey::Updated,
        _ => {
            let known = ["createdAt", "-createdAt", "updatedAt", "-updatedAt"];
            return Err(Fault::unknown(field, text, known));
        }
    };
    Ok(Sort { key, ascending })
}

/// Place and length of the stretch.
fn stretch(fields: &mut Fields, most: u32) -> (Place, u32) {
    let limit = fields.field(&["limit"]).count(most).unwrap_or(most.min(20));
    let page = fields.field(&["page"]).count(FARTHEST);
    let after = fields.field(&["cursor"]).checked(cursor::read);
    if page.is_some() && after.is_some() {
        fields.fault(Fault::new("cursor", "cannot be sent together with `page`"));
    }
    if page.is_some_and(|page| page.saturating_mul(limit) > FARTHEST) {
        let message = "lies too far behind: go on with `cursor` from an earlier page";
        fields.fault(Fault::new("page", message));
    }
    match after {
        Some(cursor) => (Place::After(cursor), limit),
        None => (Place::Page(page.unwrap_or(1)), limit),
    }
}

/// Values separated by commas; each wrong one is a fault.
fn list<T: PartialEq>(
    fields: &mut Fields,
    names: &[&'static str],
    find: impl Fn(&str, &str) -> Result<T, Fault>,
) -> Vec<T> {
    let mut found = Vec::new();
    let mut faults = Vec::new();
    fields.field(names).checked(|field, text| {
        for name in text.split(',') {
            match find(field, name.trim()) {
                Ok(value) if found.contains(&value) => {}
                Ok(value) => found.push(value),
                Err(fault) => faults.push(fault),
            }
        }
        Ok(())
    });
    for fault in faults {
        fields.fault(fault);
    }
    found
}
