//! What other parts of a platform tell the desk (S4, "Events Consumed").

use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    fault::{Fault, Faults},
    id::{CustomerId, TicketId},
    ticket::{NewReach, Opening, Related},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// That a message from outside was taken, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Its id.
    pub id: Uuid,
    /// A digest of what the producer knows it by.
    pub message: String,
    /// What it is called.
    pub name: String,
    /// The ticket that was opened because of it.
    pub ticket: Option<TicketId>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Received {
    /// All of them, by when they came.
    pub const ALL: &'static str = "all";

    /// By what it is found.
    pub fn key(message: &str) -> String {
        list([message])
    }
}

impl Kept for Received {
    const KIND: DocumentKind = DocumentKind::Intake;

    fn id(&self) -> Uuid {
        self.id
    }

    fn placement(&self) -> Placement {
        Placement {
            keys: [Self::key(&self.message)].into(),
            lists: [(Self::ALL.to_owned(), self.at.timestamp_millis())].into(),
        }
    }
}

/// A message that means something to the desk.
#[derive(Debug, Clone)]
pub enum Message {
    /// Something is wrong with an order, or with a product: a ticket is opened for its customer.
    Issue(Box<Issue>),
    /// Somebody has an account now: tickets that were opened with their address, without one, become theirs.
    Registered {
        /// Who.
        customer: CustomerId,
        /// What they are called.
        name: String,
        /// Their address.
        email: String,
        /// Whether they have shown that it is theirs.
        verified: bool,
    },
}

/// A ticket that somebody else wants to be opened.
#[derive(Debug, Clone)]
pub struct Issue {
    /// For whom; somebody without an account where absent, who is reached as the opening says.
    pub customer: Option<CustomerId>,
    /// What they are called.
    pub name: Option<String>,
    /// The ticket.
    pub opening: Opening,
}

/// The names of messages that mean something to the desk.
pub const NAMES: [&str; 3] = ["order.issue", "user.registered", "product.issue_reported"];

impl Message {
    /// Reads a message: what is said stands in `data`, or where there is none in the message itself, in `snake_case` or `camelCase`. None where such a message
    /// means nothing here.
    ///
    /// # Errors
    /// Every field that is missing or wrong.
    pub fn read(name: &str, body: &Value) -> Option<Result<Self, Faults>> {
        let said = Said(body.get("data").filter(|data| data.is_object()).unwrap_or(body));
        match name {
            "order.issue" => Some(issue(&said, "order", &["orderId", "orderNumber"], "Problem with order")),
            "product.issue_reported" => Some(issue(&said, "product", &["productId", "sku"], "Problem with product")),
            "user.registered" => Some(registered(&said)),
            _ => None,
        }
    }
}

/// The fields of a message, in either spelling.
struct Said<'a>(&'a Value);

impl Said<'_> {
    fn text(&self, names: &[&str]) -> Option<String> {
        let found = names.iter().find_map(|name| self.0.get(*name).or_else(|| self.0.get(snake(name))))?;
        match found {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn id(&self, faults: &mut Faults, names: &[&str]) -> Option<CustomerId> {
        let text = self.text(names)?;
        let id = text.parse::<Uuid>().map(CustomerId);
        faults.keep(id.map_err(|_| Fault::new(snake(names[0]), "must be a UUID")))
    }

    fn is_true(&self, name: &str) -> bool {
        self.0.get(name).or_else(|| self.0.get(snake(name))) == Some(&Value::Bool(true))
    }
}

fn snake(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, c| {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        snake
    })
}

fn issue(said: &Said<'_>, kind: &str, ids: &[&str], title: &str) -> Result<Message, Faults> {
    let mut faults = Faults::new();
    let customer = said.id(&mut faults, &["userId", "customerId"]);
    let email = said.text(&["email", "userEmail", "customerEmail"]);
    if customer.is_none() && email.is_none() && faults.0.is_empty() {
        faults.push(Fault::new("user_id", "must be given, or `email`: somebody has to be answered"));
    }
    let thing = said.text(ids);
    if thing.is_none() {
        faults.push(Fault::new(snake(ids[0]), "must be given"));
    }
    let Some(message) = said.text(&["description", "message", "issue", "details", "reason"]) else {
        faults.push(Fault::new("description", "must be given"));
        return Err(faults);
    };
    faults.check()?;
    let thing = thing.unwrap_or_default();
    let opening = Opening {
        subject: said.text(&["subject", "title"]).unwrap_or_else(|| format!("{title} {thing}")),
        message: message.into(),
        category: said.text(&["category"]),
        priority: said.text(&["priority"]),
        related: vec![Related { kind: kind.to_owned(), id: thing, label: said.text(&["productName", "label"]) }],
        reach: NewReach { email, phone: said.text(&["phone"]) },
        ..Opening::default()
    };
    let name = said.text(&["userName", "customerName", "name"]);
    Ok(Message::Issue(Box::new(Issue { customer, name, opening })))
}

fn registered(said: &Said<'_>) -> Result<Message, Faults> {
    let mut faults = Faults::new();
    let customer = said.id(&mut faults, &["userId", "customerId", "id"]);
    let email = said.text(&["email", "userEmail"]);
    if customer.is_none() && faults.0.is_empty() {
        faults.push(Fault::new("user_id", "must be given"));
    }
    let Some(email) = email else {
        faults.push(Fault::new("email", "must be given"));
        return Err(faults);
    };
    faults.check()?;
    let verified =
        said.is_true("emailVerified") || said.is_true("verified") || said.text(&["emailVerifiedAt"]).is_some();
    let Some(customer) = customer else { return Err(Fault::new("user_id", "must be given").into()) };
    let name = said.text(&["name", "userName", "displayName"]).unwrap_or_default();
    Ok(Message::Registered { customer, name, email, verified })
}
