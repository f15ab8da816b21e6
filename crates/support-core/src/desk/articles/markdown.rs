//! What Markdown says, without how it looks.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The plain text of some Markdown, a line for each block: for excerpts and to be found by. HTML in it is left out, and so
/// are addresses of links and images; what they are called stays.
pub(crate) fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut hidden = 0_u32;
    for event in Parser::new_ext(markdown, OPTIONS) {
        match event {
            Event::Start(Tag::HtmlBlock | Tag::MetadataBlock(_)) => hidden += 1,
            Event::End(TagEnd::HtmlBlock | TagEnd::MetadataBlock(_)) => hidden = hidden.saturating_sub(1),
            Event::Text(part) | Event::Code(part) if hidden == 0 => text.push_str(&part),
            Event::SoftBreak | Event::End(TagEnd::TableCell) => text.push(' '),
            Event::HardBreak | Event::End(_) if !text.is_empty() && !text.ends_with('\n') && ends_block(&event) => {
                text.push('\n');
            }
            _ => {}
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// What is understood beyond `CommonMark`: what people know from elsewhere.
pub(crate) const OPTIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

fn ends_block(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::HardBreak
            | Event::End(
                TagEnd::Paragraph
                    | TagEnd::Heading(_)
                    | TagEnd::CodeBlock
                    | TagEnd::Item
                    | TagEnd::TableHead
                    | TagEnd::TableRow
            )
    )
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_is_said_is_left() {
        let markdown = "# Returns\n\nSend it *back* within [30 days](https://example.org/x).\nOr not.\n\n- one\n- `two`\n\n\
                        | a | b |\n|---|---|\n| c | d |\n\n<script>alert(1)</script>\n\n![A box](box.png)";
        let text = plain(markdown);
        assert_eq!(text, "Returns\nSend it back within 30 days. Or not.\none\ntwo\na b \nc d \nA box");
    }

    #[test]
    fn deep_and_long_text_is_no_trouble() {
        assert_eq!(plain(&"> ".repeat(20_000)), "");
        assert_eq!(plain(&"[".repeat(50_000)).len(), 50_000);
        assert_eq!(plain(&"*a ".repeat(20_000)).len(), 59_999);
    }
}
