//! When much fails at once: a parent explains its children, a burst is one ticket.

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::Site;
use crate::support::{TestApp, both};
use crate::testkit::nginx::Nginx;

/// Design figure for a storm: one parent down with 500 children is one ticket and one message, and
/// none after it.
#[test]
fn a_parent_that_is_down_explains_its_children() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "S1").await;
        let parent = site.add(site.http("交换机", &nginx.url("/"))).await;
        for child in 0..500 {
            let mut monitor = site.http(&format!("应用 {child}"), &nginx.url("/"));
            monitor["parent_id"] = json!(parent);
            site.add(monitor).await;
        }
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;
        nginx.stop();
        site.rounds(&app, 8).await;
        let tickets = site.tickets().await;
        assert_eq!(tickets.len(), 1, "{tickets:?}");
        assert!(tickets[0]["title"].as_str().unwrap().starts_with("交换机"));
        let told = site.told(&app).await;
        assert_eq!(
            told.iter()
                .filter(|title| title.starts_with("告警"))
                .count(),
            1,
            "{told:?}"
        );
        nginx.resume();
        site.rounds(&app, 8).await;
        assert_eq!(site.tickets().await.len(), 1, "nothing after it");
        assert_eq!(
            site.told(&app)
                .await
                .iter()
                .filter(|title| title.starts_with("告警"))
                .count(),
            1
        );
    });
}

#[test]
fn a_burst_without_a_parent_is_folded_into_one_ticket() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "S2").await;
        for n in 0..30 {
            site.add(site.http(&format!("站点 {n}"), &nginx.url("/")))
                .await;
        }
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 2).await;
        nginx.stop();
        site.rounds(&app, 4).await;
        let tickets = site.tickets().await;
        let storms: Vec<_> = tickets
            .iter()
            .filter(|ticket| ticket["title"].as_str().unwrap().contains("同时告警"))
            .collect();
        assert_eq!((storms.len(), tickets.len()), (1, 11), "{tickets:?}");
        let id = storms[0]["id"].as_str().unwrap();
        let folded = super::items(&site.manager, &format!("/alerts?ticket={id}")).await;
        assert_eq!(
            folded.len(),
            20,
            "the storm's ticket lists what it stands for"
        );
        let alerts = super::items(&site.manager, "/alerts?open=true").await;
        assert_eq!(alerts.len(), 30);
        assert!(
            alerts.iter().all(|alert| !alert["ticket"].is_null()),
            "{alerts:?}"
        );
        let told = site.told(&app).await;
        assert_eq!(
            told.iter()
                .filter(|title| title.starts_with("告警"))
                .count(),
            11,
            "{told:?}"
        );
        // All come back: each single one is told, the storm once, with its last.
        nginx.resume();
        site.rounds(&app, 4).await;
        let told = site.told(&app).await;
        assert_eq!(
            told.iter()
                .filter(|title| title.starts_with("恢复"))
                .count(),
            11,
            "{told:?}"
        );
    });
}

/// Makes storing fail, or work again, as a full disk would: late in the write, after the ticket.
async fn rename(app: &TestApp, from: &str, to: &str) {
    let sql = format!("ALTER TABLE {from} RENAME TO {to}");
    app.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.db.execute_unprepared(&sql).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

#[test]
fn a_storm_that_could_not_be_stored_is_told_when_it_can() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "S3").await;
        for n in 0..30 {
            site.add(site.http(&format!("站点 {n}"), &nginx.url("/")))
                .await;
        }
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 1).await;
        nginx.stop();
        rename(&app, "monitor_states", "hidden").await;
        site.rounds(&app, 3).await;
        rename(&app, "hidden", "monitor_states").await;
        assert!(site.tickets().await.is_empty(), "nothing half-written");
        site.rounds(&app, 3).await;
        let tickets = site.tickets().await;
        assert_eq!(tickets.len(), 11, "{tickets:?}");
        let alerts = super::items(&site.manager, "/alerts?open=true").await;
        assert_eq!(alerts.len(), 30);
        let known = |id: &serde_json::Value| tickets.iter().any(|ticket| &ticket["id"] == id);
        assert!(
            alerts.iter().all(|alert| known(&alert["ticket"]["id"])),
            "{alerts:?}"
        );
    });
}
