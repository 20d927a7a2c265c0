//! Setting monitors up: what cannot work is refused by field, lists stay cheap.

use anlan_core::access::Permission::MonitorRead;
use anlan_core::access::Scope;
use anlan_core::alert::Status;
use serde_json::{Value, json};

use super::Site;
use crate::support::{both, same_statements};

#[test]
fn a_monitor_that_cannot_work_is_refused_by_field() {
    both(async |app| {
        let site = Site::new(&app, "M1").await;
        let mut bad = site.http("", "ftp://nowhere");
        bad["interval_seconds"] = json!(1);
        bad["timeout_seconds"] = json!(0);
        site.manager.post("/monitors", bad).await.wrong(&[
            "name required",
            "interval_seconds out_of_range",
            "timeout_seconds out_of_range",
            "config.url scheme_not_allowed",
        ]);
        let mut stray = site.http("门户", "http://127.0.0.1/");
        stray["config"]["colour"] = json!("red");
        site.manager
            .post("/monitors", stray)
            .await
            .refused(422, "invalid");
        for (config, field, said) in [
            (json!([]), "config", "格式不正确 (应为对象)"),
            (json!({}), "config.url", "必填"),
            (
                json!({ "url": "http://127.0.0.1/", "colour": 1 }),
                "config.colour",
                "没有这个字段",
            ),
            (
                json!({ "url": "http://127.0.0.1/", "contains": "x" }),
                "config.contains",
                "格式不正确 (应为列表)",
            ),
        ] {
            let mut wrong = site.http("门户", "");
            wrong["config"] = config;
            let refused = site.manager.post("/monitors", wrong).await;
            let error = &refused.json()["errors"][0];
            assert_eq!(
                (&error["field"], &error["message"]),
                (&json!(field), &json!(said))
            );
        }
        assert!(super::items(&site.manager, "/monitors").await.is_empty());
    });
}

#[test]
fn a_wrong_rule_is_refused_at_the_very_field() {
    both(async |app| {
        let site = Site::new(&app, "M3").await;
        let refused = async |pointer: &str, value: Value, fields: &[&str]| {
            let mut monitor = site.http("门户", "http://127.0.0.1/");
            monitor["rule"]["conditions"] = json!([
                { "level": "critical", "when": { "kind": "down" } },
                { "level": "warning", "when": { "kind": "above", "metric": "response_ms", "value": 500 } },
            ]);
            *monitor.pointer_mut(pointer).unwrap() = value;
            let reply = site.manager.post("/monitors", monitor.clone()).await;
            reply.wrong(fields);
            let english = site.manager.clone().with_header("accept-language", "en");
            let english = english.post("/monitors", monitor).await.json();
            let message = |problem: Value| problem["errors"][0]["message"].clone();
            (message(reply.json()), message(english))
        };
        let first = "/rule/conditions/0";
        let second = "/rule/conditions/1";
        let (zh, en) = refused("/rule", json!("strict"), &["rule wrong_type"]).await;
        assert_eq!((zh, en), (json!("应为对象"), json!("Must be an object")));
        let (zh, en) = refused(
            "/rule/recover_after",
            json!("two"),
            &["rule.recover_after wrong_type"],
        )
        .await;
        assert_eq!(
            (zh, en),
            (json!("应为整数"), json!("Must be a whole number"))
        );
        let (zh, en) = refused(
            &format!("{first}/level"),
            json!("purple"),
            &["rule.conditions[0].level one_of"],
        )
        .await;
        assert_eq!(
            (zh, en),
            (
                json!("只能是：warning, critical"),
                json!("Must be one of: warning, critical")
            )
        );
        for (path, value, field) in [
            (format!("{first}/when"), json!({}), "[0].when.kind required"),
            (
                format!("{first}/when"),
                json!({ "kind": "gone" }),
                "[0].when.kind one_of",
            ),
            (
                format!("{first}/when"),
                json!({ "kind": "down", "metric": "loss" }),
                "[0].when.metric unknown",
            ),
            (
                format!("{first}/when"),
                json!({ "kind": "down", "onyl": [] }),
                "[0].when.onyl unknown",
            ),
            (
                format!("{first}/when"),
                json!({ "kind": "down", "only": [7] }),
                "[0].when.only[0] wrong_type",
            ),
            (
                format!("{second}/when/value"),
                json!("fast"),
                "[1].when.value wrong_type",
            ),
            (
                format!("{second}/when/value"),
                json!(null),
                "[1].when.value required",
            ),
            (
                format!("{second}/when/metric"),
                json!(null),
                "[1].when.metric required",
            ),
        ] {
            refused(&path, value, &[&format!("rule.conditions{field}")]).await;
        }
        assert!(super::items(&site.manager, "/monitors").await.is_empty());
    });
}

#[test]
fn lists_do_not_ask_once_per_monitor() {
    both(async |app| {
        let site = Site::new(&app, "M2").await;
        site.add(site.http("第一个", "http://127.0.0.1:9/")).await;
        same_statements(&app, &site.manager, "/monitors", async || {
            for n in 0..5 {
                site.add(site.http(&format!("站点 {n}"), "http://127.0.0.1:9/"))
                    .await;
            }
        })
        .await;
    });
}

#[test]
fn states_have_a_word_each() {
    assert_eq!(serde_json::to_value(Status::NoData).unwrap(), "no_data");
}

#[test]
fn what_a_check_signs_in_with_is_shown_to_who_manages_it_only() {
    both(async |app| {
        let site = Site::new(&app, "M9").await;
        let mut monitor = site.http("门户", "http://127.0.0.1/");
        monitor["config"]["basic_auth"] = json!({ "user": "probe", "password": "geheim-1" });
        monitor["config"]["headers"] = json!({ "X-Api-Key": "geheim-2" });
        let path = format!("/monitors/{}", site.add(monitor).await);
        let managed = site.manager.get(&path).await.ok().to_string();
        assert!(managed.contains("geheim-1") && managed.contains("geheim-2"));
        let reader = app
            .may(&[MonitorRead], Scope::Project(site.project.id))
            .await;
        let read = reader.get(&path).await.ok();
        assert!(!read.to_string().contains("geheim"), "{read}");
        assert_eq!(read["config"]["basic_auth"]["user"], "probe");
    });
}
