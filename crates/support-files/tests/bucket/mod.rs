//! An S3 server in the process of the test, which verifies signatures.

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{
    S3, S3Request, S3Response, S3Result,
    auth::SimpleAuth,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
        CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput,
        DeleteObjectOutput, GetObjectInput, GetObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput,
        PutObjectOutput, UploadPartInput, UploadPartOutput,
    },
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use support_files::{ObjectFiles, S3 as Settings};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const ACCESS: &str = "desk";
pub(crate) const SECRET: &str = "a-secret-of-our-own";

/// A server with the empty bucket `files`. It ends with the runtime of its test, and its files with this.
pub(crate) struct Bucket {
    directory: TempDir,
    port: u16,
    pub(crate) aborted: Arc<AtomicUsize>,
}

impl Bucket {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(directory.path().join("files")).expect("it is empty");
        let aborted = Arc::new(AtomicUsize::new(0));
        let files = FileSystem::new(directory.path()).expect("it is a directory");
        let mut builder = S3ServiceBuilder::new(Server {
            files,
            directory: directory.path().join("files"),
            aborted: Arc::clone(&aborted),
            long: Mutex::default(),
        });
        builder.set_auth(SimpleAuth::from_single(ACCESS, SECRET));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
        let port = listener.local_addr().expect("it has one").port();
        tokio::spawn(serve(listener, builder.build()));
        Self { directory, port, aborted }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::new("files", "us-east-1").credentials(ACCESS, SECRET).endpoint(self.endpoint())
    }

    pub(crate) fn files(&self) -> ObjectFiles {
        ObjectFiles::s3(self.settings()).expect("the settings are right")
    }

    /// Names of what the server keeps beside the bucket: parts of uploads that have not ended, and notes about objects.
    pub(crate) fn parts(&self) -> Vec<PathBuf> {
        let entries =
            std::fs::read_dir(self.directory.path()).expect("it is there").flatten().map(|entry| entry.path());
        entries.filter(|path| path.to_string_lossy().contains(".upload")).collect()
    }
}

async fn serve(listener: TcpListener, service: S3Service) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = service.clone();
        tokio::spawn(async move {
            let server = Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Adds what the files of s3s lack: the headers that a request asks for, an object whose name is that of a directory and so
/// is not there, and long keys.
struct Server {
    files: FileSystem,
    directory: PathBuf,
    aborted: Arc<AtomicUsize>,
    long: Mutex<Vec<String>>,
}

type Answer<T> = S3Result<S3Response<T>>;

impl Server {
    /// A name for a key that is too long for that of a file.
    fn shorten(&self, key: &mut String) {
        if key.len() > 150 {
            let mut long = self.long.lock().expect("nothing panics within");
            let at = long.iter().position(|known| known == key).unwrap_or_else(|| {
                long.push(key.clone());
                long.len() - 1
            });
            *key = format!("long-key-{at}");
        }
    }

    fn lengthen(&self, key: &mut String) {
        let at = key.strip_prefix("long-key-").and_then(|at| at.parse::<usize>().ok());
        if let Some(at) = at {
            key.clone_from(&self.long.lock().expect("nothing panics within")[at]);
        }
    }
}

#[async_trait::async_trait]
impl S3 for Server {
    async fn get_object(&self, mut request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        self.shorten(&mut request.input.key);
        if self.directory.join(&request.input.key).is_dir() {
            return Err(s3s::s3_error!(NoSuchKey));
        }
        let disposition = request.input.response_content_disposition.clone();
        let content_type = request.input.response_content_type.clone();
        let mut answer = self.files.get_object(request).await?;
        answer.output.content_disposition = disposition.or(answer.output.content_disposition);
        answer.output.content_type = content_type.or(answer.output.content_type);
        Ok(answer)
    }

    async fn put_object(&self, mut request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        self.shorten(&mut request.input.key);
        self.files.put_object(request).await
    }

    async fn delete_object(&self, mut request: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        self.shorten(&mut request.input.key);
        self.files.delete_object(request).await
    }

    async fn list_objects_v2(&self, mut request: S3Request<ListObjectsV2Input>) -> Answer<ListObjectsV2Output> {
        if let Some(prefix) = &mut request.input.prefix {
            self.shorten(prefix);
        }
        let mut answer = self.files.list_objects_v2(request).await?;
        let objects = answer.output.contents.iter_mut().flatten();
        objects.filter_map(|object| object.key.as_mut()).for_each(|key| self.lengthen(key));
        Ok(answer)
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        self.files.create_multipart_upload(request).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        self.files.upload_part(request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        self.files.complete_multipart_upload(request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        let answer = self.files.abort_multipart_upload(request).await;
        self.aborted.fetch_add(1, Ordering::SeqCst);
        answer
    }
}
