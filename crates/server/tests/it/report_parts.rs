//! What the monthly report counts besides incidents and availability: how long things took,
//! what customers said, alarms and messages (F-54); and the steps on F-01 with the time they took.

use anlan_server::features::tickets::rows::{ticket_clocks, tickets};
use anlan_server::platform::at::At;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::report_availability::section;
use crate::reports::{encoded, incident, monthly, path};
use crate::support::{Client, Project, TestApp, both};
use crate::tickets::{accepted, act, call, desk};

const DAY: &str = "2026-10-10T02:00:00Z";

/// Says how long a target of a ticket took; it has ended then.
async fn took(app: &TestApp, ticket: Uuid, target: &'static str, minutes: i64) {
    let write = app.app.db.write(move |tx| {
        Box::pin(async move {
            ticket_clocks::Entity::update_many()
                .col_expr(
                    ticket_clocks::Column::ElapsedUs,
                    Expr::value(minutes * 60_000_000),
                )
                .col_expr(
                    ticket_clocks::Column::StoppedAt,
                    Expr::value(At(1_795_000_000_000_000)),
                )
                .filter(ticket_clocks::Column::TicketId.eq(ticket))
                .filter(ticket_clocks::Column::Target.eq(target))
                .exec(&tx.db)
                .await?;
            Ok(())
        })
    });
    write.await.unwrap();
}

/// Writes columns that a ticket's life would have written.
async fn lived(
    app: &TestApp,
    ticket: Uuid,
    kind: &'static str,
    rated: Option<&'static str>,
    reopened: i32,
) {
    let write = app.app.db.write(move |tx| {
        Box::pin(async move {
            tickets::Entity::update_many()
                .col_expr(tickets::Column::Type, Expr::value(kind))
                .col_expr(tickets::Column::Satisfaction, Expr::value(rated))
                .col_expr(tickets::Column::Reopened, Expr::value(reopened))
                .filter(tickets::Column::Id.eq(ticket))
                .exec(&tx.db)
                .await?;
            Ok(())
        })
    });
    write.await.unwrap();
}

async fn october(app: &TestApp, project: Project) -> (Client, Value) {
    let admin = app.admin().await;
    let report = admin.post("/reports", monthly(project)).await.ok();
    (admin, report)
}

/// Every figure of the report lists as many tickets as it says.
async fn lists_equal_counts(client: &Client, report: &Value) {
    for (key, count) in report["counts"].as_object().unwrap() {
        let rows = format!("{}/figures/{}/rows?limit=200", path(report), encoded(key));
        let rows = client.get(&rows).await.ok();
        let listed = rows["items"].as_array().unwrap().len();
        assert_eq!(json!(listed), count["value"], "{key}");
    }
}

fn table<'a>(section: &'a Value, key: &str) -> &'a Value {
    let tables = section["tables"].as_array().unwrap();
    let found = tables.iter().find(|table| table["key"] == key);
    found.unwrap_or_else(|| panic!("no table {key}: {tables:?}"))
}

#[test]
fn r031_response_arrival_and_solution_are_told_level_by_level() {
    both(async |app| {
        let project = app.project("P1").await;
        for (n, minutes) in [(1, 10), (2, 20), (3, 60)] {
            let promises = [
                ("respond", "met"),
                ("resolve", "met"),
                ("arrive", "breached"),
            ];
            let ticket = incident(&app, project, n, DAY, Some(1), &promises).await;
            took(&app, ticket, "respond", minutes).await;
            if n != 2 {
                took(&app, ticket, "resolve", minutes * 6).await;
            }
        }
        let (admin, report) = october(&app, project).await;
        let told = table(section(&report, "indicators"), "durations");
        assert_eq!(
            told["rows"],
            json!([
                ["响应时间", "一级", 1, "20分", "20分"],
                ["响应时间", "二级", 2, "35分", "1小时"],
                ["响应时间", "合计", 3, "30分", "1小时"],
                ["解决时间", "二级", 2, "3小时30分", "6小时"],
                ["解决时间", "合计", 2, "3小时30分", "6小时"],
            ])
        );
        assert_eq!(told["figures"][1][2], "took.respond.level.二级");
        lists_equal_counts(&admin, &report).await;
    });
}

