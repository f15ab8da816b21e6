//! Writing and changing articles. Each decision answers the article as it shall be, and the revision that was written.

use super::{Article, ArticleDraft, ArticleState, ArticleText, EXCERPT, Revision, draft};
use crate::domain::{
    actor::Signature,
    fault::{Fault, Faults, Refusal},
    id::{ArticleId, RevisionId},
    profile::Limits,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// An article as it shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The article.
    pub article: Article,
    /// What was written for it, where its text is another now.
    pub revision: Option<Revision>,
}

/// What somebody wants to change about an article; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleEdit {
    /// In which language; the one it was first written in where absent. One that it is not written in yet becomes a
    /// translation, which needs a title and a text.
    pub language: Option<String>,
    /// Another title.
    pub title: Option<String>,
    /// Another text, in Markdown.
    pub content: Option<String>,
    /// Another name in addresses; the old one leads there still.
    pub slug: Option<String>,
    /// Another beginning; an empty one is taken from the text.
    pub excerpt: Option<String>,
    /// About something else.
    pub category: Option<String>,
    /// Other tags.
    pub tags: Option<Vec<String>>,
    /// Other articles to read next.
    pub related: Option<Vec<ArticleId>>,
}

/// By whom and when something is written, and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Pen<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) by: Signature,
    pub(crate) now: DateTime<Utc>,
    pub(crate) revision: RevisionId,
    /// The plain text of some Markdown, which the domain cannot read.
    pub(crate) plain: fn(&str) -> String,
}

impl Pen<'_> {
    fn excerpt(&self, content: &str) -> String {
        let plain = (self.plain)(content);
        let mut excerpt: String = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((at, _)) = excerpt.char_indices().nth(EXCERPT) {
            let end = excerpt[..at].rfind(' ').unwrap_or(at);
            excerpt.truncate(end);
            excerpt.push('…');
        }
        excerpt
    }
}

impl Article {
    /// A new article, as a draft.
    pub(crate) fn write(draft: ArticleDraft, id: ArticleId, pen: &Pen<'_>) -> Result<Written, Faults> {
        let mut faults = Faults::new();
        let language = draft::language(draft.language.as_deref(), &mut faults).unwrap_or_default();
        let category = draft::category(draft.category.as_deref().unwrap_or("general"), &mut faults);
        let tags = draft::tags(draft.tags, pen.limits, &mut faults);
        let related = draft::related(draft.related, None, &mut faults);
        let mut article = Self {
            id,
            category: category.unwrap_or_default(),
            tags,
            state: ArticleState::Draft,
            language: language.clone(),
            texts: BTreeMap::new(),
            former: BTreeMap::new(),
            related,
            author: pen.by.clone(),
            created_at: pen.now,
            updated_at: pen.now,
            published_at: None,
        };
        let said =
            draft::text(&draft.title, &draft.content, draft.slug.as_deref(), draft.excerpt.as_deref(), &mut faults);
        faults.check()?;
        let revision = article.say(&language, said, None, pen);
        Ok(Written { article, revision: Some(revision) })
    }

    /// The article with another text in that language, and the revision that says it.
    fn say(&mut self, language: &str, said: draft::CheckedText, restores: Option<u32>, pen: &Pen<'_>) -> Revision {
        let before = self.texts.get(language).cloned();
        let number = before.as_ref().map_or(1, |text| text.number + 1);
        self.rename(language, before.as_ref().map(|text| text.slug.as_str()), &said.slug);
        let from =
            if language == self.language { None } else { self.texts.get(&self.language).map(|text| text.number) };
        let text = ArticleText {
            title: said.title.clone(),
            slug: said.slug,
            excerpt: said.excerpt.unwrap_or_else(|| pen.excerpt(&said.content)),
            revision: pen.revision,
            number,
            from,
            updated_at: pen.now,
        };
        self.texts.insert(language.to_owned(), text);
        self.updated_at = pen.now;
        Revision {
            id: pen.revision,
            article: self.id,
            language: language.to_owned(),
            number,
            title: said.title,
            content: said.content,
            by: pen.by.clone(),
            at: pen.now,
            restores,
        }
    }

    fn rename(&mut self, language: &str, before: Option<&str>, slug: &str) {
        self.former.remove(slug);
        if let Some(before) = before.filter(|before| *before != slug) {
            self.former.insert(before.to_owned(), language.to_owned());
        }
    }

