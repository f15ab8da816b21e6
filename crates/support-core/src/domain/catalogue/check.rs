use super::{CannedResponse, Category, Item, SavedView};
use crate::domain::{
    fault::{Fault, Faults},
    key::CategoryKey,
    profile::Profile,
    sla::ClockKind,
    text::TextRule,
};

impl Item {
    /// The item as it is kept.
    ///
    /// # Errors
    /// Every wrong field at once.
    pub fn check(self, profile: &Profile) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let checked = match self {
            Self::Category(category) => Self::Category(category.check(profile, &mut faults)),
            Self::CannedResponse(response) => Self::CannedResponse(response.check(profile, &mut faults)),
            Self::SavedView(view) => Self::SavedView(view.check(&mut faults)),
        };
        faults.check()?;
        Ok(checked)
    }
}

impl Category {
    fn check(self, profile: &Profile, faults: &mut Faults) -> Self {
        // Where categories are free text, a slug may be any of those; elsewhere it is a word for addresses.
        let slug = TextRule::line(60).required("slug", self.slug.as_str()).and_then(|slug| {
            if slug.contains(['/', ',']) { Err(Fault::new("slug", "must not contain `/` or `,`")) } else { Ok(slug) }
        });
        if let Some(priority) = &self.priority {
            faults.keep(profile.priorities.find("defaultPriority", priority.as_str()));
        }
        for clock in self.sla.iter().flat_map(|targets| ClockKind::ALL.map(|clock| (clock, targets.of(clock)))) {
            if clock.1.is_some_and(|target| target.seconds() == 0) {
                faults.push(Fault::new(format!("sla.{}", clock.0.as_str()), "must be longer than nothing"));
            }
        }
        Self {
            slug: CategoryKey::new(faults.keep(slug).unwrap_or_default()),
            name: faults.keep(TextRule::line(100).required("name", &self.name)).unwrap_or_default(),
            description: faults
                .keep(TextRule::block(2_000).optional("description", &self.description))
                .flatten()
                .unwrap_or_default(),
            sla: self.sla.filter(|targets| !targets.is_empty()),
            ..self
        }
    }
}

impl CannedResponse {
    fn check(self, profile: &Profile, faults: &mut Faults) -> Self {
        let slug = faults.keep(slug(&self.slug)).unwrap_or_default();
        let body = faults.keep(profile.limits.message().required("body", &self.body)).unwrap_or_default();
        let checked = Self {
            slug,
            title: faults.keep(TextRule::line(200).required("title", &self.title)).unwrap_or_default(),
            team: self.team.and_then(|team| faults.keep(TextRule::line(100).optional("team", &team)).flatten()),
            body,
        };
        faults.keep(checked.check_placeholders());
        checked
    }
}

impl SavedView {
    fn check(self, faults: &mut Faults) -> Self {
        let long = self.query.iter().any(|(name, value)| name.len() > 50 || value.chars().count() > 500);
        if self.query.len() > 30 || long {
            faults.push(Fault::new("query", "must hold at most 30 parameters of at most 500 characters"));
        }
        Self { name: faults.keep(TextRule::line(100).required("name", &self.name)).unwrap_or_default(), ..self }
    }
}

/// A short word to type.
fn slug(text: &str) -> Result<String, Fault> {
    let slug = TextRule::line(60).required("slug", text)?.to_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    if slug.chars().all(plain) {
        Ok(slug)
    } else {
        Err(Fault::new("slug", "must hold only letters from a to z, digits, `-`, `_` and `.`"))
    }
}
