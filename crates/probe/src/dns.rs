//! Checks of what a name server answers.

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::proto::rr::{RData, RecordType};

use crate::config::{DnsConfig, Faults, MatchMode, RecordKind, name_servers};
use crate::log::Note;
use crate::prober::Shared;
use crate::reason::{Failure, Phase, Reason, short};
use crate::trace::Trace;

/// Most answers kept.
const MOST_ANSWERS: usize = 64;

/// A DNS check, ready to run.
#[derive(Debug, Clone)]
pub struct Plan {
    name: String,
    record: RecordKind,
    servers: Vec<SocketAddr>,
    expect: Vec<String>,
    mode: MatchMode,
}

impl Plan {
    pub(crate) fn prepare(config: &DnsConfig, faults: &mut Faults) -> Option<Self> {
        let name = name(&config.name, faults);
        let servers = name_servers(&config.resolver, faults);
        faults.need(config.expect.len() <= 32, "expect", "too_many");
        let mut expect = Vec::with_capacity(config.expect.len());
        for (i, value) in config.expect.iter().enumerate() {
            match canonical(config.record, value) {
                Some(value) => expect.push(value),
                None => faults.add(format!("expect[{i}]"), "invalid"),
            }
        }
        expect.sort_unstable();
        expect.dedup();
        Some(Self {
            name: name?,
            record: config.record,
            servers,
            expect,
            mode: config.mode,
        })
    }

    pub(crate) async fn run(&self, shared: &Shared, trace: &mut Trace) -> Result<(), Failure> {
        trace.enter(Phase::Dns);
        trace.own_resolver = self.servers.is_empty();
        let found = shared
            .resolvers
            .lookup(&self.name, record_type(self.record), &self.servers)
            .await?;
        trace.leave();
        trace.answered = true;
        let mut answers: Vec<String> = found.iter().take(MOST_ANSWERS).map(text).collect();
        answers.sort_unstable();
        answers.dedup();
        let (record, values) = (
            self.record.name().to_owned(),
            answers.iter().take(8).cloned().collect(),
        );
        trace.note(Note::Answered { record, values });
        trace.answers.clone_from(&answers);
        if answers.is_empty() {
            return Err(Reason::NoRecord {
                record: self.record.name().into(),
            }
            .into());
        }
        let right = match self.mode {
            _ if self.expect.is_empty() => true,
            MatchMode::All => self.expect.iter().all(|e| answers.contains(e)),
            MatchMode::Any => self.expect.iter().any(|e| answers.contains(e)),
            MatchMode::Exact => self.expect == answers,
        };
        if right {
            Ok(())
        } else {
            Err(Reason::UnexpectedAnswer {
                got: short(&answers.join(", ")),
            }
            .into())
        }
    }
}

/// The name in ASCII. Labels may begin with an underscore, as service names do.
fn name(text: &str, faults: &mut Faults) -> Option<String> {
    let text = text.trim();
    let ascii = if text.is_ascii() {
        Ok(text.to_ascii_lowercase())
    } else {
        idna(text)
    };
    let ascii = faults.take("name", ascii)?;
    let bare = ascii.strip_suffix('.').unwrap_or(&ascii);
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if bare.is_empty() || bare.len() > 253 || !bare.split('.').all(label_ok) {
        faults.add("name", "invalid");
        return None;
    }
    Some(bare.to_owned())
}

fn idna(text: &str) -> Result<String, String> {
    match url::Host::parse(text) {
        Ok(url::Host::Domain(name)) => Ok(name),
        Ok(_) => Err("not a name".into()),
        Err(e) => Err(e.to_string()),
    }
}

fn record_type(kind: RecordKind) -> RecordType {
    match kind {
        RecordKind::A => RecordType::A,
        RecordKind::Aaaa => RecordType::AAAA,
        RecordKind::Cname => RecordType::CNAME,
        RecordKind::Mx => RecordType::MX,
        RecordKind::Ns => RecordType::NS,
        RecordKind::Txt => RecordType::TXT,
    }
}

/// One answer as text, in the same form as [`canonical`] makes of what a person wrote.
fn text(data: &RData) -> String {
    let bare = |name: &hickory_resolver::proto::rr::Name| {
        let name = name.to_ascii().to_ascii_lowercase();
        name.strip_suffix('.').map_or(name.clone(), str::to_owned)
    };
    match data {
        RData::A(a) => a.0.to_string(),
        RData::AAAA(a) => a.0.to_string(),
        RData::CNAME(name) => bare(&name.0),
        RData::NS(name) => bare(&name.0),
        RData::MX(mx) => format!("{} {}", mx.preference, bare(&mx.exchange)),
        RData::TXT(txt) => {
            let bytes: Vec<u8> = txt.txt_data.iter().flatten().copied().collect();
            short(&String::from_utf8_lossy(&bytes))
        }
        other => short(&other.to_string()),
    }
}

fn canonical(kind: RecordKind, value: &str) -> Option<String> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let bare = |text: &str| text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    match kind {
        RecordKind::A => value
            .parse::<IpAddr>()
            .ok()
            .filter(IpAddr::is_ipv4)
            .map(|ip| ip.to_string()),
        RecordKind::Aaaa => value
            .parse::<IpAddr>()
            .ok()
            .filter(IpAddr::is_ipv6)
            .map(|ip| ip.to_string()),
        RecordKind::Cname | RecordKind::Ns => Some(bare(value)),
        RecordKind::Mx => {
            let (preference, host) = value.split_once(char::is_whitespace)?;
            Some(format!(
                "{} {}",
                preference.parse::<u16>().ok()?,
                bare(host.trim())
            ))
        }
        RecordKind::Txt => Some(short(value)),
    }
}
