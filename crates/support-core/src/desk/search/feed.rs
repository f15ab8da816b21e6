use super::super::{Desk, Error, articles::plain};
use crate::{
    domain::{
        article::{Article, ArticleState, Revision, lists},
        document::DocumentKind,
        id::{EventId, TicketId},
        message::Message,
        search::{Batch, Label, SearchKey, Searchable, Sight},
        ticket::Ticket,
    },
    ports::{
        StoreError,
        archive::{Place, Record, RecordKind},
        documents::DocumentQuery,
        messages::MessageQuery,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// How far an index has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Bookmark {
    /// Of another form, it is of another release: the index is fed anew.
    form: u32,
    /// Behind this event.
    events: Option<Place>,
    /// Articles that were changed before this moment are there.
    articles: DateTime<Utc>,
}

const FORM: u32 = 1;

/// Commits come to stand in an order that is not that of their beginning: on a server, and with clocks that differ, one may
/// appear behind others that were read. So what is as young as that is read again.
const OVERLAP: TimeDelta = TimeDelta::seconds(10);

/// Events and articles that are read at a time, and tickets that go into one batch.
const EVENTS: u32 = 200;
const ARTICLES: u32 = 200;
/// Bytes of a thread that are searched: of a longer one, what was said first is found.
const TEXT: usize = 200_000;
/// Messages that are read at a time.
const MESSAGES: u32 = 200;

/// What was fed lately, so that what is read again is not fed again.
#[derive(Debug, Default)]
pub(in crate::desk) struct Feed {
    /// Whose turn it is to feed.
    turn: async_lock::Mutex<()>,
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    events: BTreeMap<EventId, DateTime<Utc>>,
    articles: BTreeMap<Uuid, DateTime<Utc>>,
}

impl Desk {
    /// Whether there is anything to feed. It only reads.
    pub(in crate::desk) async fn has_news(&self) -> Result<bool, Error> {
        let Some(bookmark) = self.index_bookmark().await? else { return Ok(true) };
        let (tickets, ..) = self.touched_tickets(&bookmark).await?;
        Ok(!tickets.is_empty() || !self.changed_articles(&bookmark).await?.0.is_empty())
    }

    /// How far the index has come; none where it has to be fed from the beginning.
    async fn index_bookmark(&self) -> Result<Option<Bookmark>, Error> {
        let kept = self.index().bookmark().await?;
        Ok(kept.and_then(|text| serde_json::from_str::<Bookmark>(&text).ok()).filter(|kept| kept.form == FORM))
    }

    /// Feeds the next batch of what happened. Answers how many things were fed.
    pub(in crate::desk) async fn keep_index(&self) -> Result<u32, Error> {
        // Two that feed at once would each write down how far they have come.
        let _turn = self.0.feed.turn.lock().await;
        self.feed_next().await
    }

    /// Empties the index and feeds it until nothing is left to be fed.
    pub(in crate::desk) async fn rebuild_index(&self) -> Result<(), Error> {
        let _turn = self.0.feed.turn.lock().await;
        self.index().clear_index().await?;
        while self.feed_next().await? > 0 {}
        Ok(())
    }

    async fn feed_next(&self) -> Result<u32, Error> {
        let bookmark = if let Some(bookmark) = self.index_bookmark().await? {
            bookmark
        } else {
            // Whatever is there is of somebody else, or of no known age.
            self.index().clear_index().await?;
            self.0.feed.forget();
            Bookmark { form: FORM, ..Bookmark::default() }
        };
        let (tickets, events, met) = self.touched_tickets(&bookmark).await?;
        let (articles, changed) = self.changed_articles(&bookmark).await?;
        let mut batch = Batch::default();
        for id in &tickets {
            match self.0.store.ticket(*id).await? {
                Some(ticket) if ticket.deleted_at.is_none() => match self.searchable_ticket(ticket).await {
                    Ok(ticket) => batch.put.push(ticket),
                    // One row that cannot be read shall not keep the others from being found.
                    Err(Error::Store(StoreError::Corrupt { .. })) => {}
                    Err(error) => return Err(error),
                },
                _ => batch.remove.push(SearchKey::ticket(*id)),
            }
        }
        for article in &articles {
            self.feed_article(article, &mut batch).await?;
        }
        let next = Bookmark { form: FORM, events, articles: changed };
        let fed = u32::try_from(tickets.len() + articles.len()).unwrap_or(u32::MAX);
        if next == bookmark && fed == 0 {
            return Ok(0);
        }
        batch.bookmark = Some(serde_json::to_string(&next).map_err(StoreError::backend)?);
        self.index().index(&batch).await?;
        self.0.feed.remember(met, &articles, self.now(), changed);
        Ok(fed)
    }

    /// Tickets to which something happened behind the bookmark, and the place up to which everything is old enough to be
    /// read no more.
    async fn touched_tickets(
        &self,
        bookmark: &Bookmark,
    ) -> Result<(BTreeSet<TicketId>, Option<Place>, BTreeMap<EventId, DateTime<Utc>>), Error> {
        let (mut tickets, mut met) = (BTreeSet::new(), BTreeMap::new());
        let (mut settled, mut after) = (bookmark.events.clone(), bookmark.events.clone());
        let old = self.now() - OVERLAP;
        let mut settling = true;
        loop {
            let page = self.0.store.records(RecordKind::Events, after.as_ref(), EVENTS).await?;
            let Some((last, _)) = page.last() else { return Ok((tickets, settled, met)) };
            after = Some(last.clone());
            let full = page.len() == EVENTS as usize;
            for (place, record) in page {
                let Record::Event(event) = record else { continue };
                settling &= event.at < old;
                if settling {
                    settled = Some(place);
                }
                if self.0.feed.is_new_event(event.id) {
                    tickets.insert(event.ticket);
                    met.insert(event.id, event.at);
                }
            }
            if !full || tickets.len() >= EVENTS as usize {
                return Ok((tickets, settled, met));
            }
        }
    }

    /// Articles that were changed since the bookmark, the oldest change first.
    async fn changed_articles(&self, bookmark: &Bookmark) -> Result<(Vec<Article>, DateTime<Utc>), Error> {
        let from = (bookmark.articles - OVERLAP).timestamp_millis();
        let mut query = DocumentQuery {
            after: Some((from, Uuid::nil())),
            ..DocumentQuery::rising(DocumentKind::Article, lists::ALL, ARTICLES)
        };
        let (mut articles, mut latest) = (Vec::new(), bookmark.articles);
        loop {
            let slice = self.held_list::<Article>(&query).await?;
            for held in slice.items {
                let article = held.value;
                query.after = Some((article.updated_at.timestamp_millis(), article.id.uuid()));
                latest = latest.max(article.updated_at);
                if self.0.feed.is_new_article(&article) {
                    articles.push(article);
                }
            }
            if !slice.more || articles.len() >= ARTICLES as usize {
                // A clock that is ahead shall not carry the others' changes past unseen.
                return Ok((articles, latest.min(self.now())));
            }
        }
    }

    async fn feed_article(&self, article: &Article, batch: &mut Batch) -> Result<(), Error> {
        let written: BTreeSet<&String> = article.texts.keys().chain(article.former.values()).collect();
        let sight = match article.state {
            ArticleState::Published => Sight::Everybody,
            ArticleState::Draft | ArticleState::Scheduled { .. } => Sight::Staff,
            ArticleState::Archived => {
                batch
                    .remove
                    .extend(written.into_iter().map(|language| SearchKey::article(article.id.uuid(), language)));
                return Ok(());
            }
        };
        for language in written {
            let key = SearchKey::article(article.id.uuid(), language);
            let Some(text) = article.texts.get(language) else {
                batch.remove.push(key);
                continue;
            };
            let Some(revision) = self.held::<Revision>(text.revision.uuid()).await? else { continue };
            let tags = article.tags.iter().map(|tag| (Label::Tag, tag.clone()));
            let own = [(Label::Category, article.category.clone()), (Label::Language, language.clone())];
            batch.put.push(Searchable {
                key,
                number: None,
                title: text.title.clone(),
                text: plain(&revision.value.content),
                notes: String::new(),
                labels: tags.chain(own).collect(),
                sight,
                at: article.updated_at,
            });
        }
        Ok(())
    }

    async fn searchable_ticket(&self, ticket: Ticket) -> Result<Searchable, Error> {
        let mut query = MessageQuery { ticket: ticket.id, internal: true, after: None, limit: MESSAGES };
        let (mut text, mut notes) = (Clipped::default(), Clipped::default());
        loop {
            let slice = self.0.store.messages(&query).await?;
            for message in &slice.items {
                let Message { body, internal, deleted_at, .. } = message;
                if deleted_at.is_none() {
                    if *internal { notes.push(body) } else { text.push(body) }
                }
            }
            match slice.items.last().filter(|_| slice.more) {
                Some(last) => query.after = Some(last.id),
                None => break,
            }
        }
        let tags = ticket.tags.iter().map(|tag| (Label::Tag, tag.clone()));
        let own = [
            Some((Label::Status, ticket.status.to_string())),
            Some((Label::Priority, ticket.priority.to_string())),
            ticket.category.as_ref().map(|category| (Label::Category, category.to_string())),
            ticket.language.clone().map(|language| (Label::Language, language)),
        ];
        Ok(Searchable {
            key: SearchKey::ticket(ticket.id),
            number: Some(ticket.number.clone()),
            title: ticket.subject.clone(),
            text: text.0,
            notes: notes.0,
            labels: tags.chain(own.into_iter().flatten()).collect(),
            sight: Sight::Ticket(ticket.holding()),
            at: ticket.updated_at,
        })
    }
}

/// A text that takes no more once it is long.
#[derive(Default)]
struct Clipped(String);

impl Clipped {
    fn push(&mut self, part: &str) {
        if self.0.len() + part.len() <= TEXT {
            self.0.push_str(part);
            self.0.push('\n');
        }
    }
}

impl Feed {
    fn recent(&self) -> std::sync::MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self) {
        *self.recent() = Recent::default();
    }

    fn is_new_event(&self, id: EventId) -> bool {
        !self.recent().events.contains_key(&id)
    }

    fn is_new_article(&self, article: &Article) -> bool {
        self.recent().articles.get(&article.id.uuid()) != Some(&article.updated_at)
    }

    /// `come` is how far the articles have come: they are read again from a while before that, however long ago it was.
    fn remember(
        &self,
        events: BTreeMap<EventId, DateTime<Utc>>,
        articles: &[Article],
        now: DateTime<Utc>,
        come: DateTime<Utc>,
    ) {
        let mut recent = self.recent();
        recent.events.extend(events);
        recent.articles.extend(articles.iter().map(|article| (article.id.uuid(), article.updated_at)));
        // What is older than the overlap is not read again. Twice as long, because clocks differ.
        let old = now - OVERLAP * 2;
        recent.events.retain(|_, at| *at >= old);
        let old = old.min(come - OVERLAP * 2);
        recent.articles.retain(|_, at| *at >= old);
    }
}
