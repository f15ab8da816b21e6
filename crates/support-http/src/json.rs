//! JSON as it was sent: members that stand twice are found, and what lies too deep is not read.

use crate::problem::{MOST_FAULTS, Problem};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;
use support_core::domain::fault::Fault;

/// Objects and lists in each other; the body itself is the first. Nothing that a person means lies deeper, and whatever
/// walks over a value walks as deep as it is.
const DEEPEST: usize = 32;

/// The members of a JSON object in their order, repeated ones included: which of two values counts is not for the
/// parser to choose. Of members that stand twice further inside, the first is kept.
#[derive(Debug, Default)]
pub(crate) struct Object {
    pub(crate) members: Vec<(String, Value)>,
    /// A fault for each member that stands twice further inside.
    pub(crate) repeated: Vec<Fault>,
}

impl Object {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        if is_too_deep(bytes) {
            return Err(Problem::malformed(format!("objects and lists lie more than {DEEPEST} deep in each other")));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            if error.is_data() {
                Problem::invalid(Fault::new("", "the body must be a JSON object").into())
            } else {
                Problem::malformed(error.to_string())
            }
        })
    }
}

/// Counts brackets outside of texts: that needs no stack, however deep they lie. What is no JSON is the parser's to say.
fn is_too_deep(bytes: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                let mut path = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    path.push(name.clone());
                    let value = map.next_value_seed(Inner { path: &mut path, repeated: &mut object.repeated })?;
                    path.pop();
                    object.members.push((name, value));
                }
                Ok(object)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A value further inside, and where it stands.
struct Inner<'a> {
    path: &'a mut Vec<String>,
    repeated: &'a mut Vec<Fault>,
}

impl Inner<'_> {
    fn inside(&mut self) -> Inner<'_> {
        Inner { path: self.path, repeated: self.repeated }
    }
}

impl<'de> DeserializeSeed<'de> for Inner<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Inner<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            self.path.push(values.len().to_string());
            let value = list.next_element_seed(self.inside())?;
            self.path.pop();
            match value {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.path.push(name.clone());
            let value = map.next_value_seed(self.inside())?;
            if !members.contains_key(&name) {
                members.insert(name, value);
            } else if self.repeated.len() < MOST_FAULTS {
                self.repeated.push(Fault::new(self.path.join("."), "stands twice: send it once"));
            }
            self.path.pop();
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Object {
        Object::parse(text.as_bytes()).unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn reads_every_kind_of_value() {
        let text = r#"{"a": [null, true, 1, -1, 1.5, 18446744073709551615, "x\n", {"b": {}}], "a": 2}"#;
        let object = parse(text);
        let first: Value =
            serde_json::from_str(text.split(", \"a\": 2").next().map(|start| format!("{start}}}")).unwrap().as_str())
                .unwrap();
        assert_eq!(object.members, [("a".to_owned(), first["a"].clone()), ("a".to_owned(), 2.into())]);
        assert!(object.repeated.is_empty());
    }

    #[test]
    fn finds_members_that_stand_twice_further_inside() {
        let object = parse(r#"{"a": {"b": 1, "c": [0, {"d": 1, "d": 2}], "b": {"e": 1, "e": 2}}}"#);
        let places: Vec<&str> = object.repeated.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(places, ["a.c.1.d", "a.b.e", "a.b"]);
        assert_eq!(object.members[0].1["b"], 1);
    }

    #[test]
    fn thirty_two_is_the_deepest() {
        let nested = |depth: usize| format!("{{\"a\": {}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(Object::parse(nested(32).as_bytes()).is_ok());
        assert!(Object::parse(nested(33).as_bytes()).is_err());
        assert!(Object::parse("{\"a\":".repeat(1_000_000).as_bytes()).is_err());
        // Beside each other is not in each other, and a text is a text.
        parse(&format!("{{\"a\": [{}1]}}", "[],".repeat(100)));
        parse(&format!("{{\"a\": \"\\\"{}\"}}", "[".repeat(100)));
    }
}
