use super::Moment;
use serde::Serialize;
use support_core::domain::{
    sla::{ClockReport, ClockState, Segment, SegmentKind, SlaReport},
    ticket::SlaFilter,
};
use utoipa::ToSchema;

/// How the running clocks of a ticket do.
#[derive(Serialize, ToSchema)]
#[schema(as = SlaState)]
pub(crate) struct SlaBody {
    /// `breached`, `at_risk`, `on_track`, or `none` where no clock runs towards a target.
    #[schema(example = "on_track")]
    state: &'static str,
    /// Every clock; only with one ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    clocks: Option<Vec<ClockBody>>,
}

impl SlaBody {
    /// The state alone, for lists.
    pub(crate) fn state(state: Option<SlaFilter>) -> Self {
        Self { state: state.map_or("none", SlaFilter::as_str), clocks: None }
    }

    /// With every clock.
    pub(crate) fn with_clocks(self, report: &SlaReport) -> Self {
        Self { clocks: Some(report.clocks.iter().map(ClockBody::from).collect()), ..self }
    }
}

/// One cycle of one clock.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Clock)]
pub(crate) struct ClockBody {
    /// `first_response`, `next_response` or `resolution`.
    #[schema(example = "first_response")]
    clock: &'static str,
    /// Which cycle, from 1.
    cycle: u32,
    /// The policy that judges it.
    policy: Option<String>,
    /// Seconds that were promised.
    target: Option<i64>,
    /// `running`, `paused` or `stopped`.
    #[schema(example = "running")]
    state: &'static str,
    /// Seconds that counted.
    counted: i64,
    /// When the target is used up, while the clock runs.
    due: Option<Moment>,
    /// When each warning share of the target is used up.
    at_risk: Vec<Moment>,
    /// Whether the target was missed.
    breached: bool,
    /// How the time was counted, in words.
    explanation: String,
    /// How the time passed.
    segments: Vec<SegmentBody>,
}

/// A stretch of time.
#[derive(Serialize, ToSchema)]
#[schema(as = ClockSegment)]
pub(crate) struct SegmentBody {
    /// `running` or `paused`.
    #[schema(example = "running")]
    kind: &'static str,
    /// In which phase the clock paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    /// Its beginning.
    from: Moment,
    /// Its end.
    to: Moment,
    /// Seconds of it that counted.
    counted: i64,
}

impl From<&ClockReport> for ClockBody {
    fn from(report: &ClockReport) -> Self {
        Self {
            clock: report.clock.as_str(),
            cycle: report.cycle,
            policy: report.policy.clone(),
            target: report.target.map(support_core::domain::span::Span::seconds),
            state: match report.state {
                ClockState::Running => "running",
                ClockState::Paused(_) => "paused",
                ClockState::Stopped(_) => "stopped",
            },
            counted: report.counted.num_seconds(),
            due: report.due.map(Moment),
            at_risk: report.at_risk.iter().copied().map(Moment).collect(),
            breached: report.breached,
            explanation: report.explain(),
            segments: report.segments.iter().map(SegmentBody::from).collect(),
        }
    }
}

impl From<&Segment> for SegmentBody {
    fn from(segment: &Segment) -> Self {
        let (kind, phase) = match segment.kind {
            SegmentKind::Running => ("running", None),
            SegmentKind::Paused(phase) => ("paused", Some(phase.as_str())),
        };
        Self { kind, phase, from: Moment(segment.from), to: Moment(segment.to), counted: segment.counted.num_seconds() }
    }
}
