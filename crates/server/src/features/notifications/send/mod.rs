//! The wires: what is said to a mail server, an SMS gateway or a robot, and what its answer means.

mod gateway;
mod mail;
mod robot;
mod template;
mod web;

use std::fmt;

use uuid::Uuid;

use super::config::{Config, Secrets};
use crate::platform::at::At;

pub use template::Sample;

/// A message ready to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Stays the same however often it is sent, so that the other side can tell a repetition.
    pub key: Uuid,
    /// Mail address or phone number; empty for a robot.
    pub address: String,
    /// One line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// Address of the page it is about.
    pub link: String,
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The other side does not answer at all.
    Unreachable(String),
    /// It does not take the message now: worth trying again, not before so many seconds.
    Later(String, i64),
    /// It takes nothing at all from this channel for so many seconds: it was asked too often.
    ShutOut(String, i64),
    /// It will never take this message.
    Never(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(text)
            | Self::Later(text, _)
            | Self::ShutOut(text, _)
            | Self::Never(text) => f.write_str(text),
        }
    }
}

/// A line to the other side, kept open between messages.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one lives for the length of one sending"
)]
pub enum Wire {
    /// To a mail server.
    Mail(mail::Mail),
    /// To a gateway.
    Gateway(gateway::Gateway),
    /// To a robot.
    Robot(robot::Robot),
    /// To nobody until the channel is set right: each attempt fails for this reason, so that
    /// fallback and dead letters work as for a channel that is down.
    Broken(Failure),
}

impl Wire {
    /// Prepares a line; nothing is sent yet.
    ///
    /// # Errors
    /// When a certificate, proxy or address of the configuration cannot be used.
    pub fn new(config: &Config, secrets: &Secrets) -> Result<Self, Failure> {
        match config {
            Config::Smtp(smtp) => mail::Mail::new(smtp, secrets).map(Self::Mail),
            Config::Http(http) => gateway::Gateway::new(http, secrets).map(Self::Gateway),
            Config::Robot(vendor, robot) => {
                robot::Robot::new(*vendor, robot, secrets).map(Self::Robot)
            }
        }
    }

    /// How many of these fit into one message.
    pub fn fit(&self, letters: &[Letter]) -> usize {
        match self {
            Self::Mail(_) | Self::Broken(_) => 1,
            Self::Gateway(gateway) => gateway.fit(letters),
            Self::Robot(robot) => robot.fit(letters),
        }
    }

    /// Sends these as one message and tells what the other side answered.
    ///
    /// # Errors
    /// When it was not taken.
    pub async fn send(&self, letters: &[Letter], now: At) -> Result<String, Failure> {
        match self {
            Self::Mail(mail) => match letters {
                [letter] => mail.send(letter).await,
                _ => Err(Failure::Never("a mail has one recipient".into())),
            },
            Self::Gateway(gateway) => gateway.send(letters).await,
            Self::Robot(robot) => robot.send(letters, now).await,
            Self::Broken(failure) => Err(Failure::Later(failure.to_string(), 0)),
        }
    }
}

/// The beginning of a text, at most so many bytes, cut between characters.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Text on one line.
fn one_line(text: &str) -> String {
    text.split(['\r', '\n', '\u{2028}', '\u{2029}'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
