//! Blue and red in one rule: blue is shown, red wakes and is an incident.

use anlan_core::access::Scope;
use serde_json::{Value, json};

use super::{Site, actions, items, title};
use crate::support::both;
use crate::testkit::nginx::Nginx;

#[test]
fn r_276_blue_is_shown_and_red_is_one_incident() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "L1").await;
        let mut monitor = site.http("门户", &nginx.url("/"));
        monitor["config"]["contains"] = json!(["欢迎"]);
        monitor["rule"]["conditions"] = json!([
            { "level": "warning", "when": { "kind": "down", "only": ["keyword_missing"] }, "bad": 2, "outage": false },
            { "level": "critical", "when": { "kind": "down", "except": ["keyword_missing"] }, "bad": 2 },
        ]);
        let portal = site.add(monitor).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;

        nginx.put("index.html", "维护中");
        site.rounds(&app, 4).await;
        assert_eq!(site.state(&portal).await, "warning");
        let alerts = site.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert_eq!(
            (&alerts[0]["level"], &alerts[0]["ticket"]),
            (&json!("warning"), &json!(null))
        );
        assert!(site.tickets().await.is_empty(), "blue is no incident");
        let alarms = site.alarms(&app).await;
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert!(
            alarms[0].0.starts_with("预警　门户：") && !alarms[0].1,
            "{alarms:?}"
        );

        nginx.stop();
        site.rounds(&app, 4).await;
        assert_eq!(site.state(&portal).await, "critical");
        let (alerts, tickets) = (site.alerts().await, site.tickets().await);
        assert_eq!((alerts.len(), tickets.len()), (1, 1), "{tickets:?}");
        assert_eq!(
            (&alerts[0]["level"], &alerts[0]["ticket"]["id"]),
            (&json!("critical"), &tickets[0]["id"])
        );
        let alarms = site.alarms(&app).await;
        assert_eq!(alarms.len(), 2, "{alarms:?}");
        assert!(
            alarms[1].0.starts_with("告警　门户：") && alarms[1].1,
            "{alarms:?}"
        );

        // Red falls back to blue: less bad is not well, and red again is the same incident.
        nginx.resume();
        site.rounds(&app, 3).await;
        assert_eq!(site.state(&portal).await, "warning");
        let before = actions(&site.manager, &tickets[0]).await;
        assert!(!before.contains(&"monitor_recovered".into()), "{before:?}");
        assert!(site.alerts().await[0]["recovered_at"].is_null());
        let alarms = site.alarms(&app).await;
        assert!(
            alarms[2].0.starts_with("预警　门户：") && !alarms[2].1,
            "{alarms:?}"
        );
        nginx.stop();
        site.rounds(&app, 3).await;
        assert_eq!(site.tickets().await.len(), 1);

        nginx.put("index.html", "欢迎");
        nginx.resume();
        site.rounds(&app, 2).await;
        let after = actions(&site.manager, &tickets[0]).await;
        let recoveries = after.iter().filter(|action| *action == "monitor_recovered");
        assert_eq!(recoveries.count(), 1, "{after:?}");
        assert_eq!(site.alerts().await.len(), 1, "one outage, one alert");
    });
}

#[test]
fn each_reader_is_told_why_in_his_own_language() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "welcome");
        let mut site = Site::new(&app, "L2").await;
        let on = Scope::Project(site.project.id);
        let guest = app.user("guest").await.role("monitor_duty", on);
        let guest = guest.english().client().await;
        let mut monitor = site.http("portal", &nginx.url("/"));
        monitor["rule"]["conditions"] = json!([
            { "level": "warning", "when": { "kind": "above", "metric": "response_ms", "value": 0 }, "bad": 1 },
            { "level": "critical", "when": { "kind": "down" }, "bad": 1 },
        ]);
        site.add(monitor).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 1).await;
        nginx.stop();
        site.rounds(&app, 1).await;

        let alarms = site.alarms(&app).await;
        assert!(
            alarms[0].0.starts_with("预警　portal：响应时间（毫秒） "),
            "{alarms:?}"
        );
        assert!(alarms[0].0.ends_with(" 高于 0"), "{alarms:?}");
        assert!(alarms[1].0.contains("拒绝连接"), "{alarms:?}");
        let read = items(&guest, "/notices").await;
        let alarms = read
            .iter()
            .rev()
            .map(title)
            .filter(|title| title.contains("portal:"));
        let alarms: Vec<String> = alarms.collect();
        assert!(
            alarms[0].starts_with("Warning: portal: response time (ms) "),
            "{alarms:?}"
        );
        assert!(alarms[0].ends_with(" is above 0"), "{alarms:?}");
        assert!(alarms[1].starts_with("Critical: portal: "), "{alarms:?}");
        assert!(alarms.iter().all(|title| title.is_ascii()), "{alarms:?}");

        // The alert itself keeps what was seen, not its words.
        let reason = |alerts: Vec<Value>| alerts[0]["reason"].as_str().unwrap().to_owned();
        let zh = reason(site.alerts().await);
        assert!(zh.contains("拒绝连接"), "{zh}");
        let english = guest.with_header("accept-language", "en");
        let en = reason(items(&english, "/alerts").await);
        assert!(en.is_ascii() && en.contains("refused"), "{en}");
        let raised = &site.tickets().await[0]["title"];
        assert_eq!(*raised, format!("portal：{zh}"));
    });
}
