//! Collecting what is wrong with a definition file, so that its author sees everything at once.

use crate::definition::{Problem, Problems};

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Problem>);

impl Findings {
    pub(crate) fn add(&mut self, line: u64, path: impl Into<String>, reason: impl Into<String>) {
        self.0.push(Problem {
            line,
            path: path.into(),
            reason: reason.into(),
        });
    }

    /// The value, or the problem noted.
    pub(crate) fn take<T>(
        &mut self,
        line: u64,
        path: impl Into<String>,
        result: Result<T, String>,
    ) -> Option<T> {
        result.map_err(|reason| self.add(line, path, reason)).ok()
    }

    pub(crate) fn done<T>(self, value: T) -> Result<T, Problems> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Problems(self.0))
        }
    }
}
