//! What templates can do with a value beyond what the template library brings.

use crate::{clean, languages::Labels};
use chrono::{DateTime, Datelike, Timelike, format::StrftimeItems};
use chrono_tz::Tz;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, Value, escape_formatter};
use std::sync::Arc;

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

pub(crate) fn add(environment: &mut Environment<'static>, labels: Labels) {
    // As the library does it, but for `/`, which it escapes as well: links in mails are read by many programs, not all of
    // them browsers.
    environment.set_formatter(|out, state, value| match state.auto_escape() {
        AutoEscape::Html if !value.is_safe() => out.write_str(&escaped(&value.to_string())).map_err(Error::from),
        _ => escape_formatter(out, state, value),
    });
    let labels = Arc::new(labels);
    environment.add_filter("word", move |state: &State, key: String| labels.get(&variable(state, "language"), &key));
    environment.add_filter("when", when);
    environment.add_filter("cut", |text: String, most: usize| clean::cut(&text, most));
    environment.add_filter("quote", |text: String| quoted(&text));
    environment.add_filter("paragraphs", |text: String| Value::from_safe_string(paragraphs(&text)));
}

fn variable(state: &State, name: &str) -> String {
    state.lookup(name).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A moment as people say it, on the clock of `time_zone`; with an argument, in a format of `strftime`. What is no moment
/// stays as it is.
fn when(state: &State, moment: String, format: Option<String>) -> Result<String, Error> {
    let Ok(moment) = DateTime::parse_from_rfc3339(&moment) else { return Ok(moment) };
    let zone = variable(state, "time_zone").parse::<Tz>().unwrap_or(Tz::UTC);
    let moment = moment.with_timezone(&zone);
    if let Some(format) = format {
        // Displaying a format that is none would panic.
        let items = StrftimeItems::new(&format).parse();
        let items = items.map_err(|_| Error::new(ErrorKind::InvalidOperation, format!("no time format: {format}")))?;
        return Ok(moment.format_with_items(items.iter()).to_string());
    }
    Ok(said(&variable(state, "language"), &moment))
}

fn said(language: &str, moment: &DateTime<Tz>) -> String {
    let month = |names: [&'static str; 12]| names.get(moment.month0() as usize).copied().unwrap_or_default();
    let (day, year) = (moment.day(), moment.year());
    let time = format!("{:02}:{:02}", moment.hour(), moment.minute());
    match language.split('-').next() {
        Some("en") => format!("{day} {} {year} at {time} ({})", month(MONTHS_EN), moment.format("%Z")),
        Some("de") => format!("{day}. {} {year} um {time} Uhr ({})", month(MONTHS_DE), moment.format("%Z")),
        _ => moment.format("%Y-%m-%d %H:%M (%Z)").to_string(),
    }
}

fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// Text as HTML: paragraphs and lines stay, and nothing in it is markup.
pub(crate) fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let html = paragraphs.map(|paragraph| format!("<p>{}</p>", escaped(paragraph.trim()).replace('\n', "<br>\n")));
    html.collect::<Vec<_>>().join("\n")
}

pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn rendered(source: &str, language: &str) -> Result<String, Error> {
        let mut environment = Environment::new();
        add(&mut environment, Labels::new("en"));
        let context = context! { language, time_zone => "Europe/Berlin", at => "2026-01-05T09:30:00+00:00" };
        environment.render_str(source, context)
    }

    #[test]
    fn moments_are_said() {
        assert_eq!(rendered("{{ at|when }}", "en-gb").unwrap(), "5 January 2026 at 10:30 (CET)");
        assert_eq!(rendered("{{ at|when }}", "de").unwrap(), "5. Januar 2026 um 10:30 Uhr (CET)");
        assert_eq!(rendered("{{ at|when }}", "fr").unwrap(), "2026-01-05 10:30 (CET)");
        assert_eq!(rendered("{{ at|when('%d/%m/%Y') }}", "fr").unwrap(), "05/01/2026");
        assert_eq!(rendered("{{ 'soon'|when }}", "en").unwrap(), "soon");
        assert!(rendered("{{ at|when('%Q') }}", "en").is_err());
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(
            paragraphs("a <b>\n'c'\n\n\n\"d\" & e"),
            "<p>a &lt;b&gt;<br>\n&#39;c&#39;</p>\n<p>&quot;d&quot; &amp; e</p>"
        );
        assert_eq!(quoted("a\n\nb"), "> a\n> \n> b");
    }
}
