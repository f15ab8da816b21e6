//! What goes over the wire, borrowed from what the desk answers.

pub(crate) mod agent;
pub(crate) mod article;
pub(crate) mod attachment;
pub(crate) mod feedback;
pub(crate) mod message;
pub(crate) mod page;
pub(crate) mod review;
pub(crate) mod row;
pub(crate) mod sla;
pub(crate) mod stats;
pub(crate) mod ticket;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use support_core::domain::actor::AgentRef;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};
use uuid::Uuid;

/// A moment as ISO 8601 with milliseconds and `Z`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub(crate) DateTime<Utc>);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("ISO 8601 in UTC, with milliseconds"))
            .into()
    }
}

impl ToSchema for Moment {}

/// A member of the staff.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent)]
pub(crate) struct AgentBody<'a> {
    /// Who.
    id: Uuid,
    /// Their name; empty where the host tells none.
    name: &'a str,
}

impl<'a> From<&'a AgentRef> for AgentBody<'a> {
    fn from(agent: &'a AgentRef) -> Self {
        Self { id: agent.id.uuid(), name: &agent.name }
    }
}
