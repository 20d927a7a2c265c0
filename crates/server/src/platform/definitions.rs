//! Definitions: what an O&M manager may change. Defaults are compiled in; a file of the same path
//! in the data folder's `definitions/` takes the place of the default.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use anlan_core::access::RoleLibrary;
use anlan_core::calendar::{Calendars, OFFICE};
use anlan_core::definition::Problems;
use anlan_core::process::{Catalogue, Definition};
use anlan_core::sla::{Agreement, Agreements};
use anlan_document::form::Layout;
use jiff::tz::TimeZone;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use super::i18n::Lang;
use super::outline::Outline;
use super::service_level::{DocumentOutline, IndicatorOutline};

#[derive(RustEmbed)]
#[folder = "../../definitions"]
#[include = "*.yaml"]
struct Defaults;

/// Everything that is defined.
#[derive(Debug)]
pub struct Definitions {
    /// The role library.
    pub roles: RoleLibrary,
    /// Printed forms by their code, such as `F-01`.
    pub forms: BTreeMap<String, Layout>,
    /// Outlines of reports by their kind, such as `monthly`.
    pub reports: BTreeMap<String, Outline>,
    /// Outline of the service level document.
    pub document: DocumentOutline,
    /// What a plan of indicators begins with.
    pub indicators: IndicatorOutline,
    /// What a ticket keeps the version of, as it was read.
    pub(super) in_use: Vec<InUse>,
    processes: Catalogue,
    agreements: Agreements,
    /// SHA-256 of the calendar files.
    calendar_files: String,
    // Holidays are imported while the server runs.
    calendars: RwLock<Calendars>,
}

/// A process or agreement as the files have it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InUse {
    /// What it is.
    pub kind: Kind,
    /// Its key.
    pub key: String,
    /// Its version.
    pub version: u32,
    /// Of its content, however it is written down.
    pub hash: String,
    /// The file that says so.
    pub path: String,
    /// All it was read from: path and text.
    pub sources: Sources,
}

/// Texts by path.
pub(super) type Sources = BTreeMap<String, String>;

/// What tickets keep the version of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Process,
    Agreement,
}

impl Definitions {
    /// Loads the defaults and what `own` (a folder) adds or replaces.
    ///
    /// # Errors
    /// When a definition is wrong; the message names file, line and reason.
    pub fn load(own: &Path) -> Result<Self> {
        let files = Files::read(own)?;
        let roles = files.one("roles/library.yaml", |yaml| {
            RoleLibrary::parse(yaml).map_err(|error| error.to_string())
        })?;
        let calendars = Calendars::load(files.under("calendars/")).map_err(all_bad)?;
        let agreements =
            Agreements::load(files.under("agreements/"), &calendars).map_err(all_bad)?;
        let mut in_use = agreed(&files, &agreements)?;
        let mut processes = Catalogue::default();
        for (path, yaml) in files.under("processes/") {
            let definition = Definition::parse(yaml, &roles)
                .map_err(|problems| bad(path, &problems.to_string()))?;
            without_votes(&definition).map_err(|reason| bad(path, &reason))?;
            in_use.push(InUse {
                kind: Kind::Process,
                key: definition.key().to_owned(),
                version: definition.version(),
                hash: definition.hash().to_owned(),
                path: path.to_owned(),
                sources: Sources::from([(path.to_owned(), yaml.to_owned())]),
            });
            processes
                .add(definition)
                .map_err(|error| bad(path, &error.to_string()))?;
        }
        let mut forms = BTreeMap::new();
        for (path, yaml) in files.under("forms/") {
            let layout: Layout = yaml
                .parse()
                .map_err(|error: anlan_document::DocumentError| bad(path, &error.to_string()))?;
            forms.insert(layout.form.clone(), layout);
        }
        let mut reports = BTreeMap::new();
        for (path, yaml) in files.under("reports/") {
            let outline = Outline::parse(yaml).map_err(|reason| bad(path, &reason))?;
            reports.insert(outline.kind.clone(), outline);
        }
        Ok(Self {
            roles,
            forms,
            reports,
            document: files.one("service_levels/document.yaml", DocumentOutline::parse)?,
            indicators: files.one("service_levels/indicators.yaml", IndicatorOutline::parse)?,
            in_use,
            processes,
            agreements,
            calendar_files: files.digest("calendars/"),
            calendars: RwLock::new(calendars),
        })
    }

    /// Takes in a version that the files no longer have, for the tickets that began with it.
    ///
    /// # Errors
    /// When this program no longer understands it.
    pub(super) fn keep(&mut self, kind: Kind, key: &str, sources: &Sources) -> Result<()> {
        let texts = sources
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        match kind {
            Kind::Process => {
                for (path, yaml) in texts {
                    let definition = Definition::parse(yaml, &self.roles);
                    let definition = definition.map_err(|it| bad(path, &it.to_string()))?;
                    self.processes.keep(definition);
                }
            }
            Kind::Agreement => {
                let set = Agreements::load(texts, &self.calendars()).map_err(all_bad)?;
                if let Some(agreement) = set.get(key) {
                    self.agreements.keep(Arc::clone(agreement));
                }
            }
        }
        Ok(())
    }

    /// A process in the version a ticket began with.
    #[must_use]
    pub fn process(&self, key: &str, version: i32) -> Option<Arc<Definition>> {
        self.processes
            .get(key, u32::try_from(version).ok()?)
            .cloned()
    }

    /// A process in its newest version.
    #[must_use]
    pub fn newest(&self, key: &str) -> Option<Arc<Definition>> {
        self.processes.newest(key).cloned()
    }

