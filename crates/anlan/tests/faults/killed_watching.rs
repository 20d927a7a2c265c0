//! `kill -9` while a watched port is dead, a promise comes due and mail goes out: everything is told,
//! and no more than once.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::support::{Dice, MailSink, Server, Site, on_postgres, on_sqlite, sql, until, verify};

/// Kills at any instant, before the one in the middle of a mail.
const KILLS: usize = 3;
/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// Agreement C promises an answer within ten minutes.
const PROMISED: SignedDuration = SignedDuration::from_mins(10);

#[test]
fn an_outage_and_a_breach_are_told_once_on_sqlite() {
    on_sqlite(told_once);
}

#[test]
fn an_outage_and_a_breach_are_told_once_on_postgres() {
    on_postgres("watching", told_once);
}

fn told_once(data: &Path, database: Option<&str>) {
    let mut dice = Dice::new();
    let sink = MailSink::silent();
    let mut server = Server::start(data, database);
    let mut site = Site::with_mail(&server, sink.port);
    site.promote();
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let monitor = site.watch(target.local_addr().unwrap().port());
    until("the port is seen", PATIENCE, || {
        state(&site, &monitor) == "ok"
    });
    let promise = due_in(&site, SignedDuration::from_secs(4));
    drop(target);
    for _ in 0..KILLS {
        sink.arrives(Duration::from_millis(dice.below(3_000)));
        again(&mut server, &mut site, data, database);
    }
    // And once when a mail was taken and its sender has not heard of it.
    assert!(sink.arrives(PATIENCE), "no mail");
    again(&mut server, &mut site, data, database);
    sink.answer();
    until("everything is told", PATIENCE, || {
        let kinds: BTreeSet<String> = site
            .all("/deliveries")
            .iter()
            .map(|row| {
                format!(
                    "{} {}",
                    row["kind"].as_str().unwrap(),
                    row["state"].as_str().unwrap()
                )
            })
            .collect();
        let all_sent = kinds.iter().all(|kind| kind.ends_with(" sent"));
        all_sent
            && kinds.contains("alert.critical sent")
            && kinds.contains("ticket.sla.breach sent")
    });
    one_outage(&site, &promise);
    one_breach(&site, &promise);
    mails(&site, &sink);
    drop(server);
    verify(data, database);
}

/// `kill -9`, and a start once the sender's claims have run out: they hold for eight minutes.
fn again(server: &mut Server, site: &mut Site, data: &Path, database: Option<&str>) {
    server.kill();
    sql(
        data,
        database,
        "UPDATE deliveries SET due_at = 0 WHERE state = 'pending'",
    );
    *server = Server::start(data, database);
    *site = site.at(server);
}

fn state(site: &Site, monitor: &str) -> String {
    let shown = site
        .admin
        .get(&format!("/monitors/{monitor}"))
        .unwrap()
        .ok();
    shown["state"].as_str().unwrap().to_owned()
}

/// A ticket that was reported long enough ago for its first promise to come due in so long.
fn due_in(site: &Site, left: SignedDuration) -> String {
    let mut call = site.call("promise");
    call["happened_at"] = json!((Timestamp::now() - PROMISED + left).to_string());
    let made = site.admin.post("/tickets", &call).unwrap().ok();
    made["id"].as_str().unwrap().to_owned()
}

fn one_outage(site: &Site, promise: &str) {
    let alerts = site.all("/alerts");
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let tickets = site.all("/tickets");
    let others: Vec<&Value> = tickets.iter().filter(|row| row["id"] != promise).collect();
    assert_eq!(others.len(), 1, "{others:?}");
    assert_eq!(alerts[0]["ticket"]["id"], others[0]["id"]);
}

fn one_breach(site: &Site, promise: &str) {
    let timeline = site.all(&format!("/tickets/{promise}/timeline"));
    let breaches = timeline.iter().filter(|row| row["action"] == "sla.breach");
    assert_eq!(breaches.count(), 1, "{timeline:?}");
}

/// Every message was written down once and has arrived, always under the same name.
fn mails(site: &Site, sink: &MailSink) {
    let deliveries = site.all("/deliveries");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let said: BTreeSet<_> = deliveries
        .iter()
        .map(|row| (text(row, "kind"), text(row, "title"), text(row, "address")))
        .collect();
    assert_eq!(said.len(), deliveries.len(), "told twice: {deliveries:?}");
    let expected: BTreeSet<String> = deliveries
        .iter()
        .map(|row| format!("<{}@example.cn>", text(row, "id")))
        .collect();
    let mails = sink.mails();
    let arrived: BTreeSet<String> = mails.iter().map(|mail| mail.id().to_owned()).collect();
    assert_eq!(arrived, expected);
    assert!(
        mails.len() > arrived.len(),
        "the mail that was not confirmed came again"
    );
    assert!(mails.iter().all(|mail| mail.to == "zhang@example.cn"));
}
