//! Helpful or not.

use super::{
    Desk, Error, Planned,
    documents::{Held, add},
    plan::not_about_a_ticket,
};
use crate::domain::{
    actor::Actor,
    fault::Fault,
    vote::{Vote, VotedOn, Voter, Votes},
};

not_about_a_ticket!(Votes);

/// Bytes of what tells visitors apart.
const VISITOR: usize = 100;

impl Desk {
    /// Counts the vote, in place of an earlier one of the same person.
    pub(super) async fn plan_vote(
        &self,
        actor: &Actor,
        visitor: Option<&str>,
        on: VotedOn,
        helpful: bool,
    ) -> Result<Planned<Votes>, Error> {
        let by = voter(actor, visitor)?;
        let before: Option<Held<Vote>> = self.held_by_key(&Vote::key(on, &by)).await?;
        let mut votes = self.votes(&[on]).await?.pop().unwrap_or_default();
        if before.as_ref().is_some_and(|before| before.value.helpful == helpful) {
            return Ok(Planned::nothing(votes));
        }
        let at = self.now();
        let write = match &before {
            Some(before) => before.put(&Vote { helpful, at, ..before.value.clone() })?,
            None => add(&Vote { id: self.0.ids.id(at).into(), on, by, helpful, at })?,
        };
        let (one, other) = if helpful {
            (&mut votes.helpful, &mut votes.not_helpful)
        } else {
            (&mut votes.not_helpful, &mut votes.helpful)
        };
        *one += 1;
        *other = other.saturating_sub(u64::from(before.is_some()));
        Ok(Planned::writing(vec![write], votes))
    }

    /// What the votes on each of these come to.
    pub(super) async fn votes(&self, on: &[VotedOn]) -> Result<Vec<Votes>, Error> {
        let lists: Vec<String> = on.iter().flat_map(|on| on.lists()).collect();
        let counts = self.counts_on::<Vote>(&lists).await?;
        Ok(counts.chunks(2).map(|pair| Votes { helpful: pair[0], not_helpful: pair[1] }).collect())
    }
}

fn voter(actor: &Actor, visitor: Option<&str>) -> Result<Voter, Error> {
    match actor {
        Actor::Customer { id, .. } => Ok(Voter::Customer(*id)),
        Actor::Agent { id, .. } | Actor::Admin { id, .. } => Ok(Voter::Staff(id.uuid())),
        Actor::System { .. } | Actor::Guest => match visitor {
            Some(digest) if !digest.is_empty() && digest.len() <= VISITOR => Ok(Voter::Visitor(digest.to_owned())),
            Some(_) => Err(Fault::new("visitor", format!("must be 1 to {VISITOR} bytes")).into()),
            None => Err(Error::Unauthenticated),
        },
    }
}
