//! Where messages lie that nothing can be made of.

use super::{super::line::Trouble, Rules};
use lapin::{
    BasicProperties, Channel, Confirmation,
    message::Delivery,
    options::BasicPublishOptions,
    types::{AMQPValue, FieldTable, ShortString},
};

/// Puts a text into its place.
type Setter = fn(BasicProperties, ShortString) -> BasicProperties;

/// A reason is a sentence. All headers together must fit into one frame.
const LONGEST_REASON: usize = 1_000;

/// Parks a message, and answers when the broker has confirmed that.
pub(super) async fn park(channel: &Channel, rules: &Rules, delivery: &Delivery, why: &str) -> Result<(), Trouble> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = properties(delivery, why);
    let (exchange, key) = (ShortString::default(), rules.parked.clone());
    let sent = channel.basic_publish(exchange, key, options, &delivery.data, properties).await?;
    match sent.await? {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) => Err(Trouble(format!("the queue {} is gone", rules.parked))),
        _ => Err(Trouble(format!("the queue {} takes nothing", rules.parked))),
    }
}

/// What is short of what it came with. Its headers are not: they may be as long as a frame, and then none of ours would fit.
fn properties(delivery: &Delivery, why: &str) -> BasicProperties {
    let came = &delivery.properties;
    let text = |text: &str| AMQPValue::LongString(text.into());
    let mut headers = FieldTable::default();
    headers.insert("x-reason".into(), text(&why[..why.floor_char_boundary(LONGEST_REASON)]));
    headers.insert("x-original-exchange".into(), text(delivery.exchange.as_str()));
    headers.insert("x-original-routing-key".into(), text(delivery.routing_key.as_str()));
    headers.insert("x-redelivered".into(), AMQPValue::Boolean(delivery.redelivered));
    let mut properties = BasicProperties::default().with_delivery_mode(2).with_headers(headers);
    let texts: [(&Option<ShortString>, Setter); 6] = [
        (came.content_type(), BasicProperties::with_content_type),
        (came.content_encoding(), BasicProperties::with_content_encoding),
        (came.correlation_id(), BasicProperties::with_correlation_id),
        (came.message_id(), BasicProperties::with_message_id),
        (came.kind(), BasicProperties::with_type),
        (came.app_id(), BasicProperties::with_app_id),
    ];
    for (value, set) in texts {
        if let Some(value) = value {
            properties = set(properties, value.clone());
        }
    }
    match came.timestamp() {
        Some(timestamp) => properties.with_timestamp(*timestamp),
        None => properties,
    }
}
