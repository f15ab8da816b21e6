//! NATS with `JetStream`. Feature `nats`.

mod line;
mod settings;

pub use settings::{NatsSettingError, NatsSinkBuilder};

use async_nats::{
    HeaderMap,
    jetstream::{
        self,
        context::{PublishAckFuture, PublishErrorKind},
        message::PublishMessage,
    },
};
use async_trait::async_trait;
use futures_util::future::join_all;
use line::Line;
use settings::Settings;
use std::{error::Error, fmt};
use support_core::{
    domain::announcement::{Announcement, AnnouncementKind, Audience},
    ports::sinks::{Sink, SinkError},
};
use tokio::sync::Mutex;

/// Tells a stream of `JetStream` what happened: under `<prefix>.<name of the event>`.
///
/// An event is taken when the stream has acknowledged it. Its id is the `Nats-Msg-Id`, so what is told twice within ten minutes
/// stands in the stream once. The stream is made if it is not there; one that is there is used as it is.
///
/// ```no_run
/// use support_events::NatsSink;
/// # fn secret() -> String { String::new() }
/// let sink = NatsSink::builder("tls://nats.example.org").user("desk", secret()).prefix("support").build()?;
/// # Ok::<(), support_events::nats::NatsSettingError>(())
/// ```
pub struct NatsSink {
    settings: Settings,
    line: Mutex<Option<Line>>,
}

impl NatsSink {
    /// A sink for the server at that address, or the servers of one cluster at those, with commas between them.
    pub fn builder(addresses: impl Into<String>) -> NatsSinkBuilder {
        NatsSinkBuilder::new(addresses.into())
    }

    async fn publish(&self, line: &Line, told: &Announcement) -> Result<PublishAckFuture, SinkError> {
        let body = serde_json::to_vec(&told.envelope()).map_err(|error| SinkError::Refused(error.to_string()))?;
        let mut headers = HeaderMap::new();
        headers.insert("Content-Type", "application/cloudevents+json");
        let message = PublishMessage::build().payload(body.into()).headers(headers).message_id(told.id.to_string());
        let subject = format!("{}.{}", self.settings.prefix, told.name);
        line.stream.send_publish(subject, message).await.map_err(|error| failure(&error))
    }
}

#[async_trait]
impl Sink for NatsSink {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn audience(&self) -> Audience {
        self.settings.audience
    }

    fn wants(&self, kind: AnnouncementKind) -> bool {
        self.settings.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }

    async fn take(&self, batch: &[Announcement]) -> Vec<Result<(), SinkError>> {
        let mut slot = self.line.lock().await;
        // It is put back when all went well. Whoever drops this in between leaves none behind.
        let mut line = match slot.take().filter(Line::is_open) {
            Some(line) => line,
            None => match Line::open(&self.settings).await {
                Ok(line) => line,
                Err(trouble) => return vec![Err(SinkError::Unavailable(trouble)); batch.len()],
            },
        };
        // All of it is on its way before the first acknowledgement is waited for.
        let mut sent = Vec::with_capacity(batch.len());
        for told in batch {
            sent.push(self.publish(&line, told).await);
        }
        let acknowledged = join_all(sent.into_iter().map(async |sent| {
            let acknowledged = sent?.await;
            acknowledged.map(drop).map_err(|error| failure(&error))
        }));
        // The client would wait for an acknowledgement although the connection is gone, and connect again by itself.
        let answers = tokio::select! {
            answers = acknowledged => answers,
            () = line.lost() => {
                let lost = SinkError::Unavailable("the connection was lost".to_owned());
                vec![Err(lost); batch.len()]
            }
        };
        if !answers.iter().any(|answer| matches!(answer, Err(SinkError::Unavailable(_)))) {
            *slot = Some(line);
        }
        answers
    }
}

impl fmt::Debug for NatsSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsSink").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What a message cannot help is the server's, and is over some time.
fn failure(error: &jetstream::context::PublishError) -> SinkError {
    let answered = error.source().and_then(|source| source.downcast_ref::<jetstream::Error>());
    let text = answered.map_or_else(|| error.to_string(), ToString::to_string);
    let is_about_it = error.kind() == PublishErrorKind::MaxPayloadExceeded
        || answered.is_some_and(|answer| (400..500).contains(&answer.code()));
    if is_about_it { SinkError::Refused(text) } else { SinkError::Unavailable(text) }
}
