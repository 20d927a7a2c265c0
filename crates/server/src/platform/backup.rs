//! Backup and restore of an installation on the embedded database: one file, made while the server
//! runs, consistent, and read back before it is called done.
//!
//! Order makes it consistent: the database is copied first, in one read transaction; contents are
//! immutable and written before the rows that name them, so every row of the copy finds its file.
//! Metric history changes its files all the time and has a copy of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Config;
use super::at::At;
use super::audit::{self, Verdict};
use super::error::{Error, Result};

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "anlan.db";
/// Folders of the data folder that are kept as they are.
const FOLDERS: [&str; 2] = ["files", "definitions"];
/// The metric history.
const HISTORY: &str = "series";
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

/// Backs an installation up into `target` and verifies the result.
///
/// # Errors
/// When the installation is on `PostgreSQL`, something cannot be read or written, or the result does
/// not verify. `target` appears under its name only when it is whole.
pub async fn backup(config: &Config, target: &Path) -> Result<(Manifest, Verdict)> {
    embedded(config)?;
    if target.exists() {
        return Err(Error::storage(format!(
            "{} exists already",
            target.display()
        )));
    }
    let work = Scratch::new(&parent(target))?;
    let copy = work.0.join(DATABASE);
    copy_database(&config.data.join(DATABASE), &copy).await?;
    let draft = work.0.join("draft");
    let manifest = {
        let (config, copy, draft) = (config.clone(), copy.clone(), draft.clone());
        tokio::task::spawn_blocking(move || write(&config, &copy, &draft))
            .await
            .map_err(Error::internal)??
    };
    let verdict = verify(&draft, &work.0.join("check")).await?;
    std::fs::rename(&draft, target).map_err(Error::storage)?;
    Ok((manifest, verdict))
}

/// An installation on `PostgreSQL` has its rows there: a database file in its data folder is of
/// another time.
fn embedded(config: &Config) -> Result<()> {
    if config.database.is_none() {
        return Ok(());
    }
    let folder = |name: &str| config.data.join(name).display().to_string();
    Err(Error::storage(format!(
        "this installation keeps its rows on PostgreSQL: save and restore them with pg_dump and \
         pg_restore, and then copy {} (attachments), {} (definitions) and, while the server is \
         stopped, {} (metric history)",
        folder("files"),
        folder("definitions"),
        config.series.display()
    )))
}

fn parent(path: &Path) -> PathBuf {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

/// Restores a backup into the data folder, which must not hold an installation.
///
/// # Errors
/// When the installation is to be on `PostgreSQL`, the backup is damaged or the folder is in use;
/// nothing is left behind then.
pub async fn restore(config: &Config, source: &Path) -> Result<Verdict> {
    embedded(config)?;
    let data = &config.data;
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
    let work = Scratch::new(&parent(data))?;
    let fresh = work.0.join("data");
    let verdict = verify(source, &fresh).await?;
    if data.is_dir() {
        std::fs::remove_dir(data).map_err(Error::storage)?;
    }
    std::fs::rename(&fresh, data).map_err(Error::storage)?;
    Ok(verdict)
}

/// Unpacks a backup into `into`, checking every hash, the metric history, the database's own
/// consistency and the audit chain.
async fn verify(source: &Path, into: &Path) -> Result<Verdict> {
    let (from, to) = (source.to_owned(), into.to_owned());
    let unpacked = move || unpack(&from, &to).and_then(|_| whole_history(&to.join(HISTORY)));
    tokio::task::spawn_blocking(unpacked)
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

fn whole_history(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let problems = anlan_series::verify(folder)
        .map_err(Error::storage)?
        .problems;
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::storage(format!(
        "the metric history is damaged: {}",
        problems.join("; ")
    )))
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

fn write(config: &Config, database: &Path, draft: &Path) -> Result<Manifest> {
    let mut zip = ZipWriter::new(File::create(draft).map_err(Error::storage)?);
    let mut manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").into(),
        created_at: config.clock.now(),
        files: BTreeMap::new(),
    };
    add(&mut zip, database, DATABASE, &mut manifest)?;
    for folder in FOLDERS {
        let root = config.data.join(folder);
        if root.is_dir() {
            add_folder(&mut zip, &config.data, &root, &mut manifest)?;
        }
    }
    if config.series.is_dir() {
        add_history(&mut zip, config, &mut manifest)?;
    }
    let json = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
    zip.start_file(MANIFEST, options())
        .map_err(Error::storage)?;
    zip.write_all(&json).map_err(Error::storage)?;
    let file = zip.finish().map_err(Error::storage)?;
    file.sync_all().map_err(Error::storage)?;
    Ok(manifest)
}

/// The copy stands for a moment where the history is: there its files can be linked.
fn add_history(zip: &mut ZipWriter<File>, config: &Config, manifest: &mut Manifest) -> Result<()> {
    let beside = Scratch::new(&config.data)?;
    let copy = beside.0.join(HISTORY);
    anlan_series::copy(&config.series, &copy).map_err(Error::storage)?;
    add_folder(zip, &beside.0, &copy, manifest)
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true)
}

fn add_folder(
    zip: &mut ZipWriter<File>,
    root: &Path,
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
            add_folder(zip, root, &path, manifest)?;
        } else if !hidden {
            let name = path.strip_prefix(root).unwrap_or(&path);
            let name = name.to_string_lossy().replace('\\', "/");
            add(zip, &path, &name, manifest)?;
        }
    }
    Ok(())
}

fn add(zip: &mut ZipWriter<File>, path: &Path, name: &str, manifest: &mut Manifest) -> Result<()> {
    let named = |error| Error::storage(format!("{}: {error}", path.display()));
    let mut file = File::open(path).map_err(named)?;
    zip.start_file(name, options()).map_err(Error::storage)?;
    let content = pump(&mut file, zip).map_err(named)?;
    manifest.files.insert(name.to_owned(), content);
    Ok(())
}

/// Copies a stream, measuring and hashing it.
fn pump(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<Content> {
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0_u8; 256 * 1024]);
    loop {
        let n = from.read(&mut buffer)?;
        let Some(part) = buffer.get(..n).filter(|part| !part.is_empty()) else {
            break;
        };
        hasher.update(part);
        to.write_all(part)?;
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
        let found = pump(&mut entry, &mut out)
            .map_err(|error| Error::storage(format!("{}: {name}: {error}", source.display())))?;
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
