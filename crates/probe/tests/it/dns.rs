//! DNS checks and name resolution, against a real name server and against servers that misbehave.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::testkit::nginx::Nginx;
use anlan_probe::{
    Class, Config, DnsConfig, Fault, IpFamily, Options, Outcome, Phase, Prober, Reason,
};
use hickory_server::Server;
use hickory_server::proto::rr::rdata::{A, AAAA, CNAME, MX, NS, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use tokio::net::{TcpListener, UdpSocket};

use super::support::{SOON, check, reason, run, with};

/// An authoritative server for example.test, on UDP and TCP.
struct NameServer {
    address: SocketAddr,
    _server: Server<Catalog>,
}

/// UDP and TCP on one port: one that is free for the first may be taken for the second.
async fn one_port() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

impl NameServer {
    async fn start() -> Self {
        let origin = name("example.test.");
        let mut zone: InMemoryZoneHandler =
            InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        let mut add =
            |host: &str, data: RData| zone.upsert_mut(Record::from_rdata(name(host), 60, data), 1);
        let soa = SOA::new(
            name("ns.example.test."),
            name("root.example.test."),
            1,
            60,
            60,
            60,
            60,
        );
        assert!(add("example.test.", RData::SOA(soa)));
        add("example.test.", RData::NS(NS(name("ns1.example.test."))));
        add("example.test.", RData::NS(NS(name("NS2.example.test."))));
        add(
            "example.test.",
            RData::MX(MX::new(10, name("mail.example.test."))),
        );
        add(
            "example.test.",
            RData::TXT(TXT::new(vec!["v=spf1 ".into(), "-all".into()])),
        );
        add("www.example.test.", RData::A(A(Ipv4Addr::LOCALHOST)));
        add(
            "both.example.test.",
            RData::A(A(Ipv4Addr::new(192, 0, 2, 1))),
        );
        add(
            "both.example.test.",
            RData::A(A(Ipv4Addr::new(192, 0, 2, 2))),
        );
        add(
            "six.example.test.",
            RData::AAAA(AAAA("2001:db8::1".parse().unwrap())),
        );
        add(
            "alias.example.test.",
            RData::CNAME(CNAME(name("www.example.test."))),
        );
        add("xn--fiqs8s.example.test.", RData::A(A(Ipv4Addr::LOCALHOST)));
        let big = (0..200)
            .map(|n| format!("record number {n} with some padding to be long"))
            .collect();
        add("big.example.test.", RData::TXT(TXT::new(big)));
        let mut catalog = Catalog::new();
        catalog.upsert(origin.into(), vec![Arc::new(zone)]);
        let (udp, tcp) = one_port().await;
        let address = udp.local_addr().unwrap();
        let mut server = Server::new(catalog);
        server.register_socket(udp);
        server.register_listener(tcp, Duration::from_secs(5), 4_096);
        Self {
            address,
            _server: server,
        }
    }

    fn ask(&self, name: &str, record: &str, expect: &[&str], mode: &str) -> Config {
        let config = serde_json::json!({
            "name": name, "record": record, "resolver": [self.address.to_string()], "expect": expect, "mode": mode,
        });
        Config::Dns(serde_json::from_value::<DnsConfig>(config).unwrap())
    }
}

/// A name server that answers every packet with these bytes, after the first two of the question; or
/// not at all.
async fn broken_server(answer: Option<Vec<u8>>) -> SocketAddr {
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = udp.local_addr().unwrap();
    tokio::spawn(async move {
        let mut question = [0; 512];
        while let Ok((n, from)) = udp.recv_from(&mut question).await {
            if let Some(answer) = &answer {
                let packet = [&question[..n.min(2)], answer].concat();
                let _ = udp.send_to(&packet, from).await;
            }
        }
    });
    address
}

const PATIENT: Duration = Duration::from_secs(5);

async fn ask(config: Config) -> Outcome {
    check(&config, PATIENT).await
}

#[tokio::test]
async fn every_record_type_is_read_and_compared() {
    let server = NameServer::start().await;
    // Name, type, expected, how compared, answers.
    type Row = (
        &'static str,
        &'static str,
        &'static [&'static str],
        &'static str,
        &'static [&'static str],
    );
    let table: &[Row] = &[
        (
            "www.example.test",
            "A",
            &["127.0.0.1"],
            "exact",
            &["127.0.0.1"],
        ),
        ("WWW.Example.TEST.", "A", &[], "all", &["127.0.0.1"]),
        (
            "both.example.test",
            "A",
            &["192.0.2.2"],
            "all",
            &["192.0.2.1", "192.0.2.2"],
        ),
        (
            "both.example.test",
            "A",
            &["192.0.2.2", "192.0.2.9"],
            "any",
            &["192.0.2.1", "192.0.2.2"],
        ),
        (
            "both.example.test",
            "A",
            &["192.0.2.2", "192.0.2.1"],
            "exact",
            &["192.0.2.1", "192.0.2.2"],
        ),
        (
            "six.example.test",
            "AAAA",
            &["2001:0db8::1"],
            "all",
            &["2001:db8::1"],
        ),
        (
            "alias.example.test",
            "CNAME",
            &["www.example.test."],
            "all",
            &["www.example.test"],
        ),
        (
            "alias.example.test",
            "A",
            &["127.0.0.1"],
            "all",
            &["127.0.0.1"],
        ),
        (
            "example.test",
            "NS",
            &["ns2.example.test"],
            "all",
            &["ns1.example.test", "ns2.example.test"],
        ),
        (
            "example.test",
            "MX",
            &["10 MAIL.example.test."],
            "exact",
            &["10 mail.example.test"],
        ),
        (
            "example.test",
            "TXT",
            &["v=spf1 -all"],
            "exact",
            &["v=spf1 -all"],
        ),
        (
            "中国.example.test",
            "A",
            &["127.0.0.1"],
            "all",
            &["127.0.0.1"],
        ),
    ];
    for (name, record, expect, mode, answers) in table {
        let outcome = ask(server.ask(name, record, expect, mode)).await;
        assert!(outcome.is_up(), "{name} {record}: {outcome:?}");
        assert_eq!(&outcome.answers, answers, "{name} {record}");
        assert!(outcome.phases.dns_us.is_some());
        assert!(
            outcome
                .metrics()
                .iter()
                .any(|(name, _)| *name == "response_ms")
        );
    }
}

