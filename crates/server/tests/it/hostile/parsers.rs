//! Parsers under bytes that nobody would write: they refuse, they never panic.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use anlan_core::access::RoleLibrary;
use anlan_core::calendar::Calendars;
use anlan_core::process::Definition;
use anlan_core::sla::Agreements;
use anlan_document::form::Layout;
use anlan_server::features::imports::{Map, Options, run};
use anlan_server::platform::at::At;
use anlan_server::platform::day::Day;
use anlan_server::platform::http::{PageQuery, parse};
use anlan_server::platform::i18n::Lang;
use anlan_server::platform::outline::Outline;
use anlan_server::platform::service_level::{DocumentOutline, IndicatorOutline};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::support::both;

/// Words that have brought parsers down before.
const WORDS: &[&str] = &[
    "",
    "~",
    "null",
    "-1",
    "0",
    "18446744073709551616",
    "1e999",
    "nan",
    "99:99",
    "24:00-24:00",
    "23:59-00:00",
    "2026-02-30",
    "-9999-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59.999999999Z",
    "[]",
    "{}",
    "[[[[",
    "{a: {a: {a: ",
    "&a [*a]",
    "*nothing",
    "!!binary aGk=",
    "!<tag:x> y",
    "|",
    ">-\n x",
    "? x\n: y",
    "\t",
    "\u{0}",
    "\u{FEFF}",
    "\u{202E}",
    "💩",
    "'",
    "\"",
    "{{ x",
    "%",
    "#",
    "---\n",
    "...\n",
    "<<: *x",
    "PT9999999999H",
    "9999999999h",
    "100%",
    "999999999999999999m",
];

/// The definitions that are compiled in, below one folder.
fn files(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../definitions")
        .join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    paths.into_iter().map(read).collect()
}

/// A good file with some of it replaced, cut out or doubled; or no file at all.
fn spoilt(folder: &str) -> impl Strategy<Value = String> + use<> {
    let change = (
        any::<prop::sample::Index>(),
        0..40_usize,
        0..3_u8,
        prop::sample::select(WORDS),
    );
    let changed = (
        prop::sample::select(files(folder)),
        prop::collection::vec(change, 1..6),
    )
        .prop_map(|(text, changes)| {
            let mut chars: Vec<char> = text.chars().collect();
            for (place, length, kind, word) in changes {
                let from = place.index(chars.len() + 1);
                let to = chars.len().min(from + length);
                let doubled: String = chars[from..to].iter().collect();
                let instead = match kind {
                    0 => word.to_owned(),
                    1 => String::new(),
                    _ => format!("{doubled}{word}{doubled}"),
                };
                chars.splice(from..to, instead.chars());
            }
            chars.into_iter().collect()
        });
    prop_oneof![6 => changed, 1 => any::<String>(), 1 => lines()]
}

/// Lines out of hostile words.
fn lines() -> impl Strategy<Value = String> {
    let word = || prop::sample::select(WORDS);
    let line = (word(), word(), 0..8_usize)
        .prop_map(|(key, value, indent)| format!("{}{key}: {value}", " ".repeat(indent)));
    prop::collection::vec(line, 0..20).prop_map(|lines| lines.join("\n"))
}

/// The calendars that are compiled in.
fn calendars() -> Calendars {
    let texts = files("calendars");
    let named = texts.iter().map(|text| ("calendar.yaml", text.as_str()));
    Calendars::load(named).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_calendar_file_is_refused_or_works(text in spoilt("calendars")) {
        let Ok(all) = calendars().with_file(&text) else { return Ok(()) };
        let now: Timestamp = "2026-11-22T02:00:00Z".parse().unwrap();
        for calendar in all.iter() {
            let date = calendar.date_of(now);
            drop(calendar.day(date));
            let end = calendar.add_working(now, SignedDuration::from_hours(30));
            if let Ok(end) = end {
                prop_assert!(end >= now);
            }
            drop(calendar.next_working_start(now));
            drop(calendar.add_working_days(date, 10));
        }
    }

    #[test]
    fn any_agreement_file_is_refused_or_read(text in spoilt("agreements")) {
        drop(Agreements::default().parse(&text, &calendars()));
    }

    #[test]
    fn any_role_library_form_outline_and_map_is_refused_or_read(
        roles in spoilt("roles"), form in spoilt("forms"), outline in spoilt("reports"), map in spoilt("imports"),
    ) {
        drop(RoleLibrary::parse(&roles));
        drop(form.parse::<Layout>());
        drop(Outline::parse(&outline));
        drop(Map::parse(&map));
    }

    #[test]
    fn any_service_level_file_is_refused_or_read(text in spoilt("service_levels")) {
        drop(DocumentOutline::parse(&text));
        drop(IndicatorOutline::parse(&text));
    }

    #[test]
    fn any_cursor_day_instant_and_language_is_refused_or_read(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        use base64::Engine;
        let encoded = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&bytes);
        for after in [text.clone(), encoded] {
            let page = PageQuery { limit: None, after: Some(after) };
            if let Ok(Some(cursor)) = page.cursor() {
                drop(cursor.as_number());
            }
        }
        let json = serde_json::to_vec(&text).unwrap();
        drop(parse::<Day>(&json));
        drop(parse::<At>(&json));
        prop_assert!(["zh-CN", "en"].contains(&Lang::accept(&text).code()));
    }

    #[test]
    fn any_bytes_are_refused_as_json_or_read(bytes in prop::collection::vec(any::<u8>(), 0..200), text in lines()) {
        drop(parse::<serde_json::Value>(&bytes));
        drop(parse::<serde_json::Value>(text.as_bytes()));
    }
}

proptest! {
    // A process is large and takes a while to read.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_process_file_is_refused_or_read(text in spoilt("processes")) {
        let roles = RoleLibrary::parse(&files("roles")[0]).unwrap();
        drop(Definition::parse(&text, &roles));
    }
}

/// Rows of the log that the map is for, spoilt.
fn csv() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        3 => prop::sample::select(&["0000045", "New", "Active", "Closed", "29/2/2016 01:23", "21", "?"][..])
            .prop_map(str::to_owned),
        1 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let row = prop::collection::vec(cell, 0..20).prop_map(|cells| cells.join(","));
    let rows = prop::collection::vec(row, 0..12).prop_map(|rows| rows.join("\n").into_bytes());
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    prop_oneof![4 => rows, 1 => bytes]
}

#[test]
fn any_csv_is_imported_or_refused_row_by_row() {
    const HEADER: &[u8] = b"number,ident_state,opened_at,sys_updated_at,sys_updated_by,contact_type,category,category,u_symptom,location,cmdb_ci,caller_id,impact,urgency,priority,assignment_group,assigned_to,closed_code\n";
    both(async |app| {
        let project = app.project("OLD").await;
        app.under_agreement(project.id, "C", jiff::civil::date(2016, 1, 1))
            .await;
        let yaml = &files("imports")[0];
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for _ in 0..60 {
            let tree = csv().new_tree(&mut runner).unwrap();
            let bytes = proptest::strategy::ValueTree::current(&tree);
            for file in [bytes.clone(), [HEADER, &bytes].concat()] {
                let options = Options {
                    map: Map::parse(yaml).unwrap(),
                    project: "OLD".into(),
                };
                let outcome = run(&app.app, options, Cursor::new(file), |_| {}).await;
                if let Err(error) = outcome {
                    // What cannot be read at all is said in words, to whoever runs the command.
                    let said = error.to_string();
                    let known = ["the file cannot be read", "the file has no column"];
                    assert!(known.iter().any(|reason| said.contains(reason)), "{said}");
                }
            }
        }
    });
}
