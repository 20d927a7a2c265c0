//! Runs checks.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::Instant;

use crate::config::name_server;
use crate::icmp::Pingers;
use crate::outcome::Outcome;
use crate::reason::{Failure, Fault, Phase, Reason};
use crate::resolve::Resolvers;
use crate::tls::Tls;
use crate::trace::{Trace, micros};
use crate::{dns, http, icmp, tcp};

/// Shortest and longest time a check may be given.
const TIMEOUTS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_secs(300));

/// A deadline noticed later than this means that this machine is too busy to judge anybody's silence.
const LATE: Duration = Duration::from_millis(500);

/// A check that is ready to run. Made by [`Config::check`](crate::Config::check); valid by construction.
#[derive(Debug, Clone)]
pub enum Check {
    /// A web address.
    Http(Box<http::Plan>),
    /// A TCP port.
    Tcp(Box<tcp::Plan>),
    /// A host.
    Icmp(Box<icmp::Plan>),
    /// A name server's answer.
    Dns(Box<dns::Plan>),
}

/// Settings that hold for every check of a prober.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Certificate authorities trusted beside the well-known ones, as PEM.
    pub ca_pem: Option<String>,
    /// Name servers to use instead of the operating system's (`address` or `address:port`).
    pub resolver: Vec<String>,
}

/// A prober that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The authorities given are not usable.
    #[error("ca_pem: {0}")]
    Authorities(String),
    /// The name servers given are not usable.
    #[error("resolver: {0}")]
    Resolver(String),
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(String),
}

/// What all checks share. Cheap to clone; one is enough for a process.
#[derive(Clone)]
pub struct Prober {
    inner: Arc<Shared>,
}

pub(crate) struct Shared {
    pub resolvers: Resolvers,
    pub tls: Tls,
    pub pingers: Pingers,
}

impl Prober {
    /// Sets up TLS and name resolution. Nothing global is installed; call it inside a Tokio runtime.
    pub fn new(options: &Options) -> Result<Self, SetupError> {
        let extra = options.ca_pem.as_deref().unwrap_or_default();
        let extra: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(extra.as_bytes()).collect();
        let extra = extra.map_err(|e| SetupError::Authorities(e.to_string()))?;
        let tls = Tls::new(&extra).map_err(SetupError::Tls)?;
        let servers = options.resolver.iter().map(|text| {
            name_server(text).ok_or_else(|| SetupError::Resolver(format!("not an address: {text}")))
        });
        let resolvers = Resolvers::new(&servers.collect::<Result<Vec<_>, _>>()?);
        let shared = Shared {
            resolvers,
            tls,
            pingers: Pingers::default(),
        };
        Ok(Self {
            inner: Arc::new(shared),
        })
    }

    /// Runs one check; comes back within `timeout` (1 ms to 300 s, plus a few milliseconds) whatever the
    /// peer does. A panic inside a probe is an internal fault, never "down".
    pub async fn run(&self, check: &Check, timeout: Duration) -> Outcome {
        self.run_with(check, timeout, false).await
    }

    /// Like [`Self::run`], and keeps the log even when all is well (somebody is trying out a monitor).
    pub async fn run_verbose(&self, check: &Check, timeout: Duration) -> Outcome {
        self.run_with(check, timeout, true).await
    }

    async fn run_with(&self, check: &Check, timeout: Duration, verbose: bool) -> Outcome {
        let timeout = timeout.clamp(TIMEOUTS.0, TIMEOUTS.1);
        let deadline = Instant::now() + timeout;
        let mut trace = Trace::start();
        let verdict = tokio::time::timeout_at(
            deadline,
            contained(self.dispatch(check, deadline, &mut trace)),
        )
        .await;
        let verdict =
            verdict.unwrap_or_else(|_| Err(self.out_of_time(timeout, deadline, &mut trace)));
        trace.finish(verdict, verbose)
    }

    /// Whose fault it is that the time is up: the target's, unless it was this machine that kept silent.
    fn out_of_time(&self, timeout: Duration, deadline: Instant, trace: &mut Trace) -> Failure {
        let late = deadline.elapsed();
        let phase = trace.cut_off();
        if late > LATE {
            return Fault::Overloaded {
                late_ms: micros(late) / 1_000,
            }
            .into();
        }
        if phase == Phase::Dns && trace.own_resolver && !self.inner.resolvers.system_lives() {
            return Fault::ResolverSilent.into();
        }
        Reason::Timeout {
            phase,
            limit_ms: micros(timeout) / 1_000,
        }
        .into()
    }

    async fn dispatch(
        &self,
        check: &Check,
        deadline: Instant,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        match check {
            Check::Http(plan) => plan.run(&self.inner, deadline, trace).await,
            Check::Tcp(plan) => plan.run(&self.inner, deadline, trace).await,
            Check::Icmp(plan) => plan.run(&self.inner, deadline, trace).await,
            Check::Dns(plan) => plan.run(&self.inner, trace).await,
        }
    }
}

/// A panic inside a probe is a bug of ours: it ends this check and nothing else.
async fn contained(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut work = pin!(work);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(Err(Fault::Internal {
                detail: "panic".into(),
            }
            .into())),
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bug_in_a_probe_is_an_internal_fault_and_never_down() {
        let verdict = contained(async { panic!("a bug") }).await;
        assert_eq!(
            verdict,
            Err(Failure::Unknown(Fault::Internal {
                detail: "panic".into()
            }))
        );
        assert_eq!(contained(async { Ok(()) }).await, Ok(()));
    }
}
