//! What is known of a message by what it came with.

use lapin::{
    message::Delivery,
    types::{AMQPValue, FieldTable, ShortString},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use support_core::ports::intake::Incoming;

/// What AMQP keeps of an id, and more than anybody needs.
const LONGEST: usize = 255;

/// The message as the desk gets it. The body is left behind, because it is still needed where the message has to be parked.
pub(super) fn incoming(delivery: &Delivery) -> Incoming {
    let (key, body) = (delivery.routing_key.as_str(), &delivery.data);
    // The exchange without a name leads to the queue that the key names; so the key says nothing of the message.
    let key = if delivery.exchange.as_str().is_empty() { "" } else { key };
    let property = delivery.properties.message_id().as_ref().map(ShortString::as_str).filter(|id| !id.is_empty());
    let fields = if key.is_empty() || property.is_none() { serde_json::from_slice(body).ok() } else { None };
    let name = if key.is_empty() { name(fields.as_ref()) } else { Some(key.to_owned()) }.unwrap_or_default();
    let id = property.map(str::to_owned).or_else(|| id(fields.as_ref())).unwrap_or_else(|| digest(&name, body));
    Incoming { id, name, body: body.clone() }
}

fn name(fields: Option<&Value>) -> Option<String> {
    let fields = fields?;
    let name = ["type", "event"].into_iter().find_map(|field| fields.get(field)?.as_str())?;
    (name.len() <= LONGEST).then(|| name.to_owned())
}

fn id(fields: Option<&Value>) -> Option<String> {
    let id = match fields?.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.len() <= LONGEST).then_some(id)
}

/// The same words are the same message, to whoever gives it no id.
fn digest(name: &str, body: &[u8]) -> String {
    // A name holds no zero, so no other name and body come to the same bytes.
    let hash = Sha256::new().chain_update(name).chain_update([0]).chain_update(body).finalize();
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// How often a quorum queue has handed it over before.
pub(super) fn deliveries(delivery: &Delivery) -> u64 {
    let headers: Option<&FieldTable> = delivery.properties.headers().as_ref();
    let count = headers.and_then(|headers| headers.inner().get("x-delivery-count"));
    match count {
        Some(AMQPValue::LongLongInt(count)) => u64::try_from(*count).unwrap_or(0),
        Some(AMQPValue::LongInt(count)) => u64::try_from(*count).unwrap_or(0),
        Some(AMQPValue::ShortInt(count)) => u64::try_from(*count).unwrap_or(0),
        Some(AMQPValue::ShortShortInt(count)) => u64::try_from(*count).unwrap_or(0),
        Some(AMQPValue::LongUInt(count)) => u64::from(*count),
        Some(AMQPValue::ShortUInt(count)) => u64::from(*count),
        Some(AMQPValue::ShortShortUInt(count)) => u64::from(*count),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{deliveries, incoming};
    use lapin::{
        BasicProperties,
        message::Delivery,
        types::{AMQPValue, FieldTable},
    };

    fn delivery(exchange: &str, key: &str, body: &str) -> Delivery {
        Delivery::mock(1, exchange.into(), key.into(), false, body.into())
    }

    #[test]
    fn a_message_is_known_by_its_property_then_by_its_field_then_by_its_words() {
        let mut message = delivery("shop", "order.issue", r#"{"id":"b"}"#);
        assert_eq!(incoming(&message).id, "b");
        message.properties = BasicProperties::default().with_message_id("a".into());
        assert_eq!(incoming(&message).id, "a");
        assert_eq!(incoming(&delivery("shop", "order.issue", r#"{"id":7}"#)).id, "7");

        let words = |key, body| incoming(&delivery("shop", key, body)).id;
        assert_eq!(words("order.issue", "{}").len(), 64);
        assert_eq!(words("order.issue", "{}"), words("order.issue", "{}"));
        assert_ne!(words("order.issue", "{}"), words("order.issue", "{ }"));
        assert_ne!(words("order.issue", "{}"), words("order.issued", "{}"));
        assert_ne!(words("a", "bc"), words("ab", "c"));
        for odd in [r#"{"id":null}"#, r#"{"id":""}"#, r#"{"id":[1]}"#, "not json", "[]"] {
            assert_eq!(words("order.issue", odd).len(), 64, "{odd}");
        }
        assert_eq!(words("a", &format!(r#"{{"id":"{}"}}"#, "x".repeat(300))).len(), 64);
    }

    #[test]
    fn a_message_is_called_by_its_key_or_what_it_says_itself() {
        let name = |exchange, key, body| incoming(&delivery(exchange, key, body)).name;
        assert_eq!(name("shop", "order.issue", r#"{"type":"other"}"#), "order.issue");
        assert_eq!(name("fan", "", r#"{"type":"order.issue"}"#), "order.issue");
        assert_eq!(name("fan", "", r#"{"event":"order.issue"}"#), "order.issue");
        assert_eq!(name("", "support-desk", r#"{"event":"order.issue"}"#), "order.issue");
        assert_eq!(name("", "support-desk", "not json"), "");
    }

    #[test]
    fn what_a_queue_has_counted_is_read_in_any_width() {
        let counted = |value| {
            let mut headers = FieldTable::default();
            headers.insert("x-delivery-count".into(), value);
            let mut message = delivery("", "", "");
            message.properties = BasicProperties::default().with_headers(headers);
            deliveries(&message)
        };
        assert_eq!(counted(AMQPValue::LongLongInt(7)), 7);
        assert_eq!(counted(AMQPValue::ShortShortInt(7)), 7);
        assert_eq!(counted(AMQPValue::LongLongInt(-7)), 0);
        assert_eq!(counted(AMQPValue::Boolean(true)), 0);
        assert_eq!(deliveries(&delivery("", "", "")), 0);
    }
}
