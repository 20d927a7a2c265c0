//! Setting channels up: secrets stay inside, mistakes are named.

use serde_json::{Value, json};

use super::sinks::WebSink;
use super::{channel, sms, smtp};
use crate::support::both;

#[test]
fn secrets_never_come_back_and_are_not_lured_away() {
    both(async |app| {
        let admin = app.admin().await;
        let config = json!({ "url": "http://127.0.0.1:9" });
        let made = channel(
            &app,
            "wecom",
            config,
            json!({ "key": "TOP-SECRET" }),
            Value::Null,
        )
        .await;
        let path = format!("/channels/{}", made["id"].as_str().unwrap());
        assert_eq!(made["secrets"], json!(["key"]));
        let moved = json!({ "name": "robot", "kind": "wecom", "config": { "url": "http://evil.example" }, "fallback_id": null, "enabled": true });
        admin
            .put(&path, &json!(1), moved.clone())
            .await
            .wrong(&["secret.key secret_again"]);
        let mut known = moved;
        known["secret"] = json!({ "key": "TOP-SECRET" });
        admin.put(&path, &json!(1), known).await.ok();
        for page in ["/channels", "/audit?action=channel."] {
            let text = String::from_utf8(admin.get(page).await.bytes).unwrap();
            assert!(
                text.contains("robot") && !text.contains("TOP-SECRET"),
                "{text}"
            );
        }
        admin.delete(&path).await.ok();
        assert_eq!(admin.get("/channels").await.ok(), json!([]));
    });
}

#[test]
fn a_channel_that_cannot_work_is_refused_by_field() {
    both(async |app| {
        let admin = app.admin().await;
        let refused = async |kind: &str, config: Value, secret: Value, fields: &[&str]| {
            let sent = json!({ "name": "x", "kind": kind, "config": config, "secret": secret, "fallback_id": null, "enabled": true });
            admin.post("/channels", sent).await.wrong(fields);
        };
        refused("fax", json!({}), json!({}), &["kind unknown_key"]).await;
        refused(
            "smtp",
            json!({ "host": "h" }),
            json!({}),
            &["config.port required"],
        )
        .await;
        let mut bad = smtp(25);
        bad["from"] = "nobody".into();
        bad["user"] = "ops".into();
        refused(
            "smtp",
            bad,
            json!({}),
            &["config.from bad_sender", "secret.password required"],
        )
        .await;
        refused(
            "http",
            sms("http://127.0.0.1", json!({ "body": "{{ nonsense }}" })),
            json!({ "token": "t" }),
            &["config.body bad_template"],
        )
        .await;
        refused(
            "http",
            sms("ftp://127.0.0.1", json!({})),
            json!({ "token": "t" }),
            &["config.url bad_url"],
        )
        .await;
        refused(
            "feishu",
            json!({}),
            json!({ "key": "k" }),
            &["secret.hook required", "secret.key unknown"],
        )
        .await;
        let first = channel(&app, "wecom", json!({}), json!({ "key": "k" }), Value::Null).await;
        let second = channel(
            &app,
            "wecom",
            json!({}),
            json!({ "key": "k" }),
            first["id"].clone(),
        )
        .await;
        let ring = json!({ "name": "x", "kind": "wecom", "config": {}, "fallback_id": second["id"], "enabled": true });
        let path = format!("/channels/{}", first["id"].as_str().unwrap());
        admin
            .put(&path, &json!(1), ring)
            .await
            .wrong(&["fallback_id no_such_fallback"]);
        admin.delete(&path).await.refused(409, "is_fallback");
    });
}

#[test]
fn a_channel_is_tried_for_real() {
    both(async |app| {
        let web = WebSink::start("\"ok\"").await;
        let made = channel(
            &app,
            "http",
            sms(&web.url, json!({})),
            json!({ "token": "t" }),
            Value::Null,
        )
        .await;
        let path = format!("/channels/{}/test", made["id"].as_str().unwrap());
        let admin = app.admin().await;
        let outcome = admin
            .post(&path, json!({ "recipient": "13800000009" }))
            .await
            .ok();
        assert_eq!(outcome["ok"], true, "{outcome}");
        assert_eq!(web.asked()[0].uri.query(), Some("to=13800000009"));
        web.answer(500, "broken");
        let outcome = admin
            .post(&path, json!({ "recipient": "13800000009" }))
            .await
            .ok();
        assert_eq!(
            (&outcome["ok"], &outcome["answer"]),
            (&json!(false), &json!("500 broken"))
        );
        admin
            .post(&path, json!({}))
            .await
            .wrong(&["recipient required"]);
    });
}
