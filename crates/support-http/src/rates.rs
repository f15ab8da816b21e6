//! How often somebody may ask.

use crate::{App, auth::SignedIn, problem::Problem};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderName, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};
use support_core::domain::actor::{Actor, Role};
use uuid::Uuid;

/// How often: so many a minute, and so many at once by whoever was quiet before. A zero counts as one.
///
/// What is over it answers 429 with `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many a minute, for ever.
    pub per_minute: u32,
    /// How many at once.
    pub burst: u32,
}

impl Rate {
    pub(crate) fn quota(self) -> Quota {
        let count = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Quota::per_minute(count(self.per_minute)).allow_burst(count(self.burst))
    }
}

/// Where the host's proxies write down who called them.
///
/// Each proxy appends the address that it saw to a list such as `X-Forwarded-For`. With so many of them in front, the
/// client is that many places from the end; what stands before it is the client's own word, and is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forwarded {
    /// The header: addresses separated by commas.
    pub header: HeaderName,
    /// How many proxies of the host stand in front, each of which adds one address; with none the header is not read.
    pub proxies: usize,
}

impl Forwarded {
    fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines = headers.get_all(&self.header).iter().map(|line| line.to_str().unwrap_or_default());
        let list: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        let text = list.get(list.len().checked_sub(self.proxies)?)?.trim();
        // Some write the port, too.
        text.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
    }
}

/// Who is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Principal {
    /// Somebody who is signed in.
    Person(Role, Uuid),
    /// Code of the host.
    System(String),
    /// Whoever calls from there and is not signed in.
    Address(IpAddr),
    /// Everybody else who is not signed in.
    Anybody,
}

/// The counts of all who ask.
pub(crate) struct Rates {
    requests: Option<Counter>,
    openings: Option<Counter>,
    forwarded: Option<Forwarded>,
}

struct Counter {
    kept: DefaultKeyedRateLimiter<Principal>,
    until_sweep: AtomicU32,
}

/// After so many requests the counts of those who have been quiet are thrown away: they are as if they had never asked.
/// So no more are kept than asked lately, and these few.
const SWEEP: u32 = 1_024;

impl Counter {
    fn new(rate: Rate) -> Self {
        Self { kept: RateLimiter::keyed(rate.quota()), until_sweep: AtomicU32::new(0) }
    }

    /// Counts first and answers then, in one step: of many at once none slips through.
    fn count(&self, who: &Principal) -> Result<(), Problem> {
        if self.until_sweep.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.kept.retain_recent();
        }
        self.kept.check_key(who).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Problem::too_many(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
        })
    }
}

impl Rates {
    pub(crate) fn new(requests: Option<Rate>, openings: Option<Rate>, forwarded: Option<Forwarded>) -> Self {
        Self { requests: requests.map(Counter::new), openings: openings.map(Counter::new), forwarded }
    }

    /// Counts a request of whoever the sign-in says it is. One that failed counts where it came from.
    pub(crate) fn count(&self, SignedIn(actor): &SignedIn, parts: &Parts) -> Result<(), Problem> {
        let Some(counter) = &self.requests else { return Ok(()) };
        let known = actor.as_ref().ok().and_then(Principal::of);
        counter.count(&known.unwrap_or_else(|| self.stranger(parts)))
    }

    /// Where a request comes from whose sender nobody knows.
    pub(crate) fn stranger(&self, parts: &Parts) -> Principal {
        let told = self.forwarded.as_ref().and_then(|forwarded| forwarded.client(&parts.headers));
        let seen = || Some(parts.extensions.get::<ConnectInfo<SocketAddr>>()?.ip());
        told.or_else(seen).map_or(Principal::Anybody, |address| Principal::Address(one_host(address)))
    }
}

/// Whoever has one address of version 6 has a whole network of them.
fn one_host(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(long) => IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() >> 64 << 64)),
        short @ IpAddr::V4(_) => short,
    }
}

impl Principal {
    pub(crate) fn of(actor: &Actor) -> Option<Self> {
        let signature = actor.signature();
        match (signature.role, signature.id) {
            (Role::Guest, _) => None,
            (role, Some(id)) => Some(Self::Person(role, id)),
            (_, None) => Some(Self::System(signature.name)),
        }
    }
}

/// What tells visitors apart who are not signed in: a word that says nothing of where they call from. None of whoever is
/// signed in. Where nothing is known of where they call from, all of them are one visitor.
pub(crate) struct Visitor(pub(crate) Option<String>);

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        if !matches!(SignedIn::find(parts, app).await.0, Ok(Actor::Guest)) {
            return Ok(Self(None));
        }
        let address = match app.rates.stranger(parts) {
            Principal::Address(address) => address.to_string(),
            _ => String::new(),
        };
        Ok(Self(Some(URL_SAFE_NO_PAD.encode(app.secret.tag("visitor", address.as_bytes())))))
    }
}

/// A ticket that is about to be opened, or anything else that gives staff work or sends a mail, counted: by person, or by where
/// somebody calls from who is not signed in. Staff open as many as they must.
pub(crate) struct CountedOpening;

impl FromRequestParts<App> for CountedOpening {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let SignedIn(actor) = SignedIn::find(parts, app).await;
        let who = match actor {
            Ok(actor) if actor.is_staff() => None,
            Ok(actor) => Principal::of(&actor).or_else(|| Some(app.rates.stranger(parts))),
            // A sign-in that is not valid is no way around the count.
            Err(_) => Some(app.rates.stranger(parts)),
        };
        if let (Some(counter), Some(who)) = (&app.rates.openings, who) {
            counter.count(&who)?;
        }
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(proxies: usize, lines: &[&str]) -> Option<IpAddr> {
        let header = HeaderName::from_static("x-forwarded-for");
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&header, HeaderValue::from_str(line).unwrap());
        }
        Forwarded { header, proxies }.client(&headers)
    }

    #[test]
    fn believes_no_more_of_a_forwarded_header_than_the_proxies_wrote() {
        let address = |text: &str| Some(text.parse().unwrap());
        assert_eq!(client(1, &["6.6.6.6, 1.2.3.4"]), address("1.2.3.4"));
        assert_eq!(client(2, &["6.6.6.6, 1.2.3.4, 10.0.0.1"]), address("1.2.3.4"));
        assert_eq!(client(2, &["6.6.6.6, 1.2.3.4", "10.0.0.1:80"]), address("1.2.3.4"));
        assert_eq!(client(1, &["1.2.3.4, [2001:db8::1]:443"]), address("2001:db8::1"));
        // Whoever came past a proxy has no place in the list; nor has anybody without a proxy.
        for (proxies, lines) in
            [(2, &["1.2.3.4"][..]), (0, &["1.2.3.4"]), (1, &[]), (1, &["1.2.3.4, unknown"]), (1, &[""])]
        {
            assert_eq!(client(proxies, lines), None, "{proxies} {lines:?}");
        }
    }

    #[test]
    fn a_network_of_version_6_is_one_host() {
        let host = |text: &str| one_host(text.parse().unwrap()).to_string();
        assert_eq!(host("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(host("::ffff:1.2.3.4"), "1.2.3.4");
        assert_eq!(host("1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn forgets_those_who_have_been_quiet() {
        let counter = Counter::new(Rate { per_minute: u32::MAX, burst: 1 });
        for number in 0..10_000 {
            let _ = counter.count(&Principal::Person(Role::Customer, Uuid::from_u128(number)));
        }
        assert!(counter.kept.len() <= SWEEP as usize, "{}", counter.kept.len());
    }
}
