//! `anlan import incidents` and `anlan sla replay` as commands, and an import that is killed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use serde_json::{Value, json};

use super::support::{Server, Site, count, on_postgres, on_sqlite, program, tool, until, verify};

const HEADER: &str = "number,ident_state,opened_at,sys_updated_at,sys_updated_by,contact_type,category,category,u_symptom,location,cmdb_ci,caller_id,impact,urgency,priority,assignment_group,assigned_to,closed_code";
const TICKETS: usize = 400;
/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A change of state so many minutes after the ticket was opened, and who has it then.
type Change = (&'static str, i64, u8);

/// Every third ticket waits for its user and stays solved; the others change hands and are closed.
const WAITS: [Change; 5] = [
    ("New", 1, 1),
    ("Active", 5, 1),
    ("Awaiting User Info", 60, 1),
    ("Active", 500, 1),
    ("Resolved", 560, 1),
];
const WALKS: [Change; 5] = [
    ("New", 1, 1),
    ("Active", 15, 1),
    ("Active", 40, 2),
    ("Resolved", 90, 2),
    ("Closed", 4_000, 2),
];

/// The event log of 400 tickets, 2,000 rows.
fn log() -> String {
    let mut log = format!("{HEADER}\n");
    for number in 0..TICKETS {
        let opened = date(2021, 3, 1).at(8, 0, 0, 0) + i64::try_from(number).unwrap().hours();
        let walk = if number % 3 == 0 { WAITS } else { WALKS };
        for change in walk {
            log += &row(number, opened, change);
        }
    }
    log
}

fn row(number: usize, opened: DateTime, (state, minutes, holder): Change) -> String {
    let text = |at: DateTime| at.strftime("%d/%m/%Y %H:%M").to_string();
    let (opened, at) = (text(opened), text(opened + minutes.minutes()));
    format!("{number:07},{state},{opened},{at},21,Phone,55,170,72,143,?,2403,2,2,3,56,{holder},5\n")
}

/// A data folder with a project, a log to import, and how the import is called.
struct History<'a> {
    data: &'a Path,
    database: Option<&'a str>,
    site: Site,
    csv: PathBuf,
}

impl<'a> History<'a> {
    fn new(data: &'a Path, database: Option<&'a str>) -> Self {
        let site = Site::new(&Server::start(data, database));
        let csv = data.join("log.csv.gz");
        let mut packed = GzEncoder::new(fs::File::create(&csv).unwrap(), Compression::fast());
        packed.write_all(log().as_bytes()).unwrap();
        packed.finish().unwrap();
        Self {
            data,
            database,
            site,
            csv,
        }
    }

    /// The words of a command on this installation.
    fn words<'w>(&'w self, words: &[&'w str]) -> Vec<&'w str> {
        let mut all = words.to_vec();
        all.extend(["--data", self.data.to_str().unwrap(), "--project", "P"]);
        all.extend(
            self.database
                .into_iter()
                .flat_map(|url| ["--database", url]),
        );
        all
    }

    fn import(&self) -> Vec<&str> {
        let map = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../definitions/imports/servicenow-event-log.yaml"
        );
        let csv = self.csv.to_str().unwrap();
        self.words(&["import", "incidents", "--map", map, csv])
    }

    /// Everything that was imported, in the order of its numbers at the source, less what is made anew
    /// in every installation.
    fn tickets(&self) -> Vec<Value> {
        let server = Server::start(self.data, self.database);
        let site = self.site.at(&server);
        let rows = site.all("/tickets");
        let mut all: Vec<Value> = rows.iter().map(|row| imported(&site, row)).collect();
        all.sort_by_key(|ticket| ticket["title"].to_string());
        all
    }
}

