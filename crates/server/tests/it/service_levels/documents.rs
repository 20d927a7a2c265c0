//! The service level document.

use anlan_core::access::Scope;
use anlan_server::features::service_levels::rows::{sla_steps, sla_versions};
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{in_force, signed, step, version};
use crate::support::{Client, Project, TestApp, both};

/// A project under agreement C with somebody who manages it and somebody who checks quality.
async fn people(app: &TestApp) -> (Project, Client, Client) {
    let project = app.project("S1").await;
    app.under_agreement(project.id, "C", jiff::civil::date(2026, 1, 1))
        .await;
    let manager = person(app, "manager", "project_manager", project).await;
    let quality = person(app, "quality", "qa", project).await;
    (project, manager, quality)
}

async fn person(app: &TestApp, login: &str, role: &str, project: Project) -> Client {
    let built = app.user(login).await;
    built.role(role, Scope::Project(project.id)).client().await
}

async fn begun(by: &Client, project: Project) -> Value {
    let path = format!("/projects/{}/sla/versions", project.id);
    by.post(&path, json!({})).await.ok()
}

async fn sla(by: &Client, project: Project) -> Value {
    by.get(&format!("/projects/{}/sla", project.id)).await.ok()
}

/// The lines of a comparison of one part that are not the same.
fn altered(view: &Value, part: &str) -> Vec<String> {
    let changes = view["changes"].as_array().unwrap();
    let change = changes.iter().find(|change| change["key"] == part);
    let lines = change.map(|change| change["lines"].as_array().unwrap());
    let line = |line: &Value| match line["mark"].as_str().unwrap() {
        "added" => Some(format!("+{}", line["text"].as_str().unwrap())),
        "removed" => Some(format!("-{}", line["text"].as_str().unwrap())),
        _ => None,
    };
    lines.into_iter().flatten().filter_map(line).collect()
}

#[test]
fn r041_the_first_draft_knows_the_project_and_its_print_has_nine_parts() {
    both(async |app| {
        let (project, manager, _) = people(&app).await;
        let draft = begun(&manager, project).await;
        let text = |key: &str| {
            let parts = draft["parts"].as_array().unwrap();
            let part = parts.iter().find(|part| part["key"] == key).unwrap();
            part["text"].as_str().unwrap().to_owned()
        };
        assert!(text("term").contains("自2026年1月1日起至2026年12月31日止"));
        assert!(text("scope").contains("单位U-S1"), "{}", text("scope"));
        assert!(text("reports").contains("每月10日前提交上月《运维服务月度报告》"));
        assert!(text("standards").contains("时限达标率100%；系统可用率99.99%"));
        assert!(text("organisation").contains("运维（项目）经理：manager"));
        // Whom a promise that runs out is told to, in words, once for all promises alike.
        let ladder = text("organisation");
        assert!(
            ladder.contains(
                "重大故障、一般故障的响应、答复、到场、解决、书面报告时限：用时达 80% 时提醒处理人"
            ),
            "{ladder}"
        );
        let standards = draft["standards"].as_array().unwrap();
        assert_eq!(standards[0]["level"], "重大故障");
        let promises = standards[0]["promises"].as_array().unwrap();
        let arrive = promises.iter().find(|one| one["name"] == "到场").unwrap();
        assert_eq!(arrive["within"], "1 小时");
        // Our own discipline is no promise to the customer.
        assert!(
            promises.iter().all(|one| one["name"] != "接单确认"),
            "{promises:?}"
        );

        let file = |format: &str| format!("{}/file?format={format}", version(project, 1));
        let html = manager.get(&file("html")).await;
        let html = String::from_utf8(html.bytes).unwrap();
        let titles = [
            "一、协议期限",
            "二、服务方式",
            "三、服务范围",
            "四、服务报告",
            "五、服务内容及标准",
            "六、服务组织",
            "七、服务收费",
            "八、双方责任",
            "九、协议变更",
        ];
        let mut after = 0;
        for title in titles {
            let at = html[after..].find(title);
            after += at.unwrap_or_else(|| panic!("{title} is missing"));
        }
        for word in ["各级别服务时限", "变更记录", "首次签订", "甲方", "乙方"] {
            assert!(html.contains(word), "{word}");
        }
        for (format, magic) in [("docx", &b"PK"[..]), ("pdf", b"%PDF")] {
            let reply = manager.get(&file(format)).await;
            assert!(reply.bytes.starts_with(magic), "{format} {}", reply.status);
        }
        manager.get(&file("xlsx")).await.wrong(&["format one_of"]);
    });
}

