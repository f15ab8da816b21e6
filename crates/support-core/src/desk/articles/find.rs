use super::Articles;
use crate::{
    desk::{
        Error,
        documents::{Held, Paging},
    },
    domain::{
        access::Action,
        actor::Actor,
        article::{Article, Revision, lists},
        document::DocumentKind,
        fault::Fault,
        id::ArticleId,
        search::{Label, SearchQuery, SearchScope, Snippet},
        vote::{VotedOn, Votes},
    },
};

/// Which articles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// That say this.
    pub text: Option<String>,
    /// That are about this.
    pub category: Option<String>,
    /// That have this tag.
    pub tag: Option<String>,
    /// In this state: for staff. Without it, everybody gets those that are published.
    pub state: Option<String>,
    /// In which language they are wanted; each comes in the best that it has.
    pub language: Option<String>,
}

/// A page of articles.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticlePage {
    /// The articles: those that fit best first, or the latest change first.
    pub items: Vec<ArticleRow>,
    /// How many there are on all pages.
    pub total: u64,
    /// How many published articles each category has.
    pub categories: Vec<(String, u64)>,
}

/// An article as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleRow {
    /// The article.
    pub article: Article,
    /// In which language it is shown.
    pub language: String,
    /// What readers said of it.
    pub votes: Votes,
    /// Where it says what was looked for.
    pub snippet: Option<Snippet>,
}

/// An article as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The article.
    pub article: Article,
    /// In which language.
    pub language: String,
    /// What it says.
    pub revision: Revision,
    /// What readers said of it.
    pub votes: Votes,
    /// What to read next.
    pub related: Vec<ArticleRow>,
}

/// Categories that are counted.
const CATEGORIES: u32 = 500;
/// What to read next.
const RELATED: u32 = 5;

