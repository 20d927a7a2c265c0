//! Certificates and handshakes, against a real nginx with certificates made on the spot.

use std::time::Duration;

use crate::testkit::certs::{Authority, Pair, Validity, self_signed};
use crate::testkit::hostile::{Behaviour, Hostile};
use crate::testkit::nginx::Nginx;
use anlan_probe::{
    CertProblem, Config, HttpConfig, Note, Outcome, Phase, Reason, TcpConfig, TlsConfig,
};

use super::support::{SOON, check, reason, run, with};

/// Asks for https://site.test/ at the nginx.
async fn visit(nginx: &Nginx, change: impl FnOnce(&mut HttpConfig)) -> Outcome {
    let config = with("https://site.test/", |c| {
        c.connect_to = Some(format!("127.0.0.1:{}", nginx.tls_port.unwrap()));
        change(c);
    });
    run(&config, Duration::from_secs(3)).await
}

fn site(pair: &Pair) -> Nginx {
    let nginx = Nginx::start_tls("", pair);
    nginx.put("index.html", "hello");
    nginx
}

fn problems(outcome: &Outcome) -> Vec<CertProblem> {
    outcome.tls.as_ref().unwrap().problems.clone()
}

fn problem(outcome: &Outcome) -> CertProblem {
    match reason(outcome) {
        Reason::Certificate { problem, .. } => *problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_customers_own_authority_is_trusted_when_given() {
    let authority = Authority::new();
    let nginx = site(&authority.issue(&["site.test"], Validity::Long));
    let stranger = visit(&nginx, |_| {}).await;
    assert_eq!(problem(&stranger), CertProblem::UntrustedChain);
    let known = visit(&nginx, |c| c.tls.ca_pem = Some(authority.pem.clone())).await;
    assert!(known.is_up(), "{known:?}");
    let tls = known.tls.as_ref().unwrap();
    assert_eq!(
        (tls.version.as_str(), problems(&known)),
        ("TLSv1_3", vec![])
    );
    assert!(
        tls.days_left > 30_000 && tls.subject.contains("site.test"),
        "{tls:?}"
    );
    assert!(known.phases.tls_us.is_some());
    let days = known
        .metrics()
        .into_iter()
        .find(|(name, _)| *name == "cert_days")
        .unwrap()
        .1;
    assert!((days - f64::from(tls.days_left)).abs() < f64::EPSILON);
    let other = Authority::new();
    let wrong = visit(&nginx, |c| c.tls.ca_pem = Some(other.pem.clone())).await;
    assert_eq!(problem(&wrong), CertProblem::UntrustedChain);
}

#[tokio::test]
async fn every_problem_is_found_and_each_can_be_tolerated_by_itself() {
    let authority = Authority::new();
    use CertProblem::{Expired, NotYetValid, SelfSigned, UntrustedChain, WrongHost};
    let table: Vec<(Pair, bool, Vec<CertProblem>)> = vec![
        (
            authority.issue(&["site.test"], Validity::Over),
            true,
            vec![Expired],
        ),
        (
            authority.issue(&["site.test"], Validity::NotYet),
            true,
            vec![NotYetValid],
        ),
        (
            authority.issue(&["other.test"], Validity::Long),
            true,
            vec![WrongHost],
        ),
        (
            authority.issue(&["other.test"], Validity::Over),
            false,
            vec![Expired, UntrustedChain, WrongHost],
        ),
        (
            self_signed(&["site.test"], Validity::Long),
            false,
            vec![SelfSigned],
        ),
        (
            self_signed(&["other.test"], Validity::Over),
            false,
            vec![Expired, SelfSigned, WrongHost],
        ),
    ];
    for (pair, trusted, expected) in table {
        let nginx = site(&pair);
        let ca_pem = trusted.then(|| authority.pem.clone());
        let strict = visit(&nginx, |c| c.tls.ca_pem.clone_from(&ca_pem)).await;
        assert_eq!(
            (problem(&strict), problems(&strict)),
            (expected[0], expected.clone())
        );
        assert_eq!(
            strict.status, None,
            "nothing is sent to a server that is not trusted"
        );
        assert_eq!(strict.bytes_out, 0);
        // Tolerating all but the last still fails, on the last.
        let (last, others) = expected.split_last().unwrap();
        let almost = visit(&nginx, |c| {
            c.tls = TlsConfig {
                tolerate: others.to_vec(),
                ca_pem: ca_pem.clone(),
                server_name: None,
            }
        })
        .await;
        assert_eq!(problem(&almost), *last);
        let lenient = visit(&nginx, |c| {
            c.tls = TlsConfig {
                tolerate: expected.clone(),
                ca_pem: ca_pem.clone(),
                server_name: None,
            }
        })
        .await;
        assert!(lenient.is_up(), "{lenient:?}");
        assert_eq!(
            problems(&lenient),
            expected,
            "tolerated, but still recorded"
        );
    }
}

#[tokio::test]
async fn an_expired_certificate_has_negative_days() {
    let nginx = site(&self_signed(&["site.test"], Validity::Over));
    let outcome = visit(&nginx, |_| {}).await;
    assert!(outcome.tls.as_ref().unwrap().days_left < -1_000);
    assert!(
        outcome
            .metrics()
            .iter()
            .any(|(name, days)| *name == "cert_days" && *days < -1_000.0)
    );
    let noted = outcome.log.iter().filter(|l| {
        matches!(
            l.note,
            Note::CertificateProblem {
                tolerated: false,
                ..
            }
        )
    });
    assert_eq!(noted.count(), 2, "{:?}", outcome.log);
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_when_it_is_the_authority() {
    let pair = self_signed(&["site.test"], Validity::Long);
    let nginx = site(&pair);
    let outcome = visit(&nginx, |c| c.tls.ca_pem = Some(pair.certificate.clone())).await;
    assert!(outcome.is_up(), "{outcome:?}");
}

#[tokio::test]
async fn the_name_asked_for_can_be_another_than_the_host() {
    let authority = Authority::new();
    let nginx = site(&authority.issue(&["backend.internal"], Validity::Long));
    let outcome = visit(&nginx, |c| {
        c.tls.ca_pem = Some(authority.pem.clone());
        c.tls.server_name = Some("backend.internal".into());
    })
    .await;
    assert!(outcome.is_up(), "{outcome:?}");
}

#[tokio::test]
async fn a_port_without_tls_and_a_handshake_that_hangs() {
    let nginx = Nginx::start("");
    let plain = run(
        &HttpConfig::get(nginx.url("/").replace("http:", "https:")),
        SOON,
    )
    .await;
    assert_eq!(reason(&plain), &Reason::NotTls, "{plain:?}");
    let silent = Hostile::start(Behaviour::Silent).await;
    let hung = run(
        &HttpConfig::get(silent.url().replace("http:", "https:")),
        SOON,
    )
    .await;
    assert_eq!(
        reason(&hung),
        &Reason::Timeout {
            phase: Phase::Tls,
            limit_ms: 600
        }
    );
    let closing = Hostile::start(Behaviour::Say(Vec::new())).await;
    let closed = run(
        &HttpConfig::get(closing.url().replace("http:", "https:")),
        SOON,
    )
    .await;
    assert_eq!(reason(&closed), &Reason::ClosedEarly { phase: Phase::Tls });
    // A fatal alert: handshake_failure(40), as servers send that only speak what we do not.
    let alert = Hostile::start(Behaviour::Say(vec![21, 3, 3, 0, 2, 2, 40])).await;
    let refused = run(
        &HttpConfig::get(alert.url().replace("http:", "https:")),
        SOON,
    )
    .await;
    assert_eq!(reason(&refused).code(), "tls_incompatible");
    // A server hello for TLS 1.0.
    let mut hello = vec![22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 47, 0]);
    let old = Hostile::start(Behaviour::SayAndHold(hello)).await;
    let outdated = run(&HttpConfig::get(old.url().replace("http:", "https:")), SOON).await;
    assert_eq!(reason(&outdated).code(), "tls_incompatible", "{outdated:?}");
}

#[tokio::test]
async fn tcp_speaks_tls_and_judges_the_certificate() {
    let authority = Authority::new();
    let nginx = site(&authority.issue(&["127.0.0.1"], Validity::Long));
    let config = |tls| TcpConfig {
        host: "127.0.0.1".into(),
        port: nginx.tls_port.unwrap(),
        send: Some("GET / HTTP/1.0\r\n\r\n".into()),
        expect: Some("hello".into()),
        tls: Some(tls),
        ip: Default::default(),
        resolver: vec![],
    };
    let trusted = TlsConfig {
        ca_pem: Some(authority.pem.clone()),
        ..TlsConfig::default()
    };
    let outcome = check(&Config::Tcp(config(trusted)), SOON).await;
    assert!(outcome.is_up(), "{outcome:?}");
    assert!(outcome.tls.is_some());
    let outcome = check(&Config::Tcp(config(TlsConfig::default())), SOON).await;
    assert_eq!(problem(&outcome), CertProblem::UntrustedChain);
}
