//! The document on paper, as both parties sign it: cover, nine numbered parts, changes, signatures.

use anlan_document::{
    Align, Block, Cell, Column, Cover, Document, Footer, Header, Paragraph, Party, Run, Table,
    Tone, Watermark,
};
use axum::extract::State as Shared;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use anlan_core::service_level::State;

use super::content::{self, Content, STANDARDS, Standard};
use super::dto::Signatures;
use super::rows::sla_versions;
use super::versions::{of_project, visible};
use super::{dto, remind};
use crate::app::App;
use crate::features::forms::{Format, Paper, local, render};
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::error::Error;
use crate::platform::error::{FieldError, Problem, Result};
use crate::platform::http::{Path, Query};

/// How the document is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `docx`, `html` or `pdf` (default).
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// A version as a file to be signed.
#[utoipa::path(get, path = "/projects/{id}/sla/versions/{number}/file", tag = "service levels", params(("id" = Uuid, Path), ("number" = i32, Path), Wanted),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn file(
    Shared(app): Shared<App>,
    caller: Caller,
    Path((id, number)): Path<(Uuid, i32)>,
    Query(wanted): Query<Wanted>,
) -> Result<Paper> {
    let version = visible(&app, &caller, id, number).await?;
    if wanted.format == Format::Xlsx {
        return Err(Error::Invalid(vec![
            FieldError::new("format", "one_of").with("options", "docx, pdf, html"),
        ]));
    }
    let versions = of_project(app.db.read(), id).await?;
    let zone = remind::zone(&app, app.db.read(), id).await?;
    let content: Content = content::read(&version.data)?;
    let copy = Copy {
        by: &caller.user.name,
        at: app.now(),
        zone: &zone,
    };
    let document = document(&version, &content, &versions, &copy)?;
    let named = content.number(number);
    let name = format!("{}-{named}", content.title);
    let paper = render(document, wanted.format, name, named.clone()).await?;
    let entry = caller
        .entry("sla.print")
        .on("sla", version.id, named)
        .detail(json!({ "format": wanted.format.extension() }));
    app.db.audit(entry).await?;
    Ok(paper)
}

/// Who takes a copy, and when.
struct Copy<'a> {
    by: &'a str,
    at: At,
    zone: &'a TimeZone,
}

fn document(
    version: &sla_versions::Model,
    content: &Content,
    versions: &[sla_versions::Model],
    copy: &Copy<'_>,
) -> Result<Document> {
    let mut document = Document::report(content.title.as_str());
    document.number = Some(content.number(version.number));
    document.header = Header {
        project: content.project.clone(),
        customer: content.customer.clone(),
        provider: content.provider.clone(),
    };
    let now = local(copy.at, copy.zone);
    document.footer = Footer {
        printed_at: Some(now),
        printed_by: copy.by.to_owned(),
        version: content.form.clone(),
    };
    document.watermark = Some(Watermark {
        user: copy.by.to_owned(),
        at: now,
    });
    document.cover = Some(cover(version, content));
    let blocks = &mut document.blocks;
    if dto::state(version).is_some_and(State::is_open) {
        blocks.push(Block::Note {
            tone: Tone::Amber,
            text: "草稿：尚未生效，内容可能还会变化。".into(),
        });
    }
    blocks.push(Block::paragraph(format!(
        "{}（以下简称甲方）与{}（以下简称乙方），就“{}”的运维服务，协商签订本服务级别协议书。",
        content.customer, content.provider, content.project
    )));
    for part in &content.parts {
        blocks.push(Block::heading(1, part.title.zh.as_str()));
        let lines = part.text.lines().map(str::trim);
        let mut written = false;
        for line in lines.filter(|line| !line.is_empty()) {
            blocks.push(Block::paragraph(line));
            written = true;
        }
        if part.key == STANDARDS {
            blocks.extend(standards(&content.standards));
        } else if !written {
            blocks.push(Block::paragraph("无。"));
        }
    }
    blocks.push(Block::Heading {
        level: 1,
        text: "变更记录".into(),
        plain: true,
    });
    blocks.push(record(version, versions)?);
    sign(blocks, version, content)?;
    Ok(document)
}

