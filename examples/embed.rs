//! A shop with its own state, sign-in and table: an order and the ticket about it, in one transaction.
//!
//! `cargo run --example embed`: makes a database in a temporary folder, shows that order and ticket come into being
//! together or not at all, and reads the ticket through the mounted router.

use async_trait::async_trait;
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{Request, StatusCode, request::Parts},
    routing::post,
};
use http_body_util::BodyExt;
use std::{error::Error, path::PathBuf};
use support_desk::{
    Actor, Desk, Profile, SqliteStore,
    desk::tickets::NewTicket,
    http::{AuthError, Authenticate},
    sqlite::{
        commit_in,
        rusqlite::{Connection, TransactionBehavior},
    },
};
use tower::ServiceExt;
use uuid::Uuid;

/// What this shop's own handlers share.
#[derive(Clone)]
struct Shop {
    database: PathBuf,
    desk: Desk,
}

/// This shop signs people in by a header of its gateway. The help desk asks it, and nobody else, who somebody is.
struct Gateway;

#[async_trait]
impl Authenticate for Gateway {
    async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError> {
        let Some(user) = parts.headers.get("x-gateway-user") else { return Ok(Actor::Guest) };
        let id: Option<Uuid> = user.to_str().ok().and_then(|text| text.parse().ok());
        id.map(|id| Actor::customer(id, "Customer")).ok_or(AuthError::Invalid("no such user".into()))
    }
}

/// The shop's own table, in the same file as the help desk's.
const ORDERS: &str = "CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL, item TEXT NOT NULL) STRICT";

/// An order of a thing that has to be made: production is told by a ticket, and neither exists without the other.
async fn order(shop: &Shop, customer: Uuid, item: &str, paid: bool) -> Result<Option<Uuid>, Box<dyn Error>> {
    let number = format!("O-{}", item.len());
    let ticket = NewTicket::new(format!("Make {item}"), "Ordered in the shop").related("order", number.as_str());
    let planned = shop.desk.tickets().plan_open(&Actor::customer(customer, "Customer"), ticket).await?;

    let mut connection = Connection::open(&shop.database)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO orders (id, customer, item) VALUES (?1, ?2, ?3)",
        (&number, customer.to_string(), item),
    )?;
    commit_in(&transaction, &planned.changes)?;
    if !paid {
        transaction.rollback()?;
        return Ok(None);
    }
    transaction.commit()?;
    shop.desk.committed(&planned);
    Ok(Some(planned.outcome.ticket.id.uuid()))
}

async fn post_order(State(shop): State<Shop>, Json(item): Json<String>) -> Result<Json<Option<Uuid>>, StatusCode> {
    let made = order(&shop, Uuid::from_u128(1), &item, true).await;
    made.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn count(shop: &Shop, table: &str) -> Result<i64, Box<dyn Error>> {
    let sql = format!("SELECT count(*) FROM {table}");
    Ok(Connection::open(&shop.database)?.query_row(&sql, (), |row| row.get(0))?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("shop.db");
    let store = SqliteStore::open(&database).await?;
    Connection::open(&database)?.execute_batch(ORDERS)?;
    let desk = Desk::builder(store).profile(Profile::after_sales()).build()?;
    let shop = Shop { database, desk: desk.clone() };
    let app: Router = Router::new()
        .route("/orders", post(post_order))
        .nest("/help", support_desk::http::router(desk, Gateway))
        .with_state(shop.clone());

    let customer = Uuid::from_u128(1);
    assert_eq!(order(&shop, customer, "a table", false).await?, None);
    println!("rolled back: {} orders, {} tickets", count(&shop, "orders")?, count(&shop, "support_tickets")?);

    let request =
        Request::post("/orders").header("content-type", "application/json").body(Body::from("\"a chair\""))?;
    let response = app.clone().oneshot(request).await?;
    let ticket: Uuid = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
    println!("committed:   {} orders, {} tickets", count(&shop, "orders")?, count(&shop, "support_tickets")?);

    let request = Request::get(format!("/help/tickets/{ticket}"))
        .header("x-gateway-user", customer.to_string())
        .body(Body::empty())?;
    let response = app.oneshot(request).await?;
    let body: serde_json::Value = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
    println!("{} {}: {}", body["ticketNumber"], body["status"], body["subject"]);
    Ok(())
}
