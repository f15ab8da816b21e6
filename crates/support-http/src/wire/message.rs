use super::Moment;
use serde::Serialize;
use support_core::{
    desk::{Desk, messages::Posted},
    domain::{
        actor::Actor,
        message::{Attachment, Message},
        profile::Profile,
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

/// A message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message)]
pub(crate) struct MessageBody<'a> {
    /// Its id.
    id: Uuid,
    /// The same.
    message_id: Uuid,
    /// On which ticket.
    ticket_id: Uuid,
    /// Which side wrote it, in the word of the profile.
    #[schema(example = "customer")]
    from: &'a str,
    /// Who wrote it; none for the system.
    sender_id: Option<Uuid>,
    /// Their name at the time.
    sender_name: &'a str,
    /// The text.
    message: &'a str,
    /// The same.
    content: &'a str,
    /// Links: plain where they came without a name.
    attachments: Vec<AttachmentBody<'a>>,
    /// When it was sent.
    sent_at: Moment,
    /// The same.
    created_at: Moment,
    /// When it was last corrected.
    edited_at: Option<Moment>,
    /// When it was withdrawn; text and links are empty then.
    deleted_at: Option<Moment>,
    /// Whether it was withdrawn.
    deleted: bool,
    /// When the other side first read it.
    read_at: Option<Moment>,
    /// Whether the other side has read it.
    is_read: bool,
    /// Whether it is a note among staff; only staff are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_internal: Option<bool>,
}

/// A link that came with a message.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Attachment)]
pub(crate) enum AttachmentBody<'a> {
    /// An address.
    Plain(&'a str),
    /// An address and what to call it.
    #[serde(rename_all = "camelCase")]
    Named {
        /// The address.
        url: &'a str,
        /// What to call it.
        file_name: &'a str,
    },
}

impl<'a> MessageBody<'a> {
    /// A message that the actor has just written, as they may see it.
    pub(crate) fn posted(desk: &'a Desk, actor: &Actor, posted: &'a Posted) -> Self {
        Self::new(desk.profile(), &posted.message, desk.sees_notes(actor, &posted.ticket))
    }

    /// The message, for staff if `internal`.
    pub(crate) fn new(profile: &'a Profile, message: &'a Message, internal: bool) -> Self {
        let sent_at = Moment(message.sent_at);
        Self {
            id: message.id.uuid(),
            message_id: message.id.uuid(),
            ticket_id: message.ticket.uuid(),
            from: profile.wire.author(message.author.role),
            sender_id: message.author.id,
            sender_name: &message.author.name,
            message: &message.body,
            content: &message.body,
            attachments: message.attachments.iter().map(AttachmentBody::from).collect(),
            sent_at,
            created_at: sent_at,
            edited_at: message.edited_at.map(Moment),
            deleted_at: message.deleted_at.map(Moment),
            deleted: message.deleted_at.is_some(),
            read_at: message.read_at.map(Moment),
            is_read: message.read_at.is_some(),
            is_internal: internal.then_some(message.internal),
        }
    }
}

impl<'a> From<&'a Attachment> for AttachmentBody<'a> {
    fn from(attachment: &'a Attachment) -> Self {
        if attachment.name.is_empty() {
            Self::Plain(&attachment.url)
        } else {
            Self::Named { url: &attachment.url, file_name: &attachment.name }
        }
    }
}
