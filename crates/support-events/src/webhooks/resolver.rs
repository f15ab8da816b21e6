use super::reach::Reach;
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};
use tokio::sync::Semaphore;

/// Finds the addresses of a name. What it finds is looked at by whoever asked.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// All addresses of the name.
    ///
    /// # Errors
    /// Where there is none, or nobody answers.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the system, as all programs of the machine do.
///
/// The system blocks a thread for each name that is looked for, and somebody whose server of names never answers would take
/// them all. So it looks for 32 names at once at most.
#[derive(Debug)]
pub(super) struct System(Arc<Semaphore>);

impl Default for System {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(32)))
    }
}

#[async_trait]
impl Resolver for System {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(io::Error::other)?;
        let name = name.to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            let found = (name.as_str(), 0).to_socket_addrs();
            // It is held by the thread, which goes on when whoever asked has left.
            drop(permit);
            found.map(|addresses| addresses.map(|address| address.ip()).collect())
        });
        asked.await.map_err(io::Error::other)?
    }
}

/// Answers what may be called, at the moment of the connection.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) reach: Arc<Reach>,
}

/// That an address was found which may not be called.
#[derive(Debug, thiserror::Error)]
#[error("it leads where nobody may call")]
pub(super) struct OutOfReach;

/// That no address was found.
#[derive(Debug, thiserror::Error)]
#[error("its name is not known")]
pub(super) struct NotFound;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, reach) = (Arc::clone(&self.resolver), Arc::clone(&self.reach));
        Box::pin(async move {
            let found = resolver.resolve(name.as_str()).await.map_err(|_| NotFound)?;
            if found.is_empty() {
                return Err(NotFound.into());
            }
            // All of them, not those that may be called: a name that leads to both is a mistake or an attempt.
            if !found.iter().all(|address| reach.permits(*address)) {
                return Err(OutOfReach.into());
            }
            // A port of zero stands for that of the address which is called.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
