//! What is found, and refused, when a store is opened.

use crate::common::{Schema, on_every_server};
use support_core::{
    contract::sample::{opening, ticket},
    ports::{Store as _, tickets::TicketStore as _},
};
use support_storage_sqlx::{
    OpenError, Server, SqlxOptions, SqlxStore,
    sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection},
};

on_every_server! {
    a_desk_is_there_after_it_was_opened_twice_at_once,
    one_schema_holds_several_desks,
    a_table_of_somebody_else_is_left_alone,
    a_newer_program_has_been_here,
    a_desk_that_others_migrate_is_asked_for_its_version,
    a_migration_that_was_killed_is_finished_by_the_next,
    a_user_without_a_right_is_told_so,
}

fn server(schema: &Schema) -> Server {
    if schema.is_postgres() { Server::Postgres } else { Server::MariaDb }
}

/// All statements of the files, as a host would run them.
fn statements(schema: &Schema) -> Vec<String> {
    let files = schema.options().migration_files(server(schema)).unwrap();
    let names = ["0001_tickets.sql", "0002_agents.sql", "0003_documents.sql", "0004_search.sql", "0005_outbox.sql"];
    assert_eq!(files.iter().map(|file| file.name).collect::<Vec<_>>(), names);
    files
        .iter()
        .flat_map(|file| file.sql.split(";\n").map(str::trim))
        .filter(|sql| !sql.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn works(store: &SqlxStore) {
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    assert_eq!(store.ticket(ticket(1).id).await.unwrap(), Some(ticket(1)));
}

async fn make(schema: &Schema) {
    schema.run(if schema.is_postgres() { "CREATE SCHEMA {desk}" } else { "CREATE DATABASE {desk}" }).await;
}

async fn a_desk_is_there_after_it_was_opened_twice_at_once(url: String) {
    let schema = Schema::new(url);
    let opening = (0..4).map(|_| tokio::spawn(schema.options().open()));
    for opened in opening.collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
    works(&schema.options().open().await.unwrap()).await;
}

async fn one_schema_holds_several_desks(url: String) {
    let schema = Schema::new(url);
    let shop = schema.options().prefix("shop_").open().await.unwrap();
    let fleet = schema.options().prefix("fleet_").open().await.unwrap();
    works(&shop).await;
    assert_eq!(fleet.ticket(ticket(1).id).await.unwrap(), None);
    works(&fleet).await;
    let refused = schema.options().prefix("Shop-").open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Name(_)), "{refused}");
}

async fn a_table_of_somebody_else_is_left_alone(url: String) {
    let schema = Schema::new(url);
    make(&schema).await;
    schema.run("CREATE TABLE {desk}.support_tickets (gate INT)").await;
    let refused = schema.options().open().await.unwrap_err();
    assert!(matches!(&refused, OpenError::Foreign { table } if table.ends_with("support_tickets")), "{refused}");
    assert_eq!(schema.count("SELECT count(*) FROM {desk}.support_tickets").await, 0);
    schema.run("CREATE TABLE {desk}.other_schema (xml INT)").await;
    let refused = schema.options().prefix("other_").open().await.unwrap_err();
    assert!(matches!(&refused, OpenError::Foreign { table } if table.ends_with("other_schema")), "{refused}");
}

async fn a_newer_program_has_been_here(url: String) {
    let schema = Schema::new(url);
    schema.options().open().await.unwrap();
    schema.run("INSERT INTO {desk}.support_schema (version) VALUES (99)").await;
    for options in [schema.options(), schema.options().without_migrations()] {
        let refused = options.open().await.unwrap_err();
        assert!(matches!(refused, OpenError::TooNew { found: 99, .. }), "{refused}");
    }
}

async fn a_desk_that_others_migrate_is_asked_for_its_version(url: String) {
    let schema = Schema::new(url);
    make(&schema).await;
    let refused = schema.options().without_migrations().open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Outdated { found: 0, .. }), "{refused}");
    for sql in statements(&schema) {
        schema.run(&sql).await;
    }
    works(&schema.options().without_migrations().open().await.unwrap()).await;
    // Nothing is left to do.
    schema.options().migrate().await.unwrap();
}

/// Wherever it was cut off, the schema is the old one to whoever asks, and the next migration makes it the new one.
async fn a_migration_that_was_killed_is_finished_by_the_next(url: String) {
    let count = statements(&Schema::new(url.clone())).len();
    for done in 1..count {
        let schema = Schema::new(url.clone());
        make(&schema).await;
        let begun = &statements(&schema)[..done];
        if schema.is_postgres() {
            let mut link = PgConnection::connect(&schema.url).await.unwrap();
            link.execute("BEGIN").await.unwrap();
            for sql in begun {
                link.execute(AssertSqlSafe(sql.clone())).await.unwrap();
            }
            drop(link);
        } else {
            for sql in begun {
                schema.run(sql).await;
            }
        }
        let refused = schema.options().without_migrations().open().await.unwrap_err();
        assert!(matches!(refused, OpenError::Outdated { .. }), "after {done} statements: {refused}");
        works(&schema.options().open().await.unwrap_or_else(|error| panic!("after {done} statements: {error}"))).await;
    }
}

async fn a_user_without_a_right_is_told_so(url: String) {
    let schema = Schema::new(url);
    let user = format!("poor_{}", schema.name);
    schema.options().open().await.unwrap();
    if schema.is_postgres() {
        schema.run(&format!("CREATE ROLE {user} LOGIN; GRANT USAGE ON SCHEMA {{desk}} TO {user}")).await;
        schema.run(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA {{desk}} TO {user}")).await;
    } else {
        schema.run(&format!("CREATE USER {user}")).await;
        schema.run(&format!("GRANT SELECT ON {{desk}}.* TO {user}")).await;
    }
    let poor =
        schema.url.replacen("//postgres@", &format!("//{user}@"), 1).replacen("//root@", &format!("//{user}@"), 1);
    let poor =
        if schema.is_postgres() { poor } else { poor.rsplit_once('/').map(|(head, _)| head.to_owned()).unwrap() };
    let options = |name: &str| SqlxOptions::new(poor.as_str()).schema(name).connections(2);
    let refused = options(&schema.name).open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Forbidden(_)), "{refused:?}");
    let refused = options("elsewhere").open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Forbidden(_)), "{refused:?}");
    if schema.is_postgres() {
        schema.run(&format!("DROP OWNED BY {user}; DROP ROLE {user}")).await;
    } else {
        schema.run(&format!("DROP USER {user}")).await;
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_apart() {
    for url in ["postgres://desk@127.0.0.1:9/shop", "mysql://desk@127.0.0.1:9/shop"] {
        let refused = SqlxStore::open(url).await.unwrap_err();
        assert!(matches!(refused, OpenError::Unreachable(_)), "{refused:?}");
    }
}
