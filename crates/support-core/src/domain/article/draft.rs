use crate::domain::{
    agent,
    document::slug,
    fault::{Fault, Faults},
    id::ArticleId,
    profile::Limits,
    text::TextRule,
};
use std::collections::BTreeSet;

/// An article that somebody wants to write, or a translation of one; not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleDraft {
    /// Its title.
    pub title: String,
    /// The text, in Markdown.
    pub content: String,
    /// Its name in addresses; made from the title where absent.
    pub slug: Option<String>,
    /// How it begins; taken from the text where absent.
    pub excerpt: Option<String>,
    /// The language it is written in, as a tag; `en` where absent.
    pub language: Option<String>,
    /// What it is about; not asked of a translation.
    pub category: Option<String>,
    /// Words to find it by; not asked of a translation.
    pub tags: Vec<String>,
    /// Articles to read next; not asked of a translation.
    pub related: Vec<ArticleId>,
}

/// What is asked of every text, checked.
#[derive(Debug, Clone)]
pub(super) struct CheckedText {
    pub(super) title: String,
    pub(super) content: String,
    pub(super) slug: String,
    pub(super) excerpt: Option<String>,
}

/// The language of an article that does not say.
pub(super) const LANGUAGE: &str = "en";
/// Characters of a title.
const TITLE: usize = 200;
/// Bytes of a slug: it has to fit into a key.
const SLUG: usize = 200;
/// Articles to read next.
const RELATED: usize = 10;

pub(super) fn language(tag: Option<&str>, faults: &mut Faults) -> Option<String> {
    faults.keep(agent::language("language", tag.unwrap_or(LANGUAGE)))
}

pub(super) fn category(name: &str, faults: &mut Faults) -> Option<String> {
    faults.keep(TextRule::line(50).required("category", name))
}

pub(super) fn tags(tags: Vec<String>, limits: &Limits, faults: &mut Faults) -> BTreeSet<String> {
    if tags.len() > limits.tags {
        faults.push(Fault::new("tags", format!("must not be more than {}", limits.tags)));
        return BTreeSet::new();
    }
    let rule = TextRule::line(limits.tag_chars);
    let tag = |(n, tag): (usize, String)| rule.required(&format!("tags.{n}"), &tag);
    tags.into_iter().enumerate().filter_map(|numbered| faults.keep(tag(numbered))).collect()
}

pub(super) fn related(related: Vec<ArticleId>, own: Option<ArticleId>, faults: &mut Faults) -> Vec<ArticleId> {
    if related.len() > RELATED {
        faults.push(Fault::new("relatedArticles", format!("must not be more than {RELATED}")));
    }
    if own.is_some_and(|own| related.contains(&own)) {
        faults.push(Fault::new("relatedArticles", "must not name the article itself"));
    }
    related
}

pub(super) fn text(
    title: &str,
    content: &str,
    name: Option<&str>,
    excerpt: Option<&str>,
    faults: &mut Faults,
) -> CheckedText {
    let title = faults.keep(TextRule::line(TITLE).required("title", title)).unwrap_or_default();
    let content = faults.keep(TextRule::block(CONTENT).required("content", content)).unwrap_or_default();
    let slug = match name {
        Some(name) => faults.keep(slug("slug", name, SLUG)).unwrap_or_default(),
        // A long title makes a long slug, which is cut where a typed one would be refused.
        None => slug("title", &title, usize::MAX).map(|slug| cut(&slug)).unwrap_or_default(),
    };
    if slug.is_empty() && !title.is_empty() && name.is_none() {
        faults.push(Fault::new("slug", "must be given where the title holds neither letters nor digits"));
    }
    let excerpt = excerpt.and_then(|text| faults.keep(TextRule::line(super::EXCERPT * 2).optional("excerpt", text)));
    CheckedText { title, content, slug, excerpt: excerpt.flatten() }
}

/// Characters of an article.
pub(super) const CONTENT: usize = 100_000;

fn cut(slug: &str) -> String {
    let mut end = slug.len().min(SLUG);
    while !slug.is_char_boundary(end) {
        end -= 1;
    }
    slug[..end].trim_end_matches('-').to_owned()
}
