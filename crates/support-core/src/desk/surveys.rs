//! Asking customers how it went, once for each ticket.

use super::{
    Desk, Error, Planned,
    documents::{Held, add},
    plan::not_about_a_ticket,
};
use crate::{
    domain::{
        document::DocumentKind,
        event::Fact,
        feedback::{Survey, SurveyState},
        id::TicketId,
        notification::Topic,
        ticket::Change,
    },
    ports::{Write, documents::DocumentQuery, notifier::Errand},
};

/// Nothing to answer.
pub(super) struct Sent(Option<Survey>);

not_about_a_ticket!(Sent);

impl Desk {
    /// The survey that will be sent because of a change; none where it ends no ticket, or one was planned before.
    pub(super) async fn plan_survey(&self, change: &Change) -> Result<Option<Write>, Error> {
        let Some(rule) = &self.profile().survey else { return Ok(None) };
        let ends = |fact: &Fact| matches!(fact, Fact::Resolved { .. } | Fact::Closed { .. });
        let ticket = &change.ticket;
        if !change.facts.iter().any(|(_, fact)| ends(fact)) || ticket.merged_into.is_some() {
            return Ok(None);
        }
        if self.held_by_key::<Survey>(&Survey::key(ticket.id)).await?.is_some() {
            return Ok(None);
        }
        let state = SurveyState::Due { at: change.at + rule.after.delta() };
        let id = self.0.ids.id(change.at).into();
        add(&Survey { id, ticket: ticket.id, customer: ticket.customer, state }).map(Some)
    }

    /// Sends what is due. A ticket that was opened again in the meantime is asked about when it ends once more. Answers how
    /// many surveys were looked at.
    pub(super) async fn send_surveys(&self, limit: u32) -> Result<u32, Error> {
        let due = self.due_surveys(limit).await?;
        let actor = crate::domain::actor::Actor::system("survey");
        for ticket in &due {
            let Sent(survey) = self.run(&actor, || self.plan_sending(*ticket)).await?;
            // Marked first, told then: a host that crashes in between asks once too little, and never twice.
            if let (Some(survey), Some(ticket)) = (survey, self.0.store.ticket(*ticket).await?) {
                self.0.notifier.send(&Errand::Survey { survey: &survey, ticket: &ticket });
            }
        }
        Ok(u32::try_from(due.len()).unwrap_or(u32::MAX))
    }

    pub(super) async fn due_surveys(&self, limit: u32) -> Result<Vec<TicketId>, Error> {
        let now = self.now();
        let query = DocumentQuery::rising(DocumentKind::Survey, Survey::DUE, limit);
        let items = self.held_list::<Survey>(&query).await?.items.into_iter().map(|held| held.value);
        let is_due = |survey: &Survey| matches!(survey.state, SurveyState::Due { at } if at <= now);
        Ok(items.filter(is_due).map(|survey| survey.ticket).collect())
    }

    async fn plan_sending(&self, id: TicketId) -> Result<Planned<Sent>, Error> {
        let held: Option<Held<Survey>> = self.held_by_key(&Survey::key(id)).await?;
        let due = held.filter(|held| matches!(held.value.state, SurveyState::Due { .. }));
        let Some(held) = due else { return Ok(Planned::nothing(Sent(None))) };
        let ticket = self.0.store.ticket(id).await?;
        let stands =
            ticket.is_some_and(|row| row.phase.is_done() && row.deleted_at.is_none() && row.merged_into.is_none());
        let sent = Survey { state: SurveyState::Sent { at: self.now() }, ..held.value.clone() };
        if !stands {
            return Ok(Planned::writing(vec![held.remove()], Sent(None)));
        }
        let mut writes = vec![held.put(&sent)?];
        let cause = sent.id.uuid();
        writes.extend(self.plan_telling(sent.customer, Topic::Survey, cause, Some(sent.ticket)).await?);
        Ok(Planned::writing(writes, Sent(Some(sent))))
    }
}
