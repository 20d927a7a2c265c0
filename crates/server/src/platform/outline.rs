//! The outline of a report: which sections it has and what it is measured by.

use serde::Deserialize;

/// One report's outline, from `definitions/reports/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// Kind of report, such as `monthly`.
    pub kind: String,
    /// Code of the form, such as `F-54`.
    pub form: String,
    /// Version, printed at the foot.
    pub version: u32,
    /// Printed on the cover.
    pub title: String,
    /// What the figures are held against.
    pub standards: Standards,
    /// From first to last; a section whose key is not listed is left out.
    pub sections: Vec<Heading>,
}

/// What the figures are held against, as shares of 1.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standards {
    /// Promises kept in time, of each target.
    pub attainment: f64,
    /// Availability of a monitored system.
    pub availability: f64,
}

impl Standards {
    /// The availability in millionths, as targets are compared: 999,900 for 99.99 %.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share lies above 0 and not above 1"
    )]
    pub fn availability_millionths(&self) -> u32 {
        (self.availability * 1_000_000.0).round() as u32
    }
}

/// One section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// What is counted in it: see `features::reports`.
    pub key: String,
    /// Its title, without number.
    pub title: String,
    /// What is written there unless somebody writes something else.
    #[serde(default)]
    pub text: String,
}

impl Outline {
    /// Reads an outline.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let outline: Self = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let share = |value: f64| value > 0.0 && value <= 1.0;
        if !share(outline.standards.attainment) || !share(outline.standards.availability) {
            return Err("standards: a share must lie above 0 and not above 1".into());
        }
        let mut keys: Vec<_> = outline.sections.iter().map(|one| &one.key).collect();
        keys.sort();
        if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("sections: {} stands there twice", twice[0]));
        }
        Ok(outline)
    }
}
