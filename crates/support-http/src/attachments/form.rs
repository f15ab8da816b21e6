//! A form that is read as it comes.

use crate::{App, problem::Problem};
use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{
        FromRequest as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
};
use futures_util::Stream;
use http_body_util::Limited;
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

/// What stands before a file: its headers, and parts that are no files.
const HEAD_BYTES: usize = 64 * 1024;

/// A form with files.
pub(crate) struct Form {
    parts: Multipart,
    allowed: Arc<AtomicUsize>,
}

impl Form {
    /// At most so many bytes in all.
    pub(super) async fn of(request: Request, most: usize, app: &App) -> Result<Self, Problem> {
        let allowed = Arc::new(AtomicUsize::new(HEAD_BYTES));
        let sips = |body: Body| Sips { body: body.into_data_stream(), rest: false, allowed: allowed.clone() };
        let request = request.map(|body| Body::new(Limited::new(Body::from_stream(sips(body)), most)));
        let parts = Multipart::from_request(request, app).await;
        let parts = parts.map_err(|_| Problem::media_type_of("multipart/form-data"))?;
        Ok(Self { parts, allowed })
    }

    /// The next part.
    pub(super) async fn next(&mut self) -> Result<Option<Field<'_>>, Problem> {
        self.allowed.store(HEAD_BYTES, Ordering::Relaxed);
        let part = self.parts.next_field().await.map_err(|error| unread(&error))?;
        self.allowed.store(usize::MAX, Ordering::Relaxed);
        Ok(part)
    }
}

pub(super) fn unread(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large()
    } else {
        Problem::malformed("the form ended before it was whole, or is no form")
    }
}

/// The body, one piece at a time. What reads the form takes all that it can have and holds it: of somebody who sends as fast
/// as we read that would be whole files, and of parts that never begin whatever there is.
struct Sips {
    body: BodyDataStream,
    rest: bool,
    /// How many bytes may come before a part has begun.
    allowed: Arc<AtomicUsize>,
}

impl Stream for Sips {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if std::mem::take(&mut self.rest) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = Pin::new(&mut self.body).poll_next(cx).map_err(io::Error::other);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.rest = true;
            let allowed = self.allowed.load(Ordering::Relaxed);
            // A piece of a file may end with the beginning of the next part, so the last piece counts for nothing.
            match allowed.checked_sub(1) {
                None => return Poll::Ready(Some(Err(io::Error::other("the head of a part is too long")))),
                Some(_) if allowed == usize::MAX => {}
                Some(_) => self.allowed.store(allowed.saturating_sub(bytes.len()), Ordering::Relaxed),
            }
        }
        polled
    }
}
