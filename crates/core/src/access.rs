//! Who may do what, where: permissions, roles, grants on a scope. Deny by default.
//!
//! A role is a list of permissions (data: `definitions/roles/library.yaml`). A grant gives a role
//! on a scope. [`Access`] is the sum of one person's grants; it answers "may I?" for one thing and
//! "which may I see?" for a list, and the server turns the latter into a condition of its query.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Something a role may allow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[$doc])* $name,)* }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name used in definitions and the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

permissions! {
    /// See tickets.
    TicketRead = "ticket.read",
    /// Register tickets.
    TicketCreate = "ticket.create",
    /// Work on tickets (which action a role may take is the process's own rule).
    TicketAct = "ticket.act",
    /// Confirm, as the customer.
    TicketConfirm = "ticket.confirm",
    /// See monitors and alerts.
    MonitorRead = "monitor.read",
    /// Set up monitors and maintenance windows.
    MonitorManage = "monitor.manage",
    /// See projects.
    ProjectRead = "project.read",
    /// Set up projects.
    ProjectManage = "project.manage",
    /// See people, units and contacts.
    PeopleRead = "people.read",
    /// Set up people, units and contacts.
    PeopleManage = "people.manage",
    /// Give and take roles; kept apart from creating accounts (三员分立).
    AccessManage = "access.manage",
    /// See agreements.
    AgreementRead = "agreement.read",
    /// Choose a project's agreements.
    AgreementManage = "agreement.manage",
    /// See calendars.
    CalendarRead = "calendar.read",
    /// Import holidays and edit calendars.
    CalendarManage = "calendar.manage",
    /// See reports.
    ReportRead = "report.read",
    /// Draft and edit reports.
    ReportWrite = "report.write",
    /// Approve and freeze reports.
    ReportApprove = "report.approve",
    /// See channels and deliveries.
    ChannelRead = "channel.read",
    /// Set up channels, retry deliveries.
    ChannelManage = "channel.manage",
    /// Read the audit log.
    AuditRead = "audit.read",
    /// Change settings of the whole system.
    SettingsManage = "settings.manage",
    /// Make API tokens for oneself.
    TokenManage = "token.manage",
    /// Import history.
    ImportRun = "import.run",
}

impl Permission {
    /// Whether it allows changing anything (an auditor holds none of these, R-371).
    #[must_use]
    pub fn writes(self) -> bool {
        !self.as_str().ends_with(".read")
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A permission name nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown permission \"{0}\"")]
pub struct UnknownPermission(pub String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == text)
            .ok_or_else(|| UnknownPermission(text.to_owned()))
    }
}

impl Serialize for Permission {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A role of the library.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Stable key, used in grants and processes.
    pub key: String,
    /// Chinese name, the customer's own word.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// What the role is for.
    #[serde(default)]
    pub description: String,
    /// The scope it is usually granted on.
    #[serde(default)]
    pub usual_scope: ScopeKind,
    /// What it allows.
    pub permissions: BTreeSet<Permission>,
}

/// The file `definitions/roles/library.yaml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleLibrary {
    /// The roles.
    pub roles: Vec<Role>,
}

/// What is wrong with a role library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// It does not parse; the message names line and field.
    #[error("{0}")]
    Syntax(String),
    /// Two roles share a key.
    #[error("role \"{0}\" is defined twice")]
    Duplicate(String),
}

impl RoleLibrary {
    /// Reads a library.
    ///
    /// # Errors
    /// When it does not parse, names an unknown permission or defines a role twice.
    pub fn parse(yaml: &str) -> Result<Self, RoleError> {
        let library: Self =
            serde_saphyr::from_str(yaml).map_err(|error| RoleError::Syntax(error.to_string()))?;
        let mut seen = BTreeSet::new();
        match library
            .roles
            .iter()
            .find(|role| !seen.insert(role.key.clone()))
        {
            Some(role) => Err(RoleError::Duplicate(role.key.clone())),
            None => Ok(library),
        }
    }

    /// The role of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.key == key)
    }
}

/// The kinds of scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// Everything.
    All,
    /// One project.
    #[default]
    Project,
    /// One customer unit, in whatever project.
    Unit,
    /// What oneself has reported.
    Own,
}

/// Where a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere.
    All,
    /// In one project.
    Project(Uuid),
    /// On one customer unit's things.
    Unit(Uuid),
    /// On one's own things.
    Own,
}

/// A role on a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Key of a role.
    pub role: String,
    /// Where it holds.
    pub scope: Scope,
}

/// Where a thing stands, to be compared with scopes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// Its project.
    pub project: Option<Uuid>,
    /// Its customer unit.
    pub unit: Option<Uuid>,
    /// Whether it is the asker's own.
    pub own: bool,
}

impl Place {
    /// A thing of a project.
    #[must_use]
    pub const fn project(id: Uuid) -> Self {
        Self {
            project: Some(id),
            unit: None,
            own: false,
        }
    }
}

/// Which things of a kind somebody may see, for the condition of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// All of them.
    All,
    /// Those in these projects, or of these units, or one's own (when set). Empty: none.
    Some {
        /// Projects.
        projects: BTreeSet<Uuid>,
        /// Customer units.
        units: BTreeSet<Uuid>,
        /// One's own.
        own: bool,
    },
}

impl Visibility {
    /// Nothing at all.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Some { projects, units, own: false } if projects.is_empty() && units.is_empty())
    }
}

/// The sum of one person's grants.
#[derive(Clone, Debug, Default)]
pub struct Access {
    scopes: BTreeMap<Permission, BTreeSet<Scope>>,
    grants: Vec<Grant>,
}