    /// The article with what `edit` says. `before` is what it says now in that language; none for a new translation.
    pub(crate) fn edit(
        mut self,
        edit: ArticleEdit,
        before: Option<&Revision>,
        pen: &Pen<'_>,
    ) -> Result<Written, Faults> {
        let mut faults = Faults::new();
        let original = self.language.clone();
        let language = draft::language(Some(edit.language.as_deref().unwrap_or(&original)), &mut faults);
        let language = language.unwrap_or_default();
        if let Some(name) = &edit.category {
            self.category = draft::category(name, &mut faults).unwrap_or_default();
        }
        if let Some(tags) = edit.tags {
            self.tags = draft::tags(tags, pen.limits, &mut faults);
        }
        if let Some(related) = edit.related {
            self.related = draft::related(related, Some(self.id), &mut faults);
        }
        let current = self.texts.get(&language).cloned();
        let title = edit.title.as_deref().or(before.map(|before| before.title.as_str())).unwrap_or_default();
        let content = edit.content.as_deref().or(before.map(|before| before.content.as_str())).unwrap_or_default();
        let slug = edit.slug.as_deref().or(current.as_ref().map(|text| text.slug.as_str()));
        // What was written by hand stays; what was taken from the text is taken from the new one.
        let by_hand =
            current.as_ref().zip(before).filter(|(text, before)| text.excerpt != pen.excerpt(&before.content));
        let excerpt = edit.excerpt.as_deref().or(by_hand.map(|(text, _)| text.excerpt.as_str()));
        if before.is_none() {
            let needs = |field, given: bool| (!given).then(|| Fault::new(field, "must be given for a new translation"));
            let missing = [needs("title", edit.title.is_some()), needs("content", edit.content.is_some())];
            faults.0.extend(missing.into_iter().flatten());
            Faults(std::mem::take(&mut faults.0)).check()?;
        }
        let said = draft::text(title, content, slug, excerpt, &mut faults);
        faults.check()?;
        self.updated_at = pen.now;
        let same = before.is_some_and(|before| before.title == said.title && before.content == said.content);
        if !same {
            let revision = self.say(&language, said, None, pen);
            return Ok(Written { article: self, revision: Some(revision) });
        }
        self.rename(&language, slug_of(current.as_ref()), &said.slug);
        if let Some(text) = self.texts.get_mut(&language) {
            text.excerpt = said.excerpt.unwrap_or_else(|| pen.excerpt(&said.content));
            text.slug = said.slug;
        }
        Ok(Written { article: self, revision: None })
    }

    /// The article saying again what it said in an older revision. The older one stays, and so does the newer.
    pub(crate) fn roll_back(mut self, to: &Revision, pen: &Pen<'_>) -> Result<Written, Refusal> {
        let Some(text) = self.texts.get(&to.language).cloned() else {
            return Err(Refusal::State("the article is not written in that language any more"));
        };
        if text.number == to.number {
            return Err(Refusal::State("the article says that already"));
        }
        let said =
            draft::CheckedText { title: to.title.clone(), content: to.content.clone(), slug: text.slug, excerpt: None };
        let revision = self.say(&to.language, said, Some(to.number), pen);
        Ok(Written { article: self, revision: Some(revision) })
    }

    /// The article for everybody to read, now or from a later moment on.
    pub(crate) fn publish(mut self, at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        self.state = match at {
            Some(at) if at > now => ArticleState::Scheduled { at },
            _ => ArticleState::Published,
        };
        if self.state == ArticleState::Published {
            self.published_at.get_or_insert(now);
        }
        self.updated_at = now;
        self
    }

    /// The article for nobody but staff: as a draft, or put away.
    pub(crate) fn withdraw(mut self, archive: bool, now: DateTime<Utc>) -> Self {
        self.state = if archive { ArticleState::Archived } else { ArticleState::Draft };
        self.updated_at = now;
        self
    }

    /// The article without its translation into that language.
    pub(crate) fn untranslate(mut self, language: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        if language == self.language {
            return Err(Refusal::State("the language an article was first written in cannot be taken away"));
        }
        let Some(text) = self.texts.remove(language) else {
            return Err(Fault::new("language", "the article is not written in it").into());
        };
        // Whoever follows the old address comes to the article in another language.
        self.former.insert(text.slug, self.language.clone());
        self.updated_at = now;
        Ok(self)
    }
}

fn slug_of(text: Option<&ArticleText>) -> Option<&str> {
    text.map(|text| text.slug.as_str())
}
