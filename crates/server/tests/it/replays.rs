//! What other agreements would have made of imported history, against a calculation by hand.

use std::io::Cursor;

use anlan_server::features::whatif::{Answer, Question, answer};
use anlan_server::platform::error::Result;
use serde_json::{Value, json};

use crate::imports::{import, log, project};
use crate::support::{TestApp, both};
use crate::tickets::{accepted, act, call, desk};

async fn replay(app: &TestApp, project: &str, agreement: Option<&str>) -> Result<Answer> {
    let question = Question {
        project: project.into(),
        agreement: agreement.map(str::to_owned),
        from: None,
        to: None,
    };
    answer(&app.app, &question, |_| {}).await
}

/// Promises of one sort as `[met, breached, cancelled, open]`.
fn counts(attainment: &Value) -> [i64; 4] {
    ["met", "breached", "cancelled", "open"].map(|key| attainment[key].as_i64().unwrap())
}

#[test]
fn imported_history_is_judged_by_either_agreement_as_by_hand() {
    both(async |app| {
        project(&app).await;
        import(&app, Cursor::new(log())).await.unwrap();
        // Both were reported at 01:16. One is taken at 01:30, waits from 02:16 for 24 hours and is solved
        // an hour later; the other is taken and solved at 05:00.
        let under_c = replay(&app, "OLD", Some("C")).await.unwrap();
        assert_eq!(
            (under_c.tickets, under_c.skipped, under_c.kept_whole),
            (2, 0, 0)
        );
        let json = serde_json::to_value(&under_c).unwrap();
        let of = |target: &str| counts(&json["targets"][target]);
        assert_eq!(of("respond"), [0, 2, 0, 0], "ten minutes");
        assert_eq!(
            of("resolve"),
            [2, 0, 0, 0],
            "24 hours, of which two and four are used"
        );
        assert_eq!(
            of("arrive"),
            [0, 0, 2, 0],
            "solved before the office opened"
        );
        assert_eq!(counts(&json["levels"]["一般"]), [2, 2, 2, 0], "{json}");
        let own = replay(&app, "OLD", None).await.unwrap();
        assert_eq!(serde_json::to_value(&own).unwrap(), json, "C is their own");

        let under_b = replay(&app, "OLD", Some("B")).await.unwrap();
        let json = serde_json::to_value(&under_b).unwrap();
        let of = |target: &str| counts(&json["targets"][target]);
        assert_eq!(of("respond"), [1, 1, 0, 0], "half an hour");
        assert_eq!(
            of("plan"),
            [0, 2, 0, 0],
            "two hours: one was still open on the very second"
        );
        assert_eq!(of("resolve"), [2, 0, 0, 0], "48 hours");
        assert_eq!(of("report"), [0, 2, 0, 0], "nobody handed one in");
        assert_eq!(counts(&json["levels"]["III"]), [3, 5, 0, 0], "{json}");
    });
}

#[test]
fn a_level_that_was_changed_is_changed_under_the_other_agreement_too() {
    both(async |app| {
        let all = desk(&app, "R1").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        app.pass(20 * 3600);
        let admin = app.admin().await;
        let raised = json!({ "level": "重大" });
        act(&admin, &ticket, "change_level", raised, "全市无法办理")
            .await
            .ok();
        let answer = replay(&app, "R1", Some("B")).await.unwrap();
        let levels: Vec<&String> = answer.levels.keys().collect();
        assert_eq!(levels, ["I"], "{answer:?}");
        let resolve = serde_json::to_value(answer.targets["resolve"]).unwrap();
        assert_eq!(counts(&resolve), [0, 1, 0, 0], "12 hours, not 48");
    });
}

#[test]
fn what_is_not_there_is_named() {
    both(async |app| {
        app.project("R2").await;
        let agreement = replay(&app, "R2", Some("Z")).await.unwrap_err();
        assert!(
            agreement.to_string().contains("no agreement Z"),
            "{agreement}"
        );
        let project = replay(&app, "R3", None).await.unwrap_err();
        assert!(project.to_string().contains("R3"), "{project}");
        let nothing = replay(&app, "R2", Some("B")).await.unwrap();
        assert_eq!((nothing.tickets, nothing.targets.len()), (0, 0));
    });
}
