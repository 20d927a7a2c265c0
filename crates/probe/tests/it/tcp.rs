//! TCP checks.

use std::time::Duration;

use crate::testkit::free_port;
use crate::testkit::hostile::{Behaviour, Hostile};
use anlan_probe::{Config, Outcome, Phase, Reason, TcpConfig};

use super::support::{SOON, check, reason};

fn port(port: u16, send: Option<&str>, expect: Option<&str>) -> TcpConfig {
    TcpConfig {
        host: "127.0.0.1".into(),
        port,
        send: send.map(Into::into),
        expect: expect.map(Into::into),
        tls: None,
        ip: Default::default(),
        resolver: vec![],
    }
}

async fn probe(config: TcpConfig) -> Outcome {
    check(&Config::Tcp(config), SOON).await
}

#[tokio::test]
async fn an_open_port_is_up_and_a_closed_one_refuses() {
    let server = Hostile::start(Behaviour::Silent).await;
    let outcome = probe(port(server.address.port(), None, None)).await;
    assert!(outcome.is_up(), "{outcome:?}");
    let names: Vec<_> = outcome.metrics().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["up", "response_ms", "connect_ms"]);
    let closed = free_port();
    let address = format!("127.0.0.1:{closed}").parse().unwrap();
    assert_eq!(
        reason(&probe(port(closed, None, None)).await),
        &Reason::ConnectRefused { address }
    );
}

#[tokio::test]
async fn banners_are_expected_in_either_character_set() {
    let ssh = Hostile::start(Behaviour::SayAndHold(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec())).await;
    let ask = |expect| port(ssh.address.port(), Some("hi\r\n"), Some(expect));
    let outcome = probe(ask("SSH-2.0")).await;
    assert!(outcome.is_up(), "{outcome:?}");
    assert!(outcome.bytes_in >= 23 && outcome.bytes_out == 4);
    // The wrong banner, from a server that then waits: all that can be said is that it did not come.
    assert_eq!(
        reason(&probe(ask("SMTP")).await),
        &Reason::Timeout {
            phase: Phase::Transfer,
            limit_ms: 600
        }
    );
    let gbk = Hostile::start(Behaviour::Say(vec![0xd5, 0xfe, 0xb8, 0xae])).await;
    assert!(
        probe(port(gbk.address.port(), Some("x"), Some("政府")))
            .await
            .is_up()
    );
    let other = probe(port(gbk.address.port(), Some("x"), Some("企业"))).await;
    assert_eq!(reason(&other).code(), "banner_mismatch");
}

#[tokio::test]
async fn silence_drips_and_floods_end_in_time() {
    let table = [
        (Behaviour::Silent, "timeout"),
        (
            Behaviour::Drip(b"x".to_vec(), Duration::from_millis(20)),
            "timeout",
        ),
        (
            Behaviour::Flood(vec![], vec![b'x'; 1_000]),
            "banner_mismatch",
        ),
        (Behaviour::Say(vec![]), "closed_early"),
    ];
    for (behaviour, code) in table {
        let name = format!("{behaviour:?}");
        let server = Hostile::start(behaviour).await;
        let outcome = probe(port(server.address.port(), Some("hello"), Some("ready"))).await;
        assert_eq!(
            reason(&outcome).code(),
            code,
            "{}",
            &name[..name.len().min(60)]
        );
        assert!(outcome.bytes_in <= 8_192, "{}", outcome.bytes_in);
    }
}
