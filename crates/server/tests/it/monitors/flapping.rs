//! A site that comes and goes: one alert, one ticket, told once that it flaps.

use serde_json::json;

use super::{Site, actions};
use crate::support::{TestApp, both};
use crate::testkit::nginx::Nginx;

#[test]
fn a_site_that_comes_and_goes_is_one_ticket_and_told_once_that_it_flaps() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "F1").await;
        let mut monitor = site.http("门户", &nginx.url("/"));
        monitor["rule"]["conditions"][0]["of"] = json!(3);
        let portal = site.add(monitor).await;
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 3).await;

        for _ in 0..8 {
            nginx.stop();
            site.rounds(&app, 1).await;
            nginx.resume();
            site.rounds(&app, 1).await;
        }
        assert_eq!(site.shown(&portal).await["flapping"], true);
        let alarms = site.alarms(&app).await;
        assert_eq!(alarms.len(), 2, "{alarms:?}");
        assert!(alarms[0].0.starts_with("告警　门户："), "{alarms:?}");
        assert_eq!(alarms[1].0, "状态频繁变化　门户");
        let (alerts, tickets) = (site.alerts().await, site.tickets().await);
        assert_eq!((alerts.len(), tickets.len()), (1, 1), "{alerts:?}");
        assert!(alerts[0]["recovered_at"].is_null(), "{alerts:?}");

        // It stays well: first the alarm is over, then it is called steady.
        site.rounds(&app, 20).await;
        let shown = site.shown(&portal).await;
        assert_eq!(
            (&shown["flapping"], &shown["state"]),
            (&json!(false), &json!("ok"))
        );
        let alarms = site.alarms(&app).await;
        let titles: Vec<&str> = alarms[2..].iter().map(|alarm| &*alarm.0).collect();
        assert_eq!(titles, ["恢复　门户", "状态已稳定　门户"]);
        let (alerts, tickets) = (site.alerts().await, site.tickets().await);
        assert_eq!((alerts.len(), tickets.len()), (1, 1), "{alerts:?}");
        assert!(!alerts[0]["recovered_at"].is_null(), "{alerts:?}");
        let noted = actions(&site.manager, &tickets[0]).await;
        assert_eq!(noted.last().unwrap(), "monitor_recovered", "{noted:?}");
        assert!(!noted.contains(&"monitor_failed_again".into()), "{noted:?}");
    });
}

#[test]
fn once_it_is_known_to_flap_nothing_more_is_said() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "F2").await;
        let portal = site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        // Slow enough for each outage to be believed, and each recovery.
        for _ in 0..4 {
            come_and_go(&app, &mut site, &mut nginx).await;
        }
        assert_eq!(site.shown(&portal).await["flapping"], true);
        let known = (site.alarms(&app).await, site.alerts().await);
        let ticket = &site.tickets().await[0];
        let noted = actions(&site.manager, ticket).await;
        for _ in 0..4 {
            come_and_go(&app, &mut site, &mut nginx).await;
        }
        assert_eq!((site.alarms(&app).await, site.alerts().await), known);
        assert_eq!(actions(&site.manager, ticket).await, noted);
        assert_eq!(site.tickets().await.len(), 1);
    });
}

async fn come_and_go(app: &TestApp, site: &mut Site, nginx: &mut Nginx) {
    nginx.stop();
    site.rounds(app, 2).await;
    nginx.resume();
    site.rounds(app, 2).await;
}