#[test]
fn f54_ratings_complaints_and_work_done_again_equal_their_lists() {
    both(async |app| {
        let project = app.project("P1").await;
        let ratings = [
            Some("good"),
            Some("good"),
            Some("fairly_good"),
            Some("poor"),
            None,
        ];
        for (n, rated) in ratings.into_iter().enumerate() {
            let ticket = incident(&app, project, n, DAY, Some(1), &[]).await;
            lived(&app, ticket, "fault", rated, i32::from(n == 3) * 2).await;
        }
        for (n, state) in [(10, "met"), (11, "breached"), (12, "met")] {
            let promises = [("written_report", state)];
            let ticket = incident(&app, project, n, DAY, Some(1), &promises).await;
            lived(&app, ticket, "complaint", None, 0).await;
        }
        let (admin, report) = october(&app, project).await;
        let told = section(&report, "satisfaction");
        let value = |key: &str| {
            let figures = told["figures"].as_array().unwrap();
            figures.iter().find(|one| one["key"] == key).unwrap()["value"].clone()
        };
        let all = ["rated", "satisfied", "complaints", "reopened"].map(value);
        assert_eq!(all, [json!(4), json!("75.0%"), json!(3), json!(1)]);
        assert_eq!(
            table(told, "satisfaction")["rows"],
            json!([
                ["好", 2, "50.0%"],
                ["较好", 1, "25.0%"],
                ["一般", 0, "0.0%"],
                ["差", 1, "25.0%"],
                ["合计", 4, "100.0%"],
            ])
        );
        let reports = &table(told, "complaints")["rows"][0];
        assert_eq!(
            reports,
            &json!(["首次书面报告", 3, 2, 1, "66.67%", "未达标"])
        );
        lists_equal_counts(&admin, &report).await;

        let charts = section(&report, "incidents")["charts"].as_array().unwrap();
        let days = charts
            .iter()
            .find(|one| one["title"] == "本月每日事件数量")
            .unwrap();
        assert_eq!(days["x"].as_array().unwrap().len(), 31);
        // Two in the morning UTC is ten in Beijing, and still the tenth.
        assert_eq!(days["series"][0]["values"][9], 8.0);
        let hours = charts
            .iter()
            .find(|one| one["title"] == "各时段事件数量")
            .unwrap();
        assert_eq!(hours["series"][0]["values"][10], 8.0);
    });
}

#[test]
fn f54_an_empty_project_says_so_part_by_part() {
    both(async |app| {
        let project = app.project("P1").await;
        let (_, report) = october(&app, project).await;
        for (key, words) in [
            ("operation", "未配置监测对象"),
            ("alarms", "未配置监测对象"),
            ("satisfaction", "没有满意度评价"),
        ] {
            let text = section(&report, key)["text"].as_str().unwrap();
            assert!(text.contains(words), "{key}: {text}");
        }
    });
}

#[test]
fn r079_each_step_keeps_the_time_it_took_and_the_sheet_sums_them() {
    both(async |app| {
        let all = desk(&app, "F1").await;
        let ticket = all.desk.post("/tickets", call(&all)).await.ok();
        let ticket = act(&all.desk, &ticket, "accept", accepted(), "").await.ok();
        let spent = json!({ "phone_result": "not_helped", "effort": 30 });
        let ticket = act(
            &all.desk,
            &ticket,
            "phone_support",
            spent.clone(),
            "电话指导",
        )
        .await
        .ok();
        assert_eq!(
            ticket["fields"]["effort"],
            Value::Null,
            "the step's, not the ticket's"
        );
        let ticket = act(&all.desk, &ticket, "phone_support", spent, "再次指导")
            .await
            .ok();
        let wrong = json!({ "phone_result": "helped", "effort": 0 });
        let refused = act(&all.desk, &ticket, "phone_support", wrong, "不对").await;
        refused.wrong(&["effort range"]);
        let form = format!(
            "/tickets/{}/forms/F-01?format=html",
            ticket["id"].as_str().unwrap()
        );
        let page = app.admin().await.get(&form).await;
        let text = String::from_utf8(page.bytes.clone()).unwrap();
        assert_eq!(text.matches("30分").count(), 2, "{text}");
        assert!(
            text.contains("用时合计") && text.contains("1小时"),
            "{text}"
        );
    });
}
