//! One outage, one incident: a real nginx is stopped and started.

use serde_json::{Value, json};

use super::{Site, actions};
use crate::support::both;
use crate::testkit::hostile::{Behaviour, Hostile};
use crate::testkit::nginx::Nginx;

#[test]
fn an_outage_is_one_incident_and_its_recovery_is_noted() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "N1").await;
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 3).await;
        assert_eq!(site.state(&portal).await, "ok");

        nginx.stop();
        site.rounds(&app, 1).await;
        assert_eq!(site.state(&portal).await, "suspect", "one failure is none");
        assert!(site.tickets().await.is_empty());
        site.rounds(&app, 1).await;
        assert_eq!(site.state(&portal).await, "critical");
        site.rounds(&app, 5).await;
        let tickets = site.tickets().await;
        assert_eq!(tickets.len(), 1, "{tickets:?}");
        let ticket = &tickets[0];
        assert_eq!(
            (&ticket["channel"], &ticket["category"], &ticket["level"]),
            (&json!("monitor"), &json!("website"), &json!("重大")),
            "{ticket}"
        );
        let detail = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let detail = site.manager.get(&detail).await.ok();
        let clocks = detail["clocks"].as_array().unwrap();
        assert!(
            clocks.iter().any(|clock| clock["state"] == "running"),
            "{clocks:?}"
        );
        assert_eq!(detail["fields"]["interrupted"], true, "{detail}");
        let summary = site.manager.get("/alerts/summary").await.ok();
        assert_eq!(summary, json!({ "red": 1, "blue": 0 }));
        let told = site.told(&app).await;
        let alarms = told.iter().filter(|title| title.starts_with("告警　门户"));
        assert_eq!(alarms.count(), 1, "{told:?}");

        nginx.resume();
        site.rounds(&app, 1).await;
        assert_eq!(site.state(&portal).await, "recovering");
        site.rounds(&app, 1).await;
        assert_eq!(site.state(&portal).await, "ok");
        let after = actions(&site.manager, ticket).await;
        assert_eq!(
            after
                .iter()
                .filter(|action| *action == "monitor_recovered")
                .count(),
            1,
            "{after:?}"
        );
        let told = site.told(&app).await;
        assert!(
            told.iter().any(|title| title.starts_with("恢复　门户")),
            "{told:?}"
        );

        // The same again while the ticket is open: it is noted there, and no second one opened.
        nginx.stop();
        site.rounds(&app, 2).await;
        assert_eq!(site.tickets().await.len(), 1);
        let after = actions(&site.manager, ticket).await;
        assert_eq!(after.last().unwrap(), "monitor_failed_again", "{after:?}");
    });
}

#[test]
fn a_restart_in_the_middle_of_an_outage_tells_nobody_again() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "N2").await;
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        nginx.stop();
        site.rounds(&app, 3).await;
        let told = site.told(&app).await.len();
        // Another process on the same database: what it knows, it read there.
        let again = app.second_node().await;
        let mut watch = anlan_server::features::monitors::Watch::default();
        watch.pass(&again).await.unwrap();
        for _ in 0..3 {
            app.pass(super::INTERVAL);
            assert_eq!(watch.pass(&again).await.unwrap(), 1);
        }
        assert_eq!(site.tickets().await.len(), 1);
        assert_eq!(site.told(&app).await.len(), told);
        nginx.resume();
        for _ in 0..2 {
            app.pass(super::INTERVAL);
            watch.pass(&again).await.unwrap();
        }
        let events = super::items(&site.manager, &format!("/monitors/{portal}/events")).await;
        let kinds: Vec<&Value> = events.iter().map(|event| &event["kind"]).collect();
        assert!(kinds.contains(&&json!("recovered")), "{kinds:?}");
    });
}

