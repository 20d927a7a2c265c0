//! What a listener may hear of, renewed while he listens.

use anlan_core::access::{Access, Permission, Place, Visibility};
use sea_orm::sea_query::IntoColumnRef;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::features::tickets::rows::tickets;
use crate::platform::access::{Caller, access_of, visible};
use crate::platform::auth::rows::{grants, sessions, users};
use crate::platform::error::{Error, Result};
use crate::platform::events::{Change, Topic};

/// One listener's access.
pub struct Sight {
    user: Uuid,
    access: Access,
    session: Option<String>,
    token: Option<String>,
}

/// Whether pages are told of such changes at all; the others only wake loops.
pub const fn shown(topic: Topic) -> bool {
    !matches!(topic, Topic::Timer | Topic::Outbox)
}

impl Sight {
    /// As the caller stands now; `token` when that is what he signed in with.
    pub fn new(caller: &Caller, token: Option<String>) -> Self {
        Self {
            user: caller.user.id,
            access: caller.access.clone(),
            session: caller.session.clone(),
            token,
        }
    }

    /// Looks again whether he is signed in and what he may see. False ends the stream. Listening is
    /// no activity: it does not keep an idle session alive.
    pub async fn renew(&mut self, app: &App) -> bool {
        let access = match (&self.token, &self.session) {
            (Some(token), _) => app
                .auth
                .by_token(app, token)
                .await
                .map(|(_, access)| access),
            (None, Some(session)) => of_session(app, session).await,
            (None, None) => Err(Error::unauthenticated()),
        };
        match access {
            Ok(access) => {
                self.access = access;
                true
            }
            // A store that does not answer just now is no reason to send everybody away.
            Err(error) if error.is_storage() => true,
            Err(_) => false,
        }
    }

    /// Whether he may hear of this change.
    pub async fn sees(&self, app: &App, change: &Change) -> bool {
        if let Some(person) = change.person {
            return person == self.user;
        }
        match change.topic {
            Topic::Ticket => self.sees_ticket(app, change).await,
            Topic::Monitor | Topic::Alert => self.reads(Permission::MonitorRead, change),
            Topic::Report => self.reads(Permission::ReportRead, change),
            Topic::Delivery => self.access.can_everywhere(Permission::ChannelRead),
            Topic::People => self.access.can_somewhere(Permission::PeopleRead),
            Topic::Settings => self.access.can_somewhere(Permission::SettingsManage),
            Topic::Notice | Topic::Timer | Topic::Outbox => false,
        }
    }

    fn reads(&self, permission: Permission, change: &Change) -> bool {
        match change.project {
            Some(project) => self.access.can(permission, Place::project(project)),
            None => self.access.can_everywhere(permission),
        }
    }

    /// Who sees only a unit's or his own tickets: the change does not say whose it is, the ticket does.
    async fn sees_ticket(&self, app: &App, change: &Change) -> bool {
        if self.reads(Permission::TicketRead, change) {
            return true;
        }
        let visibility = self.access.visible(Permission::TicketRead);
        let narrow =
            matches!(&visibility, Visibility::Some { units, own, .. } if *own || !units.is_empty());
        if !narrow {
            return false;
        }
        let scope = visible(
            &visibility,
            tickets::Column::ProjectId,
            Some(tickets::Column::UnitId.into_column_ref()),
            Some(tickets::Column::CreatedBy.eq(self.user)),
        );
        let found = tickets::Entity::find_by_id(change.id)
            .filter(scope)
            .count(app.db.read())
            .await;
        found.is_ok_and(|count| count == 1)
    }
}

async fn of_session(app: &App, hash: &str) -> Result<Access> {
    let (db, now) = (app.db.read(), app.now());
    let session = sessions::Entity::find_by_id(hash)
        .one(db)
        .await?
        .filter(|row| {
            now < row.expires_at && now.seconds_since(row.last_seen_at) < app.auth.policy().idle()
        })
        .ok_or_else(Error::unauthenticated)?;
    users::Entity::find_by_id(session.user_id)
        .one(db)
        .await?
        .filter(|user| user.active && !app.auth.must_change(user, now))
        .ok_or_else(Error::unauthenticated)?;
    let grants = grants::Entity::find()
        .filter(grants::Column::UserId.eq(session.user_id))
        .all(db)
        .await?;
    Ok(access_of(app, &grants))
}
