//! Who is told that it is over.

use serde_json::{Value, json};

use super::Site;
use crate::notifications::{channel, deliveries, sms, smtp};
use crate::support::{TestApp, both};
use crate::testkit::nginx::Nginx;

/// Kinds of the channels that a sort of message goes through.
async fn ways(app: &TestApp, kind: &str) -> Vec<String> {
    let all = deliveries(app, "limit=100").await;
    let of_kind = all.iter().filter(|one| one["kind"] == kind);
    let channels = of_kind.map(|one| one["channel"].as_str().unwrap());
    let mut kinds: Vec<String> = channels
        .map(|name| name.split(' ').next().unwrap().to_owned())
        .collect();
    kinds.sort();
    kinds
}

#[test]
fn r276_whoever_was_woken_by_red_hears_that_it_is_over_and_gets_no_sms_for_it() {
    both(async |app| {
        let nobody = "http://127.0.0.1:9";
        let make =
            async |kind, config, secret| channel(&app, kind, config, secret, Value::Null).await;
        make("smtp", smtp(9), json!({})).await;
        make("http", sms(nobody, json!({})), json!({ "token": "t" })).await;
        let robot = |rule: Value| json!({ "url": nobody, "rule": rule });
        make(
            "wecom",
            robot(json!({ "kinds": ["alert.critical"] })),
            json!({ "key": "K" }),
        )
        .await;
        make(
            "feishu",
            robot(json!({ "kinds": ["ticket"] })),
            json!({ "hook": "H" }),
        )
        .await;
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "Y1").await;
        site.add(site.http("门户", &nginx.url("/"))).await;
        site.watch.pass(&app.app).await.unwrap();
        nginx.stop();
        site.rounds(&app, 2).await;
        assert_eq!(
            ways(&app, "alert.critical").await,
            ["http", "smtp", "wecom"]
        );
        nginx.resume();
        site.rounds(&app, 2).await;
        assert_eq!(ways(&app, "alert.recovered").await, ["smtp", "wecom"]);
    });
}

#[test]
fn r276_the_end_of_blue_is_only_shown() {
    both(async |app| {
        channel(&app, "smtp", smtp(9), json!({}), Value::Null).await;
        let mut nginx = Nginx::start("");
        nginx.put("index.html", "欢迎");
        let mut site = Site::new(&app, "Y2").await;
        let mut slow = site.http("门户", &nginx.url("/"));
        slow["rule"]["conditions"][0]["level"] = json!("warning");
        site.add(slow).await;
        site.watch.pass(&app.app).await.unwrap();
        nginx.stop();
        site.rounds(&app, 2).await;
        nginx.resume();
        site.rounds(&app, 2).await;
        let told = site.told(&app).await;
        assert!(
            told.iter().any(|title| title.starts_with("恢复")),
            "{told:?}"
        );
        assert!(ways(&app, "alert.recovered").await.is_empty());
    });
}
