//! Plan, months and signature of the indicators.

use anlan_core::access::Scope;
use anlan_server::features::service_levels;
use anlan_server::features::tickets::rows::tickets;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::reports::{incident, october};
use crate::support::{Client, Project, TestApp, both};

fn kpi(project: Project) -> String {
    format!("/projects/{}/kpi", project.id)
}

/// A plan of these indicators, each as measure, target, direction and goal.
async fn plan(
    by: &Client,
    project: Project,
    indicators: &[(&str, Option<&str>, &str, f64)],
) -> Value {
    let indicators: Vec<Value> = indicators
        .iter()
        .map(|(measure, target, direction, goal)| {
            let name = if *measure == "manual" { "热线接通率" } else { "" };
            json!({ "measure": measure, "target": target, "direction": direction, "goal": goal, "name": name })
        })
        .collect();
    let path = format!("{}/plan", kpi(project));
    by.put(&path, &json!(0), json!({ "indicators": indicators }))
        .await
        .ok()
}

async fn measured(by: &Client, project: Project, month: &str) -> Value {
    let path = format!("{}/months", kpi(project));
    by.post(&path, json!({ "month": month })).await.ok()
}

fn figure<'a>(month: &'a Value, measure: &str) -> &'a Value {
    let figures = month["figures"].as_array().unwrap();
    let found = figures.iter().find(|one| one["measure"] == measure);
    found.unwrap_or_else(|| panic!("no {measure}: {month}"))
}

const USUAL: [(&str, Option<&str>, &str, f64); 4] = [
    ("attainment", None, "at_least", 1.0),
    ("target", Some("respond"), "at_least", 1.0),
    ("first_line", None, "at_least", 0.4),
    ("reopened", None, "at_most", 0.05),
];

#[test]
fn r045_figures_equal_those_of_the_monthly_report_before_and_after_it_is_made() {
    both(async |app| {
        let project = october(&app).await;
        let admin = app.admin().await;
        plan(&admin, project, &USUAL).await;
        let before = measured(&admin, project, "2026-10").await;
        assert_eq!(before["source"], "records");

        let body = json!({ "kind": "monthly", "project_id": project.id, "month": "2026-10" });
        let report = admin.post("/reports", body).await.ok();
        let count = |key: &str| report["counts"][key]["value"].as_i64().unwrap();
        let kept = count("sla.respond.met") + count("sla.acknowledge.met");
        let promised = count("sla.respond") + count("sla.acknowledge");
        let attainment = figure(&before, "attainment");
        assert_eq!(
            (&attainment["part"], &attainment["whole"]),
            (&json!(kept), &json!(promised))
        );
        assert_eq!(attainment["verdict"], "missed");
        let respond = figure(&before, "target");
        assert_eq!(
            (&respond["part"], &respond["whole"]),
            (&json!(count("sla.respond.met")), &json!(12))
        );
        let first = figure(&before, "first_line");
        assert_eq!(
            (&first["part"], &first["whole"]),
            (&json!(count("line1")), &json!(count("solved")))
        );
        assert_eq!(first["verdict"], "met");

        let after = measured(&admin, project, "2026-10").await;
        assert_eq!(
            (&after["source"], &after["report_id"]),
            (&json!("report"), &report["id"])
        );
        assert_eq!(after["figures"], before["figures"]);

        // What was measured before the report was counted is not signed.
        app.pass(60);
        let admin = app.sign_in(app.admin_id()).await;
        let recount = format!("/reports/{}/recompute", report["id"].as_str().unwrap());
        let tag = format!("\"{}\"", report["version"]);
        admin
            .post(&recount, json!({}))
            .header("if-match", &tag)
            .await
            .ok();
        let path = format!("{}/months/2026-10/signature", kpi(project));
        let tag = format!("\"{}\"", after["version"]);
        let signed = admin.post(&path, json!({ "conclusion": "一致" }));
        let signed = signed.header("if-match", &tag).await;
        signed.refused(409, "kpi_report_newer");

        // What happens after the report was counted changes neither it nor the indicators.
        incident(
            &app,
            project,
            40,
            "2026-10-20T02:00:00Z",
            Some(1),
            &[("respond", "breached")],
        )
        .await;
        let again = measured(&admin, project, "2026-10").await;
        assert_eq!(figure(&again, "attainment"), figure(&before, "attainment"));
    });
}

