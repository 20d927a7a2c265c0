//! Availability as the API tells it, against a calculation by hand.

use anlan_server::platform::at::At;
use serde_json::json;

use super::{INTERVAL, Site};
use crate::support::both;
use crate::testkit::nginx::Nginx;

#[test]
fn r_047_planned_work_and_our_own_blindness_do_not_count_as_downtime() {
    both(async |app| {
        let (mut gateway, mut nginx) = (Nginx::start(""), Nginx::start(""));
        for nginx in [&gateway, &nginx] {
            nginx.put("index.html", "欢迎");
        }
        let mut site = Site::new(&app, "V1").await;
        let mut reference = site.http("网关", &gateway.url("/"));
        reference["reference"] = json!(true);
        reference["rule"]["conditions"][0]["bad"] = json!(20);
        site.add(reference).await;
        let begun = app.clock.now();
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 10).await;

        // Four checks fail: 20 s down.
        nginx.stop();
        site.rounds(&app, 4).await;
        nginx.resume();
        site.rounds(&app, 4).await;

        // Down for 20 s within a window of 60 s, and once more across its end.
        let (opens, closes) = (app.clock.now(), app.clock.now().plus_seconds(60));
        let window = json!({
            "name": "补丁", "project_id": site.project.id, "monitor_ids": [portal],
            "starts_at": opens, "ends_at": closes,
            "reason": "季度补丁", "excluded_from_availability": true,
        });
        site.manager.post("/maintenance", window).await.ok();
        nginx.stop();
        site.rounds(&app, 4).await;
        nginx.resume();
        site.rounds(&app, 4).await;
        nginx.stop();
        site.rounds(&app, 8).await;
        nginx.resume();
        site.rounds(&app, 1).await;
        let well_again = site.shown(&portal).await["last_checked_at"].clone();
        let well_again: At = serde_json::from_value(well_again).unwrap();
        let after_window = well_again.0 - closes.0;
        assert!(after_window > 3 * INTERVAL * 1_000_000, "{after_window}");
        site.rounds(&app, 4).await;

        // Our own line is cut while six checks are due: 30 s of which nothing is known.
        gateway.stop();
        nginx.stop();
        site.rounds(&app, 6).await;
        gateway.resume();
        nginx.resume();
        site.rounds(&app, 6).await;

        let now = app.clock.now();
        let path = format!("/monitors/{portal}/availability?from={begun}&to={now}");
        let figures = site.manager.get(&path).await.ok();
        let total = now.seconds_since(begun);
        let (counted, down) = (total - 60 - 30, 20_000_000 + after_window);
        assert_eq!(
            figures["excluded"],
            json!([{ "reason": "maintenance", "seconds": 60 }, { "reason": "no_data", "seconds": 30 }])
        );
        assert_eq!(
            (
                &figures["total_seconds"],
                &figures["counted_seconds"],
                &figures["down_seconds"]
            ),
            (&json!(total), &json!(counted), &json!(down / 1_000_000)),
            "{figures}"
        );
        let by_hand = 1.0 - down as f64 / 1e6 / counted as f64;
        let ratio = figures["ratio"].as_f64().unwrap();
        assert!((ratio - by_hand).abs() < 1e-9, "{ratio} is not {by_hand}");
        // Of the three interruptions, one lies wholly within the window.
        let listed = |key: &str| figures[key].as_array().unwrap().len();
        assert_eq!(
            (listed("outages"), listed("not_counted")),
            (2, 1),
            "{figures}"
        );
    });
}
