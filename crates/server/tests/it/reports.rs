//! Reports and printed forms: figures that equal their lists, frozen data, files for the customer.

use anlan_core::access::Permission::*;
use anlan_core::access::Scope;
use anlan_server::features::tickets::rows::{ticket_clocks, tickets};
use anlan_server::platform::at::At;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::report_availability::section;
use crate::support::{Project, TestApp, both};

fn at(text: &str) -> At {
    At::from(text.parse::<jiff::Timestamp>().unwrap())
}

/// An incident as it would stand in the table, with promises by target.
pub async fn incident(
    app: &TestApp,
    project: Project,
    n: usize,
    reported: &str,
    line: Option<i32>,
    promises: &[(&str, &str)],
) -> Uuid {
    let number = format!("INC-{}-{n:06}", project.id.simple());
    let row = tickets::Model {
        id: Uuid::now_v7(),
        number: number.clone(),
        project_id: project.id,
        process: "incident".into(),
        definition_version: 1,
        state: if line.is_some() { "closed" } else { "handling" }.into(),
        state_kind: if line.is_some() { "closed" } else { "open" }.into(),
        title: format!("门户网站无法打开（{n}）"),
        r#type: Some(
            if n.is_multiple_of(3) {
                "consult"
            } else {
                "fault"
            }
            .into(),
        ),
        category: (!n.is_multiple_of(4)).then(|| "website".into()),
        channel: Some(
            if n.is_multiple_of(2) {
                "phone"
            } else {
                "monitor"
            }
            .into(),
        ),
        level: (!n.is_multiple_of(5)).then(|| {
            if n.is_multiple_of(2) {
                "一级"
            } else {
                "二级"
            }
            .into()
        }),
        unit_id: Some(project.unit),
        major: n == 1,
        resolved_line: line,
        resolved_at: line.map(|_| at(reported).plus_seconds(5_400)),
        reported_at: at(reported),
        created_at: at(reported),
        updated_at: at(reported),
        fields: json!({ "title": "门户网站无法打开", "miss_reason": "备件晚到。" }).to_string(),
        history: "{}".into(),
        version: 1,
        ..tickets::Model::empty()
    };
    let id = row.id;
    app.insert(row.into_active_model()).await;
    for (cycle, (target, state)) in promises.iter().enumerate() {
        let clock = ticket_clocks::Model {
            id: Uuid::now_v7(),
            ticket_id: id,
            target: (*target).to_owned(),
            cycle: i32::try_from(cycle).unwrap(),
            started_at: at(reported),
            promised_due_at: at(reported),
            due_at: at(reported),
            stopped_at: None,
            state: (*state).to_owned(),
            elapsed_us: 0,
            duration_us: 0,
            counted: true,
            detail: "{}".into(),
        };
        app.insert(clock.into_active_model()).await;
    }
    id
}

/// A month with a bit of everything, and tickets just outside it.
pub async fn october(app: &TestApp) -> Project {
    let project = app.project("P1").await;
    for n in 0..12 {
        let line = [Some(1), Some(2), Some(3), None][n % 4];
        let late = if n == 3 || n == 7 { "breached" } else { "met" };
        let day = format!("2026-10-{:02}T02:00:00Z", n + 2);
        incident(
            app,
            project,
            n,
            &day,
            line,
            &[
                ("respond", late),
                ("acknowledge", "met"),
                ("acknowledge", late),
            ],
        )
        .await;
    }
    // The first and last instants of October in Beijing, and their neighbours.
    incident(app, project, 20, "2026-09-30T16:00:00Z", Some(1), &[]).await;
    incident(app, project, 21, "2026-10-31T15:59:59Z", Some(1), &[]).await;
    incident(app, project, 22, "2026-09-30T15:59:59Z", Some(1), &[]).await;
    incident(app, project, 23, "2026-10-31T16:00:00Z", Some(1), &[]).await;
    let other = app.project("P2").await;
    incident(app, other, 0, "2026-10-10T02:00:00Z", Some(1), &[]).await;
    project
}

pub fn monthly(project: Project) -> Value {
    json!({ "kind": "monthly", "project_id": project.id, "month": "2026-10" })
}

pub fn path(report: &Value) -> String {
    format!("/reports/{}", report["id"].as_str().unwrap())
}

