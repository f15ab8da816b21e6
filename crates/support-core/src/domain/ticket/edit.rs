use super::{Change, Contact, Context, NewReach, Related, Ticket, change::Pen};
use crate::domain::{
    actor::AgentRef,
    agent,
    event::{Cause, Fact},
    fault::{Fault, Faults, Refusal},
    field,
    profile::{HookName, Limits, Phase},
    text::TextRule,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What shall be different; an absent field stays as it is. All of it is one change: it happens whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Another status, one step along the workflow.
    pub status: Option<String>,
    /// Another priority.
    pub priority: Option<String>,
    /// Another assignee, or nobody.
    pub assignee: Option<Option<AgentRef>>,
    /// Another subject.
    pub subject: Option<String>,
    /// Another category.
    pub category: Option<String>,
    /// These tags and no others.
    pub tags: Option<Vec<String>>,
    /// This metadata and no other.
    pub metadata: Option<Map<String, Value>>,
    /// These links and no others; already looked up in the host's directory.
    pub related: Option<Vec<Related>>,
    /// Another way to reach the customer.
    pub contact: Option<Contact>,
    /// Other addresses; an absent one stays, an empty one goes.
    pub reach: NewReach,
    /// Another language.
    pub language: Option<String>,
    /// Other values of these custom fields; `null` takes one away.
    pub fields: Map<String, Value>,
}

impl Ticket {
    /// Changes several things of the ticket at once. Each difference is an entry of its own in the trail.
    ///
    /// # Errors
    /// Faults of every wrong field, or a step that the workflow has not; then nothing changes.
    pub fn edit(&self, cx: Context<'_>, edit: Edit) -> Result<Change, Refusal> {
        let (profile, mut faults) = (cx.profile, Faults::new());
        let subject = edit.subject.and_then(|text| faults.keep(profile.limits.subject().required("subject", &text)));
        // What the ticket has it may keep, even if no other ticket gets it any more.
        let other = edit.category.filter(|name| self.category.as_ref().is_none_or(|own| own.as_str() != name));
        let category = other.and_then(|name| faults.keep(cx.find_category("category", &name)));
        let tags = edit.tags.map(|list| tags(list, &profile.limits, &mut faults));
        if let Some(map) = &edit.metadata {
            check_metadata(map, &profile.limits, &mut faults);
        }
        let related = edit.related.map(|links| self::related(&links, &profile.limits, &mut faults));
        let priority = edit.priority.and_then(|name| faults.keep(profile.priorities.find("priority", &name)));
        let status = edit.status.and_then(|name| faults.keep(profile.workflow.find("status", &name)));
        let language = edit.language.and_then(|tag| faults.keep(agent::language("language", &tag)));
        let (new_email, new_phone) = (edit.reach.email.is_some(), edit.reach.phone.is_some());
        let mut reach = edit.reach.check(&mut faults);
        if !new_email {
            (reach.email, reach.email_key) = (self.reach.email.clone(), self.reach.email_key.clone());
        }
        if !new_phone {
            reach.phone.clone_from(&self.reach.phone);
        }
        let (urgency, about) =
            (priority.as_ref().unwrap_or(&self.priority), category.as_ref().or(self.category.as_ref()));
        let has = |field: &field::Field| field.when.holds(Some(urgency), about, self.customer_tier.as_deref());
        let values = field::check(&profile.fields, edit.fields, cx.actor.is_staff(), has, &mut faults);
        faults.check()?;
        let mut fields = self.fields.clone();
        fields.extend(values);
        fields.retain(|_, value| !value.is_null());

        let mut pen = Pen::new(cx, self);
        pen.replace(|ticket| &mut ticket.subject, subject, |from, to| Fact::SubjectChanged { from, to });
        pen.replace(|ticket| &mut ticket.category, category.map(Some), |from, to| Fact::CategoryChanged { from, to });
        pen.replace(|ticket| &mut ticket.tags, tags, |from, to| Fact::TagsChanged { from, to });
        pen.replace(|ticket| &mut ticket.metadata, edit.metadata, |from, to| Fact::MetadataChanged { from, to });
        pen.replace(|ticket| &mut ticket.related, related, |from, to| Fact::RelatedChanged { from, to });
        pen.replace(|ticket| &mut ticket.contact, edit.contact.map(Some), |from, to| Fact::ContactChanged { from, to });
        pen.replace(|ticket| &mut ticket.reach, Some(reach), |_, _| Fact::ReachChanged {});
        pen.replace(|ticket| &mut ticket.language, language.map(Some), |from, to| Fact::LanguageChanged { from, to });
        pen.replace(|ticket| &mut ticket.fields, Some(fields), |from, to| Fact::FieldsChanged { from, to });
        pen.replace(|ticket| &mut ticket.priority, priority, |from, to| Fact::PriorityChanged { from, to });
        if pen.ticket.category != self.category || pen.ticket.priority != self.priority {
            pen.apply_policy();
        }
        let moved = status.filter(|status| status.key != self.status);
        if let Some(status) = moved {
            pen.step(status, None, None)?;
        }
        if let Some(to) = edit.assignee
            && to.as_ref().map(|agent| agent.id) != self.assignee.as_ref().map(|agent| agent.id)
        {
            if pen.ticket.phase == Phase::Closed {
                return Err(Refusal::State("the ticket is closed: reopen it before giving it to somebody"));
            }
            let hook = if to.is_some() { HookName::OnAssign } else { HookName::OnUnassign };
            pen.hold(to, Cause::Request);
            // Whoever names a status means it.
            if status.is_none() {
                pen.hook(hook);
            }
        }
        Ok(pen.done())
    }
}

