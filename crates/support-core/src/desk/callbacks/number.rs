//! Phone numbers, as the tables of libphonenumber know them.

use crate::domain::fault::Fault;
use phonenumber::Mode;

/// The number in E.164.
///
/// # Errors
/// A fault of `field` for what is no number that can be called.
pub(super) fn check(field: &str, text: &str, region: Option<&str>) -> Result<String, Fault> {
    let wrong = || Fault::new(field, "must be a phone number with its country, such as +44 20 7946 0018");
    // Nobody types a longer one, and parsing costs time.
    if text.len() > 40 {
        return Err(wrong());
    }
    let region = region.and_then(|code| code.parse().ok());
    let number = phonenumber::parse(region, text).map_err(|_| wrong())?;
    if !number.is_valid() {
        return Err(wrong());
    }
    Ok(number.format().mode(Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn numbers_are_written_in_one_way() {
        for (text, region, expected) in [
            ("+44 20 7946 0018", None, "+442079460018"),
            ("+49 (0)30 901820", None, "+4930901820"),
            ("030 901820", Some("DE"), "+4930901820"),
            ("+1-202-555-0143", None, "+12025550143"),
        ] {
            assert_eq!(check("phone", text, region).unwrap(), expected);
        }
    }

    #[test]
    fn what_cannot_be_called_is_refused() {
        for text in ["", "030 901820", "+1", "+999 123456", "call me", "+44 20 7946 0018 999 999", "+49\u{0}30901820"] {
            let fault = check("phone", text, None).unwrap_err();
            assert_eq!(fault.field, "phone", "{text}");
        }
        assert!(check("phone", &"1".repeat(100_000), None).is_err());
    }
}
