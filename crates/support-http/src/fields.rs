//! Reads the fields of a body, or the parameters of a query, in every spelling and with every fault at once.

use crate::problem::MOST_FAULTS;
use serde_json::{Map, Value};
use support_core::{
    desk,
    domain::{
        fault::{Fault, Faults, Refusal},
        message::Attachment,
        ticket::Related,
    },
};
use uuid::Uuid;

/// Named values, taken one by one. What is wrong with them is collected.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// Stands before the names in faults: empty, or such as `attachments.0.`.
    path: String,
    left: Vec<Entry>,
    asked: Vec<&'static str>,
    faults: Faults,
    names: Names,
}

#[derive(Debug)]
struct Entry {
    /// In camel case, however it was written.
    name: String,
    written: String,
    value: Value,
}

/// How the request spelled what the desk calls by one name, so that a fault points to where the request wrote it.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<(String, String)>);

impl Names {
    /// What the request wrote for `name`.
    pub(crate) fn written(&self, name: &str) -> String {
        let spelled = |(known, written): &(String, String)| {
            let rest = name.strip_prefix(known.as_str())?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{written}{rest}"))
        };
        self.0.iter().find_map(spelled).unwrap_or_else(|| name.to_owned())
    }

    /// What the desk answers, with faults under the names that the request used.
    pub(crate) fn restore<T>(&self, outcome: Result<T, desk::Error>) -> Result<T, desk::Error> {
        outcome.map_err(|error| match error {
            desk::Error::Refused(Refusal::Invalid(mut faults)) => {
                for fault in &mut faults.0 {
                    fault.field = self.written(&fault.field);
                }
                faults.into()
            }
            other => other,
        })
    }

    /// Says that the request wrote `written` for `name`.
    pub(crate) fn add(&mut self, name: impl Into<String>, written: impl Into<String>) {
        self.0.push((name.into(), written.into()));
    }
}

/// What only the server says. An input that does not read one of these and finds it nevertheless is refused, so that
/// nobody believes to have set it.
const SERVER_SETS: [&str; 44] = [
    "agent",
    "agentId",
    "assignedTo",
    "assignee",
    "closedAt",
    "createdAt",
    "createdBy",
    "customerTier",
    "deleted",
    "deletedAt",
    "editedAt",
    "escalationLevel",
    "firstResponseAt",
    "from",
    "id",
    "isRead",
    "lastAssignedAt",
    "mergedInto",
    "messageId",
    "openTickets",
    "operation",
    "owner",
    "ownerId",
    "phase",
    "pseudonym",
    "readAt",
    "resolvedAt",
    "role",
    "satisfaction",
    "senderId",
    "senderName",
    "senderType",
    "sentAt",
    "sla",
    "slaDeadline",
    "status",
    "team",
    "ticketId",
    "ticketNumber",
    "undoneAt",
    "updatedAt",
    "userId",
    "version",
    "watchers",
];

impl Fields {
    /// From names and values, in the order of the input.
    pub(crate) fn new(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        let entry = |(written, value): (String, Value)| Entry { name: camel_case(&written), written, value };
        Self { left: values.into_iter().map(entry).collect(), ..Self::default() }
    }