#[test]
fn r048_what_customers_say_and_what_comes_back_is_counted() {
    both(async |app| {
        let project = app.project("K1").await;
        let ratings = [
            Some("good"),
            Some("fairly_good"),
            Some("fair"),
            Some("poor"),
            None,
            None,
        ];
        for (n, rating) in ratings.into_iter().enumerate() {
            let id = incident(&app, project, n, "2026-10-10T02:00:00Z", Some(1), &[]).await;
            let reopened = i32::from(n == 2);
            let write = app.app.db.write(move |tx| {
                Box::pin(async move {
                    tickets::Entity::update_many()
                        .col_expr(tickets::Column::Satisfaction, Expr::value(rating))
                        .col_expr(tickets::Column::Reopened, Expr::value(reopened))
                        .filter(tickets::Column::Id.eq(id))
                        .exec(&tx.db)
                        .await?;
                    Ok(())
                })
            });
            write.await.unwrap();
        }
        let admin = app.admin().await;
        let wanted = [
            ("satisfaction", None, "at_least", 0.5),
            ("reopened", None, "at_most", 0.1),
            ("availability", None, "at_least", 0.9999),
            ("report_on_time", None, "at_least", 1.0),
        ];
        plan(&admin, project, &wanted).await;
        let month = measured(&admin, project, "2026-10").await;
        let told = |measure: &str| {
            let one = figure(&month, measure);
            (
                one["part"].clone(),
                one["whole"].clone(),
                one["verdict"].as_str().unwrap().to_owned(),
            )
        };
        assert_eq!(told("satisfaction"), (json!(2), json!(4), "met".into()));
        assert_eq!(told("reopened"), (json!(1), json!(6), "missed".into()));
        // Nothing is watched; the report of September was never approved.
        assert_eq!(told("availability").2, "no_data");
        assert_eq!(told("report_on_time").2, "missed");
        // The month's report says the same.
        let report = json!({ "project_id": project.id, "kind": "monthly", "month": "2026-10" });
        admin.post("/reports", report).await.ok();
        let month = measured(&admin, project, "2026-10").await;
        let share = |measure: &str| {
            let one = figure(&month, measure);
            (one["part"].clone(), one["whole"].clone())
        };
        assert_eq!(share("satisfaction"), (json!(2), json!(4)));
        assert_eq!(share("reopened"), (json!(1), json!(6)));
    });
}

#[test]
fn r048_a_report_in_time_is_one_approved_by_the_tenth() {
    both(async |app| {
        let project = app.project("K2").await;
        let admin = app.admin().await;
        plan(
            &admin,
            project,
            &[("report_on_time", None, "at_least", 1.0)],
        )
        .await;
        let approved = async |app: &TestApp, month: &str| {
            let admin = app.admin().await;
            let body = json!({ "kind": "monthly", "project_id": project.id, "month": month });
            let report = admin.post("/reports", body).await.ok();
            let path = format!("/reports/{}/approve", report["id"].as_str().unwrap());
            admin
                .post(&path, json!({}))
                .header("if-match", "\"1\"")
                .await
                .ok();
        };
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().into();
        // The last second of December 10 in Beijing, and the first after it.
        app.clock.set(at("2026-12-10T15:59:59Z"));
        approved(&app, "2026-11").await;
        app.clock.set(at("2026-12-10T16:00:00Z"));
        approved(&app, "2026-10").await;
        app.clock.set(at("2027-01-02T00:00:00Z"));
        let admin = app.admin().await;
        let verdict = async |month: &str| {
            measured(&admin, project, month).await["figures"][0]["verdict"].clone()
        };
        assert_eq!(verdict("2026-12").await, "met");
        assert_eq!(verdict("2026-11").await, "missed");
        // No contract, no report.
        assert_eq!(verdict("2026-01").await, "no_data");
    });
}

/// November ends, and what comes due is done.
async fn december(app: &TestApp) {
    app.clock.set(
        "2026-11-30T17:00:00Z"
            .parse::<jiff::Timestamp>()
            .unwrap()
            .into(),
    );
    let timers = app.app.timers();
    while timers.tick().await.unwrap() > 0 {}
}

#[test]
fn r048_a_month_is_measured_when_it_is_over_and_signed_once_all_is_answered() {
    both(async |app| {
        let project = app.project("K3").await;
        let manager = app
            .user("manager")
            .await
            .role("project_manager", Scope::Project(project.id));
        let manager = manager.make().await;
        let by = app.sign_in(manager).await;
        let wanted = [
            ("attainment", None, "at_least", 1.0),
            ("manual", None, "at_least", 90.0),
        ];
        plan(&by, project, &wanted).await;
        let promises = [("respond", "breached"), ("resolve", "met")];
        incident(&app, project, 1, "2026-11-10T02:00:00Z", Some(1), &promises).await;
        service_levels::begin_months(&app.app).await.unwrap();
        december(&app).await;

        let by = app.sign_in(manager).await;
        let months = by.get(&kpi(project)).await.ok()["months"].clone();
        let month = months
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["month"] == "2026-11")
            .unwrap()
            .clone();
        assert_eq!(
            (&month["state"], &month["signed_by"]),
            (&json!("open"), &Value::Null)
        );
        let notices = by.get("/notices").await.ok().to_string();
        assert!(
            notices.contains("2026-11 的服务指标已计算，请审核并签认"),
            "{notices}"
        );

        let path = format!("{}/months/2026-11", kpi(project));
        let sign = async |read: &Value, conclusion: &str| {
            let tag = format!("\"{}\"", read["version"]);
            let path = format!("{path}/signature");
            by.post(&path, json!({ "conclusion": conclusion }))
                .header("if-match", &tag)
                .await
        };
        sign(&month, "").await.wrong(&[
            "conclusion required",
            "figures[0].remedy required",
            "figures[1].actual required",
        ]);
        let (computed, manual) = (
            month["figures"][0]["id"].clone(),
            month["figures"][1]["id"].clone(),
        );
        let write = async |read: &Value, figures: Value| {
            by.put(&path, &read["version"], json!({ "figures": figures }))
                .await
        };
        write(&month, json!([{ "id": computed, "actual": 1.0 }]))
            .await
            .wrong(&["figures[0].actual computed"]);
        let written =
            json!([{ "id": computed, "remedy": "增加夜间值班" }, { "id": manual, "actual": 93.5 }]);
        let month = write(&month, written).await.ok();
        assert_eq!(
            (
                &month["figures"][1]["verdict"],
                &month["figures"][0]["actual"]
            ),
            (&json!("met"), &json!(0.5))
        );

        // Measuring again keeps what people wrote.
        let month = measured(&by, project, "2026-11").await;
        assert_eq!(
            (
                &month["figures"][1]["actual"],
                &month["figures"][0]["remedy"]
            ),
            (&json!(93.5), &json!("增加夜间值班"))
        );
        let signed = sign(&month, "核对一致").await.ok();
        assert_eq!(
            (&signed["state"], &signed["signed_by"]),
            (&json!("signed"), &json!("manager"))
        );
        assert_eq!(signed["hash"].as_str().unwrap().len(), 64);

        // From now on it stays.
        write(&signed, json!([])).await.refused(409, "kpi_signed");
        sign(&signed, "再签").await.refused(409, "kpi_signed");
        let again = by
            .post(
                &format!("{}/months", kpi(project)),
                json!({ "month": "2026-11" }),
            )
            .await;
        again.refused(409, "kpi_signed");
    });
}