#[test]
fn r041_a_change_makes_a_new_version_and_says_what_changed() {
    both(async |app| {
        let (project, manager, quality) = people(&app).await;
        let path = format!("/projects/{}/sla/versions", project.id);
        let first = in_force(&manager, &quality, project, "", "2026-01-05").await;
        assert_eq!(
            (&first["state"], &first["number"]),
            (&json!("in_force"), &json!(1))
        );

        manager
            .post(&path, json!({}))
            .await
            .wrong(&["reason required"]);
        let reason = json!({ "reason": "增加驻场人员" });
        let second = manager.post(&path, reason.clone()).await.ok();
        assert_eq!(second["compared_with"], 1);
        assert_eq!(second["changes"], json!([]));
        manager
            .post(&path, reason)
            .await
            .refused(409, "sla_unfinished");
        assert_eq!(sla(&manager, project).await["standing"], "change");

        let charges = second["parts"][6]["text"].as_str().unwrap();
        let texts = json!({
            "ends_on": "2027-06-30",
            "parts": [{ "key": "charges", "text": format!("{charges}\n驻场人员每月 2 万元。") }],
        });
        let second = manager
            .put(&version(project, 2), &second["version"], texts)
            .await
            .ok();
        assert_eq!(altered(&second, "charges"), ["+驻场人员每月 2 万元。"]);
        assert_eq!(
            altered(&second, "term"),
            [
                "-协议期限：2026-01-01 至 2026-12-31",
                "+协议期限：2026-01-01 至 2027-06-30"
            ]
        );
        assert_eq!(second["changes"].as_array().unwrap().len(), 2);

        // The old one holds until the new one is signed.
        let old = quality.get(&version(project, 1)).await.ok();
        assert_eq!(old["state"], "in_force");
        let sent = step(&manager, project, &second, json!({ "step": "submit" }))
            .await
            .ok();
        step(&quality, project, &sent, signed("2026-11-22"))
            .await
            .ok();
        let all = sla(&manager, project).await;
        let states: Vec<_> = all["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["state"])
            .collect();
        assert_eq!(states, ["in_force", "replaced"]);
        assert_eq!(all["standing"], "in_force");
        let html = manager
            .get(&format!("{}/file?format=html", version(project, 2)))
            .await;
        let html = String::from_utf8(html.bytes).unwrap();
        assert!(html.contains("增加驻场人员") && html.contains("徐海涛、张华"));
    });
}

#[test]
fn r042_every_step_is_logged_and_wrong_ones_are_refused() {
    both(async |app| {
        let (project, manager, quality) = people(&app).await;
        let draft = begun(&manager, project).await;
        let take =
            async |by: &Client, read: &Value, body: Value| step(by, project, read, body).await;
        take(&quality, &draft, signed("2026-11-22"))
            .await
            .refused(409, "sla_is_draft");
        let sent = take(&manager, &draft, json!({ "step": "submit" }))
            .await
            .ok();
        take(&quality, &draft, json!({ "step": "return", "note": "x" }))
            .await
            .refused(409, "stale_version");
        take(&quality, &sent, json!({ "step": "return" }))
            .await
            .wrong(&["note required"]);
        let texts = json!({ "parts": [{ "key": "charges", "text": "免费" }] });
        let written = manager
            .put(&version(project, 1), &sent["version"], texts)
            .await;
        written.refused(409, "sla_fixed");
        let back = json!({ "step": "return", "note": "补充收费" });
        let back = take(&quality, &sent, back).await.ok();
        let sent = take(&manager, &back, json!({ "step": "submit" }))
            .await
            .ok();
        take(&manager, &sent, signed("2026-11-22"))
            .await
            .refused(409, "sla_own_review");
        take(&quality, &sent, json!({ "step": "take_effect" }))
            .await
            .wrong(&["signatures required"]);
        take(&quality, &sent, signed("2027-01-01"))
            .await
            .wrong(&["on after_end"]);
        let valid = take(&quality, &sent, signed("2026-11-22")).await.ok();
        assert_eq!(valid["next_review_on"], "2027-05-22");
        let examine = json!({ "step": "examine", "note": "继续执行", "on": "2026-11-23" });
        take(&quality, &valid, examine)
            .await
            .wrong(&["on in_future_day"]);
        let examine = json!({ "step": "examine", "note": "继续执行", "on": "2026-11-20" });
        let valid = take(&quality, &valid, examine).await.ok();
        assert_eq!(valid["next_review_on"], "2027-05-20");
        let end = json!({ "step": "terminate", "note": "合同终止" });
        let ended = take(&manager, &valid, end.clone()).await.ok();
        take(&manager, &ended, end)
            .await
            .refused(409, "sla_is_terminated");

        let all = sla(&manager, project).await;
        assert_eq!(all["standing"], "terminated");
        let log: Vec<String> = all["steps"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .map(|one| {
                format!(
                    "{} {} {}",
                    one["by"].as_str().unwrap(),
                    one["step"].as_str().unwrap(),
                    one["to"].as_str().unwrap()
                )
            })
            .collect();
        assert_eq!(
            log,
            [
                "manager begin draft",
                "manager submit review",
                "quality return draft",
                "manager submit review",
                "quality take_effect in_force",
                "quality examine in_force",
                "manager terminate terminated",
            ]
        );
        let audit = app.admin().await.get("/audit?limit=200").await.ok();
        for action in [
            "sla.begin",
            "sla.submit",
            "sla.return",
            "sla.take_effect",
            "sla.examine",
            "sla.terminate",
        ] {
            let entries = audit["items"].as_array().unwrap();
            assert!(
                entries.iter().any(|entry| entry["action"] == action),
                "{action}"
            );
        }
        // The database itself keeps the log as it is.
        let forged = app.app.db.write(|tx| {
            Box::pin(async move {
                sla_steps::Entity::delete_many().exec(&tx.db).await?;
                Ok(())
            })
        });
        assert!(forged.await.is_err());
    });
}

#[test]
fn r041_what_is_signed_is_frozen_and_verifiable() {
    both(async |app| {
        let (project, manager, quality) = people(&app).await;
        let valid = in_force(&manager, &quality, project, "", "2026-01-05").await;
        assert_eq!(valid["hash"].as_str().unwrap().len(), 64);
        assert_eq!(valid["signatures"]["customer"]["position"], "信息中心主任");
        let texts = json!({ "parts": [{ "key": "charges", "text": "免费" }] });
        let written = manager
            .put(&version(project, 1), &valid["version"], texts)
            .await;
        written.refused(409, "sla_fixed");
        let verify = format!("{}/verify", version(project, 1));
        assert_eq!(manager.get(&verify).await.ok()["ok"], true);
        let forged = app.app.db.write(|tx| {
            Box::pin(async move {
                let version = sla_versions::Entity::find().one(&tx.db).await?.unwrap();
                sla_versions::Entity::update_many()
                    .col_expr(
                        sla_versions::Column::Data,
                        Expr::value(version.data.replace("2026-12-31", "2029-12-31")),
                    )
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        });
        forged.await.unwrap();
        assert_eq!(manager.get(&verify).await.ok()["ok"], false);
    });
}

#[test]
fn r041_the_customer_reads_what_is_in_force_and_no_draft() {
    both(async |app| {
        let (project, manager, quality) = people(&app).await;
        let customer = person(&app, "customer", "customer_lead", project).await;
        begun(&manager, project).await;
        assert_eq!(sla(&customer, project).await["standing"], "none");
        assert_eq!(sla(&customer, project).await["steps"], json!([]));
        customer
            .get(&version(project, 1))
            .await
            .refused(404, "not_found");
        let draft = manager.get(&version(project, 1)).await.ok();
        let sent = step(&manager, project, &draft, json!({ "step": "submit" }))
            .await
            .ok();
        step(&quality, project, &sent, signed("2026-11-22"))
            .await
            .ok();
        let read = customer.get(&version(project, 1)).await.ok();
        assert_eq!(read["state"], "in_force");
        let path = format!("/projects/{}/sla/versions", project.id);
        let refused = customer.post(&path, json!({ "reason": "降价" })).await;
        refused.refused(403, "forbidden");
        let stranger = app
            .user("stranger")
            .await
            .role("project_manager", Scope::Project(uuid::Uuid::now_v7()));
        let stranger = stranger.client().await;
        stranger
            .get(&version(project, 1))
            .await
            .refused(404, "not_found");
    });
}

/// Time passes and what comes due is done.
async fn later(app: &TestApp, days: i64) {
    app.pass(days * 86_400);
    let timers = app.app.timers();
    while timers.tick().await.unwrap() > 0 {}
}

#[test]
fn r042_review_and_end_are_told_to_manager_and_quality() {
    both(async |app| {
        let (project, manager, quality) = people(&app).await;
        // Signed on May 23: the review is due on November 23, the end of the term is December 31.
        in_force(&manager, &quality, project, "", "2026-05-23").await;
        let told = async |app: &TestApp, login: &str| -> Vec<String> {
            let users = app
                .admin()
                .await
                .get(&format!("/users?q={login}"))
                .await
                .ok();
            let id = crate::support::id(&users["items"][0]["id"]);
            let found = app.sign_in(id).await.get("/notices?limit=100").await.ok();
            let of_document = found["items"].as_array().unwrap().iter().rev();
            of_document
                .map(|one| {
                    format!(
                        "{} {}",
                        one["kind"].as_str().unwrap(),
                        one["title"].as_str().unwrap()
                    )
                })
                .filter(|one| one.starts_with("sla."))
                .collect()
        };
        later(&app, 1).await;
        let review = "sla.review 服务级别协议书 SLA-S1-V1 到了评审日，请评审";
        assert_eq!(told(&app, "manager").await, [review]);
        assert_eq!(told(&app, "quality").await, [review]);
        later(&app, 9).await;
        later(&app, 24).await;
        let ends = |days: i32| {
            format!("sla.end 服务级别协议书 SLA-S1-V1 还有 {days} 天到期（2026-12-31）")
        };
        // Sixty days before was over when it was signed.
        assert_eq!(
            told(&app, "quality").await,
            [review.to_owned(), ends(30), ends(7)]
        );
    });
}

#[test]
fn r042_nobody_is_reminded_of_what_has_ended() {
    both(async |app| {
        let (project, manager, quality) = people(&app).await;
        let valid = in_force(&manager, &quality, project, "", "2026-05-23").await;
        let end = json!({ "step": "terminate", "note": "合同终止" });
        step(&manager, project, &valid, end).await.ok();
        later(&app, 35).await;
        let users = app.admin().await.get("/users?q=quality").await.ok();
        let quality = app
            .sign_in(crate::support::id(&users["items"][0]["id"]))
            .await;
        let found = quality.get("/notices?limit=100").await.ok().to_string();
        assert!(!found.contains("sla."), "{found}");
    });
}
