//! What files are: by their names, by what clients declare, and by what is in them. All three have to agree.

use serde::{Deserialize, Serialize};

/// A kind of file that a desk can take: images, documents and logs (S4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// HEIC, as phones take photos.
    Heic,
    /// PDF.
    Pdf,
    /// Plain text and logs.
    Text,
    /// Tables as text.
    Csv,
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
    /// `PowerPoint`.
    Pptx,
    /// Text of `OpenDocument`.
    Odt,
    /// Tables of `OpenDocument`.
    Ods,
}

impl FileKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::Webp,
        Self::Heic,
        Self::Pdf,
        Self::Text,
        Self::Csv,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
        Self::Odt,
        Self::Ods,
    ];

    /// Its media type (IANA).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
        }
    }

    /// What names of such files end with, behind the dot, in lower case.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Heic => &["heic"],
            Self::Pdf => &["pdf"],
            Self::Text => &["txt", "log"],
            Self::Csv => &["csv"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Odt => &["odt"],
            Self::Ods => &["ods"],
        }
    }

    /// Whether it is a picture, such as a review can have.
    pub fn is_image(self) -> bool {
        self.media_type().starts_with("image/")
    }

    /// What a file of this name has to be.
    pub fn of_name(name: &str) -> Option<Self> {
        let extension = name.rsplit_once('.')?.1.to_lowercase();
        Self::ALL.iter().copied().find(|kind| kind.extensions().contains(&extension.as_str()))
    }

    /// Whether a client may declare such a file as that. Browsers that do not know a type say what stands for any.
    pub(super) fn may_be_called(self, declared: &str) -> bool {
        let declared = declared.split(';').next().unwrap_or_default().trim().to_lowercase();
        let also: &[&str] = match self {
            Self::Jpeg => &["image/jpg", "image/pjpeg"],
            Self::Csv => &["text/plain", "application/csv", "application/vnd.ms-excel"],
            Self::Text => &["text/x-log", "text/markdown"],
            Self::Heic => &["image/heif"],
            _ => &[],
        };
        declared.is_empty()
            || declared == "application/octet-stream"
            || declared == self.media_type()
            || also.contains(&declared.as_str())
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Csv)
    }
}

/// Looks at a file while it passes by, chunk by chunk.
#[derive(Debug, Clone)]
pub struct Inspection {
    kind: FileKind,
    head: Vec<u8>,
    /// Bytes of a character that the last chunk has begun.
    begun: Vec<u8>,
    broken: bool,
}

/// Bytes from the beginning of a file that tell what it is.
const HEAD: usize = 512;

impl Inspection {
    /// Of a file that has to be of this kind.
    pub fn of(kind: FileKind) -> Self {
        Self { kind, head: Vec::new(), begun: Vec::new(), broken: false }
    }

    /// The next bytes.
    pub fn see(&mut self, chunk: &[u8]) {
        let room = HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..room]);
        if self.kind.is_text() && !self.broken {
            self.read(chunk);
        }
    }

    /// Text is UTF-8 without control characters, but for those of terminals and page breaks in logs.
    fn read(&mut self, chunk: &[u8]) {
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend_from_slice(chunk);
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            // A character that goes on in the next chunk.
            Err(error) if error.error_len().is_none() => {
                let (whole, begun) = bytes.split_at(error.valid_up_to());
                self.begun = begun.to_vec();
                std::str::from_utf8(whole).unwrap_or_default()
            }
            Err(_) => return self.broken = true,
        };
        self.broken =
            text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' | '\u{85}'));
    }

    /// Whether what was seen is what it has to be; asked at the end, or as soon as the first bytes are there.
    pub fn is_what_it_says(&self) -> bool {
        let head = self.head.as_slice();
        match self.kind {
            FileKind::Jpeg => head.starts_with(b"\xff\xd8\xff"),
            FileKind::Png => head.starts_with(b"\x89PNG\r\n\x1a\n"),
            FileKind::Gif => head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a"),
            FileKind::Webp => head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"),
            FileKind::Heic => {
                let brand = head.get(8..12).unwrap_or_default();
                head.get(4..8) == Some(b"ftyp")
                    && [b"heic", b"heix", b"mif1", b"msf1", b"hevc"].contains(&brand.try_into().unwrap_or(b"    "))
            }
            FileKind::Pdf => head.starts_with(b"%PDF-"),
            FileKind::Docx | FileKind::Xlsx | FileKind::Pptx => {
                let first = zip_entry(head).unwrap_or_default();
                let own: &[u8] = match self.kind {
                    FileKind::Docx => b"word/",
                    FileKind::Xlsx => b"xl/",
                    _ => b"ppt/",
                };
                first == b"[Content_Types].xml"
                    || first == b"_rels/.rels"
                    || first.starts_with(b"docProps/")
                    || first.starts_with(own)
            }
            FileKind::Odt | FileKind::Ods => {
                // OpenDocument 1.3, part 2, section 3.3: the first entry says what the package is, uncompressed.
                let said = head.get(38..).unwrap_or_default();
                zip_entry(head) == Some(b"mimetype") && said.starts_with(self.kind.media_type().as_bytes())
            }
            FileKind::Text | FileKind::Csv => !self.broken && !is_markup_or_program(head),
        }
    }

    /// As [`is_what_it_says`](Self::is_what_it_says), once nothing more comes.
    pub fn is_whole(&self) -> bool {
        !self.head.is_empty() && self.begun.is_empty() && self.is_what_it_says()
    }

    /// Whether enough was seen to tell.
    pub fn can_tell(&self) -> bool {
        self.head.len() >= HEAD
    }
}

