//! TLS: one shared client configuration, and certificates judged after the handshake.
//!
//! The handshake accepts any certificate (but checks that the peer holds its key); then, before a single
//! byte of the request is sent, the chain, the dates and the name are judged here. That way one
//! configuration serves every check, all problems are found rather than the first, each can be tolerated
//! by itself, and a customer's own authority is only another set of roots.

use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::{Faults, TlsConfig};
use crate::log::Note;
use crate::net::broken;
use crate::outcome::TlsFacts;
use crate::reason::{CertProblem, Failure, Phase, Reason, short};
use crate::trace::Trace;

/// Longest authority file, in bytes.
const LONGEST_PEM: usize = 256 * 1024;

/// What all checks share.
pub(crate) struct Tls {
    http: TlsConnector,
    plain: TlsConnector,
    roots: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// How one monitor judges certificates.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    tolerate: Vec<CertProblem>,
    own_authorities: Option<Arc<OwnAuthorities>>,
    pub server_name: Option<ServerName<'static>>,
}

#[derive(Debug)]
struct OwnAuthorities {
    roots: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

impl Judge {
    pub fn prepare(config: &TlsConfig, prefix: &str, faults: &mut Faults) -> Self {
        let field = |name: &str| format!("{prefix}.{name}");
        let own_authorities = config
            .ca_pem
            .as_deref()
            .and_then(|pem| match authorities(pem) {
                Ok(own) => Some(Arc::new(own)),
                Err(why) => {
                    faults.explain(field("ca_pem"), "invalid", why);
                    None
                }
            });
        let name = config.server_name.clone();
        let server_name =
            name.and_then(|name| faults.take(&field("server_name"), ServerName::try_from(name)));
        Self {
            tolerate: config.tolerate.clone(),
            own_authorities,
            server_name,
        }
    }
}

fn authorities(pem: &str) -> Result<OwnAuthorities, String> {
    if pem.len() > LONGEST_PEM {
        return Err("longer than 256 KiB".into());
    }
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    let certificates = certificates
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| e.to_string())?;
    if certificates.is_empty() {
        return Err("contains no certificate".into());
    }
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        roots.add(certificate.clone()).map_err(|e| e.to_string())?;
    }
    Ok(OwnAuthorities {
        roots,
        certificates,
    })
}

