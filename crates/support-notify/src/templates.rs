use crate::{
    builder::TemplatesBuilder,
    builtin, clean,
    facts::{House, Tokens},
    languages::chain,
    part::Part,
    words::Words,
};
use minijinja::{Environment, Value};
use std::{fmt, sync::Arc};
use support_core::domain::notification::Letter;

/// The longest text message that every phone gets in one piece.
const SHORT: usize = 160;

/// The words in which people are told things, in each language.
///
/// ```
/// use support_notify::{Links, Part, Templates};
/// let templates = Templates::builder()
///     .shop("Corner Shop")
///     .links(Links::at("https://shop.example"))
///     .set("reply_sent", "fr", Part::Subject, "Re: {{ thread }}")
///     .set("reply_sent", "fr", Part::Intro, "{{ actor or shop }} vous a répondu :")
///     .set("reply_sent", "fr", Part::Action, "Lire et répondre")
///     .label("fr", "hello", "Bonjour")
///     .build()?;
/// # use support_core::domain::{id::*, notification::*};
/// # let letter = Letter {
/// #     id: NotificationId(uuid::Uuid::nil()), person: Person::Customer(CustomerId(uuid::Uuid::nil())),
/// #     address: "ada@example.org".into(), name: "Ada".into(), language: Some("fr-CA".into()),
/// #     stories: vec![Story {
/// #         topic: Topic::ReplySent, at: "2026-01-05T09:00:00Z".parse().unwrap(), ticket: None,
/// #         number: Some("T-1".into()), subject: Some("Imprimante".into()), actor: Some("Sam".into()),
/// #         text: Some("C'est fait.".into()), data: serde_json::Map::new(),
/// #     }],
/// # };
/// let mail = templates.compose(&letter);
/// assert_eq!(mail.subject, "Re: [T-1] Imprimante");
/// assert!(mail.text.starts_with("Bonjour Ada,\n\nSam vous a répondu :\n\n> C'est fait."));
/// # Ok::<(), support_notify::LoadError>(())
/// ```
#[derive(Clone)]
pub struct Templates(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) environment: Environment<'static>,
    pub(crate) house: House,
    pub(crate) default_language: String,
}

/// A mail, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// One line.
    pub subject: String,
    /// As text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A notice on a device, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line.
    pub title: String,
    /// A few words more.
    pub body: String,
    /// What to open.
    pub link: Option<String>,
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Templates").field("shop", &self.0.house.shop).finish_non_exhaustive()
    }
}

impl Templates {
    /// Those that come with the crate, and what a host changes about them.
    pub fn builder() -> TemplatesBuilder {
        TemplatesBuilder::new()
    }

    /// The source of a built-in template, to begin one's own with: of a topic, `digest` or `frame`. Frames are the same in
    /// each language.
    ///
    /// ```
    /// use support_notify::{Part, Templates};
    /// assert_eq!(Templates::builtin("ticket_closed", "de", Part::Action), Some("Ticket ansehen"));
    /// assert!(Templates::builtin("frame", "en", Part::Html).is_some());
    /// ```
    pub fn builtin(name: &str, language: &str, part: Part) -> Option<&'static str> {
        let is_it = |builtin: &&builtin::Builtin| {
            [language, builtin::ANY].contains(&builtin.language) && builtin.name == name && builtin.part == part
        };
        builtin::all().iter().find(is_it).map(|builtin| builtin.source)
    }

    /// A letter as a mail. It never fails: where a template does, although it was tried when it was loaded, the next one that
    /// would do is taken.
    pub fn compose(&self, letter: &Letter) -> Composed {
        let mut words = self.words(letter, Tokens::Kept);
        let subject = clean::line(&words.render(Part::Subject), 200);
        let subject = if subject.is_empty() { words.variable("title") } else { subject };
        words.variables.insert("mail_subject", subject.clone().into());
        let text = clean::tidy(&words.render(Part::Text));
        let html = clean::tidy(&words.render(Part::Html));
        Composed { subject, text: format!("{text}\n"), html: format!("{html}\n") }
    }

    /// A letter as a text message: one line, and of at most 160 characters unless its link alone is longer. Characters
    /// beyond those of an old phone make it two messages.
    pub fn compose_short(&self, letter: &Letter) -> String {
        let mut words = self.words(letter, Tokens::Kept);
        let mut title = words.variable("title");
        loop {
            let short = clean::line(&words.render(Part::Short), 2 * SHORT + title.len() + 500);
            let (over, has) = (short.chars().count().saturating_sub(SHORT), title.chars().count());
            // The title gives way, never the link.
            if over == 0 || has <= 12 {
                return short;
            }
            title = clean::cut(&title, has.saturating_sub(over).max(12));
            words.variables.insert("title", title.clone().into());
            if title.chars().count() >= has {
                return short;
            }
        }
    }

    /// A letter as a notice on a device. Such notices go over the servers of others, so its link opens nothing by itself.
    pub fn compose_notice(&self, letter: &Letter) -> Notice {
        let words = self.words(letter, Tokens::LeftOut);
        let link = words.variable("link");
        Notice {
            title: clean::cut(&words.variable("title"), 80),
            body: clean::block(&words.render(Part::Body), 240),
            link: (!link.is_empty()).then_some(link),
        }
    }

    /// Where the person says what they want to be told.
    pub fn preferences(&self) -> Option<String> {
        self.0.house.preferences()
    }

    /// What can be said of the letter before it is put into a frame.
    fn words(&self, letter: &Letter, tokens: Tokens) -> Words<'_> {
        let inner = &*self.0;
        let languages: Arc<[String]> = chain(letter.language.as_deref(), &inner.default_language).into();
        let mut variables = inner.house.letter(letter, tokens);
        let [story] = letter.stories.as_slice() else {
            let told = letter.stories.iter().map(|story| {
                let alone = Letter { stories: vec![story.clone()], ..letter.clone() };
                let variables = inner.house.letter(&alone, tokens);
                let mut words = Words::new(inner, story.topic.as_str(), Arc::clone(&languages), variables);
                words.keep(Part::Title, "title");
                Value::from(words.variables)
            });
            variables.insert("stories", told.collect::<Vec<_>>().into());
            return Words::new(inner, builtin::DIGEST, languages, variables).begun();
        };
        Words::new(inner, story.topic.as_str(), languages, variables).begun()
    }
}