impl Pen<'_> {
    fn replace<T: Clone + PartialEq>(
        &mut self,
        field: impl Fn(&mut Ticket) -> &mut T,
        value: Option<T>,
        fact: impl Fn(T, T) -> Fact,
    ) {
        let Some(value) = value else { return };
        let place = field(&mut self.ticket);
        if *place != value {
            let from = std::mem::replace(place, value.clone());
            self.note(Cause::Request, fact(from, value));
        }
    }
}

/// Tags in lower case, each once.
pub(super) fn tags(tags: Vec<String>, limits: &Limits, faults: &mut Faults) -> BTreeSet<String> {
    if tags.len() > limits.tags {
        faults.push(Fault::new("tags", format!("must not hold more than {} tags", limits.tags)));
        return BTreeSet::new();
    }
    let rule = TextRule::line(limits.tag_chars);
    // Lower case first: it can be longer than what was typed.
    let checked =
        |(index, tag): (usize, String)| faults.keep(rule.required(&format!("tags.{index}"), &tag.to_lowercase()));
    tags.into_iter().enumerate().filter_map(checked).collect()
}

pub(super) fn check_metadata(metadata: &Map<String, Value>, limits: &Limits, faults: &mut Faults) {
    // Keys and values of a JSON map always serialise.
    let json = serde_json::to_vec(metadata);
    if json.as_ref().map_or(usize::MAX, Vec::len) > limits.metadata_bytes {
        let message = format!("must not be larger than {} bytes as JSON", limits.metadata_bytes);
        faults.push(Fault::new("metadata", message));
    } else if json.is_ok_and(|json| json.windows(6).any(|six| six == br"\u0000")) {
        // Not every database can hold it.
        faults.push(Fault::new("metadata", "must not contain the character U+0000"));
    }
}

pub(super) fn related(links: &[Related], limits: &Limits, faults: &mut Faults) -> Vec<Related> {
    if links.len() > limits.related {
        faults.push(Fault::new("related", format!("must not hold more than {} links", limits.related)));
        return Vec::new();
    }
    let mut kept: Vec<Related> = Vec::with_capacity(links.len());
    for (index, link) in links.iter().enumerate() {
        match self::link(index, link) {
            Ok(link) if kept.iter().any(|known| known.kind == link.kind && known.id == link.id) => {}
            Ok(link) => kept.push(link),
            Err(wrong) => faults.0.extend(wrong.0),
        }
    }
    kept
}

/// The link as it is kept.
pub(crate) fn link(index: usize, link: &Related) -> Result<Related, Faults> {
    let mut faults = Faults::new();
    let kind = faults.keep(TextRule::line(40).required(&format!("related.{index}.kind"), &link.kind));
    let id = faults.keep(TextRule::line(100).required(&format!("related.{index}.id"), &link.id));
    faults.check()?;
    Ok(Related { kind: kind.unwrap_or_default(), id: id.unwrap_or_default(), label: link.label.clone() })
}
