//! Robots: exact wire formats, signatures computed elsewhere, limits and digests.

use anlan_server::features::notifications::Sender;
use serde_json::{Value, json};

use super::sinks::WebSink;
use super::{alarm, channel, deliveries, sms};
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

/// A channel of a kind and the secret it takes.
fn set_up(kind: &str, url: &str) -> (Value, Value) {
    match kind {
        "wecom" => (json!({ "url": url }), json!({ "key": "K" })),
        "dingtalk" => (json!({ "url": url }), json!({ "access_token": "T" })),
        "feishu" => (json!({ "url": url }), json!({ "hook": "H" })),
        _ => (sms(url, json!({})), json!({ "token": "t" })),
    }
}

/// A kind of channel; status, headers and body of an answer; seconds for which nothing more is taken.
type Refusal = (
    &'static str,
    u16,
    &'static [(&'static str, &'static str)],
    &'static str,
    i64,
);

/// Each vendor's own words for too many.
const TOO_MANY: [Refusal; 8] = [
    (
        "wecom",
        200,
        &[],
        r#"{"errcode":45009,"errmsg":"api freq out of limit, hint: [1795312800123456789], from ip: 10.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e=45009"}"#,
        60,
    ),
    (
        "dingtalk",
        200,
        &[],
        r#"{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#,
        600,
    ),
    (
        "dingtalk",
        200,
        &[],
        r#"{"errcode":660026,"errmsg":"send too fast"}"#,
        600,
    ),
    (
        "feishu",
        200,
        &[],
        r#"{"code":11232,"data":{},"msg":"frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"}"#,
        60,
    ),
    (
        "feishu",
        400,
        &[],
        r#"{"code":9499,"msg":"too many request","data":{}}"#,
        60,
    ),
    ("wecom", 429, &[("retry-after", "90")], "", 90),
    (
        "feishu",
        429,
        &[
            ("date", "Sun, 22 Nov 2026 02:00:00 GMT"),
            ("retry-after", "Sun, 22 Nov 2026 02:02:00 GMT"),
        ],
        "slow down",
        120,
    ),
    ("wecom", 429, &[], "<html>", 60),
];

