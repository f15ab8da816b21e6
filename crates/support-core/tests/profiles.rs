//! The shipped profiles say what their documents say. Each test names the rows it was read from.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use support_core::{
    domain::{
        actor::Role,
        assignment::{Assignment, AssignmentRule, OnOffline, Strategy},
        escalation::Trigger,
        field::{Field, FieldKind},
        key::PriorityKey,
        profile::{Phase, Profile, When},
        sla::{ClockKind, Targets},
        span::Span,
    },
    profiles::ProfileError,
};

fn statuses(profile: &Profile) -> BTreeSet<&str> {
    profile.workflow.statuses.iter().map(|status| status.key.as_str()).collect()
}

fn categories(profile: &Profile) -> BTreeSet<&str> {
    profile.categories.known.iter().map(support_core::domain::key::CategoryKey::as_str).collect()
}

fn priorities(profile: &Profile) -> Vec<&str> {
    profile.priorities.ranked.iter().map(PriorityKey::as_str).collect()
}

fn targets(profile: &Profile, priority: &str) -> Targets {
    let policy = profile.sla.policy_for(&priority.into(), None, None);
    policy.map(|policy| policy.targets).unwrap_or_default()
}

fn promise(first_response: &str, resolution: &str) -> Targets {
    Targets {
        first_response: Some(first_response.parse().unwrap()),
        next_response: None,
        resolution: (!resolution.is_empty()).then(|| resolution.parse().unwrap()),
    }
}

fn steps(profile: &Profile, from: &str, to: &[&str]) {
    let status = profile.workflow.status(from).unwrap();
    for to in to {
        assert!(status.to.iter().any(|key| key.as_str() == *to), "{}: {from} to {to}", profile.name);
    }
}

fn triggers(profile: &Profile) -> Vec<Trigger> {
    profile.escalation.rules.iter().map(|rule| rule.trigger).collect()
}

#[test]
fn every_shipped_profile_is_valid_and_reads_what_it_writes() {
    assert_eq!(Profile::names().count(), 5);
    for name in Profile::names() {
        let profile = Profile::named(name).unwrap();
        assert_eq!(profile.name, name);
        profile.validate().unwrap();
        assert_eq!(Profile::from_toml(&profile.to_toml()).unwrap(), profile);
        assert_eq!(Profile::from_json(&profile.to_json()).unwrap(), profile);
    }
}

/// S0 "Data Models", enums `TicketStatus` and `Priority`; "Create support ticket", `topic`; "Business Rules" 1 to 4.
#[test]
fn vehicle_retail_is_document_s0() {
    let profile = Profile::vehicle_retail();
    assert_eq!(statuses(&profile), ["awaiting_response", "closed", "in_progress", "open", "resolved"].into());
    assert_eq!(profile.workflow.hooks.initial.as_str(), "open");
    assert_eq!(priorities(&profile), ["low", "normal", "high", "urgent"]);
    assert_eq!(profile.priorities.default.as_str(), "normal");
    let topics = ["account", "delivery", "documents", "financing", "other", "payment", "return", "warranty"];
    assert_eq!(categories(&profile), topics.into());
    assert_eq!(targets(&profile, "normal"), promise("24h", ""));
    assert_eq!(targets(&profile, "urgent"), promise("4h", ""));
    let auto_close = profile.auto_close.as_ref().unwrap();
    assert_eq!(auto_close.after, Span::days(7));
    assert_eq!(triggers(&profile), [Trigger::UnresolvedFor(Span::hours(48))]);
    assert_eq!(profile.wire.author(Role::Agent), "advisor");
    assert_eq!(profile.wire.mount, "/api/v1/support");
}