pub fn encoded(key: &str) -> String {
    key.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn r089_what_was_called_off_or_merged_is_neither_answered_nor_solved() {
    both(async |app| {
        let project = app.project("P1").await;
        for (n, state) in ["closed", "cancelled", "merged"].into_iter().enumerate() {
            let id = incident(&app, project, n, "2026-10-10T02:00:00Z", Some(1), &[]).await;
            let line = (state == "closed").then_some(1);
            let write = app.app.db.write(move |tx| {
                Box::pin(async move {
                    tickets::Entity::update_many()
                        .col_expr(tickets::Column::State, Expr::value(state))
                        .col_expr(tickets::Column::ResolvedLine, Expr::value(line))
                        .filter(tickets::Column::Id.eq(id))
                        .exec(&tx.db)
                        .await?;
                    Ok(())
                })
            });
            write.await.unwrap();
        }
        let admin = app.admin().await;
        let report = admin.post("/reports", monthly(project)).await.ok();
        let of = |key: &str| report["counts"][key]["value"].as_i64().unwrap();
        let keys = ["total", "responded", "solved", "open", "cancelled", "line1"];
        assert_eq!(keys.map(of), [2, 1, 1, 0, 1, 1]);
        let text = report.to_string();
        assert!(text.contains("另有1起为误报或撤回，已取消"), "{text}");
    });
}

#[test]
fn r089_every_figure_equals_the_list_behind_it() {
    both(async |app| {
        let project = october(&app).await;
        let admin = app.admin().await;
        let report = admin.post("/reports", monthly(project)).await.ok();
        let counts = report["counts"].as_object().unwrap();
        let of = |key: &str| counts[key]["value"].as_i64().unwrap();
        assert_eq!(
            [
                of("total"),
                of("responded"),
                of("line1"),
                of("line2"),
                of("line3"),
                of("open"),
                of("major")
            ],
            [14, 14, 5, 3, 3, 3, 1]
        );
        assert_eq!(
            [
                of("sla.respond"),
                of("sla.respond.breached"),
                of("sla.acknowledge.breached")
            ],
            [12, 2, 2]
        );
        assert!(counts.len() > 60);
        for (key, count) in counts {
            let rows = format!("{}/figures/{}/rows?limit=200", path(&report), encoded(key));
            let rows = admin.get(&rows).await.ok();
            assert_eq!(
                rows["items"].as_array().unwrap().len() as i64,
                count["value"].as_i64().unwrap(),
                "{key}"
            );
        }
        let listed = format!(
            "/tickets/counts?process=incident&project={}&from=2026-09-30T16:00:00Z&to=2026-10-31T16:00:00Z",
            project.id
        );
        assert_eq!(
            admin.get(&listed).await.ok()["total"],
            counts["total"]["value"]
        );
        admin
            .get(&format!("{}/figures/none/rows", path(&report)))
            .await
            .refused(404, "not_found");
    });
}

#[test]
fn r089_a_missed_indicator_is_analysed_and_the_files_open() {
    both(async |app| {
        let project = october(&app).await;
        let admin = app.admin().await;
        let report = admin.post("/reports", monthly(project)).await.ok();
        let indicators = section(&report, "indicators");
        let text = indicators["text"].as_str().unwrap();
        assert!(
            text.contains("响应及时率83.33%") && text.contains("备件晚到"),
            "{text}"
        );
        assert_eq!(indicators["tables"][0]["rows"][1][3], "未达标");
        for (format, magic) in [
            ("docx", &b"PK"[..]),
            ("xlsx", b"PK"),
            ("pdf", b"%PDF"),
            ("html", b"<!"),
        ] {
            let file = admin
                .get(&format!("{}/file?format={format}", path(&report)))
                .await;
            assert!(file.bytes.starts_with(magic), "{format} {}", file.status);
            let name = file.headers["content-disposition"].to_str().unwrap();
            assert!(name.contains("filename*=UTF-8''%E8%BF%90"), "{name}");
            if let Some(folder) = std::env::var_os("ANLAN_TEST_SHEETS") {
                std::fs::write(
                    std::path::Path::new(&folder).join(format!("report.{format}")),
                    &file.bytes,
                )
                .unwrap();
            }
        }
        admin
            .get(&format!("{}/file?format=exe", path(&report)))
            .await
            .wrong(&["format one_of"]);
    });
}

/// More broken promises than a table lists: the words still count all of them.
#[test]
fn a_long_list_of_broken_promises_is_cut_and_fully_counted() {
    both(async |app| {
        let project = app.project("P1").await;
        for n in 0..130 {
            let promises = [("respond", "breached"), ("resolve", "met")];
            let day = "2026-10-02T02:00:00Z";
            incident(&app, project, n, day, Some(1), &promises).await;
        }
        let admin = app.admin().await;
        let report = admin.post("/reports", monthly(project)).await.ok();
        let text = section(&report, "indicators")["text"].as_str().unwrap();
        assert!(text.contains("130项承诺中130项超时"), "{text}");
        let (_, counted) = text.split_once("按级别为").unwrap();
        let numbers = counted.split(|c: char| !c.is_ascii_digit());
        let sum: u32 = numbers.filter_map(|n| n.parse::<u32>().ok()).take(5).sum();
        assert_eq!(sum, 2 * 130, "by level and by category: {text}");
        let tables = section(&report, "incidents")["tables"].as_array().unwrap();
        let late = tables.iter().find(|table| table["key"] == "late").unwrap();
        assert_eq!(late["rows"].as_array().unwrap().len(), 50);
        assert!(
            late["title"].as_str().unwrap().contains("共130项"),
            "{late}"
        );
    });
}

#[test]
fn a_report_counted_before_the_month_was_over_is_counted_again_first() {
    both(async |app| {
        let project = app.project("P1").await;
        let november = json!({ "kind": "monthly", "project_id": project.id, "month": "2026-11" });
        let report = app.admin().await.post("/reports", november).await.ok();
        app.pass(14 * 86_400);
        let admin = app.admin().await;
        let does = async |what: &str, version: &Value| {
            let path = format!("{}/{what}", path(&report));
            let version = format!("\"{version}\"");
            admin
                .post(&path, json!({}))
                .header("if-match", &version)
                .await
        };
        does("approve", &report["version"])
            .await
            .refused(409, "counted_too_early");
        let counted = does("recompute", &report["version"]).await.ok();
        does("approve", &counted["version"]).await.ok();
    });
}

#[test]
fn an_approved_report_is_frozen_and_verifiable() {
    both(async |app| {
        let project = october(&app).await;
        let admin = app.admin().await;
        let report = admin.post("/reports", monthly(project)).await.ok();
        let path = path(&report);
        let text = |key: &str, text: &str| json!({ "sections": [{ "key": key, "text": text }] });
        let written = admin
            .put(&path, &report["version"], text("plan", "升级备件库。"))
            .await
            .ok();
        admin
            .put(&path, &report["version"], text("plan", "x"))
            .await
            .refused(409, "stale_version");
        admin
            .put(&path, &written["version"], text("none", "x"))
            .await
            .wrong(&["sections[0].key unknown_key"]);

        // While it is a draft it is counted anew, and what was written stays.
        incident(&app, project, 30, "2026-10-20T02:00:00Z", Some(1), &[]).await;
        let version = written["version"].to_string();
        let counted = admin
            .post(&format!("{path}/recompute"), json!({}))
            .header("if-match", &version)
            .await
            .ok();
        assert_eq!(counted["counts"]["total"]["value"], 15);
        assert_eq!(section(&counted, "plan")["text"], "升级备件库。");

        let version = counted["version"].to_string();
        let writer = app
            .may(&[ReportRead, ReportWrite], Scope::Project(project.id))
            .await;
        writer
            .post(&format!("{path}/approve"), json!({}))
            .header("if-match", &version)
            .await
            .refused(403, "forbidden");
        let approved = admin
            .post(&format!("{path}/approve"), json!({}))
            .header("if-match", &version)
            .await
            .ok();
        assert_eq!(approved["state"], "approved");
        let verdict = admin.get(&format!("{path}/verify")).await.ok();
        assert_eq!(
            (&verdict["ok"], &verdict["hash"]),
            (&json!(true), &approved["hash"])
        );

        // Nothing that happens later changes it.
        incident(&app, project, 31, "2026-10-21T02:00:00Z", Some(1), &[]).await;
        let version = approved["version"].to_string();
        admin
            .post(&format!("{path}/recompute"), json!({}))
            .header("if-match", &version)
            .await
            .refused(409, "report_approved");
        admin
            .put(&path, &approved["version"], text("plan", "x"))
            .await
            .refused(409, "report_approved");
        let later = admin.get(&path).await.ok();
        assert_eq!(later["counts"], approved["counts"]);
        assert_eq!(
            admin.get(&format!("{path}/figures/total/rows")).await.ok()["items"]
                .as_array()
                .unwrap()
                .len(),
            15
        );

        // A hand in the database is seen.
        let id: Uuid = approved["id"].as_str().unwrap().parse().unwrap();
        app.app
            .db
            .write(move |tx| {
                Box::pin(async move {
                    use anlan_server::features::reports::rows::reports;
                    use sea_orm::sea_query::Expr;
                    reports::Entity::update_many()
                        .col_expr(reports::Column::Data, Expr::value(r#"{"counts":{}}"#))
                        .filter(reports::Column::Id.eq(id))
                        .exec(&tx.db)
                        .await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        assert_eq!(admin.get(&format!("{path}/verify")).await.ok()["ok"], false);
    });
}

#[test]
fn r089_a_ticket_altered_behind_an_approved_report_is_seen() {
    use anlan_server::features::reports::rows::{report_outcomes, report_tickets};
    both(async |app| {
        let project = october(&app).await;
        let admin = app.admin().await;
        let report = admin.post("/reports", monthly(project)).await.ok();
        let version = format!("\"{}\"", report["version"]);
        let path = path(&report);
        let approve = admin.post(&format!("{path}/approve"), json!({}));
        approve.header("if-match", &version).await.ok();
        let verdict = async || admin.get(&format!("{path}/verify")).await.ok();
        assert_eq!(
            (&verdict().await["ok"], &verdict().await["rows"]),
            (&json!(true), &json!(true))
        );

        let broken = report_outcomes::Entity::find()
            .filter(report_outcomes::Column::Outcome.eq("breached"))
            .one(app.app.db.read())
            .await
            .unwrap()
            .unwrap();
        let outcome = async |word: &'static str| {
            let row = report_outcomes::ActiveModel {
                outcome: sea_orm::Set(word.to_owned()),
                ..broken.clone().into_active_model()
            };
            update(&app, row).await;
        };
        outcome("met").await;
        let seen = verdict().await;
        assert_eq!((&seen["ok"], &seen["rows"]), (&json!(false), &json!(false)));
        assert_eq!(
            seen["hash"], seen["computed"],
            "the data itself is as it was"
        );
        outcome("breached").await;
        assert_eq!(verdict().await["ok"], true, "put right again");

        let ticket = report_tickets::Entity::find().one(app.app.db.read());
        let mut ticket = ticket.await.unwrap().unwrap().into_active_model();
        ticket.level = sea_orm::Set(Some("三级".into()));
        update(&app, ticket).await;
        assert_eq!(verdict().await["ok"], false);
    });
}

/// A hand in the database.
async fn update<A>(app: &TestApp, row: A)
where
    A: ActiveModelTrait + ActiveModelBehavior + Send + 'static,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Sync,
{
    let write = app.app.db.write(move |tx| {
        Box::pin(async move {
            row.update(&tx.db).await?;
            Ok(())
        })
    });
    write.await.unwrap();
}

#[test]
fn reports_are_seen_by_their_project_only() {
    both(async |app| {
        let project = october(&app).await;
        let other = app.project("P3").await;
        let admin = app.admin().await;
        let report = admin.post("/reports", monthly(project)).await.ok();
        admin
            .post("/reports", monthly(project))
            .await
            .wrong(&["month taken"]);
        let outside = app
            .may(
                &[ReportRead, ReportWrite, ReportApprove],
                Scope::Project(other.id),
            )
            .await;
        assert_eq!(outside.get("/reports").await.ok()["items"], json!([]));
        for end in ["", "/verify", "/file?format=xlsx", "/figures/total/rows"] {
            outside
                .get(&format!("{}{end}", path(&report)))
                .await
                .refused(404, "not_found");
        }
        outside
            .post("/reports", monthly(project))
            .await
            .refused(404, "not_found");
        outside
            .put(&path(&report), &json!(1), json!({ "sections": [] }))
            .await
            .refused(404, "not_found");
        let customer = app.may(&[ReportRead], Scope::Unit(project.unit)).await;
        assert_eq!(
            customer.get("/reports").await.ok()["items"][0]["id"],
            report["id"]
        );
        app.may(&[TicketRead], Scope::All)
            .await
            .get("/reports")
            .await
            .refused(403, "forbidden");
        let month =
            |month: &str| json!({ "kind": "monthly", "project_id": project.id, "month": month });
        admin
            .post("/reports", month("2026-13"))
            .await
            .wrong(&["month bad_month"]);
        admin
            .post("/reports", month("2026-12"))
            .await
            .wrong(&["month in_future"]);
    });
}

#[test]
fn a_draft_is_made_on_the_first_of_the_month_once() {
    both(async |app| {
        october(&app).await;
        anlan_server::features::reports::begin(&app.app)
            .await
            .unwrap();
        let months = async || -> Vec<Value> {
            // The clock runs on for days: nobody stays signed in that long.
            let list = app.admin().await.get("/reports").await.ok();
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["period"]["month"].clone())
                .collect()
        };
        assert_eq!(months().await, ["2026-10", "2026-10"]);
        // To 1 December, ten past midnight in Beijing.
        app.pass(at("2026-11-30T16:10:00Z").seconds_since(app.clock.now()) - 1);
        app.app.timers().tick().await.unwrap();
        assert_eq!(months().await.len(), 2);
        app.pass(1);
        app.app.timers().tick().await.unwrap();
        assert_eq!(months().await, ["2026-11", "2026-11", "2026-10", "2026-10"]);
        anlan_server::features::reports::begin(&app.app)
            .await
            .unwrap();
        assert_eq!(months().await.len(), 4);
    });
}

#[test]
fn r079_an_incident_prints_on_its_form_filled_and_blank() {
    both(async |app| {
        let project = app.project("P1").await;
        let admin = app.admin().await;
        let fields = json!({
            "title": "门户网站首页无法打开", "description": "监控连续三次返回 502，多名群众来电反映无法办事。", "type": "fault",
            "channel": "phone", "unit_id": project.unit, "caller_name": "赵敏", "caller_phone": "0551-62550123",
            "caller_department": "信息科", "location": "B 座 3 层机房", "system": "政府门户网站", "category": "website",
            "business_reason": "网上预约与材料提交全部中断。", "impact": 1, "urgency": 1, "ci": "web-01",
            "device_type": "服务器", "model": "RH2288H", "serial_number": "SN-0042", "install_location": "3 号机柜",
            "ip_address": "10.1.2.3",
        });
        let ticket = admin
            .post(
                "/tickets",
                json!({ "process": "incident", "project_id": project.id, "fields": fields }),
            )
            .await
            .ok();
        let form = format!("/tickets/{}/forms/F-01", ticket["id"].as_str().unwrap());
        let page = admin.get(&format!("{form}?format=html")).await;
        let text = String::from_utf8(page.bytes.clone()).unwrap();
        for word in [
            ticket["number"].as_str().unwrap(),
            "赵敏",
            "单位U-P1",
            "网站",
            "高（全部业务或多个单位）",
            "紧急",
            "网上预约",
            "2026年11月22日 10:00",
            "服务器",
            "RH2288H",
            "SN-0042",
            "3 号机柜",
            "10.1.2.3",
        ] {
            assert!(text.contains(word), "{word}");
        }
        for (format, magic) in [("docx", &b"PK"[..]), ("pdf", b"%PDF")] {
            for path in [
                format!("{form}?format={format}"),
                format!("/forms/F-01/blank?format={format}&project={}", project.id),
            ] {
                let file = admin.get(&path).await;
                assert!(file.bytes.starts_with(magic), "{path} {}", file.status);
                let name = file.headers["content-disposition"]
                    .to_str()
                    .unwrap()
                    .to_owned();
                assert!(
                    name.contains("filename*=UTF-8''%E5%AE%A2%E6%88%B7"),
                    "{name}"
                );
                if let Some(folder) = std::env::var_os("ANLAN_TEST_SHEETS") {
                    let kind = if path.contains("blank") {
                        "blank"
                    } else {
                        "filled"
                    };
                    std::fs::write(
                        std::path::Path::new(&folder).join(format!("F-01-{kind}.{format}")),
                        &file.bytes,
                    )
                    .unwrap();
                }
            }
        }
        let printed = admin.get("/audit?action=ticket.print").await.ok();
        assert_eq!(printed["items"].as_array().unwrap().len(), 3);
        let outside = app
            .may(&[TicketRead], Scope::Project(app.project("P2").await.id))
            .await;
        outside.get(&form).await.refused(404, "not_found");
        admin
            .get(&format!("{form}?format=xlsx"))
            .await
            .wrong(&["format one_of"]);
        admin
            .get(&form.replace("F-01", "F-99"))
            .await
            .refused(404, "not_found");
    });
}