/// The name of the first entry of a ZIP archive.
fn zip_entry(head: &[u8]) -> Option<&[u8]> {
    let length = u16::from_le_bytes([*head.get(26)?, *head.get(27)?]);
    head.starts_with(b"PK\x03\x04").then(|| head.get(30..30 + usize::from(length))).flatten()
}

/// Text that some program would run or show as a page if it were given the chance.
fn is_markup_or_program(head: &[u8]) -> bool {
    let text: Vec<u8> =
        head.iter().copied().skip_while(u8::is_ascii_whitespace).map(|b| b.to_ascii_lowercase()).collect();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    [&b"<!doctype"[..], b"<html", b"<svg", b"<?xml", b"<?php", b"<script", b"#!"]
        .iter()
        .any(|mark| text.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(kind: FileKind, chunks: &[&[u8]]) -> bool {
        let mut inspection = Inspection::of(kind);
        for chunk in chunks {
            inspection.see(chunk);
        }
        inspection.is_whole()
    }

    #[test]
    fn a_file_is_what_is_in_it() {
        let mut docx = b"PK\x03\x04".to_vec();
        docx.resize(26, 0);
        docx.extend_from_slice(&[19, 0, 0, 0]);
        docx.extend_from_slice(b"[Content_Types].xml");
        let mut odt = b"PK\x03\x04".to_vec();
        odt.resize(26, 0);
        odt.extend_from_slice(&[8, 0, 0, 0]);
        odt.extend_from_slice(b"mimetypeapplication/vnd.oasis.opendocument.text");
        let cases: [(FileKind, &[u8]); 9] = [
            (FileKind::Jpeg, b"\xff\xd8\xff\xe0..JFIF"),
            (FileKind::Png, b"\x89PNG\r\n\x1a\n.."),
            (FileKind::Gif, b"GIF89a.."),
            (FileKind::Webp, b"RIFF....WEBP"),
            (FileKind::Heic, b"....ftypheic"),
            (FileKind::Pdf, b"%PDF-1.7"),
            (FileKind::Text, "2026-11-21 ünï \x1b[31mERROR\x1b[0m\r\n".as_bytes()),
            (FileKind::Docx, &docx),
            (FileKind::Odt, &odt),
        ];
        for (kind, bytes) in cases {
            assert!(whole(kind, &[bytes]), "{kind:?}");
            assert!(whole(kind, &bytes.chunks(1).collect::<Vec<_>>()), "{kind:?} byte by byte");
            let others = FileKind::ALL.iter().filter(|other| **other != kind && !other.is_text());
            for other in others.filter(|other| !matches!(other, FileKind::Xlsx | FileKind::Pptx)) {
                assert!(!whole(*other, &[bytes]), "{kind:?} as {other:?}");
            }
        }
    }

    #[test]
    fn programs_and_pages_are_no_text() {
        for bytes in [
            &b"MZ\x90\0\x03"[..],
            b"\x7fELF\x02\x01",
            b"#!/bin/sh\nrm -rf /",
            b"  <svg onload=alert(1)>",
            b"<!DOCTYPE html><script>",
            b"<?php echo 1;",
            b"PK\x03\x04 archive",
            b"text with \0 in it",
            b"\xff\xfe latin",
            b"",
        ] {
            assert!(!whole(FileKind::Text, &[bytes]), "{bytes:?}");
        }
        assert!(!whole(FileKind::Text, &["ä".as_bytes().split_at(1).0]), "half a character");
        for kind in [FileKind::Jpeg, FileKind::Pdf, FileKind::Docx] {
            assert!(!whole(kind, &[b"MZ\x90\0\x03"]));
        }
    }

    #[test]
    fn names_and_declarations_say_the_same() {
        for kind in FileKind::ALL {
            for extension in kind.extensions() {
                assert_eq!(FileKind::of_name(&format!("a.b.{}", extension.to_uppercase())), Some(*kind));
            }
            assert!(kind.may_be_called(kind.media_type()));
            assert!(kind.may_be_called("application/octet-stream"));
            assert!(!kind.may_be_called("text/html"));
        }
        for name in ["a", "a.exe", "a.jpg.exe", "a.svg", "a.html", "jpg", "a.zip"] {
            assert_eq!(FileKind::of_name(name), None, "{name}");
        }
    }
}
