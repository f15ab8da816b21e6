use std::fmt;

/// What is wrong with templates: all of it, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LoadError {
    faults: Vec<TemplateFault>,
}

/// Something that is wrong with a template, or with what it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateFault {
    /// The template, such as `fr/reply_sent.txt`; or the setting, or the file.
    pub template: String,
    /// In which line.
    pub line: Option<usize>,
    /// What is wrong.
    pub why: String,
}

impl LoadError {
    pub(crate) fn new(faults: Vec<TemplateFault>) -> Self {
        Self { faults }
    }

    /// Everything that is wrong.
    pub fn faults(&self) -> &[TemplateFault] {
        &self.faults
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the templates cannot be used:")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.template, self.why),
            None => write!(f, "{}: {}", self.template, self.why),
        }
    }
}

impl TemplateFault {
    pub(crate) fn of(template: &str, why: impl Into<String>) -> Self {
        Self { template: template.to_owned(), line: None, why: why.into() }
    }

    pub(crate) fn at(template: &str, error: &minijinja::Error) -> Self {
        let why =
            error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
        Self { template: template.to_owned(), line: error.line(), why }
    }
}
