//! Articles that may answer somebody before they ask, or help whoever answers.

use super::{ArticleRow, Articles};
use crate::{
    desk::{Error, tickets::TicketRef},
    domain::{
        access::Action,
        actor::Actor,
        article::Article,
        search::{SearchQuery, SearchScope},
    },
    ports::messages::MessageQuery,
};

/// Articles that speak of what somebody writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggested {
    /// The article.
    pub row: ArticleRow,
    /// How much of the text it speaks of, from 0 to 1.
    pub confidence: f32,
}

/// Below this [confidence](Suggested::confidence) nothing is offered: an article that does not answer costs its reader more
/// than none.
pub const SUGGESTED: f32 = 0.3;

/// At most so many.
const MOST: u32 = 5;

impl Articles<'_> {
    /// Articles that may answer what somebody is writing; none where none does.
    ///
    /// # Errors
    /// Failures of the index or the store.
    #[tracing::instrument(name = "articles.suggest", skip_all, fields(ticket, actor))]
    pub async fn suggest(self, actor: &Actor, text: &str, language: Option<&str>) -> Result<Vec<Suggested>, Error> {
        self.0.authorise(actor, Action::ReadHelp)?;
        let query = SearchQuery {
            language: language.map(str::to_owned),
            confidence: SUGGESTED,
            limit: 2 * MOST,
            ..SearchQuery::new(text, SearchScope::Articles { drafts: false })
        };
        let mut shown: Vec<(Article, f32, _)> = Vec::new();
        for hit in self.0.index().search(&query).await?.items {
            let Some(held) = self.0.held::<Article>(hit.key.id).await? else { continue };
            let article = held.value;
            let new = !shown.iter().any(|(other, ..)| other.id == article.id);
            if new && article.is_public(self.0.now()) && shown.len() < MOST as usize {
                shown.push((article, hit.confidence, hit.snippet));
            }
        }
        let confidences: Vec<f32> = shown.iter().map(|(_, confidence, _)| *confidence).collect();
        let shown = shown.into_iter().map(|(article, _, snippet)| {
            let language = article.best_language(language).to_owned();
            (article, language, Some(snippet))
        });
        let rows = self.rows(shown.collect()).await?;
        Ok(rows.into_iter().zip(confidences).map(|(row, confidence)| Suggested { row, confidence }).collect())
    }

    /// Articles that may help to answer a ticket, by its subject and what its customer wrote first.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs; actors who are not staff.
    #[tracing::instrument(name = "articles.suggest_for", skip_all, fields(ticket, actor))]
    pub async fn suggest_for(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Vec<Suggested>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::ReadTrail).await?;
        let first = MessageQuery { ticket: ticket.id, internal: false, after: None, limit: 1 };
        let first = self.0.0.store.messages(&first).await?.items.pop().map(|message| message.body);
        let text = [ticket.subject.as_str(), first.as_deref().unwrap_or_default()].join("\n");
        self.suggest(actor, &text, ticket.language.as_deref()).await
    }
}
