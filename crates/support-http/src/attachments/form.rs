//! A form that is read as it comes.

use crate::{App, problem::Problem};
use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
};
use futures_util::Stream;
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

impl FromRequest<App> for Form {
    type Rejection = Problem;

    /// Of other bodies no more is taken than the host has said; files are larger, and what they may be the profile says.
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let rule = &app.desk.profile().attachments;
        let at_once = u64::try_from(rule.at_once).unwrap_or(u64::MAX);
        let most = rule.max_bytes.saturating_add(HEAD_BYTES as u64).saturating_mul(at_once);
        let allowed = Arc::new(AtomicUsize::new(HEAD_BYTES));
        let sips = |body: Body| Sips { body: body.into_data_stream(), rest: false, allowed: allowed.clone() };
        let mut request = request.map(|body| Body::from_stream(sips(body)));
        DefaultBodyLimit::max(usize::try_from(most).unwrap_or(usize::MAX)).apply(&mut request);
        let parts = Multipart::from_request(request, app).await.map_err(|_| Problem::no_form())?;
        Ok(Self { parts, allowed })
    }
}

impl Form {
    /// The next part.
    pub(super) async fn next(&mut self) -> Result<Option<Field<'_>>, Problem> {
        self.allowed.store(HEAD_BYTES, Ordering::Relaxed);
        let part = self.parts.next_field().await.map_err(|error| unread(&error))?;
        self.allowed.store(usize::MAX, Ordering::Relaxed);
        Ok(part)
    }
}

/// The next bytes of a part.
pub(super) async fn chunk(part: &mut Field<'_>) -> Result<Option<Bytes>, Problem> {
    part.chunk().await.map_err(|error| unread(&error))
}

fn unread(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large()
    } else {
        Problem::malformed("the form ended before it was whole, or its parts cannot be told apart")
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
