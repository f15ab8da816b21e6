//! The place between two rows, as an opaque word.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use support_core::domain::{fault::Fault, ticket::Cursor};
use uuid::Uuid;

/// Milliseconds of the sort key and the id of the row: 24 bytes, 32 letters.
pub(super) fn write(cursor: Cursor) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&cursor.at.timestamp_millis().to_be_bytes());
    bytes[8..].copy_from_slice(cursor.id.uuid().as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place that [`write`] wrote.
pub(super) fn read(field: &str, text: &str) -> Result<Cursor, Fault> {
    decode(text).ok_or_else(|| Fault::new(field, "is no `nextCursor` of this list"))
}

fn decode(text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (millis, id) = bytes.split_first_chunk::<8>()?;
    let id = Uuid::from_slice(id).ok()?;
    let at = DateTime::from_timestamp_millis(i64::from_be_bytes(*millis))?;
    Some(Cursor { at, id: id.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let cursor =
            Cursor { at: DateTime::from_timestamp_millis(1_760_000_000_123).unwrap(), id: Uuid::from_u128(7).into() };
        assert_eq!(read("cursor", &write(cursor)), Ok(cursor));
        for garbage in ["", "x", "AAAA", "!!!!", &"A".repeat(33), &"f".repeat(32)] {
            assert!(read("cursor", garbage).is_err(), "{garbage}");
        }
    }
}
