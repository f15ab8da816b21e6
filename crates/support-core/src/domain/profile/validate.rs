//! What is wrong with a profile: everything at once, each fault under the path a reader finds it at.

use super::{HookName, Phase, Profile, Status, When};
use crate::domain::{
    escalation::Trigger,
    fault::{Fault, Faults},
    field::FieldKind,
    key::StatusKey,
    sla::{ClockKind, Stop},
};

pub(super) fn faults(profile: &Profile) -> Faults {
    let mut found = Faults::new();
    names(profile, &mut found);
    statuses(profile, &mut found);
    hooks(profile, &mut found);
    reachability(profile, &mut found);
    priorities(profile, &mut found);
    categories(profile, &mut found);
    sla(profile, &mut found);
    escalation(profile, &mut found);
    assignment(profile, &mut found);
    fields(profile, &mut found);
    limits(profile, &mut found);
    if profile.events.source.trim().is_empty() || profile.events.source.chars().any(char::is_whitespace) {
        found.push(Fault::new("events.source", "must be a URI or path such as `/support-desk`, without blanks"));
    }
    found.0.extend(profile.notifications.faults().0);
    found
}

fn names(profile: &Profile, found: &mut Faults) {
    if profile.name.trim().is_empty() {
        found.push(Fault::new("name", "must not be empty"));
    }
    let mount = &profile.wire.mount;
    let plain =
        |segment: &str| !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c));
    if !mount.is_empty() && !mount.strip_prefix('/').is_some_and(|path| path.split('/').all(plain)) {
        found.push(Fault::new("wire.mount", "must be empty, or a path such as `/support` of letters, digits and -._~"));
    }
    if let Err(message) = profile.numbers.check() {
        found.push(Fault::new("numbers", message));
    }
}

fn statuses(profile: &Profile, found: &mut Faults) {
    let all = &profile.workflow.statuses;
    let known = || all.iter().map(|status| &status.key);
    for (index, status) in all.iter().enumerate() {
        let path = format!("workflow.statuses.{index}");
        if status.key.as_str().trim().is_empty() {
            found.push(Fault::new(format!("{path}.key"), "must not be empty"));
        }
        if status.key.as_str() == "all" {
            found.push(Fault::new(format!("{path}.key"), "`all` is the filter for every status"));
        }
        if known().filter(|key| **key == status.key).count() > 1 {
            found.push(Fault::new(format!("{path}.key"), format!("`{}` stands twice", status.key)));
        }
        for (step, to) in status.to.iter().enumerate() {
            if profile.workflow.status(to.as_str()).is_none() {
                found.push(Fault::unknown(format!("{path}.to.{step}"), to, known()));
            }
        }
    }
}

fn hooks(profile: &Profile, found: &mut Faults) {
    let workflow = &profile.workflow;
    let fixed = [
        ("initial", &workflow.hooks.initial, [Phase::New, Phase::Open]),
        ("resolve", &workflow.hooks.resolve, [Phase::Resolved, Phase::Closed]),
        ("close", &workflow.hooks.close, [Phase::Closed, Phase::Closed]),
    ];
    for (name, key, phases) in fixed {
        let path = format!("workflow.hooks.{name}");
        if let Some(status) = known_status(profile, &path, key, found)
            && !phases.contains(&status.phase)
        {
            let message = format!("`{key}` is in phase `{}`, which is not where this hook leads", status.phase);
            found.push(Fault { field: path, message, allowed: phases.map(|phase| phase.to_string()).into() });
        }
    }
    for (name, field) in HookName::ALL {
        let Some(hook) = workflow.hook(name) else { continue };
        let path = format!("workflow.hooks.{field}");
        if known_status(profile, &format!("{path}.to"), &hook.to, found).is_some_and(|to| to.phase.is_done()) {
            found.push(Fault::new(format!("{path}.to"), "must not end the ticket"));
        }
        for (index, from) in hook.from.iter().enumerate() {
            let path = format!("{path}.from.{index}");
            if let Some(status) = known_status(profile, &path, from, found)
                && !status.to.contains(&hook.to)
            {
                let message = format!("`{from}` has no transition to `{}`", hook.to);
                found.push(Fault::new(&path, message));
            }
            let open = workflow.status(from.as_str()).is_some_and(|status| !status.phase.is_done());
            if name == HookName::OnReopen && open {
                found.push(Fault::new(&path, format!("`{from}` has not ended, so it cannot be reopened")));
            }
        }
    }
}

fn known_status<'p>(profile: &'p Profile, path: &str, key: &StatusKey, found: &mut Faults) -> Option<&'p Status> {
    found.keep(profile.workflow.find(path, key.as_str()))
}

