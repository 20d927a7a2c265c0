//! Integration tests: the whole application, on `SQLite` and on `PostgreSQL`.
//!
//! A test is a function that calls [`support::both`] with what is to be tested; it gets a
//! [`support::TestApp`] on a fresh database of either kind, with a clock that stands still until
//! the test moves it. [`support::Client`] speaks HTTP to it as somebody. `support::build` makes
//! people, units and projects.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test that cannot go on stops where it stands, and reads best with literals in its calls"
)]

mod access;
mod agreements;
mod attempts;
mod batches;
mod calendars;
mod contacts;
mod definitions;
mod demo;
mod groups;
mod hostile;
mod imports;
mod kinds;
mod monitors;
mod notifications;
mod office_hours;
mod openapi;
mod overdue;
mod people;
mod project_terms;
mod projects;
mod rejudged;
mod replays;
mod report_availability;
mod report_parts;
mod reports;
mod service_levels;
mod session;
mod settings;
mod suppliers;
mod support;
mod systems;
mod tasks;
#[path = "../../../probe/tests/it/testkit/mod.rs"]
mod testkit;
mod tickets;
mod timeline;
mod timers;
mod tokens;
mod unanswered;
mod work;