impl Tls {
    /// `extra` are authorities trusted for every check (an organisation's own).
    pub fn new(extra: &[CertificateDer<'static>]) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        for certificate in extra {
            roots.add(certificate.clone()).map_err(|e| e.to_string())?;
        }
        let plain = client_config(&provider, algorithms)?;
        let mut http = plain.clone();
        http.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            http: TlsConnector::from(Arc::new(http)),
            plain: TlsConnector::from(Arc::new(plain)),
            roots: Arc::new(roots),
            algorithms,
        })
    }

    /// Shakes hands and judges the certificate. `http` announces HTTP/1.1.
    pub async fn handshake(
        &self,
        tcp: TcpStream,
        name: &ServerName<'static>,
        judge: &Judge,
        http: bool,
        trace: &mut Trace,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        trace.enter(Phase::Tls);
        let name = judge.server_name.as_ref().unwrap_or(name);
        let connector = if http { &self.http } else { &self.plain };
        let stream = connector
            .connect(name.clone(), tcp)
            .await
            .map_err(|e| handshake_failure(&e))?;
        let connection = stream.get_ref().1;
        let version = connection
            .protocol_version()
            .map(|v| format!("{v:?}"))
            .unwrap_or_default();
        let cipher = connection
            .negotiated_cipher_suite()
            .map(|c| format!("{:?}", c.suite()))
            .unwrap_or_default();
        trace.note(Note::TlsAgreed {
            version: version.clone(),
            cipher: cipher.clone(),
        });
        let chain = connection.peer_certificates().unwrap_or_default();
        let facts = self.look_at(chain, name, judge, version, cipher);
        let verdict = decide(&facts, judge, trace);
        trace.leave();
        // The first hop's certificate is the monitored one; later hops only have to be acceptable.
        trace.tls.get_or_insert(facts);
        verdict.map(|()| stream)
    }

    fn look_at(
        &self,
        chain: &[CertificateDer<'static>],
        name: &ServerName<'_>,
        judge: &Judge,
        version: String,
        cipher: String,
    ) -> TlsFacts {
        let mut facts = TlsFacts {
            version,
            cipher,
            subject: String::new(),
            issuer: String::new(),
            not_after: 0,
            days_left: 0,
            problems: Vec::new(),
        };
        let Some((leaf, intermediates)) = chain.split_first() else {
            facts.problems.push(CertProblem::Invalid);
            return facts;
        };
        let Ok((_, parsed)) = X509Certificate::from_der(leaf) else {
            facts.problems.push(CertProblem::Invalid);
            return facts;
        };
        let now = UnixTime::now();
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let (from, to) = (
            parsed.validity().not_before.timestamp(),
            parsed.validity().not_after.timestamp(),
        );
        facts.subject = short(&parsed.subject().to_string());
        facts.issuer = short(&parsed.issuer().to_string());
        facts.not_after = to;
        facts.days_left = i32::try_from((to - seconds).div_euclid(86_400)).unwrap_or(i32::MAX);
        if seconds > to {
            facts.problems.push(CertProblem::Expired);
        }
        if seconds < from {
            facts.problems.push(CertProblem::NotYetValid);
        }
        // Judge the chain at a time at which the certificate itself was valid, so that an expired
        // certificate does not hide an untrusted one.
        let at = u64::try_from(seconds.clamp(from.min(to), to)).unwrap_or_default();
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
        let self_signed = parsed.subject() == parsed.issuer();
        facts
            .problems
            .extend(self.chain_problem(leaf, intermediates, at, judge, self_signed));
        let fits = ParsedCertificate::try_from(leaf).and_then(|c| verify_server_name(&c, name));
        if fits.is_err() {
            facts.problems.push(CertProblem::WrongHost);
        }
        facts
    }

    fn chain_problem(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        at: UnixTime,
        judge: &Judge,
        self_signed: bool,
    ) -> Option<CertProblem> {
        let own = judge.own_authorities.as_deref();
        // A self-signed certificate is trusted when it was itself given as the authority.
        if own.is_some_and(|own| own.certificates.iter().any(|c| c.as_ref() == leaf.as_ref())) {
            return None;
        }
        let Ok(certificate) = ParsedCertificate::try_from(leaf) else {
            return Some(CertProblem::Invalid);
        };
        let check = |roots: &RootCertStore| {
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                roots,
                intermediates,
                at,
                self.algorithms.all,
            )
        };
        let result = check(&self.roots);
        let result = result.or_else(|error| own.map_or(Err(error), |own| check(&own.roots)));
        match result {
            Ok(()) => None,
            Err(_) if self_signed => Some(CertProblem::SelfSigned),
            Err(rustls::Error::InvalidCertificate(error)) => Some(chain_problem_of(&error)),
            Err(_) => Some(CertProblem::Invalid),
        }
    }
}

fn chain_problem_of(error: &rustls::CertificateError) -> CertProblem {
    use rustls::CertificateError as E;
    match error {
        // The leaf's own dates were judged before: these are an intermediate's. A bad signature is an
        // authority of the same name but with another key.
        E::UnknownIssuer
        | E::BadSignature
        | E::Expired
        | E::ExpiredContext { .. }
        | E::NotValidYet
        | E::NotValidYetContext { .. } => CertProblem::UntrustedChain,
        _ => CertProblem::Invalid,
    }
}

fn decide(facts: &TlsFacts, judge: &Judge, trace: &mut Trace) -> Result<(), Failure> {
    let (subject, issuer) = (facts.subject.clone(), facts.issuer.clone());
    trace.note(Note::Certificate {
        subject,
        issuer,
        days_left: facts.days_left,
    });
    let mut verdict = Ok(());
    for problem in &facts.problems {
        let tolerated = judge.tolerate.contains(problem);
        trace.note(Note::CertificateProblem {
            problem: *problem,
            tolerated,
        });
        if !tolerated && verdict.is_ok() {
            verdict = Err(Reason::Certificate {
                problem: *problem,
                subject: facts.subject.clone(),
            }
            .into());
        }
    }
    verdict
}

fn handshake_failure(error: &io::Error) -> Failure {
    let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    else {
        return broken(error, Phase::Tls);
    };
    let detail = short(&tls.to_string());
    match tls {
        rustls::Error::InvalidMessage(_) => Reason::NotTls.into(),
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::InappropriateFallback,
        ) => Reason::TlsIncompatible { detail }.into(),
        _ => Reason::TlsFailed { detail }.into(),
    }
}

fn client_config(
    provider: &Arc<CryptoProvider>,
    algorithms: WebPkiSupportedAlgorithms,
) -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider));
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    let verifier = Arc::new(JudgedLater { algorithms });
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    // Every check is a full handshake: a resumed session shows no certificate.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Accepts every certificate; [`Tls::handshake`] judges it afterwards.
#[derive(Debug)]
struct JudgedLater {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for JudgedLater {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
