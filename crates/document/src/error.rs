//! What can be wrong with a document.

/// Why a document cannot be rendered. Every message names the place and the reason.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DocumentError {
    /// Something is longer than a document may be.
    #[error("{place}: {actual} {unit}, at most {limit} allowed")]
    TooLarge {
        /// Where, e.g. `blocks[3].rows[2][1]`.
        place: String,
        /// How much there is.
        actual: usize,
        /// How much there may be.
        limit: usize,
        /// What is counted: characters, rows, columns …
        unit: &'static str,
    },
    /// Something contradicts itself, e.g. a row with more cells than the table has columns.
    #[error("{place}: {reason}")]
    Invalid {
        /// Where, e.g. `blocks[3].rows[2]`.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// A form layout that cannot be used.
    #[error("form layout, {place}: {reason}")]
    Layout {
        /// The line, or section and row, of the layout.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// A renderer failed on a document that passed every check: a fault of this program.
    #[error("rendering as {format} failed: {reason}")]
    Renderer {
        /// `docx`, `pdf`, `xlsx` or `png`.
        format: &'static str,
        /// What the renderer said.
        reason: String,
    },
}

impl DocumentError {
    pub(crate) fn invalid(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid {
            place: place.into(),
            reason: reason.into(),
        }
    }

    pub(crate) fn renderer(format: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Renderer {
            format,
            reason: format!("{reason}"),
        }
    }
}
