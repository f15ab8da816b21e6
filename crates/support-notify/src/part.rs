use std::fmt;

/// A part of what is said about a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The subject of the mail. File `<topic>.subject`.
    Subject,
    /// What has happened, in a sentence or two: what the text and the HTML of the mail are built around. File
    /// `<topic>.intro`.
    Intro,
    /// The words on the link, and on the button. File `<topic>.action`.
    Action,
    /// The whole mail as text. File `<topic>.txt`.
    Text,
    /// The whole mail as HTML. File `<topic>.html`.
    Html,
    /// A text message. File `<topic>.sms`.
    Short,
    /// The title of a notice, and the line in a digest. File `<topic>.title`.
    Title,
    /// The words below the title of a notice. File `<topic>.body`.
    Body,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Subject, Self::Intro, Self::Action, Self::Text, Self::Html, Self::Short, Self::Title, Self::Body];

    /// How the names of its files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Intro => "intro",
            Self::Action => "action",
            Self::Text => "txt",
            Self::Html => "html",
            Self::Short => "sms",
            Self::Title => "title",
            Self::Body => "body",
        }
    }

    /// Whether it is put around the words of a topic, the same for all of them.
    pub(crate) fn is_framed(self) -> bool {
        matches!(self, Self::Text | Self::Html | Self::Short | Self::Body)
    }

    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.extension() == extension)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}
