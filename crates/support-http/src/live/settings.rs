use crate::rates::Rate;
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::watch;

/// What streams of updates may cost, and how long they last.
///
/// ```
/// use support_http::{Drain, LiveSettings, Settings};
/// let drain = Drain::new();
/// let live = LiveSettings {
///     origins: vec!["https://help.example.org".to_owned()],
///     drain: drain.clone(),
///     ..LiveSettings::default()
/// };
/// let settings = Settings { live, ..Settings::default() };
/// # let _ = settings;
/// // When the host shuts down, before it waits for its connections:
/// drain.close();
/// ```
#[derive(Debug, Clone)]
pub struct LiveSettings {
    /// How many streams one person may have open at this server; one more is 429. Whoever has not said yet who they are is
    /// counted by address.
    pub streams: usize,
    /// How often a stream asks whether it may go on: for so long at most somebody hears more than they may.
    pub recheck: Duration,
    /// How often a stream of events that has nothing to tell says so, or a proxy would take it for dead.
    pub keep_alive: Duration,
    /// How often a websocket is asked whether the other side is still there.
    pub ping: Duration,
    /// How many frames somebody may send over one websocket.
    pub frames: Rate,
    /// Pages of which other origins may open a websocket with the cookies of the person in front of them, as
    /// `https://help.example.org`. Pages of the same host always may, and whoever has a key.
    pub origins: Vec<String>,
    /// Ends all streams at once.
    pub drain: Drain,
}

impl Default for LiveSettings {
    /// 20 streams; asked every second, kept alive every 15, pinged every 30; 120 frames a minute, 30 at once; the same host alone.
    fn default() -> Self {
        Self {
            streams: 20,
            recheck: Duration::from_secs(1),
            keep_alive: Duration::from_secs(15),
            ping: Duration::from_secs(30),
            frames: Rate { per_minute: 120, burst: 30 },
            origins: Vec::new(),
            drain: Drain::new(),
        }
    }
}

/// Ends all streams, so that a server can shut down: it waits for its connections, and streams have no end of their own.
///
/// All clones are the same.
#[derive(Clone)]
pub struct Drain(Arc<watch::Sender<bool>>);

impl Drain {
    /// One that has not been closed.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Ends every stream, and lets nobody open another. Clients come back elsewhere.
    pub fn close(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        *self.0.borrow()
    }

    /// Hears when it is.
    pub(super) fn listen(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Drain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").field("closed", &self.is_closed()).finish()
    }
}
