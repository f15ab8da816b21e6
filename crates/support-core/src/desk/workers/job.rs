use crate::domain::ticket::AlarmKind;
use std::time::Duration;

/// Something that is done by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// Tells of clocks that come to be at risk or due (S3, `ticket-sla-monitor`).
    SlaMonitor,
    /// Applies escalation rules (S4, "Escalation monitoring").
    Escalation,
    /// Ends tickets that nobody touches (S4, "Auto-close resolved tickets").
    AutoClose,
    /// Gives waiting tickets to whoever can take them.
    AutoAssign,
    /// Publishes articles whose time has come.
    Publish,
    /// Asks customers how it went (S4, "Satisfaction survey sender").
    Survey,
    /// Scans files that wait for it.
    Scan,
    /// Takes away files that nobody has named in time.
    Sweep,
    /// Takes away files to which nothing leads. It reads the whole store of files.
    Orphans,
    /// Keeps the index of what articles and tickets say in step. A node that has an index of its own takes no lease: nobody
    /// else feeds it.
    Index,
    /// Tells sinks and webhooks what happened, and makes notifications of it. Beside the other jobs, each listener at its own
    /// pace: somebody who does not answer keeps nobody waiting.
    Relay,
    /// Tells people what is due on all ways but the inbox, beside the other jobs.
    Notify,
    /// Sets the gauges that operators look at. Each node has its own, so there is no lease.
    Metrics,
    /// Forgets requests that are older than [`REMEMBERED`](crate::domain::request::REMEMBERED), and what was told or taken long ago.
    Housekeeping,
    /// Sets alarms anew where the profile has other rules than when they were set. It reads every ticket that has not
    /// ended, so it runs when the workers start, and then once a day.
    Rearm,
}

impl Job {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::SlaMonitor,
        Self::Escalation,
        Self::AutoClose,
        Self::AutoAssign,
        Self::Publish,
        Self::Survey,
        Self::Scan,
        Self::Sweep,
        Self::Orphans,
        Self::Index,
        Self::Relay,
        Self::Notify,
        Self::Metrics,
        Self::Housekeeping,
        Self::Rearm,
    ];

    /// Its name, in leases and in the audit trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::SlaMonitor => "sla-monitor",
            Self::Escalation => "escalation",
            Self::AutoClose => "auto-close",
            Self::AutoAssign => "auto-assign",
            Self::Publish => "publish",
            Self::Survey => "survey",
            Self::Scan => "scan",
            Self::Sweep => "sweep",
            Self::Orphans => "orphans",
            Self::Index => "index",
            Self::Relay => "relay",
            Self::Notify => "notify",
            Self::Metrics => "metrics",
            Self::Housekeeping => "housekeeping",
            Self::Rearm => "rearm",
        }
    }

    /// How long to wait between two looks. A look at nothing costs one read of an index.
    pub fn every(self) -> Duration {
        match self {
            Self::SlaMonitor | Self::Escalation => Duration::from_secs(5),
            Self::AutoAssign | Self::Scan => Duration::from_secs(15),
            Self::Index | Self::Relay | Self::Notify => Duration::from_millis(500),
            Self::AutoClose | Self::Housekeeping | Self::Metrics | Self::Publish | Self::Survey => {
                Duration::from_mins(1)
            }
            Self::Sweep => Duration::from_hours(1),
            Self::Orphans | Self::Rearm => Duration::from_hours(24),
        }
    }

    /// Whether it goes on beside the jobs that wait for each other.
    pub(super) fn runs_beside(self) -> bool {
        matches!(self, Self::Relay | Self::Notify)
    }

    pub(super) fn alarm(self) -> Option<AlarmKind> {
        match self {
            Self::SlaMonitor => Some(AlarmKind::Sla),
            Self::Escalation => Some(AlarmKind::Escalation),
            Self::AutoClose => Some(AlarmKind::AutoClose),
            Self::AutoAssign
            | Self::Publish
            | Self::Survey
            | Self::Scan
            | Self::Sweep
            | Self::Orphans
            | Self::Index
            | Self::Relay
            | Self::Notify
            | Self::Metrics
            | Self::Housekeeping
            | Self::Rearm => None,
        }
    }
}
