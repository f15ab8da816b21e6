use crate::{fault, key, object::stored, open::OpenError, parts::Parts};
use chrono::TimeDelta;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    list::{PaginatedListOptions, PaginatedListStore},
    path::Path,
    signer::{Method, SignedUrlOptions, Signer, Url},
};
use std::{fmt, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};
use support_core::ports::files::{FileError, LinkTerms, StoredFile};

/// Secrets that products come with, or that their instructions show.
const DEFAULT_SECRETS: [&str; 14] = [
    "minioadmin",
    "minio123",
    "minio",
    "miniostorage",
    "adminpass123",
    "admin",
    "admin123",
    "administrator",
    "password",
    "changeme",
    "secret",
    "test",
    "rustfsadmin",
    "s3secret",
];

/// How a connection to the server may take, in the worst case.
const CONNECT: Duration = Duration::from_secs(5);

/// Where a bucket is, and who asks for it.
///
/// ```
/// use support_files::{ObjectFiles, S3};
/// # fn secret() -> String { "T0pOfTheM0rn1ng".into() }
/// let files = ObjectFiles::s3(
///     S3::new("attachments", "eu-central-1")
///         .credentials("desk", secret())
///         .endpoint("https://minio.internal.example:9000")
///         .public_endpoint("https://files.example.org"),
/// )?;
/// # Ok::<(), support_files::OpenError>(())
/// ```
#[derive(Clone)]
pub struct S3 {
    bucket: String,
    region: String,
    access_key: String,
    secret_key: String,
    endpoint: Option<String>,
    public_endpoint: Option<String>,
    virtual_hosted: bool,
    plain_http: bool,
    development: bool,
    silence: Duration,
    parts_at_once: usize,
    spool_directory: Option<PathBuf>,
}

impl S3 {
    /// A bucket of a region. It must exist. Servers without regions take `us-east-1`.
    pub fn new(bucket: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            region: region.into(),
            access_key: String::new(),
            secret_key: String::new(),
            endpoint: None,
            public_endpoint: None,
            virtual_hosted: false,
            plain_http: false,
            development: false,
            silence: Duration::from_secs(30),
            parts_at_once: 2,
            spool_directory: None,
        }
    }

    /// Who asks. The rights needed are to get, put, delete and list objects, and to abort multipart uploads.
    pub fn credentials(mut self, access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        (self.access_key, self.secret_key) = (access_key.into(), secret_key.into());
        self
    }

    /// The address of the server, where it is not that of AWS.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// The address in links, where browsers reach the server under another one than this process does. A signature holds
    /// for one address alone, so the link cannot be rewritten afterwards.
    pub fn public_endpoint(mut self, url: impl Into<String>) -> Self {
        self.public_endpoint = Some(url.into());
        self
    }

    /// Puts the bucket into the host's name and not into the path. An endpoint then has it in its name already.
    pub fn virtual_hosted(mut self) -> Self {
        self.virtual_hosted = true;
        self
    }

    /// Allows endpoints that are not https. Those of this very machine need no permission.
    pub fn plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Allows secrets that everybody knows. Never call it where somebody's files are kept.
    pub fn development(mut self) -> Self {
        self.development = true;
        self
    }

    /// How long the server may say nothing; 30 seconds unless it is said. What failed for no fault of the request is tried
    /// up to three times again, as long as it began within this time.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = limit;
        self
    }

    /// How many parts of 5 MiB may be on their way at the same time, each in memory that is kept for the next; 2 unless it
    /// is said, at least 1.
    pub fn parts_at_once(mut self, count: usize) -> Self {
        self.parts_at_once = count.max(1);
        self
    }

    /// Where parts wait until they are whole, in files without names; the system's directory for temporary files unless it
    /// is said. Each upload that is under way needs 5 MiB there.
    pub fn spool_in(mut self, directory: impl Into<PathBuf>) -> Self {
        self.spool_directory = Some(directory.into());
        self
    }

    pub(crate) fn open(self) -> Result<Bucket, OpenError> {
        for (setting, value) in [
            ("the bucket", &self.bucket),
            ("the region", &self.region),
            ("the access key", &self.access_key),
            ("the secret key", &self.secret_key),
        ] {
            if value.trim().is_empty() {
                return Err(OpenError::Setting { setting, problem: "is missing".to_owned() });
            }
        }
        if !self.development && is_default(&self.access_key, &self.secret_key) {
            return Err(OpenError::DefaultSecret);
        }
        let store = Arc::new(self.client("the endpoint", self.endpoint.as_deref())?);
        let signer = match self.public_endpoint.as_deref() {
            Some(url) => Arc::new(self.client("the public endpoint", Some(url))?),
            None => Arc::clone(&store),
        };
        Ok(Bucket {
            store,
            signer,
            parts: Parts::new(self.parts_at_once),
            spool_directory: Arc::new(self.spool_directory.unwrap_or_else(std::env::temp_dir)),
        })
    }

    fn client(&self, setting: &'static str, endpoint: Option<&str>) -> Result<AmazonS3, OpenError> {
        let options = ClientOptions::new()
            .with_connect_timeout(CONNECT)
            // A large file takes its time, as long as something comes.
            .with_timeout_disabled()
            .with_read_timeout(self.silence)
            .with_allow_http(endpoint.is_some());
        let retry = RetryConfig { backoff: BackoffConfig::default(), max_retries: 3, retry_timeout: self.silence };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(&self.secret_key)
            .with_virtual_hosted_style_request(self.virtual_hosted)
            // One file at a time is deleted, and not every server knows the request for many.
            .with_disable_bulk_delete(true)
            .with_client_options(options)
            .with_retry(retry);
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(self.checked(setting, endpoint)?);
        }
        builder.build().map_err(|error| OpenError::Client(error.into()))
    }

    /// The endpoint, without a `/` at its end, if it is one that may be used.
    fn checked(&self, setting: &'static str, endpoint: &str) -> Result<String, OpenError> {
        let wrong = |problem: &str| OpenError::Setting { setting, problem: problem.to_owned() };
        let url = Url::parse(endpoint).map_err(|_| wrong("is no URL"))?;
        let host = url.host_str().ok_or_else(|| wrong("names no host"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("has a name or a password in it, which belong into the credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("goes on behind its path"));
        }
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http || is_loopback(host) => {}
            "http" => return Err(OpenError::PlainHttp { host: host.to_owned() }),
            _ => return Err(wrong("is neither https nor http")),
        }
        Ok(endpoint.trim_end_matches('/').to_owned())
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("S3");
        shown.field("bucket", &self.bucket).field("region", &self.region).field("endpoint", &self.endpoint);
        shown.finish_non_exhaustive()
    }
}