    /// The value of a field that has these names; the first is the desk's own. Two names at once are a fault.
    pub(crate) fn field(&mut self, names: &[&'static str]) -> Field<'_> {
        self.asked.extend(names);
        let (said, left) =
            std::mem::take(&mut self.left).into_iter().partition(|entry| names.contains(&entry.name.as_str()));
        self.left = left;
        let mut said: std::vec::IntoIter<Entry> = Vec::into_iter(said);
        let first = said.next();
        for entry in said {
            let before = first.as_ref().map_or("", |first| first.written.as_str());
            let message = format!("says what `{before}` has said already: send it once");
            self.fault(Fault::new(entry.written, message));
        }
        let own = names.first().copied().unwrap_or_default();
        let written = first.as_ref().map_or_else(|| own.to_owned(), |first| first.written.clone());
        if written != own {
            self.names.add(own, &written);
        }
        Field { written, value: first.map(|first| first.value), fields: self }
    }

    /// Notes a fault of a field that was named as the input wrote it.
    pub(crate) fn fault(&mut self, fault: Fault) {
        if self.faults.0.len() < MOST_FAULTS {
            let field = format!("{}{}", self.path, fault.field);
            self.faults.push(Fault { field, ..fault });
        }
    }

    /// The end of a body: what the server alone sets is refused, everything else that nobody asked for is let be.
    pub(crate) fn end_of_body(mut self) -> (Names, Faults) {
        for entry in std::mem::take(&mut self.left) {
            if SERVER_SETS.contains(&entry.name.as_str()) {
                self.fault(Fault::new(entry.written, "is set by the server"));
            }
        }
        (self.names, self.faults)
    }

    /// The end of a query: what nobody asked for is refused, or a misspelled filter would show everything.
    pub(crate) fn end_of_query(mut self) -> Result<(), Faults> {
        for entry in std::mem::take(&mut self.left) {
            let allowed = self.asked.iter().map(ToString::to_string).collect();
            let message = "is no parameter of this list".to_owned();
            self.fault(Fault { field: entry.written, message, allowed });
        }
        self.faults.check()
    }

    /// Refuses fields that are not set so; `how` says how they are.
    pub(crate) fn refuse(&mut self, names: &[&'static str], how: &str) {
        for name in names {
            if let Some(written) = self.written_as(name) {
                self.left.retain(|entry| entry.written != written);
                self.fault(Fault::new(written, how));
            }
        }
    }

    /// Refuses what nobody has asked for: where a misspelled member would mean something else.
    pub(crate) fn nothing_else(&mut self) {
        for entry in std::mem::take(&mut self.left) {
            let allowed = self.asked.iter().map(ToString::to_string).collect();
            self.fault(Fault { field: entry.written, message: "is not known here".to_owned(), allowed });
        }
    }

    /// The names of what nobody has asked for, as they were written.
    pub(crate) fn names_left(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for entry in &self.left {
            if !names.contains(&entry.written) {
                names.push(entry.written.clone());
            }
        }
        names
    }

    /// The value that was written under exactly this name.
    pub(crate) fn named(&mut self, written: &str) -> Field<'_> {
        let place = self.left.iter().position(|entry| entry.written == written);
        let value = place.map(|place| self.left.remove(place).value);
        Field { written: written.to_owned(), value, fields: self }
    }

    /// Whether the input says something under one of these names.
    pub(crate) fn mentions(&self, names: &[&str]) -> bool {
        self.left.iter().any(|entry| names.contains(&entry.name.as_str()))
    }

    /// How the input wrote a name of which nobody has asked for the value.
    pub(crate) fn written_as(&self, name: &str) -> Option<String> {
        self.left.iter().find(|entry| entry.name == name).map(|entry| entry.written.clone())
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn are_sound(&self) -> bool {
        self.faults.0.is_empty()
    }

    /// What the input wrote for `name`.
    pub(crate) fn written(&self, name: &str) -> String {
        self.names.written(name)
    }

    /// Reads an object that lies deeper.
    fn within<T>(&mut self, path: &str, object: Map<String, Value>, read: impl FnOnce(&mut Self) -> T) -> T {
        let mut inner = Self { path: format!("{}{path}.", self.path), ..Self::new(object) };
        let value = read(&mut inner);
        for (known, written) in inner.names.0 {
            self.names.add(format!("{path}.{known}"), format!("{path}.{written}"));
        }
        let room = MOST_FAULTS.saturating_sub(self.faults.0.len());
        self.faults.0.extend(inner.faults.0.into_iter().take(room));
        value
    }
}

/// One field on its way from JSON to a value.
pub(crate) struct Field<'a> {
    fields: &'a mut Fields,
    written: String,
    value: Option<Value>,
}

impl Field<'_> {
    /// Must be there and say something.
    pub(crate) fn required(self) -> Self {
        let missing = matches!(self.value, None | Some(Value::Null));
        self.unless(missing)
    }

    /// Must be there, but may be `null`.
    pub(crate) fn present(self) -> Self {
        let missing = self.value.is_none();
        self.unless(missing)
    }

    fn unless(self, missing: bool) -> Self {
        if missing {
            self.fields.fault(Fault::new(&self.written, "is missing"));
        }
        self
    }

    /// The value as `convert` makes it; `null` is none, and what it cannot make is a fault.
    fn read<T>(&mut self, expected: &str, convert: impl FnOnce(Value) -> Option<T>) -> Option<T> {
        let value = self.value.take().filter(|value| !value.is_null())?;
        let read = convert(value);
        if read.is_none() {
            self.fields.fault(Fault::new(&self.written, format!("must be {expected}")));
        }
        read
    }

    /// A text.
    pub(crate) fn text(mut self) -> Option<String> {
        self.read("a string", text)
    }

    /// A text that `check` makes something of; it gets the field's name and the text.
    pub(crate) fn checked<T>(mut self, check: impl FnOnce(&str, &str) -> Result<T, Fault>) -> Option<T> {
        let text = self.read("a string", text)?;
        let checked = check(&self.written, &text);
        checked.map_err(|fault| self.fields.fault(fault)).ok()
    }

    /// Yes or no.
    pub(crate) fn flag(mut self) -> Option<bool> {
        self.read("true or false", |value| value.as_bool())
    }

    /// A whole number.
    pub(crate) fn whole_number(mut self) -> Option<i64> {
        self.read("a whole number", |value| value.as_i64())
    }

    /// A whole number from 1 to `most`, written as text: parameters are.
    pub(crate) fn count(self, most: u32) -> Option<u32> {
        self.checked(|field, text| {
            let number = text.parse().ok().filter(|number| (1..=most).contains(number));
            number.ok_or_else(|| Fault::new(field, format!("must be a whole number from 1 to {most}")))
        })
    }

    /// An id.
    pub(crate) fn id<T: From<Uuid>>(mut self) -> Option<T> {
        self.read("a UUID", id)
    }

    /// An id, or `null` for nobody.
    #[expect(clippy::option_option, reason = "absent, nobody and somebody are three different wishes")]
    pub(crate) fn id_or_nobody<T: From<Uuid>>(mut self) -> Option<Option<T>> {
        match self.value {
            Some(Value::Null) => Some(None),
            _ => self.read("a UUID or null", id).map(Some),
        }
    }

    /// A JSON object, taken as it is.
    pub(crate) fn object(mut self) -> Option<Map<String, Value>> {
        self.read("an object", |value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
    }

    /// A JSON object that `read` reads further, or `null` for none.
    #[expect(clippy::option_option, reason = "absent, none and some are three different wishes")]
    pub(crate) fn object_or_none<T>(self, read: impl FnOnce(&mut Fields) -> T) -> Option<Option<T>> {
        match self.value? {
            Value::Null => Some(None),
            Value::Object(object) => Some(Some(self.fields.within(&self.written, object, read))),
            _ => {
                self.fields.fault(Fault::new(self.written, "must be an object or null"));
                None
            }
        }
    }

    /// A text, or `null` for none.
    #[expect(clippy::option_option, reason = "absent, none and some are three different wishes")]
    pub(crate) fn text_or_none(mut self) -> Option<Option<String>> {
        match self.value {
            Some(Value::Null) => Some(None),
            _ => self.read("a string or null", text).map(Some),
        }
    }

    /// A whole number that is not negative, or `null` for none.
    #[expect(clippy::option_option, reason = "absent, none and some are three different wishes")]
    pub(crate) fn number_or_none(mut self) -> Option<Option<u32>> {
        let number = |value: Value| value.as_u64().map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        match self.value {
            Some(Value::Null) => Some(None),
            _ => self.read("a whole number from 0, or null", number).map(Some),
        }
    }

    /// A list of texts that `check` makes something of; it gets each one's place and the text.
    pub(crate) fn checked_texts<T>(self, check: impl Fn(&str, &str) -> Result<T, Fault>) -> Option<Vec<T>> {
        self.list("a list of strings", |fields, path, value| {
            let Value::String(text) = value else {
                fields.fault(Fault::new(path, "must be a string"));
                return None;
            };
            check(&path, &text).map_err(|fault| fields.fault(fault)).ok()
        })
    }

    /// A list of what `item` reads; it gets the place of each.
    pub(crate) fn items<T>(
        self,
        of: &str,
        item: impl FnMut(&mut Fields, String, Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.list(&format!("a list of {of}"), item)
    }

    /// A list of ids.
    pub(crate) fn ids<T: From<Uuid>>(self) -> Option<Vec<T>> {
        self.list("a list of UUIDs", |fields, path, value| {
            let read = id(value);
            if read.is_none() {
                fields.fault(Fault::new(path, "must be a UUID"));
            }
            read
        })
    }

    /// A list of texts.
    pub(crate) fn texts(self) -> Option<Vec<String>> {
        self.list("a list of strings", |fields, path, value| {
            let read = text(value);
            if read.is_none() {
                fields.fault(Fault::new(path, "must be a string"));
            }
            read
        })
    }

    /// A list of texts, or `null` for none.
    #[expect(clippy::option_option, reason = "absent, none and some are three different wishes")]
    pub(crate) fn texts_or_none(self) -> Option<Option<Vec<String>>> {
        match self.value {
            Some(Value::Null) => Some(None),
            _ => self.texts().map(Some),
        }
    }

    /// As [`Field::attachments`]; nothing where it is absent.
    pub(crate) fn attachments_if_there(self) -> Option<Vec<Attachment>> {
        self.value.is_some().then(|| self.attachments())
    }

    /// Links: plain addresses (S0) or objects with a name (S1).
    pub(crate) fn attachments(self) -> Vec<Attachment> {
        let read = |fields: &mut Fields, path: String, value| match value {
            Value::String(url) => {
                fields.names.add(format!("{path}.url"), path);
                Some(Attachment { url, name: String::new() })
            }
            Value::Object(object) => fields.within(&path, object, |inner| {
                let url = inner.field(&["url"]).required().text();
                let name = inner.field(&["fileName", "name"]).text();
                Some(Attachment { url: url?, name: name.unwrap_or_default() })
            }),
            _ => {
                fields.fault(Fault::new(path, "must be an address, or an object with `url`"));
                None
            }
        };
        self.list("a list of addresses", read).unwrap_or_default()
    }

    /// Links to things of the host.
    pub(crate) fn related(self) -> Option<Vec<Related>> {
        self.list("a list of objects with `kind` and `id`", |fields, path, value| {
            let Value::Object(object) = value else {
                fields.fault(Fault::new(path, "must be an object with `kind` and `id`"));
                return None;
            };
            fields.within(&path, object, |inner| {
                let kind = inner.field(&["kind", "type"]).required().text();
                let id = inner.field(&["id"]).required().text();
                Some(Related { kind: kind?, id: id?, label: None })
            })
        })
    }

    fn list<T>(
        mut self,
        expected: &str,
        mut item: impl FnMut(&mut Fields, String, Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let values = self.read(expected, |value| match value {
            Value::Array(values) => Some(values),
            _ => None,
        })?;
        let Self { fields, written, .. } = self;
        let items = values.into_iter().enumerate();
        Some(items.filter_map(|(index, value)| item(fields, format!("{written}.{index}"), value)).collect())
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn id<T: From<Uuid>>(value: Value) -> Option<T> {
    let id: Uuid = text(value)?.parse().ok()?;
    Some(id.into())
}

/// `is_internal` as `isInternal`; what is in camel case stays.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut raise = false;
    for letter in name.chars() {
        if letter == '_' && !camel.is_empty() {
            raise = true;
        } else {
            camel.push(if raise { letter.to_ascii_uppercase() } else { letter });
            raise = false;
        }
    }
    camel
}
