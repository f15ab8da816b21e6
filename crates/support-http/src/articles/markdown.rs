//! Markdown as HTML that can be shown as it is.

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};
use support_core::domain::document::slug;

/// Stands before every id, so that none of them is one that the page's own script or style knows.
const ID: &str = "article-";
/// Bytes of an id.
const LONGEST_ID: usize = 60;

/// What is understood beyond `CommonMark`; the desk finds articles by the same.
const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

/// The text as HTML, without anything that runs, loads styles, or sends a form. Headings get ids made of what they say,
/// such as `article-what-it-costs`. Links tell nobody where their reader came from.
pub(crate) fn html(markdown: &str) -> String {
    let events = with_ids(bounded(Parser::new_ext(markdown, OPTIONS).map(plain_boxes).collect()));
    let mut dirty = String::with_capacity(markdown.len() + markdown.len() / 2);
    html::push_html(&mut dirty, events.into_iter());
    CLEANER.clean(&dirty).to_string()
}

/// Things in each other, and tags that authors type themselves: what reads HTML gets slow where it is deep.
const DEEPEST: usize = 50;
const MOST_TAGS: usize = 5_000;

/// Without what lies too deep, but for its text; without any typed tag where there are too many.
fn bounded(mut events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let typed = |event: &Event<'_>| match event {
        Event::Html(text) | Event::InlineHtml(text) => text.bytes().filter(|byte| *byte == b'<').count(),
        _ => 0,
    };
    let too_many = events.iter().map(typed).sum::<usize>() > MOST_TAGS;
    let mut depth = 0;
    events.retain(|event| match event {
        Event::Start(_) => {
            depth += 1;
            depth <= DEEPEST
        }
        Event::End(_) => {
            depth -= 1;
            depth < DEEPEST
        }
        other => !too_many || typed(other) == 0,
    });
    events
}

/// A box that can be ticked would be a form.
fn plain_boxes(event: Event<'_>) -> Event<'_> {
    match event {
        Event::TaskListMarker(done) => Event::Text(CowStr::Borrowed(if done { "\u{2611} " } else { "\u{2610} " })),
        other => other,
    }
}

fn with_ids(mut events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut taken = BTreeSet::new();
    for start in 0..events.len() {
        if !matches!(events.get(start), Some(Event::Start(Tag::Heading { .. }))) {
            continue;
        }
        let mut said = String::new();
        let inside = events.iter().skip(start + 1);
        for event in inside.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))) {
            match event {
                Event::Text(text) | Event::Code(text) => said.push_str(text),
                Event::SoftBreak | Event::HardBreak => said.push(' '),
                _ => {}
            }
        }
        let chosen = unique(&said, &mut taken);
        if let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(start) {
            *id = chosen.map(CowStr::from);
        }
    }
    events
}

/// None for a heading of which no id can be made.
fn unique(heading: &str, taken: &mut BTreeSet<String>) -> Option<String> {
    let short: String = heading.chars().take(LONGEST_ID / 4).collect();
    let base = slug("id", heading, LONGEST_ID).or_else(|_| slug("id", &short, LONGEST_ID)).ok()?;
    let numbered = (1_u32..).map(|n| if n == 1 { base.clone() } else { format!("{base}-{n}") });
    let free = numbered.take(1_000).find(|id| !taken.contains(id))?;
    taken.insert(free.clone());
    Some(free)
}

const TAGS: [&str; 45] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "dd",
    "del",
    "details",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Of these nothing is left, not even what stands in them. They are where one parser sees text and another sees tags.
const GONE: [&str; 18] = [
    "applet",
    "embed",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href", "hreflang"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("ol", HashSet::from(["start"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan"])),
        ("code", HashSet::from(["class"])),
        ("details", HashSet::from(["open"])),
    ]);
    attributes.extend(["h1", "h2", "h3", "h4", "h5", "h6"].map(|heading| (heading, HashSet::from(["id"]))));
    let mut cleaner = Builder::empty();
    cleaner
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(GONE))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["title", "lang", "dir"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("nofollow noopener noreferrer"))
        .id_prefix(Some(ID))
        .set_tag_attribute_value("img", "loading", "lazy")
        .set_tag_attribute_value("img", "referrerpolicy", "no-referrer")
        .strip_comments(true)
        .attribute_filter(|tag, attribute, value| match (tag, attribute) {
            ("code", "class") => is_language(value).then_some(Cow::Borrowed(value)),
            (_, "href" | "src") => is_address(value).then_some(Cow::Borrowed(value)),
            (_, "id") => is_id(value).then_some(Cow::Borrowed(value)),
            _ => Some(Cow::Borrowed(value)),
        });
    cleaner
});

/// The only class: which language some code is in, for whoever colours it.
fn is_language(class: &str) -> bool {
    let name = class.strip_prefix("language-").unwrap_or_default();
    (1..=30).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-#_".contains(&byte))
}

/// What no address holds that was written as one: browsers pass over such characters, or end it there.
fn is_address(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '\\'))
}

fn is_id(id: &str) -> bool {
    id.len() <= LONGEST_ID + 10 && id.chars().all(|c| c.is_alphanumeric() || c == '-')
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