#[tokio::test]
async fn wrong_answers_have_their_reasons() {
    let server = NameServer::start().await;
    let missing = ask(server.ask("nowhere.example.test", "A", &[], "all")).await;
    assert_eq!(
        reason(&missing),
        &Reason::NameNotFound {
            name: "nowhere.example.test".into()
        }
    );
    let none = ask(server.ask("www.example.test", "MX", &[], "all")).await;
    assert_eq!(
        reason(&none),
        &Reason::NoRecord {
            record: "MX".into()
        }
    );
    let refused = ask(server.ask("elsewhere.test", "A", &[], "all")).await;
    assert_eq!(reason(&refused).code(), "name_server_error", "{refused:?}");
    for (expect, mode) in [
        ("192.0.2.1", "exact"),
        ("192.0.2.9", "any"),
        ("192.0.2.9", "all"),
    ] {
        let hijacked = ask(server.ask("both.example.test", "A", &[expect], mode)).await;
        assert_eq!(
            reason(&hijacked),
            &Reason::UnexpectedAnswer {
                got: "192.0.2.1, 192.0.2.2".into()
            }
        );
        assert_eq!(hijacked.answers, ["192.0.2.1", "192.0.2.2"]);
    }
}

#[tokio::test]
async fn an_answer_too_long_for_udp_is_fetched_over_tcp() {
    let server = NameServer::start().await;
    let outcome = ask(server.ask("big.example.test", "TXT", &[], "all")).await;
    assert!(outcome.is_up(), "{outcome:?}");
    assert!(outcome.answers[0].starts_with("record number 0"));
    assert!(outcome.answers[0].chars().count() <= 200, "kept short");
}