fn reachability(profile: &Profile, found: &mut Faults) {
    let workflow = &profile.workflow;
    let Some(initial) = workflow.status(workflow.hooks.initial.as_str()) else {
        return;
    };
    let reachable = workflow.reachable_from(initial);
    for (index, status) in workflow.statuses.iter().enumerate() {
        let path = format!("workflow.statuses.{index}");
        if !reachable.iter().any(|reached| reached.key == status.key) {
            found.push(Fault::new(path, format!("no way leads from `{}` to `{}`", initial.key, status.key)));
        } else if !workflow.reachable_from(status).iter().any(|reached| reached.phase == Phase::Closed) {
            found.push(Fault::new(path, format!("from `{}` no way leads to a closed status", status.key)));
        }
    }
}

fn priorities(profile: &Profile, found: &mut Faults) {
    let priorities = &profile.priorities;
    for (index, priority) in priorities.ranked.iter().enumerate() {
        if priority.as_str().trim().is_empty() || priorities.rank(priority.as_str()) != Some(index) {
            let path = format!("priorities.ranked.{index}");
            found.push(Fault::new(path, format!("`{priority}` is empty or stands twice")));
        }
    }
    found.keep(priorities.find("priorities.default", priorities.default.as_str()));
    if let Some(cap) = &priorities.customer_cap {
        found.keep(priorities.find("priorities.customer_cap", cap.as_str()));
    }
    for (index, rule) in priorities.rules.iter().enumerate() {
        let path = format!("priorities.rules.{index}");
        found.keep(priorities.find(&format!("{path}.priority"), rule.priority.as_str()));
        if !rule.when.priority.is_empty() {
            found.push(Fault::new(format!("{path}.when.priority"), "is not known yet when a default is looked for"));
        }
        when(profile, &format!("{path}.when"), &rule.when, found);
    }
}

fn categories(profile: &Profile, found: &mut Faults) {
    let categories = &profile.categories;
    if categories.known.is_empty() && !categories.open {
        found.push(Fault::new("categories.known", "must not be empty unless categories are open"));
    }
    for (index, category) in categories.known.iter().enumerate() {
        if category.as_str().trim().is_empty() || categories.known[..index].contains(category) {
            found.push(Fault::new(
                format!("categories.known.{index}"),
                format!("`{category}` is empty or stands twice"),
            ));
        }
    }
    if let Some(default) = &categories.default {
        found.keep(categories.find("categories.default", default.as_str()));
    }
}

fn when(profile: &Profile, path: &str, when: &When, found: &mut Faults) {
    for (index, priority) in when.priority.iter().enumerate() {
        found.keep(profile.priorities.find(&format!("{path}.priority.{index}"), priority.as_str()));
    }
    for (index, category) in when.category.iter().enumerate() {
        found.keep(profile.categories.find(&format!("{path}.category.{index}"), category.as_str()));
    }
}

fn sla(profile: &Profile, found: &mut Faults) {
    for (name, calendar) in &profile.calendars {
        for fault in calendar.faults() {
            found.push(Fault::new(format!("calendars.{name}.{}", fault.path), fault.message));
        }
    }
    for (index, policy) in profile.sla.policies.iter().enumerate() {
        let path = format!("sla.policies.{index}");
        when(profile, &format!("{path}.when"), &policy.when, found);
        if let Some(name) = &policy.calendar
            && !profile.calendars.contains_key(name)
        {
            found.push(Fault::unknown(format!("{path}.calendar"), name, profile.calendars.keys()));
        }
        if policy.targets.is_empty() {
            found.push(Fault::new(&path, "has no target"));
        }
        for clock in ClockKind::ALL {
            if policy.targets.of(clock).is_some_and(|target| target.seconds() == 0) {
                let path = format!("{path}.targets.{}", clock.as_str());
                found.push(Fault::new(path, "must be longer than nothing"));
            }
        }
        let twice = profile.sla.policies[..index].iter().any(|other| other.name == policy.name);
        if policy.name.trim().is_empty() || twice {
            found.push(Fault::new(format!("{path}.name"), format!("`{}` is empty or stands twice", policy.name)));
        }
    }
    for clock in ClockKind::ALL {
        let (rule, path) = (profile.sla.clocks.of(clock), format!("sla.clocks.{}", clock.as_str()));
        if !rule.stops.contains(&Stop::Done) {
            found.push(Fault::new(format!("{path}.stops"), "must hold `done`, or the clock runs on when all is over"));
        }
        if rule.pauses_in.iter().any(|phase| phase.is_done()) {
            found.push(Fault::new(format!("{path}.pauses_in"), "must not name a phase in which the ticket has ended"));
        }
    }
    for (index, percent) in profile.sla.at_risk_percent.iter().enumerate() {
        if !(1..=99).contains(percent) {
            found.push(Fault::new(format!("sla.at_risk_percent.{index}"), "must lie between 1 and 99"));
        }
    }
}

