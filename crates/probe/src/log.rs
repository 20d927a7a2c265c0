//! The probe's own log: what it did, step by step, kept for failures.
//!
//! Steps are values, not sentences, so that a page can show them in either language. Nothing secret
//! is noted: no request headers, no bodies sent. What a peer said is shortened and made harmless.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::reason::{CertProblem, short};

/// Most lines kept of one check.
pub const MOST_LINES: usize = 64;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Microseconds since the start of the check.
    pub at_us: u64,
    /// What was done or seen.
    #[serde(flatten)]
    pub note: Note,
}

/// What was done or seen. The i18n key is `probe.log.` and the serialised `step`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Note {
    /// A name was looked up.
    Resolved {
        /// The name.
        name: Arc<str>,
        /// Its addresses (at most eight are noted).
        addresses: Vec<IpAddr>,
    },
    /// A connection was opened.
    Connected {
        /// Where.
        address: SocketAddr,
    },
    /// An address was tried in vain; the next one follows.
    ConnectFailed {
        /// Where.
        address: SocketAddr,
        /// The operating system's word for it.
        error: String,
    },
    /// TLS was agreed on.
    TlsAgreed {
        /// Protocol version.
        version: String,
        /// Cipher suite.
        cipher: String,
    },
    /// The server's certificate.
    Certificate {
        /// Whom it is for.
        subject: String,
        /// Who issued it.
        issuer: String,
        /// Whole days left.
        days_left: i32,
    },
    /// Something is wrong with it.
    CertificateProblem {
        /// What.
        problem: CertProblem,
        /// Whether the monitor tolerates it.
        tolerated: bool,
    },
    /// A request was sent.
    Requested {
        /// Method.
        method: String,
        /// Address.
        url: Arc<str>,
    },
    /// A response head came.
    Responded {
        /// Status.
        status: u16,
        /// For instance `HTTP/1.1`.
        version: String,
    },
    /// A header field of the last response.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A redirect is followed.
    Redirected {
        /// Where to.
        to: String,
    },
    /// The body.
    Body {
        /// Bytes, as far as read.
        bytes: u64,
        /// Whether reading stopped at the limit.
        truncated: bool,
        /// Character set it was read in, when looked at.
        #[serde(skip_serializing_if = "Option::is_none")]
        charset: Option<String>,
    },
    /// The beginning of what the peer said.
    Excerpt {
        /// As text.
        text: String,
    },
    /// An echo reply.
    Reply {
        /// Number of the packet, from 1.
        packet: u16,
        /// Round trip in microseconds.
        rtt_us: u64,
    },
    /// An echo request without a reply.
    Lost {
        /// Number of the packet, from 1.
        packet: u16,
    },
    /// A DNS question was answered.
    Answered {
        /// Record type.
        record: String,
        /// Answers.
        values: Vec<String>,
    },
    /// More happened than is noted here.
    More {
        /// Lines left out.
        lines: u32,
    },
}

/// Lines of one check, bounded.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: Vec<LogLine>,
    left_out: u32,
}

impl Log {
    pub fn push(&mut self, at_us: u64, note: Note) {
        if self.lines.len() < MOST_LINES - 1 {
            self.lines.push(LogLine { at_us, note });
        } else {
            self.left_out += 1;
        }
    }

    pub fn finish(mut self, at_us: u64) -> Vec<LogLine> {
        if self.left_out > 0 {
            self.lines.push(LogLine {
                at_us,
                note: Note::More {
                    lines: self.left_out,
                },
            });
        }
        self.lines
    }
}

/// The beginning of a peer's words as one harmless line.
pub(crate) fn excerpt(text: &str) -> Note {
    Note::Excerpt {
        text: short(text.trim()),
    }
}
