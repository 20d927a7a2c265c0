//! Servers that are not there, and words that would like to be markup.

use std::collections::BTreeSet;

use anlan_server::features::notifications::{Message, Sender, tell};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::sinks::{MailSink, WebSink};
use super::{alarm, channel, deliveries, person, smtp};
use crate::support::{TestApp, both};

#[test]
fn what_people_write_is_no_markup_in_a_mail() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(&app, "smtp", smtp(sink.port), json!({}), Value::Null).await;
        let zhang = person(&app, "zhang", "").await;
        let title = "告警 <script>alert(1)</script> & \"门户\"";
        let body = "<img src=x onerror=alert(1)>\n</p><a href='http://evil'>点我</a>";
        let message = Message {
            kind: "alert.critical".into(),
            to: BTreeSet::from([zhang]),
            title: (title.into(), title.into()),
            body: (body.into(), body.into()),
            link: "/monitors/1?\"><script>".into(),
            project: None,
            subject: None,
            urgent: true,
            ends: None,
        };
        let told = app
            .app
            .db
            .write(move |tx| Box::pin(async move { tell(tx, &message).await }));
        told.await.unwrap();
        Sender::new(app.app.clone()).pass().await.unwrap();
        let mails = sink.mails();
        let html = mails[0].html();
        assert!(
            html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;门户&quot;"),
            "{html}"
        );
        assert!(
            html.contains("&lt;img src=x onerror=alert(1)&gt;<br>"),
            "{html}"
        );
        let tags: BTreeSet<&str> = html
            .split('<')
            .skip(1)
            .map(|tag| tag.split([' ', '>']).next().unwrap())
            .collect();
        let ours = [
            "!doctype", "html", "meta", "body", "h3", "/h3", "p", "br", "/p", "a", "/a", "/body",
            "/html",
        ];
        assert_eq!(tags, BTreeSet::from(ours), "{html}");
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
    });
}

/// A port that nobody listens on.
async fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// The only delivery, after so many attempts that failed for this reason.
async fn failed(app: &TestApp, attempts: i64, reasons: [&str; 2]) -> Value {
    let pending = deliveries(app, "state=pending").await;
    assert_eq!(pending.len(), 1, "{pending:?}");
    let error = pending[0]["error"].as_str().unwrap();
    assert_eq!(pending[0]["attempts"], attempts, "{error}");
    assert!(
        reasons.iter().any(|reason| error.contains(reason)),
        "{error}"
    );
    let due: jiff::Timestamp = pending[0]["due_at"].as_str().unwrap().parse().unwrap();
    assert!(
        due > app.clock.now().timestamp(),
        "it is tried again, not at once"
    );
    pending[0].clone()
}

#[test]
fn a_mail_server_that_is_not_there_is_named_and_tried_again() {
    both(async |app| {
        let mut away = smtp(25);
        away["host"] = json!("no-such-host.invalid");
        let made = channel(&app, "smtp", away, json!({}), Value::Null).await;
        let zhang = person(&app, "zhang", "").await;
        alarm(&app, &[zhang], "告警").await;
        let sender = Sender::new(app.app.clone());
        let pass = async || {
            app.pass(60);
            sender.pass().await.unwrap();
        };
        pass().await;
        failed(&app, 1, ["lookup", "resolve"]).await;
        let admin = app.admin().await;
        let path = format!("/channels/{}", made["id"].as_str().unwrap());
        let moved = async |version: i32, port: u16| {
            let fields = json!({ "name": "mail", "kind": "smtp", "config": smtp(port), "fallback_id": null, "enabled": true });
            admin.put(&path, &json!(version), fields).await.ok();
        };
        moved(1, closed_port().await).await;
        pass().await;
        failed(&app, 2, ["refused", "Refused"]).await;
        let sink = MailSink::start().await;
        moved(2, sink.port).await;
        pass().await;
        assert_eq!(sink.mails().len(), 1);
        assert_eq!(deliveries(&app, "state=sent").await[0]["error"], "");
    });
}

#[test]
fn a_robot_that_is_not_there_is_named_and_tried_again() {
    both(async |app| {
        let secret = json!({ "key": "K-1" });
        let away = json!({ "url": "http://no-such-host.invalid/send" });
        let made = channel(&app, "wecom", away, secret.clone(), Value::Null).await;
        alarm(&app, &[], "告警").await;
        let sender = Sender::new(app.app.clone());
        let pass = async || {
            app.pass(60);
            sender.pass().await.unwrap();
        };
        pass().await;
        let told = failed(&app, 1, ["lookup", "resolve"]).await;
        assert!(
            !told["error"].as_str().unwrap().contains("K-1"),
            "the key stays secret: {told}"
        );
        let admin = app.admin().await;
        let path = format!("/channels/{}", made["id"].as_str().unwrap());
        let moved = async |version: i32, url: String| {
            let fields = json!({
                "name": "robot", "kind": "wecom", "config": { "url": url }, "secret": secret,
                "fallback_id": null, "enabled": true,
            });
            admin.put(&path, &json!(version), fields).await.ok();
        };
        moved(1, format!("http://127.0.0.1:{}/send", closed_port().await)).await;
        pass().await;
        failed(&app, 2, ["refused", "Refused"]).await;
        let sink = WebSink::start("{\"errcode\":0,\"errmsg\":\"ok\"}").await;
        moved(2, sink.url.clone()).await;
        pass().await;
        assert_eq!(sink.asked().len(), 1);
    });
}
