//! What a check found.

use std::borrow::Cow;
use std::net::IpAddr;

use anlan_core::alert::{Reading, Sample, UnknownCause, sample::Measured};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::log::LogLine;
use crate::reason::{CertProblem, Fault, Reason};

/// The judgement of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "class", content = "reason", rename_all = "snake_case")]
pub enum Class {
    /// Everything as expected.
    Up,
    /// The target is not as it should be.
    Down(Reason),
    /// The check could not be made; says nothing about the target.
    Unknown(Fault),
}

/// Where the time went, in microseconds. With redirects, the sum over all hops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Phases {
    /// Looking up names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_us: Option<u64>,
    /// Opening TCP connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<u64>,
    /// TLS handshakes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_us: Option<u64>,
    /// From request to first byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_us: Option<u64>,
    /// From first byte to last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_us: Option<u64>,
    /// The whole check.
    pub total_us: u64,
}

/// What the TLS handshake showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// For instance `TLSv1_3`.
    pub version: String,
    /// For instance `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// Whom the certificate is for.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// End of its validity, seconds since the epoch.
    pub not_after: i64,
    /// Whole days left; negative once expired.
    pub days_left: i32,
    /// Every problem found, tolerated or not.
    pub problems: Vec<CertProblem>,
}

/// Round trips of an ICMP check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingFacts {
    /// Packets sent.
    pub sent: u16,
    /// Packets answered.
    pub received: u16,
    /// Fastest, in microseconds; `None` when none was answered (also below).
    pub min_us: Option<u64>,
    /// Mean.
    pub avg_us: Option<u64>,
    /// Slowest.
    pub max_us: Option<u64>,
}

impl PingFacts {
    /// Lost packets in percent.
    #[must_use]
    pub fn loss_percent(&self) -> f64 {
        let lost = f64::from(self.sent.saturating_sub(self.received));
        if self.sent == 0 {
            0.0
        } else {
            lost * 100.0 / f64::from(self.sent)
        }
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// When it began.
    pub started_at: Timestamp,
    /// The judgement.
    #[serde(flatten)]
    pub class: Class,
    /// Where the time went.
    pub phases: Phases,
    /// The address that answered (or was tried last).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// HTTP status of the final response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Where redirects ended, when there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
    /// TLS of the first connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
    /// ICMP round trips.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping: Option<PingFacts>,
    /// DNS answers, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub answers: Vec<String>,
    /// A whole answer came, right or wrong: only then does the total time mean something.
    pub answered: bool,
    /// Bytes received inside the connection.
    pub bytes_in: u64,
    /// Bytes sent inside the connection.
    pub bytes_out: u64,
    /// What the probe did, for failures and on request. Bounded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub log: Vec<LogLine>,
}

impl Outcome {
    /// Whether everything was as expected.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.class == Class::Up
    }

    /// The result of a check that broke inside the prober: for a worker that lost its task.
    #[must_use]
    pub fn internal_error(started_at: Timestamp, detail: &str) -> Self {
        let fault = Fault::Internal {
            detail: crate::reason::short(detail),
        };
        Self {
            started_at,
            class: Class::Unknown(fault),
            phases: Phases::default(),
            address: None,
            status: None,
            final_url: None,
            tls: None,
            ping: None,
            answers: Vec::new(),
            answered: false,
            bytes_in: 0,
            bytes_out: 0,
            log: Vec::new(),
        }
    }

    /// What is kept in history and looked at by rules; times in milliseconds. Nothing when unknown.
    ///
    /// `response_ms` is the time of a whole answer: it is missing when none came, so that an outage
    /// does not look like a very fast or a very slow page.
    #[must_use]
    pub fn metrics(&self) -> Vec<(&'static str, f64)> {
        let up = match self.class {
            Class::Up => 1.0,
            Class::Down(_) => 0.0,
            Class::Unknown(_) => return Vec::new(),
        };
        let mut list = Vec::with_capacity(12);
        list.push(("up", up));
        let p = &self.phases;
        let mut time = |name, us: Option<u64>| list.extend(us.map(|us| (name, millis(us))));
        match &self.ping {
            Some(ping) => {
                time("response_ms", ping.avg_us);
                time("rtt_min_ms", ping.min_us);
                time("rtt_max_ms", ping.max_us);
            }
            None => time("response_ms", self.answered.then_some(p.total_us)),
        }
        time("dns_ms", p.dns_us);
        time("connect_ms", p.connect_us);
        time("tls_ms", p.tls_us);
        time("first_byte_ms", p.first_byte_us);
        time("transfer_ms", p.transfer_us);
        if let Some(ping) = &self.ping {
            list.push(("loss", ping.loss_percent()));
        }
        if let Some(tls) = &self.tls {
            list.push(("cert_days", f64::from(tls.days_left)));
        }
        if self.bytes_in + self.bytes_out > 0 {
            list.push(("bytes_in", count(self.bytes_in)));
            list.push(("bytes_out", count(self.bytes_out)));
        }
        list
    }

    /// The sample for the alert state machine. `at` is the slot the check ran for, under which it is
    /// stored too (see [`anlan_core::schedule`]).
    #[must_use]
    pub fn sample(&self, at: Timestamp) -> Sample {
        let reading = match &self.class {
            Class::Unknown(_) => Reading::Unknown(UnknownCause::ProberFault),
            Class::Up | Class::Down(_) => {
                let down = if let Class::Down(reason) = &self.class {
                    Some(reason.code().to_owned())
                } else {
                    None
                };
                let metrics = self
                    .metrics()
                    .into_iter()
                    .map(|(k, v)| (Cow::Borrowed(k), v))
                    .collect();
                Reading::Measured(Measured { down, metrics })
            }
        };
        Sample { at, reading }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a check is far shorter than 2^53 microseconds"
)]
fn millis(us: u64) -> f64 {
    us as f64 / 1_000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "byte counts are bounded far below 2^53"
)]
fn count(n: u64) -> f64 {
    n as f64
}
