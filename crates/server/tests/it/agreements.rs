//! The agreements of Appendix A as people read them.

use serde_json::Value;

use crate::support::both;

fn target<'a>(level: &'a Value, key: &str) -> &'a Value {
    level["targets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|target| target["key"] == key)
        .unwrap()
}

#[test]
fn all_eight_stand_with_the_definition_of_every_level() {
    both(async |app| {
        let admin = app.admin().await;
        let list = admin.get("/agreements").await.ok();
        let keys: Vec<&Value> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|agreement| &agreement["key"])
            .collect();
        assert_eq!(keys[..8], ["A", "B", "C", "D", "E", "F", "G", "H"]);
        for agreement in list.as_array().unwrap() {
            assert!(!agreement["summary"].as_str().unwrap().is_empty());
            let unlevelled = agreement["targets"].as_array().unwrap();
            let levels = agreement["levels"].as_array().unwrap();
            assert!(!levels.is_empty() || !unlevelled.is_empty(), "{agreement}");
            for level in levels {
                assert!(!level["definition"].as_str().unwrap().is_empty(), "{level}");
            }
            // Every word was found in the tables: a key that is missing would show itself.
            let text = agreement.to_string();
            for prefix in ["agreement.", "length.", "event."] {
                assert!(!text.contains(&format!("\"{prefix}")), "{text}");
            }
        }
        assert_eq!(admin.get("/agreements/C").await.ok(), list[2]);
        admin.get("/agreements/Z").await.refused(404, "not_found");
    });
}

#[test]
fn r026_r029_promises_are_told_in_words() {
    both(async |app| {
        let admin = app.admin().await;
        let a = admin.get("/agreements/A").await.ok();
        let arrive = target(&a["levels"][0], "arrive");
        assert_eq!(
            arrive["text"],
            "工作时间即刻（宽限 15 分钟）；非工作时间1 小时"
        );
        assert_eq!(target(&a["levels"][1], "re_respond")["text"], "15 分钟");
        let c = admin.get("/agreements/C").await.ok();
        assert_eq!(target(&c["levels"][0], "arrive")["duration_seconds"], 3_600);
        assert_eq!(target(&c["levels"][1], "arrive")["text"], "2 小时");
        let english = admin.clone().with_header("accept-language", "en");
        let a = english.get("/agreements/A").await.ok();
        assert_eq!(
            target(&a["levels"][0], "arrive")["text"],
            "at once (grace 15 minutes) in working hours; 1 hour outside"
        );
    });
}
