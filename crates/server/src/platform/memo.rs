//! What jobs of one batch have read of what seldom changes: a project's terms, who holds a role,
//! the channels. A hundred tickets that are registered together ask the database once.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

type Key = (TypeId, String);

/// Kept from job to job by the writer; see [`super::db::Tx::once`].
#[derive(Debug, Default)]
pub struct Memo(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    values: HashMap<Key, Arc<dyn Any + Send + Sync>>,
    /// Whether the job that runs now has asked.
    asked: bool,
}

impl Memo {
    /// The value, or what `read` brings. One key names one thing of a type.
    ///
    /// # Errors
    /// What `read` returns; nothing is kept then.
    pub async fn once<T, E>(
        &self,
        key: String,
        read: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
    {
        let key = (TypeId::of::<T>(), key);
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        let value = Arc::new(read.await?);
        self.with(|kept| kept.values.insert(key, Arc::<T>::clone(&value)));
        Ok(value)
    }

    fn known<T: Send + Sync + 'static>(&self, key: &Key) -> Option<Arc<T>> {
        let found = self.with(|kept| {
            kept.asked = true;
            kept.values.get(key).map(Arc::clone)
        });
        found.and_then(|value| value.downcast().ok())
    }

    /// A job has ended. What is kept stays good only if that job can not have changed it: one that
    /// failed is undone, and one that did not ask may have written anything.
    pub fn job_ended(&self, stands: bool) {
        self.with(|kept| {
            if !stands || !kept.asked {
                kept.values.clear();
            }
            kept.asked = false;
        });
    }

    fn with<R>(&self, change: impl FnOnce(&mut Kept) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::Memo;

    async fn ask(memo: &Memo, value: u32) -> u32 {
        *memo
            .once("key".into(), async { Ok::<_, ()>(value) })
            .await
            .unwrap_or_default()
    }

    #[tokio::test]
    async fn jobs_that_ask_share_what_was_read() {
        let memo = Memo::default();
        assert_eq!(ask(&memo, 1).await, 1);
        memo.job_ended(true);
        assert_eq!(ask(&memo, 2).await, 1);
    }

    #[tokio::test]
    async fn a_job_that_does_not_ask_or_fails_ends_what_is_kept() {
        let memo = Memo::default();
        assert_eq!(ask(&memo, 1).await, 1);
        memo.job_ended(true);
        memo.job_ended(true);
        assert_eq!(ask(&memo, 2).await, 2);
        memo.job_ended(false);
        assert_eq!(ask(&memo, 3).await, 3);
    }

    #[tokio::test]
    async fn what_could_not_be_read_is_not_kept() {
        let memo = Memo::default();
        let failed = memo.once("key".into(), async { Err::<u32, _>("no") }).await;
        assert_eq!(failed, Err("no"));
        assert_eq!(ask(&memo, 1).await, 1);
    }
}
