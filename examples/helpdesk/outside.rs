//! Whom this desk tells what happens, as far as the program was built with it: addresses, people, a broker.

use crate::args::Args;
use std::{error::Error, future::Future};
use support_desk::{Desk, DeskBuilder};

/// The builder with everything that the command line asks for. Everybody has an inbox.
#[cfg_attr(
    not(any(feature = "webhooks", feature = "mail", feature = "rabbitmq")),
    expect(clippy::unnecessary_wraps, unused_variables, reason = "what was left out cannot be wrong")
)]
pub(crate) fn told(args: &Args, builder: DeskBuilder) -> Result<DeskBuilder, Box<dyn Error>> {
    let builder = builder.inbox();
    #[cfg(feature = "webhooks")]
    let builder = {
        use support_desk::events::HttpCaller;
        let caller = HttpCaller::builder();
        let caller = if args.development { caller.allow_http().allow_private() } else { caller };
        builder.webhooks(caller.build()?)
    };
    #[cfg(feature = "mail")]
    let builder = match &args.smtp {
        None => builder,
        Some(url) => {
            use support_desk::{
                domain::notification::Way,
                notify::{Links, Mailer, Templates},
            };
            let templates = Templates::builder().shop("The Sample Shop").links(Links::at(args.public_url()));
            let mailer = Mailer::builder(templates.build()?, url.as_str(), "help@shop.example");
            let host = url.split_once("://").map_or("", |(_, rest)| rest).split([':', '/', '?']).next().unwrap_or("");
            let mailer = if args.development { mailer.plain_text_to(host) } else { mailer };
            builder.channel(Way::Email, mailer.build()?)
        }
    };
    #[cfg(feature = "rabbitmq")]
    let builder = match &args.amqp {
        None => builder,
        Some(url) => {
            use support_desk::events::{RabbitBus, RabbitSink};
            let (sink, bus) = (RabbitSink::builder(url), RabbitBus::builder(url));
            let (sink, bus) = if args.development {
                (sink.allow_default_credentials(), bus.allow_default_credentials())
            } else {
                (sink, bus)
            };
            builder.sink(sink.build()?).bus(bus.build()?)
        }
    };
    Ok(builder)
}

/// Hears what others on the broker tell, until it is time to stop.
#[cfg_attr(
    not(feature = "rabbitmq"),
    expect(clippy::unnecessary_wraps, unused_variables, reason = "without a broker there is nobody to hear")
)]
pub(crate) fn hear(
    args: &Args,
    desk: &Desk,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    #[cfg(feature = "rabbitmq")]
    if let Some(url) = &args.amqp {
        use support_desk::events::RabbitIntake;
        let intake = RabbitIntake::builder(url).on_trouble(|trouble| eprintln!("intake: {trouble}"));
        let intake = if args.development { intake.allow_default_credentials() } else { intake };
        let intake = intake.build(desk.clone())?;
        tokio::spawn(async move { intake.run(stopped).await });
    }
    Ok(())
}
