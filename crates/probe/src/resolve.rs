//! Names to addresses, through the system's name servers or those a check prescribes.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
    ResolverOpts, ServerOrderingStrategy,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use hickory_resolver::{ResolverBuilder, TokioResolver};

use crate::config::IpFamily;
use crate::reason::{Failure, Fault, Reason, short};

/// Longest that an answer of the system's name servers is reused. Short enough that a changed or
/// vanished name is noticed soon, long enough that 10,000 monitors do not hammer the name server.
const REUSE: Duration = Duration::from_secs(30);
/// The same for "does not exist".
const REUSE_NEGATIVE: Duration = Duration::from_secs(2);
/// Per question and name server.
const ATTEMPT: Duration = Duration::from_secs(2);
/// Sets of prescribed name servers whose sockets are kept.
const MOST_SETS: usize = 256;
/// How recent an answer must be to prove that a name server lives.
const ALIVE: Duration = Duration::from_secs(10);

/// All resolvers of a prober.
pub(crate) struct Resolvers {
    system: Result<Server, String>,
    prescribed: Mutex<HashMap<Vec<SocketAddr>, Arc<Server>>>,
    born: Instant,
}

/// One set of name servers.
struct Server {
    resolver: TokioResolver,
    /// Milliseconds after `born` of the newest answer of any kind, plus one; 0: none yet.
    answered: AtomicU64,
}

impl Resolvers {
    /// `own` are name servers to use instead of the operating system's.
    pub fn new(own: &[SocketAddr]) -> Self {
        let system = if own.is_empty() {
            Server::system()
        } else {
            Server::own(own)
        };
        Self {
            system,
            prescribed: Mutex::default(),
            born: Instant::now(),
        }
    }

    /// The addresses of a name, in the order in which to try them; never empty.
    pub async fn addresses(
        &self,
        name: &str,
        family: IpFamily,
        servers: &[SocketAddr],
    ) -> Result<Vec<IpAddr>, Failure> {
        let kinds: &[RecordType] = match family {
            IpFamily::Any => &[RecordType::A, RecordType::AAAA],
            IpFamily::V4 => &[RecordType::A],
            IpFamily::V6 => &[RecordType::AAAA],
        };
        let mut empty = Reason::NameWithoutAddress { name: short(name) };
        for kind in kinds {
            match self.lookup(name, *kind, servers).await {
                Ok(answers) => {
                    let addresses: Vec<IpAddr> =
                        answers.iter().filter_map(|data| data.ip_addr()).collect();
                    if !addresses.is_empty() {
                        return Ok(addresses);
                    }
                }
                Err(Failure::Down(Reason::NoRecord { .. })) => {}
                Err(Failure::Down(reason @ Reason::NameNotFound { .. })) => empty = reason,
                Err(other) => return Err(other),
            }
        }
        Err(empty.into())
    }

    /// The records of one type. Answers "no such name" and "no such record" as reasons.
    pub async fn lookup(
        &self,
        name: &str,
        kind: RecordType,
        servers: &[SocketAddr],
    ) -> Result<Vec<hickory_resolver::proto::rr::RData>, Failure> {
        let prescribed = if servers.is_empty() {
            None
        } else {
            Some(self.prescribed(servers)?)
        };
        let server = match &prescribed {
            Some(server) => server,
            None => self.system.as_ref().map_err(|detail| Fault::NoResolver {
                detail: short(detail),
            })?,
        };
        // A name with a dot is meant as it stands; only short names go through the search list.
        let absolute = if name.contains('.') && !name.ends_with('.') {
            format!("{name}.")
        } else {
            name.to_owned()
        };
        let asked = self.born.elapsed();
        match server.resolver.lookup(absolute, kind).await {
            Ok(found) => {
                server.note_answer(self.born);
                let wanted = found.answers().iter().filter(|r| r.record_type() == kind);
                Ok(wanted.map(|r| r.data.clone()).collect())
            }
            Err(error) => {
                let alive = server.is_alive_since(asked);
                Err(explain(
                    &error,
                    name,
                    kind,
                    server,
                    self.born,
                    prescribed.is_some(),
                    alive,
                ))
            }
        }
    }

    /// Whether the system's name servers have answered anything just now.
    pub fn system_lives(&self) -> bool {
        self.system
            .as_ref()
            .is_ok_and(|server| server.is_alive_since(self.born.elapsed()))
    }

