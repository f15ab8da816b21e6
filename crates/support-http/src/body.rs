//! JSON bodies.

use crate::{
    App,
    fields::{Fields, Names},
    json::Object,
    problem::Problem,
};
use axum::{
    body::Bytes,
    extract::{
        FromRequest, Request,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    http::{HeaderMap, header},
};
use support_core::domain::fault::Faults;

/// A body that was read without a fault, and how it spelled its fields.
pub(crate) struct Body<T>(pub(crate) T, pub(crate) Names);

/// Something that can be read from the fields of a body.
pub(crate) trait FromFields: Sized {
    /// Whether no body at all says as much as an empty one.
    const OPTIONAL: bool = false;

    /// Takes what it needs. Faults stay in `fields`; what could not be read is as if it were not there.
    fn from_fields(fields: &mut Fields) -> Self;
}

/// A body whose faults are not told yet: they go together with those that the desk will find.
pub(crate) struct Unchecked<T>(pub(crate) T, pub(crate) Names, pub(crate) Faults);

impl<T: FromFields> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let Unchecked(value, names, faults) = Unchecked::from_request(request, app).await?;
        faults.check().map_err(Problem::invalid)?;
        Ok(Self(value, names))
    }
}

impl<T: FromFields> FromRequest<App> for Unchecked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let is_json = says_json(request.headers());
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| unread(&rejection))?;
        let object = if T::OPTIONAL && bytes.is_empty() {
            Object::default()
        } else if is_json {
            Object::parse(&bytes)?
        } else {
            return Err(Problem::media_type());
        };
        let mut fields = Fields::new(object.members);
        for fault in object.repeated {
            fields.fault(fault);
        }
        let value = T::from_fields(&mut fields);
        let (names, faults) = fields.end_of_body();
        Ok(Self(value, names, faults))
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some((family, name)) = kind.and_then(|kind| kind.split(';').next()?.trim().split_once('/')) else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    family.eq_ignore_ascii_case("application") && (name == "json" || name.ends_with("+json"))
}

pub(crate) fn unread(rejection: &BytesRejection) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => Problem::too_large(),
        _ => Problem::malformed("the body ended before it was whole"),
    }
}
