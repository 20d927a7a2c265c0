//! Why a check failed, as values. The words are in [`crate::text`], keyed by [`Reason::code`].

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// The part of a check that time is spent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Looking up the name.
    Dns,
    /// Opening the TCP connection.
    Connect,
    /// TLS handshake.
    Tls,
    /// From the request to the first byte of the answer.
    FirstByte,
    /// From the first byte to the last.
    Transfer,
}

/// What is wrong with a server certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertProblem {
    /// Its validity has ended.
    Expired,
    /// Its validity has not begun.
    NotYetValid,
    /// Signed by itself.
    SelfSigned,
    /// Its chain does not lead to a trusted root (often: the intermediate certificate is not sent).
    UntrustedChain,
    /// It is for another host name.
    WrongHost,
    /// Anything else: not parseable, wrong usage, weak or unknown signature.
    Invalid,
}

/// The target is down, and this is why. Parameters are bounded in length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Not finished within the time allowed for the whole check.
    Timeout {
        /// What it was doing.
        phase: Phase,
        /// The time allowed, in milliseconds.
        limit_ms: u64,
    },
    /// The name does not exist.
    NameNotFound {
        /// The name.
        name: String,
    },
    /// The name exists but has no address of the wanted kind.
    NameWithoutAddress {
        /// The name.
        name: String,
    },
    /// The name server answered with an error.
    NameServerError {
        /// The name.
        name: String,
        /// The DNS response code.
        rcode: String,
    },
    /// The name server the check prescribes does not answer.
    NameServerSilent {
        /// The name.
        name: String,
    },
    /// Nothing listens on the port.
    ConnectRefused {
        /// Where.
        address: SocketAddr,
    },
    /// A router says the host or network cannot be reached.
    HostUnreachable {
        /// Where.
        address: SocketAddr,
    },
    /// The connection could not be opened for another reason.
    ConnectFailed {
        /// Where.
        address: SocketAddr,
        /// The operating system's word for it.
        error: String,
    },
    /// The peer closed the connection in the middle.
    ClosedEarly {
        /// While doing what.
        phase: Phase,
    },
    /// The peer reset the connection.
    ConnectionReset {
        /// While doing what.
        phase: Phase,
    },
    /// The peer does not speak TLS on this port.
    NotTls,
    /// No protocol version or cipher in common (TLS 1.2 and 1.3 are offered).
    TlsIncompatible {
        /// The alert or error.
        detail: String,
    },
    /// The TLS handshake failed otherwise.
    TlsFailed {
        /// The alert or error.
        detail: String,
    },
    /// The certificate is not acceptable.
    Certificate {
        /// The first problem that is not tolerated.
        problem: CertProblem,
        /// Whom it is for.
        subject: String,
    },
    /// What came back is not HTTP.
    NotHttp {
        /// What is wrong with it.
        detail: String,
    },
    /// The response header is larger than 64 KiB or has too many fields.
    HeaderTooLarge,
    /// The status is not one of the expected.
    UnexpectedStatus {
        /// The status.
        status: u16,
    },
    /// A text that must be in the page is not.
    KeywordMissing {
        /// The text.
        keyword: String,
    },
    /// A text that must not be in the page is.
    KeywordPresent {
        /// The text.
        keyword: String,
    },
    /// The page is larger than allowed.
    BodyTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The body breaks off or is wrongly framed.
    BodyBroken {
        /// What is wrong with it.
        detail: String,
    },
    /// More data than any page needs: endless headers, interim responses or framing.
    TooMuchData {
        /// Bytes read until it was cut off.
        bytes: u64,
    },
    /// The body cannot be decompressed.
    BadCompression {
        /// The content encoding.
        encoding: String,
    },
    /// More redirects than allowed.
    TooManyRedirects {
        /// The limit.
        limit: u8,
    },
    /// The redirects go round in a circle.
    RedirectLoop {
        /// Where they meet.
        url: String,
    },
    /// A redirect where none is allowed.
    RedirectForbidden {
        /// Where to.
        to: String,
    },
    /// The redirect leads to something that is not an HTTP address.
    RedirectInvalid {
        /// Where to.
        to: String,
    },
    /// The redirects end at the wrong address.
    WrongLanding {
        /// Where they end.
        url: String,
    },
    /// The server's greeting or answer is not the expected one.
    BannerMismatch {
        /// The beginning of what came.
        got: String,
    },
    /// No echo reply at all.
    NoReply {
        /// Packets sent.
        sent: u16,
    },
    /// More packets lost than allowed.
    PacketLoss {
        /// Packets sent.
        sent: u16,
        /// Packets answered.
        received: u16,
    },
    /// A router answered that the destination cannot be reached.
    IcmpUnreachable {
        /// The router.
        by: IpAddr,
    },
    /// The name server has no such record.
    NoRecord {
        /// The record type.
        record: String,
    },
    /// The answer is not the expected one.
    UnexpectedAnswer {
        /// What came.
        got: String,
    },
}

