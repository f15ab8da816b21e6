//! Values on their way into a statement.

use crate::error::Error;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// One bound value. An empty one knows its type too, because `PostgreSQL` asks for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Id(Option<Uuid>),
    Bytes(Vec<u8>),
    Flag(bool),
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        })*
    };
}

from! {
    i64 => |value| Self::Int(Some(value));
    u32 => |value| Self::Int(Some(value.into()));
    Option<i64> => |value| Self::Int(value);
    Option<u32> => |value| Self::Int(value.map(i64::from));
    DateTime<Utc> => |at| Self::Int(Some(at.timestamp_millis()));
    Option<DateTime<Utc>> => |at| Self::Int(at.map(|at| at.timestamp_millis()));
    &str => |text| Self::Text(Some(text.to_owned()));
    String => |text| Self::Text(Some(text));
    &String => |text| Self::Text(Some(text.clone()));
    Option<&str> => |text| Self::Text(text.map(str::to_owned));
    Option<String> => |text| Self::Text(text);
    &Option<String> => |text| Self::Text(text.clone());
    Uuid => |id| Self::Id(Some(id));
    Option<Uuid> => |id| Self::Id(id);
    &[u8] => |bytes| Self::Bytes(bytes.to_vec());
    Vec<u8> => |bytes| Self::Bytes(bytes);
    bool => |flag| Self::Flag(flag);
}

/// A list of values of any type that a column can hold.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}
pub(crate) use values;

/// Whether a text among them holds a character that no stored text does, and that `PostgreSQL` refuses to hear.
pub(crate) fn holds_nul(values: &[Value]) -> bool {
    values.iter().any(|value| matches!(value, Value::Text(Some(text)) if text.contains('\0')))
}

/// An unsigned number as the databases keep it, which know only signed ones.
pub(crate) fn signed(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Unstorable("a number above 2^63"))
}

pub(crate) fn json_text(value: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string(value)?)
}

pub(crate) fn maybe_json<T: Serialize>(value: Option<&T>) -> Result<Option<String>, Error> {
    value.map(json_text).transpose()
}
