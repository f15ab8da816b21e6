//! What is wrong with an input, field by field, and why a lawful-looking change is refused.

use crate::domain::key::StatusKey;
use std::fmt;

/// One wrong field of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: the field's name, with `.` and numbers for what lies deeper (`attachments.0.url`).
    pub field: String,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What would be right, where that is a list.
    pub allowed: Vec<String>,
}

impl Fault {
    /// A fault of `field`, described by `message`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), allowed: Vec::new() }
    }

    /// A value that is none of `allowed`.
    pub fn unknown<T: fmt::Display>(
        field: impl Into<String>,
        value: impl fmt::Display,
        allowed: impl IntoIterator<Item = T>,
    ) -> Self {
        let shown: String = value.to_string().chars().take(60).collect();
        Self {
            field: field.into(),
            message: format!("`{shown}` is not known here"),
            allowed: allowed.into_iter().map(|value| value.to_string()).collect(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)?;
        if !self.allowed.is_empty() {
            write!(f, " (allowed: {})", self.allowed.join(", "))?;
        }
        Ok(())
    }
}

/// Every fault of one input. Collected, never stopped at the first, so that a form can show them all at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// No fault yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Keeps the value of a check, or its fault.
    pub fn keep<T>(&mut self, checked: Result<T, Fault>) -> Option<T> {
        checked.map_err(|fault| self.push(fault)).ok()
    }

    /// `Ok` where nothing is wrong.
    ///
    /// # Errors
    /// The faults themselves, if there is one.
    pub fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Why a change of a ticket is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The input is wrong; nothing about the ticket could make it right.
    #[error("{0}")]
    Invalid(#[from] Faults),
    /// The workflow has no such step from where the ticket stands.
    #[error("a ticket cannot go from `{from}` to `{to}`")]
    Transition {
        /// Where the ticket stands.
        from: StatusKey,
        /// Where it was asked to go.
        to: StatusKey,
        /// Where it may go.
        allowed: Vec<StatusKey>,
    },
    /// The ticket stands where this cannot be done.
    #[error("{0}")]
    State(&'static str),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Invalid(fault.into())
    }
}
