//! The loop of timers, and a clock that is set back.

use anlan_server::app::App;
use anlan_server::platform::at::At;
use anlan_server::platform::error::Result;
use anlan_server::platform::timers::{self, Loop, Timer};
use futures::FutureExt;
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::support::{TestApp, both};

const HOUR: i64 = 3600;

/// Does nothing but be done with it.
fn done(app: App, timer: Timer) -> BoxFuture<'static, Result<()>> {
    async move {
        let write = app
            .db
            .write(move |tx| Box::pin(async move { timers::done(tx, &timer).await.map(drop) }));
        write.await
    }
    .boxed()
}

async fn set(app: &TestApp, due: At) {
    let write = app.app.db.write(move |tx| {
        Box::pin(async move { timers::set(tx, due, "test.once", Some(Uuid::now_v7()), &()).await })
    });
    write.await.unwrap();
}

#[test]
fn a_clock_set_back_by_an_hour_makes_nothing_wait_that_was_due() {
    both(async |app| {
        let timers = Loop::new(
            app.app.clone(),
            [("test.once", done as timers::Handler<App>)],
        );
        assert_eq!(timers.tick().await.unwrap(), 0);
        let now = app.clock.now();
        set(&app, now).await;
        let tomorrow = now.plus_seconds(24 * HOUR);
        set(&app, tomorrow).await;
        app.pass(-HOUR);
        assert_eq!(
            timers.tick().await.unwrap(),
            1,
            "it was due before the step"
        );
        let next = timers::next_due(&app.app.db).await.unwrap();
        assert_eq!(next, Some(tomorrow), "what is planned stays on the clock");
    });
}

#[test]
fn what_failed_is_tried_again_soon_though_the_clock_was_set_back() {
    both(async |app| {
        // Nobody knows what to do with it: it comes again after a pause.
        let timers = Loop::new(app.app.clone(), []);
        set(&app, app.clock.now()).await;
        assert_eq!(timers.tick().await.unwrap(), 1);
        app.pass(-HOUR);
        assert_eq!(timers.tick().await.unwrap(), 1);
    });
}

#[test]
fn a_slight_step_of_the_clock_is_waited_out() {
    both(async |app| {
        let timers = Loop::new(
            app.app.clone(),
            [("test.once", done as timers::Handler<App>)],
        );
        assert_eq!(timers.tick().await.unwrap(), 0);
        set(&app, app.clock.now()).await;
        app.pass(-30);
        assert_eq!(timers.tick().await.unwrap(), 0);
        app.pass(30);
        assert_eq!(timers.tick().await.unwrap(), 1);
    });
}
