//! Calendars and the import of holidays.

use anlan_server::features::calendars;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, Reply, both};

const NEXT_YEAR: &str = "
kind: holidays
layer: statutory-cn
year: 2027
name: {zh: 法定节假日, en: Statutory holidays of China}
source: 国务院办公厅通知
holidays:
  - {name: {zh: 元旦, en: New Year's Day}, from: 2027-01-01, to: 2027-01-03, makeup: [2027-01-09]}
";

async fn import(client: &Client, yaml: &str) -> Reply {
    let call = client.call(Method::POST, "/calendars/import");
    call.body("application/yaml", yaml.as_bytes().to_vec())
        .await
}

async fn kinds(client: &Client, query: &str) -> Vec<(String, String)> {
    let days = client
        .get(&format!("/calendars/5x8/days?{query}"))
        .await
        .ok();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    days.as_array()
        .unwrap()
        .iter()
        .map(|day| (text(&day["date"]), text(&day["kind"])))
        .collect()
}

#[test]
fn from_december_on_the_administrator_is_told_that_next_year_is_missing() {
    both(async |app| {
        calendars::begin(&app.app).await.unwrap();
        let told = async || {
            let notices = app.admin().await.get("/notices").await.ok();
            let items = notices["items"].as_array().unwrap().clone();
            let about = |notice: &&Value| notice["kind"] == "calendar.missing";
            items.iter().filter(about).count()
        };
        let until = async |day: &str| {
            let at: jiff::Timestamp = format!("{day}T02:00:00Z").parse().unwrap();
            app.clock.set(at.into());
            while app.app.timers().tick().await.unwrap() > 0 {}
        };
        until("2026-11-30").await;
        assert_eq!(told().await, 0);
        until("2026-12-07").await;
        assert_eq!(told().await, 1);
        let admin = app.admin().await;
        let shown = admin.get("/calendars").await.ok();
        let of = |key: &str| {
            let mut all = shown.as_array().unwrap().iter();
            let found = all.find(|one| one["key"] == key);
            found.unwrap()["missing"].clone()
        };
        assert_eq!((of("5x8"), of("7x24")), (json!([2027]), json!([])));
        import(&admin, NEXT_YEAR).await.ok();
        until("2026-12-14").await;
        assert_eq!(told().await, 1);
    });
}

#[test]
fn a_month_shows_holidays_and_make_up_days() {
    both(async |app| {
        let admin = app.admin().await;
        let october = kinds(&admin, "year=2026&month=10").await;
        assert_eq!(october.len(), 31);
        let kind = |day: usize| october[day - 1].1.as_str();
        assert_eq!(
            (kind(1), kind(7), kind(8), kind(10), kind(11)),
            ("holiday", "holiday", "work", "makeup", "rest")
        );
        let days = admin
            .get("/calendars/5x8/days?year=2026&month=10")
            .await
            .ok();
        assert_eq!(
            (&days[0]["name"], &days[0]["hours"]),
            (&json!("国庆节"), &json!([]))
        );
        assert!(days[7]["hours"][0][0].is_string());
        assert_eq!(kinds(&admin, "year=2028").await.len(), 366);
        admin
            .get("/calendars/5x8/days")
            .await
            .wrong(&["year required"]);
        admin
            .get("/calendars/5x8/days?year=1969")
            .await
            .wrong(&["year out_of_range"]);
        admin
            .get("/calendars/5x8/days?year=2026&month=13")
            .await
            .wrong(&["month out_of_range"]);
        admin
            .get("/calendars/none/days?year=2026")
            .await
            .refused(404, "not_found");
        let list = admin.get("/calendars").await.ok();
        let office = list
            .as_array()
            .unwrap()
            .iter()
            .find(|calendar| calendar["key"] == "5x8")
            .unwrap();
        assert_eq!(
            (&office["timezone"], &office["years"]),
            (&json!("Asia/Shanghai"), &json!([2025, 2026]))
        );
    });
}

#[test]
fn an_imported_year_holds_at_once_and_after_a_restart() {
    both(async |app| {
        let admin = app.admin().await;
        assert_eq!(kinds(&admin, "year=2027&month=1").await[0].1, "work");
        let imported = import(&admin, NEXT_YEAR).await.ok();
        assert_eq!(imported["key"], "statutory-cn-2027");
        let january = kinds(&admin, "year=2027&month=1").await;
        assert_eq!(
            (january[0].1.as_str(), january[8].1.as_str()),
            ("holiday", "makeup")
        );

        // A corrected file takes the place of the first; the first sent again takes its place back.
        let corrected = NEXT_YEAR.replace("to: 2027-01-03", "to: 2027-01-02");
        app.pass(1);
        import(&admin, &corrected).await.ok();
        assert_eq!(kinds(&admin, "year=2027&month=1").await[2].1, "rest");
        app.pass(1);
        import(&admin, NEXT_YEAR).await.ok();
        assert_eq!(kinds(&admin, "year=2027&month=1").await[2].1, "holiday");

        // Another node, or this one after a restart, has the same days.
        let other = app.second_node().await;
        let days = other.definitions.calendars();
        assert!(
            !days
                .get("5x8")
                .unwrap()
                .is_working_day("2027-01-01".parse().unwrap())
        );
        let audit = admin.get("/audit?action=calendar.import").await.ok();
        assert_eq!(audit["items"].as_array().unwrap().len(), 3);
    });
}

#[test]
fn another_node_takes_over_what_was_imported_here() {
    both(async |app| {
        let second = app.second_node().await;
        let new_year = "2027-01-01".parse().unwrap();
        import(&app.admin().await, NEXT_YEAR).await.ok();
        assert!(
            second
                .definitions
                .calendars()
                .get("5x8")
                .unwrap()
                .is_working_day(new_year)
        );
        calendars::load(&second).await.unwrap();
        assert!(
            !second
                .definitions
                .calendars()
                .get("5x8")
                .unwrap()
                .is_working_day(new_year)
        );
    });
}

#[test]
fn hours_of_a_customer_can_be_imported_and_chosen() {
    both(async |app| {
        let admin = app.admin().await;
        let unit = app.unit("A").await;
        let project = |calendar: &str| {
            json!({
                "code": "P1", "name": "项目", "customer_unit_id": unit, "provider_name": "安澜",
                "starts_on": "2026-01-01", "ends_on": "2026-12-31", "calendar": calendar,
            })
        };
        admin
            .post("/projects", project("tax-office"))
            .await
            .wrong(&["calendar no_such"]);
        let hours = "
kind: hours
key: tax-office
name: {zh: 税务大厅, en: Tax office}
timezone: Asia/Shanghai
holidays: [statutory-cn]
weekly:
  mon-fri: [\"08:30-12:00\", \"14:00-17:30\"]
";
        import(&admin, hours).await.ok();
        admin.post("/projects", project("tax-office")).await.ok();
        let fields = json!({ "code": "B", "name": "大厅", "hours_calendar": "tax-office" });
        admin.post("/units", fields).await.ok();
        admin
            .post(
                "/units",
                json!({ "code": "C", "name": "C", "hours_calendar": "no" }),
            )
            .await
            .wrong(&["hours_calendar no_such"]);
    });
}

#[test]
fn a_bad_file_is_refused_with_line_and_reason_and_changes_nothing() {
    both(async |app| {
        let admin = app.admin().await;
        let cases = [
            ("", "file"),
            ("kind: holidays", "file"),
            ("kind: [", "file"),
            ("kind: nonsense", "kind"),
            ("{\"kind\": \"holidays\", \"kind\": \"hours\"}", "file"),
            ("a: &a [x, x]\nb: *a\nkind: hours", "file"),
        ];
        for (text, _) in cases {
            let reply = import(&admin, text).await;
            assert_eq!(reply.status, 422, "{text}: {reply}");
            let error = &reply.json()["errors"][0];
            assert!(
                !error["message"].as_str().unwrap().is_empty(),
                "{text}: {reply}"
            );
        }
        let typo = NEXT_YEAR.replace("to: 2027-01-03", "to: 2027-13-03");
        let reply = import(&admin, &typo).await;
        let message = reply.json()["errors"][0]["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(
            reply.status == 422 && message.contains("第 8 行"),
            "{reply}"
        );
        let missing = "kind: hours\nkey: x\nname: {zh: 甲, en: A}\ntimezone: Mars/Olympus\nweekly: {mon-fri: [\"09:00-17:00\"]}\n";
        assert_eq!(import(&admin, missing).await.status, 422);
        let null = NEXT_YEAR.replace("通知", "通\0知");
        assert_eq!(import(&admin, &null).await.status, 422);

        let call = || admin.call(Method::POST, "/calendars/import");
        call()
            .body("text/plain", NEXT_YEAR.as_bytes().to_vec())
            .await
            .refused(415, "not_yaml");
        call()
            .body("application/yaml", vec![0xff, 0xfe, 0x00])
            .await
            .refused(400, "not_utf8");
        call()
            .body("application/yaml", vec![b'#'; 2 * 1024 * 1024])
            .await
            .refused(413, "too_large");
        assert_eq!(
            call()
                .body("application/yaml", vec![b'#'; 900 * 1024])
                .await
                .status,
            422
        );
        assert_eq!(kinds(&admin, "year=2027&month=1").await[0].1, "work");
    });
}