    fn prescribed(&self, servers: &[SocketAddr]) -> Result<Arc<Server>, Failure> {
        let mut sets = self
            .prescribed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = sets.get(servers) {
            return Ok(Arc::clone(server));
        }
        if sets.len() >= MOST_SETS {
            sets.clear();
        }
        let server = Server::prescribed(servers).map_err(|detail| Fault::NoResolver {
            detail: short(&detail),
        })?;
        let server = Arc::new(server);
        sets.insert(servers.to_vec(), Arc::clone(&server));
        Ok(server)
    }
}

impl Server {
    fn system() -> Result<Self, String> {
        let mut builder = TokioResolver::builder_tokio().map_err(|e| e.to_string())?;
        usual(builder.options_mut());
        reuse(builder.options_mut());
        Self::build(builder.build())
    }

    fn own(servers: &[SocketAddr]) -> Result<Self, String> {
        let mut builder = builder(servers);
        reuse(builder.options_mut());
        Self::build(builder.build())
    }

    /// Asked anew every time: what these servers say is what is being checked.
    fn prescribed(servers: &[SocketAddr]) -> Result<Self, String> {
        let mut builder = builder(servers);
        builder.options_mut().cache_size = 0;
        builder.options_mut().use_hosts_file = ResolveHosts::Never;
        Self::build(builder.build())
    }

    fn build(resolver: Result<TokioResolver, NetError>) -> Result<Self, String> {
        let resolver = resolver.map_err(|e| e.to_string())?;
        Ok(Self {
            resolver,
            answered: AtomicU64::new(0),
        })
    }

    fn note_answer(&self, born: Instant) {
        let now = u64::try_from(born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.answered
            .store(now.saturating_add(1), Ordering::Relaxed);
    }

    /// Whether it answered anything shortly before `asked` (time since birth) or since.
    fn is_alive_since(&self, asked: Duration) -> bool {
        let answered = self.answered.load(Ordering::Relaxed);
        answered > 0 && Duration::from_millis(answered) + ALIVE > asked
    }
}

/// A resolver that asks these servers in this order.
fn builder(servers: &[SocketAddr]) -> ResolverBuilder<TokioRuntimeProvider> {
    let servers = servers.iter().map(|address| {
        let connections =
            [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = address.port();
                connection
            });
        NameServerConfig::new(address.ip(), true, connections.into())
    });
    let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    usual(builder.options_mut());
    builder.options_mut().server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
    builder
}

fn reuse(options: &mut ResolverOpts) {
    options.cache_size = 16_384;
    options.positive_max_ttl = Some(REUSE);
    options.negative_max_ttl = Some(REUSE_NEGATIVE);
}

fn usual(options: &mut ResolverOpts) {
    options.timeout = ATTEMPT;
    options.attempts = 2;
    options.try_tcp_on_error = false;
    options.preserve_intermediates = false;
    options.ip_strategy = LookupIpStrategy::Ipv4Only;
    options.max_active_requests = 1_024;
}

/// Sorts a failed lookup. Silence of the prober's own name servers is the prober's trouble, unless they
/// answered something else just now: then it is this name that nobody answers for.
fn explain(
    error: &NetError,
    name: &str,
    kind: RecordType,
    server: &Server,
    born: Instant,
    prescribed: bool,
    alive: bool,
) -> Failure {
    let name = short(name);
    match error {
        NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code, .. })) => {
            server.note_answer(born);
            match response_code {
                ResponseCode::NXDomain => Reason::NameNotFound { name }.into(),
                ResponseCode::NoError => Reason::NoRecord {
                    record: kind.to_string(),
                }
                .into(),
                code => Reason::NameServerError {
                    name,
                    rcode: code.to_string(),
                }
                .into(),
            }
        }
        NetError::Dns(DnsError::ResponseCode(code)) => {
            server.note_answer(born);
            Reason::NameServerError {
                name,
                rcode: code.to_string(),
            }
            .into()
        }
        NetError::Dns(_)
        | NetError::Proto(_)
        | NetError::Truncated
        | NetError::QueryCaseMismatch => Reason::NameServerError {
            name,
            rcode: short(&error.to_string()),
        }
        .into(),
        _ if prescribed || alive => Reason::NameServerSilent { name }.into(),
        _ => Fault::ResolverSilent.into(),
    }
}
