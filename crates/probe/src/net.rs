//! Opening TCP connections, and whose fault it is when that fails.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::config::IpFamily;
use crate::log::Note;
use crate::prober::Shared;
use crate::reason::{Failure, Fault, Phase, Reason, short};
use crate::trace::Trace;

/// A host to reach: a name to look up, or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Name(Arc<str>),
    Address(IpAddr),
}

impl From<url::Host<String>> for Host {
    fn from(host: url::Host<String>) -> Self {
        match host {
            url::Host::Domain(name) => Self::Name(name.into()),
            url::Host::Ipv4(ip) => Self::Address(ip.into()),
            url::Host::Ipv6(ip) => Self::Address(ip.into()),
        }
    }
}

/// Most addresses of one name that are tried, and noted.
const MOST_ADDRESSES: usize = 8;

/// Finds the addresses of a host. Spends the DNS phase only on names.
pub(crate) async fn locate(
    shared: &Shared,
    host: &Host,
    family: IpFamily,
    servers: &[SocketAddr],
    trace: &mut Trace,
) -> Result<Vec<IpAddr>, Failure> {
    match host {
        Host::Address(ip) => Ok(vec![*ip]),
        Host::Name(name) => {
            trace.enter(Phase::Dns);
            trace.own_resolver = servers.is_empty();
            let mut addresses = shared.resolvers.addresses(name, family, servers).await?;
            trace.leave();
            addresses.truncate(MOST_ADDRESSES);
            trace.note(Note::Resolved {
                name: Arc::clone(name),
                addresses: addresses.clone(),
            });
            Ok(addresses)
        }
    }
}

/// Opens a connection to the first address that accepts. Each address but the last gets an equal share
/// of the time that is left, so that one dead address does not hide the next.
pub(crate) async fn connect(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
    trace: &mut Trace,
) -> Result<TcpStream, Failure> {
    trace.enter(Phase::Connect);
    let mut failure = None;
    for (i, ip) in addresses.iter().enumerate() {
        let address = SocketAddr::new(*ip, port);
        trace.address = Some(*ip);
        let left = addresses.len() - i;
        let attempt = TcpStream::connect(address);
        let result = if left > 1 {
            let share = deadline.saturating_duration_since(Instant::now())
                / u32::try_from(left).unwrap_or(1);
            let slow = || io::Error::from(io::ErrorKind::TimedOut);
            tokio::time::timeout(share.max(Duration::from_millis(100)), attempt)
                .await
                .unwrap_or_else(|_| Err(slow()))
        } else {
            attempt.await
        };
        match result {
            Ok(stream) => {
                trace.note(Note::Connected { address });
                return Ok(stream);
            }
            Err(error) => {
                trace.note(Note::ConnectFailed {
                    address,
                    error: word(&error),
                });
                failure = Some(connect_failure(&error, address));
            }
        }
    }
    Err(failure.unwrap_or_else(|| {
        Fault::Internal {
            detail: "no address to connect to".into(),
        }
        .into()
    }))
}

/// The operating system's short word for an error.
pub(crate) fn word(error: &io::Error) -> String {
    short(&error.to_string())
}

/// Errors that are this machine's own; they never speak against the target.
pub(crate) fn own_fault(error: &io::Error) -> Option<Fault> {
    use io::ErrorKind::{AddrInUse, AddrNotAvailable, NetworkDown, OutOfMemory, PermissionDenied};
    // EMFILE, ENFILE and ENOBUFS have no kind of their own.
    let exhausted = matches!(error.raw_os_error(), Some(23 | 24 | 105));
    match error.kind() {
        _ if exhausted => Some(Fault::OutOfResources { error: word(error) }),
        AddrInUse | AddrNotAvailable | OutOfMemory => {
            Some(Fault::OutOfResources { error: word(error) })
        }
        PermissionDenied => Some(Fault::NotPermitted { error: word(error) }),
        NetworkDown => Some(Fault::NotPermitted { error: word(error) }),
        _ => None,
    }
}

fn connect_failure(error: &io::Error, address: SocketAddr) -> Failure {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut};
    if let Some(fault) = own_fault(error) {
        return fault.into();
    }
    match error.kind() {
        ConnectionRefused => Reason::ConnectRefused { address }.into(),
        HostUnreachable => Reason::HostUnreachable { address }.into(),
        NetworkUnreachable => Fault::NoRoute {
            address: address.ip(),
        }
        .into(),
        TimedOut => Reason::ConnectFailed {
            address,
            error: "timed out".into(),
        }
        .into(),
        _ => Reason::ConnectFailed {
            address,
            error: word(error),
        }
        .into(),
    }
}

/// What a broken conversation means.
pub(crate) fn broken(error: &io::Error, phase: Phase) -> Failure {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, HostUnreachable, TimedOut, UnexpectedEof,
    };
    if let Some(fault) = own_fault(error) {
        return fault.into();
    }
    match error.kind() {
        UnexpectedEof => Reason::ClosedEarly { phase }.into(),
        ConnectionReset | ConnectionAborted | BrokenPipe | HostUnreachable | TimedOut => {
            Reason::ConnectionReset { phase }.into()
        }
        _ => Reason::BodyBroken {
            detail: word(error),
        }
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_operating_system_are_laid_at_the_right_door() {
        let address: SocketAddr = "192.0.2.1:80".parse().unwrap();
        let table = [
            (111, "connect_refused"),
            (113, "host_unreachable"),
            (110, "connect_failed"),
            (101, "no_route"),
            (99, "out_of_resources"),
            (24, "out_of_resources"),
            (23, "out_of_resources"),
            (105, "out_of_resources"),
            (12, "out_of_resources"),
            (13, "not_permitted"),
            (1, "not_permitted"),
            (100, "not_permitted"),
        ];
        for (errno, expected) in table {
            let code = match connect_failure(&io::Error::from_raw_os_error(errno), address) {
                Failure::Down(reason) => reason.code(),
                Failure::Unknown(fault) => fault.code(),
            };
            assert_eq!(code, expected, "errno {errno}");
        }
    }
}
