use crate::{
    Answer,
    auth::Caller,
    body::{FromFields, Unchecked},
    extract::NoParams,
    fields::Fields,
    openapi::{ChangeProblems, ReadProblems},
    problem::Problem,
    terms::{Reply, Terms},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse as _};
use chrono::{NaiveTime, Timelike as _};
use chrono_tz::Tz;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use support_core::{
    desk::{Desk, notifications::PreferencesEdit},
    domain::{
        actor::Actor,
        fault::{Fault, Faults},
        notification::{Digest, Preferences, QuietHours, Topic, Way},
    },
};
use utoipa::ToSchema;

/// How somebody wants to be told things.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Preferences)]
pub(crate) struct PreferencesBody {
    /// On which ways they want to be told of a topic: some of `in_app`, `email`, `sms` and `push`. What is not named is told as
    /// the desk does it.
    topics: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// When they want to be left alone.
    quiet_hours: Option<QuietHoursBody>,
    /// `off` (mails come one by one), `hourly` or `daily`.
    digest: &'static str,
    /// On whose clock hours are meant.
    time_zone: &'static str,
}

/// Hours in which nobody is told anything that can wait; from 22:00 to 07:00 goes over midnight.
#[derive(Serialize, ToSchema)]
#[schema(as = QuietHours)]
pub(crate) struct QuietHoursBody {
    /// From this time on, as `22:00`.
    from: String,
    /// Up to this one.
    to: String,
}

fn shown(time: NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

impl From<&Preferences> for PreferencesBody {
    fn from(preferences: &Preferences) -> Self {
        let words = |ways: &BTreeSet<Way>| ways.iter().map(|way| way.as_str()).collect();
        let quiet = preferences.quiet;
        Self {
            topics: preferences.topics.iter().map(|(topic, ways)| (topic.as_str(), words(ways))).collect(),
            quiet_hours: quiet.map(|QuietHours { from, to }| QuietHoursBody { from: shown(from), to: shown(to) }),
            digest: digest_word(preferences.digest),
            time_zone: preferences.time_zone.name(),
        }
    }
}

const DIGESTS: [Digest; 3] = [Digest::Off, Digest::Hourly, Digest::Daily];

fn digest_word(digest: Digest) -> &'static str {
    match digest {
        Digest::Off => "off",
        Digest::Hourly => "hourly",
        Digest::Daily => "daily",
    }
}

/// How somebody wants to be told things; what is absent stays as it is.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct EditPreferences {
    /// By topic, on which ways: some of `in_app`, `email`, `sms` and `push`, none for not at all, `null` for as the desk does
    /// it.
    #[schema(value_type = Option<Object>)]
    topics: Vec<Wish>,
    /// When they want to be left alone: `from` and `to` as `22:00`; `null` for never.
    #[schema(value_type = Option<Object>)]
    #[expect(clippy::option_option, reason = "absent, never and some hours are three different wishes")]
    quiet_hours: Option<Option<QuietHours>>,
    /// `off`, `hourly` or `daily`.
    #[schema(value_type = Option<String>)]
    digest: Option<Digest>,
    /// On whose clock hours are meant, as `Europe/Berlin`.
    #[schema(value_type = Option<String>)]
    time_zone: Option<Tz>,
}

/// What somebody says of a topic, which may be none.
struct Wish {
    /// Where it stands.
    field: String,
    topic: String,
    ways: Option<BTreeSet<Way>>,
}

impl FromFields for EditPreferences {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            topics: topics(fields),
            quiet_hours: quiet_hours(fields),
            digest: fields.field(&["digest"]).checked(|field, word| {
                let found = DIGESTS.into_iter().find(|digest| digest_word(*digest) == word);
                found.ok_or_else(|| Fault::unknown(field, word, DIGESTS.map(digest_word)))
            }),
            time_zone: fields.field(&["timeZone", "timezone", "tz"]).checked(|field, name| {
                name.parse().map_err(|_| Fault::new(field, "must be a time zone such as `Europe/Berlin`"))
            }),
        }
    }
}