#[test]
fn maintenance_holds_the_alarm_back_and_the_time_is_left_out() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "N3").await;
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        let now = app.clock.now();
        let window = json!({
            "name": "补丁", "project_id": site.project.id, "monitor_ids": [portal],
            "starts_at": now, "ends_at": now.plus_seconds(60),
            "reason": "季度补丁", "excluded_from_availability": true,
        });
        site.manager.post("/maintenance", window).await.ok();
        let here = format!("/maintenance?project={}", site.project.id);
        assert_eq!(super::items(&site.manager, &here).await.len(), 1);
        let elsewhere = format!("/maintenance?project={portal}");
        assert!(super::items(&site.manager, &elsewhere).await.is_empty());
        site.watch.pass(&app.app).await.unwrap();
        nginx.stop();
        site.rounds(&app, 8).await;
        assert_eq!(site.state(&portal).await, "maintenance");
        assert!(site.tickets().await.is_empty());
        assert!(site.told(&app).await.is_empty());
        // Still down when the window is over: now it is told.
        site.rounds(&app, 10).await;
        assert_eq!(site.tickets().await.len(), 1);
    });
}

#[test]
fn a_server_that_accepts_and_never_answers_is_down_with_its_reason() {
    both(async |app| {
        let silent = Hostile::start(Behaviour::Silent).await;
        let mut site = Site::new(&app, "N4").await;
        let portal = site.add(site.http("门户", &silent.url())).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;
        assert_eq!(site.state(&portal).await, "critical");
        let failures = format!("/monitors/{portal}/failures");
        let failures = site.manager.get(&failures).await.ok();
        assert!(
            failures[0]["reason"]
                .as_str()
                .unwrap()
                .contains("等待首字节"),
            "{failures:?}"
        );
    });
}

#[test]
fn a_name_server_that_is_silent_is_not_taken_for_a_site_that_is_down() {
    both(async |app| {
        let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut site = Site::new(&app, "N6").await;
        let mut monitor = site.http("门户", "http://portal.example.cn/");
        monitor["config"]["resolver"] = json!([silent.local_addr().unwrap().to_string()]);
        let portal = site.add(monitor).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 4).await;
        let state = site.state(&portal).await;
        assert!(!matches!(&*state, "ok" | "suspect"), "{state}");
        let failures = format!("/monitors/{portal}/failures");
        let failures = site.manager.get(&failures).await.ok();
        assert!(
            failures[0]["reason"].as_str().unwrap().contains("解析"),
            "{failures:?}"
        );
    });
}

#[test]
fn a_clock_that_jumps_neither_floods_nor_stops_the_checks() {
    both(async |app| {
        let nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "N5").await;
        site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        app.pass(7 * 24 * 3600);
        let late = site.watch.pass(&app.app).await.unwrap();
        assert!(
            late <= 1,
            "slots that went by are left out, not caught up with: {late}"
        );
        app.pass(super::INTERVAL);
        assert_eq!(site.watch.pass(&app.app).await.unwrap(), 1, "it goes on");
        app.pass(-3 * 24 * 3600);
        for _ in 0..3 {
            app.pass(super::INTERVAL);
            assert!(site.watch.pass(&app.app).await.unwrap() <= 1);
        }
        assert_eq!(site.watch.pass(&app.app).await.unwrap(), 0, "once per slot");
        app.pass(super::INTERVAL);
        assert_eq!(site.watch.pass(&app.app).await.unwrap(), 1, "it goes on");
        let admin = app.admin().await;
        assert!(super::items(&admin, "/alerts").await.is_empty());
    });
}

#[test]
fn the_monitors_of_a_project_that_is_over_still_raise_their_alarm() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "N7").await;
        site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        let admin = app.admin().await;
        let path = format!("/projects/{}", site.project.id);
        let mut project = admin.get(&path).await.ok();
        let version = project["version"].clone();
        let fields = [
            "code",
            "name",
            "customer_unit_id",
            "provider_name",
            "starts_on",
            "ends_on",
            "calendar",
            "manager_id",
            "customer_lead_id",
            "hotline",
        ];
        let mut over = json!({ "active": false });
        for field in fields {
            over[field] = project[field].take();
        }
        admin.put(&path, &version, over).await.ok();
        nginx.stop();
        site.rounds(&app, 3).await;
        assert_eq!(site.tickets().await.len(), 1);
    });
}
