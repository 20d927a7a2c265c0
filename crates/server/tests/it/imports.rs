//! History comes in through the door: with its true times, once, and every refused row told why.

use std::io::{Cursor, Read};

use anlan_server::features::audit;
use anlan_server::features::imports::{Map, Options, Summary, run};
use serde_json::Value;

use crate::support::{Project, TestApp, both};

const HEADER: &str = "number,ident_state,opened_at,sys_updated_at,sys_updated_by,contact_type,category,category,u_symptom,location,cmdb_ci,caller_id,impact,urgency,priority,assignment_group,assigned_to,closed_code";

/// One row of the log: a change of a ticket's state.
fn row(number: &str, state: &str, at: &str) -> String {
    format!("{number},{state},29/2/2016 01:16,{at},21,Phone,55,170,72,143,?,2403,2,2,3,56,8,5")
}

/// Two tickets: one waits for its user for a day, the other is solved within four hours.
pub fn log() -> String {
    [
        HEADER.to_owned(),
        row("0000045", "New", "29/2/2016 01:23"),
        row("0000045", "Active", "29/2/2016 01:30"),
        row("0000045", "Awaiting User Info", "29/2/2016 02:16"),
        row("0000045", "Active", "1/3/2016 02:16"),
        row("0000045", "Resolved", "1/3/2016 03:16"),
        row("0000045", "Closed", "5/3/2016 12:00"),
        row("0000047", "New", "29/2/2016 04:57"),
        row("0000047", "Resolved", "29/2/2016 05:00"),
        row("0000047", "Closed", "5/3/2016 12:00"),
    ]
    .join("\n")
}

fn map() -> Map {
    Map::parse(include_str!(
        "../../../../definitions/imports/servicenow-event-log.yaml"
    ))
    .unwrap()
}

pub async fn project(app: &TestApp) -> Project {
    let project = app.project("OLD").await;
    app.under_agreement(project.id, "C", jiff::civil::date(2016, 1, 1))
        .await;
    project
}

pub async fn import(
    app: &TestApp,
    file: impl Read,
) -> anlan_server::platform::error::Result<Summary> {
    import_to(app, "OLD", file).await
}

async fn import_to(
    app: &TestApp,
    project: &str,
    file: impl Read,
) -> anlan_server::platform::error::Result<Summary> {
    let options = Options {
        map: map(),
        project: project.into(),
    };
    run(&app.app, options, file, |_| {}).await
}

async fn tickets(app: &TestApp) -> Vec<Value> {
    let found = app.admin().await.get("/tickets?sort=created_at").await;
    found.ok()["items"].as_array().unwrap().clone()
}

#[test]
fn history_keeps_its_true_times_and_waiting_pauses_the_clock() {
    both(async |app| {
        project(&app).await;
        let summary = import(&app, Cursor::new(log())).await.unwrap();
        assert_eq!((summary.rows, summary.imported), (9, 2), "{summary:?}");
        assert!(summary.refused.is_empty(), "{summary:?}");

        let found = tickets(&app).await;
        let title = |ticket: &&Value| ticket["title"].as_str().unwrap().contains("0000045");
        let waited = found.iter().find(title).unwrap();
        assert_eq!(waited["state"]["key"], "closed");
        assert_eq!(waited["reported_at"], "2016-02-28T17:16:00Z", "in Beijing");
        assert_eq!(waited["resolved_at"], "2016-02-29T19:16:00Z");
        let path = format!("/tickets/{}", waited["id"].as_str().unwrap());
        let detail = app.admin().await.get(&path).await.ok();
        let clocks = detail["clocks"].as_array().unwrap();
        let resolve = clocks.iter().find(|clock| clock["target"] == "resolve");
        // 26 hours from the report to the solution, 24 of them waiting.
        assert_eq!(resolve.unwrap()["elapsed_seconds"], 2 * 3600, "{clocks:?}");
        let verdict = audit::check(app.app.db.read(), |_| {}).await.unwrap();
        assert!(verdict.ok, "{verdict:?}");
    });
}