impl Access {
    /// Adds up grants. A grant of a role that no longer exists gives nothing.
    #[must_use]
    pub fn new(library: &RoleLibrary, grants: Vec<Grant>) -> Self {
        let mut scopes: BTreeMap<Permission, BTreeSet<Scope>> = BTreeMap::new();
        for grant in &grants {
            for permission in library
                .get(&grant.role)
                .into_iter()
                .flat_map(|role| &role.permissions)
            {
                scopes.entry(*permission).or_default().insert(grant.scope);
            }
        }
        Self { scopes, grants }
    }

    /// The same person, with no more than `permissions` (an API token).
    #[must_use]
    pub fn limited_to(mut self, permissions: &BTreeSet<Permission>) -> Self {
        self.scopes
            .retain(|permission, _| permissions.contains(permission));
        self
    }

    /// May I do this to a thing that stands there?
    #[must_use]
    pub fn can(&self, permission: Permission, place: Place) -> bool {
        self.scopes.get(&permission).is_some_and(|scopes| {
            scopes.iter().any(|scope| match scope {
                Scope::All => true,
                Scope::Project(id) => place.project == Some(*id),
                Scope::Unit(id) => place.unit == Some(*id),
                Scope::Own => place.own,
            })
        })
    }

    /// May I do this anywhere at all?
    #[must_use]
    pub fn can_somewhere(&self, permission: Permission) -> bool {
        self.scopes.contains_key(&permission)
    }

    /// May I do this everywhere?
    #[must_use]
    pub fn can_everywhere(&self, permission: Permission) -> bool {
        self.scopes
            .get(&permission)
            .is_some_and(|scopes| scopes.contains(&Scope::All))
    }

    /// Which things may I do this to?
    #[must_use]
    pub fn visible(&self, permission: Permission) -> Visibility {
        let (mut projects, mut units, mut own) = (BTreeSet::new(), BTreeSet::new(), false);
        for scope in self.scopes.get(&permission).into_iter().flatten() {
            match scope {
                Scope::All => return Visibility::All,
                Scope::Project(id) => drop(projects.insert(*id)),
                Scope::Unit(id) => drop(units.insert(*id)),
                Scope::Own => own = true,
            }
        }
        Visibility::Some {
            projects,
            units,
            own,
        }
    }

    /// All permissions held anywhere.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        self.scopes.keys().copied()
    }

    /// The roles held, each with its scope.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter()
    }

    /// The roles held on a thing that stands there.
    #[must_use]
    pub fn roles(&self, place: Place) -> BTreeSet<String> {
        let holds = |scope: &Scope| match scope {
            Scope::All => true,
            Scope::Project(id) => place.project == Some(*id),
            Scope::Unit(id) => place.unit == Some(*id),
            Scope::Own => place.own,
        };
        self.grants
            .iter()
            .filter(|grant| holds(&grant.scope))
            .map(|grant| grant.role.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> RoleLibrary {
        RoleLibrary::parse(
            "roles:\n- {key: manager, name: 运维经理, name_en: Manager, permissions: [ticket.read, ticket.act]}\n- {key: auditor, name: 审计员, name_en: Auditor, permissions: [ticket.read, audit.read]}\n",
        )
        .unwrap()
    }

    fn access(grants: &[(&str, Scope)]) -> Access {
        let grants = grants
            .iter()
            .map(|(role, scope)| Grant {
                role: (*role).into(),
                scope: *scope,
            })
            .collect();
        Access::new(&library(), grants)
    }

    #[test]
    fn nothing_is_allowed_without_a_grant() {
        let access = access(&[]);
        assert!(
            Permission::ALL
                .iter()
                .all(|permission| !access.can_somewhere(*permission))
        );
        assert!(access.visible(Permission::TicketRead).is_none());
    }

    #[test]
    fn a_grant_holds_on_its_scope_only() {
        let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let access = access(&[
            ("manager", Scope::Project(here)),
            ("auditor", Scope::Unit(there)),
        ]);
        assert!(access.can(Permission::TicketAct, Place::project(here)));
        assert!(!access.can(Permission::TicketAct, Place::project(there)));
        assert!(access.can(
            Permission::TicketRead,
            Place {
                unit: Some(there),
                ..Place::default()
            }
        ));
        assert!(!access.can(
            Permission::TicketAct,
            Place {
                unit: Some(there),
                ..Place::default()
            }
        ));
        assert_eq!(
            access.roles(Place::project(here)),
            BTreeSet::from(["manager".to_owned()])
        );
    }

    #[test]
    fn a_token_never_has_more_than_its_owner() {
        let all: BTreeSet<_> = Permission::ALL.iter().copied().collect();
        let access = access(&[("auditor", Scope::All)]).limited_to(&all);
        assert!(!access.can_somewhere(Permission::TicketAct));
        assert!(
            access
                .limited_to(&BTreeSet::new())
                .permissions()
                .next()
                .is_none()
        );
    }

    #[test]
    fn an_unknown_permission_or_a_double_role_is_refused() {
        let unknown = RoleLibrary::parse(
            "roles:\n- {key: a, name: 甲, name_en: A, permissions: [ticket.destroy]}\n",
        )
        .unwrap_err();
        assert!(unknown.to_string().contains("ticket.destroy"), "{unknown}");
        let twice = "roles:\n- {key: a, name: 甲, name_en: A, permissions: []}\n- {key: a, name: 乙, name_en: B, permissions: []}\n";
        assert_eq!(
            RoleLibrary::parse(twice).unwrap_err(),
            RoleError::Duplicate("a".into())
        );
    }
}
