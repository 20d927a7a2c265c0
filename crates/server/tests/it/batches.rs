//! The writer's batches: what is put off stands with its job, falls with it, and is there for whoever reads.

use anlan_server::platform::db::{Db, Tx};
use anlan_server::platform::error::{Error, Result};
use anlan_server::platform::timers;
use futures::future::{self, BoxFuture};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::support::both;

/// A timer of a kind that nobody wakes, about `subject`.
fn put_off(tx: &mut Tx, subject: Uuid) -> Result<()> {
    timers::later(tx, "test.batch", subject, tx.now.plus_seconds(3600))
}

async fn timers_about(db: &impl ConnectionTrait, subject: Uuid) -> usize {
    let query = Query::select()
        .column(Alias::new("id"))
        .from(Alias::new("timers"))
        .and_where(Expr::col(Alias::new("subject_id")).eq(subject))
        .to_owned();
    db.query_all(&query).await.unwrap().len()
}

/// Has the writer wait until `jobs` are queued, so that they make one batch.
async fn in_one_batch<T>(db: &Db, jobs: impl Future<Output = T>) -> T {
    let (go, wait) = oneshot::channel::<()>();
    let busy = db.write(move |_| {
        let wait: BoxFuture<'_, Result<()>> = Box::pin(async {
            drop(wait.await);
            Ok(())
        });
        wait
    });
    let release = async {
        // Everything else that is ready runs first.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
    };
    let (busy, done, ()) = future::join3(busy, jobs, release).await;
    busy.unwrap();
    done
}

#[test]
fn what_a_job_puts_off_stands_and_falls_with_it() {
    both(async |app| {
        let db = &app.app.db;
        let [stands, falls, settled] = [(); 3].map(|()| Uuid::now_v7());
        let adds = db.add(move |tx| Box::pin(async move { put_off(tx, stands) }));
        let fails = db.add(move |tx| {
            Box::pin(async move {
                put_off(tx, falls)?;
                Err::<(), _>(Error::not_found())
            })
        });
        let reads = db.write(move |tx| {
            Box::pin(async move {
                put_off(tx, settled)?;
                let unseen = timers_about(&tx.db, settled).await;
                tx.settle().await?;
                let seen = timers_about(&tx.db, settled).await;
                let (stands, falls) = (
                    timers_about(&tx.db, stands).await,
                    timers_about(&tx.db, falls).await,
                );
                Ok((unseen, seen, stands, falls))
            })
        });
        let (adds, fails, reads) = in_one_batch(db, future::join3(adds, fails, reads)).await;
        adds.unwrap();
        assert!(fails.is_err());
        assert_eq!(reads.unwrap(), (0, 1, 1, 0));
        for (subject, rows) in [(stands, 1), (falls, 0), (settled, 1)] {
            assert_eq!(timers_about(db.read(), subject).await, rows);
        }
    });
}

#[test]
fn a_hundred_jobs_that_only_add_share_their_statements() {
    both(async |app| {
        let db = &app.app.db;
        let subject = Uuid::now_v7();
        let before = db.statements();
        let jobs =
            (0..100).map(|_| db.add(move |tx| Box::pin(async move { put_off(tx, subject) })));
        let done = in_one_batch(db, future::join_all(jobs)).await;
        let statements = db.statements() - before;
        assert!(done.iter().all(Result::is_ok));
        assert_eq!(timers_about(db.read(), subject).await, 100);
        assert!(statements < 20, "{statements} statements");
    });
}
