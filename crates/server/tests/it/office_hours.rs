//! Office hours of a project by day: new tickets follow new hours, open ones keep theirs.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, both};
use crate::tickets::{Desk, act, call, desk};

/// Half an hour a day, so that every hour of office time shows.
const SHORT: &str = "
kind: hours
key: short-days
name: {zh: 短作息, en: Short days}
timezone: Asia/Shanghai
holidays: [statutory-cn]
weekly:
  mon-fri: [\"09:00-09:30\"]
";

async fn import(admin: &Client, text: &str) -> crate::support::Reply {
    let call = admin.call(Method::POST, "/calendars/import");
    call.body("application/yaml", text.as_bytes().to_vec())
        .await
}

async fn hours_from(admin: &Client, all: &Desk, calendar: &str, day: &str) -> Value {
    let path = format!("/projects/{}/calendars", all.project.id);
    let fields = json!({ "calendar": calendar, "effective_from": day });
    admin.post(&path, fields).await.ok()
}

/// A general fault: the engineer arrives within two office hours.
async fn general_fault(all: &Desk, title: &str, happened: Option<&str>) -> Value {
    let mut new = call(all);
    new["fields"]["title"] = title.into();
    if let Some(at) = happened {
        new["happened_at"] = at.into();
    }
    all.desk.post("/tickets", new).await.ok()
}

fn arrival(ticket: &Value) -> &str {
    let clocks = ticket["clocks"].as_array().unwrap();
    let clock = clocks.iter().find(|clock| clock["target"] == "arrive");
    clock.unwrap()["due_at"].as_str().unwrap()
}

async fn reread(client: &Client, ticket: &Value) -> Value {
    let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
    client.get(&path).await.ok()
}

async fn tick(app: &TestApp) {
    while app.app.timers().tick().await.unwrap() > 0 {}
}

#[test]
fn r039_changed_office_hours_move_what_new_tickets_are_due_and_open_ones_keep_theirs() {
    both(async |app| {
        let all = desk(&app, "H1").await;
        let admin = app.admin().await;
        import(&admin, SHORT).await.ok();
        // Reported on Sunday; two hours of Monday from nine on.
        let open = general_fault(&all, "旧作息", None).await;
        assert_eq!(arrival(&open), "2026-11-23T03:00:00Z");
        hours_from(&admin, &all, "short-days", "2026-11-22").await;
        tick(&app).await;
        let kept = reread(&all.desk, &open).await;
        assert_eq!(arrival(&kept), "2026-11-23T03:00:00Z", "an open one keeps");
        let noted = act(&all.desk, &kept, "add_note", json!({}), "已联系").await;
        assert_eq!(
            arrival(&noted.ok()),
            "2026-11-23T03:00:00Z",
            "whatever happens to it"
        );
        // Half an hour a day: two hours end on Thursday.
        let fresh = general_fault(&all, "新作息", None).await;
        assert_eq!(arrival(&fresh), "2026-11-26T01:30:00Z");
    });
}

#[test]
fn r039_a_ticket_entered_afterwards_has_the_hours_of_the_day_it_was_reported() {
    both(async |app| {
        let all = desk(&app, "H2").await;
        let admin = app.admin().await;
        import(&admin, SHORT).await.ok();
        hours_from(&admin, &all, "short-days", "2026-11-21").await;
        hours_from(&admin, &all, "5x8", "2026-11-30").await;
        let before = general_fault(&all, "周五", Some("2026-11-20T08:00:00Z")).await;
        assert_eq!(arrival(&before), "2026-11-20T10:00:00Z");
        let between = general_fault(&all, "周六", Some("2026-11-21T08:00:00Z")).await;
        assert_eq!(arrival(&between), "2026-11-26T01:30:00Z");
        app.pass(8 * 24 * 3600);
        let desk = app.sign_in(app.admin_id()).await;
        let later = Desk { desk, ..all };
        let after = general_fault(&later, "下下周", None).await;
        assert_eq!(arrival(&after), "2026-11-30T04:00:00Z");
    });
}

#[test]
fn r039_holidays_that_are_imported_late_hold_for_open_tickets_of_earlier_hours_too() {
    both(async |app| {
        let all = desk(&app, "H3").await;
        let admin = app.admin().await;
        let open = general_fault(&all, "旧作息", None).await;
        hours_from(&admin, &all, "office-0900-1800", "2026-11-22").await;
        let builtin = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../definitions/calendars/statutory-cn-2026.yaml");
        let mut year = std::fs::read_to_string(builtin).unwrap();
        year.push_str(
            "  - {name: {zh: 临时放假, en: Day off}, from: 2026-11-23, to: 2026-11-23}\n",
        );
        import(&admin, &year).await.ok();
        app.pass(120);
        tick(&app).await;
        assert_eq!(
            arrival(&reread(&all.desk, &open).await),
            "2026-11-24T03:00:00Z"
        );
    });
}

#[test]
fn office_hours_fit_the_project_and_those_that_time_tickets_stay() {
    both(async |app| {
        let all = desk(&app, "H4").await;
        let admin = app.admin().await;
        let path = format!("/projects/{}/calendars", all.project.id);
        let hours =
            |calendar: &str, day: &str| json!({ "calendar": calendar, "effective_from": day });
        admin
            .post(&path, hours("nowhere", "2027-01-01"))
            .await
            .wrong(&["calendar no_such", "effective_from outside_term"]);
        let away = SHORT
            .replace("short-days", "away")
            .replace("Asia/Shanghai", "Asia/Tokyo");
        import(&admin, &away).await.ok();
        admin
            .post(&path, hours("away", "2026-12-01"))
            .await
            .wrong(&["calendar other_timezone"]);
        let used = hours_from(&admin, &all, "office-lunch", "2026-11-22").await;
        admin
            .post(&path, hours("office-0900-1800", "2026-11-22"))
            .await
            .wrong(&["effective_from taken"]);
        let mistake = hours_from(&admin, &all, "office-0900-1800", "2026-12-01").await;
        general_fault(&all, "今天", None).await;
        let one = |row: &Value| format!("{path}/{}", row["id"].as_str().unwrap());
        admin.delete(&one(&mistake)).await.ok();
        admin.delete(&one(&mistake)).await.refused(404, "not_found");
        admin
            .delete(&one(&used))
            .await
            .refused(409, "calendar_in_use");
        let listed: Vec<String> = admin
            .get(&path)
            .await
            .ok()
            .as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{} {}", row["calendar"], row["effective_from"]).replace('"', ""))
            .collect();
        assert_eq!(listed, ["5x8 null", "office-lunch 2026-11-22"]);
        let audit = format!("/audit?object={}&action=project.calendar", all.project.id);
        let audit = admin.get(&audit).await.ok();
        assert_eq!(audit["items"].as_array().unwrap().len(), 3, "{audit}");
    });
}

#[test]
fn r039_the_first_hours_are_corrected_only_while_no_ticket_is_timed_by_them() {
    both(async |app| {
        let all = desk(&app, "H5").await;
        let admin = app.admin().await;
        let path = format!("/projects/{}", all.project.id);
        let project = admin.get(&path).await.ok();
        let with = |calendar: &str| {
            json!({
                "code": project["code"], "name": project["name"], "customer_unit_id": project["customer_unit_id"],
                "provider_name": project["provider_name"], "starts_on": project["starts_on"],
                "ends_on": project["ends_on"], "calendar": calendar,
            })
        };
        let corrected = admin.put(&path, &json!(1), with("office-lunch")).await.ok();
        assert_eq!(corrected["calendar"], "office-lunch");
        general_fault(&all, "今天", None).await;
        admin
            .put(&path, &json!(2), with("5x8"))
            .await
            .wrong(&["calendar calendar_in_use"]);
        let mut renamed = with("office-lunch");
        renamed["name"] = "改名".into();
        admin.put(&path, &json!(2), renamed).await.ok();
    });
}

#[test]
fn r039_the_hours_of_a_calendar_in_use_stay_and_its_single_days_may_change() {
    both(async |app| {
        let all = desk(&app, "H6").await;
        let admin = app.admin().await;
        import(&admin, SHORT).await.ok();
        let longer = SHORT.replace("09:30", "10:00");
        import(&admin, &longer).await.ok();
        hours_from(&admin, &all, "short-days", "2026-12-01").await;
        import(&admin, SHORT).await.wrong(&["weekly hours_in_use"]);
        let day_off = format!(
            "{longer}days:\n  - {{date: 2026-12-07, name: {{zh: 停电, en: Power cut}}, closed: true}}\n"
        );
        import(&admin, &day_off).await.ok();
        // What agreements name themselves is in use wherever they are.
        let always = "kind: hours\nkey: 7x24\nname: {zh: 甲, en: A}\ntimezone: Asia/Shanghai\nweekly: {mon-fri: [\"00:00-24:00\"]}\n";
        import(&admin, always).await.wrong(&["weekly hours_in_use"]);
    });
}