/// S1 "Ticket Categories", "Priority Levels", "Ticket Status Flow", "Automatic SLA Targets by Priority",
/// "Workflow Examples", `ticketNumber`, "Base URL".
#[test]
fn bookings_is_document_s1() {
    let profile = Profile::bookings();
    let expected = [
        "assigned",
        "closed",
        "escalated",
        "in_progress",
        "open",
        "reopened",
        "resolved",
        "waiting_customer",
        "waiting_internal",
    ];
    assert_eq!(statuses(&profile), expected.into());
    for pair in ["open", "assigned", "in_progress", "resolved", "closed"].windows(2) {
        steps(&profile, pair[0], &pair[1..]);
    }
    steps(&profile, "in_progress", &["waiting_customer", "waiting_internal"]);
    steps(&profile, "closed", &["reopened"]);
    assert_eq!(priorities(&profile), ["low", "medium", "high", "urgent"]);
    assert_eq!(profile.priorities.default.as_str(), "medium");
    let expected = [
        "account",
        "billing",
        "booking",
        "bug_report",
        "complaint",
        "feature_request",
        "general",
        "other",
        "payment",
        "technical",
    ];
    assert_eq!(categories(&profile), expected.into());
    let rows = [("urgent", "15m", "2h"), ("high", "30m", "4h"), ("medium", "1h", "8h"), ("low", "2h", "24h")];
    for (priority, first, resolution) in rows {
        assert_eq!(targets(&profile, priority), promise(first, resolution), "{priority}");
    }
    let at = chrono::DateTime::from_timestamp(1_728_563_421, 0).unwrap();
    assert_eq!(profile.numbers.write(1, at, 0), "TKT-1728563421-000001");
    assert!(profile.auto_close.is_none());
    assert_eq!(
        triggers(&profile),
        [Trigger::Breached(ClockKind::FirstResponse), Trigger::Breached(ClockKind::Resolution)]
    );
    assert_eq!((profile.wire.author(Role::Agent), profile.wire.author(Role::Admin)), ("support", "admin"));
    assert_eq!(profile.wire.mount, "/api/v1/support");
}

/// S2 "`DynamoDB` Schema", "SLA Requirements", "Ticket Categories", acceptance criteria 4 and 5.
#[test]
fn import_desk_is_document_s2() {
    let profile = Profile::import_desk();
    assert_eq!(statuses(&profile), ["Closed", "In Progress", "Open", "Resolved"].into());
    assert_eq!(priorities(&profile), ["Low", "Medium", "High", "Critical"]);
    assert_eq!(profile.priorities.default.as_str(), "Medium");
    assert_eq!(categories(&profile), ["Billing", "Customs", "General", "Payment", "Shipping", "Technical"].into());
    let rows = [("Critical", "2h", "24h"), ("High", "4h", "48h"), ("Medium", "8h", "72h"), ("Low", "24h", "5d")];
    for (priority, first, resolution) in rows {
        assert_eq!(targets(&profile, priority), promise(first, resolution), "{priority}");
    }
    let at_once: Vec<_> = profile.escalation.rules.iter().filter(|rule| rule.trigger == Trigger::Opened).collect();
    assert_eq!(at_once.len(), 1);
    assert_eq!(at_once[0].when.priority, ["High", "Critical"].map(PriorityKey::from));
    assert!(triggers(&profile).contains(&Trigger::Breached(ClockKind::Resolution)));
    assert_eq!(profile.wire.author(Role::Agent), "staff");
    assert_eq!(profile.wire.mount, "");
}

/// S3 "Ticket Lifecycle" 1 and 3, "Prioritization", `support_ticket_messages.sender_type`, "Customer APIs".
#[test]
fn marketplace_is_document_s3() {
    let profile = Profile::marketplace();
    let flow = ["open", "in_progress", "pending_customer", "resolved", "closed"];
    assert_eq!(statuses(&profile), flow.into());
    for pair in flow.windows(2) {
        steps(&profile, pair[0], &pair[1..]);
    }
    assert_eq!(priorities(&profile), ["low", "normal", "high", "urgent"]);
    assert_eq!(targets(&profile, "urgent").first_response, Some(Span::minutes(15)));
    assert!(!profile.priorities.rules.is_empty(), "default priority comes from rules");
    assert!(profile.priorities.rules.iter().any(|rule| !rule.when.tier.is_empty()));
    assert!(profile.priorities.rules.iter().any(|rule| !rule.when.category.is_empty()));
    assert!(triggers(&profile).iter().all(|trigger| matches!(trigger, Trigger::Breached(_))));
    assert_eq!(profile.wire.author(Role::Agent), "agent");
    assert_eq!(profile.wire.mount, "/support");
}