    /// The newest version of every process.
    #[must_use]
    pub fn processes(&self) -> Vec<Arc<Definition>> {
        self.processes.all().into_iter().cloned().collect()
    }

    /// An agreement in the version a ticket began with.
    #[must_use]
    pub fn agreement_version(&self, key: &str, version: i32) -> Option<Arc<Agreement>> {
        let version = u32::try_from(version).ok()?;
        self.agreements.version(key, version).cloned()
    }

    /// An agreement as it is offered now.
    #[must_use]
    pub fn agreement(&self, key: &str) -> Option<Arc<Agreement>> {
        self.agreements.get(key).cloned()
    }

    /// All agreements.
    pub fn agreements(&self) -> impl Iterator<Item = &Arc<Agreement>> {
        self.agreements.iter()
    }

    /// SHA-256 of the calendar files, by which a change of them is seen.
    #[must_use]
    pub fn calendar_files(&self) -> &str {
        &self.calendar_files
    }

    /// All calendars.
    #[must_use]
    pub fn calendars(&self) -> Calendars {
        self.calendars
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes over changed calendars (an imported holiday year).
    pub fn set_calendars(&self, calendars: Calendars) {
        *self
            .calendars
            .write()
            .unwrap_or_else(PoisonError::into_inner) = calendars;
    }

    /// All calendars, with a project's own hours as what agreements call "office". A project whose
    /// calendar is gone works by the default hours.
    #[must_use]
    pub fn calendars_of(&self, office: &str) -> Calendars {
        let calendars = self.calendars();
        calendars.with_office(office).unwrap_or(calendars)
    }

    /// The name of a calendar; what agreements call "office" is the project's own hours.
    #[must_use]
    pub fn calendar_name(&self, lang: Lang, key: &str) -> String {
        if key == OFFICE {
            return lang.text("agreement.office", &[]);
        }
        self.calendars().get(key).map_or_else(
            || key.to_owned(),
            |calendar| {
                let name = calendar.name();
                lang.pick(&name.zh, &name.en).to_owned()
            },
        )
    }

    /// The time zone of a calendar; China's when there is no such calendar.
    #[must_use]
    pub fn zone_of(&self, calendar: &str) -> TimeZone {
        let found = self
            .calendars()
            .get(calendar)
            .map(|calendar| calendar.time_zone().clone());
        found.unwrap_or_else(china)
    }
}

/// Every agreement with its file and the presets it may have drawn from.
fn agreed(files: &Files, agreements: &Agreements) -> Result<Vec<InUse>> {
    let own: BTreeMap<&str, &str> = agreements.files().map(|(key, file)| (file, key)).collect();
    let presets: Sources = files
        .under("agreements/")
        .filter(|(path, _)| !own.contains_key(path))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    let mut found = Vec::new();
    for (path, text) in files.under("agreements/") {
        let Some(agreement) = own.get(path).and_then(|key| agreements.get(key)) else {
            continue;
        };
        let mut sources = presets.clone();
        sources.insert(path.to_owned(), text.to_owned());
        found.push(InUse {
            kind: Kind::Agreement,
            key: agreement.key.to_string(),
            version: agreement.version,
            hash: agreement.hash().map_err(Error::internal)?,
            path: path.to_owned(),
            sources,
        });
    }
    Ok(found)
}

/// Refuses an action that waits for an approval: nothing collects the votes yet, so that nobody could
/// ever do it.
fn without_votes(definition: &Definition) -> Result<(), String> {
    let mut actions = definition.file().actions.iter();
    match actions.find(|action| action.value.approval.is_some()) {
        None => Ok(()),
        Some(action) => Err(format!(
            "line {}, actions.{}.approval: approvals cannot be given yet, so nobody could ever do this; \
             leave `approval` out and write an action of its own for those who approve (who.any)",
            action.line, action.key
        )),
    }
}

/// The time zone of everything that names none.
#[must_use]
pub fn china() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC)
}

/// The sources by path, such as `processes/incident.yaml`.
struct Files(BTreeMap<String, String>);

impl Files {
    fn read(own: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        for path in Defaults::iter() {
            if let Some(file) = Defaults::get(&path) {
                files.insert(path.to_string(), text(&path, file.data.to_vec())?);
            }
        }
        if own.is_dir() {
            collect(own, own, &mut files)?;
        }
        Ok(Self(files))
    }

    fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let files = self
            .0
            .iter()
            .filter(move |(path, _)| path.starts_with(folder));
        files.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn digest(&self, folder: &str) -> String {
        let mut digest = Sha256::new();
        for (path, text) in self.under(folder) {
            for part in [path, text] {
                digest.update(part.len().to_le_bytes());
                digest.update(part);
            }
        }
        hex::encode(digest.finalize())
    }

    fn one<T>(&self, path: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T> {
        let yaml = self
            .0
            .get(path)
            .ok_or_else(|| Error::internal(format!("definitions/{path} is missing")))?;
        parse(yaml).map_err(|reason| bad(path, &reason))
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::storage)? {
        let path = entry.map_err(Error::storage)?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            let bytes = std::fs::read(&path).map_err(Error::storage)?;
            files.insert(name.clone(), text(&name, bytes)?);
        }
    }
    Ok(())
}

fn text(path: &str, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| bad(path, "not UTF-8"))
}

pub(super) fn bad(path: &str, reason: &str) -> Error {
    Error::internal(format!("definitions/{path}: {reason}"))
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn all_bad(files: Vec<(String, Problems)>) -> Error {
    let texts: Vec<String> = files
        .iter()
        .map(|(file, problems)| format!("definitions/{file}: {problems}"))
        .collect();
    Error::internal(texts.join("\n"))
}
