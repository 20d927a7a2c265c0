//! A date as it is stored and sent.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{PartialSchema, ToSchema, openapi};

use super::at::At;
use super::error::{Error, Result};

/// A date, `2026-11-22` in JSON and in the database, where it sorts as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, DeriveValueType)]
pub struct Day(String);

impl Day {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the type `core` reckons with.
    #[must_use]
    pub fn date(&self) -> Date {
        self.0.parse().unwrap_or_default()
    }

    /// The day before; itself on the first day of time.
    #[must_use]
    pub fn before(&self) -> Self {
        let date = self.date();
        Self::from(date.yesterday().unwrap_or(date))
    }

    /// When it begins and when the next one does.
    ///
    /// # Errors
    /// When it lies at an end of time.
    pub fn span(&self, zone: &TimeZone) -> Result<(At, At)> {
        let begins = |date: Date| -> Result<At> {
            let at = date.to_zoned(zone.clone()).map_err(Error::internal)?;
            Ok(at.timestamp().into())
        };
        let date = self.date();
        let next = date.tomorrow().map_err(Error::internal)?;
        Ok((begins(date)?, begins(next)?))
    }
}

impl std::ops::Deref for Day {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date.to_string())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date = text.parse::<Date>().ok();
        // Other spellings of the same date would not sort as text; calendars cover these years.
        date.filter(|date| date.to_string() == text && (1970..2200).contains(&date.year()))
            .map(|_| Self(text))
            .ok_or_else(|| D::Error::custom("expected a date such as 2026-11-22"))
    }
}

impl PartialSchema for Day {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .format(Some(openapi::SchemaFormat::KnownFormat(
                openapi::KnownFormat::Date,
            )))
            .into()
    }
}

impl ToSchema for Day {
    fn name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_per_date() {
        let day = |text: &str| serde_json::from_value::<Day>(text.into());
        assert_eq!(
            day("2026-03-01").unwrap().before(),
            day("2026-02-28").unwrap()
        );
        for bad in [
            "2026-3-1",
            "20260301",
            "2026-02-30",
            "2026-03-01T00:00",
            "0000-01-01",
            "9999-12-31",
            "",
        ] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }
}