fn cover(version: &sla_versions::Model, content: &Content) -> Cover {
    Cover {
        lines: vec![
            ("项　　目".into(), content.project.clone()),
            ("甲　　方".into(), content.customer.clone()),
            ("乙　　方".into(), content.provider.clone()),
            ("版　　本".into(), format!("V{}", version.number)),
            (
                "协议期限".into(),
                format!("{} 至 {}", content.starts_on, content.ends_on),
            ),
        ],
        organisation: content.provider.clone(),
        date: version.effective_on.as_ref().map(|day| day.date()),
    }
}

/// The levels with their definitions, and the promises of each.
fn standards(all: &[Standard]) -> Vec<Block> {
    let levels = Table {
        caption: "表1　故障级别定义".into(),
        columns: vec![
            Column::new("级别", 1.2).centered(),
            Column::new("定义", 5.2),
        ],
        rows: all
            .iter()
            .map(|one| vec![one.level.as_str().into(), one.definition.as_str().into()])
            .collect(),
        total: false,
    };
    let promises = all.iter().flat_map(|level| {
        // A level is named in every row: a table may go on over the page.
        level.promises.iter().map(|one| {
            vec![
                Cell::from(level.level.as_str()),
                one.name.as_str().into(),
                one.within.as_str().into(),
                one.from.as_str().into(),
                one.calendar.as_str().into(),
            ]
        })
    });
    let promises = Table {
        caption: "表2　各级别服务时限".into(),
        columns: vec![
            Column::new("级别", 1.2).centered(),
            Column::new("服务时限", 1.3),
            Column::new("承诺", 2.0),
            Column::new("起算时刻", 1.3),
            Column::new("计时日历", 1.4),
        ],
        rows: promises.collect(),
        total: false,
    };
    if all.is_empty() {
        return vec![Block::paragraph("尚未约定服务时限。")];
    }
    vec![Block::Table(levels), Block::Table(promises)]
}

/// Number, day, reason and signers of every version up to this one that took effect, and of this one.
fn record(version: &sla_versions::Model, versions: &[sla_versions::Model]) -> Result<Block> {
    let told = versions.iter().rev().filter(|one| {
        one.number == version.number
            || (one.number < version.number && dto::state(one).is_some_and(State::took_effect))
    });
    let row = |one: &sla_versions::Model| -> Result<Vec<Cell>> {
        let signed: Option<Signatures> = match one.signatures.as_str() {
            "" => None,
            text => Some(content::read(text)?),
        };
        let approved = signed.map_or_else(
            || "待签字".to_owned(),
            |both| format!("{}、{}", both.customer.name, both.provider.name),
        );
        let on = one.effective_on.as_ref();
        Ok(vec![
            format!("V{}", one.number).into(),
            on.map_or("—", |day| day.as_str()).into(),
            match one.reason.as_str() {
                "" => "首次签订".into(),
                reason => reason.into(),
            },
            approved.into(),
        ])
    };
    Ok(Block::Table(Table {
        caption: String::new(),
        columns: vec![
            Column::new("版本", 0.8).centered(),
            Column::new("生效日期", 1.4).centered(),
            Column::new("变更内容", 3.6),
            Column::new("双方签字人", 1.6),
        ],
        rows: told.map(row).collect::<Result<_>>()?,
        total: false,
    }))
}

fn sign(blocks: &mut Vec<Block>, version: &sla_versions::Model, content: &Content) -> Result<()> {
    // A page to be signed: no office program leaves the heading behind.
    blocks.push(Block::PageBreak);
    blocks.push(Block::Heading {
        level: 1,
        text: "签署".into(),
        plain: true,
    });
    blocks.push(Block::paragraph(
        "本协议书一式两份，甲乙双方各执一份，经双方签字盖章后生效。",
    ));
    if let Some(hash) = &version.hash {
        // At the left edge: a word of 64 letters does not bear to be spread.
        blocks.push(Block::Paragraph(Paragraph {
            runs: vec![Run {
                text: format!("本版本已定稿，内容指纹（SHA-256）：\n{hash}"),
                ..Run::default()
            }],
            align: Some(Align::Left),
            indent: false,
        }));
    }
    let mut parties = vec![
        Party::new("甲方", content.customer.as_str()),
        Party::new("乙方", content.provider.as_str()),
    ];
    if !version.signatures.is_empty() {
        let both: Signatures = content::read(&version.signatures)?;
        for (party, one) in parties.iter_mut().zip([both.customer, both.provider]) {
            party.signed_by = Some(format!("{}（{}）", one.name, one.position));
            party.date = Some(one.on.date());
        }
    }
    blocks.push(Block::Signatures { parties });
    Ok(())
}
