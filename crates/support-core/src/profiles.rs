//! Profiles as files: the five that ship, and those of the host, in TOML or JSON.

use crate::domain::{
    fault::Faults,
    profile::{Profile, ProfileBuilder},
};

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The text is no TOML, or not that of a profile; says where.
    #[error("the profile cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// The text is no JSON, or not that of a profile; says where.
    #[error("the profile cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It was read, but does not make sense: every fault.
    #[error("the profile is not valid: {0}")]
    Invalid(#[from] Faults),
}

/// Names of the profiles that ship, each with its text.
const PRESETS: [(&str, &str); 5] = [
    ("vehicle_retail", include_str!("../profiles/vehicle_retail.toml")),
    ("bookings", include_str!("../profiles/bookings.toml")),
    ("import_desk", include_str!("../profiles/import_desk.toml")),
    ("marketplace", include_str!("../profiles/marketplace.toml")),
    ("after_sales", include_str!("../profiles/after_sales.toml")),
];

impl Profile {
    /// A car retailer (document S0).
    pub fn vehicle_retail() -> Self {
        preset("vehicle_retail")
    }

    /// A booking platform for technicians (document S1).
    pub fn bookings() -> Self {
        preset("bookings")
    }

    /// A vehicle importer's desk (document S2).
    pub fn import_desk() -> Self {
        preset("import_desk")
    }

    /// A marketplace with chat and AI (document S3).
    pub fn marketplace() -> Self {
        preset("marketplace")
    }

    /// After-sales service of a shop (document S4).
    pub fn after_sales() -> Self {
        preset("after_sales")
    }

    /// The shipped profile of that name.
    ///
    /// ```
    /// use support_core::domain::profile::Profile;
    /// assert!(Profile::named("bookings").is_some());
    /// assert!(Profile::named("zendesk").is_none());
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        PRESETS.iter().any(|(known, _)| *known == name).then(|| preset(name))
    }

    /// The names of the shipped profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, _)| *name)
    }

    /// Reads and validates a profile written in TOML.
    ///
    /// # Errors
    /// Where the text is not a profile, or every fault of the profile.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text)?;
        profile.validate()?;
        Ok(profile)
    }

    /// Reads and validates a profile written in JSON.
    ///
    /// # Errors
    /// Where the text is not a profile, or every fault of the profile.
    pub fn from_json(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = serde_json::from_str(text)?;
        profile.validate()?;
        Ok(profile)
    }

    /// The profile as TOML.
    #[expect(clippy::missing_panics_doc, reason = "it cannot: see the proof in the message")]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a profile has string keys only, and TOML can write every value in it")
    }

    /// The profile as JSON.
    #[expect(clippy::missing_panics_doc, reason = "it cannot: see the proof in the message")]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a profile has string keys only, so JSON can write it")
    }

    /// A builder that starts from this profile.
    pub fn to_builder(&self) -> ProfileBuilder {
        ProfileBuilder::from(self.clone())
    }
}

fn preset(name: &str) -> Profile {
    let (_, text) = PRESETS.iter().find(|(known, _)| *known == name).expect("callers pass names of the table");
    Profile::from_toml(text).expect("the shipped profiles are read and validated by the tests")
}