#[test]
fn r048_who_does_not_answer_for_the_service_sees_signed_months_only() {
    both(async |app| {
        let project = october(&app).await;
        let admin = app.admin().await;
        plan(&admin, project, &[("first_line", None, "at_least", 0.1)]).await;
        let month = measured(&admin, project, "2026-10").await;
        let customer = app
            .user("customer")
            .await
            .role("customer_lead", Scope::Project(project.id));
        let customer = customer.client().await;
        let seen = async |by: &Client| {
            let found = by.get(&kpi(project)).await.ok();
            let months = found["months"].as_array().unwrap().iter();
            months
                .map(|one| {
                    format!(
                        "{} {}",
                        one["month"].as_str().unwrap(),
                        one["state"].as_str().unwrap()
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(seen(&admin).await, ["2026-10 open", "2026-11 provisional"]);
        assert_eq!(seen(&customer).await, Vec::<String>::new());
        let path = format!("{}/months/2026-10/signature", kpi(project));
        let tag = format!("\"{}\"", month["version"]);
        let conclusion = json!({ "conclusion": "一致" });
        customer
            .post(&path, conclusion.clone())
            .header("if-match", &tag)
            .await
            .refused(403, "forbidden");
        admin
            .post(&path, conclusion)
            .header("if-match", &tag)
            .await
            .ok();
        assert_eq!(seen(&customer).await, ["2026-10 signed"]);
    });
}

#[test]
fn r048_a_plan_that_makes_no_sense_is_refused_by_its_fields() {
    both(async |app| {
        let project = app.project("K4").await;
        let admin = app.admin().await;
        let path = format!("{}/plan", kpi(project));
        let proposed = admin.get(&kpi(project)).await.ok()["plan"].clone();
        assert_eq!(proposed["version"], 0);
        assert_eq!(
            (
                &proposed["indicators"][0]["measure"],
                &proposed["indicators"][0]["goal"]
            ),
            (&json!("attainment"), &json!(1.0))
        );
        let put = async |indicators: Value| {
            admin
                .put(&path, &json!(0), json!({ "indicators": indicators }))
                .await
        };
        let one = |more: Value| {
            let mut one = json!({ "measure": "first_line", "direction": "at_least", "goal": 0.8 });
            one.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            one
        };
        put(json!([one(json!({ "goal": 80 }))]))
            .await
            .wrong(&["indicators[0].goal bad_share"]);
        put(json!([one(json!({})), one(json!({}))]))
            .await
            .wrong(&["indicators[1].measure twice"]);
        put(json!([one(json!({ "measure": "target" }))]))
            .await
            .wrong(&["indicators[0].target required"]);
        put(json!([one(
            json!({ "measure": "target", "target": "lunch" })
        )]))
        .await
        .wrong(&["indicators[0].target no_such"]);
        put(json!([one(json!({ "measure": "manual" }))]))
            .await
            .wrong(&["indicators[0].name required"]);
        put(json!([one(json!({ "owner_id": Uuid::now_v7() }))]))
            .await
            .wrong(&["indicators[0].owner_id no_such"]);
        put(json!([one(json!({}))])).await.ok();
        put(json!([one(json!({}))]))
            .await
            .refused(409, "stale_version");
        let months = format!("{}/months", kpi(project));
        admin
            .post(&months, json!({ "month": "2026-11" }))
            .await
            .wrong(&["month not_over"]);
        admin
            .post(&months, json!({ "month": "2025-12" }))
            .await
            .wrong(&["month outside_term"]);
    });
}