#[test]
fn two_customers_may_have_tickets_of_the_same_numbers() {
    both(async |app| {
        project(&app).await;
        app.project("NEW").await;
        let first = import(&app, Cursor::new(log())).await.unwrap();
        let second = import_to(&app, "NEW", Cursor::new(log())).await.unwrap();
        assert_eq!((first.imported, second.imported, second.present), (2, 2, 0));
        let again = import_to(&app, "NEW", Cursor::new(log())).await.unwrap();
        assert_eq!((again.imported, again.present), (0, 2));
    });
}

#[test]
fn an_import_may_be_repeated_and_goes_on_where_it_broke_off() {
    both(async |app| {
        project(&app).await;
        let text = log();
        // The file breaks off within the second ticket, as on a line that fails.
        let broken = text.as_bytes()[..text.len() - 60].chain(Broken);
        let stopped = import(&app, broken).await.unwrap_err();
        assert!(
            stopped.to_string().contains("the disk is gone"),
            "{stopped}"
        );
        assert!(
            tickets(&app).await.len() <= 1,
            "no ticket with half of its history"
        );
        let again = import(&app, Cursor::new(&text)).await.unwrap();
        assert_eq!(again.imported + again.present, 2, "{again:?}");
        assert_eq!(tickets(&app).await.len(), 2);
        let third = import(&app, Cursor::new(&text)).await.unwrap();
        assert_eq!((third.imported, third.present), (0, 2), "{third:?}");
        assert_eq!(tickets(&app).await.len(), 2);
    });
}

/// A file that cannot be read any further.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk is gone"))
    }
}

#[test]
fn every_refused_row_is_told_with_its_line_and_reason() {
    both(async |app| {
        project(&app).await;
        let lines: Vec<Vec<u8>> = vec![
            HEADER.into(),
            row("1", "New", "29/2/2016 01:23").into(),
            row("1", "Dancing", "29/2/2016 01:30").into(),
            row("1", "Active", "31/2/2016 01:30").into(),
            row("2", "New", "29/2/2016 01:23")
                .replace("29/2/2016 01:16", "yesterday")
                .into(),
            row("", "New", "29/2/2016 01:23").into(),
            b"3,New,too,short".to_vec(),
            [
                b"4,New,".as_slice(),
                &[0xC4, 0xFA, 0xBA, 0xC3],
                b",x,x,x,x,x,x,x,x,x,x,x,x,x,x,x",
            ]
            .concat(),
            row("5", "New", "29/2/2016 01:23").into(),
            row("1", "Closed", "5/3/2016 12:00").into(),
        ];
        let file = lines.join(&b'\n');
        let summary = import(&app, Cursor::new(file)).await.unwrap();
        assert_eq!(summary.imported, 2, "1 and 5: {summary:?}");
        let told: Vec<(u64, &str)> = summary
            .refused
            .iter()
            .map(|row| (row.line, row.reason.as_str()))
            .collect();
        let refused = |line: u64, word: &str| {
            assert!(
                told.iter()
                    .any(|(at, reason)| *at == line && reason.contains(word)),
                "line {line} for {word}: {told:?}"
            );
        };
        refused(3, "Dancing");
        refused(4, "31/2/2016");
        refused(5, "yesterday");
        refused(6, "no ticket number");
        refused(7, "4 values");
        refused(8, "UTF-8");
        refused(10, "stand together");
        assert_eq!(summary.refused_rows, 7, "{told:?}");
    });
}

#[test]
fn a_file_or_project_that_does_not_fit_is_refused_whole() {
    both(async |app| {
        let unknown = import(&app, Cursor::new(log())).await.unwrap_err();
        assert!(unknown.to_string().contains("OLD"), "{unknown}");
        project(&app).await;
        let columns = log().replacen("sys_updated_at", "changed_at", 1);
        let missing = import(&app, Cursor::new(columns)).await.unwrap_err();
        assert!(missing.to_string().contains("sys_updated_at"), "{missing}");
        assert!(tickets(&app).await.is_empty());
    });
}
