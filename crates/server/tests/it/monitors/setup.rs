//! Setting monitors up: what cannot work is refused by field, lists stay cheap.

use anlan_core::alert::Status;
use serde_json::json;

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