/// S4 "Database Schema" of `support_tickets`, "Status Flow", "Automatic Actions", "Environment Variables".
#[test]
fn after_sales_is_document_s4() {
    let profile = Profile::after_sales();
    let flow = ["open", "assigned", "in_progress", "waiting_customer", "resolved", "closed"];
    assert_eq!(statuses(&profile), flow.into());
    for pair in flow.windows(2) {
        steps(&profile, pair[0], &pair[1..]);
    }
    for from in &flow[..5] {
        steps(&profile, from, &["closed"]);
    }
    assert!(profile.workflow.status("closed").unwrap().to.is_empty(), "closed is the final state");
    assert_eq!(priorities(&profile), ["low", "normal", "high", "urgent"]);
    assert!(profile.categories.open && profile.categories.default.is_none());
    let at = chrono::DateTime::from_timestamp(1_705_314_600, 0).unwrap();
    assert_eq!(profile.numbers.write(1, at, 0), "TICKET-20240115-001");
    let auto_close = profile.auto_close.as_ref().unwrap();
    assert_eq!((auto_close.after, auto_close.phases.as_slice()), (Span::days(7), &[Phase::Resolved][..]));
    let rule = &profile.escalation.rules[0];
    assert_eq!(
        (rule.trigger, rule.when.priority.as_slice()),
        (Trigger::NoResponseFor(Span::hours(2)), &["urgent".into()][..])
    );
    assert_eq!(profile.wire.mount, "");
}

/// A profile in which nearly everything is wrong.
const SPOILT: &str = r#"
        name = ""
        numbers = "T"
        [wire]
        mount = "/{id"
        [limits]
        tags = 0
        [workflow]
        statuses = [
          { key = "open", phase = "new", to = ["nowhere", "stuck"] },
          { key = "stuck", phase = "open" },
          { key = "island", phase = "closed" },
          { key = "stuck", phase = "open" },
          { key = "all", phase = "open" },
        ]
        [workflow.hooks]
        initial = "open"
        resolve = "open"
        close = "gone"
        on_assign = { from = ["stuck", "ghost"], to = "open" }
        on_reopen = { from = ["open"], to = "island" }
        [priorities]
        ranked = ["low", "low"]
        default = "normal"
        customer_cap = "top"
        rules = [{ when = { category = ["x"], priority = ["low"] }, priority = "y" }]
        [sla]
        at_risk_percent = [0]
        [sla.clocks.resolution]
        starts = "opened"
        stops = []
        pauses_in = ["closed"]
        [[sla.policies]]
        name = "empty"
        targets = { resolution = "0s" }
        [[sla.policies]]
        name = "empty"
        calendar = "none"
        targets = {}
        when = { priority = ["p"] }
        [calendars.office]
        time_zone = "Europe/Berlin"
        [escalation]
        max_level = 0
        [[escalation.rules]]
        name = "twice"
        trigger = "opened"
        action = { priority = "q" }
        [[escalation.rules]]
        name = "twice"
        trigger = { unresolved_for = "0s" }
        [auto_close]
        after = "0s"
        phases = ["open"]
        [assignment]
        capacity = 0
        [[assignment.rules]]
        name = " "
        when = { category = ["x"] }
        team = ""
        [[assignment.rules]]
        name = "twice"
        skills = ["brakes", " "]
        [[assignment.rules]]
        name = "twice"
        [[fields]]
        key = ""
        kind = "text"
        [[fields]]
        key = "Plate"
        kind = "number"
        when = { priority = ["p"], category = ["x"] }
        [[fields]]
        key = "colour"
        kind = { select = [] }
        [[fields]]
        key = "colour"
        kind = { multi_select = ["red", "", "red"] }
    "#;

/// Each way to spoil a profile is found, under its path, and all of them at once.
#[test]
fn every_fault_is_listed() {
    let Err(ProfileError::Invalid(faults)) = Profile::from_toml(SPOILT) else { panic!("must be invalid") };
    let found: BTreeSet<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
    let expected = [
        "assignment.capacity",
        "assignment.rules.0.name",
        "assignment.rules.0.team",
        "assignment.rules.0.when.category.0",
        "assignment.rules.1.skills.1",
        "assignment.rules.2.name",
        "auto_close.after",
        "auto_close.phases",
        "categories.known",
        "fields.0.key",
        "fields.1.key",
        "fields.1.when.category.0",
        "fields.1.when.priority.0",
        "fields.2.kind",
        "fields.3.key",
        "fields.3.kind.1",
        "fields.3.kind.2",
        "escalation.max_level",
        "escalation.rules.0.action.priority",
        "escalation.rules.0.name",
        "limits.tags",
        "name",
        "numbers",
        "priorities.customer_cap",
        "priorities.default",
        "priorities.ranked.1",
        "priorities.rules.0.priority",
        "priorities.rules.0.when.category.0",
        "sla.at_risk_percent.0",
        "priorities.rules.0.when.priority",
        "sla.clocks.resolution.pauses_in",
        "sla.clocks.resolution.stops",
        "sla.policies.0.targets.resolution",
        "sla.policies.1",
        "sla.policies.1.calendar",
        "sla.policies.1.name",
        "sla.policies.1.when.priority.0",
        "escalation.rules.1.trigger",
        "workflow.hooks.on_reopen.from.0",
        "workflow.hooks.on_reopen.to",
        "wire.mount",
        "workflow.hooks.close",
        "workflow.hooks.on_assign.from.0",
        "workflow.hooks.on_assign.from.1",
        "workflow.hooks.resolve",
        "workflow.statuses.0",
        "workflow.statuses.0.to.0",
        "workflow.statuses.1",
        "workflow.statuses.1.key",
        "workflow.statuses.2",
        "workflow.statuses.4.key",
    ];
    for path in expected {
        assert!(found.contains(path), "{path} is missing from {found:#?}");
    }
    assert!(found.iter().any(|path| path.starts_with("calendars.office")), "{found:#?}");
    let unknown = faults.0.iter().find(|fault| fault.field == "priorities.default").unwrap();
    assert_eq!(unknown.allowed, ["low", "low"]);
}

