use crate::{
    builtin::{self, DIGEST, FRAME},
    clean, directory,
    facts::House,
    fault::{LoadError, TemplateFault},
    filters,
    languages::{LAST, Labels, tag},
    links::Links,
    part::Part,
    sample,
    templates::{Inner, Templates},
    words::{built_in, own},
};
use chrono_tz::Tz;
use minijinja::{Environment, UndefinedBehavior};
use std::{path::PathBuf, sync::Arc};
use support_core::domain::notification::Topic;

/// What a host changes about the words that come with the crate.
#[derive(Debug, Clone)]
pub struct TemplatesBuilder {
    shop: String,
    links: Option<Links>,
    default_language: String,
    time_zone: Tz,
    own: Vec<Own>,
    labels: Vec<(String, String, String)>,
    directories: Vec<PathBuf>,
}

/// A template of a host.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) part: Part,
    pub(crate) source: String,
}

impl TemplatesBuilder {
    pub(crate) fn new() -> Self {
        Self {
            shop: String::new(),
            links: None,
            default_language: LAST.to_owned(),
            time_zone: Tz::UTC,
            own: Vec::new(),
            labels: Vec::new(),
            directories: Vec::new(),
        }
    }

    /// What the shop is called.
    pub fn shop(mut self, name: impl Into<String>) -> Self {
        self.shop = name.into();
        self
    }

    /// Where people find what they are told of. Without links, letters have none.
    pub fn links(mut self, links: Links) -> Self {
        self.links = Some(links);
        self
    }

    /// What people read whose language nobody knows, or that nobody has words in: English unless said otherwise.
    pub fn default_language(mut self, language: impl Into<String>) -> Self {
        self.default_language = language.into();
        self
    }

    /// On whose clock times are said, unless a story brings a `timeZone`: UTC unless said otherwise.
    pub fn time_zone(mut self, time_zone: Tz) -> Self {
        self.time_zone = time_zone;
        self
    }

    /// A template of one's own: for a topic by its word, for `digest` (several stories in one letter), or for `frame` (the
    /// letter around the words of every topic).
    pub fn set(
        mut self,
        name: impl Into<String>,
        language: impl Into<String>,
        part: Part,
        source: impl Into<String>,
    ) -> Self {
        self.own.push(Own { name: name.into(), language: language.into(), part, source: source.into() });
        self
    }

    /// How a language says a label of the letter, or a word of the profile, such as a status.
    pub fn label(mut self, language: impl Into<String>, key: impl Into<String>, word: impl Into<String>) -> Self {
        self.labels.push((language.into(), key.into(), word.into()));
        self
    }

    /// Templates in files: `<directory>/<language>/<name>.<part>`, with the endings that [`Part`] names, and labels in
    /// `<directory>/<language>/words.txt`, in lines such as `in_progress = in Arbeit`. What is set by [`Self::set`] and
    /// [`Self::label`] stands before them.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directories.push(directory.into());
        self
    }

    /// Reads everything, and tries each template with letters that know everything and letters that know nothing.
    ///
    /// # Errors
    /// Everything that is wrong, with the template and the line.
    pub fn build(self) -> Result<Templates, LoadError> {
        let mut faults = Vec::new();
        if tag(&self.default_language).is_none() {
            faults.push(TemplateFault::of("default_language", "is no language tag, such as `de` or `pt-br`"));
        }
        for why in self.links.iter().flat_map(Links::faults) {
            faults.push(TemplateFault::of("links", why));
        }
        let mut own = Vec::new();
        let mut labels = Vec::new();
        for path in &self.directories {
            directory::read(path, &mut own, &mut labels, &mut faults);
        }
        own.extend(self.own);
        labels.extend(self.labels);

        let mut known = Labels::new(&self.default_language);
        for (language, key, word) in labels {
            match tag(&language) {
                Some(language) => known.set(&language, &key, &clean::line(&word, 200)),
                None => faults.push(TemplateFault::of(&language, "is no language tag, such as `de` or `pt-br`")),
            }
        }
        let mut environment = Environment::new();
        filters::add(&mut environment, known);
        let checked = add_all(&mut environment, own, &mut faults);
        let house = House { shop: clean::line(&self.shop, 80), links: self.links, time_zone: self.time_zone };
        // A name that is not there is a slip of the pen, and found now. Later, nobody waits in vain for a mail because of one.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (template, name) in &checked {
            sample::check(&environment, template, name, &house, &mut faults);
        }
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        if faults.is_empty() {
            let inner = Inner { environment, house, default_language: self.default_language };
            Ok(Templates(Arc::new(inner)))
        } else {
            Err(LoadError::new(faults))
        }
    }
}

/// Every template, under its name; answers those names with what each is for.
fn add_all(
    environment: &mut Environment<'static>,
    own_templates: Vec<Own>,
    faults: &mut Vec<TemplateFault>,
) -> Vec<(String, String)> {
    let mut added = Vec::new();
    let mut add = |key: String, name: &str, source: String, faults: &mut Vec<TemplateFault>| match environment
        .add_template_owned(key.clone(), source)
    {
        Ok(()) => added.push((key, name.to_owned())),
        Err(error) => faults.push(TemplateFault::at(&key, &error)),
    };
    for template in builtin::all() {
        let key = built_in(template.language, template.name, template.part);
        add(key, template.name, template.source.to_owned(), faults);
    }
    for template in own_templates {
        let Own { name, language, part, source } = template;
        let Some(tag) = tag(&language) else {
            faults.push(TemplateFault::of(&own(&language, &name, part), "its language is no tag, such as `de`"));
            continue;
        };
        let key = own(&tag, &name, part);
        match name.as_str() {
            FRAME if !part.is_framed() => {
                faults.push(TemplateFault::of(&key, "a frame is made of txt, html, sms and body"));
            }
            FRAME | DIGEST => add(key, &name, source, faults),
            topic if Topic::find(topic).is_some() => add(key, topic, source, faults),
            _ => {
                faults
                    .push(TemplateFault::of(&key, "there is no such topic; beside topics there are digest and frame"));
            }
        }
    }
    added.sort_unstable();
    added.dedup();
    added
}