/// The check could not be made, through no fault of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Fault {
    /// None of this machine's name servers answers anything.
    ResolverSilent,
    /// This machine has no usable name server configuration.
    NoResolver {
        /// What is wrong with it.
        detail: String,
    },
    /// This machine has no route to the address.
    NoRoute {
        /// Where.
        address: IpAddr,
    },
    /// Out of file descriptors, memory or local ports.
    OutOfResources {
        /// The operating system's word for it.
        error: String,
    },
    /// The operating system does not permit it (a local firewall, a sandbox).
    NotPermitted {
        /// The operating system's word for it.
        error: String,
    },
    /// ICMP needs CAP_NET_RAW, or a group in net.ipv4.ping_group_range.
    IcmpNotPermitted,
    /// This machine is so busy that the end of the time allowed was itself noticed late: the silence may
    /// be ours.
    Overloaded {
        /// How late, in milliseconds.
        late_ms: u64,
    },
    /// A bug: the probe itself failed.
    Internal {
        /// What happened.
        detail: String,
    },
}

/// Longest text taken from a peer into a parameter, in characters.
const LONGEST: usize = 200;

/// A peer's words made harmless: bounded, without control characters.
#[must_use]
pub(crate) fn short(text: &str) -> String {
    text.chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

impl Reason {
    /// Stable code: the i18n key under `probe.reason.`, and what a rule's `only` and `except` name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Timeout { .. } => "timeout",
            Self::NameNotFound { .. } => "name_not_found",
            Self::NameWithoutAddress { .. } => "name_without_address",
            Self::NameServerError { .. } => "name_server_error",
            Self::NameServerSilent { .. } => "name_server_silent",
            Self::ConnectRefused { .. } => "connect_refused",
            Self::HostUnreachable { .. } => "host_unreachable",
            Self::ConnectFailed { .. } => "connect_failed",
            Self::ClosedEarly { .. } => "closed_early",
            Self::ConnectionReset { .. } => "connection_reset",
            Self::NotTls => "not_tls",
            Self::TlsIncompatible { .. } => "tls_incompatible",
            Self::TlsFailed { .. } => "tls_failed",
            Self::Certificate { .. } => "certificate",
            Self::NotHttp { .. } => "not_http",
            Self::HeaderTooLarge => "header_too_large",
            Self::UnexpectedStatus { .. } => "unexpected_status",
            Self::KeywordMissing { .. } => "keyword_missing",
            Self::KeywordPresent { .. } => "keyword_present",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyBroken { .. } => "body_broken",
            Self::TooMuchData { .. } => "too_much_data",
            Self::BadCompression { .. } => "bad_compression",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::RedirectLoop { .. } => "redirect_loop",
            Self::RedirectForbidden { .. } => "redirect_forbidden",
            Self::RedirectInvalid { .. } => "redirect_invalid",
            Self::WrongLanding { .. } => "wrong_landing",
            Self::BannerMismatch { .. } => "banner_mismatch",
            Self::NoReply { .. } => "no_reply",
            Self::PacketLoss { .. } => "packet_loss",
            Self::IcmpUnreachable { .. } => "icmp_unreachable",
            Self::NoRecord { .. } => "no_record",
            Self::UnexpectedAnswer { .. } => "unexpected_answer",
        }
    }
}

impl Fault {
    /// Stable code: the i18n key under `probe.fault.`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ResolverSilent => "resolver_silent",
            Self::NoResolver { .. } => "no_resolver",
            Self::NoRoute { .. } => "no_route",
            Self::OutOfResources { .. } => "out_of_resources",
            Self::NotPermitted { .. } => "not_permitted",
            Self::IcmpNotPermitted => "icmp_not_permitted",
            Self::Overloaded { .. } => "overloaded",
            Self::Internal { .. } => "internal",
        }
    }
}

/// How a check can fail: the target's fault or ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    Down(Reason),
    Unknown(Fault),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Down(reason)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Unknown(fault)
    }
}
