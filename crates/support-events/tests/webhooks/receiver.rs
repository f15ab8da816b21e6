//! A receiver of HTTP that answers what it is told to, well or badly.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What it does with a request that it has read.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Sends this, and reads the next request of the connection.
    Bytes(Vec<u8>),
    /// Sends this, and then the same chunk again and again, as long as somebody takes it.
    Endless(Vec<u8>),
    /// Says nothing.
    Silence,
    /// Hangs up.
    Nothing,
}

impl Answer {
    pub(crate) fn status(status: &str) -> Self {
        Self::Bytes(format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok").into_bytes())
    }
}

#[derive(Default)]
struct Heard {
    connections: usize,
    requests: Vec<String>,
    sent: usize,
}

pub(crate) struct Receiver {
    pub(crate) port: u16,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
        let port = listener.local_addr().expect("it has one").port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let task = tokio::spawn(accept(listener, answer, Arc::clone(&heard)));
        Self { port, heard, task }
    }

    pub(crate) fn url(&self) -> String {
        self.url_of("127.0.0.1")
    }

    pub(crate) fn url_of(&self, host: &str) -> String {
        format!("http://{host}:{}/hooks", self.port)
    }

    pub(crate) fn connections(&self) -> usize {
        self.heard.lock().expect("nobody panicked").connections
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panicked").requests.clone()
    }

    /// How much of an endless answer somebody took.
    pub(crate) fn sent(&self) -> usize {
        self.heard.lock().expect("nobody panicked").sent
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, answer: Answer, notes: Arc<Mutex<Heard>>) {
    while let Ok((stream, _)) = listener.accept().await {
        notes.lock().expect("nobody panicked").connections += 1;
        tokio::spawn(serve(stream, answer.clone(), Arc::clone(&notes)));
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, notes: Arc<Mutex<Heard>>) {
    while let Some(request) = request(&mut stream).await {
        notes.lock().expect("nobody panicked").requests.push(request);
        match &answer {
            Answer::Bytes(bytes) => {
                let _ = stream.write_all(bytes).await;
            }
            Answer::Endless(chunk) => {
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                let chunk = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
                let mut sent = stream.write_all(head.as_bytes()).await;
                while sent.is_ok() {
                    sent = stream.write_all(&chunk).await;
                    notes.lock().expect("nobody panicked").sent += chunk.len();
                }
            }
            Answer::Silence => std::future::pending().await,
            Answer::Nothing => return,
        }
    }
}

/// A request whose length is told, as a webhook's is.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        // The greeting of TLS, which it does not speak.
        if read.first() == Some(&0x16) {
            return Some(text);
        }
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        let mut buffer = [0; 4_096];
        let more = stream.read(&mut buffer).await.ok().filter(|more| *more > 0)?;
        read.extend_from_slice(&buffer[..more]);
    }
}
