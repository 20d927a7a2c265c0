//! Where nothing is known, nothing is called down and nothing recovered.

use serde_json::json;

use super::{INTERVAL, Site, actions};
use crate::support::both;
use crate::testkit::nginx::Nginx;

#[test]
fn a_check_that_stops_reporting_is_without_data_and_neither_down_nor_recovered() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "D1").await;
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;

        // Nothing comes from a site that was well.
        app.pass(4 * INTERVAL);
        assert_eq!(site.state(&portal).await, "no_data");
        assert!(site.alerts().await.is_empty(), "silence is no outage");
        site.rounds(&app, 2).await;
        assert_eq!(site.state(&portal).await, "ok");

        // Nothing comes from a site that was down, nor for some time after.
        nginx.stop();
        site.rounds(&app, 2).await;
        assert_eq!(site.state(&portal).await, "critical");
        let told = site.told(&app).await;
        nginx.resume();
        app.pass(4 * INTERVAL);
        let shown = site.shown(&portal).await;
        assert_eq!(
            (&shown["state"], &shown["level"]),
            (&json!("no_data"), &json!("critical"))
        );
        let ticket = &site.tickets().await[0];
        let before = actions(&site.manager, ticket).await;
        assert!(!before.contains(&"monitor_recovered".into()), "{before:?}");
        assert!(site.alerts().await[0]["recovered_at"].is_null());
        assert_eq!(site.told(&app).await, told);

        // The first answer ends the silence, only enough of them end the outage.
        site.rounds(&app, 1).await;
        if site.state(&portal).await == "no_data" {
            site.rounds(&app, 1).await;
        }
        assert_eq!(site.state(&portal).await, "recovering");
        assert_eq!(actions(&site.manager, ticket).await, before);
        site.rounds(&app, 1).await;
        let after = actions(&site.manager, ticket).await;
        assert_eq!(after.last().unwrap(), "monitor_recovered", "{after:?}");
        let events = site.events(&portal).await;
        let gaps = |kind: &str| events.iter().filter(|event| *event == kind).count();
        assert_eq!(
            (gaps("data_lost"), gaps("data_returned")),
            (2, 2),
            "{events:?}"
        );
    });
}

#[test]
fn probes_without_a_result_leave_an_outage_and_its_ticket_as_they_are() {
    both(async |app| {
        let (mut gateway, mut portal) = (Nginx::start(""), Nginx::start(""));
        for nginx in [&gateway, &portal] {
            nginx.put("index.html", "欢迎");
        }
        let mut site = Site::new(&app, "D2").await;
        let mut reference = site.http("网关", &gateway.url("/"));
        reference["reference"] = json!(true);
        reference["rule"]["conditions"][0]["bad"] = json!(20);
        site.add(reference).await;
        let watched = site.add(site.http("门户", &portal.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;
        portal.stop();
        site.rounds(&app, 2).await;
        let ticket = &site.tickets().await[0];
        let before = actions(&site.manager, ticket).await;

        gateway.stop();
        site.rounds(&app, 5).await;
        assert_eq!(site.state(&watched).await, "unknown");
        let open = site.manager.get("/alerts/summary").await.ok();
        assert_eq!(open, json!({ "red": 1, "blue": 0 }));
        assert_eq!(actions(&site.manager, ticket).await, before);
        let events = site.events(&watched).await;
        assert_eq!(events.last().unwrap(), "data_lost", "{events:?}");

        gateway.resume();
        site.rounds(&app, 2).await;
        assert_eq!(site.state(&watched).await, "critical", "as it was before");
        portal.resume();
        site.rounds(&app, 2).await;
        assert_eq!(site.state(&watched).await, "ok");
        let after = actions(&site.manager, ticket).await;
        assert_eq!(after.last().unwrap(), "monitor_recovered", "{after:?}");
        assert_eq!(site.tickets().await.len(), 1);
    });
}
