//! A wire to a server that can be cut.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Where the wire is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the server hears what the client says.
    Before,
    /// After the server has answered, before the client hears it.
    After,
}

/// Passes on what is said, until it is told to cut.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// How many more times the client may speak; below zero it may for ever.
    left: Arc<AtomicI64>,
    after: Arc<AtomicI64>,
}

impl Proxy {
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (left, after) = (Arc::new(AtomicI64::new(-1)), Arc::new(AtomicI64::new(0)));
        let (watched, mode) = (Arc::clone(&left), Arc::clone(&after));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (watched, mode) = (Arc::clone(&watched), Arc::clone(&mode));
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                        pass_on(client, server, &watched, &mode).await;
                    }
                });
            }
        });
        Self { port, left, after }
    }

    /// The same URL, through this wire.
    pub(crate) fn url(&self, url: &str) -> String {
        let (head, tail) = url.rsplit_once(':').expect("a port in the URL");
        let path = tail.split_once('/').map_or("", |(_, path)| path);
        format!("{head}:{}/{path}", self.port)
    }

    /// Cuts the wire once, after the client has spoken so many more times.
    pub(crate) fn cut(&self, speeches: i64, cut: Cut) {
        self.after.store(i64::from(cut == Cut::After), Ordering::SeqCst);
        self.left.store(speeches, Ordering::SeqCst);
    }

    /// Whether the cut was made; mends the wire otherwise.
    pub(crate) fn was_cut(&self) -> bool {
        self.left.swap(-1, Ordering::SeqCst) < 0
    }
}

async fn pass_on(mut client: TcpStream, mut server: TcpStream, left: &AtomicI64, after: &AtomicI64) {
    let (mut said, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            count = client.read(&mut said) => {
                let Ok(count @ 1..) = count else { return };
                let turn = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| (left >= 0).then_some(left - 1));
                if turn == Ok(0) {
                    if after.load(Ordering::SeqCst) == 0 {
                        return;
                    }
                    let _ = server.write_all(&said[..count]).await;
                    let _ = server.read(&mut answered).await;
                    return;
                }
                if server.write_all(&said[..count]).await.is_err() {
                    return;
                }
            }
            count = server.read(&mut answered) => {
                let Ok(count @ 1..) = count else { return };
                if client.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}
