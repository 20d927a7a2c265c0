//! Texts that mean something elsewhere: HTML, NUL, the same name twice.

use serde_json::json;

use crate::support::both;

const SCRIPT: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&";

#[test]
fn html_in_a_ticket_is_text_on_every_paper() {
    both(async |app| {
        let project = app.project("X1").await;
        app.under_agreement(project.id, "C", jiff::civil::date(2026, 1, 1))
            .await;
        let admin = app.admin().await;
        let call = json!({
            "process": "incident", "project_id": project.id,
            "happened_at": "2026-10-28T02:00:00Z",
            "fields": {
                "title": SCRIPT, "description": SCRIPT, "type": "fault", "category": "website",
                "channel": "phone", "unit_id": project.unit, "caller_name": "<b>林</b>",
                "caller_phone": "0579-86210012", "business_reason": SCRIPT, "impact": 1,
                "urgency": 1, "level": "一般",
            },
        });
        let ticket = admin.post("/tickets", call).await.ok();
        assert_eq!(ticket["title"], SCRIPT, "kept as it was written");
        let month = json!({ "project_id": project.id, "kind": "monthly", "month": "2026-10" });
        let report = admin.post("/reports", month).await.ok();
        let pages = [
            format!(
                "/tickets/{}/forms/F-01?format=html",
                ticket["id"].as_str().unwrap()
            ),
            format!(
                "/reports/{}/file?format=html",
                report["id"].as_str().unwrap()
            ),
        ];
        for page in pages {
            let reply = admin.get(&page).await;
            assert_eq!(reply.status, 200, "{reply}");
            let html = String::from_utf8(reply.bytes).unwrap();
            assert!(html.contains("&lt;script&gt;"), "{page}: {html}");
            for harmful in ["<script>alert", "<img src=x", "<b>林"] {
                assert!(!html.contains(harmful), "{page}: {html}");
            }
        }
    });
}

#[test]
fn a_nul_is_refused_by_its_field_wherever_it_stands() {
    both(async |app| {
        let project = app.project("N1").await;
        let admin = app.admin().await;
        let call = json!({
            "process": "incident", "project_id": project.id,
            "fields": { "title": ["x", "a\0"] },
        });
        let refused = ["fields.title[1] bad_characters"];
        admin.post("/tickets", call).await.wrong(&refused);
        let name = admin.get("/tickets?q=a%00b").await;
        name.wrong(&["q bad_characters"]);
        admin.get("/tickets/%00").await.refused(404, "not_found");
        let key = admin.post("/tickets", json!({ "a\0": 1 })).await;
        assert_eq!(key.status, 422, "{key}");
    });
}

#[test]
fn a_field_that_comes_twice_is_refused() {
    both(async |app| {
        let admin = app.admin().await;
        let twice = r#"{"code":"A","name":"甲","name":"乙","parent_id":null}"#;
        let post = admin.call(axum::http::Method::POST, "/units");
        let reply = post.body("application/json", twice.into()).await;
        reply.wrong(&["name twice"]);
        let reply = admin.get("/tickets?q=a&q=b").await;
        reply.wrong(&["q twice"]);
    });
}

#[test]
fn every_refusal_speaks_both_languages() {
    both(async |app| {
        let admin = app.admin().await;
        let zh = admin.get("/tickets?limit=x").await.json();
        let call = admin.get("/tickets?limit=x");
        let en = call.header("accept-language", "en").await.json();
        assert_ne!(zh["title"], en["title"]);
        assert_eq!(zh["errors"][0]["field"], "limit");
        assert!(en["title"].as_str().unwrap().is_ascii(), "{en}");
    });
}
