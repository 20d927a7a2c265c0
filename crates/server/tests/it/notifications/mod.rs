//! Telling: the bell, mail, SMS, robots, and what happens when the other side is dead.

mod escalation;
mod hostile;
mod live;
mod mail;
mod protected;
mod robots;
mod setup;
mod sinks;

use std::collections::BTreeSet;

use anlan_server::features::notifications::{Message, Sender, tell};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, both};
use sinks::{MailSink, WebSink, silent_port};

/// Somebody with a mail address and a phone number.
async fn person(app: &TestApp, login: &str, phone: &str) -> Uuid {
    let fields = json!({ "login": login, "name": login, "email": format!("{login}@example.cn"), "phone": phone });
    let made = app.admin().await.post("/users", fields).await.ok();
    crate::support::id(&made["user"]["id"])
}

/// Tells people something urgent.
async fn alarm(app: &TestApp, to: &[Uuid], title: &str) {
    say(app, to, title, "alert.critical", true).await;
}

async fn say(app: &TestApp, to: &[Uuid], title: &str, kind: &str, urgent: bool) {
    let message = Message {
        kind: kind.into(),
        to: BTreeSet::from_iter(to.iter().copied()),
        title: (title.into(), title.into()),
        body: ("首页 5 分钟无响应".into(), "no answer for 5 minutes".into()),
        link: "/monitors/1".into(),
        project: None,
        subject: None,
        urgent,
        ends: None,
    };
    app.app
        .db
        .write(move |tx| Box::pin(async move { tell(tx, &message).await }))
        .await
        .unwrap();
}

pub async fn channel(
    app: &TestApp,
    kind: &str,
    config: Value,
    secret: Value,
    fallback: Value,
) -> Value {
    let fields = json!({ "name": format!("{kind} {}", Uuid::now_v7()), "kind": kind, "config": config, "secret": secret, "fallback_id": fallback, "enabled": true });
    app.admin().await.post("/channels", fields).await.ok()
}

pub fn smtp(port: u16) -> Value {
    json!({ "host": "127.0.0.1", "port": port, "tls": "plain", "from": "安澜 <ops@example.cn>", "timeout_seconds": 1 })
}

pub fn sms(url: &str, more: Value) -> Value {
    let mut config = json!({
        "method": "POST", "url": format!("{url}/send?to={{{{ phones|urlencode }}}}"),
        "headers": { "content-type": "application/json", "x-token": "{{ secret.token }}" },
        "body": "{\"text\": {{ text|tojson }}}",
        "success": { "contains": "\"ok\"" },
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    config
}

pub async fn deliveries(app: &TestApp, query: &str) -> Vec<Value> {
    let found = app
        .admin()
        .await
        .get(&format!("/deliveries?{query}"))
        .await
        .ok();
    found["items"].as_array().unwrap().clone()
}

#[test]
fn r276_red_is_mailed_blue_is_only_shown() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(&app, "smtp", smtp(sink.port), json!({}), Value::Null).await;
        let zhang = person(&app, "zhang", "13800000001").await;
        say(&app, &[zhang], "预警：门户网站慢", "alert.warning", false).await;
        alarm(&app, &[zhang], "告警：<门户> 打不开").await;
        let sender = Sender::new(app.app.clone());
        sender.pass().await.unwrap();
        sender.pass().await.unwrap();

        let mails = sink.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert_eq!(mails[0].to, "zhang@example.cn");
        let sent = deliveries(&app, "state=sent").await;
        let key = sent[0]["id"].as_str().unwrap();
        assert!(
            mails[0]
                .data
                .contains(&format!("Message-ID: <{key}@example.cn>")),
            "{}",
            mails[0].data
        );
        assert!(mails[0].data.contains("multipart/alternative"));
        assert!(mails[0].data.contains("text/html") && mails[0].data.contains("text/plain"));
        assert!(
            sent[0]["receipt"]
                .as_str()
                .unwrap()
                .contains("queued as 4711")
        );
        assert_eq!(sent[0]["address"], "z****@example.cn");

        let bell = app.sign_in(zhang).await;
        assert_eq!(
            bell.get("/notices/count").await.code(),
            "password_change_required"
        );
    });
}

#[test]
fn a_dead_mail_server_holds_up_nobody_and_sms_takes_over() {
    both(async |app| {
        let web = WebSink::start("{\"result\": \"ok\", \"id\": 7}").await;
        let wecom = WebSink::start("{\"errcode\":0,\"errmsg\":\"ok\"}").await;
        let gateway = channel(
            &app,
            "http",
            sms(&web.url, json!({ "rule": { "standby": true } })),
            json!({ "token": "t-1" }),
            Value::Null,
        )
        .await;
        channel(
            &app,
            "smtp",
            smtp(silent_port().await),
            json!({}),
            gateway["id"].clone(),
        )
        .await;
        channel(
            &app,
            "wecom",
            json!({ "url": wecom.url }),
            json!({ "key": "K" }),
            Value::Null,
        )
        .await;
        let zhang = person(&app, "zhang", "13800000001").await;
        alarm(&app, &[zhang], "告警：门户打不开").await;
        let sender = Sender::new(app.app.clone());
        sender.pass().await.unwrap();
        assert_eq!(wecom.asked().len(), 1, "the robot has it at once");
        assert_eq!(web.asked().len(), 0);
        for _ in 0..2 {
            app.pass(30);
            sender.pass().await.unwrap();
        }
        assert_eq!(deliveries(&app, "state=passed_on").await.len(), 1);
        sender.pass().await.unwrap();
        let asked = web.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].method, "POST");
        assert_eq!(asked[0].uri, "/send?to=13800000001");
        assert_eq!(asked[0].headers["x-token"], "t-1");
        assert_eq!(
            asked[0].json(),
            json!({ "text": "告警：门户打不开　首页 5 分钟无响应" })
        );
        let origin = deliveries(&app, "state=passed_on").await[0]["id"].clone();
        assert_eq!(
            asked[0].headers["idempotency-key"],
            origin.as_str().unwrap()
        );
    });
}

