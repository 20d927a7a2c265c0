//! `anlan import` and `anlan sla`: history in, and what another agreement would have made of it.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anlan_server::app::App;
use anlan_server::features::imports::{self, Map, Options, Summary};
use anlan_server::features::whatif::{self, Attainment, Question};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use crate::serve::Store;

/// What can be imported.
#[derive(clap::Subcommand)]
pub enum Import {
    /// Import the event log of incidents: one row a change, true times, as often as you like.
    Incidents {
        #[command(flatten)]
        store: Store,
        /// How columns become fields (YAML).
        #[arg(long)]
        map: PathBuf,
        /// Code of the project the tickets belong to.
        #[arg(long)]
        project: String,
        /// Where to write refused rows (CSV: line, ticket, reason).
        #[arg(long)]
        refused: Option<PathBuf>,
        /// The CSV file, plain or gzip.
        csv: PathBuf,
    },
}

/// What can be asked of agreements.
#[derive(clap::Subcommand)]
pub enum Sla {
    /// Judge the tickets of a project by another agreement: what would we have kept?
    Replay {
        #[command(flatten)]
        store: Store,
        /// Code of the project.
        #[arg(long)]
        project: String,
        /// Key of the agreement; each ticket's own when absent.
        #[arg(long)]
        agreement: Option<String>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
}

/// Runs an import.
pub async fn import(command: Import) -> anyhow::Result<ExitCode> {
    let Import::Incidents {
        store,
        map,
        project,
        refused,
        csv,
    } = command;
    let yaml = std::fs::read_to_string(&map).with_context(|| map.display().to_string())?;
    let map = Map::parse(&yaml)
        .map_err(anyhow::Error::msg)
        .with_context(|| map.display().to_string())?;
    let app = App::open(store.beside("tool")).await?;
    let (file, bar) = open(&csv)?;
    let summary = imports::run(&app, Options { map, project }, file, |rows| {
        bar.set_message(format!("{rows} 行"));
    })
    .await?;
    bar.finish();
    report(&summary, refused.as_deref())?;
    Ok(if summary.refused_rows == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

/// Opens a file, unpacked, with a bar that shows how far it was read.
fn open(path: &Path) -> anyhow::Result<(Box<dyn Read>, ProgressBar)> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let bar = ProgressBar::new(file.metadata()?.len());
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {percent:>3} %  {msg}  {elapsed} / 剩余 {eta}",
    )?);
    let mut start = [0_u8; 2];
    let packed = File::open(path)?.read_exact(&mut start).is_ok() && start == [0x1f, 0x8b];
    let counted = BufReader::new(bar.wrap_read(file));
    let plain: Box<dyn Read> = if packed {
        Box::new(flate2::read::MultiGzDecoder::new(counted))
    } else {
        Box::new(counted)
    };
    Ok((plain, bar))
}

fn report(summary: &Summary, refused: Option<&Path>) -> anyhow::Result<()> {
    println!(
        "读取 {} 行：导入工单 {}，时间线 {} 条；已存在 {}；拒绝 {} 行",
        summary.rows, summary.imported, summary.events, summary.present, summary.refused_rows
    );
    if let Some(path) = refused {
        let mut out = csv::Writer::from_path(path).with_context(|| path.display().to_string())?;
        out.write_record(["line", "ticket", "reason"])?;
        for row in &summary.refused {
            out.write_record([&row.line.to_string(), &row.ticket, &row.reason])?;
        }
        out.flush()?;
    } else {
        for row in summary.refused.iter().take(20) {
            println!("  第 {} 行 {}：{}", row.line, row.ticket, row.reason);
        }
        if summary.refused.len() > 20 {
            println!(
                "  …… 用 --refused 文件名 写出全部 {} 行",
                summary.refused_rows
            );
        }
    }
    Ok(())
}

/// Answers a question about agreements.
pub async fn sla(command: Sla) -> anyhow::Result<ExitCode> {
    let Sla::Replay {
        store,
        project,
        agreement,
        json,
    } = command;
    let app = App::open(store.beside("tool")).await?;
    let bar = ProgressBar::new_spinner();
    let question = Question {
        project,
        agreement,
        from: None,
        to: None,
    };
    let answer = whatif::answer(&app, &question, |tickets| {
        bar.set_message(format!("{tickets} 张工单"));
    })
    .await?;
    bar.finish_and_clear();
    if json {
        println!("{}", serde_json::to_string_pretty(&answer)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "工单 {}，全部达标 {}，无法判定 {}",
        answer.tickets, answer.kept_whole, answer.skipped
    );
    println!(
        "{:>8} {:>8} {:>8} {:>8} {:>9}  目标",
        "达标", "超时", "免除", "未定", "达标率"
    );
    for (name, attainment) in answer.in_order() {
        line(name, attainment);
    }
    for (level, attainment) in &answer.levels {
        line(&format!("级别 {level}"), attainment);
    }
    Ok(ExitCode::SUCCESS)
}

fn line(name: &str, attainment: &Attainment) {
    let rate = attainment
        .rate()
        .map_or_else(|| "-".to_owned(), |rate| format!("{:.2} %", rate * 100.0));
    let Attainment {
        met,
        breached,
        cancelled,
        open,
    } = attainment;
    println!("{met:>8} {breached:>8} {cancelled:>8} {open:>8} {rate:>9}  {name}");
}
