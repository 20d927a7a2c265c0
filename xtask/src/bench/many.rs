//! Many tickets: some are registered through the API, the rest are copies of them made in the
//! database file, each with its timeline, clocks and timer. A million through the door would take
//! an hour and say no more about lists.

use crate::process;
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Tables whose rows belong to a ticket.
const TABLES: [&str; 5] = [
    "tickets",
    "ticket_events",
    "ticket_clocks",
    "ticket_values",
    "timers",
];

/// Copies of one ticket at most: each has another byte where an id says that it is a UUID, below
/// what it says there (0x80), so that no copy has the id of a ticket that was registered.
const MOST: usize = 0x7f;

/// Adds `times` copies of every ticket to a database that no server has open.
pub fn copy(data: &Path, times: usize) -> Result<()> {
    if times > MOST {
        bail!("no more than {MOST} copies of each ticket");
    }
    let file = data.join("anlan.db");
    let mut script = "PRAGMA synchronous = off; PRAGMA cache_size = -400000; BEGIN;\n".to_owned();
    for table in TABLES {
        let query = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = sqlite(&file, &query)?;
        let columns: Vec<&str> = columns.lines().collect();
        let names = columns.join("\", \"");
        script.push_str(&format!(
            "CREATE TEMP TABLE seen AS SELECT * FROM {table};\n"
        ));
        for copy in 1..=times {
            let values: Vec<String> = columns.iter().map(|column| value(column, copy)).collect();
            let values = values.join(", ");
            script.push_str(&format!(
                "INSERT INTO {table} (\"{names}\") SELECT {values} FROM seen;\n"
            ));
        }
        script.push_str("DROP TABLE seen;\n");
    }
    // Copying takes minutes: what came due meanwhile would all be told at the next start.
    script.push_str("UPDATE timers SET due_at = due_at + 86400000000;\nCOMMIT;\n");
    sqlite(&file, &script).map(drop)
}

/// What stands in a column of the copy: ids and numbers of its own, created an instant later.
fn value(column: &str, copy: usize) -> String {
    match column {
        "id" | "ticket_id" | "subject_id" => {
            let id = format!("\"{column}\"");
            format!("CAST(substr({id}, 1, 8) || x'{copy:02x}' || substr({id}, 10) AS BLOB)")
        }
        "number" => format!("\"number\" || '-{copy}'"),
        "created_at" => format!("\"created_at\" + {copy}"),
        _ => format!("\"{column}\""),
    }
}

/// Runs statements with the command-line tool of SQLite.
fn sqlite(file: &Path, statements: &str) -> Result<String> {
    let program = crate::tools::find_program("sqlite3")
        .context("sqlite3 is not installed (Debian package sqlite3)")?;
    let script = file.with_extension("sql");
    std::fs::write(&script, statements)?;
    let mut command = Command::new(program);
    command
        .arg("-bail")
        .arg(file)
        .arg(format!(".read '{}'", script.display()))
        .stdout(Stdio::piped());
    let output = process::start(&mut command)?.wait_with_output()?;
    if !output.status.success() {
        bail!("sqlite3 ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_copy_differs_in_what_must_be_its_own_and_in_nothing_else() {
        assert_eq!(
            value("ticket_id", 10),
            "CAST(substr(\"ticket_id\", 1, 8) || x'0a' || substr(\"ticket_id\", 10) AS BLOB)"
        );
        assert_eq!(value("number", 3), "\"number\" || '-3'");
        assert_eq!(value("title", 3), "\"title\"");
    }
}