fn field(key: &str) -> Field {
    let (key, kind, when) = (key.to_owned(), FieldKind::Text, When::default());
    Field { key, label: String::new(), kind, when, required: false, internal: false }
}

/// The edges of what a key may be and of how many there may be.
#[test]
fn fields_have_plain_keys_and_are_not_too_many() {
    let with = |fields| Profile { fields, ..Profile::bookings() }.validate();
    let longest = "k".repeat(40);
    for key in ["a", "plate_2", "2nd", longest.as_str()] {
        with(vec![field(key)]).unwrap();
    }
    let too_long = "k".repeat(41);
    for key in ["", "Plate", "plate-2", "plate 2", "größe", "a.b", too_long.as_str()] {
        let faults = with(vec![field(key)]).unwrap_err();
        assert_eq!(faults.0[0].field, "fields.0.key", "{key}");
    }
    let many = |count: usize| (0..count).map(|n| field(&format!("f{n}"))).collect();
    with(many(100)).unwrap();
    assert_eq!(with(many(101)).unwrap_err().0[0].field, "fields");
}

/// A desk with every kind of field and with rules of assignment, as a document.
#[test]
fn fields_and_rules_of_assignment_are_read_and_written() {
    let mut profile = Profile::bookings();
    let options = || vec!["red".to_owned(), "blue".to_owned()];
    let kinds = [
        FieldKind::Text,
        FieldKind::Number,
        FieldKind::Checkbox,
        FieldKind::Date,
        FieldKind::Select(options()),
        FieldKind::MultiSelect(options()),
    ];
    let fields = kinds.into_iter().enumerate().map(|(n, kind)| Field { kind, ..field(&format!("f{n}")) });
    profile.fields = fields.collect();
    profile.assignment = Assignment {
        automatic: true,
        strategy: Strategy::RoundRobin,
        capacity: Some(1),
        on_offline: OnOffline::Release,
        rules: vec![AssignmentRule {
            name: "money".into(),
            when: When { category: vec!["billing".into()], ..When::default() },
            team: Some("billing".into()),
            skills: vec!["refunds".into()],
            same_language: true,
        }],
    };
    profile.validate().unwrap();
    assert_eq!(Profile::from_toml(&profile.to_toml()).unwrap(), profile);
    assert_eq!(Profile::from_json(&profile.to_json()).unwrap(), profile);
}

/// A misspelt field is an error, not a silent default.
#[test]
fn unknown_fields_are_refused() {
    let text = Profile::bookings().to_toml().replace("max_level", "max_levels");
    let error = Profile::from_toml(&text).unwrap_err();
    assert!(error.to_string().contains("max_levels"), "{error}");
}

/// A rule for a category or tier gives the default priority; a named one wins; a customer's wish is capped.
#[test]
fn priorities_come_from_rules_and_wishes_are_capped() {
    let priorities = Profile::marketplace().priorities;
    let default = |category: &str, tier: Option<&str>| priorities.for_ticket(Some(&category.into()), tier).clone();
    assert_eq!(default("account", None).as_str(), "normal");
    assert_eq!(default("payment", None).as_str(), "high");
    assert_eq!(default("account", Some("vip")).as_str(), "high");
    assert_eq!(priorities.cap("urgent".into()).as_str(), "high");
    assert_eq!(priorities.cap("low".into()).as_str(), "low");
}
