use super::ClamAv;
use async_trait::async_trait;
use bytes::Bytes;
use std::{collections::VecDeque, io, time::Duration};
use support_core::ports::{
    files::{Download, FileError},
    scanner::{Scanner, Verdict},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

struct Chunks(VecDeque<Result<Bytes, FileError>>);

impl Chunks {
    fn of(texts: &[&'static str]) -> Self {
        Self(texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes()))).collect())
    }
}

#[async_trait]
impl Download for Chunks {
    async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        self.0.pop_front().transpose()
    }
}

/// Reads what clamd is sent, to the empty chunk at its end, and answers the file.
async fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut command = [0; 10];
    stream.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let size = stream.read_u32().await?;
        if size == 0 {
            return Ok(file);
        }
        let start = file.len();
        file.resize(start + size as usize, 0);
        stream.read_exact(&mut file[start..]).await?;
    }
}

/// What the scanner makes of a server that answers so, and the file as the server got it.
async fn answered(answer: &'static [u8], file: &mut Chunks) -> (Result<Verdict, String>, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
    let address = listener.local_addr().expect("it has one").to_string();
    let server = async {
        let (mut stream, _) = listener.accept().await.expect("the scanner comes");
        let file = receive(&mut stream).await.unwrap_or_default();
        // Whoever has heard enough goes away.
        let _ = stream.write_all(answer).await;
        file
    };
    let scanner = ClamAv::tcp(address);
    let (verdict, received) = tokio::join!(scanner.scan(file), server);
    (verdict.map_err(|error| error.to_string()), received)
}

async fn verdict(answer: &'static [u8]) -> Result<Verdict, String> {
    answered(answer, &mut Chunks::of(&["some", "thing"])).await.0
}

#[tokio::test]
async fn a_clean_file_is_clean_when_all_of_it_was_seen() {
    let mut file = Chunks::of(&["", "some", "", "thing", ""]);
    let (verdict, received) = answered(b"stream: OK\0", &mut file).await;
    assert_eq!(verdict, Ok(Verdict::Clean));
    assert_eq!(received, b"something", "an empty chunk must not end it early");
    assert!(file.0.is_empty());
}

#[tokio::test]
async fn what_was_found_is_told_by_its_name() {
    let infected = |name: &str| Ok(Verdict::Infected { name: name.to_owned() });
    assert_eq!(verdict(b"stream: Eicar-Test-Signature FOUND\0").await, infected("Eicar-Test-Signature"));
    assert_eq!(verdict(b"stream: A name OK FOUND\0").await, infected("A name OK"));
}

#[tokio::test]
async fn an_answer_that_is_not_whole_or_not_known_is_no_verdict() {
    let odd: [&[u8]; 17] = [
        b"",
        b"\0",
        b"OK\0",
        b"stream: OK",
        b"stream: O",
        b"stream: OK\n",
        b"stream: OK\0stream: OK\0",
        b"stream: ok\0",
        b"stream: OK \0",
        b"stream:  FOUND\0",
        b"stream: FOUND\0",
        b"stream: a\nb FOUND\0",
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"HTTP/1.1 200 OK\r\n\r\nstream: OK\0",
    ];
    for answer in odd {
        let refused = verdict(answer).await.expect_err("it is no verdict");
        assert!(refused.contains("clamd answered"), "{refused}");
    }
    assert!(verdict(b"stream: \xff FOUND\0").await.is_err());
}

#[tokio::test]
async fn of_an_answer_without_an_end_little_is_read() {
    static LONG: [u8; 100_000] = [b'a'; 100_000];
    let refused = verdict(&LONG).await.expect_err("it is no verdict");
    assert!(refused.len() < 10_000, "{} bytes", refused.len());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_to_its_end_is_not_clean() {
    let mut file = Chunks::of(&["some"]);
    file.0.push_back(Err(FileError::Missing));
    let (verdict, received) = answered(b"stream: OK\0", &mut file).await;
    assert_eq!(verdict.expect_err("it broke off"), "the file could not be scanned: there is no such file");
    assert!(received.is_empty(), "the server was never told that this was all");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_scanned_in_part() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
    let scanner = ClamAv::tcp(listener.local_addr().expect("it has one").to_string()).at_most(8);
    let refused = scanner.scan(&mut Chunks::of(&["some", "thing"])).await.expect_err("it is too large");
    assert!(refused.to_string().contains("larger than 8 bytes"), "{refused}");
}

#[tokio::test]
async fn a_server_that_goes_away_gives_no_verdict() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
    let address = listener.local_addr().expect("it has one").to_string();
    let mut large = Chunks(std::iter::repeat_n(Ok(Bytes::from(vec![0; 1 << 20])), 64).collect());
    let scanner = ClamAv::tcp(&address);
    let server = async { drop(listener.accept().await.expect("the scanner comes")) };
    let (verdict, ()) = tokio::join!(scanner.scan(&mut large), server);
    let refused = verdict.expect_err("the server is gone").to_string();
    assert!(refused.contains("StreamMaxLength"), "{refused}");
    drop(listener);
    scanner.scan(&mut Chunks::of(&["a"])).await.expect_err("nobody listens any more");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_not_waited_for_without_an_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
    let scanner = ClamAv::tcp(listener.local_addr().expect("it has one").to_string()).timeout(Duration::from_secs(9));
    let refused = scanner.scan(&mut Chunks::of(&["a"])).await.expect_err("it never answers");
    assert!(refused.to_string().contains("no verdict within 9s"), "{refused}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_socket_that_is_not_there_gives_no_verdict() {
    ClamAv::unix("/no/such/socket").scan(&mut Chunks::of(&["a"])).await.expect_err("it is not there");
}

#[cfg(unix)]
#[tokio::test]
async fn a_socket_of_this_machine_does_as_well() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("clamd");
    let listener = tokio::net::UnixListener::bind(&path).expect("the path is short");
    let server = async {
        let (mut stream, _) = listener.accept().await.expect("the scanner comes");
        let mut file = [0; 10 + 4 + 1 + 4];
        stream.read_exact(&mut file).await.expect("a command, a chunk of one byte, and an empty one");
        stream.write_all(b"stream: OK\0").await.expect("the scanner listens");
    };
    let scanner = ClamAv::unix(&path);
    let mut file = Chunks::of(&["a"]);
    let (verdict, ()) = tokio::join!(scanner.scan(&mut file), server);
    assert_eq!(verdict.expect("it answered"), Verdict::Clean);
}
