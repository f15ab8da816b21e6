//! Having the server take out what was erased.

use crate::{SqlxStore, error::Error, row::Fields, session::Session, value::values};
use std::time::Duration;

/// Tables of a help desk are small beside what a server has time for at night, and it is rare that somebody is erased.
const PATIENCE: Duration = Duration::from_hours(6);

/// Frees the rows of these tables that no transaction sees any more, and takes them out of the indexes.
pub(crate) async fn scrub(store: &SqlxStore, tables: &[&str]) -> Result<(), Error> {
    // Its limits are lifted, so it is never given back to the pool, which closes what is not.
    let mut taken = store.primary.take().await?;
    let session = &mut taken.patient_session(PATIENCE);
    if session.names.dialect.choose(true, false) {
        vacuum(session, tables).await
    } else {
        optimize(session, tables).await
    }
}

async fn vacuum(session: &mut Session<'_>, tables: &[&str]) -> Result<(), Error> {
    session.run("SET statement_timeout = 0").await?;
    for table in tables {
        // The server warns whoever does not own a table, does nothing, and says that all is well.
        let name = session.names.table(table);
        let sql = "SELECT 1 FROM pg_class WHERE oid = to_regclass(?) AND pg_has_role(relowner, 'USAGE')";
        if session.row(sql, values![name]).await?.is_none() {
            return Err(Error::Late("only the owner of the tables may scrub them"));
        }
        session.run(&format!("VACUUM {{{table}}}")).await?;
    }
    Ok(())
}

async fn optimize(session: &mut Session<'_>, tables: &[&str]) -> Result<(), Error> {
    session
        .run("SET @support_desk = 0 /*M!100600 , SESSION max_statement_time = 0 */ /*!80000 , SESSION max_execution_time = 0 */")
        .await?;
    for table in tables {
        // What goes wrong is told in rows, under the name of an error.
        for row in session.rows(&format!("OPTIMIZE NO_WRITE_TO_BINLOG TABLE {{{table}}}"), Vec::new()).await? {
            let mut row = Fields::new("optimize", &row);
            row.skip();
            row.skip();
            let kind: String = row.text("Msg_type")?;
            if kind.eq_ignore_ascii_case("error") {
                return Err(Error::Late("a table could not be scrubbed"));
            }
        }
    }
    Ok(())
}
