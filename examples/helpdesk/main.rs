//! A complete help desk in one program: `cargo run --release --example helpdesk`.
//!
//! `--profile NAME|FILE` (default `vehicle_retail`), `--store sqlite:PATH|memory:|URL` (default `sqlite:helpdesk.db`; URLs of
//! databases with the features `postgres` and `mysql`), `--files DIR` (default beside the store), `--listen ADDRESS` (default `127.0.0.1:8080`), `--empty` (no sample shop), `--unlimited` (no rate limits).
//! `HELPDESK_JWT_SECRET` is the key of the bearer tokens (HS256); without it a random one is made for this run, and three
//! tokens are printed.

mod args;
mod outbox;
mod outside;
mod people;
mod seed;
mod sign_in;

use args::{Args, StoreUrl};
use outbox::Outbox;
use people::People;
use sign_in::SignIn;
use std::{error::Error, sync::Arc, time::Duration};
use support_desk::{
    Actor, Desk, DeskBuilder, MemoryStore, Profile, SqliteStore, domain::ticket::TicketFilter, files::ObjectFiles,
    ports::Store,
};
use tokio::{net::TcpListener, sync::watch};

/// How long requests that have begun may take after a signal to stop.
const DRAIN: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> std::process::ExitCode {
    // Boxed, because it holds a store of each kind.
    match Box::pin(start()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("helpdesk: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<(), Box<dyn Error>> {
    let args = Args::from_env()?;
    // Everything that can be wrong is looked at before a file is made.
    let profile = args.profile()?;
    let people = Arc::new(People::default());
    let sign_in = SignIn::new(people.clone(), std::env::var("HELPDESK_JWT_SECRET").ok())?;
    match &args.store {
        StoreUrl::Memory => serve(&args, profile, people, sign_in, MemoryStore::new()).await,
        StoreUrl::Sqlite(path) => {
            let store = SqliteStore::open(path).await;
            let store = store.map_err(|error| format!("cannot open {}: {error}", path.display()))?;
            serve(&args, profile, people, sign_in, store).await
        }
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        StoreUrl::Server(url) => {
            let store = support_desk::SqlxStore::open(url).await;
            let store = store.map_err(|error| format!("cannot open the database: {error}"))?;
            serve(&args, profile, people, sign_in, store).await
        }
    }
}

async fn serve(
    args: &Args,
    profile: Profile,
    people: Arc<People>,
    sign_in: SignIn,
    store: impl Store + Clone,
) -> Result<(), Box<dyn Error>> {
    let builder = Desk::builder(store.clone()).profile(profile).directory(people.clone()).notifier(Outbox);
    let desk = outside::told(args, indexed(args, builder.files(files(args)?))?)?.build()?;
    let is_new = desk.tickets().count(&Actor::system("start"), TicketFilter::default(), 1).await? == 0;
    people.hire_sample_staff();
    if is_new && !args.empty {
        seed::fill(&desk, store, &people).await?;
    }

    let listener = TcpListener::bind(&args.listen).await;
    let listener = listener.map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
    greet(desk.profile(), &format!("http://{}", listener.local_addr()?), &sign_in);

    let mount = &desk.profile().wire.mount;
    let mut settings = support_desk::http::Settings::default();
    if args.unlimited {
        (settings.requests, settings.openings) = (None, None);
    }
    let drain = settings.live.drain.clone();
    let app = support_desk::http::mounted_with(desk.clone(), sign_in, settings).merge(support_desk::http::docs(mount));
    let (stop, stopping) = watch::channel(());
    tokio::spawn(async move {
        stop_signal().await;
        // Streams have no end of their own: without this each would be waited for.
        drain.close();
        drop(stop);
    });
    let stopped = || {
        let mut stopping = stopping.clone();
        async move { while stopping.changed().await.is_ok() {} }
    };
    let workers = desk.workers().on_failure(|job, error| eprintln!("{}: {error}", job.name()));
    let working = tokio::spawn(workers.run(stopped()));
    outside::hear(args, &desk, stopped())?;
    // Requests and jobs that are still running when the drain is over are cut off: the store is whole without them.
    let serving = axum::serve(listener, app).with_graceful_shutdown(stopped()).into_future();
    tokio::select! {
        ended = async { let served = serving.await; working.await.map_err(std::io::Error::other)?; served } => ended?,
        () = async { stopped().await; tokio::time::sleep(DRAIN).await } => {}
    }
    println!("stopped");
    Ok(())
}

fn files(args: &Args) -> Result<ObjectFiles, Box<dyn Error>> {
    match args.files() {
        None => Ok(ObjectFiles::memory()),
        Some(path) => ObjectFiles::local(&path).map_err(|error| format!("cannot keep files: {error}").into()),
    }
}

/// With an index of its own, where the program was built with one; else the store finds things itself.
#[cfg_attr(
    not(feature = "search"),
    expect(clippy::unnecessary_wraps, unused_variables, reason = "without the index there is nothing to open")
)]
fn indexed(args: &Args, builder: DeskBuilder) -> Result<DeskBuilder, Box<dyn Error>> {
    #[cfg(feature = "search")]
    let builder = {
        use support_desk::search::TantivySearch;
        let index = args.beside_store("index").map_or_else(TantivySearch::in_memory, TantivySearch::open);
        builder.search(index.map_err(|error| format!("cannot open the index: {error}"))?)
    };
    Ok(builder)
}

/// The first thing a newcomer sees: a line that works when it is pasted.
fn greet(profile: &Profile, url: &str, sign_in: &SignIn) {
    let tickets = format!("{url}{}/tickets", profile.wire.mount);
    match sign_in.sample_tokens() {
        Some([customer, agent, admin]) => {
            println!("curl -s -H 'Authorization: Bearer {customer}' {tickets}");
            println!();
            println!("customer: {customer}\nagent:    {agent}\nadmin:    {admin}");
        }
        None => println!("curl -s {url}/openapi.json   # tokens are signed with HELPDESK_JWT_SECRET"),
    }
    println!("\nprofile {}, tickets at {tickets}, documents at {url}/docs", profile.name);
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
