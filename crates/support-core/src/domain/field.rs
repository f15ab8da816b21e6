//! Custom fields: what a desk wants to know of its tickets beyond what every desk does. Definitions are the profile's.

use crate::domain::{
    fault::{Fault, Faults},
    profile::When,
    text::TextRule,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A custom field of tickets (S1, "Custom Fields").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in bodies and in the database.
    pub key: String,
    /// What people call it.
    #[serde(default)]
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Which tickets have it; all where absent.
    #[serde(default)]
    pub when: When,
    /// Whether such a ticket cannot be opened without it.
    #[serde(default)]
    pub required: bool,
    /// Whether only staff see and set it.
    #[serde(default)]
    pub internal: bool,
}

/// What a custom field holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Checkbox,
    /// A day, as `2026-01-05`.
    Date,
    /// One of these.
    Select(Vec<String>),
    /// Several of these.
    MultiSelect(Vec<String>),
}

impl FieldKind {
    /// The value as it is kept.
    fn check(&self, path: &str, value: &Value) -> Result<Value, Fault> {
        let wrong = |message: &str| Err(Fault::new(path, message));
        match (self, value) {
            (Self::Text, Value::String(text)) => TextRule::line(500).required(path, text).map(Value::String),
            (Self::Number, Value::Number(_)) | (Self::Checkbox, Value::Bool(_)) => Ok(value.clone()),
            (Self::Number, _) => wrong("must be a number"),
            (Self::Checkbox, _) => wrong("must be true or false"),
            (Self::Date, Value::String(text)) if text.parse::<NaiveDate>().is_ok() => Ok(value.clone()),
            (Self::Date, _) => wrong("must be a day, such as 2026-01-05"),
            (Self::Select(options), Value::String(text)) => option(path, text, options),
            (Self::Text | Self::Select(_), _) => wrong("must be a string"),
            (Self::MultiSelect(options), Value::Array(values)) => {
                let mut chosen: Vec<Value> = Vec::new();
                for (index, value) in values.iter().enumerate() {
                    let path = format!("{path}.{index}");
                    let Value::String(text) = value else { return Err(Fault::new(path, "must be a string")) };
                    let value = option(&path, text, options)?;
                    if !chosen.contains(&value) {
                        chosen.push(value);
                    }
                }
                Ok(Value::Array(chosen))
            }
            (Self::MultiSelect(_), _) => wrong("must be a list of strings"),
        }
    }
}

fn option(path: &str, text: &str, options: &[String]) -> Result<Value, Fault> {
    match options.iter().find(|option| *option == text) {
        Some(option) => Ok(Value::String(option.clone())),
        None => Err(Fault::unknown(path, text, options)),
    }
}

/// Checks values against the definitions; `null` takes a value away. `applies` says which fields this ticket has, and
/// `staff` whether internal ones may be set.
pub(crate) fn check(
    fields: &[Field],
    values: Map<String, Value>,
    staff: bool,
    applies: impl Fn(&Field) -> bool,
    faults: &mut Faults,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in values {
        let path = format!("fields.{key}");
        let known = |field: &&Field| (staff || !field.internal) && applies(field);
        match fields.iter().filter(known).find(|field| field.key == key) {
            // A field that only staff may know answers as one that is not there.
            None => {
                let allowed: Vec<&str> = fields.iter().filter(known).map(|field| field.key.as_str()).collect();
                faults.push(Fault {
                    message: "is no field of this ticket".to_owned(),
                    ..Fault::unknown(path, "", allowed)
                });
            }
            Some(_) if value.is_null() => {
                kept.insert(key, Value::Null);
            }
            Some(field) => {
                if let Some(value) = faults.keep(field.kind.check(&path, &value)) {
                    kept.insert(key, value);
                }
            }
        }
    }
    kept
}

/// Says which required fields are missing.
pub(crate) fn require(
    fields: &[Field],
    values: &Map<String, Value>,
    staff: bool,
    applies: impl Fn(&Field) -> bool,
    faults: &mut Faults,
) {
    for field in fields.iter().filter(|field| field.required && (staff || !field.internal) && applies(field)) {
        if values.get(&field.key).is_none_or(Value::is_null) {
            let path = format!("fields.{}", field.key);
            if !faults.0.iter().any(|fault| fault.field.starts_with(&path)) {
                faults.push(Fault::new(path, "is missing"));
            }
        }
    }
}
