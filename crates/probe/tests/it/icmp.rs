//! ICMP checks. They need CAP_NET_RAW or a group in net.ipv4.ping_group_range.

use std::time::Duration;

use anlan_probe::{Class, Config, Fault, IcmpConfig, Options, Outcome, Prober, Reason};

use super::support::check;

fn host(host: &str, packets: u16) -> IcmpConfig {
    let config = serde_json::json!({"host": host, "packets": packets, "gap_ms": 10});
    serde_json::from_value(config).unwrap()
}

async fn ping(config: IcmpConfig) -> Outcome {
    let outcome = check(&Config::Icmp(config), Duration::from_secs(2)).await;
    assert_ne!(
        outcome.class,
        Class::Unknown(Fault::IcmpNotPermitted),
        "this test needs CAP_NET_RAW, or: sysctl net.ipv4.ping_group_range='0 2147483647'"
    );
    outcome
}

#[tokio::test]
async fn r269_loopback_answers_every_packet() {
    let outcome = ping(host("127.0.0.1", 5)).await;
    assert!(outcome.is_up(), "{outcome:?}");
    let facts = outcome.ping.unwrap();
    assert_eq!((facts.sent, facts.received), (5, 5));
    assert!(facts.min_us <= facts.avg_us && facts.avg_us <= facts.max_us);
    let metrics = outcome.metrics();
    assert!(metrics.contains(&("loss", 0.0)));
    let response = metrics
        .iter()
        .find(|(name, _)| *name == "response_ms")
        .unwrap()
        .1;
    assert!((0.0..1_000.0).contains(&response), "{response}");
}

#[tokio::test]
async fn many_checks_of_one_host_at_once_do_not_take_each_others_replies() {
    let prober = Prober::new(&Options::default()).unwrap();
    let check = Config::Icmp(host("127.0.0.1", 3)).check().unwrap();
    let runs = (0..50).map(|_| prober.run(&check, Duration::from_secs(5)));
    for outcome in futures::future::join_all(runs).await {
        assert_eq!(outcome.ping.map(|p| p.received), Some(3), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_reported_before_the_deadline() {
    // An address of the loopback network that nothing answers for: the discard-only prefix of IPv6
    // or, where the kernel knows better, whatever it says.
    let outcome = ping(host("100::1", 2)).await;
    match &outcome.class {
        Class::Down(Reason::NoReply { sent: 2 } | Reason::IcmpUnreachable { .. }) => {
            assert_eq!(outcome.ping.map(|p| p.received).unwrap_or(0), 0);
        }
        Class::Unknown(Fault::NoRoute { .. } | Fault::NotPermitted { .. }) => {}
        other => panic!("{other:?}"),
    }
    assert!(
        !outcome
            .metrics()
            .iter()
            .any(|(name, _)| *name == "response_ms")
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_not_a_lost_packet() {
    let mut config = host("127.0.0.1", 1);
    config.host = "localhost".into();
    assert!(ping(config.clone()).await.is_up(), "the hosts file is read");
    config.packets = 0;
    let faults = Config::Icmp(config).check().unwrap_err();
    assert_eq!(
        (faults[0].field.as_str(), faults[0].code),
        ("packets", "out_of_range")
    );
}
