//! Help articles.

mod find;
mod markdown;
mod offer;

pub use find::{ArticleFilter, ArticlePage, ArticleRow, Reading};
pub(super) use markdown::plain;
pub use offer::{SUGGESTED, Suggested};

use super::{
    Desk, Error, Planned,
    documents::{Held, add},
    plan::not_about_a_ticket,
};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        article::{Article, ArticleDraft, ArticleEdit, ArticleState, Pen, Revision, Written, lists},
        fault::{Fault, Refusal},
        id::ArticleId,
        vote::{VotedOn, Votes},
    },
    ports::{Slice, documents::DocumentQuery},
};
use chrono::{DateTime, Utc};

/// Writing, publishing and reading articles. From [`Desk::articles`].
#[derive(Debug, Clone, Copy)]
pub struct Articles<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Article);

/// How often a slug that was made from a title gets another number before somebody has to choose one.
const NUMBERED: u32 = 20;

impl Articles<'_> {
    /// Writes an article, as a draft.
    ///
    /// # Errors
    /// Every wrong field; a slug that another article has or had; actors who may not.
    #[tracing::instrument(name = "articles.write", skip_all, fields(ticket, actor))]
    pub async fn write(self, actor: &Actor, draft: ArticleDraft) -> Result<Article, Error> {
        self.0.run(actor, || self.plan_write(actor, draft.clone())).await
    }

    async fn plan_write(self, actor: &Actor, draft: ArticleDraft) -> Result<Planned<Article>, Error> {
        self.0.authorise(actor, Action::ManageArticles)?;
        let pen = self.pen(actor);
        let id = self.0.0.ids.id(pen.now).into();
        let chosen = draft.slug.is_some();
        self.check_related(&draft.related).await?;
        let mut written = Article::write(draft, id, &pen)?;
        self.settle_slug(&mut written.article, chosen).await?;
        plan_written(None, written)
    }

    /// Changes what an article says or is called, or adds a translation.
    ///
    /// # Errors
    /// As [`Articles::write`]; one that is not there.
    #[tracing::instrument(name = "articles.edit", skip_all, fields(ticket, actor))]
    pub async fn edit(self, actor: &Actor, id: ArticleId, edit: ArticleEdit) -> Result<Article, Error> {
        self.0.run(actor, || self.plan_edit(actor, id, edit.clone())).await
    }

    async fn plan_edit(self, actor: &Actor, id: ArticleId, edit: ArticleEdit) -> Result<Planned<Article>, Error> {
        let held = self.own(actor, id).await?;
        self.check_related(edit.related.as_deref().unwrap_or_default()).await?;
        let language = edit.language.as_deref().unwrap_or(&held.value.language).to_lowercase();
        let before = match held.value.texts.get(&language) {
            Some(text) => self.0.held::<Revision>(text.revision.uuid()).await?.map(|held| held.value),
            None => None,
        };
        let chosen = edit.slug.is_some();
        let mut written = held.value.clone().edit(edit, before.as_ref(), &self.pen(actor))?;
        self.settle_slug(&mut written.article, chosen).await?;
        plan_written(Some(&held), written)
    }

    /// Brings back what an article said in a revision, as a new revision.
    ///
    /// # Errors
    /// A revision that is not there, or is the current one; actors who may not.
    #[tracing::instrument(name = "articles.roll_back", skip_all, fields(ticket, actor))]
    pub async fn roll_back(self, actor: &Actor, id: ArticleId, language: &str, number: u32) -> Result<Article, Error> {
        self.0.run(actor, || self.plan_roll_back(actor, id, language, number)).await
    }

    async fn plan_roll_back(
        self,
        actor: &Actor,
        id: ArticleId,
        language: &str,
        number: u32,
    ) -> Result<Planned<Article>, Error> {
        let held = self.own(actor, id).await?;
        let revision = self.revision_numbered(id, language, number).await?;
        let written = held.value.clone().roll_back(&revision, &self.pen(actor))?;
        plan_written(Some(&held), written)
    }

    /// Lets everybody read an article, now or from `at` on.
    ///
    /// # Errors
    /// One that is not there; actors who may not.
    #[tracing::instrument(name = "articles.publish", skip_all, fields(ticket, actor))]
    pub async fn publish(self, actor: &Actor, id: ArticleId, at: Option<DateTime<Utc>>) -> Result<Article, Error> {
        let turn = |article: Article, now| match (article.state, at) {
            // It would be taken away from its readers until then.
            (ArticleState::Published, Some(at)) if at > now => {
                Err(Refusal::State("the article is published already").into())
            }
            _ => Ok(article.publish(at, now)),
        };
        self.0.run(actor, || self.plan_turn(actor, id, turn)).await
    }

    /// Lets nobody but staff read an article: it becomes a draft again, or is archived.
    ///
    /// # Errors
    /// One that is not there; actors who may not.
    #[tracing::instrument(name = "articles.withdraw", skip_all, fields(ticket, actor))]
    pub async fn withdraw(self, actor: &Actor, id: ArticleId, archive: bool) -> Result<Article, Error> {
        self.0.run(actor, || self.plan_turn(actor, id, |article, now| Ok(article.withdraw(archive, now)))).await
    }

    /// Takes a translation away. Its revisions stay, and its slug leads to the article in its own language.
    ///
    /// # Errors
    /// A language that the article is not written in, or was first written in; actors who may not.
    #[tracing::instrument(name = "articles.untranslate", skip_all, fields(ticket, actor))]
    pub async fn untranslate(self, actor: &Actor, id: ArticleId, language: &str) -> Result<Article, Error> {
        let turn = |article: Article, now| article.untranslate(language, now).map_err(Error::from);
        self.0.run(actor, || self.plan_turn(actor, id, turn)).await
    }

    async fn plan_turn(
        self,
        actor: &Actor,
        id: ArticleId,
        turn: impl Fn(Article, DateTime<Utc>) -> Result<Article, Error>,
    ) -> Result<Planned<Article>, Error> {
        let held = self.own(actor, id).await?;
        let article = turn(held.value.clone(), self.0.now())?;
        plan_written(Some(&held), Written { article, revision: None })
    }

    /// What an article said, the latest first: `before` a number, or from the last on.
    ///
    /// # Errors
    /// One that is not there; actors who may not.
    #[tracing::instrument(name = "articles.revisions", skip_all, fields(ticket, actor))]
    pub async fn revisions(
        self,
        actor: &Actor,
        id: ArticleId,
        language: &str,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Slice<Revision>, Error> {
        self.own(actor, id).await?;
        let limit = limit.min(self.0.profile().limits.page);
        let after = before.map(|number| (i64::from(number), uuid::Uuid::nil()));
        let list = Revision::list(id, &language.to_lowercase());
        let query = DocumentQuery {
            after,
            ..DocumentQuery::falling(crate::domain::document::DocumentKind::Revision, list, limit)
        };
        let slice = self.0.held_list::<Revision>(&query).await?;
        Ok(Slice { items: slice.items.into_iter().map(|held| held.value).collect(), more: slice.more })
    }

    /// Counts whether the article was helpful: once for each person, who may change their mind. `visitor` tells people
    /// apart who are not signed in.
    ///
    /// # Errors
    /// One that is not there, or not for this actor to read; a guest without `visitor`.
    #[tracing::instrument(name = "articles.vote", skip_all, fields(ticket, actor))]
    pub async fn vote(
        self,
        actor: &Actor,
        visitor: Option<&str>,
        id: ArticleId,
        helpful: bool,
    ) -> Result<Votes, Error> {
        self.0.authorise(actor, Action::Vote)?;
        let article = self.0.held::<Article>(id.uuid()).await?.map(|held| held.value);
        if !article.is_some_and(|article| article.is_public(self.0.now())) {
            return Err(Error::NotFound);
        }
        self.0.run(actor, || self.0.plan_vote(actor, visitor, VotedOn::Article(id), helpful)).await
    }

    /// Publishes what was to be published by now. Answers how many.
    pub(super) async fn publish_scheduled(self, limit: u32) -> Result<u32, Error> {
        let actor = Actor::system("publish");
        let due = self.scheduled(limit).await?;
        for id in &due {
            let turn = |article: Article, now| match article.state {
                ArticleState::Scheduled { at } if at <= now => Ok(article.publish(None, now)),
                // Somebody was faster.
                _ => Err(Error::NotFound),
            };
            match self.0.run(&actor, || self.plan_turn(&actor, *id, turn)).await {
                Ok(_) | Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(u32::try_from(due.len()).unwrap_or(u32::MAX))
    }

    /// What was to be published by now.
    pub(super) async fn scheduled(self, limit: u32) -> Result<Vec<ArticleId>, Error> {
        let query = DocumentQuery::rising(crate::domain::document::DocumentKind::Article, lists::SCHEDULED, limit);
        let now = self.0.now();
        let items = self.0.held_list::<Article>(&query).await?.items;
        Ok(items.into_iter().filter(|held| held.value.is_public(now)).map(|held| held.value.id).collect())
    }

    /// An article that the actor may change.
    async fn own(self, actor: &Actor, id: ArticleId) -> Result<Held<Article>, Error> {
        self.0.authorise(actor, Action::ManageArticles)?;
        self.0.held(id.uuid()).await?.ok_or(Error::NotFound)
    }

    async fn revision_numbered(self, id: ArticleId, language: &str, number: u32) -> Result<Revision, Error> {
        let key = Revision::key(id, &language.to_lowercase(), number);
        self.0.held_by_key(&key).await?.map(|held: Held<Revision>| held.value).ok_or(Error::NotFound)
    }

    async fn check_related(self, related: &[ArticleId]) -> Result<(), Error> {
        for (n, id) in related.iter().enumerate().take(10) {
            if self.0.held::<Article>(id.uuid()).await?.is_none() {
                return Err(Fault::new(format!("relatedArticles.{n}"), "is none of the articles").into());
            }
        }
        Ok(())
    }

    /// Sees to it that no other article has the slugs of this one: of two, the key would decide, and nobody would know why.
    async fn settle_slug(self, article: &mut Article, chosen: bool) -> Result<(), Error> {
        let id = article.id;
        for text in article.texts.values_mut() {
            let base = text.slug.clone();
            for number in 2..NUMBERED {
                let other: Option<Held<Article>> = self.0.held_by_key(&Article::slug_key(&text.slug)).await?;
                if other.is_none_or(|other| other.value.id == id) {
                    break;
                }
                if chosen || number + 1 == NUMBERED {
                    return Err(Fault::new("slug", format!("`{base}` is the name of another article")).into());
                }
                text.slug = format!("{base}-{number}");
            }
        }
        Ok(())
    }
}

impl<'a> Articles<'a> {
    fn pen(self, actor: &Actor) -> Pen<'a> {
        let now = self.0.now();
        Pen {
            limits: &self.0.profile().limits,
            by: actor.signature(),
            now,
            revision: self.0.0.ids.id(now).into(),
            plain,
        }
    }
}

fn plan_written(before: Option<&Held<Article>>, written: Written) -> Result<Planned<Article>, Error> {
    let Written { article, revision } = written;
    let put = match before {
        Some(before) => before.put(&article)?,
        None => add(&article)?,
    };
    let revision = revision.as_ref().map(add).transpose()?;
    let writes = std::iter::once(put).chain(revision).collect();
    Ok(Planned::writing(writes, article))
}