impl Articles<'_> {
    /// A page of articles.
    ///
    /// # Errors
    /// A page beyond what lists reach; a state, from actors who are not staff.
    #[tracing::instrument(name = "articles.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, filter: &ArticleFilter, page: Paging) -> Result<ArticlePage, Error> {
        self.0.authorise(actor, Action::ReadHelp)?;
        if filter.state.is_some() {
            self.0.authorise(actor, Action::ReadDesk)?;
        }
        let (items, total) = match filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => self.found(text, filter, page).await?,
            None => self.listed(filter, page).await?,
        };
        let prefix = lists::category("");
        let counts = self.0.0.store.document_counts(DocumentKind::Article, &prefix, CATEGORIES).await?;
        let categories = counts.into_iter().map(|(list, n)| (list[prefix.len()..].to_owned(), n)).collect();
        Ok(ArticlePage { items, total, categories })
    }

    async fn listed(self, filter: &ArticleFilter, page: Paging) -> Result<(Vec<ArticleRow>, u64), Error> {
        let list = match (&filter.state, &filter.category, &filter.tag) {
            (Some(state), None, None) if state == "all" => lists::ALL.to_owned(),
            (Some(state), None, None) => lists::state(state),
            (None, Some(category), None) => lists::category(category),
            (None, None, Some(tag)) => lists::tag(tag),
            (None, None, None) => lists::PUBLISHED.to_owned(),
            _ => return Err(Fault::new("category", "cannot be combined with `tag` or `state` without `q`").into()),
        };
        let found = self.0.page_of::<Article>(&list, true, page).await?;
        let shown = found.items.into_iter().map(|article| {
            let language = article.best_language(filter.language.as_deref()).to_owned();
            (article, language, None)
        });
        Ok((self.rows(shown.collect()).await?, found.total))
    }

    async fn found(self, text: &str, filter: &ArticleFilter, page: Paging) -> Result<(Vec<ArticleRow>, u64), Error> {
        let limit = page.limit.min(self.0.profile().limits.page);
        let labels = [(Label::Category, &filter.category), (Label::Tag, &filter.tag)];
        let query = SearchQuery {
            labels: labels.into_iter().filter_map(|(label, value)| Some((label, value.clone()?))).collect(),
            language: filter.language.clone(),
            skip: page.number.saturating_sub(1).saturating_mul(limit).min(10_000),
            limit,
            ..SearchQuery::new(text, SearchScope::Articles { drafts: filter.state.is_some() })
        };
        let hits = self.0.index().search(&query).await?;
        let mut shown: Vec<(Article, String, Option<Snippet>)> = Vec::new();
        for hit in hits.items {
            // The index runs a little behind: what is gone or withdrawn since is not shown.
            let Some(held) = self.0.held::<Article>(hit.key.id).await? else { continue };
            let article = held.value;
            let public = filter.state.is_some() || article.is_public(self.0.now());
            // Of several translations that were found, the best comes first.
            if public && !shown.iter().any(|(other, ..)| other.id == article.id) {
                let language = filter.language.as_deref().unwrap_or(&hit.key.language);
                let language = article.best_language(Some(language)).to_owned();
                shown.push((article, language, Some(hit.snippet)));
            }
        }
        Ok((self.rows(shown).await?, hits.total))
    }

    pub(super) async fn rows(self, shown: Vec<(Article, String, Option<Snippet>)>) -> Result<Vec<ArticleRow>, Error> {
        let on: Vec<VotedOn> = shown.iter().map(|(article, ..)| VotedOn::Article(article.id)).collect();
        let votes = self.0.votes(&on).await?;
        let rows = shown.into_iter().zip(votes);
        Ok(rows.map(|((article, language, snippet), votes)| ArticleRow { article, language, votes, snippet }).collect())
    }

    /// The article of that slug, of now or of once. Who asked by an old one finds the new one in the answer.
    ///
    /// # Errors
    /// One that is not there, or not for this actor to read.
    #[tracing::instrument(name = "articles.read", skip_all, fields(ticket, actor))]
    pub async fn read(self, actor: &Actor, slug: &str, language: Option<&str>) -> Result<Reading, Error> {
        self.0.authorise(actor, Action::ReadHelp)?;
        let held: Option<Held<Article>> = self.0.held_by_key(&Article::slug_key(slug)).await?;
        let article = held.map(|held| held.value).ok_or(Error::NotFound)?;
        let language = match language {
            Some(language) => article.best_language(Some(language)).to_owned(),
            None => article.language_of(slug).unwrap_or(&article.language).to_owned(),
        };
        self.reading(actor, article, language).await
    }

    /// The article of that id.
    ///
    /// # Errors
    /// As [`Articles::read`].
    #[tracing::instrument(name = "articles.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, id: ArticleId, language: Option<&str>) -> Result<Reading, Error> {
        self.0.authorise(actor, Action::ReadHelp)?;
        let article = self.0.held::<Article>(id.uuid()).await?.map(|held| held.value).ok_or(Error::NotFound)?;
        let language = article.best_language(language).to_owned();
        self.reading(actor, article, language).await
    }

    async fn reading(self, actor: &Actor, article: Article, language: String) -> Result<Reading, Error> {
        if !article.is_for(actor, self.0.now()) {
            return Err(Error::NotFound);
        }
        let text = article.texts.get(&language).ok_or(Error::NotFound)?;
        let revision = self.0.held::<Revision>(text.revision.uuid()).await?.ok_or(Error::NotFound)?.value;
        let votes = self.0.votes(&[VotedOn::Article(article.id)]).await?.pop().unwrap_or_default();
        let related = self.related(&article, &language).await?;
        Ok(Reading { article, language, revision, votes, related })
    }

    /// What its authors chose, and then what says similar things.
    async fn related(self, article: &Article, language: &str) -> Result<Vec<ArticleRow>, Error> {
        let now = self.0.now();
        let mut shown: Vec<Article> = Vec::new();
        for id in &article.related {
            let chosen = self.0.held::<Article>(id.uuid()).await?.map(|held| held.value);
            shown.extend(chosen.filter(|chosen| chosen.is_public(now)));
        }
        if let Some(text) = article.texts.get(language).filter(|_| shown.len() < RELATED as usize) {
            let words = article.tags.iter().map(String::as_str).chain([text.title.as_str()]);
            let query = SearchQuery {
                language: Some(language.to_owned()),
                limit: 2 * RELATED,
                ..SearchQuery::new(words.collect::<Vec<_>>().join(" "), SearchScope::Articles { drafts: false })
            };
            for hit in self.0.index().search(&query).await?.items {
                let known = |other: &Article| other.id.uuid() == hit.key.id;
                if shown.len() < RELATED as usize && !known(article) && !shown.iter().any(known) {
                    let other = self.0.held::<Article>(hit.key.id).await?.map(|held| held.value);
                    shown.extend(other.filter(|other| other.is_public(now)));
                }
            }
        }
        let shown = shown.into_iter().map(|article| {
            let language = article.best_language(Some(language)).to_owned();
            (article, language, None)
        });
        self.rows(shown.collect()).await
    }
}
