//! Backup and restore of an installation on the embedded database: one file, made while the server
//! runs, consistent, and read back before it is called done.
//!
//! Order makes it consistent: the database is copied first, in one read transaction; contents are
//! immutable and written before the rows that name them, so every row of the copy finds its file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::at::At;
use super::audit::{self, Verdict};
use super::error::{Error, Result};

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "anlan.db";
/// Folders of the data folder that are kept besides the database.
const FOLDERS: [&str; 3] = ["files", "series", "definitions"];
/// Format of the backup file.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of the file.
    pub format: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// When it was begun.
    pub created_at: At,
    /// Every file with its size and SHA-256.
    pub files: BTreeMap<String, Content>,
}

/// One file of a backup.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// Backs the data folder up into `target` and verifies the result.
///
/// # Errors
/// When something cannot be read or written, or the result does not verify. `target` appears under
/// its name only when it is whole.
pub async fn backup(data: &Path, target: &Path, now: At) -> Result<(Manifest, Verdict)> {
    if target.exists() {
        return Err(Error::storage(format!(
            "{} exists already",
            target.display()
        )));
    }
    let folder = target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned();
    std::fs::create_dir_all(&folder).map_err(Error::storage)?;
    let work = Scratch::new(&folder)?;
    let copy = work.0.join(DATABASE);
    copy_database(&data.join(DATABASE), &copy).await?;
    let draft = work.0.join("draft");
    let manifest = {
        let (data, copy, draft) = (data.to_owned(), copy.clone(), draft.clone());
        tokio::task::spawn_blocking(move || write(&data, &copy, &draft, now))
            .await
            .map_err(Error::internal)??
    };
    let verdict = verify(&draft, &work.0.join("check")).await?;
    std::fs::rename(&draft, target).map_err(Error::storage)?;
    Ok((manifest, verdict))
}

/// Restores a backup into `data`, which must not hold an installation.
///
/// # Errors
/// When the backup is damaged or `data` is in use; nothing is left behind then.
pub async fn restore(source: &Path, data: &Path) -> Result<Verdict> {
    let used = data.is_dir()
        && std::fs::read_dir(data)
            .map_err(Error::storage)?
            .next()
            .is_some();
    if used {
        return Err(Error::storage(format!(
            "{} is not empty: restore into a new folder",
            data.display()
        )));
    }
    let folder = data
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned();
    std::fs::create_dir_all(&folder).map_err(Error::storage)?;
    let work = Scratch::new(&folder)?;
    let fresh = work.0.join("data");
    let verdict = verify(source, &fresh).await?;
    if data.is_dir() {
        std::fs::remove_dir(data).map_err(Error::storage)?;
    }
    std::fs::rename(&fresh, data).map_err(Error::storage)?;
    Ok(verdict)
}

/// Unpacks a backup into `into`, checking every hash, the database's own consistency and the audit chain.
async fn verify(source: &Path, into: &Path) -> Result<Verdict> {
    let (from, to) = (source.to_owned(), into.to_owned());
    tokio::task::spawn_blocking(move || unpack(&from, &to))
        .await
        .map_err(Error::internal)??;
    let url = format!("sqlite://{}?mode=rw", into.join(DATABASE).display());
    let db = Database::connect(ConnectOptions::new(url).sqlx_logging(false).to_owned()).await?;
    let sql = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check");
    let answer: String = db
        .query_one_raw(sql)
        .await?
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .unwrap_or_default();
    if answer != "ok" {
        return Err(Error::storage(format!(
            "the database in the backup is damaged: {answer}"
        )));
    }
    let verdict = audit::verify(&db, |_| {}).await?;
    db.close().await?;
    if !verdict.ok {
        return Err(Error::storage(format!(
            "the audit log in the backup is broken: {:?}",
            verdict.first_bad
        )));
    }
    Ok(verdict)
}

/// A consistent copy of a database in use, by `SQLite` itself.
async fn copy_database(from: &Path, to: &Path) -> Result<()> {
    if !from.is_file() {
        return Err(Error::storage(format!(
            "{} is missing: no installation, or one on PostgreSQL (use pg_dump there)",
            from.display()
        )));
    }
    let url = format!("sqlite://{}?mode=rw", from.display());
    let db = Database::connect(ConnectOptions::new(url).sqlx_logging(false).to_owned()).await?;
    let path = to.to_string_lossy().replace('\'', "''");
    db.execute_unprepared(&format!("VACUUM INTO '{path}'"))
        .await?;
    db.close().await?;
    Ok(())
}

