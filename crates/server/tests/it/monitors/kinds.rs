//! Checks that are no web pages: names and pings, from the probe to the alert.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::{Value, json};
use tokio::net::UdpSocket;

use super::Site;
use crate::support::both;

/// A name server that answers every question with one address of 192.0.2.0/24.
struct NameServer {
    address: SocketAddr,
    /// The last part of the address; 0 means that the name does not exist.
    host: Arc<AtomicU8>,
}

impl NameServer {
    async fn start(host: u8) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let host = Arc::new(AtomicU8::new(host));
        let answered = Arc::clone(&host);
        tokio::spawn(async move {
            let mut question = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut question).await {
                let answer = answer(&question[..length], answered.load(Ordering::SeqCst));
                socket.send_to(&answer, from).await.ok();
            }
        });
        Self { address, host }
    }

    fn says(&self, host: u8) {
        self.host.store(host, Ordering::SeqCst);
    }
}

/// A message of RFC 1035: the question again, and an A record unless the name does not exist.
fn answer(question: &[u8], host: u8) -> Vec<u8> {
    let name = question[12..].iter().position(|length| *length == 0);
    let end = 12 + name.unwrap() + 5;
    let (code, answers) = if host == 0 { (3, 0) } else { (0, 1) };
    let mut message = question[..2].to_vec();
    message.extend([0x85, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0]);
    message.extend(&question[12..end]);
    if answers == 1 {
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, host]);
    }
    message
}

fn monitor(site: &Site, kind: &str, config: Value) -> Value {
    let mut monitor = site.http(kind, "http://127.0.0.1/");
    monitor["kind"] = json!(kind);
    monitor["config"] = config;
    monitor
}

#[test]
fn a_name_that_leads_elsewhere_or_nowhere_raises_an_alert() {
    both(async |app| {
        let names = NameServer::start(1).await;
        let mut site = Site::new(&app, "K1").await;
        let config = json!({
            "name": "portal.example.cn", "resolver": [names.address.to_string()], "expect": ["192.0.2.1"],
        });
        let portal = site.add(monitor(&site, "dns", config)).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 3).await;
        assert_eq!(site.state(&portal).await, "ok");

        names.says(66);
        site.rounds(&app, 3).await;
        assert_eq!(site.state(&portal).await, "critical");
        let alerts = site.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert!(
            alerts[0]["reason"].as_str().unwrap().contains("192.0.2.66"),
            "{alerts:?}"
        );
        assert_eq!(site.tickets().await.len(), 1);

        names.says(1);
        site.rounds(&app, 3).await;
        assert_eq!(site.state(&portal).await, "ok");
        names.says(0);
        site.rounds(&app, 3).await;
        assert_eq!(site.state(&portal).await, "critical");
        assert_eq!(site.alerts().await.len(), 2);
        assert_eq!(
            site.tickets().await.len(),
            1,
            "the same ticket while it is open"
        );
    });
}

#[test]
fn a_ping_that_takes_longer_than_allowed_raises_an_alert() {
    both(async |app| {
        let mut site = Site::new(&app, "K2").await;
        let config = json!({ "host": "127.0.0.1", "packets": 2, "gap_ms": 10 });
        let mut ping = monitor(&site, "icmp", config);
        let slow = |limit: f64| json!({ "kind": "above", "metric": "response_ms", "value": limit });
        ping["rule"]["conditions"][0]["when"] = slow(900.0);
        let host = site.add(ping.clone()).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;
        assert_eq!(
            site.state(&host).await,
            "ok",
            "this test needs CAP_NET_RAW, or: sysctl net.ipv4.ping_group_range='0 2147483647'"
        );
        assert!(site.shown(&host).await["last_value_ms"].as_f64().unwrap() < 900.0);
        // No answer takes no time at all.
        ping["rule"]["conditions"][0]["when"] = slow(0.0);
        let path = format!("/monitors/{host}");
        let version = site.shown(&host).await["version"].clone();
        site.manager.put(&path, &version, ping).await.ok();
        site.rounds(&app, 3).await;
        assert_eq!(site.state(&host).await, "critical");
        let alerts = site.alerts().await;
        assert_eq!(
            (alerts.len(), &alerts[0]["target"]),
            (1, &json!("127.0.0.1"))
        );
        assert_eq!(site.tickets().await.len(), 1);
    });
}
