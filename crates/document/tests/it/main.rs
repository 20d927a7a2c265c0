//! What comes out of the renderers, read back by other programs: an XML parser, poppler, LibreOffice.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop where they stand; clippy.toml only covers the test functions"
)]

mod docx;
mod forms;
mod hostile;
mod office;
mod pdf;
mod samples;
mod tools;
