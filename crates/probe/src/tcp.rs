//! Checks of TCP ports.

use std::net::SocketAddr;

use bytes::Bytes;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::config::{self, Faults, IpFamily, TcpConfig, name_servers};
use crate::http::io::{Meter, Metered, Stream};
use crate::log::excerpt;
use crate::net::{Host, broken, connect, locate};
use crate::prober::Shared;
use crate::reason::{Failure, Phase, Reason, short};
use crate::tls::Judge;
use crate::trace::Trace;

/// How much of what the server says is looked at.
const BANNER: usize = 4_096;
const LONGEST_SEND: usize = 4_096;
const LONGEST_EXPECT: usize = 256;

/// A TCP check, ready to run.
#[derive(Debug, Clone)]
pub struct Plan {
    host: Host,
    port: u16,
    send: Bytes,
    expect: Option<String>,
    tls: Option<(Judge, ServerName<'static>)>,
    family: IpFamily,
    servers: Vec<SocketAddr>,
}

impl Plan {
    pub(crate) fn prepare(config: &TcpConfig, faults: &mut Faults) -> Option<Self> {
        let host = faults.take("host", config::host(&config.host));
        faults.need(config.port != 0, "port", "out_of_range");
        let send = config.send.clone().unwrap_or_default();
        faults.need(send.len() <= LONGEST_SEND, "send", "too_long");
        if let Some(expect) = &config.expect {
            faults.need(!expect.is_empty(), "expect", "required");
            faults.need(
                expect.chars().count() <= LONGEST_EXPECT,
                "expect",
                "too_long",
            );
        }
        let servers = name_servers(&config.resolver, faults);
        let judge = config
            .tls
            .as_ref()
            .map(|tls| Judge::prepare(tls, "tls", faults));
        let host: Host = host?.into();
        let tls = match judge {
            None => None,
            Some(judge) => {
                let name = match &host {
                    Host::Address(ip) => ServerName::IpAddress((*ip).into()),
                    Host::Name(name) => {
                        faults.take("host", ServerName::try_from(name.to_string()))?
                    }
                };
                Some((judge, name))
            }
        };
        let (port, family, expect) = (config.port, config.ip, config.expect.clone());
        Some(Self {
            host,
            port,
            send: send.into(),
            expect,
            tls,
            family,
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
        let tcp = connect(&addresses, self.port, deadline, trace).await?;
        let stream = match &self.tls {
            None => Stream::Plain(tcp),
            Some((judge, name)) => Stream::Tls(Box::new(
                shared.tls.handshake(tcp, name, judge, false, trace).await?,
            )),
        };
        let meter = Meter::new(u64::MAX);
        trace.watch(meter.clone());
        self.talk(Metered { stream, meter }, trace).await?;
        trace.answered = true;
        Ok(())
    }

    async fn talk(&self, mut stream: Metered, trace: &mut Trace) -> Result<(), Failure> {
        if self.send.is_empty() && self.expect.is_none() {
            return Ok(());
        }
        trace.enter(Phase::FirstByte);
        let failed = |e: std::io::Error| broken(&e, Phase::FirstByte);
        stream.write_all(&self.send).await.map_err(failed)?;
        stream.flush().await.map_err(failed)?;
        let Some(expect) = &self.expect else {
            return Ok(());
        };
        let mut heard = Vec::with_capacity(256);
        while heard.len() < BANNER {
            let before = heard.len();
            let room = (BANNER - before) as u64;
            let n = (&mut stream)
                .take(room)
                .read_buf(&mut heard)
                .await
                .map_err(failed)?;
            if n == 0 {
                break;
            }
            if before == 0 {
                trace.enter(Phase::Transfer);
            }
            if says(&heard, expect) {
                return Ok(());
            }
        }
        if heard.is_empty() {
            return Err(Reason::ClosedEarly {
                phase: Phase::FirstByte,
            }
            .into());
        }
        let got = String::from_utf8_lossy(&heard);
        trace.note(excerpt(&got));
        Err(Reason::BannerMismatch {
            got: short(got.trim()),
        }
        .into())
    }
}

/// Whether the bytes contain the text, in UTF-8 or as an old Chinese system would send it.
fn says(heard: &[u8], text: &str) -> bool {
    let contains = |needle: &[u8]| heard.windows(needle.len()).any(|w| w == needle);
    contains(text.as_bytes()) || (!text.is_ascii() && contains(&encoding_rs::GBK.encode(text).0))
}
