//! What the shop has beside tickets: articles, reviews, a call.

use crate::people::{ADMIN, AGENTS, CUSTOMERS, purchases};
use std::error::Error;
use support_desk::{
    Actor, Desk,
    domain::{
        article::{ArticleDraft, ArticleEdit},
        feedback::{Aspect, NewFeedback},
        id::CustomerId,
        review::NewReview,
    },
};
use uuid::Uuid;

/// Category, tag, title, text.
const ARTICLES: [[&str; 4]; 6] = [
    [
        "delivery",
        "tracking",
        "Where is my delivery?",
        "Every delivery has a **tracking number**. It stands in the mail that we send when the vehicle leaves the depot.\n\n\
         1. Open *My orders*.\n2. Choose the order.\n3. Follow the map.\n\nNothing there after two days? Open a ticket.",
    ],
    [
        "return",
        "garage",
        "How to return a vehicle",
        "You have **14 days** and 300 km. We collect it free of charge, wherever it stands.\n\n> Keep both keys and the \
         folder with the papers.",
    ],
    [
        "payment",
        "refund",
        "When is my money back?",
        "| paid by | days |\n|---|---|\n| card | 3 to 5 |\n| transfer | 2 |\n| financing | with the next statement |",
    ],
    [
        "account",
        "login",
        "The reset mail does not arrive",
        "Look into the spam folder first. The link is good for one hour. Still nothing? Your mailbox may refuse us: give us \
         a second address under *Account, Addresses*.",
    ],
    [
        "documents",
        "registration",
        "Which papers belong to the vehicle",
        "The folder holds the registration document, the certificate of conformity and the service book. A copy takes five \
         working days.",
    ],
    [
        "warranty",
        "engine",
        "A warning light is on",
        "**Yellow** means: come by within the week. **Red** means: stop where it is safe, and call us.\n\n```text\nP0420  \
         catalyst\nP0300  misfire\n```",
    ],
];

const PRAISE: [(&str, &str, i64); 5] = [
    ("A quiet companion", "Comfortable seats, a large boot, and the hand-over was done with patience.", 5),
    ("Good, with a wait", "The vehicle is all that was promised. It came a week later than agreed.", 4),
    ("Fits our street", "Small outside and large inside. The children like the blue light at night.", 5),
    ("Not for long journeys", "Loud on the motorway, and the range is shorter in winter than we had hoped.", 3),
    ("We would buy it again", "Honest advice before, quick help after. The second one from this shop.", 5),
];

pub(super) async fn fill(desk: &Desk) -> Result<(), Box<dyn Error>> {
    let admin = Actor::admin(Uuid::from_u128(ADMIN.0), ADMIN.1);
    for [category, tag, title, content] in ARTICLES {
        let draft = ArticleDraft {
            title: title.to_owned(),
            content: content.to_owned(),
            category: Some(category.to_owned()),
            tags: vec![tag.to_owned()],
            ..ArticleDraft::default()
        };
        let article = desk.articles().write(&admin, draft).await?;
        desk.articles().publish(&admin, article.id, None).await?;
        if category == "return" {
            let german = ArticleEdit {
                language: Some("de".to_owned()),
                title: Some("Ein Fahrzeug zurückgeben".to_owned()),
                content: Some("Sie haben **14 Tage** und 300 km. Wir holen es kostenlos ab.".to_owned()),
                ..ArticleEdit::default()
            };
            desk.articles().edit(&admin, article.id, german).await?;
        }
    }
    for ((id, name, _), (title, text, rating)) in CUSTOMERS.into_iter().zip(PRAISE) {
        let customer = Actor::customer(Uuid::from_u128(id), name);
        let [(first, ..), (second, ..)] = purchases(CustomerId(Uuid::from_u128(id)));
        let review = NewReview {
            purchase: first.clone(),
            rating,
            title: title.to_owned(),
            text: text.to_owned(),
            ..NewReview::default()
        };
        let review = desk.reviews().write(&customer, review).await?;
        // The last one waits for somebody to decide.
        if id != CUSTOMERS[4].0 {
            let agent = Actor::agent(Uuid::from_u128(AGENTS[0].0), AGENTS[0].1);
            desk.reviews().decide(&agent, review.id, true, None).await?;
        }
        let ratings = Aspect::ALL.into_iter().map(|aspect| (aspect, rating)).collect();
        let feedback = NewFeedback { purchase: Some(second), ratings, nps: rating * 2, ..NewFeedback::default() };
        desk.feedback().give(&customer, feedback).await?;
    }
    Ok(())
}
