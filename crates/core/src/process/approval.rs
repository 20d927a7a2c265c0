//! Where an approval stands: steps one after another, the roles of a step at the same time, all or n of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::file::Approval;

/// One opinion given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Key of the approval.
    pub approval: String,
    /// Key of the step.
    pub step: String,
    /// Role in which it was given.
    pub role: String,
    /// Who gave it.
    pub user: Uuid,
    /// Agreed or refused.
    pub agreed: bool,
    /// When.
    pub at: Timestamp,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Waits for these roles in this step.
    Pending {
        /// Key of the step.
        step: String,
        /// Roles that have not spoken.
        roles: Vec<String>,
    },
    /// Granted.
    Granted,
    /// Refused in this step.
    Refused {
        /// Key of the step.
        step: String,
    },
}

/// Counts the votes. Each role's last vote in a step counts; one person's votes in several roles of a step count once,
/// so that "two of three" needs two people.
#[must_use]
pub fn standing(key: &str, approval: &Approval, votes: &[Vote]) -> Standing {
    for step in &approval.steps {
        let need = step.value.need.map_or(step.value.roles.len(), usize::from);
        let mut agreed: Vec<Uuid> = Vec::new();
        let mut silent = Vec::new();
        let mut refused = 0;
        for role in &step.value.roles {
            let last = votes
                .iter()
                .filter(|v| v.approval == key && v.step == step.key && v.role == *role)
                .max_by_key(|v| v.at);
            match last {
                None => silent.push(role.clone()),
                Some(v) if v.agreed => {
                    if agreed.contains(&v.user) {
                        silent.push(role.clone());
                    } else {
                        agreed.push(v.user);
                    }
                }
                Some(_) => refused += 1,
            }
        }
        if agreed.len() >= need {
            continue;
        }
        let step_key = step.key.clone();
        return if step.value.roles.len() - refused < need {
            Standing::Refused { step: step_key }
        } else {
            Standing::Pending {
                step: step_key,
                roles: silent,
            }
        };
    }
    Standing::Granted
}
