//! When the prober itself is cut off, nothing is called down.

use serde_json::json;

use super::Site;
use crate::support::both;
use crate::testkit::nginx::Nginx;

#[test]
fn without_its_own_line_nothing_is_down_and_people_are_told_once() {
    both(async |app| {
        let mut gateway = Nginx::start("");
        let mut portal = Nginx::start("");
        for nginx in [&gateway, &portal] {
            nginx.put("index.html", "欢迎");
        }
        let mut site = Site::new(&app, "G1").await;
        let mut reference = site.http("网关", &gateway.url("/"));
        reference["reference"] = json!(true);
        reference["rule"]["conditions"][0]["bad"] = json!(5);
        site.add(reference).await;
        let watched = site.http("门户", &portal.url("/"));
        let watched = site.add(watched).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;

        gateway.stop();
        portal.stop();
        site.rounds(&app, 10).await;
        assert!(
            site.tickets().await.is_empty(),
            "{:?}",
            site.tickets().await
        );
        assert_eq!(
            site.state(&watched).await,
            "unknown",
            "neither down nor well"
        );
        let told = site.told(&app).await;
        let lost = told.iter().filter(|title| title.contains("自身网络中断"));
        assert_eq!(
            (
                lost.count(),
                told.iter()
                    .filter(|title| title.starts_with("告警"))
                    .count()
            ),
            (1, 0),
            "{told:?}"
        );

        // The line is back, the portal is not: now it is down.
        gateway.resume();
        site.rounds(&app, 8).await;
        let told = site.told(&app).await;
        assert!(
            told.iter().any(|title| title.contains("自身网络已恢复")),
            "{told:?}"
        );
        assert_eq!(site.state(&watched).await, "critical");
        assert_eq!(site.tickets().await.len(), 1);
    });
}
