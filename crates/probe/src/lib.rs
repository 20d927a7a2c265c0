//! Looks at the outside world: HTTP, TCP, ICMP, DNS. Knows no database.
//!
//! A [`Config`] is read strictly and made into a [`Check`]; a [`Prober`] runs it inside a deadline and
//! always comes back with an [`Outcome`]: up, down with a [`Reason`], or unknown with a [`Fault`] when
//! the prober itself is at fault. Every check opens a fresh connection, because that is what a visitor
//! does. Memory is bounded whatever a peer sends, and no peer can make a probe panic or hang.

mod config;
mod dns;
mod http;
mod icmp;
mod log;
mod net;
mod outcome;
mod prober;
mod reason;
mod resolve;
mod tcp;
pub mod text;
mod tls;
mod trace;

pub use config::{
    BasicAuth, BodyLimit, Config, DnsConfig, FieldError, HttpConfig, IcmpConfig, IpFamily, Kind,
    MatchMode, RecordKind, Redirect, RedirectMode, Secret, TcpConfig, TlsConfig,
};
pub use log::{LogLine, MOST_LINES, Note};
pub use outcome::{Class, Outcome, Phases, PingFacts, TlsFacts};
pub use prober::{Check, Options, Prober, SetupError};
pub use reason::{CertProblem, Fault, Phase, Reason};
