//! Checks of hosts by ICMP echo.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::time::Instant;

use crate::config::{self, Faults, IcmpConfig, IpFamily, name_servers};
use crate::log::Note;
use crate::net::{Host, locate, own_fault, word};
use crate::outcome::PingFacts;
use crate::prober::Shared;
use crate::reason::{Failure, Fault, Reason};
use crate::trace::{Trace, micros};

/// Longest wait for one reply.
const PATIENCE: Duration = Duration::from_secs(3);
/// Replies are waited for until this long before the deadline, so that what did come is reported.
const MARGIN: Duration = Duration::from_millis(20);

/// An ICMP check, ready to run.
#[derive(Debug, Clone)]
pub struct Plan {
    host: Host,
    packets: u16,
    gap: Duration,
    payload: Vec<u8>,
    max_loss_percent: u8,
    family: IpFamily,
    servers: Vec<SocketAddr>,
}

/// One socket per address family, opened when first needed and shared by all checks.
#[derive(Default)]
pub(crate) struct Pingers {
    v4: Mutex<Option<Client>>,
    v6: Mutex<Option<Client>>,
    next: AtomicU16,
}

impl Pingers {
    /// A raw socket if permitted, else an unprivileged one.
    fn client(&self, address: IpAddr) -> Result<Client, Fault> {
        let (slot, kind) = if address.is_ipv4() {
            (&self.v4, ICMP::V4)
        } else {
            (&self.v6, ICMP::V6)
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = slot.as_ref() {
            return Ok(client.clone());
        }
        let client =
            Client::new(&Config::builder().kind(kind).build()).map_err(|error| {
                match error.kind() {
                    io::ErrorKind::PermissionDenied => Fault::IcmpNotPermitted,
                    _ => own_fault(&error).unwrap_or_else(|| Fault::NotPermitted {
                        error: word(&error),
                    }),
                }
            })?;
        Ok(slot.insert(client).clone())
    }

    /// A number no other packet in flight has: unprivileged sockets know replies by nothing else.
    fn sequence(&self) -> PingSequence {
        PingSequence(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

enum Fate {
    Replied(u64),
    Lost,
    Unreachable(IpAddr),
    Failed(Failure),
}

impl Plan {
    pub(crate) fn prepare(config: &IcmpConfig, faults: &mut Faults) -> Option<Self> {
        let host = faults.take("host", config::host(&config.host));
        faults.need(
            (1..=20).contains(&config.packets),
            "packets",
            "out_of_range",
        );
        faults.need(
            (10..=5_000).contains(&config.gap_ms),
            "gap_ms",
            "out_of_range",
        );
        faults.need(
            config.payload_bytes <= 1_400,
            "payload_bytes",
            "out_of_range",
        );
        faults.need(
            config.max_loss_percent <= 99,
            "max_loss_percent",
            "out_of_range",
        );
        let servers = name_servers(&config.resolver, faults);
        Some(Self {
            host: host?.into(),
            packets: config.packets,
            gap: Duration::from_millis(config.gap_ms.into()),
            payload: (0..config.payload_bytes)
                .map(|n| b'a' + u8::try_from(n % 26).unwrap_or(0))
                .collect(),
            max_loss_percent: config.max_loss_percent,
            family: config.ip,
            servers,
        })
    }

    pub(crate) async fn run(
        &self,
        shared: &Shared,
        deadline: Instant,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let addresses = locate(shared, &self.host, self.family, &self.servers, trace).await?;
        let Some(address) = addresses.first().copied() else {
            return Err(Fault::Internal {
                detail: "no address to ping".into(),
            }
            .into());
        };
        trace.address = Some(address);
        let client = shared.pingers.client(address)?;
        let start = Instant::now();
        let packets = (0..self.packets).map(|n| {
            let send_at = start + self.gap * u32::from(n);
            self.packet(
                &client,
                address,
                shared.pingers.sequence(),
                send_at,
                deadline,
            )
        });
        let fates = join_all(packets).await;
        self.judge(&fates, trace)
    }

    async fn packet(
        &self,
        client: &Client,
        address: IpAddr,
        sequence: PingSequence,
        send_at: Instant,
        deadline: Instant,
    ) -> Fate {
        let last = deadline.checked_sub(MARGIN).unwrap_or(deadline);
        if send_at >= last {
            return Fate::Lost;
        }
        tokio::time::sleep_until(send_at).await;
        let identifier = PingIdentifier(u16::try_from(std::process::id() & 0xffff).unwrap_or(1));
        let mut pinger = client.pinger(address, identifier).await;
        pinger.timeout(last.saturating_duration_since(Instant::now()).min(PATIENCE));
        match pinger.ping(sequence, &self.payload).await {
            Ok((packet, rtt)) => answer(&packet, address, micros(rtt)),
            Err(SurgeError::Timeout { .. }) => Fate::Lost,
            Err(SurgeError::IOError(error)) => Fate::Failed(send_failure(&error, address)),
            Err(other) => Fate::Failed(
                Fault::Internal {
                    detail: other.to_string(),
                }
                .into(),
            ),
        }
    }

    fn judge(&self, fates: &[Fate], trace: &mut Trace) -> Result<(), Failure> {
        let mut times = Vec::with_capacity(fates.len());
        let mut unreachable = None;
        for (n, fate) in (1_u16..).zip(fates) {
            match fate {
                Fate::Replied(rtt_us) => {
                    times.push(*rtt_us);
                    trace.note(Note::Reply {
                        packet: n,
                        rtt_us: *rtt_us,
                    });
                }
                Fate::Lost => trace.note(Note::Lost { packet: n }),
                Fate::Unreachable(by) => {
                    unreachable = Some(*by);
                    trace.note(Note::Lost { packet: n });
                }
                Fate::Failed(failure) => return Err(failure.clone()),
            }
        }
        let received = u16::try_from(times.len()).unwrap_or(u16::MAX);
        let facts = PingFacts {
            sent: self.packets,
            received,
            min_us: times.iter().min().copied(),
            avg_us: times.iter().sum::<u64>().checked_div(u64::from(received)),
            max_us: times.iter().max().copied(),
        };
        trace.ping = Some(facts);
        if received == 0 {
            return Err(match unreachable {
                Some(by) => Reason::IcmpUnreachable { by },
                None => Reason::NoReply { sent: self.packets },
            }
            .into());
        }
        if facts.loss_percent() > f64::from(self.max_loss_percent) {
            return Err(Reason::PacketLoss {
                sent: self.packets,
                received,
            }
            .into());
        }
        Ok(())
    }
}

/// An echo reply, or a router's word that there will be none.
fn answer(packet: &IcmpPacket, address: IpAddr, rtt_us: u64) -> Fate {
    let source = match packet {
        IcmpPacket::V4(packet) => IpAddr::V4(packet.get_source()),
        IcmpPacket::V6(packet) => IpAddr::V6(packet.get_source()),
    };
    let is_reply = match packet {
        IcmpPacket::V4(packet) => packet.get_icmp_type().0 == 0,
        IcmpPacket::V6(packet) => packet.get_icmpv6_type().0 == 129,
    };
    if is_reply && source == address {
        Fate::Replied(rtt_us)
    } else {
        Fate::Unreachable(source)
    }
}

fn send_failure(error: &io::Error, address: IpAddr) -> Failure {
    match (own_fault(error), error.kind()) {
        (Some(fault), _) => fault.into(),
        (None, io::ErrorKind::NetworkUnreachable) => Fault::NoRoute { address }.into(),
        (None, io::ErrorKind::HostUnreachable) => Reason::IcmpUnreachable { by: address }.into(),
        _ => Fault::NotPermitted { error: word(error) }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(fates: &[Fate], max_loss_percent: u8) -> (Result<(), Failure>, PingFacts) {
        let host = Host::Address(IpAddr::from([192, 0, 2, 1]));
        let sent = u16::try_from(fates.len()).unwrap();
        let plan = Plan {
            host,
            packets: sent,
            gap: Duration::ZERO,
            payload: vec![],
            max_loss_percent,
            family: IpFamily::Any,
            servers: vec![],
        };
        let mut trace = Trace::start();
        let verdict = plan.judge(fates, &mut trace);
        (verdict, trace.ping.unwrap())
    }

    #[test]
    fn loss_is_counted_and_judged() {
        let half = [
            Fate::Replied(100),
            Fate::Lost,
            Fate::Replied(300),
            Fate::Lost,
        ];
        let (verdict, facts) = judge(&half, 50);
        assert_eq!(verdict, Ok(()));
        assert_eq!(
            (facts.min_us, facts.avg_us, facts.max_us),
            (Some(100), Some(200), Some(300))
        );
        assert!((facts.loss_percent() - 50.0).abs() < f64::EPSILON);
        let (verdict, _) = judge(&half, 49);
        assert_eq!(
            verdict,
            Err(Reason::PacketLoss {
                sent: 4,
                received: 2
            }
            .into())
        );
        let (verdict, facts) = judge(&[Fate::Lost, Fate::Lost], 99);
        assert_eq!(verdict, Err(Reason::NoReply { sent: 2 }.into()));
        assert_eq!(facts.avg_us, None);
        let router = IpAddr::from([192, 0, 2, 254]);
        let (verdict, _) = judge(&[Fate::Lost, Fate::Unreachable(router)], 99);
        assert_eq!(verdict, Err(Reason::IcmpUnreachable { by: router }.into()));
    }
}
