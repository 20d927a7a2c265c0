//! Robots: exact wire formats, signatures computed elsewhere, limits and digests.

use anlan_server::features::notifications::Sender;
use serde_json::{Value, json};

use super::sinks::WebSink;
use super::{alarm, channel, deliveries};
use crate::support::both;

#[test]
fn each_vendor_gets_its_own_format() {
    both(async |app| {
        let good = "{\"errcode\":0,\"errmsg\":\"ok\"}";
        let (wecom, dingtalk) = (WebSink::start(good).await, WebSink::start(good).await);
        let feishu = WebSink::start("{\"code\":0,\"msg\":\"success\",\"data\":{}}").await;
        channel(
            &app,
            "wecom",
            json!({ "url": format!("{}/cgi-bin/webhook/send", wecom.url) }),
            json!({ "key": "693a-91f" }),
            Value::Null,
        )
        .await;
        channel(
            &app,
            "dingtalk",
            json!({ "url": format!("{}/robot/send", dingtalk.url), "mention": ["13800000001"] }),
            json!({ "access_token": "T", "sign": "SEC-anlan" }),
            Value::Null,
        )
        .await;
        channel(
            &app,
            "feishu",
            json!({ "url": format!("{}/open-apis/bot/v2/hook", feishu.url) }),
            json!({ "hook": "H-1", "sign": "SEC-anlan" }),
            Value::Null,
        )
        .await;
        alarm(&app, &[], "告警：[门户](http://evil) @all").await;
        Sender::new(app.app.clone()).pass().await.unwrap();

        let link = format!("{}/monitors/1", app.app.config.public_url);
        let title = "告警：［门户］(http://evil) ＠all";
        let markdown = format!("**{title}**\n\n> 首页 5 分钟无响应\n\n[查看 Open]({link})");
        let asked = &wecom.asked()[0];
        assert_eq!(asked.uri, "/cgi-bin/webhook/send?key=693a-91f");
        assert_eq!(
            asked.json(),
            json!({ "msgtype": "markdown", "markdown": { "content": markdown } })
        );

        let asked = &dingtalk.asked()[0];
        // HMAC-SHA256 of Python: key SEC-anlan, message "1795312800000\nSEC-anlan".
        assert_eq!(
            asked.uri,
            "/robot/send?access_token=T&timestamp=1795312800000&sign=duAeAjKYy41EidmggGvC9VK7uxwsKSEs5Dp7aObbjH4%3D"
        );
        assert_eq!(
            asked.json(),
            json!({
                "msgtype": "markdown",
                "markdown": { "title": "告警：[门户](http://evil) @all", "text": format!("{markdown} @13800000001") },
                "at": { "atMobiles": ["13800000001"], "isAtAll": false },
            })
        );

        let asked = &feishu.asked()[0];
        assert_eq!(asked.uri, "/open-apis/bot/v2/hook/H-1");
        // HMAC-SHA256 of Python: key "1795312800\nSEC-anlan", empty message.
        assert_eq!(
            asked.json(),
            json!({
                "timestamp": "1795312800", "sign": "ouAbqYa1QOaF9abpt+5wtWr+KzIDgCKqXEAfq1fPlls=", "msg_type": "text",
                "content": { "text": format!("{title}\n首页 5 分钟无响应\n{link}") },
            })
        );
        assert_eq!(deliveries(&app, "state=sent").await.len(), 3);
    });
}

#[test]
fn twenty_a_minute_and_then_a_digest() {
    both(async |app| {
        let wecom = WebSink::start("{\"errcode\":0,\"errmsg\":\"ok\"}").await;
        channel(
            &app,
            "wecom",
            json!({ "url": wecom.url }),
            json!({ "key": "K" }),
            Value::Null,
        )
        .await;
        let sender = Sender::new(app.app.clone());
        for number in 0..20 {
            alarm(&app, &[], &format!("告警 {number}")).await;
        }
        sender.pass().await.unwrap();
        assert_eq!(wecom.asked().len(), 20);
        for number in 20..45 {
            alarm(&app, &[], &format!("告警 {number}")).await;
        }
        app.pass(59);
        // A process started anew knows of the twenty, too.
        Sender::new(app.app.clone()).pass().await.unwrap();
        assert_eq!(wecom.asked().len(), 20, "not one more within the minute");
        app.pass(1);
        sender.pass().await.unwrap();
        let asked = wecom.asked();
        assert_eq!(asked.len(), 21, "25 wait, 20 are allowed: one digest");
        let text = asked[20].json()["markdown"]["content"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(text.len() <= 4096);
        assert!(
            (20..45).all(|number| text.contains(&format!("告警 {number}]"))),
            "{text}"
        );
        assert_eq!(deliveries(&app, "state=sent&limit=100").await.len(), 45);
    });
}

#[test]
fn a_robot_that_says_no_is_asked_again() {
    both(async |app| {
        let wecom =
            WebSink::start("{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}").await;
        channel(
            &app,
            "wecom",
            json!({ "url": wecom.url }),
            json!({ "key": "K" }),
            Value::Null,
        )
        .await;
        alarm(&app, &[], "告警").await;
        let sender = Sender::new(app.app.clone());
        sender.pass().await.unwrap();
        app.pass(59);
        sender.pass().await.unwrap();
        assert_eq!(wecom.asked().len(), 1, "it asked for a minute of quiet");
        wecom.answer(200, "{\"errcode\":0,\"errmsg\":\"ok\"}");
        app.pass(2);
        sender.pass().await.unwrap();
        assert_eq!(deliveries(&app, "state=sent").await.len(), 1);
    });
}
