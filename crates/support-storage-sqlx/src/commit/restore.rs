//! Records of another store, many in a statement.

use super::step::Step;
use crate::{
    agents, catalogue, documents, error::Error, events, messages, names::Dialect, numbers, operations, requests,
    stats::notes, tickets, time_entries,
};
use support_core::ports::archive::Record;

/// Values in one statement, at most. It has room for twice as many.
const MOST_VALUES: usize = 30_000;

/// Records that go into one statement: of one kind, and as many as it has room for.
pub(super) fn stretches<'r, 'c>(records: &'r [&'c Record]) -> Vec<&'r [&'c Record]> {
    let mut stretches = Vec::new();
    for mut rest in records.chunk_by(|one, next| one.kind() == next.kind()) {
        while !rest.is_empty() {
            let mut room = MOST_VALUES;
            let fits = |record: &&&Record| {
                let values = values(record);
                let fits = values <= room;
                room = room.saturating_sub(values);
                fits
            };
            // One that is larger than all goes alone.
            let (some, more) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            stretches.push(some);
            rest = more;
        }
    }
    stretches
}

/// How many values there are in what is written of a record, or a few more.
fn values(record: &Record) -> usize {
    match record {
        Record::Ticket(ticket) => 60 + 3 * ticket.tags.len() + 4 * ticket.related.len(),
        Record::Document(document) => 7 + 3 * document.placement.keys.len() + 4 * document.placement.lists.len(),
        _ => 30,
    }
}

pub(super) struct Restored {
    pub(super) steps: Vec<Step>,
    /// How many rows are noted of what is counted.
    pub(super) notes: u64,
    /// What stands on lists of documents by that.
    pub(super) counts: documents::Counts,
}

/// Puts records of one kind, in their order.
pub(super) fn steps(dialect: Dialect, records: &[&Record]) -> Result<Restored, Error> {
    macro_rules! all {
        ($kind:ident) => {
            records.iter().filter_map(|record| if let Record::$kind(row) = record { Some(&**row) } else { None })
        };
    }
    let (mut notes, mut counts) = (0, documents::Counts::new());
    let steps = match records.first() {
        None => Vec::new(),
        Some(Record::Ticket(_)) => {
            notes = records.len() as u64;
            tickets::write::restore(dialect, &all!(Ticket).collect::<Vec<_>>())?
        }
        Some(Record::Message(_)) => messages::restore(dialect, &all!(Message).collect::<Vec<_>>())?,
        Some(Record::Event(_)) => vec![events::insert(dialect, all!(Event))?],
        Some(Record::Agent(_)) => vec![agents::restore(dialect, &all!(Agent).collect::<Vec<_>>())?],
        Some(Record::Entry(_)) => vec![catalogue::restore(dialect, &all!(Entry).collect::<Vec<_>>())?],
        Some(Record::Document(_)) => documents::restore(dialect, &all!(Document).collect::<Vec<_>>(), &mut counts)?,
        Some(Record::Operation(_)) => vec![operations::insert(dialect, all!(Operation))?],
        Some(Record::TimeEntry(_)) => vec![time_entries::insert(dialect, all!(TimeEntry))],
        Some(Record::Request(_)) => vec![requests::restore(dialect, &all!(Request).collect::<Vec<_>>())],
        Some(Record::Counter { .. }) => {
            let counters = records.iter().filter_map(|record| match record {
                Record::Counter { series, last } => Some((series.as_str(), *last)),
                _ => None,
            });
            numbers::restore(dialect, counters)?.into_iter().collect()
        }
        Some(Record::Tally(_)) => {
            notes = records.len() as u64;
            notes::of_tallies(&all!(Tally).collect::<Vec<_>>())?.into_iter().collect()
        }
    };
    Ok(Restored { steps, notes, counts })
}
