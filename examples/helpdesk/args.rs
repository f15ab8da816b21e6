use std::{error::Error, path::PathBuf};
use support_desk::Profile;

const USAGE: &str = "\
helpdesk [--profile NAME|FILE] [--store sqlite:PATH|memory:] [--files DIR] [--listen ADDRESS] [--empty] [--unlimited]
         [--smtp URL] [--amqp URL] [--development]
  --profile    vehicle_retail (default), bookings, import_desk, marketplace, after_sales, or a TOML file
  --store      sqlite:helpdesk.db (default), memory:, or the URL of a database, such as postgres://USER@HOST/NAME or
               mysql://USER@HOST/NAME (with --features postgres or mysql)
  --files      where attachments are kept; a folder beside the store where absent, in memory for memory:
  --listen     127.0.0.1:8080 (default)
  --empty      do not fill a new store with a sample shop
  --unlimited  take any number of requests, to measure
  --smtp       a mail server, such as smtp://USER:PASSWORD@HOST:587 (with --features mail): people are told by mail
  --amqp       RabbitMQ, such as amqps://USER:PASSWORD@HOST (with --features rabbitmq): events go out, messages come in
  --development  webhooks may call this machine and go without TLS, so may mail, and the broker's default account is taken";

/// What the command line asks for.
pub(crate) struct Args {
    profile: String,
    pub(crate) store: StoreUrl,
    files: Option<PathBuf>,
    pub(crate) listen: String,
    pub(crate) empty: bool,
    pub(crate) unlimited: bool,
    pub(crate) smtp: Option<String>,
    pub(crate) amqp: Option<String>,
    pub(crate) development: bool,
}

pub(crate) enum StoreUrl {
    Memory,
    Sqlite(PathBuf),
    /// The URL of a database server.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    Server(String),
}

impl Args {
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        use lexopt::prelude::{Long, Short, ValueExt};
        let mut args = Self {
            profile: "vehicle_retail".to_owned(),
            store: StoreUrl::Sqlite("helpdesk.db".into()),
            files: None,
            listen: "127.0.0.1:8080".to_owned(),
            empty: false,
            unlimited: false,
            smtp: None,
            amqp: None,
            development: false,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("profile") => args.profile = parser.value()?.string()?,
                Long("store") => args.store = StoreUrl::parse(&parser.value()?.string()?)?,
                Long("files") => args.files = Some(parser.value()?.into()),
                Long("listen") => args.listen = parser.value()?.string()?,
                Long("empty") => args.empty = true,
                Long("unlimited") => args.unlimited = true,
                Long("smtp") => {
                    args.smtp = Some(built_with("mail", cfg!(feature = "mail"), parser.value()?.string()?)?);
                }
                Long("amqp") => {
                    args.amqp = Some(built_with("rabbitmq", cfg!(feature = "rabbitmq"), parser.value()?.string()?)?);
                }
                Long("development") => args.development = true,
                Long("help") | Short('h') => {
                    println!("{USAGE}");
                    std::process::exit(0);
                }
                other => return Err(format!("{}\n{USAGE}", other.unexpected()).into()),
            }
        }
        Ok(args)
    }

    /// Where customers find this desk.
    #[cfg(feature = "mail")]
    pub(crate) fn public_url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// The folder for `what`, beside the store; none where everything is in memory.
    pub(crate) fn beside_store(&self, what: &str) -> Option<PathBuf> {
        match &self.store {
            StoreUrl::Memory => None,
            StoreUrl::Sqlite(path) => {
                let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                Some(path.with_file_name(format!("{name}-{what}")))
            }
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            StoreUrl::Server(_) => Some(format!("helpdesk-{what}").into()),
        }
    }

    /// Where attachments are kept; in memory where there is no place.
    pub(crate) fn files(&self) -> Option<PathBuf> {
        self.files.clone().or_else(|| self.beside_store("files"))
    }

    pub(crate) fn profile(&self) -> Result<Profile, Box<dyn Error>> {
        if let Some(profile) = Profile::named(&self.profile) {
            return Ok(profile);
        }
        let text = std::fs::read_to_string(&self.profile).map_err(|error| {
            let names: Vec<_> = Profile::names().collect();
            format!("`{}` is neither one of {} nor a file that can be read: {error}", self.profile, names.join(", "))
        })?;
        Profile::from_toml(&text).map_err(|error| format!("{}: {error}", self.profile).into())
    }
}

/// The value, where the program was built with what it needs.
fn built_with(feature: &str, is: bool, value: String) -> Result<String, String> {
    if is { Ok(value) } else { Err(format!("this needs `cargo run --features {feature} --example helpdesk`")) }
}

impl StoreUrl {
    fn parse(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            Some(("postgres" | "postgresql" | "mysql" | "mariadb", rest)) if rest.starts_with("//") => {
                Ok(Self::Server(url.to_owned()))
            }
            #[cfg(not(any(feature = "postgres", feature = "mysql")))]
            Some((server @ ("postgres" | "postgresql" | "mysql" | "mariadb"), _)) => {
                let feature = if server.starts_with("postgres") { "postgres" } else { "mysql" };
                Err(format!("a store of `{server}` needs `cargo run --features {feature} --example helpdesk`"))
            }
            _ => Err(format!("`{url}` is no store: write sqlite:PATH, memory: or the URL of a database")),
        }
    }
}