fn escalation(profile: &Profile, found: &mut Faults) {
    let rules = &profile.escalation.rules;
    for (index, rule) in rules.iter().enumerate() {
        let path = format!("escalation.rules.{index}");
        when(profile, &format!("{path}.when"), &rule.when, found);
        if rules.iter().filter(|other| other.name == rule.name).count() > 1 {
            found.push(Fault::new(format!("{path}.name"), format!("`{}` stands twice", rule.name)));
        }
        if let Trigger::UnresolvedFor(span) | Trigger::NoResponseFor(span) = rule.trigger
            && span.seconds() == 0
        {
            found.push(Fault::new(format!("{path}.trigger"), "must be longer than nothing"));
        }
        if let Some(priority) = &rule.action.priority {
            found.keep(profile.priorities.find(&format!("{path}.action.priority"), priority.as_str()));
        }
    }
    if profile.escalation.max_level == 0 {
        found.push(Fault::new("escalation.max_level", "must be at least 1"));
    }
    profile.reviews.validate("reviews", found);
    profile.attachments.validate("attachments", found);
    let calendars: Vec<&str> = profile.calendars.keys().map(String::as_str).collect();
    profile.callbacks.validate("callbacks", &calendars, found);
    if let Some(rule) = &profile.auto_close {
        if rule.after.seconds() == 0 {
            found.push(Fault::new("auto_close.after", "must be longer than nothing"));
        }
        if rule.phases.is_empty() || rule.phases.contains(&Phase::Closed) {
            found.push(Fault::new("auto_close.phases", "must name phases, and not `closed`"));
        }
        let close = &profile.workflow.hooks.close;
        for status in profile.workflow.statuses.iter().filter(|status| rule.phases.contains(&status.phase)) {
            if !status.to.contains(close) {
                let message = format!("`{}` has no transition to `{close}`, so it could never close", status.key);
                found.push(Fault::new("auto_close.phases", message));
            }
        }
    }
}

fn assignment(profile: &Profile, found: &mut Faults) {
    let assignment = &profile.assignment;
    if assignment.capacity == Some(0) {
        found.push(Fault::new("assignment.capacity", "must be at least 1, or absent for any number"));
    }
    for (index, rule) in assignment.rules.iter().enumerate() {
        let path = format!("assignment.rules.{index}");
        when(profile, &format!("{path}.when"), &rule.when, found);
        let twice = assignment.rules[..index].iter().any(|other| other.name == rule.name);
        if rule.name.trim().is_empty() || twice {
            found.push(Fault::new(format!("{path}.name"), format!("`{}` is empty or stands twice", rule.name)));
        }
        if rule.team.as_ref().is_some_and(|team| team.trim().is_empty()) {
            found.push(Fault::new(format!("{path}.team"), "must not be empty"));
        }
        for (place, _) in rule.skills.iter().enumerate().filter(|(_, skill)| skill.trim().is_empty()) {
            found.push(Fault::new(format!("{path}.skills.{place}"), "must not be empty"));
        }
    }
}

/// The most custom fields of a desk.
const MOST_FIELDS: usize = 100;

fn fields(profile: &Profile, found: &mut Faults) {
    let fields = &profile.fields;
    if fields.len() > MOST_FIELDS {
        found.push(Fault::new("fields", format!("must not hold more than {MOST_FIELDS} fields")));
    }
    // Keys are written into paths, queries and bodies: none of these should have to quote them.
    let odd = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    for (index, field) in fields.iter().enumerate() {
        let path = format!("fields.{index}");
        if !(1..=40).contains(&field.key.len()) || field.key.contains(odd) {
            let message = "must be 1 to 40 lower-case letters of a to z, digits and underscores";
            found.push(Fault::new(format!("{path}.key"), message));
        }
        if fields[..index].iter().any(|other| other.key == field.key) {
            found.push(Fault::new(format!("{path}.key"), format!("`{}` stands twice", field.key)));
        }
        when(profile, &format!("{path}.when"), &field.when, found);
        if let FieldKind::Select(options) | FieldKind::MultiSelect(options) = &field.kind {
            choices(&format!("{path}.kind"), options, found);
        }
    }
}

fn choices(path: &str, options: &[String], found: &mut Faults) {
    if options.is_empty() {
        found.push(Fault::new(path, "must offer something to select"));
    }
    for (index, option) in options.iter().enumerate() {
        if option.trim().is_empty() || options[..index].contains(option) {
            found.push(Fault::new(format!("{path}.{index}"), format!("`{option}` is empty or stands twice")));
        }
    }
}

fn limits(profile: &Profile, found: &mut Faults) {
    let limits = &profile.limits;
    let numbers = [
        ("subject_chars", limits.subject_chars, 1_000),
        ("message_chars", limits.message_chars, 1_000_000),
        ("tags", limits.tags, 1_000),
        ("tag_chars", limits.tag_chars, 200),
        ("metadata_bytes", limits.metadata_bytes, 1_000_000),
        ("related", limits.related, 1_000),
        ("attachments", limits.attachments, 1_000),
        ("page", limits.page as usize, 1_000),
        ("watchers", limits.watchers, 1_000),
    ];
    for (name, value, most) in numbers {
        if value == 0 || value > most {
            found.push(Fault::new(format!("limits.{name}"), format!("must lie between 1 and {most}")));
        }
    }
}