fn is_default(access_key: &str, secret_key: &str) -> bool {
    let same = |known: &str| secret_key.eq_ignore_ascii_case(known);
    same(access_key) || DEFAULT_SECRETS.into_iter().any(same)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// A bucket that is open.
#[derive(Debug)]
pub(crate) struct Bucket {
    store: Arc<AmazonS3>,
    signer: Arc<AmazonS3>,
    parts: Parts,
    spool_directory: Arc<PathBuf>,
}

impl Bucket {
    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store) as _
    }

    pub(crate) fn spool_directory(&self) -> Arc<PathBuf> {
        Arc::clone(&self.spool_directory)
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(crate) async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredFile>, FileError> {
        let mut files = Vec::new();
        let mut page = PaginatedListOptions { offset: after.map(str::to_owned), ..PaginatedListOptions::default() };
        loop {
            // Servers answer at most 1,000 at once.
            page.max_keys = Some((limit - files.len()).min(1000));
            let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
            let answer = self.store.list_paginated(prefix, page.clone()).await.map_err(fault::reading)?;
            // What somebody else has put into the bucket under other names is not ours.
            files.extend(answer.result.objects.into_iter().map(stored).filter(|file| key::path(&file.key).is_ok()));
            page.page_token = answer.page_token;
            if page.page_token.is_none() || files.len() >= limit {
                files.truncate(limit);
                return Ok(files);
            }
        }
    }

    /// The headers of the answer are part of what is signed, so nobody can ask for others.
    pub(crate) async fn link(&self, path: &Path, terms: &LinkTerms) -> Result<String, FileError> {
        let headers = [&terms.disposition, &terms.content_type];
        if headers.iter().any(|value| value.chars().any(char::is_control)) {
            return Err(FileError::backend("a header of a link has a control character in it"));
        }
        let lasts = terms.lasts.to_std().ok().filter(|_| terms.lasts >= TimeDelta::seconds(1));
        let lasts = lasts.ok_or_else(|| FileError::backend("a link lasts at least a second"))?;
        let options = SignedUrlOptions::new().with_query([
            ("response-content-disposition", terms.disposition.as_str()),
            ("response-content-type", terms.content_type.as_str()),
        ]);
        let signed = self.signer.signed_url_opts(Method::GET, path, lasts, &options).await;
        signed.map(String::from).map_err(fault::reading)
    }
}

#[cfg(test)]
mod tests;
