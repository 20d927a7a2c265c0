//! A checked definition, ready to decide with.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::check;
use super::file::{Action, Field, File, Source, State, StateKind};
use super::scope::{self, Names};
use crate::access::RoleLibrary;
use crate::definition::{Problem, Problems, Text, read_yaml};
use crate::expr::Expr;
use crate::ids::NumberRule;

/// A process definition that passed every check. Cheap to share; it never changes: a new version is a new definition.
pub struct Definition {
    pub(super) file: File,
    hash: String,
    number: NumberRule,
    /// Compiled expressions by their text: in one definition equal texts mean the same.
    exprs: HashMap<String, Expr>,
    pub(super) names: Names,
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Definition({} {} {})",
            self.key(),
            self.version(),
            self.hash
        )
    }
}

impl Definition {
    /// Reads, checks and compiles a definition file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with line, place and reason.
    pub fn parse(yaml: &str, roles: &RoleLibrary) -> Result<Arc<Self>, Problems> {
        let file: File = read_yaml(yaml)?;
        let mut problems = check::check(&file, roles);
        let (exprs, names) = compile(&file, &mut problems);
        let number = NumberRule::parse(&file.number);
        if let Err(error) = &number {
            problems.push(Problem {
                line: 0,
                path: "number".into(),
                reason: error.to_string(),
            });
        }
        let content = serde_json::to_string(&file).unwrap_or_default();
        let hash = hex::encode(Sha256::digest(content.as_bytes()));
        match number {
            Ok(number) if problems.is_empty() => {
                let definition = Self {
                    file,
                    hash,
                    number,
                    exprs,
                    names,
                };
                let problems = check::try_out(&definition);
                if problems.is_empty() {
                    Ok(Arc::new(definition))
                } else {
                    Err(Problems(problems))
                }
            }
            _ => {
                problems.sort_by_key(|p| p.line);
                Err(Problems(problems))
            }
        }
    }

    /// Key of the process.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.file.key
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.file.version
    }

    /// SHA-256 over the content (not over comments and layout), in hex.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.file.name
    }

    /// Everything as written, for display; serialises to the API's form.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Rule of the ticket number.
    #[must_use]
    pub fn number(&self) -> &NumberRule {
        &self.number
    }

    /// A field.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.file.fields.get(key)
    }

    /// A state.
    #[must_use]
    pub fn state(&self, key: &str) -> Option<&State> {
        self.file.states.get(key)
    }

    /// An action.
    #[must_use]
    pub fn action(&self, key: &str) -> Option<&Action> {
        self.file.actions.get(key)
    }

    /// Keys of the states of one sort.
    pub fn states_of(&self, kind: StateKind) -> impl Iterator<Item = &str> {
        self.file
            .states
            .iter()
            .filter(move |s| s.value.kind == kind)
            .map(|s| s.key.as_str())
    }

    /// The fewest actions that lead from one state to another, for walking history through the process: only actions marked `history`
    /// are taken, by where they lead when nothing special holds; among equally short ways those that stand first in the file win.
    /// `None` when there is no way; empty when it is the same state.
    #[must_use]
    pub fn route(&self, from: &str, to: &str) -> Option<Vec<&str>> {
        let mut ways: VecDeque<(&str, Vec<&str>)> = VecDeque::from([(from, vec![])]);
        let mut seen = BTreeSet::from([from]);
        while let Some((at, way)) = ways.pop_front() {
            if at == to {
                return Some(way);
            }
            for action in self.file.actions.iter().filter(|a| a.value.history) {
                let Some(next) = action.value.to.as_ref().and_then(|t| t.0.last()) else {
                    continue;
                };
                if self.starts_in(&action.value, at) && seen.insert(&next.state) {
                    let longer = way.iter().copied().chain([action.key.as_str()]);
                    ways.push_back((&next.state, longer.collect()));
                }
            }
        }
        None
    }

    /// Whether `action` can be done in `state`.
    pub(super) fn starts_in(&self, action: &Action, state: &str) -> bool {
        let kind = self.state(state).map(|s| s.kind);
        action
            .from
            .iter()
            .any(|f| f == state || (kind.is_some() && check::state_group(f) == kind))
    }

    /// The compiled form of an expression of this definition.
    pub(super) fn expr(&self, source: &Source) -> Option<&Expr> {
        self.exprs.get(&source.text)
    }
}

/// Compiles every expression of the file.
fn compile(file: &File, problems: &mut Vec<Problem>) -> (HashMap<String, Expr>, Names) {
    let vocabulary = scope::vocabulary(file);
    let (mut exprs, mut used) = (HashMap::new(), BTreeSet::new());
    for (path, source) in check::sources(file) {
        match Expr::compile(&source.text, &vocabulary) {
            Ok(expr) => {
                used.extend(expr.uses().map(str::to_owned));
                exprs.insert(source.text.clone(), expr);
            }
            Err(error) => problems.push(Problem {
                line: source.line,
                path,
                reason: error.to_string(),
            }),
        }
    }
    (exprs, Names::new(file, &used))
}

/// Definitions by key and version: a record keeps the version it began with, new records take the newest.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    versions: HashMap<String, Vec<Arc<Definition>>>,
    earlier: HashMap<(String, u32), Arc<Definition>>,
}

/// Why a definition cannot be added to a [`Catalogue`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The content changed, the version did not.
    #[error(
        "process `{key}`: the content of version {version} has changed; count `version` up so that open records keep the process they began with"
    )]
    SameVersion {
        /// Process.
        key: String,
        /// Version.
        version: u32,
    },
}

impl Catalogue {
    /// Adds a version. Adding the same content again does nothing.
    ///
    /// # Errors
    /// When that version is there with other content.
    pub fn add(&mut self, definition: Arc<Definition>) -> Result<(), CatalogueError> {
        let versions = self
            .versions
            .entry(definition.key().to_owned())
            .or_default();
        match versions.binary_search_by_key(&definition.version(), |d| d.version()) {
            Ok(at) if versions[at].hash() == definition.hash() => {}
            Ok(_) => {
                return Err(CatalogueError::SameVersion {
                    key: definition.key().to_owned(),
                    version: definition.version(),
                });
            }
            Err(at) => versions.insert(at, definition),
        }
        Ok(())
    }

    /// Keeps a version that is no longer offered, for the records that began with it.
    pub fn keep(&mut self, earlier: Arc<Definition>) {
        let place = (earlier.key().to_owned(), earlier.version());
        self.earlier.insert(place, earlier);
    }

    /// The newest version of a process.
    #[must_use]
    pub fn newest(&self, key: &str) -> Option<&Arc<Definition>> {
        self.versions.get(key)?.last()
    }

    /// A certain version of a process.
    #[must_use]
    pub fn get(&self, key: &str, version: u32) -> Option<&Arc<Definition>> {
        let offered = self.versions.get(key).into_iter().flatten();
        offered
            .into_iter()
            .find(|d| d.version() == version)
            .or_else(|| self.earlier.get(&(key.to_owned(), version)))
    }

    /// The newest version of every process, by key.
    #[must_use]
    pub fn all(&self) -> Vec<&Arc<Definition>> {
        let mut all: Vec<_> = self.versions.values().filter_map(|v| v.last()).collect();
        all.sort_by(|a, b| a.key().cmp(b.key()));
        all
    }
}