#[test]
fn a_vendor_that_shuts_a_robot_out_is_left_alone_by_the_whole_channel() {
    both(async |app| {
        for (kind, status, headers, answer, seconds) in TOO_MANY {
            let vendor = WebSink::start("").await;
            vendor.answer_with(status, headers, answer);
            let (config, secret) = set_up(kind, &vendor.url);
            let made = channel(&app, kind, config, secret, Value::Null).await;
            let path = format!("/channels/{}", made["id"].as_str().unwrap());
            alarm(&app, &[], "第一条").await;
            // A process started anew knows of it, too.
            let pass = async || Sender::new(app.app.clone()).pass().await.unwrap();
            pass().await;
            alarm(&app, &[], "第二条").await;
            pass().await;
            assert_eq!(vendor.asked().len(), 1, "{answer}");
            let test = app
                .admin()
                .await
                .post(&format!("{path}/test"), json!({}))
                .await;
            test.refused(429, "channel_shut_out");

            vendor.answer(200, r#"{"errcode":0,"code":0}"#);
            app.pass(seconds - 1);
            pass().await;
            assert_eq!(vendor.asked().len(), 1, "{seconds} s of quiet: {answer}");
            app.pass(1);
            pass().await;
            assert_eq!(vendor.asked().len(), 3, "{answer}");
            app.admin().await.delete(&path).await.ok();
        }
        assert!(deliveries(&app, "state=pending").await.is_empty());
    });
}

#[test]
fn a_test_message_that_is_shut_out_closes_the_channel_and_new_settings_open_it() {
    both(async |app| {
        let wecom = WebSink::start(TOO_MANY[0].3).await;
        let (config, secret) = set_up("wecom", &wecom.url);
        let made = channel(&app, "wecom", config.clone(), secret.clone(), Value::Null).await;
        let path = format!("/channels/{}", made["id"].as_str().unwrap());
        let admin = app.admin().await;
        let outcome = admin.post(&format!("{path}/test"), json!({})).await.ok();
        assert_eq!(outcome["ok"], false, "{outcome}");
        let shown = &admin.get("/channels").await.ok()[0];
        assert_eq!(
            shown["closed_until"],
            json!(app.clock.now().plus_seconds(60))
        );
        alarm(&app, &[], "告警").await;
        let sender = Sender::new(app.app.clone());
        sender.pass().await.unwrap();
        assert_eq!(wecom.asked().len(), 1);
        let again = json!({
            "name": "另一个", "kind": "wecom", "config": config, "secret": secret, "fallback_id": null, "enabled": true,
        });
        admin.put(&path, &made["version"], again).await.ok();
        sender.pass().await.unwrap();
        assert_eq!(wecom.asked().len(), 2);
    });
}

#[test]
fn a_gateway_that_is_asked_too_often_is_left_alone_too() {
    both(async |app| {
        let gateway = WebSink::start("").await;
        gateway.answer_with(429, &[("retry-after", "300")], "{\"result\":\"busy\"}");
        let (config, secret) = set_up("http", &gateway.url);
        channel(&app, "http", config, secret, Value::Null).await;
        let zhang = super::person(&app, "zhang", "13800000001").await;
        let sender = Sender::new(app.app.clone());
        for number in 0..3 {
            alarm(&app, &[zhang], &format!("告警 {number}")).await;
        }
        sender.pass().await.unwrap();
        app.pass(299);
        sender.pass().await.unwrap();
        assert_eq!(gateway.asked().len(), 1, "the others wait with the first");
        gateway.answer(200, "{\"result\": \"ok\"}");
        app.pass(10);
        sender.pass().await.unwrap();
        assert_eq!(deliveries(&app, "state=sent").await.len(), 3);
    });
}

#[test]
fn a_request_that_feishu_cannot_read_shuts_nobody_out() {
    both(async |app| {
        let feishu = WebSink::start(r#"{"code":9499,"msg":"Bad Request","data":{}}"#).await;
        let (config, secret) = set_up("feishu", &feishu.url);
        channel(&app, "feishu", config, secret, Value::Null).await;
        alarm(&app, &[], "告警").await;
        let sender = Sender::new(app.app.clone());
        sender.pass().await.unwrap();
        app.pass(10);
        sender.pass().await.unwrap();
        assert_eq!(feishu.asked().len(), 2);
    });
}

#[test]
fn a_clock_set_back_by_an_hour_makes_no_message_wait_for_it() {
    both(async |app| {
        let wecom = WebSink::start("broken").await;
        let (config, secret) = set_up("wecom", &wecom.url);
        let made = channel(&app, "wecom", config, secret, Value::Null).await;
        let sender = Sender::new(app.app.clone());
        alarm(&app, &[], "告警").await;
        sender.pass().await.unwrap();
        // It is to be tried again within seconds, and another one has just been written.
        alarm(&app, &[], "又一条").await;
        app.pass(-3600);
        sender.pass().await.unwrap();
        assert_eq!(wecom.asked().len(), 2, "what was due is due");
        wecom.answer(200, "{\"errcode\":0}");
        app.pass(15);
        sender.pass().await.unwrap();
        assert_eq!(deliveries(&app, "state=sent").await.len(), 2);

        // Neither does the channel stay shut out for longer than it is.
        wecom.answer(200, TOO_MANY[0].3);
        alarm(&app, &[], "第三条").await;
        sender.pass().await.unwrap();
        app.pass(-3600);
        wecom.answer(200, "{\"errcode\":0}");
        sender.pass().await.unwrap();
        app.pass(61);
        sender.pass().await.unwrap();
        assert_eq!(deliveries(&app, "state=sent").await.len(), 3);
        let test = format!("/channels/{}/test", made["id"].as_str().unwrap());
        app.admin().await.post(&test, json!({})).await.ok();
    });
}
