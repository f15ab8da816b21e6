//! One letter on its way to words: which template says what, in which language.

use crate::{
    builtin::{self, ANY, FRAME},
    clean,
    facts::Variables,
    filters,
    part::Part,
    templates::Inner,
};
use minijinja::Value;
use std::sync::Arc;

/// What one letter says.
pub(crate) struct Words<'a> {
    inner: &'a Inner,
    /// The topic, or `digest`.
    name: &'a str,
    languages: Arc<[String]>,
    pub(crate) variables: Variables,
}

/// A template that would do.
struct Choice {
    template: String,
    language: String,
    /// It is text, and wanted as HTML.
    is_text: bool,
}

/// Under which name a host's template is kept, and what is said of it in errors.
pub(crate) fn own(language: &str, name: &str, part: Part) -> String {
    format!("{language}/{name}.{part}")
}

/// Under which name one that comes with the crate is kept, beside a host's that stands before it.
pub(crate) fn built_in(language: &str, name: &str, part: Part) -> String {
    format!("built-in/{language}/{name}.{part}")
}

impl<'a> Words<'a> {
    pub(crate) fn new(inner: &'a Inner, name: &'a str, languages: Arc<[String]>, variables: Variables) -> Self {
        Self { inner, name, languages, variables }
    }

    /// With what frames are put around.
    pub(crate) fn begun(mut self) -> Self {
        self.keep(Part::Title, "title");
        self.keep(Part::Action, "action");
        let intro = clean::tidy(&self.render(Part::Intro));
        self.variables.insert("intro", intro.into());
        self
    }

    /// Renders a line, and keeps it as a variable.
    pub(crate) fn keep(&mut self, part: Part, variable: &'static str) {
        let line = clean::line(&self.render(part), 200);
        self.variables.insert(variable, line.into());
    }

    /// A variable that is text.
    pub(crate) fn variable(&self, name: &str) -> String {
        self.variables.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The part, by the first template that can say it; nothing if none can.
    pub(crate) fn render(&self, part: Part) -> String {
        self.choices(part).into_iter().find_map(|choice| self.try_with(&choice)).unwrap_or_default()
    }

    fn try_with(&self, choice: &Choice) -> Option<String> {
        let template = self.inner.environment.get_template(&choice.template).ok()?;
        let mut variables = self.variables.clone();
        variables.insert("language", choice.language.clone().into());
        let said = template.render(Value::from(variables)).ok()?;
        Some(if choice.is_text { page(&choice.language, &clean::tidy(&said), &self.variable("link")) } else { said })
    }

    /// Every template that would do, the best first: a language is tried whole before the next one.
    fn choices(&self, part: Part) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (at, language) in self.languages.iter().enumerate() {
            let choice = |template: String| Choice { template, language: language.clone(), is_text: false };
            let is_there = |template: &String| self.inner.environment.get_template(template).is_ok();
            let named = |part| [own(language, self.name, part), built_in(language, self.name, part)];
            choices.extend(named(part).into_iter().take(1).filter(is_there).map(choice));
            // Whoever changes the text alone means both: mail programs show the HTML.
            if part == Part::Html {
                let text = own(language, self.name, Part::Text);
                choices.extend(Some(text).filter(is_there).map(|text| Choice { is_text: true, ..choice(text) }));
            }
            choices.extend(named(part).into_iter().skip(1).filter(is_there).map(choice));
            if part.is_framed() && named(Part::Intro).iter().any(is_there) {
                choices.extend(self.frames(&self.languages[at..], part).into_iter().filter(is_there).map(choice));
            }
        }
        choices
    }

    fn frames(&self, languages: &[String], part: Part) -> Vec<String> {
        let own_frames = languages.iter().map(|language| own(language, FRAME, part));
        let digest = built_in(ANY, builtin::DIGEST, part);
        let frame = built_in(ANY, FRAME, part);
        match (self.name, part) {
            // A frame is around one story.
            (builtin::DIGEST, Part::Short) => own_frames.chain([frame]).collect(),
            (builtin::DIGEST, _) => vec![digest],
            _ => own_frames.chain([frame]).collect(),
        }
    }
}

/// Text as a page of HTML, where nobody wrote one.
fn page(language: &str, text: &str, link: &str) -> String {
    let mut body = filters::paragraphs(text);
    if !link.is_empty() {
        let link = filters::escaped(link);
        body = body.replacen(&link, &format!("<a href=\"{link}\">{link}</a>"), 1);
    }
    let language = filters::escaped(language);
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"></head>\n<body>\n{body}\n</body>\n</html>"
    )
}