fn imported(site: &Site, row: &Value) -> Value {
    let path = format!("/tickets/{}", row["id"].as_str().unwrap());
    let ticket = site.admin.get(&path).unwrap().ok();
    let mut timeline = site.all(&format!("{path}/timeline"));
    let keep = |value: &Value, keys: &[&str]| -> Value {
        keys.iter().map(|key| value[key].clone()).collect()
    };
    timeline.sort_by_key(|entry| entry["seq"].as_i64());
    let timeline = timeline
        .iter()
        .map(|entry| keep(entry, &["seq", "action", "happened_at", "actor", "note"]));
    let clocks = ticket["clocks"].as_array().unwrap().iter();
    let clocks = clocks.map(|clock| keep(clock, &["target", "state", "elapsed_seconds", "due_at"]));
    json!({
        "title": ticket["title"], "state": ticket["state"], "level": ticket["level"],
        "reported_at": ticket["reported_at"], "resolved_at": ticket["resolved_at"],
        "clocks": clocks.collect::<Value>(), "timeline": timeline.collect::<Value>(),
    })
}

#[test]
fn an_import_that_is_killed_and_run_again_equals_a_whole_one_on_sqlite() {
    on_sqlite(killed);
}

#[test]
fn an_import_that_is_killed_and_run_again_equals_a_whole_one_on_postgres() {
    on_postgres("import", killed);
}

fn killed(data: &Path, database: Option<&str>) {
    let history = History::new(data, database);
    let mut import = program()
        .args(history.import())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("some tickets are written", PATIENCE, || {
        count(data, database, "tickets") > 0
    });
    import.kill().unwrap();
    import.wait().unwrap();
    verify(data, database);
    let there = usize::try_from(count(data, database, "tickets")).unwrap();
    assert!(
        (1..TICKETS).contains(&there),
        "killed in the middle: {there}"
    );
    let said = tool(&history.import()).ok();
    let told = format!("导入工单 {}，", TICKETS - there);
    assert!(
        said.contains(&told) && said.contains(&format!("已存在 {there}；")),
        "{said}"
    );
    verify(data, database);

    let folder = tempfile::tempdir().unwrap();
    let whole = History::new(folder.path(), None);
    let said = tool(&whole.import()).ok();
    assert!(said.contains("读取 2000 行：导入工单 400，"), "{said}");
    assert_eq!(history.tickets(), whole.tickets());
}

#[test]
fn refused_rows_are_written_to_a_file_and_told_by_the_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let mut history = History::new(folder.path(), None);
    history.csv = folder.path().join("log.csv");
    let opened = date(2021, 3, 1).at(8, 0, 0, 0);
    let rows = [("New", 1, 1), ("Dancing", 2, 1), ("Active", 3, 1)];
    let rows = rows.map(|change| row(1, opened, change));
    fs::write(&history.csv, format!("{HEADER}\n{}", rows.concat())).unwrap();
    let list = folder.path().join("refused.csv");
    let mut words = history.import();
    words.extend(["--refused", list.to_str().unwrap()]);
    let said = tool(&words);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.out.contains("拒绝 1 行"), "{said:?}");
    let list = fs::read_to_string(list).unwrap();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "line,ticket,reason");
    assert!(
        lines[1].starts_with("3,0000001,") && lines[1].contains("Dancing"),
        "{list}"
    );
    assert_eq!(lines.len(), 2, "{list}");
    // Nothing new, nothing wrong that was not said before: a file that is read in vain is no success.
    history.csv = folder.path().join("missing.csv");
    let said = tool(&history.import()).refused();
    assert!(said.contains("missing.csv"), "{said}");
}

#[test]
fn a_replay_prints_a_table_or_json_and_names_an_agreement_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path(), None);
    tool(&history.import()).ok();
    let said = tool(&history.words(&["sla", "replay", "--agreement", "C", "--json"])).ok();
    let answer: Value = serde_json::from_str(&said).unwrap();
    // Those that wait are answered after 5 minutes, the others after 15; ten are promised.
    let waits = TICKETS.div_ceil(3);
    let respond = json!({ "met": waits, "breached": TICKETS - waits, "cancelled": 0, "open": 0 });
    assert_eq!(answer["targets"]["respond"], respond, "{answer}");
    assert_eq!(answer["tickets"], TICKETS, "{answer}");
    let said = tool(&history.words(&["sla", "replay", "--agreement", "B"])).ok();
    let line = said.lines().find(|line| line.ends_with("响应")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[..4], ["400", "0", "0", "0"], "30 minutes: {said}");
    let said = tool(&history.words(&["sla", "replay", "--agreement", "Z"])).refused();
    assert!(said.contains("no agreement Z"), "{said}");
}
