//! The budget of downtime while a system is down: the warning comes when it is due, not when it is over.

use serde_json::{Value, json};

use super::{Site, items, title};
use crate::support::{TestApp, both};
use crate::testkit::nginx::Nginx;

async fn warned(app: &TestApp, site: &Site) -> Vec<String> {
    let timers = app.app.timers();
    while timers.tick().await.unwrap() > 0 {}
    let manager = app.sign_in(site.manager_id).await;
    let notices = items(&manager, "/notices?limit=200").await;
    let own = notices.iter().rev();
    let own = own.filter(|notice| notice["kind"] == "outage.budget");
    own.map(title).collect()
}

#[test]
fn r046_while_a_system_is_down_the_warnings_come_when_their_time_is_used_up() {
    both(async |app| {
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "B1").await;
        site.add(site.http("门户", &nginx.url("/"))).await;
        let admin = app.admin().await;
        let path = format!("/projects/{}", site.project.id);
        let mut terms = admin.get(&path).await.ok();
        let version = terms["version"].clone();
        for gone in [
            "id",
            "customer",
            "manager",
            "customer_lead",
            "created_at",
            "version",
        ] {
            terms.as_object_mut().map(|all| all.remove(gone));
        }
        terms["outage_budget_hours"] = json!(1);
        admin.put(&path, &version, terms).await.ok();
        site.watch.pass(&app.app).await.unwrap();
        site.rounds(&app, 4).await;
        nginx.stop();
        site.rounds(&app, 4).await;
        assert!(warned(&app, &site).await.is_empty());
        let since: Value = site.alerts().await[0]["began_at"].clone();
        let since: anlan_server::platform::at::At = serde_json::from_value(since).unwrap();

        // A minute before four fifths of the hour, and a moment after.
        app.clock.set(since.plus_seconds(47 * 60));
        assert!(warned(&app, &site).await.is_empty());
        app.clock.set(since.plus_seconds(48 * 60 + 1));
        assert_eq!(warned(&app, &site).await, ["门户：年度停机额度已用80%"]);
        app.clock.set(since.plus_seconds(60 * 60 + 1));
        assert_eq!(warned(&app, &site).await.len(), 2);
        app.clock.set(since.plus_seconds(90 * 60));
        assert_eq!(warned(&app, &site).await.len(), 2);
    });
}
