use super::language::Wanted;
use crate::{
    Answer,
    auth::{Anyone, Caller},
    body::{Body, FromFields},
    extract::{NoParams, Which},
    fields::Fields,
    openapi::{ChangeProblems, ListProblems},
    problem::Problem,
    wire::article::ArticleRowBody,
};
use axum::{Json, extract::State, http::HeaderMap, response::IntoResponse as _};
use serde::Serialize;
use support_core::{
    desk::{Desk, articles::Suggested},
    domain::{agent, fault::Fault, text::TextRule},
};
use utoipa::ToSchema;

/// What somebody is writing. The fields of a ticket will do as they are.
#[derive(ToSchema)]
pub(crate) struct AskForArticles {
    /// The text; also `description`, `message`, `content` or `body`.
    text: Option<String>,
    /// In one line.
    subject: Option<String>,
    /// The language it is written in, as a tag; what `Accept-Language` says as without.
    language: Option<String>,
}

/// Characters of a text that is looked at.
const LONGEST: usize = 20_000;

impl FromFields for AskForArticles {
    fn from_fields(fields: &mut Fields) -> Self {
        let block = |field: &str, text: &str| TextRule::block(LONGEST).optional(field, text);
        let asked = Self {
            text: fields.field(&["text", "description", "message", "content", "body"]).checked(block).flatten(),
            subject: fields.field(&["subject"]).checked(block).flatten(),
            language: fields.field(&["language"]).checked(agent::language),
        };
        if asked.text.is_none() && asked.subject.is_none() && fields.are_sound() {
            fields.fault(Fault::new("text", "is missing"));
        }
        asked
    }
}

/// Articles that may answer it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfferedArticles<'a> {
    /// The best first; none where none answers it.
    articles: Vec<OfferedArticle<'a>>,
}

/// An article that may answer it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfferedArticle<'a> {
    #[serde(flatten)]
    article: ArticleRowBody<'a>,
    /// How much of the text it speaks of, from 0 to 1.
    confidence: f64,
}

fn offered(suggested: &[Suggested], staff: bool) -> axum::response::Response {
    fn offer(Suggested { row, confidence }: &Suggested, staff: bool) -> Option<OfferedArticle<'_>> {
        let confidence = (f64::from(*confidence) * 100.0).round() / 100.0;
        Some(OfferedArticle { article: ArticleRowBody::new(row, staff)?, confidence })
    }
    Json(OfferedArticles { articles: suggested.iter().filter_map(|one| offer(one, staff)).collect() }).into_response()
}

/// Offers articles that may answer what somebody is writing
///
/// To be asked before a ticket is opened. Nothing is kept of the text, and it stands in no address: that is why it is sent.
#[utoipa::path(post, path = "/suggestions", tag = "Help", security((), ("bearer" = [])), request_body = AskForArticles,
    responses((status = 200, description = "The articles", body = OfferedArticles), ChangeProblems))]
pub(crate) async fn offer_for_text(
    State(desk): State<Desk>,
    Anyone(actor): Anyone,
    headers: HeaderMap,
    Body(asked, _): Body<AskForArticles>,
) -> Answer {
    let text = [asked.subject, asked.text].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let wanted = Wanted::of(asked.language, &headers);
    let suggested = desk.articles().suggest(&actor, &text, wanted.first()).await?;
    Ok(offered(&suggested, actor.is_staff()))
}

/// Offers articles that may help to answer a ticket, for staff
#[utoipa::path(get, path = "/tickets/{ticket}/suggested-articles", tag = "Help",
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The articles", body = OfferedArticles), ListProblems))]
pub(crate) async fn offer_for_ticket(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    _: NoParams,
) -> Result<axum::response::Response, Problem> {
    Ok(offered(&desk.articles().suggest_for(&actor, ticket).await?, actor.is_staff()))
}
