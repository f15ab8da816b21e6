//! Files on the wire.

use super::Moment;
use serde::Serialize;
use support_core::domain::{
    attachment::{AttachedTo, Attachment},
    id::MessageId,
};
use utoipa::ToSchema;
use uuid::Uuid;

/// An uploaded file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttachmentFile)]
pub(crate) struct FileBody<'a> {
    /// Its id.
    id: Uuid,
    /// The ticket that it hangs on.
    ticket_id: Option<Uuid>,
    /// The message that it came with.
    message_id: Option<Uuid>,
    /// Its name.
    file_name: &'a str,
    /// What it is, by its content.
    mime_type: &'static str,
    /// Bytes.
    file_size: u64,
    /// The SHA-256 of its content, in hexadecimal.
    sha256: &'a str,
    /// `clean`, `unscanned` where the desk has no scanner, `quarantined` until it was scanned, or `infected`. Only the first
    /// two can be fetched.
    scan: &'static str,
    /// Whether only staff may have it.
    is_internal: bool,
    /// Who uploaded it, as they were called then.
    uploaded_by: &'a str,
    /// When it came.
    created_at: Moment,
}

impl<'a> From<&'a Attachment> for FileBody<'a> {
    fn from(file: &'a Attachment) -> Self {
        let (ticket_id, message_id) = match file.on {
            AttachedTo::Ticket { ticket, message } => (Some(ticket.uuid()), message.map(MessageId::uuid)),
            AttachedTo::Nothing | AttachedTo::Review { .. } => (None, None),
        };
        Self {
            id: file.id.uuid(),
            ticket_id,
            message_id,
            file_name: &file.file_name,
            mime_type: file.kind.media_type(),
            file_size: file.size,
            sha256: &file.sha256,
            scan: file.safety.as_str(),
            is_internal: file.internal,
            uploaded_by: &file.uploader.name,
            created_at: Moment(file.created_at),
        }
    }
}

/// Files.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileList<'a> {
    /// In the order in which they came.
    attachments: Vec<FileBody<'a>>,
}

impl<'a> FileList<'a> {
    pub(crate) fn new(files: &'a [Attachment]) -> Self {
        Self { attachments: files.iter().map(FileBody::from).collect() }
    }
}

/// Where a file can be fetched.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttachmentLink)]
pub(crate) struct LinkBody {
    /// The address, for anybody who has it, and for a short while.
    pub(crate) url: String,
    /// When it leads nowhere any more.
    pub(crate) expires_at: Moment,
}
