//! What the tests share.

use std::time::{Duration, Instant};

use anlan_probe::{Class, Config, HttpConfig, Options, Outcome, Prober, Reason};

/// Enough for anything on loopback, short enough to wait for.
pub const SOON: Duration = Duration::from_millis(600);

pub async fn run(config: &HttpConfig, timeout: Duration) -> Outcome {
    check(&Config::Http(config.clone()), timeout).await
}

/// Runs any check and sees that it keeps its deadline.
pub async fn check(config: &Config, timeout: Duration) -> Outcome {
    let check = config.check().unwrap();
    let prober = Prober::new(&Options::default()).unwrap();
    let begun = Instant::now();
    let outcome = prober.run(&check, timeout).await;
    let took = begun.elapsed();
    assert!(
        took < timeout + Duration::from_millis(400),
        "{took:?} for a deadline of {timeout:?}"
    );
    outcome
}

pub async fn get(url: impl Into<String>) -> Outcome {
    run(&HttpConfig::get(url), Duration::from_secs(5)).await
}

pub fn with(url: impl Into<String>, change: impl FnOnce(&mut HttpConfig)) -> HttpConfig {
    let mut config = HttpConfig::get(url);
    change(&mut config);
    config
}

pub fn reason(outcome: &Outcome) -> &Reason {
    match &outcome.class {
        Class::Down(reason) => reason,
        other => panic!("{other:?}"),
    }
}
