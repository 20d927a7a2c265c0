//! The program as a tool: a command that runs to its end.

use super::program;

/// How a command ended and what it wrote.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub error: String,
}

/// Runs the program with these words.
pub fn tool(words: &[&str]) -> Said {
    let output = program().args(words).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said {
        code: output.status.code(),
        out: text(&output.stdout),
        error: text(&output.stderr),
    }
}

impl Said {
    /// What it wrote when all went well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// What it complained of when it failed.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.error
    }
}
