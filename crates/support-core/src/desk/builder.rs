use super::{Desk, Inner, numbers::Numbers, terms::Terms};
use crate::{
    domain::{
        access::{AccessPolicy, RolePolicy},
        fault::Faults,
        notification::Way,
        profile::Profile,
    },
    ports::{
        Store,
        bus::Bus,
        channels::Channel,
        clock::{Clock, SystemClock},
        directory::{Directory, NoDirectory},
        files::{Files, NoFiles},
        ids::{IdSource, RandomIds},
        notifier::{Notifier, Silent},
        phone::{NoPhone, Phone},
        scanner::{NoScanner, Scanner},
        search::Search,
        sinks::Sink,
        timer::{ThreadTimer, Timer},
        webhooks::{NoWebhooks, WebhookCaller},
    },
};
use std::{collections::BTreeMap, sync::Arc};

/// Puts a [`Desk`] together. Only the store is needed; the rest has defaults.
pub struct DeskBuilder(Inner);

/// Why a desk cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Every fault of the profile.
    #[error("the profile is not valid: {0}")]
    Profile(#[from] Faults),
    /// Two sinks of one name, or one without: how far each was told is kept under its name.
    #[error("every sink needs a name of its own; `{0}` stands twice, or is empty")]
    Sink(String),
}

impl DeskBuilder {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self(Inner {
            store,
            profile: Profile::vehicle_retail(),
            access: Box::new(RolePolicy),
            clock: Box::new(SystemClock),
            ids: Box::new(RandomIds),
            notifier: Box::new(Silent),
            directory: Box::new(NoDirectory),
            timer: Box::new(ThreadTimer),
            search: None,
            files: Box::new(NoFiles),
            scanner: Box::new(NoScanner),
            phone: Box::new(NoPhone),
            sinks: Vec::new(),
            webhooks: Box::new(NoWebhooks),
            channels: BTreeMap::new(),
            notifies: false,
            bus: None,
            hub: super::live::Hub::default(),
            feed: super::search::Feed::default(),
            numbers: Numbers::default(),
        })
    }

    /// The rules; [`Profile::vehicle_retail`] if none are given.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.0.profile = profile;
        self
    }

    /// Who may do what; [`RolePolicy`] if nothing else is given.
    pub fn access(mut self, access: impl AccessPolicy + 'static) -> Self {
        self.0.access = Box::new(access);
        self
    }

    /// The time; the machine's if nothing else is given.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.0.clock = Box::new(clock);
        self
    }

    /// New ids; version 7 UUIDs if nothing else is given.
    pub fn ids(mut self, ids: impl IdSource + 'static) -> Self {
        self.0.ids = Box::new(ids);
        self
    }

    /// Who hears of changes; nobody if nothing else is given.
    pub fn notifier(mut self, notifier: impl Notifier + 'static) -> Self {
        self.0.notifier = Box::new(notifier);
        self
    }

    /// How the workers wait; on a thread of their own if nothing else is given.
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.0.timer = Box::new(timer);
        self
    }

    /// The index of what articles and tickets say; the store's own if nothing else is given.
    pub fn search(mut self, search: impl Search + 'static) -> Self {
        self.0.search = Some(Box::new(search));
        self
    }

    /// Where files are kept; nowhere if nothing else is given, and then none can be uploaded.
    pub fn files(mut self, files: impl Files + 'static) -> Self {
        self.0.files = Box::new(files);
        self
    }

    /// Who looks for malware in files; nobody if nothing else is given.
    pub fn scanner(mut self, scanner: impl Scanner + 'static) -> Self {
        self.0.scanner = Box::new(scanner);
        self
    }

    /// Who makes phone calls; nobody but the agents themselves if nothing else is given.
    pub fn phone(mut self, phone: impl Phone + 'static) -> Self {
        self.0.phone = Box::new(phone);
        self
    }

    /// Somebody outside who is told what happens, by the workers; call it once for each.
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.0.sinks.push(Arc::new(sink));
        self
    }

    /// Who calls the addresses of webhooks; nobody if nothing else is given, and then none can be set up.
    pub fn webhooks(mut self, caller: impl WebhookCaller + 'static) -> Self {
        self.0.webhooks = Box::new(caller);
        self
    }

    /// Keeps an inbox for everybody: what concerns them, to be read inside the application.
    pub fn inbox(mut self) -> Self {
        self.0.notifies = true;
        self
    }

    /// Who brings people what they are told on one way; nobody if nothing else is given. It comes with the [inbox](Self::inbox).
    pub fn channel(mut self, way: Way, channel: impl Channel + 'static) -> Self {
        self.0.channels.insert(way, Box::new(channel));
        self.inbox()
    }

    /// What carries words between the nodes of one desk, so that people see at once what happens on another; nothing if there is one
    /// node.
    pub fn bus(mut self, bus: impl Bus + 'static) -> Self {
        self.0.bus = Some(Box::new(bus));
        self
    }

    /// The host's people and things; none if nothing else is given.
    pub fn directory(mut self, directory: impl Directory + 'static) -> Self {
        self.0.directory = Box::new(directory);
        self
    }

    /// The desk.
    ///
    /// # Errors
    /// Every fault of the profile; sinks that cannot be told apart.
    pub fn build(self) -> Result<Desk, BuildError> {
        self.0.profile.validate()?;
        let mut names = std::collections::BTreeSet::from([""]);
        if let Some(twice) = self.0.sinks.iter().find(|sink| !names.insert(sink.name())) {
            return Err(BuildError::Sink(twice.name().to_owned()));
        }
        Ok(Desk(Arc::new(self.0), Terms::default()))
    }
}