#[tokio::test]
async fn silent_and_babbling_name_servers_end_in_time() {
    for answer in [
        None,
        Some(vec![]),
        Some(vec![0xff; 100]),
        Some(vec![0x81, 0x80, 0, 1, 0xff, 0xff, 0, 0, 0, 0]),
    ] {
        let address = broken_server(answer.clone()).await;
        let config = DnsConfig {
            name: "www.example.test".into(),
            record: Default::default(),
            resolver: vec![address.to_string()],
            expect: vec![],
            mode: Default::default(),
        };
        let begun = Instant::now();
        let outcome = check(&Config::Dns(config), Duration::from_millis(1_500)).await;
        let code = reason(&outcome).code();
        assert!(
            ["timeout", "name_server_silent", "name_server_error"].contains(&code),
            "{answer:?}: {outcome:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
    // A port where nothing listens: known at once, or after the attempts.
    let closed = crate::testkit::free_port();
    let config = serde_json::json!({"name": "www.example.test", "resolver": [format!("127.0.0.1:{closed}")]});
    let outcome = check(
        &Config::Dns(serde_json::from_value(config).unwrap()),
        PATIENT,
    )
    .await;
    let code = reason(&outcome).code();
    assert!(
        ["timeout", "name_server_silent"].contains(&code),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_page_is_found_through_a_prescribed_name_server() {
    let names = NameServer::start().await;
    let nginx = Nginx::start("");
    nginx.put("index.html", "hello");
    let visit = |host: &str, ip: IpFamily| {
        let config = with(format!("http://{host}:{}/", nginx.port), |c| {
            c.resolver = vec![names.address.to_string()];
            c.ip = ip;
        });
        async move { run(&config, PATIENT).await }
    };
    let found = visit("www.example.test", IpFamily::Any).await;
    assert!(found.is_up(), "{found:?}");
    assert!(found.phases.dns_us.is_some());
    assert_eq!(found.address, Some(Ipv4Addr::LOCALHOST.into()));
    assert!(
        visit("中国.example.test", IpFamily::V4).await.is_up(),
        "international names"
    );
    let missing = visit("nowhere.example.test", IpFamily::Any).await;
    assert_eq!(reason(&missing).code(), "name_not_found");
    let no_six = visit("www.example.test", IpFamily::V6).await;
    assert_eq!(reason(&no_six).code(), "name_without_address");
    let silent = broken_server(None).await;
    let config = with("http://www.example.test/", |c| {
        c.resolver = vec![silent.to_string()];
    });
    let outcome = run(&config, SOON).await;
    assert_eq!(
        outcome.class,
        Class::Down(Reason::Timeout {
            phase: Phase::Dns,
            limit_ms: 600
        })
    );
}

#[tokio::test]
async fn a_second_name_server_helps_when_the_first_is_dead() {
    let names = NameServer::start().await;
    let silent = broken_server(None).await;
    let config = serde_json::json!({
        "name": "www.example.test", "resolver": [silent.to_string(), names.address.to_string()],
    });
    let outcome = check(
        &Config::Dns(serde_json::from_value(config).unwrap()),
        Duration::from_secs(10),
    )
    .await;
    assert!(outcome.is_up(), "{outcome:?}");
}

/// Passes packets on to a name server, but drops those that ask for a name containing "lost".
async fn forgetful(upstream: SocketAddr) -> SocketAddr {
    let outside = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = outside.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 4_096];
        while let Ok((n, from)) = outside.recv_from(&mut packet).await {
            if packet[..n].windows(4).any(|w| w == b"lost") {
                continue;
            }
            let inside = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            inside.send_to(&packet[..n], upstream).await.unwrap();
            let (n, _) = inside.recv_from(&mut packet).await.unwrap();
            outside.send_to(&packet[..n], from).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn silence_of_the_probers_own_name_server_is_not_the_targets_fault() {
    let page = |host: &str| {
        Config::Http(with(format!("http://{host}.example.test:1/"), |_| {}))
            .check()
            .unwrap()
    };
    let prober = |server: SocketAddr| {
        Prober::new(&Options {
            resolver: vec![server.to_string()],
            ..Options::default()
        })
        .unwrap()
    };
    let deaf = prober(broken_server(None).await);
    let outcome = deaf.run(&page("www"), SOON).await;
    assert_eq!(outcome.class, Class::Unknown(Fault::ResolverSilent));
    // One that answers for others but not for this name: that is about this name.
    let names = NameServer::start().await;
    let choosy = prober(forgetful(names.address).await);
    let found = choosy.run(&page("www"), SOON).await;
    assert_eq!(reason(&found).code(), "connect_refused");
    let lost = choosy.run(&page("lost"), SOON).await;
    assert_eq!(
        reason(&lost),
        &Reason::Timeout {
            phase: Phase::Dns,
            limit_ms: 600
        }
    );
    let lost = choosy.run(&page("lost"), Duration::from_secs(20)).await;
    assert_eq!(reason(&lost).code(), "name_server_silent");
    let fault = Prober::new(&Options {
        resolver: vec!["x".into()],
        ..Options::default()
    })
    .err()
    .unwrap();
    assert_eq!(fault.to_string(), "resolver: not an address: x");
}