#[test]
fn one_request_for_many_phones_and_only_the_right_answer_counts() {
    both(async |app| {
        let web = WebSink::start("{\"result\": \"busy\"}").await;
        let config = sms(
            &web.url,
            json!({ "joined": true, "separator": ";", "max_chars": 10 }),
        );
        channel(&app, "http", config, json!({ "token": "t" }), Value::Null).await;
        let people = [
            person(&app, "a", "13800000001").await,
            person(&app, "b", "13800000002").await,
        ];
        alarm(&app, &people, "告警：门户网站首页完全打不开了").await;
        let sender = Sender::new(app.app.clone());
        sender.pass().await.unwrap();
        assert_eq!(
            deliveries(&app, "state=pending").await.len(),
            2,
            "200 alone is no success"
        );
        web.answer(200, "{\"result\": \"ok\"}");
        app.pass(30);
        sender.pass().await.unwrap();
        let asked = web.asked();
        assert_eq!(asked.len(), 2);
        let to = asked[1]
            .uri
            .query()
            .unwrap()
            .trim_start_matches("to=")
            .replace("%3B", ";");
        let to: BTreeSet<&str> = to.split(';').collect();
        assert_eq!(to, BTreeSet::from(["13800000001", "13800000002"]));
        assert_eq!(
            asked[1].json()["text"].as_str().unwrap().chars().count(),
            10
        );
        assert_eq!(
            asked[0].headers["idempotency-key"],
            asked[1].headers["idempotency-key"]
        );
        assert_eq!(deliveries(&app, "state=sent").await.len(), 2);
    });
}

#[test]
fn a_refused_mailbox_is_a_dead_letter_until_it_is_sent_again() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(&app, "smtp", smtp(sink.port), json!({}), Value::Null).await;
        let gone = person(&app, "gone", "").await;
        let here = person(&app, "here", "").await;
        alarm(&app, &[gone, here], "告警：机房断电").await;
        let sender = Sender::new(app.app.clone());
        sender.pass().await.unwrap();
        assert_eq!(sink.mails().len(), 1, "the other one gets his");
        let dead = deliveries(&app, "state=dead").await;
        assert_eq!(dead.len(), 1);
        assert!(
            dead[0]["error"]
                .as_str()
                .unwrap()
                .contains("no such mailbox"),
            "{}",
            dead[0]
        );
        let admin = app.admin().await;
        let retry = format!("/deliveries/{}/retry", dead[0]["id"].as_str().unwrap());
        admin.post(&retry, Value::Null).await.ok();
        admin
            .post(&retry, Value::Null)
            .await
            .refused(409, "not_dead");
        sender.pass().await.unwrap();
        assert_eq!(deliveries(&app, "state=dead").await.len(), 1);
        admin
            .get("/deliveries?state=lost")
            .await
            .wrong(&["state one_of"]);
    });
}

#[test]
fn what_was_claimed_by_a_process_that_was_killed_comes_again_with_the_same_key() {
    both(async |app| {
        let sink = MailSink::start().await;
        let slow = silent_port().await;
        let made = channel(&app, "smtp", smtp(slow), json!({}), Value::Null).await;
        let zhang = person(&app, "zhang", "").await;
        alarm(&app, &[zhang], "告警").await;
        // The first process is gone in the middle of an attempt.
        let first = Sender::new(app.app.clone());
        let killed =
            tokio::time::timeout(std::time::Duration::from_millis(300), first.pass()).await;
        assert!(killed.is_err());
        let claimed = &deliveries(&app, "state=pending").await[0];
        assert_eq!(claimed["attempts"], 1);
        let path = format!("/channels/{}", made["id"].as_str().unwrap());
        let fields = json!({ "name": "mail", "kind": "smtp", "config": smtp(sink.port), "fallback_id": null, "enabled": true });
        app.admin().await.put(&path, &json!(1), fields).await.ok();
        let second = Sender::new(app.app.clone());
        second.pass().await.unwrap();
        assert_eq!(sink.mails().len(), 0, "it may still be on its way");
        app.pass(500);
        second.pass().await.unwrap();
        let key = claimed["id"].as_str().unwrap();
        assert!(sink.mails()[0].data.contains(key));
    });
}
