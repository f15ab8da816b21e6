//! A help desk in memory: open, answer, resolve, rate.
//!
//! `cargo run --example quickstart`

use support_desk::desk::{messages::NewMessage, tickets::NewTicket};
use support_desk::{Actor, Desk, MemoryStore, Profile};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::bookings()).build()?;
    let ada = Actor::customer(uuid::Uuid::from_u128(1), "Ada");
    let grace = Actor::agent(uuid::Uuid::from_u128(2), "Grace");

    let new = NewTicket::new("Cannot pay", "My card is refused").category("payment");
    let ticket = desk.tickets().open(&ada, new).await?.ticket;
    println!("{} is {} with priority {}", ticket.number, ticket.status, ticket.priority);

    desk.tickets().claim(&grace, ticket.id).await?;
    desk.messages().add(&grace, ticket.id, NewMessage::note("The bank is down, they say until noon")).await?;
    desk.messages().add(&grace, ticket.id, NewMessage::public("Please try again after noon")).await?;
    desk.tickets().resolve(&grace, ticket.id, "The bank was down").await?;
    let rated = desk.tickets().rate(&ada, ticket.id, 5, Some("Quick and kind")).await?;

    for message in desk.messages().list(&ada, ticket.id, None, 10).await?.items {
        println!("  {}: {}", message.author.name, message.body);
    }
    for clock in desk.tickets().sla(&rated).clocks {
        println!("  {}: {}", clock.clock.as_str(), clock.explain());
    }
    Ok(())
}
