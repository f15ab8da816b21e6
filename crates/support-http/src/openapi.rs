//! The description of the API, from the lines that serve it.

use crate::{api, problem::ProblemBody};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{
    IntoResponses, OpenApi,
    openapi::{
        Content, ObjectBuilder, OpenApi as OpenApi3, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement, Type,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(title = "support-desk", description = "A help desk: tickets, messages, service levels."),
    components(schemas(ProblemBody))
)]
struct Base;

/// The `OpenAPI` 3.1 document of [`router`](crate::router), nested at `mount`.
///
/// ```
/// let document = support_http::openapi("/api/v1/support");
/// assert!(document.paths.paths.contains_key("/api/v1/support/tickets/{ticket}"));
/// ```
pub fn openapi(mount: &str) -> OpenApi3 {
    let served = completed(api().into_openapi());
    let mut document = match mount.trim_end_matches('/') {
        "" => Base::openapi().merge_from(served),
        mount => Base::openapi().nest(mount, served),
    };
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", bearer);
    document.security = Some(vec![SecurityRequirement::new("bearer", [""; 0])]);
    document
}

/// The document with what is served beside the mount, at `parent`.
pub(crate) fn with_neighbours(document: OpenApi3, parent: &str, served: OpenApi3) -> OpenApi3 {
    let mut served = completed(served);
    for operation in served.paths.paths.values_mut().flat_map(operations) {
        if let Some(id) = &mut operation.operation_id {
            // The same handler has its plain name below the mount.
            *id = format!("site_{id}");
        }
    }
    match parent {
        "" => document.merge_from(served),
        parent => document.nest(parent, served),
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// With what handlers do not say themselves.
fn completed(mut served: OpenApi3) -> OpenApi3 {
    name_apart(&mut served);
    add_headers(&mut served);
    served
}

/// Whether a key would say nothing there. Whoever has no account has no keys; a file is there once, whatever it is sent with;
/// a try is a try; and what is read is read.
fn is_keyless(path: &str) -> bool {
    let repeatable = ["/test", "/presence", "/live/ticket", "/read", "/read-all"];
    let of_messages = path.contains("/messages/");
    path.starts_with("/public/")
        || path.contains("/attachments")
        || !of_messages && repeatable.iter().any(|end| path.ends_with(end))
}

/// The headers that every operation of a kind takes.
fn add_headers(document: &mut OpenApi3) {
    let header = |name: &str, description: &str| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let header = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header);
        header.description(Some(description)).schema(Some(text)).build()
    };
    let add = |operation: &mut Option<Operation>, header: Parameter| {
        if let Some(operation) = operation {
            operation.parameters.get_or_insert_default().push(RefOr::T(header));
        }
    };
    for (path, item) in &mut document.paths.paths {
        let keyless = is_keyless(path);
        let key = "1 to 255 visible characters; what the same person repeats within 24 hours is answered again and not done again";
        if !keyless {
            add(&mut item.post, header("Idempotency-Key", key));
        }
        // Marking messages as read is no change of the ticket, nor is looking at it.
        let changes = path.starts_with("/tickets/{ticket}") || path.starts_with("/agent/tickets/{ticket}");
        let changes =
            changes && !path.ends_with("read") && !path.ends_with("/presence") && !path.contains("/attachments");
        if changes || path.starts_with("/operations/") {
            for operation in [&mut item.put, &mut item.post, &mut item.patch, &mut item.delete] {
                let tags = "Only if the ticket is still as one of these `ETag`s says";
                add(operation, header("If-Match", tags));
            }
        }
    }
}

/// A handler that answers two methods or two paths has one name; each operation gets its own.
fn name_apart(document: &mut OpenApi3) {
    let mut taken = BTreeSet::new();
    for (path, item) in &mut document.paths.paths {
        let place = if path.starts_with("/agent/") {
            "agent_"
        } else if path.starts_with("/help/") {
            "help_"
        } else {
            ""
        };
        let mut name = |operation: &mut Option<Operation>, method: &str| {
            let id = operation.as_mut().and_then(|operation| operation.operation_id.as_mut());
            if let Some(id) = id {
                *id = format!("{place}{id}");
                if !taken.insert(id.clone()) {
                    *id = format!("{id}_{method}");
                    taken.insert(id.clone());
                }
            }
        };
        name(&mut item.get, "get");
        name(&mut item.post, "post");
        name(&mut item.put, "put");
        name(&mut item.patch, "patch");
        name(&mut item.delete, "delete");
    }
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)*;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                [$($status),*].into_iter().map(problem).collect()
            }
        }
    )*};
}

problems! {
    /// What reading one thing can meet.
    ReadProblems: 400 401 403 404 429 500 503 504;
    /// What reading a list can meet.
    ListProblems: 400 401 403 404 429 500 503 504;
    /// What a change can meet.
    ChangeProblems: 400 401 403 404 409 412 413 415 422 429 500 503 504 507;
}

fn problem(status: u16) -> (String, RefOr<Response>) {
    let meaning = match status {
        400 => "The body is no JSON, or parameters or headers are wrong",
        401 => "Nobody is signed in",
        403 => "The role does not allow it",
        404 => "There is no such thing, or none that the caller may know of",
        409 => "Things stand where this cannot be done, or others changed them at the same time",
        412 => "The ticket is not any more as the client knows it",
        413 => "The body is too large",
        415 => "The body is not declared as what is taken here",
        422 => "Fields are wrong, `errors` names each; or the key belongs to another request",
        429 => "Too many requests; `Retry-After` says how many seconds to wait",
        503 => "Not available now; try again",
        504 => "The answer took too long",
        507 => "No room is left",
        _ => "Something broke",
    };
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new().description(meaning).content("application/problem+json", content).build();
    (status.to_string(), response.into())
}

#[cfg(feature = "docs")]
pub use pages::docs;

#[cfg(feature = "docs")]
mod pages {
    use crate::problem::Problem;
    use axum::{
        Json, Router,
        extract::Path,
        http::header,
        response::{IntoResponse, Redirect, Response},
        routing::get,
    };
    use std::sync::Arc;
    use utoipa_swagger_ui::{Config, serve};

    /// `/openapi.json`, and at `/docs` a page to browse it, for a desk at `mount`, as [`mounted`](crate::mounted)
    /// has it. The page needs no
    /// network: everything in it is compiled in.
    ///
    /// The two routes may be nested anywhere; nobody needs to sign in for them.
    pub fn docs<S>(mount: &str) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let document = Arc::new(crate::mounted_openapi(mount));
        // Seen from the page, so that both can be nested together.
        let config = Arc::new(Config::new(["../openapi.json"]).validator_url("none"));
        let page = async move |Path(file): Path<String>| asset(&file, config);
        let index = page.clone();
        Router::new()
            .route("/openapi.json", get(async move || Json(&*document).into_response()))
            .route("/docs", get(async || Redirect::permanent("docs/")))
            .route("/docs/", get(async move || index(Path("index.html".to_owned())).await))
            .route("/docs/{*file}", get(page))
    }

    fn asset(file: &str, config: Arc<Config<'static>>) -> Response {
        match serve(file, config) {
            Ok(Some(found)) => ([(header::CONTENT_TYPE, found.content_type)], found.bytes).into_response(),
            Ok(None) => Problem::no_route().into_response(),
            Err(_) => Problem::internal().into_response(),
        }
    }
}
