//! A connection, until it is lost.

use super::settings::Settings;
use async_nats::{
    ConnectOptions, Event,
    connection::State,
    jetstream::{
        self,
        context::ContextBuilder,
        stream::{Config, StorageType},
    },
};
use std::time::Duration;
use tokio::{sync::watch, time::timeout};

/// How long somebody waits for a connection and the stream.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the stream knows an id. A relay that has died in between is followed by another one within that.
const REMEMBERED: Duration = Duration::from_mins(10);

/// A connection. The client would make a new one when it is lost, and send what it has in hand then; here it is thrown away
/// instead, because whoever tells us something has heard by then that it was not taken.
pub(super) struct Line {
    pub(super) stream: jetstream::Context,
    lost: watch::Receiver<bool>,
}

impl Line {
    pub(super) async fn open(settings: &Settings) -> Result<Self, String> {
        timeout(CONNECT, connect(settings))
            .await
            .unwrap_or_else(|_| Err("the server did not answer in time".to_owned()))
    }

    pub(super) fn is_open(&self) -> bool {
        !*self.lost.borrow() && self.stream.client().connection_state() == State::Connected
    }

    /// Waits until the connection is gone.
    pub(super) async fn lost(&mut self) {
        // Where nobody can say so any more, it is gone as well.
        let _ = self.lost.wait_for(|lost| *lost).await;
    }
}

async fn connect(settings: &Settings) -> Result<Line, String> {
    let (tell, lost) = watch::channel(false);
    let options = settings.options.clone();
    let client = options
        .name("support-desk: events")
        // Each server once; then somebody else asks for another connection, or nobody does.
        .max_reconnects(settings.servers.len())
        .connection_timeout(CONNECT)
        .event_callback(move |event| {
            if matches!(event, Event::Disconnected | Event::Closed | Event::ClientError(_)) {
                tell.send_replace(true);
            }
            std::future::ready(())
        });
    let client = connected(client, settings).await?;
    let stream = ContextBuilder::new().timeout(CONNECT).ack_timeout(settings.timeout).build(client);
    let config = Config {
        name: settings.stream.clone(),
        subjects: vec![format!("{}.>", settings.prefix)],
        storage: StorageType::File,
        max_age: settings.keep,
        // It cannot be longer than what is remembered is kept at all.
        duplicate_window: if settings.keep.is_zero() { REMEMBERED } else { REMEMBERED.min(settings.keep) },
        ..Config::default()
    };
    stream.get_or_create_stream(config).await.map_err(|error| error.to_string())?;
    Ok(Line { stream, lost })
}

async fn connected(options: ConnectOptions, settings: &Settings) -> Result<async_nats::Client, String> {
    options.connect(settings.servers.as_slice()).await.map_err(|error| error.to_string())
}
