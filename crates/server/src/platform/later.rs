//! Rows that nobody can know of before the commit, such as a new ticket with its timeline: they are
//! put off, and written with those of the whole batch, a few statements for a hundred tickets.

use std::any::{Any, TypeId};

use futures::future::BoxFuture;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::error::Result;

/// Rows of one statement at most. Statements come in powers of two, so that few of them differ and
/// each stays prepared.
const MOST: usize = 64;

/// The rows that are put off, table by table, in the order in which the tables were first used.
#[derive(Default)]
pub struct Later(Vec<(TypeId, Box<dyn Rows>)>);

impl Later {
    /// Puts a row off.
    pub fn add<A>(&mut self, row: A)
    where
        A: ActiveModelTrait + Send + Sync + 'static,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        self.extend(TypeId::of::<A>(), Box::new(vec![row]));
    }

    /// Takes over what another one has put off.
    pub fn append(&mut self, other: Self) {
        for (table, rows) in other.0 {
            self.extend(table, rows);
        }
    }

    fn extend(&mut self, table: TypeId, mut rows: Box<dyn Rows>) {
        match self.0.iter_mut().find(|(known, _)| *known == table) {
            Some((_, known)) => known.append(&mut *rows),
            None => self.0.push((table, rows)),
        }
    }

    /// Writes them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write(&mut self, db: &DatabaseTransaction) -> Result<()> {
        for (_, rows) in std::mem::take(&mut self.0) {
            rows.write(db).await?;
        }
        Ok(())
    }
}

/// The rows of one table, its type hidden.
trait Rows: Send + Sync {
    fn any(&mut self) -> &mut dyn Any;
    fn append(&mut self, more: &mut dyn Rows);
    fn write(self: Box<Self>, db: &DatabaseTransaction) -> BoxFuture<'_, Result<()>>;
}

impl<A> Rows for Vec<A>
where
    A: ActiveModelTrait + Send + Sync + 'static,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    fn any(&mut self) -> &mut dyn Any {
        self
    }

    fn append(&mut self, more: &mut dyn Rows) {
        if let Some(more) = more.any().downcast_mut::<Self>() {
            Self::append(self, more);
        }
    }

    fn write(mut self: Box<Self>, db: &DatabaseTransaction) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            while !self.is_empty() {
                let part = 1 << self.len().min(MOST).ilog2();
                A::Entity::insert_many(self.drain(..part))
                    .exec_without_returning(db)
                    .await?;
            }
            Ok(())
        })
    }
}