fn topics(fields: &mut Fields) -> Vec<Wish> {
    let place = fields.written_as("topics").unwrap_or_else(|| "topics".to_owned());
    let read = fields.field(&["topics"]).object_or_none(|topics| {
        let read = |topics: &mut Fields, topic: String| {
            let ways = topics.named(&topic).checked_texts(|field, word| {
                let found = Way::ALL.into_iter().find(|way| way.as_str() == word);
                found.ok_or_else(|| Fault::unknown(field, word, Way::ALL.map(Way::as_str)))
            });
            let ways = ways.map(|ways| ways.into_iter().collect());
            Wish { field: format!("{place}.{topic}"), topic, ways }
        };
        topics.names_left().into_iter().map(|topic| read(topics, topic)).collect()
    });
    read.flatten().unwrap_or_default()
}

#[expect(clippy::option_option, reason = "absent, never and some hours are three different wishes")]
fn quiet_hours(fields: &mut Fields) -> Option<Option<QuietHours>> {
    let read = fields.field(&["quietHours"]).object_or_none(|quiet| {
        let from = quiet.field(&["from", "start"]).required().checked(time);
        let to = quiet.field(&["to", "end"]).required().checked(time);
        // A misspelled end would be none.
        quiet.nothing_else();
        from.zip(to).map(|(from, to)| QuietHours { from, to })
    })?;
    match read {
        None => Some(None),
        Some(hours) => hours.map(Some),
    }
}

/// A time as `07:00`, and nothing finer.
fn time(field: &str, text: &str) -> Result<NaiveTime, Fault> {
    let read = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5);
    read.ok_or_else(|| Fault::new(field, "must be a time such as `22:00`"))
}

impl EditPreferences {
    /// As the desk takes it. Topics are those of the caller's side: nobody else's are theirs to hear of.
    fn into_edit(self, actor: &Actor, faults: &mut Faults) -> PreferencesEdit {
        let mut edit = PreferencesEdit {
            quiet: self.quiet_hours,
            digest: self.digest,
            time_zone: self.time_zone,
            ..PreferencesEdit::default()
        };
        let is_theirs = |topic: &Topic| topic.is_for_staff() == actor.is_staff() && *topic != Topic::AccessLink;
        for Wish { field, topic, ways } in self.topics {
            if let Some(topic) = Topic::find(&topic).filter(is_theirs) {
                edit.topics.insert(topic, ways);
            } else {
                let known = Topic::ALL.iter().filter(|topic| is_theirs(topic)).map(|topic| topic.as_str());
                faults.push(Fault::unknown(field, &topic, known));
            }
        }
        edit
    }
}

/// Reads how one wants to be told things
#[utoipa::path(get, path = "/notifications/preferences", tag = "Notifications",
    responses((status = 200, description = "How", body = PreferencesBody), ReadProblems))]
pub(crate) async fn read_preferences(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    let preferences = desk.notifications().preferences(&actor).await?;
    Ok(Json(PreferencesBody::from(&preferences)).into_response())
}

/// Says how one wants to be told things
#[utoipa::path(put, path = "/notifications/preferences", tag = "Notifications", request_body = EditPreferences,
    responses((status = 200, description = "How", body = PreferencesBody), ChangeProblems))]
pub(crate) async fn prefer(
    Caller(actor): Caller,
    terms: Terms,
    Unchecked(wanted, names, mut faults): Unchecked<EditPreferences>,
) -> Answer {
    let edit = wanted.into_edit(&actor, &mut faults);
    faults.check().map_err(Problem::invalid)?;
    let asked = terms.answering(&actor, |_, _, preferences: &Preferences| {
        Reply::json(StatusCode::OK, &PreferencesBody::from(preferences))
    });
    asked.answer(names.restore(asked.desk.notifications().prefer(&actor, edit).await))
}