fn write(data: &Path, database: &Path, draft: &Path, now: At) -> Result<Manifest> {
    let mut zip = ZipWriter::new(File::create(draft).map_err(Error::storage)?);
    let mut manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").into(),
        created_at: now,
        files: BTreeMap::new(),
    };
    add(&mut zip, database, DATABASE, &mut manifest)?;
    for folder in FOLDERS {
        let root = data.join(folder);
        if root.is_dir() {
            add_folder(&mut zip, data, &root, &mut manifest)?;
        }
    }
    let json = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
    zip.start_file(MANIFEST, options())
        .map_err(Error::storage)?;
    zip.write_all(&json).map_err(Error::storage)?;
    let file = zip.finish().map_err(Error::storage)?;
    file.sync_all().map_err(Error::storage)?;
    Ok(manifest)
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true)
}

fn add_folder(
    zip: &mut ZipWriter<File>,
    data: &Path,
    folder: &Path,
    manifest: &mut Manifest,
) -> Result<()> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(Error::storage)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(Error::storage))
        .collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            add_folder(zip, data, &path, manifest)?;
        } else if !hidden {
            let name = path
                .strip_prefix(data)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            match add(zip, &path, &name, manifest) {
                // Metric history merges and drops its files while we read: one that has just gone
                // lives on in the file it was merged into.
                Err(_) if !path.exists() => {}
                other => other?,
            }
        }
    }
    Ok(())
}

fn add(zip: &mut ZipWriter<File>, path: &Path, name: &str, manifest: &mut Manifest) -> Result<()> {
    let mut file = File::open(path).map_err(Error::storage)?;
    zip.start_file(name, options()).map_err(Error::storage)?;
    let content = pump(&mut file, zip)?;
    manifest.files.insert(name.to_owned(), content);
    Ok(())
}

/// Copies a stream, measuring and hashing it.
fn pump(from: &mut impl Read, to: &mut impl Write) -> Result<Content> {
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0_u8; 256 * 1024]);
    loop {
        let n = from.read(&mut buffer).map_err(Error::storage)?;
        let Some(part) = buffer.get(..n).filter(|part| !part.is_empty()) else {
            break;
        };
        hasher.update(part);
        to.write_all(part).map_err(Error::storage)?;
        size += n as u64;
    }
    Ok(Content {
        size,
        sha256: hex::encode(hasher.finalize()),
    })
}

fn unpack(source: &Path, into: &Path) -> Result<Manifest> {
    let damaged = |reason: String| {
        Error::storage(format!(
            "{} is not a whole backup: {reason}",
            source.display()
        ))
    };
    let file = File::open(source)
        .map_err(|error| Error::storage(format!("{}: {error}", source.display())))?;
    let mut zip = ZipArchive::new(file).map_err(|error| damaged(error.to_string()))?;
    let manifest: Manifest = {
        let entry = zip
            .by_name(MANIFEST)
            .map_err(|error| damaged(error.to_string()))?;
        serde_json::from_reader(entry).map_err(|error| damaged(error.to_string()))?
    };
    if manifest.format != FORMAT {
        return Err(damaged(format!(
            "format {} is not known to this program",
            manifest.format
        )));
    }
    for (name, expected) in &manifest.files {
        let plain = Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !plain {
            return Err(damaged(format!("{name} points outside")));
        }
        let target = into.join(name);
        std::fs::create_dir_all(target.parent().unwrap_or(into)).map_err(Error::storage)?;
        let mut entry = zip
            .by_name(name)
            .map_err(|error| damaged(error.to_string()))?;
        let mut out = File::create(&target).map_err(Error::storage)?;
        let found = pump(&mut entry, &mut out)?;
        out.sync_all().map_err(Error::storage)?;
        if found != *expected {
            return Err(damaged(format!("{name} was changed")));
        }
    }
    if !manifest.files.contains_key(DATABASE) {
        return Err(damaged("it holds no database".into()));
    }
    Ok(manifest)
}

/// A folder beside the target, removed again however the work ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(beside: &Path) -> Result<Self> {
        let path = beside.join(format!(".anlan-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&path).map_err(Error::storage)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
