//! Having the server take out what was erased.

use crate::{SqlxStore, error::Error, migrations::TABLES};
use std::time::Duration;

/// Tables of a help desk are small beside what a server has time for at night, and it is rare that somebody is erased.
const PATIENCE: Duration = Duration::from_hours(6);

/// Frees the rows that no transaction sees any more, and takes them out of the indexes.
pub(crate) async fn scrub(store: &SqlxStore) -> Result<(), Error> {
    let mut taken = store.primary.take().await?;
    let done = async {
        let session = &mut taken.patient_session(PATIENCE);
        let dialect = session.names.dialect;
        let (begin, clean, end) = dialect.choose(
            ("SET statement_timeout = 0", "VACUUM", "RESET statement_timeout"),
            ("DO 0", "OPTIMIZE NO_WRITE_TO_BINLOG TABLE", "DO 0"),
        );
        session.run(begin).await?;
        for table in TABLES {
            session.run(&format!("{clean} {{{table}}}")).await?;
        }
        session.run(end).await
    }
    .await;
    taken.finish(done)
}
