//! A shop on `PostgreSQL` with its own table: an order and the ticket about it, in one transaction of the shop's own pool.
//!
//! `DATABASE_URL=postgres://… cargo run --features postgres --example embed_postgres`: works in a schema of its own
//! (`embed_example`), which it removes again, and shows that order and ticket come into being together or not at all.

use std::error::Error;
use support_desk::{
    Actor, Desk, Profile, SqlxStore,
    desk::tickets::NewTicket,
    sqlx::{
        SqlxOptions,
        sqlx::{Executor, PgPool, query, query_scalar},
    },
};
use uuid::Uuid;

/// What this shop's own handlers share.
struct Shop {
    /// The shop's own connections, which know nothing of the help desk.
    pool: PgPool,
    store: SqlxStore,
    desk: Desk,
}

/// An order of a thing that has to be made: production is told by a ticket, and neither exists without the other.
async fn order(shop: &Shop, customer: Uuid, item: &str, paid: bool) -> Result<Option<String>, Box<dyn Error>> {
    let number = format!("O-{}", item.len());
    let ticket = NewTicket::new(format!("Make {item}"), "Ordered in the shop").related("order", number.as_str());
    let planned = shop.desk.tickets().plan_open(&Actor::customer(customer, "Customer"), ticket).await?;

    let mut transaction = shop.pool.begin().await?;
    let insert = query("INSERT INTO embed_example.orders (id, customer, item) VALUES ($1, $2, $3)");
    insert.bind(&number).bind(customer).bind(item).execute(&mut *transaction).await?;
    shop.store.commit_in(&mut *transaction, &planned.changes).await?;
    if !paid {
        transaction.rollback().await?;
        return Ok(None);
    }
    transaction.commit().await?;
    shop.desk.committed(&planned);
    Ok(Some(planned.outcome.ticket.number))
}

async fn show(shop: &Shop, what: &str) -> Result<(), Box<dyn Error>> {
    let orders: i64 = query_scalar("SELECT count(*) FROM embed_example.orders").fetch_one(&shop.pool).await?;
    let tickets: i64 = query_scalar("SELECT count(*) FROM embed_example.support_tickets").fetch_one(&shop.pool).await?;
    println!("{what} {orders} orders, {tickets} tickets");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "set DATABASE_URL to a PostgreSQL database of yours")?;
    let pool = PgPool::connect(&url).await?;
    pool.execute("DROP SCHEMA IF EXISTS embed_example CASCADE").await?;
    let store = SqlxOptions::new(url).schema("embed_example").connections(4).open().await?;
    pool.execute("CREATE TABLE embed_example.orders (id TEXT PRIMARY KEY, customer UUID NOT NULL, item TEXT NOT NULL)")
        .await?;
    let desk = Desk::builder(store.clone()).profile(Profile::after_sales()).build()?;
    let shop = Shop { pool, store, desk };

    let customer = Uuid::from_u128(1);
    assert_eq!(order(&shop, customer, "a table", false).await?, None);
    show(&shop, "rolled back:").await?;
    let number = order(&shop, customer, "a chair", true).await?.unwrap_or_default();
    show(&shop, "committed:  ").await?;

    let ticket = shop.desk.tickets().get(&Actor::customer(customer, "Customer"), number.as_str()).await?.ticket;
    println!("{} {}: {}", ticket.number, ticket.status, ticket.subject);
    shop.pool.execute("DROP SCHEMA embed_example CASCADE").await?;
    Ok(())
}
