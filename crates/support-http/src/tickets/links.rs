//! Links to things of the host that the documents give a field of their own.

use crate::{
    body::FromFields,
    fields::{Fields, Names},
    problem::Problem,
};
use support_core::{
    desk::{Desk, tickets::TicketRef},
    domain::{actor::Actor, ticket::Related},
};
use utoipa::ToSchema;

/// Ids in fields of their own.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Shorthands {
    /// A related vehicle.
    vehicle_id: Option<String>,
    /// A related purchase.
    purchase_id: Option<String>,
    /// A related booking; also `bookingId`.
    related_booking: Option<String>,
    /// A related order.
    order_id: Option<String>,
    /// A related product.
    product_id: Option<String>,
    /// A related transaction; also `relatedTransaction`.
    transaction_id: Option<String>,
    /// A related conversation; also `relatedConversation`.
    conversation_id: Option<String>,
    /// The chat from which it came.
    chat_session_id: Option<String>,
}

impl FromFields for Shorthands {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            vehicle_id: fields.field(&["vehicleId"]).text(),
            purchase_id: fields.field(&["purchaseId"]).text(),
            related_booking: fields.field(&["relatedBooking", "bookingId"]).text(),
            order_id: fields.field(&["orderId"]).text(),
            product_id: fields.field(&["productId"]).text(),
            transaction_id: fields.field(&["transactionId", "relatedTransaction"]).text(),
            conversation_id: fields.field(&["conversationId", "relatedConversation"]).text(),
            chat_session_id: fields.field(&["chatSessionId"]).text(),
        }
    }
}

impl Shorthands {
    /// Those that were given: field and link.
    fn given(self) -> impl Iterator<Item = (&'static str, Related)> {
        let all = [
            ("vehicleId", "vehicle", self.vehicle_id),
            ("purchaseId", "purchase", self.purchase_id),
            ("relatedBooking", "booking", self.related_booking),
            ("orderId", "order", self.order_id),
            ("productId", "product", self.product_id),
            ("transactionId", "transaction", self.transaction_id),
            ("conversationId", "conversation", self.conversation_id),
            ("chatSessionId", "chat_session", self.chat_session_id),
        ];
        let link =
            |(field, kind, id): (_, &str, _)| Some((field, Related { kind: kind.to_owned(), id: id?, label: None }));
        all.into_iter().filter_map(link)
    }

    /// Adds them to `links`; `names` learns where each came from.
    pub(super) fn add_to(self, links: &mut Vec<Related>, names: &mut Names) {
        for (field, link) in self.given() {
            names.add(format!("related.{}.id", links.len()), names.written(field));
            links.push(link);
        }
    }
}

/// What an edit says about links: all of them, or the first of some kinds by fields of their own.
pub(super) struct EditedLinks {
    pub(super) all: Option<Vec<Related>>,
    pub(super) some: Shorthands,
}

impl EditedLinks {
    /// The links that the ticket shall have; none where they stay. A field of its own leaves links of other kinds alone,
    /// so the ticket is read first. Its version is answered, too: the edit must find it as it was then.
    pub(super) async fn settle(
        self,
        desk: &Desk,
        actor: &Actor,
        ticket: &TicketRef,
        names: &mut Names,
    ) -> Result<(Option<Vec<Related>>, Option<u64>), Problem> {
        if let Some(mut links) = self.all {
            self.some.add_to(&mut links, names);
            return Ok((Some(links), None));
        }
        let mut given = self.some.given().peekable();
        if given.peek().is_none() {
            return Ok((None, None));
        }
        let before = desk.tickets().get(actor, ticket.clone()).await?.ticket;
        let mut links = before.related;
        for (field, link) in given {
            let place = links.iter().position(|known| known.kind == link.kind).unwrap_or(links.len());
            names.add(format!("related.{place}.id"), names.written(field));
            links.splice(place..links.len().min(place + 1), [link]);
        }
        Ok((Some(links), Some(before.version)))
    }
}
