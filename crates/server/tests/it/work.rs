//! What waits for somebody: every pile is counted, whatever its page shows of it.

use serde_json::json;

use crate::support::both;
use crate::tickets::{accepted, act, call, desk};

#[test]
fn a_pile_is_counted_beyond_the_rows_that_are_shown() {
    both(async |app| {
        let all = desk(&app, "W1").await;
        for _ in 0..23 {
            let ticket = all.desk.post("/tickets", call(&all)).await.ok();
            let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
            let to = json!({ "assignee": all.engineer_id });
            act(&all.desk, &ticket, "dispatch", to, "").await.ok();
        }
        let work = all.engineer.get("/work").await.ok();
        assert_eq!(work["waiting_ack"]["count"], 23, "{work}");
        assert_eq!(work["waiting_ack"]["rows"].as_array().unwrap().len(), 20);
        assert_eq!(work["assigned"], json!({ "count": 0, "rows": [] }));
    });
}
