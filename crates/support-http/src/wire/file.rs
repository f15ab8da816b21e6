use super::Moment;
use crate::events::SignatureBody;
use serde::Serialize;
use support_core::domain::attachment::{AttachedTo, Attachment};
use utoipa::ToSchema;
use uuid::Uuid;

/// A file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = File)]
pub(crate) struct FileBody<'a> {
    /// Its id.
    id: Uuid,
    /// The same.
    attachment_id: Uuid,
    /// On which ticket; none of one that was not named yet.
    ticket_id: Option<Uuid>,
    /// With which message it came.
    message_id: Option<Uuid>,
    /// The review it is a photo of.
    review_id: Option<Uuid>,
    /// Its name.
    file_name: &'a str,
    /// Its media type.
    #[schema(example = "image/png")]
    mime_type: &'static str,
    /// Bytes.
    file_size: u64,
    /// The SHA-256 of its content, in hexadecimal.
    sha256: &'a str,
    /// `unscanned` where this desk has no scanner, `quarantined` until it was scanned, `clean` or `infected`.
    status: &'static str,
    /// Whether it can be fetched.
    is_available: bool,
    /// When it came.
    created_at: Moment,
    /// Who uploaded it.
    uploaded_by: SignatureBody<'a>,
    /// Whether only staff may have it; only staff are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_internal: Option<bool>,
}

impl<'a> FileBody<'a> {
    pub(crate) fn new(file: &'a Attachment, staff: bool) -> Self {
        let (message, review) = match file.on {
            AttachedTo::Ticket { message, .. } => (message, None),
            AttachedTo::Review { review } => (None, Some(review)),
            AttachedTo::Nothing => (None, None),
        };
        Self {
            id: file.id.uuid(),
            attachment_id: file.id.uuid(),
            ticket_id: file.ticket().map(support_core::domain::id::TicketId::uuid),
            message_id: message.map(support_core::domain::id::MessageId::uuid),
            review_id: review.map(support_core::domain::id::ReviewId::uuid),
            file_name: &file.file_name,
            mime_type: file.kind.media_type(),
            file_size: file.size,
            sha256: &file.sha256,
            status: file.safety.as_str(),
            is_available: file.safety.is_open(),
            created_at: Moment(file.created_at),
            uploaded_by: SignatureBody::from(&file.uploader),
            is_internal: staff.then_some(file.internal),
        }
    }
}
